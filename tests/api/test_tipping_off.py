"""What warns nobody: letters to the police and the supervisory authority, and internal papers."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from casework.models import Document, Notice
from tests.support.desk import Desk
from tests.support.penalties import INPUTS, JUSTICE_PAPER, OPINION, RECONSIDERED

OFFICIAL = {
    **INPUTS["send_transfer"],
    "kind": "涉嫌职务违法，移送监察机关",
    "to": "崇川区监察委员会",
    "reason": "经办人员涉嫌收受财物",
}
SECRETS = ("移送", "监察", "公安", "司法")


def _own(desk: Desk, number: str, path: str = "") -> Any:
    """What the party is answered about its case."""
    desk.front.log_in_again()
    answer = desk.front.get("applicant", f"/cases/{number}{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def _told(desk: Desk, number: str) -> str:
    """All that the party, and whoever holds the tracking code, may read of a case."""
    case = _own(desk, number)
    tracked = desk.front.get(None, f"/track/{number}", code=case["tracking_code"]).json()
    listed = desk.front.get("applicant", "/cases").json()
    with desk.town.session() as session:
        sent = session.scalars(
            select(Notice.subject + Notice.body).where(
                Notice.case_id == desk.town.case(number).id, Notice.to_party_id.is_not(None)
            )
        ).all()
    mine = [one for one in listed["cases"] if one["number"] == number]
    assert (tracked["state"], mine[0]["state"]) == (case["state"], case["state"])
    assert tracked["whose_turn"] == mine[0]["whose_turn"] == case["whose_turn"]
    rest = (_own(desk, number, "/log"), tracked, mine, sent)
    shown = {
        key: case[key]
        for key in ("state_label", "documents", "clocks", "visited", "inputs", "materials")
    }
    return repr((shown, *rest))


def _secrets(text: str) -> list[str]:
    return [word for word in SECRETS if word in text]


@pytest.mark.parametrize("former", [False, True])
def test_a_letter_about_an_official_warns_nobody(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *OPINION)
    before = _own(desk, number)
    desk.go(number, ("send_transfer", "approver"), send_transfer=OFFICIAL)
    after = _own(desk, number)
    assert _secrets(_told(desk, number)) == []
    assert (after["state"], after["documents"]) == (before["state"], before["documents"])
    assert "send_transfer" not in {step["name"] for step in _own(desk, number, "/steps")}
    letter = _document(desk, number)
    refused = desk.front.get("applicant", f"/cases/{number}/documents/{letter}")
    assert refused.status_code == 404
    assert desk.front.get("applicant", f"/cases/{number}/file").status_code == 404
    # The officers have it, and their file too.
    assert "崇川区监察委员会" in desk.paper(number, "transfer_letter")
    assert "移送" in repr(desk.front.get("handler1", f"/cases/{number}/log").json())


@pytest.mark.parametrize("former", [False, True])
def test_whoever_is_suspected_is_not_told_before_the_police(desk: Desk, former: bool) -> None:
    """Until criminal justice gives the case back, or ends it, it stands at the investigation."""
    number = desk.open(former=former)
    desk.go(number, *OPINION)
    assert desk.go(number, ("refer_crime", "approver")) == "with_justice"
    assert _own(desk, number)["state"] == "investigating"
    assert _secrets(_told(desk, number)) == []
    steps = {step["name"] for step in _own(desk, number, "/steps")}
    assert not steps & {"refer_crime", "take_back", "end_with_justice"}
    for state, found in (("investigating", [number]), ("with_justice", [])):
        listed = desk.front.get("applicant", "/cases", state=state).json()["cases"]
        assert [one["number"] for one in listed] == found
    letter = _document(desk, number)
    assert desk.front.get("applicant", f"/cases/{number}/documents/{letter}").status_code == 404
    # Officers see where it is.
    assert desk.state(number) == "with_justice"
    assert desk.go(number, ("record_justice_receipt", "handler1")) == "taken_by_justice"
    assert _own(desk, number)["state"] == "investigating"
    assert _secrets(_told(desk, number)) == []
    desk.wait(number, days=40)
    desk.register(number, JUSTICE_PAPER)
    desk.go(number, ("take_back", "approver"))
    assert "司法机关移送回" in _told(desk, number)


def test_internal_papers_are_the_authoritys(desk: Desk) -> None:
    """Reports, opinions, reviews and minutes are in the file, and not the party's to read."""
    number = desk.open()
    votes = tuple(("vote", f"head{n}") for n in (1, 2, 3))
    reviewed = (("submit_review", "handler1"), ("pass_review", "legal"))
    desk.go(number, *RECONSIDERED, *reviewed, *votes, ("conclude_panel", "approver"))
    shown = {one["key"] for one in _own(desk, number)["documents"]}
    internal = {
        "case_filing",
        "investigation_report",
        "opinion_minutes",
        "defence_review",
        "legal_review_opinion",
        "panel_minutes",
    }
    assert not shown & internal
    with desk.town.session() as session:
        case = desk.town.case(number)
        rows = session.scalars(select(Document).where(Document.case_id == case.id)).all()
        kept = {row.key: row.id for row in rows}
    assert internal <= set(kept)
    for key in internal:
        answer = desk.front.get("applicant", f"/cases/{number}/documents/{kept[key]}")
        assert answer.status_code == 404, key
    told = repr(_own(desk, number, "/log"))
    assert not [key for key in ("集体讨论笔录", "法制审核意见书", "合议记录") if key in told]


def _document(desk: Desk, number: str) -> int:
    with desk.town.session() as session:
        case = desk.town.case(number)
        letters = select(Document.id).where(
            Document.case_id == case.id, Document.key == "transfer_letter"
        )
        return session.scalars(letters).one()
