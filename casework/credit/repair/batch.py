"""Repairing many at once (集中修复): one step of many repairs, each a case of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.access.readers import reader_of, visible
from casework.acts.actors import Actor
from casework.common.codes import normalise
from casework.common.database import by_index
from casework.common.problems import BadInput, KeyReused, Problem
from casework.common.typed_inputs import Inputs
from casework.kernel.office import Office
from casework.models import Case, Party
from state_machines.credit.repair.forms import (
    APPROVE,
    CLOSE,
    END_PUBLICITY,
    RECOMMEND,
    REQUEST_REMOVAL,
    SYNCHRONISE,
    VERIFY,
    RepairCase,
)
from state_machines.credit.repair.process import CREDIT_REPAIR
from state_machines.language.vocabulary import Role

MOST = 200
# What may be done for many at once, in the order of the procedure: nothing that rests on looking at
# one.
TOGETHER: tuple[str, ...] = (
    RECOMMEND,
    APPROVE,
    REQUEST_REMOVAL,
    END_PUBLICITY,
    SYNCHRONISE,
    CLOSE,
)


@dataclass(frozen=True)
class Waiting:
    """A repair that waits for a step which may be taken for many."""

    number: str
    party: str
    record: str
    state: str
    state_label: str
    step: str


@dataclass(frozen=True)
class Progress:
    """How many repairs of the authority stand in each state, in the order of the procedure."""

    state: str
    label: str
    count: int


@dataclass(frozen=True)
class Done:
    """What became of one repair: its state now, or why nothing was done."""

    number: str
    party: str
    state: str
    reason: str
    law: str


def waiting(office: Office, session: Session, actor: Actor) -> tuple[Waiting, ...]:
    """The repairs that wait for this officer, of those the actor may see, the oldest first."""
    reader = reader_of(office, session, actor)
    roles = reader.roles & {Role.CREDIT_OFFICER, Role.APPROVER}
    rows = session.execute(
        select(Case, Party.name)
        .join(Party, Party.id == Case.party_id)
        .where(
            visible(reader),
            Case.process == CREDIT_REPAIR.key,
            Case.ended_at.is_(None),
            Case.authority_id.in_(reader.authorities),
        )
        .order_by(Case.id)
    )
    found = []
    for case, party in rows:
        process = office.versions.by_digest(session, case.version_digest)
        recommended = list(case.data).index(RECOMMEND) if RECOMMEND in case.data else -1
        verified = list(case.data).index(VERIFY) if VERIFY in case.data else -1
        for step in process.steps:
            if case.state not in step.moves or step.name not in TOGETHER:
                continue
            if case.state == "verified" and (step.name == APPROVE) != (recommended > verified):
                continue  # the opinion comes first, and once
            if set(step.by) & roles:
                label = process.state(case.state).label
                record = Inputs(case.data).application(RepairCase).record
                found.append(Waiting(case.number, party, record, case.state, label, step.name))
    return tuple(found)


def progress(office: Office, session: Session, actor: Actor) -> tuple[Progress, ...]:
    """How far the repairs of the actor's authorities are."""
    reader = reader_of(office, session, actor)
    by_index(session)
    rows = session.execute(
        select(Case.state, func.count())
        .where(
            visible(reader),
            Case.process == CREDIT_REPAIR.key,
            Case.authority_id.in_(reader.authorities),
        )
        .group_by(Case.state)
    )
    counted = dict(rows.tuples().all())
    return tuple(
        Progress(state.name, state.label, counted[state.name])
        for state in CREDIT_REPAIR.states
        if state.name in counted
    )


def take_together(
    office: Office,
    actor: Actor,
    step: str,
    numbers: Sequence[str],
    data: Mapping[str, Any],
    *,
    key: str | None = None,
) -> tuple[Done, ...]:
    """Take one step of each of these repairs with the same answers.

    Each is taken whole in its own right or not at all: what one is refused for holds up no other.
    With `key`, asking again does nothing twice. Raises BadInput if the list or the step is wrong.
    """
    wanted = list(dict.fromkeys(filter(None, map(normalise, numbers))))
    if not wanted or len(wanted) > MOST:
        text = f"请选择1至{MOST}件信用修复" if wanted else "请至少选择一件信用修复"
        raise BadInput(text, [{"field": "cases", "label": "案件", "text": text}])
    if step not in TOGETHER:
        labels = "、".join(CREDIT_REPAIR.step(name).label for name in TOGETHER)
        text = f"只有{labels}可以集中办理"
        raise BadInput(text, [{"field": "step", "label": "事项", "text": text}])
    return tuple(_take(office, actor, step, number, data, key) for number in wanted)


def _take(
    office: Office, actor: Actor, step: str, number: str, data: Mapping[str, Any], key: str | None
) -> Done:
    with office.database.session() as session:
        row = session.execute(
            select(Case.version, Case.state, Party.name)
            .join(Party, Party.id == Case.party_id)
            .where(
                Case.number == number,
                Case.process == CREDIT_REPAIR.key,
                visible(reader_of(office, session, actor)),
            )
        ).one_or_none()
    if row is None:
        return Done(number, "", "", "没有这件信用修复", "")
    try:
        done = office.advance(
            number,
            step,
            dict(data),
            actor,
            version=row.version,
            key=f"{key}/{number}/{step}" if key else None,
        )
    except KeyReused:
        # The key is of this step of this case: it was taken when it was first asked for.
        return Done(number, row.name, CREDIT_REPAIR.state(row.state).label, "", "")
    except Problem as problem:
        return Done(number, row.name, "", problem.detail, problem.law)
    return Done(number, row.name, CREDIT_REPAIR.state(done.state).label, "", "")
