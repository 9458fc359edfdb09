"""Whether the qualifications of a decision follow from the file (定性来自案卷): stage, repetition,
gravity, class of record, and that nobody is punished twice for one act.

Told from logs and registers; what the door asked is not asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from casework.acts.party_kinds import who
from casework.audit.case_book import Row
from casework.audit.case_file import CaseFile, Told, effective, input_of, receipts_told
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs, read
from casework.models import Case, CreditEvent
from casework.parts.remedies import decision_in_force
from casework.parts.same_act.same_act import (
    PROCESSES,
    OtherCase,
    conduct_of,
    distinctions_of,
    other_cases,
    scenes_of,
)
from rulebook.models import Violation
from state_machines.enforcement.exemption.forms import (
    FIND_NOT_CORRECTED,
    ORDER_CORRECTION,
    CorrectionOrder,
    NotCorrected,
)
from state_machines.enforcement.penalty.forms import Aggravation, Decision
from state_machines.parts.approvals.measures import FINES, total
from state_machines.parts.same_act.forms import Conducted

_UNCORRECTED = "uncorrected"
_CLASSES = ("minor", "general", "serious")
_LABELS = {"minor": "轻微", "general": "一般", "serious": "严重"}
_ORDER, _NOTICE = "order", "correction_notice"


@dataclass(frozen=True)
class _Order:
    """An order to correct: of which case and row, until when, and when it was served."""

    case: str
    seq: int
    until: date
    served_on: date | None


def qualified(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """What a decision says of the offence that the file does not show."""
    for row in file.rows:
        if row.header["name"] not in decision_in_force.DECISIONS:
            continue
        decision = _sentence(row)
        heavier = decision.aggravations
        late = decision.stage == _UNCORRECTED or Aggravation.UNCORRECTED in heavier
        if late and (why := _not_uncorrected(file, row)):
            yield row, f"认定“逾期不改正”，{why}"
        if Aggravation.REPEATED in heavier and not _was_before(file, row):
            yield row, "认定“屡教不改”，没有以前的违法记录"
        yield from ((row, text) for text in _ungrounded_gravity(file, row))
        if text := _graver_class(file, row):
            yield row, text
    yield from _twice(file)


def _not_uncorrected(file: CaseFile, row: Row) -> str:
    """What is missing of an order that was served, ran out, and was found not to be carried out;
    empty if nothing is."""
    known = file.known_at(row)
    day = legal_date(effective(row))
    failed = [
        (_day(header), read(NotCorrected, payload.get("input", {})).refused)
        for header, payload in known
        if header["name"] == FIND_NOT_CORRECTED
    ]
    orders = list(_orders(known))
    if not orders or not failed:
        return "案卷中没有责令改正和复查仍未改正的记录"
    missing = [_missing(order, day, failed) for order in orders]
    return "" if "" in missing else missing[-1]


def _orders(known: Iterable[Told]) -> Iterator[_Order]:
    told = list(known)
    for header, payload in told:
        if header["name"] != ORDER_CORRECTION:
            continue
        case, seq = header["case"], header["seq"]
        days = [
            date.fromisoformat(receipt["on"])
            for service, caused in told
            if service["case"] == case
            for receipt in receipts_told(caused, _ORDER)
            if any((p["key"], p["seq"]) == (_NOTICE, seq) for p in receipt["documents"])
        ]
        until = read(CorrectionOrder, payload["input"]).until
        yield _Order(case, seq, until, min(days, default=None))


def _missing(order: _Order, day: date, failed: list[tuple[date, bool]]) -> str:
    if order.served_on is None:
        return "责令改正通知书没有送达的记录"
    if order.served_on > order.until:
        return "责令改正通知书在改正期限届满后才送达"
    if order.until >= day:
        return "改正期限还没有届满"
    if any(on > order.until or (refused and on >= order.served_on) for on, refused in failed):
        return ""
    return "复查在改正期限届满以前"


def _was_before(file: CaseFile, row: Row) -> bool:
    """Whether the party was punished, or let off, before; or anything is on its record."""
    case, day = file.book.case, legal_date(effective(row))
    others = other_cases(file.session, case.party_id, day, besides=case.id, anew=True)
    if any(other.decided_on and other.decided_on <= day for other in others):
        return True
    recorded = select(CreditEvent.id).where(
        CreditEvent.party_id == case.party_id,
        CreditEvent.case_id != case.id,
        CreditEvent.occurred_on <= day,
    )
    return file.session.scalar(recorded.limit(1)) is not None


def _violation(file: CaseFile, row: Row) -> Violation | None:
    day, code = legal_date(effective(row)), _sentence(row).violation.casefold()
    if code not in file.rules.known("violation", day, file.region):
        return None
    return file.rules.violation(code, day, file.region)[0]


def _ungrounded_gravity(file: CaseFile, row: Row) -> Iterator[str]:
    """What the article has only for a grave case, without a finding of what makes it grave that
    the notice told as well (情节严重)."""
    decision, violation = _sentence(row), _violation(file, row)
    if violation is None:
        return
    grave = [
        measure.kind
        for measure in decision.measures
        if measure.kind not in FINES and violation.stages_of(measure.kind) == ("grave",)
    ]
    if not grave and decision.stage != "grave":
        return
    if not _gravity(decision):
        yield "按情节严重处罚，没有写明认定情节严重的事实和证据"
    notice = file.notice_before(row)
    if notice is not None and not _gravity(_sentence(notice)):
        yield "按情节严重处罚，事先告知时没有告知情节严重的事实"


def _gravity(said: Decision) -> str:
    # Forms of older versions have no place of their own for it.
    has_its_own = "gravity" in said.model_fields_set
    return (said.gravity if has_its_own else said.circumstances).strip()


def _sentence(row: Row) -> Decision:
    """What a row decided or told; what its own form does not ask for is empty."""
    return read(Decision, input_of(row))


def _graver_class(file: CaseFile, row: Row) -> str:
    """Whether the class of the record is graver than the measures are (令36)."""
    decision, day = _sentence(row), legal_date(effective(row))
    given = decision.publicity
    if given not in _CLASSES or not decision.shown:
        return ""
    kinds = {measure.kind for measure in decision.measures}
    violation = _violation(file, row)

    def among(key: str) -> bool:
        return bool(kinds & set(file.rules.value(key, day, file.region)))

    larger = file.rules.value("penalty.larger_fine", day, file.region)
    kind = who(file.rules, file.party, day, file.region)
    marked = violation is not None and violation.publication == "严重"
    if among("penalty.serious_kinds") or (
        marked and file.rules.value("penalty.serious_by_catalogue", day, file.region)
    ):
        due = "serious"
    elif among("penalty.general_kinds") or total(decision.measures, FINES) >= Decimal(larger[kind]):
        due = "general"
    else:
        due = "minor"
    # Until 2026-03-31 (令58) what is shown had no lighter class than 一般.
    least = "general" if day < date(2026, 4, 1) else "minor"
    if _CLASSES.index(given) <= max(_CLASSES.index(due), _CLASSES.index(least)):
        return ""
    return f"失信信息列为“{_LABELS[given]}”，重于处罚对应的“{_LABELS[due]}”"


def _twice(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """A fine for an act that was fined in an earlier case, or a punishment of one that was let off
    (处罚法29, 33)."""
    case = file.book.case
    decision = next((r for r in file.rows if r.header["name"] in decision_in_force.DECISIONS), None)
    if case.process not in PROCESSES or decision is None:
        return
    inputs = Inputs(case.data)
    fines = any(measure.kind in FINES for measure in decision_in_force.in_force(inputs))
    if not fines:
        return
    origin = file.session.get(Case, case.origin_id) if case.origin_id else None
    seen = scenes_of(file.session, [(case.id, case.origin_id)])[case.id]
    before = Inputs(origin.data) if origin else None
    conducted = inputs.application(Conducted)
    mine = conduct_of(conducted, case.place_id, inputs, before, {}, seen)
    apart = distinctions_of(file.session, case)
    day = legal_date(effective(decision))
    for other in other_cases(file.session, case.party_id, day, besides=case.id, anew=True):
        if other.number in apart or not _came_first(other, day, case.number):
            continue
        if not other.conduct.is_of(mine) or _was_contested(other):
            continue
        if other.fined:
            yield decision, f"同一违法行为已在{other.number}号案件罚款，再次罚款"
        elif other.exempted:
            yield decision, f"同一违法行为已在{other.number}号案件决定不予处罚，再予处罚"


def _came_first(other: OtherCase, day: date, number: str) -> bool:
    if other.decided_on is None or other.decided_on > day:
        return False
    return other.decided_on < day or other.number.rpartition("-")[2] < number.rpartition("-")[2]


def _was_contested(other: OtherCase) -> bool:
    """Whether it may have been of no force when the later one was decided."""
    changed = (*decision_in_force.ENDS, *decision_in_force.VARIED_BY)
    return any(name in other.data for name in changed)


def _day(header: Mapping[str, Any]) -> date:
    """The legal date of a row, by its header."""
    return legal_date(datetime.fromisoformat(header["effective_at"]))
