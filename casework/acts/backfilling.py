"""Acts that are entered afterwards (专项补录): what a `Backfill` lets in, and with which proof.

While the system was down the authority went on, on paper; and there are cases from before there was
a system. Such acts bear the day on which they happened, under a record that two persons made, with
the scan of the signed paper and the number that it bears, and each is confirmed by a second person.
What the party has time for runs from the entry all the same (`clocks`, `parts/hearing/door`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from casework.common.codes import spellings
from casework.common.inputs import typed
from casework.common.problems import GuardRefused, NotFound
from casework.common.timekeeping import in_chinese, legal_date
from casework.models import Attachment, Backfill, Case, LogRow, NumberEntry
from state_machines.language.vocabulary import Refusal

OUTAGE, PAPER = "outage", "paper"
KINDS: Mapping[str, str] = {OUTAGE: "系统停运", PAPER: "旧的纸质案件"}
LAW = "国办发〔2018〕118号（行政执法全过程记录制度）"
# The item of the file under which the signed papers are kept.
SIGNED_PAPER = "backfilled_paper"
_LONGEST_NUMBER = 60


@dataclass(frozen=True)
class OnPaper:
    """What whoever enters an act afterwards says of it: under which `Backfill` (its id), the scan
    of the signed paper (a file of the case), and the numbers of its letters, by kind of letter."""

    id: int
    paper: int | None = None
    numbers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Backfilled:
    """Under what an act is entered afterwards. `paper` is the scan as the log tells of it;
    `confirmed_by` is nobody while the act waits for its second person."""

    id: int
    kind: str
    first_day: date
    last_day: date
    numbers: Mapping[str, str]
    paper: Mapping[str, Any]
    entered_by: int
    confirmed_by: int | None

    def outside(self, *days: date) -> list[Refusal]:
        """A refusal if one of these days is not of the span."""
        if all(self.first_day <= day <= self.last_day for day in days):
            return []
        span = f"{in_chinese(self.first_day)}至{in_chinese(self.last_day)}"
        text = f"第{self.id}号专项补录只补录{span}的事项，请核对纸质文书上的日期"
        return [Refusal("backfill_outside_span", text, LAW)]

    def as_told(self) -> dict[str, Any]:
        """As the log row of the act tells of it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "paper": dict(self.paper),
            "entered_by": self.entered_by,
            "confirmed_by": self.confirmed_by,
        }


def open_backfill(session: Session, key: int, authority_id: int, now: datetime) -> Backfill:
    """The `Backfill` of an authority, held so that nobody closes it meanwhile. Raises NotFound, and
    GuardRefused if nothing may be entered under it now."""
    row = session.get(Backfill, key, with_for_update={"read": True}, populate_existing=True)
    if row is None or row.authority_id != authority_id:
        raise NotFound(f"本机关没有第{key}号专项补录")
    if row.closed_at is not None:
        raise refused("backfill_closed", f"第{key}号专项补录已经结束，不能再录入")
    if row.confirmed_at is None:
        text = f"第{key}号专项补录还没有经第二人确认，确认后才能录入"
        raise refused("backfill_not_confirmed", text)
    if legal_date(now) > row.enter_by:
        text = f"第{key}号专项补录的录入期限已于{in_chinese(row.enter_by)}届满，不能再录入"
        raise refused("backfill_over", text)
    return row


def takes_papers(session: Session, case: Case) -> bool:
    """Whether signed papers are kept with a case: its authority has a `Backfill` under which acts
    of this case may be entered, or had one."""
    mine = (Backfill.kind == OUTAGE) & Backfill.closed_at.is_(None) | (Backfill.case_id == case.id)
    found = exists().where(
        Backfill.authority_id == case.authority_id, Backfill.confirmed_at.is_not(None), mine
    )
    kept = exists().where(Attachment.case_id == case.id, Attachment.material == SIGNED_PAPER)
    return bool(session.scalar(select(found | kept)))


def papers_to_come(session: Session, case: Case, today: date) -> bool:
    """Whether a case was opened afterwards from its papers, and more of them may still be entered.
    A case that was in the system before waits for none."""
    found = (
        select(Backfill.id)
        .join(LogRow, LogRow.case_id == Backfill.case_id)
        .where(
            Backfill.case_id == case.id,
            Backfill.closed_at.is_(None),
            Backfill.enter_by >= today,
            LogRow.seq == 1,
            LogRow.header["backfill"].as_string().is_not(None),
        )
    )
    return session.scalar(found.limit(1)) is not None


def under(
    session: Session,
    case: Case,
    said: OnPaper,
    now: datetime,
    *,
    entered_by: int,
    confirmed_by: int | None = None,
) -> Backfilled:
    """Under what a step of a case is entered afterwards. Raises NotFound, and GuardRefused for a
    `Backfill` that lets nothing in, or not into this case, and for a paper or a number that proves
    nothing or another act."""
    row = open_backfill(session, said.id, case.authority_id, now)
    if row.kind == PAPER and row.case_id != case.id:
        text = f"第{row.id}号专项补录是另一件旧案的，不能用于本案"
        raise refused("backfill_another_case", text)
    paper = session.get(Attachment, said.paper) if said.paper is not None else None
    if paper is None or (paper.case_id, paper.material) != (case.id, SIGNED_PAPER):
        text = "请先把当时签名（盖章）的纸质文书扫描，作为“补录的纸质文书”上传，再选择该文件"
        raise refused("backfill_paper_missing", text)
    used = select(LogRow.id).where(
        LogRow.case_id == case.id,
        LogRow.header["backfill"].as_string().is_not(None),
        LogRow.payload["backfill"]["paper"]["sha256"].as_string() == paper.digest,
    )
    if session.scalar(used.limit(1)) is not None:
        text = f"“{paper.filename}”已经用于另一事项的补录，一份文书只证明一个事项"
        raise refused("backfill_paper_used", text)
    for number in said.numbers.values():
        if row.kind == OUTAGE:
            free_number(session, row, number)
    kept = {"filename": paper.filename, "sha256": paper.digest}
    return _backfilled(row, said.numbers, kept, entered_by, confirmed_by)


def of_opening(
    row: Backfill, numbers: Mapping[str, str], entered_by: int, confirmed_by: int | None = None
) -> Backfilled:
    """Under what an old case is opened: the scan of its file is that of the `Backfill` itself."""
    kept = {"filename": row.filename, "sha256": row.digest}
    return _backfilled(row, numbers, kept, entered_by, confirmed_by)


def free_number(
    session: Session, row: Backfill, given: str, *of_series: ColumnElement[bool]
) -> NumberEntry:
    """The entry of a number that was set aside for an outage and that no paper bears yet. Raises
    BadInput, and GuardRefused for one that was not set aside, or is used or void."""
    number = paper_number(given)
    entries = session.scalars(
        select(NumberEntry)
        .where(
            NumberEntry.backfill_id == row.id,
            NumberEntry.text.in_(spellings(number)),
            *of_series,
        )
        .order_by(NumberEntry.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if not entries:
        text = f"文号“{number}”不在为第{row.id}号专项补录预留的文号中，请核对纸质文书上的文号"
        raise refused("backfill_number_not_reserved", text)
    for entry in entries:
        if entry.case_id is None and entry.voided_because is None:
            return entry
    raise number_used(number)


def paper_number(given: str) -> str:
    """A number as a paper bears it. Raises BadInput if none can be read."""
    return typed("numbers", "文号", given, most=_LONGEST_NUMBER)


def number_used(number: str) -> GuardRefused:
    """The refusal of a number that another paper bears."""
    return refused("backfill_number_used", f"文号“{number}”已经使用，一个文号只用一次")


def refused(code: str, text: str) -> GuardRefused:
    """The refusal of something that is entered afterwards."""
    return GuardRefused([Refusal(code, text, LAW)])


def _backfilled(
    row: Backfill,
    numbers: Mapping[str, str],
    paper: Mapping[str, Any],
    entered_by: int,
    confirmed_by: int | None,
) -> Backfilled:
    """What the log row of an act tells of the record under which it is entered."""
    return Backfilled(
        row.id,
        row.kind,
        row.first_day,
        row.last_day,
        dict(numbers),
        paper,
        entered_by,
        confirmed_by,
    )
