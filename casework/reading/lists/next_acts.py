"""Which act of a case waits for its reader (待办事项), as its declaration has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework.access.readers import Reader, Sight
from casework.kernel import engine
from casework.models import Case
from state_machines.language.vocabulary import Process, Role, Step


@dataclass(frozen=True)
class NextAct:
    """The step that a case waits for, of those that its reader may take, and how many `others`
    there are. `signs`: another officer has entered it, and it waits for the second signature.

    Whether its conditions are met is not asked here: that says the page of the step.
    """

    step: str
    label: str
    others: int
    signs: bool


@dataclass(frozen=True)
class Beside:
    """What a list reads of a case besides its row: which authority takes part in which track, who
    has signed first for which step, and the names of its handlers."""

    guests: Mapping[str, frozenset[int]]
    signed: Mapping[str, int]
    handlers: tuple[str, ...]


def next_act(
    process: Process, case: Case, reader: Reader, sight: Sight, beside: Beside
) -> NextAct | None:
    """The step that waits for the reader; None if the case waits for somebody else, or for time."""
    mine = [
        step
        for step in _awaited(process, case)
        if sight.shows_step(process, step.name)
        and sight.behind.isdisjoint(step.moves)
        and _may_take(process, case, step, reader, beside)
        and beside.signed.get(step.name) != reader.actor.person_id
    ]
    if not mine:
        return None
    to_sign = next((step for step in mine if step.name in beside.signed), None)
    main = to_sign or _main(process, case, mine)
    return NextAct(main.name, main.label, len(mine) - 1, to_sign is not None)


def awaits(process: Process, case: Case) -> str:
    """What the case waits for, whoever is to do it; empty if it waits for time alone."""
    steps = _awaited(process, case)
    return _main(process, case, steps).label if steps else ""


def may_take(process: Process, case: Case, name: str, reader: Reader, beside: Beside) -> bool:
    """Whether the reader holds a role that may take that step where the case stands."""
    return case.ended_at is None and any(
        step.name == name and _may_take(process, case, step, reader, beside)
        for step in engine.steps_of_state(process, case)
    )


def beside_of(guests: Any, signed: Any, handlers: Any) -> Beside:
    """The same, as the database gives it: pairs, pairs and names, or None for nothing."""
    in_tracks: dict[str, set[int]] = {}
    for track, authority in guests or ():
        in_tracks.setdefault(track, set()).add(authority)
    return Beside(
        {track: frozenset(found) for track, found in in_tracks.items()},
        dict(signed or ()),
        tuple(handlers or ()),
    )


def _awaited(process: Process, case: Case) -> list[Step]:
    """The steps that a case waits for. What leaves it where it is, such as an assignment, is not
    waited for once more while there is anything else."""
    if case.ended_at is not None:
        return []
    steps = [
        step
        for step in engine.steps_of_state(process, case)
        if step.awaited_in(_at(process, case, step))
        and not all(role.automatic for role in engine.roles_now(process, case, step))
    ]
    return [step for step in steps if not _done_here(process, case, step)] or steps


def _at(process: Process, case: Case, step: Step) -> str:
    track = process.track_of(step.name)
    return case.tracks[track.name] if track else case.state


def _done_here(process: Process, case: Case, step: Step) -> bool:
    """Whether it leaves the case where it is and was taken since the case came there."""
    at, taken = _at(process, case, step), list(case.data)
    if step.moves[at] != at or step.name not in taken:
        return False
    since = set(taken[taken.index(step.name) + 1 :])
    return not any(
        other.name in since and any(to == at != source for source, to in other.moves.items())
        for other in process.every_step
    )


def _may_take(process: Process, case: Case, step: Step, reader: Reader, beside: Beside) -> bool:
    """As at the door: a guest authority acts in its own track only."""
    roles = {role for role in engine.roles_now(process, case, step) if not role.automatic}
    track = process.track_of(step.name)
    acting = {case.authority_id} | (beside.guests.get(track.name, set()) if track else set())
    held = {Role(post.role) for post in reader.posts if post.authority_id in acting}
    if reader.represents(case):
        held.add(Role.APPLICANT)
    return not roles.isdisjoint(held)


def _main(process: Process, case: Case, steps: Sequence[Step]) -> Step:
    """The first that does not lead back: states are declared in the order in which they come."""
    order = {state.name: n for n, state in enumerate(process.states)}
    order |= {s.name: n for track in process.tracks for n, s in enumerate(track.states)}

    def onward(step: Step) -> bool:
        at = _at(process, case, step)
        return order[step.moves[at]] >= order[at]

    return next(filter(onward, steps), steps[0])
