"""Whom the authority calls, it calls on a working day, in its office hours (办公时间)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from casework.acts.act import Act
from casework.common.timekeeping import in_chinese
from casework.rules.counting import working_day
from state_machines.language.vocabulary import Refusal


def outside_hours(act: Act, on: date | None, time: str, law: str) -> Iterator[Refusal]:
    """What stands against a day and an hour, written as `09:30`, to which a party is called. Who is
    called for the end of office hours is called after them. A weekend on which work is decreed
    (调休上班) is a working day; a day that no calendar covers yet is taken as it is."""
    if on and (next_day := working_day(on, act.rules.calendar)) != on:
        reason = act.rules.calendar.day(on).reason
        text = (
            f"“{act.step.label}”所定的{in_chinese(on)}不是工作日（{reason}），请改在工作日，"
            f"最近的是{in_chinese(next_day)}"
        )
        yield Refusal("called_on_a_rest_day", text, law)
    hours = act.rules.value("office.hours", act.day, act.region)
    first, last = str(hours["from"]), str(hours["until"])
    if time and not first <= time < last:
        text = (
            f"“{act.step.label}”的时间{time}不在办公时间（{first}至{last}）内开始，请改在办公时间"
        )
        yield Refusal("outside_office_hours", text, law)
