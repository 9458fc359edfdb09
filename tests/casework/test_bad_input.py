"""Whatever comes in wrong is refused in Chinese, saying what is wrong and where; no trace stays."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from docx import Document as Word
from sqlalchemy import select, update
from sqlalchemy.orm import undefer

from casework.common.problems import (
    BadDate,
    BadInput,
    KeyReused,
    NotAllowed,
    NotFound,
    Problem,
    StaleVersion,
    StepNotOfState,
)
from casework.common.timekeeping import ZONE, legal_date
from casework.models import (
    Document,
    Mandate,
    Party,
)
from tests.support.journeys import apply_to, check_to, custody_to, follow, usual
from tests.support.people import empower
from tests.support.refusals import refused
from tests.support.town import APPLICANT, Town, application, look, promise

HERE = "南通市崇川区人民中路88号"


# -- opening a case --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"place_name": ""}, "单位（场所）名称：不能为空"),
        ({"place_name": "店" * 201}, "单位（场所）名称：不能超过 200 个字"),
        ({"place_name": None}, "单位（场所）名称：应为文字"),
        ({"place_name": 7}, "单位（场所）名称：应为文字"),
        ({"place_name": ["店"]}, "单位（场所）名称：应为文字"),
        ({"area_m2": "很大"}, "经营面积"),
        ({"area_m2": 0}, "经营面积（平方米）：必须大于 0"),
        ({"area_m2": -3}, "经营面积"),
        ({"area_m2": 1_000_001}, "经营面积"),
        ({"area_m2": True}, "经营面积（平方米）：应为数字"),
        ({"area_m2": float("nan")}, ""),
        ({"area_m2": float("inf")}, ""),
        ({"region": "32061"}, "所在区"),
        ({"region": "320699"}, "320699"),
        ({"contact_phone": "打电话"}, "联系电话：格式不对"),
        ({"place_kind": "spaceport"}, "spaceport"),
        ({"approved": True}, "approved"),
        ({"place_name": "滨江\u0000宾馆"}, "控制字符"),
        ({"place_name": "滨江\ud800宾馆"}, "控制字符"),
        ({"place_name": "滨江\u0007宾馆"}, "单位（场所）名称：含有不能存档的控制字符（U+0007）"),
        ({"place_name": "\u200b\u200b"}, "单位（场所）名称：不能为空"),
        ({"contact_phone": "()()()"}, "联系电话：格式不对"),
        ({"contact_phone": "1380000001"}, "联系电话：格式不对"),
    ],
)
def test_a_form_filled_in_wrong(town: Town, changes: dict[str, Any], named: str) -> None:
    problem = refused(town, BadInput, lambda: town.apply(**changes))
    assert named in problem.detail


@pytest.mark.parametrize("field", sorted(application()))
def test_a_field_left_out_is_named(town: Town, field: str) -> None:
    data = {name: value for name, value in application().items() if name != field}
    actor = town.people["applicant"]
    problem = refused(town, BadInput, lambda: town.office.open_case("instant_licence", data, actor))
    assert [error["field"] for error in problem.extra["errors"]] == [field]
    assert "必须填写" in problem.detail


@pytest.mark.parametrize("data", [None, [], "宾馆", 3, [{}]])
def test_a_form_that_is_none(town: Town, data: Any) -> None:
    actor = town.people["applicant"]
    refused(town, BadInput, lambda: town.office.open_case("instant_licence", data, actor))


def test_a_party_that_nobody_registered(town: Town) -> None:
    for code in ("91110000802100433C", "9144", "", "91440300708461136t9", "'; DROP TABLE party"):
        refused(
            town,
            BadInput,
            lambda code=code: town.office.open_case(
                "instant_licence", application(), town.people["window"], party=code
            ),
        )


def test_a_party_that_is_another_firms(town: Town) -> None:
    refused(
        town,
        NotAllowed,
        lambda: town.office.open_case(
            "instant_licence",
            application(),
            town.people["applicant"],
            party="91110000802100433B",
        ),
    )


def test_somebody_with_two_firms_must_say_for_which(town: Town) -> None:
    empower(town, "applicant", "91110000802100433B")
    refused(town, BadInput, town.apply)
    town.office.open_case(
        "instant_licence", application(), town.people["applicant"], party="91110000802100433B"
    )


def test_somebody_with_no_firm(town: Town) -> None:
    problem = refused(town, BadInput, lambda: town.apply(by="credit"))
    assert "窗口" in problem.detail


@pytest.mark.slow
def test_a_mandate_that_has_ended(town: Town) -> None:
    number = apply_to(town, "informed", HERE)
    yesterday = legal_date(town.time.now()) - timedelta(days=1)
    with town.session() as session:
        session.execute(update(Mandate).values(valid_to=yesterday))
    refused(town, NotFound, lambda: town.take(number, "commit", "applicant", promise()))
    refused(town, BadInput, lambda: town.apply(address="南通市崇川区濠南路1号"))


@pytest.mark.parametrize("process", ["licence", "commitment_check"])
def test_a_process_that_is_not_applied_for(town: Town, process: str) -> None:
    data = {
        "licence": {
            "number": "1",
            "place_name": "店",
            "place_kind": "hotel",
            "address": HERE,
            "representative": "陈志远",
            "valid_from": "2026-09-01",
            "valid_until": "2030-08-31",
            "ready_by": "2026-09-01",
        },
        "commitment_check": {
            "place_name": "店",
            "place_kind": "hotel",
            "address": HERE,
            "licence_number": "1",
            "promised_on": "2026-09-01",
        },
    }[process]
    for by in ("applicant", "window", "supervisor"):
        refused(
            town,
            NotAllowed,
            lambda by=by: town.office.open_case(process, data, town.people[by]),
        )


def test_a_process_that_does_not_exist(town: Town) -> None:
    problem = refused(
        town, Problem, lambda: town.office.open_case("no_such", {}, town.people["applicant"])
    )
    assert "no_such" in problem.detail


# -- names as they come ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "<b>滨江</b>宾馆",
        "A & B 宾馆 &amp; 餐饮",
        "𠮷野家宾馆",
        "滨江“大”宾馆‘二’店",
        "{{ party.name }}{% if x %}",
        "宾" * 200,
        "Отель 南通 🏨",
    ],
)
def test_a_strange_name_is_printed_as_it_was_given(town: Town, name: str) -> None:
    with town.session() as session:
        head = update(Party).where(Party.code == APPLICANT).values(representative=name)
        session.execute(head)
    number = town.granted(place_name=name, representative=name)
    with town.session() as session:
        papers = session.scalars(
            select(Document)
            .where(Document.case_id == town.case(number).id)
            .options(undefer(Document.content))
        ).all()
    printed = {paper.key: _text(paper.content) for paper in papers}
    for key in ("receipt", "grant_decision", "certificate"):
        assert name in printed[key], key


# -- steps -----------------------------------------------------------------------------------------


def test_a_case_or_step_that_does_not_exist(town: Town) -> None:
    number = town.apply()
    actor = town.people["applicant"]
    for wrong in ("CC-GC-2026-999999", "", "'; DROP TABLE case_file; --", "案" * 500):
        refused(
            town,
            NotFound,
            lambda wrong=wrong: town.office.advance(wrong, "submit", {}, actor, version=0),
        )
    for wrong in ("fly", "", "to_granted", "__init__", "submit; drop"):
        refused(
            town,
            StepNotOfState,
            lambda wrong=wrong: town.office.advance(number, wrong, {}, actor, version=0),
        )


def test_a_step_of_another_state_names_the_present_one(town: Town) -> None:
    number = apply_to(town, "accepted", HERE)
    problem = refused(town, StepNotOfState, lambda: town.take(number, "grant", "window"))
    assert "已受理" in problem.detail
    assert "准予许可" in problem.detail


@pytest.mark.parametrize("by", [-1, 1, 99])
def test_a_stale_version(town: Town, by: int) -> None:
    number = apply_to(town, "accepted", HERE)
    version = town.case(number).version
    problem = refused(
        town,
        StaleVersion,
        lambda: town.office.advance(
            number, "inform", {}, town.people["window"], version=version + by
        ),
    )
    assert problem.extra["current"] == version


def test_a_key_used_for_another_request(town: Town) -> None:
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant", key="k")
    refused(town, KeyReused, lambda: town.take(number, "withdraw", "applicant", key="k"))
    # The keys of two accounts have nothing to do with each other.
    town.take(number, "accept", "window", key="k")


def test_an_input_for_a_step_that_takes_none(town: Town) -> None:
    number = apply_to(town, "accepted", HERE)
    problem = refused(
        town, BadInput, lambda: town.take(number, "inform", "window", {"note": "快办"})
    )
    assert "note" in problem.detail


@pytest.mark.parametrize(
    "given",
    [
        {},
        {**promise(), "knows_notice": False},
        {**promise(), "knows_notice": "是"},
        {**promise(), "signer": ""},
        {**promise(), "signer": None},
        {**promise(), "also": 1},
    ],
)
def test_a_promise_that_is_not_whole(town: Town, given: dict[str, Any]) -> None:
    number = apply_to(town, "informed", HERE)
    refused(
        town, BadInput, lambda: town.take(number, "commit", "applicant", given or {"signer": ""})
    )


@pytest.mark.slow
def test_a_nested_fault_is_located(town: Town) -> None:
    number = town.granted()
    check = town.relative(number, "check").number
    follow(town, check, ("assign", "supervisor"))
    wrong = look(met=True)
    wrong["results"][1]["finding"] = ""
    problem = refused(town, BadInput, lambda: town.take(check, "inspect", "inspector1", wrong))
    assert [error["field"] for error in problem.extra["errors"]] == ["results.1.finding"]
    assert "核查情况" in problem.detail
    wrong["results"] = []
    refused(town, BadInput, lambda: town.take(check, "inspect", "inspector1", wrong))
    wrong["results"] = look(met=True)["results"] * 31
    refused(town, BadInput, lambda: town.take(check, "inspect", "inspector1", wrong))


@pytest.mark.slow
def test_a_date_that_is_none(town: Town) -> None:
    number = apply_to(town, "ordinary_review", HERE)
    for until in ("明天", "2026-13-01", "2026-02-30", 20260915, None):
        given = {**usual("instant_licence", "pause"), "expected_until": until}
        refused(town, BadInput, lambda given=given: town.take(number, "pause", "reviewer", given))


# -- dates -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_legal_date_in_the_future(town: Town) -> None:
    number = apply_to(town, "received", HERE)
    now = town.time.now()
    for at in (legal_date(now) + timedelta(days=1), now + timedelta(seconds=1), date(9999, 12, 31)):
        refused(
            town,
            BadDate,
            lambda at=at: town.take(number, "accept", "window", effective_at=at),
        )


@pytest.mark.slow
def test_a_legal_date_before_the_case_or_before_what_was_done(town: Town) -> None:
    opened = legal_date(town.time.now())
    number = town.committed(address=HERE)
    town.time.pass_(days=2)
    town.take(number, "grant", "window")
    town.time.pass_(days=2)

    def deliver(at: date) -> None:
        town.take(number, "deliver", "window", {"recipient": "陈志远"}, effective_at=at)

    for at in (
        opened - timedelta(days=1),
        date(1, 1, 1),
        datetime(2026, 8, 31, 23, 59, tzinfo=ZONE),
    ):
        refused(town, BadDate, lambda at=at: deliver(at))
    problem = refused(town, BadDate, lambda: deliver(opened + timedelta(days=1)))
    assert f"{opened + timedelta(days=2):%Y-%m-%d}" in problem.detail
    deliver(opened + timedelta(days=2))


def test_a_legal_date_before_the_law_acted(town: Town) -> None:
    """What the law released was not given back before."""
    check = check_to(town, town.granted(), "inspected")
    number = custody_to(town, check, "preserved")
    town.time.go_to(date(2026, 9, 11))
    town.office.catch_up(town.case(number).id)
    assert town.case(number).state == "released"  # seven working days ended on the 10th
    refused(
        town,
        BadDate,
        lambda: town.take(
            number, "give_back", "inspector1", usual("evidence_custody", "give_back"),
            effective_at=date(2026, 9, 10),
        ),
    )  # fmt: skip


def test_a_time_without_its_zone(town: Town) -> None:
    number = apply_to(town, "received", HERE)
    naive = datetime(2026, 9, 1, 9, 0)  # noqa: DTZ001 -- the fault under test
    refused(town, BadDate, lambda: town.take(number, "accept", "window", effective_at=naive))


def test_what_is_done_online_is_done_when_it_is_received(town: Town) -> None:
    number = apply_to(town, "informed", HERE)
    town.time.pass_(days=1)
    for at in (date(2026, 9, 1), town.time.now() - timedelta(minutes=1)):
        refused(
            town,
            BadDate,
            lambda at=at: town.take(number, "commit", "applicant", promise(), effective_at=at),
        )


def test_a_date_beyond_every_calendar(town: Town) -> None:
    """It is said until when the calendar goes, not answered with a guess."""
    town.time.instant = datetime(2031, 3, 3, 9, 0, tzinfo=ZONE)
    number = town.apply()
    town.attach(number)
    problem = refused(town, BadDate, lambda: town.take(number, "submit", "applicant"))
    assert "2031" in problem.detail


def _text(content: bytes) -> str:
    word = Word(BytesIO(content))
    return "".join(node.text or "" for node in word.element.body.iter() if node.tag.endswith("}t"))
