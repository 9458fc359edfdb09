"""A form that is posted after its log-in has ended: log in again, and go on where it was left."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from casework.models import Account, Case, KeptForm, LoginSession
from casework.people import accounts, kept_forms
from tests.support.signed import SMALL_PDF
from tests.support.town import Town
from tests.support.visitor import PASSWORD, Visitor, open_door

TYPED = {"place_name": '滨江<宾馆>"&𠮷', "contact_name": "李敏", "area_m2": "８６"}
FORM = "/apply/instant_licence"


@pytest.fixture
def door(town: Town) -> FastAPI:
    """The pages over a fresh town."""
    return open_door(town)


@pytest.fixture
def applicant(door: FastAPI) -> Visitor:
    """Somebody of the first firm, logged in."""
    visitor = Visitor(door)
    visitor.enter("applicant")
    return visitor


@pytest.fixture(scope="module")
def shared_door(module_town: Town) -> FastAPI:
    """The pages over a town in which nothing is done but logging in."""
    return open_door(module_town)


@pytest.fixture
def gone(module_town: Town, shared_door: FastAPI) -> tuple[Visitor, str]:
    """Somebody whose log-in has lapsed, and the secret of a page that is still open."""
    shared_door.state.tries.reset()
    visitor = Visitor(shared_door)
    visitor.enter("applicant")
    secret = visitor.secret("/")
    module_town.time.pass_(hours=3)
    return visitor, secret


def _left(town: Town, visitor: Visitor, path: str = FORM, page: str = FORM, **more: str) -> str:
    """Open a form, come back after the log-in has lapsed, and send it; gives the address that the
    answer leads to."""
    secret = visitor.secret(page)
    town.time.pass_(hours=3)
    answer = visitor.post(path, data={**TYPED, **more, "_secret": secret})
    assert answer.status_code == 303
    return answer.headers["location"]


def _log_in(visitor: Visitor, location: str, username: str, password: str = PASSWORD) -> str:
    """Log in on the page that an address leads to; gives where that leads."""
    page = visitor.get(location).text
    given = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    said = {"username": username, "password": password}
    answer = visitor.post("/login", data={**given, **said})
    return answer.headers.get("location", "")


def _cases(town: Town) -> int:
    with town.session() as session:
        return session.scalar(select(func.count()).select_from(Case)) or 0


def _rows(town: Town) -> list[KeptForm]:
    with town.session() as session:
        return list(session.scalars(select(KeptForm)))


def test_whoever_logs_in_again_goes_on_where_the_form_was_left(
    town: Town, applicant: Visitor
) -> None:
    location = _left(town, applicant)
    page = applicant.get(location).text
    assert "没有提交，但已为您保留" in page
    assert "李敏" not in page
    on = _log_in(applicant, location, "applicant")
    assert urlsplit(on).path == FORM
    form = applicant.get(on)
    assert form.status_code == 200
    assert "刚才的内容没有提交" in form.text
    assert 'value="滨江&lt;宾馆&gt;&#34;&amp;𠮷"' in form.text
    assert 'value="８６"' in form.text
    assert _cases(town) == 0
    # It carries the new log-in's secret, and is sent like any other.
    secret = re.search(r'name="_secret" value="(\w+)"', form.text)
    assert secret
    answer = applicant.post(FORM, data={**TYPED, "_secret": secret[1]})
    assert answer.status_code == 422
    assert "经营场所地址" in answer.text


def test_a_wrong_password_loses_nothing(town: Town, applicant: Visitor) -> None:
    location = _left(town, applicant)
    page = applicant.get(location).text
    given = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    wrong = applicant.post("/login", data={**given, "username": "applicant", "password": "no"})
    assert wrong.status_code == 401
    again = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', wrong.text))
    assert (again["next"], again["resume"]) == (given["next"], given["resume"])


def test_another_person_at_the_same_desk_sees_nothing_of_it(town: Town, applicant: Visitor) -> None:
    location = _left(town, applicant)
    on = _log_in(applicant, location, "applicant2")
    assert on == "/?said=not_yours"
    assert "只为原登录人保留" in applicant.get(on).text
    handle = parse_qs(urlsplit(location).query)["resume"][0]
    form = applicant.get(f"{FORM}?resume={handle}").text
    assert "李敏" not in form
    assert _rows(town) == []


def test_what_somebody_left_is_of_no_use_to_who_knows_its_handle(
    town: Town, applicant: Visitor, door: FastAPI
) -> None:
    location = _left(town, applicant)
    handle = parse_qs(urlsplit(location).query)["resume"][0]
    other = Visitor(door)
    other.enter("applicant2")
    assert "李敏" not in other.get(f"{FORM}?resume={handle}").text
    assert "李敏" in applicant.get(_log_in(applicant, location, "applicant")).text


def test_another_account_of_the_same_person_goes_on_with_it(town: Town, applicant: Visitor) -> None:
    with town.session() as session:
        mine = session.scalars(select(Account).where(Account.username == "applicant")).one()
        session.add(
            Account(
                person_id=mine.person_id,
                username="chen.zhiyuan",
                password_hash=mine.password_hash,
                active=True,
            )
        )
    location = _left(town, applicant)
    assert "李敏" in applicant.get(_log_in(applicant, location, "chen.zhiyuan")).text


def test_a_form_of_an_earlier_log_in_is_shown_again_and_not_taken(
    town: Town, applicant: Visitor
) -> None:
    secret = applicant.secret(FORM)
    applicant.cookies.clear()
    applicant.enter("applicant")
    answer = applicant.post(FORM, data={**TYPED, "_secret": secret})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{FORM}?resume=")
    assert "李敏" in applicant.get(answer.headers["location"]).text
    assert _cases(town) == 0


def test_a_form_of_another_person_is_refused_and_not_kept(
    town: Town, applicant: Visitor, door: FastAPI
) -> None:
    secret = applicant.secret(FORM)
    other = Visitor(door)
    other.enter("applicant2")
    answer = other.post(FORM, data={**TYPED, "_secret": secret})
    assert answer.status_code == 403
    assert "李敏" not in answer.text
    assert _rows(town) == []


@pytest.mark.parametrize("secret", ["", "0" * 64, "\0", "秘密", None])
def test_a_forged_form_leads_to_the_log_in_with_nothing(
    town: Town, applicant: Visitor, secret: str | None
) -> None:
    town.time.pass_(hours=3)
    data = TYPED if secret is None else {**TYPED, "_secret": secret}
    answer = applicant.post(FORM, data=data)
    assert answer.headers["location"] == f"/login?next={FORM}"
    assert _rows(town) == []


def test_a_renewed_password_ends_the_log_in_but_loses_nothing(
    town: Town, applicant: Visitor
) -> None:
    secret = applicant.secret(FORM)
    with town.session() as session:
        password = accounts.renew_password(session, "applicant")
    answer = applicant.post(FORM, data={**TYPED, "_secret": secret})
    on = _log_in(applicant, answer.headers["location"], "applicant", password)
    assert "李敏" in applicant.get(on).text


def test_who_logged_out_in_another_tab_goes_on_too(town: Town, applicant: Visitor) -> None:
    secret = applicant.secret(FORM)
    applicant.post("/logout", data={"_secret": secret})
    assert "nuoxin_session" not in applicant.cookies
    answer = applicant.post(FORM, data={**TYPED, "_secret": secret})
    assert "李敏" in applicant.get(_log_in(applicant, answer.headers["location"], "applicant")).text


def test_passwords_and_codes_are_never_kept(town: Town, applicant: Visitor) -> None:
    given = {"old": "my old one", "password": "my new one", "again": "my new one", "code": "123456"}
    secret = applicant.secret("/account")
    town.time.pass_(hours=3)
    for path in ("/account/password", "/firms/code"):
        answer = applicant.post(path, data={**given, "_secret": secret})
        page = path.rpartition("/")[0]
        assert answer.headers["location"] == f"/login?next={page}"
    applicant.post(FORM, data={**given, "_secret": secret})
    [row] = _rows(town)
    assert row.fields == {"code": ["123456"]}


def test_a_file_must_be_chosen_again_and_is_named(town: Town, applicant: Visitor) -> None:
    number = town.apply()
    secret = applicant.secret(f"/cases/{number}")
    town.time.pass_(hours=3)
    answer = applicant.post(
        f"/cases/{number}/files",
        data={"_secret": secret},
        files={"file.plans": ("平面图.pdf", SMALL_PDF, "application/pdf")},
    )
    on = _log_in(applicant, answer.headers["location"], "applicant")
    page = applicant.get(on).text
    assert urlsplit(on).path == f"/cases/{number}"
    assert "以下文件没有保留，请重新选择：平面图.pdf" in page
    assert ">已交<" not in page


def test_a_confirmed_step_is_asked_about_once_more(town: Town, applicant: Visitor) -> None:
    number = town.apply()
    town.take(number, "submit", "applicant")
    path = f"/cases/{number}/steps/withdraw"
    version = str(town.case(number).version)
    location = _left(
        town, applicant, path, path, reason="不再申请", _version=version, _confirmed="1"
    )
    page = applicant.get(_log_in(applicant, location, "applicant")).text
    assert "不再申请" in page
    assert "下一步：核对后确认" in page
    assert town.case(number).state == "received"


def test_what_happened_meanwhile_is_told_before_the_form_goes_on(
    town: Town, applicant: Visitor
) -> None:
    number = town.apply()
    town.take(number, "submit", "applicant")
    path = f"/cases/{number}/steps/withdraw"
    version = str(town.case(number).version)
    secret = applicant.secret(path)
    items = [{"material": "plans", "what": "标明消毒间"}]
    town.take(number, "request_supplement", "window", {"items": items})
    town.time.pass_(hours=3)
    given = {"reason": "不再申请", "_version": version, "_secret": secret}
    answer = applicant.post(path, data=given)
    page = applicant.get(_log_in(applicant, answer.headers["location"], "applicant")).text
    assert "案件已有新的办理情况" in page
    assert "一次性告知补正" in page
    assert "带着已填内容继续" in page
    assert 'value="不再申请"' in page


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/counter/parties", "/counter"),
        ("/counter/parties/91440300708461136T/mandates", "/counter/parties/91440300708461136T"),
        ("/licences/renewals", "/licences"),
        ("/cases/CC-GC-2026-000001/attachments", "/cases/CC-GC-2026-000001"),
        ("/cases/CC-1/steps/grant/signature", "/cases/CC-1/steps/grant"),
        ("/leads/new?process=penalty", "/leads/new?process=penalty"),
        ("/gradings", "/"),
        ("/nowhere/at/all", "/"),
    ],
)
def test_the_place_of_a_form_is_kept_without_being_told(
    gone: tuple[Visitor, str], path: str, page: str
) -> None:
    visitor, secret = gone
    answer = visitor.post(path, data={"name": "试", "_secret": secret})
    if path.startswith("/nowhere"):
        assert answer.status_code == 404
        return
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["next"] == [page]


@pytest.mark.parametrize(
    ("came", "page"),
    [
        ("http://testserver/credit/desk", "/credit/desk"),
        ("http://testserver/licences?mandate=3&said=x", "/licences?mandate=3"),
        ("http://elsewhere.invalid/credit/desk", "/"),
        ("http://testserver/login?next=/", "/"),
        ("http://testserver//elsewhere.invalid/", "/"),
    ],
)
def test_the_page_that_a_form_came_from_is_its_place_if_it_is_ours(
    gone: tuple[Visitor, str], came: str, page: str
) -> None:
    visitor, secret = gone
    answer = visitor.post("/gradings", data={"_secret": secret}, headers={"Referer": came})
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["next"] == [page]


@pytest.mark.parametrize(
    ("wanted", "page"),
    [
        ("/cases?q=%E6%BB%A8&state=valid", "/cases?q=%E6%BB%A8&state=valid"),
        ("//elsewhere.invalid", "/"),
        ("/\\elsewhere.invalid", "/"),
        ("/\t/elsewhere.invalid", "/"),
        ("https://elsewhere.invalid/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_a_page_that_was_wanted_opens_after_logging_in_unless_it_is_elsewhere(
    shared_door: FastAPI, wanted: str, page: str
) -> None:
    shared_door.state.tries.reset()
    visitor = Visitor(shared_door)
    assert visitor.enter("applicant", next=wanted).headers["location"] == page
    if page != "/":
        visitor.cookies.clear()
        location = visitor.get(wanted).headers["location"]
        assert parse_qs(urlsplit(location).query)["next"] == [wanted]


def test_little_is_kept_and_not_for_long(town: Town, applicant: Visitor) -> None:
    secret = applicant.secret(FORM)
    town.time.pass_(hours=3)
    for n in range(kept_forms.MOST + 2):
        town.time.pass_(seconds=1)
        applicant.post(FORM, data={**TYPED, "remark": str(n), "_secret": secret})
    kept = {row.fields["remark"][0] for row in _rows(town)}
    assert kept == {"2", "3", "4", "5", "6"}
    much = {f"items.{n}": "x" * 60_000 for n in range(20)}
    answer = applicant.post(FORM, data={**much, "_secret": secret})
    assert answer.headers["location"] == f"/login?next={FORM}"
    answer = applicant.post(FORM, data={**TYPED, "_secret": secret})
    town.time.pass_(seconds=kept_forms.KEPT_FOR.total_seconds() + 1)
    assert _log_in(applicant, answer.headers["location"], "applicant") == "/?said=not_yours"
    town.time.pass_(hours=3)
    applicant.post(FORM, data={**TYPED, "_secret": secret})
    assert len(_rows(town)) == 1


def test_an_ended_log_in_is_forgotten_after_a_day(town: Town, applicant: Visitor) -> None:
    secret = applicant.secret(FORM)
    town.time.instant += timedelta(days=2)
    applicant.cookies.clear()
    applicant.enter("applicant")
    with town.session() as session:
        assert session.get(LoginSession, secret) is None
    assert applicant.post(FORM, data={**TYPED, "_secret": secret}).status_code == 403


def test_a_log_in_sent_from_an_old_page_keeps_its_name_and_asks_again(
    town: Town, door: FastAPI
) -> None:
    visitor = Visitor(door)
    given = {"username": "applicant", "password": PASSWORD, "next": "/cases"}
    answer = visitor.post("/login", data={**given, "_secret": "0" * 64})
    assert answer.status_code == 403
    assert "页面已失效，请重新输入密码" in answer.text
    assert 'value="applicant"' in answer.text
    assert PASSWORD + '"' not in answer.text
    assert 'name="next" value="/cases"' in answer.text
    assert "nuoxin_session" not in visitor.cookies
    # Who has logged in elsewhere meanwhile simply goes on.
    visitor.enter("applicant")
    answer = visitor.post("/login", data={**given, "_secret": "0" * 64})
    assert answer.headers["location"] == "/cases"


def test_guessing_passwords_stays_limited_from_a_form_that_was_left(
    town: Town, applicant: Visitor, door: FastAPI
) -> None:
    location = _left(town, applicant)
    page = applicant.get(location).text
    given = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    door.state.tries.reset()
    tries = [
        applicant.post("/login", data={**given, "username": "applicant", "password": str(n)})
        for n in range(21)
    ]
    assert [answer.status_code for answer in tries] == [401] * 20 + [429]
