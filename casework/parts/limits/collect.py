"""Limits that are extended or stopped (延长、中止). How long one is stands in `rulebook/`."""

from __future__ import annotations

from datetime import timedelta

from casework.acts.act import Act
from casework.acts.clocks import Run, extended_before
from casework.common.timekeeping import legal_date
from casework.kernel.facts import FactTable
from state_machines.enforcement.custody.forms import SEND_FOR_TEST
from state_machines.licensing.instant_licence.forms import Pause
from state_machines.parts.limits.facts import (
    ExtendedLimit,
    PauseSpan,
    StoppedLimit,
    StopsTogether,
)


def _extended_run(act: Act) -> Run | None:
    names = {
        clock.name
        for clock in act.process.every_clock
        if clock.extension and clock.extension.step == act.step.name
    }
    return next((run for run in act.runs if run.name in names and run.live), None)


def _extended_limit(act: Act) -> ExtendedLimit:
    run = _extended_run(act)
    return ExtendedLimit(
        run is not None
        and (run.extended or extended_before(act.process.clock(run.name), act.data)),
        # By the legal date: an extension entered late, but given in time, holds.
        run is not None and run.fires_at is not None and act.at >= run.fires_at,
    )


def _stopped_limit(act: Act) -> StoppedLimit:
    run = _extended_run(act)
    return StoppedLimit(run is not None and run.due_on is None)


def _pause_span(act: Act) -> PauseSpan:
    return PauseSpan(act.day, act.filled(Pause).expected_until or act.day)


def _stops_together(act: Act) -> StopsTogether:
    key = "coercion.test" if act.step.name == SEND_FOR_TEST else "licensing.technical_review"
    limit, _ = act.rules.limit(key, act.day, act.region)
    # Each stop has a clock of its own, which is due on the day that was told.
    told = f"{act.step.name}.expected_until"
    names = {clock.name for clock in act.process.every_clock if clock.anchor == told}
    before = (run for run in act.runs if run.name in names and run.ended_at is not None)
    used = sum(_days_of(run) for run in before)
    return StopsTogether(
        until=act.filled(Pause).expected_until or act.day,
        latest=act.day + timedelta(days=limit.n - used - 1),
        used=used,
        length=limit.text,
        left=limit.n > used,
    )


def _days_of(run: Run) -> int:
    """The days on which a run was running, both ends inside; not the one that had not begun when it
    fell due."""
    ended = run.ended_at or run.started_at
    if ended == run.fires_at:
        ended -= timedelta(microseconds=1)
    return (legal_date(ended) - legal_date(run.started_at)).days + 1


FACTS: FactTable = {
    ExtendedLimit: _extended_limit,
    PauseSpan: _pause_span,
    StoppedLimit: _stopped_limit,
    StopsTogether: _stops_together,
}
