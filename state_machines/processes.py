"""Every process this release declares, by key. A new process is one more line here."""

from __future__ import annotations

from collections.abc import Mapping

from state_machines.code_change import CODE_CHANGE
from state_machines.commitment_check import COMMITMENT_CHECK
from state_machines.correction_order import CORRECTION_ORDER
from state_machines.credit_objection import CREDIT_OBJECTION
from state_machines.credit_repair import CREDIT_REPAIR
from state_machines.credit_talk import CREDIT_TALK
from state_machines.credit_training import CREDIT_TRAINING
from state_machines.deferral import DEFERRAL
from state_machines.diagnosis_licence import DIAGNOSIS_LICENCE
from state_machines.evidence_custody import EVIDENCE_CUSTODY
from state_machines.first_offence_exemption import FIRST_OFFENCE_EXEMPTION
from state_machines.instant_licence import INSTANT_LICENCE
from state_machines.licence import LICENCE
from state_machines.licence_change import LICENCE_CHANGE
from state_machines.licence_renewal import LICENCE_RENEWAL
from state_machines.national_repair import NATIONAL_REPAIR
from state_machines.one_matter import ONE_MATTER
from state_machines.penalty import PENALTY
from state_machines.place_filing import PLACE_FILING
from state_machines.place_grading import PLACE_GRADING
from state_machines.radiation_single import SINGLE_ECO, SINGLE_HEALTH
from state_machines.safety_licence import SAFETY_LICENCE
from state_machines.simple_penalty import SIMPLE_PENALTY
from state_machines.vocabulary import Process

PROCESSES: Mapping[str, Process] = {
    process.key: process
    for process in (
        INSTANT_LICENCE,
        LICENCE,
        LICENCE_RENEWAL,
        LICENCE_CHANGE,
        PLACE_FILING,
        DEFERRAL,
        COMMITMENT_CHECK,
        EVIDENCE_CUSTODY,
        ONE_MATTER,
        SINGLE_HEALTH,
        SINGLE_ECO,
        DIAGNOSIS_LICENCE,
        SAFETY_LICENCE,
        FIRST_OFFENCE_EXEMPTION,
        PENALTY,
        SIMPLE_PENALTY,
        CORRECTION_ORDER,
        CREDIT_REPAIR,
        NATIONAL_REPAIR,
        CREDIT_OBJECTION,
        CREDIT_TRAINING,
        CREDIT_TALK,
        PLACE_GRADING,
        CODE_CHANGE,
    )
}
