"""Effects on publicity (公示): an entry is queued to be published, or withdrawn."""

from __future__ import annotations

from collections.abc import Mapping

from casework.acts.act import Act
from casework.kernel.carrying_out import Carrier
from casework.kernel.sources import given, last_day
from casework.models import Publication
from state_machines.enforcement.penalty.forms import DECIDE, Decision
from state_machines.enforcement.simple_penalty.forms import PUNISH
from state_machines.language.vocabulary import Effect, Publish, Withdraw


def _withdraw(act: Act, effect: Withdraw) -> None:
    _queue(act, effect, str(given(act, effect.reasons)))


def _publish(act: Act, effect: Publish) -> None:
    _queue(act, effect, None)


def _is_kept_back(act: Act) -> bool:
    """Whether the decision says that it is not shown to the public (不予公示)."""
    said = (act.inputs.told(Decision, step) for step in (act.step.name, DECIDE, PUNISH))
    return any(one is not None and not one.shown for one in said)


def _queue(act: Act, effect: Publish | Withdraw, reasons: str | None) -> None:
    if _is_kept_back(act):  # what is decided is what is queued
        return
    limit, _ = act.rules.limit(effect.limit, act.day, act.region)
    due = last_day(limit, act.day, act)
    act.session.add(
        Publication(
            case_id=act.case.id,
            log_seq=act.case.head_seq + 1,
            register=effect.register,
            due_on=due,
            withdrawn_because=reasons,
        )
    )
    said = {"register": effect.register, "due": due.isoformat()}
    act.note("publications", {**said, "reasons": reasons} if reasons else said)


CARRIERS: Mapping[type[Effect], Carrier] = {Publish: _publish, Withdraw: _withdraw}
