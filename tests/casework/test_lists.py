"""What lists are narrowed by, against a plain look at every case; and the words of what waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework import reading
from casework.common.problems import BadInput
from casework.common.timekeeping import legal_date
from casework.models import Case, CaseHandler, Party
from casework.reading.lists import listing
from casework.reading.lists.case_table import case_table
from casework.reading.lists.wanted import NOBODY, Days, Wanted, spans
from tests.support.penalties import go, open_lead
from tests.support.town import INSPECTORS, Town, look

TODAY = date(2026, 10, 13)
_OTHERS = {"inspectors": ["inspector2", "inspector3"], "reason": "原承办人休假"}


@pytest.fixture(scope="module")
def busy(module_town: Town) -> Town:
    """A town with cases that are late, due and done, some of them handled by officers."""
    town = module_town
    for house in (1, 2, 3):
        granted = town.granted(address=f"发证路{house}号")
        if house > 1:
            check = town.relative(granted, "check").number
            town.take(check, "assign", "supervisor", INSPECTORS)
        if house > 2:
            town.take(granted, "deliver", "window", {"recipient": "李敏"})
    town.dispatched()
    for house in (1, 2):
        town.take(town.apply(address=f"早办路{house}号", by="applicant2"), "submit", "applicant2")
    town.time.go_to(TODAY)
    penalty = open_lead(town)
    go(town, penalty, ("file", "handler1"), ("approve_filing", "approver"))
    town.take(town.apply(address="今日路1号"), "submit", "applicant")
    with town.session() as session:  # a clock that ends today, and one this week
        cases = session.scalars(select(Case).where(Case.state == "received").order_by(Case.id))
        for case, due in zip(cases, (TODAY, TODAY + timedelta(days=2)), strict=False):
            case.due_on = due
    return town


def _numbers(town: Town, who: str, limit: int = 2, **wanted: Any) -> list[str]:
    found, cursor = list[str](), None
    while True:
        with town.session() as session:
            actor = town.people[who]
            page = reading.cases(
                town.office, session, actor, Wanted(**wanted), cursor=cursor, limit=limit
            )
        found += [line.number for line in page.cases]
        cursor = page.next_cursor
        if cursor is None:
            return found


def _plainly(town: Town, meets: Callable[[Case], bool]) -> set[str]:
    """The cases of the house that meet a condition, by looking at each."""
    with town.session() as session:
        return {
            case.number
            for case in session.scalars(select(Case))
            if not case.private and meets(case)
        }


def _handlers(town: Town) -> dict[int, set[str]]:
    with town.session() as session:
        found: dict[int, set[str]] = {}
        for row in session.scalars(select(CaseHandler)):
            found.setdefault(row.case_id, set()).add(row.username)
        return found


def _asked(town: Town) -> Iterator[tuple[dict[str, Any], Callable[[Case], bool]]]:
    with town.session() as session:
        days = spans(TODAY, town.office.rules.current(session).calendar)
    handlers = _handlers(town)

    def due(case: Case) -> date:
        return case.due_on or date(9999, 12, 31)

    for name, span in days.items():
        yield {"due": name}, lambda c, s=span: c.ended_at is None and due(c) in s
    filed = Days(date(2026, 9, 1), date(2026, 9, 30))
    yield {"opened": filed}, lambda c: legal_date(c.opened_at) in filed
    yield {"opened": Days(TODAY)}, lambda c: legal_date(c.opened_at) >= TODAY
    yield {"ended": filed}, lambda c: bool(c.ended_at and legal_date(c.ended_at) in filed)
    yield {"officer": "inspector1"}, lambda c: "inspector1" in handlers.get(c.id, ())
    yield {"officer": NOBODY}, lambda c: c.id not in handlers
    yield (
        {"officer": NOBODY, "queue": "open", "process": "licence"},
        lambda c: c.id not in handlers and c.ended_at is None and c.process == "licence",
    )
    of_places = ("instant_licence", "licence", "commitment_check")
    yield {"matter": "public_place_hygiene"}, lambda c: c.process in of_places
    yield {"matter": "radiation_safety"}, lambda c: c.process == "one_matter"
    yield {"sort": "opened"}, lambda _: True
    yield {"sort": "party", "queue": "open"}, lambda c: c.ended_at is None
    yield {"part": "own"}, lambda _: True
    yield {"part": "joint"}, lambda _: False
    yield (
        {"q": "发证路", "due": "late"},
        lambda c: c.ended_at is None and due(c) < TODAY and "发证路" in str(c.data),
    )


def test_every_filter_gives_what_looking_at_each_case_gives(busy: Town) -> None:
    empty = []
    for wanted, meets in _asked(busy):
        plain = _plainly(busy, meets)
        found = _numbers(busy, "supervisor", **wanted)
        assert len(found) == len(set(found)), wanted
        assert set(found) == plain, wanted
        with busy.session() as session:
            actor = busy.people["supervisor"]
            page = reading.worklist(busy.office, session, actor, Wanted(**wanted), limit=1)
        assert page.found == len(plain), wanted
        empty += [] if plain else [wanted]
    assert len(empty) < 5, empty


def test_weeks_end_on_sunday_and_lateness_is_counted_in_working_days(busy: Town) -> None:
    with busy.session() as session:
        calendar = busy.office.rules.current(session).calendar
    found = spans(date(2026, 9, 15), calendar)  # a Tuesday
    assert {name: (days.first, days.last) for name, days in found.items() if name != "none"} == {
        "late": (None, date(2026, 9, 14)),
        "today": (date(2026, 9, 15), date(2026, 9, 15)),
        "week": (date(2026, 9, 16), date(2026, 9, 20)),
        "later": (date(2026, 9, 21), date(9999, 12, 30)),
        "late_3": (date(2026, 9, 10), date(2026, 9, 14)),
        "late_10": (date(2026, 9, 1), date(2026, 9, 9)),
        "late_more": (None, date(2026, 8, 31)),
    }


def test_mine_are_those_that_name_me_whoever_else_may_take_the_step(busy: Town) -> None:
    handlers = _handlers(busy)
    named = _plainly(busy, lambda c: "inspector2" in handlers.get(c.id, ()))
    assert named
    assert set(_numbers(busy, "inspector2", mine=True)) == named
    assert set(_numbers(busy, "inspector2", mine=True, queue="mine_to_do")) == named
    assert _numbers(busy, "handler2", mine=True, officer="handler1") == []


def test_lists_are_put_in_the_order_that_is_asked_for(busy: Town) -> None:
    with busy.session() as session:
        rows = session.execute(
            select(Case.number, Case.opened_at, Party.name).join(Party, Party.id == Case.party_id)
        ).all()
    opened = {number: at for number, at, _ in rows}
    names = {number: name for number, _, name in rows}
    for queue in (None, "open"):
        found = _numbers(busy, "supervisor", queue=queue, sort="opened")
        assert found == sorted(found, key=lambda one: (opened[one], int(one[-6:])), reverse=True)
    found = _numbers(busy, "supervisor", sort="party")
    assert [names[one] for one in found] == sorted(
        (names[one] for one in found), key=lambda name: name.encode("gb18030")
    )


def test_counts_stop_where_it_is_only_said_that_there_are_more(
    busy: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counts() -> listing.Counts:
        with busy.session() as session:
            actor, wanted = busy.people["supervisor"], Wanted(queue="open")
            return reading.worklist(busy.office, session, actor, wanted).counts

    whole = counts()
    assert (whole.today, whole.week) == (1, 1)
    assert whole.late > 1
    monkeypatch.setattr(listing, "MOST_COUNTED", 1)
    few = counts()
    assert (few.late, few.today, few.week, few.total, few.most) == (2, 1, 1, 2, 1)


def test_a_line_names_the_act_of_its_reader_and_who_handles_the_case(town: Town) -> None:
    granted = town.granted()
    check = town.relative(granted, "check").number

    def line(who: str, number: str) -> reading.CaseLine:
        with town.session() as session:
            found = reading.numbered(town.office, session, town.people[who], [number])
        return found[0]

    deliver = line("window", granted).act
    assert deliver
    assert (deliver.step, deliver.label, deliver.others) == ("deliver", "送达证书", 0)
    assert line("legal", granted).act is None
    assert line("legal", granted).awaits == "送达证书"
    assert line("applicant", granted).awaits == ""
    assign = line("supervisor", check).act
    assert assign
    assert assign.label == "指派执法人员"
    town.take(check, "assign", "supervisor", INSPECTORS)
    found = line("supervisor", check)
    assert (found.act, found.awaits) == (None, "核查承诺履行情况")
    assert found.handlers == ("甲inspector1", "甲inspector2")
    assert found.may_hand_over
    assert not line("inspector1", check).may_hand_over
    assert line("applicant", check).handlers == ()
    town.take(check, "inspect", "inspector1", look(met=False))
    assert line("inspector1", check).act is None
    second = line("inspector2", check).act
    assert second
    assert (second.label, second.signs) == ("核查承诺履行情况", True)


def test_the_handlers_follow_the_last_form_that_names_them(town: Town) -> None:
    check = town.relative(town.granted(), "check").number

    def kept() -> set[tuple[str, date | None]]:
        with town.session() as session:
            rows = session.scalars(select(CaseHandler).join(Case, Case.id == CaseHandler.case_id))
            return {(row.username, row.due_on) for row in rows}

    assert kept() == set()
    town.take(check, "assign", "supervisor", INSPECTORS)
    due = town.case(check).due_on
    assert kept() == {("inspector1", due), ("inspector2", due)}
    town.take(check, "hand_over", "supervisor", {**INSPECTORS, "reason": "换人"})
    with town.session() as session:
        case = session.scalars(select(Case).where(Case.number == check)).one()
        case.data = {**case.data, "hand_over": _OTHERS}
        case.due_on = None
    assert kept() == {(name, date(9999, 12, 31)) for name in ("inspector2", "inspector3")}
    with town.session() as session:
        case = session.scalars(select(Case).where(Case.number == check)).one()
        case.ended_at = town.time.now()
    assert kept() == {("inspector2", None), ("inspector3", None)}


def test_a_table_says_what_the_page_says_and_that_it_was_cut(
    busy: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def table(who: str) -> str:
        with busy.session() as session:
            actor, wanted = busy.people[who], Wanted(queue="open")
            return case_table(busy.office, session, actor, wanted, "csv").content.decode()

    whole = table("supervisor")
    assert whole.startswith("\ufeff案件编号,")
    for number in _numbers(busy, "supervisor", queue="open"):
        assert number in whole
    late = set(_numbers(busy, "supervisor", due="late"))
    told = [line.split(",") for line in whole.splitlines()[1:]]
    assert {row[0] for row in told if "已逾期" in row} == late
    assert len(late) < len(told)
    assert "甲inspector" not in table("applicant")
    monkeypatch.setattr(listing, "MOST_EXPORTED", 2)
    cut = table("supervisor").splitlines()
    assert len(cut) == 4
    assert "请缩小范围" in cut[-1]


def test_what_is_no_choice_is_refused(busy: Town) -> None:
    backwards = Days(date(2026, 10, 2), date(2026, 10, 1))
    for wrong in ({"due": "soon"}, {"sort": "x"}, {"part": "all"}, {"opened": backwards}):
        with busy.session() as session, pytest.raises(BadInput, match=r"可选|晚于"):
            reading.cases(busy.office, session, busy.people["supervisor"], Wanted(**wrong))


def test_the_weeks_of_the_overview_count_what_their_lists_show(busy: Town) -> None:
    with busy.session() as session:
        late = session.scalars(select(Case.id).where(Case.due_on < TODAY, ~Case.private)).all()
    for case_id in late:
        busy.office.catch_up(case_id)
    with busy.session() as session:
        actor = busy.people["supervisor"]
        weeks = reading.supervisor_overview(busy.office, session, actor).weeks
    assert (len(weeks), weeks[-1].first, weeks[-1].last) == (
        12,
        date(2026, 10, 12),
        date(2026, 10, 18),
    )
    for kind in ("opened", "ended", "breached"):
        assert sum(getattr(week, kind) for week in weeks) > 0, kind
        for week in weeks:
            shown = _numbers(busy, "supervisor", part="own", **{kind: Days(week.first, week.last)})
            assert len(shown) == getattr(week, kind), (kind, week)
