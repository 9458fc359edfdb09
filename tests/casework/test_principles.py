"""Each principle of lawfulness, broken on purpose in a file that is lawful, is found in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import undefer

from casework.audit.principles import breaches
from casework.audit.proof import verify_database
from casework.common.database import engine_for
from casework.models import CreditMark, Document, Evidence
from tests.support import penalties
from tests.support.case_files import Files, broken, filled, moved, row_of, with_rows, without
from tests.support.journeys import Numbers
from tests.support.penalties import penalty_to
from tests.support.town import Town, fresh_town

_TWO_WEEKS = timedelta(days=14)


@pytest.fixture(scope="module")
def lawful(server: str, settled: Any) -> Iterator[tuple[Town, dict[str, str]]]:
    with fresh_town(server, settled) as town:
        numbers = {state: penalty_to(town, state) for state in ("served", "paid")}
        yield town, numbers


@pytest.fixture
def files(lawful: tuple[Town, dict[str, str]]) -> Iterator[tuple[Files, dict[str, str]]]:
    town, numbers = lawful
    with town.session() as session:
        yield Files(town, session), numbers
        session.rollback()


def test_what_was_lawful_breaks_none(files: tuple[Files, dict[str, str]]) -> None:
    known, numbers = files
    for number in numbers.values():
        assert breaches(known.of(number)) == []


def test_a_stage_that_the_file_does_not_show(files: tuple[Files, dict[str, str]]) -> None:
    known, numbers = files
    file = filled(known.of(numbers["served"]), "decide", stage="uncorrected")
    assert broken(file) == {("decide", "定性来自案卷")}


def test_a_decision_that_bears_another_day(files: tuple[Files, dict[str, str]]) -> None:
    known, numbers = files
    file = known.of(numbers["served"])
    at = datetime.fromisoformat(row_of(file, "decide").header["effective_at"])
    back = moved(file, "decide", effective_at=(at - _TWO_WEEKS).isoformat())
    assert broken(back) == {("decide", "日期真实")}


def test_an_act_away_from_the_desk_that_was_entered_late(
    files: tuple[Files, dict[str, str]],
) -> None:
    known, numbers = files
    file = known.of(numbers["served"])
    at = datetime.fromisoformat(row_of(file, "record_scene").header["effective_at"])
    late = moved(file, "record_scene", effective_at=(at - _TWO_WEEKS).isoformat())
    assert broken(late) == {("record_scene", "日期真实")}


def test_a_decision_in_the_time_of_the_party(files: tuple[Files, dict[str, str]]) -> None:
    known, numbers = files
    found = broken(without(known.of(numbers["served"]), "waive_defence"))
    assert found == {(step, "期限属于当事人") for step in ("reconsider", "decide")} | {
        one for one in found if one[0] in ("forgo_review", "forgo_panel")
    }


def test_a_decision_without_notice_or_its_service(files: tuple[Files, dict[str, str]]) -> None:
    known, numbers = files
    file = known.of(numbers["served"])
    unserved = broken(without(file, "serve_notice"))
    assert {("reconsider", "先告知后决定"), ("decide", "先告知后决定")} & unserved
    assert ("decide", "先告知后决定") in broken(without(file, "notify"))


def test_a_second_notice_that_was_not_served(files: tuple[Files, dict[str, str]]) -> None:
    known, numbers = files
    file = known.of(numbers["served"])
    again = row_of(file, "notify")
    log = list(file.book.log)
    log.insert(log.index(row_of(file, "serve_notice")) + 1, again)
    found = broken(replace(file, book=replace(file.book, log=log)))
    assert ("decide", "先告知后决定") in found


def test_a_large_fine_without_review(files: tuple[Files, dict[str, str]]) -> None:
    known, numbers = files
    file = known.of(numbers["served"])
    fined = filled(file, "decide", measures=[penalties.fine("60000.00")])
    assert ("decide", "先告知后决定") in broken(fined)
    small = filled(file, "decide", measures=[penalties.fine("1000.00")])
    assert broken(small) == set()


def test_a_heavy_decision_without_review(files: tuple[Files, dict[str, str]]) -> None:
    known, numbers = files
    measures = [penalties.WARNING, penalties.CLOSURE]
    file = filled(known.of(numbers["served"]), "decide", measures=measures)
    assert ("decide", "先告知后决定") in broken(file)


def test_a_decision_on_no_evidence(files: tuple[Files, dict[str, str]]) -> None:
    known, numbers = files
    found = broken(with_rows(known.of(numbers["served"]), Evidence, []))
    assert {step for step, principle in found if principle == "决定所据在卷"} >= {
        "notify",
        "decide",
    }


def test_a_record_that_outlives_its_decision(town: Town) -> None:
    number = penalty_to(town, "overdue")
    steps = (("file_reconsideration", "legal"), ("change_by_reconsideration", "legal"))
    penalties.go(town, number, *steps)
    with town.session() as session:
        assert broken(Files(town, session).of(number)) == set()
    owner = engine_for(town.url, role=None)
    with owner.begin() as connection:
        assert connection.execute(delete(CreditMark)).rowcount
    owner.dispose()
    with town.session() as session:
        assert "一并落空" in {principle for _, principle in broken(Files(town, session).of(number))}


def test_a_slip_that_replaces_the_firm(town: Town) -> None:
    number = penalty_to(town, "served")
    penalties.go(town, number, ("correct", "handler1"))
    with town.session() as session:
        known = Files(town, session)
        before = broken(known.of(number))
        letters = session.scalars(
            select(Document)
            .options(undefer(Document.context))
            .where(Document.corrects.is_not(None))
        ).all()
        for letter in letters:
            letter.context = {**letter.context, "party": {"name": "别的公司", "code": "0"}}
        with session.no_autoflush:
            found = broken(known.of(number))
        session.rollback()
    assert ("correct", "身份不是笔误") in found
    assert before <= found


@pytest.mark.slow
def test_no_case_in_any_state_breaks_one(full_town: tuple[Town, Numbers]) -> None:
    town, _ = full_town
    with town.session() as session:
        report = verify_database(session, town.office.versions)
    assert [str(one) for one in report.breaches] == []
