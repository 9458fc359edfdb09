"""What each step of each process must be, read from the law by hand: tests/data/processes/*.toml.

One file a process, and a table in it for each step: from which states it is taken and by whom,
whose day it bears, what it causes; and first, which rule stands before which steps. The tests
compare the declarations with it, and `tools.completeness` finds what one of the two lacks.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from rulebook.tree import ROOT
from state_machines.language.vocabulary import Role

FOLDER = "tests/data/processes"


def _split(text: Any) -> Any:
    return tuple(text.split()) if isinstance(text, str) else text


# Names, which stand in one text.
_Names = Annotated[tuple[str, ...], BeforeValidator(_split)]


class ExpectedStep(BaseModel):
    """What is expected of one step.

    `by`: who takes it, wherever it is taken or state by state; `day`: whose day it bears (design,
    "Lawful by construction", 2); `certificate`: whether officers of enforcement take it only with
    one that holds (处罚法42), or, of deliveries, from hand to hand only; `waits_for`: the time of
    the party that it waits for; `asks`: why it asks before it is taken; the rest: what it causes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    states: _Names = Field((), alias="from")
    by: _Names | Mapping[str, _Names]
    day: str
    why: str = Field(min_length=1)
    certificate: str = ""
    waits_for: _Names = ()
    asks: _Names = ()
    issues: _Names = ()
    notifies: _Names = ()
    publishes: _Names = ()
    records: _Names = ()
    moves: _Names = ()
    source: str

    @property
    def roles(self) -> Mapping[str, tuple[str, ...]]:
        """Who takes the step, by state; the law by itself and other cases are among them."""
        return self.by if isinstance(self.by, Mapping) else dict.fromkeys(self.states, self.by)

    def people(self, state: str) -> set[str]:
        """The roles of those who take the step in a state, which a person can hold."""
        return {role for role in self.roles[state] if not Role(role).automatic}


class Condition(BaseModel):
    """A rule, and the steps that it stands before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str
    before: _Names
    source: str


class Expected(BaseModel):
    """What is expected of one process. `limits`: its own, each as its key, length, unit, mark and a
    word of its law; `terms`: which of them are terms of validity, whose first day counts and whose
    last day does not roll. `materials`: the items that its own list requires."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limits: tuple[str, ...] = ()
    terms: _Names = ()
    materials: _Names = ()
    steps: Mapping[str, ExpectedStep]
    conditions: tuple[Condition, ...] = ()


@cache
def expected_processes() -> Mapping[str, Expected]:
    """What is expected of every process, by its key.

    Raises ValueError naming the file that is not as it should be.
    """
    return {file.stem: read(file) for file in sorted((ROOT / FOLDER).glob("*.toml"))}


def read(file: Path) -> Expected:
    """What one file expects. Raises ValueError naming the file that is not as it should be."""
    try:
        return Expected.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except ValueError as error:
        raise ValueError(f"{FOLDER}/{file.name}: {error}") from None
