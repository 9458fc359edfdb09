"""More people for a town: newcomers, second accounts, agents, and changes to their posts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework.acts.actors import Actor
from casework.models import Account, Authority, Mandate, Party, Person, Post
from casework.people import party_papers
from tests.support.signed import SMALL_PDF
from tests.support.town import CERTIFICATE_ENDS, LONG_AGO, Town


def newcomer(town: Town, username: str) -> str:
    """A person with an account and nothing else; gives the account's name."""
    with town.session() as session:
        person = Person(name=f"新{username}")
        session.add(person)
        session.flush()
        account = Account(person_id=person.id, username=username, password_hash="-", active=True)
        session.add(account)
        session.flush()
        town.people[username] = Actor(account.id, person.id, person.name)
    return username


def second_account(town: Town, of: str) -> Actor:
    """Another account of the same person."""
    first = town.people[of]
    with town.session() as session:
        account = Account(
            person_id=first.person_id, username=f"{of}_again", password_hash="-", active=True
        )
        session.add(account)
        session.flush()
        return Actor(account.id, first.person_id, first.name)


def appoint(town: Town, account: str, role: str) -> str:
    """Give somebody a post at the first authority, with a certificate; gives the account's name."""
    with town.session() as session:
        authority = session.scalars(select(Authority).where(Authority.code == "CC")).one()
        session.add(
            Post(
                person_id=town.people[account].person_id,
                authority_id=authority.id,
                role=role,
                valid_from=LONG_AGO,
                certificate_number="ZF-99999",
                certificate_expires=CERTIFICATE_ENDS,
            )
        )
    return account


@contextmanager
def holding(town: Town, account: str, role: str) -> Iterator[str]:
    """Give somebody a post for as long as the block lasts; gives the account's name."""
    appoint(town, account, role)
    try:
        yield account
    finally:
        with town.session() as session:
            session.execute(
                update(Post)
                .where(Post.person_id == town.people[account].person_id, Post.role == role)
                .values(valid_to=LONG_AGO)
            )


def set_post(town: Town, account: str, **values: Any) -> None:
    """Change what stands in somebody's posts."""
    with town.session() as session:
        session.execute(
            update(Post).where(Post.person_id == town.people[account].person_id).values(**values)
        )


def proof_of(town: Town, session: Session, code: str) -> int:
    """A scan of a party's business licence, kept at the window."""
    scan = SMALL_PDF + f"\n% {uuid4()}".encode()
    window = town.people["window"]
    return party_papers.keep(town.office, session, window, code, "licence", "营业执照.pdf", scan)


def empower(
    town: Town,
    account: str,
    code: str,
    capacity: str = "representative",
    scope: Sequence[str] = (),
) -> None:
    """Give somebody a mandate for the party of that code."""
    with town.session() as session:
        party = session.scalars(select(Party).where(Party.code == code)).one()
        session.add(
            Mandate(
                party_id=party.id,
                person_id=town.people[account].person_id,
                capacity=capacity,
                scope=list(scope),
                valid_from=LONG_AGO,
            )
        )
