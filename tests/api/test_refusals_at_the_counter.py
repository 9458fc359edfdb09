"""What a window refuses, over HTTP: the words that the clerk reads out, and the article."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from casework.common.timekeeping import ZONE
from tests.support.front import Front, refused
from tests.support.journeys import deferred, renewal_of, usual
from tests.support.signed import SMALL_PDF
from tests.support.town import ACCEPTED, Town, answers, application, promise

pytestmark = pytest.mark.slow

FIRM = "91440300708461136T"
HERE = "南通市崇川区人民中路88号"
AGENT = {
    "name": "周小琴",
    "id_kind": "id",
    "id_code": "11010519491231002X",
    "capacity": "agent",
    "scope": ["file", "promise"],
    "valid_from": "2026-08-01",
    "valid_to": "2026-09-10",
}


def _mandate(front: Front, **changes: Any) -> Any:
    return front.post("window", f"/parties/{FIRM}/mandates", {**AGENT, **changes})


def _submitted(front: Front, town: Town, **changes: Any) -> str:
    body = {"process": "instant_licence", "data": application(**changes)}
    number: str = front.post("applicant", "/cases", body).json()["number"]
    town.attach(number)
    assert front.step("applicant", number, "submit").status_code == 200
    return number


def _guarded(answer: Any, text: str, law: str) -> None:
    problem = refused(answer, 409, "guard-refused")
    assert (problem["reasons"][0]["text"], problem["reasons"][0]["law"]) == (text, law)
    assert text in problem["detail"]


@pytest.mark.parametrize("days", [30, 29])
def test_a_renewal_on_the_thirtieth_day_and_on_the_next(
    front: Front, town: Town, days: int
) -> None:
    town.time.instant = datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)
    granted = town.granted(address=HERE)
    last = date(2026, 10, 19)
    town.time.go_to(last - timedelta(days=60))
    town.office.catch_up(town.relative(granted, "licence").id)
    number = renewal_of(town, granted)
    town.time.go_to(last - timedelta(days=days))
    answer = front.step("applicant", number, "submit")
    if days == 30:
        assert answer.json()["state"] == "received"
        return
    text = "延续申请应当在2026-09-19（含）前提出，现已逾期，请按新申请办理许可"
    _guarded(answer, text, "《行政许可法》第五十条第一款")


def test_a_mandate_that_ended_yesterday(front: Front, town: Town) -> None:
    mandate = _mandate(front).json()["id"]
    town.time.go_to(date(2026, 9, 11))
    front.log_in_again()
    body = {"process": "instant_licence", "data": application(), "mandate": mandate}
    problem = refused(front.post("window", "/cases", body), 403, "not-allowed")
    assert problem["detail"] == (
        "周小琴的代理权（2026-08-01起至2026-09-10止）在办理日期不成立或者已经终止，请当事人另行委托"
    )
    assert problem["law"] == "《民法典》第一百七十三条"


def test_a_promise_signed_by_a_stranger_or_without_power(front: Front, town: Town) -> None:
    number = _submitted(front, town)
    front.step("window", number, "accept", ACCEPTED)
    front.step("window", number, "inform")
    front.step("applicant", number, "study", answers())
    law = "《民法典》第一百六十五条"
    may = _mandate(front).json()["id"]
    _guarded(
        front.step("window", number, "commit", promise("路人甲"), mandate=may),
        "承诺书须由办理人周小琴本人签署，签署人姓名与办理人不一致",
        law,
    )
    only_files = _mandate(front, scope=["file"]).json()["id"]
    _guarded(
        front.step("window", number, "commit", promise("周小琴"), mandate=only_files),
        "承诺书须由法定代表人（负责人）签署，或由授权委托书载明可代为承诺的代理人签署",
        law,
    )
    assert town.case(number).state == "informed"


def test_a_second_supplement_list(front: Front, town: Town) -> None:
    number = _submitted(front, town)
    asked = usual("instant_licence", "request_supplement")
    assert front.step("window", number, "request_supplement", asked).status_code == 200
    town.time.pass_(minutes=5)
    town.attach(number, "plans")
    assert front.step("applicant", number, "supply").json()["state"] == "supplemented"
    answer = front.step("window", number, "request_supplement", asked)
    problem = refused(answer, 409, "step-not-of-state")
    assert "已补正" in problem["detail"]
    assert "一次性告知补正" in problem["detail"]


def test_a_place_that_another_firm_is_licensed_for(front: Front, town: Town) -> None:
    granted = town.granted(address=HERE)
    licence = town.licence_of(granted)["number"]
    body = {"process": "instant_licence", "data": application(address=HERE)}
    other = front.post("applicant2", "/cases", body).json()["number"]
    _guarded(
        front.step("applicant2", other, "submit"),
        f"该场所已有有效的卫生许可（{licence}），同一场所不能重复发证",
        "《公共场所卫生管理条例实施细则》第二十二条",
    )


def test_a_name_that_is_not_the_business_licences(front: Front, town: Town) -> None:
    number = _submitted(front, town, place_name="东海大酒店")
    _guarded(
        front.step("window", number, "accept"),
        "单位（场所）名称“东海大酒店”与营业执照名称“南通滨江宾馆有限公司”不一致，"
        "请核对营业执照；属于分店、招牌名称的，填写说明后受理",
        "《公共场所卫生管理条例实施细则》第二十五条",
    )


def test_what_was_to_follow_never_came(front: Front, town: Town) -> None:
    number = town.relative(deferred(town, HERE), "deferral").number
    _guarded(
        front.step("applicant", number, "hand_in"),
        "容缺材料尚未交齐，还缺：公共场所卫生管理制度",
        "本机关公布的容缺受理清单",
    )
    town.time.pass_(days=30)
    town.office.catch_up(town.case(number).id)
    front.log_in_again()
    case = front.get("applicant", f"/cases/{number}").json()
    assert (case["state_label"], case["whose_turn"]) == ("逾期未补交", ["申请人", "窗口人员"])
    assert [paper["title"] for paper in case["documents"]] == ["容缺材料逾期未补交告知书"]
    credit = front.get("applicant", f"/parties/{FIRM}/credit").json()
    assert "容缺材料逾期未补交" in str(credit)


def test_a_minor_and_a_foreigner(front: Front) -> None:
    minor = _mandate(front, id_code="110105201512310029", override_reason="原件如此")
    problem = refused(minor, 422, "bad-input")
    assert problem["errors"][0]["field"] == "id_code"
    assert "未满十八周岁" in problem["errors"][0]["text"]
    assert "《民法典》" in problem["law"]
    foreign = {"name": "JOHN SMITH", "id_kind": "passport", "id_code": "E12345678"}
    assert _mandate(front, **foreign).status_code == 201
    wrong = refused(_mandate(front, **{**foreign, "id_code": "护照"}), 422, "bad-input")
    assert wrong["errors"][0]["field"] == "id_code"


def test_closing_while_a_check_is_open(front: Front, town: Town) -> None:
    granted = town.granted(address=HERE)
    licence, check = (town.relative(granted, of).number for of in ("licence", "check"))
    given = usual("licence", "request_closure")
    _guarded(
        front.step("applicant", licence, "request_closure", given),
        f"该许可证尚有未办结的事项（{check}），办结后方可申请注销",
        "《行政许可法》第六十一条",
    )
    assert town.case(licence).state == "valid"


def test_the_paper_of_a_mandate_is_kept_once_and_for_clerks(front: Front) -> None:
    mandate = _mandate(front).json()["id"]
    path = f"/mandates/{mandate}/papers"

    def keep(who: str | None, at: str = path, data: bytes = SMALL_PDF) -> Any:
        return front.ask(who, "POST", at, files={"file": ("授权委托书.pdf", data)})

    first = keep("window")
    assert first.status_code == 201, first.text
    assert keep("window").json() == first.json()
    refused(keep("window", data=b"MZ"), 422, "bad-input")
    refused(keep("window", "/mandates/999999/papers"), 404, "not-found")
    for who in ("applicant", "reviewer"):
        refused(keep(who), 403, "not-allowed")
        refused(front.get(who, f"{path}/{first.json()['id']}"), 403, "not-allowed")
    assert front.get("window", f"{path}/{first.json()['id']}").content == SMALL_PDF
    other = _mandate(front, scope=["file"]).json()["id"]
    refused(front.get("window", f"/mandates/{other}/papers/{first.json()['id']}"), 404, "not-found")
    views = {v["id"]: v for v in front.get("window", f"/parties/{FIRM}/mandates").json()}
    assert views[mandate]["papers"] == [[first.json()["id"], "授权委托书.pdf"]]
    assert views[other]["papers"] == []


def test_the_record_says_who_was_present(front: Front, town: Town) -> None:
    mandate = _mandate(front).json()["id"]
    body = {"process": "instant_licence", "data": application(), "mandate": mandate}
    number = front.post("window", "/cases", body).json()["number"]
    town.attach(number, by="window")
    front.step("window", number, "submit", mandate=mandate)
    front.step("window", number, "accept", ACCEPTED)
    lines = {one["name"]: one for one in front.get("window", f"/cases/{number}/log").json()}
    assert lines["submit"]["present"] == "周小琴（委托代理人）"
    assert lines["submit"]["officers"] == ["甲window"]
    assert lines["accept"]["present"] == ""
    lines = {one["name"]: one for one in front.get("applicant", f"/cases/{number}/log").json()}
    assert lines["submit"]["present"] == "周**（委托代理人）"
