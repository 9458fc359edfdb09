"""What a party's own pages (我的事、我的办件、消息) show of the whole, by forms alone."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from api.portal import start
from casework.common.timekeeping import ZONE
from casework.documents import chosen_files
from casework.documents.electronic import sealed
from casework.models import Document, NoticeRead
from casework.reading import inbox
from tests.support.people import empower
from tests.support.signed import SMALL_PDF
from tests.support.statements import statements
from tests.support.town import ACCEPTED, APPLICANT, Town, answers, promise
from tests.support.visitor import Visitor, open_door


@pytest.fixture
def door(town: Town) -> FastAPI:
    return open_door(town)


def _enter(door: FastAPI, who: str) -> Visitor:
    visitor = Visitor(door)
    visitor.enter(who)
    return visitor


def test_licences_hide_nothing_that_waits(
    town: Town, door: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [town.granted(address=f"发证路{house}号") for house in range(3)]
    draft = town.apply(address="新店路1号")
    monkeypatch.setattr(start, "_SHOWN", 7)  # with the check of each promise
    text = _enter(door, "applicant").get("/").text
    assert f'href="/cases/{draft}' in text
    # And each licence has its own certificate, which was issued in the case that led to it.
    cards = text.split("<article")[1:]
    assert len(cards) == 3
    for number in numbers:
        licence = town.relative(number, "licence")
        [card] = [one for one in cards if f"/verify/{licence.tracking_code}/" in one]
        assert re.search(rf"/cases/{number}/documents/\d+\.pdf", card)


def test_what_the_party_may_not_see_is_not_told_of(town: Town, door: FastAPI) -> None:
    number = town.committed()
    told = _enter(door, "applicant").get(f"/cases/{number}").text
    assert "您：交了" in told
    assert "收下" not in told
    town.attach(number, "ending_proof", by="window")
    assert "收下" not in _enter(door, "applicant").get(f"/cases/{number}").text
    town.time.pass_(minutes=1)
    town.attach(number, "plans", by="window")
    assert "窗口：收下 1 份材料" in _enter(door, "applicant").get(f"/cases/{number}").text


def test_all_messages_are_read_with_one_statement(town: Town) -> None:
    town.committed()
    actor = town.people["applicant"]
    with town.session() as session:
        waiting = inbox.unread(town.office, session, actor)
        assert waiting > 1
        with statements(town) as sent:
            inbox.all_opened(town.office, session, actor)
        assert sum("notice" in one for one in sent) == 1
    for _ in range(2):
        with town.session() as session:
            assert inbox.unread(town.office, session, actor) == 0
            assert session.scalar(select(func.count()).select_from(NoticeRead)) == waiting
            inbox.all_opened(town.office, session, actor)


def test_who_may_only_receive_is_shown_no_files_to_choose(town: Town, door: FastAPI) -> None:
    number = town.apply()
    party, pile = town.people["applicant"], [("", "扫描件0001.pdf", SMALL_PDF)]
    chosen_files.choose(town.office, party, number, pile)
    own = _enter(door, "applicant").get(f"/cases/{number}").text
    assert 'name="files"' in own
    assert "扫描件0001" in own
    empower(town, "applicant2", APPLICANT, "agent", ["receive"])
    agent = _enter(door, "applicant2")
    shown = agent.get(f"/cases/{number}").text
    assert 'name="files"' not in shown
    assert "扫描件0001" not in shown
    answer = agent.submit(f"/cases/{number}/files", "/account", _take_away="1")
    assert answer.status_code == 403
    assert "您的授权不包括办理申请" in answer.text


def test_what_was_left_unsent_can_be_deleted_after_the_end(town: Town, door: FastAPI) -> None:
    number = town.apply()
    party = _enter(door, "applicant")
    given = {"_secret": party.secret(f"/cases/{number}")}
    chosen = {"files": ("平面图.pdf", SMALL_PDF, "application/pdf")}
    assert party.post(f"/cases/{number}/files", data=given, files=chosen).status_code == 303
    town.take(number, "discard", "applicant")
    page = party.get(f"/cases/{number}").text
    assert "没有提交的文件" in page
    key = re.search(r'name="_take_away" value="(\d+)"', page)
    assert key is not None
    party.submit(f"/cases/{number}/files", f"/cases/{number}", _take_away=key[1])
    assert "没有提交的文件" not in party.get(f"/cases/{number}").text


def test_pages_of_an_unsealed_paper_are_set_once(
    town: Town, door: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, typeset, papers = town.granted(), sealed.typeset, list[str]()

    def counted(content: bytes, title: str, **more: Any) -> Any:
        papers.append(title)
        return typeset(content, title, **more)

    monkeypatch.setattr(sealed, "typeset", counted)
    sealed._plain.cache_clear()
    with town.session() as session:
        case = town.case(number).id
        paper = session.scalars(select(Document.id).where(Document.case_id == case)).first()
    at = f"/cases/{number}/documents/{paper}/pages/1.png"
    reader, stranger = _enter(door, "applicant"), _enter(door, "applicant2")
    assert reader.get(at).status_code == 200
    once = list(papers)
    assert once
    assert [one.get(at).status_code for one in (reader, stranger)] == [200, 404]
    assert papers == once


@pytest.mark.parametrize("at", ["9" * 4301, "", "x", "²"])
def test_nonsense_about_a_handover_gets_an_answer(town: Town, door: FastAPI, at: str) -> None:
    desk = _enter(door, "supervisor")
    assert desk.get("/handover?case=%00&case=%ED%A0%80").status_code == 200
    sent = desk.submit("/handover", "/account", case=f"CC-GC-2026-000001\0@{at}", _again="1")
    assert sent.status_code in (200, 422)


def test_nobody_s_form_tells_of_a_firm_or_a_licence_of_others(town: Town, door: FastAPI) -> None:
    other, third = "91110000802100433B", "91350100M000100Y43"
    number = town.licence_of(town.granted())["number"]
    town.register(third, "南通江风酒店有限公司")
    empower(town, "applicant", other)
    asked = _enter(door, "applicant")
    assert "南通云水浴场" in asked.get(f"/apply/instant_licence?party={other}").text
    assert "江风" not in asked.get(f"/apply/instant_licence?party={third}").text
    renewal = f"/apply/licence_renewal?licence={number}"
    assert asked.get(renewal).status_code == 200
    empower(town, "applicant2", third)
    answer = _enter(door, "applicant2").get(renewal)
    assert answer.status_code == 404
    assert "滨江" not in answer.text


def test_a_promise_is_made_on_the_page_as_it_now_stands_or_not_at_all(
    town: Town, door: FastAPI
) -> None:
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    town.take(number, "accept", "window", ACCEPTED)
    town.take(number, "inform", "window")
    party, page = _enter(door, "applicant"), f"/cases/{number}/promise"
    given = {f"q.{one['question']}": str(one["choice"]) for one in answers()["answers"]}
    given |= {name: "true" for name, said in promise().items() if said is True}
    version = town.case(number).version
    for seen, status in ((version - 1, 409), (version, 303)):
        answer = party.submit(page, page, **given, signer="陈志远", _version=str(seen))
        assert answer.status_code == status, answer.text
        assert ("study" in town.case(number).data) is (status == 303)
    assert town.case(number).state == "committed"


def test_a_renewal_says_what_its_party_has_said(town: Town, door: FastAPI) -> None:
    """许可法50: that the conditions have not changed, the party states itself."""
    now, town.time.instant = town.time.instant, datetime(2022, 10, 20, 9, tzinfo=ZONE)
    licence = town.relative(town.granted(), "licence")
    town.time.instant = now
    town.office.catch_up(licence.id)
    number = licence.data["application"]["number"]
    party, page = _enter(door, "applicant"), f"/licences/{number}/renewal"
    said = {"contact_name": "李敏", "contact_phone": "13800000001"}
    answer = party.submit(page, page, **said)
    assert answer.status_code in (409, 422), answer.headers
    assert party.submit(page, page, **said, conditions_kept="true").status_code == 303
