"""However acts are dated back, a penalty is decided only once the party's time has run since notice
and service were entered, and what the authority decides bears the day of its entry."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from casework.audit.proof import verify_case
from casework.common.problems import BadDate, GuardRefused, SecondSignatureProblem
from casework.common.timekeeping import end_of, legal_date
from casework.models import LogRow
from casework.rules.counting import count
from state_machines.door import acts
from state_machines.language.vocabulary import LegalDay
from state_machines.processes import PROCESSES
from tests.support.exemptions import HANDLERS
from tests.support.penalties import inputs_of, open_lead
from tests.support.town import START, Town

PENALTY = PROCESSES["penalty"]
WAY = (
    ("file", "handler1"),
    ("approve_filing", "approver"),
    ("record_scene", HANDLERS),
    ("investigate", HANDLERS),
    ("order_correction", "handler1"),
    ("close_investigation", HANDLERS),
    ("propose", HANDLERS),
    ("notify", "handler1"),
    ("serve_notice", "handler1"),
    ("state_defence", "applicant"),
    ("reconsider", "handler1"),
    ("forgo_review", "handler1"),
    ("forgo_panel", "approver"),
    ("decide", "approver"),
)
# How many days back an officer says that something was done, and how many go by before the next.
_BACK = st.sampled_from((0, 0, 1, 2, 3, 5, 8, 14, 21))
_BY_THE_WAY = st.sampled_from((0, 0, 0, 1, 2, 4))


def _try(town: Town, number: str, step: str, by: str, back: int) -> bool:
    """Whether a step dated back so many days is taken."""
    said = inputs_of(town, number, step, {})
    day = town.time.now().date() - timedelta(days=back)
    options: dict[str, Any] = {}
    if step == "serve_notice":
        said["on"] = day.isoformat()
    elif by != "applicant" and back:
        options["effective_at"] = day
    version = town.case(number).version
    first, _, second = by.partition("+")
    try:
        town.office.advance(number, step, said, town.people[first], version=version, **options)
        if second:
            town.office.sign(number, step, town.people[second], version=version)
    except (BadDate, GuardRefused):
        if second and town.case(number).version == version:
            _take_back(town, number, step, first)
        return False
    return True


def _take_back(town: Town, number: str, step: str, by: str) -> None:
    """What the first officer signed and nobody confirmed is out of the way of the next try."""
    version = town.case(number).version
    with suppress(SecondSignatureProblem):  # unless the first signature was refused already
        town.office.return_signature(number, step, "日期写错", town.people[by], version=version)


@pytest.mark.slow
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_no_penalty_is_decided_before_the_partys_time(
    module_town: Town, data: st.DataObject
) -> None:
    town = module_town  # each example opens a case of its own
    town.time.instant = START + timedelta(days=40)
    number = open_lead(town)
    for step, by in WAY:
        town.time.pass_(days=data.draw(_BY_THE_WAY))
        if step == "state_defence" and data.draw(st.booleans()):
            continue
        if step == "serve_notice":
            town.attach(number, "signed_receipt", by=by)
        for _ in range(40):
            if _try(town, number, step, by, data.draw(_BACK)) or _try(town, number, step, by, 0):
                break
            town.time.pass_(hours=12)
        else:
            raise AssertionError(f"{step} is never taken")
    _judge(town, number)


def _judge(town: Town, number: str) -> None:
    with town.session() as session:
        headers = session.scalars(
            select(LogRow.header).where(LogRow.case_id == town.case(number).id).order_by(LogRow.seq)
        ).all()
        rules = town.office.rules.current(session)
        limit, _ = rules.limit("penalty.defence", legal_date(town.time.now()), "")
        assert verify_case(session, town.case(number), town.office.versions) == []
    rows = {row["name"]: row for row in headers if row["kind"] == "step"}
    served, decided = rows["serve_notice"], rows["decide"]
    last = count(limit, legal_date(_at(served, "recorded_at")), (), rules.calendar).due
    assert last is not None
    for step in ("reconsider", "decide"):
        assert _at(rows[step], "recorded_at") >= end_of(last), (step, last)
    # What was told was made before it was served, and served on a day on which it had been entered.
    assert legal_date(_at(served, "effective_at")) >= _day(rows["notify"], "recorded_at")
    assert _day(decided, "effective_at") == _day(decided, "recorded_at")
    for name, row in rows.items():
        if acts.legal_day(PENALTY.step(name)) is LegalDay.ENTRY:
            assert _day(row, "effective_at") == _day(row, "recorded_at"), name


def _at(header: dict[str, Any], name: str) -> datetime:
    return datetime.fromisoformat(header[name])


def _day(header: dict[str, Any], name: str) -> date:
    return legal_date(_at(header, name))
