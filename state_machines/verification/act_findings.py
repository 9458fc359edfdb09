"""Acts: of each step it can be told whose day it bears, and what it says of that is kept to."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from state_machines.door.acts import delivers, legal_day
from state_machines.language.vocabulary import LegalDay, Process, Step
from state_machines.verification import forms
from state_machines.verification.findings import Finding


def check_acts(process: Process, limits: Collection[str]) -> Iterator[Finding]:
    """Find steps whose legal day cannot be told, or could never be given, and such as wait for what
    is no time of the party."""
    for step in process.every_step:
        for kind, message in (*_day(step), *_entry(step, limits), *_waits(process, step)):
            yield Finding(process.key, kind, f"step {step.name} {message}")


def _day(step: Step) -> Iterator[tuple[str, str]]:
    """What a step says of the day that it bears, where that is too little, too much or wrong."""
    day = legal_day(step)
    if step.two_officers and step.legal_day is None and day is LegalDay.ENTRY:
        yield (
            "day_untold",
            "is taken by two officers, but does not say whether it bears their own day, away from "
            "the desk, or that of its entry (legal_day)",
        )
    by_law = all(role.automatic for role in step.by) or step.legal_day is LegalDay.LAW
    if step.legal_day is not None and (by_law or delivers(step)):
        yield "day_told_twice", "says whose day it bears, which follows from who does what in it"
    if step.dated_by and day is LegalDay.ENTRY:
        yield (
            "day_never_taken",
            f"has its day in its form ({step.dated_by}), but bears that of its entry",
        )

    if step.dated_by:
        field = forms.field_of(step.form, step.dated_by)
        if field is None or field.schema.get("format") != "date":
            yield "unknown_field", f"bears the day of {step.dated_by}, no date of its form"


def _entry(step: Step, limits: Collection[str]) -> Iterator[tuple[str, str]]:
    if step.entered_within and legal_day(step) is not LegalDay.AWAY:
        yield "entry_unlimited", "has a limit for its entry, but is no act away from the desk"
    if step.entered_within and step.entered_within not in limits:
        yield "unknown_limit", f"is entered within {step.entered_within}, no limit of the rulebook"


def _waits(process: Process, step: Step) -> Iterator[tuple[str, str]]:
    clocks = {clock.name: clock for clock in process.every_clock}
    for name in step.waits_for:
        clock = clocks.get(name)
        if clock is None:
            yield "unknown_clock", f"waits for {name}, no clock of the process"
        elif clock.binds != "party" or clock.limit is None:
            yield "waits_for_nobody", f"waits for {name}, which is no time that the party has"
