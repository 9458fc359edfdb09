"""Talks with parties whose grade fell (信用约谈)."""

from __future__ import annotations

from state_machines.credit.talk.facts import GradeHeld, TalkDay
from state_machines.language.vocabulary import Refusal, guard

_LAW = "本机关信用评价规定"


@guard()
def grade_asks_for_a_talk(held: GradeHeld) -> Refusal | None:
    """Nobody is called in whose grade, as it stands that day, is not one for a talk."""
    if held.talk:
        return None
    return Refusal(
        "no_talk_due",
        f"当事人当前信用等级为{held.grade}级（{held.label}），不属于约谈范围，请取消约谈",
        _LAW,
    )


@guard(needs_input=True)
def talk_is_told_before(day: TalkDay) -> Refusal | None:
    """The party hears of a talk at least a day before."""
    if day.on > day.today:
        return None
    return Refusal("talk_too_soon", f"约谈日期应晚于通知当日（{day.today:%Y-%m-%d}）", _LAW)


@guard()
def day_of_the_talk_has_come(day: TalkDay) -> Refusal | None:
    """What was said, or that nobody came, is known on the day itself and not before."""
    if day.on <= day.today:
        return None
    return Refusal("talk_not_yet", f"约谈定于{day.on:%Y-%m-%d}，到期后才能记录", _LAW)
