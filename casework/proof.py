"""Proving afterwards that it was so: chains, heads, and a replay of each case to its present state.

Nothing is trusted but the rows themselves: hashes are computed again, and states, inputs and clocks
are derived again from the log under the version the case was opened with. What a row caused must
stand in the registers as it says: documents, credit events, entries to be published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import attachments, clocks, publications
from casework.clock_book import ClockBook
from casework.evidence_register import as_told
from casework.journal import FIRST, canonical, payload_digest, row_hash, sm3
from casework.models import (
    Attachment,
    Case,
    CaseClock,
    CreditEvent,
    CreditMark,
    DailyRoot,
    Document,
    Evidence,
    LogRow,
    PartySuccession,
    Publication,
    Recusal,
)
from casework.timekeeping import legal_date
from casework.versions import VersionShelf
from state_machines.vocabulary import Process


@dataclass(frozen=True)
class Fault:
    """Something in a case that does not hold: where, and what."""

    case: str
    seq: int | None
    text: str


class ChainedRow(Protocol):
    """A row of a log, from the database or from a court file."""

    @property
    def seq(self) -> int: ...
    @property
    def header(self) -> Mapping[str, Any]: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...
    @property
    def salt(self) -> str: ...
    @property
    def payload_digest(self) -> str: ...
    @property
    def previous(self) -> str: ...
    @property
    def hash(self) -> str: ...


@dataclass(frozen=True)
class Report:
    """What was proved, and every fault found."""

    cases: int
    rows: int
    faults: tuple[Fault, ...]


@dataclass
class Replay:
    """Where the log leads."""

    state: str
    tracks: dict[str, str]
    data: dict[str, Any]
    runs: list[clocks.Run]
    version: int
    ended_at: datetime | None = None


def verify_database(session: Session, versions: VersionShelf) -> Report:
    """Verify every case. Daily roots are for `verify_roots`."""
    faults: list[Fault] = []
    cases = rows = 0
    for case in session.scalars(select(Case).order_by(Case.id).execution_options(yield_per=200)):
        cases += 1
        rows += case.head_seq
        faults += verify_case(session, case, versions)
        session.expunge(case)
    return Report(cases, rows, tuple(faults))


def verify_case(session: Session, case: Case, versions: VersionShelf) -> list[Fault]:
    """Verify one case: its chain up to its head, its documents, and its replayed state."""
    log = session.scalars(
        select(LogRow).where(LogRow.case_id == case.id).order_by(LogRow.seq)
    ).all()
    faults = check_chain(case.number, case.head_seq, case.head_hash, log)
    if faults:
        return faults  # a replay of rows that were tampered with proves nothing more
    process = versions.by_digest(session, case.version_digest)
    return [
        *_documents(session, case, log),
        *_files(session, case, log),
        *_evidence(session, case, log),
        *_registers(session, case, log),
        *_state(session, case, process, log),
        *_due_dates(session, case, log),
    ]


def root_of(heads: Iterable[tuple[str, str]]) -> str:
    """One hash over all cases: their numbers and head hashes, in order of number."""
    return sm3("\n".join(f"{number}:{head}" for number, head in sorted(heads)))


def verify_roots(session: Session, kept: Iterable[tuple[date, str]]) -> list[Fault]:
    """Compare daily roots that left the database with those inside it."""
    inside = {row.day: row.root for row in session.scalars(select(DailyRoot))}
    return [
        Fault("", None, f"{day} 的日根与留存的不一致")
        for day, root in kept
        if inside.get(day) != root
    ]


def replay(process: Process, log: Sequence[ChainedRow]) -> Replay:
    """Follow the log from the opening to its end.

    Raises ValueError naming the row that the declaration does not allow.
    """
    at = Replay(process.initial, {}, {}, [], 0)
    for row in log:
        header = row.header
        if header["clock"]:
            at.runs = clocks.expire(at.runs, header["clock"])
        if header["kind"] in ("returned", "evidence", "entered"):
            at.version += 1
        if header["kind"] not in ("open", "step"):
            continue
        before: frozenset[str] = frozenset()
        if header["kind"] == "step":
            before = frozenset((at.state, *at.tracks.values()))
            _follow(process, at, header)
        else:
            at.state = header["target"]
            at.tracks = clocks.tracks_after(process, at.state, {})
        at.data.pop(header["name"], None)
        at.data[header["name"]] = row.payload.get("input", {})
        for amended in row.payload.get("caused", {}).get("amended", []):
            at.data["application"] = {**at.data["application"], **amended}
        for kept in row.payload.get("caused", {}).get("registered", []):
            at.data[kept["register"]] = {**at.data.get(kept["register"], {}), **kept["entries"]}
        instant = datetime.fromisoformat(header["effective_at"])
        if process.state(at.state).end and at.ended_at is None:
            at.ended_at = instant
        after = frozenset((at.state, *at.tracks.values()))
        passed = clocks.Transition(
            header["name"], before, after, instant, ended=at.ended_at is not None
        )
        at.runs, _ = clocks.pass_on(process, at.runs, passed)
    return at


def _follow(process: Process, at: Replay, header: Mapping[str, Any]) -> None:
    step, track, target = process.step(header["name"]), header["track"], header["target"]
    source = at.tracks[track] if track else at.state
    # A case of an older version may have moved otherwise before (`transition`).
    leads_to = (step.moves.get(source), (step.formerly or {}).get(source))
    if source != header["source"] or target not in leads_to:
        raise ValueError(f"第 {header['seq']} 行：“{step.label}”不能由 {source} 到 {target}")
    if track:
        at.tracks = {**at.tracks, track: target}
    else:
        at.state = target
        at.tracks = clocks.tracks_after(process, target, at.tracks)
    at.version += 1


def check_chain(number: str, length: int, head: str, log: Sequence[ChainedRow]) -> list[Fault]:
    """Whether the rows are the one chain of that case, of that length, up to that head."""
    faults = []
    previous = FIRST
    for place, row in enumerate(log, 1):
        redacted = "redacted" in row.payload
        if row.seq != place or row.header.get("seq") != place:
            faults.append(Fault(number, place, "日志行缺失或次序被改动"))
            break
        if row.header.get("case") != number:
            faults.append(Fault(number, place, "日志行不属于本案"))
        if not redacted and payload_digest(row.salt, row.payload) != row.payload_digest:
            faults.append(Fault(number, place, "日志内容被改动"))
        if (
            row.previous != previous
            or row_hash(row.header, row.payload_digest, previous) != row.hash
        ):
            faults.append(Fault(number, place, "日志链断裂"))
        previous = row.hash
    if not faults and (len(log) != length or previous != head):
        faults.append(Fault(number, None, "日志末尾与案件登记的链头不一致，可能有行被删除"))
    return faults


def _caused(log: Sequence[LogRow], what: str) -> Iterator[tuple[LogRow, dict[str, Any]]]:
    """What the rows say they caused, as far as they were not redacted."""
    for row in log:
        for item in row.payload.get("caused", {}).get(what, []):
            yield row, item


def _day(row: LogRow) -> date:
    return legal_date(datetime.fromisoformat(row.header["effective_at"]))


def _occurred(row: LogRow, item: Mapping[str, Any]) -> date:
    told = item.get("occurred_on")
    return date.fromisoformat(told) if told else _day(row)


def _documents(session: Session, case: Case, log: Sequence[LogRow]) -> list[Fault]:
    said = {
        (row.seq, item["key"]): (item["sha256"], item["title"], item["number"], _day(row))
        for row, item in _caused(log, "documents")
    }
    redacted = {row.seq for row in log if "redacted" in row.payload}
    kept, damaged = {}, set()
    of_content = func.encode(func.sha256(Document.content), "hex")
    for row, found in session.execute(
        select(Document, of_content).where(Document.case_id == case.id)
    ):
        kept[row.log_seq, row.key] = (row.digest, row.title, row.number, row.issued_on)
        if found != row.digest:
            damaged.add((row.log_seq, row.key))
    return [
        Fault(case.number, seq, f"文书“{key}”与日志记载不一致")
        for seq, key in sorted(said.keys() | kept.keys())
        if (seq, key) in damaged
        or (seq not in redacted and said.get((seq, key)) != kept.get((seq, key)))
    ]


def _files(session: Session, case: Case, log: Sequence[LogRow]) -> list[Fault]:
    """What was handed in, byte by byte, against the rows that tell of it. What was kept before the
    log told of files is only held to its own digest."""
    of_content = func.encode(func.sha256(Attachment.content), "hex")
    redacted = {row.seq for row in log if "redacted" in row.payload}
    said = [(row.seq, canonical(item)) for row, item in _caused(log, "files")]
    kept, faults = [], []
    for row, found in session.execute(
        select(Attachment, of_content).where(Attachment.case_id == case.id).order_by(Attachment.id)
    ):
        if found != row.digest:
            text = f"材料“{row.filename}”的内容与登记的校验值不一致"
            faults.append(Fault(case.number, row.log_seq, text))
        if row.log_seq is not None and row.log_seq not in redacted:
            kept.append((row.log_seq, canonical(attachments.as_told(row))))
    if sorted(said) != sorted(kept):
        faults.append(Fault(case.number, None, "收到的材料与日志记载不一致"))
    return faults


def _evidence(session: Session, case: Case, log: Sequence[LogRow]) -> list[Fault]:
    """The evidence register, byte by byte, against the rows that tell of it."""
    of_content = func.encode(func.sha256(Evidence.content), "hex")
    redacted = {row.seq for row in log if "redacted" in row.payload}
    said = [(row.seq, canonical(item)) for row, item in _caused(log, "evidence")]
    kept, faults = [], []
    for row, found in session.execute(
        select(Evidence, of_content).where(Evidence.case_id == case.id)
    ):
        if row.document is None and found != row.digest:
            text = f"{row.n} 号证据第 {row.version} 版的内容与登记的校验值不一致"
            faults.append(Fault(case.number, row.log_seq, text))
        if row.log_seq not in redacted:
            kept.append((row.log_seq, canonical(as_told(row))))
    if sorted(said) != sorted(kept):
        faults.append(Fault(case.number, None, "证据登记与日志记载不一致"))
    return faults


def _registers(session: Session, case: Case, log: Sequence[LogRow]) -> list[Fault]:
    """Credit events, publications, successions and recusals against the rows that caused them."""
    told = {row.seq for row in log if "redacted" not in row.payload}
    events = session.scalars(select(CreditEvent).where(CreditEvent.case_id == case.id))
    marks = session.scalars(select(CreditMark).where(CreditMark.case_id == case.id))
    entries = session.scalars(select(Publication).where(Publication.case_id == case.id)).all()
    done = [entry for entry in entries if entry.published_on is not None]
    continued = session.scalars(select(PartySuccession).where(PartySuccession.case_id == case.id))
    recused = session.scalars(select(Recusal).where(Recusal.case_id == case.id))
    registers: dict[str, tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]] = {
        "信用记录": (
            [
                (row.seq, case.party_id, item["kind"], item["bars_promise"], _occurred(row, item))
                for row, item in _caused(log, "credit")
            ],
            [(e.log_seq, e.party_id, e.kind, e.bars_promise, e.occurred_on) for e in events],
        ),
        "信用记录的处理": (
            [
                (row.seq, item["event"], item["mark"], _day(row))
                for row, item in _caused(log, "credit_marks")
            ],
            [(m.log_seq, m.event_id, m.kind, m.marked_on) for m in marks],
        ),
        "公示登记": (
            [
                (row.seq, item["register"], date.fromisoformat(item["due"]), item.get("reasons"))
                for row, item in _caused(log, "publications")
            ],
            [(e.log_seq, e.register, e.due_on, e.withdrawn_because) for e in entries],
        ),
        "公示完成登记": (
            [(item["row"], canonical(item)) for _, item in _caused(log, "published")],
            [(e.log_seq, canonical(publications.as_told(e))) for e in done],
        ),
        "主体延续登记": (
            [
                (row.seq, item["party"], case.party_id, _day(row))
                for row, item in _caused(log, "continued")
            ],
            [(s.log_seq, s.old_party_id, s.new_party_id, s.since) for s in continued],
        ),
        "回避登记": (
            [(row.seq, item["person"]) for row, item in _caused(log, "recused")],
            [(r.log_seq, r.person_id) for r in recused],
        ),
    }
    return [
        Fault(case.number, None, f"{register}与日志记载不一致")
        for register, (said, kept) in registers.items()
        if sorted(said, key=str) != sorted((row for row in kept if row[0] in told), key=str)
    ]


def _due_dates(session: Session, case: Case, log: Sequence[LogRow]) -> list[Fault]:
    """The due dates of the clocks, and of the case, against what the last row tells of them."""
    book = ClockBook(session, case)
    faults = []
    if (case.due_on, case.next_due) != (book.due_on, book.next_due):
        faults.append(Fault(case.number, None, "案件登记的届满日期与时限不一致"))
    kept = {(run.name, run.number): (run.due_on, run.fires_at, run.edition) for run in book.runs}
    said = {
        (run["name"], run["run"]): (
            date.fromisoformat(run["due"]) if run["due"] else None,
            datetime.fromisoformat(run["fires_at"]) if run["fires_at"] else None,
            run["edition"],
        )
        for run in log[-1].payload.get("clocks", [])
    }
    if "redacted" not in log[-1].payload and kept != said:
        faults.append(Fault(case.number, None, "届满日期与日志记载不一致"))
    return faults


def _state(session: Session, case: Case, process: Process, log: Sequence[LogRow]) -> list[Fault]:
    try:
        led_to = replay(process, log)
    except (ValueError, KeyError) as error:
        return [Fault(case.number, None, f"日志不能重放：{error}")]
    faults = []
    if (led_to.state, led_to.tracks, led_to.version) != (case.state, case.tracks, case.version):
        faults.append(
            Fault(case.number, None, f"重放得到状态“{led_to.state}”，登记为“{case.state}”")
        )
    opened = datetime.fromisoformat(log[0].header["effective_at"])
    if (opened, led_to.ended_at) != (case.opened_at, case.ended_at):
        faults.append(Fault(case.number, None, "立案或办结日期与日志记载不一致"))
    belongs = log[0].payload.get("belongs_to", {})
    if any(getattr(case, name) != value for name, value in belongs.items()):
        faults.append(Fault(case.number, None, "案件的机关、当事人、场所或关联与日志记载不一致"))
    same_data = led_to.data == case.data and list(led_to.data) == list(case.data)
    if not any("redacted" in row.payload for row in log) and not same_data:
        faults.append(Fault(case.number, None, "重放得到的填写内容与登记不一致"))
    kept = session.scalars(
        select(CaseClock).where(CaseClock.case_id == case.id).order_by(CaseClock.id)
    )
    registered = [(r.name, r.run, r.status, r.started_at, r.ended_at, r.extended) for r in kept]
    derived = [
        (r.name, r.number, r.status, r.started_at, r.ended_at, r.extended) for r in led_to.runs
    ]
    if sorted(registered, key=str) != sorted(derived, key=str):
        faults.append(Fault(case.number, None, "重放得到的时限与登记不一致"))
    return faults
