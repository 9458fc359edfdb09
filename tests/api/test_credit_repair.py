"""The way back (信用修复) over HTTP: the whole circle, every exit, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from docx import Document as Word
from sqlalchemy import select

from casework.audit.proof import verify_case
from casework.credit.ratings import rating_of
from casework.duties.due_clocks import fire_due_clocks
from casework.duties.reminders import send_reminders
from casework.models import Case, CreditRating, Party
from casework.rules.versions import VersionCache
from tests.support.desk import Desk as Handlers
from tests.support.front import Front, refused
from tests.support.journeys import (
    OFFICERS,
    REPAIR,
    UNLICENSED,
    address,
    check_to,
    told_before,
    usual,
)
from tests.support.penalties import DECIDED, SERVED, WARNING, correct, fine, sentence
from tests.support.rules import set_key
from tests.support.serving import RECEIPT
from tests.support.signed import pdf
from tests.support.town import Town, application, look, promise, repair_promise
from tests.support.ways import Walker, Way

pytestmark = pytest.mark.slow

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
            assert verify_case(session, case, VersionCache()) == []


_GRANTED = Way(
    "draft submit received accept accepted inform informed study informed commit committed "
    "grant granted"
)
_BROKEN = Way(
    "task_created assign assigned inspect inspected order_rectification rectification_ordered "
    "serve_order rectification_ordered recheck rechecked find_broken broken "
    "notify_revocation revocation_notified "
    "waive_defence revocation_notified waive_hearing revocation_notified "
    "submit_review legal_review pass_review review_passed",
    inputs={"inspect": look(met=False), "recheck": look(met=False)},
)
# 未取得公共场所卫生许可证擅自营业: 500 to 5,000 yuan, the middle step of it.
_UNLICENSED = sentence(
    WARNING,
    fine("2000.00"),
    violation="GC001",
    facts="许可被撤销后继续营业，有现场笔录、照片为证",
    basis="《公共场所卫生管理条例实施细则》第三十五条第一款",
)
# From which sum on a fine is a larger one, and so its record of the middle class.
_LARGER = {"person": "1500.00", "firm": "1500.00"}
_SENTENCED = {
    "propose": _UNLICENSED,
    "notify": _UNLICENSED,
    "reconsider": _UNLICENSED,
    "decide": {**_UNLICENSED, "publicity": "general"},
    "record_payment": {"amount": "2000.00"},
}


def _opened(front: Front, where: str) -> str:
    """An application for a licence at that address, in draft."""
    body = {"process": "instant_licence", "data": application(address=where)}
    answer = front.post("applicant", "/cases", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


def _related(front: Front, number: str, relation: str) -> str:
    """The case that this one opened under that relation."""
    origin = front.town.case(number).id
    with front.town.session() as session:
        found = session.query(Case.number).filter_by(origin_id=origin, relation=relation).one()
        return str(found.number)


def _due(case: Mapping[str, Any], name: str) -> str:
    [found] = [clock["due_on"] for clock in case["clocks"] if clock["name"] == name]
    return str(found)


@pytest.mark.parametrize("restores", [True, False])
def test_the_whole_circle(front: Front, restores: bool) -> None:
    """Licence by promise, breach, revocation, barred, a penalty with its three letters for going on
    without a licence; the terms pass, reminder, four steps each, publicity ended, rating restored,
    and the promise route too, if the authority's rule says so."""
    town, desk, handlers = front.town, Desk(front), Handlers(front)
    with town.session() as session:
        set_key(session, "licensing.repair_restores_promise_route", value=restores)
        set_key(session, "penalty.larger_fine", value=_LARGER)
    granted = _opened(front, address(1))
    Walker(front, granted).walk(_GRANTED)
    check = _related(front, granted, "check")
    Walker(front, check).walk(_BROKEN)
    assert desk.follow(check, (("revoke", "approver"),)) == "revoked"
    assert desk.credit()["may_promise"] is True  # not before it is served
    assert desk.follow(check, (("serve", "inspector1"),)) == "revocation_served"
    assert town.time.now().date() == date(2026, 9, 1)
    repair = _related(front, check, "repair")

    barred = desk.credit()
    assert barred["may_promise"] is False
    # 80 - 15 broken - 10 revoked
    assert (barred["rating"]["grade"], barred["rating"]["score"]) == ("D", 55)
    again = _opened(front, address(2))
    Walker(front, again).walk(Way(" ".join(_GRANTED.path.split()[:9])))
    told = refused(front.step("applicant", again, "commit", promise()), 409, "guard-refused")
    assert told["reasons"][0]["code"] == "promise_barred"

    # It goes on without a licence: what the check found goes with the lead.
    lead = {**UNLICENSED, "description": "许可撤销后继续营业"}
    strange = {**lead, "violation": "GC999"}
    told = refused(front.step("inspector1", check, "refer_penalty", strange), 409, "guard-refused")
    assert told["reasons"][0]["code"] == "violation_unknown"
    early = {**lead, "act_on": "2026-09-02"}
    told = refused(front.step("inspector1", check, "refer_penalty", early), 409, "guard-refused")
    assert told["reasons"][0]["code"] == "lead_dates_wrong"
    assert front.step("inspector1", check, "refer_penalty", lead).status_code == 200
    told = refused(front.step("inspector1", check, "refer_penalty", lead), 409, "guard-refused")
    assert told["reasons"][0]["code"] == "already_referred"
    penalty = _related(front, check, "penalty")
    assert penalty in told["reasons"][0]["text"]
    said = town.case(penalty).data["application"]
    assert (said["violation"], said["origin"], said["found_on"]) == ("GC001", check, "2026-09-01")
    assert "复查记录" in said["evidence_note"]
    refused(front.get("applicant", f"/cases/{penalty}"), 404, "not-found")  # a lead is not told

    assert handlers.go(penalty, *DECIDED, **_SENTENCED) == "decided"
    fined = _related(front, penalty, "repair")
    titles = [one["title"] for one in desk.case(penalty, "applicant")["documents"]]
    assert {"行政处罚决定书", "信用修复提醒函", "信用修复流程告知书"} <= set(titles)
    two = {**RECEIPT, "documents": ["penalty_decision", "repair_reminder"]}
    assert handlers.go(penalty, ("record_receipt", "handler1"), record_receipt=two) == "decided"
    assert handlers.go(penalty, ("serve", "handler1")) == "served"
    punished = desk.credit()
    # 55 - 10 for a penalty of the middle class
    assert (punished["rating"]["grade"], punished["rating"]["score"]) == ("D", 45)
    [line] = [one for one in punished["rating"]["lines"] if one["key"] == "penalised_general"]
    assert (line["label"], line["events"], line["points"]) == ("受到行政处罚（一般）", 1, -10)

    # Three months from the decisions of 1 September.
    for number in (repair, fined):
        case = desk.case(number, "applicant")
        assert case["state"] == "not_eligible"
        assert _due(case, "minimum") == "2026-12-01"
        apply = front.step("applicant", number, "apply", usual("", "apply"))
        refused(apply, 409, "step-not-of-state")
    town.time.pass_(days=10)
    assert handlers.go(penalty, ("record_payment", "handler1"), **_SENTENCED) == "paid"
    town.time.pass_(days=52)  # 2 November: within thirty days of it
    send_reminders(town.office)
    front.log_in_again()
    notices = front.get("applicant", "/notices").json()
    reminded = {one["case"] for one in notices if "最短公示期限" in one["subject"]}
    assert {repair, fined} <= reminded
    town.time.go_to(date(2026, 12, 1), hour=23)
    fire_due_clocks(town.office)
    assert desk.case(repair)["state"] == desk.case(fined)["state"] == "not_eligible"
    town.time.pass_(hours=2)
    fire_due_clocks(town.office)
    front.log_in_again()
    for number in (repair, fined):
        eligible = desk.case(number, "applicant")
        assert eligible["state"] == "eligible"
        assert [one["title"] for one in eligible["documents"]] == [
            "信用修复提醒函", "信用修复流程告知书",
        ]  # fmt: skip
    town.time.pass_(hours=10)
    front.log_in_again()

    # What was ordered to be put right was not looked at yet.
    told = refused(
        front.step("applicant", fined, "apply", usual("", "apply")), 409, "guard-refused"
    )
    assert "尚未复查认定已改正" in told["reasons"][0]["text"]
    correct(town, penalty)
    desk.take(fined, "apply", "applicant")
    desk.take(fined, "commit", "applicant", repair_promise())
    why = refused(front.step("applicant", fined, "finish_training", {}), 409, "guard-refused")
    assert why["reasons"][0]["code"] == "training_missing"
    assert desk.certified()
    desk.take(fined, "finish_training", "applicant")
    given = usual("", "submit_rectification")
    missing = front.step("applicant", fined, "submit_rectification", given)
    assert refused(missing, 409, "guard-refused")["reasons"][0]["code"] == "rectification_unproved"
    desk.take(fined, "submit_rectification", "applicant")
    assert desk.case(fined)["state"] == "verifying"
    assert desk.follow(fined, REPAIR["closed"][4:]) == "closed"
    file = desk.credit()
    assert {one["kind"]: one["ended"] for one in file["events"]}["penalised_general"] == "已修复"
    # 55, 5 for training, 5 for the repair; the broken promise still bars.
    assert (file["rating"]["score"], file["may_promise"]) == (65, False)

    assert desk.follow(repair, REPAIR["closed"]) == "closed"
    for number in (repair, fined, check, penalty):
        desk.proved(number)
    file = desk.credit()
    ended = {one["kind"]: one["ended"] for one in file["events"]}
    assert ended["promise_broken"] == ended["licence_revoked"] == "已修复"
    # 80, 5 for training, 5 for both repairs together
    assert (file["rating"]["grade"], file["rating"]["score"]) == ("A", 90)
    assert file["may_promise"] is restores
    answer = front.step("applicant", again, "commit", promise())
    if restores:
        assert answer.json()["state"] == "committed"
        assert file["promise_barred"] == ""
    else:
        told = refused(answer, 409, "guard-refused")
        assert [one["code"] for one in told["reasons"]] == ["promise_barred"]
        assert "曾因违反承诺被撤销许可" in file["promise_barred"]
    assert _reckoned_again(town) == {"A", "D"}


def _reckoned_again(town: Town) -> set[str]:
    """The grades that the firm had at the end of each day on which it was rated; each must be what
    the file of that day gives today."""
    with town.session() as session:
        rules = town.office.rules.current(session)
        kept = {
            row.as_of: row
            for row in session.scalars(
                select(CreditRating)
                .join(Party, Party.id == CreditRating.party_id)
                .where(Party.code == CODE)
                .order_by(CreditRating.id)
            )
        }
        for day, row in kept.items():
            again = rating_of(session, rules, row.party_id, day).rating
            lines = [asdict(line) for line in again.lines]
            assert (row.grade, row.score, row.lines) == (again.grade.grade, again.score, lines)
        return {row.grade for row in kept.values()}


def _report(front: Front) -> str:
    """The text of the firm's report."""
    answer = front.get("applicant", f"/parties/{CODE}/credit/report")
    assert answer.status_code == 200
    word = Word(BytesIO(answer.content))
    return "|".join(node.text for node in word.element.body.iter() if node.tag.endswith("}t"))


def test_the_report_explains_penalties_until_they_are_overturned(front: Front) -> None:
    """屡教不改, a fine that fell due and a penalty of each class, each with its points."""
    desk, handlers, town = Desk(front), Handlers(front), front.town
    with town.session() as session:
        set_key(session, "penalty.larger_fine", value=_LARGER)
    first = handlers.open()
    assert handlers.go(first, *SERVED, decide={"publicity": "minor"}) == "served"
    again = {"aggravations": ["屡教不改"], "circumstances": "已因同类行为受过处罚"}
    heavier = sentence(WARNING, fine("1800.00"), weight="heavier", **again)
    steps = ("propose", "notify", "reconsider", "decide")
    second = handlers.open()
    said = {**dict.fromkeys(steps, heavier), "decide": {**heavier, "publicity": "general"}}
    assert handlers.go(second, *SERVED, **said) == "served"
    for _ in range(2):
        assert handlers.wait(first, days=11) in ("served", "overdue")
        town.office.catch_up(town.case(second).id)
    assert handlers.state(first) == handlers.state(second) == "overdue"

    def lines() -> dict[str, int]:
        rating = desk.credit()["rating"]
        return {one["key"]: one["points"] for one in rating["lines"] if one["points"]}

    # A fine paid late counts once each, ten points at most.
    all_of_it = {
        "penalised_minor": -5,
        "penalised_general": -10,
        "penalised_repeatedly": -10,
        "fine_overdue": -10,
    }
    assert lines() == all_of_it
    assert (desk.credit()["rating"]["grade"], desk.credit()["rating"]["score"]) == ("D", 45)
    told = _report(front)
    for said in (
        "受到行政处罚（轻微）",
        "受到行政处罚（一般）",
        "屡教不改（同类违法行为再次受到处罚）",
        "逾期未缴纳罚没款",
    ):
        assert said in told
    assert "|-10|" in told
    overturned = (("file_reconsideration", "legal"), ("change_by_reconsideration", "legal"))
    assert handlers.go(second, *overturned) == "exec_ended"
    assert lines() == {"penalised_minor": -5, "fine_overdue": -5}
    assert desk.credit()["rating"]["score"] == 70
    assert "原案件已更正（决定被撤销、变更，未作失信认定，或者按期缴款）" in _report(front)


class Standing:
    """Repairs that may be applied for, side by side, of a firm whose training is done."""

    def __init__(self, front: Front) -> None:
        town = front.town
        granted = [town.granted(address=address(n)) for n in range(7)]
        checks = [check_to(town, number, "revocation_served") for number in granted]
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


def _letter(desk: Desk, number: str, title: str) -> str:
    """What the newest letter of that title says."""
    found = [one for one in desk.case(number)["documents"] if one["title"] == title]
    file = desk.front.get("credit", f"/cases/{number}/documents/{found[-1]['id']}").content
    return "\n".join(one.text for one in Word(BytesIO(file)).paragraphs)


def test_refused_with_reasons_and_remedies(standing: Standing) -> None:
    """By what is on file: whoever has met all is not refused on a sentence of the approver."""
    desk, repair = standing.desk, standing.repairs[1]
    said = {"facts": "另查有失信行为", "reasons": "尚不符合修复条件"}
    desk.follow(repair, REPAIR["failed"])
    desk.take(repair, "submit_rectification", "applicant")
    assert desk.take(repair, "verify", OFFICERS)["state"] == "verified"
    answer = desk.front.step("approver", repair, "refuse", said, empty=True)
    told = refused(answer, 409, "guard-refused")["reasons"]
    assert [one["code"] for one in told] == ["repair_refusal_unfounded"]
    assert told[0]["law"]
    paper = ("repair_finding", "复查记录.pdf", pdf("复查记录"))
    assert desk.front.upload("credit", repair, *paper).status_code == 201
    answer = desk.front.step("approver", repair, "refuse", said, empty=True)
    assert answer.json()["state"] == "refused"
    assert "复查记录.pdf" in _letter(desk, repair, "不予信用修复决定书")
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
    said = {"facts": "整改未落实", "reasons": "尚不符合修复条件"}
    unmet = desk.front.step("approver", repair, "refuse", said, empty=True)
    assert unmet.json()["state"] == "refused"
    assert "核查未通过，不符合的事项" in _letter(desk, repair, "不予信用修复决定书")
    [again] = _open_repairs(desk.town, repair)
    repair = again.number
    desk.follow(repair, REPAIR["failed"])
    desk.take(repair, "submit_rectification", "applicant")
    assert desk.case(repair)["state"] == "verifying"
    desk.take(repair, "verify", OFFICERS)
    told = refused(desk.front.step("approver", repair, "approve", {}), 409, "guard-refused")
    assert told["reasons"][0]["code"] == "not_recommended"
    desk.proved(repair)


@pytest.mark.parametrize(("n", "state"), [(3, "applied"), (4, "synced"), (6, "closed")])
def test_false_material_before_or_after_the_approval(
    standing: Standing, n: int, state: str
) -> None:
    desk, repair = standing.desk, standing.repairs[n]
    desk.follow(repair, REPAIR[state])
    if state == "closed":  # in which there is nothing yet that somebody could try to serve
        given = usual("credit_repair", "record_try_decision")
        answer = desk.front.step("credit", repair, "record_try_decision", given)
        told = refused(answer, 409, "guard-refused")
        assert [one["code"] for one in told["reasons"]] == ["nothing_waits"]
    # Nothing is recorded before the party was told and had its time.
    said = usual("credit_repair", "find_false_material")
    answer = desk.front.step("approver", repair, "find_false_material", said)
    told = refused(answer, 409, "guard-refused")
    assert "prior_notice_missing" in {one["code"] for one in told["reasons"]}
    desk.follow(repair, told_before("credit"))
    desk.take(repair, "find_false_material", "approver")
    # What has ended stays so, and is not found twice.
    assert desk.case(repair)["state"] == ("closed" if state == "closed" else "false_material")
    if state == "closed":
        answer = desk.front.step("approver", repair, "find_false_material", said)
        told = refused(answer, 409, "guard-refused")
        assert "found_before" in {one["code"] for one in told["reasons"]}
    # Nor before it has the decision.
    before = len(desk.credit()["events"])
    desk.take(repair, "serve_decision", "credit")
    file = desk.credit()
    assert [one["kind"] for one in file["events"][before:]] == ["repair_false_material"]
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
    desk.follow(repair, (("commit", "applicant"), ("finish_training", "applicant")))
    desk.upload(repair, "rectification_report")
    ahead = {**usual("", "submit_rectification"), "finished_on": "2031-01-01"}
    told = refused(
        front.step("applicant", repair, "submit_rectification", ahead), 409, "guard-refused"
    )
    assert told["reasons"][0]["code"] == "rectified_in_future"
    desk.take(repair, "submit_rectification", "applicant")
    from_afar = {**usual("credit_repair", "verify"), "mode": "视频核查"}
    told = refused(front.step("inspector1", repair, "verify", from_afar), 409, "guard-refused")
    assert told["reasons"][0]["code"] == "verification_without_pictures"
    wrong = usual("", "fail_verification")
    told = refused(front.step("inspector1", repair, "verify", wrong), 409, "guard-refused")
    assert told["reasons"][0]["code"] == "items_unmet"
    right = usual("credit_repair", "verify")
    told = refused(
        front.step("inspector1", repair, "fail_verification", right), 409, "guard-refused"
    )
    assert told["reasons"][0]["code"] == "all_met"
