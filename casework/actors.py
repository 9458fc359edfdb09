"""Who acts: a logged-in person, the posts and mandates held on the legal date, and what they allow.

Duties are separated by person, never by account (处罚法42, 58, 64).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.models import Case, LogRow, Mandate, Participant, Post
from state_machines.vocabulary import Refusal, Role, Step


@dataclass(frozen=True)
class Actor:
    """A logged-in person."""

    account_id: int
    person_id: int
    name: str


@dataclass(frozen=True)
class Capacity:
    """The roles a person holds towards a case on certain days, and the mandate for its party."""

    roles: frozenset[Role]
    mandate: Mandate | None


@dataclass(frozen=True)
class Standing:
    """Everything a person is, was or will be to one case: posts, mandates, guests' tracks."""

    person_id: int
    name: str
    posts: Sequence[Post]
    mandates: Sequence[Mandate]
    guests: Sequence[Participant]
    owner_id: int

    def on(self, days: Iterable[date]) -> Capacity:
        """What holds on all of these days (the legal date and today)."""
        wanted = list(days)
        mandate = next((m for m in self.mandates if _holds(m, wanted)), None)
        present = {guest.authority_id for guest in self.guests if _holds(guest, wanted)}
        roles = {
            Role(post.role)
            for post in self.posts
            if _holds(post, wanted) and post.authority_id in (self.owner_id, *present)
        }
        return Capacity(frozenset(roles | ({Role.APPLICANT} if mandate else set())), mandate)

    def certificate_on(self, day: date) -> str | None:
        """The number of an enforcement certificate (执法证件) valid on that day."""
        for post in self.posts:
            expires = post.certificate_expires
            if post.certificate_number and expires and expires >= day and _holds(post, [day]):
                return post.certificate_number
        return None


def standing_of(session: Session, person_id: int, name: str, case: Case) -> Standing:
    """Read what a person is to a case."""
    posts = session.scalars(select(Post).where(Post.person_id == person_id)).all()
    mandates = session.scalars(
        select(Mandate).where(Mandate.person_id == person_id, Mandate.party_id == case.party_id)
    ).all()
    guests: Sequence[Participant] = ()
    if any(post.authority_id != case.authority_id for post in posts):
        guests = session.scalars(select(Participant).where(Participant.case_id == case.id)).all()
    return Standing(person_id, name, posts, mandates, guests, case.authority_id)


def separation(session: Session, case: Case, step: Step, person_id: int) -> Refusal | None:
    """Why this person may not take the step after what they did in this case or its relatives."""
    if not step.apart_from:
        return None
    family = case.family_id or case.id
    rows = session.execute(
        select(Case.id, Case.process, LogRow.header)
        .join(LogRow, LogRow.case_id == Case.id)
        .where((Case.family_id == family) | (Case.id == family))
    )
    for case_id, process, header in rows:
        name = header["name"]
        done = name if case_id == case.id else f"{process}.{name}"
        if person_id in header["officers"] and done in step.apart_from:
            return Refusal(
                "separation_of_duties",
                "您已办理过本案的其他环节，依规定不能再办理此步骤，请由其他人员办理",
                "《行政处罚法》第五十八条、第六十四条",
            )
    return None


def _holds(row: Post | Mandate | Participant, days: Iterable[date]) -> bool:
    return all(
        row.valid_from <= day and (row.valid_to is None or day <= row.valid_to) for day in days
    )
