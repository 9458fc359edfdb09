"""The counter over HTTP: every route of a hygiene licence from its beginning to its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from casework.common.problems import GuardRefused
from casework.common.timekeeping import ZONE, legal_date
from casework.models import Party
from tests.support.front import Front, refused
from tests.support.journeys import (
    ENDING_SERVED,
    PROMISING,
    change_of,
    deferred,
    follow,
    promised_for_later,
    renewal_of,
    told_before,
    usual,
)
from tests.support.people import empower
from tests.support.processes.place_filing import filing
from tests.support.rules import set_key
from tests.support.town import ACCEPTED, NOTICE, Town, answers, application, look, promise

HERE = "南通市崇川区人民中路88号"
FIRM = "91440300708461136T"
ENDED = "许可依法被撤销、撤回，或者许可证件依法被吊销"
AGENT = {
    "name": "周小琴",
    "id_kind": "id",
    "id_code": "11010519491231002X",
    "capacity": "agent",
    "scope": ["file", "promise"],
    "valid_from": "2026-08-01",
    "valid_to": "2027-07-31",
}


def _empower(front: Front, **changes: Any) -> Any:
    body = {**AGENT, **changes}
    return front.post("window", f"/parties/{FIRM}/mandates", body)


def _mandate(front: Front, **changes: Any) -> int:
    answer = _empower(front, **changes)
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["id"]
    return number


def _take(front: Front, who: str, number: str, step: str, given: Any = None, **more: Any) -> Any:
    return front.step(who, number, step, given, **more)


def _go(front: Front, number: str, *steps: tuple[str, str], **inputs: Any) -> str:
    """Take steps over HTTP, each with its usual input; gives the state that is reached."""
    process = front.town.case(number).process
    state = ""
    for step, who in steps:
        answer = _take(front, who, number, step, inputs.get(step, usual(process, step)))
        if answer.status_code == 202:
            answer = front.sign("inspector1", number, step)
        assert answer.status_code == 200, answer.text
        state = answer.json()["state"]
    return state


def _licence(front: Front, town: Town, number: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = front.get(
        "applicant", f"/cases/{town.relative(number, 'licence').number}"
    ).json()
    return found


def _documents(front: Front, number: str) -> set[str]:
    return {d["key"] for d in front.get("applicant", f"/cases/{number}").json()["documents"]}


def _expiring(front: Front, town: Town) -> str:
    """An application whose licence is in its last ninety days, and still in time to be renewed."""
    town.time.instant = datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)
    number = town.granted(address=HERE)
    until = date.fromisoformat(town.licence_of(number)["valid_until"])
    town.time.go_to(until - timedelta(days=60))
    town.office.catch_up(town.relative(number, "licence").id)
    return number


class TestWalkIn:
    @pytest.mark.slow
    def test_a_clerk_files_for_an_agent_and_the_log_says_so(self, front: Front, town: Town) -> None:
        mandate = _mandate(front)
        body = {"process": "instant_licence", "data": application(), "mandate": mandate}
        number = front.post("window", "/cases", body).json()["number"]
        town.attach(number, by="window")
        assert _take(front, "window", number, "submit", mandate=mandate).status_code == 200
        _go(front, number, ("accept", "window"), ("inform", "window"))
        study = _take(front, "window", number, "study", answers(), mandate=mandate)
        assert study.status_code == 200, study.text
        signed = _take(front, "window", number, "commit", promise("周小琴"), mandate=mandate)
        assert signed.status_code == 200, signed.text
        problem = refused(_take(front, "window", number, "grant"), 409, "guard-refused")
        assert problem["reasons"][0]["code"] == "promise_not_scanned"
        town.attach(number, "signed_promise", by="window")
        _go(front, number, ("grant", "window"), ("deliver", "window"))
        lines = {line["name"]: line for line in front.get("window", f"/cases/{number}/log").json()}
        assert lines["commit"]["channel"] == "窗口"
        assert lines["accept"]["channel"] == "窗口"
        party = front.get("applicant", f"/cases/{number}").json()["party"]
        assert party["code"] == FIRM

    def test_an_agent_without_power_for_the_act(self, front: Front, town: Town) -> None:
        mandate = _mandate(front, scope=["file"])
        number = town.apply()
        town.attach(number)
        town.take(number, "submit", "applicant")
        _go(front, number, ("accept", "window"), ("inform", "window"))
        _take(front, "window", number, "study", answers(), mandate=mandate)
        answer = _take(front, "window", number, "commit", promise("周小琴"), mandate=mandate)
        problem = refused(answer, 409, "guard-refused")
        assert [reason["code"] for reason in problem["reasons"]] == ["not_empowered"]
        receiver = _mandate(
            front, scope=["receive"], name="吴凡", id_kind="passport", id_code="E12345678"
        )
        refused(_take(front, "window", number, "decline", mandate=receiver), 403, "not-allowed")

    def test_a_promise_signed_by_somebody_else(self, front: Front, town: Town) -> None:
        mandate = _mandate(front)
        number = town.apply()
        town.attach(number)
        town.take(number, "submit", "applicant")
        _go(front, number, ("accept", "window"), ("inform", "window"))
        _take(front, "window", number, "study", answers(), mandate=mandate)
        answer = _take(front, "window", number, "commit", promise("路人甲"), mandate=mandate)
        problem = refused(answer, 409, "guard-refused")
        assert [reason["code"] for reason in problem["reasons"]] == ["signed_by_other"]

    def test_a_mandate_that_has_ended(self, front: Front, town: Town) -> None:
        mandate = _mandate(front)
        reason = {"reason": "解除委托"}
        assert front.post("window", f"/mandates/{mandate}/end", reason).status_code == 204
        body = {"process": "instant_licence", "data": application(), "mandate": mandate}
        problem = refused(front.post("window", "/cases", body), 403, "not-allowed")
        assert problem["law"] == "《民法典》第一百七十三条"
        refused(front.post("window", f"/mandates/{mandate}/end", reason), 422, "bad-input")
        [view] = [
            one
            for one in front.get("window", f"/parties/{FIRM}/mandates").json()
            if one["id"] == mandate
        ]
        assert (view["holds"], view["ended_because"]) == (False, "解除委托")

    def test_a_mandate_of_another_firm(self, front: Front, town: Town) -> None:
        body = {
            **AGENT,
            "name": "陈志远",
            "id_kind": "passport",
            "id_code": "E12345678",
            "capacity": "representative",
            "valid_to": None,
            "paper": front.proof("91110000802100433B"),
        }
        other = front.post("window", "/parties/91110000802100433B/mandates", body).json()["id"]
        number = town.apply()
        town.attach(number)
        town.take(number, "submit", "applicant")
        given = usual("instant_licence", "withdraw")
        answer = _take(front, "window", number, "withdraw", given, mandate=other)
        assert refused(answer, 403, "not-allowed")["detail"] == "到场人员没有受本案当事人委托"
        answer = _take(front, "window", number, "withdraw", given, mandate=10**9)
        refused(answer, 422, "bad-input")
        answer = _take(front, "window", number, "accept", ACCEPTED, mandate=_mandate(front))
        assert "不是当事人的事项" in refused(answer, 403, "not-allowed")["detail"]

    def test_a_clerk_does_not_serve_a_firm_of_her_own(self, front: Front, town: Town) -> None:
        mandate = _mandate(front)
        empower(town, "window", FIRM, "agent", ["file"])
        number = town.apply()
        town.attach(number)
        town.take(number, "submit", "applicant")
        given = usual("instant_licence", "withdraw")
        answer = _take(front, "window", number, "withdraw", given, mandate=mandate)
        problem = refused(answer, 409, "guard-refused")
        assert problem["reasons"][0]["code"] == "own_case"

    def test_nobody_but_a_clerk_of_the_authority_acts_for_others(
        self, front: Front, town: Town
    ) -> None:
        mandate = _mandate(front)
        body = {"process": "instant_licence", "data": application(), "mandate": mandate}
        for who in ("reviewer", "window_b", "applicant2"):
            refused(front.post(who, "/cases", body), 403, "not-allowed")
        number = town.apply()
        town.attach(number)
        town.take(number, "submit", "applicant")
        given = usual("instant_licence", "withdraw")
        refused(
            _take(front, "reviewer", number, "withdraw", given, mandate=mandate), 403, "not-allowed"
        )
        for who in ("reviewer", "applicant"):
            refused(front.get(who, f"/parties/{FIRM}/mandates"), 403, "not-allowed")
            refused(_empower_as(front, who), 403, "not-allowed")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"id_code": "320602201501010011"}, "code-doubtful"),
            ({"id_code": "11010519491231002"}, "id_code"),
            ({"id_code": "110105201512310029", "override_reason": "原件如此"}, "id_code"),
            ({"id_kind": "passport", "id_code": "!"}, "id_code"),
            ({"id_kind": "badge"}, "id_code"),
            ({"scope": []}, "scope"),
            ({"scope": ["sell"]}, "scope"),
            ({"valid_to": None}, "valid_to"),
            ({"valid_to": "2026-07-31"}, "valid_to"),
            ({"valid_to": "2046-07-31"}, "valid_to"),
            ({"capacity": "representative"}, "name"),
            ({"capacity": "friend"}, "capacity"),
            ({"name": " "}, "name"),
        ],
    )
    def test_papers_that_do_not_do(self, front: Front, changes: dict[str, Any], field: str) -> None:
        answer = _empower(front, **changes)
        if field == "code-doubtful":
            refused(answer, 422, field)
        else:
            problem = refused(answer, 422, "bad-input")
            assert problem["errors"][0]["field"] == field

    def test_one_document_is_one_person(self, front: Front) -> None:
        _mandate(front)
        problem = refused(_empower(front, name="周大琴"), 422, "bad-input")
        assert problem["errors"][0]["field"] == "name"
        views = front.get("window", f"/parties/{FIRM}/mandates").json()
        assert all("19491231" not in view["identity"] for view in views)


def _empower_as(front: Front, who: str) -> Any:
    return front.post(who, f"/parties/{FIRM}/mandates", AGENT)


@pytest.mark.slow
class TestRenewal:
    def test_in_time_it_has_a_new_term(self, front: Front, town: Town) -> None:
        granted = _expiring(front, town)
        old = town.licence_of(granted)
        number = renewal_of(town, granted)
        state = _go(
            front, number, ("submit", "applicant"), ("accept", "window"), *PROMISING,
            ("grant", "window"), ("deliver", "window"),
        )  # fmt: skip
        assert state == "delivered"
        licence = _licence(front, town, granted)
        said = town.licence_of(granted)
        assert licence["state"] == "valid"
        assert said["number"] == old["number"]
        assert (old["valid_from"], old["valid_until"]) == ("2022-10-20", "2026-10-19")
        assert (said["valid_from"], said["valid_until"]) == ("2026-10-20", "2030-10-19")
        assert {"receipt", "renewal_decision", "certificate"} <= _documents(front, number)
        due = {c["name"]: c["due_on"] for c in licence["clocks"] if c["live"]}
        assert due["validity"] == "2030-10-19"
        assert due["expiring"] == "2030-07-21"

    @pytest.mark.parametrize(("days", "in_time"), [(30, True), (29, False)])
    def test_the_thirtieth_day_is_in_time(
        self, front: Front, town: Town, days: int, in_time: bool
    ) -> None:
        granted = _expiring(front, town)
        until = date.fromisoformat(town.licence_of(granted)["valid_until"])
        number = renewal_of(town, granted)
        town.time.go_to(until - timedelta(days=days))
        answer = _take(front, "applicant", number, "submit")
        if in_time:
            assert answer.status_code == 200
            return
        problem = refused(answer, 409, "guard-refused")
        assert [reason["code"] for reason in problem["reasons"]] == ["renewal_late"]
        with town.session() as session:
            set_key(session, "licence.late_renewal", value="accept_warn")
        assert _take(front, "applicant", number, "submit").status_code == 200
        # Late and undecided, it is not deemed granted: the licence ends with its term.
        town.time.go_to(until + timedelta(days=2))
        town.office.catch_up(town.case(number).id)
        front.log_in_again()
        assert town.case(number).state == "terminated"
        assert _licence(front, town, granted)["state"] == "expired"

    def test_undecided_at_expiry_it_is_deemed_granted(self, front: Front, town: Town) -> None:
        granted = _expiring(front, town)
        until = date.fromisoformat(town.licence_of(granted)["valid_until"])
        number = renewal_of(town, granted)
        _go(front, number, ("submit", "applicant"))
        town.time.go_to(until + timedelta(days=40))
        town.office.catch_up(town.case(number).id)
        front.log_in_again()
        assert town.case(number).state == "deemed"
        assert _licence(front, town, granted)["state"] == "deemed_renewed"
        assert town.licence_of(granted)["valid_until"][:4] == str(until.year + 4)
        assert _go(front, number, ("deliver", "window")) == "delivered"
        assert _licence(front, town, granted)["state"] == "valid"

    def test_refused_the_licence_runs_out(self, front: Front, town: Town) -> None:
        granted = _expiring(front, town)
        number = renewal_of(town, granted)
        steps = (("submit", "applicant"), ("accept", "window"), ("refuse", "approver"))
        assert _go(front, number, *steps) == "refused"
        assert "renewal_refusal" in _documents(front, number)
        assert _licence(front, town, granted)["state"] == "expiring"
        town.time.pass_(days=90)
        town.office.catch_up(town.relative(granted, "licence").id)
        front.log_in_again()
        licence = _licence(front, town, granted)
        assert licence["state"] == "expired"
        assert _go(front, licence["number"], ("deregister", "approver")) == "deregistered"

    def test_an_unanswered_supplement_list_ends_it(self, front: Front, town: Town) -> None:
        granted = _expiring(front, town)
        number = renewal_of(town, granted)
        _go(front, number, ("submit", "applicant"), ("request_supplement", "window"))
        answer = _take(
            front, "window", number, "request_supplement",
            usual("instant_licence", "request_supplement"),
        )  # fmt: skip
        refused(answer, 409, "step-not-of-state")
        town.time.pass_(days=35)
        town.office.catch_up(town.case(number).id)
        front.log_in_again()
        assert town.case(number).state == "terminated"
        assert _licence(front, town, granted)["state"] == "expiring"

    def test_only_the_holder_may_ask(self, front: Front, town: Town) -> None:
        granted = _expiring(front, town)
        data = {
            "licence": town.licence_of(granted)["number"],
            "conditions_kept": True,
            "contact_name": "沈雅琴",
            "contact_phone": "13800000002",
        }
        body = {"process": "licence_renewal", "data": data}
        problem = refused(front.post("applicant2", "/cases", body), 403, "not-allowed")
        assert problem["law"] == "《行政许可法》第九条"
        data["licence"] = "苏卫公证字〔2000〕第000000-000001号"
        refused(front.post("applicant", "/cases", body), 422, "bad-input")

    def test_a_licence_that_is_not_expiring_is_not_renewed(self, front: Front, town: Town) -> None:
        number = renewal_of(town, town.granted())
        problem = refused(_take(front, "applicant", number, "submit"), 409, "guard-refused")
        assert problem["reasons"][0]["code"] == "licence_not_expiring"


@pytest.mark.slow
class TestChange:
    def test_a_lost_certificate_is_replaced_under_its_number(
        self, front: Front, town: Town
    ) -> None:
        granted = town.granted()
        before = town.licence_of(granted)
        number = change_of(town, granted)
        _go(front, number, ("submit", "applicant"), ("accept", "window"))
        problem = refused(_take(front, "approver", number, "grant"), 409, "guard-refused")
        assert problem["reasons"][0]["code"] == "reissue_instead"
        assert _go(front, number, ("reissue", "window")) == "granted"
        assert _licence(front, town, granted)["state"] == "amended"
        assert _go(front, number, ("deliver", "window")) == "delivered"
        assert _licence(front, town, granted)["state"] == "valid"
        assert town.licence_of(granted) == before
        assert {"replacement_notice", "certificate"} <= _documents(front, number)

    @pytest.mark.parametrize(
        ("kind", "changed", "new", "code"),
        [
            ("变更单位名称", "place_name", "南通江海宾馆有限公司", "name_differs"),
            ("变更法定代表人或者负责人", "representative", "王志强", "representative_differs"),
        ],
    )
    def test_what_is_new_is_what_the_business_licence_says(
        self, front: Front, town: Town, kind: str, changed: str, new: str, code: str
    ) -> None:
        granted = town.granted()
        number = change_of(town, granted, kind=kind, reason="登记变更", **{changed: new})
        _go(front, number, ("submit", "applicant"), ("accept", "window"))
        problem = refused(_take(front, "approver", number, "grant"), 409, "guard-refused")
        assert problem["reasons"][0]["code"] == code
        assert _go(front, number, ("refuse", "approver")) == "refused"
        assert town.licence_of(granted)[changed] != new

    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            ({"kind": "变更单位名称"}, "change_differs"),
            ({"kind": "变更单位名称", "address": "崇川区别处1号"}, "new_place"),
            ({"kind": "变更法定代表人或者负责人", "place_name": "别的"}, "change_differs"),
            ({"place_name": "别的"}, "change_differs"),
            ({"kind": "证书记载错误更正换发"}, "change_differs"),
        ],
    )
    def test_what_is_asked_and_what_is_changed_agree(
        self, front: Front, town: Town, asked: dict[str, Any], code: str
    ) -> None:
        number = change_of(town, town.granted(), **asked)
        problem = refused(_take(front, "applicant", number, "submit"), 409, "guard-refused")
        assert problem["reasons"][0]["code"] == code


class TestFiling:
    def test_a_bookshop_is_filed_and_gets_its_receipt(self, front: Front, town: Town) -> None:
        number = filing(town, HERE)
        assert _go(front, number, ("submit", "applicant"), ("record", "window")) == "filed"
        assert "filing_receipt" in _documents(front, number)
        again = filing(town, HERE)
        problem = refused(_take(front, "applicant", again, "submit"), 409, "guard-refused")
        assert problem["reasons"][0]["code"] == "place_filed"

    def test_a_bookshop_that_asks_for_a_licence_is_turned_to_filing(
        self, front: Front, town: Town
    ) -> None:
        kind = town.case(filing(town, HERE)).data["application"]["place_kind"]
        number = town.apply(place_kind=kind, address="崇川区二路2号")
        state = _go(front, number, ("submit", "applicant"), ("turn_to_filing", "window"))
        assert state == "filing_route"
        assert town.relative(number, "filing").state == "received"

    def test_a_hotel_is_not_filed(self, front: Front, town: Town) -> None:
        number = town.file("place_filing", application())
        problem = refused(_take(front, "applicant", number, "submit"), 409, "guard-refused")
        assert problem["reasons"][0]["code"] == "not_for_filing"


@pytest.mark.slow
class TestDeferral:
    def test_handed_in_in_time(self, front: Front, town: Town) -> None:
        granted = deferred(town, HERE)
        assert {"deferral_notice", "grant_decision"} <= _documents(front, granted)
        number = town.relative(granted, "deferral").number
        problem = refused(_take(front, "applicant", number, "hand_in"), 409, "guard-refused")
        assert problem["reasons"][0]["code"] == "deferred_missing"
        town.attach(number)
        state = _go(front, number, ("hand_in", "applicant"), ("confirm", "window"))
        assert state == "completed"

    def test_never_handed_in_it_is_checked_as_a_broken_promise(
        self, front: Front, town: Town
    ) -> None:
        granted = deferred(town, HERE)
        number = town.relative(granted, "deferral").number
        town.time.pass_(days=30)
        town.office.catch_up(town.case(number).id)
        front.log_in_again()
        assert town.case(number).state == "lapsed"
        assert "deferral_lapse_notice" in _documents(front, number)
        assert _go(front, number, ("refer", "window")) == "referred"
        assert town.relative(granted, "deferral_check").state == "task_created"

    def test_only_what_the_published_list_names(self, front: Front, town: Town) -> None:
        number = town.apply()
        town.attach(number, "application_form", "identity", "plans", "management_rules")
        town.take(number, "submit", "applicant")
        given = {**ACCEPTED, "deferred": ["test_report"]}
        problem = refused(_take(front, "window", number, "accept", given), 409, "guard-refused")
        codes = [reason["code"] for reason in problem["reasons"]]
        assert codes == ["not_deferrable"]


@pytest.mark.slow
class TestEnds:
    def test_promised_for_later_it_may_not_open_before(self, front: Front, town: Town) -> None:
        granted = promised_for_later(town, HERE)
        licence = town.relative(granted, "licence").number
        assert town.case(licence).state == "not_ready"
        problem = refused(_take(front, "reviewer", licence, "confirm_ready"), 409, "guard-refused")
        assert problem["reasons"][0]["code"] == "conditions_not_reported"
        _go(front, licence, ("prove_conditions", "applicant"))
        # Whoever granted on the promise does not confirm that it was kept.
        problem = refused(_take(front, "window", licence, "confirm_ready"), 409, "guard-refused")
        assert problem["reasons"][0]["code"] == "separation_of_duties"
        assert _go(front, licence, ("confirm_ready", "reviewer")) == "valid"
        assert "ready_notice" in _documents(front, licence)

    def test_not_closed_while_a_check_is_open(self, front: Front, town: Town) -> None:
        granted = town.granted()
        licence = town.relative(granted, "licence").number
        given = usual("licence", "request_closure")
        problem = refused(
            _take(front, "applicant", licence, "request_closure", given), 409, "guard-refused"
        )
        assert problem["reasons"][0]["code"] == "business_open"

    @pytest.mark.parametrize(
        ("steps", "ground", "wrong"),
        [
            (
                (
                    *told_before("reviewer"),
                    ("withdraw_by_authority", "approver"),
                    ("serve_withdrawal", "reviewer"),
                ),
                ENDED,
                "被许可人申请注销",
            ),
            ((("cancel", "approver"),), ENDED, "有效期届满未延续"),
            ((), "被许可的法人或者其他组织依法终止", "有效期届满未延续"),
            # What the authority finds itself it decides and serves first.
            (ENDING_SERVED, "涂改、转让、倒卖有效卫生许可证", "被许可人申请注销"),
        ],
    )  # fmt: skip
    def test_each_end_is_entered_in_the_book(
        self, front: Front, town: Town, steps: Any, ground: str, wrong: str
    ) -> None:
        licence = town.relative(town.granted(), "licence").number
        _go(front, licence, *steps)
        given = {"ground": wrong, "reason": "登记"}
        problem = refused(
            _take(front, "approver", licence, "deregister", given), 409, "guard-refused"
        )
        assert problem["reasons"][0]["code"] == "ground_differs"
        given = {"ground": ground, "reason": "登记"}
        assert _take(front, "approver", licence, "deregister", given).json()["state"] == (
            "deregistered"
        )
        assert {"deregistration_decision", "deregistration_notice"} <= _documents(front, licence)

    def test_the_place_of_another_firm(self, front: Front, town: Town) -> None:
        town.granted(address=HERE)
        other = town.apply(by="applicant2", address=HERE)
        problem = refused(_take(front, "applicant2", other, "submit"), 409, "guard-refused")
        assert problem["reasons"][0]["code"] == "place_licensed"

    def test_a_name_that_the_business_licence_does_not_bear(self, front: Front, town: Town) -> None:
        number = town.apply(place_name="东海大酒店")
        town.attach(number)
        town.take(number, "submit", "applicant")
        problem = refused(_take(front, "window", number, "accept"), 409, "guard-refused")
        assert [reason["code"] for reason in problem["reasons"]] == ["name_differs"]
        assert _take(front, "window", number, "accept", ACCEPTED).status_code == 200


@pytest.mark.slow
def test_false_material_bars_for_a_year(front: Front, town: Town) -> None:
    number = town.apply()
    town.attach(number)
    false = {
        "ground": "隐瞒有关情况或者提供虚假材料",
        "facts": "检测报告系伪造",
        "reasons": "提供虚假材料",
    }
    town.take(number, "submit", "applicant")
    follow(town, number, ("accept", "window"), *told_before("reviewer"))
    _go(front, number, ("refuse", "approver"), refuse=false)
    day = legal_date(town.time.now())
    again = town.apply(address="崇川区三路3号")
    _go(front, number, ("serve_decision", "window"))
    problem = refused(_take(front, "applicant", again, "submit"), 409, "guard-refused")
    assert problem["reasons"][0]["code"] == "application_barred"
    assert problem["law"] == "《行政许可法》第七十八条"
    town.time.go_to(day.replace(year=day.year + 1))
    with pytest.raises(GuardRefused):
        town.take(again, "submit", "applicant")
    town.time.go_to(day.replace(year=day.year + 1) + timedelta(days=1))
    town.take(again, "submit", "applicant")


@pytest.mark.slow
def test_fraud_bars_for_three_years_from_the_revocation(front: Front, town: Town) -> None:
    town.time.instant = datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)
    granted = town.granted()
    check = town.relative(granted, "check").number
    officers = "inspector1+inspector2"
    follow(
        town, check, ("assign", "supervisor"), ("inspect", officers), ("find_false", officers)
    )  # fmt: skip
    fraud = {**NOTICE, "basis": "《中华人民共和国行政许可法》第六十九条第二款"}
    town.take(check, "notify_revocation", officers, fraud)
    follow(
        town, check, ("waive_defence", "applicant"), ("waive_hearing", "applicant"),
        ("submit_review", "inspector1"), ("pass_review", "legal"),
    )  # fmt: skip
    town.take(check, "revoke", "approver", fraud)
    revoked = legal_date(town.time.now())
    town.time.pass_(days=10)
    follow(town, check, ("serve", "inspector1"), ("deregister", "approver"))
    again = town.apply(address="崇川区三路3号")
    problem = refused(_take(front, "applicant", again, "submit"), 409, "guard-refused")
    assert problem["reasons"][0]["code"] == "application_barred"
    assert "第七十九条" in problem["law"]
    town.time.go_to(revoked.replace(year=revoked.year + 3))
    with pytest.raises(GuardRefused):
        town.take(again, "submit", "applicant")
    town.time.go_to(revoked.replace(year=revoked.year + 3) + timedelta(days=1))
    town.take(again, "submit", "applicant")


def _informed(town: Town) -> str:
    number = town.apply()
    town.attach(number)
    follow(town, number, ("submit", "applicant"), ("accept", "window"), ("inform", "window"))
    return number


@pytest.mark.slow
def test_no_promise_before_every_question_is_answered(front: Front, town: Town) -> None:
    number = _informed(town)
    problem = refused(_take(front, "applicant", number, "commit", promise()), 409, "guard-refused")
    assert [reason["code"] for reason in problem["reasons"]] == ["education_missing"]
    right = answers()["answers"]
    wrong = [{**one, "choice": (one["choice"] + 1) % 3} for one in right]
    for given, left in ((wrong, "还有5题"), (right[:1], "需要重新作答")):
        answer = _take(front, "applicant", number, "study", {"answers": given})
        problem = refused(answer, 409, "guard-refused")
        assert problem["reasons"][0]["code"] == "answers_wrong"
        assert left in problem["detail"]
        assert "{" not in problem["detail"]
    assert _take(front, "applicant", number, "study", answers()).status_code == 200
    assert _take(front, "applicant", number, "commit", promise()).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ready_by", "allowed"),
    [("2026-09-01", False), ("2026-09-02", True), ("2027-03-01", True), ("2027-03-02", False)],
)
def test_conditions_are_promised_for_within_half_a_year(
    front: Front, town: Town, ready_by: str, allowed: bool
) -> None:
    number = _informed(town)
    town.take(number, "study", "applicant", answers())
    answer = _take(front, "applicant", number, "commit", promise(ready_by=ready_by))
    if allowed:
        assert answer.status_code == 200
        return
    problem = refused(answer, 409, "guard-refused")
    assert [reason["code"] for reason in problem["reasons"]] == ["ready_by_wrong"]


@pytest.mark.slow
def test_a_look_by_video_is_booked_and_shown(front: Front, town: Town) -> None:
    number = _informed(town)
    town.take(number, "decline", "applicant")
    seen = {**look(met=True), "mode": "视频核查"}

    def codes(step: str, who: str, given: Any) -> list[str]:
        problem = refused(_take(front, who, number, step, given), 409, "guard-refused")
        return [reason["code"] for reason in problem["reasons"]]

    assert codes("check_site", "reviewer", seen) == ["look_not_booked"]
    booked = usual("instant_licence", "book_look")
    assert codes("book_look", "reviewer", {**booked, "on": "2026-08-31"}) == ["look_day_wrong"]
    assert codes("book_look", "reviewer", {**booked, "on": "2026-12-31"}) == ["look_day_wrong"]
    assert _take(front, "reviewer", number, "book_look", booked).status_code == 200
    assert codes("check_site", "reviewer", seen) == ["look_not_booked"]  # not before its day
    town.time.pass_(days=1)
    front.log_in_again()
    assert codes("check_site", "reviewer", seen) == ["look_without_pictures"]
    town.attach(number, "look_picture", by="reviewer")
    assert _take(front, "reviewer", number, "check_site", seen).status_code == 202
    assert front.sign("inspector1", number, "check_site").json()["state"] == "ordinary_review"
    assert {"look_appointment", "look_record"} <= _documents(front, number)


@pytest.mark.slow
def test_a_renewal_that_a_look_speaks_against(front: Front, town: Town) -> None:
    number = renewal_of(town, _expiring(front, town))
    follow(town, number, ("submit", "applicant"), ("accept", "window"))
    town.take(number, "check_site", "reviewer+inspector1", look(met=False))
    problem = refused(_take(front, "approver", number, "grant"), 409, "guard-refused")
    assert {reason["code"] for reason in problem["reasons"]} == {"conditions_unmet"}
    # A promise does not undo what officers saw.
    follow(town, number, *PROMISING)
    problem = refused(_take(front, "approver", number, "grant"), 409, "guard-refused")
    assert [reason["code"] for reason in problem["reasons"]] == ["conditions_unmet"]


@pytest.mark.slow
def test_a_persons_licence_does_not_pass_to_another(front: Front, town: Town) -> None:
    with town.session() as session:
        session.execute(update(Party).where(Party.code == FIRM).values(code_kind="id"))
    asked = {"kind": "变更法定代表人或者负责人", "representative": "王新主"}
    number = change_of(town, town.granted(), **asked, reason="转让")
    problem = refused(_take(front, "applicant", number, "submit"), 409, "guard-refused")
    assert [reason["code"] for reason in problem["reasons"]] == ["not_transferable"]
    assert problem["law"] == "《行政许可法》第九条"


@pytest.mark.slow
def test_a_change_is_decided_and_of_a_licence_that_stands(front: Front, town: Town) -> None:
    new = "南通江海宾馆有限公司"
    granted = town.granted()
    asked = {"kind": "变更单位名称", "place_name": new, "reason": "更名"}
    number = change_of(town, granted, **asked)
    follow(town, number, ("submit", "applicant"), ("accept", "window"))
    with town.session() as session:
        session.execute(update(Party).where(Party.code == FIRM).values(name=new))
    problem = refused(_take(front, "window", number, "reissue"), 409, "guard-refused")
    assert [reason["code"] for reason in problem["reasons"]] == ["decide_instead"]
    follow(town, number, *PROMISING, ("grant", "approver"))
    assert town.licence_of(granted)["place_name"] == new
    again = change_of(town, granted)
    problem = refused(_take(front, "applicant", again, "submit"), 409, "guard-refused")
    assert [reason["code"] for reason in problem["reasons"]] == ["licence_not_standing"]
