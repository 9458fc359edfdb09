"""Files that were lawful, tampered with on purpose (篡改的案卷): what a principle must find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.audit.case_book import Row, books
from casework.audit.case_file import CaseFile
from casework.audit.principles import breaches
from casework.models import Case
from tests.support.town import Town


@dataclass(frozen=True)
class Files:
    """Files of a town in which everything was lawful."""

    town: Town
    session: Session

    def of(self, number: str) -> CaseFile:
        """The file of a case."""
        case = self.session.scalars(select(Case).where(Case.number == number)).one()
        process = self.town.office.versions.by_digest(self.session, case.version_digest)
        rules = self.town.office.rules.current(self.session)
        return CaseFile(books(self.session, [case.id])[case.id], process, self.session, rules)


def row_of(file: CaseFile, name: str) -> Row:
    """The latest row of a step."""
    return next(row for row in reversed(file.rows) if row.header["name"] == name)


def changed(file: CaseFile, change: Callable[[Row], Row | None]) -> CaseFile:
    """The file with its rows as a change has them; those that become None are gone."""
    log = [row for row in map(change, file.book.log) if row is not None]
    return replace(file, book=replace(file.book, log=log))


def without(file: CaseFile, *names: str) -> CaseFile:
    """The file without the rows of these steps."""
    return changed(file, lambda row: None if row.header["name"] in names else row)


def with_rows(file: CaseFile, model: type[Any], rows: list[Any]) -> CaseFile:
    """The file with other rows of a table."""
    return replace(file, book=replace(file.book, rows={**file.book.rows, model: rows}))


def moved(file: CaseFile, name: str, **headers: str) -> CaseFile:
    """The file with other headers in the rows of a step."""

    def change(row: Row) -> Row:
        if row.header["name"] != name:
            return row
        return replace(row, header={**row.header, **headers})

    return changed(file, change)


def filled(file: CaseFile, name: str, **given: Any) -> CaseFile:
    """The file with other inputs of a step."""

    def change(row: Row) -> Row:
        if row.header["name"] != name:
            return row
        return replace(row, payload={**row.payload, "input": {**row.payload["input"], **given}})

    return changed(file, change)


def broken(file: CaseFile) -> set[tuple[str, str]]:
    """Which steps break which principle."""
    names = {row.seq: row.header["name"] for row in file.book.log}
    return {(names[one.seq], one.principle) for one in breaches(file)}


def breaks(town: Town, number: str) -> set[tuple[str, str]]:
    """What the file of a case breaks as it stands."""
    with town.session() as session:
        return broken(Files(town, session).of(number))
