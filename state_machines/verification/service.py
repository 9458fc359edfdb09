"""Service (送达): nothing counts as served without a receipt, and every receipt is proved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from state_machines.language.vocabulary import Issue, Process, RecordService, Role, Step
from state_machines.parts.delivery.facts import DECIDES
from state_machines.verification.findings import DocumentKnowledge, Finding
from state_machines.verification.lines import Line, by_person, lines, main_line, uncertain

# Without these a person could write down what nobody has proved.
_PROVED = {"service_is_proved", "service_day_fits"}
_LAST = "last_receipt_is_here"
# Why a document that decides is served by no step of its own.
_HANDED_OVER = "favours its party, and is handed over with the certificate"
_FAVOURS = "favours its party, who is told"
_ON_THE_SPOT = "made and handed over on the spot, signed by the party (处罚法51, 52, 56; 强制法18)"
NOT_SERVED: Mapping[str, str] = {
    "grant_decision": _HANDED_OVER,
    "renewal_decision": _HANDED_OVER,
    "change_decision": _HANDED_OVER,
    "radiation_grant": _HANDED_OVER,
    "repair_grant": _FAVOURS,
    "preservation_release": _FAVOURS,
    "seizure_release": _FAVOURS,
    "investigation_end": _FAVOURS,
    "execution_suspension": _FAVOURS,
    "execution_end": _FAVOURS,
    "spot_decision": _ON_THE_SPOT,
    "preservation_decision": _ON_THE_SPOT,
    "seizure_decision": _ON_THE_SPOT,
    "recusal_decision": "told to whoever asked, also by mouth, and recorded (处罚法43)",
    "investigation_suspension": "stops the authority's own limit, and takes nothing",
    "deregistration_decision": "enters what ended already, or was asked for (许可法70)",
}


def check_service(
    process: Process, documents: Mapping[str, DocumentKnowledge]
) -> Iterator[Finding]:
    """Find states that count as served without a receipt, receipts without proof, clocks that count
    from a service which may not have been, and decisions that nobody serves."""
    for kind, message in _unserved(process, documents):
        yield Finding(process.key, kind, message)
    for line in lines(process):
        for step in line.steps:
            for effect in _records(step):
                for kind, message in _recorded(process, line, step, effect):
                    yield Finding(process.key, kind, message)
        for kind, message in _served(line):
            yield Finding(process.key, kind, message)
    for kind, message in _anchors(process):
        yield Finding(process.key, kind, message)


def _unserved(
    process: Process, documents: Mapping[str, DocumentKnowledge]
) -> Iterator[tuple[str, str]]:
    """Decisions that nobody serves, and for which there is no reason either."""
    serving = [effect for step in process.every_step for effect in _records(step)]
    names = {step.name for step in process.every_step}
    for step in process.every_step:
        # What is served as the paper of one step is no service of what another one made.
        own = [effect for effect in serving if effect.of not in names - {step.name}]
        served = {key for effect in own for key in effect.documents}
        for effect in step.effects:
            if not isinstance(effect, Issue) or effect.document in served:
                continue
            key, document = effect.document, documents.get(effect.document)
            if document and document.label.endswith(DECIDES) and key not in NOT_SERVED:
                yield (
                    "decision_unserved",
                    f"step {step.name} issues {key} ({document.label}), which no step serves",
                )


def _records(step: Step) -> list[RecordService]:
    return [effect for effect in step.effects if isinstance(effect, RecordService)]


def _recorded(
    process: Process, line: Line, step: Step, effect: RecordService
) -> Iterator[tuple[str, str]]:
    told = f"{line.story(next(iter(step.moves)))} –{step.name}→"
    wanted = set(_PROVED) if effect.kind == "receipt" else set()
    if effect.kind == "receipt" and effect.completes:
        wanted.add(_LAST)
    if effect.kind == "announcement":
        wanted = {"other_ways_failed"}
    guarded = {guard.name for guard in step.guards}
    missing = sorted(wanted - guarded)
    if missing:
        yield (
            "service_unproved",
            f"{told}: records a {effect.kind} without the guard {', '.join(missing)}",
        )
    by_hand = any(role is not Role.TIMER for role in step.by)
    if effect.kind == "deemed" and by_hand and "announcement_is_over" not in guarded:
        yield "deemed_by_a_person", f"{told}: only an announcement's period makes it served"
    # What may never come, as a correction or an order to correct, moves nothing; a receipt of none
    # is refused, and what was tried or announced before a paper was made serves nothing of it.
    aside = step.optional and all(source == to for source, to in step.moves.items())
    for key in () if effect.corrected or aside else effect.documents:

        def issues(taken: Step, _: str, key: str = key) -> bool:
            return any(isinstance(e, Issue) and e.document == key for e in taken.effects)

        if way := uncertain(process, step, issues):
            yield (
                "served_never_issued",
                f"{way} –{step.name}→: serves {key}, which was not issued on this way",
            )


def _served(line: Line) -> Iterator[tuple[str, str]]:
    """A state that one step reaches with the last receipt is reached by no way without it."""
    reached: dict[str, set[str]] = {}
    for step in line.steps:
        for effect in _records(step):
            if effect.completes:
                for source, target in step.moves.items():
                    if source != target:
                        reached.setdefault(effect.of, set()).add(target)
    for of, states in reached.items():

        def completes(taken: Step, _: str, of: str = of) -> bool:
            return any(effect.of == of and effect.completes for effect in _records(taken))

        ways = line.ways(completes)
        for state in sorted(states & set(ways)):
            yield (
                "served_without_receipt",
                f"{line.told(ways[state], state)}: counts as served ({of}), "
                "but no receipt is taken on this way",
            )


def _anchors(process: Process) -> Iterator[tuple[str, str]]:
    main = main_line(process)
    completed = {e.of for s in process.every_step for e in _records(s) if e.completes}
    by_hand = {e.of for s in process.every_step if by_person(s) for e in _records(s) if e.completes}
    for clock in process.every_clock:
        root, _, path = (clock.anchor or "").partition(".")
        if root != "service":
            continue
        of, _, name = path.partition(".")
        if of not in completed or name not in ("served_on", "announced_on"):
            yield (
                "unknown_field",
                f"clock {clock.label} is anchored to {clock.anchor}, which no step records",
            )
        elif of not in by_hand:
            yield "never_served", f"{main.story(main.initial)}: nobody can serve {of}"
