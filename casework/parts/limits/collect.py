"""Limits that are extended or stopped (延长、中止)."""

from __future__ import annotations

from casework.acts.act import Act
from casework.acts.clocks import Run, extended_before
from casework.kernel.facts import FactTable
from state_machines.licensing.instant_licence.forms import Pause
from state_machines.parts.limits.facts import ExtendedLimit, PauseSpan, StoppedLimit


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


FACTS: FactTable = {
    ExtendedLimit: _extended_limit,
    PauseSpan: _pause_span,
    StoppedLimit: _stopped_limit,
}
