"""What stands beside the declarations and names them: demo, expectations, prefill, code.

    python -m tools.completeness

`nuoxin check` looks at the declarations and all that they name. This looks the other way: at what
names a process, a step or a state in a plain text, where a slip of the pen hides until somebody
gets there. `make check` runs both.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rulebook.shipped import shipped_editions
from rulebook.tree import ROOT
from state_machines.language.vocabulary import OpenCase, Process
from state_machines.processes import FILES, PROCESSES
from state_machines.verification import OPENING, Finding
from tools.expectations import FOLDER, Expected, expected_processes

CITY = "demo/city.toml"
DEMO = "demo"
PREFILL = "api/**/prefill.py"
# Where production code names steps, states and processes.
CODE = ("casework", "api", "state_machines", "workflows")


def findings() -> list[Finding]:
    """Everything found, none if all is well."""
    return [
        *stories(PROCESSES, demo_texts()),
        *places(PROCESSES),
        *unexpected(PROCESSES, expected_processes()),
        *prefilled(PROCESSES),
        *(finding for room in CODE for finding in named_in_code(PROCESSES, _sources(room))),
    ]


# -- the demo --------------------------------------------------------------------------------------


def stories(processes: Mapping[str, Process], demo: Collection[str]) -> Iterator[Finding]:
    """Find processes of which no story of the demo tells: that `demo`, its texts, never name, and
    that no process opens of which one tells."""
    told = {key for key in processes if any(f'"{key}"' in text for text in demo)}
    waiting = list(told)
    while waiting:
        process = processes[waiting.pop()]
        effects = [effect for step in process.every_step for effect in step.effects]
        opened = {effect.process for effect in effects if isinstance(effect, OpenCase)}
        waiting += opened & set(processes) - told
        told |= opened
    for key in processes:
        if key not in told:
            yield Finding(key, "story_missing", "no story of the demo tells of it", f"{DEMO}/")


def places(processes: Mapping[str, Process], city: Any = None) -> Iterator[Finding]:
    """Find places of the demo city of an unknown kind or with an unknown story, and matters that
    no authority of the city is competent for."""
    from demo import radiation_stories
    from demo.citizens import read_city
    from demo.seeding import place_stories
    from rulebook.shipped import shipped_editions

    known = city or read_city()
    kinds = {
        edition.key: edition.content
        for edition in shipped_editions()
        if edition.kind == "place_kind"
    }
    for firm in known.firms:
        for place in firm.places:
            story = place["story"]
            where = f"{place['name']} of {firm.name}"
            if story not in place_stories():
                yield Finding("demo", "story_unknown", f"{where} has the story {story}", CITY)
            # A clinic says in its own words what it is.
            elif story not in radiation_stories.STORIES and place["kind"] not in kinds:
                yield Finding(
                    "demo", "unknown_place_kind", f"{where} is of the kind {place['kind']}", CITY
                )
    competent = {matter for authority in known.authorities for matter in authority["matters"]}
    for process in processes.values():
        wanted = {process.matter, *(track.matter for track in process.tracks)} - {None, ""}
        for matter in sorted(wanted - competent):
            yield Finding(
                process.key, "authority_missing", f"no authority is competent for {matter}", CITY
            )


# -- what is expected of the steps -----------------------------------------------------------------


def unexpected(
    processes: Mapping[str, Process], expected: Mapping[str, Expected]
) -> Iterator[Finding]:
    """Find steps of which nothing is expected in a state, and what is expected of no step."""
    listed = {
        (key, state, name)
        for key, one in expected.items()
        for name, step in one.steps.items()
        for state in step.roles
    }
    declared = {
        (process.key, state, step.name)
        for process in processes.values()
        for step in process.every_step
        for state in step.moves
    }
    for key, state, step in sorted(declared - listed):
        text = f"of step {step} in state {state} nothing is expected"
        yield Finding(key, "expectation_missing", text, f"{FOLDER}/{key}.toml")
    for key, state, step in sorted(listed - declared):
        text = f"there is no step {step} in state {state}"
        yield Finding(key, "expectation_unknown", text, f"{FOLDER}/{key}.toml")


# -- prefill ---------------------------------------------------------------------------------------


def prefilled(
    processes: Mapping[str, Process], keys: Collection[str] | None = None
) -> Iterator[Finding]:
    """Find steps that the pages prefill, as `step` or `process.step`, and that are not there."""
    if keys is None:
        from api.cases.prefilling import prefilled_steps

        keys = prefilled_steps()
    steps = {(one.key, step.name) for one in processes.values() for step in one.every_step}
    names = {name for _, name in steps}
    for key in keys:
        process, _, step = key.rpartition(".")
        if step in _OF_OLDER_VERSIONS:
            continue
        if (process, step) not in steps if process else step not in names:
            yield Finding(
                process or "prefill",
                "prefill_unknown_step",
                f"the form of {key} is prefilled",
                PREFILL,
            )


# -- names in code ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """A file of code, by its path from the root."""

    path: str
    text: str


def named_in_code(processes: Mapping[str, Process], sources: Iterable[Source]) -> Iterator[Finding]:
    """Find texts in code that stand where a step, a state, a process, a relation or a rule is
    named, and name none."""
    known = _known(processes)
    for source in sources:
        for line, what, name in _Names(known).of(ast.parse(source.text)):
            yield Finding(
                f"line {line}",
                f"code_names_no_{what if what in _DECLARED else 'rule'}",
                f"{name!r} is no {what}",
                source.path,
            )


def _known(processes: Mapping[str, Process]) -> dict[str, frozenset[str]]:
    """The names of each kind of thing."""
    every = list(processes.values())
    states = (state for one in every for part in (one, *one.tracks) for state in part.states)
    effects = [e for one in every for step in one.every_step for e in step.effects]
    opened = {effect.relation for effect in effects if isinstance(effect, OpenCase)}
    rules: dict[str, set[str]] = {kind: set() for kind in _RULES.values()}
    for edition in shipped_editions():
        rules.setdefault(edition.kind, set()).add(edition.key)
    return {
        "step": frozenset(step.name for one in every for step in one.every_step)
        | _KEPT
        | _OF_OLDER_VERSIONS,
        "state": frozenset(state.name for state in states),
        "process": frozenset(processes),
        "relation": frozenset(opened | {one.about for one in every}),
        **{kind: frozenset(keys) for kind, keys in rules.items()},
    }


# What the data of a case holds besides the input of its steps.
_KEPT = frozenset({OPENING, "service", "instalments"})
# Steps that no declaration has any more, but cases of older versions go on with.
_OF_OLDER_VERSIONS = frozenset(
    {"pay_instalment", "pay_last_instalment", "pass_early_review", "return_early_review"}
)
_DECLARED = ("step", "state", "process", "relation")
# Questions to the rules in force, by key, day and region, and the kind of rule that each is for.
_RULES = {
    "limit": "limit",
    "value": "key",
    "setting": "key",
    "document": "document",
    "matter": "matter",
    "materials": "materials",
    "quiz": "quiz",
    "guidance": "guidance",
    "place_kind": "place_kind",
    "credit_item": "credit_item",
}
# Attributes that are mappings by step, and methods that take the name of one.
_BY_STEP = frozenset({"data", "dates"})
_TAKES_STEP = frozenset({"step", "given", "latest"})
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]+")

_Name = tuple[int, str, str]


@dataclass(frozen=True)
class _Names:
    known: Mapping[str, frozenset[str]]

    def of(self, tree: ast.Module) -> Iterator[_Name]:
        """Every name that leads nowhere, with its line and what it should be of."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and _attribute(node.value) in _BY_STEP:
                yield from self._lost("step", [node.slice])
            elif isinstance(node, ast.Call):
                yield from self._call(node)
            elif isinstance(node, ast.Compare):
                yield from self._compare(node)
        for statement in tree.body:
            yield from self._constant(statement)

    def _call(self, node: ast.Call) -> Iterator[_Name]:
        if not isinstance(node.func, ast.Attribute) or not node.args:
            return
        held = _attribute(node.func.value)
        if node.func.attr == "get" and held in _BY_STEP:
            yield from self._lost("step", node.args[:1])
        elif node.func.attr in _TAKES_STEP and len(node.args) == 1:
            yield from self._lost("step", _members(node.args[0]))
        elif node.func.attr == "in_" and held in ("state", "process"):
            yield from self._lost(held, _members(node.args[0]))
        elif node.func.attr == "open_case":
            yield from self._lost("process", node.args[:1])
        elif node.func.attr == "related" and len(node.args) == 1:
            yield from self._lost("relation", node.args)
        elif node.func.attr in _RULES and len(node.args) == 3:
            yield from self._lost(_RULES[node.func.attr], node.args[:1])

    def _compare(self, node: ast.Compare) -> Iterator[_Name]:
        other = node.comparators[0]
        if isinstance(node.ops[0], ast.In | ast.NotIn) and _attribute(other) in _BY_STEP:
            yield from self._lost("step", [node.left])
        held = _attribute(node.left)
        if held in ("state", "process"):
            yield from self._lost(held, _members(other))

    def _constant(self, statement: ast.stmt) -> Iterator[_Name]:
        """A constant of the module that lists names: if most of them are known, all should be."""
        value = getattr(statement, "value", None)
        if not isinstance(statement, ast.Assign | ast.AnnAssign):
            return
        if isinstance(value, ast.Tuple | ast.List | ast.Set):
            listed: list[ast.expr] = value.elts
        elif isinstance(value, ast.Dict):
            listed = [key for key in value.keys if key is not None]
        else:
            return
        texts = [one for one in listed if _text(one) and _IDENTIFIER.fullmatch(_text(one))]
        for what in ("step", "state", "process"):
            known = self.known[what]
            named = [text for text in texts if _text(text) in known]
            if len(named) > 1 and 2 * len(named) > len(texts) == len(listed):
                yield from self._lost(what, texts)
                return

    def _lost(self, what: str, nodes: Iterable[ast.expr]) -> Iterator[_Name]:
        for node in nodes:
            if (name := _text(node)) and name not in self.known[what]:
                yield node.lineno, what, name


def _attribute(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else ""


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _members(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]


def _sources(room: str) -> Iterator[Source]:
    for file in sorted((ROOT / room).rglob("*.py")):
        yield Source(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))


def demo_texts() -> list[str]:
    """The code of the demo."""
    return [source.text for source in _sources(DEMO)]


def main() -> int:
    """Print what is found; gives 1 if that is anything."""
    found = [
        replace(finding, file=finding.file or FILES.get(finding.process, ""))
        for finding in findings()
    ]
    for one in found:
        print(one, file=sys.stderr)
    print(f"发现 {len(found)} 个问题" if found else "演示、职责表、预填和代码中的名称核验通过")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
