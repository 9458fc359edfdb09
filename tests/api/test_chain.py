"""A chain over HTTP: what is possible for each licence, and renewals with a result per place."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from casework.common.timekeeping import ZONE
from casework.models import Case
from tests.support.front import Front, refused
from tests.support.journeys import address, joint_to, renewal_of
from tests.support.town import Town

pytestmark = pytest.mark.slow

COMMON = {"conditions_kept": True, "contact_name": "李敏", "contact_phone": "13800000001"}
FIRM = "91440300708461136T"


@pytest.fixture
def chain(town: Town) -> list[str]:
    """Three licences that expire soon, the last of them too late to be renewed, and a young one:
    their numbers."""
    numbers = []
    for n, day in enumerate((date(2022, 10, 20), date(2022, 10, 21), date(2022, 9, 20))):
        town.time.instant = datetime(day.year, day.month, day.day, 9, 0, tzinfo=ZONE)
        numbers.append(town.granted(address=address(n)))
    town.time.instant = datetime(2026, 9, 1, 9, 0, tzinfo=ZONE)
    numbers.append(town.granted(address=address(3)))
    for number in numbers:
        town.office.catch_up(town.relative(number, "licence").id)
    return [town.licence_of(number)["number"] for number in numbers]


def _renew(front: Front, who: str, licences: list[str], **more: Any) -> Any:
    key = more.pop("key", None)
    body = {"licences": licences, "data": COMMON, **more}
    return front.post(who, "/licences/renewals", body, key=key)


def test_the_list_says_what_is_possible_and_why_not(
    front: Front, town: Town, chain: list[str]
) -> None:
    joint_to(town, "delivered_together", address(9))
    held = front.get("applicant", "/licences").json()
    assert [one["number"] for one in held[:4]] == [chain[2], chain[0], chain[1], chain[3]]
    ways = {one["number"]: {w["process"]: w for w in one["possible"]} for one in held}
    assert ways[chain[0]]["licence_renewal"]["why_not"] == ""
    assert "尚未进入到期提醒期" in ways[chain[3]]["licence_renewal"]["why_not"]
    assert "《行政许可法》第五十条" in ways[chain[3]]["licence_renewal"]["law"]
    kinds = {one["kind"] for one in held}
    assert {"放射诊疗许可证", "辐射安全许可证"} < kinds
    assert front.get("applicant2", "/licences").json() == []
    assert front.get("window", "/licences").json() == []


def test_each_place_gets_its_own_result(front: Front, town: Town, chain: list[str]) -> None:
    answer = _renew(front, "applicant", [*chain, "苏卫公证字〔2020〕第1号"])
    assert answer.status_code == 200, answer.text
    filed, also, late, young, unknown = answer.json()
    for one in (filed, also):
        assert (one["state"], one["reason"]) == ("received", "")
        assert town.case(one["number"]).data["application"]["licence"] == one["licence"]
    assert filed["number"] != also["number"]
    assert "逾期" in late["reason"]
    assert "《行政许可法》第五十条第一款" in late["law"]
    assert "尚未进入到期提醒期" in young["reason"]
    assert "没有由您代表的单位持有" in unknown["reason"]
    assert late["number"] is young["number"] is unknown["number"] is None
    # What could not be filed leaves nothing open behind.
    with town.session() as session:
        left = session.query(Case).filter(
            Case.process == "licence_renewal", Case.ended_at.is_(None), Case.state == "draft"
        )
        assert left.count() == 0


def test_asking_again_files_nothing_twice(front: Front, town: Town, chain: list[str]) -> None:
    first = _renew(front, "applicant", chain[:2], key="chain-1").json()
    again = _renew(front, "applicant", chain[:2], key="chain-1").json()
    assert "已有正在办理的延续申请" in again[0]["reason"]
    with town.session() as session:
        assert session.query(Case).filter(Case.process == "licence_renewal").count() == len(first)


def test_others_renew_nothing_of_it(front: Front, chain: list[str]) -> None:
    [one] = _renew(front, "applicant2", chain[:1]).json()
    assert "没有由您代表的单位持有" in one["reason"]
    [one] = _renew(front, "window", chain[:1]).json()
    assert one["number"] is None


def test_a_clerk_renews_for_the_agent_who_is_present(
    front: Front, town: Town, chain: list[str]
) -> None:
    agent = {
        "name": "周小琴",
        "id_kind": "id",
        "id_code": "11010519491231002X",
        "capacity": "agent",
        "scope": ["file"],
        "valid_from": "2026-08-01",
        "valid_to": "2027-07-31",
    }
    mandate = front.post("window", f"/parties/{FIRM}/mandates", agent).json()["id"]
    held = front.get("window", "/licences", mandate=mandate).json()
    assert len(held) == 4
    [one, other] = _renew(front, "window", chain[:2], mandate=mandate).json()
    assert one["state"] == other["state"] == "received"
    line = front.get("window", f"/cases/{one['number']}/log").json()[-1]
    assert (line["channel"], line["officers"]) == ("窗口", ["甲window"])
    until = town.time.now() + timedelta(days=365)
    town.time.instant = until
    front.log_in_again()
    refused(front.get("window", "/licences", mandate=mandate), 403, "not-allowed")


def test_a_list_that_is_empty_or_too_long_is_refused(front: Front) -> None:
    refused(_renew(front, "applicant", []), 422, "bad-input")
    refused(_renew(front, "applicant", [str(n) for n in range(51)]), 422, "bad-input")


def test_a_renewal_underway_is_not_offered(front: Front, town: Town, chain: list[str]) -> None:
    with town.session() as session:
        cases = session.query(Case).filter(Case.process == "licence").order_by(Case.id).all()
        first = next(c for c in cases if c.data["application"]["number"] == chain[0])
        application = session.get_one(Case, first.family_id).number
    number = renewal_of(town, application)
    town.take(number, "submit", "applicant")
    held = {one["number"]: one for one in front.get("applicant", "/licences").json()}
    assert "已有正在办理的延续申请" in held[chain[0]]["possible"][0]["why_not"]
