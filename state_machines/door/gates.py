"""Conditions that every version of a step has (各版本共同的条件), besides those it declares.

A version keeps the guards it was published with. Where the law lets nobody past, though, it also
binds cases that run under an older version, and processes cannot wait for their next one: what
stands here is asked of all of them, from the release on.
"""

from __future__ import annotations

from collections.abc import Mapping

from state_machines.enforcement.penalty import guards as penalties
from state_machines.language.vocabulary import Guard, Process, Step
from state_machines.parts.evidence import guards as evidence
from state_machines.parts.legal_review import guards as legal_review
from state_machines.parts.same_act import guards as same_act

# 处罚法40, 46, 55: facts are proved before they are told, reviewed or decided on.
_PROVED = (
    evidence.evidence_is_on_file,
    evidence.cited_evidence_is_registered,
    evidence.device_record_is_reviewed,
)
# 处罚法29, 33: nobody is fined twice for one act, or punished for what was let off.
_FIRST = (same_act.act_is_fined_once, same_act.exempted_act_is_not_punished)

# 处罚法9, 44, 63: what is not named as a penalty is none.
_NAMED = (penalties.details_add_no_penalty,)

# By `process.step`.
GATES: Mapping[str, tuple[Guard, ...]] = {
    "penalty.propose": _NAMED,
    "penalty.notify": (*_PROVED, *_FIRST, *_NAMED),
    "penalty.reconsider": _NAMED,
    "penalty.submit_review": _PROVED,
    "penalty.pass_review": _PROVED,
    "penalty.decide": (
        *_PROVED,
        *_FIRST,
        evidence.evidence_was_told,
        same_act.difference_is_told,
        *_NAMED,
        legal_review.review_is_not_left_out,
    ),
    "simple_penalty.punish": (*_PROVED, *_FIRST, *_NAMED),
    "first_offence_exemption.propose_exemption": _PROVED,
    "first_offence_exemption.exempt": _PROVED,
    "commitment_check.notify_revocation": _PROVED,
    "commitment_check.submit_review": _PROVED,
    "commitment_check.pass_review": _PROVED,
    "commitment_check.revoke": (*_PROVED, evidence.evidence_was_told),
    "commitment_check.refer_penalty": _FIRST,
}


def guards_of(process: Process, step: Step) -> tuple[Guard, ...]:
    """All that is asked before a step: by its version, and by every version."""
    return (*step.guards, *GATES.get(f"{process.key}.{step.name}", ()))
