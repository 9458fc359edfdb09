"""Parts of documents (文书要素): that each is there, and supplies what is printed of it."""

from __future__ import annotations

from collections.abc import Iterator

from state_machines.language.vocabulary import Issue, OpenCase, Process, Role, Step
from state_machines.verification import forms
from state_machines.verification.findings import (
    ADDED_FIELDS,
    OPENING,
    DocumentKnowledge,
    PartKnowledge,
    Presence,
)
from state_machines.verification.lines import lines, uncertain
from state_machines.verification.reads import missing
from state_machines.verification.relations import Family, opened_before


def check_part(
    process: Process,
    step: Step,
    document: DocumentKnowledge,
    part: PartKnowledge,
    root: str,
    family: Family,
) -> Iterator[tuple[str, str]]:
    """Find what a document that `step` issues prints of a part and cannot have. The message goes on
    after `step s issues d, which prints …`."""
    fields = document.template_fields or frozenset()
    printed = sorted(path for path in fields if _root(path) == root)
    for path in printed:
        yield from _field(process, step, part, path)
    assured = any(guard.name in part.guards for guard in step.guards)
    for read in sorted(part.reads):
        why = missing(process, step, read)
        if why and why[0] == "fact_field_missing":
            yield "document_field_unknown", f"{root}: it reads {read}, {why[1]}"
        elif why and not assured:
            yield "document_field_not_given", f"{root}: it reads {read}, {why[1]}"
    # A template that asks for it by its bare name does without it where it is not there.
    if part.presence and root not in fields and printed and not assured:
        way = _absent(process, step, document, part.presence, family)
        if way:
            yield "document_part_absent", f"{printed[0]}: {way}"


def _root(path: str) -> str:
    return path.partition(".")[0].removesuffix("[]")


def _field(
    process: Process, step: Step, part: PartKnowledge, path: str
) -> Iterator[tuple[str, str]]:
    rest = path[len(_root(path)) :]
    if part.fields is not None and rest and not _supplied(process, part, rest):
        yield "document_field_unknown", f"{path}: the back office supplies no such thing"
    sources = part.sources.get(rest.removeprefix("."), ())
    if sources and (way := _without(process, step, sources)):
        wanted = " or ".join(sources)
        yield "document_field_not_given", f"{path}: it comes from {wanted}, {way}"


def _supplied(process: Process, part: PartKnowledge, rest: str) -> bool:
    if any(_leads(rest, known) for known in part.fields or ()):
        return True
    inner = rest.removeprefix(".")
    if part.prints and inner.partition("[")[0] in ADDED_FIELDS:
        return True
    printed = [
        name
        for step in part.prints
        for name in (_drafts(process) if step == PartKnowledge.DRAFTS else (step,))
    ]
    return any(forms.field_of(forms.form_named(process, name), inner) for name in printed)


def _drafts(process: Process) -> list[str]:
    return [name for binding in process.binds for name in binding.drafts]


def _leads(rest: str, known: str) -> bool:
    """Whether a path is one that is supplied, or begins one."""
    wanted, there = _steps(rest), _steps(known)
    pairs = list(zip(wanted, there, strict=False))
    return len(wanted) <= len(there) and all(b in ("*", a) for a, b in pairs)


def _steps(path: str) -> list[str]:
    return [part for part in path.replace("[]", ".[]").split(".") if part]


def _without(process: Process, step: Step, sources: tuple[str, ...]) -> str | None:
    """Say how none of these sources may be there; None if one always is."""
    if PartKnowledge.PERSON in sources and not {Role.TIMER, Role.JOIN} & set(step.by):
        return None
    taken = {source for source in sources if "." not in source}
    for source in sources:
        begin, _, name = source.partition(".")
        if name and forms.field_of(forms.form_named(process, begin), name) is not None:
            if begin in (OPENING, step.name):
                return None
            taken.add(begin)
    known = {one.name for each in lines(process) for one in each.steps} & taken
    if step.name in known:
        return None
    if not known:
        return "which this process does not have"
    way = uncertain(process, step, lambda took, _: took.name in known)
    return f"never given on the way {way}" if way else None


def _absent(
    process: Process, step: Step, document: DocumentKnowledge, presence: Presence, family: Family
) -> str | None:
    """Tell how the step can come about without any of what makes the part be there."""
    track = process.track_of(step.name)
    if presence.matter and ((track.matter if track else "") or process.matter):
        return None
    if document.style in presence.styles:
        return None
    if presence.opens and any(isinstance(effect, OpenCase) for effect in step.effects):
        return None
    extending = (clock.extension.step for clock in process.every_clock if clock.extension)
    if presence.extends and step.name in extending:
        return None
    if any(forms.field_of(process.form, name) for name in presence.fields):
        return None
    for relation in presence.relations:
        if process.key == relation or opened_before(process, step, relation, family):
            return None

    def gives(taken: Step, _source: str) -> bool:
        return (
            taken.name in presence.steps
            or any(forms.field_of(taken.form, name) for name in presence.forms)
            or any(
                isinstance(effect, Issue) and effect.document in presence.documents
                for effect in taken.effects
            )
        )

    if gives(step, ""):
        return None
    if not any(gives(taken, "") for taken in process.every_step):
        return "nothing in this process makes it be there"
    way = uncertain(process, step, gives)
    return f"it is not there on the way {way}" if way else None
