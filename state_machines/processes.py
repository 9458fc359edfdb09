"""Every process this release declares, by key: whatever a topic's `process.py` declares."""

from __future__ import annotations

from collections.abc import Mapping

from state_machines.language.topics import modules_named
from state_machines.language.vocabulary import Process


def _declared() -> Mapping[str, Process]:
    """The processes by key. Raises ValueError if two of them bear one key."""
    found: dict[str, Process] = {}
    for module in modules_named("process", "state_machines"):
        for process in vars(module).values():
            if isinstance(process, Process) and found.setdefault(process.key, process) != process:
                raise ValueError(f"process {process.key} is declared twice")
    return found


PROCESSES = _declared()
