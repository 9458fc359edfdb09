"""The way back from a penalty (处罚的信用修复): class by regime, terms, payment, end."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from casework.audit.proof import verify_case
from casework.common.problems import GuardRefused, StepNotOfState
from casework.common.timekeeping import ZONE
from casework.credit.objection import door as objection_door
from casework.models import Case, CaseClock, CreditEvent, Document, Notice
from casework.rules.versions import VersionCache
from tests.support.journeys import (
    OBJECTION,
    OFFICERS,
    REPAIR,
    address,
    check_to,
    follow,
    objection_to,
    usual,
)
from tests.support.penalties import (
    CLOSURE,
    NOTIFIED,
    RECONSIDERED,
    SERVED,
    WARNING,
    WAYS,
    correct,
    decision,
    fine,
    go,
    open_lead,
    reconsidered,
    sentence,
)
from tests.support.people import appoint
from tests.support.refusals import refused
from tests.support.rules import set_key
from tests.support.town import Town, promise

pytestmark = pytest.mark.slow

MINOR: dict[str, Any] = {"decide": {"publicity": "minor"}}
FINED = (WARNING, fine())
CLOSED = (WARNING, fine(), CLOSURE)
# What is decided after a hearing was waived goes through the review and the panel.
_REVIEWED = (
    *NOTIFIED,
    ("waive_defence", "applicant"),
    ("waive_hearing", "applicant"),
    ("reconsider", "handler1"),
    ("submit_review", "handler1"),
    ("pass_review", "legal"),
    ("vote", "head1"),
    ("vote", "head2"),
    ("vote", "head3"),
    ("conclude_panel", "approver"),
)
_SIMPLE = (*RECONSIDERED, ("forgo_review", "handler1"), ("forgo_panel", "approver"))


def _pending(town: Town, *measures: dict[str, Any]) -> str:
    """A penalty of these measures that waits for its decision; its number."""
    number = open_lead(town)
    told = sentence(*measures)
    said = {
        "propose": {**told},
        "notify": told,
        "reconsider": reconsidered(*measures),
    }
    go(town, number, *(_REVIEWED if CLOSURE in measures else _SIMPLE), **said)
    return number


def _repair(town: Town, penalty: str) -> str:
    """The repair that a penalty opened; its number."""
    origin = town.case(penalty).id
    with town.session() as session:
        return session.query(Case.number).filter_by(origin_id=origin, relation="repair").scalar()


def _apply(town: Town, repair: str) -> None:
    town.take(repair, "apply", "applicant", usual("", "apply"))


def _file_nationally(town: Town, repair: str) -> None:
    given = usual("credit_repair", "file_nationally")
    town.take(repair, "file_nationally", "applicant", given)


def _pay(town: Town, penalty: str, amount: str) -> None:
    go(town, penalty, ("record_payment", "handler1"), record_payment={"amount": amount})


def _wait(town: Town, repair: str, **span: float) -> None:
    town.time.pass_(**span)
    town.office.catch_up(town.case(repair).id)


# By hand from the rulebook: decided on, measures, the least class, last day of the minimum term,
# last day of publicity. To 2026-03-31 令58: what is shown is shown three months at least and three
# years at most, whatever the measure. From 2026-04-01 令36: 轻微 until performed and three months
# at most, 一般 three months to a year, 严重 one to three years.
TERMS = [
    (date(2026, 3, 31), FINED, "general", date(2026, 6, 30), date(2029, 3, 31)),
    (date(2026, 3, 31), CLOSED, "general", date(2026, 6, 30), date(2029, 3, 31)),
    (date(2026, 4, 1), FINED, "minor", date(2026, 4, 2), date(2026, 7, 1)),
    (date(2026, 4, 1), CLOSED, "serious", date(2027, 4, 1), date(2029, 4, 1)),
]
CLASSES = ("minor", "general", "serious")


@pytest.mark.parametrize(("day", "measures", "least", "earliest", "until"), TERMS)
def test_terms_follow_the_class_and_the_day_of_the_decision(
    town: Town,
    day: date,
    measures: tuple[dict[str, Any], ...],
    least: str,
    earliest: date,
    until: date,
) -> None:
    town.time.instant = datetime(day.year, day.month, day.day, 9, tzinfo=ZONE)
    number = _pending(town, *measures)

    def decide(class_: str) -> None:
        town.take(number, "decide", "approver", decision(*measures, publicity=class_))

    # Of several measures the gravest counts: no class below its own.
    for lower in CLASSES[: CLASSES.index(least)]:
        refused(town, GuardRefused, lambda: decide(lower), code="publicity_class_wrong")  # noqa: B023
    decide(least)
    repair = town.case(_repair(town, number))
    with town.session() as session:
        due = {c.name: c.due_on for c in session.query(CaseClock).filter_by(case_id=repair.id)}
        assert (due["minimum"], due["publicity"]) == (earliest, until)
        case_id = town.case(number).id
        event = session.query(CreditEvent).filter_by(case_id=case_id).one()
        assert event.kind == f"penalised_{least}"
        # Only a serious record closes the promise route.
        assert event.bars_promise == (least == "serious")
        letter = session.query(Document).filter_by(case_id=case_id, key="repair_reminder").one()
        told = letter.context["repair"]
        assert (told["earliest"], told["until"]) == (earliest.isoformat(), until.isoformat())


def test_one_of_the_middle_class_is_shown_for_a_year_at_most_since_2026_04(town: Town) -> None:
    town.time.instant = datetime(2026, 4, 1, 9, tzinfo=ZONE)
    with town.session() as session:
        set_key(session, "penalty.larger_fine", value={"person": "1.00", "firm": "1000.00"})
    number = _pending(town, *FINED)
    town.take(number, "decide", "approver", decision(*FINED, publicity="general"))
    repair = town.case(_repair(town, number))
    with town.session() as session:
        due = {c.name: c.due_on for c in session.query(CaseClock).filter_by(case_id=repair.id)}
    assert (due["minimum"], due["publicity"]) == (date(2026, 7, 1), date(2027, 4, 1))


@pytest.mark.parametrize(("line", "least"), [("1000.00", "general"), ("1000.01", "minor")])
def test_a_larger_fine_is_of_the_middle_class(town: Town, line: str, least: str) -> None:
    with town.session() as session:
        set_key(session, "penalty.larger_fine", value={"person": "1.00", "firm": line})
    number = _pending(town, *FINED)

    def decide() -> None:
        town.take(number, "decide", "approver", decision(*FINED, publicity="minor"))

    if least == "general":
        refused(town, GuardRefused, decide, code="publicity_class_wrong")
    else:
        decide()


# Where a penalty stands that is not performed, as the refusal names it.
UNPERFORMED = {
    "served": "已送达",
    "instalment": "分期缴纳",
    "deferred": "延期缴纳",
    "overdue": "逾期",
    "exec_ended": "终结执行",
}


@pytest.mark.parametrize("state", UNPERFORMED)
def test_nobody_repairs_what_is_not_performed(town: Town, state: str) -> None:
    number = open_lead(town)
    go(town, number, *WAYS[state], **MINOR)
    repair = _repair(town, number)
    _wait(town, repair, days=3)
    for channel in (_apply, _file_nationally):
        problem = refused(
            town,
            GuardRefused,
            lambda: channel(town, repair),  # noqa: B023
            code="obligation_outstanding",
        )
        assert f"缴清罚没款（处罚案件{number}当前为“{UNPERFORMED[state]}”）" in problem.detail
    by_hand = {"proof": "口头说明", "performed_on": "2026-09-01"}
    refused(
        town,
        GuardRefused,
        lambda: town.take(repair, "record_performance", "credit", by_hand),
        code="performance_kept_elsewhere",
    )


def test_the_last_instalment_is_what_performs(town: Town) -> None:
    number = open_lead(town)
    go(town, number, *WAYS["instalment"], **MINOR)
    _pay(town, number, "400.00")
    repair = _repair(town, number)
    _wait(town, repair, days=3)
    refused(town, GuardRefused, lambda: _apply(town, repair), code="obligation_outstanding")
    _pay(town, number, "600.00")
    correct(town, number)
    # No paper is asked for: the authority itself has the payment in its books.
    _file_nationally(town, repair)
    _apply(town, repair)
    assert town.case(repair).state == "applied"
    with town.session() as session:
        case = session.query(Case).filter_by(number=repair).one()
        assert verify_case(session, case, VersionCache()) == []


@pytest.mark.parametrize("state", ["executed", "archived"])
def test_what_the_court_recovered_or_was_long_closed_is_performed(town: Town, state: str) -> None:
    number = open_lead(town)
    go(town, number, *WAYS[state], **MINOR)
    if state == "executed":
        correct(town, number)
    repair = _repair(town, number)
    _wait(town, repair, days=3)
    _apply(town, repair)
    assert town.case(repair).state == "applied"


def test_what_is_owed_again_is_not_repaired_by_either_channel(town: Town) -> None:
    number = open_lead(town)
    go(town, number, *WAYS["paid"], ("look_again", "handler1+handler2"), **MINOR)
    repair = _repair(town, number)
    _wait(town, repair, days=3)
    _file_nationally(town, repair)
    national = town.newest("national_repair")
    town.certified()
    to_approval = [step for step, _ in REPAIR["closed"]].index("approve")
    follow(town, repair, *REPAIR["closed"][:to_approval])
    follow(town, national, ("accept_filing", "credit"), ("send_to_authority", "credit"))
    # The voucher was of another case: the fine is owed again.
    paid = town.case(number).data["record_payment"]
    wrong = {"voucher": paid["voucher"], "on": paid["on"], "amount": "0", "reason": "不是本案缴款"}
    go(town, number, ("correct_payment", "handler1+handler2"), correct_payment=wrong)
    assert town.case(number).state == "served"

    def grant() -> None:
        town.take(repair, "approve", "approver", usual("credit_repair", "approve"))

    def end() -> None:
        note = usual("national_repair", "end_national_publicity")
        town.take(national, "end_national_publicity", "approver", note)

    for deed in (grant, end):
        problem = refused(town, GuardRefused, deed, code="obligation_outstanding", law="第36号")
        assert f"处罚案件{number}当前为“已送达”" in problem.detail
    _pay(town, number, "1000.00")
    grant()
    end()
    assert (town.case(repair).state, town.case(national).state) == ("approved", "ended")
    with town.session() as session:
        for one in (repair, national):
            case = session.query(Case).filter_by(number=one).one()
            assert verify_case(session, case, VersionCache()) == []


def _approved(town: Town) -> tuple[str, str]:
    """A penalty that was paid, and the repair of its record, which was granted."""
    number = open_lead(town)
    go(town, number, *WAYS["paid"], ("look_again", "handler1+handler2"), **MINOR)
    repair = _repair(town, number)
    _wait(town, repair, days=3)
    town.certified()
    to_approval = [step for step, _ in REPAIR["closed"]].index("approve")
    follow(town, repair, *REPAIR["closed"][: to_approval + 1])
    return number, repair


def _lower(town: Town, number: str) -> None:
    """The voucher was of another case: the fine is owed again."""
    paid = town.case(number).data["record_payment"]
    wrong = {"voucher": paid["voucher"], "on": paid["on"], "amount": "0", "reason": "不是本案缴款"}
    go(town, number, ("correct_payment", "handler1+handler2"), correct_payment=wrong)


def _told_to_review(town: Town, repair: str) -> set[str]:
    with town.session() as session:
        case = town.case(repair)
        told = session.scalars(
            select(Notice.key).where(Notice.key.startswith(f"unpaid/{case.id}/"))
        )
        return {key.rsplit("/", 1)[1] for key in told}


CARRIED_OUT = ("request_removal", "end_publicity", "synchronise")


@pytest.mark.parametrize("done", range(len(CARRIED_OUT)))
def test_a_repair_goes_no_further_once_what_was_paid_was_not(town: Town, done: int) -> None:
    number, repair = _approved(town)
    follow(town, repair, *((step, "credit") for step in CARRIED_OUT[:done]))
    _lower(town, number)
    assert _told_to_review(town, repair) == {"credit_officer", "approver"}
    step = CARRIED_OUT[done]
    refused(
        town,
        GuardRefused,
        lambda: town.take(repair, step, "credit", usual("credit_repair", step)),
        code="obligation_outstanding",
        law="第36号",
    )
    _pay(town, number, "1000.00")
    follow(town, repair, *((step, "credit") for step in CARRIED_OUT[done:]), ("close", "credit"))
    assert town.case(repair).state == "closed"


def test_nobody_is_repaired_who_put_nothing_right(town: Town) -> None:
    """By neither channel: paid, but what was ordered was not looked at; then it was, and was not
    put right, and officers verify the door plate."""
    number = open_lead(town)
    go(town, number, *WAYS["paid"], **MINOR)
    repair = _repair(town, number)
    _wait(town, repair, days=3)
    town.certified()
    for channel in (_apply, _file_nationally):
        problem = refused(
            town,
            GuardRefused,
            lambda: channel(town, repair),  # noqa: B023
            code="obligation_outstanding",
            law="第36号",
        )
        assert "尚未复查认定已改正" in problem.detail
    correct(town, number, "find_not_corrected")
    problem = refused(
        town, GuardRefused, lambda: _file_nationally(town, repair), code="obligation_outstanding"
    )
    assert "须在本机关信用修复中核查通过" in problem.detail
    to_look = [step for step, _ in REPAIR["closed"]].index("verify")
    follow(town, repair, *REPAIR["closed"][:to_look])
    plate = {"clause": "门牌", "met": True, "finding": "门牌整洁"}
    seen = {"place_contact": "李敏", "results": [plate], "summary": "符合"}
    problem = refused(
        town,
        GuardRefused,
        lambda: town.take(repair, "verify", "inspector1", seen),
        code="clause_not_seen_again",
        law="第36号",
    )
    order = town.relative(number, "correction")
    [result] = order.data["find_not_corrected"]["results"]
    assert result["clause"] in problem.detail
    again = {**seen, "results": [plate, {**result, "met": True, "finding": "已改正"}]}
    follow(town, repair, ("verify", "inspector1+inspector2"), verify=again)
    follow(town, repair, ("recommend", "credit"), ("approve", "approver"))
    assert town.case(repair).state == "approved"


def test_what_a_look_found_unmet_ends_no_publicity_and_may_be_refused(town: Town) -> None:
    """One rule: what may not be granted nationally is a ground to refuse it."""
    number = open_lead(town)
    go(town, number, *WAYS["paid"], **MINOR)
    correct(town, number)
    repair = _repair(town, number)
    _wait(town, repair, days=3)
    town.certified()
    _file_nationally(town, repair)
    national = town.newest("national_repair")
    follow(town, national, ("accept_filing", "credit"), ("send_to_authority", "credit"))
    said = usual("national_repair", "refuse_filing")

    def refuse() -> None:  # without a paper of its own
        version = town.case(national).version
        town.office.advance(
            national, "refuse_filing", said, town.people["approver"], version=version
        )

    refused(town, GuardRefused, refuse, code="repair_refusal_unfounded")
    to_look = [step for step, _ in REPAIR["closed"]].index("verify")
    follow(town, repair, *REPAIR["closed"][:to_look], ("fail_verification", OFFICERS))
    note = usual("national_repair", "end_national_publicity")
    refused(
        town,
        GuardRefused,
        lambda: town.take(national, "end_national_publicity", "approver", note),
        code="obligation_outstanding",
        law="第36号",
    )
    refuse()
    assert town.case(national).state == "refused"


def test_what_no_paper_proves_bears_the_day_of_its_entry(town: Town) -> None:
    """Three working days to accept what was filed are not kept by a typed day."""
    number = open_lead(town)
    go(town, number, *WAYS["paid"], ("look_again", "handler1+handler2"), **MINOR)
    repair = _repair(town, number)
    _wait(town, repair, days=3)
    _file_nationally(town, repair)
    national, filed_on = town.newest("national_repair"), town.time.now().date()
    _wait(town, national, days=10)
    for step in ("accept_filing", "send_to_authority"):
        refused(
            town,
            GuardRefused,
            lambda: town.take(national, step, "credit", {}, effective_at=filed_on),  # noqa: B023
            code="day_of_entry",
        )
        town.take(national, step, "credit", {})


def test_what_failed_is_looked_at_again_before_it_is_verified(town: Town) -> None:
    """Also where the party withdrew in between; and whoever verifies does not recommend."""
    repair = town.relative(check_to(town, town.granted(), "revoked"), "repair").number
    _wait(town, repair, days=100)
    town.certified()
    to_look = [step for step, _ in REPAIR["closed"]].index("verify")
    follow(town, repair, *REPAIR["closed"][:to_look])
    lock = {"clause": "消毒柜", "met": False, "finding": "没有通电"}
    seen = {"place_contact": "李敏", "results": [lock], "summary": "不符合"}
    follow(town, repair, ("fail_verification", OFFICERS), fail_verification=seen)
    follow(town, repair, ("withdraw", "applicant"))
    repair = town.newest("credit_repair")
    follow(town, repair, *REPAIR["closed"][:to_look])
    refused(
        town,
        GuardRefused,
        lambda: town.take(repair, "verify", "inspector1", usual("credit_repair", "verify")),
        code="clause_not_seen_again",
    )
    met = [*usual("credit_repair", "verify")["results"], {**lock, "met": True, "finding": "通电"}]
    appoint(town, "inspector1", "credit_officer")
    follow(town, repair, ("verify", OFFICERS), verify={**seen, "results": met})
    refused(
        town,
        GuardRefused,
        lambda: town.take(repair, "recommend", "inspector1", usual("", "recommend")),
        code="separation_of_duties",
    )
    follow(town, repair, ("recommend", "credit"))


def test_a_penalty_that_is_closed_may_be_owed_again(town: Town) -> None:
    """Its state does not show it."""
    number = open_lead(town)
    go(town, number, *WAYS["closed"], **MINOR)
    repair = _repair(town, number)
    _wait(town, repair, days=3)
    town.certified()
    to_approval = [step for step, _ in REPAIR["closed"]].index("approve")
    follow(town, repair, *REPAIR["closed"][:to_approval])
    _lower(town, number)
    assert town.case(number).state == "closed"

    def grant() -> None:
        town.take(repair, "approve", "approver", usual("credit_repair", "approve"))

    problem = refused(town, GuardRefused, grant, code="obligation_outstanding", law="第36号")
    assert f"处罚案件{number}当前为“结案”" in problem.detail
    _pay(town, number, "400.00")
    refused(town, GuardRefused, grant, code="obligation_outstanding")
    _pay(town, number, "600.00")
    grant()
    with town.session() as session:
        for one in (repair, number):
            assert verify_case(session, town.case(one), VersionCache()) == []


def test_a_repair_that_was_carried_out_is_looked_at_again(town: Town) -> None:
    number, repair = _approved(town)
    follow(town, repair, *((step, "credit") for step in CARRIED_OUT), ("close", "credit"))
    _lower(town, number)
    assert _told_to_review(town, repair) == {"credit_officer", "approver"}


def test_a_penalty_without_a_sum_is_performed_once_its_case_says_so(town: Town) -> None:
    number = _pending(town, WARNING, CLOSURE)
    given = decision(WARNING, CLOSURE, publicity="serious", outstanding="停业整改十日")
    go(town, number, ("decide", "approver"), ("serve", "handler1"), decide=given)
    repair = _repair(town, number)
    _wait(town, repair, days=366)
    told = refused(town, GuardRefused, lambda: _apply(town, repair), code="obligation_outstanding")
    assert "停业整改十日" in told.detail
    go(town, number, ("record_performance", "handler1"))
    correct(town, number)
    _apply(town, repair)


def test_what_was_quashed_is_withdrawn_and_not_repaired(town: Town) -> None:
    number = open_lead(town)
    overturned = (("file_reconsideration", "legal"), ("change_by_reconsideration", "legal"))
    go(town, number, *SERVED, **MINOR)
    repair = _repair(town, number)
    _wait(town, repair, days=3)
    go(town, number, *overturned)
    assert town.case(repair).state == "lapsed"
    for channel in (_apply, _file_nationally):
        with pytest.raises(StepNotOfState):
            channel(town, repair)


def test_what_was_corrected_on_an_objection_is_not_repaired(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = open_lead(town)
    go(town, number, *WAYS["paid"], ("look_again", "handler1+handler2"), **MINOR)
    repair = _repair(town, number)
    _wait(town, repair, days=3)
    with pytest.raises(GuardRefused) as standing:
        objection_to(town, "upheld", kind="penalised_minor")
    codes = [reason["code"] for reason in standing.value.extra["reasons"]]
    assert codes == ["record_rests_on_decision"]
    # One that was upheld before that was asked.
    with monkeypatch.context() as former:
        former.setattr(objection_door, "refusals", lambda _act: [])
        follow(town, town.newest("credit_objection"), OBJECTION["upheld"][-1])
    for channel in (_apply, _file_nationally):
        with pytest.raises(GuardRefused) as caught:
            channel(town, repair)
        codes = [reason["code"] for reason in caught.value.extra["reasons"]]
        assert "record_corrected" in codes


def test_each_penalty_has_its_own_term_and_the_promise_route_waits_for_all_that_bar(
    town: Town,
) -> None:
    with town.session() as session:
        set_key(session, "penalty.larger_fine", value={"person": "1.00", "firm": "1000.00"})
    granted = town.granted(address=address(1))
    check = check_to(town, granted, "revocation_served")
    grave = _pending(town, *CLOSED)
    go(
        town,
        grave,
        ("decide", "approver"),
        ("serve", "handler1"),
        ("record_payment", "handler1"),
        decide=decision(*CLOSED, publicity="serious"),
    )
    correct(town, grave)
    small = _pending(town, *FINED)  # called general, since its fine is a larger one here
    general = decision(*FINED, publicity="general")
    go(town, small, ("decide", "approver"), ("serve", "handler1"), decide=general)
    go(town, small, ("record_payment", "handler1"))
    correct(town, small)
    broken = town.relative(check, "repair").number
    asked = town.apply(address=address(2))
    town.attach(asked)
    before_the_promise = (
        ("submit", "applicant"),
        ("accept", "window"),
        ("inform", "window"),
        ("study", "applicant"),
    )
    follow(town, asked, *before_the_promise)

    def commit() -> None:
        town.take(asked, "commit", "applicant", promise())

    def eligible() -> set[str]:
        found = {"check": broken, "small": _repair(town, small), "grave": _repair(town, grave)}
        for number in found.values():
            town.office.catch_up(town.case(number).id)
        return {name for name, number in found.items() if town.case(number).state == "eligible"}

    # All decided on 1 September 2026: three months for the promise and the middle class, a year for
    # the serious one.
    town.time.go_to(date(2026, 12, 1))
    assert eligible() == set()
    town.time.go_to(date(2026, 12, 2))
    assert eligible() == {"check", "small"}
    town.certified()
    follow(town, broken, *REPAIR["closed"])
    told = refused(town, GuardRefused, commit, code="promise_barred")
    assert "受到行政处罚（严重）" in told.detail
    assert "未履行承诺" not in told.detail
    town.time.go_to(date(2027, 9, 1))
    assert eligible() == {"small"}
    town.time.go_to(date(2027, 9, 2))
    assert eligible() == {"small", "grave"}
    follow(town, _repair(town, grave), *REPAIR["closed"])
    # The penalty of the middle class is still there, and bars nothing.
    commit()
    assert town.case(asked).state == "committed"
