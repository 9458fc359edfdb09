"""Clerical errors (笔误): what may be corrected of a document, and what stands in it; and whether
one's own decision may be undone."""

from __future__ import annotations

from casework.acts.act import Act
from casework.acts.proposals import approvals_for
from casework.kernel.facts import FactTable
from casework.parts.corrections.corrected import fields_of, latest_issue, texts_at
from state_machines.parts.corrections.facts import (
    Slips,
    UndoingKind,
    UndoingProposed,
    UndoingReviewed,
    UnservedCorrection,
)
from state_machines.parts.corrections.forms import (
    PROPOSE_UNDOING,
    REVIEW_UNDOING,
    Correction,
    OwnRevocation,
    Undoing,
)


def _slips(act: Act) -> Slips:
    allowed = fields_of(act)
    correction = act.filled(Correction)
    row = latest_issue(act, correction.document)
    substance, absent, same = [], [], []
    for item in correction.items:
        path = allowed.get(item.field)
        if path is None:
            substance.append(item.field)
        elif row and not any(item.wrong in text for text in texts_at(row.context, path)):
            absent.append(f"{item.field}“{item.wrong}”")
        elif item.wrong == item.right:
            same.append(item.field)
    return Slips(row is not None, tuple(substance), tuple(absent), tuple(same), tuple(allowed))


def _unserved(act: Act) -> UnservedCorrection:
    at = act.case.tracks.get("correction", "")
    return UnservedCorrection(at in ("correction_unserved", "correction_announced"))


def _proposed(act: Act) -> UndoingProposed:
    return UndoingProposed(act.latest((PROPOSE_UNDOING, REVIEW_UNDOING)) == PROPOSE_UNDOING)


def _reviewed(act: Act) -> UndoingReviewed:
    # Where nothing binds it, nobody has reviewed it.
    approvals = approvals_for(act)
    return UndoingReviewed(bool(approvals) and all(approval.stands for approval in approvals))


def _kind(act: Act) -> UndoingKind:
    return UndoingKind(act.filled(OwnRevocation).kind == Undoing.CHANGED)


FACTS: FactTable = {
    Slips: _slips,
    UndoingKind: _kind,
    UndoingProposed: _proposed,
    UndoingReviewed: _reviewed,
    UnservedCorrection: _unserved,
}
