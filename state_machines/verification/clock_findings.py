"""Clocks: each starts, what its expiry does is legal wherever it runs, and an extension fits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from state_machines.language.vocabulary import (
    Amend,
    Breach,
    Clock,
    Escalate,
    Fire,
    MoveRelated,
    Process,
    Role,
    ScheduleInstalment,
    Step,
)
from state_machines.verification import forms
from state_machines.verification.findings import OPENING, Finding
from state_machines.verification.lines import Line, by_person, lines, uncertain_at


def check_clocks(process: Process) -> Iterator[Finding]:
    """Find clocks that cannot start or expire as declared, that leave the party without words, and
    timer steps that nothing fires."""
    for line in lines(process):
        for clock in line.clocks:
            for kind, message in (*_start(line, clock), *_expiry(line, clock), *_told(clock)):
                yield Finding(process.key, kind, message)
        for step in line.steps:
            for kind, message in _unfired(line, step):
                yield Finding(process.key, kind, message)


def _start(line: Line, clock: Clock) -> Iterator[tuple[str, str]]:
    stopped = {state for stop in clock.stops for state in stop.states}
    both = [state for state in clock.runs_in if state in stopped]
    if both:
        yield (
            "clock_contradiction",
            f"clock {clock.label} both runs and is stopped in {line.labels(both)}",
        )
    if clock.anchor is None:
        if clock.limit is None or clock.count_back:
            lacks = "an anchor to count back from" if clock.count_back else "a limit or an anchor"
            yield "clock_without_date", f"clock {clock.label} has no due date: it needs {lacks}"
        return
    if clock.count_back and clock.limit is None:
        yield "clock_without_date", f"clock {clock.label} counts back, by no limit"
    yield from _anchor(line, clock, clock.anchor)


def _anchor(line: Line, clock: Clock, anchor: str) -> Iterator[tuple[str, str]]:
    step, _, name = anchor.partition(".")
    if step == "service":
        return  # see `service`
    if step == "instalments":
        if anchor != "instalments.next.due_on" or not _schedules(line.process):
            yield (
                "unknown_field",
                f"clock {clock.label} is anchored to {anchor}, which no step records",
            )
        return
    field = forms.field_of(forms.form_named(line.process, step), name)
    if field is None:
        yield "unknown_field", f"clock {clock.label} is anchored to {anchor}, which no form has"
    elif field.schema.get("format") != "date" or not (field.always or step == OPENING):
        yield (
            "anchor_not_a_date",
            f"clock {clock.label} is anchored to {anchor}, which is not a date always given",
        )
    elif step != OPENING or not field.always:
        # What the application leaves open, a step may have written into it before.
        def gives(taken: Step, _source: str) -> bool:
            return taken.name == step or (step == OPENING and _amends(taken, name))

        way = uncertain_at(line, list(clock.runs_in), gives)
        if way:
            yield (
                "anchor_not_given",
                f"{way}: clock {clock.label} runs here but {anchor} was never given on this way",
            )


def _amends(step: Step, name: str) -> bool:
    """Whether a step, wherever it is taken, writes that field of the application."""
    amendments = (effect for effect in step.effects if isinstance(effect, Amend))
    return any(
        name in amendment.data and not (amendment.leaving or amendment.when)
        for amendment in amendments
    )


def _schedules(process: Process) -> bool:
    effects = (effect for step in process.every_step for effect in step.effects)
    return any(isinstance(effect, ScheduleInstalment) for effect in effects)


def _told(clock: Clock) -> Iterator[tuple[str, str]]:
    """A clock that concerns the party says in words what its last day means."""
    if clock.concerns_party and "{day}" not in clock.says:
        yield (
            "clock_untold",
            f"clock {clock.label} concerns the party, but does not say in words what its last "
            "{day} means to it",
        )


def _expiry(line: Line, clock: Clock) -> Iterator[tuple[str, str]]:
    if isinstance(clock.on_expiry, Escalate):
        yield from _escalation(clock, clock.on_expiry)
    else:
        yield from _firing(line, clock, clock.on_expiry)
    if clock.extension:
        before = clock.extension.before
        field = forms.field_of(line.process.form, before) if before else None
        if before and (field is None or field.schema.get("type") != "boolean"):
            yield (
                "extension_unsaid",
                f"clock {clock.label} was extended before if {before} says so, "
                "which is no yes or no of the opening form",
            )
        step = line.process.step(clock.extension.step)
        alive = {*clock.runs_in, *(s for stop in clock.stops for s in stop.states)}
        for source, target in step.moves.items():
            if not {source, target} <= alive:
                yield (
                    "extension_elsewhere",
                    f"{line.story(source)} –{step.name}→ {line.label(target)}: "
                    f"this step extends clock {clock.label}, which does not run there",
                )


def _firing(line: Line, clock: Clock, fire: Fire) -> Iterator[tuple[str, str]]:
    step = line.process.step(fire.step)
    if Role.TIMER not in step.by:
        yield (
            "expiry_not_by_timer",
            f"clock {clock.label} takes step {step.name}, which no clock may take",
        )
    for state in clock.runs_in:
        if state not in step.moves:
            yield (
                "expiry_not_legal",
                f"{line.story(state)}: clock {clock.label} runs out here and takes "
                f"step {step.name}, which this state does not know",
            )
    refusable = [g.key for g in step.guards]
    refusable += [f"{e.relation}.{e.step}" for e in step.effects if isinstance(e, MoveRelated)]
    if refusable and fire.otherwise is None:
        yield (
            "expiry_may_be_refused",
            f"{line.story(clock.runs_in[0])}: clock {clock.label} runs out and takes step "
            f"{step.name}, which {', '.join(refusable)} may refuse; it does not say what then",
        )
    if fire.otherwise:
        yield from _escalation(clock, fire.otherwise)


def _escalation(clock: Clock, escalate: Escalate) -> Iterator[tuple[str, str]]:
    if any(role.automatic for role in escalate.told):
        told = ", ".join(escalate.told)
        yield "unknown_recipient", f"clock {clock.label} tells {told}, of which one is nobody"
    if escalate.breach not in get_args(Breach):
        yield (
            "unknown_breach",
            f"clock {clock.label} records a breach of {escalate.breach!r}, "
            f"which is none of {', '.join(get_args(Breach))}",
        )


def _unfired(line: Line, step: Step) -> Iterator[tuple[str, str]]:
    """A timer step must be fired in each state it leaves, unless a person may take it there."""
    if Role.TIMER not in step.by:
        return
    fired = {
        state
        for clock in line.clocks
        if isinstance(clock.on_expiry, Fire) and clock.on_expiry.step == step.name
        for state in clock.runs_in
    }
    never = [state for state in step.moves if state not in fired]
    if never and not (by_person(step) and fired):
        yield (
            "timer_never_fires",
            f"{line.story(never[0])} –{step.name}→: no clock that takes this step runs in "
            f"{line.labels(never)}",
        )
