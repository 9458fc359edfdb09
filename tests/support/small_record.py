"""A small record (小记录): a process that only opens a repair of a class, with what is owed."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from casework.common.database import engine_for
from casework.rules.versions import publish
from state_machines.language.fields import Form, ShortText
from state_machines.language.vocabulary import OpenCase, Process, Role, State, Step, schema
from tests.support.history import remembered
from tests.support.town import Town

_INSPECTOR = (Role.INSPECTOR,)


class Record(Form):
    """What is recorded, how grave it is, and what must be performed first."""

    record: ShortText = Field(title="失信记录")
    category: ShortText = Field(title="类别")
    outstanding: Annotated[str, Field(max_length=200)] = Field(title="须先履行的义务", default="")


SMALL_RECORD = Process(
    key="small_record",
    code="XJ",
    label="小记录",
    effective_from=date(2021, 7, 1),
    law="国办发〔2025〕22号",
    initial="found",
    opened_by=_INSPECTOR,
    form=schema(Record),
    states=(State("found", "已查明"), State("recorded", "已记录", end=True)),
    steps=(
        Step(
            "record",
            "记录",
            {"found": "recorded"},
            _INSPECTOR,
            effects=(
                OpenCase(
                    "credit_repair",
                    "repair",
                    {
                        "source": "@case",
                        "record": "application.record",
                        "category": "application.category",
                        "decided_on": "@date",
                        "outstanding": "application.outstanding",
                    },
                ),
            ),
        ),
    ),
)


@remembered
def published(town: Town) -> None:
    """Put the process in force in a town."""
    owner = engine_for(town.url, role=None)
    with Session(owner) as session:
        publish(session, {SMALL_RECORD.key: SMALL_RECORD}, town.time.now())
        session.commit()
    owner.dispose()


@remembered
def repair_of(town: Town, category: str, outstanding: str = "") -> str:
    """The repair of a new record of the firm, decided today; gives its number."""
    data = {"record": "行政处罚", "category": category, "outstanding": outstanding}
    officer, code = town.people["inspector1"], "91440300708461136T"
    number = town.office.open_case("small_record", data, officer, party=code).number
    town.take(number, "record", "inspector1")
    return town.relative(number, "repair").number
