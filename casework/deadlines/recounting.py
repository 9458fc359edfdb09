"""Counting again (时限重算) when a decreed calendar replaces a provisional one or another decree,
or one comes for a year that had none.

What was told to a party is never made worse for it: its own limit does not come earlier, the
authority's does not go later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from casework.acts import clocks
from casework.acts.act import Context, act_beside, by_itself
from casework.common.rows_together import write_rows
from casework.kernel.engine import write
from casework.kernel.office import Office
from casework.models import Authority, Case, CaseClock
from state_machines.language.vocabulary import Clock, Process, Role, Step

_RECOUNT = Step("recount", "时限重算", {}, (Role.TIMER,))


@dataclass(frozen=True)
class Moved:
    """A due date that moved, or (`kept`) would have moved to the party's disadvantage; `before` is
    None if it could not be counted until now."""

    case: str
    clock: str
    before: date | None
    after: date
    kept: bool


def recount(office: Office, *, dry_run: bool = False) -> list[Moved]:
    """Derive again every running limit that rests on provisional days or on an edition that is no
    longer in force, and every day of payment, which before this release was not moved from a day
    of rest; gives what moved.

    One case per transaction. What did not move is not written down; in a `dry_run` nothing is.
    """
    with office.database.session() as session:
        relied_on = func.json_array_elements_text(CaseClock.derivation["editions"]).column_valued()
        in_force = office.rules.current(session).calendar.in_force
        provisional = select(CaseClock.case_id).where(
            CaseClock.status.in_((clocks.RUNNING, clocks.STOPPED)),
            or_(
                CaseClock.derivation["provisional"].as_boolean(),
                CaseClock.name.in_(clocks.ROLLING),
                exists(select(relied_on).where(relied_on.not_in(in_force))),
            ),
        )
        numbers = session.scalars(
            select(Case.number).where(Case.id.in_(provisional)).order_by(Case.id)
        ).all()
    found: list[Moved] = []
    for number in numbers:
        found += office.database.in_transaction(
            partial(_recount_case, office, number=number, dry_run=dry_run)
        )
    return found


def _recount_case(office: Office, session: Session, *, number: str, dry_run: bool) -> list[Moved]:
    """Count the limits of a case anew; gives those whose last day is another one."""
    case = session.scalars(select(Case).where(Case.number == number).with_for_update()).one()
    process = office.versions.by_digest(session, case.version_digest)
    context = office.context(session)
    act = act_beside(context, case, process, _RECOUNT, by_itself(Role.TIMER))
    region = session.get_one(Authority, case.authority_id).region
    moved, runs = [], []
    for run in act.runs:
        again = _again(context, process, run, region, case.data)
        if again.due_on and again.due_on != run.due_on:
            kept = run.due_on is not None and _is_worse(
                process.clock(run.name), run.due_on, again.due_on
            )
            moved.append(Moved(number, run.name, run.due_on, again.due_on, kept))
            runs.append(run if kept else again)
        else:
            runs.append(again)
    act.book.runs = runs
    if dry_run:
        return moved
    if any(not one.kept for one in moved):
        write(act, "recount", {"moved": [_said(one) for one in moved]})
    else:
        write_rows(session, act.book.changed())
    return moved


def _again(
    context: Context, process: Process, run: clocks.Run, region: str, data: Mapping[str, Any]
) -> clocks.Run:
    said = run.derivation or {}
    derived = (
        run.name in clocks.ROLLING
        or said.get("provisional")
        or not context.rules.calendar.in_force.issuperset(said.get("editions", ()))
    )
    if run.status not in (clocks.RUNNING, clocks.STOPPED) or not derived:
        return run
    clock, waits = process.clock(run.name), "waits" in said
    return clocks.set_due(run, clock, context.rules, region, data, may_wait=waits)


def _is_worse(clock: Clock, before: date, after: date) -> bool:
    return after < before if clock.binds == "party" else after > before


def _said(moved: Moved) -> dict[str, Any]:
    """A moved limit as the log keeps it."""
    return {
        "clock": moved.clock,
        "before": moved.before.isoformat() if moved.before else None,
        "after": moved.after.isoformat(),
        "kept": moved.kept,
    }
