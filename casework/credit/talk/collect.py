"""Talks with parties whose grade fell (信用约谈)."""

from __future__ import annotations

from casework.acts.act import Act
from casework.credit.ratings import rating_of
from casework.kernel.facts import FactTable
from state_machines.credit.talk.facts import GradeHeld, TalkDay
from state_machines.credit.talk.forms import INVITE, Invitation


def _grade_held(act: Act) -> GradeHeld:
    grade = rating_of(act.session, act.rules, act.case.party_id, act.day).rating.grade
    return GradeHeld(grade.grade, grade.label, grade.talk)


def _talk_day(act: Act) -> TalkDay:
    # An invitation sets the day; whatever follows goes by the latest one.
    invitation, invited = act.filled(Invitation), act.inputs.at(INVITE)
    return TalkDay(invitation.day or (invited.day if invited else None) or act.day, act.day)


FACTS: FactTable = {GradeHeld: _grade_held, TalkDay: _talk_day}
