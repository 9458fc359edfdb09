"""What a process is about (办理事项): its matter, its materials, its kind of place, its labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from state_machines.language.vocabulary import (
    Amend,
    JsonObject,
    MoveRelated,
    OpenCase,
    Process,
    RecordService,
    Step,
)
from state_machines.verification import forms
from state_machines.verification.findings import FactKnowledge, Finding, Knowledge
from state_machines.verification.lines import lines
from state_machines.verification.reads import missing

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_SERVICE = "service"  # the list of what proves a service, kept with every case that serves


def check_matters(process: Process, known: Knowledge) -> Iterator[Finding]:
    """Find a matter, list or item of materials, kind of place or setting that is unknown, a fact
    that nobody gathers or that reads what the forms do not have, and labels left out."""
    found = (
        *_matters(process, known),
        *_places(process, known),
        *_facts(process, known),
        *_settings(process, known),
        *_labels(process),
    )
    for kind, message in found:
        yield Finding(process.key, kind, message)


def check_gates(processes: Mapping[str, Process], known: Knowledge) -> Iterator[Finding]:
    """Find conditions of every version that are asked of a step that is not there."""
    steps = {
        f"{process.key}.{step.name}"
        for process in processes.values()
        for step in process.every_step
    }
    for gate in known.gates:
        if gate not in steps and gate.partition(".")[0] in processes:
            yield Finding(
                gate.partition(".")[0],
                "gate_unknown_step",
                f"conditions of every version are asked of {gate}, no step",
            )


def _matters(process: Process, known: Knowledge) -> Iterator[tuple[str, str]]:
    wanted = [("the process", process.matter)]
    wanted += [(f"track {track.label}", track.matter or None) for track in process.tracks]
    for where, matter in wanted:
        if matter is not None and matter not in known.matters:
            yield "unknown_matter", f"{where} is about {matter}, which the rulebook does not have"
    if process.materials is not None and process.materials not in known.materials:
        yield (
            "unknown_materials",
            f"the materials are those of {process.materials}, which the rulebook does not have",
        )


def _places(process: Process, known: Knowledge) -> Iterator[tuple[str, str]]:
    """Kinds of place that stand in the declaration itself."""
    for step, field, text in _constants(process):
        if field == "place_kind" and text not in known.place_kinds:
            yield (
                "unknown_place_kind",
                f"step {step.name} fills in place_kind = {text}, no kind of place of the rulebook",
            )


def _constants(process: Process) -> Iterator[tuple[Step, str, str]]:
    """Texts that stand in the declaration, with the field that each goes to."""
    for step in process.every_step:
        for effect in step.effects:
            if isinstance(effect, OpenCase | MoveRelated | Amend):
                for name, origin in effect.data.items():
                    if origin.startswith("="):
                        yield step, name, origin[1:]


def _facts(process: Process, known: Knowledge) -> Iterator[tuple[str, str]]:
    materials = set(known.materials.get(process.materials or "", ()))
    effects = (effect for step in process.every_step for effect in step.effects)
    if any(isinstance(effect, RecordService) for effect in effects):
        materials |= set(known.materials.get(_SERVICE, ()))
    for step in process.every_step:
        for guard in (*step.guards, *known.gates.get(f"{process.key}.{step.name}", ())):
            for kind in guard.facts:
                where = f"guard {guard.name} of step {step.name} asks for {kind.__name__}"
                fact = known.facts.get(kind)
                if fact is None:
                    yield "fact_not_gathered", f"{where}, which nobody gathers"
                else:
                    yield from _fact(process, step, fact, where, materials)


def _fact(
    process: Process, step: Step, fact: FactKnowledge, where: str, materials: set[str]
) -> Iterator[tuple[str, str]]:
    for read in sorted(fact.reads):
        if why := missing(process, step, read):
            yield why[0], f"{where}, which reads {read}, {why[1]}"
    for item in fact.materials:
        if item not in materials:
            yield (
                "unknown_material",
                f"{where}, which looks for {item}: "
                f"the materials of {process.materials or 'nothing'} have no such item",
            )


def _settings(process: Process, known: Knowledge) -> Iterator[tuple[str, str]]:
    for clock in process.every_clock:
        for stop in clock.stops:
            if stop.alone and stop.alone not in known.settings:
                yield (
                    "unknown_setting",
                    f"stop {stop.label} of clock {clock.label} is alone by {stop.alone}, "
                    "which the rulebook does not have",
                )


def _labels(process: Process) -> Iterator[tuple[str, str]]:
    if not _KEY.fullmatch(process.key):
        yield "key_malformed", f"the key of the process is {process.key!r}"
    named: list[tuple[str, str]] = [("the process", process.label)]
    for line in lines(process):
        named += [(f"state {state.name}", state.label) for state in line.states]
        named += [(f"step {step.name}", step.label) for step in line.steps]
        named += [(f"clock {clock.name}", clock.label) for clock in line.clocks]
        named += [
            (f"a stop of clock {c.name}", stop.label) for c in line.clocks for stop in c.stops
        ]
    named += [(f"track {track.name}", track.label) for track in process.tracks]
    named += [(f"binding {bind.name}", bind.label) for bind in process.binds]
    for where, label in named:
        if not label.strip():
            yield "label_missing", f"{where} has no label"
    asked = [("the opening form", process.form)]
    asked += [(f"the form of step {s.name}", s.form) for s in process.every_step if s.form]
    for where, form in asked:
        for name in _untitled(form):
            yield "form_field_without_title", f"{where} has the field {name} without a title"


def _untitled(form: JsonObject | None) -> Iterator[str]:
    """The fields whose title pydantic made up of their names."""
    parts: list[tuple[str, Mapping[str, Any]]] = [("", form or {})]
    parts += [(f"{name}.", part) for name, part in (form or {}).get("$defs", {}).items()]
    for prefix, part in parts:
        for name, field in part.get("properties", {}).items():
            title = field.get("title", "")
            if "$ref" not in field and title in ("", name.replace("_", " ").title()):
                yield f"{prefix}{name}"


def check_codes(processes: Mapping[str, Process]) -> Iterator[Finding]:
    """Find codes of case numbers that two processes share."""
    first: dict[str, str] = {}
    for process in processes.values():
        if process.code in first:
            yield Finding(
                process.key,
                "code_taken_twice",
                f"numbers of its cases begin with {process.code}, as those of "
                f"{first[process.code]} do",
            )
        first.setdefault(process.code, process.key)


def field_of_public_places(
    processes: Mapping[str, Process], licensed: Mapping[str, str]
) -> Iterator[Finding]:
    """Find forms that ask for the kind of a public place in a process about another matter.

    `licensed` are the processes by which such places are licensed or filed, by treatment.
    """
    for treatment, key in licensed.items():
        if key not in processes:
            yield Finding(
                key, "unknown_process", f"public places of the treatment {treatment} go by {key}"
            )
    own = {processes[key].matter for key in licensed.values() if key in processes}
    for process in processes.values():
        asks = forms.field_of(process.form, "place_kind") is not None
        if own and asks and process.matter is not None and process.matter not in own:
            yield Finding(
                process.key,
                "place_kind_elsewhere",
                f"the opening form asks for place_kind, a kind of public place, "
                f"and the matter is {process.matter}",
            )
