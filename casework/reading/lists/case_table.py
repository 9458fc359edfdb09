"""A list of cases as a file (导出案件列表): what its page says, for a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from casework.acts.actors import Actor
from casework.common.tables import spreadsheet
from casework.common.timekeeping import legal_date
from casework.documents.files import CSV, XLSX, File
from casework.kernel.office import Office
from casework.reading.lists.case_lines import CaseLine
from casework.reading.lists.listing import exported
from casework.reading.lists.narrowing import MOST_EXPORTED
from casework.reading.lists.wanted import Wanted

_COLUMNS = (
    "案件编号", "当事人", "场所", "程序", "状态", "立案日期", "期限", "届满日", "是否逾期",
    "待办事项", "承办人", "等待谁办理", "办理机关",
)  # fmt: skip
CUT = f"案件较多，只列出前 {MOST_EXPORTED} 件，请缩小范围后再导出"


def case_table(office: Office, session: Session, actor: Actor, wanted: Wanted, kind: str) -> File:
    """The list that is wanted, in its order, as `xlsx` or `csv`; what it was cut down to is said in
    its last row. Raises BadInput."""
    lines, cut = exported(office, session, actor, wanted)
    rows = [_row(line) for line in lines] + ([(CUT,)] if cut else [])
    name = f"案件列表{legal_date(office.time.now()):%Y%m%d}"
    if kind == "csv":
        return File(f"{name}.csv", CSV, spreadsheet.table(_COLUMNS, rows).encode())
    return File(f"{name}.xlsx", XLSX, spreadsheet.workbook("案件", _COLUMNS, rows))


def _row(line: CaseLine) -> Sequence[str]:
    return (
        line.number,
        line.party_name,
        line.place_name,
        line.process_label,
        line.state_label,
        f"{line.opened_on:%Y-%m-%d}",
        line.due_label,
        f"{line.due_on:%Y-%m-%d}" if line.due_on else "",
        "已逾期" if line.overdue and not line.ended else "",
        line.act.label if line.act else line.awaits,
        "、".join(line.handlers),
        "" if line.ended else "、".join(line.whose_turn),
        line.authority,
    )
