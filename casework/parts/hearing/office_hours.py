"""Whom the authority calls, it calls in its office hours (办公时间)."""

from __future__ import annotations

from collections.abc import Iterator

from casework.acts.act import Act
from state_machines.language.vocabulary import Refusal


def outside_hours(act: Act, time: str, law: str) -> Iterator[Refusal]:
    """What stands against an hour, written as `09:30`, to which a party is called. Who is called
    for the end of office hours is called after them."""
    hours = act.rules.value("office.hours", act.day, act.region)
    first, last = str(hours["from"]), str(hours["until"])
    if time and not first <= time < last:
        text = (
            f"“{act.step.label}”的时间{time}不在办公时间（{first}至{last}）内开始，请改在办公时间"
        )
        yield Refusal("outside_office_hours", text, law)
