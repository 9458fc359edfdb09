"""The house (代码布局): what holds of every room, and its picture for `docs/architecture.md`.

    python -m tools.house           say what is out of place; the status is 1 if anything is
    python -m tools.house --draw    write the picture into docs/architecture.md

A folder holds few modules, a module's name stands once in the house or is one of the fixed names,
every room says in its first line what it is, inputs and steps are named by objects
(`tools.typed`), and what is named is named plainly (`tools.words`). That imports run one way the
contracts in pyproject.toml hold (`lint-imports`), from which the picture is drawn.
"""

from __future__ import annotations

import argparse
import ast
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from rulebook.tree import ROOT
from state_machines.processes import PROCESSES
from tools import typed, words

ROOMS = ("api", "workflows", "demo", "casework", "state_machines", "rulebook")
MOST = 20  # modules in one folder
# What a file of a topic is called, in every room and topic alike.
FIXED = frozenset(
    {
        "__init__",
        "process",  # declares a process
        "part",  # declares what several processes share
        "guards",
        "facts",
        "forms",
        "collect",  # reads the facts from the database
        "effects",  # carries out what steps cause
        "door",  # asks more than the guards do
        "papers",  # what documents print
        "reading",  # what is shown
        "routes",
        "pages",
        "prefill",  # what forms begin with
    }
)
PICTURE = ROOT / "docs" / "architecture.md"
_BEGIN, _END = "<!-- rooms: drawn by python -m tools.house --draw -->", "<!-- end of rooms -->"


def findings() -> Iterator[str]:
    """What is out of place, one line each, beginning with the path."""
    named: dict[str, list[str]] = defaultdict(list)
    for room in ROOMS:
        for init in sorted((ROOT / room).rglob("__init__.py")):
            modules = [file for file in init.parent.glob("*.py") if file != init]
            path = init.parent.relative_to(ROOT)
            if len(modules) > MOST:
                yield f"{path}: {len(modules)} modules, more than {MOST}: part it"
            for file in modules:
                named[file.stem].append(str(file.relative_to(ROOT)))
        for path in _rooms_of(room):
            if not _first_line(path):
                yield f"{path.relative_to(ROOT)}/__init__.py: say in a line what the room is"
    for name, files in sorted(named.items()):
        if len(files) > 1 and name not in FIXED:
            yield f"{', '.join(sorted(files))}: one name for {len(files)} files"
    steps = {step.name for process in PROCESSES.values() for step in process.every_step}
    yield from typed.findings(steps)
    yield from words.findings(ROOMS)
    if _picture() not in PICTURE.read_text(encoding="utf-8"):
        yield "docs/architecture.md: rooms have changed, run python -m tools.house --draw"


def draw() -> None:
    """Put the picture of the rooms into the architecture's page."""
    text = PICTURE.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    PICTURE.write_text(f"{before}{_BEGIN}\n{_picture()}\n{_END}{after}", encoding="utf-8")


def _picture() -> str:
    """The rooms from the top down, each with its first line; a room imports only rooms below it."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    lines: list[str] = []
    for contract in contracts["contracts"]:
        if contract["type"] != "layers":
            continue
        above = contract.get("containers", [""])[0]
        lines += [f"**{contract['name']}**", "", "| room | what it is |", "|-|-|"]
        for layer in contract["layers"]:
            for name in (part.strip() for part in layer.split("|")):
                path = ROOT / above / name
                said = _first_line(path)
                lines.append(f"| `{above + '/' if above else ''}{name}` | {said} |")
        lines.append("")
    return "\n".join(lines).rstrip()


def _rooms_of(room: str) -> list[Path]:
    """A room and the rooms right below it."""
    top = ROOT / room
    return [top, *sorted(init.parent for init in top.glob("*/__init__.py"))]


def _first_line(path: Path) -> str:
    """The first line of a package's or module's docstring; empty if it has none."""
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return said.partition("\n")[0]


def main() -> int:
    """Say what is out of place, or draw; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.house", description=__doc__)
    parser.add_argument("--draw", action="store_true", help="write the picture of the rooms")
    if parser.parse_args().draw:
        draw()
        return 0
    found = list(findings())
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
