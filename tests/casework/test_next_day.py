"""The next day that matters to the party: in words, on its day, for every right and duty."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from casework import reading
from casework.common.timekeeping import ZONE
from casework.deadlines.next_day import NextDay, party_days
from casework.deadlines.renewals import last_day_to_renew
from casework.duties.reminders import send_reminders
from casework.licensing.licence_renewal import chain
from casework.models import Authority, Case, CaseClock, Notice
from state_machines.licences import RENEWED_WITHIN
from tests.support.journeys import (
    Numbers,
    address,
    check_to,
    deferred,
    exemption_to,
    joint_to,
    promised_for_later,
    renewal_of,
    training_to,
)
from tests.support.penalties import penalty_to
from tests.support.rules import set_key
from tests.support.town import MATERIALS, Town


def _days(town: Town, number: str) -> tuple[NextDay, ...]:
    with town.session() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        return party_days(town.office, session, [case])[case.id]


def _next(town: Town, number: str) -> NextDay:
    return _days(town, number)[0]


def _said(town: Town, number: str) -> list[str]:
    return [day.text for day in _days(town, number)]


@pytest.fixture
def licence(town: Town) -> str:
    """A licence of 2022-10-20, good until 2026-10-19; its case."""
    town.time.instant = datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)
    return town.relative(town.granted(), "licence").number


def _on(town: Town, number: str, day: date) -> NextDay:
    town.time.go_to(day)
    town.office.catch_up(town.case(number).id)
    return _next(town, number)


def test_a_licence_says_from_its_first_day_when_to_apply_for_its_renewal(
    town: Town, licence: str
) -> None:
    found = _next(town, licence)
    assert found.text == "最迟 2026-09-19 申请延续（有效期至 2026-10-19）"
    # It presses from the first reminder on, ninety days before the end, not three before the end.
    assert (found.day, found.pressing_from) == (date(2026, 9, 19), date(2026, 7, 21))
    assert [day.passed for day in _days(town, licence)] == [False]


def test_on_its_day_it_is_in_time_and_the_day_after_it_is_late(town: Town, licence: str) -> None:
    assert not _on(town, licence, date(2026, 9, 19)).passed
    late = _on(town, licence, date(2026, 9, 20))
    assert late.passed
    assert late.text == (
        "已过申请延续的期限（2026-09-19），有效期至 2026-10-19；继续经营的，请在届满前重新申请许可"
    )


def test_where_late_ones_are_accepted_it_says_what_they_lose(town: Town, licence: str) -> None:
    with town.session() as session:
        set_key(session, "licence.late_renewal", value="accept_warn")
    late = _on(town, licence, date(2026, 9, 20))
    assert "仍可以申请，但不适用逾期未作决定视为准予延续" in late.text


def test_the_words_are_the_ones_of_the_condition_that_refuses(town: Town, licence: str) -> None:
    """One arithmetic for the page and for the door."""
    with town.session() as session:
        rules = town.office.rules.current(session)
        days = {
            key: last_day_to_renew(rules, key, date(2026, 10, 19), date(2026, 9, 1), "320613")
            for key in RENEWED_WITHIN
        }
    assert set(days.values()) == {date(2026, 9, 19)}


def test_the_draft_of_a_renewal_bears_the_day_and_loses_it_once_handed_in(
    town: Town, licence: str
) -> None:
    town.time.go_to(date(2026, 9, 1))
    town.office.catch_up(town.case(licence).id)
    [granted] = _family(town, licence, "instant_licence")
    draft = renewal_of(town, granted)
    assert _next(town, draft).text == "最迟 2026-09-19 提交延续申请（有效期至 2026-10-19）"
    town.take(draft, "submit", "applicant")
    assert _days(town, draft) == ()
    assert _next(town, licence).text == "延续申请正在办理，有效期至 2026-10-19"


def _family(town: Town, number: str, process: str) -> list[str]:
    case = town.case(number)
    family = case.family_id or case.id
    with town.session() as session:
        found = select(Case.number).where(
            (Case.family_id == family) | (Case.id == family), Case.process == process
        )
        return list(session.scalars(found))


def test_a_term_that_is_over_is_told_as_such(town: Town, licence: str) -> None:
    town.time.go_to(date(2026, 10, 20))
    # Before any sweep has seen it, and after.
    assert _next(town, licence).text == "有效期已于 2026-10-19 届满"
    town.office.catch_up(town.case(licence).id)
    assert town.case(licence).state == "expired"


def test_a_late_renewal_is_not_offered_among_the_licences(town: Town, licence: str) -> None:
    actor = town.people["applicant"]

    def way() -> str:
        town.office.catch_up(town.case(licence).id)
        with town.session() as session:
            [held] = chain.licences_of(town.office, session, actor)
        assert held.next_day
        return next(one.why_not for one in held.possible if one.process == "licence_renewal")

    town.time.go_to(date(2026, 9, 19))
    assert way() == ""
    town.time.go_to(date(2026, 9, 20))
    assert "现已逾期，请按新申请办理许可" in way()


def test_a_reminder_says_the_day_too(town: Town, licence: str) -> None:
    town.time.go_to(date(2026, 9, 1))
    town.office.catch_up(town.case(licence).id)
    send_reminders(town.office)
    with town.session() as session:
        [body] = session.scalars(
            select(Notice.body).where(Notice.kind == "reminder", Notice.to_party_id.is_not(None))
        ).all()
    assert "最迟 2026-09-19 申请延续（有效期至 2026-10-19）" in body


def test_the_public_reads_the_day_while_it_lies_ahead(town: Town, licence: str) -> None:
    code = town.case(licence).tracking_code

    def renew_by() -> date | None:
        with town.session() as session:
            return reading.verify(town.office, session, code).renew_by

    assert renew_by() == date(2026, 9, 19)
    town.time.go_to(date(2026, 9, 20))
    assert renew_by() is None


def _supplement(town: Town) -> str:
    number = town.apply()
    town.take(number, "submit", "applicant")
    items = [{"material": "plans", "what": "标明消毒间"}]
    town.take(number, "request_supplement", "window", {"items": items})
    return number


def _deferral(town: Town) -> str:
    return town.relative(deferred(town, address(1)), "deferral").number


def _check(state: str) -> Callable[[Town], str]:
    return lambda town: check_to(town, town.granted(), state)


def _penalty(state: str) -> Callable[[Town], str]:
    return lambda town: penalty_to(town, state)


def _repair(town: Town) -> str:
    check = check_to(town, town.granted(), "revoked")
    return town.relative(check, "repair").number


def _of_joint(relation: str) -> Callable[[Town], str]:
    def found(town: Town) -> str:
        number = joint_to(town, "delivered_together", address(1))
        return town.relative(number, relation).number

    return found


# What each right and duty is called, and the day it has when its case stands there on 2026-09-01.
SAYS = [
    ("supplement", _supplement, "最迟 2026-10-08 提交补正材料"),
    ("promise", lambda t: t.relative(promised_for_later(t, address(1)), "licence").number,
     "最迟 2026-12-01 具备承诺的条件并报告"),
    ("deferral", _deferral, "补交容缺材料"),
    ("rectification", _check("rectification_ordered"), "最迟 2026-10-08 完成整改"),
    ("defence", _check("revocation_notified"), "陈述申辩"),
    ("hearing", _check("revocation_notified"), "要求听证"),
    ("correction", lambda t: exemption_to(t, "ordered_to_correct"), "改正"),
    ("payment", _penalty("served"), "履行处罚决定（缴纳罚没款）"),
    ("reconsideration", _penalty("served"), "申请行政复议"),
    ("suit", _penalty("served"), "提起行政诉讼"),
    ("repair", _repair, "最短公示期至 2026-12-01 届满，次日起可以申请信用修复"),
    ("report", _of_joint("safety_licence"), "最迟 2027-01-31 提交年度评估报告"),
    ("radiation term", _of_joint("safety_licence"), "最迟 2031-08-01 申请延续"),
    ("verification", _of_joint("diagnosis_licence"), "最迟 2027-03-31 申请校验"),
    ("exam", lambda t: training_to(t, "in_exam"), "最迟 2026-09-01 10:00 交卷"),
]  # fmt: skip


@pytest.mark.parametrize(("reach", "text"), [row[1:] for row in SAYS], ids=[row[0] for row in SAYS])
def test_every_right_and_duty_says_its_last_day_in_words(
    town: Town, reach: Callable[[Town], str], text: str
) -> None:
    number = reach(town)
    said = _said(town, number)
    found = [line for line in said if text in line]
    assert found, said
    assert all(line.count("-") >= 2 for line in said), "a day stands in each"


def test_what_ran_out_and_still_is_to_be_done_comes_first(town: Town) -> None:
    number = _deferral(town)
    due = _next(town, number).day
    town.time.go_to(due + timedelta(days=1))
    town.office.catch_up(town.case(number).id)
    assert town.case(number).state == "lapsed"
    found = _next(town, number)
    assert found.passed
    assert found.text == f"容缺材料补交期限已于 {due} 届满，请尽快办理“补交材料”"
    town.attach(number, *MATERIALS["deferral"])
    town.take(number, "hand_in", "applicant")
    assert _days(town, number) == ()


def test_a_fine_that_is_overdue_is_told_before_the_rights_that_are_left(town: Town) -> None:
    number = penalty_to(town, "served")
    due = next(day.day for day in _days(town, number) if day.clock == "payment")
    town.time.go_to(due + timedelta(days=1))
    town.office.catch_up(town.case(number).id)
    assert town.case(number).state == "overdue"
    said = _said(town, number)
    assert said[0] == f"缴款期限已于 {due} 届满"
    assert any("申请行政复议" in line for line in said[1:])


def test_a_list_says_whose_day_it_is(town: Town) -> None:
    number = _supplement(town)
    with town.session() as session:
        mine = reading.cases(town.office, session, town.people["applicant"]).cases
        theirs = reading.cases(town.office, session, town.people["window"]).cases
    [line] = [one for one in mine if one.number == number]
    assert line.next_day
    assert line.next_day.text == "最迟 2026-10-08 提交补正材料"
    [line] = [one for one in theirs if one.number == number]
    assert (line.due_label, line.due_on) == ("补正期限", date(2026, 10, 8))


def test_a_refusal_says_until_when_it_may_be_contested(town: Town) -> None:
    number = town.committed()
    refusal = {"ground": "不符合法定条件、标准", "facts": "没有消毒间", "reasons": "不符合标准"}
    town.take(number, "refuse", "approver", refusal)

    def remedies() -> list[str]:
        with town.session() as session:
            actor = town.people["applicant"]
            view = reading.case_view(town.office, session, actor, number)
        return [one.remedies for one in view.documents if one.key == "refusal_decision"]

    assert remedies() == [
        "不服的，自收到之日起六十日内申请行政复议，或者六个月内提起行政诉讼"
        "（作出当日收到的，至 2026-11-02、2027-03-01）"
    ]
    town.time.go_to(date(2027, 3, 2))
    assert remedies() == [""]


def test_each_clock_of_the_party_stands_among_its_days(full_town: tuple[Town, Numbers]) -> None:
    """In every state of every process: what runs against the party is told to it, in words."""
    town, _ = full_town
    with town.session() as session:
        cases = session.scalars(select(Case).where(Case.ended_at.is_(None))).all()
        days = party_days(town.office, session, cases)
        runs = session.scalars(
            select(CaseClock).where(CaseClock.ended_at.is_(None), CaseClock.due_on.is_not(None))
        ).all()
        owners = {case.id: case for case in cases}
        told = 0
        for run in runs:
            case = owners.get(run.case_id)
            if case is None:
                continue
            process = town.office.versions.by_digest(session, case.version_digest)
            clock = process.clock(run.name)
            named = [day for day in days[case.id] if day.clock == run.name]
            assert bool(named) == clock.concerns_party, (case.process, case.state, run.name)
            for day in named:
                told += 1
                assert day.text != f"{clock.label}：{day.day}", "no words of its own"
        assert told > 40
        assert session.scalars(select(Authority)).first()
