"""The filing (备案) of a bookshop, taken to each of its states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.history import remembered
from tests.support.journeys import follow, place_for
from tests.support.town import Town, application

INPUTS: Mapping[str, Any] = {}
ONWARD: Mapping[str, tuple[str, str]] = {
    "draft": ("submit", "applicant"),
    "received": ("record", "window"),
    "awaiting_supplement": ("supply", "applicant"),
    "supplemented": ("record", "window"),
}

_RECEIVED = (("submit", "applicant"),)
_SUPPLEMENT = (*_RECEIVED, ("request_supplement", "window"))
_WAYS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "draft": (),
    "received": _RECEIVED,
    "awaiting_supplement": _SUPPLEMENT,
    "supplemented": (*_SUPPLEMENT, ("supply", "applicant")),
    "filed": (*_RECEIVED, ("record", "window")),
    "not_accepted": (*_RECEIVED, ("not_accept", "window")),
    "withdrawn": (*_RECEIVED, ("withdraw", "applicant")),
    "terminated": (*_RECEIVED, ("terminate", "window")),
}


@remembered
def filing(town: Town, where: str) -> str:
    """A filing at that address, in draft; its number."""
    return town.file("place_filing", application(place_kind="bookshop", address=where))


def everywhere(town: Town, places: Iterator[int]) -> Mapping[str, str]:
    """A filing in every state, each at a place of its own: its number by state."""
    at = {state: filing(town, place_for(state, next(places))) for state in _WAYS}
    for state, number in at.items():
        follow(town, number, *_WAYS[state])
    return at


def rest(_town: Town, _at: Mapping[str, str]) -> None:
    """The ways to the states take every step but those that every application has."""
