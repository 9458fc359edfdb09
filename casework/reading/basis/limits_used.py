"""The limits (所用期限) that a decision began, moved, ended or left running, by its row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.access.readers import Reader, Sight
from casework.acts.clocks import ENDED
from casework.acts.journal import canonical, sm3
from casework.common.timekeeping import legal_date
from casework.models import Case, CaseClock, LogRow
from casework.reading.clock_views import explained
from casework.reading.done import row_before, runs_told, told_to_party
from casework.rules.rule_cache import Rules
from rulebook.models import Limit, parse_content
from state_machines.language.vocabulary import Process


@dataclass(frozen=True)
class LimitUsed:
    """A limit as it stood after the decision. `what` says what the decision did to it; `edition` is
    the digest of the rule that it is counted by, with its day and source. `lines` tell how its last
    day was counted, as long as it was not counted anew since."""

    label: str
    law: str
    what: str
    length: str
    started_on: date
    due_on: date | None
    edition: str
    valid_from: date | None
    source: str
    lines: tuple[str, ...]


def limits_used(
    session: Session, rules: Rules, case: Case, process: Process, reader: Reader, sight: Sight,
    row: LogRow,
) -> tuple[LimitUsed, ...]:  # fmt: skip
    """The limits that the decision of a row had to do with, as far as its reader may see them."""
    was, now = runs_told(row_before(session, row)), runs_told(row)
    counted = {
        (clock.name, clock.run): clock
        for clock in session.scalars(select(CaseClock).where(CaseClock.case_id == case.id))
    }
    return tuple(
        _limit(rules, process, run, what, counted.get(key))
        for key, run in now.items()
        if (clock := process.clock(key[0]))
        and (reader.serves(case) or told_to_party(clock))
        and sight.shows_clock(process, clock)
        for what in _what(was.get(key), run)
    )


def _what(was: Any, now: Any) -> Iterator[str]:
    """What the decision did to a run; nothing for one that had ended before."""
    if now["status"] == ENDED:
        if was is not None and was["status"] != ENDED:
            yield "到此结束"
    elif was is None:
        yield "开始计算"
    elif was["due"] != now["due"]:
        yield "改变届满日"
    else:
        yield "继续计算"


def _limit(
    rules: Rules, process: Process, run: Any, what: str, counted: CaseClock | None
) -> LimitUsed:
    clock = process.clock(run["name"])
    edition = rules.edition(run["edition"]) if run["edition"] else None
    rule = parse_content(edition.kind, edition.content) if edition else None
    same = counted and sm3(canonical(counted.derivation)) == run.get("derivation")
    return LimitUsed(
        label=clock.label,
        law=clock.law or (edition.law if edition else ""),
        what=what,
        length=rule.text if isinstance(rule, Limit) else "",
        started_on=legal_date(datetime.fromisoformat(run["started_at"])),
        due_on=date.fromisoformat(run["due"]) if run["due"] else None,
        edition=run["edition"] or "",
        valid_from=edition.valid_from if edition else None,
        source=edition.source if edition else "",
        lines=explained(counted)[0] if same and counted else (),
    )
