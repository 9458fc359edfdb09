"""Looks and checks (核查): appointment, officers, findings."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.actors import in_force
from casework.kernel.facts import FactTable
from casework.models import Account, Case, Person, Post
from state_machines.checks.commitment_check.forms import (
    INSPECT,
    RECHECK,
    RECORD_UNREACHABLE,
    PenaltyReferral,
    Unreachable,
)
from state_machines.language.fields import Look, LookMode
from state_machines.language.vocabulary import Role
from state_machines.licensing.instant_licence.forms import BOOK_LOOK, LookAppointment
from state_machines.parts.looks.facts import (
    Appointment,
    Assignment,
    Findings,
    NamedInspectors,
    Referral,
    RemoteLook,
    Tries,
)
from state_machines.parts.officers.forms import ASSIGN, HAND_OVER
from state_machines.parts.officers.forms import Assignment as Assigned

# What nobody can say to be kept who was never there to be checked (许可法61).
_UNCHECKED = "接受监督检查"


def _appointment(act: Act) -> Appointment:
    due = next((run.due_on for run in act.runs if run.name == "decision" and run.live), None)
    return Appointment(act.filled(LookAppointment).on or act.day, act.day, due or act.day)


def _remote_look(act: Act) -> RemoteLook:
    look, booked = act.filled(Look), act.inputs.at(BOOK_LOOK)
    by_video = booked is not None and booked.mode == LookMode.VIDEO
    pictures = sum(attachment.material == "look_picture" for attachment in act.dossier.attachments)
    return RemoteLook(
        look.mode == LookMode.VIDEO,
        by_video and booked is not None and booked.on <= act.day,
        pictures,
    )


def _tries(act: Act) -> Tries:
    least = act.rules.value("check.unreachable_attempts", act.day, act.region)
    return Tries(len(act.filled(Unreachable).tries), int(least))


def named_officers(
    act: Act, names: Iterable[str], roles: Iterable[Role]
) -> tuple[int, tuple[str, ...]]:
    """How many different persons some accounts name, and which of these accounts are of nobody who
    holds one of the roles with a valid certificate that day."""
    wanted = set(names)
    rows = act.session.execute(
        select(Account.username, Person.id, Post)
        .join(Person, Account.person_id == Person.id)
        .outerjoin(
            Post,
            (Post.person_id == Person.id)
            & (Post.authority_id == act.case.authority_id)
            & (Post.role.in_([role.value for role in roles]))
            & in_force(act.day, Post)
            & (Post.certificate_expires >= act.day),
        )
        .where(Account.username.in_(wanted))
    ).all()
    certified = {username for username, _, post in rows if post is not None}
    persons = {person for username, person, _ in rows if username in certified}
    uncertified = tuple(sorted(wanted - certified))
    return len(persons) + len(uncertified), uncertified


def _named_inspectors(act: Act) -> NamedInspectors:
    named = named_officers(act, act.filled(Assigned).inspectors, (Role.INSPECTOR,))
    return NamedInspectors(*named)


def assignment_of(act: Act) -> Assignment:
    """The acting officers whom the assignment, or the latest hand-over, did not name."""
    latest = act.before.latest((ASSIGN, HAND_OVER))
    names = act.inputs.needed(latest).inspectors if latest else ()
    assigned = set(
        act.session.scalars(select(Account.person_id).where(Account.username.in_(names)))
    )
    return Assignment(tuple(o.name for o in act.execution.officers if o.person_id not in assigned))


def _findings(act: Act) -> Findings:
    look = act.before.latest((INSPECT, RECHECK))
    if look is None and RECORD_UNREACHABLE in act.before:
        return Findings((_UNCHECKED,))
    results = act.inputs.needed(look).results if look else []
    return Findings(tuple(result.clause for result in results if not result.met))


def _referral(act: Act) -> Referral:
    penalty_referral = act.filled(PenaltyReferral)
    code = penalty_referral.violation
    known = code.casefold() in act.rules.known("violation", act.day, act.region)
    under_way = act.session.scalar(
        select(Case.number).where(
            Case.origin_id == act.case.id, Case.relation == "penalty", Case.ended_at.is_(None)
        )
    )
    return Referral(
        "" if known else code,
        penalty_referral.found_on or act.day,
        penalty_referral.act_on or act.day,
        act.day,
        under_way or "",
    )


FACTS: FactTable = {
    Appointment: _appointment,
    Assignment: assignment_of,
    Findings: _findings,
    NamedInspectors: _named_inspectors,
    Referral: _referral,
    RemoteLook: _remote_look,
    Tries: _tries,
}
