"""Neighbours who are heard before a licence is granted (听取利害关系人意见的故事).

At the first place they stand in every state on the way; at the second a hearing was held; at the
third the application was withdrawn, when one neighbour had been heard and another not yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from casework.models import Case
from demo.citizens import Firm, read_city
from demo.place import Place
from demo.promise_stories import Story, look, ordinary_review

_RELATION = "interested_party"
_NOTICE = {
    "proposed": "拟准予该场所的公共场所卫生许可",
    "facts": "现场核查符合许可条件，排风口设于西墙，距相邻单位窗口八米",
    "basis": "《公共场所卫生管理条例》第四条",
}
_WAIT = timedelta(minutes=10)


def _neighbours() -> tuple[Firm, ...]:
    """Firms of the same district that keep their licences without any trouble."""
    return tuple(firm for firm in read_city().firms if firm.account.startswith("talked"))


def _register(place: Place, neighbour: Firm) -> str:
    place.keep_scan(place.number, place.people[f"window{place.suffix}"], "interest_proof", "异议")
    given = {
        "code": neighbour.code,
        "source": "本人提出异议",
        "interest": "与申请场所相邻，排风口正对其客房窗口",
        "contact_name": neighbour.representative,
        "contact_phone": neighbour.phone,
    }
    place.take("register_interested", "reviewer", given)
    return place.related(_RELATION)


def _tell(place: Place, number: str, neighbour: Firm) -> Story:
    place.act(number, "tell_interested", "reviewer", _NOTICE)
    yield _WAIT
    place.act(number, "serve_notice", "reviewer", _receipt(place, neighbour))
    yield _WAIT


def _receipt(place: Place, neighbour: Firm) -> dict[str, Any]:
    there, head = neighbour.places[0]["address"], neighbour.representative
    return {**place.receipt(), "place": there, "recipient": head}


def _answer(
    place: Place, number: str, neighbour: Firm, step: str, given: Mapping[str, Any] | None = None
) -> None:
    """A neighbour takes a step of its own case."""
    office, actor = place.office, place.people[neighbour.account]
    with office.database.session() as session:
        version = session.scalars(select(Case.version).where(Case.number == number)).one()
    office.advance(number, step, dict(given or {}), actor, version=version)


def _ask(place: Place, number: str, neighbour: Firm) -> Story:
    yield from _tell(place, number, neighbour)
    _answer(place, number, neighbour, "request_hearing", {"reasons": "要求当面说明排风的影响"})
    yield _WAIT


def _call(place: Place, number: str, days: int) -> None:
    appointment = {
        "on": place.workday(days).isoformat(),
        "time": "08:30",
        "room": "本机关三楼听证室",
        "chair": f"legal2{place.suffix}",
        "recorder": "缪佳",
    }
    place.act(number, "schedule_hearing", "reviewer", appointment)


def neighbours_told(place: Place) -> Story:
    """One is registered, one told, one asked for a hearing, one is called, one took it back."""
    first, second, third, fourth, fifth = _neighbours()[:5]
    yield from ordinary_review(place)
    yield 1
    place.take("check_site", "reviewer+inspector1", look(place))
    yield _WAIT
    number = _register(place, second)
    yield from _tell(place, number, second)
    for neighbour in (third, fourth, fifth):
        number = _register(place, neighbour)
        yield from _ask(place, number, neighbour)
        if neighbour is fourth:
            _call(place, number, 12)
        elif neighbour is fifth:
            _answer(place, number, neighbour, "withdraw_hearing")
    yield _WAIT
    _register(place, first)


def hearing_of_neighbour(place: Place) -> Story:
    """The hearing that the neighbour asked for was held."""
    neighbour = _neighbours()[0]
    yield from ordinary_review(place)
    yield 1
    place.take("check_site", "reviewer+inspector1", look(place))
    number = _register(place, neighbour)
    yield from _ask(place, number, neighbour)
    until = place.workday(12).isoformat()
    pause = {"kind": "听证", "days": 12, "expected_until": until, "reason": "利害关系人要求听证"}
    place.take("pause", "reviewer", pause)
    _call(place, number, 9)
    yield _WAIT
    place.act(number, "serve_hearing", "reviewer", _receipt(place, neighbour))
    yield 9
    record = {
        "present": f"申请人代表、{neighbour.name}代表{neighbour.representative}、审查人员",
        "accusation": "现场核查符合许可条件，排风口距相邻窗口八米",
        "answer": "排风口正对客房窗口，要求改向屋顶排放",
        "closing": "申请人同意改向",
        "opinion": "建议在申请人改向后准予许可",
    }
    place.act(number, "hold_hearing", "legal2", record)


def neighbours_heard(place: Place) -> Story:
    """One neighbour was heard, and then the application was withdrawn."""
    first, second = _neighbours()[:2]
    yield from ordinary_review(place)
    yield 1
    number = _register(place, first)
    yield from _tell(place, number, first)
    _answer(place, number, first, "waive_defence")
    _answer(place, number, first, "waive_hearing")
    yield _WAIT
    considered = {"opinions": "书面放弃陈述申辩和听证", "considered": "没有需要采纳的意见"}
    place.act(number, "consider_opinions", "reviewer", considered)
    yield _WAIT
    number = _register(place, second)
    yield 1
    place.take("withdraw", "applicant", {"reason": "与邻居协商后另行选址"})
    yield _WAIT
    place.act(number, "leave_off", "reviewer", {"reason": "申请人撤回申请"})


STORIES: Mapping[str, Callable[[Place], Story]] = {
    "neighbours_told": neighbours_told,
    "hearing_of_neighbour": hearing_of_neighbour,
    "neighbours_heard": neighbours_heard,
}
