"""The log of a case (全过程记录) for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.actors import Actor
from casework.models import Case, LogRow, Person
from casework.office import Office
from casework.reading.access import Reader, find, sight_of
from casework.reading.filled import Entry, entries
from casework.reading.masking import mask_name
from casework.reading.papers import documents_of
from casework.timekeeping import legal_date
from state_machines.evidence import ENTRIES
from state_machines.vocabulary import Process, Role

_OPENING = "立案"


@dataclass(frozen=True)
class LogLine:
    """One row of the log.

    `kind` is open, step, expiry, recount, returned, evidence or handed_in. `officers` are in
    signing order; the party reads other people's names masked, and of inputs only its own. `facts`
    are what the guards saw, for officers. `caused` lists the documents issued, the cases opened or
    moved, and what was kept.
    """

    seq: int
    kind: str
    name: str
    label: str
    source: str
    source_label: str
    target: str
    target_label: str
    track: str | None
    effective_on: date
    effective_at: datetime
    recorded_at: datetime
    role: str
    officers: tuple[str, ...]
    channel: str
    note: str
    caused: tuple[str, ...]
    entries: tuple[Entry, ...] | None
    facts: Mapping[str, Any] | None
    hash: str


def log_view(office: Office, session: Session, actor: Actor, number: str) -> tuple[LogLine, ...]:
    """The log of a case the actor may see, in order. Raises NotFound."""
    case, reader = find(office, session, actor, number)
    process = office.versions.by_digest(session, case.version_digest)
    rows = session.scalars(select(LogRow).where(LogRow.case_id == case.id).order_by(LogRow.seq))
    kept = rows.all()
    ids = {person for row in kept for person in row.header["officers"]}
    people = session.scalars(select(Person).where(Person.id.in_(ids)))
    names = {person.id: person.name for person in people}
    shown = frozenset(paper.key for paper in documents_of(office, session, case, reader))
    sight = sight_of(session, reader, case, process)
    return tuple(
        _line(row, case, process, reader, names, shown)
        for row in kept
        if sight.shows(process.track_of(row.header["name"]))
    )


def _line(
    row: LogRow,
    case: Case,
    process: Process,
    reader: Reader,
    names: Mapping[int, str],
    papers: frozenset[str],
) -> LogLine:
    header, payload = row.header, row.payload
    as_officer = reader.serves(case)
    own = as_officer or header["on_behalf"] == case.party_id
    track = header["track"]
    effective_at = datetime.fromisoformat(header["effective_at"])
    return LogLine(
        seq=row.seq,
        kind=header["kind"],
        name=header["name"],
        label=_label(process, header, payload),
        source=header["source"],
        source_label=_state(process, header["source"]),
        target=header["target"],
        target_label=_state(process, header["target"]),
        track=process.track(track).label if track else None,
        effective_on=legal_date(effective_at),
        effective_at=effective_at,
        recorded_at=datetime.fromisoformat(header["recorded_at"]),
        role=Role(header["role"]).label,
        officers=tuple(
            names[person]
            if as_officer or person == reader.actor.person_id
            else mask_name(names[person])
            for person in header["officers"]
        ),
        channel=header["channel"],
        note=_note(payload, as_officer=as_officer),
        caused=_caused(payload, papers, as_officer=as_officer),
        entries=entries(_form(process, header), payload.get("input", {})) if own else None,
        facts=payload.get("facts") if as_officer else None,
        hash=row.hash,
    )


def _label(process: Process, header: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    if header["kind"] == "open":
        return _OPENING
    if header["kind"] == "expiry":
        breach = payload.get("breach") != "none"
        return f"{'超期' if breach else '届满'}：{process.clock(header['name']).label}"
    if header["kind"] == "recount":
        return "时限重算"
    if header["kind"] == "evidence":
        return ENTRIES[header["name"]].label
    if header["kind"] == "handed_in":
        return "提交材料"
    if header["kind"] == "returned":
        return f"退回重填：{process.step(header['name']).label}"
    return process.step(header["name"]).label


def _form(process: Process, header: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if header["kind"] == "open":
        return process.form
    return process.step(header["name"]).form if header["kind"] in ("step", "returned") else None


def _state(process: Process, name: str) -> str:
    return process.state(name).label if name else ""


def _note(payload: Mapping[str, Any], *, as_officer: bool) -> str:
    if "redacted" in payload:
        return "内容已依规定遮盖"
    due = payload.get("due")
    reason = payload.get("reason") if as_officer else None
    said = [f"应于{due}前办理" if due else None, payload.get("refused"), reason]
    return "；".join(one for one in said if one)


def _caused(
    payload: Mapping[str, Any], papers: frozenset[str], *, as_officer: bool
) -> tuple[str, ...]:
    caused = payload.get("caused", {})
    issued = [
        f"出具{document['title']} {document['number']}".strip()
        for document in caused.get("documents", [])
        if document["key"] in papers
    ]
    opened = [f"开立关联案件 {other['case']}" for other in caused.get("opened", [])]
    moved = [f"办理关联案件 {other['case']}" for other in caused.get("moved", [])]
    files = [f"收到{file['filename']}" for file in caused.get("files", [])]
    items = [
        f"{'撤回' if item['withdrawn'] else '登记'}证据 {item['n']} 号 {item['said']['title']}"
        f"（第 {item['version']} 版）"
        for item in caused.get("evidence", [])
        if as_officer
    ]
    return (*issued, *opened, *moved, *files, *items)
