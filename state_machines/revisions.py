"""Published revisions: the code of a rule that cases ran under never changes (已公布的版本).

`published.json` lists every guard revision with a digest of its code, every effect revision with
its fields, and the versions of each process with the day each takes effect. Entries are added,
never altered; a rule that must change gets a new revision.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from itertools import chain
from pathlib import Path
from types import FunctionType
from typing import Any

from state_machines.language.canonical import digest
from state_machines.language.topics import modules_named
from state_machines.language.vocabulary import EFFECTS, GUARDS, Guard, Process
from state_machines.processes import FILES, PROCESSES
from state_machines.verification import Finding, Knowledge, check_step_names, verify

PUBLISHED = Path(__file__).with_name("published.json")

_PLAIN = (str, int, float, bool, type(None))


class RevisionAltered(Exception):
    """What was published differs from what is declared now, and may not be overwritten."""


@dataclass(frozen=True)
class Declared:
    """What this release declares; the whole of it unless a test says otherwise."""

    guards: Mapping[str, Guard]
    effects: Mapping[str, type]
    processes: Mapping[str, Process]


# Every topic belongs to the release, also one that no process composes yet.
modules_named("guards", "state_machines")

# A guard that was declared elsewhere, for a trial or a test, is not part of the release.
_SHIPPED = {
    key: one for key, one in GUARDS.items() if one.rule.__module__.startswith("state_machines.")
}
RELEASE = Declared(_SHIPPED, EFFECTS, PROCESSES)


def code_digest(guard: Guard) -> str:
    """SHA-256, as hex, of what a guard's code does.

    It covers the syntax of the function and of every function and constant of this room that it
    uses; comments, docstrings and layout do not count, nor does the version of Python. Raises
    ValueError if the code rests on something whose content cannot be pinned down.
    """
    parts: dict[str, Any] = {}
    _collect(guard.rule, parts)
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def report(known: Knowledge, path: Path = PUBLISHED) -> list[Finding]:
    """All that `nuoxin check` finds in the declarations of this release; none if all is well.

    `known` is what the rest of the house has by name, as for `verify`.
    """
    named = check_step_names(modules_named("forms", "state_machines"), PROCESSES)
    return [*verify(PROCESSES, known, FILES), *named, *check_published(path)]


def check_published(path: Path = PUBLISHED, release: Declared = RELEASE) -> list[Finding]:
    """Whatever was altered, has vanished or is not listed yet, by comparison with the file."""
    published = _read(path)
    findings = []
    for group, current in _current(release).items():
        before = published[group]
        for key in sorted(before.keys() | current.keys()):
            if key not in current:
                kind, what = "revision_vanished", "was published and is no longer declared"
            elif key not in before:
                kind, what = "revision_unlisted", f"is not in {path.name}: publish it"
            elif before[key] != current[key]:
                kind, what = (
                    "revision_altered",
                    "was published with other code; declare a new revision instead",
                )
            else:
                continue
            findings.append(Finding(path.name, kind, f"{group} {key} {what}"))
    for process in release.processes.values():
        if _version(process) not in published["processes"].get(process.key, []):
            findings.append(
                Finding(
                    process.key,
                    "version_unlisted",
                    f"this version ({digest(process)[:12]}, in force from "
                    f"{process.effective_from}) is not in {path.name}: publish it",
                )
            )
    return findings


def publish(path: Path = PUBLISHED, release: Declared = RELEASE) -> list[str]:
    """Add to the file what it does not list yet, and give the names of what was added.

    Raises RevisionAltered, and writes nothing, if a published revision is declared otherwise now.
    """
    published = _read(path)
    added = []
    for group, current in _current(release).items():
        for key, content in current.items():
            if key not in published[group]:
                published[group][key] = content
                added.append(key)
            elif published[group][key] != content:
                raise RevisionAltered(f"{group} {key} was published with other code")
    for process in release.processes.values():
        versions = published["processes"].setdefault(process.key, [])
        if _version(process) not in versions:
            versions.append(_version(process))
            added.append(f"{process.key} {digest(process)[:12]}")
    if added:
        path.write_text(
            json.dumps(published, ensure_ascii=False, indent=2, sort_keys=True) + "\n",
            encoding="utf-8",
        )
    return added


def _read(path: Path) -> dict[str, Any]:
    written: dict[str, Any] = {"guards": {}, "effects": {}, "processes": {}}
    if path.exists():
        written |= json.loads(path.read_text(encoding="utf-8"))
    return written


def _current(release: Declared) -> dict[str, dict[str, Any]]:
    return {
        "guards": {key: code_digest(guard) for key, guard in release.guards.items()},
        "effects": {
            key: [f"{field.name}: {field.type}" for field in fields(effect)]
            for key, effect in release.effects.items()
        },
    }


def _version(process: Process) -> dict[str, str]:
    return {"digest": digest(process), "effective_from": process.effective_from.isoformat()}


def _collect(function: Callable[..., Any], parts: dict[str, Any]) -> None:
    """Put the syntax of a function, and of what it uses of this room, under their names."""
    assert isinstance(function, FunctionType)  # noqa: S101 -- narrows the type
    name = function.__qualname__
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)  # noqa: S101 -- narrows the type
    if ast.get_docstring(tree) is not None:
        del tree.body[0]
    # Not the decorator: it says which revision this is, not what the code does.
    code = [tree.args, *tree.body]
    if not _add(parts, name, [_syntax(node) for node in code]):
        return
    for node in chain.from_iterable(map(ast.walk, code)):
        if isinstance(node, ast.Name) and node.id in function.__globals__:
            _use(node.id, function.__globals__[node.id], parts)


def _use(name: str, value: Any, parts: dict[str, Any]) -> None:
    room = __name__.partition(".")[0]
    if isinstance(value, FunctionType) and value.__module__.partition(".")[0] == room:
        _collect(value, parts)
    elif isinstance(value, Guard):
        _collect(value.rule, parts)
    elif _is_plain(value):
        _add(parts, name, ascii(value))
    elif not (isinstance(value, type) or inspect.ismodule(value) or inspect.isroutine(value)):
        raise ValueError(f"a guard uses {name}, a {type(value).__name__} that may change")


def _add(parts: dict[str, Any], name: str, content: Any) -> bool:
    """Put a part under its name, whatever file it stands in; false if it is there already. Raises
    ValueError if another part bears the name."""
    if parts.setdefault(name, content) is not content:
        if parts[name] != content:
            raise ValueError(f"a guard uses two things named {name}: rename one")
        return False
    return True


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(_is_plain(item) for item in value)
    return isinstance(value, _PLAIN)


def _syntax(node: ast.AST) -> Any:
    """A syntax tree as JSON; what is empty is left out, since later Pythons add empty fields."""
    content = {
        name: [_value(item) for item in value] if isinstance(value, list) else _value(value)
        for name, value in ast.iter_fields(node)
        if value is not None and value != []
    }
    return {"node": type(node).__name__, **content}


def _value(value: Any) -> Any:
    return _syntax(value) if isinstance(value, ast.AST) else ascii(value)
