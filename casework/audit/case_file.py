"""A case as a principle looks at it (案卷): its log, its declaration, and what else it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.backfilling import PAPER
from casework.audit.case_book import Book, Row
from casework.common.timekeeping import legal_date
from casework.models import Authority, Backfill, Case, LogRow, Party
from casework.rules.rule_cache import Rules
from casework.rules.versions import as_released
from state_machines.language.vocabulary import Binding, Process, RecordService, Role, Step

# Header and payload of a row of a log.
Told = tuple[Mapping[str, Any], Mapping[str, Any]]


@dataclass(frozen=True)
class CaseFile:
    """A case as a principle looks at it: its book, its declaration, and what else is needed."""

    book: Book
    process: Process
    session: Session
    rules: Rules

    @cached_property
    def rows(self) -> Sequence[Row]:
        """The rows that took a step, in order."""
        return [row for row in self.book.log if row.header["kind"] == "step"]

    @cached_property
    def region(self) -> str:
        """The region whose rules apply."""
        return self.session.get_one(Authority, self.book.case.authority_id).region

    @cached_property
    def party(self) -> Party:
        """Whose case it is."""
        return self.session.get_one(Party, self.book.case.party_id)

    @cached_property
    def family(self) -> Sequence[Told]:
        """Header and payload of the rows of the other cases of the family, in order of entry."""
        case = self.book.case
        head = case.family_id or case.id
        found = self.session.execute(
            select(LogRow.header, LogRow.payload)
            .join(Case, Case.id == LogRow.case_id)
            .where((Case.family_id == head) | (Case.id == head), Case.id != case.id)
            .order_by(LogRow.id)
        )
        return [(header, payload) for header, payload in found]

    def step_of(self, row: Row) -> Step:
        """The step that a row took, as this release declares it."""
        return self.step_of_name(row.header["name"])

    def step_of_name(self, name: str) -> Step:
        """The step of that name, as this release declares it."""
        return as_released(self.process, self.process.step(name))[1]

    def serving(self, of: str) -> set[str]:
        """The steps with which the service of one thing is complete, as this release has them."""
        return {
            step.name
            for step in self.process.every_step
            if (effect := service_in(self.step_of_name(step.name)))
            and effect.of == of
            and effect.completes
        }

    def before(self, row: Row) -> Sequence[Row]:
        """The rows that took a step before."""
        return [one for one in self.rows if one.seq < row.seq]

    def known_at(self, row: Row) -> list[Told]:
        """What the rows of the case before that one tell, and those of its family by then."""
        until = row.header["recorded_at"]
        own = [(one.header, one.payload) for one in self.before(row)]
        theirs = [told for told in self.family if told[0]["recorded_at"] <= until]
        return [*own, *(told for told in theirs if told[0]["kind"] == "step")]

    def run_before(self, row: Row, name: str) -> Mapping[str, Any] | None:
        """The last run of a clock as the rows before that one had it."""
        for one in reversed(self.book.log):
            if one.seq < row.seq:
                runs = [run for run in one.payload.get("clocks", ()) if run["name"] == name]
                if runs:
                    found: Mapping[str, Any] = runs[-1]
                    return found
        return None

    def lets_in(self, row: Row, *days: date) -> bool:
        """Whether the `Backfill` that a row names lets these days in: one of the authority, and of
        this case if it is of one, confirmed by another person, and not closed or over when the row
        was entered; and whether the row itself was confirmed by another person."""
        told, under = row.payload.get("backfill"), self.session.get(Backfill, _key(row))
        case, at = self.book.case, recorded(row)
        if under is None or not isinstance(told, Mapping) or told.get("id") != under.id:
            return False
        first, second = told.get("entered_by"), told.get("confirmed_by")
        return (
            under.authority_id == case.authority_id
            and (under.kind != PAPER or under.case_id == case.id)
            and all(under.first_day <= day <= under.last_day for day in days)
            and under.confirmed_by not in (None, under.opened_by)
            and under.confirmed_at is not None
            and under.confirmed_at <= at
            and (under.closed_at is None or at <= under.closed_at)
            and legal_date(at) <= under.enter_by
            and None not in (first, second)
            and first != second
        )

    def bindings(self, name: str) -> list[Binding]:
        """What binds the decisions of the case: a `notice`, a `review`, a `panel`."""
        return [bind for bind in self.process.binds if bind.name == name]

    def notice_before(self, row: Row) -> Row | None:
        """The latest notice that was given before a row."""
        return self._told(row)[0]

    def since_notice(self, row: Row) -> Sequence[Row]:
        """The rows between that notice and the row; all that came before if there is none."""
        return self._told(row)[1]

    def _told(self, row: Row) -> tuple[Row | None, Sequence[Row]]:
        """The latest notice before the row, and the rows between; without a notice, None and all
        rows before it."""
        notices = {step for binding in self.bindings("notice") for step in binding.by}
        earlier = self.before(row)
        told = [n for n, one in enumerate(earlier) if one.header["name"] in notices]
        return (earlier[told[-1]], earlier[told[-1] + 1 :]) if told else (None, earlier)


def is_backfilled(row: Row) -> bool:
    """Whether a row says that it was entered afterwards (专项补录)."""
    return "backfill" in row.header


def _key(row: Row) -> int:
    named = row.header.get("backfill")
    return named if isinstance(named, int) else 0


def recorded(row: Row) -> datetime:
    """When a row was entered."""
    return datetime.fromisoformat(row.header["recorded_at"])


def effective(row: Row) -> datetime:
    """The legal instant of a row."""
    return datetime.fromisoformat(row.header["effective_at"])


def by_itself(row: Row) -> bool:
    """Whether the law, a related case or the end of tracks took the step."""
    role = Role(row.header["role"])
    return bool(row.header["clock"]) or (role.automatic and role is not Role.PUBLIC)


def input_of(row: Row) -> Mapping[str, Any]:
    """What a step was given."""
    given: Mapping[str, Any] = row.payload.get("input", {})
    return given


def service_in(step: Step) -> RecordService | None:
    """What a step records of a service, if it does."""
    return next((effect for effect in step.effects if isinstance(effect, RecordService)), None)


def receipts_told(payload: Mapping[str, Any], of: str) -> list[Mapping[str, Any]]:
    """The receipts of a service as a row that served has them, the latest last."""
    for kept in reversed(payload.get("caused", {}).get("registered", [])):
        if kept["register"] == "service" and of in kept["entries"]:
            found: list[Mapping[str, Any]] = kept["entries"][of]["receipts"]
            return found
    return []
