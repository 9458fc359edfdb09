"""Talks with firms whose grade fell (信用约谈的故事): each broke one promise, and stands at C."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from casework.common.timekeeping import legal_date
from casework.credit.talk.planning import plan_talk
from casework.models import Case
from demo.place import Place
from demo.promise_stories import Story, spared

_PROCESS = "credit_talk"
_HELD = {
    "attending": "店长（受法定代表人委托）",
    "recorder": "缪佳",
    "told": "未履行告知承诺，扣15分，信用等级为C级；整改到位后可以申请信用修复",
    "answer": "检测已经委托，今后专人负责",
    "demands": "完成室内空气质量检测，建立检测台账",
}
_INVITE, _HOLD = ("invite", 2), ("hold_talk", 4)
# By the state it leads to: the steps, and how many working days each lets pass before it.
_WAYS: Mapping[str, tuple[tuple[str, int], ...]] = {
    "planned": (),
    "invited": (_INVITE,),
    "talked": (_INVITE, _HOLD),
    "settled": (_INVITE, _HOLD, ("report_improvement", 6), ("settle", 2)),
    "called_off": (_INVITE, ("call_off", 1)),
}


def _talk(state: str) -> Callable[[Place], Story]:
    def story(place: Place) -> Story:
        yield from spared(place)
        yield 1
        officer = place.people[f"credit{place.suffix}"]
        number = plan_talk(place.office, officer, place.firm.code).number
        for step, days in _WAYS[state]:
            yield days
            party = step == "report_improvement"
            actor = place.people[place.firm.account] if party else officer
            with place.office.database.session() as session:
                known = select(Case.version).filter_by(number=number, process=_PROCESS)
                version = session.scalars(known).one()
            given = _given(place, step, ahead=state == "invited")
            place.office.advance(number, step, given, actor, version=version)

    return story


def _given(place: Place, step: str, *, ahead: bool) -> dict[str, Any]:
    """What a step is given; a talk that is still `ahead` is set for after the story's end."""
    since = legal_date(place.end) if ahead else None
    given: Mapping[str, dict[str, Any]] = {
        "invite": {
            "day": place.workday(3 if ahead else 1, since).isoformat(),
            "time": "14:30",
            "room": "二楼约谈室",
            "invited": f"{place.firm.representative}或者分管负责人",
            "matters": "核对失信记录，商定整改要求",
            "contact_name": "郑诚",
            "contact_phone": "0513-85000000",
        },
        "hold_talk": _HELD,
        "report_improvement": {
            "measures": "已完成检测，结果合格，建立了台账",
            "reporter": place.firm.representative,
        },
        "settle": {"conclusion": "整改到位，同意办结"},
        "call_off": {"reason": "当事人已经主动整改并申请信用修复，另行安排核查"},
    }
    return given[step]


STORIES: Mapping[str, Callable[[Place], Story]] = {f"talk_{state}": _talk(state) for state in _WAYS}
