"""Effects that every topic knows: other cases are opened or moved, the case's own application is
amended, somebody is notified."""

from __future__ import annotations

from collections.abc import Mapping

from casework.acts.act import Act
from casework.acts.notices import notice_of
from casework.acts.participants import authority_for
from casework.kernel.carrying_out import Amender, Carrier
from casework.kernel.engine import move_related, open_related
from casework.kernel.sources import filled
from state_machines.language.vocabulary import (
    Amend,
    Effect,
    MoveIfItWaits,
    MoveRelated,
    Notify,
    OpenCase,
    OpenCaseOf,
)


def _amend(act: Act, effect: Amend) -> set[str]:
    changed = filled(act, effect.data)
    act.data["application"] = {**act.data["application"], **changed}
    act.note("amended", changed)
    return {f"application.{name}" for name in changed}


def _open(act: Act, effect: OpenCase) -> None:
    owner = _owner(act, effect)
    open_related(owner, effect, filled(owner, effect.data))


def _move(act: Act, effect: MoveRelated) -> None:
    move_related(act, effect, filled(act, effect.data))


def _owner(act: Act, effect: OpenCase) -> Act:
    """The act in the name of whoever answers for the matter of the case that is opened."""
    process, _ = act.context.versions.in_force(act.session, effect.process, act.day)
    return act.in_name_of(authority_for(act.session, act.case, act.process, process.matter or ""))


def _notify(act: Act, effect: Notify) -> None:
    titles = "、".join(item["title"] for item in act.caused.get("documents", []))
    state = act.process.state(act.target).label
    body = f"{act.process.label}（{act.case.number}）已办理“{act.step.label}”，当前状态：{state}。"
    if titles:
        body += f"已出具：{titles}。"
    notice = notice_of(
        act.session,
        act.case,
        act.process,
        key=f"step/{act.case.id}/{act.case.head_seq + 1}/{effect.to}",
        kind="step",
        to=effect.to,
        subject=f"{act.step.label}：{act.case.number}",
        body=body,
        now=act.context.now,
    )
    act.rows.append(notice)


BEFOREHAND: Mapping[type[Effect], Amender] = {Amend: _amend}
CARRIERS: Mapping[type[Effect], Carrier] = {
    OpenCase: _open,
    OpenCaseOf: _open,
    MoveIfItWaits: _move,
    MoveRelated: _move,
    Notify: _notify,
}
