"""What the pages refuse, and what they never give away."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from casework.models import Mandate
from tests.support.people import empower
from tests.support.signed import pdf
from tests.support.town import Town
from tests.support.visitor import Visitor

pytestmark = pytest.mark.slow


@pytest.fixture
def visitor(door: FastAPI) -> Visitor:
    """Somebody who is not logged in."""
    return Visitor(door)


@pytest.fixture
def window(door: FastAPI) -> Visitor:
    """The window clerk, logged in."""
    clerk = Visitor(door)
    assert clerk.enter("window").status_code == 303
    return clerk


def received(town: Town) -> str:
    """An application handed in with all its materials."""
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    return number


@pytest.mark.parametrize(
    "path",
    ["/", "/cases", "/cases/CC-GC-2026-000001", "/notices", "/apply", "/account", "/firms"],
)
def test_whoever_is_not_logged_in_is_asked_to(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")


def test_after_logging_in_the_wanted_page_opens_but_never_another_site(visitor: Visitor) -> None:
    assert visitor.enter("window", next="/cases").headers["location"] == "/cases"
    for elsewhere in ("https://example.invalid/", "//example.invalid", "/\\example.invalid"):
        visitor.cookies.clear()
        assert visitor.enter("window", next=elsewhere).headers["location"] == "/"


def test_a_wrong_password_says_no_more_than_a_wrong_name(visitor: Visitor) -> None:
    answers = [
        visitor.submit("/login", "/login", username=name, password="wrong")
        for name in ("window", "nobody")
    ]
    texts = [re.sub(r'value="\w*"', "", answer.text) for answer in answers]
    assert texts[0] == texts[1]
    assert {answer.status_code for answer in answers} == {401}
    assert "账号或密码不正确" in texts[0]


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(visitor: Visitor) -> None:
    cookie = visitor.enter("window").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


def test_over_https_the_cookie_stays_on_https(town: Town, visitor: Visitor) -> None:
    town.office.public_url = "https://example.invalid"
    assert "Secure" in visitor.enter("window").headers["set-cookie"]


@pytest.mark.parametrize(
    "path",
    [
        "/account/password",
        "/account/code",
        "/firms",
        "/firms/code",
        "/firms/mandates/1/end",
        "/exchange/imports",
        "/exchange/imports/1/run",
        "/counter/parties/91440300708461136T/corrections",
        "/counter/parties/91440300708461136T/mandates/1/account",
    ],
)
def test_what_is_sent_wants_a_log_in_and_our_secret(
    visitor: Visitor, window: Visitor, path: str
) -> None:
    assert visitor.post(path).headers["location"].startswith("/login")
    assert window.post(path).status_code == 403


def test_an_account_is_registered_from_our_page_only(visitor: Visitor) -> None:
    answer = visitor.post("/register", data={"username": "zhou.xq"})
    assert answer.status_code == 403
    assert "页面已失效" in answer.text


def test_a_password_typed_wrong_is_never_sent_back(door: FastAPI) -> None:
    applicant = Visitor(door)
    applicant.enter("applicant")
    given = {"old": "guessed one", "password": "a new password", "again": "a new password"}
    answer = applicant.submit("/account/password", "/account", **given)
    assert answer.status_code == 422
    for text in given.values():
        assert text not in answer.text


def test_the_firm_that_one_came_from_is_chosen(town: Town, door: FastAPI) -> None:
    empower(town, "applicant", "91110000802100433B", "agent", ["file"])
    applicant = Visitor(door)
    applicant.enter("applicant")
    assert "/apply?party=91110000802100433B" in applicant.get("/firms").text
    chooser = applicant.get("/apply", params={"party": "91110000802100433B"}).text
    assert "/apply/instant_licence?party=91110000802100433B" in chooser
    form = applicant.get("/apply/instant_licence", params={"party": "91110000802100433B"}).text
    assert '<option value="91110000802100433B" selected>' in form
    assert '<option value="91440300708461136T">' in form


def test_a_row_that_cannot_be_is_not_found(door: FastAPI) -> None:
    applicant = Visitor(door)
    applicant.enter("applicant")
    for row in ("0", "9" * 30):
        answer = applicant.submit(f"/firms/mandates/{row}/end", "/firms", reason="试")
        assert answer.status_code in (404, 422)


@pytest.mark.parametrize("secret", [None, "", "0" * 64, "秘密"])
def test_a_form_without_our_secret_does_nothing(
    town: Town, window: Visitor, secret: str | None
) -> None:
    number = received(town)
    given = {"_version": str(town.case(number).version)}
    answer = window.post(
        f"/cases/{number}/steps/accept",
        data=given if secret is None else {**given, "_secret": secret},
    )
    assert answer.status_code == 403
    assert "页面已失效" in answer.text
    assert town.case(number).state == "received"


def test_the_secret_of_one_visitor_is_of_no_use_to_another(
    town: Town, window: Visitor, door: FastAPI
) -> None:
    number = received(town)
    other = Visitor(door)
    other.enter("reviewer")
    answer = window.post(
        f"/cases/{number}/steps/accept",
        data={"_version": str(town.case(number).version), "_secret": other.secret("/")},
    )
    assert answer.status_code == 403


def test_a_double_click_does_nothing_twice(town: Town, window: Visitor) -> None:
    number = received(town)
    version, row = town.case(number).version, town.case(number).head_seq + 1
    path = f"/cases/{number}/steps/accept"
    for _ in range(2):
        given = {"name_difference": "招牌名称", "_version": str(version)}
        answer = window.submit(path, "/", **given, _key="one-click")
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            f"/cases/{number}/done/{row}",
        )
    assert town.case(number).version == version + 1


def test_a_draft_is_opened_once_however_often_the_form_is_sent(town: Town, door: FastAPI) -> None:
    applicant = Visitor(door)
    applicant.enter("applicant")
    given = {
        "place_name": "滨江宾馆", "place_kind": "hotel", "region": "320613", "address": "一路1号",
        "area_m2": "80", "representative": "陈志远", "contact_name": "李敏",
        "contact_phone": "13800000001", "_key": "one-click",
    }  # fmt: skip
    where = {
        applicant.submit("/apply/instant_licence", "/", **given).headers["location"]
        for _ in range(2)
    }
    assert len(where) == 1


def test_what_was_typed_stands_again_beside_its_error(door: FastAPI) -> None:
    applicant = Visitor(door)
    applicant.enter("applicant")
    answer = applicant.submit(
        "/apply/instant_licence", "/", place_name='<b>"宾馆"&𠮷', area_m2="很大"
    )
    assert answer.status_code == 422
    assert 'value="&lt;b&gt;&#34;宾馆&#34;&amp;𠮷"' in answer.text
    assert 'value="很大"' in answer.text
    assert "经营面积（平方米）：应为数字" in answer.text
    assert 'href="#address"' in answer.text


def test_the_window_of_another_district_finds_nothing(town: Town, door: FastAPI) -> None:
    number = received(town)
    stranger = Visitor(door)
    stranger.enter("window_b")
    for path in (
        f"/cases/{number}",
        f"/cases/{number}/steps/accept",
        f"/cases/{number}/diagram.svg",
    ):
        assert stranger.get(path).status_code == 404
    assert number not in stranger.get("/cases").text
    answer = stranger.submit(f"/cases/{number}/steps/accept", "/", _version="1")
    assert answer.status_code == 404
    assert town.case(number).state == "received"


def test_only_a_supervisor_sees_the_overview(window: Visitor, door: FastAPI) -> None:
    assert window.get("/overview").status_code == 403
    supervisor = Visitor(door)
    supervisor.enter("supervisor")
    answer = supervisor.get("/overview")
    assert answer.status_code == 200
    assert "Prefect 不在线" in answer.text


def test_a_file_that_lies_about_itself_is_refused_beside_its_item(
    town: Town, door: FastAPI
) -> None:
    number = received(town)
    for username, path in (("applicant", "files"), ("window", "attachments")):
        visitor = Visitor(door)
        visitor.enter(username)
        answer = visitor.post(
            f"/cases/{number}/{path}",
            data={"_secret": visitor.secret("/")},
            files={"file.plans": ("平面图.pdf", b"<html>", "application/pdf")},
        )
        assert answer.status_code == 422, username
        assert "invalid-feedback" in answer.text, username
    nothing = visitor.submit(f"/cases/{number}/attachments", "/")
    assert nothing.status_code == 422
    assert "请先选择要上传的文件" in nothing.text


def test_what_a_party_has_chosen_and_not_handed_in_is_seen_by_nobody_else(
    town: Town, door: FastAPI
) -> None:
    number = received(town)
    town.take(
        number, "request_supplement", "window", {"items": [{"material": "plans", "what": "重画"}]}
    )
    path = f"/cases/{number}/files"
    party = Visitor(door)
    party.enter("applicant")
    chosen = {"files": ("未署名.pdf", pdf("未署名"), "application/pdf")}
    assert party.post(path, data={"_secret": party.secret("/")}, files=chosen).status_code == 303
    assert "未署名.pdf" in party.get(f"/cases/{number}").text
    for username in ("window", "applicant2", "window_b"):
        other = Visitor(door)
        other.enter(username)
        for said in ({"_then": "supply"}, {"_at_once": "1"}, {"_take_away": "1"}):
            answer = other.submit(path, "/", **said)
            assert answer.status_code == 404, (username, said)
            assert "未署名" not in answer.text
        assert "未署名" not in other.get(f"/cases/{number}").text
    assert "未署名.pdf" in party.get(f"/cases/{number}").text
    assert town.case(number).state == "awaiting_supplement"


def test_a_file_is_handed_out_only_as_a_download(town: Town, window: Visitor) -> None:
    number = received(town)
    page = window.get(f"/cases/{number}").text
    found = re.search(rf"/cases/{number}/attachments/\d+", page)
    assert found is not None
    answer = window.get(found[0])
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/", "/cases", "/apply/instant_licence", "/account", "/firms",
        "/login", "/register", "/track", "/verify",
    ],
)  # fmt: skip
def test_pages_carry_no_script_or_style_of_their_own(door: FastAPI, path: str) -> None:
    applicant = Visitor(door)
    if path not in ("/login", "/register", "/track", "/verify"):
        applicant.enter("applicant")
    answer = applicant.get(path)
    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=)", answer.text)


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [("/nowhere", 404, "没有这个页面"), ("/cases/X", 404, "未找到"), ("/verify/x", 404, "未找到")],
)
def test_errors_are_pages_in_chinese(window: Visitor, path: str, status: int, title: str) -> None:
    answer = window.get(path)
    assert answer.status_code == status
    assert f"<h1>{title}</h1>" in answer.text


def test_an_unexpected_fault_tells_nothing_of_the_inside(
    town: Town, window: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("casework.reading.notices_of", broken)
    answer = window.get("/notices")
    assert answer.status_code == 500
    assert "系统出现故障" in answer.text
    assert "secret of the house" not in answer.text


def test_the_apis_own_errors_stay_json(visitor: Visitor) -> None:
    answer = visitor.get("/api/v1/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_without_the_demo_there_is_no_calendar_to_turn(window: Visitor) -> None:
    assert window.get("/demo").status_code == 404


def test_logging_out_ends_the_session(window: Visitor) -> None:
    token = window.cookies["nuoxin_session"]
    assert window.submit("/logout", "/").status_code == 303
    window.cookies.set("nuoxin_session", token)
    assert window.get("/").headers["location"].startswith("/login")


def test_what_is_public_says_nothing_of_persons(town: Town, visitor: Visitor) -> None:
    number = town.granted()
    page = visitor.get("/track", params={"number": number, "code": town.case(number).tracking_code})
    assert "已经准予，正在把证书交给您" in page.text
    assert "陈志远" not in page.text
    assert visitor.get("/track", params={"number": number, "code": "x"}).status_code == 404


def test_a_licence_is_told_to_nobody_else_by_a_form(town: Town, door: FastAPI) -> None:
    number = town.licence_of(town.granted())["number"]
    for username, status in (("applicant", 200), ("applicant2", 404), ("window_b", 404)):
        visitor = Visitor(door)
        visitor.enter(username)
        answer = visitor.get(f"/apply/licence_change?licence={number}")
        assert answer.status_code == status
        assert ("南通滨江宾馆" in answer.text) == (status == 200)


def test_who_is_present_is_told_to_clerks_only(town: Town, door: FastAPI) -> None:
    with town.session() as session:
        mandate = session.scalars(select(Mandate.id).order_by(Mandate.id)).first()
    for username, status in (("window", 200), ("reviewer", 403), ("applicant2", 403)):
        visitor = Visitor(door)
        visitor.enter(username)
        assert visitor.get(f"/apply/instant_licence?mandate={mandate}").status_code == status
        counter = visitor.get("/counter/parties/91440300708461136T")
        assert counter.status_code == (200 if username == "window" else 403)


def test_a_counter_shows_no_licence_of_another_authority(town: Town, door: FastAPI) -> None:
    number = town.licence_of(town.granted())["number"]
    for username, seen in (("window", True), ("window_b", False)):
        visitor = Visitor(door)
        visitor.enter(username)
        text = visitor.get("/counter/parties/91440300708461136T").text
        assert (f"licence={quote(number)}" in text) == seen
