"""What the door asks of an act (办理要求): whose day it bears, who needs a certificate for it, and
which time of the party it waits for.

Said by the step itself or, where it says nothing, told from what else it declares.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from state_machines.credit.national_repair.forms import WITHDRAW_FILING
from state_machines.credit.objection.forms import DROP_OBJECTION
from state_machines.credit.training.forms import LEAVE
from state_machines.enforcement.exemption.forms import APPROVE_FILING, EXEMPT, PROPOSE_EXEMPTION
from state_machines.enforcement.fines.facts import CourtTerm, UrgingTime
from state_machines.enforcement.fines.forms import ASK_FOR_TIME
from state_machines.enforcement.penalty.forms import DECIDE, NOTIFY
from state_machines.enforcement.simple_penalty.forms import PUNISH
from state_machines.language.vocabulary import (
    Guard,
    Issue,
    LegalDay,
    Process,
    RecordService,
    Role,
    Step,
)
from state_machines.licensing.instant_licence.forms import ACCEPT, DELIVER, GRANT
from state_machines.licensing.licence.forms import (
    CANCEL,
    GIVE_BACK,
    KEEP_OPEN,
    LIFT_SUSPENSION,
    REQUEST_CLOSURE,
    SUSPEND,
)
from state_machines.parts.delivery.forms import CONFIRM_ADDRESS, Way
from state_machines.parts.evidence.part import ENTRIES
from state_machines.parts.hearing.facts import Heard
from state_machines.parts.hearing.forms import (
    ASK_EARLIER_HEARING,
    WAIVE_DEFENCE,
    WAIVE_HEARING,
    WITHDRAW_HEARING,
)
from state_machines.parts.intake.forms import WITHDRAW
from state_machines.parts.prior_notice.forms import WAIVE_PRIOR_NOTICE, WAIVE_PRIOR_NOTICE_ECO
from state_machines.parts.promise.forms import DECLINE, WITHDRAW_COMMITMENT
from state_machines.parts.public_notice.forms import OPEN_NOTICE, RECORD
from state_machines.radiation.forms import DECIDE_ECO, DECIDE_HEALTH
from state_machines.radiation.one_matter.forms import (
    ASK_TO_HOLD,
    DELIVER_PART,
    DROP_ECO,
    DROP_HEALTH,
)

# Who enforces (行政执法人员): only with a certificate that holds (处罚法42).
ENFORCERS = (Role.INSPECTOR, Role.CASE_HANDLER)
HEARD = ("defence", "hearing_request")
# The party's time to perform by itself, and to contest the decision.
_UNCONTESTED = (
    "after_urging",
    "reconsideration_term",
    "litigation_term",
    "litigation_after_reconsideration",
)
_ASKED_BY: Mapping[type, tuple[str, ...]] = {
    Heard: HEARD,
    UrgingTime: _UNCONTESTED,
    CourtTerm: _UNCONTESTED,
}
# What is entered beside the steps of a case and bears a day of its own.
BESIDE = frozenset(name for name, entry in ENTRIES.items() if entry.legal_day is LegalDay.AWAY)
_BY_HAND = (Way.DIRECT, Way.LEFT)
# What a party gives up or agrees to: by its own act in the portal, or by a paper that it signed.
STATEMENT = "party_statement"
_IN_WRITING: Mapping[str, str] = {
    WAIVE_DEFENCE: STATEMENT,
    WAIVE_HEARING: STATEMENT,
    WAIVE_PRIOR_NOTICE: STATEMENT,
    WAIVE_PRIOR_NOTICE_ECO: STATEMENT,
    WITHDRAW_HEARING: STATEMENT,
    ASK_EARLIER_HEARING: STATEMENT,
    WITHDRAW: STATEMENT,
    WITHDRAW_FILING: STATEMENT,
    DROP_OBJECTION: STATEMENT,
    DROP_HEALTH: STATEMENT,
    DROP_ECO: STATEMENT,
    REQUEST_CLOSURE: STATEMENT,
    KEEP_OPEN: STATEMENT,
    DECLINE: STATEMENT,
    WITHDRAW_COMMITMENT: STATEMENT,
    ASK_FOR_TIME: STATEMENT,
    ASK_TO_HOLD: STATEMENT,
    LEAVE: STATEMENT,
    CONFIRM_ADDRESS: "address_confirmation",
}
# Where a case is taken up, told of and decided: it must be this authority's. The law may have
# accepted what nobody answered in time (许可法32), and a filing is recorded without acceptance.
TAKEN_UP = frozenset(
    (
        ACCEPT,
        GRANT,
        OPEN_NOTICE,
        RECORD,
        DECIDE_HEALTH,
        DECIDE_ECO,
        APPROVE_FILING,
        NOTIFY,
        DECIDE,
        PUNISH,
        PROPOSE_EXEMPTION,
        EXEMPT,
    )
)
# By which steps a licence moves with a penalty that may be another authority's (吊销、暂扣、恢复).
PENALTY_PAPER = "penalty_paper"
_BY_PENALTY = frozenset({CANCEL, SUSPEND, GIVE_BACK, LIFT_SUSPENSION})
_CERTIFICATES = (DELIVER, DELIVER_PART)
# The day of receipt is what the post, or whoever passed it on, wrote down.
_BY_OTHERS = (Way.POST, Way.ENTRUSTED, Way.FORWARDED)


def legal_day(step: Step, given: Mapping[str, Any] | None = None) -> LegalDay:
    """Whose day a step bears, `given` its input: a letter's day of receipt is the post's."""
    if delivers(step):
        return LegalDay.OTHERS if _way(given) in _BY_OTHERS else LegalDay.AWAY
    if step.legal_day is not None:
        return step.legal_day
    persons = {role for role in step.by if not role.automatic}
    if not persons:
        return LegalDay.LAW
    return LegalDay.OTHERS if persons == {Role.APPLICANT} else LegalDay.ENTRY


def delivers(step: Step) -> bool:
    """Whether a person writes down how documents reached the party (送达), or did not. That an
    announcement has run is nobody's act."""
    by_person = not all(role.automatic for role in step.by)
    return by_person and any(
        (isinstance(effect, RecordService) and effect.kind != "deemed")
        or (isinstance(effect, Issue) and effect.document.endswith("service_receipt"))
        for effect in step.effects
    )


def proves_service(step: Step) -> bool:
    """Whether a person enters a service that must be proved: a certificate that is handed over to
    who asked for it begins nobody's time."""
    return delivers(step) and step.name not in _CERTIFICATES


def in_writing(step: Step) -> str:
    """The item under which the party's signed paper is kept before somebody else enters the step
    for it; empty where none is wanted."""
    return _IN_WRITING.get(step.name, "") if Role.APPLICANT in step.by else ""


def moves_by_penalty(process: Process, step: Step) -> bool:
    """Whether a step of a licence takes it, or gives it back, with a penalty."""
    return process.key == "licence" and step.name in _BY_PENALTY


def needs_certificate(step: Step, role: Role, given: Mapping[str, Any] | None = None) -> bool:
    """Whether it is an act of enforcement (执法行为) when somebody of that role takes it.

    Of deliveries only those from hand to hand are; until `given` says how, none is.
    """
    if step.two_officers:
        return True
    if role not in ENFORCERS or not step.certified:
        return False
    return not delivers(step) or _way(given) in _BY_HAND


def needs_delegation(step: Step, role: Role) -> bool:
    """Whether somebody of that role decides in the place of the head of the authority (首席代表):
    only under a written delegation, whatever a version of the step says."""
    return role is Role.WINDOW_CLERK and Role.APPROVER in step.by


def waits_for(process: Process, step: Step) -> tuple[str, ...]:
    """The clocks of the party that must have run before the step is taken (当事人的期限)."""
    told = {
        name for bind in process.binds if bind.name == "notice" and step.name in bind.bound
        for name in HEARD
    }  # fmt: skip
    asked = {name for guard in step.guards for name in _asked_by(guard)}
    named = {*step.waits_for, *told, *asked}
    return tuple(clock.name for clock in process.every_clock if clock.name in named)


def _asked_by(guard: Guard) -> tuple[str, ...]:
    return tuple(name for kind in guard.facts for name in _ASKED_BY.get(kind, ()))


def _way(given: Mapping[str, Any] | None) -> str:
    said = given or {}
    return str(said.get("way") or said.get("method") or "")
