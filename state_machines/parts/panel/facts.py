"""Discussion by the heads of the authority (集体讨论): whether it must be, and how they voted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PanelNeed:
    """Whether the handler calls the case complex or grave, and whether the authority's rule takes
    for grave whatever gives a right to a hearing."""

    complex_case: bool
    grave_if_heard: bool


@dataclass(frozen=True)
class PanelVotes:
    """Members in post, those who voted since the case came before them, and how.

    `least` voters, `share` of the members (a fraction as text) must have voted; more than
    `majority` of those who voted must be in favour.
    """

    members: int
    voted: int
    in_favour: int
    least: int
    share: str
    majority: str


@dataclass(frozen=True)
class VotedAlready:
    """Acting members who voted on this draft before."""

    names: tuple[str, ...]
