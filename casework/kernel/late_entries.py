"""Late entries (补录): a supervisor lets officers enter what they did longer ago, and says why."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from casework.acts.act import COUNTER, Execution, Officer, act_beside
from casework.acts.actors import Actor, conflict_of_interest, involvement_of, recused
from casework.acts.legal_dates import PERMITTED
from casework.common.inputs import typed
from casework.common.problems import NotAllowed, bad_field
from casework.common.timekeeping import legal_date
from casework.kernel import engine
from casework.kernel.office import Office
from casework.rules.versions import as_released
from state_machines.door import acts
from state_machines.language.vocabulary import LegalDay, Process, Role, Step

_LONGEST_REASON = 400
_PERMITTING = Step("permit_late_entry", "准予补录", {}, (Role.SUPERVISOR,))


def permit(office: Office, actor: Actor, number: str, step: str, on: date, reason: str) -> None:
    """Let the step be entered as of that day, by somebody else; the log keeps who did and why.

    Raises NotFound, NotAllowed for whoever is no supervisor of the case's authority, BadInput for
    what bears the day of its entry, for a day to come or before the case, and without a reason.
    """

    def work(session: Session) -> None:
        context, case, process = office.brought_up(session, number, actor)
        today = legal_date(context.now)
        involvement = involvement_of(session, actor.person_id, actor.name, case)
        if Role.SUPERVISOR not in involvement.on((today,)).roles:
            raise NotAllowed("补录由本机关的督办人员准予")
        if involvement.represents_on(today):
            raise conflict_of_interest(actor.name)
        if actor.person_id in recused(session, case):
            raise NotAllowed(f"{actor.name}已被决定回避", law="《行政处罚法》第四十三条")
        if step not in late_steps(process):
            raise bad_field("step", "事项", "不是离开办公场所办理的事项，不能补录")
        # What is handed over may have been collected before there was a case.
        first = on if step in acts.BESIDE else legal_date(case.opened_at)
        if not first <= on < today:
            raise bad_field("on", "办理日期", "补录的是立案以后、今天以前办理的事项")
        why = typed("reason", "补录理由", reason, most=_LONGEST_REASON)
        officer = Officer(actor.person_id, actor.name, "")
        execution = Execution(Role.SUPERVISOR, COUNTER, (officer,), actor.account_id)
        act = act_beside(context, case, process, _PERMITTING, execution)
        engine.tell(act, PERMITTED, {"step": step, "on": on.isoformat(), "reason": why})

    office.database.in_transaction(work)


def late_steps(process: Process) -> frozenset[str]:
    """The names of the steps of a process that may be entered late, and of what is entered beside
    them."""
    return (acts.BESIDE if process.keeps_evidence else frozenset()) | frozenset(
        step.name
        for step in process.every_step
        if acts.legal_day(as_released(process, step)[1]) is LegalDay.AWAY
    )
