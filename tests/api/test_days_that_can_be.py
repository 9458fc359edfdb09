"""A day that nobody can mean is refused by its field, at every door alike."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import exemptions, penalties
from tests.support.backfills import new_backfill
from tests.support.front import Front, refused
from tests.support.journeys import apply_to, usual
from tests.support.people import empower, newcomer
from tests.support.records import heads
from tests.support.signed import SMALL_PDF
from tests.support.town import APPLICANT, Town

HERE = "南通市崇川区人民中路88号"
ENTRY = {
    "name": "南通滨江宾馆有限公司",
    "representative": "陈志远",
    "address": HERE,
    "phone": "13800000001",
    "reason": "注销登记",
    "effective_on": "2026-08-31",
}


@pytest.mark.parametrize(
    "changes",
    [
        {"dissolved_on": "0026-01-01"},
        {"effective_on": "0026-08-31"},
        {"dissolved_on": "1948-12-31"},
        {"effective_on": "2026-09-02"},
    ],
)
def test_a_firm_is_not_dissolved_in_the_year_26(
    front: Front, town: Town, changes: dict[str, str]
) -> None:
    newcomer(town, "zhou")
    empower(town, "zhou", APPLICANT)
    path = f"/parties/{APPLICANT}"
    problem = refused(
        front.post("window", f"{path}/corrections", {**ENTRY, **changes}), 422, "bad-input"
    )
    assert [error["field"] for error in problem["errors"]] == list(changes)
    assert all(one["holds"] for one in front.get("window", f"{path}/mandates").json())


@pytest.mark.parametrize("process", ["penalty", "first_offence_exemption", "simple_penalty"])
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"act_on": "0026-11-10"}, "act_on"),
        ({"act_on": "2026-09-02"}, "act_on"),
        ({"act_on": "2026-09-03", "found_on": "2026-09-03"}, "found_on"),
        ({"found_on": "2037-01-01"}, "found_on"),
        ({"found_on": "1948-01-01", "act_on": "1947-01-01"}, "found_on"),
    ],
)
def test_a_lead_is_of_what_has_happened(
    front: Front, town: Town, process: str, changes: dict[str, str], field: str
) -> None:
    day = town.time.now().date().isoformat()
    data: dict[str, Any] = {"found_on": day, "act_on": day, **changes}
    data = {**penalties.lead(**data), "filed_on": day}
    if process != "penalty":
        data.pop("filed_on")
    before = heads(town)
    body = {"process": process, "data": data, "party": exemptions.FIRM}
    problem = refused(front.post("handler1", "/cases", body), 422, "bad-input")
    assert field in [error["field"] for error in problem["errors"]]
    assert heads(town) == before


@pytest.mark.parametrize("until", ["0001-01-01", "0026-09-15", "2037-01-01", "9999-12-31"])
def test_a_day_in_any_form_is_of_these_times(front: Front, town: Town, until: str) -> None:
    number = apply_to(town, "ordinary_review", HERE)
    given = {**usual("instant_licence", "pause"), "expected_until": until}
    problem = refused(front.step("reviewer", number, "pause", given), 422, "bad-input")
    assert [error["field"] for error in problem["errors"]] == ["expected_until"]
    assert "1949年至2036年" in problem["detail"]


@pytest.mark.parametrize("day", ["0026-09-15", "1948-12-31"])
def test_what_is_entered_afterwards_is_of_these_times(front: Front, day: str) -> None:
    answer = new_backfill(front, first_day=day)
    assert refused(answer, 422, "bad-input")["errors"][0]["field"] == "first_day"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"valid_from": "0026-02-01"}, "valid_from"),
        ({"valid_from": "2126-02-01"}, "valid_from"),
        ({"valid_to": "9999-12-31"}, "valid_to"),
    ],
)
def test_a_catalogue_is_of_these_times(front: Front, form: dict[str, str], field: str) -> None:
    text = front.get("handler1", "/violations.csv").content
    answer = front.ask(
        "admin",
        "POST",
        "/violations/import",
        data={"source": "苏卫法规〔2026〕1号", "valid_from": "2026-02-01", **form},
        files={"file": ("案由.csv", text), "paper": ("依据.pdf", SMALL_PDF)},
    )
    assert refused(answer, 422, "bad-input")["errors"][0]["field"] == field


def test_a_certificate_expires_in_these_times(front: Front) -> None:
    body = {
        "account": "window",
        "role": "window_clerk",
        "valid_from": "2026-09-01",
        "certificate": "苏卫执9",
        "certificate_expires": "2126-12-31",
        "ground": "崇卫发〔2026〕9号",
    }
    answer = front.post("admin", "/administration/posts", body)
    assert refused(answer, 422, "bad-input")["errors"][0]["field"] == "certificate_expires"


def test_a_mandate_begins_in_these_times(front: Front) -> None:
    body = {
        "name": "周小琴",
        "id_code": "11010519491231002X",
        "capacity": "agent",
        "scope": ["file"],
        "valid_from": "0026-01-01",
        "valid_to": "0027-01-01",
    }
    answer = front.post("window", f"/parties/{APPLICANT}/mandates", body)
    assert refused(answer, 422, "bad-input")["errors"][0]["field"] == "valid_from"
