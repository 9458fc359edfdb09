"""The joint matter of radiation (一件事)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class EquipmentScope:
    """Which equipment keeps an application from being joint here, each with who is competent."""

    outside: tuple[str, ...]


@dataclass(frozen=True)
class ClosureAsked:
    """Whether the holder asked for the end of its licence, and has not taken that back."""

    asked: bool


@dataclass(frozen=True)
class DepartmentLists:
    """What the departments asked for and a merged supplement list (合并补正) leaves out."""

    left_out: tuple[str, ...]


@dataclass(frozen=True)
class DepartmentAsks:
    """What the departments asked for at the pre-check and has not come in since."""

    outstanding: tuple[str, ...]


@dataclass(frozen=True)
class Reviews:
    """The items that a department's examination did not pass."""

    failed: tuple[str, ...]


@dataclass(frozen=True)
class ItemReview:
    """Whether the examination of the item that is to be decided on ended with a pass."""

    passed: bool


@dataclass(frozen=True)
class Decisions:
    """How many items of a joint matter were granted, and how many refused."""

    granted: int
    refused: int


@dataclass(frozen=True)
class Holding:
    """Whether the authority's rule lets a certificate be held on request, and until when."""

    allowed: bool
    until: date
    today: date
    latest: date
