"""Acts of enforcement are taken with a certificate that holds (处罚法42), over HTTP: one test for
each kind of them, and for what needs none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from casework.models import Post
from tests.support import penalties
from tests.support.desk import Desk, payment
from tests.support.exemptions import HANDLERS
from tests.support.front import refused
from tests.support.journeys import (
    CUSTODY,
    SEIZURE,
    TAKING,
    check_to,
    custody_of,
    custody_to,
    exemption_to,
    usual,
)
from tests.support.penalties import inputs_of, penalty_to
from tests.support.people import appoint, newcomer, set_post
from tests.support.serving import ANNOUNCEMENT, RECEIPT, TRY
from tests.support.town import CERTIFICATE_ENDS, START

INSPECTORS = "inspector1+inspector2"
ARTICLE = "《行政处罚法》第四十二条"
# By process: each act, from which state it is taken, and by whom.
ENFORCED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "penalty": (
        ("investigating", "investigate", HANDLERS),
        ("investigating", "record_scene", HANDLERS),
        ("investigating", "record_interview", HANDLERS),
        ("investigating", "request_custody", HANDLERS),
        ("investigating", "order_correction", "handler1"),
        ("investigated", "investigate_further", "handler1"),
        ("investigated", "propose", HANDLERS),
        ("opinion", "notify", "handler1"),
        ("notice_issued", "serve_notice", "handler1"),
        ("notice_issued", "record_try_notice", "handler1"),
        ("hearing_requested", "schedule_hearing", "handler1"),
        ("hearing_held", "reconsider", "handler1"),
        ("decided", "serve", "handler1"),
        ("served", "correct", "handler1"),
        ("served", "propose_undoing", "handler1"),
        ("overdue", "urge", "handler1"),
    ),
    "commitment_check": (
        ("assigned", "inspect", INSPECTORS),
        ("inspected", "order_rectification", "inspector1"),
        ("inspected", "find_kept", "inspector1"),
        ("inspected", "find_false", INSPECTORS),
        ("rectification_ordered", "recheck", INSPECTORS),
        ("broken", "notify_revocation", "inspector1+inspector2"),
        ("hearing_requested", "schedule_hearing", "inspector1"),
        ("revoked", "serve", "inspector1"),
    ),
    "first_offence_exemption": (
        ("lead", "correct_on_the_spot", HANDLERS),
        ("investigating", "order_correction", "handler1"),
        ("ordered_to_correct", "recheck", HANDLERS),
        ("corrected", "check_minor", "handler1"),
        ("exempted", "educate", "handler1"),
        ("educated", "serve", "handler1"),
    ),
}
# What needs none: paper work, what the post or a wire carries, and what others decide.
UNENFORCED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "penalty": (
        ("reconsidered", "submit_review", "handler1"),
        ("reconsidered", "forgo_review", "handler1"),
        ("notified", "confirm_address", "handler1"),
        ("served", "record_payment", "handler1"),
        ("closed", "archive", "handler1"),
        ("filed", "approve_filing", "approver"),
        ("legal_review", "pass_review", "legal"),
        ("panel_discussion", "vote", "head1"),
        ("decision_pending", "decide", "approver"),
        ("not_reconsidered", "file_reconsideration", "legal"),
    ),
    "commitment_check": (
        ("kept", "close", "inspector1"),
        ("revocation_served", "refer_penalty", "inspector1"),
    ),
}


def _cases(of: dict[str, tuple[tuple[str, str, str], ...]]) -> list[Any]:
    return [
        pytest.param(process, *row, id=f"{process}-{row[1]}")
        for process, rows in of.items()
        for row in rows
    ]


@pytest.fixture
def town_desk(shared: Desk) -> Iterator[Desk]:
    """The desk on September 1, with every certificate in order before and after."""
    shared.town.time.instant = START
    shared.front.log_in_again()
    yield shared
    for account in ("handler1", "handler2", "inspector1", "inspector2", "approver", "legal"):
        set_post(shared.town, account, certificate_expires=CERTIFICATE_ENDS)


@pytest.fixture(scope="module")
def granted(shared: Desk) -> Iterator[str]:
    """Licences of the firm, all promised before the first check finds a promise broken."""
    shared.town.time.instant = START
    return iter([shared.town.granted(address=f"人民中路{n}号") for n in range(12)])


def _at(desk: Desk, granted: Iterator[str], process: str, state: str) -> str:
    """A case in that state, which may take time."""
    town = desk.town
    if process == "penalty":
        town.time.instant = penalties.LONG_BEFORE if state == "overdue" else START
        owner = "served" if state == "not_reconsidered" else state
        number = penalty_to(town, owner)
        if state == "closed":
            assert town.case(number).state == "closed"
        return number
    if process == "commitment_check":
        return check_to(town, next(granted), state)
    # Of another day than what the checks and penalties of this town are about.
    return exemption_to(town, state, found_on="2026-02-03", act_on="2026-02-03")


def _take(desk: Desk, number: str, step: str, by: str, given: Any = None) -> Any:
    """Take a step with its usual input; the answer to the first who signs it."""
    case = desk.town.case(number)
    if given is None:
        given = (
            inputs_of(desk.town, number, step, {})
            if case.process == "penalty"
            else usual(case.process, step)
        )
        if case.process == "penalty" and not given:
            given = usual(case.process, step)
        if case.state.startswith("hearing") and step == "reconsider":
            given = penalties.HEAVY["reconsider"]
    desk.front.log_in_again()
    first, _, second = by.partition("+")
    answer = desk.front.step(first, number, step, given)
    if second and answer.status_code == 202:
        answer = desk.front.sign(second, number, step)
    return answer


def _expire(desk: Desk, *accounts: str) -> None:
    """Their certificates ended yesterday."""
    yesterday = desk.town.time.now().date() - timedelta(days=1)
    for account in accounts:
        set_post(desk.town, account, certificate_expires=yesterday)


def _refused(answer: Any, code: str = "certificate_invalid") -> str:
    problem = refused(answer, 409, "guard-refused")
    laws = {reason["code"]: reason["law"] for reason in problem["reasons"]}
    assert ARTICLE in laws[code]
    return str(problem["detail"])


@pytest.mark.parametrize(("process", "state", "step", "by"), _cases(ENFORCED))
def test_an_act_of_enforcement_needs_a_certificate_that_holds(
    town_desk: Desk, granted: Iterator[str], process: str, state: str, step: str, by: str
) -> None:
    number = _at(town_desk, granted, process, state)
    *others, last = by.split("+")
    before = town_desk.town.case(number)
    _expire(town_desk, last)
    # Whoever signs an opinion second is named in it by the first.
    opinion = (process, step) == ("penalty", "propose")
    code = "member_may_not_sit" if opinion else "certificate_invalid"
    said = _refused(_take(town_desk, number, step, by), code)
    assert town_desk.town.people[last].name in said
    assert ("持有有效执法证件" if opinion else "没有有效的执法证件") in said
    after = town_desk.town.case(number)
    assert (after.version, after.head_seq) == (before.version, before.head_seq)
    assert len(others) < 2


@pytest.mark.slow
@pytest.mark.parametrize(("process", "state", "step", "by"), _cases(UNENFORCED))
def test_what_is_no_act_of_enforcement_needs_none(
    town_desk: Desk, granted: Iterator[str], process: str, state: str, step: str, by: str
) -> None:
    number = _at(town_desk, granted, process, state)
    town = town_desk.town
    if step == "confirm_address":
        town.attach(number, "address_confirmation", by="handler1")
    given = payment(town, "1000.00", voucher=number) if step == "record_payment" else None
    _expire(town_desk, by)
    answer = _take(town_desk, number, step, by, given)
    assert answer.status_code == 200, answer.text


@pytest.mark.slow
def test_only_what_goes_from_hand_to_hand_needs_one(town_desk: Desk) -> None:
    """Posting, electronic service and an announcement need none; direct and left service do."""
    desk, town = town_desk, town_desk.town
    number = penalty_to(town, "notice_issued")
    _expire(desk, "handler1")
    steps = desk.front.get("handler1", f"/cases/{number}/steps").json()
    assert next(one for one in steps if one["name"] == "serve_notice")["allowed"]
    for way in ("直接送达", "留置送达"):
        _refused(_take(desk, number, "serve_notice", "handler1", {**RECEIPT, "way": way}))
        _refused(_take(desk, number, "record_try_notice", "handler1", {**TRY, "way": way}))
    for way in ("邮寄送达", "电子送达"):
        tried = {**TRY, "way": way}
        assert _take(desk, number, "record_try_notice", "handler1", tried).status_code == 200
    assert _take(desk, number, "announce_notice", "handler1", ANNOUNCEMENT).status_code == 200
    town.attach(number, "return_slip", by="handler1")
    posted = {**RECEIPT, "way": "邮寄送达", "mailing_number": "1234567890123"}
    assert _take(desk, number, "serve_notice", "handler1", posted).status_code == 200


def test_the_page_of_the_case_says_why(town_desk: Desk) -> None:
    number = penalty_to(town_desk.town, "opinion")
    _expire(town_desk, "handler1")
    steps = town_desk.front.get("handler1", f"/cases/{number}/steps").json()
    notify = next(one for one in steps if one["name"] == "notify")
    assert not notify["allowed"]
    assert [(one["code"], one["law"]) for one in notify["reasons"]] == [
        ("certificate_invalid", ARTICLE)
    ]


@pytest.mark.slow
def test_it_holds_on_the_day_of_the_act_and_not_of_its_entry(town_desk: Desk) -> None:
    desk, town = town_desk, town_desk.town
    early, late = (penalty_to(town, "notice_issued") for _ in range(2))
    town.time.go_to(date(2026, 9, 3))
    given = {**RECEIPT, "on": "2026-09-01"}
    # Appointed as an inspector since, with a certificate of her own.
    set_post(town, "handler1", certificate_expires=date(2026, 8, 31))
    appoint(town, "handler1", "inspector")
    set_post_since(desk, "handler1", "inspector", date(2026, 9, 2))
    assert "2026-09-01" in _refused(_take(desk, early, "serve_notice", "handler1", given))
    given_later = {**RECEIPT, "on": "2026-09-03"}
    assert _take(desk, early, "serve_notice", "handler1", given_later).status_code == 200
    set_post_since(desk, "handler1", "inspector", date(2020, 1, 1), ends=date(2020, 1, 2))
    # Whoever was there with one that held enters it, also once it has expired.
    set_post(town, "handler1", certificate_expires=date(2026, 9, 2))
    assert _take(desk, late, "serve_notice", "handler1", given).status_code == 200


def set_post_since(
    desk: Desk, account: str, role: str, since: date, *, ends: date | None = None
) -> None:
    """Let one post of somebody begin, and end, on other days."""
    with desk.town.session() as session:
        session.execute(
            update(Post)
            .where(Post.person_id == desk.town.people[account].person_id, Post.role == role)
            .values(valid_from=since, valid_to=ends)
        )


@pytest.mark.slow
def test_a_penalty_on_the_spot_and_measures_need_one_of_both(
    town_desk: Desk, granted: Iterator[str]
) -> None:
    desk, town = town_desk, town_desk.town
    spot = desk.open("simple_penalty")
    desk.go(spot, ("record_scene", HANDLERS))
    check = check_to(town, next(granted), "inspected")
    preserve = custody_to(town, check, "approved")
    town.take(check, "request_custody", INSPECTORS, {**SEIZURE, "urgent": True})
    at_once = custody_of(town, check)
    back = custody_to(town, check, "released")
    test = custody_to(town, check, "seized")
    _expire(desk, "handler2", "inspector2")
    _refused(_take(desk, spot, "punish", HANDLERS, penalties.spot()))
    things = town.case(preserve).data["application"]["things"]
    _refused(_take(desk, preserve, "preserve", INSPECTORS, {**TAKING, "things": things}))
    _refused(_take(desk, at_once, "seize_at_once", INSPECTORS))
    all_back = {
        **usual("evidence_custody", "give_back"),
        "things": town.case(back).data["application"]["things"],
    }
    _refused(_take(desk, back, "give_back", INSPECTORS, all_back))
    _refused(_take(desk, check, "request_custody", INSPECTORS, CUSTODY))
    _expire(desk, "inspector1")
    _refused(_take(desk, test, "send_for_test", "inspector1"))
    # What a laboratory answers is only written down.
    set_post(town, "inspector1", certificate_expires=CERTIFICATE_ENDS)
    assert _take(desk, test, "send_for_test", "inspector1").status_code == 200
    _expire(desk, "inspector1")
    assert _take(desk, test, "receive_result", "inspector1").status_code == 200


def test_at_the_counter_nobody_needs_one(town_desk: Desk, granted: Iterator[str]) -> None:
    number = next(granted)
    set_post(town_desk.town, "window", certificate_expires=date(2020, 1, 1))
    answer = _take(town_desk, number, "deliver", "window")
    assert answer.status_code == 200, answer.text


# -- who stands aside ------------------------------------------------------------------------------


def test_whoever_stands_aside_is_not_made_handler_again(desk: Desk) -> None:
    """K23: neither by hand-over nor as the chair of a hearing."""
    town = desk.town
    number = penalty_to(town, "investigating")
    asked = {"officer": town.people["handler2"].name, "ground": "与案件有直接利害关系"}
    given = {**usual("penalty", "ask_recusal"), **asked}
    assert _take(desk, number, "ask_recusal", "applicant", given).status_code == 200
    given = {"officer": "handler2", "recused": True, "reasons": "其配偶持有当事人的股份"}
    assert _take(desk, number, "decide_recusal", "approver", given).status_code == 200
    third = appoint(town, newcomer(town, "handler3"), "case_handler")
    over = {"reason": "回避", "handlers": ["handler1", "handler2"]}
    problem = refused(_take(desk, number, "hand_over", "supervisor", over), 409, "guard-refused")
    assert [one["code"] for one in problem["reasons"]] == ["recused"]
    assert town.people["handler2"].name in problem["detail"]
    assert problem["law"] == "《行政处罚法》第四十三条"
    over = {"reason": "回避", "handlers": ["handler1", third]}
    assert _take(desk, number, "hand_over", "supervisor", over).status_code == 200


@pytest.mark.slow
def test_nor_inspector_of_a_check(desk: Desk) -> None:
    town = desk.town
    check = check_to(town, town.granted(), "assigned")
    given = {**usual("commitment_check", "ask_recusal"), "officer": town.people["inspector2"].name}
    assert _take(desk, check, "ask_recusal", "applicant", given).status_code == 200
    given = {**usual("commitment_check", "decide_recusal"), "recused": True}
    assert _take(desk, check, "decide_recusal", "approver", given).status_code == 200
    for step in ("assign", "hand_over"):
        answer = _take(desk, check, step, "supervisor")
        problem = refused(answer, 409, "guard-refused")
        assert [one["code"] for one in problem["reasons"]] == ["recused"]


@pytest.mark.parametrize("process", ["penalty", "first_offence_exemption"])
def test_a_case_is_filed_without_one_but_for_handlers_who_hold_one(
    desk: Desk, process: str
) -> None:
    town = desk.town
    clerk = appoint(town, newcomer(town, "handler3"), "case_handler")
    set_post(town, clerk, certificate_number=None, certificate_expires=None)
    number = desk.open(process)
    given = usual(process, "file")
    named = {**given, "handlers": ["handler1", clerk]}
    problem = refused(_take(desk, number, "file", clerk, named), 409, "guard-refused")
    assert [one["code"] for one in problem["reasons"]] == ["certificate_invalid"]
    assert _take(desk, number, "file", clerk, given).status_code == 200


# -- the two who sign ------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["notify", "order_correction"])
@pytest.mark.parametrize("gone", ["expired", "recused"])
def test_what_the_party_is_told_is_signed_by_two_who_may(desk: Desk, step: str, gone: str) -> None:
    """One officer enters it, and the letter is that of both: the other one may not be lacking."""
    town = desk.town
    number = penalty_to(town, "opinion" if step == "notify" else "investigating")
    if gone == "expired":
        _expire(desk, "handler2")
    else:
        asked = {"officer": town.people["handler2"].name, "ground": "与案件有直接利害关系"}
        given = {**usual("penalty", "ask_recusal"), **asked}
        assert _take(desk, number, "ask_recusal", "applicant", given).status_code == 200
        given = {"officer": "handler2", "recused": True, "reasons": "其配偶持有当事人的股份"}
        assert _take(desk, number, "decide_recusal", "approver", given).status_code == 200
    _refused(_take(desk, number, step, "handler1"), "signers_unfit")
    appoint(town, newcomer(town, "handler3"), "case_handler")
    over = {"reason": "原承办人不能承办", "handlers": ["handler1", "handler3"]}
    assert _take(desk, number, "hand_over", "supervisor", over).status_code == 200
    assert _take(desk, number, step, "handler1").status_code == 200
