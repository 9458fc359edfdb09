"""Conditions that every version of a step has (各版本共同的条件), besides those it declares.

A version keeps the guards it was published with. Where the law lets nobody past, though, it also
binds cases that run under an older version, and processes cannot wait for their next one: what
stands here is asked of all of them, from the release on.
"""

from __future__ import annotations

from collections.abc import Mapping

from state_machines.checks.commitment_check import guards as revocations
from state_machines.enforcement.custody import guards as custody
from state_machines.enforcement.exemption import guards as exemptions
from state_machines.enforcement.fines import guards as fines
from state_machines.enforcement.fines.forms import (
    APPLY_TO_COURT,
    CLOSE,
    END_EXECUTION,
    HAND_OVER_EXECUTION,
    MAKE_AGREEMENT,
    URGE,
)
from state_machines.enforcement.penalty import guards as penalties
from state_machines.language.vocabulary import Guard, Process, Step
from state_machines.licensing.licence import guards as licences
from state_machines.parties.code_change import guards as successions
from state_machines.parts.evidence import guards as evidence
from state_machines.parts.intake import guards as intake
from state_machines.parts.interested_party import guards as interested
from state_machines.parts.legal_review import guards as legal_review
from state_machines.parts.limits import guards as limits
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
_NAMED = (penalties.details_add_no_penalty, penalties.confiscated_goods_are_valued)

# 处罚法4, 5, 40: at which stage an offence stands follows from the file, and its article from that.
_QUALIFIED = (
    penalties.stage_follows_from_the_file,
    penalties.measures_are_of_their_stage,
    penalties.basis_is_of_the_catalogue,
)

# 处罚法36: how long an act may be pursued follows from what it is told and decided as.
_IN_TIME = (exemptions.act_is_not_time_barred,)

# By `process.step`.
GATES: Mapping[str, tuple[Guard, ...]] = {
    "penalty.propose": (*_NAMED, *_QUALIFIED, *_IN_TIME),
    "penalty.notify": (*_PROVED, *_FIRST, *_NAMED, *_QUALIFIED, *_IN_TIME),
    "penalty.reconsider": (*_NAMED, *_QUALIFIED),
    "penalty.submit_review": _PROVED,
    "penalty.pass_review": _PROVED,
    "penalty.forgo_panel": (penalties.gravity_is_discussed,),
    "penalty.decide": (
        *_PROVED,
        *_FIRST,
        evidence.evidence_was_told,
        same_act.difference_is_told,
        *_NAMED,
        *_QUALIFIED,
        *_IN_TIME,
        penalties.gravity_was_told_and_discussed,
        penalties.class_is_not_graver,
        legal_review.review_is_not_left_out,
    ),
    **{
        f"{process}.{step}": guards
        for process in ("penalty", "simple_penalty")
        for step, guards in {
            **dict.fromkeys(
                (URGE, MAKE_AGREEMENT, APPLY_TO_COURT, HAND_OVER_EXECUTION),
                (same_act.one_fine_is_in_force,),
            ),
            CLOSE: (same_act.one_fine_is_in_force, fines.recovered_is_recovered_whole),
            END_EXECUTION: (fines.end_of_execution_is_proved,),
        }.items()
    },
    "penalty.release": (*_PROVED, penalties.release_is_founded),
    **dict.fromkeys(
        ("penalty.terminate", "first_offence_exemption.terminate"),
        (penalties.end_of_party_is_proved,),
    ),
    "penalty.send_transfer": (penalties.crime_is_referred,),
    "first_offence_exemption.send_transfer": (penalties.crime_is_no_slight_offence,),
    **dict.fromkeys(
        ("penalty.vary_by_reconsideration", "penalty.vary_by_litigation"),
        (penalties.class_is_not_graver, penalties.details_add_no_penalty),
    ),
    **dict.fromkeys(
        ("simple_penalty.vary_by_reconsideration", "simple_penalty.vary_by_litigation"),
        (penalties.details_add_no_penalty,),
    ),
    "simple_penalty.punish": (*_PROVED, *_FIRST, *_NAMED, *_QUALIFIED),
    "first_offence_exemption.propose_exemption": _PROVED,
    "first_offence_exemption.exempt": _PROVED,
    "commitment_check.notify_revocation": (*_PROVED, revocations.revocation_names_its_item),
    "commitment_check.submit_review": _PROVED,
    "commitment_check.pass_review": _PROVED,
    **dict.fromkeys(
        ("commitment_check.revoke", "commitment_check.record_breach"),
        (*_PROVED, evidence.evidence_was_told, revocations.revocation_names_its_item),
    ),
    "commitment_check.refer_penalty": _FIRST,
    "licence.deem_renewed": (licences.renewal_was_complete,),
    # A change is left out: a holder must tell of a new name or head (许可法49).
    **dict.fromkeys(("one_matter.submit", "licence_renewal.submit"), (intake.party_may_apply,)),
    **dict.fromkeys(
        (
            "licence_renewal.grant",
            "licence_change.grant",
            "one_matter.decide_health",
            "one_matter.decide_eco",
            "single_health.decide_health",
            "single_eco.decide_eco",
        ),
        (interested.others_are_heard, interested.own_hearing_is_held),
    ),
    **dict.fromkeys(
        ("interested_party.withdraw_hearing", "interested_party.abandon_hearing"),
        (interested.own_hearing_goes_on,),
    ),
    **dict.fromkeys(
        (
            "instant_licence.pause",
            "licence_renewal.pause",
            "licence_change.pause",
            "one_matter.pause_health",
            "one_matter.pause_eco",
            "single_health.pause_health",
            "single_eco.pause_eco",
        ),
        (interested.stop_for_hearing_has_one, limits.pauses_end_together),
    ),
    # 细则22: of two who applied for one place the first has its licence.
    "instant_licence.grant": (
        interested.others_are_heard,
        interested.own_hearing_is_held,
        intake.place_is_free,
    ),
    "evidence_custody.send_for_test": (custody.tests_end_together,),
    "code_change.submit_claim": (successions.former_party_is_the_same,),
    "code_change.confirm_succession": (
        successions.former_party_is_the_same,
        successions.former_party_was_heard,
    ),
}


def guards_of(process: Process, step: Step) -> tuple[Guard, ...]:
    """All that is asked before a step: by its version, and by every version."""
    return (*step.guards, *GATES.get(f"{process.key}.{step.name}", ()))
