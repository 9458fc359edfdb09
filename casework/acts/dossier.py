"""What an act reads of its case (案卷), by one statement.

It is kept with the session, and read again once something has been written to the case's log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Date,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from casework.acts.successions import successors
from casework.common.database import hold
from casework.common.rows_together import as_json, as_text, from_json, known_from_json
from casework.models import (
    Attachment,
    Authority,
    Case,
    CaseClock,
    Delegation,
    Document,
    Evidence,
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
    """What the database holds of one case, each kind in the order in which it came; evidence by
    its items. Of files there is no content.

    `headers` are those of its log; `recusals` are of all cases of the `family`. `posts`,
    `mandates` (for the case's party, or for those that continue it) and `delegations` (of the
    case's authority) are those of the `persons` who were asked for.
    """

    headers: tuple[Header, ...]
    clocks: tuple[CaseClock, ...]
    attachments: tuple[Attachment, ...]
    documents: tuple[Document, ...]
    evidence: tuple[Evidence, ...]
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
        return next((header for header in reversed(self.headers) if header["name"] in steps), None)

    def last_step(self, *steps: str) -> Header | None:
        """The header of the latest of these steps; whatever else bears the name is none."""
        taken = (header for header in reversed(self.headers) if header["kind"] == "step")
        return next((one for one in taken if one["name"] in steps), None)

    def row_of(self, *steps: str) -> int:
        """The number of the log row of the latest of these steps; 0 if none was taken."""
        taken = self.last_step(*steps)
        return int(taken["seq"]) if taken else 0


_FILES = "case_files"


def dossier_of(session: Session, case: Case, persons: Iterable[int] = ()) -> Dossier:
    """The file of a case, with what these persons may do in it."""
    kept: dict[int, Dossier] = session.info.setdefault(_FILES, {})
    dossier, wanted = kept.get(case.id), frozenset(persons)
    if dossier is None or not wanted <= dossier.persons:
        dossier = kept[case.id] = _read(
            session, case, wanted | (dossier.persons if dossier else set())
        )
    return dossier


def forget(session: Session, case: Case) -> None:
    """Read the case's file anew when it is asked for next: something was written to it."""
    session.info.get(_FILES, {}).pop(case.id, None)


def joined(session: Session, case: Case) -> None:
    """Let the files that were read know of a case that has come to its family."""
    kept: dict[int, Dossier] = session.info.get(_FILES, {})
    new = Relative(case.id, case.origin_id, case.process, case.relation)
    for key, file in kept.items():
        if any(relative.id in (case.family_id, case.origin_id) for relative in file.family):
            kept[key] = replace(file, family=(*file.family, new))


def forget_all(session: Session) -> None:
    """Read every file anew: others may have written to it, or what was written is undone."""
    session.info.pop(_FILES, None)


def _bound(name: str, kind: Any = BigInteger) -> BindParameter[Any]:
    return bindparam(name, type_=kind)


def _with_key(of: str) -> Callable[[Any], Any]:
    return lambda row: row.id == _bound(of)


def _of_case(row: Any) -> Any:
    return row.case_id == _bound("case")


def _of_family(row: Any) -> Any:
    return (row.id == _bound("family")) | (row.family_id == _bound("family"))


def _of_person(row: Any) -> Any:
    return row.person_id == func.any(_bound("persons", ARRAY(BigInteger)))


def _in_post(row: Any) -> Any:
    # Whoever delegated to one of these persons bears what is decided by it.
    given = aliased(Delegation, name="g")
    granters = select(given.granted_by).where(_delegated(given))
    return _of_person(row) | row.person_id.in_(granters)


def _recused(row: Any) -> Any:
    relative = aliased(Case, name="r")
    return row.case_id.in_(select(relative.id).where(_of_family(relative)))


def _for_party(row: Any) -> Any:
    # Whoever acts for a party under its new code answers for the old one's cases.
    return _of_person(row) & row.party_id.in_(successors(_bound("party"), _bound("ever", Date)))


def _delegated(row: Any) -> Any:
    return _of_person(row) & (row.authority_id == _bound("authority"))


# What is read, and which rows of it.
_READ: tuple[tuple[type[Base], Callable[[Any], Any]], ...] = (
    (Authority, _with_key("authority")),
    (Party, _with_key("party")),
    (Place, _with_key("place")),
    (CaseClock, _of_case),
    (LogRow, _of_case),
    (Attachment, _of_case),
    (Document, _of_case),
    (Evidence, _of_case),
    (Participant, _of_case),
    (PendingSignature, _of_case),
    (Case, _of_family),
    (Recusal, _recused),
    (Post, _in_post),
    (Mandate, _for_party),
    (Delegation, _delegated),
)


def _told(number: int, kind: type[Base], which: Callable[[Any], Any]) -> Any:
    """What the statement tells of the rows of a kind, and by what they are put in order. Its words
    are kept short: the driver works out a longer statement at every use."""
    row: Any = aliased(kind, name=f"t{number}")
    order, told = row.id, as_json(row)
    if kind is LogRow:
        order, told = row.seq.label("id"), row.header
    if kind is Case:
        told = func.json_build_array(row.id, row.origin_id, row.process, row.relation)
    return select(literal_column(str(number)), order, told.label("row")).where(which(row))


_STATEMENT = as_text(
    union_all(*(_told(number, *read) for number, read in enumerate(_READ))).order_by("id")
)


def _read(session: Session, case: Case, persons: frozenset[int]) -> Dossier:
    found: dict[type[Base], list[Any]] = {kind: [] for kind, _ in _READ}
    given = {
        "case": case.id,
        "family": case.family_id or case.id,
        "persons": list(persons),
        "authority": case.authority_id,
        "party": case.party_id,
        "place": case.place_id,
        "ever": date.max,
    }
    for number, _, row in session.execute(_STATEMENT, given):
        found[_READ[number][0]].append(row)

    def rows(kind: type[R]) -> tuple[R, ...]:
        return tuple(from_json(kind, row) for row in found[kind])

    for kind in (Authority, Party, Place):
        for row in found[kind]:
            hold(session, known_from_json(session, kind, row))
    return Dossier(
        headers=tuple(found[LogRow]),
        clocks=rows(CaseClock),
        attachments=rows(Attachment),
        documents=rows(Document),
        evidence=tuple(sorted(rows(Evidence), key=lambda row: (row.n, row.version))),
        guests=rows(Participant),
        signatures=rows(PendingSignature),
        recusals=rows(Recusal),
        family=tuple(Relative(*row) for row in found[Case]),
        persons=persons,
        posts=rows(Post),
        mandates=rows(Mandate),
        delegations=rows(Delegation),
    )
