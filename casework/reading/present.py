"""Who is left to act (办案人员预警): told in advance, before a case stands still for want of hands.

Separation of duties, recusals and certificates narrow who may take the steps still to come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.actors import deeds, doers, in_force, recused
from casework.models import Case, Delegation, Mandate, Participant, Person, Post
from state_machines.door.acts import needs_delegation
from state_machines.language.vocabulary import Process, Role, Step


@dataclass(frozen=True)
class Shortage:
    """A step still to come that too few may take: how many are `wanted`, how many are `left`, and
    who holds the post and may not, with the reason."""

    step: str
    label: str
    roles: tuple[str, ...]
    wanted: int
    left: int
    barred: tuple[str, ...]


def shortages(session: Session, case: Case, process: Process, today: date) -> tuple[Shortage, ...]:
    """The steps that the case may still come to, and that nobody, or one officer too few, could
    take today. Steps that are a choice are left out."""
    if case.ended_at is not None:
        return ()
    steps = [step for step in _ahead(process, case.state) if not step.optional]
    if not steps:
        return ()
    guests = select(Participant.authority_id).where(Participant.case_id == case.id)
    posts = session.execute(
        select(Post, Person.name)
        .join(Person, Post.person_id == Person.id)
        .where(
            (Post.authority_id == case.authority_id) | Post.authority_id.in_(guests),
            in_force(today, Post),
        )
        .order_by(Post.id)
    ).all()
    sides = set(
        session.scalars(
            select(Mandate.person_id).where(Mandate.party_id == case.party_id, in_force(today))
        )
    )
    aside = recused(session, case)
    done = deeds(session, case)
    delegated = _delegated(session, case, today)
    found = []
    for step in steps:
        apart = set().union(*doers(session, case, step, done).values())
        may, barred = set(), {}
        for post, name in posts:
            if Role(post.role) not in step.by:
                continue
            certified = post.certificate_expires and post.certificate_expires >= today
            if post.person_id in aside:
                barred[post.person_id] = f"{name}（已回避）"
            elif post.person_id in apart:
                barred[post.person_id] = f"{name}（已办理本案其他环节）"
            elif post.person_id in sides:
                barred[post.person_id] = f"{name}（当事人一方）"
            elif needs_delegation(step, Role(post.role)) and (
                (post.person_id, f"{process.key}.{step.name}") not in delegated
            ):
                barred.setdefault(post.person_id, f"{name}（没有书面授权）")
            elif step.two_officers and not certified:
                barred.setdefault(post.person_id, f"{name}（没有有效的执法证件）")
            else:
                may.add(post.person_id)
        wanted = 2 if step.two_officers else 1
        if len(may) < wanted:
            roles = tuple(role.label for role in step.by if not role.automatic)
            names = tuple(text for person, text in barred.items() if person not in may)
            found.append(Shortage(step.name, step.label, roles, wanted, len(may), names))
    return tuple(found)


def _delegated(session: Session, case: Case, today: date) -> frozenset[tuple[int, str]]:
    """Who may decide what, as `process.step`, in the place of the head of the case's authority."""
    rows = session.execute(
        select(Delegation.person_id, Delegation.scope).where(
            Delegation.authority_id == case.authority_id,
            ~Delegation.unconfirmed,
            in_force(today, Delegation),
        )
    )
    return frozenset((person, name) for person, scope in rows for name in scope)


def _ahead(process: Process, state: str) -> Iterator[Step]:
    """The steps for officers that may still come, in the order of their declaration."""
    reached, open_ends = {state}, [state]
    while open_ends:
        at = open_ends.pop()
        for step in process.steps:
            target = step.moves.get(at)
            if target is not None and target not in reached:
                reached.add(target)
                open_ends.append(target)
    tracks = [track for track in process.tracks if reached & set(track.opens_in)]
    ahead = [step for step in process.steps if reached & step.moves.keys()]
    for step in (*ahead, *(step for track in tracks for step in track.steps)):
        if any(not role.automatic and role is not Role.APPLICANT for role in step.by):
            yield step
