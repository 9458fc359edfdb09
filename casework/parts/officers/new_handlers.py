"""Handing cases over (移交承办): to whom, and several of them one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from casework.access.readers import find, reader_of
from casework.acts.actors import Actor, in_force
from casework.common.problems import Problem
from casework.kernel.office import Office
from casework.models import Account, Person, Post
from state_machines.language.vocabulary import Role
from state_machines.parts.officers.forms import HAND_OVER, OfficersNamed

HANDLING = (Role.CASE_HANDLER, Role.INSPECTOR)
MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Colleague:
    """An officer who handles cases, with the number of an enforcement certificate (执法证件)."""

    username: str
    name: str
    certificate: str


@dataclass(frozen=True)
class HandedOver:
    """What became of one case: handed over, or for which `reasons` it was not."""

    number: str
    reasons: tuple[str, ...]

    @property
    def done(self) -> bool:
        """Whether it was handed over."""
        return not self.reasons


def colleagues(
    office: Office, session: Session, actor: Actor, *, certified: bool = False
) -> tuple[Colleague, ...]:
    """Who holds a post today that handles cases at an authority of the actor's, each once; only
    those whose certificate is valid today if it is to be so."""
    reader = reader_of(office, session, actor)
    rows = session.execute(
        select(Account.username, Person.name, Post.certificate_number)
        .join(Person, Account.person_id == Person.id)
        .join(Post, Post.person_id == Person.id)
        .where(
            Account.active.is_(True),
            Post.authority_id.in_(sorted(reader.authorities)),
            Post.role.in_([role.value for role in HANDLING]),
            in_force(reader.today, Post),
            (Post.certificate_expires >= reader.today) if certified else true(),
        )
        .order_by(Account.username, Post.id)
    )
    found = {username: Colleague(username, name, number or "") for username, name, number in rows}
    return tuple(found.values())


def hand_over_each(
    office: Office,
    actor: Actor,
    cases: Iterable[tuple[str, int]],
    to: Sequence[str],
    reason: str,
    key: str,
) -> list[HandedOver]:
    """Hand each of these cases, as it was seen at that version, over to these accounts: each by
    itself through the one door. What one is refused for hinders no other. `key` does it once."""
    found = []
    for number, version in list(cases)[:MOST_AT_ONCE]:
        try:
            given = {**_named(office, actor, number, to), "reason": reason}
            office.advance(number, HAND_OVER, given, actor, version=version, key=f"{key}:{number}")
        except Problem as problem:
            found.append(HandedOver(number, _reasons(problem)))
        else:
            found.append(HandedOver(number, ()))
    return found


def _named(office: Office, actor: Actor, number: str, to: Sequence[str]) -> Mapping[str, Any]:
    """The officers, under the name that the case's own form has for them. Raises NotFound."""
    with office.database.session() as session:
        case, _ = find(office, session, actor, number)
        process = office.versions.by_digest(session, case.version_digest)
    forms = [step.form or {} for step in process.every_step if step.name == HAND_OVER]
    asked = {name for form in forms for name in form.get("properties", ())}
    return {name: list(to) for name in OfficersNamed.model_fields if name in asked}


def _reasons(problem: Problem) -> tuple[str, ...]:
    said = problem.extra.get("reasons") or problem.extra.get("errors") or ()
    return tuple(one["text"] for one in said) or (problem.detail,)
