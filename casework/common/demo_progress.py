"""How far a demo city is laid out (演示数据布置进度), for whoever waits for it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from casework.models import Setting

DEMO_CITY = "demo_city"


@dataclass(frozen=True)
class Progress:
    """How many stories of the city have been told, and of how many."""

    told: int
    of: int


def progress(session: Session) -> Progress | None:
    """How far the city is laid out; None once it is whole, or where there is none."""
    setting = session.get(Setting, DEMO_CITY)
    # A text stands for a city that an earlier release laid out whole.
    if setting is None or isinstance(setting.value, str):
        return None
    found = Progress(len(setting.value["told"]), setting.value["of"])
    return found if found.told < found.of else None
