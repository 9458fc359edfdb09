"""The runs of a case's clocks, read from their rows once and written back where they changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from casework.acts.clocks import RUNNING, Run, Stopped
from casework.acts.dossier import dossier_of
from casework.models import Case, CaseClock


class ClockRepository:
    """All runs of one case's clocks; `runs` is replaced as they move."""

    def __init__(self, session: Session, case: Case) -> None:
        self._case = case
        # A case without a log row has not begun, and has no clocks.
        kept = dossier_of(session, case).clocks if case.head_seq else ()
        self.runs: Sequence[Run] = [_run(row) for row in kept]
        self._kept = {(run.name, run.number): run for run in self.runs}

    def changed(self) -> list[CaseClock]:
        """A row for every run that is new or has changed since this was last asked; the case's
        next dates follow them."""
        rows = [
            CaseClock(case_id=self._case.id, name=run.name, run=run.number, **values_of(run))
            for run in self.runs
            if self._kept.get((run.name, run.number)) != run
        ]
        self._kept |= {(run.name, run.number): run for run in self.runs}
        self._case.due_on, self._case.next_due = self.due_on, self.next_due
        return rows

    @property
    def due_on(self) -> date | None:
        """The first day on which a live run is due."""
        return min((run.due_on for run in self.runs if run.live and run.due_on), default=None)

    @property
    def next_due(self) -> datetime | None:
        """The next instant at which a clock has something to do."""
        running = (run.fires_at for run in self.runs if run.status == RUNNING and run.fires_at)
        return min(running, default=None)


def _run(row: CaseClock) -> Run:
    return Run(
        name=row.name,
        number=row.run,
        status=row.status,
        started_at=row.started_at,
        stops=tuple(
            Stopped(
                stop["kind"],
                stop["label"],
                date.fromisoformat(stop["first"]),
                date.fromisoformat(stop["last"]) if stop["last"] else None,
            )
            for stop in row.stops
        ),
        extended=row.extended,
        edition=row.edition,
        due_on=row.due_on,
        fires_at=row.fires_at,
        ended_at=row.ended_at,
        derivation=row.derivation,
    )


def values_of(run: Run) -> dict[str, Any]:
    """What the row of a run says of it, besides which run it is."""
    return {
        "status": run.status,
        "started_at": run.started_at,
        "stops": [
            {
                "kind": stop.kind,
                "label": stop.label,
                "first": stop.first.isoformat(),
                "last": stop.last.isoformat() if stop.last else None,
            }
            for stop in run.stops
        ],
        "extended": run.extended,
        "edition": run.edition,
        "due_on": run.due_on,
        "fires_at": run.fires_at,
        "ended_at": run.ended_at,
        "derivation": run.derivation,
    }
