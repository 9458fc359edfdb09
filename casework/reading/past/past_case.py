"""The file of a case as it stood at the end of a day, by the rights of whoever reads it today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from casework.access.party_view import PartyView, party_view
from casework.access.readers import Sight, find, sight_of
from casework.acts.actors import Actor
from casework.common.timekeeping import end_of
from casework.kernel.office import Office
from casework.models import Authority, Party
from casework.parts.evidence.reading import EvidenceView, evidence_view
from casework.reading.case import (
    InputView,
    ParticipantView,
    inputs_of,
    participants_of,
    shown_data,
)
from casework.reading.clock_views import ClockView, clock_views
from casework.reading.handed_out import (
    AttachmentView,
    DocumentView,
    Until,
    attachments_of,
    documents_of,
    shown_materials,
)
from casework.reading.past.led_to import LedTo, clocks_led_to, led_to
from casework.reading.track_views import TrackView, hidden_turns, track_views
from state_machines.language.vocabulary import Process, Role


@dataclass(frozen=True)
class PastCase:
    """A case as it stood at the end of `as_of`; nothing in it can be acted upon.

    `rows` is how many rows its log had, `hash` that of the last one; `since` whether more came.
    `data` is what had been filled in, `inputs` the same with labels. `redacted` says what of that
    day's file was taken away by law since.
    """

    number: str
    process: str
    process_label: str
    authority: str
    party: PartyView
    as_of: date
    state: str
    state_label: str
    ended: bool
    version: int
    opened_at: datetime
    ended_at: datetime | None
    whose_turn: tuple[str, ...]
    passed: tuple[str, ...]
    tracks: tuple[TrackView, ...]
    clocks: tuple[ClockView, ...]
    data: Mapping[str, Any]
    inputs: tuple[InputView, ...]
    documents: tuple[DocumentView, ...]
    files: tuple[AttachmentView, ...]
    evidence: tuple[EvidenceView, ...]
    participants: tuple[ParticipantView, ...]
    rows: int
    hash: str
    since: bool
    redacted: tuple[str, ...]


def past_case(office: Office, session: Session, actor: Actor, number: str, day: date) -> PastCase:
    """The case as it stood at the end of a day. Raises NotFound, and as `led_to` does."""
    case, reader = find(office, session, actor, number)
    process = office.versions.by_digest(session, case.version_digest)
    sight = sight_of(session, reader, case, process)
    led = led_to(session, case, process, day, reader.today)
    at, as_officer = led.at, reader.serves(case)
    own = as_officer and case.authority_id in reader.authorities
    now = min(end_of(day) - timedelta(microseconds=1), office.time.now())
    rules = office.rules.current(session)
    kept = clocks_led_to(session, rules, case, process, led)
    due = {row.name: row.due_on for row in kept if row.ended_at is None}
    shown = shown_data(process, at.data, sight, as_officer=as_officer)
    shows = shown_materials(office, session, reader, case)
    state = process.state(sight.seen_as(at.state))
    return PastCase(
        number=case.number,
        process=case.process,
        process_label=process.label,
        authority=session.get_one(Authority, case.authority_id).name,
        party=party_view(session.get_one(Party, case.party_id)),
        as_of=day,
        state=state.name,
        state_label=state.label,
        ended=at.ended_at is not None,
        version=at.version,
        opened_at=case.opened_at,
        ended_at=at.ended_at,
        whose_turn=_turns(process, sight, led),
        passed=_passed(process, sight, led),
        tracks=track_views(session, case, process, sight, at.tracks, due),
        clocks=clock_views(kept, process, sight, now),
        data=shown,
        inputs=inputs_of(process, shown),
        documents=documents_of(office, session, case, reader, Until(led.last.seq, day, at.data)),
        files=tuple(
            file
            for file in attachments_of(session, case)
            if file.received_at < end_of(day) and shows(file.material)
        ),
        evidence=evidence_view(office, session, actor, number, led.last.seq)
        if own and process.keeps_evidence
        else (),
        participants=participants_of(session, case, process, _opened(process, led)),
        rows=led.last.seq,
        hash=led.last.hash,
        since=case.head_seq > led.last.seq,
        redacted=led.gone,
    )


def _turns(process: Process, sight: Sight, led: LedTo) -> tuple[str, ...]:
    """Whose turn it was. Behind a veil nobody's is told."""
    if sight.veil or led.at.ended_at:
        return ()
    hidden = hidden_turns(process, led.at.tracks, sight)
    roles = map(Role, led.awaiting)
    return tuple(role.label for role in roles if role not in hidden)


def _passed(process: Process, sight: Sight, led: LedTo) -> tuple[str, ...]:
    """The states in which the case had been, one after the other."""
    seen = (
        sight.seen_as(row.header["target"])
        for row in led.rows
        if not row.header["track"] and sight.shows_step(process, row.header["name"])
    )
    return tuple(process.state(name).label for name, _ in groupby(seen) if name)


def _opened(process: Process, led: LedTo) -> frozenset[str]:
    """The tracks that had been opened, whether or not they still were."""
    entered = {row.header["target"] for row in led.rows if not row.header["track"]}
    return frozenset(track.name for track in process.tracks if entered.intersection(track.opens_in))
