"""Opening and reading cases over HTTP: anybody first, then a stranger, then those concerned."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.support.front import Front, refused
from tests.support.town import INSPECTORS, Town, application

CODE = "91440300708461136T"


def _open(front: Front, who: str | None = "applicant", **changes: Any) -> Any:
    body = {"process": "instant_licence", "data": application(), **changes}
    return front.post(who, "/cases", body)


class TestOpening:
    """`POST /cases`."""

    def test_an_applicant_opens_a_case(self, front: Front) -> None:
        refused(_open(front, None), 401, "not-logged-in")
        answer = _open(front)
        assert answer.status_code == 201
        opened = answer.json()
        assert set(opened) == {"number", "state", "version", "tracking_code"}
        assert (opened["state"], opened["version"]) == ("draft", 0)
        assert answer.headers["Location"] == f"/api/v1/cases/{opened['number']}"

    def test_the_same_key_opens_one_case_and_another_content_is_refused(
        self, front: Front, town: Town
    ) -> None:
        body = {"process": "instant_licence", "data": application()}
        first = front.post("applicant", "/cases", body, key="申请-1".encode().hex())
        again = front.post("applicant", "/cases", body, key="申请-1".encode().hex())
        assert (first.status_code, first.json()) == (again.status_code, again.json())
        other = {**body, "data": application(place_name="别的宾馆")}
        answer = front.post("applicant", "/cases", other, key="申请-1".encode().hex())
        refused(answer, 422, "idempotency-key-reused")
        assert len(front.get("applicant", "/cases").json()["cases"]) == 1

    @pytest.mark.parametrize("key", ["", "x" * 201])
    def test_a_malformed_key_is_refused(self, quiet: Front, key: str) -> None:
        answer = quiet.ask(
            "applicant",
            "POST",
            "/cases",
            json={"process": "instant_licence", "data": application()},
            headers={"Idempotency-Key": key},
        )
        refused(answer, 422, "bad-input")

    @pytest.mark.parametrize(
        ("party", "text"),
        [
            ("91110000802100433A", "请先登记"),  # well-formed and unknown
            ("not a code", "请先登记"),
            ("", "请先登记"),
        ],
    )
    def test_an_unknown_party_is_refused(self, quiet: Front, party: str, text: str) -> None:
        problem = refused(_open(quiet, party=party), 422, "bad-input")
        assert text in problem["detail"]
        assert problem["errors"][0]["field"] == "party"

    def test_one_may_not_apply_for_another_firm(self, quiet: Front) -> None:
        refused(_open(quiet, "applicant2", party=CODE), 403, "not-allowed")
        refused(_open(quiet, "window_b", party=CODE), 403, "not-allowed")

    def test_only_who_represents_the_party_files_for_it(self, front: Front) -> None:
        refused(_open(front, "window", party=CODE), 403, "not-allowed")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"place_name": ""}, "place_name"),
            ({"place_name": "长" * 201}, "place_name"),
            ({"place_kind": "casino"}, "place_kind"),
            ({"region": "110101"}, "region"),
            ({"region": "崇川"}, "region"),
            ({"area_m2": -1}, "area_m2"),
            ({"area_m2": "big"}, "area_m2"),
            ({"contact_phone": "call me"}, "contact_phone"),
            ({"wings": 2}, "wings"),
        ],
    )
    def test_what_is_wrong_is_named(
        self, quiet: Front, changes: dict[str, Any], field: str
    ) -> None:
        problem = refused(_open(quiet, data=application(**changes)), 422, "bad-input")
        assert problem["errors"][0]["field"] == field
        assert problem["errors"][0]["text"]

    @pytest.mark.parametrize("name", ["<b>&\"'酒店", "𠮷野家宾馆", "长" * 200, "名称\n换行", "🏨"])
    def test_signs_and_rare_characters_come_back_as_they_went(
        self, quiet: Front, name: str
    ) -> None:
        number = _open(quiet, data=application(place_name=name)).json()["number"]
        assert quiet.get("applicant", f"/cases/{number}").json()["place_name"] == name

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"[]",
            b'{"process": "instant_licence", "data": []}',
            b'{"process": "instant_licence", "data": {"place_name": "\\ud800"}}',
            b'{"process": "instant_licence", "data": {"place_name": "a\\u0000b"}}',
            b'{"process": "instant_licence", "data": {"area_m2": NaN}}',
            b'{"process": "instant_licence", "data": {"area_m2": 1e999}}',
            b'{"process": "instant_licence", "data": ' + b'{"a":' * 60 + b"1" + b"}" * 61,
            b'{"process": "instant_licence", "data": {"a": ' + b"[" * 99999 + b"]" * 99999 + b"}}",
            b'{"process": "instant_licence", "data": {"area_m2": ' + b"9" * 5000 + b"}}",
            b"\xff\xfe",
        ],
    )
    def test_a_body_that_makes_no_sense_is_the_senders_fault(
        self, quiet: Front, content: bytes
    ) -> None:
        answer = quiet.ask(
            "applicant",
            "POST",
            "/cases",
            content=content,
            headers={"Content-Type": "application/json", "Idempotency-Key": "k"},
        )
        assert answer.status_code in (400, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"

    def test_an_unknown_process_is_refused(self, quiet: Front) -> None:
        problem = refused(_open(quiet, process="make_coffee"), 409, "misconfigured")
        assert "make_coffee" in problem["detail"]

    @pytest.mark.parametrize("process", ["licence", "commitment_check"])
    def test_what_other_cases_open_nobody_applies_for(self, front: Front, process: str) -> None:
        answer = _open(front, process=process, data={})
        assert answer.status_code in (403, 422)
        assert front.get("applicant", "/cases").json()["cases"] == []


class TestReading:
    """`GET /cases…`: what one may not see does not exist."""

    @pytest.mark.parametrize("path", ["", "/steps", "/log"])
    def test_a_case_is_for_those_concerned(self, front: Front, town: Town, path: str) -> None:
        number = town.granted()
        refused(front.get(None, f"/cases/{number}{path}"), 401, "not-logged-in")
        for stranger in ("window_b", "applicant2"):
            refused(front.get(stranger, f"/cases/{number}{path}"), 404, "not-found")
        for concerned in ("window", "applicant", "inspector1"):
            assert front.get(concerned, f"/cases/{number}{path}").status_code == 200

    def test_the_list_holds_ones_own(self, front: Front, town: Town) -> None:
        number = town.granted()
        refused(front.get(None, "/cases"), 401, "not-logged-in")
        for stranger in ("window_b", "applicant2"):
            assert front.get(stranger, "/cases").json() == {"cases": [], "next_cursor": None}
        mine = front.get("window", "/cases", queue="mine_to_do").json()["cases"]
        assert [case["number"] for case in mine] == [number]
        assert mine[0]["due_on"] == "2026-09-15"

    def test_pages_of_the_list_hang_together(self, front: Front, town: Town) -> None:
        town.granted()
        seen: list[str] = []
        cursor = None
        while True:
            wanted = {"limit": "2", **({"cursor": cursor} if cursor else {})}
            page = front.get("window", "/cases", **wanted).json()
            seen += [case["number"] for case in page["cases"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == 3

    @pytest.mark.parametrize(
        "query",
        [
            {"queue": "everything"},
            {"cursor": "nonsense"},
            {"limit": "0"},
            {"limit": "101"},
            {"limit": "many"},
            {"q": "a\0b"},
            {"q": "x" * 401},
        ],
    )
    def test_a_malformed_question_is_refused(self, quiet: Front, query: dict[str, str]) -> None:
        problem = refused(quiet.get("window", "/cases", **query), 422, "bad-input")
        assert problem["errors"][0]["field"] == next(iter(query))

    def test_a_case_shows_clocks_with_derivations_and_steps_with_reasons(
        self, front: Front, town: Town
    ) -> None:
        number = town.apply()
        town.take(number, "submit", "applicant")
        case = front.get("window", f"/cases/{number}").json()
        [clock] = [clock for clock in case["clocks"] if clock["live"]]
        assert clock["due_on"] == "2026-09-08"
        assert clock["derivation"]["due"] == "2026-09-08"
        assert clock["lines"][-1] == "届满日：2026年9月8日"
        steps = {s["name"]: s for s in front.get("window", f"/cases/{number}/steps").json()}
        assert steps["request_supplement"]["allowed"]
        assert steps["request_supplement"]["input"]["type"] == "object"
        assert not steps["turn_to_filing"]["allowed"]
        [reason] = steps["turn_to_filing"]["reasons"]
        assert (reason["code"], bool(reason["law"])) == ("not_for_filing", True)

    @pytest.mark.parametrize("number", ["CC-GC-2026-999999", "%00", "x" * 65, "..", "'--"])
    def test_no_number_is_too_strange_for_an_answer(self, quiet: Front, number: str) -> None:
        answer = quiet.get("window", f"/cases/{number}")
        assert answer.status_code in (404, 422)
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_list_is_narrowed_by_what_is_late_whose_and_when_filed(front: Front, town: Town) -> None:
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    town.time.go_to(date(2026, 10, 13))
    fresh = town.apply(address="今日路1号")
    town.take(fresh, "submit", "applicant")

    def found(**asked: str) -> set[str]:
        answer = front.get("supervisor", "/cases", **asked)
        return {line["number"] for line in answer.json()["cases"]}

    late = found(late="true")
    assert check in late
    assert fresh not in late
    assert found(due="late") == late
    assert found(due="late", officer="inspector1") == found(officer="inspector1") == {check}
    assert found(opened_from="2026-10-13", opened_to="2026-10-13", sort="opened") == {fresh}
    assert fresh in found(matter="public_place_hygiene", q="今日路")
    assert found(matter="radiation_safety") == set()
    wrong = ({"due": "soon"}, {"sort": "x"}, {"opened_from": "昨天"})
    backwards = {"opened_from": "2026-10-02", "opened_to": "2026-10-01"}
    for asked in (*wrong, backwards):
        refused(front.get("supervisor", "/cases", **asked), 422, "bad-input")
