"""Whose day an act bears, over HTTP: nothing of the authority's is dated back, what was done away
from the desk is entered soon, and no late entry shortens the party's time.

The town's day is Monday 2026-09-21 unless a test says otherwise. Mid-Autumn rests from Friday the
25th to Sunday the 27th, National Day from October 1 to 7.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework.acts import legal_dates
from casework.audit.proof import verify_case
from casework.common.timekeeping import ZONE, legal_date
from casework.models import CaseClock, Document, LogRow
from casework.parts.hearing import door
from casework.rules.versions import VersionCache
from state_machines.door import acts
from state_machines.enforcement.penalty.process import PENALTY
from state_machines.language.canonical import digest
from state_machines.language.vocabulary import LegalDay
from tests.support import penalties
from tests.support.desk import Desk, opened, payment
from tests.support.exemptions import HANDLERS
from tests.support.fine import publish_fine
from tests.support.front import Front, refused
from tests.support.journeys import SEIZURE, TAKING, check_to, custody_of, usual
from tests.support.penalties import HEAVY, INPUTS, NOTIFIED, OPINION, go, inputs_of, penalty_to
from tests.support.people import appoint, empower, set_post
from tests.support.scenes import SCENE
from tests.support.serving import ANNOUNCEMENT, RECEIPT, TRY
from tests.support.town import CERTIFICATE_ENDS, START, look
from tests.support.versions import before_the_door

TODAY = datetime(2026, 9, 21, 9, 0, tzinfo=ZONE)
LONG_AGO = "2026-09-01"
RECORDED = "国办发〔2018〕118号"
# The way of a penalty from the lead to its decision, as an officer in a hurry would take it.
HURRIED = (
    ("file", "handler1"),
    ("approve_filing", "approver"),
    ("record_scene", HANDLERS),
    ("investigate", HANDLERS),
    ("order_correction", "handler1"),
    ("close_investigation", HANDLERS),
    ("propose", HANDLERS),
    ("notify", "handler1"),
    ("serve_notice", "handler1"),
    ("state_defence", "applicant"),
    ("reconsider", "handler1"),
    ("forgo_review", "handler1"),
    ("forgo_panel", "approver"),
    ("decide", "approver"),
)


@pytest.fixture
def today(shared: Desk) -> Iterator[Desk]:
    """The desk, on September 21."""
    shared.town.time.instant = TODAY
    shared.front.log_in_again()
    yield shared
    shared.town.time.instant = TODAY


def _codes(answer: Any, law: str = "") -> list[str]:
    """The codes of a refusal, which names its article."""
    problem = refused(answer, 409, "guard-refused")
    assert problem["law"]
    assert law in problem["law"]
    return [reason["code"] for reason in problem["reasons"]]


def _step(desk: Desk, number: str, step: str, by: str, **more: Any) -> Any:
    """Take a step with its usual input, or `given`; by both officers if it wants two."""
    given = more.pop("given", None)
    said = inputs_of(desk.town, number, step, {step: given or {}})
    if desk.town.case(number).process != "penalty":
        said = given or usual(desk.town.case(number).process, step)
    first, _, second = by.partition("+")
    desk.front.log_in_again()
    version = desk.town.case(number).version
    answer = desk.front.step(first, number, step, said, **more)
    if second and answer.status_code == 202:
        answer = desk.front.sign(second, number, step, version=version)
    return answer


def _turn(desk: Desk, day: str, hour: int = 9) -> None:
    desk.town.time.go_to(date.fromisoformat(day), hour)
    desk.front.log_in_again()


def _due(desk: Desk, number: str, clock: str) -> date | None:
    with desk.town.session() as session:
        return session.scalars(
            select(CaseClock.due_on)
            .where(CaseClock.case_id == desk.town.case(number).id, CaseClock.name == clock)
            .order_by(CaseClock.run.desc())
            .limit(1)
        ).one()


def _headers(desk: Desk, number: str) -> list[dict[str, Any]]:
    with desk.town.session() as session:
        rows = session.scalars(
            select(LogRow.header)
            .where(LogRow.case_id == desk.town.case(number).id)
            .order_by(LogRow.seq)
        )
        return list(rows)


def _days(header: dict[str, Any]) -> tuple[date, date]:
    """The legal day of a row, and the day of its entry."""
    effective, recorded = (
        legal_date(datetime.fromisoformat(header[name])) for name in ("effective_at", "recorded_at")
    )
    return effective, recorded


# -- a penalty within a minute ---------------------------------------------------------------------


@pytest.mark.slow
def test_a_penalty_is_not_decided_within_a_minute_by_dates_long_ago(today: Desk) -> None:
    """Door 1. Each act is refused with its date; then it is taken as it should have been, and at
    the end the party has had its five days."""
    desk = today
    data = penalties.lead(found_on=LONG_AGO, act_on=LONG_AGO, filed_on=LONG_AGO)
    opening = {"process": "penalty", "data": data, "party": penalties.FIRM}
    answer = desk.front.post("handler1", "/cases", {**opening, "effective_at": LONG_AGO})
    assert _codes(answer, RECORDED) == ["entered_late"]
    number = desk.front.post("handler1", "/cases", opening).json()["number"]
    for step, by in HURRIED:
        if step == "reconsider":
            break
        if by != "applicant":
            when = "2026-09-21T08:00:00+08:00" if step == "serve_notice" else "2026-09-04"
            answer = _step(desk, number, step, by, effective_at=when)
            away = step in ("record_scene", "investigate", "propose", "serve_notice")
            if away:  # not before the case was opened, nor before the notice was made
                assert "不能早于" in refused(answer, 422, "bad-date")["detail"]
            else:
                assert _codes(answer, RECORDED) == ["day_of_entry"], step
        assert _step(desk, number, step, by).status_code == 200, step
    # Stated on the day of service; its time is its own until Monday the 28th is over.
    given = penalties.reconsidered()
    back = _step(desk, number, "reconsider", "handler1", given=given, effective_at="2026-09-10")
    assert _codes(back) == ["day_of_entry"]
    law = "《行政处罚法》第四十四条、第四十五条"
    assert _codes(_step(desk, number, "reconsider", "handler1"), law) == ["party_time_pending"]
    _turn(desk, "2026-09-29", 23)
    refusal = refused(_step(desk, number, "reconsider", "handler1"), 409, "guard-refused")
    assert "2026年9月29日届满" in refusal["detail"]
    again = {"text": "补充：已更换消毒柜"}
    assert _step(desk, number, "state_defence", "applicant", given=again).status_code == 200
    _turn(desk, "2026-09-30")
    for step, by in HURRIED[HURRIED.index(("reconsider", "handler1")) :]:
        assert _step(desk, number, step, by).status_code == 200, step
    for header in _headers(desk, number):
        if header["kind"] == "step" and header["name"] != "serve_notice":
            effective, recorded = _days(header)
            assert effective == recorded
    with desk.town.session() as session:
        case = desk.town.case(number)
        assert verify_case(session, case, VersionCache()) == []
        decided = session.scalars(
            select(Document).filter_by(case_id=case.id, key="penalty_decision")
        ).one()
        assert decided.issued_on == date(2026, 9, 30)


def test_a_page_says_why_a_step_waits(today: Desk) -> None:
    number = penalty_to(today.town, "statement_heard")
    found = today.front.get("handler1", f"/cases/{number}/steps").json()
    step = next(one for one in found if one["name"] == "reconsider")
    assert not step["allowed"]
    assert [one["code"] for one in step["reasons"]] == ["party_time_pending"]
    assert step["legal_day"] == "entry"


@pytest.mark.slow
def test_nor_is_any_other_decision_or_notice(desk: Desk) -> None:
    town = desk.town
    steps = (
        ("inspected", "order_rectification", "inspector1"),
        ("broken", "notify_revocation", "inspector1"),
        ("hearing_requested", "schedule_hearing", "inspector1"),
        ("legal_review", "pass_review", "legal"),
        ("review_passed", "revoke", "approver"),
    )
    # Every promise is signed before the first check finds one broken.
    granted = [town.granted(address=f"人民中路{n}号") for n, _ in enumerate(steps)]
    checks = [check_to(town, one, state) for one, (state, *_) in zip(granted, steps, strict=True)]
    town.time.pass_(days=1)
    for check, (_, step, by) in zip(checks, steps, strict=True):
        answer = _step(desk, check, step, by, effective_at="2026-09-01")
        assert _codes(answer, RECORDED) == ["day_of_entry"], step
        # What two sign waits for the second.
        assert _step(desk, check, step, by).status_code in (200, 202), step


# -- away from the desk ----------------------------------------------------------------------------


@pytest.mark.slow
def test_a_service_is_entered_within_three_working_days_or_with_a_supervisors_reason(
    today: Desk,
) -> None:
    """Handed over on Monday the 21st; Thursday the 24th is the third working day."""
    desk = today
    number, late = (penalty_to(desk.town, "notice_issued") for _ in range(2))
    handed_over = {**RECEIPT, "on": "2026-09-21"}
    _turn(desk, "2026-09-24", 23)
    assert _step(desk, number, "serve_notice", "handler1", given=handed_over).status_code == 200
    assert desk.town.case(number).data["service"]["notice"]["served_on"] == "2026-09-21"

    _turn(desk, "2026-09-28")
    answer = _step(desk, late, "serve_notice", "handler1", given=handed_over)
    assert _codes(answer, RECORDED) == ["entered_late"]
    assert "督办人员" in answer.json()["detail"]
    assert "三个工作日" in answer.json()["detail"]
    # The day in the form is what counts, whatever else is said.
    answer = _step(
        desk, late, "serve_notice", "handler1", given=handed_over, effective_at="2026-09-28"
    )
    assert _codes(answer) == ["entered_late"]

    path, body = (
        f"/cases/{late}/late-entries",
        {"step": "serve_notice", "on": "2026-09-21", "reason": "外出办案，网络不通"},
    )
    refused(desk.front.post("handler1", path, body), 403, "not-allowed")
    refused(desk.front.post("approver_b", path, body), 404, "not-found")
    for wrong in (
        {"step": "notify"},
        {"step": "nothing"},
        {"on": "2026-09-28"},
        {"on": "2026-10-01"},
        {"on": "1999-01-01"},
        {"reason": " "},
        {"reason": "忙" * 401},
    ):
        refused(desk.front.post("supervisor", path, {**body, **wrong}), 422, "bad-input")
    assert desk.front.post("supervisor", path, {**body, "on": "2026-09-22"}).status_code == 204
    answer = _step(desk, late, "serve_notice", "handler1", given=handed_over)
    assert _codes(answer) == ["entered_late"]  # that was another day
    assert desk.front.post("supervisor", path, body).status_code == 204
    assert _step(desk, late, "serve_notice", "handler1", given=handed_over).status_code == 200
    line = next(
        one
        for one in desk.front.get("handler1", f"/cases/{late}/log").json()
        if one["kind"] == "late_entry" and "9月21日" in one["label"]
    )
    assert line["label"] == "准予补录2026年9月21日的“登记送达”"
    assert line["note"] == "外出办案，网络不通"
    assert line["officers"] == [desk.town.people["supervisor"].name]
    with desk.town.session() as session:
        assert verify_case(session, desk.town.case(late), VersionCache()) == []


def test_nobody_permits_a_late_entry_of_his_own(desk: Desk) -> None:
    desk.town.time.instant = TODAY
    appoint(desk.town, "handler1", "supervisor")
    number = penalty_to(desk.town, "notice_issued")
    _turn(desk, "2026-09-28")
    body = {"step": "serve_notice", "on": "2026-09-21", "reason": "忘记录入"}
    assert desk.front.post("handler1", f"/cases/{number}/late-entries", body).status_code == 204
    given = {**RECEIPT, "on": "2026-09-21"}
    answer = _step(desk, number, "serve_notice", "handler1", given=given)
    assert _codes(answer) == ["entered_late"]
    empower(desk.town, "supervisor", penalties.FIRM)
    answer = desk.front.post("supervisor", f"/cases/{number}/late-entries", body)
    assert "回避" in refused(answer, 403, "not-allowed")["detail"]


@pytest.mark.slow
def test_a_late_entry_shortens_nobodys_time(today: Desk) -> None:
    """The limit runs from the 21st, but a step against the party waits until its five working days
    have run since the 24th as well: the rest of Mid-Autumn and National Day lie between."""
    desk = today
    number = penalty_to(desk.town, "notice_issued")
    _turn(desk, "2026-09-24")
    given = {**RECEIPT, "on": "2026-09-21"}
    assert _step(desk, number, "serve_notice", "handler1", given=given).status_code == 200
    assert _due(desk, number, "defence") == date(2026, 9, 29)
    _turn(desk, "2026-09-29", 23)
    assert _codes(_step(desk, number, "reconsider", "handler1")) == ["defence_pending"]
    _turn(desk, "2026-09-30")
    answer = _step(desk, number, "reconsider", "handler1")
    assert _codes(answer, "《行政处罚法》第四十四条") == ["party_time_pending"]
    assert "2026年10月9日届满" in answer.json()["detail"]
    _turn(desk, "2026-10-09", 23)
    assert _codes(_step(desk, number, "reconsider", "handler1")) == ["party_time_pending"]
    _turn(desk, "2026-10-10")
    assert _step(desk, number, "reconsider", "handler1").status_code == 200


def test_what_the_party_gives_up_is_not_waited_for(today: Desk) -> None:
    desk = today
    number = penalty_to(desk.town, "notice_issued")
    _turn(desk, "2026-09-24")
    given = {**RECEIPT, "on": "2026-09-21"}
    assert _step(desk, number, "serve_notice", "handler1", given=given).status_code == 200
    assert _step(desk, number, "waive_defence", "applicant").status_code == 200
    assert _step(desk, number, "reconsider", "handler1").status_code == 200


@pytest.mark.slow
def test_a_hearing_that_may_still_be_asked_for_is_waited_for_too(today: Desk) -> None:
    desk = today
    number = desk.open()
    go(desk.town, number, *OPINION, ("notify", "handler1"), **HEAVY)
    _turn(desk, "2026-09-24")
    given = {**RECEIPT, "on": "2026-09-21"}
    assert _step(desk, number, "serve_notice", "handler1", given=given).status_code == 200
    assert _step(desk, number, "waive_defence", "applicant").status_code == 200
    _turn(desk, "2026-09-30")
    heavy = HEAVY["reconsider"]
    answer = _step(desk, number, "reconsider", "handler1", given=heavy)
    assert _codes(answer) == ["party_time_pending"]
    assert "听证申请期限" in answer.json()["detail"]
    # Its right to ask, which is a limit, ran from the day of service.
    answer = _step(desk, number, "request_hearing", "applicant")
    assert _codes(answer) == ["hearing_too_late"]
    assert _step(desk, number, "waive_hearing", "applicant").status_code == 200
    assert _step(desk, number, "reconsider", "handler1", given=heavy).status_code == 200


@pytest.mark.slow
def test_an_announcement_runs_from_its_entry_too_however_late_it_is_swept(today: Desk) -> None:
    """Put up on the 21st and entered on the 24th: 30 days from the 24th end on Saturday October
    24, so on Monday the 26th; from the 27th five working days more end on November 3."""
    desk = today
    number = penalty_to(desk.town, "notice_issued")
    go(desk.town, number, ("record_try_notice", "handler1"))
    tried = {**TRY, "way": "邮寄送达"}
    assert _step(desk, number, "record_try_notice", "handler1", given=tried).status_code == 200
    _turn(desk, "2026-09-24")
    put_up = {**ANNOUNCEMENT, "published_on": "2026-09-21"}
    assert _step(desk, number, "announce_notice", "handler1", given=put_up).status_code == 200
    _turn(desk, "2026-10-30")
    desk.town.office.catch_up(desk.town.case(number).id)
    assert desk.town.case(number).data["service"]["notice"]["served_on"] == "2026-10-21"
    assert _due(desk, number, "defence") == date(2026, 10, 29)
    answer = _step(desk, number, "reconsider", "handler1")
    assert _codes(answer) == ["party_time_pending"]
    assert "2026年11月3日届满" in answer.json()["detail"]
    _turn(desk, "2026-11-04")
    assert _step(desk, number, "reconsider", "handler1").status_code == 200


def test_what_cannot_wait_is_entered_within_a_day(desk: Desk) -> None:
    """《行政强制法》第十九条: 24 hours, by the hour."""
    town = desk.town
    check = check_to(town, town.granted(), "inspected")
    asked = {**SEIZURE, "urgent": True}
    begun = START + timedelta(hours=5)
    town.time.instant = START + timedelta(hours=30)
    numbers = []
    for _ in range(2):
        answer = _step(
            desk, check, "request_custody", "inspector1+inspector2", given=asked,
            effective_at=begun.isoformat(),
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
        numbers.append(custody_of(town, check))
    in_time, late = numbers

    def seize(number: str, at: datetime) -> Any:
        return _step(
            desk, number, "seize_at_once", "inspector1+inspector2", given=TAKING,
            effective_at=at.isoformat(),
        )  # fmt: skip

    answer = seize(late, begun)
    assert _codes(answer, "《行政强制法》第十九条") == ["entered_late"]
    assert "24小时" in answer.json()["detail"]
    assert seize(in_time, begun + timedelta(hours=1, minutes=1)).status_code == 200


def test_two_officers_away_from_the_desk_both_sign_in_time(desk: Desk) -> None:
    """An entry that one signed is no entry yet."""
    town = desk.town
    check = check_to(town, town.granted(), "assigned")
    looked = look(met=True)
    town.time.instant = START + timedelta(days=1)
    version = town.case(check).version
    answer = desk.front.step("inspector1", check, "inspect", looked, effective_at="2026-09-01")
    assert answer.status_code == 202
    _turn(desk, "2026-09-07")
    answer = desk.front.sign("inspector2", check, "inspect", version=version)
    assert _codes(answer, RECORDED) == ["entered_late"]
    town.time.instant = START + timedelta(days=3)  # Friday: the third working day
    desk.front.log_in_again()
    answer = desk.front.sign("inspector2", check, "inspect", version=version)
    assert answer.status_code == 200, answer.text
    assert _days(_headers(desk, check)[-1]) == (date(2026, 9, 1), date(2026, 9, 4))


def test_what_two_officers_decide_bears_the_day_of_the_second(desk: Desk) -> None:
    town = desk.town
    number = penalty_to(town, "investigating")
    go(town, number, ("investigate", HANDLERS))
    version = town.case(number).version
    given = INPUTS["close_investigation"]
    assert desk.front.step("handler1", number, "close_investigation", given).status_code == 202
    _turn(desk, "2026-09-09")
    answer = desk.front.sign("handler2", number, "close_investigation", version=version)
    assert answer.status_code == 200, answer.text
    assert _days(_headers(desk, number)[-1]) == (date(2026, 9, 9), date(2026, 9, 9))


def test_what_fell_due_between_two_signatures_is_seen_first(desk: Desk) -> None:
    """A request that the head never answered stays one; but an entry on a state that the law has
    changed meanwhile is not confirmed."""
    town = desk.town
    check = check_to(town, town.granted(), "inspected")
    go_on = (("request_custody", "inspector1+inspector2"),)
    for step, by in go_on:
        assert _step(desk, check, step, by).status_code == 200
    custody = custody_of(town, check)
    town.take(custody, "approve", "approver", {"opinion": "同意"})
    town.take(custody, "preserve", "inspector1+inspector2", TAKING)
    version = town.case(custody).version
    answer = desk.front.step(
        "inspector1", custody, "record_scene", usual("evidence_custody", "record_scene")
    )
    assert answer.status_code == 202
    # Away from the desk it bears the first day, on which nothing had fallen due yet.
    town.time.instant = START + timedelta(days=3)
    desk.front.log_in_again()
    answer = desk.front.sign("inspector2", custody, "record_scene", version=version)
    assert answer.status_code == 200, answer.text


# -- what others did -------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_was_posted_bears_the_day_of_its_receipt_but_the_party_keeps_its_time(
    today: Desk,
) -> None:
    """The slip of the 21st comes back on October 12."""
    desk = today
    number = penalty_to(desk.town, "notice_issued")
    _turn(desk, "2026-10-12")
    desk.town.attach(number, "return_slip", by="handler1")
    posted = {**RECEIPT, "way": "邮寄送达", "mailing_number": "1234567890123", "on": "2026-09-21"}
    assert _step(desk, number, "serve_notice", "handler1", given=posted).status_code == 200
    assert _due(desk, number, "defence") == date(2026, 9, 29)
    answer = _step(desk, number, "reconsider", "handler1")
    assert _codes(answer) == ["party_time_pending"]
    assert "2026年10月19日届满" in answer.json()["detail"]
    _turn(desk, "2026-10-20")
    assert _step(desk, number, "reconsider", "handler1").status_code == 200


def test_a_statement_handed_in_at_the_counter_bears_its_own_day(today: Desk) -> None:
    desk = today
    number = penalty_to(desk.town, "notified")
    _turn(desk, "2026-09-30")
    answer = desk.front.get("window", f"/parties/{penalties.FIRM}/mandates")
    assert answer.status_code == 200, answer.text
    mandate = answer.json()[0]["id"]
    given = {"text": "已安排整改，请求从宽"}
    answer = desk.front.step(
        "window", number, "state_defence", given, mandate=mandate, effective_at="2026-09-23"
    )
    assert answer.status_code == 200, answer.text
    assert _days(_headers(desk, number)[-1]) == (date(2026, 9, 23), date(2026, 9, 30))


@pytest.mark.slow
def test_a_payment_bears_the_day_on_which_the_bank_had_it(today: Desk) -> None:
    desk = today
    number = penalty_to(desk.town, "served")
    _turn(desk, "2026-10-02")
    paid = payment(desk.town, "1000.00", voucher=number, on="2026-09-28")
    answer = _step(
        desk, number, "record_payment", "handler1", given=paid, effective_at="2026-09-28"
    )
    assert answer.status_code == 200, answer.text
    assert _days(_headers(desk, number)[-1])[0] == date(2026, 9, 28)


@pytest.mark.slow
def test_urging_waits_for_the_time_to_pay_since_the_service_was_entered(today: Desk) -> None:
    """Received by post on the 21st, entered on October 8: fifteen days from then are October 23."""
    desk = today
    number = penalty_to(desk.town, "decided")
    _turn(desk, "2026-10-08")
    desk.town.attach(number, "return_slip", by="handler1")
    posted = {**RECEIPT, "way": "邮寄送达", "mailing_number": "1234567890123", "on": "2026-09-21"}
    assert _step(desk, number, "serve", "handler1", given=posted).status_code == 200
    assert _due(desk, number, "payment") == date(2026, 10, 8)
    _turn(desk, "2026-10-09")
    desk.town.office.catch_up(desk.town.case(number).id)
    assert desk.state(number) == "overdue"  # the law's own day
    answer = _step(desk, number, "urge", "handler1")
    assert _codes(answer, "《行政处罚法》第六十七条第三款") == ["party_time_pending"]
    assert "2026年10月23日届满" in answer.json()["detail"]
    _turn(desk, "2026-10-24")
    assert _step(desk, number, "urge", "handler1").status_code == 200


@pytest.mark.slow
def test_the_court_is_asked_once_the_urged_time_has_run_since_its_entry(desk: Desk) -> None:
    """Urged by post: received on March 2, entered on the 13th; ten working days from then are the
    27th. The time to sue was over on March 1."""
    town = desk.town
    town.time.instant = penalties.LONG_BEFORE
    number = penalty_to(town, "overdue")
    desk.front.log_in_again()
    assert _step(desk, number, "urge", "handler1").status_code == 200
    _turn(desk, "2026-03-13")
    town.attach(number, "return_slip", by="handler1")
    posted = {**RECEIPT, "way": "邮寄送达", "mailing_number": "1234567890123", "on": "2026-03-02"}
    assert _step(desk, number, "serve_urging", "handler1", given=posted).status_code == 200
    assert _due(desk, number, "after_urging") == date(2026, 3, 16)
    _turn(desk, "2026-03-17")
    answer = _step(desk, number, "apply_to_court", "approver")
    assert _codes(answer, "《行政强制法》第五十四条") == ["party_time_pending"]
    assert "2026年3月27日届满" in answer.json()["detail"]
    _turn(desk, "2026-03-28")
    assert _step(desk, number, "apply_to_court", "approver").status_code == 200


# -- cases that began before the release -----------------------------------------------------------


def _as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let acts be dated as they could be before."""
    monkeypatch.setattr(acts, "legal_day", lambda step, given=None: LegalDay.OTHERS)
    monkeypatch.setattr(door, "refusals", lambda act: [])
    monkeypatch.setattr(legal_dates, "refusals", lambda act: [])
    monkeypatch.setattr(legal_dates, "opening_refusals", lambda *_: [])


def _dated_back(desk: Desk, number: str, *steps: tuple[str, str], **inputs: Any) -> None:
    """Take steps today, each with the last legal day that the case has, or that its `on` tells."""
    for step, by in steps:
        given = inputs.get(step)
        on = desk.town.case(number).effective_at.isoformat() if by != "applicant" else None
        more = {"effective_at": on} if on else {}
        answer = _step(desk, number, step, by, given=given, **more)
        assert answer.status_code == 200, (step, answer.text)


@pytest.mark.slow
def test_a_case_of_an_old_version_is_bound_as_well(desk: Desk) -> None:
    """A penalty opened under a version of an earlier release, which said nothing of all this."""
    town = desk.town
    town.time.instant = TODAY
    publish_fine(town, before_the_door(PENALTY))
    number = desk.open()
    town.time.pass_(minutes=1)
    publish_fine(town, PENALTY)
    assert town.case(number).version_digest != digest(PENALTY)
    assert town.case(desk.open()).version_digest == digest(PENALTY)
    day = "2026-09-10"
    for step, by in HURRIED[: HURRIED.index(("state_defence", "applicant"))]:
        if step not in ("record_scene", "investigate", "propose", "serve_notice"):
            answer = _step(desk, number, step, by, effective_at=day)
            assert _codes(answer, RECORDED) == ["day_of_entry"], step
        if step in ("notify", "serve_notice"):
            set_post(town, "handler1", certificate_expires=date(2026, 9, 20))
            answer = _step(desk, number, step, by)
            assert _codes(answer, "《行政处罚法》第四十二条") == ["certificate_invalid"]
            set_post(town, "handler1", certificate_expires=CERTIFICATE_ENDS)
        if step == "serve_notice":
            _turn(desk, "2026-09-28")
            late = _step(desk, number, step, by, given={**RECEIPT, "on": "2026-09-21"})
            assert _codes(late, RECORDED) == ["entered_late"]
        assert _step(desk, number, step, by).status_code == 200, step
    assert _step(desk, number, "state_defence", "applicant").status_code == 200
    answer = _step(desk, number, "reconsider", "handler1")
    assert _codes(answer, "《行政处罚法》第四十四条") == ["party_time_pending"]
    _turn(desk, "2026-10-13")
    assert _step(desk, number, "reconsider", "handler1").status_code == 200
    with town.session() as session:
        assert verify_case(session, town.case(number), VersionCache()) == []


@pytest.mark.slow
def test_what_was_dated_back_before_still_waits_for_the_party(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it entered on the 21st as of September 1 to 10; the decision was all but made."""
    town = desk.town
    town.time.instant = TODAY
    desk.front.log_in_again()
    with monkeypatch.context() as before:
        _as_before(before)
        data = penalties.lead(found_on=LONG_AGO, act_on=LONG_AGO, filed_on=LONG_AGO)
        opening = {"process": "penalty", "data": data, "party": penalties.FIRM}
        answer = desk.front.post("handler1", "/cases", {**opening, "effective_at": LONG_AGO})
        number = answer.json()["number"]
        _dated_back(desk, number, *OPINION, ("notify", "handler1"))
        served = {**RECEIPT, "on": LONG_AGO}
        answer = _step(desk, number, "serve_notice", "handler1", given=served)
        assert answer.status_code == 200, answer.text
        for step, by in HURRIED[HURRIED.index(("reconsider", "handler1")) : -1]:
            answer = _step(desk, number, step, by, effective_at="2026-09-10")
            assert answer.status_code == 200, (step, answer.text)
    assert town.case(number).state == "decision_pending"
    answer = _step(desk, number, "decide", "approver")
    assert _codes(answer, "《行政处罚法》第四十四条") == ["party_time_pending"]
    assert "2026年9月29日届满" in answer.json()["detail"]
    _turn(desk, "2026-09-30")
    assert _step(desk, number, "decide", "approver").status_code == 200
    with town.session() as session:
        assert verify_case(session, town.case(number), VersionCache()) == []


@pytest.mark.slow
def test_nothing_is_served_before_it_was_entered_nor_heard_before_it_was_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notice, and a notice of hearing, dated back before the release: neither works back."""
    town = desk.town
    number = desk.open()
    go(town, number, *OPINION, **HEAVY)
    heard = desk.open()
    go(town, heard, *NOTIFIED, ("request_hearing", "applicant"), **HEAVY)
    town.time.instant = TODAY
    desk.front.log_in_again()
    with monkeypatch.context() as before:
        _as_before(before)
        _dated_back(desk, number, ("notify", "handler1"), notify=HEAVY["notify"])
        on = {**INPUTS["schedule_hearing"], "on": "2026-09-22"}
        told = (("schedule_hearing", "handler1"), ("serve_hearing", "handler1"))
        _dated_back(desk, heard, *told, schedule_hearing=on)
    answer = _step(desk, number, "serve_notice", "handler1", given={**RECEIPT, "on": "2026-09-18"})
    assert _codes(answer, RECORDED) == ["before_it_was_entered"]
    assert "行政处罚事先告知" in answer.json()["detail"]
    _turn(desk, "2026-09-22")
    for step in ("hold_hearing", "abandon_hearing"):
        answer = _step(desk, heard, step, "chair")
        assert _codes(answer, "《行政处罚法》第六十三条、第六十四条") == ["party_time_pending"]
        assert "2026年9月21日登记" in answer.json()["detail"]
    again = {**INPUTS["schedule_hearing"], "on": "2026-10-14"}
    answer = _step(desk, heard, "schedule_hearing", "handler1", given=again)
    assert answer.status_code == 200, answer.text
    assert _step(desk, heard, "serve_hearing", "handler1").status_code == 200
    _turn(desk, "2026-10-14")
    assert _step(desk, heard, "hold_hearing", "chair").status_code == 200


@pytest.mark.slow
def test_what_carries_out_a_decision_is_not_before_its_entry(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = desk.town
    check = check_to(town, town.granted(), "inspected")
    assert _step(desk, check, "request_custody", "inspector1+inspector2").status_code == 200
    custody = custody_of(town, check)
    _turn(desk, "2026-09-03")
    with monkeypatch.context() as before:
        _as_before(before)
        answer = _step(desk, custody, "approve", "approver", effective_at="2026-09-01")
        assert answer.status_code == 200, answer.text
    answer = _step(
        desk, custody, "preserve", "inspector1+inspector2", given=TAKING, effective_at="2026-09-02"
    )
    assert _codes(answer, RECORDED) == ["before_it_was_entered"]
    answer = _step(desk, custody, "preserve", "inspector1+inspector2", given=TAKING)
    assert answer.status_code == 200, answer.text


def test_a_lead_is_entered_soon(front: Front) -> None:
    front.town.time.instant = TODAY
    lead = penalties.lead(found_on="2026-09-14", act_on="2026-09-14")
    lead.pop("filed_on")
    opening = {"process": "simple_penalty", "data": lead, "party": penalties.FIRM}
    # Wednesday the 16th to Monday the 21st, with a Sunday that is worked: four working days.
    answer = front.post("handler1", "/cases", {**opening, "effective_at": "2026-09-16"})
    assert _codes(answer, RECORDED) == ["entered_late"]
    answer = front.post("handler1", "/cases", {**opening, "effective_at": "2026-09-17"})
    assert answer.status_code == 201, answer.text
    number = answer.json()["number"]
    spot = penalties.spot()
    for hour, step, said in (("14", "record_scene", SCENE), ("15", "punish", spot)):
        version, at = front.town.case(number).version, f"2026-09-17T{hour}:00:00+08:00"
        answer = front.step("handler1", number, step, said, effective_at=at)
        assert answer.status_code == 202, answer.text
        if step == "record_scene":
            assert front.sign("handler2", number, step, version=version).status_code == 200
    answer = front.sign("handler2", number, "punish", version=version)
    assert answer.status_code == 200, answer.text
    assert opened(front, "simple_penalty")
