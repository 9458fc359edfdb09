"""One sitting at the counter, by forms alone: nothing is lost, done twice, or anybody else's."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Response
from sqlalchemy import select, update

from casework.common.timekeeping import ZONE
from casework.models import Attachment, Authority, Case, KeptForm, Mandate, PartyPaper
from tests.support.signed import SMALL_PDF
from tests.support.town import Town, answers
from tests.support.visitor import Visitor, open_door

CODE, AGENT = "91350100M000100Y43", "11010519491231002X"
FIRM = {
    "party.code_kind": "uscc",
    "party.code": CODE,
    "party.name": "南通万寿宫浴室有限公司",
    "party.representative": "陆安",
    "party.address": "南通市崇川区和平桥1号",
    "party.phone": "0513-81234567",
}
PERSON = {
    "person.name": "周小琴",
    "person.id_kind": "id",
    "person.id_code": AGENT,
    "person.capacity": "agent",
    "person.scope": ["file", "promise"],
    "person.valid_to": "2027-08-31",
}
PLACE = {"place_kind": "bathhouse", "area_m2": "300"}
PAPERS = ("身份证明", "平面图", "检测报告", "卫生管理制度", "授权委托书")


@pytest.fixture
def door(town: Town) -> FastAPI:
    return open_door(town)


@pytest.fixture
def clerk(door: FastAPI) -> Visitor:
    visitor = Visitor(door)
    visitor.enter("window")
    return visitor


def pile(*names: str, content: bytes = SMALL_PDF) -> list[tuple[str, Any]]:
    return [("drop", (f"{name}.pdf", content, "application/pdf")) for name in names]


def open_for(clerk: Visitor, *papers: str, key: str = "k", **more: Any) -> Response:
    page = clerk.get("/counter/sitting", params={"q": CODE}).text
    secret = re.search(r'name="_secret" value="(\w+)"', page)
    assert secret is not None
    given = {**FIRM, **PERSON, **PLACE, "process": "instant_licence", **more}
    return clerk.post(
        "/counter/sitting",
        data={**given, "_key": key, "_secret": secret[1]},
        files=pile(*papers),
    )


def test_what_the_papers_say_is_not_asked_for(clerk: Visitor, town: Town) -> None:
    answer = open_for(clerk, *PAPERS)
    number = answer.headers["location"].rpartition("/")[2]
    case = town.case(number)
    assert case.state == "informed"
    application = case.data["application"]
    assert application["place_name"] == FIRM["party.name"]
    assert application["address"] == FIRM["party.address"]
    assert application["contact_name"] == "周小琴"
    assert application["region"] == "320613"
    assert set(kept(town, number)) == {
        "identity",
        "plans",
        "test_report",
        "management_rules",
        "mandate_paper",
    }
    counter = clerk.get(f"/counter/parties/{CODE}").text
    assert "授权委托书未扫描" not in counter


def test_a_second_click_opens_no_second_case(clerk: Visitor, town: Town) -> None:
    first, second = (open_for(clerk, *PAPERS) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert clerk.get(f"/counter/parties/{CODE}").text.count("代为申请、办理、代为签署承诺书") == 1


def test_what_is_wrong_stands_at_its_place_and_nothing_typed_is_lost(clerk: Visitor) -> None:
    wrong = {**PERSON, "person.id_code": "320602201501010012"}
    answer = open_for(clerk, *PAPERS, **wrong)
    assert answer.status_code == 422
    assert "校验码不符" in answer.text
    assert 'name="person.override_reason"' in answer.text
    assert FIRM["party.name"] in answer.text
    assert "以下文件没有保留" in answer.text
    # Neither the firm nor its agent was registered by half.
    assert "没有登记过" in clerk.get("/counter/sitting", params={"q": CODE}).text
    late = open_for(clerk, *PAPERS, **{"person.valid_to": "2020-01-01"})
    assert 'href="#person.valid_to"' in late.text


def test_what_is_wrong_with_the_application_leaves_who_came_on_record(clerk: Visitor) -> None:
    answer = open_for(clerk, *PAPERS, area_m2="三百")
    assert answer.status_code == 422
    assert 'href="#area_m2"' in answer.text
    chosen = re.search(r'name="mandate" value="(\d+)"[^>]* checked', answer.text)
    assert chosen is not None
    again = open_for(clerk, *PAPERS, mandate=chosen[1])
    assert again.status_code == 303


def test_a_file_that_does_not_say_what_it_is_is_asked_about(clerk: Visitor, town: Town) -> None:
    answer = open_for(clerk, "身份证明", "扫描件0001")
    assert answer.status_code == 422
    assert "没有对应上材料清单的文件：扫描件0001.pdf" in answer.text
    number = number_in(answer)
    assert town.case(number).state == "draft"
    assert kept(town, number) == ["identity"]
    stage = clerk.get(f"/counter/sitting/{number}").text
    assert "受理" in stage
    answer = go_on(clerk, number, files=[("file.plans", ("1.pdf", SMALL_PDF, "application/pdf"))])
    assert answer.status_code == 409
    assert town.case(number).state == "received"
    assert "卫生管理制度" in answer.text


@pytest.mark.parametrize("name", ["营业执照", "文件1", "任命书"])
def test_no_file_vanishes_that_proves_nothing(clerk: Visitor, name: str) -> None:
    answer = open_for(clerk, *PAPERS, name)
    assert answer.status_code == 422
    assert f"没有对应上材料清单的文件：{name}.pdf" in answer.text


def test_what_was_opened_and_then_changed_is_told(clerk: Visitor) -> None:
    assert open_for(clerk, *PAPERS).status_code == 303
    answer = open_for(clerk, *PAPERS, area_m2="350")
    assert answer.status_code == 422
    assert "案件可能已经开立" in answer.text
    key = re.search(r'name="_key" value="(\w+)"', answer.text)
    assert key
    assert key[1] != "k"


def test_a_pile_of_scans_may_weigh_what_the_page_says(clerk: Visitor) -> None:
    heavy = SMALL_PDF + b"%" * (6 * 1024 * 1024)
    answer = open_for(clerk, *PAPERS[2:])
    number = number_in(answer)
    files = pile("身份证明", content=heavy) + pile("平面图", content=heavy)
    assert go_on(clerk, number, files=files).status_code == 303


def test_a_file_that_is_none_is_refused_by_its_name(clerk: Visitor, town: Town) -> None:
    number = number_in(open_for(clerk, *PAPERS[1:]))
    answer = go_on(clerk, number, files=pile("身份证明", content=b"%PDF-1.4 nothing"))
    assert answer.status_code == 422
    assert "身份证明.pdf" in answer.text
    assert town.case(number).state == "received"


def test_a_wrong_answer_is_told_and_the_others_stay(clerk: Visitor, town: Town) -> None:
    number = open_for(clerk, *PAPERS).headers["location"].rpartition("/")[2]
    given = sheet(clerk, number)
    wrong = {**given, "answers.0.choice": str((int(given["answers.0.choice"]) + 1) % 2)}
    answer = go_on(clerk, number, **wrong)
    assert answer.status_code in (409, 422)
    assert town.case(number).state == "informed"
    assert "selected" in answer.text
    page = clerk.get(f"/counter/sitting/{number}").text
    for _ in range(2):  # clicked twice it is done once, and the next stage was not asked about
        assert go_on(clerk, number, page, **given).status_code == 303
        assert town.case(number).state == "committed"


def test_what_was_seen_before_the_case_went_on_is_not_taken(clerk: Visitor, town: Town) -> None:
    number = open_for(clerk, *PAPERS).headers["location"].rpartition("/")[2]
    before = str(town.case(number).version - 1)
    answer = go_on(clerk, number, **sheet(clerk, number), _version=before)
    assert answer.status_code == 409
    assert town.case(number).state == "informed"


def test_nobody_acts_by_a_mandate_of_another_firm_or_that_has_ended(
    clerk: Visitor, town: Town
) -> None:
    with town.session() as session:
        others = session.scalars(select(Mandate.id).order_by(Mandate.id)).all()
    answer = open_for(clerk, *PAPERS, mandate=str(others[0]))
    assert answer.status_code == 422
    assert "请从列表中选择" in answer.text
    assert open_for(clerk, *PAPERS).status_code == 303
    with town.session() as session:
        [own] = session.scalars(select(Mandate).where(Mandate.id.not_in(others)))
        own.valid_from = own.valid_to = date(2020, 1, 1)
        ended = own.id
    answer = open_for(clerk, *PAPERS, key="other", mandate=str(ended))
    assert answer.status_code == 422
    with town.session() as session:
        assert len(session.scalars(select(Case)).all()) == 1


def test_what_was_taken_at_the_counter_leaves_no_draft(clerk: Visitor, town: Town) -> None:
    def drafts() -> list[str]:
        with town.session() as session:
            return list(session.scalars(select(KeptForm.page)))

    given = {"process": "instant_licence", "_wanted": CODE, **PLACE}
    assert clerk.submit("/counter/sitting/draft", "/counter/sitting", **given).status_code == 303
    assert len(drafts()) == 1
    number = open_for(clerk, *PAPERS, _wanted=CODE).headers["location"].rpartition("/")[2]
    assert drafts() == []
    at = f"/counter/sitting/{number}"
    assert clerk.submit(f"{at}/draft", at, signer="周小琴").status_code == 303
    assert drafts() == [at]
    assert go_on(clerk, number, **sheet(clerk, number)).status_code == 303
    assert town.case(number).state == "committed"
    assert drafts() == []


def test_a_promise_that_nobody_confirmed_is_not_made(clerk: Visitor, town: Town) -> None:
    number = open_for(clerk, *PAPERS).headers["location"].rpartition("/")[2]
    given = sheet(clerk, number)
    del given["_said_all.commit"]
    answer = go_on(clerk, number, **given)
    assert answer.status_code == 422
    assert town.case(number).state == "informed"


def test_a_firm_on_record_is_known_by_the_code_on_its_licence(clerk: Visitor, town: Town) -> None:
    open_for(clerk, *PAPERS)
    page = clerk.get("/counter/sitting", params={"q": f"http://gsxt.gov.cn/?uniscid={CODE}&n=1"})
    assert FIRM["party.name"] in page.text
    assert 'name="party.name"' not in page.text
    assert "周小琴，委托代理人" in page.text
    other = open_for(clerk, *PAPERS, key="other", **{"party.name": "南通别的浴室有限公司"})
    assert other.status_code == 422
    assert "该代码已登记为" in other.text


def test_who_heads_the_firm_is_registered_by_its_business_licence(
    clerk: Visitor, town: Town
) -> None:
    heads = {"person.capacity": "representative", "person.name": FIRM["party.representative"]}
    answer = open_for(clerk, *PAPERS, "营业执照", **heads)
    assert answer.status_code == 303, answer.text
    with town.session() as session:
        papers = session.execute(select(PartyPaper.kind, PartyPaper.filename)).all()
    assert papers == [("licence", "营业执照.pdf")]
    number = answer.headers["location"].rpartition("/")[2]
    assert "mandate_paper" in kept(town, number)


def test_a_renewal_begins_with_the_licences_of_the_firm(clerk: Visitor, town: Town) -> None:
    now, town.time.instant = town.time.instant, datetime(2022, 10, 20, 9, tzinfo=ZONE)
    licence = town.relative(town.granted(), "licence")
    town.time.instant = now
    town.office.catch_up(licence.id)
    number = licence.data["application"]["number"]
    code = "91440300708461136T"
    asked = {"process": "licence_renewal", "q": code}
    page = clerk.get("/counter/sitting", params=asked)
    assert number in page.text
    other = {**asked, "q": "91110000802100433B"}
    assert number not in clerk.get("/counter/sitting", params=other).text
    with town.session() as session:
        elsewhere = session.scalars(select(Authority.id).where(Authority.code == "TZ")).one()
    held = town.case(licence.number)
    # Neither what has ended is offered, nor what another authority gave.
    for change in ({"state": "deregistered"}, {"authority_id": elsewhere}):
        _change(town, licence.id, change)
        assert number not in clerk.get("/counter/sitting", params=asked).text
        _change(town, licence.id, {name: getattr(held, name) for name in change})
    secret = re.search(r'name="_secret" value="(\w+)"', page.text)
    assert secret
    given = {**PERSON, "person.valid_to": "2027-08-31"}
    given |= {"licence": number, "conditions_kept": "true"}
    hidden = {"process": "licence_renewal", "party.code": code, "_secret": secret[1], "_key": "r"}
    answer = clerk.post(
        "/counter/sitting", data={**given, **hidden}, files=pile("检测报告", "授权委托书")
    )
    assert answer.status_code == 303, re.sub(r"<[^>]+>|\s+", " ", answer.text)[-1500:]
    renewal = town.case(answer.headers["location"].rpartition("/")[2])
    assert renewal.process == "licence_renewal"
    assert renewal.state == "accepted"
    assert "签署承诺书" in clerk.get(answer.headers["location"]).text


@pytest.mark.parametrize(
    ("username", "status"), [("applicant", 403), ("reviewer", 403), ("window_b", 404)]
)
def test_nobody_else_sits_there(door: FastAPI, clerk: Visitor, username: str, status: int) -> None:
    place = open_for(clerk, *PAPERS).headers["location"]
    other = Visitor(door)
    other.enter(username)
    assert other.get(place).status_code == status
    assert other.get("/counter/sitting").status_code == (200 if username == "window_b" else 403)


def _change(town: Town, case: int, values: dict[str, Any]) -> None:
    with town.session() as session:
        session.execute(update(Case).where(Case.id == case).values(**values))


def number_in(answer: Response) -> str:
    """The number of the one case that a page is about."""
    [number] = set(re.findall(r"CC-GC-\d{4}-\d{6}", answer.text))
    return str(number)


def kept(town: Town, number: str) -> list[str]:
    """For what files were kept."""
    of_case = Attachment.case_id == town.case(number).id
    with town.session() as session:
        return list(session.scalars(select(Attachment.material).where(of_case)))


def sheet(clerk: Visitor, number: str) -> dict[str, str]:
    """The form of the promise, rightly filled in."""
    page = clerk.get(f"/counter/sitting/{number}").text
    right = {one["question"]: one["choice"] for one in answers()["answers"]}
    asked = re.findall(r'name="(answers\.\d+)\.question" value="([^"]+)"', page)
    given = {f"{row}.question": key for row, key in asked}
    given |= {f"{row}.choice": str(right[key]) for row, key in asked}
    return {**given, "signer": "周小琴", "_said_all.commit": "true"}


def go_on(clerk: Visitor, number: str, page: str = "", files: Any = (), **given: str) -> Response:
    """Press the button of the present stage, as its page stands or stood."""
    path = f"/counter/sitting/{number}"
    page = page or clerk.get(path).text
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    data: dict[str, Any] = {}
    for name, value in hidden:
        data.setdefault(name, []).append(value)
    return clerk.post(path, data={**data, **given}, files=list(files))
