"""Taking steps over HTTP, and every way in which one is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from casework.acts.actors import Actor
from casework.common.database import engine_for
from casework.models import Account, Attachment, Document, Mandate
from tests.support.front import Front, refused
from tests.support.town import INSPECTORS, Town, answers, look, promise

DELIVERED = {"recipient": "陈志远"}


def _submitted(town: Town, **changes: Any) -> str:
    number = town.apply(**changes)
    town.attach(number)
    town.take(number, "submit", "applicant")
    return number


def _assigned(town: Town) -> str:
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    return check


def test_a_step_is_taken_by_whose_turn_it_is(front: Front, town: Town) -> None:
    number = _submitted(town)
    refused(front.step(None, number, "accept"), 401, "not-logged-in")
    for stranger in ("window_b", "applicant2"):
        refused(front.step(stranger, number, "accept"), 404, "not-found")
    problem = refused(front.step("applicant", number, "accept"), 403, "not-allowed")
    assert "窗口人员" in problem["detail"]
    answer = front.step("window", number, "accept")
    assert answer.status_code == 200
    assert answer.json() == {
        "number": number, "state": "accepted", "version": 2, "awaits_signature": False,
        "awaits_arrival": False,
    }  # fmt: skip


def test_a_strangers_refusal_is_the_same_as_for_no_case_at_all(front: Front, town: Town) -> None:
    number = _submitted(town)
    theirs = front.step("window_b", number, "accept").json()
    none = front.post("window_b", "/cases/CC-GC-2026-999999/steps/accept", {"version": 1}).json()
    theirs["detail"] = theirs["detail"].replace(number, "CC-GC-2026-999999")
    assert theirs == none


def test_the_same_key_takes_a_step_once(front: Front, town: Town) -> None:
    number = _submitted(town)
    first = front.step("window", number, "accept", version=1, key="accept-1")
    again = front.step("window", number, "accept", version=1, key="accept-1")
    assert first.json() == again.json()
    assert town.case(number).version == 2
    other = front.step("window", number, "accept", version=2, key="accept-1")
    refused(other, 422, "idempotency-key-reused")


def test_a_stale_version_is_refused_and_says_which_is_current(front: Front, town: Town) -> None:
    number = _submitted(town)
    problem = refused(front.step("window", number, "accept", version=0), 409, "stale-version")
    assert problem["current"] == 1
    assert town.case(number).state == "received"


def test_a_draft_is_not_there_for_officers_either_to_read_or_to_act(
    front: Front, town: Town
) -> None:
    number = town.apply()
    for step in ("submit", "accept", "terminate"):
        refused(front.step("window", number, step), 404, "not-found")
    assert front.step("applicant", number, "submit").status_code == 200


@pytest.mark.parametrize("step", ["grant", "deliver", "commit", "make_coffee", "deem_accepted"])
def test_a_step_not_of_this_state_or_not_for_people_is_refused(
    front: Front, town: Town, step: str
) -> None:
    number = _submitted(town)
    answer = front.step("window", number, step)
    assert answer.status_code in (403, 409)
    assert answer.json()["type"] in ("step-not-of-state", "not-allowed")
    assert town.case(number).state == "received"


def test_accepting_with_materials_missing_names_them_and_the_article(
    front: Front, town: Town
) -> None:
    number = town.apply()
    town.attach(number, "identity", "test_report", "management_rules")
    town.take(number, "submit", "applicant")
    problem = refused(front.step("window", number, "accept"), 409, "guard-refused")
    assert problem["reasons"][0]["code"] == "materials_missing"
    assert "平面图" in problem["detail"]
    # What is filled in in the system is not missed on paper.
    assert "卫生许可证申请表" not in problem["detail"]
    assert problem["law"] == "《行政许可法》第三十二条"


def test_granting_with_materials_missing_is_refused(front: Front, town: Town) -> None:
    number = town.committed()
    owner = engine_for(town.url, role=None)
    with owner.begin() as connection:  # lost by a fault: the application itself may not delete
        connection.execute(delete(Attachment).where(Attachment.material == "plans"))
    owner.dispose()
    problem = refused(front.step("window", number, "grant"), 409, "guard-refused")
    assert [reason["code"] for reason in problem["reasons"]] == ["materials_missing"]
    assert town.case(number).state == "committed"


def test_a_promise_by_one_who_may_not_commit_is_refused(front: Front, town: Town) -> None:
    number = _submitted(town)
    town.take(number, "accept", "window")
    town.take(number, "inform", "window")
    town.take(number, "study", "applicant", answers())
    with town.session() as session:
        mandate = session.scalars(
            select(Mandate).where(Mandate.person_id == town.people["applicant"].person_id)
        ).one()
        mandate.capacity, mandate.scope = "agent", ["file"]
    problem = refused(front.step("applicant", number, "commit", promise()), 409, "guard-refused")
    assert problem["reasons"][0]["code"] == "not_empowered"
    assert problem["law"] == "《民法典》第一百六十五条"
    with town.session() as session:
        session.scalars(select(Mandate).where(Mandate.capacity == "agent")).one().scope = [
            "file", "promise",
        ]  # fmt: skip
    assert front.step("applicant", number, "commit", promise()).status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"meets_conditions": False}, "meets_conditions"),
        ({"signer": ""}, "signer"),
        ({"signer": "a\tb\u0001"}, "signer"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_promise_with_a_hole_is_refused(
    front: Front, town: Town, changes: dict[str, Any], field: str
) -> None:
    number = _submitted(town)
    town.take(number, "accept", "window")
    town.take(number, "inform", "window")
    answer = front.step("applicant", number, "commit", {**promise(), **changes})
    problem = refused(answer, 422, "bad-input")
    assert field in str(problem["errors"]) or "控制字符" in problem["detail"]
    assert town.case(number).state == "informed"


def test_the_same_place_is_applied_for_once_at_a_time(front: Front, town: Town) -> None:
    first = _submitted(town)
    second = town.apply(address="南通市 崇川区人民中路８８号")  # the same, written otherwise
    problem = refused(front.step("applicant", second, "submit"), 409, "guard-refused")
    assert problem["reasons"][0]["code"] == "place_applied"
    assert first in problem["detail"]


def test_a_licensed_place_gets_no_second_licence(front: Front, town: Town) -> None:
    town.take(town.granted(), "deliver", "window", {"recipient": "陈志远"})
    problem = refused(front.step("applicant", town.apply(), "submit"), 409, "guard-refused")
    assert problem["reasons"][0]["code"] == "place_licensed"


def test_of_two_clerks_who_grant_at_once_one_is_told_so(front: Front, town: Town) -> None:
    number = town.committed()
    version = town.case(number).version
    for who in ("window", "approver"):
        front.get(who, "/me")  # log in before the race
    start = Barrier(2)

    def grant(who: str) -> int:
        start.wait(timeout=10)
        return front.step(who, number, "grant", version=version).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(grant, ("window", "approver")))
    assert answers == [200, 409]
    with town.session() as session:
        certificates = select(func.count()).where(Document.key == "certificate")
        assert session.scalar(certificates) == 1
    assert len(front.get("window", "/cases", process="licence").json()["cases"]) == 1


class TestSecondSignature:
    """Where the law wants two officers."""

    def test_the_first_one_waits_and_the_second_one_completes(
        self, front: Front, town: Town
    ) -> None:
        check = _assigned(town)
        answer = front.step("inspector1", check, "inspect", look(met=True))
        assert answer.status_code == 202
        assert answer.json()["awaits_signature"] is True
        assert town.case(check).state == "assigned"
        refused(front.sign(None, check, "inspect"), 401, "not-logged-in")
        refused(front.sign("window_b", check, "inspect"), 404, "not-found")
        refused(front.sign("window", check, "inspect"), 403, "not-allowed")
        answer = front.sign("inspector2", check, "inspect")
        assert answer.status_code == 200
        assert answer.json()["state"] == "inspected"
        refused(front.sign("inspector2", check, "inspect"), 409, "second-signature")

    def test_the_same_person_cannot_be_both_not_even_from_another_account(
        self, front: Front, town: Town
    ) -> None:
        check = _assigned(town)
        front.step("inspector1", check, "inspect", look(met=True))
        refused(front.sign("inspector1", check, "inspect"), 409, "second-signature")
        one = town.people["inspector1"]
        with town.session() as session:
            twin = Account(person_id=one.person_id, username="twin", password_hash="-")
            session.add(twin)
            session.flush()
            town.people["twin"] = Actor(twin.id, one.person_id, one.name)
        problem = refused(front.sign("twin", check, "inspect"), 409, "second-signature")
        assert problem["law"] == "《行政处罚法》第四十二条"
        assert town.case(check).state == "assigned"

    def test_it_confirms_only_what_was_signed_at_that_version(
        self, front: Front, town: Town
    ) -> None:
        check = _assigned(town)
        front.step("inspector1", check, "inspect", look(met=True))
        problem = front.sign("inspector2", check, "inspect", version=99)
        refused(problem, 409, "second-signature")

    def test_an_entry_is_sent_back_with_a_reason(self, front: Front, town: Town) -> None:
        check = _assigned(town)
        front.step("inspector1", check, "inspect", look(met=True))
        path = f"/cases/{check}/steps/inspect/signatures/returns"
        body = {"version": town.case(check).version, "reason": ""}
        refused(front.post("inspector2", path, body), 422, "bad-input")
        body["reason"] = "地址写错"
        refused(front.post("window", path, body), 403, "not-allowed")
        refused(front.post("window_b", path, body), 404, "not-found")
        answer = front.post("inspector2", path, body, key="once")
        assert (answer.status_code, answer.json()["state"]) == (200, "assigned")
        assert front.post("inspector2", path, body, key="once").json() == answer.json()
        refused(front.post("inspector2", path, body), 409, "second-signature")
        log = front.get("inspector1", f"/cases/{check}/log").json()
        assert log[-1]["note"] == "地址写错"
        assert front.step("inspector1", check, "inspect", look(met=True)).status_code == 202


class TestLegalDate:
    """The legal date of an act, given by staff."""

    @pytest.mark.parametrize(
        ("day", "text"),
        [
            ("2026-09-03", "不能晚于今天"),
            ("2026-09-02T09:00:01+08:00", "不能晚于今天"),
            ("2026-08-31", "不能早于立案日期"),
            ("2026-09-02T09:00:00", "须带时区"),
        ],
    )
    def test_it_lies_between_what_was_done_and_now(
        self, front: Front, town: Town, day: str, text: str
    ) -> None:
        number = town.granted()
        town.time.pass_(days=1)
        answer = front.step("window", number, "deliver", DELIVERED, effective_at=day)
        assert text in refused(answer, 422, "bad-date")["detail"]

    def test_it_is_not_earlier_than_what_was_already_decided(
        self, front: Front, town: Town
    ) -> None:
        number = town.committed()
        town.time.pass_(days=2)
        assert front.step("window", number, "grant").status_code == 200
        town.time.pass_(days=1)
        front.log_in_again()
        answer = front.step("window", number, "deliver", DELIVERED, effective_at="2026-09-02")
        problem = refused(answer, 422, "bad-date")
        assert "不能早于本案已办理事项的日期 2026-09-03" in problem["detail"]

    @pytest.mark.parametrize("day", ["2026-09-01", "2026-09-02", "2026-09-01T15:00:00+08:00"])
    def test_a_day_and_an_instant_are_taken(self, front: Front, town: Town, day: str) -> None:
        number = town.granted()
        town.time.pass_(days=1)
        answer = front.step("window", number, "deliver", DELIVERED, effective_at=day)
        assert answer.status_code == 200, answer.text
        assert (
            front.get("window", f"/cases/{number}").json()["documents"][-1]["issued_on"]
            == (day[:10])
        )

    @pytest.mark.parametrize("day", ["2026-09-01", "2026-09-01T15:00:00+08:00"])
    def test_a_decision_or_a_notice_bears_the_day_of_its_entry(
        self, front: Front, town: Town, day: str
    ) -> None:
        number = _submitted(town)
        town.time.pass_(days=1)
        answer = front.step("window", number, "accept", effective_at=day)
        problem = refused(answer, 409, "guard-refused")
        assert [one["code"] for one in problem["reasons"]] == ["day_of_entry"]
        assert "国办发〔2018〕118号" in problem["law"]
        # Its hour, too, is that of its entry.
        answer = front.step("window", number, "accept", effective_at="2026-09-02T08:30:00+08:00")
        assert answer.status_code == 200, answer.text
        last = front.get("window", f"/cases/{number}/log").json()[-1]
        assert last["effective_at"] == last["recorded_at"]

    def test_online_acts_bear_the_time_of_their_receipt(self, front: Front, town: Town) -> None:
        number = town.apply()
        town.time.pass_(days=1)
        answer = front.step("applicant", number, "submit", effective_at="2026-09-01")
        refused(answer, 422, "bad-date")

    @pytest.mark.parametrize(
        "day", ["yesterday", "2026-02-30", "0001-01-01", "9999-12-31", 20260901, "2026-9-1", ""]
    )
    def test_what_is_no_date_is_refused(self, quiet: Front, module_town: Town, day: Any) -> None:
        number = module_town.apply()
        problem = refused(
            quiet.step("window", number, "accept", effective_at=day), 422, "bad-input"
        )
        assert problem["errors"][0]["field"] == "effective_at"

    def test_a_date_beyond_the_calendar_is_refused_not_guessed(
        self, front: Front, town: Town
    ) -> None:
        town.time.pass_(days=365 * 5)
        number = town.apply()
        problem = refused(front.step("applicant", number, "submit"), 422, "bad-date")
        assert "节假日安排" in problem["detail"]
        assert town.case(number).state == "draft"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"version": "one"},
        {"version": -1},
        {"version": 2**40},
        {"version": 1, "input": []},
        {"version": 1, "inputs": {}},
    ],
)
def test_a_malformed_request_is_refused(quiet: Front, module_town: Town, body: Any) -> None:
    number = module_town.apply()
    answer = quiet.post("window", f"/cases/{number}/steps/accept", body)
    refused(answer, 422, "bad-input")
