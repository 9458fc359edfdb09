"""The joint matter over HTTP: from the application to both certificates, and every other ending."""

from __future__ import annotations

from typing import Any

import pytest

from casework.audit.proof import verify_case
from tests.support.front import Front, refused
from tests.support.journeys import ASKED, JOINT, address, joint_to, place_for, single_to, usual
from tests.support.town import MATERIALS, PERMIT, Town, joint_application, machine

pytestmark = pytest.mark.slow


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


_PASSED = {
    "health first": (("pass_health", "reviewer"), ("pass_eco", "eco")),
    "ecology first": (("pass_eco", "eco"), ("pass_health", "reviewer")),
}
_DECIDED = {
    "health first": (("decide_health", "approver"), ("decide_eco", "eco_approver")),
    "ecology first": (("decide_eco", "eco_approver"), ("decide_health", "approver")),
}
_MADE = ("make_certificates", "window")
_HEALTH_REFUSED = (
    *JOINT["eco_passed"],
    ("fail_health", "reviewer"),
    ("refuse_health", "approver"),
    ("decide_eco", "eco_approver"),
    _MADE,
)


@pytest.mark.parametrize("order", _PASSED)
def test_both_certificates_are_delivered_together_within_the_promise(
    front: Front, town: Town, order: str
) -> None:
    """Accepted on Tuesday 2026-09-01: the fifth working day is Tuesday the 8th."""
    number = _apply(front)
    town.attach(number)
    _go(front, number, *JOINT["dispatched"])
    for way in (_PASSED[order], _DECIDED[order], (_MADE, ("deliver", "window"))):
        for step in way:
            town.time.pass_(days=1)
            front.log_in_again()
            state = _go(front, number, step)
    assert state == "delivered_together"
    said = _case(front, "applicant", number)
    (promise,) = (clock for clock in said["clocks"] if clock["name"] == "promise")
    assert (promise["due_on"], promise["status"]) == ("2026-09-08", "ended")
    assert promise["ended_at"].startswith("2026-09-07")
    lines = front.get("window", f"/cases/{number}/log").json()
    assert not [line for line in lines if line["kind"] == "expiry"]
    keys = [paper["key"] for paper in said["documents"]]
    assert keys[-6:] == [
        "diagnosis_certificate",
        "diagnosis_duplicate",
        "safety_certificate",
        "safety_duplicate",
        "diagnosis_service_receipt",
        "safety_service_receipt",
    ]
    with town.session() as session:
        assert verify_case(session, town.case(number), town.office.versions) == []


# Every other ending that the rulebook (P2, P1) knows: the way there, the end, and the papers that
# the party is left with.
ENDINGS = {
    "one passes, one fails: the licence is handed over alone": (
        (*_HEALTH_REFUSED, ("deliver_part", "window")),
        "partial_refusal",
        "safety_service_receipt",
    ),
    "one fails after the other passed, and the certificate is kept on request": (
        (
            *_HEALTH_REFUSED,
            ("ask_to_hold", "applicant"),
            ("end_hold", "applicant"),
            ("deliver_part", "window"),
        ),
        "partial_refusal",
        "safety_service_receipt",
    ),
    "both pass and one is refused all the same": (
        (
            *JOINT["health_refused"],
            ("decide_eco", "eco_approver"),
            _MADE,
            ("deliver_part", "window"),
        ),
        "partial_refusal",
        "safety_service_receipt",
    ),
    "both are refused": (JOINT["refused"], "refused", "refusal_decision"),
    "one item is withdrawn in mid-review": (
        (*JOINT["health_paused"], ("drop_eco", "applicant")),
        "converted_single",
        "conversion_notice",
    ),
    "one item is another level's, the window finds": (
        (*JOINT["accepted"], ("drop_health", "window")),
        "converted_single",
        "conversion_notice",
    ),
    "not accepted": (JOINT["not_accepted"], "not_accepted", "non_acceptance"),
    "withdrawn before acceptance": (
        (*JOINT["awaiting_merged_supplement"], ("withdraw", "applicant")),
        "withdrawn",
        "supplement_notice",
    ),
    "withdrawn in mid-review": (
        (*JOINT["eco_paused"], ("withdraw", "applicant")),
        "withdrawn",
        "technical_review_notice",
    ),
    "withdrawn before any decision": (
        (*JOINT["both_passed"], ("withdraw", "applicant")),
        "withdrawn",
        "joint_acceptance",
    ),
    "terminated": (JOINT["terminated"], "terminated", "termination_notice"),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_other_ending_is_reached_and_proved(front: Front, town: Town, ending: str) -> None:
    way, state, paper = ENDINGS[ending]
    number = _apply(front, address=place_for(state, 60))
    town.attach(number)
    assert _go(front, number, *way) == state
    said = _case(front, "applicant", number)
    assert said["ended_at"]
    assert said["documents"][-1]["key"] == paper
    assert not [clock for clock in said["clocks"] if clock["live"]]
    with town.session() as session:
        assert verify_case(session, town.case(number), town.office.versions) == []


@pytest.mark.parametrize(
    ("drop", "single", "ways"),
    [
        (
            "drop_health",
            "single_eco",
            {
                "delivered": (
                    ("pass_eco", "eco"),
                    ("decide_eco", "eco_approver"),
                    ("deliver", "eco"),
                ),
                "refused": (("fail_eco", "eco"), ("refuse_eco", "eco_approver")),
                "withdrawn": (("withdraw", "applicant"),),
            },
        ),
        (
            "drop_eco",
            "single_health",
            {
                "delivered": (
                    ("pass_health", "reviewer"),
                    ("decide_health", "approver"),
                    ("deliver", "window"),
                ),
                "refused": (("fail_health", "reviewer"), ("refuse_health", "approver")),
                "withdrawn": (("withdraw", "applicant"),),
            },
        ),
    ],
)
def test_what_goes_on_alone_comes_to_its_own_end(
    front: Front, town: Town, drop: str, single: str, ways: dict[str, Any]
) -> None:
    for end, way in ways.items():
        number = _apply(front, address=f"南通市崇川区单办路{len(end)}号")
        town.attach(number)
        _go(front, number, *JOINT["dispatched"], (drop, "applicant"))
        alone = town.relative(number, single).number
        assert _go(front, alone, *way) == end
        with town.session() as session:
            assert verify_case(session, town.case(alone), town.office.versions) == []


def test_nobody_looks_and_the_law_accepts_it(front: Front, town: Town) -> None:
    number = _apply(front)
    town.attach(number)
    _go(front, number, ("submit", "applicant"))
    town.time.pass_(days=9)
    front.log_in_again()
    town.office.catch_up(town.case(number).id)
    rest = JOINT["delivered_together"][len(JOINT["accepted"]) :]
    assert _go(front, number, *rest) == "delivered_together"


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
    held = front.get("applicant", "/licences").json()
    duties = {one["kind"]: [(d["label"], d["due_on"]) for d in one["duties"]] for one in held}
    assert duties == {
        "放射诊疗许可证": [("放射诊疗许可证校验", "2027-03-31")],
        "辐射安全许可证": [("年度评估报告", "2027-01-31")],
    }
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
    assert problem["law"] == "《行政许可法》第三十二条第一款第四项"
    before = town.case(number).version
    refused(front.step("window", number, "request_supplement", ASKED), 409, "step-not-of-state")
    assert town.case(number).version == before


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


def test_the_bureau_reads_its_part_by_every_door(front: Front, town: Town) -> None:
    """List, search, case, steps, log, papers, attachments: its track and what is shared."""
    number = _apply(front)
    for material in MATERIALS["one_matter"]:
        assert front.upload("applicant", number, material, f"{material}.pdf").status_code == 201
    secret = {"findings": "卫健内部意见甲", "conclusion": "卫健内部结论乙"}
    _go(front, number, *JOINT["dispatched"])
    answer = front.step("reviewer", number, "pass_health", secret)
    assert answer.status_code == 200
    listed = front.get("eco", "/cases", q=number).json()["cases"]
    assert [one["number"] for one in listed] == [number]
    for path in (f"/cases/{number}", f"/cases/{number}/steps", f"/cases/{number}/log"):
        text = front.get("eco", path).text
        assert "生态环境审查" in text
        for word in ("卫健内部", "pass_health", "staff_titles", "health_statutory"):
            assert word not in text, (path, word)
    whole = _case(front, "window", number)
    hidden = [paper for paper in whole["documents"] if paper["key"] == "review_opinion"]
    for paper in hidden:
        refused(front.get("eco", f"/cases/{number}/documents/{paper['id']}"), 404, "not-found")
        assert front.get("reviewer", f"/cases/{number}/documents/{paper['id']}").is_success
    files = {m["key"]: m["files"][0]["id"] for m in whole["materials"] if m["files"]}
    for key, found in (("staff_titles", 404), ("environmental_record", 200), ("staff_list", 200)):
        path = f"/cases/{number}/attachments/{files[key]}"
        assert front.get("eco", path).status_code == found, key
    # It hands in what proves a step of its own track, and nothing else.
    refused(front.upload("eco", number, "staff_list", "夹带.pdf"), 422, "bad-input")
    for step in ("pass_health", "accept", "dispatch", "extend_joint", "make_certificates"):
        assert front.step("eco", number, step, usual("one_matter", step)).status_code in (403, 409)
    # Once it has done its part, the case stays readable, and nothing more of it.
    _go(front, number, ("pass_eco", "eco"), *_DECIDED["health first"], _MADE, ("deliver", "window"))
    keys = [paper["key"] for paper in _case(front, "eco", number)["documents"]]
    assert not {key for key in keys if key.startswith("diagnosis")}
    assert "safety_certificate" in keys


def test_no_more_is_granted_than_was_applied_for(front: Front, town: Town) -> None:
    """What another level grants, or nobody asked for, is in no licence (许可法38); in one that goes
    on alone neither."""
    number = joint_to(town, "both_passed", address(1))
    wider = (
        "放射治疗；核医学",
        "X射线影像诊断（含放射治疗）",
        "X射线影像诊断（2台）",
        "全部项目",
        "；",
    )
    for scope in wider:
        answer = front.step("approver", number, "decide_health", {**PERMIT, "scope": scope})
        problem = refused(answer, 409, "guard-refused")
        assert [one["code"] for one in problem["reasons"]] == ["scope_beyond_application"]
        assert "第三十八条" in problem["reasons"][0]["law"]
    given = {**PERMIT, "scope": "使用 Ⅲ类射线装置（1台）。"}
    assert front.step("eco_approver", number, "decide_eco", given).status_code == 200
    assert front.step("approver", number, "decide_health", PERMIT).status_code == 200


def test_nor_where_one_item_goes_on_alone(front: Front, town: Town) -> None:
    number = single_to(town, "single_health", "passed", address(1))
    answer = front.step("approver", number, "decide_health", {"scope": "介入放射学"})
    problem = refused(answer, 409, "guard-refused")
    assert [one["code"] for one in problem["reasons"]] == ["scope_beyond_application"]
    given = {"scope": "X射线影像诊断"}
    assert front.step("approver", number, "decide_health", given).status_code == 200
