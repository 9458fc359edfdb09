"""Proving ratings: each is recalculated from the file of its day, by the rules of its day.

The rows of a file are read in the order of the log, which is the order in which they were written,
since whoever writes into a file holds its party locked. A rating must be what the file gave after
one of these rows, not before the one that the rating before it rests on; the last one must be what
the whole file gives. What a decision put on record weighs from the row that tells of its service.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.deliveries import REGISTER, to_be_served
from casework.audit.faults import Fault
from casework.audit.salvage import salvaged
from casework.common.problems import Misconfigured
from casework.common.texts import reason
from casework.common.timekeeping import legal_date
from casework.credit.ratings import remembered
from casework.models import (
    CreditEvent,
    CreditMark,
    CreditRating,
    EditionRow,
    LogRow,
    PartySuccession,
)
from casework.parts.credit_file import Item
from casework.rules.rule_cache import Rules, as_held
from state_machines.credit.rating import rate

_KINDS = ("credit_item", "rating_table")
_NAME = "信用等级"
# What a rating comes to: its grade, score and lines, and the edition of the table.
Outcome = tuple[str, int, list[dict[str, Any]], str]


@dataclass
class _File:
    """What was written about one subject, each with the id of the log row that tells of it."""

    ratings: list[CreditRating] = field(default_factory=list)
    events: list[tuple[int, CreditEvent]] = field(default_factory=list)
    marks: list[tuple[int, CreditMark]] = field(default_factory=list)
    successions: list[tuple[int, PartySuccession]] = field(default_factory=list)
    days: dict[int, date] = field(default_factory=dict)
    # By event whose decision comes into force once it is served: the log row that tells of that.
    served: dict[int, int | None] = field(default_factory=dict)


def faults_of_ratings(session: Session) -> list[Fault]:
    """The ratings that are not what the file of their day gives. None if all is well."""
    try:
        editions = _Editions(session)
        lines = _lines(session)
    except Exception as error:  # whatever a forger put there
        return [Fault(_NAME, None, f"评级所依据的规则或者主体延续登记不能读取（{reason(error)}）")]
    faults: list[Fault] = []
    done: set[int] = set()

    def load(parties: Sequence[int]) -> Mapping[int, _File]:
        return {party: _file(session, lines.get(party, {party})) for party in parties}

    for party, file in salvaged(session, CreditRating.party_id, load):
        if party in done:
            continue
        done |= lines.get(party, set())
        try:
            if isinstance(file, Exception):
                raise file
            faults += _faults(file, editions)
        except Exception as error:  # whatever a forger put there
            faults.append(Fault(_NAME, None, f"当事人 {party} 的评级不能核验（{reason(error)}）"))
    return faults


def _faults(file: _File, editions: _Editions) -> Iterator[Fault]:
    cuts = [0, *sorted(file.days)]
    at = 0  # how many rows of the log the rating before rests on
    for n, row in enumerate(file.ratings):
        later = file.ratings[n + 1 :]
        if any(credit_rating.reckoned_at == row.reckoned_at for credit_rating in later):
            continue  # of one step's several effects only the last is seen by anybody
        said = (row.grade, row.score, row.lines, row.edition)
        fits = (
            place
            for place in range(at, len(cuts))
            if said in _outcomes(file, editions, row.party_id, cuts[place], row.as_of, row)
        )
        if (found := next(fits, None)) is None:
            yield Fault(_NAME, row.id, f"{row.as_of} 的评级与按当日信用档案重新计算的不一致")
            return
        at = found
        if later or at == len(cuts) - 1 or len(cuts) - 1 in fits:
            continue
        # What came after it did not change the rating, or there would be another.
        last, day = cuts[-1], file.days[cuts[-1]]
        if said not in _outcomes(file, editions, row.party_id, last, day, row):
            yield Fault(_NAME, row.id, f"{row.as_of} 之后信用档案有变动，没有相应的评级")


def _outcomes(
    file: _File, editions: _Editions, party: int, upto: int, on: date, row: CreditRating
) -> Iterator[Outcome]:
    """What the file as of a row of the log gives on a day: by the rules known when it was kept,
    or, where an edition came just then, by those known before or after."""
    line = _line_of(file, party, upto, on)
    latest = {
        mark.event_id: mark for key, mark in file.marks if key <= upto and mark.marked_on <= on
    }
    events = [
        event
        for key, event in file.events
        if key <= upto and event.occurred_on <= on and event.party_id in line
    ]
    waiting = {
        event.id
        for event in events
        if event.id in file.served and ((at := file.served[event.id]) is None or at > upto)
    }
    for rules in editions.around(row.reckoned_at):
        # An earlier release counted what was not served yet.
        for unserved in (waiting, set[int]()) if waiting else (waiting,):
            try:
                table, edition = rules.rating_table(on, "")
                items = [
                    Item(
                        event,
                        rules.credit_item(event.kind, event.occurred_on, ""),
                        latest.get(event.id),
                        event.id in unserved,
                    )
                    for event in events
                ]
            except Misconfigured:
                continue  # before the edition came
            rating = rate(table, remembered(items), on)
            lines = [asdict(line) for line in rating.lines]
            yield rating.grade.grade, rating.score, lines, edition


def _line_of(file: _File, party: int, upto: int, on: date) -> set[int]:
    """As `successions.line_of`, at an earlier time."""
    line = {party}
    pairs = [
        {party_succession.old_party_id, party_succession.new_party_id}
        for key, party_succession in file.successions
        if key <= upto and party_succession.since <= on
    ]
    while grown := [pair for pair in pairs if pair & line and not pair <= line]:
        line |= set().union(*grown)
    return line


class _Editions:
    """The rules that ratings rest on, as they were known at any time."""

    def __init__(self, session: Session) -> None:
        self._rows = session.scalars(
            select(EditionRow).where(EditionRow.kind.in_(_KINDS)).order_by(EditionRow.id)
        ).all()
        self._moments = sorted({row.loaded_at for row in self._rows})
        self._known: dict[datetime, Rules] = {}

    def around(self, moment: datetime) -> Iterator[Rules]:
        """The rules known at a moment first, then those known before and after it."""
        before = [one for one in self._moments if one <= moment]
        after = [one for one in self._moments if one > moment]
        return map(self._as_of, (*reversed(before), *after))

    def _as_of(self, moment: datetime) -> Rules:
        if moment not in self._known:
            known = (as_held(row) for row in self._rows if row.loaded_at <= moment)
            self._known[moment] = Rules(known)
        return self._known[moment]


def _lines(session: Session) -> dict[int, set[int]]:
    """The parties that are, or later became, one subject: by each of them."""
    lines: dict[int, set[int]] = {}
    for old, new in session.execute(
        select(PartySuccession.old_party_id, PartySuccession.new_party_id)
    ):
        line = lines.get(old, {old}) | lines.get(new, {new})
        lines |= dict.fromkeys(line, line)
    return lines


def _file(session: Session, parties: set[int]) -> _File:
    file = _File()
    file.ratings += session.scalars(
        select(CreditRating).where(CreditRating.party_id.in_(parties)).order_by(CreditRating.id)
    )
    headers: dict[int, Any] = {}

    def written(model: type[Any], *where: Any) -> list[tuple[int, Any]]:
        found = []
        for row, key, header in session.execute(
            select(model, LogRow.id, LogRow.header)
            .join(LogRow, (LogRow.case_id == model.case_id) & (LogRow.seq == model.log_seq))
            .where(*where)
            .order_by(model.id)
        ):
            headers[key] = header
            found.append((key, row))
        return found

    file.events = written(CreditEvent, CreditEvent.party_id.in_(parties))
    file.marks = written(
        CreditMark, CreditMark.event_id.in_([event.id for _, event in file.events])
    )
    file.successions = written(PartySuccession, PartySuccession.old_party_id.in_(parties))
    file.served = _services(session, [event for _, event in file.events], headers)
    file.days = {
        key: legal_date(datetime.fromisoformat(header["effective_at"]))
        for key, header in headers.items()
    }
    return file


def _services(
    session: Session, events: Sequence[CreditEvent], headers: dict[int, Any]
) -> dict[int, int | None]:
    """By each of these events whose decision has to be served, the log row that tells that all of
    it was; those rows are added to the `headers`."""
    wanted: dict[tuple[int, int], list[str]] = {}
    for paper, _ in to_be_served(
        session, [(credit_event.case_id, credit_event.log_seq) for credit_event in events]
    ):
        wanted.setdefault((paper.case_id, paper.log_seq), []).append(paper.key)
    told: dict[tuple[int, int, str], LogRow] = {}
    rows = select(LogRow).where(
        LogRow.case_id.in_({case for case, _ in wanted}),
        LogRow.payload["caused"]["registered"].as_string().is_not(None),
    )
    for row in session.scalars(rows.order_by(LogRow.id)) if wanted else ():
        for kept in (row.payload or {}).get("caused", {}).get("registered", ()):
            entries = kept["entries"].values() if kept["register"] == REGISTER else ()
            receipts = (receipt for entry in entries for receipt in entry["receipts"])
            for paper in (one for receipt in receipts for one in receipt["documents"]):
                told.setdefault((row.case_id, paper["seq"], paper["key"]), row)
    found: dict[int, int | None] = {}
    for event in events:
        at = event.case_id, event.log_seq
        by = [told.get((*at, key)) for key in wanted.get(at, ())]
        served = [row for row in by if row is not None]
        if by:
            found[event.id] = max(row.id for row in served) if len(served) == len(by) else None
        headers |= {row.id: row.header for row in served if row.id == found.get(event.id)}
    return found
