"""移送司法机关 (处罚法27) over HTTP: what criminal justice gives back goes on as the same case."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework.audit.proof import verify_case
from casework.common.timekeeping import legal_date
from casework.models import LogRow, Notice
from casework.rules.versions import VersionCache
from tests.support.desk import Desk
from tests.support.front import reasons_of, refused
from tests.support.penalties import DECIDED, INPUTS, JUSTICE_PAPER, OPINION
from tests.support.signed import pdf


def _case(desk: Desk, number: str) -> Any:
    desk.front.log_in_again()
    return desk.front.get("handler1", f"/cases/{number}").json()


def _day_of(desk: Desk, number: str, step: str) -> date:
    """The legal day that the step bears in the log."""
    with desk.town.session() as session:
        said = session.scalars(
            select(LogRow.header["effective_at"].as_string()).where(
                LogRow.case_id == desk.town.case(number).id,
                LogRow.header["name"].as_string() == step,
            )
        ).one()
    return legal_date(datetime.fromisoformat(said))


@pytest.mark.parametrize("former", [False, True])
def test_what_is_not_pursued_comes_back_and_is_decided(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *OPINION)
    crime = {**INPUTS["send_transfer"], "kind": "涉嫌犯罪，移送司法机关"}
    desk.refused(number, "send_transfer", "approver", crime, "crime_is_referred_otherwise")
    assert desk.go(number, ("refer_crime", "approver")) == "with_justice"
    assert "南通市公安局崇川分局" in desk.paper(number, "transfer_letter")
    desk.wait(number, days=40)
    today = desk.town.time.now().date()
    given = {**INPUTS["take_back"], "on": today.isoformat()}
    for step in ("take_back", "end_with_justice"):
        said = given if step == "take_back" else INPUTS[step]
        desk.refused(number, step, "approver", said, "justice_paper_missing")
    desk.register(number, JUSTICE_PAPER)
    for step, said in (("take_back", given), ("end_with_justice", INPUTS["end_with_justice"])):
        scrap = {**said, "paper": "文书"}
        desk.refused(number, step, "approver", scrap, "justice_paper_missing")
    early = {**given, "on": (today - timedelta(days=41)).isoformat()}
    desk.refused(number, "take_back", "approver", early, "return_day_wrong")
    later = {**given, "on": (today + timedelta(days=1)).isoformat()}
    refused(desk.take(number, "take_back", "approver", later), 422, "bad-date")
    # It bears the day on which it came, not that of its entry.
    came = today - timedelta(days=3)
    answer = desk.take(number, "take_back", "approver", {**given, "on": came.isoformat()})
    assert answer.json()["state"] == "investigating"
    assert _day_of(desk, number, "take_back") == came
    # Everything is done again that the party has a right to, and it is the same case.
    again = DECIDED[DECIDED.index(("close_investigation", OPINION[-1][1])) :]
    assert desk.go(number, *again) == "decided"
    with desk.town.session() as session:
        assert verify_case(session, desk.town.case(number), VersionCache()) == []


def test_a_suspected_crime_is_not_let_off_with_a_letter(desk: Desk) -> None:
    """It is filed, goes on as a penalty, and is referred to criminal justice there."""
    number = desk.open("first_offence_exemption")
    crime = {**INPUTS["send_transfer"], "kind": "涉嫌犯罪，移送司法机关"}
    said = desk.refused(number, "send_transfer", "approver", crime, "crime_is_referred_otherwise")
    assert "转行政处罚" in said
    desk.go(number, ("file", "handler1"))
    desk.refused(number, "send_transfer", "approver", crime, "crime_is_referred_otherwise")
    why = {"reason": "涉嫌犯罪"}
    desk.go(number, ("approve_filing", "approver"), ("convert", "handler1"), convert=why)
    penalty = desk.town.newest("penalty")
    assert desk.go(penalty, ("refer_crime", "approver")) == "with_justice"


def test_the_days_with_criminal_justice_are_not_the_authoritys(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *OPINION)
    [before] = [one for one in _case(desk, number)["clocks"] if one["name"] == "decision"]
    signed = ("record_justice_receipt", "handler1")
    desk.go(number, ("refer_crime", "approver"), signed, ("wait", "40"), ("take_back", "approver"))
    [after] = [one for one in _case(desk, number)["clocks"] if one["name"] == "decision"]
    assert after["due_on"] > before["due_on"]
    assert any("移送司法机关期间" in line for line in after["lines"])


@pytest.mark.parametrize("former", [False, True])
def test_no_case_is_buried_with_criminal_justice_that_never_had_it(
    desk: Desk, former: bool
) -> None:
    """Within a day it goes there, against a receipt; until then it is the authority's time."""
    number = desk.open(former=former)
    desk.go(number, *OPINION)
    [before] = [one for one in _case(desk, number)["clocks"] if one["name"] == "decision"]
    # A paper of before proves nothing.
    assert desk.front.upload("handler1", number, "transfer_receipt", "旧.pdf", pdf("旧")).is_success
    desk.go(number, ("refer_crime", "approver"))
    given = INPUTS["record_justice_receipt"] | {"on": desk.town.time.now().date().isoformat()}
    desk.front.log_in_again()
    empty = desk.front.step("handler1", number, "record_justice_receipt", given, empty=True)
    assert reasons_of(empty) == ["no_transfer_receipt"]
    desk.wait(number, days=40)
    with desk.town.session() as session:
        case = desk.town.case(number)
        told = session.query(Notice).filter(Notice.key.startswith(f"expiry/{case.id}/justice_"))
        assert {one.to_role for one in told} == {"supervisor", "approver"}
    [waits] = [one for one in _case(desk, number)["clocks"] if one["name"] == "decision"]
    assert waits["due_on"] == before["due_on"]
    assert desk.go(number, ("record_justice_receipt", "handler1")) == "taken_by_justice"
    desk.wait(number, days=40)
    desk.go(number, ("take_back", "approver"))
    [after] = [one for one in _case(desk, number)["clocks"] if one["name"] == "decision"]
    assert after["due_on"] > before["due_on"]
    with desk.town.session() as session:
        assert verify_case(session, desk.town.case(number), VersionCache()) == []


def test_what_is_pursued_ends(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *OPINION, ("refer_crime", "approver"))
    assert desk.go(number, ("end_with_justice", "approver")) == "transferred"
    assert desk.town.case(number).ended_at is not None
