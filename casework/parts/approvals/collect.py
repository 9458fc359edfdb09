"""Approvals that bind a step (约束), as the log and the drafts have them."""

from __future__ import annotations

from casework.acts.act import Act
from casework.acts.proposals import approvals_for
from casework.kernel.facts import FactTable
from state_machines.parts.approvals.facts import KeptApprovals, NeededApprovals


def _needed(act: Act) -> NeededApprovals:
    return NeededApprovals(tuple(approvals_for(act)))


def _kept(act: Act) -> KeptApprovals:
    return KeptApprovals(tuple(approvals_for(act)))


FACTS: FactTable = {
    KeptApprovals: _kept,
    NeededApprovals: _needed,
}
