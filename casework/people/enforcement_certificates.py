"""A certificate (执法证件) is one person's: two who sign hold one each (处罚法42)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.actors import ever_in_force
from casework.models import Person, Post


def held_by_another(
    session: Session, number: str | None, person_id: int, authority_id: int, first: date
) -> str | None:
    """Who else at the authority holds a certificate of that number from that day on."""
    if not number:
        return None
    return session.scalar(
        select(Person.name)
        .join(Post, Post.person_id == Person.id)
        .where(
            Post.authority_id == authority_id,
            Post.certificate_number == number,
            Post.person_id != person_id,
            Post.valid_to.is_(None) | (Post.valid_to >= first),
            ever_in_force(),
        )
        .limit(1)
    )
