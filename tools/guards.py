"""Take one condition at a time away from the law, and see whether a test minds.

Faster than `tools.mutate`, and as thorough: the suite runs once with a watch kept over which
condition (guard) refused which step in which test; then the quickest test in which it alone refused
runs once more with the condition gone. A test that passes all the same has not minded. What never
refused has no witness: only tests/data/processes holds it.

    python -m tools.guards              watch, if that was not done yet, and try what has no result
    python -m tools.guards --anew       forget what was found before
    python -m tools.guards --list       say what is known, run nothing
    python -m tools.guards -- -n 2      what follows goes to pytest
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from rulebook.tree import ROOT
from state_machines.door.gates import guards_of
from state_machines.processes import PROCESSES
from tools.witness import GONE, SEEN, TRIED

_KEPT = {name: ROOT / ".nuoxin" / f"{name.lower()}.jsonl" for name in (SEEN, TRIED, GONE)}
_MOST = 3  # witnesses of one condition that are heard
# Walks, roles and schedules try other things, and take longest.
_WATCHED = ("tests/api", "tests/casework", "--ignore=tests/casework/test_walks.py",
            "--ignore=tests/casework/test_role_table.py")  # fmt: skip


def conditions() -> list[str]:
    """Every condition of every step, as `process.step if guard`."""
    return [
        f"{process.key}.{step.name} if {guard.name}"
        for process in PROCESSES.values()
        for step in process.every_step
        for guard in guards_of(process, step)
    ]


def witnesses() -> dict[str, list[str]]:
    """The tests in which a condition refused a step, those first where it alone did, by time."""
    seconds: dict[str, float] = {}
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    for line in _lines(SEEN):
        if "seconds" in line:
            seconds[line["test"]] = line["seconds"]
            continue
        for one in line["refused"]:
            alone = len(line["refused"]) == 1
            found[one][line["test"]] = found[one].get(line["test"], False) or alone
    return {
        one: sorted((t for t in tests if t in seconds), key=lambda t: (not tests[t], seconds[t]))
        for one, tests in found.items()
    }


def tried() -> dict[str, dict[str, bool]]:
    """For each condition the tests that ran without it, and whether they minded; those under `""`
    failed as they were, and tell nothing."""
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    for line in _lines(TRIED):
        found[line["guard"]][line["test"]] = not line["passed"]
    return found


def _lines(name: str) -> Iterator[dict[str, Any]]:
    if _KEPT[name].exists():
        yield from map(json.loads, _KEPT[name].read_text(encoding="utf-8").splitlines())


def _pytest(kept: Sequence[str], *arguments: str) -> None:
    environment = {**os.environ, **{name: str(_KEPT[name]) for name in kept}}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tools.witness", "-m", "not schedule"]
    subprocess.run([*command, *arguments], cwd=ROOT, env=environment, check=False)


def _next() -> dict[str, list[str]]:
    """By test the conditions that are to be gone in it: of those that nobody has minded yet the
    next witness."""
    known, gone = tried(), defaultdict(list)
    for one, tests in witnesses().items():
        if one in conditions() and not any(known[one].values()):
            left = [test for test in tests[:_MOST] if test not in {**known[one], **known[""]}]
            if left:
                gone[left[0]].append(one)
    return gone


def _try(arguments: Sequence[str]) -> None:
    while gone := _next():
        _KEPT[GONE].write_text(json.dumps(gone, ensure_ascii=False), encoding="utf-8")
        _pytest((GONE, TRIED), *sorted({test.split("::")[0] for test in gone}), *arguments)


def _tell() -> int:
    known, seen = tried(), witnesses()
    survivors = [
        condition
        for condition in conditions()
        if known[condition] and not any(known[condition].values())
    ]
    for condition in conditions():
        if not seen.get(condition):
            print(f"NO WITNESS {condition}")
    for survivor in survivors:
        print(f"SURVIVES   {survivor}   {'; '.join(known[survivor])}")
    covered = sum(bool(known[condition]) for condition in conditions())
    print(f"{len(conditions())} conditions, {covered} tried, {len(survivors)} survive")
    return len(survivors)


def main(arguments: Sequence[str] | None = None) -> int:
    """Watch, try and tell; gives the number of survivors."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--anew", action="store_true", help="forget what was found before")
    parser.add_argument("--list", action="store_true", help="say what is known, run nothing")
    parser.add_argument("pytest", nargs="*", help="goes to pytest")
    chosen = parser.parse_args(arguments)
    if chosen.anew:
        for file in _KEPT.values():
            file.unlink(missing_ok=True)
    if not chosen.list:
        if not _KEPT[SEEN].exists():
            _KEPT[SEEN].parent.mkdir(exist_ok=True)
            _pytest((SEEN,), *_WATCHED, *chosen.pytest)
        _try(chosen.pytest)
    return _tell()


if __name__ == "__main__":
    sys.exit(main())
