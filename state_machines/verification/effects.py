"""Effects (事项): each names what is there, and finds it on every way to its step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from state_machines.language.vocabulary import (
    BringInLine,
    ContinueParty,
    Correct,
    CorrectCredit,
    Effect,
    Issue,
    KeepEvidence,
    Mark,
    OpenCase,
    Process,
    Publish,
    ReclassCredit,
    RecordCredit,
    RecordService,
    Recuse,
    RepairCredit,
    Step,
    TakeDown,
    TellFormer,
    Withdraw,
)
from state_machines.verification import forms
from state_machines.verification.findings import OPENING, Finding, Knowledge
from state_machines.verification.lines import lines, uncertain


def check_effects(
    process: Process, processes: Mapping[str, Process], known: Knowledge
) -> Iterator[Finding]:
    """Find effects that name a register, a document, a kind or a field that is not there."""
    issued = {
        effect.document
        for step in process.every_step
        for effect in step.effects
        if isinstance(effect, Issue)
    }
    for line in lines(process):
        for step in line.steps:
            for effect in step.effects:
                found = (
                    *_carried(effect, known),
                    *(_asked(process, effect.when, processes) if effect.when else ()),
                    *_named(effect, known),
                    *_papers(process, step, effect, issued),
                    *_fields(process, step, effect),
                    *_begun(effect, processes),
                )
                for kind, message in found:
                    yield Finding(process.key, kind, f"step {step.name} {message}")
    for clock in process.every_clock:
        for condition in clock.instead[:1]:
            for kind, message in _asked(process, condition, processes):
                yield Finding(process.key, kind, f"clock {clock.label} {message}")


def _carried(effect: Effect, known: Knowledge) -> Iterator[tuple[str, str]]:
    if effect.key() not in known.carried_out:
        yield "effect_not_carried_out", f"has the effect {effect.key()}, which nothing carries out"


def _asked(
    process: Process, condition: str, processes: Mapping[str, Process]
) -> Iterator[tuple[str, str]]:
    where, _, wanted = condition.removeprefix("!").partition("=")
    begin, _, name = where.partition(".")
    found = forms.field_of(forms.form_named(process, begin), name)
    if found is None:
        yield "unknown_field", f"asks whether {condition}, and no form has {where}"
        return
    # Processes share conditions; a choice that only another step has never comes up here.
    steps = (other for one in processes.values() for other in one.every_step)
    shared = (forms.field_of(other.form, name) for other in steps)
    choices = {choice for field in (found, *shared) if field for choice in _choices(field)}
    if wanted and choices and wanted not in choices:
        yield "unknown_field", f"asks whether {condition}, and {where} never says {wanted}"


def _choices(field: forms.Field) -> Iterable[str]:
    """What a field of choices may say, one of them or several."""
    found: Iterable[str] = (
        field.schema.get("enum") or field.schema.get("items", {}).get("enum") or ()
    )
    return found


def _named(effect: Effect, known: Knowledge) -> Iterator[tuple[str, str]]:
    """Registers, kinds of credit events and of evidence."""
    if isinstance(effect, Publish | Withdraw) and effect.register not in known.registers:
        yield "unknown_register", f"publishes in {effect.register}, which is no register"
    if isinstance(effect, TakeDown) and not set(effect.registers) <= set(known.registers):
        yield "unknown_register", f"takes down of {effect.registers}, not all of them registers"
    kinds: tuple[str, ...] = ()
    if isinstance(effect, RecordCredit):
        kinds = (effect.kind,)
    elif isinstance(effect, CorrectCredit):
        kinds = effect.kinds
    elif isinstance(effect, ReclassCredit):
        kinds = (effect.kind, *effect.kinds)
    elif isinstance(effect, BringInLine):
        kinds = (*effect.kinds, *effect.delays)
    for kind in kinds:
        if kind not in known.credit_kinds:
            yield "unknown_credit_kind", f"writes of {kind}, which the credit catalogue has not"
    if isinstance(effect, KeepEvidence) and effect.kind not in known.evidence_kinds:
        yield (
            "unknown_evidence_kind",
            f"registers evidence of the kind {effect.kind}, which is none",
        )


def _papers(
    process: Process, step: Step, effect: Effect, issued: set[str]
) -> Iterator[tuple[str, str]]:
    """Documents that an effect is about are issued by the same process."""
    if isinstance(effect, KeepEvidence) and effect.document:
        own = {one.document for one in step.effects if isinstance(one, Issue)}
        if effect.document not in own:
            yield (
                "document_never_issued",
                f"registers {effect.document} as evidence, which it does not issue",
            )
    if isinstance(effect, KeepEvidence) and not process.keeps_evidence:
        yield "evidence_without_register", "registers evidence, but the process keeps none"
    if isinstance(effect, Mark | Correct | RecordService):
        for key in effect.documents:
            if key not in issued:
                yield (
                    "document_never_issued",
                    f"is about {key}, which no step of {process.label} issues",
                )


def _fields(process: Process, step: Step, effect: Effect) -> Iterator[tuple[str, str]]:
    """Fields that an effect reads of what the steps were given."""
    read: tuple[str, ...] = ()
    if isinstance(effect, RepairCredit):
        read = (effect.source,)
    elif isinstance(effect, CorrectCredit) and not effect.kinds:
        read = (effect.event,)
    elif isinstance(effect, ContinueParty | TellFormer):
        read = (effect.old,)
    elif isinstance(effect, Withdraw):
        read = (effect.reasons,)
    elif isinstance(effect, TakeDown):
        read = (effect.of,)
    elif isinstance(effect, Recuse):
        read = (effect.officer,)
    elif isinstance(effect, KeepEvidence) and effect.described:
        read = (effect.described,)
    for path in read:
        begin, _, name = path.partition(".")
        if forms.field_of(forms.form_named(process, begin), name) is None:
            yield "unknown_field", f"reads {path} in {effect.key()}, which no form has"
        elif begin not in (OPENING, step.name):

            def gives(taken: Step, _: str, begin: str = begin) -> bool:
                return taken.name == begin

            if way := uncertain(process, step, gives):
                yield "source_not_given", f"reads {path}, which was never given on the way {way}"


def _begun(effect: Effect, processes: Mapping[str, Process]) -> Iterator[tuple[str, str]]:
    """A related case begins in a state that its process has."""
    if isinstance(effect, OpenCase) and effect.state and effect.process in processes:
        target = processes[effect.process]
        if all(state.name != effect.state for state in target.states):
            yield (
                "unknown_state",
                f"opens {target.label} in {effect.state}, no state of it",
            )
