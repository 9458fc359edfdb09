"""The evidence register (证据)."""

from __future__ import annotations

from sqlalchemy import select

from casework.act import Act
from casework.evidence_register import changed_since
from casework.facts.gathering import Gatherers
from casework.facts.given import day_of
from casework.models import Account, LogRow, Person, Post
from state_machines.facts.evidence import (
    CollectionDay,
    Collectors,
    DeviceRecord,
    ReviewedEvidence,
    Substance,
)
from state_machines.forms.evidence import BY_OFFICERS, Origin

_BY_OFFICERS = frozenset(origin.value for origin in BY_OFFICERS)


def certified(act: Act) -> list[dict[str, str]]:
    """The persons named as collectors whose certificate held on the day, each once, with its
    number; of an authority that the case is of."""
    day = day_of(act.input.get("collected_on")) or act.day
    rows = act.session.execute(
        select(Account.username, Person.id, Person.name, Post.certificate_number)
        .join(Person, Account.person_id == Person.id)
        .join(Post, Post.person_id == Person.id)
        .where(
            Account.username.in_(act.input.get("collectors", ())),
            Post.authority_id == act.case.authority_id,
            Post.valid_from <= day,
            Post.valid_to.is_(None) | (Post.valid_to >= day),
            Post.certificate_number.is_not(None),
            Post.certificate_expires >= day,
        )
        .order_by(Account.username, Post.id)
    )
    persons: dict[int, dict[str, str]] = {}
    for username, person, name, certificate in rows:
        persons.setdefault(person, {"account": username, "name": name, "certificate": certificate})
    return list(persons.values())


def _collectors(act: Act) -> Collectors:
    held = certified(act)
    named = set(act.input.get("collectors", ()))
    named_accounts = select(Account).where(Account.username.in_(named))
    known = {account.username: account.person_id for account in act.session.scalars(named_accounts)}
    fit = {known[one["account"]] for one in held}
    return Collectors(
        persons=len(held),
        wanted=2 if act.input.get("origin") in _BY_OFFICERS else 1,
        uncertified=tuple(sorted(name for name in named if known.get(name) not in fit)),
    )


def _collection_day(act: Act) -> CollectionDay:
    return CollectionDay(day_of(act.input.get("collected_on")) or act.day, act.day)


def _device_record(act: Act) -> DeviceRecord:
    def said(name: str) -> bool:
        return bool(act.input.get(name, "").strip())

    return DeviceRecord(
        act.input.get("origin") == Origin.DEVICE.value,
        said("legal_review"),
        said("technical_review"),
    )


def _substance(act: Act) -> Substance:
    return Substance(bool(act.input.get("file")), bool(act.input.get("description", "").strip()))


def _reviewed(act: Act) -> ReviewedEvidence:
    if act.latest(("pass_review", "return_review", "submit_review")) != "pass_review":
        return ReviewedEvidence("", "", ())
    rows = act.session.execute(
        select(LogRow.seq, LogRow.header).where(LogRow.case_id == act.case.id).order_by(LogRow.seq)
    )
    seq = max(seq for seq, header in rows if header["name"] == "pass_review")
    return ReviewedEvidence(*changed_since(act.session, act.case.id, seq))


GATHERERS: Gatherers = {
    CollectionDay: _collection_day,
    Collectors: _collectors,
    DeviceRecord: _device_record,
    ReviewedEvidence: _reviewed,
    Substance: _substance,
}
