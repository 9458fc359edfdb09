"""Every part that leads to a decision or follows it: on the revocation of a licence and on a small
process kept for tests, through the office and over HTTP, each refused once and then done.

The small process is the small penalty up to its decision and the small fine from there on. A panel
is due for penalties only (处罚法57), so that the revocation has none. By hand from the rulebook,
section 0 and P4A, P5; decided on Tuesday 2026-09-01.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from casework.audit.court_file_proof import verify_file
from casework.audit.proof import verify_database
from casework.duties.due_clocks import fire_due_clocks
from casework.parts.delivery.reading import service_of
from casework.reading import case_view
from casework.rules.versions import VersionCache
from tests.casework.test_evidence import PHOTO, item, newer
from tests.support.arriving import arrive, open_mail
from tests.support.doors import DOORS, Door, turned_away
from tests.support.fine import PAPERS, decided, filed, publish_fine, receipt, tried
from tests.support.journeys import (
    CORRECTION,
    INTERVIEW,
    OFFICERS,
    OVERTURNED,
    SCENE,
    UNDOING,
    check_to,
    usual,
)
from tests.support.people import appoint, newcomer, second_account, set_post
from tests.support.serving import ANNOUNCEMENT, CONSENT, RECEIPT
from tests.support.small_penalty import ABOUT, proposal, published, reconsidered
from tests.support.town import INSPECTORS, NOTICE, Town, hearing, hearing_record, review

pytestmark = pytest.mark.slow

BY = "inspector1"
MINUTE = {
    "room": "三楼会议室",
    "presiding": "甲head1",
    "recorder": "甲记录",
    "report": "三次检测不合格",
    "conclusion": "同意",
}
PROCESSES = ("revocation", "small process")


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest, town: Town) -> Door:
    """One door of a town in which the small processes are in force."""
    publish_fine(town)
    published(town)
    return DOORS[request.param](town)


@pytest.fixture(params=PROCESSES)
def process(request: pytest.FixtureRequest) -> str:
    """Which of the two."""
    return str(request.param)


def _sound(door: Door) -> None:
    with door.town.session() as session:
        assert verify_database(session, VersionCache()).faults == ()


def _check(door: Door, state: str) -> str:
    return check_to(door.town, door.town.granted(), state)


# -- who handles the case --------------------------------------------------------------------------


def test_recusal_and_hand_over(door: Door, process: str) -> None:
    town = door.town
    third = appoint(town, newcomer(town, "inspector3"), "inspector")
    number = _check(door, "task_created") if process == "revocation" else filed(town)
    alone = {"inspectors": [BY, "window"]}
    turned_away(
        door,
        "certificate_invalid",
        lambda: door.take(number, "assign", "supervisor", alone),
        law="第四十二条",
    )
    door.take(number, "assign", "supervisor", INSPECTORS)

    def record(other: str) -> None:
        door.take(number, "record_scene", f"{BY}+{other}", SCENE)

    record("inspector2")
    given = {"inspectors": [BY, third], "reason": "原承办人调离"}
    door.take(number, "hand_over", "supervisor", given)
    turned_away(
        door,
        "not_assigned",
        lambda: door.take(number, "record_scene", "inspector2", SCENE),
    )
    asked = {**usual("commitment_check", "ask_recusal"), "officer": "新inspector3"}
    door.take(number, "ask_recusal", "applicant", asked)
    # The inquiry goes on until it is decided (43).
    record(third)
    answer = {"officer": third, "recused": True, "reasons": "情况属实"}
    turned_away(
        door,
        "another_officer",
        lambda: door.take(number, "decide_recusal", "approver", {**answer, "officer": BY}),
        law="第四十三条",
    )
    door.take(number, "decide_recusal", "approver", answer)
    turned_away(
        door,
        "recused",
        lambda: door.take(number, "record_scene", third, SCENE),
        law="第四十三条",
    )
    _sound(door)


def test_a_certificate_holds_on_its_last_day_and_not_the_day_after(
    door: Door, process: str
) -> None:
    number = _check(door, "assigned") if process == "revocation" else filed(door.town)
    if process != "revocation":
        door.take(number, "assign", "supervisor", INSPECTORS)
    set_post(door.town, "inspector2", certificate_expires=date(2026, 9, 1))
    door.take(number, "record_scene", OFFICERS, SCENE)
    door.wait_until(date(2026, 9, 2))
    turned_away(
        door,
        "certificate_invalid",
        lambda: door.take(number, "record_scene", "inspector2", SCENE),
        law="第四十二条",
    )


# -- notice, defence, hearing ----------------------------------------------------------------------


@dataclass(frozen=True)
class Deciding:
    """How a process decides: up to its notice, the step after the party was heard with what it is
    given, the deciding step with what it is given, and one part of that changed."""

    told: Callable[[Door], str]
    weigh: str
    weighed: Any
    decide: str
    decision: dict[str, Any]
    other: dict[str, Any]
    differs: str


def _told_of_a_penalty(door: Door) -> str:
    number = door.town.office.open_case(
        "small_penalty", ABOUT, door.town.people["applicant"]
    ).number
    door.take(number, "investigate", OFFICERS, proposal())
    door.take(number, "notify", BY, proposal())
    return number


SUBMITTED = {"defence_considered": "不予采纳"}


def _told_of_a_revocation(door: Door) -> str:
    number = _check(door, "revocation_notified")
    door.take(number, "serve_notice", BY, RECEIPT)
    return number


DECIDING = {
    "revocation": Deciding(
        _told_of_a_revocation,
        "submit_review",
        SUBMITTED,
        "revoke",
        NOTICE,
        {**NOTICE, "reasons": "另有理由"},
        "notice_differs",
    ),
    "small process": Deciding(
        _told_of_a_penalty,
        "reconsider",
        reconsidered(),
        "decide",
        proposal(),
        proposal("59000.00"),
        "review_differs",
    ),
}


def test_notice_defence_and_hearing(door: Door, process: str) -> None:
    way = DECIDING[process]
    number = way.told(door)
    asked = {"reasons": "对检测方法有异议"}
    turned_away(door, "defence_pending", lambda: door.take(number, way.weigh, BY, way.weighed))
    door.take(number, "state_defence", "applicant", {"text": "水泵检修所致"})
    turned_away(door, "hearing_pending", lambda: door.take(number, way.weigh, BY, way.weighed))
    # Five working days from Tuesday 1 September: the 8th, until its end.
    door.wait_until(date(2026, 9, 8), 23)
    door.take(number, "request_hearing", "applicant", asked)

    def schedule(on: str, **changes: Any) -> None:
        door.take(number, "schedule_hearing", BY, hearing(on, **changes))

    # Told on the 8th, the seventh working day is the 17th.
    turned_away(door, "hearing_too_soon", lambda: schedule("2026-09-16"))
    appoint(door.town, "inspector2", "hearing_chair")
    turned_away(door, "chair_investigated", lambda: schedule("2026-09-18", chair="inspector2"))
    schedule("2026-09-18")
    door.take(number, "serve_hearing", BY, RECEIPT)

    def hold(**changes: Any) -> None:
        door.take(number, "hold_hearing", "chair", hearing_record(**changes))

    turned_away(door, "hearing_not_yet", hold)
    door.wait_until(date(2026, 9, 18), 10)
    turned_away(door, "refusal_not_noted", lambda: hold(signing="拒绝签名或者盖章"))
    hold()
    door.take(number, way.weigh, BY, way.weighed)
    _sound(door)


def test_a_hearing_asked_for_the_day_after(door: Door, process: str) -> None:
    number = DECIDING[process].told(door)
    door.wait_until(date(2026, 9, 9), 0)
    asked = {"reasons": "对检测方法有异议"}
    turned_away(
        door,
        "hearing_too_late",
        lambda: door.take(number, "request_hearing", "applicant", asked),
    )
    door.take(number, DECIDING[process].weigh, BY, DECIDING[process].weighed)


# -- review, panel, evidence -----------------------------------------------------------------------


def _in_review(door: Door, process: str) -> str:
    way = DECIDING[process]
    number = way.told(door)
    door.take(number, "waive_defence", "applicant")
    door.take(number, "waive_hearing", "applicant")
    door.take(number, way.weigh, BY, way.weighed)
    if process != "revocation":
        door.take(number, "submit_review", BY, SUBMITTED)
    return number


def _discussed(door: Door, number: str) -> None:
    for member in ("head1", "head2", "head3"):
        door.take(number, "vote", member, {"choice": "同意", "opinion": "已阅卷"})
    door.take(number, "conclude_panel", "approver", MINUTE)


def test_legal_review_binds_the_decision(door: Door, process: str) -> None:
    town, way = door.town, DECIDING[process]
    number = _in_review(door, process)
    # Who handled the case does not review it, through no account.
    appoint(town, BY, "legal_reviewer")
    town.people["again"] = second_account(town, BY)
    for account in (BY, "again"):
        turned_away(
            door,
            "separation_of_duties",
            lambda account=account: door.take(number, "pass_review", account, review()),
            law="第五十八条",
        )
    turned_away(
        door, "step-not-of-state", lambda: door.take(number, way.decide, "approver", way.decision)
    )
    short = {**review(), "checklist": review()["checklist"][:-1]}
    turned_away(
        door,
        "checklist_incomplete",
        lambda: door.take(number, "pass_review", "legal", short),
        law="118号",
    )
    door.take(number, "return_review", "legal", {"kind": "建议修正", "opinion": "核对"})
    door.take(number, way.weigh, BY, way.weighed)
    if process != "revocation":
        door.take(number, "submit_review", BY, SUBMITTED)
    door.take(number, "pass_review", "legal", review())
    if process != "revocation":
        _discussed(door, number)
    turned_away(door, way.differs, lambda: door.take(number, way.decide, "approver", way.other))
    door.take(number, way.decide, "approver", way.decision)
    _sound(door)


def test_a_panel_where_it_is_due(door: Door) -> None:
    number = _in_review(door, "small process")
    door.take(number, "pass_review", "legal", review())

    def vote(member: str, choice: str) -> None:
        door.take(number, "vote", member, {"choice": choice, "opinion": "已阅卷"})

    turned_away(
        door,
        "panel_compulsory",
        lambda: door.take(number, "forgo_panel", "approver"),
        law="第五十七条",
    )
    vote("head1", "同意")
    door.town.people["again"] = second_account(door.town, "head1")
    turned_away(door, "voted_already", lambda: vote("again", "同意"))
    vote("head2", "不同意")
    turned_away(
        door,
        "panel_not_quorate",
        lambda: door.take(number, "conclude_panel", "approver", MINUTE),
    )
    vote("head3", "同意")
    door.take(number, "conclude_panel", "approver", MINUTE)
    door.take(number, "decide", "approver", proposal())
    _sound(door)


def test_evidence_replaced_after_the_review(door: Door, process: str) -> None:
    way = DECIDING[process]
    number = _in_review(door, process)
    alone = item(collectors=[BY])
    turned_away(
        door,
        "two_officers",
        lambda: door.add_evidence(number, BY, alone, PHOTO),
        law="第四十二条",
    )
    door.add_evidence(number, BY, item(), PHOTO)
    door.take(number, "pass_review", "legal", review())
    if process != "revocation":
        _discussed(door, number)
    door.replace_evidence(number, BY, 1, newer(), ("原图.png", PHOTO[1] + b"1"))
    turned_away(
        door,
        "evidence_changed",
        lambda: door.take(number, way.decide, "approver", way.decision),
        # What came after the notice has not been told to the party either.
        also=("evidence_not_told",) if process == "revocation" else (),
    )
    _sound(door)


# -- service ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Served:
    """A decision that waits to be served: the state in which it is, its papers, the state once it
    is, and the step that only follows if nothing overturned it."""

    decided: Callable[[Door], str]
    papers: tuple[str, ...]
    served: str
    goes_on: str


SERVED = {
    "revocation": Served(
        lambda door: _check(door, "revoked"),
        ("revocation_decision",),
        "revocation_served",
        "deregister",
    ),
    "small process": Served(lambda door: decided(door.town), PAPERS, "served", "apply_to_court"),
}
# A way of service: the receipt that lacks what the law wants, the refusal, what is handed in or
# done first, and the receipt that holds.
_BARE = {"witness": "", "witness_unit": "", "witness_signed": False}
TODAY = "2026-09-01"
WAYS: dict[str, tuple[dict[str, Any], str, str, dict[str, Any]]] = {
    "direct": (receipt(TODAY, signed=False), "not_signed", "", receipt(TODAY)),
    "left, before a witness": (
        receipt(TODAY, "留置送达", **_BARE),
        "no_witness",
        "",
        receipt(TODAY, "留置送达"),
    ),
    "left, on video": (
        receipt(TODAY, "留置送达", **_BARE),
        "no_witness",
        "service_media",
        receipt(TODAY, "留置送达", **_BARE),
    ),
    "by post": (
        receipt(TODAY, "邮寄送达"),
        "no_return_slip",
        "return_slip",
        receipt(TODAY, "邮寄送达"),
    ),
    "electronic": (
        receipt(TODAY, "电子送达"),
        "no_consent",
        "address_confirmation",
        receipt(TODAY, "电子送达"),
    ),
    "entrusted": (
        receipt(TODAY, "委托送达", through=""),
        "no_intermediary",
        "",
        receipt(TODAY, "委托送达"),
    ),
    "forwarded": (
        receipt(TODAY, "转交送达", through=""),
        "no_intermediary",
        "",
        receipt(TODAY, "转交送达"),
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_service_in_each_way(door: Door, process: str, name: str) -> None:
    lacking, code, paper, whole = WAYS[name]
    number = SERVED[process].decided(door)
    turned_away(door, code, lambda: door.take(number, "serve", BY, lacking), law="《")
    if paper:
        door.attach(number, paper, BY)
    if paper == "address_confirmation":
        door.take(number, "confirm_address", BY, CONSENT)
    if paper == "address_confirmation":
        open_mail(door.town)
    door.take(number, "serve", BY, whole)
    if paper == "address_confirmation":
        arrive(door.town)
    case = door.town.case(number)
    assert case.state == SERVED[process].served
    entry = case.data["service"]["decision"]
    assert entry["served_on"] == TODAY
    with door.town.session() as session:
        declared = door.town.office.versions.by_digest(session, case.version_digest)
        shown = service_of(session, case, declared, as_officer=True)
    assert "decision" in [one.of for one in shown]
    assert tuple(one["key"] for one in entry["receipts"][0]["documents"]) == SERVED[process].papers
    _sound(door)


def _announced(door: Door, number: str, suffix: str = "") -> None:
    """Announced on September 1, and not before two ways have failed."""
    given = {**ANNOUNCEMENT, "published_on": TODAY}
    turned_away(
        door,
        "ways_not_tried",
        lambda: door.take(number, f"announce{suffix}", BY, given),
        law="第九十五条",
    )
    for way in ("直接送达", "邮寄送达"):
        door.take(number, f"record_try{suffix}", BY, tried(TODAY, way))
    door.take(number, f"announce{suffix}", BY, given)
    # Thirty days end on October 1, in the rest; the next working day is the 8th.
    door.wait_until(date(2026, 10, 8), 23)
    fire_due_clocks(door.town.office)
    assert _told(door, number, suffix)["served_on"] is None
    door.wait_until(date(2026, 10, 9), 1)
    fire_due_clocks(door.town.office)
    assert _told(door, number, suffix)["served_on"] == "2026-10-08"


def _told(door: Door, number: str, suffix: str) -> dict[str, Any]:
    of = suffix.removeprefix("_") or "decision"
    found: dict[str, Any] = door.town.case(number).data["service"][of]
    return found


def test_service_by_announcement(door: Door, process: str) -> None:
    number = SERVED[process].decided(door)
    _announced(door, number)
    assert door.town.case(number).state == SERVED[process].served
    _sound(door)


# -- putting right ---------------------------------------------------------------------------------


def _served(door: Door, process: str) -> str:
    number = SERVED[process].decided(door)
    door.take(number, "serve", BY, receipt(TODAY))
    return number


@pytest.mark.parametrize("by_announcement", [False, True])
def test_a_correction(door: Door, process: str, by_announcement: bool) -> None:
    number, paper = _served(door, process), SERVED[process].papers[0]
    slip = {**CORRECTION, "document": paper}
    substance = {"field": "查明的事实", "wrong": "未", "right": "已"}
    turned_away(
        door,
        "substance",
        lambda: door.take(number, "correct", BY, {**slip, "items": [substance]}),
        law="《",
    )
    door.take(number, "correct", BY, slip)
    if by_announcement:
        _announced(door, number, "_correction")
    else:
        turned_away(
            door,
            "no_return_slip",
            lambda: door.take(number, "serve_correction", BY, receipt(TODAY, "邮寄送达")),
        )
        door.take(
            number,
            "record_receipt_correction",
            BY,
            receipt(TODAY, documents=["erratum_notice"]),
        )
        door.take(number, "serve_correction", BY, receipt(TODAY))
    case = door.town.case(number)
    assert case.tracks["correction"] == "correction_served"
    assert case.state == SERVED[process].served
    with door.town.session() as session:
        view = case_view(door.town.office, session, door.town.people["applicant"], number)
    both = [one for one in view.documents if one.key == paper]
    assert len(both) == 2
    assert len({one.number for one in both}) == 1
    _sound(door)


@pytest.mark.parametrize("by_announcement", [False, True])
def test_the_authority_undoes_its_own_decision(
    door: Door, process: str, by_announcement: bool
) -> None:
    number = _served(door, process)

    def undo(**changes: str) -> None:
        door.take(number, "undo_decision", "approver", {**UNDOING, **changes})

    door.take(number, "propose_undoing", BY, UNDOING)
    turned_away(door, "undoing_not_reviewed", undo, law="第五十八条")
    door.take(number, "review_undoing", "legal", review())
    turned_away(door, "undoing_differs", lambda: undo(instead="另行处理"))
    undo()
    case = door.town.case(number)
    assert case.state == "decision_undone"
    if by_announcement:
        _announced(door, number, "_undoing")
    else:
        turned_away(
            door,
            "not_signed",
            lambda: door.take(number, "serve_undoing", BY, receipt(TODAY, signed=False)),
        )
        door.take(number, "serve_undoing", BY, receipt(TODAY))
    assert door.town.case(number).state == "undoing_served"
    if process == "revocation":
        assert door.town.relative(number, "licence").state == "valid"
    _sound(door)


@pytest.mark.parametrize("remedy", ["reconsideration", "litigation"])
def test_reconsideration_and_litigation(door: Door, process: str, remedy: str) -> None:
    number = _served(door, process)
    by = "approver" if process == "revocation" else BY

    def go_on() -> None:
        door.take(number, SERVED[process].goes_on, by)

    at = {"number": "〔2026〕21号", "on": TODAY}
    door.take(number, f"file_{remedy}", "legal", {**at, "body": "崇川区人民政府"})
    if process == "small process":
        turned_away(door, "remedy_pending", go_on, law="《行政强制法》第五十三条")
    over = {**OVERTURNED, "on": TODAY}
    if remedy == "litigation":
        for step in ("record_judgment", "appeal"):
            door.take(number, step, "legal", {**usual("", step), "on": TODAY})
        over |= {"instance": "二审", "number": "〔2026〕22号"}
    door.take(number, f"change_by_{remedy}", "legal", over)
    case = door.town.case(number)
    assert case.tracks[remedy] == f"{remedy}_changed"
    if process == "revocation":
        # The licence is given back by itself, and there is nothing left to go on with.
        assert case.state == "reinstated"
        assert door.town.relative(number, "licence").state == "valid"
        turned_away(door, "step-not-of-state", go_on)
    else:
        assert case.state == SERVED[process].served
        turned_away(door, "decision_overturned", go_on, law="《")
    with door.town.session() as session:
        view = case_view(door.town.office, session, door.town.people["applicant"], number)
    assert [one.key for one in view.documents if one.marks] == [SERVED[process].papers[0]]
    _sound(door)


# -- evidence and the court file -------------------------------------------------------------------


def test_records_evidence_and_the_court_file(door: Door, process: str) -> None:
    if process == "revocation":
        number = _check(door, "inspected")
    else:
        number = filed(door.town)
        door.take(number, "assign", "supervisor", INSPECTORS)
    untold = {**SCENE, "rights_told": False}
    turned_away(
        door,
        "bad-input",
        lambda: door.take(number, "record_scene", BY, untold),
    )
    door.take(number, "record_scene", OFFICERS, SCENE)
    door.take(number, "record_interview", OFFICERS, INTERVIEW)
    door.add_evidence(number, BY, item(), PHOTO)
    turned_away(door, "not-found", lambda: door.court_file(number, "applicant"))
    made = door.court_file(number, BY)
    report = verify_file(made)
    assert (report.case, report.faults) == (number, ())
    at = made.index(PHOTO[1]) + 20
    altered = made[:at] + bytes([made[at] ^ 1]) + made[at + 1 :]
    assert verify_file(altered).faults
    _sound(door)
