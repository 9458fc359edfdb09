"""The paths of a process: its main line and its tracks as graphs, and the telling of a way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from state_machines.language.vocabulary import Clock, Process, Role, State, Step, Track

# A way: each state left, with the step by which it was left.
Way = tuple[tuple[str, Step], ...]
Avoided = Callable[[Step, str], bool]


@dataclass(frozen=True)
class Line:
    """One flat machine of a process: the main line, or one of its tracks."""

    process: Process
    track: Track | None
    initial: str
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    clocks: tuple[Clock, ...]

    def label(self, state: str) -> str:
        """The Chinese name of a state."""
        return self.process.state(state).label

    def leaving(self, state: str) -> list[Step]:
        """The steps that may be taken in a state, also those that stay in it."""
        return [step for step in self.steps if state in step.moves]

    def ways(self, avoided: Avoided = lambda step, source: False) -> dict[str, Way]:
        """The shortest way from the beginning to each state, without the moves `avoided`."""
        found: dict[str, Way] = {self.initial: ()}
        queue = deque([self.initial])
        while queue:
            source = queue.popleft()
            for step in self.leaving(source):
                target = step.moves[source]
                if target not in found and not avoided(step, source):
                    found[target] = (*found[source], (source, step))
                    queue.append(target)
        return found

    def told(self, way: Way, goal: str) -> str:
        """A way as a reader follows it: `草稿 –submit→ 收件`."""
        hops = "".join(f"{self.label(source)} –{step.name}→ " for source, step in way)
        branch = f"{self.track.label}: " if self.track else ""
        return f"{branch}{hops}{self.label(goal)}"

    def story(self, state: str) -> str:
        """How a case comes to a state, or the state alone where no way leads to it."""
        return self.told(self.ways().get(state, ()), state)

    def labels(self, states: list[str]) -> str:
        """Several states in one breath."""
        return "、".join(self.label(state) for state in states)

    def open_ended(self) -> set[str]:
        """The states from which no end can be reached."""
        sources: dict[str, set[str]] = {}
        for step in self.steps:
            for source, target in step.moves.items():
                sources.setdefault(target, set()).add(source)
        good = {state.name for state in self.states if state.end}
        queue = deque(good)
        while queue:
            new = sources.get(queue.popleft(), set()) - good
            good |= new
            queue.extend(new)
        return {state.name for state in self.states} - good


def lines(process: Process) -> Iterator[Line]:
    """The main line of a process, then each of its tracks."""
    yield main_line(process)
    for track in process.tracks:
        yield Line(process, track, track.initial, track.states, track.steps, track.clocks)


def main_line(process: Process) -> Line:
    """The line on which the case itself moves."""
    return Line(process, None, process.initial, process.states, process.steps, process.clocks)


def by_person(step: Step) -> bool:
    """Whether a person may take this step."""
    return any(not role.automatic for role in step.by)


def only_by(step: Step, role: Role) -> bool:
    """Whether nobody but this role may take this step."""
    return set(step.by) == {role}


def uncertain(process: Process, step: Step, given: Avoided) -> str | None:
    """Tell a way to `step` on which no move was taken that satisfies `given`; None if all have.

    A step of a track comes after the way that the case took to where the track opens.
    """
    track = process.track_of(step.name)
    main = main_line(process)
    if track is None:
        return _way_without(main, list(step.moves), given)
    before = _way_without(main, list(track.opens_in), given)
    line = next(line for line in lines(process) if line.track is track)
    inside = _way_without(line, list(step.moves), given)
    return f"{before} ∥ {inside}" if before and inside else None


def uncertain_at(line: Line, states: list[str], given: Avoided) -> str | None:
    """Tell a way into one of `states` on which no move satisfies `given`; None if all do."""
    if line.track is None:
        return _way_without(line, states, given)
    before = _way_without(main_line(line.process), list(line.track.opens_in), given)
    inside = _way_without(line, states, given)
    return f"{before} ∥ {inside}" if before and inside else None


def _way_without(line: Line, goals: list[str], given: Avoided) -> str | None:
    def avoided(step: Step, source: str) -> bool:
        return given(step, source) or (
            Role.JOIN in step.by
            and line.track is None
            and any(_always(line.process, track, given) for track in line.process.tracks)
        )

    ways = line.ways(avoided)
    for goal in goals:
        if goal in ways:
            return line.told(ways[goal], goal)
    return None


def _always(process: Process, track: Track, given: Avoided) -> bool:
    """Whether every way to an end of the track takes a move that satisfies `given`."""
    line = next(line for line in lines(process) if line.track is track)
    return not any(state.end for state in line.states if state.name in line.ways(given))
