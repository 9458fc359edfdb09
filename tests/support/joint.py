"""What tests of the joint matter ask of a town."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from casework.audit.proof import verify_case
from casework.common.problems import GuardRefused
from casework.models import CaseClock, Document
from tests.support.town import Town


def proved(town: Town, *numbers: str) -> None:
    """Each case replays to the state it is in, by its log alone."""
    with town.session() as session:
        for number in numbers:
            assert verify_case(session, town.case(number), town.office.versions) == []


def papers_of(town: Town, number: str) -> list[tuple[str, str]]:
    """Key and number of every document of a case, in order of issue."""
    with town.session() as session:
        rows = session.scalars(
            select(Document).where(Document.case_id == town.case(number).id).order_by(Document.id)
        )
        return [(row.key, row.number) for row in rows]


def context_of(town: Town, number: str, key: str) -> Mapping[str, Any]:
    """What the one document of that key was filled in with."""
    with town.session() as session:
        case = town.case(number).id
        row = session.scalars(select(Document).filter_by(case_id=case, key=key)).one()
        return row.context


def due_days(town: Town, number: str) -> dict[str, date | None]:
    """The last day of every clock of a case, by name."""
    with town.session() as session:
        rows = session.scalars(select(CaseClock).where(CaseClock.case_id == town.case(number).id))
        return {row.name: row.due_on for row in rows}


def refusal_of(town: Town, number: str, step: str, by: str, given: Any = None) -> str:
    """Why the guards refuse a step: code and text of each reason."""
    with pytest.raises(GuardRefused) as caught:
        town.take(number, step, by, given)
    return "；".join(f"{one['code']} {one['text']}" for one in caught.value.extra["reasons"])
