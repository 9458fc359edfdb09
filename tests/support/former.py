"""Versions that were in force before this release, under which cases still run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from casework.common.database import engine_for
from casework.rules.versions import publish
from state_machines.checks.commitment_check.process import COMMITMENT_CHECK
from state_machines.enforcement.penalty.process import PENALTY
from state_machines.enforcement.simple_penalty.process import SIMPLE_PENALTY
from state_machines.language.vocabulary import KeepEvidence, Process, Step
from state_machines.licensing.licence_change.process import LICENCE_CHANGE
from state_machines.licensing.licence_renewal.process import LICENCE_RENEWAL
from state_machines.parts.promise.part import CHECKING, GRANTING
from state_machines.processes import PROCESSES
from tests.support.town import Town


def _without(step: Step) -> Step:
    """The step without its guards, but for those of a few that a way cannot do without."""
    return replace(step, guards=())


def _former(process: Process, *bare: str) -> Process:
    """A version whose steps `bare` ask nothing, and that keeps no record by itself."""
    return replace(
        process,
        steps=tuple(
            replace(
                _without(step) if step.name in bare else step,
                effects=tuple(
                    one
                    for one in step.effects
                    if step.name not in bare or not isinstance(one, KeepEvidence)
                ),
            )
            for step in process.steps
        ),
    )


# Nothing that stands before these steps is of their version.
FORMER = {
    one.key: one
    for one in (
        _former(PENALTY, "notify", "submit_review", "decide"),
        _former(SIMPLE_PENALTY, "punish"),
        _former(COMMITMENT_CHECK, "inspect", "recheck", "notify_revocation", "submit_review"),
    )
}


# Of a licence that goes on no promise was asked, and no look either.
_ASKED_NOW = ("inform", "study", "commit", "decline", "withdraw_commitment", "plan_check")
UNPROMISED = {
    process.key: replace(
        process,
        steps=tuple(
            replace(
                step,
                guards=tuple(one for one in step.guards if one not in GRANTING),
                effects=tuple(one for one in step.effects if one != CHECKING),
                in_every_version=False,
            )
            for step in process.steps
            if step.name not in _ASKED_NOW
        ),
    )
    for process in (LICENCE_RENEWAL, LICENCE_CHANGE)
}


@contextmanager
def under_former_versions(town: Town, former: Mapping[str, Process] = FORMER) -> Iterator[None]:
    """Cases opened within run under `former`; whatever is opened later, under this release."""
    _publish(town, former)
    yield
    _publish(town, {key: PROCESSES[key] for key in former})


@contextmanager
def opened_then(town: Town, former: Mapping[str, Process] | None, at: datetime) -> Iterator[None]:
    """It is that day from here on, and what is opened within runs under `former`, if there is any:
    of versions the one published last counts, so they are published first."""
    with under_former_versions(town, former) if former else nullcontext():
        published = town.time.instant
        town.time.instant = at
        yield
        town.time.instant = published
    town.time.instant = at


def _publish(town: Town, processes: Mapping[str, Process]) -> None:
    town.time.pass_(seconds=1)
    owner = engine_for(town.url, role=None)
    with Session(owner) as session:
        publish(session, processes, town.time.now())
        session.commit()
    owner.dispose()
