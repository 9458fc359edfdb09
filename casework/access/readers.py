"""Who sees what (查阅权限): staff what their authority owns or takes part in, the party its own.

What one may not see does not exist: the answer is word for word the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, tuple_
from sqlalchemy.orm import Session

from casework.acts.actors import Actor, in_force
from casework.acts.successions import behind
from casework.common.problems import NotFound
from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from casework.models import Case, Mandate, Participant, Post
from state_machines.language.vocabulary import Clock, Process, Role, Track
from state_machines.processes import PROCESSES

# What the authority keeps to itself: a lead, of which its party is not to learn yet.
_CONFIDENTIAL = [
    (process.key, state.name)
    for process in PROCESSES.values()
    for state in process.states
    if state.confidential
]


_READERS = "readers"


@dataclass(frozen=True)
class Reader:
    """What a logged-in person is today: the posts held, and the parties represented."""

    actor: Actor
    today: date
    posts: tuple[Post, ...]
    parties: frozenset[int]

    @property
    def authorities(self) -> frozenset[int]:
        """Authorities at which the person holds a post."""
        return frozenset(post.authority_id for post in self.posts)

    @property
    def roles(self) -> frozenset[Role]:
        """Every role held today, at whichever authority."""
        return frozenset(Role(post.role) for post in self.posts) | (
            {Role.APPLICANT} if self.parties else frozenset()
        )

    def represents(self, case: Case) -> bool:
        """Whether the person acts for the party of the case."""
        return case.party_id in self.parties

    def serves(self, case: Case) -> bool:
        """Whether the person reads the case as an officer: the party's own eyes see less."""
        return bool(self.authorities) and not self.represents(case)


@dataclass(frozen=True)
class Sight:
    """What of a case its reader sees: all, or less the tracks and matters of another department."""

    tracks: frozenset[str] = frozenset()
    matters: frozenset[str] = frozenset()

    def shows(self, track: Track | None) -> bool:
        """Whether the reader sees into a track; the case itself is None."""
        return track is None or track.name not in self.tracks

    def shows_clock(self, process: Process, clock: Clock) -> bool:
        """Whether the reader sees a limit: one that looks into hidden tracks only is not there."""
        named = {*clock.runs_in, *(state for stop in clock.stops for state in stop.states)}
        into = [t for t in process.tracks if named & {state.name for state in t.states}]
        return not into or any(map(self.shows, into))

    @property
    def whole(self) -> bool:
        """Whether nothing is hidden."""
        return not self.tracks

    def shows_matter(self, matter: str) -> bool:
        """Whether the reader sees papers of a matter; shared ones have none."""
        return matter not in self.matters


def may_hand_in(reader: Reader, case: Case) -> bool:
    """Whether the reader may add papers: the party, and the officers whose case it is."""
    return reader.represents(case) or case.authority_id in reader.authorities


def sight_of(session: Session, reader: Reader, case: Case, process: Process) -> Sight:
    """What of a case its reader sees.

    The party sees its case, and so do those of its authority who act on it as a whole or supervise
    it. A department sees its own tracks, and with them what is shared.
    """
    tracks = [track for track in process.tracks if track.matter]
    if not tracks or reader.represents(case):
        return Sight()
    in_tracks = {role for track in tracks for step in track.steps for role in step.by}
    desk = {role for step in process.steps for role in step.by} - in_tracks
    held = {Role(post.role) for post in reader.posts if post.authority_id == case.authority_id}
    if held & {*desk, Role.SUPERVISOR, Role.ADMIN}:
        return Sight()
    # By matter: a track that has not opened yet has no guest of its own.
    guests = {
        process.track(row.track).matter: row.authority_id
        for row in session.scalars(select(Participant).where(Participant.case_id == case.id))
    }
    seen = [
        track
        for track in tracks
        if guests.get(track.matter, case.authority_id) in reader.authorities
    ]
    shown = {track.matter for track in seen}
    return Sight(
        frozenset(track.name for track in tracks if track not in seen),
        frozenset(track.matter for track in tracks if track.matter not in shown),
    )


def reader_of(office: Office, session: Session, actor: Actor) -> Reader:
    """What the actor is today, as the session first saw it: each part of a page asks."""
    today = legal_date(office.time.now())
    known: dict[tuple[Actor, date], Reader] = session.info.setdefault(_READERS, {})
    if (actor, today) not in known:
        known[actor, today] = _read(session, actor, today)
    return known[actor, today]


def _read(session: Session, actor: Actor, today: date) -> Reader:
    posts = session.scalars(
        select(Post)
        .where(Post.person_id == actor.person_id, in_force(today, Post))
        .order_by(Post.id)
    )
    own = select(Mandate.party_id).where(Mandate.person_id == actor.person_id, in_force(today))
    parties = session.scalars(behind(own, today))
    return Reader(actor, today, tuple(posts), frozenset(parties))


def visible(reader: Reader) -> ColumnElement[bool]:
    """The condition on `Case` under which the reader may see it."""
    ways: list[ColumnElement[bool]] = []
    if reader.parties:
        ways.append(and_(Case.party_id.in_(reader.parties), known_to_party()))
    if reader.authorities:
        ways.append(and_(of_authorities(reader.authorities, reader.today), ~Case.private))
    return or_(*ways) if ways else false()


def find(office: Office, session: Session, actor: Actor, number: str) -> tuple[Case, Reader]:
    """The case of that number, and what the actor is today.

    Raises NotFound, word for word the same whether the case is not there or not theirs to see.
    """
    reader = reader_of(office, session, actor)
    case = session.scalar(select(Case).where(Case.number == number, visible(reader)))
    if case is None:
        raise NotFound(f"没有编号为“{number}”的案件")
    return case, reader


def of_authorities(authorities: frozenset[int], today: date) -> ColumnElement[bool]:
    """The condition on `Case` under which one of these authorities owns it or takes part in it."""
    takes_part = exists().where(
        Participant.case_id == Case.id,
        Participant.authority_id.in_(authorities),
        in_force(today, Participant),
    )
    return Case.authority_id.in_(authorities) | takes_part


def known_to_party() -> ColumnElement[bool]:
    """The condition on `Case` under which its party may learn of it."""
    return tuple_(Case.process, Case.state).notin_(_CONFIDENTIAL)
