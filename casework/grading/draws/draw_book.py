"""The book of draws (抽取登记): which round holds, and drawing again from what a draw kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.journal import canonical, sm3
from casework.models import Draw
from state_machines.language.lots import Lot, drawn

OBJECT, OFFICERS = "object", "officers"


def digest_of(candidates: Mapping[str, Any]) -> str:
    """SM3 of the list of candidates, letter by letter."""
    return sm3(canonical(candidates))


def hash_of(draw: Draw) -> str:
    """The hash that chains a draw with the one before it."""
    fixed = {"number": draw.number, "round": draw.round, "by": draw.drawn_by, "said": draw.said}
    return sm3(canonical({**fixed, "previous": draw.previous}))


def again(said: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The object and the officers that the seed and the candidates of a draw lead to. In a later
    round the object stands, and so do the officers `kept`. Raises ValueError."""
    candidates = said["candidates"]
    number = int(said["number_of_officers"])
    if said["round"] == 1:
        lots = [Lot(one["licence"], one["weight"]) for one in candidates["objects"]]
        (found,) = drawn(said["seed"], OBJECT, lots, 1)
    else:
        found = said["object"]
    kept = tuple(said["kept"])
    officers = [Lot(one["username"]) for one in candidates["officers"]]
    return found, (*kept, *drawn(said["seed"], OFFICERS, officers, number - len(kept)))


def latest_round(session: Session, number: str) -> Draw | None:
    """The round of a draw that holds; None if there is no such draw."""
    return session.scalar(
        select(Draw).where(Draw.number == number).order_by(Draw.round.desc()).limit(1)
    )
