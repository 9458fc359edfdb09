"""What else is known of the party of a case of enforcement (当事人的其他案件, 处罚法29)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from casework.access.readers import Reader
from casework.common.problems import Misconfigured
from casework.common.typed_inputs import Inputs
from casework.kernel.office import Office
from casework.models import Case
from casework.parts.remedies import decision_in_force as standing
from casework.parts.same_act.same_act import PROCESSES, OtherCase, distinctions_of, other_cases
from state_machines.enforcement.exemption.forms import EXEMPT
from state_machines.enforcement.penalty.forms import RELEASE
from state_machines.parts.approvals.measures import in_words


@dataclass(frozen=True)
class OtherCaseView:
    """Another case of the same party, open or decided.

    `same_act`: as far as the file tells, it is about the act in hand; `fined` and `exempted` say
    what then stands against punishing it here, `apart` what has been put down that tells both acts
    apart. Of another authority's case only those are told that stand against this one, and no more
    than number and authority.
    """

    number: str
    authority: str
    ours: bool
    process_label: str
    state_label: str
    violation: str
    act_on: date | None
    decided_on: date | None
    decision: str
    same_act: bool
    fined: bool
    exempted: bool
    apart: str


def other_cases_of(
    office: Office, session: Session, reader: Reader, case: Case
) -> tuple[OtherCaseView, ...]:
    """The party's other cases of enforcement, the newest first, for officers of its authority;
    nothing for cases of other procedures."""
    if case.process not in PROCESSES:
        return ()
    everything = other_cases(session, case.party_id, reader.today)
    mine = next(other_case.conduct for other_case in everything if other_case.number == case.number)
    apart = distinctions_of(session, case)
    found = []
    for other in everything:
        same = other.conduct.is_of(mine)
        ours = other.authority_id == case.authority_id
        if other.number == case.number or not (ours or (same and (other.fined or other.exempted))):
            continue
        process = office.versions.by_digest(session, other.version)
        said = apart.get(other.number)
        found.append(
            OtherCaseView(
                number=other.number,
                authority=other.authority,
                ours=ours,
                process_label=process.label if ours else "",
                state_label=process.state(other.state).label if ours else "",
                violation=_violation(office, session, other) if ours else "",
                act_on=other.conduct.act_on if ours else None,
                decided_on=other.decided_on if ours else None,
                decision=_decision(other) if ours else "",
                same_act=same,
                fined=other.fined,
                exempted=other.exempted,
                apart=said.statement if said else "",
            )
        )
    return tuple(reversed(found))


def _violation(office: Office, session: Session, other: OtherCase) -> str:
    code = other.conduct.violation
    day = other.decided_on or other.conduct.found_on or date.max
    try:
        return office.rules.current(session).violation(code, day, "")[0].label
    except Misconfigured:
        return code.upper()


def _decision(other: OtherCase) -> str:
    if other.decided_on is None:
        return ""
    if EXEMPT in other.data or RELEASE in other.data:
        return "不予行政处罚"
    inputs = Inputs(other.data)
    if overturned := standing.overturned(inputs):
        return f"处罚决定{overturned}"
    return "；".join(in_words(one) for one in standing.in_force(inputs))
