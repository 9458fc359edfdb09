"""How a case comes to each state, one file a process (`journeys.py` has those that hang together).

Each is found by its name, the process's key, and has

- `everywhere(town, places)`: a case in every state, at a place of its own: its number by state
- `ONWARD`: from each state in which a case waits, the next step to an end, and who takes it
- `rest(town, at)`: takes, from those cases, the steps that no way to a state needs
- `INPUTS`: a valid input for each step whose form must be filled in, and as `application` what a
  case is opened with, where letters print it
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol, cast

from tests.support.town import Town


class Journeys(Protocol):
    """What such a file has."""

    INPUTS: Mapping[str, Any]
    ONWARD: Mapping[str, tuple[str, str]]

    def everywhere(self, town: Town, places: Iterator[int]) -> Mapping[str, str]:
        """A case in every state: its number by state."""

    def rest(self, town: Town, at: Mapping[str, str]) -> None:
        """Take the steps that no way to a state needs, from a case in every state."""


@cache
def journeys_of() -> Mapping[str, Journeys]:
    """Those files by the process that each is for."""
    return {
        found.name: cast(Journeys, import_module(f"{__name__}.{found.name}"))
        for found in iter_modules(__path__)
    }
