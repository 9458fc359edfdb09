"""Approvals that bind: no way leads to a decision past the notice, review or panel it needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from state_machines.language.vocabulary import Binding, Process, Step
from state_machines.verification import forms
from state_machines.verification.findings import Finding
from state_machines.verification.lines import Line, main_line, uncertain

# A step that is bound asks both: whether the approval is there, and whether it is kept to.
_ASKED = (
    ("approvals_are_there", "undoing_is_reviewed"),
    ("approvals_are_kept", "draft_is_as_approved"),
)


def check_approvals(process: Process) -> Iterator[Finding]:
    """Find bindings that name nobody, compare nothing, or can be passed by."""
    line = main_line(process)
    for binding in process.binds:
        # What names nobody cannot be looked at any further.
        found = list(_unknown(process, binding)) or [
            *_contents(process, binding),
            *_asking(process, binding),
            *_past(line, binding),
            *_anew(line, binding),
        ]
        for kind, message in found:
            yield Finding(process.key, kind, message)


def _unknown(process: Process, binding: Binding) -> Iterator[tuple[str, str]]:
    known = {step.name for step in process.steps}
    for name in (*binding.by, *binding.drafts, *binding.bound, *binding.lapses):
        if name not in known:
            yield "unknown_step", f"{binding.label} names {name}, which is no step of the case"


def _contents(process: Process, binding: Binding) -> Iterator[tuple[str, str]]:
    """Every draft, and every bound step that has a form of its own for it, has all the parts."""
    taking_up = {name for bind in process.binds for name in bind.by}
    for name in dict.fromkeys((*binding.drafts, *binding.bound)):
        form = process.step(name).form
        for part in binding.parts:
            field = forms.field_of(form, part)
            if field is None and name in taking_up and name not in binding.drafts:
                continue  # it takes up the draft as it is
            if field is None or not field.always:
                yield (
                    "binding_without_content",
                    f"{binding.label} binds {part}, which step {name} does not always give",
                )
            elif part in binding.milder and field.schema.get("type") != "array":
                yield (
                    "binding_not_weighed",
                    f"{binding.label} lets {part} be milder, but in step {name} it is no list "
                    "of measures",
                )


def _asking(process: Process, binding: Binding) -> Iterator[tuple[str, str]]:
    for name in binding.bound:
        has = {guard.name for guard in process.step(name).guards}
        for guards in _ASKED:
            if not has & set(guards):
                yield (
                    "binding_not_asked",
                    f"step {name} is bound by {binding.label} and does not ask {guards[0]}",
                )


def _past(line: Line, binding: Binding) -> Iterator[tuple[str, str]]:
    """Tell a way to a bound step that passes the approval by, from the start or after it lapsed.

    An optional step may be shown where its guard will refuse it: the case has another way on.
    """

    def settled(step: Step, _source: str) -> bool:
        return step.name in binding.by or binding.dispensed_by(step)

    ending = [step for step in line.steps if step.name in (*binding.drafts, *binding.lapses)]
    for name in binding.bound:
        bound = line.process.step(name)
        if bound.optional:
            continue
        way = uncertain(line.process, bound, settled)
        if way:
            yield (
                "decision_without_approval",
                f"{way} –{name}→: taken without {binding.label} on this way",
            )
        for step in ending:
            if settled(step, ""):
                continue
            for source, target in step.moves.items():
                after = replace(line, initial=target).ways(settled)
                late = next((state for state in bound.moves if state in after), None)
                if late:
                    yield (
                        "decision_after_lapse",
                        f"{line.story(source)} –{step.name}→ {line.told(after[late], late)} "
                        f"–{name}→: {binding.label} has lapsed on this way",
                    )
                    break


def _anew(line: Line, binding: Binding) -> Iterator[tuple[str, str]]:
    """What tells the party something begins its time anew: it comes from outside the clock."""
    for step in (line.process.step(name) for name in binding.by if name in binding.drafts):
        for clock in line.clocks:
            if clock.binds != "party":
                continue
            for source, target in step.moves.items():
                if {source, target} <= set(clock.runs_in):
                    yield (
                        "time_not_anew",
                        f"{line.story(source)} –{step.name}→ {line.label(target)}: clock "
                        f"{clock.label} goes on as it ran, though the party was told anew",
                    )
