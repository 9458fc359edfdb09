"""Objections to credit records (信用异议)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ObjectedItem:
    """The item of the file that an objection is against: whether it is the party's, whether this
    authority recorded it, and why it does not count any more (`""`: it does)."""

    own: bool
    recorded_here: bool
    ended: str


@dataclass(frozen=True)
class NationalFiling:
    """Whether a filing with 信用中国 about this repair is under way."""

    under_way: bool
