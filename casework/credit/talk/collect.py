"""Talks with parties whose grade fell (信用约谈)."""

from __future__ import annotations

from casework.acts.act import Act
from casework.acts.handed_in import day_of
from casework.credit.ratings import rating_of
from casework.kernel.facts import FactTable
from state_machines.credit.talk.facts import GradeHeld, TalkDay


def _grade_held(act: Act) -> GradeHeld:
    grade = rating_of(act.session, act.rules, act.case.party_id, act.day).rating.grade
    return GradeHeld(grade.grade, grade.label, grade.talk)


def _talk_day(act: Act) -> TalkDay:
    # An invitation sets the day; whatever follows goes by the latest one.
    told = act.input.get("day") or act.data.get("invite", {}).get("day")
    return TalkDay(day_of(told) or act.day, act.day)


FACTS: FactTable = {GradeHeld: _grade_held, TalkDay: _talk_day}
