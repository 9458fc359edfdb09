"""Proving a party's entry (当事人登记核验): its corrections follow one another, each with the scan
that it rests on, and the entry stands as the last of them left it.

What it was at first is sealed by the daily roots; so are the corrections, and the scans, whose
bytes are held to their digests here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.audit.faults import Fault
from casework.audit.salvage import salvaged
from casework.common.texts import reason
from casework.models import Mandate, MandatePaper, Party, PartyChange, PartyPaper
from casework.people.mandate_ends import MANDATE, UNTIL

_NAME = "当事人登记"


@dataclass(frozen=True)
class _Entry:
    """A party's entry, its corrections in order, and the digests of the scans that there are."""

    party: Party
    changes: Sequence[PartyChange]
    scans: frozenset[str]
    mandates: Mapping[int, Mandate]


def faults_of_parties(session: Session) -> list[Fault]:
    """What is wrong with the entries of parties and their scans. None if all is well."""
    faults: list[Fault] = []

    def load(keys: Sequence[int]) -> Mapping[int, _Entry | None]:
        of: dict[int, list[PartyChange]] = {key: [] for key in keys}
        for change in session.scalars(
            select(PartyChange).where(PartyChange.party_id.in_(keys)).order_by(PartyChange.id)
        ):
            of[change.party_id].append(change)
        scans = session.execute(
            select(PartyPaper.party_id, PartyPaper.digest).where(PartyPaper.party_id.in_(keys))
        ).all()
        mandates = session.scalars(select(Mandate).where(Mandate.party_id.in_(keys))).all()
        parties = {one.id: one for one in session.scalars(select(Party).where(Party.id.in_(keys)))}
        return {
            key: _Entry(
                parties[key],
                of[key],
                frozenset(found for party, found in scans if party == key),
                {one.id: one for one in mandates if one.party_id == key},
            )
            if key in parties
            else None
            for key in keys
        }

    for key, entry in salvaged(session, PartyChange.party_id, load):
        try:
            if isinstance(entry, Exception):
                raise entry
            faults += _faults(key, entry)
        except Exception as error:  # whatever a forger put there
            faults.append(Fault(_NAME, key, f"不能读取（{reason(error)}）"))
    return [*faults, *_damaged(session)]


def _faults(key: int, entry: _Entry | None) -> Iterator[Fault]:
    if entry is None:
        yield Fault(_NAME, key, "变更登记还在，当事人已不存在")
        return
    stands: dict[str, str] = {}
    for change in entry.changes:
        said = dict(change.changes)
        if MANDATE in said:
            if not _stands(entry.mandates.get(int(said[MANDATE][0])), change):
                yield Fault(_NAME, key, f"第 {change.id} 号登记终止的授权与授权登记不一致")
            continue
        scan = said.pop("paper", None)
        if scan is not None and scan[1] not in entry.scans:
            yield Fault(_NAME, key, f"第 {change.id} 号变更登记所依据的扫描件不存在")
        for field, (before, after) in said.items():
            if stands.get(field, before) != before:
                yield Fault(_NAME, key, f"第 {change.id} 号变更登记与前一次不衔接")
            stands[field] = after
    if any(_told(getattr(entry.party, field)) != said for field, said in stands.items()):
        yield Fault(_NAME, key, "与最后一次变更登记不一致，被改动")


def _stands(mandate: Mandate | None, change: PartyChange) -> bool:
    """Whether a mandate ended as the history of its party tells."""
    if mandate is None:
        return False
    ended = (_told(mandate.valid_to), mandate.ended_because)
    return ended == (change.changes[UNTIL][1], change.reason)


def _told(value: Any) -> str:
    """A value as the history keeps it: a text, empty for none."""
    return value.isoformat() if isinstance(value, date) else value or ""


def _damaged(session: Session) -> Iterator[Fault]:
    """Scans whose bytes are not those that their digests are of."""
    models: tuple[type[Any], ...] = (PartyPaper, MandatePaper)
    for model in models:
        wrong = func.encode(func.sha256(model.content), "hex").is_distinct_from(model.digest)
        for key in session.scalars(select(model.id).where(wrong).order_by(model.id)):
            yield Fault("登记的扫描件", key, "内容与登记的校验值不一致，被改动")
