"""The joint matter over HTTP: from the application to both certificates, and every other ending."""

from __future__ import annotations

from typing import Any

import pytest

from casework.proof import verify_case
from tests.support.front import Front, refused
from tests.support.journeys import ASKED, JOINT, usual
from tests.support.town import MATERIALS, PERMIT, Town, joint_application, machine


def _apply(front: Front, **changes: Any) -> str:
    body = {"process": "one_matter", "data": joint_application(**changes)}
    answer = front.post("applicant", "/cases", body)
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["number"]
    return number


def _go(front: Front, number: str, *steps: tuple[str, str]) -> str:
    """Take steps over HTTP, each with its usual input; gives the state that is reached."""
    process = front.town.case(number).process
    state = ""
    for step, who in steps:
        if step == "supply":
            front.town.attach(number, "staff_list")
        answer = front.step(who, number, step, usual(process, step))
        assert answer.status_code == 200, f"{step}: {answer.text}"
        state = answer.json()["state"]
    return state


def _case(front: Front, who: str, number: str) -> Any:
    return front.get(who, f"/cases/{number}").json()


ENDINGS = (
    "delivered_together",
    "partial_refusal",
    "refused",
    "converted_single",
    "not_accepted",
    "withdrawn",
    "terminated",
)


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_ending_is_reached_and_proved(front: Front, town: Town, ending: str) -> None:
    number = _apply(front)
    town.attach(number)
    assert _go(front, number, *JOINT[ending]) == ending
    said = _case(front, "applicant", number)
    assert said["ended_at"]
    with town.session() as session:
        assert verify_case(session, town.case(number), town.office.versions) == []


def test_no_answer_to_the_list_ends_it(front: Front, town: Town) -> None:
    number = _apply(front)
    town.attach(number)
    assert _go(front, number, *JOINT["awaiting_merged_supplement"]) == "awaiting_merged_supplement"
    town.time.pass_(days=40)
    town.office.catch_up(town.case(number).id)
    front.log_in_again()
    said = _case(front, "applicant", number)
    assert said["state"] == "terminated"
    assert said["documents"][-1]["key"] == "termination_notice"


def test_one_set_of_papers_two_departments_one_handing_over(front: Front, town: Town) -> None:
    number = _apply(front)
    for material in MATERIALS["one_matter"]:
        answer = front.upload("applicant", number, material, f"{material}.pdf")
        assert answer.status_code == 201, answer.text
    _go(front, number, *JOINT["dispatched"])
    steps = {one["name"]: one for one in front.get("eco", f"/cases/{number}/steps").json()}
    assert steps["pass_eco"]["allowed"]
    assert steps["pass_eco"]["track"] == "生态环境审查"
    assert not {name for name in steps if name.endswith("_health")} - {"drop_health"}
    seen = _case(front, "eco", number)
    assert [track["name"] for track in seen["tracks"]] == ["eco_review"]
    assert {item["key"] for item in seen["materials"]} >= {"environmental_record", "staff_list"}
    assert "staff_titles" not in {item["key"] for item in seen["materials"]}
    problem = refused(
        front.step("eco", number, "pass_health", usual("one_matter", "pass_health")),
        403,
        "not-allowed",
    )
    assert "审查员" in problem["detail"]
    _go(front, number, ("pass_health", "reviewer"))
    own = _case(front, "applicant", number)
    assert [(t["label"], t["state_label"], t["whose_turn"]) for t in own["tracks"]] == [
        ("卫生健康审查", "通过", []),
        ("生态环境审查", "审查中", ["生态环境审查员"]),
    ]
    code = town.case(number).tracking_code
    public = front.get(None, f"/track/{number}", code=code).json()
    assert [track["state_label"] for track in public["tracks"]] == ["通过", "审查中"]
    rest = JOINT["delivered_together"][len(JOINT["dispatched"]) + 1 :]
    assert _go(front, number, *rest) == "delivered_together"


def test_each_certificate_is_looked_up_by_its_code_and_number(front: Front, town: Town) -> None:
    number = _apply(front)
    town.attach(number)
    _go(front, number, *JOINT["delivered_together"])
    for relation, kind, term in (
        ("diagnosis_licence", "放射诊疗许可证", None),
        ("safety_licence", "辐射安全许可证", "2031-08-31"),
    ):
        case = town.relative(number, relation)
        shown = front.get(None, f"/verify/{case.tracking_code}").json()
        assert (shown["kind"], shown["valid_until"], shown["stands"]) == (kind, term, True)
        mine = front.get("applicant", f"/licences/{shown['number']}")
        assert mine.json()["case"] == case.number
    safety = town.relative(number, "safety_licence")
    assert front.get("reviewer", f"/cases/{safety.number}").status_code == 404
    assert front.get("eco", f"/cases/{safety.number}").status_code == 200


def test_equipment_of_another_level_is_refused_with_the_article(front: Front, town: Town) -> None:
    number = _apply(front, equipment=[machine(use="核医学")])
    town.attach(number)
    problem = refused(front.step("applicant", number, "submit", {}), 409, "guard-refused")
    assert problem["reasons"][0]["code"] == "equipment_not_joint"
    assert "省级卫生健康主管部门" in problem["detail"]
    assert "《放射诊疗管理规定》第十一条" in problem["law"]


def test_a_form_with_a_hole_names_the_row(front: Front) -> None:
    broken = machine()
    del broken["model"]
    body = {"process": "one_matter", "data": joint_application(equipment=[machine(), broken])}
    answer = front.post("applicant", "/cases", body)
    problem = refused(answer, 422, "bad-input")
    assert [error["field"] for error in problem["errors"]] == ["equipment.1.model"]


def test_a_department_that_asks_after_dispatch_is_told_why_not(front: Front, town: Town) -> None:
    number = _apply(front)
    town.attach(number)
    _go(front, number, *JOINT["dispatched"])
    problem = refused(front.step("eco", number, "check_eco", ASKED), 409, "step-not-of-state")
    assert "核验" in problem["detail"]


def test_two_approvers_need_not_know_of_each_other(front: Front, town: Town) -> None:
    """Both saw the same version; neither decision is stale through the other."""
    number = _apply(front)
    town.attach(number)
    _go(front, number, *JOINT["both_passed"])
    version = town.case(number).version
    first = front.step("approver", number, "decide_health", PERMIT, version=version)
    second = front.step("eco_approver", number, "decide_eco", PERMIT, version=version)
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json()["state"] == "decided"
