"""加处罚款 over HTTP, row by row of the table that was counted independently of the code."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from casework.common.timekeeping import ZONE
from tests.support.desk import Desk, payment
from tests.support.exemptions import HANDLERS
from tests.support.front import Front
from tests.support.penalties import (
    INPUTS,
    NOTIFIED,
    UNCORRECTED,
    decision,
    fine,
    go,
    open_lead,
    reconsidered,
    sentence,
)
from tests.support.serving import RECEIPT

pytestmark = pytest.mark.slow

TABLE = Path(__file__).resolve().parents[1] / "data/late_fees.csv"
Row = dict[str, str]


def _case_of(row: Row) -> tuple[str, ...]:
    return row["fine"], row["due"], row["excluded"]


ROWS = list(csv.DictReader(TABLE.open(encoding="utf-8")))
# One case for all rows of one fine: it is late by more and more.
CASES = [
    list(rows)
    for _, rows in groupby(
        sorted(ROWS, key=lambda row: (*_case_of(row), row["paid"])), key=_case_of
    )
]
# Served so many days before: 18 September, whose fifteenth day lies in the National Day holidays.
_SERVED_BEFORE = {"2026-10-08": 20}
_REMEDIES = ("reconsideration", "litigation")


def _class(desk: Desk, amount: str) -> str:
    """Of the middle class is a larger fine, and until April 2026 any (令58)."""
    early = desk.town.time.now().date() < date(2026, 4, 1)
    return "general" if early or Decimal(amount) >= 50000 else "minor"


def decided(desk: Desk, amount: str) -> str:
    """A firm fined so much for records of hazards at work that it does not keep; its number."""
    said = {
        "violation": "ZW002",
        "stage": "uncorrected",
        "departure": "按裁量基准集体讨论确定",
    }
    measures = (fine(amount),)
    inputs = {
        "propose": {**INPUTS["propose"], **sentence(*measures), **said},
        "notify": {**sentence(*measures), **said},
        "reconsider": {**reconsidered(*measures), **said},
        "decide": {**decision(*measures), **said, "publicity": _class(desk, amount)},
    }
    number = open_lead(desk.town, violation="ZW002")
    heard = (("waive_defence", "applicant"), ("waive_hearing", "applicant"))
    votes = tuple(("vote", head) for head in ("head1", "head2", "head3"))
    reviewed = (("submit_review", "handler1"), ("pass_review", "legal"))
    told = (*UNCORRECTED, *NOTIFIED[NOTIFIED.index(("propose", HANDLERS)) :])
    steps = (*told, *heard, ("reconsider", "handler1"), *reviewed)
    agreed = (*votes, ("conclude_panel", "approver"), ("decide", "approver"))
    go(desk.town, number, *steps, *agreed, **inputs)
    return number


@pytest.mark.parametrize("rows", CASES, ids=lambda rows: f"{rows[0]['fine']} {rows[0]['due']}")
def test_rows(module_front: Front, rows: list[Row]) -> None:
    desk, first = Desk(module_front), rows[0]
    due = date.fromisoformat(first["due"])
    served = due - timedelta(days=_SERVED_BEFORE.get(first["due"], 15))
    time = desk.town.time
    time.instant = datetime(served.year, served.month, served.day, 9, 0, tzinfo=ZONE)
    time.instant -= timedelta(days=14)
    number = decided(desk, first["fine"])
    time.go_to(served)
    assert desk.take(number, "serve", "handler1", RECEIPT).status_code == 200
    for day, step, given in _contested(first["excluded"]):
        time.go_to(day, hour=10)
        assert desk.take(number, step, "legal", given).status_code == 200
    for row in rows:
        time.go_to(max(date.fromisoformat(row["paid"]), time.instant.date()), hour=11)
        owed = Decimal(row["fine"]) + Decimal(row["late_fee"])
        desk.front.log_in_again()
        debt = desk.front.get("handler1", f"/cases/{number}").json()["debt"]
        if row["paid"] >= time.instant.date().isoformat():
            assert (debt["late_fee"], debt["left"]) == (row["late_fee"], f"{owed}")
    paid = payment(desk.town, f"{owed}", on=row["paid"], voucher=f"{number}/{row['paid']}")
    answer = desk.take(number, "record_payment", "handler1", paid)
    assert answer.json()["state"] == "paid", answer.text


def _contested(excluded: str) -> list[tuple[date, str, Any]]:
    """The steps of 行政复议, and then of 行政诉讼, whose days do not count; in order of time."""
    steps: list[tuple[date, str, Any]] = []
    spans = [span for span in excluded.split(";") if span]
    for name, span in zip(_REMEDIES, spans, strict=False):
        first, last = map(date.fromisoformat, span.split("/"))
        for day, step in ((first, f"file_{name}"), (last, f"end_{name}")):
            steps.append((day, step, INPUTS[step]))
    return sorted(steps, key=lambda one: one[0])
