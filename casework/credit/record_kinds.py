"""What is published of credit: what is recorded of a party, from where and for how long
(信用信息采集目录), and by which table it is rated (信用等级评价标准)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from casework.common.tables.spreadsheet import table
from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from rulebook.models import CreditItem, RatingTable

STANDINGS = {"good": "守信", "bad": "失信", "neutral": "中性"}
SEEN_BY = {"public": "向社会公开", "shared": "政务共享", "own": "授权查询"}
COLUMNS = ("代码", "信息项", "性质", "信息来源", "有效期", "公开方式", "影响", "依据")


@dataclass(frozen=True)
class CreditCatalogue:
    """The catalogue and the table in force today; `edition` is the digest of the table's."""

    items: tuple[CreditItem, ...]
    table: RatingTable
    edition: str


def credit_catalogue(office: Office, session: Session) -> CreditCatalogue:
    """What is in force today, the bad first. Raises Misconfigured if the table is missing."""
    rules = office.rules.current(session)
    today = legal_date(office.time.now())
    items = [rules.credit_item(key, today, "") for key in rules.known("credit_item", today, "")]
    order = ("bad", "good", "neutral")
    items.sort(key=lambda one: (order.index(one.standing), one.key))
    table, edition = rules.rating_table(today, "")
    return CreditCatalogue(tuple(items), table, edition)


def term_of(item: CreditItem) -> str:
    """How long an item counts, in words."""
    return f"{item.months}个月" if item.months else "长期"


def as_table(view: CreditCatalogue) -> str:
    """The catalogue for a spreadsheet (CSV)."""
    return table(
        COLUMNS,
        (
            (
                item.key,
                item.label,
                STANDINGS[item.standing],
                item.source,
                term_of(item),
                SEEN_BY[item.seen_by],
                item.effect,
                item.law,
            )
            for item in view.items
        ),
    )
