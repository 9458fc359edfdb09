"""Proving afterwards that it was so: chains, heads, and a replay of each case to its present state.

Nothing is trusted but the rows themselves: hashes are computed again, and states, inputs and clocks
are derived again from the log under the version the case was opened with. What a row caused must
stand in the registers as it says: documents, credit events, entries to be published. Ratings, draws
and numbers are recalculated, rules and versions held to their hashes.

Whoever changes rows and all that hangs on them consistently is found by the roots that were kept
outside (`roots`). Of a payload only a redaction takes something away, which is a row of its own and
is named; whatever else is missing is a forgery.

A row that cannot be read, or does not say what such a row says, is a line of its own and hides no
other; a guard that a version needs and this release lacks is named, and hinders no proof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy import exists, func, select, text
from sqlalchemy.orm import Session

from casework.acts import clocks
from casework.acts.act import ONLINE
from casework.acts.actors import ever_in_force
from casework.acts.journal import FIRST, canonical, payload_digest, row_hash, sm3
from casework.acts.redactions import (
    ASKED,
    CONFIRMED_BY,
    GROUND,
    PROPOSED_BY,
    REDACTED,
    redactions_of,
    removed_by,
    told,
)
from casework.audit.admin_proof import faults_of_administration
from casework.audit.case_book import KEPT, Book, Row, books
from casework.audit.case_file import CaseFile
from casework.audit.draws_proof import faults_of_draws
from casework.audit.faults import Fault
from casework.audit.finding_proof import faults_of_finding
from casework.audit.numbers_proof import faults_of_numbers
from casework.audit.parties_proof import faults_of_parties
from casework.audit.principles import Breach, breaches
from casework.audit.ratings_proof import faults_of_ratings
from casework.audit.receipts_proof import faults_of_receipts
from casework.audit.rules_proof import faults_of_rules
from casework.audit.salvage import salvaged
from casework.audit.sealed_papers_proof import faults_of_sealed_papers
from casework.common.problems import Misconfigured
from casework.common.texts import reason
from casework.common.timekeeping import legal_date
from casework.documents import attachments
from casework.kernel.replaying import BadRow, ToldRow, replay
from casework.models import (
    Attachment,
    Case,
    CaseClock,
    CreditEvent,
    CreditMark,
    Document,
    Evidence,
    LogRow,
    Participant,
    PartySuccession,
    Post,
    Publication,
    PublicationLine,
    Recusal,
)
from casework.parts.evidence.register import as_told
from casework.publicity import recording
from casework.rules.rule_cache import RuleCache, Rules
from casework.rules.versions import Lacking, VersionCache, lacking_rules
from state_machines.language.vocabulary import Process

__all__ = ["Fault", "Report", "check_chain", "replay", "verify_case", "verify_database"]

T = TypeVar("T")

# Rows that only add something beside the case do not say anew who may see it.
_BESIDE = ("handed_in", "published", "read", ASKED, REDACTED)
_DAY = timedelta(days=1)
_TEXT, _MAYBE_TEXT = (str,), (str, type(None))
_HEADER: Mapping[str, tuple[type, ...]] = {
    "case": _TEXT,
    "process": _TEXT,
    "seq": (int,),
    "kind": _TEXT,
    "name": _TEXT,
    "source": _TEXT,
    "target": _TEXT,
    "track": _MAYBE_TEXT,
    "clock": _MAYBE_TEXT,
    "channel": _TEXT,
    "effective_at": _TEXT,
    "recorded_at": _TEXT,
}


class ChainedRow(ToldRow, Protocol):
    """A row of a log, from the database or from a court file."""

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
    """What was proved, every fault found, what versions need that this release lacks, which
    principle a case's file breaks, and a line for each redaction."""

    cases: int
    rows: int
    faults: tuple[Fault, ...]
    lacking: tuple[Lacking, ...] = ()
    breaches: tuple[Breach, ...] = ()
    redactions: tuple[str, ...] = ()


def verify_database(session: Session, versions: VersionCache) -> Report:
    """Verify every case, and the registers that belong to none. Give it a session that reads as of
    one instant, if others write meanwhile. Daily roots are for `roots.verify_roots`."""
    report = verify_cases(session, versions)
    faults = list(report.faults)
    for what, prove in _REGISTERS.items():
        try:
            with session.begin_nested():
                faults += prove(session)
        except Exception as error:  # whatever a forger or a broken disk left there
            faults.append(Fault(what, None, f"不能核验（{reason(error)}）"))
    return replace(report, faults=tuple(faults), lacking=tuple(lacking_rules(session)))


def verify_cases(session: Session, versions: VersionCache) -> Report:
    """Verify every case by itself, a few of them in memory at a time."""
    session.execute(text("SET LOCAL statement_timeout TO 0"))
    faults: list[Fault] = []
    broken: list[Breach] = []
    redacted: list[str] = []
    known = _Versions(session, versions)
    cases = rows = 0
    try:
        with session.begin_nested():
            rules = RuleCache().current(session)
    except Exception as error:  # whatever a forger or a broken disk left there
        rules = None
        faults.append(Fault("规则", None, f"规则不能读取，没有核对合法性（{reason(error)}）"))
    for key, book in salvaged(session, Case.id, lambda ids: books(session, ids)):
        cases += 1
        if isinstance(book, Exception):
            number = session.scalar(select(Case.number).where(Case.id == key)) or str(key)
            faults.append(Fault(number, None, f"案件登记或者案卷不能读取（{reason(book)}）"))
            continue
        rows += len(book.log)
        found = _verify(book, known)
        if not found:
            redacted += [told(book.case.number, row) for row in _redactions(book)]
        if rules and not found:  # what was tampered with says nothing of what was done
            found = _checked(book, "合法性", partial(_judge, book, known, rules, broken))
        faults += found
    if session.scalar(select(func.count(Case.number))) != cases:
        faults.append(Fault("案件登记", None, "有案件与别的案件同号，或者没有编号"))
    return Report(cases, rows, tuple(faults), breaches=tuple(broken), redactions=tuple(redacted))


def verify_case(session: Session, case: Case, versions: VersionCache) -> list[Fault]:
    """Verify one case: its chain up to its head, its documents, and its replayed state."""
    return _verify(books(session, [case.id])[case.id], _Versions(session, versions))


class _Versions:
    """The declarations that cases run under, each read once, and why one cannot be read."""

    def __init__(self, session: Session, versions: VersionCache) -> None:
        self.session = session
        self._versions = versions
        self._known: dict[str, Process | Exception] = {}

    def of(self, case: Case) -> Process:
        """The version of a case. Raises whatever there was when it was read."""
        wanted = case.version_digest
        if wanted not in self._known:
            try:
                with self.session.begin_nested():
                    self._known[wanted] = self._versions.by_digest(self.session, wanted)
            except Exception as error:  # whatever a forger or a broken disk left there
                self._known[wanted] = error
        found = self._known[wanted]
        if isinstance(found, Exception):
            raise found
        return found


def _verify(book: Book, versions: _Versions) -> list[Fault]:
    case, log = book.case, book.log
    faults = check_chain(case.number, case.head_seq, case.head_hash, log)
    faults = faults or [
        Fault(case.number, row.seq, wrong) for row in log if (wrong := _malformed(row.header))
    ]
    if faults:
        return faults  # a replay of rows that were tampered with proves nothing more
    faults += _checked(book, "状态", lambda: _state(book, versions.of(case)))
    faults += _checked(book, "参与机关", lambda: _guests(book, versions.of(case)))
    faults += _checked(book, "删除个人信息", lambda: _redacted(book, versions.session))
    for what, check in _CHECKS.items():
        faults += _checked(book, what, partial(check, book))
    return faults


def _redactions(book: Book) -> list[Row]:
    return [row for row in book.log if row.header["kind"] == REDACTED]


def _redacted(book: Book, session: Session) -> list[Fault]:
    """What is wrong with the redactions of a case besides what their rows say themselves: each
    rests on a paper that is kept, and its two officers held their posts."""
    case, faults = book.case, []
    files = {
        (row.__tablename__, row.id): row.digest
        for model in (Attachment, Document, Evidence)
        for row in book.kept(model)
    }
    papers = {file.digest for file in book.kept(Attachment) if file.material == GROUND}
    for row in _redactions(book):
        told(case.number, row)  # what cannot be told is wrong
        for one in removed_by(row.header):
            if files.get((one.table, one.id)) != one.sha256:
                text = f"记载为已删除的“{one.what}”不在登记中"
                faults.append(Fault(case.number, row.seq, text))
        if row.payload["sha256"] not in papers:
            faults.append(Fault(case.number, row.seq, "删除个人信息没有依据的文书"))
        for person, roles in zip(row.header["officers"], (PROPOSED_BY, CONFIRMED_BY), strict=True):
            held = exists().where(
                Post.person_id == person,
                Post.authority_id == case.authority_id,
                Post.role.in_(roles),
                # Until when one was held may be told later, to an earlier day.
                Post.valid_from <= _day(row),
                ever_in_force(Post),
            )
            if not session.scalar(select(held)):
                text = f"删除个人信息的人员（{person}）当时没有相应的岗位"
                faults.append(Fault(case.number, row.seq, text))
    return faults


def _judge(book: Book, versions: _Versions, rules: Rules, broken: list[Breach]) -> list[Fault]:
    """Add to what is `broken` what the case's file breaks. That is no fault of the proof."""
    broken += breaches(CaseFile(book, versions.of(book.case), versions.session, rules))
    return []


def _checked(book: Book, what: str, check: Callable[[], list[Fault]]) -> list[Fault]:
    """What a check finds; that it cannot be made is a fault too."""
    try:
        return check()
    except BadRow as bad:
        return [Fault(book.case.number, bad.seq, bad.text)]
    except Misconfigured as missing:
        return [Fault(book.case.number, None, missing.detail)]
    except Exception as error:  # whatever a forger put there
        return [Fault(book.case.number, None, f"{what}不能核验（{reason(error)}）")]


def check_chain(number: str, length: int, head: str, log: Sequence[ChainedRow]) -> list[Fault]:
    """Whether the rows are the one chain of that case, of that length, up to that head, and each
    payload is the one whose digest was chained, or what a redaction says that it left of it."""
    redactions = redactions_of(log)
    faults = [Fault(number, seq, wrong) for seq, wrong in redactions.wrong]
    previous = FIRST
    for place, row in enumerate(log, 1):
        try:
            if row.seq != place or row.header.get("seq") != place:
                faults.append(Fault(number, place, "日志行缺失或次序被改动"))
                break
            if row.header.get("case") != number:
                faults.append(Fault(number, place, "日志行不属于本案"))
            if not isinstance(row.payload, Mapping) or payload_digest(
                row.salt, row.payload
            ) != redactions.digest(row):
                faults.append(Fault(number, place, "日志内容被改动"))
            elif redactions.still_there(row):
                faults.append(Fault(number, place, "记载为已删除的个人信息没有删除"))
            if (
                row.previous != previous
                or row_hash(row.header, row.payload_digest, previous) != row.hash
            ):
                faults.append(Fault(number, place, "日志链断裂"))
        except Exception as error:  # whatever a forger put there
            faults.append(Fault(number, place, f"日志行不能读取（{reason(error)}）"))
        previous = row.hash
    if not log:
        faults.append(Fault(number, None, "案件没有日志"))
    if not faults and (len(log) != length or previous != head):
        faults.append(Fault(number, None, "日志末尾与案件登记的链头不一致，可能有行被删除"))
    return faults


def _malformed(header: Mapping[str, Any]) -> str:
    """What is wrong with the header of a row that is chained all the same; `""` if nothing."""
    for name, kinds in _HEADER.items():
        if name not in header or not isinstance(header[name], kinds):
            return f"日志行的“{name}”缺失或者不是应有的内容"
    try:
        instants = [
            datetime.fromisoformat(header[name]) for name in ("effective_at", "recorded_at")
        ]
        if any(instant.tzinfo is None for instant in instants):
            raise ValueError
    except ValueError:
        return "日志行的日期不是日期"
    return ""


def _caused(book: Book, what: str, as_kept: Callable[[Row, Mapping[str, Any]], T]) -> Iterator[T]:
    """What the rows say they caused, as it must stand in its register. Raises BadRow."""
    for row in book.log:
        try:
            told = [as_kept(row, item) for item in row.payload.get("caused", {}).get(what, [])]
        except Exception as error:  # whatever a forger put there
            raise BadRow(row.seq, f"日志内容不是应有的样子（{reason(error)}）") from error
        yield from told


def _day(row: Row) -> date:
    """The legal date of a row."""
    return legal_date(datetime.fromisoformat(row.header["effective_at"]))


def _occurred(row: Row, item: Mapping[str, Any]) -> date:
    told = item.get("occurred_on")
    return date.fromisoformat(told) if told else _day(row)


def _documents(book: Book) -> list[Fault]:
    said = _caused(
        book,
        "documents",
        lambda row, item: (
            row.seq,
            item["key"],
            canonical([item["sha256"], item["title"], item["number"], _day(row).isoformat()]),
        ),
    )
    kept, damaged = [], set()
    for row in book.kept(Document):
        if book.damaged(row, row.digest):
            damaged.add((row.log_seq, row.key))
        told = [row.digest, row.title, row.number, row.issued_on.isoformat()]
        kept.append((row.log_seq, row.key, canonical(told)))
    differ = {(seq, key) for seq, key, *_ in _apart(said, kept)}
    return [
        Fault(book.case.number, seq, f"文书“{key}”与日志记载不一致")
        for seq, key in sorted(differ | damaged, key=str)
    ]


def _apart(said: Iterable[T], kept: Iterable[T]) -> list[T]:
    """What stands on one side only, or more often there."""
    told, there = list(said), list(kept)
    rows = {repr(row): row for row in (*told, *there)}
    more, less = Counter(map(repr, told)), Counter(map(repr, there))
    return [rows[key] for key in sorted((more - less) | (less - more))]


def _rows_apart(
    book: Book,
    register: str,
    said: Iterable[tuple[int | None, *tuple[Any, ...]]],
    kept: Iterable[tuple[int | None, *tuple[Any, ...]]],
) -> list[Fault]:
    """A line for each row of the log with which a register does not agree."""
    seqs = dict.fromkeys(seq for seq, *_ in _apart(said, kept))
    return [Fault(book.case.number, seq, f"{register}与日志记载不一致") for seq in seqs]


def _files(book: Book) -> list[Fault]:
    """What was handed in, byte by byte, against the rows that tell of it. What was kept before the
    log told of files is only held to its own digest."""
    said = _caused(book, "files", lambda row, item: (row.seq, canonical(item)))
    kept, faults = [], []
    for row in book.kept(Attachment):
        if book.damaged(row, row.digest):
            text = f"材料“{row.filename}”的内容与登记的校验值不一致"
            faults.append(Fault(book.case.number, row.log_seq, text))
        if row.log_seq is not None:
            kept.append((row.log_seq, canonical(attachments.as_told(row))))
    return faults + _rows_apart(book, "收到的材料", said, kept)


def _evidence(book: Book) -> list[Fault]:
    """The evidence register, byte by byte, against the rows that tell of it."""
    said = _caused(book, "evidence", lambda row, item: (row.seq, canonical(item)))
    kept, faults = [], []
    for row in book.kept(Evidence):
        # A document that was issued is its own proof, and lies nowhere else.
        digest = row.digest if row.document is None else None
        if book.damaged(row, digest):
            text = f"{row.n} 号证据第 {row.version} 版的内容与登记的校验值不一致"
            faults.append(Fault(book.case.number, row.log_seq, text))
        kept.append((row.log_seq, canonical(as_told(row))))
    return faults + _rows_apart(book, "证据登记", said, kept)


def _registers(book: Book) -> list[Fault]:
    """Credit events, publications, successions, recusals and the cases that were opened, against
    the rows that caused them."""
    party = book.case.party_id
    entries = book.kept(Publication)
    by_id = {entry.id: entry for entry in entries}
    # What was served may be due on another day since.
    anew = {
        (item["row"], item["register"]): item["due"]
        for _, item in _caused(book, "publications_due", lambda row, item: (row.seq, item))
    }
    registers: dict[str, tuple[Iterator[Any], list[Any]]] = {
        "信用记录": (
            _caused(
                book,
                "credit",
                lambda row, item: (
                    row.seq, party, item["kind"], item["bars_promise"], _occurred(row, item),
                ),
            ),
            [
                (e.log_seq, e.party_id, e.kind, e.bars_promise, e.occurred_on)
                for e in book.kept(CreditEvent)
            ],
        ),
        "信用记录的处理": (
            _caused(
                book,
                "credit_marks",
                lambda row, item: (row.seq, item["event"], item["mark"], _day(row)),
            ),
            [(m.log_seq, m.event_id, m.kind, m.marked_on) for m in book.kept(CreditMark)],
        ),
        "公示登记": (
            _caused(
                book,
                "publications",
                lambda row, item: (
                    row.seq, item["register"],
                    date.fromisoformat(anew.get((row.seq, item["register"]), item["due"])),
                    item.get("reasons"), item.get("of"), item.get("not_before"),
                ),
            ),
            [
                (
                    e.log_seq, e.register, e.due_on, e.withdrawn_because, e.shows,
                    e.not_before.isoformat() if e.not_before else None,
                )
                for e in entries
            ],
        ),
        "公示渠道登记": (
            (line for lines in _caused(book, "published", _lines_told) for line in lines),
            [
                (
                    line.log_seq, line.person_id, line.entered_at.timestamp(),
                    canonical(recording.as_told(entry, line)) if entry else None,
                )
                for line in book.kept(PublicationLine)
                for entry in [by_id.get(line.publication_id)]
            ],
        ),
        "公示完成登记": (
            iter(_published(book)),
            [
                (e.log_seq, e.register, e.withdrawn_because is not None, e.published_on)
                for e in entries
                if e.published_on is not None
            ],
        ),
        "主体延续登记": (
            _caused(
                book, "continued", lambda row, item: (row.seq, item["party"], party, _day(row))
            ),
            [
                (s.log_seq, s.old_party_id, s.new_party_id, s.since)
                for s in book.kept(PartySuccession)
            ],
        ),
        "回避登记": (
            _caused(book, "recused", lambda row, item: (row.seq, item["person"])),
            [(r.log_seq, r.person_id) for r in book.kept(Recusal)],
        ),
        "开立的关联案件": (
            _caused(book, "opened", lambda row, item: (row.seq, item["relation"], item["case"])),
            [
                (child.origin_seq, child.relation, child.number)
                for child in book.children
            ],
        ),
    }  # fmt: skip
    return [
        fault
        for register, (said, kept) in registers.items()
        for fault in _rows_apart(book, register, said, kept)
    ]


def _lines_told(row: Row, item: Mapping[str, Any]) -> list[tuple[int, Any, float, str]]:
    # Nobody put down what a platform's own receipt says.
    by = next(iter(row.header["officers"]), None)
    at = datetime.fromisoformat(row.header["recorded_at"])
    return [(row.seq, by, at.timestamp(), canonical(line)) for line in recording.lines_told(item)]


def _published(book: Book) -> list[tuple[int, str, bool, date]]:
    """The entries of which the rows say that no channel lacks one any more, each with the last day
    of its lines."""
    done: list[tuple[int, str, bool, date]] = []
    days: dict[tuple[int, str, bool], list[date]] = {}
    for of_entry, day, missing in _caused(
        book,
        "published",
        lambda _, item: (
            (item["row"], item["register"], item["withdrawn"]),
            date.fromisoformat(item["on"]),
            item.get("missing", []),
        ),
    ):
        days.setdefault(of_entry, []).append(day)
        if not missing:
            done.append((*of_entry, max(days[of_entry])))
    return done


def _due_dates(book: Book) -> list[Fault]:
    """The due dates of the clocks, and of the case, against what the last row tells of them. Raises
    BadRow if that row cannot be read."""
    case, runs = book.case, book.kept(CaseClock)
    faults = []
    live = [run.due_on for run in runs if run.status != clocks.ENDED and run.due_on]
    fires = [run.fires_at for run in runs if run.status == clocks.RUNNING and run.fires_at]
    if (case.due_on, case.next_due) != (min(live, default=None), min(fires, default=None)):
        faults.append(Fault(case.number, None, "案件登记的届满日期与时限不一致"))
    kept = {
        (run.name, run.run): (run.due_on, run.fires_at, run.edition, sm3(canonical(run.derivation)))
        for run in runs
    }
    last = book.log[-1]
    try:
        said = {
            (run["name"], run["run"]): (
                date.fromisoformat(run["due"]) if run["due"] else None,
                datetime.fromisoformat(run["fires_at"]) if run["fires_at"] else None,
                run["edition"],
                # An earlier release did not tell how the day was counted.
                run.get("derivation", kept.get((run["name"], run["run"]), ("",))[-1]),
            )
            for run in last.payload.get("clocks", [])
        }
    except Exception as error:  # whatever a forger put there
        raise BadRow(last.seq, f"日志内容不是应有的样子（{reason(error)}）") from error
    if kept != said:
        faults.append(Fault(case.number, None, "届满日期与日志记载不一致"))
    return faults


def _owner(book: Book) -> list[Fault]:
    """Under which version and whose the case is, as its rows have it. Raises BadRow if the first
    one cannot be read."""
    case, log = book.case, book.log
    faults = [
        Fault(case.number, row.seq, "程序版本与案件登记的不一致")
        for row in log
        if row.header["process"] != case.version_digest
    ]
    try:
        belongs = dict(log[0].payload.get("belongs_to", {}))
        differs = belongs.pop("tracking", code := sm3(case.tracking_code)) != code
        differs = differs or any(getattr(case, name) != value for name, value in belongs.items())
        differs = differs or (case.origin_id is None) != (case.origin_seq is None)
        if log[-1].payload.get("awaiting", case.awaiting) != case.awaiting:
            faults.append(Fault(case.number, None, "等待办理的岗位与日志记载不一致"))
    except Exception as error:  # whatever a forger put there
        raise BadRow(log[0].seq, f"日志内容不是应有的样子（{reason(error)}）") from error
    if differs:
        faults.append(Fault(case.number, None, "案件的机关、当事人、场所或关联与日志记载不一致"))
    return faults


def _state(book: Book, process: Process) -> list[Fault]:
    case, log = book.case, book.log
    led_to = replay(process, log)
    faults = []
    if case.process != process.key:
        faults.append(Fault(case.number, None, "案件登记的程序与其版本不一致"))
    if (led_to.state, led_to.tracks, led_to.version) != (case.state, case.tracks, case.version):
        faults.append(
            Fault(case.number, None, f"重放得到状态“{led_to.state}”，登记为“{case.state}”")
        )
    opened = datetime.fromisoformat(log[0].header["effective_at"])
    if (opened, led_to.ended_at) != (case.opened_at, case.ended_at):
        faults.append(Fault(case.number, None, "立案或办结日期与日志记载不一致"))
    if led_to.data != case.data or list(led_to.data) != list(case.data):
        faults.append(Fault(case.number, None, "重放得到的填写内容与登记不一致"))
    last = next((row for row in reversed(log) if row.header["kind"] not in _BESIDE), log[0])
    private = process.state(led_to.state).private and last.header["channel"] == ONLINE
    if case.private != private:
        faults.append(Fault(case.number, None, "案件是否只由当事人可见与日志记载不一致"))
    registered = [
        (r.name, r.run, r.status, r.started_at, r.ended_at, r.extended, _stops(r.stops))
        for r in book.kept(CaseClock)
    ]
    derived = [
        (
            r.name, r.number, r.status, r.started_at, r.ended_at, r.extended,
            [(s.kind, s.first, s.last) for s in r.stops],
        )
        for r in led_to.runs
    ]  # fmt: skip
    if sorted(registered, key=str) != sorted(derived, key=str):
        faults.append(Fault(case.number, None, "重放得到的时限与登记不一致"))
    return faults


def _guests(book: Book, process: Process) -> list[Fault]:
    """Other authorities take part each in a track of its own, from a day on which a step was
    taken."""
    tracks = Counter(guest.track for guest in book.kept(Participant))
    days = {_day(row) for row in book.log if row.header["kind"] in ("open", "step")}
    own = {track.name for track in process.tracks if track.matter}
    return [
        Fault(book.case.number, None, f"参与机关登记与案件的环节“{guest.track}”不符")
        for guest in book.kept(Participant)
        if guest.track not in own
        or tracks[guest.track] > 1
        or guest.valid_from not in days
        or guest.authority_id == book.case.authority_id
    ]


def _taken_by(book: Book) -> list[Fault]:
    """Each act was taken by the holder of its account, and under a mandate that held."""
    faults = []
    for row in book.log:
        header, at = row.header, datetime.fromisoformat(row.header["recorded_at"])
        key, under = header.get("account"), header.get("mandate")
        account, mandate = book.named.get(("account", key)), book.named.get(("mandate", under))
        if key is not None and (
            account is None
            # Until then it was of whoever its holder said to be.
            or (
                account.person_id not in header["officers"]
                and (account.bound_at is None or account.bound_at <= at)
            )
        ):
            faults.append(Fault(book.case.number, row.seq, "所用账号与账号登记不一致"))
        day = legal_date(at)
        if under is not None and (
            mandate is None
            or not mandate.valid_from <= day
            # What ends today ended yesterday; an office's file may end its own at any time.
            or (
                mandate.registered_at is not None
                and mandate.valid_to is not None
                and mandate.valid_to < day - _DAY
            )
        ):
            faults.append(Fault(book.case.number, row.seq, "所依据的授权与授权登记不一致"))
    return faults


def _stops(kept: Any) -> list[tuple[Any, date, date | None]]:
    """The stops of a run; what they are called may have been worded anew since. Raises TypeError,
    ValueError or KeyError if they are none."""
    if not isinstance(kept, list):
        raise TypeError("中止记录不是清单")
    return [
        (
            stop["kind"],
            date.fromisoformat(stop["first"]),
            date.fromisoformat(stop["last"]) if stop["last"] else None,
        )
        for stop in kept
    ]


_CHECKS: Mapping[str, Callable[[Book], list[Fault]]] = {
    "案件登记": _owner,
    "文书": _documents,
    "材料": _files,
    "证据": _evidence,
    "登记": _registers,
    "届满日期": _due_dates,
    "经办人": _taken_by,
}


def _orphans(session: Session) -> list[Fault]:
    """Rows that belong to a case which is not there."""
    faults = []
    tables: tuple[type[Any], ...] = (LogRow, *KEPT)
    for model in tables:
        ids = session.scalars(
            select(model.case_id)
            .where(~exists().where(Case.id == model.case_id))
            .distinct()
            .order_by(model.case_id)
            .limit(20)
        )
        faults += [
            Fault(f"第 {key} 号案件", None, f"{model.__tablename__} 中有记录，案件已不存在")
            for key in ids
        ]
    return faults


_REGISTERS: Mapping[str, Callable[[Session], list[Fault]]] = {
    "案卷": _orphans,
    "公示回执": faults_of_receipts,
    "抽取记录": faults_of_draws,
    "管理记录": faults_of_administration,
    "文号": faults_of_numbers,
    "电子文书": faults_of_sealed_papers,
    "当事人登记": faults_of_parties,
    "查找和待办": faults_of_finding,
    "信用等级": faults_of_ratings,
    "规则、模板和程序版本": faults_of_rules,
}
