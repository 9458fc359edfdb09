"""Acts follow one another as they were entered, whatever the clocks of the servers say."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from casework.audit.proof import verify_case
from casework.models import LogRow
from tests.support.front import Front, refused
from tests.support.journeys import apply_to
from tests.support.town import ACCEPTED, INSPECTORS, START, Town, answers, look, order

HERE = "南通市崇川区人民中路88号"
A_LITTLE = [{"milliseconds": 50}, {"seconds": 2}, {"minutes": 4}]


def told(town: Town, number: str) -> list[LogRow]:
    """The rows of a log, and that they hold."""
    case = town.case(number)
    with town.session() as session:
        assert verify_case(session, session.merge(case), town.office.versions) == []
        return session.query(LogRow).filter_by(case_id=case.id).order_by(LogRow.seq).all()


def entered(row: LogRow, what: str = "effective_at") -> datetime:
    return datetime.fromisoformat(row.header[what])


@pytest.mark.parametrize("behind", A_LITTLE)
def test_a_clock_a_little_behind_stops_nobody(
    front: Front, town: Town, behind: dict[str, int]
) -> None:
    number = apply_to(town, "received", HERE)
    last = town.case(number).effective_at
    town.time.instant -= timedelta(**behind)
    assert front.step("window", number, "accept", ACCEPTED).status_code == 200
    row = told(town, number)[-1]
    assert (entered(row), entered(row, "recorded_at")) == (last, last)


def test_nor_a_date_that_is_todays(front: Front, town: Town) -> None:
    number = apply_to(town, "received", HERE)
    town.time.instant -= timedelta(seconds=2)
    today = town.time.now().date().isoformat()
    answer = front.step("window", number, "accept", ACCEPTED, effective_at=today)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("behind", A_LITTLE)
def test_nor_an_applicant_online(front: Front, town: Town, behind: dict[str, int]) -> None:
    number = apply_to(town, "informed", HERE)
    town.time.instant -= timedelta(**behind)
    answer = front.step("applicant", number, "study", answers())
    assert answer.status_code == 200, answer.text
    assert front.upload("applicant", number).status_code == 201


def test_the_day_may_change_between_two_clocks(front: Front, town: Town) -> None:
    town.time.instant = town.time.instant.replace(hour=23, minute=59, second=59)
    number = apply_to(town, "received", HERE)
    town.time.pass_(seconds=1)
    assert front.step("window", number, "accept", ACCEPTED).status_code == 200
    town.time.instant -= timedelta(milliseconds=50)
    assert front.step("window", number, "inform").status_code == 200
    days = [entered(row).astimezone(town.time.instant.tzinfo).day for row in told(town, number)]
    assert days[-2:] == [2, 2]


def test_what_was_done_on_a_related_case_comes_before(front: Front, town: Town) -> None:
    """A step may move its relatives, so it is entered after what another server did on them."""
    number = town.granted()
    check = town.relative(number, "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    town.take(check, "inspect", "inspector1+inspector2", look(met=False))
    town.time.pass_(seconds=2)
    town.take(number, "deliver", "window", {"method": "直接送达", "recipient": "李敏"})
    town.time.instant -= timedelta(seconds=1)
    assert front.step("inspector1", check, "order_rectification", order()).status_code == 200
    assert entered(told(town, check)[-1]) == town.case(number).effective_at


def test_a_clock_that_is_wrong_is_said_so_and_nothing_is_done(front: Front, town: Town) -> None:
    number = apply_to(town, "received", HERE)
    before = town.case(number).head_hash
    town.time.instant -= timedelta(minutes=20)
    answer = front.step("window", number, "accept", ACCEPTED)
    problem = refused(answer, 503, "clock-behind")
    assert "2026-09-01 09:00:00" in problem["detail"]
    assert "2026-09-01 08:40:00" in problem["detail"]
    assert "对时" in problem["detail"]
    assert town.case(number).head_hash == before
    # Whom the case does not concern does not learn of it in this way either.
    refused(front.step("applicant2", number, "accept", {}), 404, "not-found")
    # Sweeping goes on: what fell due by this clock fell due by the other one too.
    assert town.office.catch_up(town.case(number).id)


def test_an_instant_of_ones_own_is_told_to_the_second(front: Front, town: Town) -> None:
    check = town.relative(town.granted(), "check").number
    at = (START - timedelta(seconds=5)).isoformat()
    early = front.step("inspector1", check, "inspect", look(met=True), effective_at=at)
    assert "立案时间 2026-09-01 09:00:00" in refused(early, 422, "bad-date")["detail"]
    town.time.pass_(hours=1)
    town.take(check, "assign", "supervisor", INSPECTORS)
    early = front.step(
        "inspector1", check, "inspect", look(met=True), effective_at=START.isoformat()
    )
    assert "2026-09-01 10:00:00" in refused(early, 422, "bad-date")["detail"]
