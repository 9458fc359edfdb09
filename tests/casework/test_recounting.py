"""Due dates move when a year's calendar is decreed, never to the party's disadvantage."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.audit.proof import verify_case
from casework.common.database import engine_for
from casework.common.timekeeping import ZONE
from casework.deadlines.recounting import recount
from casework.duties.calendar_edition import recount_provisional
from casework.models import Case, CaseClock, EditionRow, LogRow, Publication
from rulebook.models import CalendarYear, Edition
from tests.support.journeys import address, follow, joint_to, renewal_of
from tests.support.town import Town, look, order

pytestmark = pytest.mark.slow

# A decree for 2027 as it might come: 4 January becomes a rest day, Saturday the 9th a working day.
LATER = CalendarYear(
    key="china", label="2027年", law="国办通知", mark="S", year=2027, decreed=True,
    rest_days={date(2027, 1, 1): "元旦", date(2027, 1, 4): "调休", date(2027, 1, 5): "调休"},
    work_days={},
)  # fmt: skip
EARLIER = LATER.model_copy(
    update={
        "rest_days": {},
        "work_days": {date(2027, 1, day): "调休上班" for day in (1, 2, 3, 9, 10)},
    }
)


def _decree(town: Town, year: CalendarYear) -> None:
    first, last = date(year.year, 1, 1), date(year.year, 12, 31)
    edition = Edition.of("calendar", year, None, first, last, "test")
    owner = engine_for(town.url, role=None)
    with Session(owner) as session:
        session.add(
            EditionRow(
                kind=edition.kind, key=edition.key, scope=None, valid_from=edition.valid_from,
                valid_to=edition.valid_to, content=edition.content, law=edition.law,
                mark=edition.mark, source=edition.source, digest=edition.digest,
                loaded_at=town.time.now(),
            )
        )  # fmt: skip
        session.commit()
    owner.dispose()


def _clock(town: Town, number: str, name: str) -> CaseClock:
    with town.session() as session:
        case = town.case(number)
        return session.scalars(select(CaseClock).filter_by(case_id=case.id, name=name)).one()


def _accepted(town: Town) -> str:
    town.time.go_to(date(2026, 12, 18))
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    town.take(number, "accept", "window")
    return number


def test_a_date_beyond_the_decreed_years_is_marked_provisional(town: Town) -> None:
    number = _accepted(town)
    clock = _clock(town, number, "decision")
    assert clock.derivation["provisional"] is True
    assert clock.due_on == date(2027, 1, 18)
    assert recount(town.office) == []


def test_the_authority_s_limit_comes_earlier_but_never_goes_later(town: Town) -> None:
    number = _accepted(town)
    _decree(town, LATER)
    (kept,) = recount(town.office)
    assert (kept.before, kept.after, kept.kept) == (date(2027, 1, 18), date(2027, 1, 20), True)
    assert _clock(town, number, "decision").due_on == date(2027, 1, 18)
    _decree(town, EARLIER)
    report = recount_provisional(town.office)
    clock = _clock(town, number, "decision")
    assert clock.due_on < date(2027, 1, 18)
    assert report.done == [f"{number} decision：2027-01-18 → {clock.due_on}"]
    assert "provisional" not in clock.derivation
    case = town.case(number)
    assert case.due_on == clock.due_on
    with town.session() as session:
        row = session.scalars(select(LogRow).filter_by(case_id=case.id, seq=case.head_seq)).one()
        assert row.header["kind"] == "recount"
        assert row.payload["moved"][0]["after"] == clock.due_on.isoformat()
        assert verify_case(session, case, town.office.versions) == []
    assert recount(town.office) == []


def test_the_party_s_limit_goes_later_but_never_comes_earlier(town: Town) -> None:
    number = town.granted()
    check = town.relative(number, "check")
    town.take(check.number, "assign", "supervisor", {"inspectors": ["inspector1", "inspector2"]})
    town.time.go_to(date(2026, 12, 4))
    town.take(check.number, "inspect", "inspector1+inspector2", look(met=False))
    town.take(check.number, "order_rectification", "inspector1", order())
    before = _clock(town, check.number, "rectification").due_on
    assert before == date(2027, 1, 4)  # day 30 is Sunday the 3rd
    _decree(town, EARLIER)  # the 3rd becomes a working day
    (kept,) = recount(town.office)
    assert kept.kept
    assert _clock(town, check.number, "rectification").due_on == before
    _decree(town, LATER)
    (moved,) = recount(town.office)
    assert (moved.after, moved.kept) == (date(2027, 1, 6), False)


def test_a_decree_that_replaces_another_one_counts_too(town: Town) -> None:
    """As in 2019 (1 May) and 2020 (Spring Festival): the same year, decreed once more."""
    number = town.apply()
    town.attach(number)
    follow(town, number, ("submit", "applicant"), ("accept", "window"))
    clock = _clock(town, number, "decision")
    assert "provisional" not in clock.derivation
    assert recount(town.office) == []
    with town.session() as session:
        calendar = town.office.rules.current(session).calendar
    decreed, _ = calendar._years[2026]
    swapped = {date(2026, 9, 12): "调休上班", date(2026, 9, 13): "调休上班"}
    _decree(town, decreed.model_copy(update={"work_days": {**decreed.work_days, **swapped}}))
    (moved,) = recount(town.office)
    assert (moved.before, moved.kept, moved.after < clock.due_on) == (clock.due_on, False, True)
    assert _clock(town, number, "decision").due_on == moved.after
    assert recount(town.office) == []
    # Once more, and the authority would have longer: it has not.
    _decree(town, decreed.model_copy(update={"law": "国办通知（三）"}))
    (kept,) = recount(town.office)
    assert (kept.after, kept.kept) == (clock.due_on, True)
    assert _clock(town, number, "decision").due_on == moved.after
    _verified(town, number)


def test_what_ends_on_its_day_does_not_wait_for_a_calendar(town: Town) -> None:
    """A licence expires in a year that has no calendar yet; what then runs is counted later."""
    number = joint_to(town, "delivered_together", address(1))
    licence = town.relative(number, "safety_licence")
    assert licence.data["application"]["valid_until"] == "2031-08-31"
    town.time.go_to(date(2031, 9, 2))
    town.office.catch_up(licence.id)
    assert town.case(licence.number).state == "expired"
    waiting = _clock(town, licence.number, "deregistration")
    assert (waiting.status, waiting.due_on, waiting.fires_at) == ("running", None, None)
    assert "2031年9月2日所在年度没有可用的节假日安排" in waiting.derivation["waits"]
    assert recount(town.office) == []
    _verified(town, licence.number)

    _decree(town, LATER.model_copy(update={"year": 2031, "rest_days": {}}))
    (moved,) = recount(town.office)
    # It expired as the 1st of September began; 20 working days after, weekends alone being free.
    assert (moved.before, moved.after, moved.kept) == (None, date(2031, 9, 29), False)
    assert _clock(town, licence.number, "deregistration").due_on == date(2031, 9, 29)
    assert town.case(licence.number).next_due is not None
    assert recount(town.office) == []
    _verified(town, licence.number)


def test_a_renewal_that_is_deemed_does_not_wait_for_a_calendar(town: Town) -> None:
    """The old term ends in the last year with a calendar; what follows reaches into the next."""
    town.time.instant = datetime(2024, 12, 31, 9, 0, tzinfo=ZONE)
    number = town.granted()
    licence = town.relative(number, "licence").number
    assert town.licence_of(number)["valid_until"] == "2028-12-30"
    town.time.go_to(date(2028, 11, 14))
    town.office.catch_up(town.case(licence).id)
    renewal = renewal_of(town, number)
    follow(town, renewal, ("submit", "applicant"), ("accept", "window"))
    town.time.go_to(date(2028, 12, 31))
    town.office.catch_up(town.case(licence).id)
    assert (town.case(licence).state, town.case(renewal).state) == ("deemed_renewed", "deemed")
    with town.session() as session:
        entries = session.scalars(select(Publication).filter_by(case_id=town.case(renewal).id))
        # Seven days, as if each were a working day, so never later than the law asks for it.
        assert [entry.due_on for entry in entries] == [date(2029, 1, 7)]
    _verified(town, licence)
    _verified(town, renewal)


def _verified(town: Town, number: str) -> None:
    with town.session() as session:
        case = session.scalars(select(Case).filter_by(number=number)).one()
        assert verify_case(session, case, town.office.versions) == []
