"""The parts that all pages are made of (页面组件), each drawn by the macro that the pages use, with
invented content: for whoever designs a page, and to see at once what a change of one does.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from api.html.form_fields import Field, Option
from api.html.site import Anybody
from casework.deadlines.next_day import NextDay
from casework.reading.supervision import WeekView

DEMO_ONLY = True
router = APIRouter()

_NUMBER = "CC-GC-2026-000001"
_LONG_NAME = "南通濠南文化旅游商务酒店管理（集团）股份有限公司第一分公司"


@router.get("/demo/components")
def components(visit: Anybody) -> Response:
    return visit.page("components.html", **_samples(visit.today))


def _samples(today: date) -> dict[str, Any]:
    """Something to show in each part, as of that day."""
    case = {"number": _NUMBER, "version": 1, "as_officer": False, "process_label": "告知承诺许可"}
    ahead = {"label": "审查期限", "length": "20个工作日", "of_party": False, "says": ""}
    return {
        "case": case,
        "days": [today + timedelta(days=n) for n in (-3, 0, 2, 12)],
        "own_day": NextDay(
            today + timedelta(days=5),
            f"陈述申辩的最后一日：{today + timedelta(days=5)}",
            today,
        ),
        "lines": [_line(today, "滨江酒店", 9), _line(today, _LONG_NAME, -1)],
        "entries": [
            {"name": "area_m2", "label": "使用面积（平方米）", "value": "120"},
            {"name": "is_new", "label": "新开办", "value": True},
        ],
        "taken": {"name": "grant", "label": "准予许可", "optional": False, "input": {"fields": ()}},
        "other": {"name": "extend", "label": "延长期限", "optional": True, "input": {"fields": ()}},
        "done": {
            "line": {"kind": "step", "label": "准予许可", "seq": 1},
            "documents": [
                {
                    "id": 1,
                    "title": "准予许可决定书",
                    "number": "崇卫许〔2026〕1号",
                    "internal": False,
                }
            ],
        },
        "fields": _FIELDS,
        "outlook": {
            "lost": (),
            "source_label": "审核中",
            "target_label": "已许可",
            "moved": (),
            "ended": (),
            "documents": [("准予许可决定书", "")],
            "going_on": (),
            "also": ("许可信息将在7个工作日内公示",),
            "begun": [{**ahead, "label": "送达期限", "until": today + timedelta(days=10)}],
        },
        "tracks": [
            {
                "label": "卫生",
                "authority": "崇川区卫生健康委员会",
                "state_label": "已通过",
                "ended": True,
            },
            {
                "label": "生态环境",
                "authority": "崇川生态环境局",
                "state_label": "审查中",
                "ended": False,
                "whose_turn": ["审查人员"],
                "due_on": today + timedelta(days=2),
                "due_label": "审查期限",
            },
        ],
        "debt": _debt(today),
        "weeks": [_week(today, n) for n in range(12)],
    }


_FIELDS = (
    Field("place_name", "场所名称", "text", True, ("滨江酒店",), hint="与门头一致"),
    Field("begun_on", "开业日期", "date", False),
    Field(
        "kind",
        "场所类别",
        "select",
        True,
        options=(Option("hotel", "宾馆"), Option("pool", "游泳馆")),
        error="请选择",
    ),
    Field("agreed", "已阅读并理解告知事项", "confirm", True),
)


def _line(today: date, name: str, days: int) -> dict[str, Any]:
    """A case of a list, due in so many days."""
    return {
        "number": _NUMBER,
        "party_name": name,
        "place_name": "滨江酒店",
        "process": "instant_licence",
        "process_label": "告知承诺许可",
        "state_label": "待决定",
        "ended": False,
        "next_day": None,
        "due_on": today + timedelta(days=days),
        "due_label": "审查期限",
        "mine": days < 0,
        "whose_turn": ["窗口人员"],
    }


def _debt(today: date) -> dict[str, Any]:
    """What is owed of a fine, a part of which was paid."""
    payment = {
        "on": today - timedelta(days=2),
        "entered_on": today,
        "amount": "2000.00",
        "way": "银行转账",
        "voucher": "32060001",
    }
    return {
        "varied_by": "",
        "overpaid": None,
        "left": "8,000.00",
        "fine": "10,000.00",
        "paid": "2,000.00",
        "fine_open": "8,000.00",
        "confiscated": "0.00",
        "late_fee_explained": (),
        "refunded": None,
        "payments": [payment],
        "next_due_on": None,
        "due_on": today + timedelta(days=13),
        "payee": "代收银行",
    }


def _week(today: date, number: int) -> WeekView:
    first = today - timedelta(days=today.weekday() + 7 * (11 - number))
    opened, ended = 6 + number % 5, 4 + number % 7
    return WeekView(first, first + timedelta(days=6), opened, ended, number % 3)
