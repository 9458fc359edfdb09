"""The second signature (第二签名): what a first officer entered waits until another confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.acts import backfilling
from casework.acts.act import Act, Context
from casework.acts.actors import Actor, Involvement, involvement_of
from casework.acts.backfilling import OnPaper
from casework.acts.clock_repository import ClockRepository
from casework.acts.dossier import dossier_of
from casework.acts.legal_dates import legal_instant
from casework.common.problems import GuardRefused, SecondSignatureProblem
from casework.kernel import engine
from casework.kernel.falling_due import fire_due_timers
from casework.kernel.who_acts import (
    CERTIFICATE_LAW,
    against_taking,
    execution_of,
    judge_confirming,
)
from casework.models import Case, PendingSignature, Person
from casework.rules.versions import as_released
from state_machines.door import acts
from state_machines.language.vocabulary import LegalDay, Process


def signatures_of(session: Session, case: Case) -> dict[str, PendingSignature]:
    """What first officers have signed at the case's present version, by its step."""
    signatures = dossier_of(session, case).signatures
    return {
        signature.step: signature
        for signature in signatures
        if signature.case_version == case.version
    }


def leave_for_second(act: Act, actor: Actor, backfill: OnPaper | None) -> None:
    """Keep what a first officer entered until it is confirmed. Raises SecondSignatureProblem if
    something waits already.
    """
    statement = insert(PendingSignature).values(
        case_id=act.case.id,
        case_version=act.case.version,
        step=act.step.name,
        input=act.input,
        effective_at=act.at,
        person_id=actor.person_id,
        account_id=actor.account_id,
        signed_at=act.context.now,
        backfill=asdict(backfill) if backfill else None,
    )
    written = act.session.scalar(statement.on_conflict_do_nothing().returning(PendingSignature.id))
    if written is None:
        raise SecondSignatureProblem(
            "已有一份等待第二人确认的记录，请确认该记录；内容有误的，先退回重填"
        )


def countersigned(
    context: Context,
    process: Process,
    case: Case,
    cases: Sequence[Case],
    step: str,
    actor: Actor,
    second: Involvement,
    version: int,
) -> tuple[Act, PendingSignature]:
    """The act that a first officer left, as the act of both, and what it was left in; the case is
    locked with its relatives, and `second` is what the actor is to it.

    Raises SecondSignatureProblem if nothing waits at that version or the same person entered it,
    NotAllowed, GuardRefused.
    """
    session = context.session
    pending = signatures_of(session, case).get(step)
    if pending is None or version != case.version:
        raise nothing_to_confirm()
    declared = engine.step_in_state(process, case, step)
    if pending.person_id == actor.person_id:
        raise (
            confirmed_by_another()
            if not declared.two_officers
            else SecondSignatureProblem(
                "须由另一名执法人员确认，同一人不能以任何账号作第二签名", law=CERTIFICATE_LAW
            )
        )
    at = pending.effective_at
    entered = None
    if pending.backfill:
        entered = backfilling.under(
            session,
            case,
            OnPaper(**pending.backfill),
            context.now,
            entered_by=pending.person_id,
            confirmed_by=actor.person_id,
        )
    elif acts.legal_day(as_released(process, declared)[1]) is LegalDay.ENTRY:
        at = legal_instant(None, context.now, case)
    fire_due_timers(context, cases, at)
    if version != case.version:  # what fell due between the two signatures
        raise nothing_to_confirm()
    name = session.get_one(Person, pending.person_id).name
    first = involvement_of(session, pending.person_id, name, case)
    roles = engine.roles_now(process, case, declared)
    if entered:
        context = replace(context, backfill=entered)
    book = ClockRepository(session, case)
    if not declared.two_officers:
        # It is the act of one; another person confirms that it is what the paper says.
        judge_confirming(context, process, case, declared, second, actor)
        by = Actor(pending.account_id, pending.person_id, name)
        execution = execution_of(context, process, roles, declared, at, first, by)
        act = Act(context, case, process, declared, pending.input, at, execution, book)
        if against := against_taking(act, first):
            raise GuardRefused(against)
        return act, pending
    executions = [
        execution_of(context, process, roles, declared, at, involvement, actor)
        for involvement in (first, second)
    ]
    both = replace(executions[0], officers=executions[0].officers + executions[1].officers)
    act = Act(context, case, process, declared, pending.input, at, both, book)
    if against := [*against_taking(act, first), *against_taking(act, second)]:
        raise GuardRefused(list(dict.fromkeys(against)))
    return act, pending


def confirmed_by_another() -> SecondSignatureProblem:
    """What is wrong if somebody confirms what they entered themselves."""
    return SecondSignatureProblem(
        "专项补录须由另一人对照纸质文书复核，同一人不能以任何账号复核自己的录入",
        law=backfilling.LAW,
    )


def nothing_to_confirm() -> SecondSignatureProblem:
    """What is wrong if nothing waits at the version that was seen."""
    return SecondSignatureProblem("没有等待确认的签名：案件可能已有新的办理情况，请刷新后查看")
