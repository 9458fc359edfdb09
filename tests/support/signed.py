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
        "no_signed_statement": acts._IN_WRITING.get(step, ""),
    }
    found = {asked.get(code, "") for code in codes}
    return found.pop() if len(found) == 1 else ""


def scan(case: Case, at: datetime) -> bytes:
    """A scan for a step of a case at its present version: the same whenever that comes again."""
    return f"%PDF-1.4\n%scan {case.number} {case.version} {at.isoformat()}\n%%EOF\n".encode()
