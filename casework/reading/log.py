"""The log of a case (全过程记录) for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import accumulate, groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.access.masking import mask_name
from casework.access.readers import Reader, Sight, find, sight_of, visible
from casework.acts.act import COUNTER
from casework.acts.actors import CAPACITIES, Actor
from casework.acts.backfilling import KINDS
from casework.acts.journal import COUNTED
from casework.acts.legal_dates import PERMITTED
from casework.acts.redactions import ASKED, BASES, REDACTED, STEPS, gone_by
from casework.common.timekeeping import in_chinese, legal_date
from casework.documents.private_reading import READ, READING
from casework.kernel.met_in_time import MET
from casework.kernel.office import Office
from casework.kernel.replaying import TURNED_BACK
from casework.models import Case, LogRow, Mandate, Person
from casework.reading.basis.decisions import decides
from casework.reading.filled import Entry, entries
from casework.reading.handed_out import attachments_of, documents_of, shown_materials
from state_machines.language.vocabulary import Process, Role
from state_machines.parts.evidence.part import ENTRIES
from state_machines.parts.same_act.part import DISTINGUISH

_OPENING = "立案"
_MET_AFTER_ALL = "后经登记已按期办理，本条作废"
_ENTRIES = {**ENTRIES, DISTINGUISH.name: DISTINGUISH}
# What the lapse of an authority's own limit was a breach of.
_BREACHES = {
    "statute": "违反法定期限",
    "promise": "未按承诺（内部）期限办理，法定期限另行计算",
}


@dataclass(frozen=True)
class LogLine:
    """One row of the log.

    `version` is the case's after it, so that the rows since a version can be told. `kind` is open,
    step, expiry, recount, returned, evidence, entered, handed_in, published, read, late_entry or
    turned_back.
    `officers` are in signing order; `present` is who was at the counter for the party, and in what
    capacity, when a clerk took its step. The party reads other people's names masked, and of inputs
    only its own. `facts` are what the guards saw, for officers; of the case as a whole only for
    those who see all of it.
    `caused` lists the documents issued, the cases opened or moved and what was kept, as far as the
    reader may see them. `backfill` says under what it was entered afterwards (专项补录), by whom
    and who confirmed it; empty for all else. `decided`: it is a decision that its reader may read.
    """

    seq: int
    version: int
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
    present: str
    note: str
    caused: tuple[str, ...]
    entries: tuple[Entry, ...] | None
    facts: Mapping[str, Any] | None
    hash: str
    backfill: str = ""
    decided: bool = False


def log_view(office: Office, session: Session, actor: Actor, number: str) -> tuple[LogLine, ...]:
    """The log of a case the actor may see, in order. Raises NotFound."""
    case, reader = find(office, session, actor, number)
    process = office.versions.by_digest(session, case.version_digest)
    rows = session.scalars(select(LogRow).where(LogRow.case_id == case.id).order_by(LogRow.seq))
    kept = rows.all()
    ids = {person for row in kept for person in (*row.header["officers"], *_second(row.payload))}
    people = session.scalars(select(Person).where(Person.id.in_(ids)))
    names = {person.id: person.name for person in people}
    wanted = {row.header["mandate"] for row in kept if row.header["channel"] == COUNTER}
    powers = session.execute(
        select(Mandate.id, Mandate.capacity, Person.id, Person.name)
        .join(Person, Mandate.person_id == Person.id)
        .where(Mandate.id.in_(wanted - {None}))
    )
    present = {
        mandate: f"{_named(person, name, reader, case)}（{CAPACITIES[capacity]}）"
        for mandate, capacity, person, name in powers
    }
    papers = (paper.key for paper in documents_of(office, session, case, reader))
    family = case.family_id or case.id
    relatives = session.scalars(
        select(Case.number).where((Case.family_id == family) | (Case.id == family), visible(reader))
    )
    shows = shown_materials(office, session, reader, case)
    files = (
        f"{file.material}/{file.digest}"
        for file in attachments_of(session, case)
        if shows(file.material)
    )
    shown = frozenset((*papers, *relatives, *files))
    sight = sight_of(session, reader, case, process)
    versions = accumulate(int(row.header["kind"] in COUNTED) for row in kept)
    met = {
        (one["clock"], one["due"])
        for row in kept
        for one in row.payload.get("caused", {}).get(MET, ())
    }
    lines = (
        (row, _line(row, version, case, process, reader, sight, names, present, shown))
        for row, version in zip(kept, versions, strict=True)
        if _sees(sight, process, row.header)
    )
    undone = {row.payload.get("undoes") for row in kept if row.header["kind"] == TURNED_BACK}
    gone = _taken(kept)
    return tuple(
        replace(
            line,
            note="；".join(one for one in (line.note, after_all, gone.get(row.seq, "")) if one),
        )
        for row, line in lines
        for after_all in (
            _MET_AFTER_ALL
            if (line.kind == "expiry" and (line.name, row.payload.get("due")) in met)
            or row.seq in undone
            else "",
        )
    )


def passed_in(log: Sequence[LogLine]) -> list[str]:
    """The states in which a case has been one after the other, as its reader saw them."""
    return [label for label, _ in groupby(line.target_label for line in log if not line.track)]


def issued_as(document: Mapping[str, Any]) -> str:
    """A document in words, as a row tells of its issue."""
    return f"出具{document['title']} {document['number']}".strip()


def _taken(rows: Sequence[LogRow]) -> Mapping[int, str]:
    """By row what was taken away from it by law."""
    found: defaultdict[int, str] = defaultdict(str)
    for row in rows:
        if row.header["kind"] == REDACTED:
            for seq, what in gone_by(row.header):
                found[seq] += f"{what}已依法删除（第{row.seq}条）；"
    return {seq: text.removesuffix("；") for seq, text in found.items()}


def _sees(sight: Sight, process: Process, header: Mapping[str, Any]) -> bool:
    """Whether a row is the reader's to see: of a step by its track, of a limit by what it is of."""
    if header["kind"] == "expiry":
        return sight.shows_clock(process, process.clock(header["name"]))
    return sight.shows_step(process, header["name"])


def _line(
    row: LogRow,
    version: int,
    case: Case,
    process: Process,
    reader: Reader,
    sight: Sight,
    names: Mapping[int, str],
    present: Mapping[int, str],
    shown: frozenset[str],
) -> LogLine:
    header, payload = row.header, row.payload
    as_officer = reader.serves(case)
    own = as_officer or header["on_behalf"] == case.party_id
    track = header["track"]
    source, target = sight.seen_as(header["source"]), sight.seen_as(header["target"])
    effective_at = datetime.fromisoformat(header["effective_at"])
    return LogLine(
        seq=row.seq,
        version=version,
        kind=header["kind"],
        name=header["name"],
        label=_label(process, header, payload),
        source=source,
        source_label=_state(process, source),
        target=target,
        target_label=_state(process, target),
        track=process.track(track).label if track else None,
        effective_on=legal_date(effective_at),
        effective_at=effective_at,
        recorded_at=datetime.fromisoformat(header["recorded_at"]),
        role=Role(header["role"]).label,
        officers=tuple(
            _named(person, names[person], reader, case) for person in header["officers"]
        ),
        channel=header["channel"],
        present=present.get(header["mandate"], "") if header["channel"] == COUNTER else "",
        note=_note(header, payload, as_officer=as_officer),
        caused=(
            *_caused(payload, shown, as_officer=as_officer),
            *(_held(process, payload) if as_officer else ()),
        ),
        entries=entries(_form(process, header), payload.get("input", {})) if own else None,
        facts=payload.get("facts") if as_officer and (track or sight.whole) else None,
        hash=row.hash,
        backfill=_backfill(payload, names, as_officer=as_officer),
        decided=_decided(process, header, payload, shown, as_officer=as_officer),
    )


def _decided(
    process: Process,
    header: Mapping[str, Any],
    payload: Mapping[str, Any],
    shown: frozenset[str],
    *,
    as_officer: bool,
) -> bool:
    """Whether a row is a decision to its reader: to the party only if a letter told it."""
    papers = payload.get("caused", {}).get("documents", ())
    issued = any(one["key"] in shown for one in papers)
    return decides(process, header, issued=issued) and (issued or as_officer)


def _second(payload: Mapping[str, Any]) -> Iterator[int]:
    """Who entered it afterwards, and who confirmed that."""
    said = payload.get("backfill") or {}
    yield from (said[name] for name in ("entered_by", "confirmed_by") if said.get(name))


def _backfill(payload: Mapping[str, Any], names: Mapping[int, str], *, as_officer: bool) -> str:
    said = payload.get("backfill")
    if not said:
        return ""
    text = f"第{said['id']}号专项补录（{KINDS[said['kind']]}）"
    if not as_officer:
        return text
    first, second = (names.get(said[name], "") for name in ("entered_by", "confirmed_by"))
    return f"{text}：{first}录入，{second}复核，依据“{said['paper']['filename']}”"


def _named(person: int, name: str, reader: Reader, case: Case) -> str:
    """A person's name; to the party, other people's are masked."""
    mine = person == reader.actor.person_id
    return name if mine or reader.serves(case) else mask_name(name)


def _label(process: Process, header: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    if header["kind"] == "open":
        return _OPENING
    if header["kind"] == "expiry":
        breach = payload.get("breach") != "none"
        return f"{'超期' if breach else '届满'}：{process.clock(header['name']).label}"
    if header["kind"] == "recount":
        return "时限重算"
    if header["kind"] in ("evidence", "entered"):
        return _ENTRIES[header["name"]].label
    if header["kind"] == "handed_in":
        return "提交材料"
    if header["kind"] == READ:
        return READING.label
    if header["kind"] == TURNED_BACK:
        return f"恢复办理：“{process.step(header['name']).label}”没有发生"
    if header["kind"] == "published":
        return "登记公示"
    if header["kind"] in (ASKED, REDACTED):
        return STEPS[header["name"]].label
    if header["kind"] == PERMITTED:
        day = in_chinese(date.fromisoformat(payload["on"]))
        return f"准予补录{day}的“{process.step(payload['step']).label}”"
    if header["kind"] == "returned":
        return f"退回重填：{process.step(header['name']).label}"
    return process.step(header["name"]).label


def _form(process: Process, header: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if header["kind"] == "open":
        return process.form
    if header["kind"] == "entered":
        return _ENTRIES[header["name"]].form
    return process.step(header["name"]).form if header["kind"] in ("step", "returned") else None


def _state(process: Process, name: str) -> str:
    return process.state(name).label if name else ""


def _note(header: Mapping[str, Any], payload: Mapping[str, Any], *, as_officer: bool) -> str:
    if header["kind"] in (ASKED, REDACTED) and "basis" in payload:  # not what was given back
        why = [payload["document"], payload["reason"]] if as_officer else []
        return "；".join([BASES[payload["basis"]], *why])
    if "redacted" in payload:  # an act of redaction leaves no such payload
        return "内容被移去，没有相应的办理记录，请系统管理员核验"
    if shown := payload.get("shown_by"):
        return f"第{payload['undoes']}条作废：{in_chinese(date.fromisoformat(shown['on']))}已经办理"
    due = payload.get("due")
    reason = payload.get("reason") if as_officer else None
    breach = _BREACHES.get(payload.get("breach", ""))
    said = [f"应于{due}前办理" if due else None, breach, payload.get("refused"), reason]
    return "；".join(one for one in said if one)


def _caused(
    payload: Mapping[str, Any], shown: frozenset[str], *, as_officer: bool
) -> tuple[str, ...]:
    caused = payload.get("caused", {})
    issued = [
        issued_as(document) for document in caused.get("documents", []) if document["key"] in shown
    ]
    opened, moved = (
        [f"{done}关联案件 {one['case']}" for one in caused.get(what, []) if one["case"] in shown]
        for what, done in (("opened", "开立"), ("moved", "办理"))
    )
    files = [
        f"收到{file['filename']}"
        for file in caused.get("files", [])
        if f"{file['material']}/{file['sha256']}" in shown
    ]
    items = [
        f"{'撤回' if item['withdrawn'] else '登记'}证据 {item['n']} 号 {item['said']['title']}"
        f"（第 {item['version']} 版）"
        for item in caused.get("evidence", [])
        if as_officer
    ]
    shown_to_all = [
        f"{one['on']}{'撤下' if one['withdrawn'] else '公示'}"
        f"（{one['channel'] if 'channel' in one else '、'.join(one['channels'])}）"
        for one in caused.get("published", [])
    ]
    met = [
        f"“{one['label']}”（至{one['due']}）没有超过" for one in caused.get(MET, []) if as_officer
    ]
    read = [f"阅知{one['title']} {one['number']}".strip() for one in caused.get(READ, [])]
    return (*issued, *opened, *moved, *files, *items, *shown_to_all, *met, *read)


def _held(process: Process, payload: Mapping[str, Any]) -> Iterator[str]:
    """What the step bound, kept to and ended of the approvals."""
    labels = {bind.name: bind.label for bind in process.binds}
    caused = payload.get("caused", {})
    for one in caused.get("bound", []):
        yield f"固定{labels[one['binding']]}的内容（校验值 {one['digest'][:16]}）"
    for one in caused.get("kept", []):
        yield f"已与{labels[one['binding']]}的内容核对"
    for one in caused.get("lapsed", []):
        yield f"原{labels[one['binding']]}失效"
