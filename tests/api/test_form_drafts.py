"""Drafts of forms: saved under their person, opened again anywhere, gone once they are sent."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from httpx import Response
from sqlalchemy import select

from casework.duties.housekeeping import keep_house
from casework.models import Case, KeptForm, Mandate
from casework.people import kept_forms
from tests.casework.test_evidence import PHOTO, item
from tests.support import exemptions
from tests.support.penalties import penalty_to
from tests.support.people import empower
from tests.support.town import Town, application
from tests.support.visitor import Visitor, open_door

APPLY = "/apply/instant_licence"
OWN, OTHER = "91440300708461136T", "91110000802100433B"
TYPED = {"place_name": '滨江<宾馆>"&𠮷', "contact_name": "李敏", "area_m2": "８６"}
BY_ITSELF = {"HX-Request": "true", "HX-Trigger": "saver"}


@pytest.fixture
def door(town: Town) -> FastAPI:
    """The pages over a fresh town."""
    return open_door(town)


def _desk(door: FastAPI, who: str) -> Visitor:
    visitor = Visitor(door)
    visitor.enter(who)
    return visitor


def _save(desk: Visitor, page: str, **given: str) -> Response:
    """Save what is typed into the form of a page, as that form does by itself."""
    data = {**given, "_secret": desk.secret(page)}
    at = page.replace("/leads/new", "/leads") + "/draft"
    return desk.post(at, data=data, headers={**BY_ITSELF, "Referer": f"{desk.base_url}{page}"})


def _mark(text: str) -> str:
    found = re.search(r'name="_draft" value="([^"]*)"', text)
    assert found is not None, text
    return found[1]


def _rows(town: Town) -> list[KeptForm]:
    with town.session() as session:
        return list(session.scalars(select(KeptForm).order_by(KeptForm.created_at)))


def _received(town: Town, address: str = "人民路1号") -> str:
    number = town.apply(address=address)
    town.attach(number)
    town.take(number, "submit", "applicant")
    return number


def test_what_is_typed_opens_again_on_another_device_and_nobody_else_sees_it(
    town: Town, door: FastAPI
) -> None:
    line = _save(_desk(door, "applicant"), APPLY, **TYPED, _party="", password="geheim")
    assert line.status_code == 200
    assert "草稿已保存 09:00" in line.text
    assert "<html" not in line.text
    elsewhere = _desk(door, "applicant").get(APPLY).text
    assert "已恢复 9月1日09:00 的草稿" in elsewhere
    assert 'value="滨江&lt;宾馆&gt;&#34;&amp;𠮷"' in elsewhere
    assert 'value="８６"' in elsewhere
    assert "李敏" not in _desk(door, "applicant2").get(APPLY).text
    assert "草稿 1</a>" in _desk(door, "applicant").get("/").text
    assert "草稿 " not in _desk(door, "applicant2").get("/").text
    [row] = _rows(town)
    assert not {"password", "_secret", "_draft"} & set(row.fields)
    assert row.title == "新申请：公共场所卫生许可（告知承诺）"


def test_who_acts_for_two_firms_has_a_draft_for_each(town: Town, door: FastAPI) -> None:
    firms = (OWN, OTHER)
    empower(town, "applicant", OTHER)
    desk = _desk(door, "applicant")
    pages = [f"{APPLY}?party={code}" for code in firms]
    for page, code, name in zip(pages, firms, ("滨江", "云水"), strict=True):
        text = desk.get(page).text
        assert f'name="_for" value="{code}"' in text
        assert "已恢复" not in text
        given = {"_for": code, "_party": code, "contact_name": name, "_secret": desk.secret(page)}
        assert desk.post(f"{APPLY}/draft", data=given, headers=BY_ITSELF).status_code == 200
    assert [row.page for row in _rows(town)] == pages
    assert "滨江" in desk.get(pages[0]).text
    assert "云水" in desk.get(pages[1]).text
    given = {name: str(value) for name, value in application().items()}
    sent = desk.submit(APPLY, pages[1], **given, _for=OTHER, _party=OTHER, _key="one")
    assert sent.status_code == 303
    assert [row.page for row in _rows(town)] == pages[:1]


def test_each_walk_in_and_each_licence_has_a_draft_of_its_own(town: Town, door: FastAPI) -> None:
    desk, renewal = _desk(door, "window"), "/apply/licence_renewal"
    with town.session() as session:
        mandates = session.scalars(select(Mandate.id).order_by(Mandate.id).limit(2)).all()
    secret = desk.secret(APPLY)
    for mandate, name in zip(mandates, ("滨江联系人", "云水联系人"), strict=True):
        given = {"_mandate": str(mandate), "contact_name": name, "_secret": secret}
        assert desk.post(f"{APPLY}/draft", data=given, headers=BY_ITSELF).status_code == 200
    for licence in ("苏卫1", "苏卫2"):
        given = {"_about": licence, "contact_name": licence, "_secret": secret}
        assert desk.post(f"{renewal}/draft", data=given, headers=BY_ITSELF).status_code == 200
    text = desk.get(f"{APPLY}?mandate={mandates[0]}").text
    assert "滨江联系人" in text
    assert "云水联系人" not in text
    assert [row.page for row in _rows(town)] == [
        *(f"{APPLY}?mandate={mandate}" for mandate in mandates),
        *(f"{renewal}?{urlencode({'licence': one})}" for one in ("苏卫1", "苏卫2")),
    ]


def test_nobody_s_forms_make_room_by_what_is_another_s_or_a_draft(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_forms, "MOST", 2)
    monkeypatch.setattr(kept_forms, "MOST_DRAFTS", 2)
    now, day = town.time.now(), timedelta(days=1)
    people = [town.people[who].person_id for who in ("window", "applicant")]
    with town.session() as session:
        for n in range(3):
            at = now + timedelta(minutes=n)
            for person in people:
                kept_forms.save(session, person, f"/{n}", "草稿", {}, [], at, day)
                kept_forms.keep(session, person, f"/left/{n}", {}, [], at)
        for person in people:
            rows = select(KeptForm.page).where(KeptForm.person_id == person)
            kept = set(session.scalars(rows))
            assert kept == {"/1", "/2", "/left/1", "/left/2"}
            drafts = kept_forms.drafts(session, person, now)
            assert [draft.page for draft in drafts] == ["/2", "/1"]


def test_without_scripts_the_button_saves_and_the_page_comes_back(
    town: Town, door: FastAPI
) -> None:
    number = _received(town)
    window, page = _desk(door, "window"), f"/cases/{number}/steps/accept"
    version = str(town.case(number).version)
    given = {"name_difference": "招牌名称", "_version": version, "_secret": window.secret(page)}
    scan = {"file": ("扫描.pdf", b"%PDF", "application/pdf")}
    answer = window.post(f"{page}/draft", data=given, files=scan)
    assert answer.headers["location"] == f"{page}?said=draft_saved"
    text = window.get(page).text
    assert "以下文件没有保存，请重新选择：扫描.pdf" in text
    assert "招牌名称" in text
    assert town.case(number).state == "received"
    # Cleared away by its person, the form is empty again.
    answer = window.submit("/drafts/discard", page, of=page, back=page)
    assert answer.headers["location"] == f"{page}?said=draft_discarded"
    assert "已恢复" not in window.get(page).text
    assert _rows(town) == []


def test_a_draft_goes_away_once_its_step_is_taken(town: Town, door: FastAPI) -> None:
    number = _received(town)
    window, page = _desk(door, "window"), f"/cases/{number}/steps/accept"
    given = {"_version": str(town.case(number).version), "_key": "one", "name_difference": "招牌"}
    mark = _mark(_save(window, page, **given).text)
    assert window.submit(page, page, **given).status_code == 303
    assert _rows(town) == []
    # A page of it that is still open saves nothing anew, whether it ever saved or not.
    secret = window.secret("/account")
    for known in (mark, ""):
        late = window.post(
            f"{page}/draft",
            data={**given, "_draft": known, "_secret": secret},
            headers=BY_ITSELF,
        )
        assert "没有保存为草稿" in late.text
    assert _rows(town) == []


def test_a_lead_and_an_item_of_evidence_leave_no_draft(town: Town, door: FastAPI) -> None:
    desk, page = _desk(door, "handler1"), "/leads/new"
    given = {name: str(value) for name, value in exemptions.lead().items()}
    _save(desk, page, **given)
    assert len(_rows(town)) == 1
    opened = desk.submit(page, page, _party=OWN, **given)
    assert opened.status_code == 303, opened.text
    assert _rows(town) == []
    number = opened.headers["location"].split("/")[2]
    at = f"/cases/{number}"
    shot = {**item(), "collectors": ["handler1", "inspector1"]}
    shot |= {"_secret": desk.secret(f"{at}/evidence/add")}
    saved = desk.post(f"{at}/evidence-drafts/add", data=shot, headers=BY_ITSELF)
    assert saved.status_code == 200
    assert len(_rows(town)) == 1
    entered = desk.post(f"{at}/evidence/add", data=shot, files={"file": PHOTO})
    assert entered.status_code == 303, entered.text
    assert _rows(town) == []


def test_a_review_answers_the_draft_that_was_read_and_leaves_none(
    town: Town, door: FastAPI
) -> None:
    number = penalty_to(town, "legal_review")
    desk, page = _desk(door, "legal"), f"/cases/{number}/review"
    version = town.case(number).version
    given = {"opinion": "请补充检测报告", "outcome": "退回补充证据", "_version": str(version)}
    _save(desk, page, **given)
    assert len(_rows(town)) == 1
    late = desk.submit(page, page, **{**given, "_version": str(version - 1)})
    assert late.status_code == 409
    assert "请补充检测报告" in late.text
    assert town.case(number).state == "legal_review"
    assert len(_rows(town)) == 1
    assert desk.submit(page, page, **given).status_code == 303
    assert town.case(number).state == "review_returned"
    assert _rows(town) == []
    party = _desk(door, "applicant")
    assert party.submit(f"{page}/draft", "/account", **given).status_code == 404


def test_an_application_is_opened_once_from_two_devices(town: Town, door: FastAPI) -> None:
    given = {name: str(value) for name, value in application().items()}
    first = _desk(door, "applicant")
    _save(first, APPLY, **given, _key="one")
    second = _desk(door, "applicant")
    restored = second.get(APPLY).text
    assert 'name="_key" value="one"' in restored
    to = {
        desk.submit(APPLY, "/account", **given, _key="one").headers["location"]
        for desk in (first, second)
    }
    assert len(to) == 1
    other = second.submit(APPLY, "/account", **{**given, "area_m2": "90"}, _key="one")
    assert other.status_code == 422
    assert "已经保存过一次" in other.text
    assert 'value="90"' in other.text
    assert 'name="_key" value="one"' not in other.text
    with town.session() as session:
        assert len(session.scalars(select(Case)).all()) == 1
    assert _rows(town) == []


def test_the_later_saving_wins_and_the_first_page_is_told(town: Town, door: FastAPI) -> None:
    desk = _desk(door, "applicant")
    first = _mark(_save(desk, APPLY, contact_name="李敏").text)
    town.time.pass_(minutes=5)
    second = _save(desk, APPLY, contact_name="周小琴", _draft=first)
    assert "另一个窗口" not in second.text
    late = _save(desk, APPLY, contact_name="王芳", _draft=first)
    assert "这张表单 09:05 在另一个窗口保存过" in late.text
    again = _save(desk, APPLY, contact_name="王芳芳", _draft=_mark(late.text))
    assert "另一个窗口" not in again.text
    [row] = _rows(town)
    assert row.fields["contact_name"] == ["王芳芳"]


def test_a_case_that_moved_on_is_told_of_before_its_draft_is_used(
    town: Town, door: FastAPI
) -> None:
    number = town.committed()
    town.attach(number, "ending_proof", by="window")
    window, page = _desk(door, "window"), f"/cases/{number}/steps/terminate"
    version = str(town.case(number).version)
    _save(window, page, _version=version, documents="注销登记通知书")
    town.take(number, "withdraw_commitment", "applicant", {"reason": "暂不符合"})
    text = window.get(page).text
    assert "案件已有新的办理情况" in text
    assert "注销登记通知书" in text
    assert "清除草稿，重新填写" in text


def test_a_form_whose_log_in_ends_while_it_saves_itself_is_kept(town: Town, door: FastAPI) -> None:
    desk = _desk(door, "applicant")
    secret = desk.secret(APPLY)
    town.time.pass_(hours=3)
    line = desk.post(
        f"{APPLY}/draft",
        data={**TYPED, "_secret": secret},
        headers={**BY_ITSELF, "Referer": f"{desk.base_url}{APPLY}"},
    )
    assert line.status_code == 200
    assert "登录已失效" in line.text
    handle = re.search(r"resume=([\w-]+)", line.text)
    assert handle is not None
    back = _desk(door, "applicant").get(f"{APPLY}?resume={handle[1]}").text
    assert "李敏" in back
    # Who has logged in again meanwhile goes on from there, and is sent to no other page.
    again = _desk(door, "applicant").post(
        f"{APPLY}/draft", data={**TYPED, "_secret": secret}, headers=BY_ITSELF
    )
    assert again.status_code == 200
    assert "继续填写" in again.text
    stranger = _desk(door, "applicant2").post(
        f"{APPLY}/draft", data={**TYPED, "_secret": secret}, headers=BY_ITSELF
    )
    assert stranger.status_code == 403


def test_only_what_one_may_see_can_be_saved_and_never_too_much(
    town: Town, door: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = _received(town)
    stranger = _desk(door, "window_b")
    for path in (f"/cases/{number}/steps/accept", "/apply/nothing"):
        answer = stranger.submit(f"{path}/draft", "/account")
        assert answer.status_code == 404, path
    window = _desk(door, "window")
    assert window.submit(f"/cases/{number}/steps/none/draft", "/account").status_code == 404
    desk = _desk(door, "applicant")
    monkeypatch.setattr(kept_forms, "LARGEST", 1000)
    huge = _save(desk, APPLY, contact_name="长" * 1000)
    assert huge.status_code == 413
    assert _rows(town) == []


def test_a_person_keeps_so_many_drafts_and_each_for_so_many_days(
    town: Town, door: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_forms, "MOST_DRAFTS", 2)
    numbers = [_received(town, f"人民路{house}号") for house in range(3)]
    window = _desk(door, "window")
    for number in numbers:
        page = f"/cases/{number}/steps/accept"
        _save(window, page, _version=str(town.case(number).version), name_difference=number)
        town.time.pass_(minutes=1)
    listed = window.get("/drafts").text
    assert [number in listed for number in numbers] == [False, True, True]
    page = f"/cases/{numbers[1]}/steps/accept"
    assert f'href="{page}"' in listed
    # Nobody deletes another's.
    _desk(door, "window_b").submit("/drafts/discard", "/drafts", of=page)
    assert len(_rows(town)) == 2
    window.submit("/drafts/discard", "/drafts", of=page)
    [row] = _rows(town)
    assert row.page == f"/cases/{numbers[2]}/steps/accept"
    assert row.expires_at - row.created_at == timedelta(days=30)
    town.time.pass_(days=30)
    keep_house(town.office)
    assert _rows(town) == []
