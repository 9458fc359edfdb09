"""Those whose interests a licence touches (利害关系人): told, heard and answered, by their cases.

Each is heard in a case of its own, which the application opened. An item that goes on alone of a
joint application goes on with those who were heard about that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.acts.deliveries import counted_from
from casework.acts.dossier import Relative, dossier_of
from casework.acts.handed_in import kept_since
from casework.common.codes import normalise
from casework.common.timekeeping import end_of
from casework.common.typed_inputs import Inputs
from casework.kernel.facts import FactTable
from casework.models import Case, Party
from casework.rules.counting import count
from state_machines.language.step_names import StepName
from state_machines.language.vocabulary import RecordService
from state_machines.licensing.instant_licence.forms import Pause, PauseKind
from state_machines.parts.delivery.forms import END_ANNOUNCEMENT_NOTICE, SERVE_NOTICE
from state_machines.parts.hearing.forms import (
    ADJOURN_HEARING,
    HOLD_HEARING,
    REQUEST_HEARING,
    SCHEDULE_HEARING,
    WAIVE_HEARING,
    WITHDRAW_HEARING,
    Adjournment,
    HearingAppointment,
)
from state_machines.parts.hearing.part import HEARING_AHEAD, HEARING_BEHIND
from state_machines.parts.intake.forms import Premises
from state_machines.parts.interested_party.facts import (
    ApplicantTold,
    ApplicationOver,
    CalledHearing,
    HearingStop,
    OthersHeard,
    OwnHearing,
    Registration,
    SameHearing,
)
from state_machines.parts.interested_party.forms import (
    CALL_HEARING,
    REGISTER_INTERESTED,
    Consultation,
    Interested,
)
from state_machines.parts.interested_party.part import PROCESS

PROOF = "interest_proof"
HEARD, LEFT_OFF = "heard", "left_off"
# In which the applicant may still be called to a hearing.
_MAY_COME = ("registered", "told", *HEARING_AHEAD)
APPLICANT = "申请人"
_DAYS: tuple[StepName[HearingAppointment | Adjournment], ...] = (SCHEDULE_HEARING, ADJOURN_HEARING)
_NOTICE = RecordService(
    of="notice", documents=("interested_notice",), kind="receipt", completes=True
)
# The items of a joint application that may go on alone.
_ALONE = ("single_health", "single_eco")

Consulted = tuple[Case, Party]


def consulted(session: Session, case: Case) -> list[Consulted]:
    """Everybody who is heard about an application, in the order in which they were registered:
    `case` is the application itself, or the one in which one of them is heard."""
    family = dossier_of(session, case).family
    root = case.origin_id if case.process == PROCESS else case.id
    line = _applications(family, root)
    heard = [
        relative.id
        for relative in family
        if relative.process == PROCESS and relative.origin_id in line
    ]
    if not heard:
        return []
    rows = session.execute(
        select(Case, Party)
        .join(Party, Party.id == Case.party_id)
        .where(Case.id.in_(heard))
        .order_by(Case.id)
    )
    return [(one, party) for one, party in rows]


def _applications(family: Sequence[Relative], root: int | None) -> list[int]:
    """The application, what it goes on from, and what goes on from it."""
    line = _before(family, root)
    return line + [
        relative.id
        for relative in family
        if relative.origin_id in line and relative.process in _ALONE
    ]


def own_hearing(act: Act) -> OwnHearing:
    """The hearing that nobody asked for, of the application or of whoever is heard about it."""
    family = act.dossier.family
    root = act.case.origin_id if act.case.process == PROCESS else act.case.id
    others = [
        application for application in _applications(family, root) if application != act.case.id
    ]
    said = [act.case.data]
    if others:
        said += act.session.scalars(select(Case.data).where(Case.id.in_(others)))
    called = any(CALL_HEARING in Inputs(data) for data in said)
    found = consulted(act.session, act.case) if called else ()
    return OwnHearing(
        due=_is_due(act),
        called=called,
        held=any(HOLD_HEARING in Inputs(case.data) for case, _ in found),
    )


def _is_due(act: Act) -> bool:
    """Whether the rulebook names the matter, or its kind of place, as one that is heard about."""
    track = act.process.track_of(act.step.name)
    matter = (track.matter if track else "") or act.process.matter or ""
    kind = act.inputs.application(Premises).place_kind or ""
    named = {one for key in (matter, act.process.key) for one in (key, f"{key}/{kind}")}
    due = act.rules.value("licensing.hearing_due", act.day, act.region)
    return not named.isdisjoint(due if isinstance(due, list) else ())


def _before(family: Sequence[Relative], case_id: int | None) -> list[int]:
    """The application, and what it goes on from."""
    alone = {relative.id: relative.origin_id for relative in family if relative.process in _ALONE}
    line: list[int] = []
    while case_id is not None and case_id not in line:
        line.append(case_id)
        case_id = alone.get(case_id)
    return line


def is_applicant(case: Case) -> bool:
    """Whether it is the applicant who is heard in that case."""
    return Inputs(case.data).application(Consultation).capacity == APPLICANT


def _applicant_told(heard: list[Consulted]) -> ApplicantTold:
    """The applicant is heard as long as any of the others came before its own part was closed."""
    others = [case for case, _ in heard if not is_applicant(case)]
    newest = max((case.opened_at for case in others), default=None)
    told = newest is not None and any(
        case.ended_at is None or case.ended_at >= newest for case, _ in heard if is_applicant(case)
    )
    return ApplicantTold(bool(others), told)


def _told(act: Act) -> ApplicantTold:
    found, own = consulted(act.session, act.case), own_hearing(act)
    if not own.called or own.held:
        return _applicant_told(found)
    comes = (case.state in _MAY_COME for case, _ in found if is_applicant(case))
    return ApplicantTold(others=True, told=any(comes))


def _registration(act: Act) -> Registration:
    code = normalise(act.filled(Interested).code)
    before = act.dossier.last(REGISTER_INTERESTED)
    known = {party.code for _, party in consulted(act.session, act.case)}
    return Registration(
        is_applicant=code == act.party.code,
        known=code in known,
        proved=bool(kept_since(act, PROOF, before["seq"] if before else -1)),
    )


def _heard(act: Act) -> OthersHeard:
    found = consulted(act.session, act.case)
    applicant_told = _applicant_told(found)
    return OthersHeard(
        untold=tuple(party.name for case, party in found if case.state == "registered"),
        unheard=tuple(
            party.name for case, party in found if case.state not in ("registered", HEARD)
        ),
        applicant_left_out=applicant_told.others and not applicant_told.told,
    )


def _asked(case: Case) -> bool:
    """Whether that one asked for a hearing and did not take it back."""
    step_name = Inputs(case.data).latest((REQUEST_HEARING, WITHDRAW_HEARING))
    return step_name == REQUEST_HEARING


def _may_still_ask(act: Act, case: Case) -> bool:
    """Whether that one is still to be told, or has time left to ask for a hearing."""
    if case.state == "registered":
        return True
    if case.state != "told" or WAIVE_HEARING in Inputs(case.data):
        return False
    served = counted_from(act.session, case, _NOTICE, SERVE_NOTICE, END_ANNOUNCEMENT_NOTICE)
    if served is None:
        return True
    limit, _ = act.rules.limit("licensing.hearing_request", served, act.region)
    due = count(limit, served, (), act.rules.calendar).due
    return due is None or act.context.now < end_of(due)


def _called(act: Act) -> CalledHearing:
    found = consulted(act.session, act.case)
    return CalledHearing(
        called=any(_asked(case) for case, _ in found) or own_hearing(act).called,
        behind=act.case.state in HEARING_BEHIND,
        may_still_ask=tuple(
            party.name
            for case, party in found
            if case.id != act.case.id and _may_still_ask(act, case)
        ),
    )


def _stop(act: Act) -> HearingStop:
    return HearingStop(
        for_hearing=act.filled(Pause).kind == PauseKind.HEARING,
        called=any(case.state in HEARING_AHEAD for case, _ in consulted(act.session, act.case))
        or ((own := own_hearing(act)).called and not own.held),
    )


def appointed(case: Case) -> HearingAppointment | Adjournment | None:
    """The hearing to which that one was called, or to whose day it was put off on record."""
    return Inputs(case.data).last(_DAYS)


def _hearing_of(case: Case) -> tuple[date, str, str] | None:
    """Day, hour and room of the hearing to which the party of a case was called; None if to
    none."""
    named = appointed(case)
    return (named.on, named.time, named.room) if named else None


def _same(act: Act) -> SameHearing:
    others = [one for one in consulted(act.session, act.case) if one[0].id != act.case.id]
    here = _hearing_of(act.case)
    return SameHearing(
        uncalled=tuple(
            party.name
            for case, party in others
            if case.state in ("registered", "told", "hearing_requested")
        ),
        elsewhere=tuple(
            party.name
            for case, party in others
            if case.state == "hearing_scheduled" and _hearing_of(case) != here
        ),
    )


def _over(act: Act) -> ApplicationOver:
    origin = act.case.origin_id
    ended = act.session.scalar(select(Case.ended_at).where(Case.id == origin))
    goes_on = act.session.scalar(
        select(Case.id)
        .where(Case.origin_id == origin, Case.process.in_(_ALONE), Case.ended_at.is_(None))
        .limit(1)
    )
    return ApplicationOver(ended is not None and goes_on is None)


FACTS: FactTable = {
    ApplicantTold: _told,
    ApplicationOver: _over,
    CalledHearing: _called,
    HearingStop: _stop,
    OthersHeard: _heard,
    OwnHearing: own_hearing,
    Registration: _registration,
    SameHearing: _same,
}
