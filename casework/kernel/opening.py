"""Opening a case (立案、申请): by its party, at the counter, by officers, or afterwards from paper,
which waits for a second person."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from casework.acts import backfilling, legal_dates
from casework.acts.act import COUNTER, ONLINE, Context, Execution, Officer
from casework.acts.actors import Actor, in_force
from casework.acts.backfilling import OnPaper
from casework.acts.legal_dates import legal_instant
from casework.common.inputs import judged, tidied
from casework.common.problems import (
    BadInput,
    GuardRefused,
    NotFound,
    SecondSignatureProblem,
)
from casework.common.timekeeping import legal_date
from casework.kernel import engine
from casework.kernel.filing import Presence, file_application, with_subject
from casework.kernel.leads import open_by_officer
from casework.kernel.savepoints import savepoint
from casework.kernel.signatures import confirmed_by_another
from casework.models import Authority, Backfill, Case, Person, Post
from state_machines.language.vocabulary import Role


@dataclass(frozen=True)
class Opening:
    """What somebody says who opens a case, as `Office.open_case` takes it."""

    process: str
    data: Any
    party: str | None
    mandate: int | None
    effective_at: date | datetime | None


def begin(context: Context, opening: Opening, actor: Actor) -> Case:
    """Open a case for the actor. Raises as `Office.open_case` does."""
    session, mandate = context.session, opening.mandate
    at = legal_instant(opening.effective_at, context.now, None)
    day, today = legal_date(at), legal_date(context.now)
    declared, digest = context.versions.in_force(session, opening.process, day)
    tidy = tidied(declared.form, opening.data, what="申请表")
    whole = with_subject(session, declared, tidy)
    filled = judged(declared.form, whole, what="申请表", today=today)
    if Role.APPLICANT in declared.opened_by:
        if context.backfill:
            raise BadInput(
                "当事人的申请由窗口按其实际日期录入，再以该案的编号开立旧案补录，不在补录中立案"
            )
        presence = Presence(opening.party, mandate)
        filing = file_application(session, context.rules, declared, filled, actor, presence, day)
        if at != context.now and mandate is None:
            raise legal_dates.only_now()
        execution = Execution(
            Role.APPLICANT,
            COUNTER if mandate else ONLINE,
            (Officer(actor.person_id, actor.name, ""),),
            actor.account_id,
            filing.mandate,
        )
    else:
        filing, execution = open_by_officer(
            session, context.rules, declared, filled, actor, opening.party, day, today
        )
        region = session.get_one(Authority, filing.authority_id).region
        late = (
            context.backfill.outside(day)
            if context.backfill
            else legal_dates.opening_refusals(context.rules, at, context.now, region)
        )
        if late:
            raise GuardRefused(late)
    relation = declared.key if declared.about else ""
    return engine.create_case(
        context, declared, digest, filing, filled, at, execution, relation=relation
    )


def leave_opening(context: Context, opening: Opening, actor: Actor, said: OnPaper) -> None:
    """Let the opening of an old case wait for a second person, once it was tried. Raises as
    `Office.open_case` does."""
    session = context.session
    owner = session.scalar(select(Backfill.authority_id).where(Backfill.id == said.id))
    held = session.scalars(
        select(Post.authority_id).where(
            Post.person_id == actor.person_id, in_force(legal_date(context.now), Post)
        )
    ).all()
    mine = owner if owner is not None and owner in held else 0
    row = backfilling.open_backfill(session, said.id, mine, context.now)
    if row.kind != backfilling.PAPER or row.case_id or row.opening:
        text = "立案只能用于还没有对应案件的旧案补录，每项补录一件"
        raise backfilling.refused("backfill_another_case", text)
    under = backfilling.of_opening(row, said.numbers, actor.person_id)
    with savepoint(session, keep=False):
        case = begin(replace(context, draft=True, backfill=under), opening, actor)
        if case.authority_id != row.authority_id:
            raise NotFound(f"本机关没有第{row.id}号专项补录")
    at = opening.effective_at
    row.opening = {
        "person_id": actor.person_id,
        "account_id": actor.account_id,
        "numbers": dict(said.numbers),
        "opening": {**asdict(opening), "effective_at": at.isoformat() if at else None},
    }


def open_confirmed(context: Context, row: Backfill, second: Actor) -> Case:
    """Open the old case whose opening waits under a `Backfill`, as the second person confirms.

    Raises SecondSignatureProblem if nothing waits or the same person entered it, and as
    `begin` does.
    """
    session, said = context.session, row.opening
    if not said:
        raise SecondSignatureProblem("没有等待复核的立案，请刷新后查看")
    if said["person_id"] == second.person_id:
        raise confirmed_by_another()
    row = backfilling.open_backfill(session, row.id, row.authority_id, context.now)
    name = session.get_one(Person, said["person_id"]).name
    first = Actor(said["account_id"], said["person_id"], name)
    under = backfilling.of_opening(row, said["numbers"], first.person_id, second.person_id)
    given = {**said["opening"]}
    at = given.pop("effective_at")
    opening = Opening(**given, effective_at=_as_given(at))
    case = begin(replace(context, backfill=under), opening, first)
    row.case_id, row.opening = case.id, None
    return case


def _as_given(said: str | None) -> date | datetime | None:
    """A legal date as it was given, from how it was kept."""
    if said is None:
        return None
    return date.fromisoformat(said) if len(said) == 10 else datetime.fromisoformat(said)
