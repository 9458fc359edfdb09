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
from casework.common.problems import no_such_case
from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from casework.models import Case, Mandate, Participant, Post
from state_machines.language.vocabulary import Clock, Process, Role, State, Track
from state_machines.processes import PROCESSES

# What the authority keeps to itself: a lead, of which its party is not to learn yet.
_CONFIDENTIAL = [
    (process.key, state.name)
    for process in PROCESSES.values()
    for state in process.states
    if state.confidential
]
# What its party does not learn of, though it knows the case: a letter to those who may look into a
# crime or an official warns nobody. So says this release of cases of every version.
_INTERNAL = {
    process.key: frozenset(step.name for step in process.every_step if step.internal)
    for process in PROCESSES.values()
}
# In which state a case stands to its party and the public, where that is not its own.
_VEILED = {
    (process.key, state.name): state.veiled_as
    for process in PROCESSES.values()
    for state in process.states
    if state.veiled_as
}

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
    """What of a case its reader sees: all, or less the tracks and matters of another department;
    its party less the `steps` that are internal, and while it is `behind` a veil, in a state of
    which it must not learn, another state."""

    tracks: frozenset[str] = frozenset()
    matters: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()
    behind: frozenset[str] = frozenset()
    veil: str = ""

    def shows(self, track: Track | None) -> bool:
        """Whether the reader sees into a track; the case itself is None."""
        return track is None or track.name not in self.tracks

    def shows_step(self, process: Process, name: str) -> bool:
        """Whether the reader sees a step, its rows of the log and what it issued."""
        return name not in self.steps and self.shows(process.track_of(name))

    def seen_as(self, state: str) -> str:
        """As which state the reader sees one."""
        return self.veil if state in self.behind else state

    def state_of(self, process: Process, case: Case) -> State:
        """The state in which the case stands to the reader."""
        return process.state(self.veil or case.state)

    def turns(self, process: Process, case: Case) -> tuple[Role, ...]:
        """Whose turn it is, as far as the reader sees that."""
        if not self.veil:
            return tuple(map(Role, case.awaiting))
        roles = {
            role
            for step in process.steps
            if step.awaited_in(self.veil)
            for role in step.roles_in(self.veil)
            if not role.automatic
        }
        return tuple(sorted(roles))

    def shows_clock(self, process: Process, clock: Clock) -> bool:
        """Whether the reader sees a limit: one that looks into hidden tracks only is not there, nor
        one that stands still behind a veil."""
        named = {*clock.runs_in, *(state for stop in clock.stops for state in stop.states)}
        if self.behind & named:
            return False
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

    The party sees its case less what is internal, and those of its authority who act on it as a
    whole or supervise it see all. A department sees its own tracks, and with them what is shared.
    """
    if reader.represents(case):
        return party_sight(case)
    tracks = [track for track in process.tracks if track.matter]
    if not tracks:
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


def party_sight(case: Case) -> Sight:
    """What of a case its party sees, and whoever holds its tracking code."""
    veil = _VEILED.get((case.process, case.state), "")
    return Sight(
        steps=_INTERNAL.get(case.process, frozenset()),
        behind=frozenset(state for key, state in _VEILED if veil and key == case.process),
        veil=veil,
    )


def stands_in(reader: Reader, state: str) -> ColumnElement[bool]:
    """The condition on `Case` under which it stands in that state to the reader."""
    veiled = {here for here, veil in _VEILED.items() if state in (here[1], veil)}
    if not veiled or not reader.parties:
        return Case.state == state
    own = and_(Case.party_id.in_(reader.parties), tuple_(Case.process, Case.state).in_(veiled))
    behind = [here for here in veiled if _VEILED[here] == state]
    return and_(Case.state == state, ~own) | and_(own, tuple_(Case.process, Case.state).in_(behind))


def reader_of(office: Office, session: Session, actor: Actor) -> Reader:
    """What the actor is today, as the session first saw it: each part of a page asks."""
    today = legal_date(office.time.now())
    known: dict[tuple[Actor, date], Reader] = session.info.setdefault(_READERS, {})
    if (actor, today) not in known:
        known[actor, today] = _read(session, actor, today)
    return known[actor, today]


def as_read(session: Session, reader: Reader) -> None:
    """Let a session know a reader that was read before, in the same request."""
    session.info.setdefault(_READERS, {})[reader.actor, reader.today] = reader


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
        raise no_such_case(number)
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
