"""Who takes a step (由谁办理): what somebody is to the case, in which role, through which channel,
and what stands against this very person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from casework.acts.act import COUNTER, ONLINE, Act, Context, Execution, Officer
from casework.acts.actors import (
    Actor,
    Involvement,
    conflict_of_interest,
    involvement_of,
    mandate_present,
    may_file,
    own_interest,
    recused,
    recused_among,
    representing_among,
    separation,
    sides_with,
)
from casework.acts.successions import successors
from casework.common.problems import GuardRefused, NotAllowed, no_such_case
from casework.common.timekeeping import legal_date
from casework.kernel import engine
from casework.models import Authority, Case
from casework.rules.versions import as_released
from state_machines.door import acts
from state_machines.language.vocabulary import Process, Refusal, Role, Step

CERTIFICATE_LAW = "《行政处罚法》第四十二条"
# One window of the authority takes in and serves; that it decides is the authority's to delegate.
_DELEGATION_LAW = "《行政许可法》第二十六条第一款、第三十七条"
RECUSAL_LAW = "《行政处罚法》第四十三条"


def involvement_in(context: Context, case: Case, actor: Actor) -> Involvement:
    """What the actor is to the case today. Raises NotFound for whoever is nothing to it: they do
    not learn that there is such a case."""
    involvement = involvement_of(context.session, actor.person_id, actor.name, case)
    state = context.versions.by_digest(context.session, case.version_digest).state(case.state)
    if not involvement.takes_part_on(
        legal_date(context.now), private=case.private, confidential=state.confidential
    ):
        raise no_such_case(case.number)
    return involvement


def execution_of(
    context: Context,
    process: Process,
    roles: tuple[Role, ...],
    step: Step,
    at: datetime,
    involvement: Involvement,
    actor: Actor,
) -> Execution:
    """In which role, channel and mandate a person takes a step that is for `roles`. Raises
    NotAllowed if it is for others, now or on its legal date."""
    days = (legal_date(at), legal_date(context.now))
    track = process.track_of(step.name)
    capacity = involvement.on(days, track.name if track else None)
    role = next((role for role in roles if role in capacity.roles), None)
    if role is None:
        takers = "、".join(role.label for role in roles)
        raise NotAllowed(f"“{step.label}”由{takers}办理")
    certificate = involvement.certificate_on(legal_date(at)) or ""
    delegation = None
    if acts.needs_delegation(as_released(process, step)[1], role):
        region = context.session.get_one(Authority, involvement.owner_id).region
        ends = context.rules.value("licensing.delegation_ends_with_head", days[0], region)
        delegation = involvement.delegation_on(
            days, process.key, step.name, ends_with_head=bool(ends)
        )
    return Execution(
        role,
        ONLINE if role is Role.APPLICANT else COUNTER,
        (Officer(involvement.person_id, involvement.name, certificate),),
        actor.account_id,
        capacity.mandate if role is Role.APPLICANT else None,
        delegation,
    )


def execution_at_counter(
    context: Context,
    case: Case,
    step: Step,
    roles: tuple[Role, ...],
    at: datetime,
    clerk: Involvement,
    actor: Actor,
    mandate_id: int,
) -> Execution:
    """The execution by a clerk who takes a party's step for whoever is present under the mandate.

    Raises NotAllowed if the step is not the party's, the actor no clerk of the authority, or the
    mandate not one of this party that covers the act.
    """
    days = (legal_date(at), legal_date(context.now))
    if Role.APPLICANT not in roles:
        raise NotAllowed(f"“{step.label}”不是当事人的事项，不能代当事人办理")
    if Role.WINDOW_CLERK not in clerk.on(days).roles:
        raise NotAllowed("只有本机关的窗口人员可以代到场的当事人办理")
    mandate = mandate_present(context.session, mandate_id, days)
    if (
        mandate.party_id
        not in context.session.scalars(successors(case.party_id, legal_date(context.now))).all()
    ):
        raise NotAllowed("到场人员没有受本案当事人委托", law="《民法典》第一百六十五条")
    if not may_file(mandate):
        raise NotAllowed(
            f"授权委托书没有载明可以代为办理“{step.label}”", law="《民法典》第一百六十五条"
        )
    officer = Officer(clerk.person_id, clerk.name, "")
    return Execution(Role.APPLICANT, COUNTER, (officer,), actor.account_id, mandate)


def against_taking(act: Act, involvement: Involvement) -> list[Refusal]:
    """What stands against this person taking the step: a side in the case, no certificate,
    other duties."""
    against = []
    days = (act.day, legal_date(act.context.now))
    if act.execution.channel != ONLINE and any(map(involvement.represents_on, days)):
        own = conflict_of_interest(involvement.name)
        against.append(Refusal("own_case", own.detail, own.law))
    elif act.execution.channel != ONLINE and sides_with(
        act.session, act.case, involvement.person_id, days
    ):
        against.append(own_interest(involvement.name))
    _, released = as_released(act.process, act.step)
    if acts.needs_certificate(released, act.execution.role, act.input):
        # On the day of the act: whoever was there enters it, also once it has expired. A
        # signature of two is an act of its own day besides.
        asked = days if act.step.two_officers else (act.day,)
        bare = next((day for day in asked if involvement.certificate_on(day) is None), None)
        if bare:
            text = f"{involvement.name}在 {bare:%Y-%m-%d} 没有有效的执法证件"
            against.append(Refusal("certificate_invalid", text, CERTIFICATE_LAW))
    if acts.needs_delegation(released, act.execution.role) and act.execution.delegation is None:
        text = (
            f"{involvement.name}没有在 {act.day} 有效、范围包括“{act.process.label}—"
            f"{act.step.label}”的书面授权，窗口不能作出决定：请转机关负责人决定，"
            "或者由系统管理员登记授权文书后办理"
        )
        against.append(Refusal("not_delegated", text, _DELEGATION_LAW))
    if act.execution.role is not Role.APPLICANT and involvement.person_id in recused(
        act.session, act.case
    ):
        text = f"{involvement.name}已被决定回避，不能再办理本案"
        against.append(Refusal("recused", text, RECUSAL_LAW))
    if named := recused_among(act.session, act.case, _named_in(act.input)):
        text = f"{'、'.join(named)}已被决定回避，不能再承办、主持本案，请另行指定"
        against.append(Refusal("recused", text, RECUSAL_LAW))
    if named := representing_among(act.session, act.case, _named_in(act.input), days):
        own = conflict_of_interest("、".join(named))
        against.append(Refusal("own_case", f"{own.detail}，请另行指定", own.law))
    if apart := separation(act.session, act.case, act.step, involvement.person_id):
        against.append(apart)
    return against


def judge_confirming(
    context: Context,
    process: Process,
    case: Case,
    step: Step,
    second: Involvement,
    actor: Actor,
) -> None:
    """Raise NotAllowed or GuardRefused unless somebody may confirm what another one enters
    afterwards: who may take the step today as well, or a supervisor of the authority."""
    if not supervises(second, context.now):
        roles = engine.roles_now(process, case, step)
        execution_of(context, process, roles, step, context.now, second, actor)
    if against := against_confirming(context.session, case, second, context.now):
        raise GuardRefused(against)


def against_confirming(
    session: Session, case: Case, second: Involvement, now: datetime
) -> list[Refusal]:
    """What stands against this person confirming: a side in the case."""
    against = []
    if second.represents_on(legal_date(now)):
        own = conflict_of_interest(second.name)
        against.append(Refusal("own_case", own.detail, own.law))
    elif sides_with(session, case, second.person_id, [legal_date(now)]):
        against.append(own_interest(second.name))
    if second.person_id in recused(session, case):
        text = f"{second.name}已被决定回避，不能再办理本案"
        against.append(Refusal("recused", text, RECUSAL_LAW))
    return against


def supervises(involvement: Involvement, now: datetime) -> bool:
    """Whether somebody supervises the authority of the case today."""
    return Role.SUPERVISOR in involvement.on((legal_date(now),)).roles


def _named_in(given: Mapping[str, Any]) -> Iterator[str]:
    """The accounts of those whom a form makes handlers, or the chair of a hearing."""
    yield from given.get("handlers", ())
    yield from given.get("inspectors", ())
    yield from given.get("collectors", ())
    if chair := given.get("chair"):
        yield chair
