"""Random draws (双随机) over HTTP: weighed, reproducible, drawn again, sent, and not to be bent."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text, update

from casework.audit.draws_proof import faults_of_draws
from casework.common.database import engine_for
from casework.grading.draws.draw_book import again
from casework.grading.draws.holding import draw_one
from casework.models import Authority, Case, Draw, Mandate, Party, Post
from state_machines.licensing.licence.suspension import SUSPENDED, SUSPENSION
from tests.support.front import Front, refused
from tests.support.journeys import address, check_to
from tests.support.people import appoint, holding
from tests.support.town import CERTIFICATE_ENDS, LONG_AGO, Town, _person, sheet

pytestmark = pytest.mark.slow

CODES = {"applicant": "91440300708461136T", "applicant2": "91110000802100433B"}


def with_inspectors(town: Town, number: int) -> list[str]:
    """So many inspectors more; their accounts."""
    names = [f"inspector{n}" for n in range(3, 3 + number)]
    with town.session() as session:
        of = session.query(Post).filter_by(role="inspector").first()
        assert of is not None
        for name in names:
            town.people[name] = _person(session, name)
            session.add(
                Post(
                    person_id=town.people[name].person_id,
                    authority_id=of.authority_id,
                    role="inspector",
                    valid_from=LONG_AGO,
                    certificate_number=f"ZF-{name}",
                    certificate_expires=CERTIFICATE_ENDS,
                )
            )
    return names


def draw(front: Front, key: str | None = None) -> dict[str, Any]:
    answer = front.post("supervisor", "/draws", key=key)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def faults(town: Town) -> list[str]:
    with town.session() as session:
        return [fault.text for fault in faults_of_draws(session)]


def test_the_weights_are_those_of_the_credit_grades(front: Front) -> None:
    town = front.town
    broken = town.granted(address=address(1))
    kept = town.granted(address=address(2), by="applicant2")
    town.granted(address=address(3), by="applicant2")
    check_to(town, kept, "closed")  # 80 and 10: A, weight 1
    town.breached(broken)  # 80 less 15: C, weight 4
    found = draw(front)
    weights = {one["licence"]: (one["grade"], one["weight"]) for one in found["objects"]}
    assert weights == {
        town.licence_of(broken)["number"]: ("C", 4),
        town.licence_of(kept)["number"]: ("A", 1),
        **{one["licence"]: ("A", 1) for one in found["objects"][2:]},
    }
    assert len(weights) == 3
    assert found["object"] in weights
    assert found["same_again"]
    with town.session() as session:
        row = session.query(Draw).one()
        assert again(row.said) == (found["object"], tuple(row.said["officers"]))
    assert faults(town) == []


def test_a_draw_is_sent_to_those_drawn_and_nobody_else(front: Front) -> None:
    town = front.town
    with_inspectors(town, 2)
    town.granted(address=address(1))
    found = draw(front, key="once")
    assert draw(front, key="once")["number"] == found["number"]
    assert len(front.get("supervisor", "/draws").json()) == 1
    drawn = [one["username"] for one in found["drawn"]]
    assert len(set(drawn)) == 2
    assert {one["username"] for one in found["officers"]} >= set(drawn)

    sent = front.post("supervisor", f"/draws/{found['number']}/check").json()
    case = town.case(sent["number"])
    assert (case.process, case.state) == ("place_grading", "assigned")
    assert case.data["assign"]["inspectors"] == drawn
    assert case.data["application"]["draw"] == found["number"]
    assert case.data["application"]["occasion"] == "双随机抽查"

    strangers = [f"inspector{n}" for n in range(1, 5) if f"inspector{n}" not in drawn]
    bent = {"inspectors": [drawn[0], strangers[0]], "reason": "换人"}
    problem = refused(
        front.step("supervisor", case.number, "hand_over", bent), 409, "guard-refused"
    )
    assert problem["reasons"][0]["code"] == "not_as_drawn"
    answer = front.step(strangers[0], case.number, "score", sheet())
    assert refused(answer, 409, "guard-refused")["reasons"][0]["code"] == "not_assigned"

    # One stands aside: another is drawn, the first result stays, and the case passes on.
    path = f"/draws/{found['number']}/recusals"
    refused(
        front.post("approver", path, {"officer": strangers[0], "reason": "亲属"}),
        422,
        "bad-input",
    )
    refused(front.post("approver", path, {"officer": drawn[0], "reason": "  "}), 422, "bad-input")
    second = front.post("approver", path, {"officer": drawn[0], "reason": "其亲属为股东"}).json()
    assert (second["round"], second["object"]) == (2, found["object"])
    now = [one["username"] for one in second["drawn"]]
    assert now[0] == drawn[1]
    assert now[1] in strangers
    assert second["seed"] != found["seed"]
    assert [one["reason"] for one in second["stood_aside"]] == ["其亲属为股东"]
    front.post("supervisor", f"/draws/{found['number']}/check")
    assert town.case(case.number).data["hand_over"]["inspectors"] == now
    assert [one["sent"] for one in front.get("supervisor", "/draws").json()] == [True, False]
    rounds = front.get("approver", f"/draws/{found['number']}").json()
    assert [(one["round"], one["holds"]) for one in rounds] == [(1, False), (2, True)]

    # Once they have scored there is nobody to draw any more.
    assert front.step(now[0], case.number, "score", sheet()).status_code == 202
    assert front.sign(now[1], case.number, "score").status_code == 200
    late = front.post("approver", path, {"officer": now[0], "reason": "太晚"})
    assert "现场评分已经完成" in refused(late, 422, "bad-input")["detail"]
    assert faults(town) == []


def test_a_licence_that_is_suspended_is_not_drawn(front: Front) -> None:
    town = front.town
    town.granted(address=address(1), by="applicant2")
    with town.session() as session:
        case = session.scalars(select(Case).where(Case.process == "licence")).one()
        case.tracks = {**case.tracks, SUSPENSION: SUSPENDED}
    town.granted(address=address(2), by="applicant2")
    assert [one["reason"] for one in draw(front)["left_out"]] == ["卫生许可证正在暂扣期间"]


def test_who_was_checked_often_enough_or_is_being_checked_is_left_out(front: Front) -> None:
    town = front.town
    granted = town.granted(address=address(1), by="applicant2")
    check_to(town, granted, "closed")  # A: at most one check a year
    found = draw(front)
    front.post("supervisor", f"/draws/{found['number']}/check")
    problem = refused(front.post("supervisor", "/draws"), 422, "bad-input")
    assert "没有可以抽取的场所" in problem["detail"]
    other = town.granted(address=address(2))
    with town.session() as session:  # by the plan
        authority = session.scalars(select(Authority).where(Authority.code == "CC")).one()
        planned = draw_one(town.office, session, authority).said
    assert planned["object"] == town.licence_of(other)["number"]
    left_out = [one["reason"] for one in planned["candidates"]["left_out"]]
    assert left_out == ["已有未办结的量化分级评定"]

    (case,) = [
        one["case"] for one in front.get("supervisor", "/draws").json() if one["case"] is not None
    ]
    front.step("inspector1", case, "score", sheet())
    front.sign("inspector2", case, "score")
    front.step("approver", case, "award", {"opinion": "同意"})
    town.granted(address=address(3))
    found = draw(front)
    # What was drawn and not sent out is not drawn again.
    assert [one["reason"] for one in found["left_out"]] == [
        "信用A级每年检查不多于1次，本年度已检查1次",
        "已经抽中，尚未下达检查任务",
    ]


def test_the_plan_is_shown_to_whoever_watches_over_it(front: Front) -> None:
    front.town.granted()
    [plan] = front.get("supervisor", "/draws/plans").json()
    assert (plan["places"], plan["planned"], plan["drawn"]) == (1, 1, 0)
    refused(front.get("inspector1", "/draws/plans"), 403, "not-allowed")


def test_whoever_acts_for_the_holder_is_not_drawn_and_two_must_be_left(front: Front) -> None:
    town = front.town
    town.granted(address=address(1))
    with town.session() as session:
        party = session.query(Party).filter_by(code=CODES["applicant"]).one()
        session.add(
            Mandate(
                party_id=party.id,
                person_id=town.people["inspector1"].person_id,
                capacity="agent",
                scope=["receive"],
                valid_from=LONG_AGO,
            )
        )
    problem = refused(front.post("supervisor", "/draws"), 422, "bad-input")
    assert "只有1名，还需要抽取2名" in problem["detail"]
    assert problem["law"] == "《行政处罚法》第四十二条"
    with_inspectors(town, 1)
    found = draw(front)
    assert {one["username"] for one in found["drawn"]} == {"inspector2", "inspector3"}
    assert [one["name"] for one in found["left_out"]] == ["甲inspector1"]


def test_only_a_supervisor_draws_and_another_district_sees_nothing(front: Front) -> None:
    town = front.town
    town.granted(address=address(1))
    for who in ("inspector1", "approver", "applicant", "credit"):
        refused(front.post(who, "/draws"), 403, "not-allowed")
    for who in ("inspector1", "applicant"):
        refused(front.get(who, "/draws"), 403, "not-allowed")
    found = draw(front)
    assert front.get("supervisor_b", "/draws").json() == []
    refused(front.get("supervisor_b", f"/draws/{found['number']}"), 404, "not-found")
    refused(front.post("supervisor_b", f"/draws/{found['number']}/check"), 404, "not-found")
    # A number that is not there, or of another place, sends nobody.
    number = town.plan_grading(town.granted(address=address(2)), draw=found["number"])
    answer = front.step(
        "supervisor", number, "assign", {"inspectors": ["inspector1", "inspector2"]}
    )
    assert refused(answer, 409, "guard-refused")["reasons"][0]["code"] == "draw_unknown"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": ""}, "结果与登记的不一致"),
        ({"digest": "0" * 64}, "候选名单与登记的校验值不一致"),
        ({"officers": ["inspector1", "inspector1"]}, "结果与登记的不一致"),
    ],
)
def test_a_draw_that_was_altered_is_found_out(
    front: Front, change: dict[str, Any], said: str
) -> None:
    town = front.town
    with_inspectors(town, 3)
    for n in range(4):
        town.granted(address=address(n))
    found = draw(front)
    front.post("supervisor", f"/draws/{found['number']}/check")
    draw(front)
    assert faults(town) == []
    engine = engine_for(town.url, role=None)
    with engine.begin() as owner:
        row = owner.execute(text("SELECT id, said FROM draw ORDER BY id LIMIT 1")).one()
        altered = {**row.said, **change}
        if not altered["seed"]:  # one that leads elsewhere: many lead to the same by chance
            kept = row.said["object"], tuple(row.said["officers"])
            others = ({**row.said, "seed": f"{n:032x}"} for n in range(1000))
            altered = next(said for said in others if again(said) != kept)
        owner.execute(update(Draw).where(Draw.id == row.id).values(said=altered))
    found = faults(town)
    assert "抽取记录被改动，或者前面有记录缺失" in found
    assert any(said in one for one in found)
    # And one that is gone: the one after it has lost its hold.
    with engine.begin() as owner:
        owner.execute(update(Draw).where(Draw.id == row.id).values(said=row.said))
    assert faults(town) == []
    with engine.begin() as owner:
        owner.execute(text("DELETE FROM draw WHERE id = :id"), {"id": row.id})
    engine.dispose()
    assert faults(town) == ["抽取记录被改动，或者前面有记录缺失"]


def test_nobody_draws_until_the_wished_ones_come(front: Front, town: Town) -> None:
    """国办发〔2015〕58号: the next draw waits for the last, which a head calls off who did not
    draw; and a head decides who stands aside."""
    with_inspectors(town, 2)
    for n in range(3):
        town.granted(address=address(n))
    first = draw(front)
    problem = refused(front.post("supervisor", "/draws"), 422, "bad-input")
    assert first["number"] in problem["detail"]
    assert problem["law"] == "国办发〔2015〕58号"
    aside = {"officer": first["drawn"][0]["username"], "reason": "另有任务"}
    ended = {"reason": "该场所正在停业装修"}
    for action, body in (("recusals", aside), ("cancellation", ended)):
        path = f"/draws/{first['number']}/{action}"
        refused(front.post("supervisor", path, body), 403, "not-allowed")
        # Nor by whoever is a head besides.
        with holding(town, "supervisor", "approver"):
            refused(front.post("supervisor", path, body), 403, "not-allowed")
    off = front.post("approver", f"/draws/{first['number']}/cancellation", ended).json()
    assert (off["called_off"], off["holds"]) == (ended["reason"], True)
    sending = f"/draws/{first['number']}/check"
    assert "作废" in refused(front.post("supervisor", sending), 422, "bad-input")["detail"]
    second = draw(front)
    assert len(second["objects"]) == 3
    assert faults(town) == []
    # What was sent is not called off by whoever sent it either.
    check = front.post("supervisor", f"/draws/{second['number']}/check").json()["number"]
    answer = front.step("supervisor", check, "call_off", {"reason": "另行安排"})
    problem = refused(answer, 409, "guard-refused")
    assert [one["code"] for one in problem["reasons"]] == ["drawn_is_not_called_off"]
    assert front.step("approver", check, "call_off", {"reason": "另行安排"}).status_code == 200


def test_what_nobody_can_send_blocks_no_draw(front: Front, town: Town) -> None:
    """Draws of a release that drew several at once, and one whose licence has ended since."""
    granted = [town.granted(address=address(n)) for n in range(3)]
    first = draw(front)
    _as_drawn_before(town, first["number"])
    second = draw(front)
    refused(front.post("supervisor", "/draws"), 422, "bad-input")
    [ended] = [one for one in granted if town.licence_of(one)["number"] == second["object"]]
    with town.session() as session:
        licence = session.get_one(Case, town.relative(ended, "licence").id)
        licence.state = "cancelled"
    assert draw(front)["object"] not in (first["object"], second["object"])


def _as_drawn_before(town: Town, number: str) -> None:
    engine = engine_for(town.url, role=None)
    with engine.begin() as owner:
        row = owner.execute(select(Draw.id, Draw.said).where(Draw.number == number)).one()
        said = {key: value for key, value in row.said.items() if key != "in_turn"}
        owner.execute(update(Draw).where(Draw.id == row.id).values(said=said))
    engine.dispose()


def test_nobody_draws_whom_no_other_head_could_put_right(front: Front, town: Town) -> None:
    """处罚法43: a sole head who draws leaves nobody to decide who stands aside, until New Year."""
    town.granted(address=address(1))
    appoint(town, "supervisor", "approver")
    with town.session() as session:
        others = (Post.role == "approver") & (Post.person_id != town.people["supervisor"].person_id)
        session.execute(update(Post).where(others).values(valid_to=LONG_AGO))
    problem = refused(front.post("supervisor", "/draws"), 403, "not-allowed")
    assert "其他督办人员" in problem["detail"]


def test_no_check_is_called_random_that_nobody_drew(front: Front, town: Town) -> None:
    licence = town.licence_of(town.granted())["number"]
    data = {"licence": licence, "occasion": "双随机抽查"}
    answer = front.post("inspector1", "/cases", {"process": "place_grading", "data": data})
    problem = refused(answer, 422, "bad-input")
    assert [one["field"] for one in problem["errors"]] == ["draw"]
