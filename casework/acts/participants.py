"""Authorities that take part in another's case (参与机关), each in its own track of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.dossier import dossier_of, forget
from casework.common.problems import BadInput
from casework.models import Authority, Case, Participant
from casework.rules.rule_cache import Rules
from state_machines.language.vocabulary import Process, Role, Track


def invite(session: Session, rules: Rules, case: Case, tracks: Iterable[Track], day: date) -> None:
    """Let the authorities competent for these tracks take part, where they are not the case's own.

    Competent is the one of the case's region, or of the next larger region that has one. Raises
    BadInput if there is none.
    """
    known: dict[str, int] | None = None
    for track in tracks:
        if not track.matter:
            continue
        known = _guests(session, case) if known is None else known
        if track.name in known:
            continue
        authority = _competent(session, rules, case, track)
        if authority.id != case.authority_id:
            session.add(
                Participant(
                    case_id=case.id, authority_id=authority.id, track=track.name, valid_from=day
                )
            )
            session.flush()
            forget(session, case)


def authority_in(session: Session, case: Case, track: str) -> int:
    """The authority whose track that is: a guest, or the case's own."""
    return _guests(session, case).get(track, case.authority_id)


def authority_for(session: Session, case: Case, process: Process, matter: str) -> int:
    """The authority that answers for a matter of the case: a guest by its track, or its own."""
    names = [track.name for track in process.tracks if matter and track.matter == matter]
    if not names:
        return case.authority_id
    guests = _guests(session, case)
    return next((guests[name] for name in names if name in guests), case.authority_id)


def authority_of(session: Session, case: Case, process: Process, role: str) -> int:
    """The authority at which a role is held in a case: a guest's role acts in its tracks only."""
    names = [
        track.name
        for track in process.tracks
        if track.matter and any(Role(role) in step.by for step in track.steps)
    ]
    if not names or any(Role(role) in step.by for step in process.steps):
        return case.authority_id
    guests = _guests(session, case)
    return next((guests[name] for name in names if name in guests), case.authority_id)


def _guests(session: Session, case: Case) -> dict[str, int]:
    """By track the id of the authority that takes part in it."""
    return {guest.track: guest.authority_id for guest in dossier_of(session, case).guests}


def _competent(session: Session, rules: Rules, case: Case, track: Track) -> Authority:
    """The authority for a track's matter: the case's own, else the nearest of the region and those
    above it. Raises BadInput."""
    own = session.get_one(Authority, case.authority_id)
    if track.matter in own.matters:
        return own
    region = case.data["application"].get("region", own.region)
    rows = session.scalars(
        select(Authority).where(
            Authority.region.in_(rules.chain(region)), Authority.matters.contains([track.matter])
        )
    )
    found = {row.region: row for row in rows}
    authority = next((found[one] for one in rules.chain(region) if one in found), None)
    if authority is None:
        text = f"行政区划“{region}”没有办理“{track.label}”的机关，不能一并办理，请核对所在区"
        raise BadInput(text, [{"field": "region", "label": "所在区", "text": "没有办理机关"}])
    return authority
