"""What a party did before (以往违法记录), as its cases tell, by kind and place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.successions import line_of
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs
from casework.models import Authority, Case, LogRow
from casework.parts.remedies.decision_in_force import DECISIONS, erased
from state_machines.enforcement.exemption.forms import EXEMPT, PROPOSE_EXEMPTION, Proposal
from state_machines.enforcement.penalty.forms import DECIDE, Aggravation, Decision
from state_machines.enforcement.simple_penalty.forms import PUNISH, SpotSentence
from state_machines.language.step_names import StepName


@dataclass(frozen=True)
class _Recorded:
    """Where a process keeps a record: the step that makes it, and the one whose input names the
    violation (案由)."""

    step: str
    named_by: StepName[Proposal | Decision | SpotSentence]
    label: str
    exemption: bool = False


# A process that ends in a record is one more line here.
_RECORDED: Mapping[str, _Recorded] = {
    "first_offence_exemption": _Recorded(EXEMPT, PROPOSE_EXEMPTION, "不予处罚", exemption=True),
    "penalty": _Recorded(DECIDE, DECIDE, "行政处罚"),
    "simple_penalty": _Recorded(PUNISH, PUNISH, "当场行政处罚"),
}


@dataclass(frozen=True)
class FormerCase:
    """One record: which violation, when it was decided, where, and whether it was exempted."""

    number: str
    violation: str
    decided_on: date
    region: str
    label: str
    exemption: bool


def former_cases(session: Session, party: int, on: date, *, besides: int) -> list[FormerCase]:
    """The party's records at whichever authority as of a day, the oldest first, without the case
    `besides`; those under the codes it bore before are its own.

    A decision that came to nothing (`standing`) is no record any more; one whose measures were
    merely varied, or that was merely found unlawful, leaves the offence where it was."""
    rows = session.execute(
        select(Case, Authority.region, LogRow.header)
        .join(Authority, Case.authority_id == Authority.id)
        .join(LogRow, LogRow.case_id == Case.id)
        .where(
            Case.party_id.in_(line_of(party, on)),
            Case.id != besides,
            Case.process.in_(_RECORDED),
        )
        .order_by(Case.id, LogRow.seq)
    )
    found = []
    for case, region, header in rows:
        kept = _RECORDED[case.process]
        made = header["kind"] == "step" and header["name"] == kept.step
        inputs = Inputs(case.data)
        if made and not erased(inputs):
            found.append(
                FormerCase(
                    case.number,
                    inputs.needed(kept.named_by).violation.casefold(),
                    legal_date(datetime.fromisoformat(header["effective_at"])),
                    region,
                    kept.label,
                    kept.exemption,
                )
            )
    return sorted(found, key=lambda one: one.decided_on)


def relying_on(session: Session, case: Case) -> list[Case]:
    """The penalties that rest on the decision of a case: those that it opened, and those of the
    same party that were decided later and more gravely because of earlier ones."""
    rows = session.scalars(
        select(Case)
        .where(
            Case.process.in_(("penalty", "simple_penalty")),
            Case.id != case.id,
            (Case.party_id == case.party_id) | (Case.origin_id == case.id),
        )
        .order_by(Case.id)
    ).all()
    return [one for one in rows if one.origin_id == case.id or _repeats(one, case)]


def _repeats(later: Case, earlier: Case) -> bool:
    inputs = Inputs(later.data)
    said = next((said for step in DECISIONS if (said := inputs.at(step))), None)
    return later.id > earlier.id and said is not None and Aggravation.REPEATED in said.aggravations
