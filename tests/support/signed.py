"""Signed papers (签名材料): whoever lacks one hands it in, and tries again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count

from state_machines.door import acts

_scans = count(1)


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


def scan() -> bytes:
    """A scan that is like no other."""
    return f"%PDF-1.4\n%scan {next(_scans)}\n%%EOF\n".encode()
