"""Signed papers (签名材料): whoever lacks one hands it in, and tries again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from casework.models import Case
from state_machines.door import acts


def material_for(step: str, codes: Iterable[str]) -> str:
    """The item that these refusals of a step ask for, if they ask for nothing else."""
    asked: Mapping[str, str] = {
        "no_signed_receipt": "signed_receipt",
        "no_announcement_copy": "announcement_copy",
        "ending_unproved": "ending_proof",
        "interest_unproved": "interest_proof",
        "no_signed_statement": acts._IN_WRITING.get(step, ""),
    }
    found = {asked.get(code, "") for code in codes}
    return found.pop() if len(found) == 1 else ""


def scan(case: Case, at: datetime, by: str) -> bytes:
    """What somebody scans for a case at its present version: the same if that comes again."""
    said = f"{case.number} {case.version} {at.isoformat()} {by}"
    return f"%PDF-1.4\n%scan {said}\n%%EOF\n".encode()
