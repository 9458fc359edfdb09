"""Each principle of lawfulness, broken on purpose in a file that is lawful, is found in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import undefer

from casework.audit.case_book import Row
from casework.audit.case_file import CaseFile
from casework.audit.principles import breaches
from casework.audit.proof import verify_database
from casework.common.database import engine_for
from casework.models import CreditMark, Document, Evidence, Publication
from tests.support import penalties
from tests.support.case_files import (
    Files,
    broken,
    changed,
    filled,
    moved,
    row_of,
    with_rows,
    without,
)
from tests.support.journeys import Numbers
from tests.support.penalties import penalty_to
from tests.support.people import appoint
from tests.support.publishing import put_down
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


@pytest.mark.parametrize(
    "said", [{"missing": []}, {"on": "2026-08-24"}], ids=["one channel is enough", "a typed day"]
)
def test_a_publication_that_its_lines_do_not_prove(town: Town, said: dict[str, Any]) -> None:
    number = town.granted()
    appoint(town, "credit", "publicity_officer")
    with town.session() as session:
        [entry] = session.scalars(select(Publication.id))
    put_down(town, entry)

    def change(row: Row) -> Row:
        if row.header["kind"] != "published":
            return row
        [item] = row.payload["caused"]["published"]
        caused = {**row.payload["caused"], "published": [{**item, **said}]}
        return replace(row, payload={**row.payload, "caused": caused})

    with town.session() as session:
        file = Files(town, session).of(number)
        assert breaches(file) == []
        assert broken(changed(file, change)) == {("publish", "日期真实")}


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
    assert ("decide", "先告知后决定") in broken(without(file, "serve_notice"))
    assert ("decide", "先告知后决定") in broken(without(file, "notify"))


def test_a_second_notice_that_was_not_served(files: tuple[Files, dict[str, str]]) -> None:
    known, numbers = files
    file = known.of(numbers["served"])
    again = row_of(file, "notify")
    log = list(file.book.log)
    log.insert(log.index(row_of(file, "serve_notice")) + 1, again)
    found = broken(replace(file, book=replace(file.book, log=log)))
    assert ("decide", "先告知后决定") in found


def _told(file: CaseFile, *measures: dict[str, Any], **said: Any) -> CaseFile:
    """The file with these measures told and decided, so that nothing goes beyond the notice."""
    for step in ("notify", "reconsider", "decide"):
        file = filled(file, step, measures=list(measures), **said)
    return file


def test_a_large_fine_without_review(files: tuple[Files, dict[str, str]]) -> None:
    known, numbers = files
    file = known.of(numbers["served"])
    large = breaches(_told(file, penalties.fine("60000.00"), gravity=penalties.GRAVE))
    assert [one.text for one in large if "法制审核" in one.text] == [
        "“作出行政处罚决定”前没有通过法制审核：“较大数额罚款”属于重大行政处罚"
    ]
    assert broken(_told(file, penalties.fine("1000.00"))) == set()


def test_a_heavy_decision_without_review(files: tuple[Files, dict[str, str]]) -> None:
    known, numbers = files
    file = _told(
        known.of(numbers["served"]), penalties.WARNING, penalties.CLOSURE, gravity=penalties.GRAVE
    )
    assert any("没有通过法制审核" in one.text for one in breaches(file))


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


# What a letter of a penalty says that no slip is, by its label in the breach; a decision that names
# no licence has no such part of its own.
_NO_SLIP = {
    "当事人": ("party", "name"),
    "当事人代码": ("party", "code"),
    "法定代表人（负责人）": ("party", "representative"),
    "处罚": ("sentence", "measures"),
    "案由": ("violation", "code"),
    "罚款数额": ("sums", "fine"),
    "没收数额": ("sums", "confiscated"),
    "许可证编号": ("licence", "number"),
}


def test_a_slip_that_replaces_who_or_how_much(town: Town) -> None:
    number = penalty_to(town, "served")
    penalties.go(town, number, ("correct", "handler1"))
    with town.session() as session:
        file = Files(town, session).of(number)
        assert breaches(file) == []
        [letter] = session.scalars(
            select(Document)
            .options(undefer(Document.context))
            .where(Document.corrects.is_not(None))
        )
        context = letter.context
        for label, (part, name) in _NO_SLIP.items():
            held = context.get(part) or {}
            assert name in held or part == "licence", label
            letter.context = {**context, part: {**held, name: "另一个"}}
            with session.no_autoflush:
                found = [(one.principle, one.text.partition("：")[0]) for one in breaches(file)]
            assert found == [("身份不是笔误", f"以补正改变了{label}")]
        session.rollback()


@pytest.mark.slow
def test_no_case_in_any_state_breaks_one(full_town: tuple[Town, Numbers]) -> None:
    town, _ = full_town
    with town.session() as session:
        report = verify_database(session, town.office.versions)
    assert [str(one) for one in report.breaches] == []
