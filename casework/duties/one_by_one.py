"""One case after the other (逐案办理): what fails stands aside, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, delete, select, true
from sqlalchemy.dialects.postgresql import insert

from casework.common.retries import reason, wait_after
from casework.common.sweep_report import SweepReport
from casework.deadlines.duty_book import Duty
from casework.kernel.office import Office
from casework.models import Authority, Case, SweepFailure


@dataclass(frozen=True)
class Scope:
    """What a run is for: one authority (its code), one process; empty for all. A `dry_run` says
    what it would do, and does nothing."""

    authority: str = ""
    process: str = ""
    dry_run: bool = False

    @property
    def of_cases(self) -> ColumnElement[bool]:
        """The condition on the cases that it is for."""
        wanted: ColumnElement[bool] = true()
        if self.authority:
            wanted &= Case.authority_id == self.authority_id
        if self.process:
            wanted &= Case.process == self.process
        return wanted

    @property
    def authority_id(self) -> ScalarSelect[int]:
        """The key of the one authority, as a part of a statement."""
        return select(Authority.id).where(Authority.code == self.authority).scalar_subquery()


EVERYTHING = Scope()


def one_by_one(
    office: Office, duty: Duty, rows: Sequence[Any], work: Callable[[Any], str | None]
) -> SweepReport:
    """Work on each row (of a `case_id`, its `number`, and the `attempts` that failed so far);
    `work` says what it did, or None if another worker holds the case."""
    report = SweepReport()
    for row in rows:
        try:
            did = work(row)
        except Exception as error:  # whatever went wrong with one case, the next is still due
            report.failed.append(f"{row.number}：{reason(error)}")
            _stand_aside(office, duty, row.case_id, error)
            continue
        if did is None:
            report.skipped += 1
            continue
        report.done.append(did)
        if row.attempts is not None:
            with office.database.session() as session:
                session.execute(
                    delete(SweepFailure).where(
                        SweepFailure.case_id == row.case_id, SweepFailure.sweep == duty.name
                    )
                )
    return report


def _stand_aside(office: Office, duty: Duty, case_id: int, error: Exception) -> None:
    now = office.time.now()
    with office.database.session() as session:
        sweep_failure = session.get(SweepFailure, (case_id, duty.name), with_for_update=True)
        attempts = sweep_failure.attempts + 1 if sweep_failure else 1
        told = {
            "error": reason(error),
            "attempts": attempts,
            "failed_at": now,
            "next_try_at": now + wait_after(attempts),
        }
        statement = insert(SweepFailure).values(case_id=case_id, sweep=duty.name, **told)
        session.execute(
            statement.on_conflict_do_update(index_elements=["case_id", "sweep"], set_=told)
        )


def is_failure(duty: Duty) -> ColumnElement[bool]:
    """The condition on what is known of a case that a duty could not take further."""
    return (SweepFailure.case_id == Case.id) & (SweepFailure.sweep == duty.name)


def may_be_tried(now: datetime) -> ColumnElement[bool]:
    """The condition that a case does not stand aside at that instant."""
    return SweepFailure.next_try_at.is_(None) | (SweepFailure.next_try_at <= now)
