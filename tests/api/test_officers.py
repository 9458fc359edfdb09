"""Who may act (K19, K23), over HTTP: the window decides under a written delegation only, and posts,
certificates and delegations are kept up by the administrator, each change in a log of its own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, ProgrammingError

from casework.acts.actors import involvement_of
from casework.audit.admin_proof import faults_of_administration
from casework.audit.proof import verify_database
from casework.common.problems import BadInput
from casework.models import Account, AdminEntry, Delegation, Document, LogRow, Post
from casework.people.offices import Offices
from casework.people.settling import settle
from casework.rules.rendering import printed_text
from casework.rules.versions import VersionCache
from tests.support import penalties
from tests.support.exemptions import FIRM
from tests.support.former import under_former_versions
from tests.support.front import Front, refused
from tests.support.journeys import change_of, check_to, usual
from tests.support.penalties import inputs_of, penalty_to
from tests.support.people import appoint, empower, newcomer, set_post
from tests.support.rules import set_key
from tests.support.signed import pdf
from tests.support.town import WINDOW_DECIDES, Town

ARTICLE = "《行政许可法》第二十六条第一款"


def _reasons(answer: Any) -> list[tuple[str, str]]:
    problem = refused(answer, 409, "guard-refused")
    return [(one["code"], one["law"]) for one in problem["reasons"]]


def _without_delegation(town: Town) -> None:
    with town.session() as session:
        session.execute(update(Delegation).values(valid_to=date(2020, 12, 31)))


# -- the window decides under a written delegation (K19; row 24) -----------------------------------


@pytest.mark.parametrize("former", [False, True])
def test_a_key_alone_lets_the_window_grant_nothing(front: Front, former: bool) -> None:
    town = front.town
    if former:
        with under_former_versions(town):
            number = town.committed()
    else:
        number = town.committed()
    _without_delegation(town)
    steps = front.get("window", f"/cases/{number}/steps").json()
    grant = next(one for one in steps if one["name"] == "grant")
    assert not grant["allowed"]
    assert "not_delegated" in [one["code"] for one in grant["reasons"]]
    answer = front.step("window", number, "grant")
    [(code, law)] = _reasons(answer)
    assert code == "not_delegated"
    assert ARTICLE in law
    assert "书面授权" in answer.json()["detail"]
    assert front.step("approver", number, "grant").status_code == 200
    with town.session() as session:
        rows = session.scalars(select(LogRow).where(LogRow.header["name"].as_string() == "grant"))
        assert ["delegation" in row.payload for row in rows] == [False]
    assert "首席代表" not in _decision(town, number)


def test_a_delegation_ends_with_the_office_of_its_head(front: Front) -> None:
    town = front.town
    number = town.committed()
    head = town.people["approver"].person_id
    left = update(Post).values(valid_to=town.time.now().date() - timedelta(days=1))
    with town.session() as session:
        session.execute(left.where(Post.person_id == head, Post.role == "approver"))
    grant = refused(front.step("window", number, "grant"), 409, "guard-refused")
    assert "not_delegated" in [one["code"] for one in grant["reasons"]]


def test_where_an_office_says_so_it_outlasts_its_head(front: Front) -> None:
    """The law is silent, so the office says it (`licensing.delegation_ends_with_head`): the paper
    then holds until its own last day, or until it is called off."""
    town = front.town
    with town.session() as session:
        set_key(session, "licensing.delegation_ends_with_head", value=False)
    number = town.committed()
    head = town.people["approver"].person_id
    left = update(Post).values(valid_to=town.time.now().date() - timedelta(days=1))
    with town.session() as session:
        session.execute(left.where(Post.person_id == head, Post.role == "approver"))
    assert front.step("window", number, "grant").status_code == 200


def test_the_decision_and_the_log_name_the_delegation(front: Front) -> None:
    town = front.town
    number = town.committed()
    assert front.step("window", number, "grant").status_code == 200
    said = _decision(town, number)
    assert "CC授〔2020〕1号，授权人甲approver，授权期限2020年1月1日至2032年12月31日" in said
    with town.session() as session:
        [row] = session.scalars(
            select(LogRow).where(LogRow.header["name"].as_string() == "grant")
        ).all()
    found = row.payload["delegation"]
    assert found["number"] == "CC授〔2020〕1号"
    assert found["granted_by"] == town.people["approver"].person_id
    assert (found["valid_from"], found["valid_to"]) == ("2020-01-01", "2032-12-31")


@pytest.mark.parametrize(
    "changed",
    [
        {"valid_from": date(2026, 9, 2)},
        {"valid_to": date(2026, 8, 31)},
        {"scope": ["licence_renewal.grant", "licence_change.grant"]},
    ],
    ids=["not yet", "no longer", "another step"],
)
def test_a_delegation_is_judged_by_day_and_scope(front: Front, changed: dict[str, Any]) -> None:
    town = front.town
    number = town.committed()
    _as_owner(town, update(Delegation).values(**changed))
    assert [code for code, _ in _reasons(front.step("window", number, "grant"))] == [
        "not_delegated"
    ]


@pytest.mark.parametrize("whose", ["person_id", "authority_id"])
def test_nor_does_a_colleague_s_or_another_authority_s(front: Front, whose: str) -> None:
    town = front.town
    number = town.committed()
    with town.session() as session:
        [ours, theirs] = session.scalars(select(Delegation).order_by(Delegation.id)).all()
        other = theirs.person_id if whose == "person_id" else theirs.authority_id
        key = ours.id
    _as_owner(town, update(Delegation).where(Delegation.id == key).values({whose: other}))
    assert [code for code, _ in _reasons(front.step("window", number, "grant"))] == [
        "not_delegated"
    ]


def test_a_change_is_decided_under_one_as_well(front: Front) -> None:
    """Siblings of the grant: 变更, 延续 (whose letters are tried with their journeys)."""
    town = front.town
    number = change_of(
        town, town.granted(), kind="变更单位名称", reason="改名", place_name="南通滨江宾馆有限公司"
    )
    promised = (("inform", "window"), ("study", "applicant"), ("commit", "applicant"))
    for step, who in (("submit", "applicant"), ("accept", "window"), *promised):
        given = usual("licence_change", step)
        assert front.step(who, number, step, given).status_code == 200, step
    scope = [name for name in WINDOW_DECIDES if name != "licence_change.grant"]
    _as_owner(town, update(Delegation).values(scope=scope))
    assert [code for code, _ in _reasons(front.step("window", number, "grant"))] == [
        "not_delegated"
    ]
    _as_owner(town, update(Delegation).values(scope=list(WINDOW_DECIDES)))
    assert front.step("window", number, "grant").status_code == 200
    assert "CC授〔2020〕1号" in _decision(town, number, "change_decision")


def _decision(town: Town, number: str, key: str = "grant_decision") -> str:
    with town.session() as session:
        found = session.scalars(
            select(Document).where(Document.case_id == town.case(number).id, Document.key == key)
        ).one()
        return printed_text(found.content)


def _as_owner(town: Town, *statements: Any) -> None:
    """What the application may not do itself."""
    with town.session() as session:
        session.execute(text("SET LOCAL ROLE NONE"))
        for statement in statements:
            session.execute(statement)


# -- what the administrator keeps up ---------------------------------------------------------------

TODAY = "2026-09-01"
APPOINTED = {"ground": "崇卫任〔2026〕3号", "valid_from": TODAY}


def _entries(town: Town) -> list[dict[str, Any]]:
    with town.session() as session:
        return [row.said for row in session.scalars(select(AdminEntry).order_by(AdminEntry.seq))]


def _sound(town: Town) -> list[str]:
    with town.session() as session:
        return [str(fault) for fault in faults_of_administration(session)]


def _fields(answer: Any) -> list[str]:
    return [one["field"] for one in refused(answer, 422, "bad-input")["errors"]]


def test_an_officer_is_appointed_acts_and_leaves(front: Front) -> None:
    """From its day to its last, and never before; each change is told in the log."""
    town = front.town
    number = town.committed()
    newcomer(town, "window2")
    given = {**APPOINTED, "account": "window2", "role": "window_clerk"}
    made = front.post("admin", "/administration/posts", given)
    assert made.status_code == 201, made.text
    assert [code for code, _ in _reasons(front.step("window2", number, "grant"))] == [
        "not_delegated"
    ]
    paper = {
        "account": "window2",
        "granted_by": "approver",
        "number": "崇卫授〔2026〕2号",
        "signed_on": TODAY,
        "scope": ["instant_licence.grant"],
        "valid_from": TODAY,
        "valid_to": "2026-12-31",
    }
    made = front.post("admin", "/administration/delegations", paper)
    assert made.status_code == 201, made.text
    # It is the head's, who says so: an administrator's word delegates nothing.
    assert [code for code, _ in _reasons(front.step("window2", number, "grant"))] == [
        "not_delegated"
    ]
    confirmed = f"/administration/delegations/{made.json()['id']}/confirmation"
    scan = {"file": ("授权书.pdf", pdf("授权书"))}
    for who in ("admin", "window2", "supervisor"):
        assert front.ask(who, "POST", confirmed, files=scan).status_code == 404
    [waits] = front.get("approver", "/administration/delegations/awaiting").json()
    assert waits["number"] == "崇卫授〔2026〕2号"
    # With the paper that he signed, which is kept.
    assert front.post("approver", confirmed).status_code == 422
    assert front.ask("approver", "POST", confirmed, files=scan).status_code == 204
    assert front.ask("approver", "POST", confirmed, files=scan).status_code == 422
    kept = f"/administration/delegations/{made.json()['id']}/scan"
    for who, status in (("approver", 200), ("admin", 200), ("window2", 404), ("admin_b", 404)):
        assert front.get(who, kept).status_code == status
    assert front.get("admin", kept).content == pdf("授权书")
    assert front.step("window2", number, "grant").status_code == 200
    assert "崇卫授〔2026〕2号" in _decision(town, number)
    staff = front.get("admin", "/administration").json()
    post = next(one for one in staff["posts"] if one["account"] == "window2")
    ended = front.post(
        "admin",
        f"/administration/posts/{post['id']}/end",
        {"on": "2026-09-02", "ground": "崇卫任〔2026〕4号"},
    )
    assert ended.status_code == 204, ended.text
    # What was done before stays done, and today goes on.
    assert (
        front.step("window2", number, "deliver", usual("instant_licence", "deliver")).status_code
        == 200
    )
    town.time.pass_(days=1)
    front.log_in_again()
    assert front.get("window2", f"/cases/{number}").status_code == 404
    kinds = ["post_added", "delegation_added", "delegation_confirmed", "post_ended"]
    assert [said["kind"] for said in _entries(town)] == kinds
    by = {said["by"] for said in _entries(town)}
    assert by == {town.people["admin"].person_id, town.people["approver"].person_id}
    shown = front.get("admin", "/administration/log").json()
    assert [(one["seq"], one["kind"]) for one in shown] == [
        (n, kind) for n, kind in reversed([*enumerate(kinds, 1)])
    ]
    assert shown[0]["by"] == "甲admin"
    assert _sound(town) == []


def test_a_delegation_ends_on_its_day(front: Front) -> None:
    town = front.town
    first = town.committed()
    second = town.committed(address="南通市崇川区濠南路2号")
    [one] = front.get("admin", "/administration").json()["delegations"]
    answer = front.post(
        "admin",
        f"/administration/delegations/{one['id']}/end",
        {"on": "2026-09-02", "ground": "授权撤回通知〔2026〕1号"},
    )
    assert answer.status_code == 204, answer.text
    assert front.step("window", first, "grant").status_code == 200
    town.time.pass_(days=1)
    front.log_in_again()
    assert [code for code, _ in _reasons(front.step("window", second, "grant"))] == [
        "not_delegated"
    ]
    assert front.step("approver", second, "grant").status_code == 200
    again = front.post(
        "admin",
        f"/administration/delegations/{one['id']}/end",
        {"on": "2026-09-02", "ground": "授权撤回通知〔2026〕1号"},
    )
    assert _fields(again) == ["on"]
    with town.session() as session:
        assert verify_database(session, VersionCache()).faults == ()


def test_another_certificate_holds_from_its_day_on(front: Front) -> None:
    """What was inspected under the old one bears the old one's number, whenever it is entered."""
    town = front.town
    check = check_to(town, town.granted(), "assigned")
    changed = {
        "account": "inspector1",
        "certificate": "苏卫执32000001",
        "certificate_expires": "2030-12-31",
        "valid_from": "2026-09-03",
        "ground": "2026年第一批换证",
    }
    assert front.post("admin", "/administration/certificates", changed).status_code == 204
    town.time.go_to(date(2026, 9, 3))
    front.log_in_again()
    said = {**usual("commitment_check", "inspect")}
    for who, on in (("inspector1", "2026-09-02"), ("inspector1", "2026-09-03")):
        with town.session() as session:
            involvement = involvement_of(
                session, town.people[who].person_id, "甲inspector1", town.case(check)
            )
        held = involvement.certificate_on(date.fromisoformat(on))
        assert (held == "苏卫执32000001") == (on == "2026-09-03")
    answer = front.step("inspector1", check, "inspect", said, effective_at="2026-09-02")
    assert answer.status_code == 202, answer.text
    assert front.sign("inspector2", check, "inspect").status_code == 200
    assert _sound(town) == []


@pytest.mark.slow
def test_a_letter_names_the_certificate_of_its_day(front: Front) -> None:
    town = front.town
    number = penalty_to(town, "opinion")
    front.log_in_again()
    with town.session() as session:
        person = town.people["handler2"].person_id
        old = session.scalars(select(Post.certificate_number).where(Post.person_id == person)).one()
    today = town.time.now().date()
    changed = {
        "account": "handler2",
        "certificate": "苏卫执32000077",
        "certificate_expires": "2031-12-31",
        "valid_from": (today + timedelta(days=5)).isoformat(),
        "ground": "2026年第一批换证",
    }
    assert front.post("admin", "/administration/certificates", changed).status_code == 204
    given = inputs_of(town, number, "notify", {})
    assert front.step("handler1", number, "notify", given).status_code == 200
    said = _decision(town, number, "penalty_notice")
    assert old
    assert old in said
    assert "苏卫执32000077" not in said


def test_a_certificate_that_is_withdrawn_bars_what_needs_one(front: Front) -> None:
    town = front.town
    check = check_to(town, town.granted(), "assigned")
    gone = {"account": "inspector1", "valid_from": TODAY, "ground": "证件收缴通知"}
    assert front.post("admin", "/administration/certificates", gone).status_code == 204
    answer = front.step("inspector1", check, "inspect", usual("commitment_check", "inspect"))
    assert [code for code, _ in _reasons(answer)] == ["certificate_invalid"]
    said = _entries(town)[-1]
    assert [row["certificate_number"] for row in said["rows"]][-1] is None


def test_whoever_leaves_leaves_with_every_certificate(front: Front) -> None:
    """Also with one that was to hold from a later day on."""
    town = front.town
    changed = {
        "account": "inspector1",
        "certificate": "苏卫执32000001",
        "certificate_expires": "2030-12-31",
        "valid_from": "2026-09-10",
        "ground": "2026年第一批换证",
    }
    assert front.post("admin", "/administration/certificates", changed).status_code == 204
    posts = front.get("admin", "/administration").json()["posts"]
    mine = [one for one in posts if one["account"] == "inspector1"]
    assert [one["state"] for one in mine] == ["now", "to_come"]
    stop = {"on": "2026-09-05", "ground": "调离"}
    where = f"/administration/posts/{mine[0]['id']}/end"
    assert front.post("admin", where, stop).status_code == 204
    posts = front.get("admin", "/administration").json()["posts"]
    assert [(one["state"], one["valid_to"]) for one in posts if one["account"] == "inspector1"] == [
        ("now", "2026-09-04"),
        ("over", "2026-09-09"),
    ]
    assert _fields(front.post("admin", where, stop)) == ["on"]
    assert _fields(front.post("admin", where, {**stop, "on": "2026-08-31"})) == ["on"]
    assert _fields(front.post("admin", where, {**stop, "on": "2046-08-31"})) == ["on"]
    assert _sound(town) == []


def test_a_file_does_not_undo_what_the_administrator_did(front: Front) -> None:
    town = front.town
    with town.session() as session:
        session.execute(update(Account).values(registered_at=None))
    file = Offices.model_validate(
        {
            "person": [
                {
                    "account": "inspector1",
                    "name": "甲inspector1",
                    "posts": [
                        {
                            "authority": "CC",
                            "role": "inspector",
                            "from": date(2020, 1, 1),
                            "certificate": "ZF-1",
                            "certificate_expires": date(2032, 12, 31),
                        }
                    ],
                }
            ]
        }
    )
    with town.session() as session:
        settle(session, file, date(2026, 9, 1))
    assert [(said["kind"], said["by"]) for said in _entries(town)] == [("settled", None)] * 2
    assert [row["table"] for row in _entries(town)[-1]["rows"]] == ["account", "person"]
    gone = {"account": "inspector1", "valid_from": "2026-09-02", "ground": "证件收缴通知"}
    assert front.post("admin", "/administration/certificates", gone).status_code == 204
    with pytest.raises(BadInput, match="机构管理"), town.session() as session:
        settle(session, file, date(2026, 9, 1))
    assert _sound(town) == []
    told = front.get("admin", "/administration/log").json()
    assert [one["by"] for one in told] == ["甲admin", *["信息部门（机构和人员文件）"] * 2]
    assert told[1]["lines"] == ["账号 inspector1：甲inspector1", "甲inspector1"]


def test_a_certificate_is_one_persons(front: Front) -> None:
    """Two who sign on one number are one certified officer (处罚法42)."""
    town = front.town
    newcomer(town, "window2")
    changed = {
        "account": "inspector1",
        "certificate": "苏卫执32000001",
        "certificate_expires": "2030-12-31",
        "valid_from": TODAY,
        "ground": "换证",
    }
    assert front.post("admin", "/administration/certificates", changed).status_code == 204
    again = {**changed, "account": "inspector2"}
    assert _fields(front.post("admin", "/administration/certificates", again)) == ["certificate"]
    given = {**APPOINTED, **again, "account": "window2", "role": "inspector"}
    assert _fields(front.post("admin", "/administration/posts", given)) == ["certificate"]


def test_what_was_called_off_before_it_began_stands_in_nobody_s_way(front: Front) -> None:
    """Neither of the file of the IT office, nor of another post or delegation."""
    town = front.town
    with town.session() as session:
        session.execute(update(Account).values(registered_at=None))
    newcomer(town, "window2")
    given = {**APPOINTED, "account": "window2", "role": "window_clerk", "valid_from": "2026-09-10"}
    made = front.post("admin", "/administration/posts", given)
    stop = {"on": "2026-09-02", "ground": "任命撤回"}
    where = f"/administration/posts/{made.json()['id']}/end"
    assert front.post("admin", where, stop).status_code == 204
    again = {**given, "valid_from": "2026-09-05"}
    assert front.post("admin", "/administration/posts", again).status_code == 201
    paper = {
        "account": "window",
        "granted_by": "approver",
        "number": "崇卫授〔2026〕2号",
        "signed_on": TODAY,
        "scope": ["instant_licence.grant"],
        "valid_from": "2026-09-10",
        "valid_to": "2026-12-31",
    }
    made = front.post("admin", "/administration/delegations", paper)
    where = f"/administration/delegations/{made.json()['id']}/end"
    assert front.post("admin", where, stop).status_code == 204
    for first in ("2026-09-05", "2026-09-05"):
        paper = {**paper, "valid_from": first}
        assert front.post("admin", "/administration/delegations", paper).status_code == 201
        # Of the same paper, from the same day on: another matter.
        paper = {**paper, "scope": ["licence_change.grant"]}
    post = {"authority": "CC", "role": "window_clerk", "from": date(2026, 9, 5)}
    file = {
        "authority": [],
        "person": [{"account": "window2", "name": "新window2", "posts": [post]}],
        "delegation": [
            {
                "authority": "CC",
                "account": "window",
                "by": "approver",
                "number": "崇卫授〔2026〕2号",
                "signed_on": date(2026, 9, 1),
                "from": date(2026, 9, 5),
                "to": date(2026, 12, 31),
                "scope": [scope],
            }
            for scope in ("instant_licence.grant", "licence_change.grant")
        ],
    }
    before = _entries(town)
    with town.session() as session:
        settled = settle(session, Offices.model_validate(file), date(2026, 9, 1))
    assert settled.unlisted == ()
    *entries, last = _entries(town)
    assert entries == before
    assert [row["table"] for row in last["rows"]] == ["account", "person"]
    assert _sound(town) == []


def test_what_a_file_delegates_waits_for_its_head(front: Front) -> None:
    """Neither an administrator nor the IT office delegates what the head decides (许可法24)."""
    town = front.town
    number = town.committed()
    _without_delegation(town)
    with town.session() as session:
        session.execute(update(Account).values(registered_at=None))
    told = {
        "authority": "CC",
        "account": "window",
        "by": "approver",
        "number": "崇卫授〔2026〕3号",
        "signed_on": date(2026, 9, 1),
        "from": date(2026, 9, 1),
        "to": date(2026, 12, 31),
        "scope": ["instant_licence.grant"],
    }
    for _ in range(2):
        with town.session() as session:
            settle(session, Offices.model_validate({"delegation": [told]}), date(2026, 9, 1))
    codes = [code for code, _ in _reasons(front.step("window", number, "grant"))]
    assert codes == ["not_delegated"]
    [waits] = front.get("approver", "/administration/delegations/awaiting").json()
    where, scan = f"/administration/delegations/{waits['id']}", ("授权书.pdf", pdf("授权书"))
    answer = front.ask("approver", "POST", f"{where}/confirmation", files={"file": scan})
    assert answer.status_code == 204, answer.text
    assert front.step("window", number, "grant").status_code == 200
    # The file goes on saying until when it holds, though its head had a hand in it.
    shorter = {**told, "to": date(2026, 11, 30)}
    with town.session() as session:
        settle(session, Offices.model_validate({"delegation": [shorter]}), date(2026, 9, 1))
    assert _sound(town) == []
    _as_owner(town, update(Delegation).where(Delegation.id == waits["id"]).values(content=b"%PDF"))
    with town.session() as session:
        assert "扫描件" in faults_of_administration(session)[0].text


# -- siblings of rows 16 and 31 --------------------------------------------------------------------


def _recuse(front: Front, number: str, account: str) -> None:
    name = front.town.people[account].name
    asked = {**usual("commitment_check", "ask_recusal"), "officer": name}
    decided = {"officer": account, "recused": True, "reasons": "其配偶持有当事人的股份"}
    for who, step, said in (
        ("applicant", "ask_recusal", asked),
        ("approver", "decide_recusal", decided),
    ):
        answer = front.step(who, number, step, said)
        assert answer.status_code == 200, answer.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("state", "account", "step"),
    [
        ("hearing_requested", "chair", "schedule_hearing"),
        ("hearing_scheduled", "chair", "abandon_hearing"),
        ("legal_review", "legal", "pass_review"),
        ("legal_review", "legal", "return_review"),
        ("panel_discussion", "head1", "vote"),
        ("investigating", "supervisor", "hand_over"),
    ],
)
def test_whoever_stands_aside_takes_no_part_any_more(
    front: Front, state: str, account: str, step: str
) -> None:
    """Nor as chair, reviewer, member of the panel or supervisor."""
    town = front.town
    number = penalty_to(town, state)
    front.log_in_again()
    _recuse(front, number, account)
    who = "handler1" if step == "schedule_hearing" else account
    given = inputs_of(town, number, step, {}) or usual("penalty", step)
    if step == "hand_over":
        given = {"handlers": ["handler1", "handler2"], "reason": "人手不足"}
    assert ("recused", "《行政处罚法》第四十三条") in _reasons(front.step(who, number, step, given))


@pytest.mark.slow
def test_whoever_stands_aside_hands_in_nothing_and_returns_nothing(front: Front) -> None:
    town = front.town
    number = penalty_to(town, "investigating")
    front.log_in_again()
    third = appoint(town, newcomer(town, "handler3"), "case_handler")
    assert front.step(
        "handler1", number, "record_scene", inputs_of(town, number, "record_scene", {})
    ).status_code in (200, 202)
    _recuse(front, number, third)
    refused(front.upload(third, number, "signed_receipt"), 403, "not-allowed")
    assert front.upload("handler2", number, "signed_receipt").status_code == 201
    waiting = front.step(
        "handler1", number, "record_scene", inputs_of(town, number, "record_scene", {})
    )
    assert waiting.status_code == 202, waiting.text
    back = {"version": town.case(number).version, "reason": "内容有误"}
    where = f"/cases/{number}/steps/record_scene/signatures/returns"
    answer = front.post(third, where, back)
    assert "回避" in refused(answer, 403, "not-allowed")["detail"]
    assert front.post("handler2", where, back).status_code == 200


@pytest.mark.slow
def test_nobody_who_acts_for_the_party_is_made_handler(front: Front) -> None:
    """Named by others he would be kept out only when he acts himself."""
    town = front.town
    number = penalty_to(town, "investigating")
    front.log_in_again()
    third = appoint(town, newcomer(town, "handler3"), "case_handler")
    empower(town, third, "91440300708461136T", "agent", ["file"])
    given = {"handlers": ["handler1", third], "reason": "人手不足"}
    answer = front.step("supervisor", number, "hand_over", given)
    assert ("own_case", "《公务员法》第七十六条") in _reasons(answer)
    given = {"handlers": ["handler1", "handler2"], "reason": "人手不足"}
    assert front.step("supervisor", number, "hand_over", given).status_code == 200


def test_whoever_has_left_opens_no_case_as_of_an_earlier_day(front: Front) -> None:
    town = front.town
    town.time.go_to(date(2026, 9, 3))
    set_post(town, "handler1", valid_to=date(2026, 9, 2))
    day = "2026-09-02"
    data = {**penalties.lead(), "found_on": day, "act_on": day, "filed_on": day}
    body = {"process": "penalty", "data": data, "party": FIRM, "effective_at": day}
    refused(front.post("handler1", "/cases", body), 403, "not-allowed")
    assert front.post("handler2", "/cases", body).status_code == 201


@pytest.mark.slow
def test_a_qualification_of_a_post_that_is_over_qualifies_nobody(front: Front) -> None:
    """初次从事法制审核 (处罚法58): it is held on the day of the review."""
    town = front.town
    number = penalty_to(town, "legal_review")
    front.log_in_again()
    since = date(2026, 8, 1)
    set_post(town, "legal", valid_from=since, valid_to=date(2026, 8, 15))
    with town.session() as session:
        [row] = session.scalars(
            select(Post).where(Post.person_id == town.people["legal"].person_id)
        ).all()
        session.add(
            Post(
                person_id=row.person_id,
                authority_id=row.authority_id,
                role=row.role,
                valid_from=date(2026, 8, 16),
            )
        )
    given = inputs_of(town, number, "pass_review", {})
    answer = front.step("legal", number, "pass_review", given)
    assert "reviewer_unqualified" in [code for code, _ in _reasons(answer)]


# -- what is wrong with an entry -------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_from": "2026-08-31"}, "valid_from"),
        ({"valid_from": "2046-08-31"}, "valid_from"),
        ({"valid_to": "2026-08-31"}, "valid_to"),
        ({"account": "nobody"}, "account"),
        ({"account": "Nobody 二"}, "account"),
        ({"account": "inspector1"}, "valid_from"),
        ({"role": "emperor"}, "role"),
        ({"role": "applicant"}, "role"),
        ({"certificate": None, "certificate_expires": None}, "certificate"),
        ({"certificate_expires": None}, "certificate_expires"),
        ({"certificate": None}, "certificate"),
        ({"certificate_expires": "2026-08-31"}, "certificate_expires"),
        ({"ground": "  "}, "ground"),
    ],
)
def test_what_a_post_may_not_say(front: Front, changes: dict[str, Any], field: str) -> None:
    town = front.town
    newcomer(town, "inspector9")
    given = {
        **APPOINTED,
        "account": "inspector9",
        "role": "inspector",
        "certificate": "苏卫执1",
        "certificate_expires": "2030-12-31",
        **changes,
    }
    assert _fields(front.post("admin", "/administration/posts", given)) == [field]
    assert _entries(town) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"account": "inspector1"}, "account"),
        ({"granted_by": "supervisor"}, "granted_by"),
        ({"granted_by": "approver_b"}, "granted_by"),
        ({"granted_by": "nobody"}, "granted_by"),
        ({"number": " "}, "number"),
        ({"number": "CC授〔2020〕1号"}, "number"),
        ({"signed_on": "2026-09-02"}, "signed_on"),
        ({"signed_on": "2019-12-31"}, "granted_by"),
        ({"scope": []}, "scope"),
        ({"scope": ["penalty.decide"]}, "scope"),
        ({"valid_from": "2026-08-31"}, "valid_from"),
        ({"valid_to": "2026-08-31"}, "valid_to"),
    ],
)
def test_what_a_delegation_may_not_say(front: Front, changes: dict[str, Any], field: str) -> None:
    given = {
        "account": "window",
        "granted_by": "approver",
        "number": "崇卫授〔2026〕2号",
        "signed_on": "2026-09-01",
        "scope": ["instant_licence.grant"],
        "valid_from": TODAY,
        "valid_to": "2026-12-31",
        **changes,
    }
    assert _fields(front.post("admin", "/administration/delegations", given)) == [field]
    assert _entries(front.town) == []


def test_it_is_the_administrator_s_of_that_authority_alone(front: Front) -> None:
    town = front.town
    [ours] = front.get("admin", "/administration").json()["delegations"]
    stop = {"on": "2026-09-02", "ground": "撤回"}
    given = {**APPOINTED, "account": "window", "role": "reviewer"}
    for who in ("supervisor", "approver", "window", "applicant"):
        for answer in (
            front.get(who, "/administration"),
            front.get(who, "/administration/log"),
            front.post(who, "/administration/posts", given),
            front.post(who, f"/administration/posts/{1}/end", stop),
            front.post(who, f"/administration/delegations/{ours['id']}/end", stop),
        ):
            refused(answer, 403, "not-allowed")
    # Of another district: not hers to see, and so not there.
    refused(
        front.post("admin_b", f"/administration/delegations/{ours['id']}/end", stop),
        404,
        "not-found",
    )
    post = front.get("admin", "/administration").json()["posts"][0]["id"]
    refused(front.post("admin_b", f"/administration/posts/{post}/end", stop), 404, "not-found")
    refused(front.post("admin", "/administration/posts/999999/end", stop), 404, "not-found")
    refused(front.get("admin", "/administration", authority="TZ"), 403, "not-allowed")
    # Nor anybody's own.
    own = {**APPOINTED, "account": "admin", "role": "approver"}
    refused(front.post("admin", "/administration/posts", own), 403, "not-allowed")
    mine = next(
        one
        for one in front.get("admin", "/administration").json()["posts"]
        if one["account"] == "admin"
    )
    refused(
        front.post("admin", f"/administration/posts/{mine['id']}/end", stop), 403, "not-allowed"
    )
    assert not ours["own"]
    _as_owner(
        town,
        update(Delegation)
        .where(Delegation.id == ours["id"])
        .values(person_id=town.people["admin"].person_id),
    )
    [ours] = front.get("admin", "/administration").json()["delegations"]
    assert ours["own"]
    refused(
        front.post("admin", f"/administration/delegations/{ours['id']}/end", stop),
        403,
        "not-allowed",
    )
    assert _entries(town) == []


def test_certificates_that_run_out_are_warned_of(front: Front) -> None:
    town = front.town
    set_post(town, "inspector1", certificate_expires=date(2026, 10, 30))
    set_post(town, "inspector2", certificate_expires=date(2026, 9, 30))
    set_post(town, "handler1", certificate_expires=date(2026, 8, 31))
    set_post(town, "handler2", certificate_expires=date(2026, 10, 31))
    posts = front.get("admin", "/administration").json()["posts"]
    told = {one["account"]: (one["days_left"], one["urgent"]) for one in posts if one["warned"]}
    assert told == {"inspector1": (59, False), "inspector2": (29, True), "handler1": (-1, True)}


def test_the_log_is_nobody_s_to_change(front: Front) -> None:
    town = front.town
    newcomer(town, "window2")
    given = {**APPOINTED, "account": "window2", "role": "window_clerk"}
    for role in ("window_clerk", "reviewer"):
        made = front.post("admin", "/administration/posts", {**given, "role": role})
        assert made.status_code == 201, made.text
    for statement in (
        "UPDATE admin_entry SET seq = 9",
        "DELETE FROM admin_entry",
        "DELETE FROM post",
        "UPDATE delegation SET scope = '{}'",
        "DELETE FROM delegation",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), town.session() as session:
            session.execute(text(statement))
    with pytest.raises(DBAPIError, match="the log only grows"):
        _as_owner(town, text("DELETE FROM admin_entry"))
    assert _sound(town) == []
    # Whoever is superuser is found out.
    _as_owner(town, text("UPDATE post SET role = 'approver' WHERE role = 'reviewer'"))
    assert [line for line in _sound(town) if "任职登记" in line]
    _as_owner(town, text("UPDATE post SET role = 'reviewer' WHERE role = 'approver'"))
    unguarded = text("SET LOCAL session_replication_role = replica")
    _as_owner(town, unguarded, text("DELETE FROM admin_entry WHERE seq = 1"))
    assert [line for line in _sound(town) if "前面有记录缺失" in line]
