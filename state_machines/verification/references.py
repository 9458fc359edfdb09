"""What a declaration takes from the rulebook: limits, reminders, documents and their fields."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from state_machines.language.vocabulary import (
    Issue,
    Notify,
    Process,
    Publish,
    Role,
    Step,
    TakeDown,
    Withdraw,
)
from state_machines.verification import forms
from state_machines.verification.findings import (
    ADDED_FIELDS,
    OPENING,
    Finding,
    Knowledge,
)
from state_machines.verification.lines import Line, lines, uncertain
from state_machines.verification.parts import check_part
from state_machines.verification.relations import Family


def check_references(process: Process, known: Knowledge, family: Family) -> Iterator[Finding]:
    """Find keys that the rulebook does not have and document fields that nobody fills."""
    found = (
        *_keys(process, known.limits, known.reminders),
        *_people(process),
        *_issues(process, known, family),
    )
    for kind, message in found:
        yield Finding(process.key, kind, message)


def _keys(
    process: Process, limits: Collection[str], reminders: Collection[str]
) -> Iterator[tuple[str, str]]:
    wanted: list[tuple[str, str | None]] = []
    for line in lines(process):
        for clock in line.clocks:
            counted_by = [*forms.limits_of(process, clock.limit), *clock.instead[1:]]
            wanted += [(f"clock {clock.label}", limit) for limit in counted_by]
            if clock.extension:
                wanted.append((f"the extension of clock {clock.label}", clock.extension.limit))
            for remind in clock.remind:
                if remind.offsets not in reminders:
                    yield (
                        "unknown_reminder",
                        f"clock {clock.label} reminds by {remind.offsets}, "
                        "which the rulebook does not have",
                    )
        for step in line.steps:
            for effect in step.effects:
                if isinstance(effect, Publish | Withdraw | TakeDown):
                    wanted.append((f"the publication by step {step.name}", effect.limit))
    for where, limit in wanted:
        if limit is not None and limit not in limits:
            yield (
                "unknown_limit",
                f"{where} is counted by {limit}, which the rulebook does not have",
            )


def _people(process: Process) -> Iterator[tuple[str, str]]:
    persons = {"party", *(role.value for role in Role if not role.automatic)}
    for line in lines(process):
        told = [
            (f"step {step.name} notifies", effect.to)
            for step in line.steps
            for effect in step.effects
            if isinstance(effect, Notify)
        ]
        told += [
            (f"clock {c.label} reminds", remind.to) for c in line.clocks for remind in c.remind
        ]
        for where, to in told:
            if to not in persons:
                yield "unknown_recipient", f"{where} {to}, which is nobody"


def _issues(process: Process, known: Knowledge, family: Family) -> Iterator[tuple[str, str]]:
    for line in lines(process):
        for step in line.steps:
            for effect in step.effects:
                if isinstance(effect, Issue):
                    yield from _issue(line, step, effect, known, family)


def _issue(
    line: Line, step: Step, effect: Issue, known: Knowledge, family: Family
) -> Iterator[tuple[str, str]]:
    told = f"step {step.name} issues {effect.document}"
    document = known.documents.get(effect.document)
    if document is None:
        yield "unknown_document", f"{told}, which the catalogue of documents does not have"
        return
    if document.style not in {*known.series, "none"}:
        yield "unknown_series", f"{told}, whose number is a {document.style}, of no known pattern"
    if document.matter and document.matter not in known.matters:
        yield "unknown_matter", f"{told}, which is of the matter {document.matter}, an unknown one"
    if document.template_fields is None:
        yield "document_without_template", f"{told}, which has no template"
        return
    fields = document.template_fields
    roots = dict.fromkeys(path.partition(".")[0].removesuffix("[]") for path in sorted(fields))
    for root in roots:
        part = known.parts.get(root)
        if part is None:
            continue
        for kind, message in check_part(line.process, step, document, part, root, family):
            yield kind, f"{told}, which prints {message}"
    for path in sorted(fields):
        yield from _field(line, step, path, fields, f"{told}, which prints {path}", known.parts)


def _field(
    line: Line,
    step: Step,
    path: str,
    template: frozenset[str],
    where: str,
    parts: Collection[str],
) -> Iterator[tuple[str, str]]:
    """Judge one field that a document prints when `step` issues it."""
    process = line.process
    root, _, rest = path.partition(".")
    root = root.removesuffix("[]")
    if root == "clocks" and rest:
        yield from _clock_field(line, step, rest.partition(".")[0], where)
    if root == "said" and rest and rest.partition("[")[0] not in ADDED_FIELDS:
        field = forms.field_of(step.form, rest)
        if field is None:
            yield "document_field_unknown", f"{where}: the form of that step does not have it"
        elif not field.always:
            yield "document_field_optional", f"{where}: it may be left empty in the form"
    if root in parts:
        return
    form = forms.form_named(process, root)
    if root != OPENING and not _is_step(process, root):
        yield "document_field_unknown", f"{where}: {process.label} has no such step"
        return
    if rest and rest.partition("[")[0] not in ADDED_FIELDS:
        field = forms.field_of(form, rest)
        if field is None:
            yield "document_field_unknown", f"{where}: no form of {process.label} has it"
        elif not field.always:
            yield "document_field_optional", f"{where}: it may be left empty in the form"
    # A template that asks for the step by its bare name does without it where it was not taken.
    if rest and root not in template and root not in (OPENING, step.name):
        way = uncertain(process, step, lambda taken, _: taken.name == root)
        if way:
            yield (
                "document_field_not_given",
                f"{way} –{step.name}→: {where}, never given on this way",
            )


def _is_step(process: Process, name: str) -> bool:
    return any(step.name == name for line in lines(process) for step in line.steps)


def _clock_field(line: Line, step: Step, name: str, where: str) -> Iterator[tuple[str, str]]:
    clocks = {clock.name: clock for each in lines(line.process) for clock in each.clocks}
    clock = clocks.get(name)
    if clock is None:
        yield "document_field_unknown", f"{where}: {line.process.label} has no such clock"
        return
    after = [target for target in step.moves.values() if target not in clock.runs_in]
    if clock in line.clocks and after:
        yield (
            "document_clock_not_running",
            f"{where}: clock {clock.label} does not run in {line.label(after[0])}",
        )
