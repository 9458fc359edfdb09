"""Verification of declarations (程序核验): every hole is found before a case can fall into it.

Pure: what the rulebook and the templates hold is handed in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import chain

from state_machines.language.vocabulary import Process
from state_machines.verification.act_findings import check_acts
from state_machines.verification.approvals import check_approvals
from state_machines.verification.attendance import check_attendance
from state_machines.verification.clock_findings import check_clocks
from state_machines.verification.duties import check_duties
from state_machines.verification.findings import (
    ADDED_FIELDS,
    COMMON_ROOTS,
    OPENING,
    DocumentKnowledge,
    Finding,
)
from state_machines.verification.forms import check_forms
from state_machines.verification.names import check_names
from state_machines.verification.references import check_references
from state_machines.verification.relations import check_relations, families
from state_machines.verification.service import check_service
from state_machines.verification.tracks import check_tracks

__all__ = ["ADDED_FIELDS", "COMMON_ROOTS", "OPENING", "DocumentKnowledge", "Finding", "verify"]


def verify(
    processes: Mapping[str, Process],
    limits: Collection[str],
    reminders: Collection[str],
    documents: Mapping[str, DocumentKnowledge],
) -> list[Finding]:
    """Every hole in these declarations, told as the way that leads to it; none if all is well.

    `limits` and `reminders` are the rulebook's keys of time limits and of reminder days,
    `documents` its catalogue with the fields of each template. Where a name leads nowhere only
    such names are given, since every other check builds on them.
    """
    lost = list(chain.from_iterable(check_names(process) for process in processes.values()))
    if lost:
        return lost
    related = families(processes)
    findings: list[Finding] = []
    for key, process in processes.items():
        findings += check_attendance(process)
        findings += check_clocks(process)
        findings += check_tracks(process)
        findings += check_forms(process)
        findings += check_relations(process, processes, related[key], limits, documents)
        findings += check_duties(process, processes, related[key])
        findings += check_approvals(process)
        findings += check_service(process)
        findings += check_acts(process, limits)
        findings += check_references(process, limits, reminders, documents)
    return findings
