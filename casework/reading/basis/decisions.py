"""Which acts are decisions (决定): what the authority decides or tells, or the law in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from state_machines.language.vocabulary import Process, Role

_OF_OTHERS = (Role.APPLICANT.value, Role.PUBLIC.value)


def decides(process: Process, header: Mapping[str, Any], *, issued: bool) -> bool:
    """Whether a row of the log is a decision: a step of the authority, or of the law, that issued a
    document or brought the case, or a branch of it, to an end."""
    theirs = header["kind"] == "step" and header["role"] not in _OF_OTHERS
    return theirs and (issued or process.state(header["target"]).end)
