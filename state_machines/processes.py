"""Every process this release declares, by key: whatever a topic's `process.py` declares."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rulebook.tree import ROOT
from state_machines.language.topics import modules_named
from state_machines.language.vocabulary import Process


class DeclaredTwice(Exception):
    """Two files declare a process of the same key."""


def _declared() -> tuple[dict[str, Process], dict[str, str]]:
    """Every process, and the file that declares it, by key. Raises DeclaredTwice."""
    processes: dict[str, Process] = {}
    files: dict[str, str] = {}
    for module in modules_named("process", "state_machines"):
        file = Path(str(module.__file__)).relative_to(ROOT).as_posix()
        declared = [value for value in vars(module).values() if isinstance(value, Process)]
        for process in declared:
            if processes.get(process.key) is process:
                continue  # one process may name another
            if process.key in processes:
                raise DeclaredTwice(f"{file} declares {process.key}, as {files[process.key]} does")
            processes[process.key], files[process.key] = process, file
    return processes, files


PROCESSES: Mapping[str, Process]
FILES: Mapping[str, str]  # where each of them is declared, from the root of the tree
PROCESSES, FILES = _declared()
