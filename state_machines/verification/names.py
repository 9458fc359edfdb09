"""Names: each stands for one thing, and each that is used exists in the same process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from state_machines.language.vocabulary import Clock, Fire, OpenCase, Proceed, Process, Role, Step
from state_machines.verification.findings import OPENING, Finding
from state_machines.verification.lines import Line, lines

# In documents it is the address in a code, whatever steps there are: what a step of that name was
# given is printed as `said` only.
_SHARED = frozenset({"verify"})
# What the data of a case keeps besides the input of its steps.
_KEPT = frozenset({"service", "instalments"})


def check_names(process: Process, parts: Collection[str]) -> Iterator[Finding]:
    """Find names given twice and names that lead nowhere; the other checks build on these.

    `parts` are the first names that mean in every document the same."""
    for kind, message in (*_twice(process), *_reserved(process, parts), *_unknown(process)):
        yield Finding(process.key, kind, message)


def _twice(process: Process) -> Iterator[tuple[str, str]]:
    everything = list(lines(process))
    named = {
        "state": [s.name for line in everything for s in line.states],
        "step": [s.name for line in everything for s in line.steps],
        "clock": [c.name for line in everything for c in line.clocks],
        "track": [t.name for t in process.tracks],
    }
    for what, names in named.items():
        for name in _repeated(names):
            yield (
                "name_taken_twice",
                f"two things are called {what} {name}; "
                "the case and its tracks share one set of names",
            )


def _reserved(process: Process, parts: Collection[str]) -> Iterator[tuple[str, str]]:
    steps = [step.name for line in lines(process) for step in line.steps]
    for name in sorted(({OPENING, *parts} - _SHARED) & set(steps)):
        yield (
            "name_reserved",
            f"a step is called {name}, which in documents and data means something else",
        )
    for name in sorted({OPENING, *steps} & set(_relations(process))):
        yield (
            "name_reserved",
            f"a relation is called {name}, so that `{name}.field` would mean two things",
        )


def _unknown(process: Process) -> Iterator[tuple[str, str]]:
    main = {state.name for state in process.states}
    for track in process.tracks:
        for name in _strangers(track.opens_in, main):
            yield "unknown_state", f"track {track.name} opens in {name}, no state"
    for line in lines(process):
        where = f"track {line.track.name}" if line.track else "the process"
        states = {state.name for state in line.states}
        if line.initial not in states:
            yield "unknown_state", f"{where} begins in {line.initial}, no state of it"
        for step in line.steps:
            yield from _of_step(step, states, where)
        steps = {step.name for step in line.steps}
        for clock in line.clocks:
            yield from _of_clock(clock, line, steps, where)
    everything = {step.name: step for line in lines(process) for step in line.steps}
    for step in everything.values():
        for name in proceeding(step):
            follows = everything.get(name)
            if follows is None:
                yield "unknown_step", f"step {step.name} goes on by {name}, no step"
            elif Role.RELATED not in follows.by:
                yield "may_not_follow", f"step {step.name} goes on by {name}, left to somebody else"


def proceeding(step: Step) -> Iterator[str]:
    """The steps one of which may follow a step by itself."""
    for effect in step.effects:
        if isinstance(effect, Proceed):
            yield from effect.steps


def _of_step(step: Step, states: set[str], where: str) -> Iterator[tuple[str, str]]:
    if not step.moves or not step.by:
        missing = "no state to be taken in" if not step.moves else "nobody to take it"
        yield "idle_step", f"step {step.name} has {missing}"
    for name in _strangers([*step.moves, *step.moves.values()], states):
        yield "unknown_state", f"step {step.name} names {name}, no state of {where}"
    for what, named in (("only", step.only), ("optional_in", step.optional_in)):
        for name in _strangers(named, set(step.moves)):
            yield (
                "unknown_state",
                f"step {step.name} has {what} {name}, a state in which it cannot be taken",
            )
    for effect in step.effects:
        if effect.leaving and effect.leaving not in step.moves:
            yield (
                "unknown_state",
                f"step {step.name} has its effect {effect.key()} only when it leaves "
                f"{effect.leaving}, where it cannot be taken",
            )


def _of_clock(clock: Clock, line: Line, steps: set[str], where: str) -> Iterator[tuple[str, str]]:
    stopped = [state for stop in clock.stops for state in stop.states]
    # A clock of the case looks into its tracks, one of a track into nothing else.
    within = lines(line.process) if line.track is None else [line]
    states = {state.name for each in within for state in each.states}
    for name in _strangers([*clock.runs_in, *stopped], states):
        yield "unknown_state", f"clock {clock.name} names {name}, no state of {where}"
    if isinstance(clock.on_expiry, Fire) and clock.on_expiry.step not in steps:
        yield (
            "unknown_step",
            f"the expiry of clock {clock.name} takes {clock.on_expiry.step}, no step of {where}",
        )
    known = {OPENING, *(step.name for each in lines(line.process) for step in each.steps)}
    if clock.extension and clock.extension.step not in known:
        yield (
            "unknown_step",
            f"clock {clock.name} is extended by {clock.extension.step}, no step",
        )
    if clock.anchor:
        begin = clock.anchor.partition(".")[0]
        if begin not in known and begin not in _KEPT:
            yield "unknown_step", f"clock {clock.name} is anchored to {clock.anchor}, no step"


def _relations(process: Process) -> Iterator[str]:
    for line in lines(process):
        for step in line.steps:
            yield from (e.relation for e in step.effects if isinstance(e, OpenCase))


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _strangers(names: Iterable[str], known: set[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name not in known]
