"""What a body, a court or a bank did stands in its paper (凭据在卷).

In cases of every version: whoever enters it has the paper of just that on file. Nobody's word alone
quashes a decision, makes it heavier, shortens the time to sue, or has a fine paid.
"""

from __future__ import annotations

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.handed_in import kept_since
from casework.models import Attachment
from state_machines.door.proofs import Proof, proof_of, proved_by
from state_machines.language.vocabulary import Refusal, Role


def refusals(act: Act) -> list[Refusal]:
    """What is missing of the paper that the entry is about."""
    automatic = act.by_law or act.hand.role is Role.RELATED
    proof = None if automatic else proof_of(act.step)
    if proof is None or _is_proved(act, proof):
        return []
    return [Refusal(proof.code, f"“{act.step.label}”{proof.wanted}", proof.law)]


def _is_proved(act: Act, proof: Proof) -> bool:
    """Whether such a paper came in since the entry before: one paper proves one entry."""
    kept = kept_since(act, proof.item, act.dossier.row_of(*proved_by(proof)))
    return any(not proof.of_one_case or not _is_of_another(act, one) for one in kept)


def _is_of_another(act: Act, paper: Attachment) -> bool:
    """Whether the same scan was kept with another case before."""
    earlier = select(Attachment.id).where(
        Attachment.material == paper.material,
        Attachment.digest == paper.digest,
        Attachment.case_id != act.case.id,
        Attachment.id < paper.id,
    )
    return act.session.scalar(earlier.limit(1)) is not None
