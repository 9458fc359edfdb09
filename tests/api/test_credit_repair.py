"""The way back (信用修复) over HTTP: the whole circle, every exit, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from casework.models import Case
from casework.proof import verify_case
from casework.sweeps import fire_due_clocks, send_reminders
from casework.timekeeping import legal_date
from casework.versions import VersionShelf
from tests.support.front import Front, refused
from tests.support.journeys import OFFICERS, REPAIR, address, check_to, usual
from tests.support.town import Town, answers, promise, repair_promise

CODE = "91440300708461136T"
Steps = tuple[tuple[str, str], ...]


class Desk:
    """Steps of repairs and trainings over HTTP."""

    def __init__(self, front: Front) -> None:
        self.front, self.town = front, front.town

    def take(self, number: str, step: str, by: str, given: Any = None) -> dict[str, Any]:
        """Take a step with its usual input, and have a second officer sign it."""
        process = self.town.case(number).process
        if step == "submit_rectification":
            self.upload(number, "rectification_report")
        _input = usual(process, step) if given is None else given
        first, _, second = by.partition("+")
        version = self.town.case(number).version
        answer = self.front.step(first, number, step, _input)
        if second:
            assert answer.status_code == 202, answer.text
            answer = self.front.sign(second, number, step, version=version)
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said

    def follow(self, number: str, steps: Steps) -> str:
        """Take steps in order; gives the state they lead to."""
        for step, by in steps:
            self.take(number, step, by)
        state: str = self.case(number)["state"]
        return state

    def case(self, number: str, who: str = "credit") -> dict[str, Any]:
        """A case as somebody sees it."""
        answer = self.front.get(who, f"/cases/{number}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def credit(self, who: str = "applicant") -> dict[str, Any]:
        """The firm's file."""
        answer = self.front.get(who, f"/parties/{CODE}/credit")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def upload(self, number: str, material: str) -> None:
        """Hand in a small file."""
        answer = self.front.upload("applicant", number, material, f"{material}.pdf")
        assert answer.status_code == 201, answer.text

    def certified(self) -> str:
        """Enrol, sit the exam and take the certificate; gives its number."""
        body = {"process": "credit_training", "data": {"region": "320613", "learner": "李敏"}}
        opened = self.front.post("applicant", "/cases", body)
        assert opened.status_code == 201, opened.text
        number: str = opened.json()["number"]
        self.take(number, "start_exam", "applicant")
        self.take(number, "submit_paper", "applicant", self.town.sheet(number, wrong=4))
        self.take(number, "certify", "applicant")
        [certificate] = self.case(number, "applicant")["documents"]
        assert certificate["title"] == "信用培训合格证书"
        return str(certificate["number"])

    def step_view(self, number: str, step: str, who: str) -> Mapping[str, Any]:
        """What a page says of a step."""
        steps = self.front.get(who, f"/cases/{number}/steps").json()
        return next(one for one in steps if one["name"] == step)

    def proved(self, number: str) -> None:
        """Replay the case to its present state."""
        with self.town.session() as session:
            case = session.query(Case).filter_by(number=number).one()
            assert verify_case(session, case, VersionShelf()) == []


def test_the_whole_circle(front: Front) -> None:
    """Licence by promise, breach, revocation, barred; the term passes, reminder, four steps,
    publicity ended, rating and promise route restored."""
    town, desk = front.town, Desk(front)
    check = check_to(town, town.granted(), "revoked")
    decided = legal_date(town.time.now())
    repair = town.relative(check, "repair").number

    barred = desk.credit()
    assert barred["may_promise"] is False
    assert barred["rating"]["grade"] == "D"  # 80 - 15 broken - 10 revoked
    assert barred["rating"]["score"] == 55
    again = town.apply(address=address(1))
    town.attach(again)
    for step, by in (("submit", "applicant"), ("accept", "window"), ("inform", "window")):
        town.take(again, step, by, usual("instant_licence", step))
    town.take(again, "study", "applicant", answers())
    told = refused(front.step("applicant", again, "commit", promise()), 409, "guard-refused")
    assert told["reasons"][0]["code"] == "promise_barred"

    case = desk.case(repair, "applicant")
    assert case["state"] == "not_eligible"
    [minimum] = [clock for clock in case["clocks"] if clock["name"] == "minimum"]
    assert minimum["due_on"] == "2026-12-01"  # three months from the decision of 1 September
    assert decided.isoformat() == "2026-09-01"
    refused(front.step("applicant", repair, "apply", usual("", "apply")), 409, "step-not-of-state")

    town.time.pass_(days=62)  # 2 November: within thirty days of it
    send_reminders(town.office)
    front.log_in_again()
    notices = front.get("applicant", "/notices").json()
    assert any("最短公示期限" in one["subject"] and one["case"] == repair for one in notices)
    town.time.go_to(decided.replace(month=12, day=1), hour=23)
    fire_due_clocks(town.office)
    assert desk.case(repair)["state"] == "not_eligible"
    town.time.pass_(hours=2)
    fire_due_clocks(town.office)
    front.log_in_again()
    eligible = desk.case(repair, "applicant")
    assert eligible["state"] == "eligible"
    assert [one["title"] for one in eligible["documents"]] == [
        "信用修复提醒函", "信用修复流程告知书",
    ]  # fmt: skip
    town.time.pass_(hours=10)
    front.log_in_again()

    desk.take(repair, "apply", "applicant")
    desk.take(repair, "commit", "applicant", repair_promise())
    why = refused(front.step("applicant", repair, "finish_training", {}), 409, "guard-refused")
    assert why["reasons"][0]["code"] == "training_missing"
    assert desk.certified()
    desk.take(repair, "finish_training", "applicant")
    missing = front.step(
        "applicant", repair, "submit_rectification", usual("", "submit_rectification")
    )
    assert refused(missing, 409, "guard-refused")["reasons"][0]["code"] == "rectification_unproved"
    desk.take(repair, "submit_rectification", "applicant")
    assert desk.case(repair)["state"] == "verifying"
    rest = REPAIR["closed"][4:]
    assert desk.follow(repair, rest) == "closed"
    desk.proved(repair)
    desk.proved(check)

    file = desk.credit()
    assert file["may_promise"] is True
    ended = {one["kind"]: one["ended"] for one in file["events"]}
    assert ended["promise_broken"] == ended["licence_revoked"] == "已修复"
    # 80, 5 for training, 5 for the repair
    assert (file["rating"]["grade"], file["rating"]["score"]) == ("A", 90)
    town.take(again, "commit", "applicant", promise())
    assert town.case(again).state == "committed"


class Standing:
    """Repairs that may be applied for, side by side, of a firm whose training is done."""

    def __init__(self, front: Front) -> None:
        town = front.town
        granted = [town.granted(address=address(n)) for n in range(6)]
        checks = [check_to(town, number, "revoked") for number in granted]
        self.repairs = [town.relative(check, "repair").number for check in checks]
        town.time.pass_(days=100)
        fire_due_clocks(town.office)
        town.certified()
        self.desk = Desk(front)


@pytest.fixture(scope="module")
def standing(module_front: Front) -> Standing:
    return Standing(module_front)


def _open_repairs(town: Town, repair: str) -> list[Case]:
    family = town.case(repair).family_id
    with town.session() as session:
        return (
            session.query(Case)
            .filter_by(family_id=family, process="credit_repair", ended_at=None)
            .order_by(Case.id)
            .all()
        )


def test_withdrawn_may_be_applied_for_again(standing: Standing) -> None:
    desk, repair = standing.desk, standing.repairs[0]
    assert desk.follow(repair, REPAIR["withdrawn"]) == "withdrawn"
    [again] = _open_repairs(desk.town, repair)
    assert again.state == "eligible"
    assert desk.follow(again.number, REPAIR["applied"]) == "applied"
    desk.proved(repair)
    desk.proved(again.number)


def test_refused_with_reasons_and_remedies(standing: Standing) -> None:
    desk, repair = standing.desk, standing.repairs[1]
    assert desk.follow(repair, REPAIR["refused"]) == "refused"
    titles = [one["title"] for one in desk.case(repair, "applicant")["documents"]]
    assert "不予信用修复决定书" in titles
    [again] = _open_repairs(desk.town, repair)
    assert again.state == "eligible"
    assert desk.credit()["may_promise"] is False


def test_what_failed_is_put_right_and_looked_at_again(standing: Standing) -> None:
    desk, repair = standing.desk, standing.repairs[2]
    assert desk.follow(repair, REPAIR["failed"]) == "failed"
    # The training is not asked for a second time.
    assert [track["name"] for track in desk.case(repair)["tracks"]] == ["rectification"]
    desk.take(repair, "submit_rectification", "applicant")
    assert desk.case(repair)["state"] == "verifying"
    desk.take(repair, "verify", OFFICERS)
    told = refused(desk.front.step("approver", repair, "approve", {}), 409, "guard-refused")
    assert told["reasons"][0]["code"] == "not_recommended"
    desk.proved(repair)


@pytest.mark.parametrize(("n", "state"), [(3, "applied"), (4, "synced")])
def test_false_material_before_or_after_the_approval(
    standing: Standing, n: int, state: str
) -> None:
    desk, repair = standing.desk, standing.repairs[n]
    desk.follow(repair, REPAIR[state])
    desk.take(repair, "find_false_material", "approver")
    assert desk.case(repair)["state"] == "false_material"
    file = desk.credit()
    assert file["rating"]["grade"] == "D"
    assert file["may_promise"] is False
    of_check = [
        one
        for one in file["events"]
        if one["kind"] == "licence_revoked" and one["case"] == _check_of(desk.town, repair)
    ]
    assert [one["ended"] for one in of_check] == [""]
    [again] = _open_repairs(desk.town, repair)
    assert again.state == "not_eligible"
    assert again.data["application"]["category"] == "false_material"
    desk.proved(repair)


def _check_of(town: Town, repair: str) -> str:
    return str(town.case(repair).data["application"]["source"])


def test_what_is_refused_on_the_way(standing: Standing) -> None:
    """Each in Chinese, by code; nothing moves."""
    desk, repair = standing.desk, standing.repairs[5]
    front = desk.front
    refused(front.step("applicant2", repair, "apply", usual("", "apply")), 404, "not-found")
    refused(front.step("credit", repair, "apply", usual("", "apply")), 403, "not-allowed")
    refused(front.step("applicant", repair, "apply", {"reason": ""}), 422, "bad-input")
    future = {"proof": "凭证", "performed_on": "2031-01-01"}
    told = refused(front.step("credit", repair, "record_performance", future), 409, "guard-refused")
    assert told["reasons"][0]["code"] == "performed_in_future"
    desk.take(repair, "apply", "applicant")
    unsigned = {**repair_promise(), "accepts_liability": False}
    refused(front.step("applicant", repair, "commit", unsigned), 422, "bad-input")
    told = refused(
        front.step("applicant", repair, "commit", repair_promise("他人")), 409, "guard-refused"
    )
    assert told["reasons"][0]["code"] == "signed_by_other"
    desk.follow(repair, REPAIR["verifying"][1:])
    from_afar = {**usual("credit_repair", "verify"), "mode": "视频核查"}
    told = refused(front.step("inspector1", repair, "verify", from_afar), 409, "guard-refused")
    assert told["reasons"][0]["code"] == "verification_without_pictures"
    wrong = usual("", "fail_verification")
    told = refused(front.step("inspector1", repair, "verify", wrong), 409, "guard-refused")
    assert told["reasons"][0]["code"] == "items_unmet"
