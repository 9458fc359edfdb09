"""Approvals that bind a step (约束), as the log and the drafts have them."""

from __future__ import annotations

from casework.act import Act
from casework.facts.gathering import Gatherers
from casework.proposals import approvals_for
from state_machines.facts.approvals import KeptApprovals, NeededApprovals


def _needed(act: Act) -> NeededApprovals:
    return NeededApprovals(tuple(approvals_for(act)))


def _kept(act: Act) -> KeptApprovals:
    return KeptApprovals(tuple(approvals_for(act)))


GATHERERS: Gatherers = {
    KeptApprovals: _kept,
    NeededApprovals: _needed,
}
