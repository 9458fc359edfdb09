"""A step rehearsed (预演): it tells what will be, does nothing, and is nobody else's."""

from __future__ import annotations

from base64 import b64decode
from datetime import timedelta
from typing import Any

import pytest
from pypdfium2 import PdfDocument
from sqlalchemy import select, text
from sqlalchemy.orm import undefer

from casework.documents.electronic.layout import laid_out
from casework.models import Base, Document
from casework.rules.rendering import printed_text
from tests.api.test_enforcement_pages import page, post
from tests.support.front import Front, refused
from tests.support.penalties import penalty_to
from tests.support.town import ACCEPTED, INSPECTORS, Town, look

_PNG = b"\x89PNG\r\n\x1a\n"


def _ask(front: Front, who: str | None, number: str, step: str, **body: Any) -> Any:
    path = f"/cases/{number}/steps/{step}/preview"
    return front.post(who, path, body) if body else front.get(who, path)


def _told(front: Front, who: str, number: str, step: str, **body: Any) -> Any:
    answer = _ask(front, who, number, step, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _tables(town: Town) -> dict[str, str]:
    """A digest of all that each table holds."""
    with town.session() as session:
        return {
            name: session.scalar(
                text(f'SELECT md5(coalesce(string_agg(t::text, E\'\\n\' ORDER BY t::text), \'\')) FROM "{name}" t')  # noqa: E501, S608
            )
            for name in Base.metadata.tables
        }  # fmt: skip


def _text_of(pdf: bytes) -> str:
    document = PdfDocument(pdf)
    return "".join(one.get_textpage().get_text_range() for one in document)


def test_what_is_foreseen_of_a_grant_is_what_it_brings(town: Town) -> None:
    front, number = Front(town), town.committed()
    told = _told(front, "window", number, "grant")
    assert told["refusals"] == []
    assert {one["key"] for one in told["documents"]} == {
        "grant_decision", "certificate", "certificate_duplicate",
    }  # fmt: skip
    for one in told["documents"]:
        assert one["pages"]
        assert all(b64decode(picture).startswith(_PNG) for picture in one["pages"])
        assert "草稿" in _text_of(b64decode(one["pdf"]))
        assert "草稿" in printed_text(b64decode(one["docx"])).splitlines()[0]
    town.take(number, "grant", "window")
    case = front.get("window", f"/cases/{number}").json()
    due = {one["label"]: one for one in case["clocks"] if one["live"]}
    assert told["target_label"] == case["state_label"]
    assert {one["label"]: one["until"] for one in told["begun"]} == {
        label: one["due_on"] for label, one in due.items()
    }
    assert {one["since"] for one in told["begun"]} == {one["started_on"] for one in due.values()}
    issued = {one["key"] for one in case["documents"]}
    assert issued >= {one["key"] for one in told["documents"]}


def test_what_is_filled_in_is_marked_and_nothing_else_differs(town: Town) -> None:
    number = town.granted()
    of_case = Document.case_id == town.case(number).id
    with town.session() as session:
        letter = session.scalars(
            select(Document)
            .where(of_case, Document.key == "grant_decision")
            .options(undefer(Document.context), undefer(Document.content))
        ).one()
        template = town.office.rules.current(session).template_by_digest(letter.template_digest)
        plain, marked = (
            laid_out(content, letter.title)
            for content in (letter.content, template.marked(letter.context))
        )
        assert template.render(letter.context) == letter.content  # as before, once it was marked
    runs = [
        [run for block in paper["body"] for run in block.get("runs", ())]
        for paper in (plain, marked)
    ]
    said = ["".join(run.get("text", "") for run in some) for some in runs]
    assert said[0] == said[1]
    assert not any("filled" in run for run in runs[0])
    filled = [run["text"] for run in runs[1] if "filled" in run]
    assert letter.context["document"]["number"] in filled
    assert any(letter.context["party"]["name"] in one for one in filled)


def test_a_rehearsal_changes_nothing(town: Town) -> None:
    front = Front(town)
    committed, penalty = town.committed(), penalty_to(town, "decision_pending")
    check = town.relative(town.granted(address="二路2号"), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    page(front, "window", "/")
    front.identity("approver"), front.identity("inspector1")
    before = _tables(town)
    assert _told(front, "window", committed, "grant")["documents"]
    given = town.case(penalty).data["reconsider"]
    assert _told(front, "approver", penalty, "decide", input=given)["refusals"]  # not whole
    assert _told(front, "inspector1", check, "inspect", input=look(met=False))["documents"]
    shown = page(front, "window", f"/cases/{committed}/steps/grant/preview")
    assert shown.text.count('src="data:image/png;base64,') >= 3
    assert _tables(town) == before


def test_who_may_not_take_the_step_may_not_ask(town: Town) -> None:
    front, number = Front(town), town.committed()
    address = f"/cases/{number}/steps/grant/preview"
    for input in ({}, {"bad": ["\u0000"]}):
        for who in ("reviewer", "applicant", "legal"):
            refused(_ask(front, who, number, "grant", input=input), 403, "not-allowed")
        for who in ("applicant2", "window_b"):
            refused(_ask(front, who, number, "grant", input=input), 404, "not-found")
        refused(_ask(front, None, number, "grant", input=input), 401, "not-logged-in")
    refused(_ask(front, "window", number, "grand"), 404, "not-found")
    refused(_ask(front, "window", number, "deliver"), 409, "step-not-of-state")
    for who, status in (("reviewer", 403), ("applicant", 403), ("applicant2", 404)):
        assert page(front, who, address).status_code == status
    cookie = f"nuoxin_session={front.identity('window')['Authorization'][7:]}"
    forged = front.client.post(address, headers={"Cookie": cookie})
    assert forged.status_code == 403


def test_why_not_is_told_by_article_and_by_field(town: Town) -> None:
    front = Front(town)
    number = town.apply()
    town.take(number, "submit", "applicant")
    told = _told(front, "window", number, "accept", input=ACCEPTED)
    assert told["documents"] == []
    assert all(one["law"] for one in told["refusals"])
    assert told["refusals"]
    told = _told(front, "window", number, "request_supplement", input={"items": []})
    assert told["refusals"][0]["code"] == "bad-input"
    typed = {"_version": "1", "items.0.material": "plans", "items.0.what": "标明消毒间的<位置>"}
    step = f"/cases/{number}/steps/request_supplement"
    shown = post(front, "window", f"{step}/preview", typed)
    assert shown.status_code == 200
    assert "标明消毒间的&lt;位置&gt;" in shown.text
    assert 'src="data:image/png;base64,' in shown.text
    # What happens while the form is open is told in its place.
    town.time.pass_(days=30)
    by_script = {"HX-Trigger": "rehearsal"}
    assert front.client.post(f"{step}/preview", data=typed, headers=by_script).status_code == 204
    front.log_in_again()
    late = post(front, "window", f"{step}/preview", typed)
    assert late.status_code == 200
    assert "不能办理“一次性告知补正”" in late.text
    assert "data:image" not in late.text


@pytest.mark.parametrize("days", [0, 1])
def test_the_dates_that_follow_begin_on_the_legal_day(town: Town, days: int) -> None:
    front = Front(town)
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    town.time.pass_(days=1)
    on = (town.time.now() - timedelta(days=days)).date()
    given = {"input": look(met=True), "effective_at": on.isoformat()}
    told = _told(front, "inspector1", check, "inspect", **given)
    town.take(check, "inspect", "inspector1+inspector2", look(met=True), effective_at=on)
    clocks = front.get("inspector1", f"/cases/{check}").json()["clocks"]
    live = {one["label"]: one["due_on"] for one in clocks if one["live"]}
    assert {one["label"]: one["until"] for one in told["begun"]}.items() <= live.items()
    ended = {one["label"] for one in told["ended"]}
    assert ended
    assert ended == {o["label"] for o in clocks if not o["live"] and o["ended_at"][:10] == f"{on}"}


def test_a_day_that_the_act_may_not_bear_is_refused(town: Town) -> None:
    front, number = Front(town), town.committed()
    town.time.pass_(days=1)
    path = f"/cases/{number}/steps/grant/preview"
    told = front.get("window", path, on="2026-09-01").json()
    assert told["documents"] == []
    assert told["refusals"]
    assert page(front, "window", f"{path}?on=昨天").status_code == 200
    refused(front.get("window", path, on="昨天"), 422, "bad-input")
