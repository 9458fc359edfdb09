"""Who acts: a logged-in person, the posts and mandates held on the legal date, and what they allow.

Duties are separated by person, never by account (处罚法42, 58, 64).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.models import Case, LogRow, Mandate, Participant, Person, Post
from casework.problems import NotAllowed
from state_machines.vocabulary import Refusal, Role, Step


@dataclass(frozen=True)
class Actor:
    """A logged-in person."""

    account_id: int
    person_id: int
    name: str


@dataclass(frozen=True)
class Capacity:
    """What a person is to one case on one day."""

    person_id: int
    name: str
    posts: tuple[Post, ...]
    mandate: Mandate | None

    def role_for(self, step: Step) -> Role | None:
        """The first role the step allows that this person holds."""
        held = {Role(post.role) for post in self.posts}
        if self.mandate:
            held.add(Role.APPLICANT)
        return next((role for role in step.by if role in held), None)

    def certificate_on(self, day: date) -> str | None:
        """The number of an enforcement certificate valid on that day."""
        for post in self.posts:
            if post.certificate_number and (post.certificate_expires or date.min) >= day:
                return post.certificate_number
        return None


def capacity(
    session: Session, person_id: int, name: str, case: Case, days: Iterable[date]
) -> Capacity:
    """What the person is to the case, on all of `days` (the legal date and today)."""
    posts = list(session.scalars(select(Post).where(Post.person_id == person_id)))
    mandates = session.scalars(
        select(Mandate).where(Mandate.person_id == person_id, Mandate.party_id == case.party_id)
    )
    wanted = list(days)
    guests = set()
    if any(post.authority_id != case.authority_id for post in posts):
        guests = participating(session, case.id, wanted)
    return Capacity(
        person_id,
        name,
        tuple(
            post
            for post in posts
            if (post.authority_id == case.authority_id or post.authority_id in guests)
            and _holds(post, wanted)
        ),
        next((mandate for mandate in mandates if _holds(mandate, wanted)), None),
    )


def participating(session: Session, case_id: int, days: Sequence[date]) -> set[int]:
    """Authorities that take part in a case they do not own."""
    rows = session.scalars(select(Participant).where(Participant.case_id == case_id))
    return {row.authority_id for row in rows if _holds(row, days)}


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


def name_of(session: Session, person_id: int) -> str:
    """A person's name."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotAllowed("账号没有对应的人员")
    return person.name


def _holds(row: Post | Mandate | Participant, days: Iterable[date]) -> bool:
    return all(
        row.valid_from <= day and (row.valid_to is None or day <= row.valid_to) for day in days
    )
