"""The credit file (信用档案): what is remembered of a party, how long it counts, what became of it.

Nothing is deleted. Whether an item still counts is derived from its date, the catalogue and the
marks that later cases put on it, so the file can be read as of any day.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.acts.deliveries import unserved
from casework.acts.successions import line_of, lock_line
from casework.common.problems import Misconfigured
from casework.common.rows_together import write_rows
from casework.models import Case, CreditEvent, CreditMark
from casework.rules.rule_cache import Rules
from rulebook.models import CreditItem
from state_machines.language.vocabulary import ReclassCredit, RecordCredit

REPAIRED, REOPENED, CORRECTED = "repaired", "reopened", "corrected"
_ENDED = {REPAIRED: "已修复", CORRECTED: "异议成立，已更正"}
# A case corrects what it wrote itself when its decision did not stand or was never made, or when
# what fell due was paid in time.
_OWN = "原案件已更正（决定被撤销、变更，未作失信认定，或者按期缴款）"


@dataclass(frozen=True)
class Item:
    """One event of the file, with what the catalogue says of it and the latest mark on it; and
    whether the decision that it came with has still to be served: it bars nothing before, nor does
    it weigh on the party."""

    event: CreditEvent
    rule: CreditItem
    mark: CreditMark | None
    unserved: bool = False

    @property
    def weighs(self) -> bool:
        """Whether it counts by now; what favours the party waits for nothing (处罚法61)."""
        return not (self.lifted or (self.unserved and self.rule.standing == "bad"))

    @property
    def lifted(self) -> bool:
        """Whether it was repaired or corrected, and stays so."""
        return self.mark is not None and self.mark.kind in _ENDED

    @property
    def counts_until(self) -> date | None:
        """The last day on which it counts; None if no end is set."""
        if not self.rule.months:
            return None
        return months_after(self.event.occurred_on, self.rule.months)

    def ended(self, on: date) -> str:
        """Why it does not count any more on that day; `""` while it does."""
        if self.mark is not None and self.mark.kind in _ENDED:
            own = self.mark.kind == CORRECTED and self.mark.case_id == self.event.case_id
            return _OWN if own else _ENDED[self.mark.kind]
        until = self.counts_until
        return "已过有效期" if until is not None and until < on else ""


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month (《民法典》第二百零二条)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def file_of(session: Session, rules: Rules, party_id: int, on: date) -> tuple[Item, ...]:
    """The party's file as it was on that day, in the order in which it was written, with what was
    written under the codes it bore before (`successions`).

    Raises Misconfigured for an event of which the catalogue knows nothing.
    """
    marked = (CreditMark.event_id == CreditEvent.id) & (CreditMark.marked_on <= on)
    rows = session.execute(
        select(CreditEvent, CreditMark)
        .outerjoin(CreditMark, marked)
        .where(
            CreditEvent.party_id.in_(line_of(party_id, on)),
            CreditEvent.occurred_on <= on,
        )
        .order_by(CreditEvent.id, CreditMark.id)
    ).all()
    latest = {event.id: mark for event, mark in rows}
    events = {event.id: event for event, _ in rows}.values()
    known = [(event, rules.credit_item(event.kind, event.occurred_on, "")) for event in events]
    bad = [(event.case_id, event.log_seq) for event, rule in known if rule.standing == "bad"]
    not_come = unserved(session, bad, on)
    return tuple(
        Item(event, rule, latest.get(event.id), (event.case_id, event.log_seq) in not_come)
        for event, rule in known
    )


def unrepaired(file: Iterable[Item]) -> tuple[str, ...]:
    """What of a file closes the promise route until it is repaired, each once."""
    bars = (item for item in file if item.event.bars_promise and not item.unserved)
    open_still = (item for item in bars if not item.lifted)
    return tuple(dict.fromkeys(item.event.label for item in open_still))


def revoked_before(file: Iterable[Item]) -> bool:
    """Whether a licence was ever revoked for a broken promise, repaired or not."""
    return any(
        item.event.kind == "licence_revoked" and not item.unserved
        for item in file
        if item.mark is None or item.mark.kind != CORRECTED
    )


def record(act: Act, effect: RecordCredit) -> None:
    """Write an event into the party's file; what hangs on an earlier step only if the older version
    of that step has not written it already."""
    if not (effect.when and _stands(act, effect.kind)):
        _write(act, effect, act.day)


def _stands(act: Act, kind: str) -> bool:
    """Whether this case wrote an event of that kind which was not corrected."""
    written = act.session.scalars(
        select(CreditEvent.id).where(CreditEvent.case_id == act.case.id, CreditEvent.kind == kind)
    ).all()
    marks = marks_on(act.session, written)
    return any(event not in marks or marks[event].kind != CORRECTED for event in written)


def _write(act: Act, effect: RecordCredit | ReclassCredit, occurred_on: date) -> None:
    event = CreditEvent(
        party_id=act.case.party_id,
        case_id=act.case.id,
        log_seq=act.case.head_seq + 1,
        kind=effect.kind,
        label=effect.label,
        occurred_on=occurred_on,
        bars_promise=effect.bars_promise,
    )
    write_rows(act.session, [event])  # at once: the rating is calculated from it
    # An earlier day than the step's is told; its own goes without saying.
    earlier = {"occurred_on": occurred_on.isoformat()} if occurred_on != act.day else {}
    said = {"kind": effect.kind, "bars_promise": effect.bars_promise}
    act.note("credit", {**said, **earlier})


def repair(act: Act, source: str, *, undone: bool) -> None:
    """Mark the bad records that came of case `source` as repaired, or those that this case once
    marked as in effect again. Raises Misconfigured if there is no such case."""
    lock_line(act.session, act.case.party_id, act.day)
    for item in repairable(act, source):
        repaired_here = item.mark is not None and item.mark.case_id == act.case.id
        if (item.lifted and repaired_here) if undone else not item.lifted:
            mark(act, item.event, REOPENED if undone else REPAIRED)


def correct(act: Act, number: int) -> None:
    """Mark an item of the party's file as corrected. Raises Misconfigured if it is not there."""
    lock_line(act.session, act.case.party_id, act.day)
    event = act.session.get(CreditEvent, number)
    line = act.session.scalars(line_of(act.case.party_id, act.day)).all()
    if event is None or event.party_id not in line:
        raise Misconfigured(f"信用档案中没有第{number}号记录")
    mark(act, event, CORRECTED)


def correct_own(act: Act, kinds: Iterable[str]) -> None:
    """Mark what this case wrote into the party's file, of these kinds, as corrected."""
    lock_line(act.session, act.case.party_id, act.day)
    written = act.session.scalars(
        select(CreditEvent)
        .where(CreditEvent.case_id == act.case.id, CreditEvent.kind.in_(kinds))
        .order_by(CreditEvent.id)
    ).all()
    known = marks_on(act.session, [event.id for event in written])
    for event in written:
        if event.id not in known or known[event.id].kind != CORRECTED:
            mark(act, event, CORRECTED)


def reclass(act: Act, effect: ReclassCredit) -> None:
    """Write what this case wrote into the party's file, of those kinds, anew under another one, as
    of its own day; what was corrected or repaired before stays so."""
    lock_line(act.session, act.case.party_id, act.day)
    written = act.session.scalars(
        select(CreditEvent)
        .where(CreditEvent.case_id == act.case.id, CreditEvent.kind.in_(effect.kinds))
        .order_by(CreditEvent.id)
    ).all()
    marks = _latest_marks(act.session, [event.id for event in written], act.day)
    for event in written:
        if event.id not in marks or marks[event.id].kind not in (CORRECTED, REPAIRED):
            mark(act, event, CORRECTED)
            _write(act, effect, event.occurred_on)


def repairable(act: Act, source: str) -> list[Item]:
    """The bad records that a repair about case `source` is about: that case's own, and those of
    former repairs of the same (false material). Raises Misconfigured if the case is none of the
    party's."""
    of = act.session.scalar(select(Case).where(Case.number == source))
    line = act.session.scalars(line_of(act.case.party_id, act.day)).all()
    if of is None or of.party_id not in line:
        raise Misconfigured(f"没有编号为“{source}”的案件，不能确定修复哪些信用记录")
    repairs = act.session.scalars(
        select(Case.id).where(
            Case.party_id.in_(line),
            Case.process == act.process.key,
            Case.data["application"]["source"].as_string() == source,
        )
    )
    cases = {of.id, *repairs}
    items = file_of(act.session, act.rules, of.party_id, act.day)
    return [item for item in items if item.event.case_id in cases and item.rule.standing == "bad"]


def mark(act: Act, event: CreditEvent, kind: str) -> None:
    """Write down what became of an event, for the file and for the log."""
    made = CreditMark(
        event_id=event.id,
        case_id=act.case.id,
        log_seq=act.case.head_seq + 1,
        kind=kind,
        marked_on=act.day,
    )
    write_rows(act.session, [made])
    act.note("credit_marks", {"event": event.id, "kind": event.kind, "mark": kind})


def marks_on(session: Session, events: Iterable[int]) -> dict[int, CreditMark]:
    """The latest mark on each of these events, whatever its day."""
    return _latest_marks(session, events, date.max)


def _latest_marks(session: Session, events: Iterable[int], on: date) -> dict[int, CreditMark]:
    rows = session.scalars(
        select(CreditMark)
        .where(CreditMark.event_id.in_(list(events)), CreditMark.marked_on <= on)
        .order_by(CreditMark.id)
    )
    return {row.event_id: row for row in rows}
