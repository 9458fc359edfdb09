"""The page of changes that were found or need no proof (docs/proofs/columns.md)."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rulebook.tree import ROOT
from tests.support.changes import Change

PAGE = ROOT / "docs" / "proofs" / "columns.md"


@dataclass
class Tally:
    """How many changes were found, and how many need not be, by table; and those that were
    missed."""

    found: Counter[str] = field(default_factory=Counter)
    unneeded: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    def note(self, change: Change, said: list[str] | str, found: bool) -> None:
        """Count a change."""
        if isinstance(said, str):
            self.unneeded[change.table] += 1
        elif found:
            self.found[change.table] += 1
        else:
            self.missed.append(str(change))


def write_page(tally: Tally, told: Mapping[str, Mapping[str, list[str] | str]]) -> None:
    """Write what came of it."""
    PAGE.write_text(page(tally, told), "utf-8")


def page(tally: Tally, told: Mapping[str, Mapping[str, list[str] | str]]) -> str:
    """The page."""
    made = sum(tally.found.values()) + sum(tally.unneeded.values()) + len(tally.missed)
    columns = [said for of in told.values() for said in of.values()]
    proved = sum(isinstance(said, list) for said in columns)
    head = f"""# Changes of single rows

`python -m proofs heavy` changes one row of a town with a case in every state, as the database's
owner and with its triggers off: another value in a drawn column of a drawn row, a row taken away,
a row put in. Each time the proof that `tests/data/columns.toml` names must find it, on the day's
root that left the machine. Columns that nobody proves are listed there with the reason.

{proved} of {len(columns)} columns (with rows that are added or removed) are proved. Measured on
{datetime.now(UTC).date()}, Python {platform.python_version()}: {made:,} changes,
{sum(tally.found.values()):,} found, {sum(tally.unneeded.values()):,} that need no proof,
{len(tally.missed)} missed.

| table | proved | listed | changes found | changes that need no proof |
|-|-:|-:|-:|-:|
"""
    rows = []
    for table, of in told.items():
        held = sum(isinstance(said, list) for said in of.values())
        figures = (held, len(of) - held, tally.found[table], tally.unneeded[table])
        rows.append(f"| `{table}` | {' | '.join(map(str, figures))} |\n")
    return head + "".join(rows)
