"""What a body, a court or a bank did stands in its paper (凭据在卷).

In cases of every version: whoever enters it has the paper of just that on file. Nobody's word alone
quashes a decision, makes it heavier, shortens the time to sue, has a fine paid, or a limit rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from casework.acts.act import Act
from casework.acts.clocks import held_in
from casework.acts.handed_in import kept_since, used_elsewhere
from casework.models import Attachment, LogRow
from casework.parts.remedies import decision_in_force as standing
from state_machines.door.proofs import COMMISSION, PERFORMED, Proof, proof_of, proved_by
from state_machines.enforcement.fines.forms import CORRECT_PAYMENT
from state_machines.language.vocabulary import Refusal, Role
from state_machines.licensing.instant_licence.forms import Pause, PauseKind
from state_machines.parts.approvals.measures import CONFISCATIONS, FINES, MeasureKind

# What is put right is proved by the slip of the entry that was mistyped; against the party see
# `enforcement/fines/door`.
_AGAIN: frozenset[str] = frozenset((CORRECT_PAYMENT,))
# Made once: to make an alias costs as much as a small statement.
_LATER: Any = aliased(LogRow)
# A warning is performed by being told, which its receipt proves; money, by the slips of the bank.
_PERFORMED_OTHERWISE = {*FINES, *CONFISCATIONS, MeasureKind.WARNING, MeasureKind.CRITICISM}


def refusals(act: Act) -> list[Refusal]:
    """What is missing of the paper that the entry is about."""
    automatic = act.by_law or act.execution.role is Role.RELATED
    proof = None if automatic else proof_of(act.step)
    if proof is None or _is_proved(act, proof) or (proof == PERFORMED and _is_told(act)):
        return []
    # For a hearing it rests once one is called: `stop_for_hearing_has_one`.
    if proof == COMMISSION and act.filled(Pause).kind == PauseKind.HEARING:
        return []
    return [Refusal(proof.code, f"“{act.step.label}”{proof.wanted}", proof.law)]


def _is_told(act: Act) -> bool:
    """Whether the decision in force asks for nothing but money, and to be told."""
    measures = standing.in_force(act.inputs)
    return bool(measures) and {measure.kind for measure in measures} <= _PERFORMED_OTHERWISE


def _is_proved(act: Act, proof: Proof) -> bool:
    """Whether such a paper is on file that proved nothing yet: one paper proves one entry."""
    if act.step.name in _AGAIN:
        return bool(kept_since(act, proof.item, -1))
    return has_free_paper(act, proof, -1)


def has_free_paper(act: Act, proof: Proof, since: int) -> bool:
    """Whether such a paper came in after a row of the log that proved nothing yet."""
    kept = kept_since(act, proof.item, -1)
    by = proved_by(proof) - _AGAIN
    used = used_elsewhere(act, kept, by, ~_taken_back()) if proof.of_one_case else {}
    free = _free(act, proof, kept, used)
    return any(
        attachment.digest not in used and (attachment.log_seq or 0) > since for attachment in free
    )


def _free(
    act: Act, proof: Proof, kept: Sequence[Attachment], elsewhere: Mapping[str, str]
) -> list[Attachment]:
    """The papers that no entry of the case used. Each used the oldest one handed in before it that
    was free, and was not used by another case by then."""
    free = list(kept)
    names = proved_by(proof) - _AGAIN
    worsening = held_in(act.data)
    for row in act.dossier.headers:
        if row["kind"] != "step" or row["role"] == Role.RELATED:
            continue
        if row["name"] not in names and str(row["seq"]) not in worsening:
            continue
        at = str(row["recorded_at"])
        used = (
            attachment
            for attachment in free
            if (attachment.log_seq or 0) < row["seq"] and elsewhere.get(attachment.digest, at) >= at
        )
        if (one := next(used, None)) is not None:
            free.remove(one)
    return free


def _taken_back() -> ColumnElement[bool]:
    """Whether a payment was put right to nothing: it had come for another case."""
    return (
        select(_LATER.id)
        .where(
            _LATER.case_id == LogRow.case_id,
            _LATER.seq > LogRow.seq,
            _LATER.header["kind"].as_string() == "step",
            _LATER.header["name"].as_string() == CORRECT_PAYMENT,
            _LATER.payload["input"]["voucher"].as_string()
            == LogRow.payload["input"]["voucher"].as_string(),
            _LATER.payload["input"]["amount"].as_string().regexp_match(r"^0+(\.0+)?$"),
        )
        .exists()
    )
