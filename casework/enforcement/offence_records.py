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
from state_machines.enforcement.penalty.forms import (
    DECIDE,
    OTHERWISE,
    RELEASE,
    Aggravation,
    Decision,
    Lead,
    ReleaseArticle,
)
from state_machines.enforcement.simple_penalty.forms import PUNISH, SpotSentence
from state_machines.language.step_names import StepName


@dataclass(frozen=True)
class _Recorded:
    """Where a process keeps a record: the step that makes it, and the one whose input names the
    violation (案由)."""

    step: str
    named_by: StepName[Proposal | Decision | SpotSentence] | None
    label: str
    exemption: bool = False


# What ends in a record is one more line here. Of a release the lead names the violation.
_RECORDED: Mapping[tuple[str, str], _Recorded] = {
    (process, one.step): one
    for process, one in (
        (
            "first_offence_exemption",
            _Recorded(EXEMPT, PROPOSE_EXEMPTION, "不予处罚", exemption=True),
        ),
        ("penalty", _Recorded(DECIDE, DECIDE, "行政处罚")),
        ("penalty", _Recorded(RELEASE, None, "不予处罚", exemption=True)),
        ("simple_penalty", _Recorded(PUNISH, PUNISH, "当场行政处罚")),
    )
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
            Case.process.in_({process for process, _ in _RECORDED}),
        )
        .order_by(Case.id, LogRow.seq)
    )
    found = []
    for case, region, header in rows:
        kept = _RECORDED.get((case.process, header["name"]))
        inputs = Inputs(case.data)
        if kept is None or header["kind"] != "step" or erased(inputs):
            continue
        if kept.step != RELEASE or _let_off(inputs):
            found.append(
                FormerCase(
                    case.number,
                    _violation(inputs, kept).casefold(),
                    legal_date(datetime.fromisoformat(header["effective_at"])),
                    region,
                    kept.label,
                    kept.exemption,
                )
            )
    return sorted(found, key=lambda former_case: former_case.decided_on)


def _let_off(inputs: Inputs) -> bool:
    """Whether a release let the party off as a first offence: of one that is no offence, or that
    nobody can be blamed for, nothing is remembered."""
    release = inputs.needed(RELEASE)
    return release.ground == OTHERWISE and release.article == ReleaseArticle.FIRST


def _violation(inputs: Inputs, kept: _Recorded) -> str:
    if kept.named_by is None:
        return inputs.application(Lead).violation
    return inputs.needed(kept.named_by).violation


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
    return [row for row in rows if row.origin_id == case.id or _repeats(row, case)]


def _repeats(later: Case, earlier: Case) -> bool:
    inputs = Inputs(later.data)
    sentence = next((sentence for step in DECISIONS if (sentence := inputs.at(step))), None)
    return (
        later.id > earlier.id
        and sentence is not None
        and Aggravation.REPEATED in sentence.aggravations
    )
