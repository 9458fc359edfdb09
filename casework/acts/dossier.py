"""What an act reads of its case (案卷), by one statement.

It is kept with the session, and read again once something has been written to the case's log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from casework.acts.successions import ahead_of
from casework.common.database import hold
from casework.common.rows_together import as_json, as_text, from_json, known_from_json
from casework.models import (
    Attachment,
    Authority,
    Case,
    CaseClock,
    Delegation,
    LogRow,
    Mandate,
    Participant,
    Party,
    PendingSignature,
    Place,
    Post,
    Recusal,
)
from casework.models.base import Base

R = TypeVar("R", bound=Base)
Header = Mapping[str, Any]


@dataclass(frozen=True)
class Relative:
    """A case of the family, this one among them: which one it comes from, and as what."""

    id: int
    origin_id: int | None
    process: str
    relation: str


@dataclass(frozen=True)
class Dossier:
    """What the database holds of one case, each kind in the order in which it came.

    `headers` are those of its log; `recusals` are of all cases of the `family`. `posts`,
    `mandates` (for the case's party, or for those that continue it) and `delegations` (of the
    case's authority) are those of the `persons` who were asked for.
    """

    headers: tuple[Header, ...]
    clocks: tuple[CaseClock, ...]
    attachments: tuple[Attachment, ...]
    guests: tuple[Participant, ...]
    signatures: tuple[PendingSignature, ...]
    recusals: tuple[Recusal, ...]
    family: tuple[Relative, ...]
    persons: frozenset[int]
    posts: tuple[Post, ...]
    mandates: tuple[Mandate, ...]
    delegations: tuple[Delegation, ...]

    def last(self, *steps: str) -> Header | None:
        """The header of the latest row of the log that bears one of these names."""
        return next((one for one in reversed(self.headers) if one["name"] in steps), None)

    def last_step(self, *steps: str) -> Header | None:
        """The header of the latest of these steps; whatever else bears the name is none."""
        taken = (one for one in reversed(self.headers) if one["kind"] == "step")
        return next((one for one in taken if one["name"] in steps), None)


_FILES = "case_files"


def dossier_of(session: Session, case: Case, persons: Iterable[int] = ()) -> Dossier:
    """The file of a case, with what these persons may do in it."""
    kept: dict[int, Dossier] = session.info.setdefault(_FILES, {})
    known, wanted = kept.get(case.id), frozenset(persons)
    if known is None or not wanted <= known.persons:
        known = kept[case.id] = _read(session, case, wanted | (known.persons if known else set()))
    return known


def forget(session: Session, case: Case) -> None:
    """Read the case's file anew when it is asked for next: something was written to it."""
    session.info.get(_FILES, {}).pop(case.id, None)


def joined(session: Session, case: Case) -> None:
    """Let the files that were read know of a case that has come to its family."""
    kept: dict[int, Dossier] = session.info.get(_FILES, {})
    new = Relative(case.id, case.origin_id, case.process, case.relation)
    for key, file in kept.items():
        if any(one.id in (case.family_id, case.origin_id) for one in file.family):
            kept[key] = replace(file, family=(*file.family, new))


def forget_all(session: Session) -> None:
    """Read every file anew: others may have written to it, or what was written is undone."""
    session.info.pop(_FILES, None)


_CASE = bindparam("case", type_=BigInteger)
_FAMILY = bindparam("family", type_=BigInteger)
_PERSONS = bindparam("persons", type_=ARRAY(BigInteger))
_PARTY = bindparam("party", type_=BigInteger)


def _told(
    kind: Any, which: ColumnElement[bool], row: ColumnElement[Any] | None = None, at: Any = None
) -> Any:
    """What the statement tells of the rows of a kind, and by what they are put in order."""
    name: Any = literal_column(f"'{kind.__tablename__}'")
    told: Any = as_json(kind) if row is None else row
    return select(name, kind.id if at is None else at, told.label("row")).where(which)


def _of_person(kind: Any) -> Any:
    return kind.person_id == func.any(_PERSONS)


_FILE = as_text(
    union_all(
        *(
            _told(kind, kind.id == bindparam(kind.__tablename__, type_=BigInteger))
            for kind in (Authority, Party, Place)
        ),
        *(
            _told(kind, kind.case_id == _CASE)
            for kind in (CaseClock, Attachment, Participant, PendingSignature)
        ),
        _told(LogRow, LogRow.case_id == _CASE, LogRow.header.expression, LogRow.seq),
        _told(
            Case,
            (Case.id == _FAMILY) | (Case.family_id == _FAMILY),
            func.json_build_array(Case.id, Case.origin_id, Case.process, Case.relation),
        ),
        _told(
            Recusal,
            Recusal.case_id.in_(
                select(Case.id).where((Case.id == _FAMILY) | (Case.family_id == _FAMILY))
            ),
        ),
        _told(Post, _of_person(Post)),
        _told(
            Mandate,
            # Whoever acts for a party under its new code answers for the old one's cases.
            _of_person(Mandate)
            & Mandate.party_id.in_(ahead_of(_PARTY, bindparam("ever", type_=Date))),
        ),
        _told(
            Delegation,
            _of_person(Delegation)
            & (Delegation.authority_id == bindparam("authority", type_=BigInteger)),
        ),
    ).order_by("id")
)


def _read(session: Session, case: Case, persons: frozenset[int]) -> Dossier:
    found: dict[str, list[Any]] = {}
    given = {
        "case": case.id,
        "family": case.family_id or case.id,
        "persons": list(persons),
        "authority": case.authority_id,
        "party": case.party_id,
        "place": case.place_id,
        "ever": date.max,
    }
    for kind, _, row in session.execute(_FILE, given):
        found.setdefault(kind, []).append(row)

    def rows(kind: type[R]) -> tuple[R, ...]:
        return tuple(from_json(kind, row) for row in found.get(kind.__tablename__, ()))

    for kind in (Authority, Party, Place):
        for row in found.get(kind.__tablename__, ()):
            hold(session, known_from_json(session, kind, row))
    return Dossier(
        headers=tuple(found.get(LogRow.__tablename__, ())),
        clocks=rows(CaseClock),
        attachments=rows(Attachment),
        guests=rows(Participant),
        signatures=rows(PendingSignature),
        recusals=rows(Recusal),
        family=tuple(Relative(*row) for row in found.get(Case.__tablename__, ())),
        persons=persons,
        posts=rows(Post),
        mandates=rows(Mandate),
        delegations=rows(Delegation),
    )
