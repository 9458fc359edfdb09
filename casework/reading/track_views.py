"""Parallel branches (并联分支) of a case for people: where each stands, and whose turn it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.access.readers import Sight
from casework.acts.participants import authority_in
from casework.models import Authority, Case, CaseClock
from state_machines.language.vocabulary import Process, Role, Track


@dataclass(frozen=True)
class TrackView:
    """A parallel branch, the authority whose it is, and where it stands. `due_on` is the next last
    day of its own limits."""

    name: str
    label: str
    authority: str
    state: str
    state_label: str
    ended: bool
    whose_turn: tuple[str, ...]
    due_on: date | None
    due_label: str


def tracks_of(
    session: Session, case: Case, process: Process, sight: Sight
) -> tuple[TrackView, ...]:
    """The open branches of a case that its reader sees, in their declared order."""
    due = {
        row.name: row.due_on
        for row in session.scalars(
            select(CaseClock).where(CaseClock.case_id == case.id, CaseClock.ended_at.is_(None))
        )
    }
    return track_views(session, case, process, sight, case.tracks, due)


def track_views(
    session: Session,
    case: Case,
    process: Process,
    sight: Sight,
    tracks: Mapping[str, str],
    due: Mapping[str, date | None],
) -> tuple[TrackView, ...]:
    """The same of `tracks`, with the last days of the limits that run, by their names."""
    views = []
    for track in process.tracks:
        at = tracks.get(track.name)
        if at is None or not sight.shows(track):
            continue
        roles = {role.label: None for role in _awaited(track, at)}
        limits = [(day, clock) for clock in track.clocks if (day := due.get(clock.name))]
        nearest = min(limits, key=lambda limit: limit[0], default=None)
        views.append(
            TrackView(
                track.name,
                track.label,
                session.get_one(Authority, authority_in(session, case, track.name)).short,
                at,
                process.state(at).label,
                process.state(at).end,
                tuple(roles),
                nearest[0] if nearest else None,
                nearest[1].label if nearest else "",
            )
        )
    return tuple(views)


def hidden_turns(process: Process, tracks: Mapping[str, str], sight: Sight) -> frozenset[Role]:
    """The roles whose turn it is only in branches that the reader does not see into."""
    seen: set[Role] = set()
    hidden: set[Role] = set()
    for track in process.tracks:
        if track.name in tracks:
            into = seen if sight.shows(track) else hidden
            into.update(_awaited(track, tracks[track.name]))
    return frozenset(hidden - seen)


def _awaited(track: Track, at: str) -> list[Role]:
    return [
        role
        for step in track.steps
        if at in step.moves and not step.optional
        for role in step.roles_in(at)
        if not role.automatic
    ]
