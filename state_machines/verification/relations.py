"""Related cases: each is opened and moved as its own process allows, with the input it wants."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from state_machines.language.vocabulary import (
    Amend,
    BringInLine,
    Effect,
    JsonObject,
    MoveRelated,
    OpenCase,
    OpenCaseOf,
    Process,
    Role,
    Step,
)
from state_machines.verification import forms
from state_machines.verification.findings import OPENING, Finding
from state_machines.verification.lines import (
    Avoided,
    Line,
    lines,
    main_line,
    only_by,
    uncertain,
)
from state_machines.verification.names import proceeding

_DATE: JsonObject = {"type": "string", "format": "date"}
_WHETHER: JsonObject = {"type": "boolean"}
_NUMBER: JsonObject = {"type": "string", "minLength": 1, "maxLength": 60}


@dataclass(frozen=True)
class Family:
    """Processes whose cases are related because one opens another, however far."""

    members: Mapping[str, Process]

    @cached_property
    def openings(self) -> tuple[tuple[Process, Step, OpenCase], ...]:
        """Every effect that opens a case: of which process, at which step."""
        return tuple(
            (process, step, effect)
            for process in self.members.values()
            for step, effect in _effects(process)
            if isinstance(effect, OpenCase)
        )

    @cached_property
    def _moves(self) -> tuple[tuple[str, MoveRelated], ...]:
        """Every effect that moves a case, with the process it is of."""
        return tuple(
            (process.key, effect)
            for process in self.members.values()
            for _, effect in _effects(process)
            if isinstance(effect, MoveRelated)
        )

    def related(self, relation: str) -> set[str]:
        """The processes whose cases stand under this relation; one, if all is well."""
        about = {key for key, process in self.members.items() if process.about and key == relation}
        return about | {
            effect.process for *_, effect in self.openings if effect.relation == relation
        }

    def moved(self, key: str, step: str, *, besides: str = "") -> bool:
        """Whether some process of the family, `besides` one, moves a case of `key` by `step`."""
        return any(
            mover != besides and effect.step == step and key in self.related(effect.relation)
            for mover, effect in self._moves
        )


def families(processes: Mapping[str, Process]) -> dict[str, Family]:
    """For each process the family it belongs to."""
    groups = {key: {key} for key in processes}
    opened = {(e.process, e.relation) for p in processes.values() for _, e in _openings(p)}
    kin = [(key, e.process) for key, p in processes.items() for _, e in _openings(p)]
    kin += [
        (key, subject)
        for key, p in processes.items()
        for subject, relation in opened
        if p.about == relation
    ]
    for one, other in kin:
        if other in processes:
            merged = groups[one] | groups[other]
            for member in merged:
                groups[member] = merged
    made: dict[str, Family] = {}
    for key, group in groups.items():
        made[key] = Family({member: processes[member] for member in sorted(group)})
    return made


def opened_before(
    process: Process, step: Step, relation: str, family: Family, seen: frozenset[str] = frozenset()
) -> bool:
    """Whether on every way to `step`, or by it, there is a related case of that relation, or the
    case is one itself."""
    if relation in (process.key, process.about) or process.key in seen:
        return True
    if any(isinstance(e, OpenCase) and e.relation == relation for e in step.effects):
        return True
    opens = any(e.relation == relation for _, e in _openings(process))
    if opens and uncertain(process, step, _opens(relation)) is None:
        return True
    openers = [(one, at) for one, at, child in family.openings if child.process == process.key]
    if not openers or not set(process.opened_by) <= {Role.RELATED}:
        return False
    behind = seen | {process.key}
    return all(opened_before(one, at, relation, family, behind) for one, at in openers)


def check_relations(
    process: Process,
    processes: Mapping[str, Process],
    family: Family,
    limits: Collection[str],
    documents: Collection[str],
) -> Iterator[Finding]:
    """Find related cases that are opened, moved or waited for as they cannot be."""
    desk = _Desk(process, processes, family, limits, documents)
    for kind, message in (*desk.opened(), *desk.effects(), *desk.moved()):
        yield Finding(process.key, kind, message)


@dataclass(frozen=True)
class _Desk:
    """One process, seen with all that its related cases may be."""

    process: Process
    processes: Mapping[str, Process]
    family: Family
    limits: Collection[str]
    documents: Collection[str]

    def opened(self) -> Iterator[tuple[str, str]]:
        """A process that only a related case opens must be opened by one."""
        key = self.process.key
        openers = [effect for *_, effect in self.family.openings if effect.process == key]
        if set(self.process.opened_by) <= {Role.RELATED} and not openers:
            yield "never_opened", "nobody but a related case opens this process, and none does"

    def moved(self) -> Iterator[tuple[str, str]]:
        """A step that only a related case takes must be taken by one, or follow by itself."""
        key = self.process.key
        following = {name for step in self.process.every_step for name in proceeding(step)}
        brought = {
            move for process in self.processes.values() for move in _brought_in_line(process)
        }
        for line in lines(self.process):
            for step in line.steps:
                if step.name in following or f"{key}.{step.name}" in brought:
                    continue
                if Role.RELATED in step.by and not self.family.moved(key, step.name):
                    source = next(iter(step.moves))
                    yield (
                        "related_never_moves",
                        f"{line.story(source)} –{step.name}→: left to a related case, "
                        "but no step of any related process takes it",
                    )

    def effects(self) -> Iterator[tuple[str, str]]:
        for step, effect in _effects(self.process):
            if isinstance(effect, OpenCase):
                yield from self._open(step, effect)
            elif isinstance(effect, MoveRelated):
                yield from self._move(step, effect)
            elif isinstance(effect, BringInLine):
                yield from self._bring(step, effect)
            elif isinstance(effect, Amend):
                form, data = self.process.form, effect.data
                yield from self._data(step, effect, form, data, "amends the case", whole=False)

    def _open(self, step: Step, effect: OpenCase) -> Iterator[tuple[str, str]]:
        target = self.processes.get(effect.process)
        if target is None:
            yield "unknown_process", f"step {step.name} opens {effect.process}, no process"
            return
        if Role.RELATED not in target.opened_by:
            yield (
                "may_not_open",
                f"step {step.name} opens {target.label}, which no related case may open",
            )
        yield from self._data(step, effect, target.form, effect.data, f"opens {target.label}")
        other = effect.party if isinstance(effect, OpenCaseOf) else ""
        if other and self._source(step, effect, other)[0] is None:
            yield (
                "unknown_source",
                f"step {step.name} opens {target.label} of the party {other}, no field",
            )

    def _move(self, step: Step, effect: MoveRelated) -> Iterator[tuple[str, str]]:
        related = sorted(self.family.related(effect.relation) & set(self.processes))
        if len(related) != 1:
            what = "is several processes" if related else "no step of the family opens"
            yield (
                "unknown_relation",
                f"step {step.name} moves the related case {effect.relation!r}, which {what}"
                + (f": {', '.join(related)}" if related else ""),
            )
            return
        target = self.processes[related[0]]
        try:
            moved = target.step(effect.step)
        except KeyError:
            yield (
                "unknown_step",
                f"step {step.name} moves {target.label} by {effect.step}, no step of it",
            )
            return
        if Role.RELATED not in moved.by:
            yield (
                "may_not_move",
                f"step {step.name} moves {target.label} by {moved.name}, "
                "which no related case may take",
            )
            return
        way = self._not_yet(step, effect, effect.relation)
        if way:
            yield (
                "relation_not_open",
                f"{way} –{step.name}→: moves {target.label}, which was not opened on this way",
            )
        yield from self._data(step, effect, moved.form, effect.data, f"moves {target.label}")
        yield from self._left_behind(step, effect, target)

    def _bring(self, step: Step, effect: BringInLine) -> Iterator[tuple[str, str]]:
        for move in effect.takes:
            key, _, name = move.partition(".")
            target = self.processes.get(key)
            steps = target.every_step if target else ()
            found = next((one for one in steps if one.name == name), None)
            if found is None:
                yield "unknown_step", f"step {step.name} brings in line by {move}, no step"
            elif Role.RELATED not in found.by:
                yield (
                    "may_not_move",
                    f"step {step.name} brings in line by {move}, which no other case may take",
                )

    def _data(
        self,
        step: Step,
        effect: Effect,
        form: JsonObject | None,
        data: Mapping[str, str],
        doing: str,
        *,
        whole: bool = True,
    ) -> Iterator[tuple[str, str]]:
        """Each field that the form wants is supplied, from a source that exists and fits; if it is
        not filled in as a `whole`, only those that are named."""
        known = (form or {}).get("properties", {})
        for name in forms.required(form):
            if whole and name not in data:
                yield "data_missing", f"step {step.name} {doing} without the required {name}"
        for name, origin in data.items():
            where = f"step {step.name} {doing} with {name} = {origin}"
            if name not in known:
                yield "data_unknown", f"{where}, but its form has no field {name}"
                continue
            source, wrong = self._source(step, effect, origin)
            if source is None:
                yield "unknown_source", f"{where}: {wrong}"
                continue
            target = forms.field_of(form, name)
            if not source.always and name in forms.required(form):
                yield "source_optional", f"{where}, which may be empty"
            elif target and (why := forms.unfit(source.schema, target.schema)):
                yield "source_unfit", f"{where}, which does not fit: {why}"
            elif wrong:
                yield "source_not_given", f"{where}, which was never given on the way {wrong}"

    def _source(
        self, step: Step, effect: Effect, origin: str
    ) -> tuple[forms.Field | None, str | None]:
        """Where a value comes from; with None, why it does not exist, else a way without it."""
        if origin.startswith("="):
            return forms.Field(_constant(origin[1:]), always=True), None
        if origin.startswith("@date:"):
            return self._day_of(step, effect, origin.removeprefix("@date:"))
        if origin.startswith("@since:"):
            return self._running(step, effect, origin.removeprefix("@since:"), _DATE)
        if origin.startswith("@extended:"):
            return self._running(step, effect, origin.removeprefix("@extended:"), _WHETHER)
        if origin.startswith("@next:") and origin.count(":") == 2:
            found, way = self._source(step, effect, origin.split(":")[2])
            return (found, way) if found is None else self._computed(origin.rpartition(":")[0])
        if origin.startswith("@after:"):
            return self._source(step, effect, origin.removeprefix("@after:"))
        if origin.startswith("@term:") and origin.count(":") == 2:
            *_, since = origin.split(":")
            found, way = self._source(step, effect, since)
            return (found, way) if found is None else self._computed(origin.rpartition(":")[0])
        if origin.startswith("@no_earlier:") and origin.count(":") == 2:
            _, key, since = origin.split(":")
            found, way = self._source(step, effect, since)
            return (found, way) if found is None else self._computed(f"@term:{key}")
        if origin.startswith("@"):
            return self._computed(origin)
        begin, _, name = origin.partition(".")
        related = sorted(self.family.related(begin) & set(self.processes))
        if related:
            found = forms.field_of(self.processes[related[0]].form, name)
            way = self._not_yet(step, effect, begin)
        else:
            found = forms.field_of(forms.form_named(self.process, begin), name)
            way = None
            if found and effect.when == origin:
                found = replace(found, always=True)
            if begin not in (OPENING, step.name, _asked_by(effect)):
                taking = _taking(step, effect)
                way = uncertain(self.process, taking, lambda taken, _: taken.name == begin)
        if found is None:
            return None, f"no form has {origin}"
        return found, way

    def _day_of(
        self, step: Step, effect: Effect, earlier: str
    ) -> tuple[forms.Field | None, str | None]:
        if all(known.name != earlier for known in self.process.every_step):
            return None, f"no step {earlier}"
        way = None
        if earlier != _asked_by(effect):
            way = uncertain(self.process, _taking(step, effect), lambda t, _: t.name == earlier)
        return forms.Field(_DATE, always=True), way

    def _running(
        self, step: Step, effect: Effect, name: str, schema: JsonObject
    ) -> tuple[forms.Field | None, str | None]:
        """What is asked of a clock that runs, or rests, in whatever state the step leaves."""
        clock = next((one for one in self.process.every_clock if one.name == name), None)
        if clock is None:
            return None, f"no clock {name}"
        alive = {*clock.runs_in, *(state for stop in clock.stops for state in stop.states)}
        for source in _taking(step, effect).moves:
            if source not in alive:
                return None, f"clock {clock.label} does not run in {source}"
        return forms.Field(schema, always=True), None

    def _computed(self, origin: str) -> tuple[forms.Field | None, str | None]:
        kind, _, key = origin.partition(":")
        if origin == "@date":
            return forms.Field(_DATE, always=True), None
        if origin == "@case":
            return forms.Field(_NUMBER, always=True), None
        if kind == "@next":
            known = re.fullmatch(r"(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8]|3[01])", key) is not None
            return (forms.Field(_DATE, always=True), None) if known else (None, f"no day {key}")
        if kind == "@term":
            known = key in self.limits
            return (forms.Field(_DATE, always=True), None) if known else (None, f"no limit {key}")
        if kind == "@number":
            known = key in self.documents
            return (
                (forms.Field(_NUMBER, always=True), None) if known else (None, f"no document {key}")
            )
        known_kinds = (
            "=text, step.field, relation.field, @case, @date, @date:STEP, @since:CLOCK, "
            "@extended:CLOCK, @next:MM-DD, @term:KEY, @no_earlier:KEY:step.field, "
            "@number:KEY"
        )
        return None, f"sources are {known_kinds}"

    def _not_yet(self, step: Step, effect: Effect, relation: str) -> str | None:
        """Tell a way to this effect on which the relation was not opened; None if it always is."""
        process = self.process
        earlier = step.effects[: step.effects.index(effect)]
        if any(isinstance(e, OpenCase) and e.relation == relation for e in earlier):
            return None
        if process.about == relation:
            return None
        if any(e.relation == relation for _, e in _openings(process)):
            return uncertain(process, step, _opens(relation))
        if relation in self.family.members and self.family.members[relation].about:
            # An application about this case is there once it has moved this case itself.
            mover = self.family.members[relation]
            moves = {e.step for _, e in _effects(mover) if isinstance(e, MoveRelated)}

            def by_mover(taken: Step, _source: str) -> bool:
                return taken.name in moves and only_by(taken, Role.RELATED)

            return uncertain(process, _taking(step, effect), by_mover)
        for opener, opening, child in self.family.openings:
            if child.process == process.key:
                desk = replace(self, process=opener)
                way = desk._not_yet(opening, child, relation)
                if way:
                    return f"{opener.label}: {way} –{opening.name}→ {process.label}"
        return None

    def _left_behind(
        self, step: Step, effect: MoveRelated, target: Process
    ) -> Iterator[tuple[str, str]]:
        """The related case may meanwhile have gone where the step it is to take is not legal.

        Both are followed together, and every pair of states they can come to must leave this case
        a way to an end. Told once, at the step that the case is left waiting for.
        """
        if self.process.track_of(step.name):
            return
        told = _stuck(main_line(self.process), main_line(target), effect.relation, self.family)
        if told and step.name in told[1]:
            yield (
                "stuck_on_related",
                f"{told[0]}: here only {', '.join(told[1])} could take {self.process.label} on, "
                f"and {target.label} refuses",
            )


def _stuck(line: Line, other: Line, relation: str, family: Family) -> tuple[str, list[str]] | None:
    """The shortest common way to a pair of states from which `line` can never end, if any.

    With it the steps that wait there for the other case. Guards are taken to allow everything.
    """
    first: tuple[str, str | None] = (line.initial, None)
    if not any(e.relation == relation for _, e in _openings(line.process)):
        first = (line.initial, other.initial)
    origin: dict[tuple[str, str | None], tuple[tuple[str, str | None], str] | None] = {first: None}
    before: dict[tuple[str, str | None], list[tuple[str, str | None]]] = {}
    queue = deque([first])
    while queue:
        pair = queue.popleft()
        for name, then in _together(line, other, relation, family, pair):
            before.setdefault(then, []).append(pair)
            if then not in origin:
                origin[then] = (pair, name)
                queue.append(then)
    good = {pair for pair in origin if line.process.state(pair[0]).end}
    queue = deque(good)
    while queue:
        for pair in before.get(queue.popleft(), []):
            if pair not in good:
                good.add(pair)
                queue.append(pair)
    dead_alone = line.open_ended()
    for pair in origin:  # in the order of discovery: the shortest way first
        if pair not in good and pair[0] not in dead_alone:
            waiting = [s.name for s in line.leaving(pair[0]) if relation in s.touches]
            if waiting:
                return _told_together(line, other, origin, pair), waiting
    return None


def _together(
    line: Line, other: Line, relation: str, family: Family, pair: tuple[str, str | None]
) -> Iterator[tuple[str, tuple[str, str | None]]]:
    """Each next pair of states, with the name of the step that leads to it."""
    here, there = pair
    for step in line.leaving(here):
        after = there
        for effect in step.effects:
            if effect.leaving not in ("", here):
                continue
            if isinstance(effect, OpenCase) and effect.relation == relation and after is None:
                after = effect.state or other.initial
            elif isinstance(effect, MoveRelated) and effect.relation == relation:
                moved = [s for s in other.steps if s.name == effect.step and Role.RELATED in s.by]
                if not moved:
                    continue  # told as `unknown_step` or `may_not_move`
                after = moved[0].moves.get(after or "", "")
                if not after:
                    break
        if after != "":
            yield step.name, (step.moves[here], after)
    if there is None:
        return
    for step in other.leaving(there):
        key, mover = other.process.key, line.process.key
        if not only_by(step, Role.RELATED) or family.moved(key, step.name, besides=mover):
            yield f"{other.process.key}.{step.name}", (here, step.moves[there])


def _told_together(
    line: Line,
    other: Line,
    origin: Mapping[tuple[str, str | None], tuple[tuple[str, str | None], str] | None],
    pair: tuple[str, str | None],
) -> str:
    def both(pair: tuple[str, str | None]) -> str:
        return line.label(pair[0]) + (f"·{other.label(pair[1])}" if pair[1] else "")

    told = both(pair)
    came = origin[pair]
    while came:
        told = f"{both(came[0])} –{came[1]}→ {told}"
        came = origin[came[0]]
    return told


def _constant(text: str) -> JsonObject:
    """What a text that stands in the declaration is, as a schema."""
    return {"type": "string", "enum": [text]}


def _effects(process: Process) -> Iterator[tuple[Step, Effect]]:
    for line in lines(process):
        for step in line.steps:
            for effect in step.effects:
                yield step, effect


def _brought_in_line(process: Process) -> Iterator[str]:
    """The steps of other cases (`process.step`) that some step of this process takes by itself."""
    for _, effect in _effects(process):
        if isinstance(effect, BringInLine):
            yield from effect.takes


def _openings(process: Process) -> Iterator[tuple[Step, OpenCase]]:
    return ((step, e) for step, e in _effects(process) if isinstance(e, OpenCase))


def _taking(step: Step, effect: Effect) -> Step:
    """The step as far as it has this effect: from the states that the effect asks for."""
    moves = {a: b for a, b in step.moves.items() if effect.leaving in ("", a)}
    return replace(step, moves=moves)


def _asked_by(effect: Effect) -> str:
    """The earlier step that an effect with a condition presupposes."""
    return "" if effect.when.startswith("!") else effect.when.partition(".")[0]


def _opens(relation: str) -> Avoided:
    """Whether a move opens that relation."""

    def opened(step: Step, source: str) -> bool:
        return any(
            isinstance(e, OpenCase) and e.relation == relation and e.leaving in ("", source)
            for e in step.effects
        )

    return opened
