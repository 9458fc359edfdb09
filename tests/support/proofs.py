"""All that `nuoxin verify` proves, each proof by its name, asked about one changed row alone where
that says the same as asking about everything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from casework.audit import proof, roots
from casework.audit.admin_proof import faults_of_administration
from casework.audit.case_book import books
from casework.audit.draws_proof import faults_of_draws
from casework.audit.faults import Fault
from casework.audit.finding_proof import faults_of_finding
from casework.audit.numbers_proof import faults_of_numbers
from casework.audit.parties_proof import faults_of_parties
from casework.audit.ratings_proof import faults_of_ratings
from casework.audit.receipts_proof import faults_of_receipts
from casework.audit.roots import Kept, Root, verify_roots
from casework.audit.rules_proof import faults_of_rules
from casework.audit.sealed_columns import SEALED
from casework.audit.sealed_papers_proof import faults_of_sealed_papers
from casework.models import Case
from casework.rules.versions import VersionCache
from tests.support.changes import Change

_OF_DATABASE: Mapping[str, Callable[[Session], list[Fault]]] = {
    "administration": faults_of_administration,
    "draws": faults_of_draws,
    "finding": faults_of_finding,
    "numbers": faults_of_numbers,
    "parties": faults_of_parties,
    "ratings": faults_of_ratings,
    "receipts": faults_of_receipts,
    "rules": faults_of_rules,
    "sealed": faults_of_sealed_papers,
}
NAMES = frozenset(_OF_DATABASE) | {"cases", "roots"}
_NAMED_IN = text(
    "SELECT case_id FROM case_log WHERE (header ->> :what)::bigint = :key GROUP BY 1 LIMIT 3"
)
# Whose rows the log names; any few cases that do tell as much as all of them.
_NAMED = ("account", "mandate")


class Proofs:
    """The proofs of a sealed town."""

    def __init__(self, session: Session, root: Root) -> None:
        self._session, self._root = session, root
        self._versions = VersionCache()

    def find(self, names: Iterable[str], change: Change) -> bool:
        """Whether one of these proofs finds a change."""
        return any(self._found(name, change) for name in names)

    def whole(self) -> list[Fault]:
        """Every fault there is, as `nuoxin verify` tells them."""
        found = proof.verify_database(self._session, VersionCache()).faults
        return [*found, *verify_roots(self._session, Kept((self._root,)))[0]]

    def _found(self, name: str, change: Change) -> bool:
        if name == "cases":
            return bool(self._of_cases(change))
        if name == "roots":
            return self._of_roots(change)
        return bool(_OF_DATABASE[name](self._session))

    def _of_cases(self, change: Change) -> list[Fault]:
        session = self._session
        if change.table == "process_version":
            return list(proof.verify_cases(session, VersionCache()).faults)
        keys = set(change.cases)
        if change.table in _NAMED:
            row = change.before or change.after or {}
            asked = {"what": change.table, "key": row["id"]}
            keys |= set(session.scalars(_NAMED_IN, asked))
        there = set(session.scalars(select(Case.id).where(Case.id.in_(keys))))
        versions = proof._Versions(session, self._versions)
        faults = [
            fault
            for book in books(session, sorted(there)).values()
            for fault in proof._verify(book, versions)
        ]
        return faults or (proof._orphans(session) if keys - there else [])

    def _of_roots(self, change: Change) -> bool:
        """Whether the part that the change is in comes out otherwise."""
        named = {model.__tablename__: name for name, (model, _) in SEALED.items()}
        named |= {"case_log": roots.CASES, "case_file": roots.CASES}
        if change.table not in named:
            return bool(verify_roots(self._session, Kept((self._root,)))[0])
        name = named[change.table]
        only = SimpleNamespace(parts={name: self._root.parts[name]})
        roots._prepare(self._session)
        [again] = roots._again(self._session, [only])  # type: ignore[list-item]
        return again != only.parts
