"""What an act did (办理结果), told by its rows of the log: after it was taken, and for good."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.access.readers import Reader, find, sight_of
from casework.acts.actors import Actor
from casework.acts.clocks import ENDED
from casework.acts.journal import COUNTED
from casework.common.problems import NotFound
from casework.common.timekeeping import ZONE, end_of
from casework.kernel.office import Office
from casework.models import Case, LogRow
from casework.reading.handed_out import DocumentView, documents_of
from casework.reading.log import LogLine, issued_as, log_view, passed_in
from casework.reading.outlook import LimitAhead
from state_machines.language.vocabulary import Clock, Escalate, Role

_ACTS = ("open", "step", "returned")
_BY_ITSELF = (Role.RELATED.value, Role.JOIN.value)
Runs = Mapping[tuple[str, int], Mapping[str, Any]]  # of clocks, as a row of the log tells them


@dataclass(frozen=True)
class DoneView:
    """What an act did, as far as its reader may see it.

    `line` is its row of the log, `followed` are the steps that followed by themselves. `documents`
    are those that all of these issued; limits have `begun` or got another last day (`moved`).
    `besides` is what else they caused. `passed` are the states of the case until now, and `since`:
    something else was done on it afterwards.
    """

    line: LogLine
    followed: tuple[LogLine, ...]
    documents: tuple[DocumentView, ...]
    besides: tuple[str, ...]
    begun: tuple[LimitAhead, ...]
    moved: tuple[LimitAhead, ...]
    passed: tuple[str, ...]
    since: bool


def done_view(office: Office, session: Session, actor: Actor, number: str, seq: int) -> DoneView:
    """What the act of that row did. The party reads of its own acts only: what the office did is
    told to it in the letters and in the record. Raises NotFound."""
    case, reader = find(office, session, actor, number)
    log = log_view(office, session, actor, number)
    act = _act(session, case, reader, seq)
    seqs = {row.seq for row in act}
    lines = [line for line in log if line.seq in seqs]
    if not lines or lines[0].seq != seq:
        raise _no_such_act()
    caused = [row.payload.get("caused", {}) for row in act]
    papers = {issued_as(one) for some in caused for one in some.get("documents", ())}
    begun, moved = _limits(office, session, case, reader, act)
    return DoneView(
        line=lines[0],
        followed=tuple(lines[1:]),
        documents=tuple(
            one for one in documents_of(office, session, case, reader) if one.seq in seqs
        ),
        besides=tuple(text for line in lines for text in line.caused if text not in papers),
        begun=begun,
        moved=moved,
        passed=tuple(passed_in(log)),
        since=any(line.kind in COUNTED and line.seq > act[-1].seq for line in log),
    )


def _act(session: Session, case: Case, reader: Reader, seq: int) -> list[LogRow]:
    """The row of an act, and those of what followed from it by itself. Raises NotFound if it is no
    act, or another's than the party's that reads it."""
    rows = session.scalars(
        select(LogRow).where(LogRow.case_id == case.id, LogRow.seq >= seq).order_by(LogRow.seq)
    ).all()
    if not rows or rows[0].seq != seq or rows[0].header["kind"] not in _ACTS:
        raise _no_such_act()
    if not reader.serves(case) and rows[0].header["on_behalf"] != case.party_id:
        raise _no_such_act()
    return list(_at_once(rows))


def _at_once(rows: Sequence[LogRow]) -> Iterator[LogRow]:
    first, *rest = rows
    yield first
    for row in rest:
        header = row.header
        together = header["recorded_at"] == first.header["recorded_at"]
        if not (together and header["kind"] == "step" and header["role"] in _BY_ITSELF):
            return
        yield row


def _no_such_act() -> NotFound:
    return NotFound("本案没有这项办理记录")


def _limits(
    office: Office, session: Session, case: Case, reader: Reader, act: Sequence[LogRow]
) -> tuple[tuple[LimitAhead, ...], tuple[LimitAhead, ...]]:
    """The limits that an act began, and those that it moved, as far as its reader may see them."""
    process = office.versions.by_digest(session, case.version_digest)
    sight = sight_of(session, reader, case, process)
    was, now = runs_told(row_before(session, act[0])), runs_told(act[-1])
    begun, moved = [], []
    for key, run in now.items():
        clock = process.clock(key[0])
        ours = reader.serves(case) or told_to_party(clock)
        if run["status"] == ENDED or not run["due"] or not ours:
            continue
        if not sight.shows_clock(process, clock):
            continue
        if key not in was:
            begun.append(_limit(clock, run))
        elif was[key]["due"] != run["due"]:
            moved.append(_limit(clock, run))
    return tuple(begun), tuple(moved)


def told_to_party(clock: Clock) -> bool:
    """Whether the party reads of a limit: not of one that the authority has set itself."""
    inner = isinstance(clock.on_expiry, Escalate) and clock.on_expiry.breach == "promise"
    return clock.concerns_party or not inner


def row_before(session: Session, row: LogRow) -> LogRow | None:
    """The last row before that one which tells the clocks; None before the first."""
    return session.scalar(
        select(LogRow)
        .where(
            LogRow.case_id == row.case_id,
            LogRow.seq < row.seq,
            LogRow.payload["clocks"].as_string().is_not(None),
        )
        .order_by(LogRow.seq.desc())
        .limit(1)
    )


def runs_told(row: LogRow | None) -> Runs:
    """The runs of clocks after a row, as it tells them, by name and number; none without a row."""
    told = row.payload.get("clocks", ()) if row else ()
    return {(run["name"], run["run"]): run for run in told}


def _limit(clock: Clock, run: Mapping[str, Any]) -> LimitAhead:
    """A limit with its last day, and the hour where minutes count."""
    due = date.fromisoformat(run["due"])
    until = f"{due}"
    if run["fires_at"] and (at := datetime.fromisoformat(run["fires_at"])) < end_of(due):
        until = f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}"
    says = clock.says.replace("{day}", until)
    return LimitAhead(clock.label, "", until, clock.binds == "party", says, clock.law)
