"""What is read of a case's input (读取的填写项): that on every way the forms have it."""

from __future__ import annotations

from state_machines.language.vocabulary import Process, Step
from state_machines.verification import forms
from state_machines.verification.findings import OPENING
from state_machines.verification.lines import uncertain


def missing(process: Process, step: Step, read: str) -> tuple[str, str] | None:
    """Why `step` may find nothing under `read` (`FactKnowledge`): kind and story; None if it always
    finds it."""
    if read.startswith("date:"):
        return _not_taken(process, step, read.removeprefix("date:"))
    begin, _, name = read.partition(".")
    if begin != OPENING and begin != step.name and (lost := _not_taken(process, step, begin)):
        return lost
    if name and forms.field_of(forms.form_named(process, begin), name) is None:
        return "fact_field_missing", f"which no form of {process.label} has"
    return None


def _not_taken(process: Process, step: Step, name: str) -> tuple[str, str] | None:
    if name in (OPENING, step.name):
        return None
    if all(known.name != name for known in process.every_step):
        return "fact_field_missing", f"and {process.label} has no step {name}"
    way = uncertain(process, step, lambda taken, _: taken.name == name)
    return ("fact_field_not_given", f"never given on the way {way}") if way else None
