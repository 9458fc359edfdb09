"""Approvals that bind (约束): the notice, the review's pass, the panel's minute."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Approval:
    """One approval that a step needs: whether it stands, and in what the step departs from it."""

    name: str
    label: str
    law: str
    stands: bool
    changed: tuple[str, ...] = ()
    heavier: tuple[str, ...] = ()


@dataclass(frozen=True)
class NeededApprovals:
    """The approvals that a step needs, without those that the case may do without."""

    needed: tuple[Approval, ...]


@dataclass(frozen=True)
class KeptApprovals:
    """The same, compared with what the step says."""

    needed: tuple[Approval, ...]
