"""Versions that were in force before this release, under which cases still run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy.orm import Session

from casework.common.database import engine_for
from casework.rules.versions import publish
from state_machines.checks.commitment_check.process import COMMITMENT_CHECK
from state_machines.enforcement.penalty.process import PENALTY
from state_machines.enforcement.simple_penalty.process import SIMPLE_PENALTY
from state_machines.language.vocabulary import KeepEvidence, Process, Step
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


@contextmanager
def under_former_versions(town: Town) -> Iterator[None]:
    """Cases opened within run under `FORMER`; whatever is opened later, under this release."""
    _publish(town, FORMER)
    yield
    _publish(town, {key: _NOW[key] for key in FORMER})


_NOW = {one.key: one for one in (PENALTY, SIMPLE_PENALTY, COMMITMENT_CHECK)}


def _publish(town: Town, processes: dict[str, Process]) -> None:
    town.time.pass_(seconds=1)
    owner = engine_for(town.url, role=None)
    with Session(owner) as session:
        publish(session, processes, town.time.now())
        session.commit()
    owner.dispose()
