"""One identity is one row, by whatever door it comes and however it is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from casework.models import Account, Party, Person, Place
from casework.people.accounts import form_secret
from tests.support import penalties
from tests.support.front import Front, refused
from tests.support.journeys import apply_to, usual
from tests.support.records import heads
from tests.support.town import APPLICANT, Town, application, promise

PERSON = "11010519491231002X"
NEW = {
    "code_kind": "id",
    "code": PERSON,
    "name": "陆安",
    "representative": "陆安",
    "address": "南通市崇川区和平桥1号",
    "phone": "0513-81234567",
}
AGENT = {
    "name": "周小琴",
    "id_kind": "id",
    "id_code": PERSON,
    "capacity": "agent",
    "scope": ["file", "promise"],
    "valid_from": "2026-08-01",
    "valid_to": "2027-07-31",
}
_UNSEEN = "\u200b\u200d\u2060\ufeff\u00ad\u200e\u202a\u2066 \u00a0\u3000\t"
HERE = "南通市崇川区人民中路88号"


def wide(text: str) -> str:
    """The same in full width."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def written(code: str) -> st.SearchStrategy[str]:
    """The ways in which people write, or paste, a code."""
    signs = [
        st.tuples(st.text(_UNSEEN, max_size=1), st.sampled_from([s, wide(s), s.lower()]))
        for s in code
    ]
    return st.tuples(*signs).map(lambda pairs: "".join(f"{gap}{sign}" for gap, sign in pairs))


WAYS = [
    PERSON.lower(),
    wide(PERSON),
    PERSON[:6] + wide(PERSON[6:14]) + PERSON[14:],
    f"\ufeff{PERSON[:6]} {PERSON[6:14]} {PERSON[14:]}\u00a0",
    "\u200b".join(PERSON),
]


def parties(town: Town) -> int:
    with town.session() as session:
        return session.scalar(select(func.count()).select_from(Party)) or 0


class Pages:
    """The pages as a browser of the simplest kind asks for them, by account name."""

    def __init__(self, front: Front) -> None:
        self.front = front

    def get(self, who: str, path: str, **query: str) -> httpx.Response:
        return self.front.client.get(path, params=query, cookies=self._cookies(who))

    def post(self, who: str, path: str, **form: Any) -> httpx.Response:
        cookies = self._cookies(who)
        secret = form_secret(cookies["nuoxin_session"])
        return self.front.client.post(
            path, data={**form, "_secret": secret}, cookies=cookies, follow_redirects=False
        )

    def _cookies(self, who: str) -> dict[str, str]:
        said = self.front.identity(who)["Authorization"]
        return {"nuoxin_session": said.removeprefix("Bearer ")}


@pytest.fixture
def pages(front: Front) -> Pages:
    return Pages(front)


# -- a party ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_a_party_is_registered_once(front: Front, town: Town, way: str) -> None:
    first = front.post("window", "/parties", {**NEW, "code": way})
    assert first.status_code == 201, first.text
    assert first.json()["code"] == PERSON
    again = front.post("window", "/parties", NEW)
    assert (again.status_code, again.json()) == (200, first.json())


@pytest.mark.slow
@given(way=written(PERSON))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_it_is_written(module_front: Front, way: str) -> None:
    """Every door that takes the code of a party finds the one row."""
    front, town = module_front, module_front.town
    front.post("window", "/parties", NEW)
    before = parties(town)
    answer = front.post("window", "/parties", {**NEW, "code": way})
    assert (answer.status_code, answer.json()["code"]) == (200, PERSON)
    for path in (f"/parties/{way}", f"/parties/{way}/credit", f"/parties/{way}/mandates"):
        assert front.get("window", path.replace("\t", "%09")).status_code == 200
    page = Pages(front).get("window", "/counter", q=way)
    assert f"/counter/parties/{PERSON}" in page.text
    posted = Pages(front).post("window", "/counter/parties", **{**NEW, "code": way})
    assert posted.headers["location"].startswith(f"/counter/parties/{PERSON}")
    assert parties(town) == before


def test_nor_is_it_two_by_the_script_of_its_digits(front: Front, town: Town) -> None:
    before = parties(town)
    for digits in ("٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"):
        said = {**NEW, "code": PERSON.translate({ord("0") + n: d for n, d in enumerate(digits)})}
        answer = front.post("window", "/parties", said)
        if answer.status_code == 201:  # what Unicode says is the same digit in another look
            assert answer.json()["code"] == PERSON
            before += 1
        else:
            assert refused(answer, 422, "bad-input")["errors"][0]["field"] == "code"
    assert parties(town) == before


def test_no_door_at_all_puts_in_another_form(town: Town) -> None:
    """Flows and imports write rows too; the database itself keeps the form."""
    kept = {name: value for name, value in NEW.items() if name != "code"}
    for code in (wide(PERSON), PERSON.lower(), f"{PERSON}\u200b", f" {PERSON}", f"{PERSON}\n", ""):
        with pytest.raises(IntegrityError, match="ck_party_code"), town.session() as session:
            session.add(Party(code=code, **kept))
        with pytest.raises(IntegrityError, match="ck_person_id_code"), town.session() as session:
            session.add(Person(name="陆安", id_kind="id", id_code=code))
    with town.session() as session:
        session.add(Party(code="E12345678", **kept))  # a passport


@pytest.mark.parametrize(
    ("kind", "code", "label"),
    [
        ("passport", "E12345678", "护照号码"),
        ("hmt_permit", "H1234567801", "港澳台居民居住证（通行证）号码"),
        ("foreign_pr", "CHN110000000000", "外国人永久居留身份证号码"),
    ],
)
def test_who_is_no_citizen_is_a_party_too(
    front: Front, town: Town, pages: Pages, kind: str, code: str, label: str
) -> None:
    """处罚法84: the law of penalties is for them as for everybody."""
    said = {**NEW, "code_kind": kind, "code": wide(code.lower()), "name": "JOHN SMITH"}
    assert label in pages.get("handler1", "/leads/new").text
    assert front.post("handler1", "/parties", said).status_code == 201
    posted = pages.post("window", "/counter/parties", **{**said, "code": f"{code}\u200b"})
    assert posted.headers["location"].startswith(f"/counter/parties/{code}")
    day = town.time.now().date().isoformat()
    data = {**penalties.lead(found_on=day, act_on=day), "filed_on": day}
    body = {"process": "penalty", "data": data, "party": code}
    answer = front.post("handler1", "/cases", body)
    assert answer.status_code == 201, answer.text
    number = answer.json()["number"]
    assert front.get("handler1", f"/cases/{number}").json()["party"]["code"] == code
    assert front.get("credit", f"/parties/{code}/credit/report").status_code == 200


@pytest.mark.parametrize("code", [APPLICANT.lower(), wide(APPLICANT), f"\u200b{APPLICANT}\u00a0"])
def test_a_case_is_opened_for_the_one_there_is(front: Front, town: Town, code: str) -> None:
    body = {"process": "instant_licence", "data": application(), "party": code}
    answer = front.post("applicant", "/cases", body)
    assert answer.status_code == 201, answer.text
    found = front.get("applicant", "/cases", q=f" {wide(answer.json()['number'])}\u200b").json()
    assert [one["number"] for one in found["cases"]] == [answer.json()["number"]]


# -- a person --------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_a_person_is_one_whoever_writes_the_number(front: Front, town: Town, way: str) -> None:
    path = f"/parties/{APPLICANT}/mandates"
    assert front.post("window", path, {**AGENT, "id_code": way}).status_code == 201
    second = {**AGENT, "name": " 周 小琴\u200b"}
    assert front.post("window", path, second).status_code == 201
    with town.session() as session:
        assert session.scalars(select(Person.name).where(Person.id_code == PERSON)).all() == [
            "周小琴"
        ]


def test_a_name_is_compared_as_it_is_read(front: Front, town: Town) -> None:
    """The representative by the business licence, typed with other brackets, dots and blanks."""
    said = {**NEW, "code_kind": "uscc", "code": "91350100M000100Y43"}
    said |= {"name": "南通（万寿）茶馆", "representative": "买买提·阿不都"}
    assert front.post("window", "/parties", said).status_code == 201
    person = {**AGENT, "name": "买买提・阿不都 ", "capacity": "representative", "scope": []}
    person["paper"] = front.proof(said["code"])
    answer = front.post("window", f"/parties/{said['code']}/mandates", person)
    assert answer.status_code == 201, answer.text
    other = {**person, "name": "买买提·阿不力", "id_code": "110105194912310020"}
    other["override_reason"] = "已核对"
    wrong = front.post("window", f"/parties/{said['code']}/mandates", other)
    assert refused(wrong, 422, "bad-input")["errors"][0]["field"] == "name"


def test_an_account_has_one_name_and_one_number(front: Front, town: Town) -> None:
    said = {
        "name": "周小琴",
        "id_kind": "id",
        "id_code": wide(PERSON),
        "phone": "+86 139-1234-5678",
        "username": "ＺＨＯＵ.xq\u200b",
        "password": " １２３ four five ",
    }
    assert front.post(None, "/accounts", said).json() == {"username": "zhou.xq"}
    with town.session() as session:
        kept = session.scalars(select(Account).where(Account.username == "zhou.xq")).one()
        assert (kept.id_code, kept.phone) == (PERSON, "13912345678")
    taken = front.post(None, "/accounts", {**said, "username": "zhou.xq"})
    assert refused(taken, 422, "bad-input")["errors"][0]["field"] == "username"
    for name in ("zhou.xq", "Zhou.xq", "\ufeffＺｈｏｕ．ｘｑ "):
        body = {"username": name, "password": said["password"]}
        assert front.post(None, "/session", body).status_code == 200
    # A password is another thing: letter by letter.
    for password in ("123 four five", " 123 four five ", said["password"].strip()):
        wrong = front.post(None, "/session", {"username": "zhou.xq", "password": password})
        refused(wrong, 401, "login-refused")


# -- numbers that were given out -------------------------------------------------------------------


def test_a_licence_is_found_however_its_number_is_typed(front: Front, town: Town) -> None:
    town.granted()
    given_out = "苏卫公证字〔2026〕第320613-000001号"
    for typed in (
        given_out,
        "苏卫公证字[2026]第320613-000001号",
        "苏卫公证字（２０２６）第320613－000001号\u200b",
        " 苏卫公证字 【2026】 第320613—000001号",
    ):
        answer = front.get("applicant", f"/licences/{typed}")
        assert answer.status_code == 200, typed
        assert answer.json()["certificate"]["number"] == given_out


def test_an_application_about_a_licence_names_it_as_it_was_given_out(
    front: Front, town: Town
) -> None:
    number = town.granted()
    town.take(number, "deliver", "window", usual("instant_licence", "deliver"))
    data = {
        "licence": "苏卫公证字(2026)第320613-000001号",
        "kind": "遗失、毁损补发",
        "reason": "不慎遗失",
        "contact_name": "李敏",
        "contact_phone": "13800000001",
    }
    answer = front.post("applicant", "/cases", {"process": "licence_change", "data": data})
    assert answer.status_code == 201, answer.text
    kept = town.case(answer.json()["number"]).data["application"]["licence"]
    assert kept == "苏卫公证字〔2026〕第320613-000001号"


@pytest.mark.slow
def test_what_somebody_copied_from_a_slip_is_found(front: Front, town: Town, pages: Pages) -> None:
    opened = front.post(
        "applicant", "/cases", {"process": "instant_licence", "data": application()}
    )
    number, code = opened.json()["number"], opened.json()["tracking_code"]
    for typed, secret in (
        (number.lower(), f"{code}\u200b"),
        (wide(number), wide(code)),
        (number.replace("-", "–"), f" {code} "),
    ):
        assert front.get(None, f"/track/{typed}", code=secret).status_code == 200, typed
        page = front.client.get("/track", params={"number": typed, "code": secret})
        assert page.status_code == 200
        assert front.get("applicant", f"/cases/{typed}").json()["number"] == number
        assert pages.get("applicant", f"/cases/{typed}").status_code == 200
    refused(front.get(None, f"/track/{number}", code=code.swapcase()), 404, "not-found")


def test_a_violation_is_one_by_any_width(front: Front) -> None:
    assert front.get("handler1", "/violations/ｇｃ００１").json()["code"] == "GC001"
    found = front.get("handler1", "/violations", q="ＧＣ００１").json()["violations"]
    assert [one["code"] for one in found] == ["GC001"]


# -- what is filled in -----------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["name", "representative", "address"])
def test_what_nobody_can_see_is_nothing(front: Front, town: Town, pages: Pages, field: str) -> None:
    before = parties(town)
    for nothing in ("\u200b\u200b", "\ufeff \u3000", "\u00ad", "\u2800"):
        said = {**NEW, field: nothing}
        problem = refused(front.post("window", "/parties", said), 422, "bad-input")
        assert [error["field"] for error in problem["errors"]] == [field]
        assert "必须填写" in problem["detail"]
        page = pages.post("window", "/counter/parties", **said)
        assert (page.status_code, "必须填写" in page.text) == (422, True)
    data = application(place_name="\u200b\u200b")
    problem = refused(
        front.post("applicant", "/cases", {"process": "instant_licence", "data": data}),
        422,
        "bad-input",
    )
    assert [error["field"] for error in problem["errors"]] == ["place_name"]
    assert parties(town) == before


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("（0513）85550000", "0513-85550000"),
        ("0513-85550000转8012", "0513-85550000-8012"),
        ("+86 138 1234 5678", "13812345678"),
        ("０５１３　８５５５　００００", "0513-85550000"),
    ],
)
def test_a_telephone_number_is_taken_as_people_write_it(
    front: Front, town: Town, typed: str, kept: str
) -> None:
    assert front.post("window", "/parties", {**NEW, "phone": typed}).json()["phone"] == kept
    body = {"process": "instant_licence", "data": application(contact_phone=typed)}
    number = front.post("applicant", "/cases", body).json()["number"]
    assert town.case(number).data["application"]["contact_phone"] == kept


@pytest.mark.parametrize("typed", ["()()()", "- - - - -", "1380000001", "无", "٠٥١٣-٨٥٥٥٠٠٠٠"])
def test_what_cannot_be_called_is_refused(front: Front, typed: str) -> None:
    problem = refused(front.post("window", "/parties", {**NEW, "phone": typed}), 422, "bad-input")
    assert problem["errors"][0]["field"] == "phone"
    assert "0513-85550000转8012" in problem["errors"][0]["text"]
    body = {"process": "instant_licence", "data": application(contact_phone=typed)}
    problem = refused(front.post("applicant", "/cases", body), 422, "bad-input")
    assert problem["errors"][0]["field"] == "contact_phone"


def test_a_soft_line_break_is_a_line_break(front: Front, town: Town) -> None:
    number = apply_to(town, "ordinary_review", HERE)
    given = {**usual("instant_licence", "pause"), "reason": "第一点\u000b第二点\u2028第三点\r\n完"}
    assert front.step("reviewer", number, "pause", given).status_code == 200
    assert town.case(number).data["pause"]["reason"] == "第一点\n第二点\n第三点\n完"


def test_what_cannot_be_kept_is_named_and_marked(front: Front, town: Town, pages: Pages) -> None:
    before = heads(town)
    data = application(place_name="滨江\u0000宾馆", contact_name="李\u0007敏")
    problem = refused(
        front.post("applicant", "/cases", {"process": "instant_licence", "data": data}),
        422,
        "bad-input",
    )
    assert {one["field"]: one["label"] for one in problem["errors"]} == {
        "place_name": "单位（场所）名称",
        "contact_name": "联系人",
    }
    page = pages.post("applicant", "/apply/instant_licence", **{**data, "area_m2": "86"})
    assert page.status_code == 422
    assert "U+0000" in page.text
    said = {**NEW, "name": "陆\u0007安"}
    page = pages.post("window", "/counter/parties", **said)
    assert (page.status_code, "U+0007" in page.text) == (422, True)
    assert heads(town) == before


@pytest.mark.parametrize(
    "path",
    [
        "/cases?q=%00", "/cases/%00", "/counter?q=%00a", "/counter/parties/%00", "/grades?q=%00",
        "/violations?q=%00", "/violations/%00", "/credit?code=%00",
        "/apply/licence_renewal?licence=%00", "/consultations?q=%00", "/consultations/%00",
    ],
)  # fmt: skip
def test_an_address_that_nobody_could_have_typed_is_no_fault_of_ours(
    pages: Pages, path: str
) -> None:
    for who in ("window", "applicant"):
        assert pages.get(who, path).status_code < 500


@pytest.mark.parametrize(
    ("typed", "kept"), [("１４：３０", "14:30"), ("14:30\u200b", "14:30"), ("٠٩:٣٠", None)]
)
def test_an_hour_is_judged_in_one_form(
    front: Front, town: Town, typed: str, kept: str | None
) -> None:
    number = apply_to(town, "ordinary_review", HERE)
    given = {"mode": "视频核查", "on": "２０２６-09-02", "time": typed, "contact": "李敏"}
    answer = front.step("reviewer", number, "book_look", given)
    if kept is None:
        assert refused(answer, 422, "bad-input")["errors"][0]["field"] == "time"
    else:
        assert answer.status_code == 200, answer.text
        said = town.case(number).data["book_look"]
        assert (said["time"], said["on"]) == (kept, "2026-09-02")


def test_premises_are_one_however_their_address_is_written(front: Front, town: Town) -> None:
    for address in (
        HERE,
        f"\u200b{HERE} ",
        HERE.replace("88", "８８"),
        HERE.replace("市", "市\u00ad"),
    ):
        body = {"process": "instant_licence", "data": application(address=address)}
        assert front.post("applicant", "/cases", body).status_code == 201
    with town.session() as session:
        assert session.scalar(select(func.count()).select_from(Place)) == 1


def test_a_promise_is_signed_by_the_same_name(front: Front, town: Town) -> None:
    number = apply_to(town, "informed", HERE)
    inputs = {"study": usual("instant_licence", "study"), "commit": promise("陈志远\u200b")}
    for step, filled in inputs.items():
        answer = front.step("applicant", number, step, filled)
        assert answer.status_code == 200, answer.text
    said: Mapping[str, Any] = town.case(number).data["commit"]
    assert said["signer"] == "陈志远"
    assert not re.search("\u200b", str(said))
