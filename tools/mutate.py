"""Take one thing out of the law at a time, and see whether a test notices.

For every role, clock, effect, second signature and separation of duties of every declaration a copy
of the tree is made in which it is missing, and the tests that should notice are run there; for
guards see `tools.guards`.
What survives is a rule that nobody tests. First the same tests must pass where nothing is missing,
or else any failure would pass for a notice. Results are kept, so a run that was ended goes on where
it stopped; `--part 1/2` and `--part 2/2` share the work between two terminals.

    python -m tools.mutate                       everything that has no result yet
    python -m tools.mutate --only role clock    only these kinds
    python -m tools.mutate --list                what there is to take out
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rulebook.tree import ROOT
from state_machines.language.vocabulary import Process, Step
from state_machines.processes import FILES, PROCESSES

RESULTS = ROOT / ".nuoxin" / "mutants.jsonl"
_COPIED = (
    "api", "casework", "demo", "migrations", "rulebook", "state_machines", "templates", "tests",
    "tools", "pyproject.toml",
)  # fmt: skip

# The tests most likely to notice come first: a run ends with the first failure.
_TESTS = {
    "role": (
        "casework/test_role_table",
        "casework/test_punctuality",
        "state_machines/test_verification",
    ),
    "clock": (
        "casework/test_punctuality",
        "casework/test_versions",
        "casework/test_sweeps",
        "casework/test_one_matter",
    ),
    "effect": ("casework/test_effects", "casework/test_conditions"),
    "second": ("casework/test_two_officers", "casework/test_role_table"),
    "apart": ("casework/test_two_officers",),
}


@dataclass(frozen=True)
class Mutant:
    """One thing taken out: its kind, where, and the Python that takes it out of a process `p`."""

    kind: str
    name: str
    code: str


def mutants() -> list[Mutant]:
    """Every mutant of every declaration."""
    return [mutant for process in PROCESSES.values() for mutant in _mutants_of(process)]


def _mutants_of(process: Process) -> Iterator[Mutant]:
    """A mutant for each role, effect, second signature, separation and clock of a process."""
    for step in process.every_step:
        where = f"{process.key}.{step.name}"
        for role in step.by:
            kept = f"tuple(r for r in s.by if r != {role.value!r})"
            yield _step("role", f"{where} by {role.value}", step, f"by={kept}")
        for at, effect in enumerate(step.effects):
            kept = f"s.effects[:{at}] + s.effects[{at + 1}:]"
            yield _step("effect", f"{where} → {effect}", step, f"effects={kept}")
        if step.two_officers:
            yield _step("second", f"{where} by two officers", step, "two_officers=False")
        for other in step.apart_from:
            kept = f"tuple(a for a in s.apart_from if a != {other!r})"
            yield _step("apart", f"{where} apart from {other}", step, f"apart_from={kept}")
    for clock in process.every_clock:
        kept = f"clocks=tuple(c for c in part.clocks if c.name != {clock.name!r})"
        yield Mutant("clock", f"{process.key}.{clock.name}", _everywhere(kept))


def _step(kind: str, name: str, step: Step, change: str) -> Mutant:
    changed = f"replace(s, {change}) if s.name == {step.name!r} else s"
    return Mutant(kind, name, _everywhere(f"steps=tuple({changed} for s in part.steps)"))


def _everywhere(change: str) -> str:
    """A change of the process itself and of each of its tracks (`part`)."""
    tracks = f"tuple(replace(part, {change}) for part in p.tracks)"
    return f"for part in (p,):\n    p = replace(p, {change}, tracks={tracks})"


def notice(mutant: Mutant, tree: Path) -> str:
    """Which test notices the mutant in a copy of the tree; `""` if it survives."""
    process = mutant.name.split(".")[0]
    file = FILES[process]
    declaration = tree / file
    shipped = (ROOT / file).read_text(encoding="utf-8")
    taken_out = (
        f"\n\nfrom dataclasses import replace\n\np = {process.upper()}\n{mutant.code}\n"
        f"{process.upper()} = p\n"
    )
    declaration.write_text(shipped + taken_out, encoding="utf-8")
    failed = _first_failure(mutant.kind, tree)
    declaration.write_text(shipped, encoding="utf-8")
    return failed


def control(kinds: Collection[str], tree: Path) -> None:
    """The same tests in the copy as it is: unless they pass, their failures say nothing."""
    for kind in sorted(kinds):
        if failed := _first_failure(kind, tree):
            raise SystemExit(f"{kind}: fails with nothing taken out: {failed}")


def _first_failure(kind: str, tree: Path) -> str:
    """Which of the tests that should notice this kind fails in a copy of the tree; `""` if none."""
    tests = [f"tests/{name}.py" for name in _TESTS[kind]]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-m", "not heavy", "-p", "no:cacheprovider",
         *tests],
        cwd=tree, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ran.returncode == 0:
        return ""
    said = [line for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return said[0].split(" - ")[0].split(" ", 1)[-1] if said else f"exit {ran.returncode}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what has no result yet, print the table, and give the number of survivors."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=sorted(_TESTS), help="these kinds")
    parser.add_argument("--part", default="1/1", help="this part of the work, as 1/2")
    parser.add_argument("--list", action="store_true", help="say what there is, run nothing")
    parser.add_argument("--again", action="store_true", help="run survivors anew")
    chosen = parser.parse_args(arguments)
    part, parts = map(int, chosen.part.split("/"))
    wanted = [m for m in mutants() if not chosen.only or m.kind in chosen.only]
    if not chosen.list:
        known = _known()
        todo = [m for m in wanted if m.name not in known or (chosen.again and not known[m.name])][
            part - 1 :: parts
        ]
        _run(todo)
    return _print(wanted)


def _run(todo: Sequence[Mutant]) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder)
        for name in _COPIED:
            source = ROOT / name
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, tree / name, ignore=ignored)
            else:
                shutil.copy(source, tree / name)
        control({mutant.kind for mutant in todo}, tree)
        for at, mutant in enumerate(todo, 1):
            noticed = notice(mutant, tree)
            with RESULTS.open("a", encoding="utf-8") as file:
                line = {**asdict(mutant), "noticed_by": noticed}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
            print(f"{at}/{len(todo)} {mutant.kind} {mutant.name}: {noticed or 'SURVIVES'}")


def _known() -> dict[str, str]:
    """By the name of a mutant the test that noticed it; empty if none did."""
    if not RESULTS.exists():
        return {}
    lines = RESULTS.read_text(encoding="utf-8").splitlines()
    return {found["name"]: found["noticed_by"] for found in map(json.loads, lines)}


def _print(wanted: Sequence[Mutant]) -> int:
    """Print how many mutants of each kind survive, and which; gives how many."""
    known = _known()
    survivors = [m for m in wanted if known.get(m.name) == ""]
    print()
    for kind in _TESTS:
        of_kind = [m for m in wanted if m.kind == kind]
        if not of_kind:
            continue
        tried = [m for m in of_kind if m.name in known]
        alive = [m for m in tried if not known[m.name]]
        print(f"{kind:8} {len(of_kind):4} in all {len(tried):4} tried {len(alive):4} survive")
    for mutant in survivors:
        print(f"SURVIVES {mutant.kind:8} {mutant.name}")
    return len(survivors)


if __name__ == "__main__":
    sys.exit(main())
