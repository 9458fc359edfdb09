"""Those whose interests an application touches, heard by each of its ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib import import_module
from typing import Any

from casework.common.timekeeping import ZONE
from tests.support.serving import ANNOUNCEMENT, RECEIPT, TRY
from tests.support.town import Town, hearing, hearing_record

NEIGHBOUR = "91110000802100433B"  # a firm of the town, for which `applicant2` acts
INTERESTED: Mapping[str, Any] = {
    "code": NEIGHBOUR,
    "source": "本人提出异议",
    "interest": "与申请场所同楼相邻，其排风口正对本单位更衣室窗口",
    "contact_name": "陈志远",
    "contact_phone": "13800000001",
}
OWN_MOTION: Mapping[str, Any] = {
    "reason": "场所位于学校出入口，学生家长普遍关注",
    "medium": "本机关网站公告栏",
}
INPUTS: Mapping[str, Any] = {
    "application": {
        "capacity": "利害关系人",
        "about": "CC-GC-2026-000123",
        "interest": INTERESTED["interest"],
    },
    "tell_interested": {
        "proposed": "拟准予宾馆的公共场所卫生许可，经营面积860.5平方米",
        "facts": "现场核查符合许可条件，排风口设于西墙",
        "basis": "《公共场所卫生管理条例》第四条",
    },
    "serve_notice": RECEIPT,
    "record_try_notice": TRY,
    "announce_notice": ANNOUNCEMENT,
    "state_defence": {"text": "要求排风口改向"},
    "request_hearing": {"reasons": "要求当面说明排风的影响"},
    "schedule_hearing": hearing(),
    "serve_hearing": RECEIPT,
    "record_try_hearing": TRY,
    "announce_hearing": ANNOUNCEMENT,
    "ask_earlier_hearing": {"reason": "即将外出，请求提前举行"},
    "adjourn_hearing": {
        "on": "2026-10-20",
        "time": "09:00",
        "room": "本机关三楼听证室",
        "reason": "须通知新的证人到场，已当场告知",
    },
    "hold_hearing": hearing_record(
        present="陈志远，审查人员甲reviewer",
        accusation="现场核查符合许可条件",
        answer="排风口正对更衣室窗口，要求改向",
    ),
    "abandon_hearing": {"circumstances": "经通知无正当理由未到场"},
    "consider_opinions": {
        "opinions": "要求排风口改向",
        "considered": "予以采纳，申请人已经改向",
    },
    "leave_off": {"reason": "申请人撤回申请"},
}
_TOLD = (("tell_interested", "reviewer"),)
_SERVED = (*_TOLD, ("serve_notice", "reviewer"))
_WAIVED = (*_SERVED, ("waive_defence", "applicant2"), ("waive_hearing", "applicant2"))
_ASKED = (*_SERVED, ("request_hearing", "applicant2"))
_CALLED = (*_ASKED, ("schedule_hearing", "reviewer"))
_WAYS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "registered": (),
    "told": _TOLD,
    "hearing_requested": _ASKED,
    "hearing_scheduled": _CALLED,
    "hearing_held": (*_CALLED, ("serve_hearing", "reviewer"), ("hold_hearing", "chair")),
    "hearing_abandoned": (*_ASKED, ("withdraw_hearing", "applicant2")),
    "heard": (*_WAIVED, ("consider_opinions", "reviewer")),
    "left_off": (),
}
ONWARD: Mapping[str, tuple[str, str]] = {
    "registered": ("tell_interested", "reviewer"),
    "told": ("consider_opinions", "reviewer"),
    "hearing_requested": ("withdraw_hearing", "applicant2"),
    "hearing_scheduled": ("withdraw_hearing", "applicant2"),
    "hearing_held": ("consider_opinions", "reviewer"),
    "hearing_abandoned": ("consider_opinions", "reviewer"),
}


def registered(town: Town, where: str) -> tuple[str, str]:
    """An application by the ordinary route at that address with a neighbour registered: its number,
    and that of the case in which the neighbour is heard."""
    journeys = import_module("tests.support.journeys")
    number = journeys.apply_to(town, "ordinary_review", where)
    town.take(number, "register_interested", "reviewer", dict(INTERESTED))
    return number, town.newest("interested_party")


def everywhere(town: Town, places: Iterator[int]) -> Mapping[str, str]:
    """The hearing of a neighbour in every state, each about a place of its own."""
    journeys = import_module("tests.support.journeys")
    start = town.time.instant
    at: dict[str, str] = {}
    for state, steps in _WAYS.items():
        if state == "hearing_held":
            # It takes place a while after it was told of, so this one was told of before.
            town.time.instant = datetime(2026, 7, 20, 9, 0, tzinfo=ZONE)
        number, at[state] = registered(town, journeys.address(next(places)))
        if state == "left_off":
            journeys.follow(town, number, ("withdraw", "applicant"))
            steps = (("leave_off", "reviewer"),)
        told = {"schedule_hearing": hearing("2026-08-03")} if state == "hearing_held" else {}
        journeys.follow(town, at[state], *steps, **told)
        town.time.instant = start
    return at


def rest(town: Town, at: Mapping[str, str]) -> None:
    """The ways to the states take every step but these."""
    journeys = import_module("tests.support.journeys")
    asked = (("ask_recusal", "applicant2"), ("decide_recusal", "approver"))
    journeys.follow(town, at["told"], *asked)
