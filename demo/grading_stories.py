"""Graded places (量化分级的故事), each grading at another stage, and a random draw (双随机)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.acts.actors import Actor
from casework.common.timekeeping import ZONE, legal_date
from casework.grading.draws import holding as draws
from casework.grading.draws.holding import draw_one, lock_draws
from casework.kernel.office import Office
from casework.models import Authority, Case
from demo.place import Place
from demo.promise_stories import Story, closed
from demo.telling import Tale
from state_machines.licensing.licence.process import LICENCE

_PAIR = "inspector1+inspector2"
# What was found short of the full points, by item.
_Found = Mapping[str, tuple[int, str]]
_NEARLY_ALL: _Found = {
    "files": (4, "档案齐全，缺一份用品采购台账"),
    "no_smoking": (2, "二楼电梯厅没有禁烟标志"),
}
_FAIR: _Found = {
    "files": (2, "档案不全，缺培训考核和设施维护记录"),
    "training": (3, "一名新员工尚未参加培训考核"),
    "emergency_plan": (1, "有预案，没有演练记录"),
    "air": (3, "卫生间机械排风未启用"),
    "pests": (2, "布草间未装防鼠设施"),
    "washing_room": (3, "消毒间水池标识脱落"),
}
_VETOED: _Found = {"cups_disinfected": (0, "抽查两间客房，茶具未消毒，没有消毒记录")}


def _sheet(place: Place, found: _Found) -> dict[str, Any]:
    """The scoring sheet of the day for this kind of place: full points but where something was
    found."""
    with place.office.database.session() as session:
        rules = place.office.rules.current(session)
        today = legal_date(place.office.time.now())
        table, _ = rules.grading_table(today, place.about["region"])
    marks = [
        {"item": item.key, "points": points, "finding": finding}
        for part in table.parts_for(place.about["kind"])
        for item in part.items
        for points, finding in [found.get(item.key, (item.points, ""))]
    ]
    return {
        "place_contact": "值班经理",
        "marks": marks,
        "statement": "对评分没有异议",
        "summary": "按评分表逐项检查，结果如表",
    }


def _planned(place: Place) -> Story:
    yield from closed(place)
    yield place.end - timedelta(days=place.about["graded_ago"])
    yield 1
    licence = place.case("licence").data["application"]["number"]
    supervisor = place.people[f"supervisor{place.suffix}"]
    place.office.open_case("place_grading", {"licence": licence}, supervisor)


def _assigned(place: Place) -> Story:
    yield from _planned(place)
    yield 1
    _grade(place, "assign", "supervisor", {"inspectors": place.inspectors()})


def _called_off(place: Place) -> Story:
    yield from _assigned(place)
    yield 2
    _grade(place, "call_off", "supervisor", {"reason": "场所停业装修，重新营业后另行安排"})


def _scored(found: _Found) -> Callable[[Place], Story]:
    def story(place: Place) -> Story:
        yield from _assigned(place)
        yield 3
        _grade(place, "score", _PAIR, _sheet(place, found))

    return story


def _decided(found: _Found, step: str, opinion: str) -> Callable[[Place], Story]:
    def story(place: Place) -> Story:
        yield from _scored(found)(place)
        yield 2
        _grade(place, step, "approver", {"opinion": opinion})

    return story


def _grade(place: Place, step: str, by: str, given: Mapping[str, Any]) -> None:
    place.relative("place_grading", step, by, given)


STORIES: Mapping[str, Callable[[Place], Story]] = {
    "grading_planned": _planned,
    "grading_assigned": _assigned,
    "grading_scored": _scored(_FAIR),
    "grading_called_off": _called_off,
    "grading_a": _decided(_NEARLY_ALL, "award", "同意评定为A级"),
    "grading_b": _decided(_FAIR, "award", "同意评定为B级，督促改进"),
    "grading_unrated": _decided(_VETOED, "leave_unrated", "关键项不符合，不予评级，另行查处"),
}


def _drawn(office: Office, people: Mapping[str, Actor], _: datetime) -> Story:
    """The supervisor draws a place and its officers, and sends them there."""
    # In the evening: what was granted during the day may be drawn as well.
    yield datetime.combine(legal_date(office.time.now()), time(17, 40), ZONE)
    supervisor = people["supervisor"]

    def draw(session: Session) -> str:
        # This is told last: whose story goes on after that evening is not sent an officer before.
        family = func.coalesce(Case.family_id, Case.id)
        told = select(family).where(Case.effective_at > office.time.now())
        quiet = select(Case.data["application"]["number"].as_string()).where(
            Case.process == LICENCE.key, family.not_in(told)
        )
        authority = session.scalars(select(Authority).where(Authority.code == "CC")).one()
        lock_draws(session, authority)
        among = set(session.scalars(quiet))
        by = supervisor.person_id
        return draw_one(
            office, session, authority, by=by, among=among, because="另有事项正在办理"
        ).number

    number = office.database.in_transaction(draw)
    yield timedelta(minutes=10)
    draws.send(office, supervisor, number)


RANDOM_DRAW = Tale("random_draw", 1, _drawn)
