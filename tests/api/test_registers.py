"""Parties, credit, licences, notices and the overview, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from casework.duties.digest import send_digests
from tests.support.front import Front, refused
from tests.support.town import Town

pytestmark = pytest.mark.slow

CODE = "91440300708461136T"
NEW = {
    "code": "91350100M000100Y43",
    "name": "南通万寿茶馆",
    "representative": "陆安",
    "address": "南通市崇川区和平桥1号",
    "phone": "0513-81234567",
}


class TestParties:
    """`POST /parties` and `GET /parties/{code}`."""

    def test_the_window_registers_once(self, front: Front) -> None:
        refused(front.post(None, "/parties", NEW), 401, "not-logged-in")
        refused(front.post("applicant", "/parties", NEW), 403, "not-allowed")
        assert front.post("window", "/parties", NEW).status_code == 201
        again = front.post("window", "/parties", {**NEW, "name": "别的"})
        assert (again.status_code, again.json()["name"]) == (200, "南通万寿茶馆")
        assert front.get("window", f"/parties/{NEW['code']}").json() == again.json()

    @pytest.mark.parametrize("code", ["", "123", "91350100M000100YI3", "o" * 18, "甲" * 18])
    def test_a_malformed_code_is_refused(self, quiet: Front, code: str) -> None:
        problem = refused(quiet.post("window", "/parties", {**NEW, "code": code}), 422, "bad-input")
        assert problem["errors"][0]["field"] == "code"

    def test_a_doubtful_code_stands_by_an_officers_reason(self, front: Front) -> None:
        doubtful = {**NEW, "code": "91350100M000100Y44"}
        problem = refused(front.post("window", "/parties", doubtful), 422, "code-doubtful")
        assert problem["doubts"]
        reasoned = {**doubtful, "override_reason": "已核对营业执照原件"}
        refused(front.post("applicant", "/parties", reasoned), 403, "not-allowed")
        answer = front.post("window", "/parties", reasoned)
        assert answer.json()["code_override_reason"] == "已核对营业执照原件"

    @pytest.mark.parametrize("body", [{}, {**NEW, "phone": None}, {**NEW, "vip": True}, []])
    def test_a_malformed_registration_is_refused(self, quiet: Front, body: Any) -> None:
        refused(quiet.post("window", "/parties", body), 422, "bad-input")

    @pytest.mark.parametrize("path", [f"/parties/{CODE}", f"/parties/{CODE}/credit"])
    def test_a_party_is_read_by_officers_and_its_own(self, quiet: Front, path: str) -> None:
        refused(quiet.get(None, path), 401, "not-logged-in")
        refused(quiet.get("applicant2", path), 404, "not-found")
        for who in ("applicant", "window", "window_b"):
            assert quiet.get(who, path).status_code == 200
        refused(quiet.get("window", path.replace(CODE, "123")), 404, "not-found")

    def test_a_broken_promise_is_seen_as_far_as_it_concerns(self, front: Front, town: Town) -> None:
        check = town.breached(town.granted())
        own = front.get("applicant", f"/parties/{CODE}/credit").json()
        assert own["may_promise"] is False
        assert ("未履行承诺", check.number) in [(e["label"], e["case"]) for e in own["events"]]
        abroad = front.get("window_b", f"/parties/{CODE}/credit").json()["events"]
        assert "未履行承诺" in [e["label"] for e in abroad]
        assert {e["case"] for e in abroad} == {None}


def test_a_licence_is_read_by_those_concerned(front: Front, town: Town) -> None:
    town.granted()
    path = "/licences/苏卫公证字〔2026〕第320613-000001号"
    refused(front.get(None, path), 401, "not-logged-in")
    for stranger in ("window_b", "applicant2"):
        refused(front.get(stranger, path), 404, "not-found")
    for who in ("applicant", "window"):
        assert front.get(who, path).json()["certificate"]["state_label"] == "有效"
    refused(front.get("window", "/licences/无此证"), 404, "not-found")


def test_everybody_reads_the_own_inbox(front: Front, town: Town) -> None:
    town.granted()
    refused(front.get(None, "/notices"), 401, "not-logged-in")
    assert front.get("window_b", "/notices").json() == []
    assert front.get("applicant", "/notices").json()[0]["subject"].startswith("准予许可")
    assert len(front.get("applicant", "/notices", limit="1").json()) == 1


def test_what_is_of_no_case_names_none(front: Front, town: Town) -> None:
    """An empty number would lead, by the links of the description, to the list of cases."""
    number = town.committed()
    send_digests(town.office)
    digest, *told = front.get("window", "/notices").json()
    assert (digest["kind"], digest["case"]) == ("digest", None)
    assert {notice["case"] for notice in told} == {number}


def test_the_overview_is_the_supervisors(front: Front, town: Town) -> None:
    number = town.granted()
    town.time.pass_(days=30)
    town.office.catch_up(town.case(number).id)
    refused(front.get(None, "/overview"), 401, "not-logged-in")
    refused(front.get("window", "/overview"), 403, "not-allowed")
    assert front.get("supervisor_b", "/overview").json()["breaches"] == []
    mine = front.get("supervisor", "/overview").json()
    assert [notice["case"] for notice in mine["breaches"]] == [number]
    assert mine["overdue"][0]["count"] == 1
