"""Daily roots (日根): what the database holds at one moment, in one hash that leaves the machine.

A root covers these parts, each a list of leaves `[key, hash]`:

- `case`: of every case its number and the hash of its last log row, in order of case;
- the others (`sealed_columns`): of every row of a table whose rows are only ever added, its id and
  the hash of those of its columns that nobody may change, in order of id.

A part is told by how many leaves it has, by SM3 over them (each as canonical JSON on a line of its
own), and by the id of the newest row that is in it (`upto`). The root is SM3 over the canonical
JSON of its line: day, instant, and all parts. Another part, or another thing said in a line, makes
another format; lines of former formats stay what they are. How lines are signed and chained is in
`root_file`.

Which rows belong to a root is told by ids, never by the time: clocks of machines differ, a demo's
calendar is turned, and who began earlier may commit later. A row is in if its id is at most `upto`,
and sealing waits until every row up to there is settled, committed or gone for good (`settled`).
So a root can be computed again at any time, from the rows alone, and gives the same or proves that
one of them was changed, removed, or put between.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any

from cryptography.hazmat.primitives.hashes import SM3, Hash
from sqlalchemy import Text, case, cast, func, select, text
from sqlalchemy.orm import Session

from casework.acts.journal import canonical, sm3
from casework.acts.redactions import REDACTED, removed_by
from casework.audit.faults import Fault
from casework.audit.sealed_columns import CASES, FORMATS, LABELS, PARTS, SEALED, as_text
from casework.common.database import Database
from casework.common.problems import Problem
from casework.common.texts import reason
from casework.common.timekeeping import legal_date
from casework.models import Base, Case, DailyRoot, Document, LogRow

_COUNTED = {CASES: "个案件"}

# Who may still write a row of a table holds this lock on it, from before the row gets its id.
_WRITERS = text(
    "SELECT virtualtransaction FROM pg_locks WHERE granted AND mode = 'RowExclusiveLock'"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND relation = CAST(:relation AS regclass) AND pid <> pg_backend_pid()"
)
_PAUSE, _PAUSES = 0.05, 1200  # a minute in all


class CannotSeal(Problem):
    """A transaction that writes does not come to its end, so nobody knows what it will leave."""

    type = "cannot-seal"
    title = "暂时不能存证"
    status = 503


@dataclass(frozen=True)
class Part:
    """What a root says of one part: its newest row, how many leaves, and their hash."""

    upto: int
    count: int
    root: str


@dataclass(frozen=True)
class Root:
    """One line of the file of roots."""

    day: date
    sealed_at: datetime
    parts: Mapping[str, Part]

    @property
    def cases(self) -> int:
        """How many cases there were."""
        return self.parts[CASES].count

    @cached_property
    def hash(self) -> str:
        """SM3 in hex over all that the root says: the root itself."""
        return sm3(canonical(self._said))

    @property
    def said(self) -> dict[str, Any]:
        """As it is written down."""
        return {**self._said, "root": self.hash}

    @property
    def _said(self) -> dict[str, Any]:
        """What the hash of the root covers."""
        return {
            "format": next(name for name, parts in FORMATS.items() if parts == set(self.parts)),
            "day": self.day.isoformat(),
            "sealed_at": self.sealed_at.astimezone(UTC).isoformat(),
            "cases": self.cases,
            "parts": {name: asdict(part) for name, part in self.parts.items()},
        }


@dataclass(frozen=True)
class FormerRoot:
    """A line of the format before: it tells no position, so it cannot be computed again."""

    day: date
    root: str


@dataclass(frozen=True)
class Kept:
    """What files of roots hold: roots, those of the first format, what is wrong with the lines
    themselves, and what is to be known of them."""

    roots: tuple[Root, ...] = ()
    former: tuple[FormerRoot, ...] = ()
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def span(self) -> str:
        """From which day to which there are roots, in Chinese; empty without any."""
        days = [*(root.day for root in self.roots), *(root.day for root in self.former)]
        return f"（{min(days)} 至 {max(days)}）" if days else ""

    def __len__(self) -> int:
        return len(self.roots) + len(self.former)


# -- sealing ---------------------------------------------------------------------------------------


def settled(database: Database) -> dict[str, int]:
    """By part, the newest row up to which all is settled. Waits for transactions that began to
    write before, and holds up none that come later. Raises CannotSeal after a minute."""
    models: dict[str, type[Any]] = {CASES: LogRow}
    models |= {name: model for name, (model, _) in SEALED.items()}
    found = {}
    for name, model in models.items():
        with database.session() as session:
            # In this order: whoever got an earlier id and is still at work is seen holding a lock.
            found[name] = session.scalar(select(func.max(model.id))) or 0
            writers = _writers(session, model)
        for _ in range(_PAUSES):
            if not writers:
                break
            time.sleep(_PAUSE)
            with database.session() as session:
                writers &= _writers(session, model)
        if writers:
            raise CannotSeal("有办理事项迟迟没有提交，不能确定它是否算在内，请稍后再存证")
    return found


def _writers(session: Session, model: type[Base]) -> set[str]:
    return set(session.scalars(_WRITERS, {"relation": model.__tablename__}))


def seal(session: Session, upto: Mapping[str, int], now: datetime) -> Root | None:
    """Put down the root over all rows up to `upto`; None if that was done on this day already."""
    day = legal_date(now)
    newest = session.scalars(
        select(DailyRoot).where(DailyRoot.day == day).order_by(DailyRoot.id.desc()).limit(1)
    ).first()
    if newest and newest.parts:
        sealed = {name: part["upto"] for name, part in newest.parts.items()}
        if sealed == dict(upto):
            return None
    _prepare(session)
    heads = _Sum(upto[CASES])
    for number, head in _heads(session, heads.upto):
        heads.add(number, head)
    parts = {CASES: heads.part}
    for name in SEALED:
        [parts[name]] = _rows(session, name, [upto[name]])
    root = Root(day, now, parts)
    said = {name: asdict(part) for name, part in parts.items()}
    session.add(DailyRoot(day=day, root=root.hash, cases=root.cases, sealed_at=now, parts=said))
    session.flush()
    return root


# -- reading ---------------------------------------------------------------------------------------


def parse_root(said: Mapping[str, Any]) -> Root | FormerRoot:
    """A root as it was written down. Raises an exception if it is none."""
    day = date.fromisoformat(said["day"])
    if not isinstance(said["root"], str):
        raise ValueError("日根应为文字")
    if "format" not in said:
        return FormerRoot(day, said["root"])
    if said["format"] not in FORMATS:
        raise ValueError(f"格式“{said['format']}”本系统不认识，请用较新的版本核验")
    root = Root(day, datetime.fromisoformat(said["sealed_at"]), _parts(said["parts"]))
    if root.said != said:
        raise ValueError("与它自己的日根不符")
    return root


def _parts(said: Mapping[str, Any]) -> dict[str, Part]:
    """The parts of a root as it was written down. Raises an exception if they are none."""
    if said.keys() not in FORMATS.values():
        raise ValueError("不是已知格式的组成部分")
    parts = {name: Part(**said[name]) for name in PARTS if name in said}
    for part in parts.values():
        if not (type(part.upto) is type(part.count) is int and 0 <= part.upto < 1 << 63):
            raise ValueError("位置和数目应为整数")
    return parts


def registered(session: Session) -> tuple[Root, ...]:
    """The roots that the database itself keeps, as they came; what cannot be read is left out."""
    _prepare(session)
    return tuple(_inside(session)[0].values())


def _inside(session: Session) -> tuple[dict[str, Root], set[tuple[date, str]], list[Fault]]:
    """The roots that the database itself keeps: by hash, and as days with hashes."""
    roots, days, faults = {}, set(), []
    columns = (DailyRoot.id, cast(DailyRoot.day, Text), DailyRoot.root, DailyRoot.cases)
    moment, said = cast(DailyRoot.sealed_at, Text), cast(DailyRoot.parts, Text)
    for key, day, found, cases, sealed_at, parts in session.execute(
        select(*columns, moment, said).order_by(DailyRoot.id)
    ):
        try:
            days.add((date.fromisoformat(day), found))
            if parts is None:
                continue
            read, instant = _parts(json.loads(parts)), datetime.fromisoformat(sealed_at)
            root = Root(date.fromisoformat(day), instant, read)
            if (root.hash, root.cases) != (found, cases):
                raise ValueError("与它自己的日根不符")
            roots[found] = root
        except Exception as error:  # whatever a forger put there
            faults.append(Fault("数据库登记的日根", key, f"不能读取，被改动（{reason(error)}）"))
    return roots, days, faults


# -- computing again -------------------------------------------------------------------------------


def verify_roots(session: Session, kept: Kept) -> tuple[list[Fault], list[str]]:
    """Compute every root again, those that were kept outside and those in the database, and tell
    each that comes out otherwise; and what is to be known besides, such as lines of the former
    format, which can only be compared with the database's own table."""
    _prepare(session)
    inside, days, faults = _inside(session)
    faults = [*kept.faults, *faults]
    wanted = list({root.hash: root for root in (*kept.roots, *inside.values())}.values())
    outside = {root.hash for root in kept.roots}
    try:
        with session.begin_nested():
            again = _again(session, wanted)
    except Exception as error:  # whatever a broken disk left there
        faults.append(Fault("日根", None, f"不能重新计算（{reason(error)}）"))
        wanted, again = [], []
    for root, found in zip(wanted, again, strict=True):
        where = "留存的日根" if root.hash in outside else "数据库登记的日根"
        faults += (Fault(f"{where} {root.day}", None, text) for text in _differences(root, found))
        if root.hash not in inside:
            faults.append(Fault(f"留存的日根 {root.day}", None, "不在数据库的日根登记中"))
    for former in kept.former:
        if (former.day, former.root) not in days:
            faults.append(Fault(f"留存的日根 {former.day}", None, "与数据库登记的不一致"))
    return faults, _notes(kept, inside)


def _notes(kept: Kept, inside: Mapping[str, Root]) -> list[str]:
    notes = list(kept.notes)
    if kept.former:
        notes.append(
            f"{len(kept.former)} 个日根是旧格式，没有记载存证位置，不能重新计算，"
            "只与数据库自己的登记核对过"
        )
    outside = {root.hash for root in kept.roots}
    if missing := [root for key, root in inside.items() if key not in outside]:
        days = "、".join(dict.fromkeys(root.day.isoformat() for root in missing[-5:]))
        notes.append(
            f"{len(missing)} 个日根没有留存在外（最近：{days}），它们不能防备改写整个数据库的人"
        )
    return notes


def _differences(root: Root, found: Mapping[str, Part]) -> Iterator[str]:
    for name, kept in root.parts.items():
        now = found[name]
        if now == kept:
            continue
        what, unit = LABELS[name], _COUNTED.get(name, "条")
        if now.count != kept.count:
            yield (
                f"{what}与存证时不一致：存证时{kept.count}{unit}，现在重新计算为{now.count}{unit}"
            )
        else:
            yield f"{what}与存证时不一致：重新计算的日根不同，存证之后有内容被改动"


def _again(session: Session, roots: Sequence[Root]) -> list[dict[str, Part]]:
    """The parts of these roots, from the rows as they are now: each table is read once."""
    by_part: dict[str, dict[int, Part]] = {}
    for name in PARTS:
        positions = sorted({root.parts[name].upto for root in roots if name in root.parts})
        parts = _cases(session, positions) if name == CASES else _rows(session, name, positions)
        by_part[name] = {part.upto: part for part in parts}
    return [{name: by_part[name][part.upto] for name, part in root.parts.items()} for root in roots]


class _Sum:
    """The hash over the leaves of a part, as they come."""

    def __init__(self, upto: int) -> None:
        self.upto = upto
        self._count = 0
        self._hash = Hash(SM3())

    def add(self, key: Any, said: Any) -> None:
        """One more leaf."""
        self.take(_leaf(key, said))

    def take(self, leaf: bytes) -> None:
        """One more leaf, written out."""
        self._count += 1
        self._hash.update(leaf)

    @property
    def part(self) -> Part:
        """What there is so far."""
        return Part(self.upto, self._count, self._hash.copy().finalize().hex())


def _leaf(key: Any, said: Any) -> bytes:
    return f"{canonical([key, said])}\n".encode()


def _heads(session: Session, upto: int) -> Iterator[tuple[str, str]]:
    """The number of each case and its head as of a position, by the case's own row: few cases have
    moved on since, and only those are looked up in the log."""
    since = select(LogRow.case_id).where(LogRow.id > upto)
    then = (
        select(LogRow.hash)
        .where(LogRow.case_id == Case.id, LogRow.id <= upto)
        .order_by(LogRow.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    head = case((Case.id.in_(since), then), else_=Case.head_hash)
    rows = session.execute(
        select(Case.number, head).order_by(Case.id), execution_options={"yield_per": 5000}
    )
    return ((number, found) for number, found in rows if found is not None)


def _cases(session: Session, positions: Sequence[int]) -> list[Part]:
    """The part of the cases as of each position, from the log alone."""
    sums = [_Sum(upto) for upto in positions]
    rows = session.execute(
        select(Case.id, Case.number, LogRow.id, LogRow.hash)
        .join(LogRow, LogRow.case_id == Case.id)
        .where(LogRow.id <= max(positions, default=0))
        .order_by(Case.id, LogRow.seq),
        execution_options={"yield_per": 5000},
    )
    for _, log in groupby(rows, key=itemgetter(0)):
        heads = [(key, _leaf(number, found)) for _, number, key, found in log]
        for one in sums:
            leaf = next((leaf for key, leaf in reversed(heads) if key <= one.upto), None)
            if leaf is not None:
                one.take(leaf)
    return [one.part for one in sums]


def _rows(session: Session, name: str, positions: Sequence[int]) -> list[Part]:
    """A part of rows that are only added, as of each position, in one pass in order of id."""
    model, columns = SEALED[name]
    wanted = [as_text(model, column) for column in columns]
    key = model.id  # type: ignore[attr-defined]
    rows: Iterable[Any] = session.execute(
        select(key, *wanted).where(key <= max(positions, default=0)).order_by(key),
        execution_options={"yield_per": 500},
    )
    taken = _taken_away(session, name)
    one, parts = _Sum(0), []
    waiting = list(positions)
    for found, *values in rows:
        while waiting and waiting[0] < found:
            parts.append(_reaching(one, waiting.pop(0)))
        leaf = sm3(canonical(values))
        one.add(found, taken.get((found, leaf), leaf))
    return [*parts, *(_reaching(one, upto) for upto in waiting)]


def _taken_away(session: Session, name: str) -> dict[tuple[int, str], str]:
    """Of rows of a part that lost something by a redaction: what they were, by id and by what they
    are now. Whatever else became of them is seen, then and later."""
    found: dict[tuple[int, str], str] = {}
    if name != Document.__tablename__:  # of others nothing goes that is sealed
        return found
    # As its index has it: few rows of a large log are redactions.
    redacted = text(f"header ->> 'kind' = '{REDACTED}'")
    rows = session.scalars(select(cast(LogRow.header, Text)).where(redacted))
    for header in rows:
        with suppress(ValueError, TypeError, KeyError, AttributeError):  # the proof tells of these
            for one in removed_by(json.loads(header)):
                if one.table == name and one.was:
                    found[one.id, one.left] = one.was
    return found


def leaf_of(session: Session, name: str, key: int, **otherwise: str) -> str:
    """What a root takes of one row of a part, with some columns `otherwise` than they stand."""
    _prepare(session)
    model, columns = SEALED[name]
    wanted = [as_text(model, column) for column in columns]
    values = session.execute(select(*wanted).where(model.id == key)).one()  # type: ignore[attr-defined]
    said = dict(zip(columns, values, strict=True)) | otherwise
    return sm3(canonical(list(said.values())))


def _reaching(one: _Sum, upto: int) -> Part:
    """The part as summed up so far, as one that reaches to that key."""
    part = one.part
    return Part(upto, part.count, part.root)


def _prepare(session: Session) -> None:
    """Days and instants are written in one way, and a large database takes its time."""
    for setting in ("TimeZone TO 'UTC'", "DateStyle TO 'ISO, YMD'", "statement_timeout TO 0"):
        session.execute(text(f"SET LOCAL {setting}"))
