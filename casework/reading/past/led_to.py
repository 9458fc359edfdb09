"""Where the log had led a case by the end of a day: by the replay that `verify` uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.clock_repository import values_of
from casework.acts.clocks import Run, set_due
from casework.acts.journal import canonical, sm3
from casework.acts.redactions import REDACTED, gone_by
from casework.common.problems import BadInput, Misconfigured
from casework.common.timekeeping import end_of, in_chinese, legal_date
from casework.kernel.replaying import BadRow, Replay, replay
from casework.models import Authority, Case, CaseClock, LogRow
from casework.reading.clock_views import COUNTED_ANEW
from casework.reading.done import runs_told
from casework.rules.counting import CalendarUnknown
from casework.rules.rule_cache import Rules
from state_machines.language.vocabulary import Process


@dataclass(frozen=True)
class LedTo:
    """Where a case had been led: `at`, by the `rows` of its log until then. `gone` tells what of
    these rows was taken away since."""

    at: Replay
    rows: tuple[LogRow, ...]
    gone: tuple[str, ...]

    @property
    def last(self) -> LogRow:
        """The last row of the day."""
        return self.rows[-1]

    @property
    def awaiting(self) -> tuple[str, ...]:
        """The roles that the case waited for, as a row last told."""
        told = (row.payload["awaiting"] for row in reversed(self.rows) if "awaiting" in row.payload)
        return tuple(next(told, ()))


def led_to(session: Session, case: Case, process: Process, day: date, today: date) -> LedTo:
    """Where the log had led the case by the end of a day.

    Raises BadInput for a day that is still to come, or before the case was entered; Misconfigured
    for a log that cannot be followed.
    """
    if day > today:
        raise _no_such_day(f"{in_chinese(day)}还没有到，只能查看今天或者以前的案卷")
    log = session.scalars(
        select(LogRow).where(LogRow.case_id == case.id).order_by(LogRow.seq)
    ).all()
    rows = tuple(row for row in log if _entered(row) < end_of(day))
    if not rows:
        first = legal_date(_entered(log[0]))
        raise _no_such_day(f"{in_chinese(day)}本案还没有登记，最早可以查看{in_chinese(first)}")
    try:
        at = replay(process, rows)
    except BadRow as bad:
        raise Misconfigured(f"{case.number}的全过程记录不能重放，请系统管理员核验：{bad}") from bad
    return LedTo(at, rows, tuple(_gone(log, rows[-1].seq)))


def _no_such_day(text: str) -> BadInput:
    return BadInput(text, [{"field": "as_of", "label": "日期", "text": text}])


def _entered(row: LogRow) -> datetime:
    return datetime.fromisoformat(row.header["recorded_at"])


def _gone(log: Sequence[LogRow], last: int) -> Iterator[str]:
    """What redactions took out of the rows up to that one, whenever they did."""
    for row in log:
        if row.header["kind"] == REDACTED:
            for seq, what in gone_by(row.header):
                if seq <= last:
                    yield f"第{seq}条的{what}，{in_chinese(legal_date(_entered(row)))}依法删除"


def clocks_led_to(
    session: Session, rules: Rules, case: Case, process: Process, led: LedTo
) -> list[CaseClock]:
    """The runs of the case's clocks as rows that are kept nowhere, with their due days as the log
    told them then."""
    told = runs_told(next((r for r in reversed(led.rows) if "clocks" in r.payload), None))
    kept = {
        (row.name, row.run): row.derivation
        for row in session.scalars(select(CaseClock).where(CaseClock.case_id == case.id))
    }
    region = session.get_one(Authority, case.authority_id).region
    rows = []
    for run in led.at.runs:
        said = told.get((run.name, run.number), {})
        dated = _dated(run, said)
        again = _again(dated, rules, region, process, led)
        known = (kept.get((run.name, run.number)), *again)
        rows.append(_row(case, dated, known, said.get("derivation", "")))
    return rows


def _dated(run: Run, said: Mapping[str, Any]) -> Run:
    """The run with the edition and the last day that the log told of it."""
    return replace(
        run,
        edition=said.get("edition"),
        due_on=date.fromisoformat(said["due"]) if said.get("due") else None,
        fires_at=datetime.fromisoformat(said["fires_at"]) if said.get("fires_at") else None,
    )


def _again(
    run: Run, rules: Rules, region: str, process: Process, led: LedTo
) -> Iterator[Mapping[str, Any] | None]:
    """How the due day would be counted by today's rules from what the log had led to."""
    try:
        yield set_due(run, process.clock(run.name), rules, region, led.at.data).derivation
    except (CalendarUnknown, Misconfigured, LookupError):
        return  # what it was counted by then is not there any more


def _row(case: Case, run: Run, known: Sequence[Mapping[str, Any] | None], digest: str) -> CaseClock:
    """The row of a run; of what is known of its counting, that which the log told of counts."""
    found = [one for one in known if sm3(canonical(one)) == digest]
    run = replace(run, derivation=found[0] if found else COUNTED_ANEW)
    return CaseClock(case_id=case.id, name=run.name, run=run.number, reminded=[], **values_of(run))
