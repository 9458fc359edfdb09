"""The filing of a food standard (企业标准备案) over HTTP: public, commented, filed, revised."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from casework.audit.proof import verify_case
from casework.models import Notice, Publication
from casework.rules.rendering import printed_text
from casework.rules.versions import VersionCache
from state_machines.language.vocabulary import Process, Role, during
from state_machines.licensing.food_standard.process import FOOD_STANDARD
from state_machines.parts.prior_notice import part as prior
from tests.support.former import opened_then, under_former_versions
from tests.support.front import Front, refused
from tests.support.journeys import OVERTURNED, address, follow, usual
from tests.support.processes.food_standard import APPLICATION, COMMENT, YEARS_AGO, standard
from tests.support.signed import pdf
from tests.support.town import Town

HERE = address(0)
LAW = "《食品安全法》第三十条、第三十一条"
LAST_DAY, AFTER = date(2026, 9, 29), date(2026, 9, 30)  # of the notice that begins on 1 September
ANSWER = {"answers": [{"comment": COMMENT, "answer": "予以采纳"}]}


def _go(front: Front, number: str, *steps: tuple[str, str], **given: Any) -> str:
    """Take steps over HTTP, each with its usual input; gives the state that is reached."""
    state = ""
    for step, who in steps:
        said = given.get(step, usual("food_standard", step))
        answer = front.step(who, number, step, said)
        if answer.status_code == 202:
            answer = front.sign("inspector1", number, step)
        assert answer.status_code == 200, answer.text
        state = answer.json()["state"]
    return state


def _noticed(front: Front, town: Town) -> str:
    number = standard(town, HERE)
    assert _go(front, number, ("submit", "applicant"), ("open_notice", "window")) == "noticed"
    return number


def _filed(front: Front, town: Town) -> str:
    number = _noticed(front, town)
    _wait(front, town, AFTER)
    assert _go(front, number, ("record", "window")) == "filed"
    return number


def _wait(front: Front, town: Town, until: date) -> None:
    town.time.go_to(until)
    front.log_in_again()


def _text(front: Front, town: Town, number: str, said: str = "改") -> None:
    """The firm hands in another text."""
    town.time.pass_(minutes=1)
    for item in ("standard_text", "public_text"):
        data = pdf(f"{said}{town.time.now()}")
        assert front.upload("applicant", number, item, f"{said}.pdf", data).status_code == 201


def _comment(front: Front, number: str, text: str = COMMENT, **more: Any) -> Any:
    return front.post(None, f"/consultations/{number}/comments", {"text": text, **more})


def _reason(front: Front, who: str, number: str, step: str, given: Any = None) -> Any:
    answer = front.step(who, number, step, given or usual("food_standard", step))
    [reason] = refused(answer, 409, "guard-refused")["reasons"]
    return reason


def test_a_standard_is_filed_when_its_notice_has_run(front: Front, town: Town) -> None:
    number = _noticed(front, town)
    _wait(front, town, LAST_DAY)
    reason = _reason(front, "window", number, "record")
    assert (reason["code"], reason["law"]) == ("notice_runs", LAW)
    assert "2026-09-29" in reason["text"]
    _wait(front, town, AFTER)
    assert _go(front, number, ("record", "window")) == "filed"
    case = front.get("applicant", f"/cases/{number}").json()
    assert {d["key"] for d in case["documents"]} == {
        "receipt",
        "food_standard_notice",
        "food_standard_receipt",
    }
    assert case["data"]["application"]["valid_until"] == "2029-09-29"
    assert case["party_days"][0]["text"].startswith("最迟 2029-09-29 提出修订（复审）备案")


def test_anybody_reads_and_comments_without_an_account(front: Front, town: Town) -> None:
    number = _noticed(front, town)
    listed = front.get(None, "/consultations").json()
    assert [one["case"] for one in listed["noticed"]] == [number]
    assert listed["recorded"] == []
    page = front.get(None, f"/consultations/{number}").json()
    [paper] = page["papers"]
    assert (paper["entry"]["title"], paper["entry"]["open"]) == (APPLICATION["title"], True)
    assert front.get(None, f"/consultations/{number}/notice/text").content.startswith(b"%PDF")
    refused(front.get(None, f"/consultations/{number}/recorded/text"), 404, "not-found")
    assert _comment(front, number, name="王芳", contact="13800000009").status_code == 204
    # Both are told; how to reach whoever commented is the authority's alone.
    with town.session() as session:
        told = [one for one in session.query(Notice) if "公示意见" in one.subject + one.body]
    assert {one.to_role for one in told} == {None, "window_clerk"}
    data = front.get("applicant", f"/cases/{number}").json()["data"]
    assert "comment" not in data
    assert "13800000009" not in front.get("applicant", f"/cases/{number}/log").text


def test_a_comment_waits_for_its_answer(front: Front, town: Town) -> None:
    number = _noticed(front, town)
    assert _comment(front, number).status_code == 204
    _wait(front, town, AFTER)
    reason = _reason(front, "window", number, "record")
    assert reason["code"] == "comments_open"
    assert "1条" in reason["text"]
    other = {"answers": [{"comment": "别的意见", "answer": "不采纳"}]}
    assert _reason(front, "applicant", number, "answer_comments", other)["code"] == (
        "no_such_comment"
    )
    assert _go(front, number, ("answer_comments", "applicant"), answer_comments=ANSWER) == "noticed"
    # Once is enough.
    assert _reason(front, "applicant", number, "answer_comments", ANSWER)["code"] == (
        "no_such_comment"
    )
    assert _go(front, number, ("record", "window")) == "filed"


def test_a_comment_comes_while_the_notice_runs(front: Front, town: Town) -> None:
    number = _noticed(front, town)
    _wait(front, town, AFTER)
    [reason] = refused(_comment(front, number), 409, "guard-refused")["reasons"]
    assert (reason["code"], reason["law"]) == ("outside_notice", LAW)
    # A letter that came in time is entered later, under its own day.
    late = front.step("window", number, "comment", {"text": "来信"}, effective_at="2026-09-29")
    assert late.status_code == 200, late.text
    refused(_comment(front, number, text=""), 422, "bad-input")


@pytest.mark.parametrize("state", ["draft", "received", "filed"])
def test_what_is_not_on_notice_takes_no_comment(front: Front, town: Town, state: str) -> None:
    if state == "filed":
        number = _filed(front, town)
    else:
        number = standard(town, HERE)
        if state == "received":
            _go(front, number, ("submit", "applicant"))
    refused(_comment(front, number), 404, "not-found")
    refused(_comment(front, "CC-SB-2026-999999"), 404, "not-found")
    if state != "filed":
        refused(front.get(None, f"/consultations/{number}"), 404, "not-found")


def test_too_many_comments_from_one_address_are_turned_away(front: Front, town: Town) -> None:
    number = _noticed(front, town)
    found = [_comment(front, number, text=f"意见{n}").status_code for n in range(11)]
    assert found == [204] * 10 + [429]


def test_a_changed_text_is_made_public_anew(front: Front, town: Town) -> None:
    number = _noticed(front, town)
    assert _comment(front, number).status_code == 204
    assert _reason(front, "applicant", number, "change_text")["code"] == "text_unchanged"
    _text(front, town, number)
    # What is filed is what everybody could read.
    before = front.get(None, f"/consultations/{number}/notice/text").content
    _wait(front, town, AFTER)
    reasons = refused(front.step("window", number, "record"), 409, "guard-refused")["reasons"]
    assert {one["code"] for one in reasons} == {"comments_open", "text_changed"}
    assert _go(front, number, ("change_text", "applicant")) == "supplemented"
    refused(front.get(None, f"/consultations/{number}"), 404, "not-found")
    assert _go(front, number, ("open_notice", "window")) == "noticed"
    assert front.get(None, f"/consultations/{number}/notice/text").content != before
    # A notice of its own: its time, and its comments.
    assert _reason(front, "window", number, "record")["code"] == "notice_runs"


def test_a_standard_without_its_text_is_not_made_public(front: Front, town: Town) -> None:
    opened = front.post("applicant", "/cases", {"process": "food_standard", "data": APPLICATION})
    assert opened.status_code == 201, opened.text
    number = opened.json()["number"]
    town.attach(number, "standard_text", "standard_comparison")
    assert _go(front, number, ("submit", "applicant")) == "received"
    reason = _reason(front, "window", number, "open_notice")
    assert reason["code"] == "materials_missing"
    assert "公开文本" in reason["text"]


def test_a_revision_is_made_public_while_the_old_text_stands(front: Front, town: Town) -> None:
    number = _filed(front, town)
    old = front.get(None, f"/consultations/{number}/recorded/text").content
    assert _reason(front, "applicant", number, "revise")["code"] == "text_unchanged"
    _text(front, town, number)
    assert _go(front, number, ("revise", "applicant")) == "revising"
    assert front.get(None, f"/consultations/{number}/recorded/text").content == old
    assert _go(front, number, ("open_notice", "window")) == "revision_noticed"
    papers = front.get(None, f"/consultations/{number}").json()["papers"]
    numbers = {one["entry"]["kind"]: one["entry"]["number"] for one in papers}
    assert numbers == {"notice": "Q/NTBJ0001S-2027", "recorded": "Q/NTBJ0001S-2026"}
    assert front.get(None, f"/consultations/{number}/recorded/text").content == old
    assert front.get(None, f"/consultations/{number}/notice/text").content != old
    _wait(front, town, date(2026, 11, 4))
    assert _go(front, number, ("record", "window")) == "filed"
    case = front.get("applicant", f"/cases/{number}").json()
    said = case["data"]["application"]
    assert (said["number"], said["valid_until"]) == ("Q/NTBJ0001S-2027", "2029-11-03")
    [paper] = front.get(None, f"/consultations/{number}").json()["papers"]
    assert paper["entry"]["number"] == "Q/NTBJ0001S-2027"
    assert front.get(None, f"/consultations/{number}/recorded/text").content != old


def test_a_revision_that_is_given_up_leaves_the_old_one(front: Front, town: Town) -> None:
    number = _filed(front, town)
    for step, who in (("return_revision", "window"), ("give_up_revision", "applicant")):
        _text(front, town, number, step)
        assert _go(front, number, ("revise", "applicant"), (step, who)) == "filed"
        said = front.get("applicant", f"/cases/{number}").json()["data"]["application"]
        assert (said["number"], said["valid_until"]) == ("Q/NTBJ0001S-2026", "2029-09-29")
    [paper] = front.get(None, f"/consultations/{number}").json()["papers"]
    assert paper["entry"]["number"] == "Q/NTBJ0001S-2026"


def test_a_filing_ends_by_its_firm_or_by_time(front: Front, town: Town) -> None:
    number = _filed(front, town)
    assert _go(front, number, ("cancel", "applicant")) == "cancelled"
    refused(front.get(None, f"/consultations/{number}"), 404, "not-found")
    case = front.get("applicant", f"/cases/{number}").json()
    marks = {d["key"]: d.get("marks") for d in case["documents"]}
    assert "备案已注销" in str(marks["food_standard_receipt"])


def test_a_filing_nobody_revised_lapses_and_one_under_revision_does_not(
    front: Front, town: Town
) -> None:
    town.time.instant = YEARS_AGO
    lapsing, revised = standard(town, HERE), standard(town, address(1))
    for number in (lapsing, revised):
        _go(front, number, ("submit", "applicant"), ("open_notice", "window"))
    _wait(front, town, date(2023, 8, 7))
    for number in (lapsing, revised):
        _go(front, number, ("record", "window"))
    _wait(front, town, date(2026, 8, 5))
    _text(front, town, revised)
    _go(front, revised, ("revise", "applicant"))
    _wait(front, town, date(2026, 8, 7))
    for number, state in ((lapsing, "lapsed"), (revised, "revising")):
        town.office.catch_up(town.case(number).id)
        assert town.case(number).state == state


def _before_answers_had_a_limit() -> Process:
    """A version in which only the firm took back what was on notice."""
    back = {"revising": "filed"}
    return replace(
        FOOD_STANDARD,
        steps=tuple(
            replace(step, moves=back, guards=(), in_every_version=False)
            if step.name == "return_revision"
            else step
            for step in FOOD_STANDARD.steps
        ),
        clocks=tuple(clock for clock in FOOD_STANDARD.clocks if clock.name != "answers"),
    )


@pytest.mark.parametrize("former", [None, _before_answers_had_a_limit])
def test_a_revision_whose_comments_nobody_answers_keeps_nothing_on_file(
    front: Front, town: Town, former: Callable[[], Process] | None
) -> None:
    old = {FOOD_STANDARD.key: former()} if former else None
    with opened_then(town, old, YEARS_AGO):
        number = standard(town, HERE)
    _go(front, number, ("submit", "applicant"), ("open_notice", "window"))
    _wait(front, town, date(2023, 8, 7))
    _go(front, number, ("record", "window"))
    _wait(front, town, date(2026, 8, 3))
    _text(front, town, number)
    _go(front, number, ("revise", "applicant"), ("open_notice", "window"))
    reason = _reason(front, "window", number, "return_revision")
    assert (reason["code"], reason["law"]) == ("comments_answered", LAW)
    assert _comment(front, number).status_code == 204
    # Thirty working days from the day of the notice.
    _wait(front, town, date(2026, 9, 14))
    reason = _reason(front, "window", number, "return_revision")
    assert reason["code"] == "answers_not_due"
    assert "2026-09-14" in reason["text"]
    _wait(front, town, date(2026, 9, 15))
    assert _go(front, number, ("return_revision", "window")) == "filed"
    town.office.catch_up(town.case(number).id)
    assert town.case(number).state == "lapsed"
    assert town.case(number).ended_at is not None
    with town.session() as session:
        assert verify_case(session, town.case(number), VersionCache()) == []


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("number", "NTBJ 1", "number"),
        ("stricter", [], "stricter"),
        ("valid_until", "2036-01-01", "valid_until"),
    ],
)
def test_a_form_that_says_what_it_may_not_is_refused(
    front: Front, name: str, value: Any, field: str
) -> None:
    body = {"process": "food_standard", "data": {**APPLICATION, name: value}}
    problem = refused(front.post("applicant", "/cases", body), 422, "bad-input")
    assert [one["field"] for one in problem["errors"]] == [field]


def test_what_a_supplement_asked_for_must_come_in(front: Front, town: Town) -> None:
    number = standard(town, HERE)
    _go(front, number, ("submit", "applicant"))
    town.time.pass_(minutes=1)
    _go(front, number, ("request_supplement", "window"))
    assert _reason(front, "applicant", number, "supply")["code"] == "supplement_incomplete"


def test_it_is_withdrawn_while_the_notice_runs(front: Front, town: Town) -> None:
    assert _go(front, _noticed(front, town), ("withdraw", "applicant")) == "withdrawn"


def _before_it_was_served() -> Process:
    """A version that struck a filing off as soon as it was decided."""
    return replace(
        FOOD_STANDARD,
        states=tuple(one for one in FOOD_STANDARD.states if one.name != "annulment_decided"),
        steps=tuple(
            replace(step, moves=during("filed", to="annulled"), in_every_version=False)
            if step.name == "annul_filing"
            else step
            for step in FOOD_STANDARD.steps
            if not step.name.endswith("_annulment") and step.name != "bring_back"
        ),
        clocks=tuple(one for one in FOOD_STANDARD.clocks if one.name != "service_annulment"),
    )


def _before_it_was_undone() -> Process:
    """A version that could neither tell of the undoing of a filing nor undo it."""
    since = {step.name for step in prior.telling("filed", by=(Role.REVIEWER,), law=LAW)}
    since.add("annul_filing")
    former = _before_it_was_served()
    return replace(
        former,
        states=tuple(state for state in former.states if state.name != "annulled"),
        steps=tuple(step for step in former.steps if step.name not in since),
    )


each_version = pytest.mark.parametrize(
    "former", [None, _before_it_was_served, _before_it_was_undone], ids=["now", "at once", "never"]
)


def _filed_under(front: Front, town: Town, former: Callable[[], Process] | None) -> str:
    older = {"food_standard": former()} if former else {}
    with under_former_versions(town, older) if older else nullcontext():
        return _filed(front, town)


@each_version
def test_nothing_is_undone_before_its_firm_was_told(
    front: Front, town: Town, former: Callable[[], Process] | None
) -> None:
    """Nor is it struck off as a firm that has ended, on a word of the window."""
    number = _filed_under(front, town, former)
    word = usual("food_standard", "strike_off")
    told = refused(
        front.step("window", number, "strike_off", word, empty=True), 409, "guard-refused"
    )
    assert [one["code"] for one in told["reasons"]] == ["ending_unproved"]
    said = usual("food_standard", "annul_filing")

    def codes(**changes: str) -> list[str]:
        answer = front.step("approver", number, "annul_filing", {**said, **changes}, empty=True)
        problem = refused(answer, 409, "guard-refused")
        assert all(one["law"] for one in problem["reasons"])
        return [one["code"] for one in problem["reasons"]]

    assert "prior_notice_missing" in codes()
    _go(front, number, ("give_prior_notice", "reviewer"))
    assert "prior_notice_not_served" in codes()
    _go(front, number, ("serve_prior_notice", "reviewer"), ("answer_prior_notice", "applicant"))
    assert "prior_time_pending" in codes()
    _go(front, number, ("waive_prior_notice", "applicant"))
    assert "prior_review_missing" in codes()
    follow(town, number, ("review_prior_notice", "legal"))
    assert codes(facts="另有事实") == ["prior_notice_differs"]
    # What shows that the papers were false is on file.
    assert codes() == ["ending_unproved"]
    paper = front.upload("reviewer", number, "ending_proof", "核实函.pdf", pdf("核实函"))
    assert paper.status_code == 201, paper.text
    assert _go(front, number, ("annul_filing", "approver")) == "annulment_decided"


_TOLD = (
    ("give_prior_notice", "reviewer"),
    ("serve_prior_notice", "reviewer"),
    ("waive_prior_notice", "applicant"),
)


@each_version
def test_nothing_is_struck_off_before_its_firm_has_the_decision(
    front: Front, town: Town, former: Callable[[], Process] | None
) -> None:
    """And what 复议 or a court quashes stands again, and is not undone once more on the same."""
    number = _filed_under(front, town, former)

    def undone() -> dict[str, Any]:
        follow(town, number, ("review_prior_notice", "legal"))
        assert _go(front, number, ("annul_filing", "approver")) == "annulment_decided"
        return front.get("applicant", f"/cases/{number}").json()

    def marks(case: dict[str, Any], key: str) -> str:
        return str(next(one["marks"] for one in case["documents"] if one["key"] == key))

    def shown() -> list[str]:
        with town.session() as session:
            rows = session.query(Publication).filter_by(register="deregistrations")
            return [one.withdrawn_because or "" for one in rows.order_by(Publication.id)]

    _go(front, number, *_TOLD)
    case = undone()
    assert not case["ended"]
    paper = next(one for one in case["documents"] if one["key"] == "food_standard_annulment")
    text = printed_text(front.get("applicant", f"/cases/{number}/documents/{paper['id']}").content)
    for said in ("申请行政复议", "提起行政诉讼", "自本决定送达之日起失效"):
        assert said in text
    # The firm has not the decision: the standard is on file, and nobody is told otherwise.
    assert marks(case, "food_standard_receipt") == "[]"
    assert shown() == []
    assert front.get(None, f"/consultations/{number}").status_code == 200
    unproved = front.step("approver", number, "bring_back", OVERTURNED, empty=True)
    assert [one["code"] for one in refused(unproved, 409, "guard-refused")["reasons"]] == [
        "no_remedy_paper"
    ]
    # Quashed before it was served, there is nothing to take down.
    assert _go(front, number, ("bring_back", "approver")) == "filed"
    assert shown() == []
    told = usual("food_standard", "give_prior_notice")
    assert _reason(front, "reviewer", number, "give_prior_notice", told)["code"] == (
        "quashed_and_done_again"
    )
    said = usual("food_standard", "annul_filing")
    again = front.step("approver", number, "annul_filing", said)
    assert "prior_notice_missing" in str(refused(again, 409, "guard-refused")["reasons"])
    told = {**told, "reasons": "另查明送检样品由他人顶替"}
    _go(front, number, *_TOLD, give_prior_notice=told)
    undone()
    assert _go(front, number, ("serve_annulment", "reviewer")) == "annulled"
    case = front.get("applicant", f"/cases/{number}").json()
    assert case["ended"]
    assert "备案已撤销" in marks(case, "food_standard_receipt")
    assert shown() == [""]
    refused(front.get(None, f"/consultations/{number}"), 404, "not-found")
    assert _go(front, number, ("bring_back", "approver")) == "filed"
    case = front.get("applicant", f"/cases/{number}").json()
    assert not case["ended"]
    assert "备案已恢复" in marks(case, "food_standard_receipt")
    assert shown() == ["", OVERTURNED["reasons"]]
    assert front.get(None, f"/consultations/{number}").status_code == 200
    with town.session() as session:
        assert verify_case(session, town.case(number), VersionCache()) == []


def test_a_firm_that_is_gone_has_the_decision_by_announcement(front: Front, town: Town) -> None:
    number = _filed(front, town)
    _go(front, number, *_TOLD)
    follow(town, number, ("review_prior_notice", "legal"), ("annul_filing", "approver"))
    ways = ("record_try_annulment", "try_by_post_annulment", "announce_annulment")
    follow(town, number, *((step, "reviewer") for step in ways))
    early = front.step("reviewer", number, "end_announcement_annulment")
    assert "announcement_runs" in str(refused(early, 409, "guard-refused")["reasons"])
    town.time.pass_(days=39)
    front.log_in_again()
    assert _go(front, number, ("end_announcement_annulment", "reviewer")) == "annulled"
