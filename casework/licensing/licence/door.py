"""Nobody gives a licence back to escape its cancellation (吊销), in cases of every version."""

from __future__ import annotations

from sqlalchemy import select

from casework.acts.act import Act
from casework.common.typed_inputs import Inputs
from casework.licensing.penalised.standing_licence import concerns
from casework.models import Case
from casework.parts.remedies import decision_in_force as standing
from state_machines.enforcement.penalty.forms import NOTIFY
from state_machines.language.vocabulary import Refusal
from state_machines.licensing.licence.forms import (
    DEREGISTER,
    REQUEST_CLOSURE,
    Deregistration,
    DeregistrationGround,
)
from state_machines.parts.approvals.measures import MeasureKind

_LAW = "《行政处罚法》第九条第三项、《行政许可法》第七十条"


def refusals(act: Act) -> list[Refusal]:
    """What stands against giving the licence back, or striking it off on that request."""
    asked = act.step.name == REQUEST_CLOSURE or (
        act.step.name == DEREGISTER
        and act.filled(Deregistration).ground == DeregistrationGround.REQUEST
    )
    if act.process.key != "licence" or not asked:
        return []
    penalties = act.session.scalars(
        select(Case)
        .where(
            Case.party_id == act.case.party_id,
            Case.process == "penalty",
            Case.ended_at.is_(None),
        )
        .order_by(Case.id)
    )
    told = [one.number for one in penalties if concerns(one, act.case) and _cancels(one)]
    if not told:
        return []
    text = f"已告知拟吊销该许可证（{'、'.join(told)}），该案办结以前不能以申请注销终止许可"
    return [Refusal("cancellation_pending", text, _LAW)]


def _cancels(penalty: Case) -> bool:
    """Whether it was decided to cancel the licence, or its holder was told that it will be."""
    inputs = Inputs(penalty.data)
    told = inputs.at(NOTIFY)
    measures = standing.decided(inputs) or (told.measures if told else ())
    return any(one.kind == MeasureKind.CANCEL_LICENCE.value for one in measures)
