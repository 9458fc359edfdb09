"""Doors that stood open where a licence goes on or ends: renewed on a tick box, withdrawn by one
hand. Each is refused over HTTP with its article, in cases of older versions too, and the lawful way
goes on."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from casework.audit.proof import verify_case
from casework.common.timekeeping import ZONE
from casework.models import Case, CreditEvent, CreditMark, Party, Publication
from casework.rules.rendering import printed_text
from casework.rules.versions import VersionCache
from state_machines.checks.commitment_check.process import COMMITMENT_CHECK
from state_machines.credit.repair.process import CREDIT_REPAIR
from state_machines.language.vocabulary import Effect, Notify, OpenCase, Process, RecordCredit
from state_machines.licensing.licence import forms as licence_forms
from state_machines.licensing.licence.guards import licence_may_be_renewed, renewal_is_in_time
from state_machines.licensing.licence.process import LICENCE
from state_machines.licensing.licence_renewal.process import LICENCE_RENEWAL
from state_machines.parts.endings.grounds import ENDINGS
from state_machines.radiation import forms as radiation_forms
from state_machines.radiation.diagnosis_licence.process import DIAGNOSIS_LICENCE
from state_machines.radiation.safety_licence.process import SAFETY_LICENCE
from tests.support.former import UNPROMISED, opened_then, under_former_versions
from tests.support.front import Front, refused
from tests.support.journeys import (
    PROMISING,
    address,
    change_of,
    check_to,
    follow,
    joint_to,
    promised_for_later,
    renewal_of,
    told_before,
    usual,
)
from tests.support.licence_penalties import CANCELLING, penalised
from tests.support.penalties import NOTIFIED
from tests.support.people import appoint
from tests.support.signed import pdf
from tests.support.town import START, Town, answers, look, promise

FIRM = "91440300708461136T"


def _codes(answer: Any, law: str = "") -> set[str]:
    problem = refused(answer, 409, "guard-refused")
    assert all(law in one["law"] for one in problem["reasons"]), problem["reasons"]
    return {one["code"] for one in problem["reasons"]}


def _whole(town: Town, number: str) -> bool:
    with town.session() as session:
        return verify_case(session, town.case(number), VersionCache()) == []


# --- Renewal and change by promise 延续、变更的告知承诺 -----------------------------------------


def _asked(town: Town, what: str, former: bool) -> str:
    """A renewal, or a change of name, that the window has accepted."""
    if what == "licence_renewal":
        town.time.instant = datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)
        granted = town.granted()
        town.time.instant = START
        town.office.catch_up(town.relative(granted, "licence").id)
    else:
        granted = town.granted()

    def filed() -> str:
        if what == "licence_renewal":
            return renewal_of(town, granted)
        new = "南通江海宾馆有限公司"
        with town.session() as session:
            session.execute(update(Party).where(Party.code == FIRM).values(name=new))
        return change_of(town, granted, kind="变更单位名称", place_name=new, reason="更名")

    if former:
        with under_former_versions(town, UNPROMISED):
            number = filed()
    else:
        number = filed()
    follow(town, number, ("submit", "applicant"), ("accept", "window"))
    return number


both = pytest.mark.parametrize("what", ["licence_renewal", "licence_change"])
each_version = pytest.mark.parametrize("former", [False, True])


@both
@each_version
def test_nothing_goes_on_by_a_tick_box(front: Front, town: Town, what: str, former: bool) -> None:
    number = _asked(town, what, former)
    for who in ("window", "approver"):
        codes = _codes(front.step(who, number, "grant"))
        assert "site_check_missing" in codes
        assert ("window_without_promise" in codes) is (who == "window")


@both
@each_version
def test_it_is_promised_as_a_new_licence_is_and_checked_afterwards(
    front: Front, town: Town, what: str, former: bool
) -> None:
    number = _asked(town, what, former)
    # Told first, then taught, then promised.
    assert _codes(front.step("applicant", number, "study", answers())) == {"not_informed"}
    assert "not_informed" in _codes(front.step("applicant", number, "commit", promise()))
    assert "not_informed" in _codes(front.step("applicant", number, "decline"))
    assert front.step("window", number, "inform").status_code == 200
    assert _codes(front.step("applicant", number, "commit", promise())) == {"education_missing"}
    wrong = {"answers": [{**one, "choice": 9} for one in answers()["answers"]]}
    assert _codes(front.step("applicant", number, "study", wrong)) == {"answers_wrong"}
    assert front.step("applicant", number, "study", answers()).status_code == 200
    unsaid = {**promise(), "meets_conditions": False}
    refused(front.step("applicant", number, "commit", unsaid), 422, "bad-input")
    # A place that is open promises nothing for later.
    later = {**promise(), "ready_by": "2026-12-01"}
    refused(front.step("applicant", number, "commit", later), 422, "bad-input")
    assert _codes(front.step("applicant", number, "commit", promise("路人甲"))) == {
        "signed_by_other"
    }
    assert front.step("applicant", number, "commit", promise()).status_code == 200
    assert front.step("window", number, "grant").status_code == 200
    papers = {one["key"] for one in front.get("window", f"/cases/{number}").json()["documents"]}
    assert {"inform_notice", "commitment_letter"} <= papers
    check = town.newest("commitment_check")
    assert town.case(check).state == "task_created"
    told = town.case(check).data["application"]
    assert told["licence_number"] == town.case(number).data["application"]["licence"]
    assert told["promised_on"] == town.time.now().date().isoformat()
    assert _whole(town, number)
    assert _whole(town, check)


@both
@each_version
def test_a_record_bars_the_promise_and_the_grant(
    front: Front, town: Town, what: str, former: bool
) -> None:
    number = _asked(town, what, former)
    follow(town, number, ("inform", "window"), ("study", "applicant"))
    with town.session() as session:
        said = town.case(number)
        session.add(
            CreditEvent(
                party_id=said.party_id,
                case_id=said.id,
                log_seq=1,
                kind="promise_broken",
                label="未履行承诺",
                occurred_on=town.time.now().date(),
                bars_promise=True,
            )
        )
    assert _codes(front.step("applicant", number, "commit", promise()), "42号") == {
        "promise_barred"
    }


@both
@each_version
def test_whoever_promises_nothing_is_looked_at_and_the_head_decides(
    front: Front, town: Town, what: str, former: bool
) -> None:
    number = _asked(town, what, former)
    follow(town, number, ("inform", "window"))
    assert _codes(front.step("applicant", number, "withdraw_commitment", {"reason": "无"})) == {
        "no_promise"
    }
    assert front.step("applicant", number, "decline", empty=True).status_code == 200
    assert "site_check_missing" in _codes(front.step("approver", number, "grant"))
    town.take(number, "check_site", "reviewer+inspector1", look(met=True))
    assert _codes(front.step("window", number, "grant")) == {"window_without_promise"}
    assert front.step("approver", number, "grant").status_code == 200
    with town.session() as session:
        checks = select(Case).where(Case.process == "commitment_check", Case.origin_id.isnot(None))
        origins = {one.origin_id for one in session.scalars(checks)}
    assert town.case(number).id not in origins  # no promise, no check of it


@both
def test_a_promise_that_was_taken_back_carries_nothing(front: Front, town: Town, what: str) -> None:
    number = _asked(town, what, former=False)
    follow(town, number, *PROMISING)
    back = {"reason": "检测报告尚未出具"}
    assert front.step("applicant", number, "withdraw_commitment", back).status_code == 200
    assert "site_check_missing" in _codes(front.step("window", number, "grant"))


@both
def test_a_promise_signed_at_the_counter_is_on_file(front: Front, town: Town, what: str) -> None:
    number = _asked(town, what, former=False)
    by = _present(front)
    front.step("window", number, "inform")
    for step, said in (("study", answers()), ("commit", promise("周小琴"))):
        assert front.step("window", number, step, said, **by).status_code == 200
    assert _codes(front.step("approver", number, "grant")) == {"promise_not_scanned"}
    assert front.upload("window", number, "signed_promise", "承诺书.pdf").status_code == 201
    assert front.step("approver", number, "grant").status_code == 200


def test_what_is_merely_printed_anew_needs_no_promise(front: Front, town: Town) -> None:
    number = change_of(town, town.granted(address=address(7)))
    follow(town, number, ("submit", "applicant"), ("accept", "window"))
    assert _codes(front.step("window", number, "inform")) == {"reissue_instead"}
    answer = front.step("window", number, "reissue", usual("licence_change", "reissue"))
    assert answer.status_code == 200, answer.text


# --- Conditions promised for later 承诺限期达到的条件 --------------------------------------------


def _bare_conditions() -> dict[str, Process]:
    """A version in which a sentence proved conditions, and whoever granted confirmed them."""
    steps = tuple(
        replace(step, apart_from=(), in_every_version=False)
        if step.name == "confirm_ready"
        else step
        for step in LICENCE.steps
    )
    return {LICENCE.key: replace(LICENCE, steps=steps)}


@each_version
def test_conditions_are_proved_by_no_sentence(front: Front, town: Town, former: bool) -> None:
    with under_former_versions(town, _bare_conditions()) if former else nullcontext():
        granted = promised_for_later(town, address(1))
    licence = town.relative(granted, "licence").number
    said = usual("licence", "prove_conditions")
    bare = front.step("applicant", licence, "prove_conditions", said, empty=True)
    assert _codes(bare, "第六十一条") == {"conditions_unproved"}
    # What the confirming officer brings along himself is no proof of its holder's.
    assert front.upload("reviewer", licence, "conditions_proof", "照片.pdf").status_code == 201
    assert front.step("applicant", licence, "prove_conditions", said).status_code == 200
    alone = front.step("reviewer", licence, "confirm_ready", empty=True)
    assert _codes(alone, "第六十一条") == {"conditions_unproved"}
    whole = front.upload("applicant", licence, "conditions_proof", "检测报告.pdf", pdf("检测报告"))
    assert whole.status_code == 201
    assert _codes(front.step("window", licence, "confirm_ready")) == {"separation_of_duties"}
    assert front.step("reviewer", licence, "confirm_ready").status_code == 200
    assert town.case(licence).state == "valid"
    assert _whole(town, licence)


def test_conditions_are_confirmed_by_a_look_of_two(front: Front, town: Town) -> None:
    granted = promised_for_later(town, address(1))
    licence = town.relative(granted, "licence").number
    assert front.upload("reviewer", licence, "conditions_proof", "照片.pdf").status_code == 201
    _done(front, "applicant", licence, "prove_conditions")
    alone = front.step("reviewer", licence, "confirm_ready", empty=True)
    assert _codes(alone) == {"conditions_unproved"}
    check_to(town, granted, "closed")
    assert front.step("reviewer", licence, "confirm_ready", empty=True).status_code == 200


# --- Renewal by its day 延续按日期，不按状态 ------------------------------------------------------


def _bare_renewals() -> dict[str, Process]:
    """Versions in which what was granted and not handed over kept a licence from its renewal."""
    states = {"begin_renewal": ("expiring", "renewal_pending"), "hand_over": ("amended", "valid")}
    licence = tuple(
        replace(step, moves=dict([states[step.name]]), in_every_version=False)
        if step.name in states
        else step
        for step in LICENCE.steps
    )
    renewal = tuple(
        replace(step, guards=(licence_may_be_renewed, renewal_is_in_time), in_every_version=False)
        if step.name == "submit"
        else step
        for step in LICENCE_RENEWAL.steps
    )
    return {
        LICENCE.key: replace(LICENCE, steps=licence),
        LICENCE_RENEWAL.key: replace(LICENCE_RENEWAL, steps=renewal),
    }


@each_version
def test_a_change_that_is_not_handed_over_keeps_no_renewal_away(
    front: Front, town: Town, former: bool
) -> None:
    old = _bare_renewals() if former else None
    with opened_then(town, old, datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)):
        granted = town.granted()
    town.time.go_to(date(2026, 7, 20))
    licence = town.relative(granted, "licence").number
    town.office.catch_up(town.case(licence).id)
    change = change_of(town, granted)
    follow(town, change, ("submit", "applicant"), ("accept", "window"), ("reissue", "window"))
    assert town.case(licence).state == "amended"
    # Not before its end is near.
    early = renewal_of(town, granted)
    assert _codes(front.step("applicant", early, "submit"), "第五十条") == {"licence_not_expiring"}
    follow(town, early, ("discard", "applicant"))
    town.time.instant = START + timedelta(hours=1)
    with opened_then(town, old, town.time.instant):
        number = renewal_of(town, granted)
    front.log_in_again()
    assert front.step("applicant", number, "submit").status_code == 200
    assert town.case(licence).state == "renewal_pending"
    _done(front, "window", change, "deliver")
    assert town.case(licence).state == "renewal_pending"
    looked = (("accept", "window"), ("check_site", "reviewer+inspector1"), ("grant", "approver"))
    follow(town, number, *looked)
    assert town.case(licence).state == "valid"
    assert town.licence_of(granted)["valid_until"] == "2030-10-19"
    assert _whole(town, licence)


# --- What the party gives up at the counter 窗口代录 ----------------------------------------------


def _present(front: Front) -> dict[str, int]:
    """The mandate of an agent who is at the counter."""
    agent = {
        "name": "周小琴",
        "id_kind": "id",
        "id_code": "11010519491231002X",
        "capacity": "agent",
        "scope": ["file", "promise"],
        "valid_from": "2026-08-01",
        "valid_to": "2027-07-31",
    }
    answer = front.post("window", f"/parties/{FIRM}/mandates", agent)
    assert answer.status_code == 201, answer.text
    return {"mandate": answer.json()["id"]}


def _at_counter(front: Front, number: str, step: str, said: Any, law: str, by: Any) -> None:
    """A clerk is refused without the party's paper, and takes the step with it."""
    answer = front.step("window", number, step, said, empty=True, **by)
    assert _codes(answer, law) == {"no_signed_statement"}
    assert front.upload("window", number, "party_statement", "声明.pdf").status_code == 201
    answer = front.step("window", number, step, said, empty=True, **by)
    assert answer.status_code == 200, answer.text


def test_a_clerk_leaves_no_promise_route_for_a_party(front: Front, town: Town) -> None:
    by, number = _present(front), town.apply()
    town.attach(number)
    follow(town, number, ("submit", "applicant"), ("accept", "window"), ("inform", "window"))
    _at_counter(front, number, "decline", None, "42号", by)
    assert town.case(number).state == "ordinary_review"


def test_a_clerk_takes_no_promise_back_for_a_party(front: Front, town: Town) -> None:
    by, number = _present(front), town.committed()
    _at_counter(front, number, "withdraw_commitment", {"reason": "转一般程序"}, "42号", by)
    assert town.case(number).state == "ordinary_review"


@both
def test_nor_where_a_licence_goes_on(front: Front, town: Town, what: str) -> None:
    by, number = _present(front), _asked(town, what, former=False)
    follow(town, number, ("inform", "window"))
    _at_counter(front, number, "decline", None, "42号", by)


def test_a_clerk_keeps_no_licence_for_its_holder(front: Front, town: Town) -> None:
    by, granted = _present(front), town.granted()
    check = town.relative(granted, "check").number
    follow(town, check, ("assign", "supervisor"))
    town.take(check, "inspect", "inspector1+inspector2", look(met=True))
    follow(town, check, ("find_kept", "inspector1+inspector2"), ("close", "inspector1"))
    licence = town.relative(granted, "licence").number
    follow(town, licence, ("request_closure", "applicant"))
    _at_counter(front, licence, "keep_open", {"reason": "继续经营"}, "许可法", by)


# --- Withdrawn by the authority 撤回许可 ----------------------------------------------------------


def _take(front: Front, who: str, number: str, step: str, **changes: Any) -> Any:
    front.log_in_again()
    said = {**usual(front.town.case(number).process, step), **changes}
    return front.step(who, number, step, said)


def _done(front: Front, who: str, number: str, step: str, **changes: Any) -> None:
    answer = _take(front, who, number, step, **changes)
    if answer.status_code == 202:
        answer = front.sign("inspector1", number, step)
    assert answer.status_code == 200, answer.text


def _old_licence(town: Town) -> str:
    """A licence that runs under a version in which one hand withdrew it."""
    bare = {
        LICENCE.key: replace(
            LICENCE,
            steps=tuple(
                replace(step, guards=(), in_every_version=False)
                if step.name in ("withdraw_by_authority", "deregister")
                else step
                for step in LICENCE.steps
                if step.name not in _TOLD_NOW
            ),
        )
    }
    with under_former_versions(town, bare):
        return town.relative(town.granted(), "licence").number


_TOLD_NOW = {
    step.name for step in LICENCE.steps if "prior" in step.name or step.name.endswith("_hearing")
} | {"serve_hearing", "ask_recusal", "decide_recusal"}


def _licence(town: Town, former: bool) -> str:
    return _old_licence(town) if former else town.relative(town.granted(), "licence").number


@each_version
def test_no_licence_is_withdrawn_by_one_hand(front: Front, town: Town, former: bool) -> None:
    licence = _licence(town, former)
    codes = _codes(_take(front, "approver", licence, "withdraw_by_authority"))
    assert {"prior_notice_missing", "prior_review_missing", "prior_notice_differs"} <= codes
    assert _codes(_take(front, "applicant", licence, "answer_prior_notice")) == {
        "prior_notice_missing"
    }
    _done(front, "reviewer", licence, "give_prior_notice")
    # Told is not served.
    assert "prior_notice_not_served" in _codes(
        _take(front, "approver", licence, "withdraw_by_authority")
    )
    receipt = usual("licence", "serve_prior_notice")
    bare = front.step("reviewer", licence, "serve_prior_notice", receipt, empty=True)
    assert _codes(bare, "第八十七条") == {"no_signed_receipt"}
    _done(front, "reviewer", licence, "serve_prior_notice")
    # What the party says does not end its time.
    _done(front, "applicant", licence, "answer_prior_notice")
    assert "prior_time_pending" in _codes(_take(front, "legal", licence, "review_prior_notice"))
    town.time.pass_(days=8)
    assert _codes(_take(front, "approver", licence, "withdraw_by_authority")) == {
        "prior_review_missing"
    }
    _done(front, "legal", licence, "review_prior_notice")
    other = _take(front, "approver", licence, "withdraw_by_authority", facts="另有其他事实")
    assert _codes(other) == {"prior_notice_differs"}
    _done(front, "approver", licence, "withdraw_by_authority")
    assert town.case(licence).state == "withdrawn_by_authority"
    assert _whole(town, licence)


@each_version
def test_nothing_is_struck_off_before_its_withdrawal_was_served(
    front: Front, town: Town, former: bool
) -> None:
    """Two sign the notice, and a holder whom nobody finds has both by announcement."""

    def announced(of: str) -> None:
        for way in ("直接送达", "邮寄送达"):
            _done(front, "reviewer", licence, f"record_try_{of}", way=way)
        _done(front, "reviewer", licence, f"announce_{of}")
        runs = _take(front, "reviewer", licence, f"end_announcement_{of}")
        assert _codes(runs, "第九十五条") == {"announcement_runs"}
        town.time.pass_(days=39)
        _done(front, "reviewer", licence, f"end_announcement_{of}")

    licence = _licence(town, former)
    told = _take(front, "reviewer", licence, "give_prior_notice")
    assert told.status_code == 202, told.text
    assert "prior_notice_missing" in _codes(_take(front, "reviewer", licence, "announce_prior"))
    refused(front.sign("reviewer", licence, "give_prior_notice"), 409, "second-signature")
    assert front.sign("inspector1", licence, "give_prior_notice").status_code == 200
    assert _codes(_take(front, "reviewer", licence, "announce_prior")) == {"ways_not_tried"}
    announced("prior")
    # Its time begins with the end of the announcement.
    assert "prior_time_pending" in _codes(_take(front, "legal", licence, "review_prior_notice"))
    town.time.pass_(days=16)
    _done(front, "legal", licence, "review_prior_notice")
    _done(front, "approver", licence, "withdraw_by_authority")
    ended = {"ground": "许可依法被撤销、撤回，或者许可证件依法被吊销", "reason": "许可已撤回"}
    early = _take(front, "approver", licence, "deregister", **ended)
    assert _codes(early, "第七十条") == {"withdrawal_not_served"}
    announced("withdrawal")
    _done(front, "approver", licence, "deregister", **ended)
    assert town.case(licence).state == "deregistered"
    assert _whole(town, licence)


@each_version
@pytest.mark.parametrize("struck_off", [False, True])
def test_a_withdrawal_that_is_quashed_gives_the_licence_back(
    front: Front, town: Town, former: bool, struck_off: bool
) -> None:
    licence = _licence(town, former)
    for who, step in (
        ("reviewer", "give_prior_notice"),
        ("reviewer", "serve_prior_notice"),
        ("applicant", "waive_prior_notice"),
        ("legal", "review_prior_notice"),
        ("approver", "withdraw_by_authority"),
        ("reviewer", "serve_withdrawal"),
    ):
        _done(front, who, licence, step)
    if struck_off:
        ended = {"ground": "许可依法被撤销、撤回，或者许可证件依法被吊销", "reason": "许可已撤回"}
        _done(front, "approver", licence, "deregister", **ended)
    said = usual("licence", "bring_back")
    word = front.step("approver", licence, "bring_back", said, empty=True)
    assert _codes(word, "第七十五条") == {"no_remedy_paper"}
    _done(front, "approver", licence, "bring_back")
    case = front.get("applicant", f"/cases/{licence}").json()
    assert (case["state"], case["ended"]) == ("valid", False)
    assert {one["name"] for one in case["clocks"] if one["live"]} == {"expiring", "validity"}
    marked = {one["key"] for one in case["documents"] if "已被撤销" in str(one["marks"])}
    papers = {"deregistration_decision", "deregistration_notice"} if struck_off else set()
    assert marked == {"withdrawal_decision", *papers}
    with town.session() as session:
        shown = session.scalars(
            select(Publication.withdrawn_because)
            .where(Publication.case_id == town.case(licence).id)
            .order_by(Publication.id)
        ).all()
    assert shown[-1] == said["reasons"]
    # What it was told before carries no other decision, nor is it told the same once more.
    again = _take(front, "approver", licence, "withdraw_by_authority")
    assert "prior_notice_missing" in _codes(again)
    same = _take(front, "reviewer", licence, "give_prior_notice")
    assert _codes(same, "第七十一条") == {"quashed_and_done_again"}
    assert _whole(town, licence)


@pytest.mark.parametrize(
    ("process", "approver"),
    [("diagnosis_licence", "approver"), ("safety_licence", "eco_approver")],
)
def test_a_radiation_licence_is_given_back_if_its_end_is_quashed(
    front: Front, town: Town, process: str, approver: str
) -> None:
    joint_to(town, "delivered_together", address(9))
    licence = town.newest(process)
    _done(front, "applicant", licence, "request_closure")
    _done(front, approver, licence, "deregister")
    word = front.step(approver, licence, "bring_back", usual(process, "bring_back"), empty=True)
    assert _codes(word, "第七十五条") == {"no_remedy_paper"}
    _done(front, approver, licence, "bring_back")
    assert town.case(licence).state == "valid"
    assert _whole(town, licence)


def test_a_radiation_licence_is_not_given_back_beside_a_new_one(front: Front, town: Town) -> None:
    joint_to(town, "delivered_together", address(9))
    licence = town.newest("diagnosis_licence")
    _done(front, "applicant", licence, "request_closure")
    _done(front, "approver", licence, "deregister")
    town.time.pass_(days=1)
    joint_to(town, "delivered_together", address(9))
    answer = _take(front, "approver", licence, "bring_back")
    assert _codes(answer, "《行政复议法》") >= {"licensed_anew"}
    assert town.case(licence).state == "deregistered"


@each_version
def test_whoever_asks_to_be_heard_is_heard_before_the_withdrawal(
    front: Front, town: Town, former: bool
) -> None:
    licence = _licence(town, former)
    assert _codes(_take(front, "applicant", licence, "request_hearing"), "第四十七条") == {
        "prior_hearing_too_late"
    }
    _done(front, "reviewer", licence, "give_prior_notice")
    _done(front, "reviewer", licence, "serve_prior_notice")
    early = _take(front, "reviewer", licence, "schedule_hearing", on="2026-09-21")
    assert _codes(early) == {"prior_hearing_not_asked"}
    _not_asked(front, licence)
    _done(front, "applicant", licence, "request_hearing")
    town.time.pass_(days=9)
    _done(front, "legal", licence, "review_prior_notice")
    assert _codes(_take(front, "approver", licence, "withdraw_by_authority"), "第四十七条") == {
        "prior_hearing_pending"
    }
    soon = _take(front, "reviewer", licence, "schedule_hearing", on="2026-09-12")
    assert _codes(soon) == {"hearing_too_soon"}
    _done(front, "reviewer", licence, "schedule_hearing", on="2026-09-28")
    _done(front, "reviewer", licence, "serve_hearing")
    town.time.go_to(date(2026, 9, 28))
    _done(front, "chair", licence, "hold_hearing")
    _not_asked(front, licence)
    # What was heard is reviewed anew.
    assert _codes(_take(front, "approver", licence, "withdraw_by_authority")) == {
        "prior_review_missing"
    }
    _done(front, "legal", licence, "review_prior_notice")
    _done(front, "approver", licence, "withdraw_by_authority")
    assert _whole(town, licence)


def _not_asked(front: Front, licence: str) -> None:
    """Nobody holds, serves, adjourns or abandons a hearing that nobody asks for (any more)."""
    for step, who in (
        ("serve_hearing", "reviewer"),
        ("hold_hearing", "chair"),
        ("adjourn_hearing", "chair"),
        ("abandon_hearing", "chair"),
    ):
        assert "prior_hearing_not_asked" in _codes(_take(front, who, licence, step)), step


@each_version
def test_a_hearing_that_was_withdrawn_is_not_held(front: Front, town: Town, former: bool) -> None:
    licence = _licence(town, former)
    _done(front, "reviewer", licence, "give_prior_notice")
    _done(front, "reviewer", licence, "serve_prior_notice")
    _done(front, "applicant", licence, "request_hearing")
    _done(front, "reviewer", licence, "schedule_hearing", on="2026-09-28")
    _done(front, "applicant", licence, "withdraw_hearing")
    town.time.go_to(date(2026, 9, 28))
    _not_asked(front, licence)


@each_version
def test_who_presides_is_asked_to_stand_aside(front: Front, town: Town, former: bool) -> None:
    """Before a licence is withdrawn (许可法48(一)三): asked, decided, and heard by another."""
    licence = _licence(town, former)
    _done(front, "reviewer", licence, "give_prior_notice")
    _done(front, "reviewer", licence, "serve_prior_notice")
    _done(front, "applicant", licence, "request_hearing")
    _done(front, "reviewer", licence, "schedule_hearing", on="2026-09-28")
    _done(front, "reviewer", licence, "serve_hearing")
    name = town.people["chair"].name
    _done(front, "applicant", licence, "ask_recusal", officer=name)
    again = _take(front, "applicant", licence, "ask_recusal", officer=name)
    assert _codes(again, "第四十三条") == {"recusal_undecided"}
    town.time.go_to(date(2026, 9, 28))
    held = _take(front, "chair", licence, "hold_hearing")
    assert "asked_to_stand_aside" in _codes(held)
    said = {"officer": "chair", "recused": True, "reasons": "其配偶是申请人的职工"}
    _done(front, "approver", licence, "decide_recusal", **said)
    assert "recused" in _codes(_take(front, "chair", licence, "hold_hearing"))
    assert _whole(town, licence)


def test_nothing_is_served_of_which_nobody_was_told(front: Front, town: Town) -> None:
    licence = _licence(town, former=False)
    answer = _take(front, "reviewer", licence, "serve_prior_notice")
    assert {"prior_notice_missing", "nothing_waits"} == _codes(answer, "第八十七条")
    front.log_in_again()
    shown = front.get("reviewer", f"/cases/{licence}/steps").json()
    [serve] = [one for one in shown if one["name"] == "serve_prior_notice"]
    assert not serve["allowed"]


def test_nobody_asks_to_be_heard_once_the_time_is_over(front: Front, town: Town) -> None:
    licence = _licence(town, former=False)
    _done(front, "reviewer", licence, "give_prior_notice")
    _done(front, "reviewer", licence, "serve_prior_notice")
    town.time.pass_(days=9)
    assert _codes(_take(front, "applicant", licence, "request_hearing")) == {
        "prior_hearing_too_late"
    }


def test_a_clerk_waives_no_time_before_a_withdrawal(front: Front, town: Town) -> None:
    by, licence = _present(front), _licence(town, former=False)
    _done(front, "reviewer", licence, "give_prior_notice")
    _done(front, "reviewer", licence, "serve_prior_notice")
    _at_counter(front, licence, "waive_prior_notice", None, "第四十五条", by)


def test_who_prepared_a_withdrawal_does_not_review_it(front: Front, town: Town) -> None:
    step = LICENCE.step("review_prior_notice")
    assert step.apart_from == ("give_prior_notice",)
    assert set(LICENCE.step("withdraw_by_authority").apart_from) >= {
        "give_prior_notice",
        "review_prior_notice",
    }


# --- The end of a book entry 注销 -----------------------------------------------------------


@each_version
@pytest.mark.parametrize(
    ("ground", "article"),
    [
        ("被许可的法人或者其他组织依法终止", "第三项"),
    ],
)
def test_nothing_is_struck_off_without_a_proof(
    front: Front, town: Town, ground: str, article: str, former: bool
) -> None:
    licence = _licence(town, former)
    said = {"ground": ground, "reason": "登记"}
    answer = front.step("approver", licence, "deregister", said, empty=True)
    assert _codes(answer, article) == {"ending_unproved"}
    assert front.upload("approver", licence, "ending_proof", "依据.pdf").status_code == 201
    answer = front.step("approver", licence, "deregister", said, empty=True)
    assert answer.status_code == 200, answer.text
    assert town.case(licence).state == "deregistered"


@each_version
def test_what_an_authority_finds_ends_a_licence_once_its_holder_has_the_decision(
    front: Front, town: Town, former: bool
) -> None:
    licence, article = _licence(town, former), "第三十五条第二款"
    said = {"ground": "涂改、转让、倒卖有效卫生许可证", "reason": "登记"}

    def struck_off() -> Any:
        return front.step("approver", licence, "deregister", said, empty=True)

    def decided() -> Any:
        given = usual("licence", "decide_ending")
        return front.step("approver", licence, "decide_ending", given, empty=True)

    assert _codes(struck_off(), article) == {"ending_not_served"}
    assert "prior_notice_missing" in _codes(decided())
    follow(town, licence, *told_before("reviewer"))
    assert _codes(decided(), article) == {"ending_unproved"}
    assert front.upload("approver", licence, "ending_proof", "依据.pdf").status_code == 201
    assert decided().json()["state"] == "ending_decided"
    # It has no effect yet: the licence is in force, and nothing is published of it.
    code = town.case(licence).tracking_code
    seen = front.get(None, f"/verify/{code}").json()
    assert (seen["stands"], seen["state_label"]) == (True, "有效")
    assert _codes(struck_off(), article) == {"ending_not_served"}
    assert _shown(town, licence) == []
    paper = front.get("applicant", f"/cases/{licence}").json()["documents"][-1]
    text = printed_text(front.get("applicant", f"/cases/{licence}/documents/{paper['id']}").content)
    for told in ("涂改、转让、倒卖", "申请行政复议", "提起行政诉讼"):
        assert told in text
    _done(front, "reviewer", licence, "serve_ending")
    assert not front.get(None, f"/verify/{code}").json()["stands"]
    assert struck_off().json()["state"] == "deregistered"
    assert _shown(town, licence) == [None]
    _done(front, "approver", licence, "bring_back")
    assert (town.case(licence).state, len(_shown(town, licence))) == ("valid", 2)
    assert _whole(town, licence)


def _shown(town: Town, licence: str) -> list[str | None]:
    """What was to be published of a licence, and the reasons why it is to be taken down."""
    with town.session() as session:
        rows = (
            select(Publication.withdrawn_because)
            .where(Publication.case_id == town.case(licence).id)
            .order_by(Publication.id)
        )
        return list(session.scalars(rows))


@each_version
def test_whoever_asks_to_be_heard_is_heard_before_it_is_struck_off(
    front: Front, town: Town, former: bool
) -> None:
    licence = _licence(town, former)
    assert front.upload("approver", licence, "ending_proof", "依据.pdf").status_code == 201
    _done(front, "reviewer", licence, "give_prior_notice")
    _done(front, "reviewer", licence, "serve_prior_notice")
    _done(front, "applicant", licence, "request_hearing")
    town.time.pass_(days=9)
    _done(front, "legal", licence, "review_prior_notice")
    front.log_in_again()
    answer = _take(front, "approver", licence, "decide_ending")
    assert _codes(answer, "第四十七条") == {"prior_hearing_pending"}
    _done(front, "applicant", licence, "withdraw_hearing")
    _done(front, "legal", licence, "review_prior_notice")
    _done(front, "approver", licence, "decide_ending")
    assert _whole(town, licence)


@each_version
def test_who_told_of_it_does_not_strike_it_off(front: Front, town: Town, former: bool) -> None:
    licence = _licence(town, former)
    assert front.upload("approver", licence, "ending_proof", "依据.pdf").status_code == 201
    follow(town, licence, *told_before("reviewer"))
    front.log_in_again()
    for handled in ("reviewer", "legal"):
        appoint(town, handled, "approver")
        answer = _take(front, handled, licence, "decide_ending")
        assert _codes(answer, "第五十八条") == {"separation_of_duties"}
    _done(front, "approver", licence, "decide_ending")
    for step in ("decide_ending", "deregister"):
        apart = DIAGNOSIS_LICENCE.step(step).apart_from
        assert apart == ("give_prior_notice", "review_prior_notice")


@pytest.mark.parametrize(
    ("ground", "codes"),
    [
        ("有效期届满未延续", {"ground_differs"}),
        ("逾期不申请校验", {"ending_not_served"}),
        ("歇业或者停止诊疗科目连续一年以上", {"ending_not_served"}),
        ("擅自变更诊疗科目（许可项目）", {"ending_not_served"}),
        ("校验、变更不符合条件且逾期不改进", {"ending_not_served"}),
        ("医疗机构执业许可证被吊销或者注销", {"ending_not_served"}),
        ("被许可人申请注销", {"closure_not_requested"}),
        ("被许可的法人或者其他组织依法终止", {"ending_unproved"}),
        ("许可依法被撤销、撤回，或者许可证件依法被吊销", {"ending_not_served"}),
    ],
)
def test_grounds_of_radiation_are_told_apart(
    front: Front, town: Town, ground: str, codes: set[str]
) -> None:
    joint_to(town, "delivered_together", address(9))
    licence = town.newest("diagnosis_licence")
    said = {"ground": ground, "reason": "登记"}
    assert _codes(front.step("approver", licence, "deregister", said, empty=True)) == codes
    assert front.upload("approver", licence, "ending_proof", "依据.pdf").status_code == 201
    answer = front.step("approver", licence, "deregister", said, empty=True)
    if codes in ({"ground_differs"}, {"closure_not_requested"}):
        assert _codes(answer) == codes
    elif ENDINGS["diagnosis_licence"][ground].told:
        assert _codes(answer, ENDINGS["diagnosis_licence"][ground].law) == codes
        told = _take(front, "reviewer", licence, "give_prior_notice")
        assert told.status_code == 202, told.text
        refused(front.sign("reviewer", licence, "give_prior_notice"), 409, "second-signature")
        assert front.sign("inspector1", licence, "give_prior_notice").status_code == 200
        follow(town, licence, *told_before("reviewer")[1:])
        found = _take(front, "approver", licence, "decide_ending", ground=ground)
        if ground == "逾期不申请校验":  # it is not overdue
            assert _codes(found, "第十八条") == {"ground_differs"}
            return
        assert found.json()["state"] == "ending_decided"
        _done(front, "reviewer", licence, "serve_ending")
        other = front.step("approver", licence, "deregister", {**said, "ground": "逾期不申请校验"})
        assert _codes(other) == {"ending_not_served"}
        answer = front.step("approver", licence, "deregister", said, empty=True)
        assert answer.status_code == 200, answer.text
    else:
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize(
    ("process", "approver"),
    [(DIAGNOSIS_LICENCE, "approver"), (SAFETY_LICENCE, "eco_approver")],
)
def test_a_radiation_licence_is_given_up_by_its_holder_alone(
    front: Front, town: Town, process: Process, approver: str, former: bool
) -> None:
    """No officer's scan stands for what the holder asks, and it may take that back."""
    if former:
        left_out = ("request_closure", "keep_open")
        steps = tuple(step for step in process.steps if step.name not in left_out)
        with under_former_versions(town, {process.key: replace(process, steps=steps)}):
            joint_to(town, "delivered_together", address(9))
    else:
        joint_to(town, "delivered_together", address(9))
    licence = town.newest(process.key)
    assert front.upload(approver, licence, "ending_proof", "依据.pdf").status_code == 201
    said = {"ground": "被许可人申请注销", "reason": "登记"}
    never = front.step(approver, licence, "deregister", said)
    assert _codes(never, "第七十条") == {"closure_not_requested"}
    assert _codes(_take(front, "applicant", licence, "keep_open")) == {"closure_not_requested"}
    _done(front, "applicant", licence, "request_closure")
    _done(front, "applicant", licence, "keep_open")
    back = front.step(approver, licence, "deregister", said)
    assert _codes(back, "第七十条") == {"closure_not_requested"}
    _done(front, "applicant", licence, "request_closure")
    assert town.case(licence).state == "valid"
    assert front.step(approver, licence, "deregister", said).status_code == 200
    assert _whole(town, licence)


def test_the_book_knows_every_ground_that_a_form_offers() -> None:
    assert {*licence_forms.DeregistrationGround} == set(ENDINGS["licence"])
    of_radiation = {*ENDINGS["diagnosis_licence"], *ENDINGS["safety_licence"]}
    assert {*radiation_forms.DeregistrationGround} == of_radiation


def _formerly_untold(process: Process) -> Process:
    """The version in which nobody was told, and whoever struck it off decided it."""
    ended = ("ending_decided", "ending_served")
    steps = tuple(
        replace(
            step,
            moves={state: to for state, to in step.moves.items() if state not in ended},
            apart_from=(),
            in_every_version=False,
        )
        for step in process.steps
        if not step.name.endswith(("prior_notice", "_prior", "_ending"))
    )
    clocks = tuple(
        replace(clock, runs_in=tuple(state for state in clock.runs_in if state not in ended))
        for clock in process.clocks
        if clock.runs_in != ended[:1]
    )
    states = tuple(state for state in process.states if state.name not in ended)
    return replace(process, states=states, steps=steps, clocks=clocks)


@each_version
def test_a_safety_licence_ends_as_revoked_once_its_holder_was_told_and_has_the_decision(
    front: Front, town: Town, former: bool
) -> None:
    then = {SAFETY_LICENCE.key: _formerly_untold(SAFETY_LICENCE)}
    with under_former_versions(town, then) if former else nullcontext():
        joint_to(town, "delivered_together", address(9))
    licence, article = town.newest("safety_licence"), "第七十条"
    said = {"ground": "许可依法被撤销、撤回，或者许可证件依法被吊销", "reason": "登记"}
    assert front.upload("eco_approver", licence, "ending_proof", "依据.pdf").status_code == 201

    def struck_off() -> Any:
        return front.step("eco_approver", licence, "deregister", said, empty=True)

    assert _codes(struck_off(), article) == {"ending_not_served"}
    assert "prior_notice_missing" in _codes(_take(front, "eco_approver", licence, "decide_ending"))
    told = _take(front, "eco", licence, "give_prior_notice")
    assert told.status_code == 202, told.text
    refused(front.sign("eco", licence, "give_prior_notice"), 409, "second-signature")
    assert front.sign("eco2", licence, "give_prior_notice").status_code == 200
    unserved = _take(front, "eco_approver", licence, "decide_ending")
    assert "prior_notice_not_served" in _codes(unserved)
    follow(town, licence, *told_before("eco")[1:-1])
    _done(front, "eco_approver", licence, "decide_ending")
    code = town.case(licence).tracking_code
    assert front.get(None, f"/verify/{code}").json()["stands"]
    assert _codes(struck_off(), article) == {"ending_not_served"}
    assert _shown(town, licence) == []
    _done(front, "eco", licence, "serve_ending")
    assert not front.get(None, f"/verify/{code}").json()["stands"]
    assert struck_off().json()["state"] == "deregistered"
    _done(front, "eco_approver", licence, "bring_back")
    assert town.case(licence).state == "valid"
    assert _whole(town, licence)


def test_a_safety_licence_ends_on_no_ground_of_the_other(front: Front, town: Town) -> None:
    joint_to(town, "delivered_together", address(9))
    licence = town.newest("safety_licence")
    said = {"ground": "擅自变更诊疗科目（许可项目）", "reason": "登记"}
    answer = front.step("eco_approver", licence, "deregister", said, empty=True)
    assert _codes(answer) == {"ground_differs"}


# --- The term that runs today 延续后的有效期 ----------------------------------------------------


def test_renewed_early_the_public_sees_the_term_in_force_and_the_next(
    front: Front, town: Town
) -> None:
    number = _asked(town, "licence_renewal", former=False)
    follow(town, number, *PROMISING, ("grant", "window"))
    licence = town.case(town.newest("licence"))
    seen = front.get(None, f"/verify/{licence.tracking_code}").json()
    assert (seen["valid_from"], seen["valid_until"]) == ("2022-10-20", "2026-10-19")
    assert (seen["next_from"], seen["next_until"]) == ("2026-10-20", "2030-10-19")
    page = front.client.get(f"/verify/{licence.tracking_code}").text
    assert "下一有效期" in page
    town.time.go_to(date(2026, 10, 20))
    seen = front.get(None, f"/verify/{licence.tracking_code}").json()
    assert (seen["valid_from"], seen["valid_until"]) == ("2026-10-20", "2030-10-19")
    assert seen["next_from"] is None


# --- What officers found is no record yet 失信认定 ----------------------------------------------


@each_version
@pytest.mark.parametrize("finding", ["find_false", "find_broken"])
def test_what_officers_found_is_recorded_only_once_it_was_told_and_decided(
    front: Front, town: Town, finding: str, former: bool
) -> None:
    if former:
        with under_former_versions(town, {COMMITMENT_CHECK.key: _recorded_at_once()}):
            granted = town.granted()
    else:
        granted = town.granted()
    check = town.relative(granted, "check").number
    way = ["assign", "inspect", "find_false"]
    if finding == "find_broken":
        way = ["assign", "inspect", "order_rectification", "serve_order", "recheck", "find_broken"]
    who = dict.fromkeys(("order_rectification", "serve_order"), "inspector1")
    who["assign"] = "supervisor"
    for step in way:
        if step == "recheck":
            town.time.pass_(days=40)
        town.take(
            check, step, who.get(step, "inspector1+inspector2"), usual("commitment_check", step)
        )
    front.log_in_again()
    file = front.get("applicant", f"/parties/{FIRM}/credit").json()
    assert file["may_promise"] is True
    assert {one["kind"] for one in file["events"]} == {"licence_granted", "inspected"}
    if former:
        return
    follow(
        town, check, ("notify_revocation", "inspector1+inspector2"), ("serve_notice", "inspector1")
    )
    follow(town, check, ("waive_defence", "applicant"), ("waive_hearing", "applicant"))
    follow(town, check, ("submit_review", "inspector1"), ("pass_review", "legal"))
    said = usual("commitment_check", "record_breach")
    answer = front.step("approver", check, "record_breach", {**said, "facts": "另有其他事实"})
    assert "review_differs" in _codes(answer) or "notice_differs" in _codes(answer)
    assert front.step("approver", check, "record_breach", said).status_code == 200
    kind = "promise_false" if finding == "find_false" else "promise_broken"
    # Not before its party has the decision.
    assert kind not in _events(town, check)
    assert front.get("applicant", f"/parties/{FIRM}/credit").json()["may_promise"] is True
    _done(front, "inspector1", check, "serve_breach")
    assert kind in _events(town, check)
    assert front.get("applicant", f"/parties/{FIRM}/credit").json()["may_promise"] is False
    assert town.relative(granted, "licence").state == "valid"
    repair = town.relative(check, "repair").number
    assert town.case(repair).data["application"]["decided_on"] == town.time.now().date().isoformat()
    # And it falls with the decision.
    for step in ("file_reconsideration", "change_by_reconsideration"):
        _done(front, "legal", check, step)
    assert kind not in _events(town, check)
    assert front.get("applicant", f"/parties/{FIRM}/credit").json()["may_promise"] is True
    assert town.case(repair).state == "lapsed"
    assert _whole(town, check)


def _recorded_at_once() -> Process:
    """The check as it wrote a record down with the finding of two inspectors, whose way to good
    credit opened even where the licence was spared."""
    records = {
        "find_false": RecordCredit("promise_false", "作出虚假承诺", bars_promise=True),
        "find_broken": RecordCredit("promise_broken", "未履行承诺", bars_promise=True),
    }
    revoke = COMMITMENT_CHECK.step("revoke")
    [repair] = [one for one in revoke.effects if isinstance(one, OpenCase)]
    effects: dict[str, tuple[Effect, ...]] = {
        **{
            name: (record, *COMMITMENT_CHECK.step(name).effects) for name, record in records.items()
        },
        "revoke": tuple(
            one for one in revoke.effects if not (isinstance(one, RecordCredit) and one.when)
        ),
        "spare": (repair, Notify("party")),
    }
    return replace(
        COMMITMENT_CHECK,
        steps=tuple(
            replace(step, effects=effects[step.name], in_every_version=False)
            if step.name in effects
            else step
            for step in COMMITMENT_CHECK.steps
            if step.name != "record_breach"
        ),
        binds=tuple(
            replace(one, bound=tuple(name for name in one.bound if name != "record_breach"))
            for one in COMMITMENT_CHECK.binds
        ),
    )


def _events(town: Town, check: str) -> Counter[str]:
    """What a check wrote into the party's file, without what was corrected."""
    with town.session() as session:
        corrected = select(CreditMark.event_id).where(CreditMark.kind == "corrected")
        written = select(CreditEvent.kind).where(
            CreditEvent.case_id == town.case(check).id, CreditEvent.id.not_in(corrected)
        )
        return Counter(session.scalars(written))


def _written_at_once(town: Town, check: str) -> None:
    """The record as it was written with the finding, before this release."""
    case = town.case(check)
    with town.session() as session:
        session.add(
            CreditEvent(
                party_id=case.party_id,
                case_id=case.id,
                log_seq=case.head_seq,
                kind="promise_broken",
                label="未履行承诺",
                occurred_on=town.time.now().date(),
                bars_promise=True,
            )
        )


@pytest.mark.parametrize("written", [False, True])
def test_a_finding_in_a_running_check_is_recorded_once_and_with_the_decision(
    front: Front, town: Town, written: bool
) -> None:
    with under_former_versions(town, {COMMITMENT_CHECK.key: _recorded_at_once()}):
        granted = town.granted()
    check = town.reviewed(granted).number
    if written:
        _written_at_once(town, check)
    front.log_in_again()
    said = usual("commitment_check", "revoke")
    assert front.step("approver", check, "revoke", said).status_code == 200
    assert _events(town, check) == {"inspected": 1, "licence_revoked": 1, "promise_broken": 1}
    assert town.relative(check, "repair").process == "credit_repair"
    assert written or _whole(town, check)


@pytest.mark.parametrize("written", [False, True])
def test_a_licence_that_is_spared_in_a_running_check_leaves_nothing_to_repair(
    front: Front, town: Town, written: bool
) -> None:
    with under_former_versions(town, {COMMITMENT_CHECK.key: _recorded_at_once()}):
        granted = town.granted()
    check = town.broken(granted).number
    if written:
        _written_at_once(town, check)
    front.log_in_again()
    spared = {"reason": "撤销可能损害公共利益"}
    assert front.step("approver", check, "spare", spared).status_code == 200
    assert _events(town, check) == {"inspected": 1}
    with town.session() as session:
        assert session.scalar(select(Case.id).where(Case.process == "credit_repair")) is None
    assert front.get("applicant", f"/parties/{FIRM}/credit").json()["may_promise"] is True
    assert written or _whole(town, check)


def test_a_licence_that_is_spared_before_anybody_was_told_leaves_no_record(
    front: Front, town: Town
) -> None:
    check = town.broken(town.granted()).number
    front.log_in_again()
    spared = {"reason": "撤销可能损害公共利益"}
    assert front.step("approver", check, "spare", spared).status_code == 200
    file = front.get("applicant", f"/parties/{FIRM}/credit").json()
    assert file["may_promise"] is True


@each_version
def test_false_material_is_recorded_only_once_it_was_told_and_decided(
    front: Front, town: Town, former: bool
) -> None:
    bare = replace(
        CREDIT_REPAIR,
        steps=tuple(
            replace(step, guards=(), in_every_version=False)
            if step.name == "find_false_material"
            else step
            for step in CREDIT_REPAIR.steps
            if "prior" not in step.name
        ),
    )
    granted = town.granted()
    if former:
        with under_former_versions(town, {CREDIT_REPAIR.key: bare}):
            town.breached(granted)
    else:
        town.breached(granted)
    repair = town.newest("credit_repair")
    town.time.pass_(days=120)
    town.office.catch_up(town.case(repair).id)
    follow(town, repair, ("apply", "applicant"))
    codes = _codes(_take(front, "approver", repair, "find_false_material"), "")
    assert {"prior_notice_missing", "prior_review_missing"} <= codes
    _done(front, "credit", repair, "give_prior_notice")
    _done(front, "credit", repair, "serve_prior_notice")
    codes = _codes(_take(front, "approver", repair, "find_false_material"))
    assert "prior_time_pending" in codes
    _done(front, "applicant", repair, "answer_prior_notice")
    town.time.pass_(days=8)
    assert _codes(_take(front, "approver", repair, "find_false_material")) == {
        "prior_review_missing"
    }
    _done(front, "legal", repair, "review_prior_notice")
    file = front.get("applicant", f"/parties/{FIRM}/credit").json()
    assert "repair_false_material" not in {one["kind"] for one in file["events"]}
    _done(front, "approver", repair, "find_false_material")
    file = front.get("applicant", f"/parties/{FIRM}/credit").json()
    assert "repair_false_material" not in {one["kind"] for one in file["events"]}
    _done(front, "credit", repair, "serve_decision")
    file = front.get("applicant", f"/parties/{FIRM}/credit").json()
    assert "repair_false_material" in {one["kind"] for one in file["events"]}
    assert _codes(_take(front, "credit", repair, "serve_decision"), "") == {"nothing_waits"}
    assert _whole(town, repair)


# --- The basis of a revocation 撤销的依据 ------------------------------------------------------


@pytest.mark.parametrize(
    ("basis", "concrete"),
    [
        ("《中华人民共和国行政许可法》第六十九条", False),
        ("《中华人民共和国行政许可法》第六十九条第一款", False),
        ("有关法律规定", False),
        ("《中华人民共和国行政许可法》第六十九条第二款、国办发〔2020〕42号", True),
        ("《中华人民共和国行政许可法》第六十九条第一款第四项", True),
        ("《中华人民共和国行政许可法》第六十九条第一款第（四）项", True),
        ("《行政许可法》（2019年修正）第六十一条、第六十九条第一款第(一)项", True),
        ("《中华人民共和国行政许可法》第六十九条第一款第六项", False),
        ("《公共场所卫生管理条例》第六十九条第二款、《行政许可法》第七十条第二款", False),
    ],
)
def test_a_revocation_names_paragraph_and_item(
    front: Front, town: Town, basis: str, concrete: bool
) -> None:
    check = town.broken(town.granted()).number
    front.log_in_again()
    answer = _take(front, "inspector1", check, "notify_revocation", basis=basis)
    if concrete:
        assert answer.status_code == 202, answer.text
    else:
        assert _codes(answer, "第六十九条") == {"revocation_basis_vague"}


def test_a_revocation_tells_of_its_notice(front: Front, town: Town) -> None:
    granted = town.granted()
    check = town.revoked(granted).number
    front.log_in_again()
    papers = front.get("inspector1", f"/cases/{check}").json()["documents"]
    number = next(one["number"] for one in papers if one["key"] == "revocation_notice")
    decision = next(one["id"] for one in papers if one["key"] == "revocation_decision")
    text = printed_text(front.get("inspector1", f"/cases/{check}/documents/{decision}").content)
    assert f"《撤销行政许可事先告知书》（{number}" in text


def test_nobody_gives_back_what_he_was_told_will_be_taken(front: Front, town: Town) -> None:
    granted = town.granted()
    check_to(town, granted, "closed")
    licence = town.relative(granted, "licence").number
    penalty = penalised(town, CANCELLING, NOTIFIED)
    given = usual("licence", "request_closure")
    answer = front.step("applicant", licence, "request_closure", given)
    assert _codes(answer) == {"business_open"}
    assert penalty in answer.text
