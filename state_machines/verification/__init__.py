"""Verification of declarations (程序核验): every hole is found before a case can fall into it.

Pure: what the rulebook and the templates hold is handed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain

from state_machines.language.vocabulary import Process
from state_machines.verification.act_findings import check_acts
from state_machines.verification.approvals import check_approvals
from state_machines.verification.attendance import check_attendance
from state_machines.verification.clock_findings import check_clocks
from state_machines.verification.effects import check_effects
from state_machines.verification.findings import (
    ADDED_FIELDS,
    OPENING,
    DocumentKnowledge,
    FactKnowledge,
    Finding,
    Knowledge,
    PartKnowledge,
    Presence,
)
from state_machines.verification.forms import check_forms
from state_machines.verification.matters import (
    check_codes,
    check_gates,
    check_matters,
    field_of_public_places,
)
from state_machines.verification.named_steps import check_step_names
from state_machines.verification.names import check_names
from state_machines.verification.references import check_references
from state_machines.verification.relations import check_relations, families
from state_machines.verification.separation import check_separation
from state_machines.verification.service import check_service
from state_machines.verification.tracks import check_tracks

__all__ = [
    "ADDED_FIELDS",
    "OPENING",
    "DocumentKnowledge",
    "FactKnowledge",
    "Finding",
    "Knowledge",
    "PartKnowledge",
    "Presence",
    "check_step_names",
    "verify",
]


def verify(
    processes: Mapping[str, Process], known: Knowledge, files: Mapping[str, str] | None = None
) -> list[Finding]:
    """Every hole in these declarations, told as the way that leads to it; none if all is well.

    `known` is what the rest of the house has by name, `files` where each process is declared. Where
    a name leads nowhere only such names are given, since every other check builds on them.
    """
    findings = _lost(processes, known) or _holes(processes, known)
    return [
        replace(finding, file=(files or {}).get(finding.process, finding.file))
        for finding in findings
    ]


def _lost(processes: Mapping[str, Process], known: Knowledge) -> list[Finding]:
    found = (check_names(process, known.parts) for process in processes.values())
    return list(chain.from_iterable(found))


def _holes(processes: Mapping[str, Process], known: Knowledge) -> list[Finding]:
    related = families(processes)
    findings = [
        *check_codes(processes),
        *check_gates(processes, known),
        *field_of_public_places(processes, known.place_processes),
    ]
    for key, process in processes.items():
        findings += check_attendance(process)
        findings += check_clocks(process)
        findings += check_tracks(process)
        findings += check_forms(process)
        findings += check_relations(process, processes, related[key], known.limits, known.documents)
        findings += check_separation(process, processes, related[key])
        findings += check_approvals(process)
        findings += check_service(process, known.documents)
        findings += check_acts(process, known.limits)
        findings += check_matters(process, known)
        findings += check_effects(process, processes, known)
        findings += check_references(process, known, related[key])
    return findings
