"""Others whose interests a licence touches are told, heard and answered before it is granted
(许可法36, 45, 47, 48), over HTTP."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from casework.audit.proof import verify_case
from casework.common.timekeeping import ZONE
from casework.models import CaseClock, Document
from casework.rules.rendering import printed_text
from casework.rules.versions import VersionCache
from state_machines.licensing.instant_licence.process import INSTANT_LICENCE
from tests.support.former import under_former_versions
from tests.support.front import Front, refused
from tests.support.journeys import address, apply_to, joint_to, usual
from tests.support.processes.interested_party import INTERESTED, NEIGHBOUR, OWN_MOTION
from tests.support.rules import set_key
from tests.support.signed import pdf
from tests.support.town import CODES, PERMIT, Town, hearing, look

PAUSE = {
    "kind": "听证",
    "days": 30,
    "expected_until": "2026-10-12",
    "reason": "利害关系人要求听证",
}


def _codes(answer: Any, law: str = "") -> set[str]:
    problem = refused(answer, 409, "guard-refused")
    assert all(law in one["law"] for one in problem["reasons"]), problem["reasons"]
    return {one["code"] for one in problem["reasons"]}


def _take(front: Front, who: str, number: str, step: str, **changes: Any) -> Any:
    front.log_in_again()
    said = {**usual(front.town.case(number).process, step), **changes}
    return front.step(who, number, step, said)


def _done(front: Front, who: str, number: str, step: str, **changes: Any) -> None:
    answer = _take(front, who, number, step, **changes)
    assert answer.status_code == 200, answer.text


def _register(front: Front, number: str, by: str = "reviewer", **changes: Any) -> str:
    """A neighbour is registered; gives the number of the case in which it is heard."""
    _done(front, by, number, "register_interested", **{**INTERESTED, **changes})
    return front.town.newest("interested_party")


def _told(front: Front, number: str) -> None:
    _done(front, "reviewer", number, "tell_interested")
    _done(front, "reviewer", number, "serve_notice")


def _waived(front: Front, number: str, by: str) -> None:
    """Told, waived by itself, and closed."""
    _told(front, number)
    _done(front, by, number, "waive_defence")
    _done(front, by, number, "waive_hearing")


def _applicant(front: Front, number: str, by: str = "reviewer") -> str:
    _done(front, by, number, "tell_applicant")
    return front.town.newest("interested_party")


def _whole(town: Town, *numbers: str) -> bool:
    with town.session() as session:
        return all(verify_case(session, town.case(one), VersionCache()) == [] for one in numbers)


def _letter(town: Town, number: str, key: str) -> str:
    with town.session() as session:
        return printed_text(
            session.scalars(
                select(Document.content)
                .where(Document.case_id == town.case(number).id, Document.key == key)
                .order_by(Document.id.desc())
            ).first()
        )


def _reviewed(town: Town) -> str:
    """An application by the ordinary route that two officers found good."""
    number = apply_to(town, "ordinary_review", address(1))
    town.take(number, "check_site", "reviewer+inspector1", look(met=True))
    return number


def test_nothing_is_granted_before_the_neighbour_is_told_and_heard(
    front: Front, town: Town
) -> None:
    number = _reviewed(town)
    bare = front.step("reviewer", number, "register_interested", dict(INTERESTED), empty=True)
    assert _codes(bare, "第三十六条") == {"interest_unproved"}
    neighbour = _register(front, number)
    assert _codes(_take(front, "approver", number, "grant"), "第三十六条") == {"interested_untold"}
    # The neighbour is a party of its own case, and sees nothing of the application's.
    assert front.get("applicant2", f"/cases/{neighbour}").status_code == 200
    assert front.get("applicant2", f"/cases/{number}").status_code == 404
    assert front.get("applicant", f"/cases/{neighbour}").status_code == 404
    _told(front, neighbour)
    letter = _letter(town, neighbour, "interested_notice")
    assert "南通滨江宾馆有限公司" in letter
    assert INTERESTED["interest"] in letter
    assert "不承担" in letter
    assert _codes(_take(front, "approver", number, "grant"), "第四十七条") == {"applicant_untold"}
    applicant = _applicant(front, number)
    _waived(front, applicant, "applicant")
    # What it states does not end its time; nobody's part is closed while another may still ask.
    _done(front, "applicant2", neighbour, "state_defence")
    assert _codes(_take(front, "reviewer", neighbour, "consider_opinions")) == {"hearing_pending"}
    assert _codes(_take(front, "reviewer", applicant, "consider_opinions"), "第四十七条") == {
        "others_may_still_ask"
    }
    assert _codes(_take(front, "approver", number, "grant")) == {"interested_unheard"}
    town.time.pass_(days=9)
    for one in (neighbour, applicant):
        _done(front, "reviewer", one, "consider_opinions")
    _done(front, "approver", number, "grant")
    decision = _letter(town, number, "grant_decision")
    assert "第三十六条、第四十七条" in decision
    assert "要求排风口改向。本机关意见：予以采纳，申请人已经改向。" in decision
    assert _whole(town, number, neighbour, applicant)


@pytest.mark.parametrize("former", [False, True])
def test_a_neighbour_whom_nobody_finds_holds_up_no_grant(
    front: Front, town: Town, former: bool
) -> None:
    """It is told by announcement, and has its whole time from the end of that."""
    with under_former_versions(town) if former else nullcontext():
        number = _reviewed(town)
        neighbour, applicant = _register(front, number), _applicant(front, number)
    _waived(front, applicant, "applicant")
    _done(front, "reviewer", neighbour, "tell_interested")
    for way in ("直接送达", "邮寄送达"):
        _done(front, "reviewer", neighbour, "record_try_notice", way=way)
    _done(front, "reviewer", neighbour, "announce_notice")
    runs = _take(front, "reviewer", neighbour, "end_announcement_notice")
    assert _codes(runs, "第九十五条") == {"announcement_runs"}
    town.time.pass_(days=39)
    assert "notice_not_served" in _codes(_take(front, "reviewer", neighbour, "consider_opinions"))
    _done(front, "reviewer", neighbour, "end_announcement_notice")
    assert "party_time_pending" in _codes(_take(front, "reviewer", neighbour, "consider_opinions"))
    assert _codes(_take(front, "reviewer", applicant, "consider_opinions"), "第四十七条") == {
        "others_may_still_ask"
    }
    town.time.pass_(days=16)
    for one in (neighbour, applicant):
        _done(front, "reviewer", one, "consider_opinions")
    _done(front, "approver", number, "grant")
    assert _whole(town, number, neighbour, applicant)


def test_what_is_entered_late_shortens_nobody_s_time_to_ask(front: Front, town: Town) -> None:
    number = _reviewed(town)
    neighbour = _register(front, number)
    applicant = _applicant(front, number)
    _waived(front, applicant, "applicant")
    _done(front, "reviewer", neighbour, "tell_interested")
    town.time.go_to(date(2026, 9, 4))
    _done(front, "reviewer", neighbour, "serve_notice", on="2026-09-01")
    # Five working days from the service were over on the 8th, from its entry on the 11th.
    for day in (9, 11):
        town.time.go_to(date(2026, 9, day))
        answer = _take(front, "reviewer", applicant, "consider_opinions")
        assert _codes(answer, "第四十七条") == {"others_may_still_ask"}
    town.time.go_to(date(2026, 9, 14))
    _done(front, "reviewer", applicant, "consider_opinions")


def test_the_neighbour_of_an_undelivered_notice_has_all_its_time(front: Front, town: Town) -> None:
    number = _reviewed(town)
    neighbour = _register(front, number)
    _done(front, "reviewer", neighbour, "tell_interested")
    bare = front.step(
        "reviewer", neighbour, "serve_notice", usual("interested_party", "serve_notice"), empty=True
    )
    assert _codes(bare, "第八十七条") == {"no_signed_receipt"}
    town.time.pass_(days=30)
    assert _codes(_take(front, "reviewer", neighbour, "consider_opinions")) == {"notice_not_served"}
    assert _codes(_take(front, "approver", number, "grant")) == {"applicant_untold"}


def test_a_neighbour_gives_up_its_time_only_in_writing(front: Front, town: Town) -> None:
    neighbour = _register(front, _reviewed(town))
    _told(front, neighbour)
    agent = {
        "name": "周小琴",
        "id_kind": "id",
        "id_code": "11010519491231002X",
        "capacity": "agent",
        "scope": ["file"],
        "valid_from": "2026-08-01",
        "valid_to": "2027-07-31",
    }
    answer = front.post("window", f"/parties/{NEIGHBOUR}/mandates", agent)
    assert answer.status_code == 201, answer.text
    by = {"mandate": answer.json()["id"]}
    for step in ("waive_defence", "waive_hearing"):
        answer = front.step("window", neighbour, step, empty=True, **by)
        assert _codes(answer) == {"no_signed_statement"}
    # One paper says both.
    assert front.upload("window", neighbour, "party_statement", "声明.pdf").status_code == 201
    for step in ("waive_defence", "waive_hearing"):
        assert front.step("window", neighbour, step, empty=True, **by).status_code == 200
    _done(front, "reviewer", neighbour, "consider_opinions")
    assert town.case(neighbour).state == "heard"


def test_a_hearing_is_asked_for_in_time_or_not_at_all(front: Front, town: Town) -> None:
    number = _reviewed(town)
    neighbour = _register(front, number)
    _told(front, neighbour)
    early = _take(front, "reviewer", neighbour, "schedule_hearing", on="2026-09-21")
    assert _codes(early, "第四十七条") == {"no_hearing_called"}
    town.time.pass_(days=9)  # five working days are over
    assert _codes(_take(front, "applicant2", neighbour, "request_hearing"), "第四十七条") == {
        "hearing_too_late"
    }


def _due(town: Town, number: str, clock: str) -> CaseClock:
    with town.session() as session:
        found = select(CaseClock).where(
            CaseClock.case_id == town.case(number).id, CaseClock.name == clock
        )
        return session.scalars(found.order_by(CaseClock.run.desc())).first()


def test_one_hearing_for_all_stops_the_limit_and_carries_the_decision(
    front: Front, town: Town
) -> None:
    number = _reviewed(town)
    neighbour, applicant = _register(front, number), _applicant(front, number)
    assert _codes(_take(front, "reviewer", number, "pause", **PAUSE), "第四十五条") == {
        "no_hearing_called"
    }
    _told(front, neighbour)
    _told(front, applicant)
    _done(front, "applicant", applicant, "waive_defence")
    _done(front, "applicant", applicant, "waive_hearing")
    _done(front, "applicant2", neighbour, "request_hearing")
    assert _due(town, neighbour, "hearing").due_on == date(2026, 9, 29)  # 20 working days
    before = _due(town, number, "decision").due_on
    _done(front, "reviewer", number, "pause", **PAUSE)
    assert _due(town, number, "decision").due_on is None
    assert _codes(_take(front, "reviewer", applicant, "consider_opinions"), "第四十七条") == {
        "called_hearing_pending"
    }
    soon = _take(front, "reviewer", neighbour, "schedule_hearing", on="2026-09-08")
    assert _codes(soon) == {"hearing_too_soon"}
    # Whoever examined the application does not chair (许可法48).
    own = _take(front, "reviewer", neighbour, "schedule_hearing", on="2026-09-18", chair="reviewer")
    assert _codes(own) == {"chair_unknown"}
    _done(front, "reviewer", neighbour, "schedule_hearing", on="2026-09-18")
    _done(front, "reviewer", neighbour, "serve_hearing")
    town.time.go_to(date(2026, 9, 18))
    alone = _take(front, "chair", neighbour, "hold_hearing")
    assert _codes(alone, "第四十八条") == {"hearing_not_told_to_all"}
    # So it is put to another day, and both are called.
    _done(front, "reviewer", applicant, "schedule_hearing", on="2026-09-30")
    assert "没有" not in _letter(town, applicant, "hearing_notice").split("要求听证")[0]
    assert "有权参加听证" in _letter(town, applicant, "hearing_notice")
    _done(front, "reviewer", applicant, "serve_hearing")
    _done(front, "reviewer", neighbour, "schedule_hearing", on="2026-10-08")
    _done(front, "reviewer", neighbour, "serve_hearing")
    town.time.go_to(date(2026, 9, 30))
    assert _codes(_take(front, "chair", applicant, "hold_hearing"), "第四十八条") == {
        "hearing_not_the_same"
    }
    _done(front, "reviewer", applicant, "schedule_hearing", on="2026-10-20")
    _done(front, "reviewer", applicant, "serve_hearing")
    _done(front, "reviewer", neighbour, "schedule_hearing", on="2026-10-20")
    _done(front, "reviewer", neighbour, "serve_hearing")
    town.time.go_to(date(2026, 10, 20))
    for one in (neighbour, applicant):
        _done(front, "chair", one, "hold_hearing")
        assert "审查人员（签名）" in _letter(town, one, "hearing_record")
    for one in (neighbour, applicant):
        _done(front, "reviewer", one, "consider_opinions")
    # On the day of which the applicant was told the limit went on by itself.
    town.office.catch_up(town.case(number).id)
    assert town.case(number).state == "ordinary_review"
    assert _due(town, number, "decision").stops[-1]["last"] == PAUSE["expected_until"]
    assert _due(town, number, "decision").due_on > before
    _done(front, "approver", number, "grant")
    decision = _letter(town, number, "grant_decision")
    assert "2026年10月20日举行的听证" in decision
    assert "根据听证笔录作出" in decision
    assert _whole(town, number, neighbour, applicant)


def test_a_promise_is_no_way_round_the_neighbour(front: Front, town: Town) -> None:
    number = town.committed()
    _register(front, number, by="window")
    assert town.case(number).state == "ordinary_review"
    codes = _codes(_take(front, "approver", number, "grant"))
    assert codes == {"interested_untold", "site_check_missing"}
    neighbour, applicant = town.newest("interested_party"), _applicant(front, number)
    for one, by in ((neighbour, "applicant2"), (applicant, "applicant")):
        _waived(front, one, by)
    for one in (neighbour, applicant):
        _done(front, "reviewer", one, "consider_opinions")
    town.take(number, "check_site", "reviewer+inspector1", look(met=True))
    _done(front, "approver", number, "grant")
    # It is granted on what was seen, and the decision says nothing of the promise.
    assert "签署告知承诺书" not in _letter(town, number, "grant_decision")


def test_who_comes_later_brings_the_applicant_back(front: Front, town: Town) -> None:
    number = _reviewed(town)
    neighbour, applicant = _register(front, number), _applicant(front, number)
    for one, by in ((neighbour, "applicant2"), (applicant, "applicant")):
        _waived(front, one, by)
    for one in (neighbour, applicant):
        _done(front, "reviewer", one, "consider_opinions")
    town.time.pass_(minutes=1)
    town.register(CODES[0])
    front.upload("reviewer", number, "interest_proof", "另一异议.pdf", pdf("2"))
    later = _register(front, number, code=CODES[0])
    assert _codes(_take(front, "approver", number, "grant")) == {"interested_untold"}
    _done(front, "reviewer", later, "tell_interested")
    _done(front, "reviewer", later, "serve_notice", recipient="顾明远")
    # It was heard about another's interest only.
    assert _codes(_take(front, "approver", number, "grant")) == {"applicant_untold"}


def test_who_is_registered_is_known_and_somebody_else(front: Front, town: Town) -> None:
    number = _reviewed(town)
    assert _codes(_take(front, "reviewer", number, "tell_applicant"), "第四十七条") == {
        "no_interested_party"
    }
    front.upload("reviewer", number, "interest_proof", "异议.pdf")
    own = {**INTERESTED, "code": "91440300708461136T"}
    assert _codes(_take(front, "reviewer", number, "register_interested", **own)) == {
        "interested_is_applicant"
    }
    unknown = {**INTERESTED, "code": "91320602MA1W01000L"}
    assert _take(front, "reviewer", number, "register_interested", **unknown).status_code == 422
    _register(front, number)
    # Each is shown by papers of its own.
    assert _codes(
        front.step("reviewer", number, "register_interested", dict(INTERESTED), empty=True)
    ) == {
        "interest_unproved",
        "interested_known",
    }
    front.upload("reviewer", number, "interest_proof", "另一异议.pdf", pdf("2"))
    assert _codes(_take(front, "reviewer", number, "register_interested", **INTERESTED)) == {
        "interested_known"
    }
    _applicant(front, number)
    assert _codes(_take(front, "reviewer", number, "tell_applicant")) == {"applicant_told"}


def test_nobody_is_left_off_while_there_is_something_to_decide(front: Front, town: Town) -> None:
    number = _reviewed(town)
    neighbour = _register(front, number)
    assert _codes(_take(front, "reviewer", neighbour, "leave_off"), "第三十六条") == {
        "application_not_over"
    }
    _done(front, "applicant", number, "withdraw")
    _done(front, "reviewer", neighbour, "leave_off")
    assert _whole(town, number, neighbour)


@pytest.mark.parametrize("alone", [False, True])
def test_a_licence_for_radiation_waits_for_the_neighbour(
    front: Front, town: Town, alone: bool
) -> None:
    """Also where one item of a joint application goes on alone."""
    number = joint_to(town, "both_passed" if not alone else "dispatched", address(2))
    neighbour = _register(front, number, by="window")
    decided, grant = number, "decide_health"
    if alone:
        _done(front, "applicant", number, "drop_eco")
        decided = town.relative(number, "single_health").number
        _done(front, "reviewer", decided, "pass_health")
        assert _codes(_take(front, "reviewer", neighbour, "leave_off")) == {"application_not_over"}
    answer = _take(front, "approver", decided, grant, **PERMIT)
    assert _codes(answer, "第三十六条") == {"interested_untold"}
    applicant = _applicant(front, decided, by="reviewer" if alone else "window")
    _waived(front, neighbour, "applicant2")
    early = _take(front, "reviewer", neighbour, "consider_opinions")
    assert _codes(early) == {"others_may_still_ask"}
    _waived(front, applicant, "applicant")
    for one in (neighbour, applicant):
        _done(front, "reviewer", one, "consider_opinions")
    _done(front, "approver", decided, grant, **PERMIT)
    assert "听取意见如下" in _letter(town, decided, "radiation_grant")
    assert _whole(town, decided, neighbour, applicant)


def test_the_ecology_bureau_hears_the_neighbour_of_what_it_decides_alone(
    front: Front, town: Town
) -> None:
    """Who turns up once the items went apart is heard by the bureau that decides, as elsewhere."""
    number = joint_to(town, "dispatched", address(3))
    _done(front, "applicant", number, "drop_health")
    alone = town.relative(number, "single_eco").number
    _done(front, "eco", alone, "pass_eco")
    neighbour = _register(front, alone, by="eco")
    answer = _take(front, "eco_approver", alone, "decide_eco", **PERMIT)
    assert _codes(answer, "第三十六条") == {"interested_untold"}
    applicant = _applicant(front, alone, by="eco")
    for one, by in ((neighbour, "applicant2"), (applicant, "applicant")):
        _done(front, "eco", one, "tell_interested")
        _done(front, "eco", one, "serve_notice")
        _done(front, by, one, "waive_defence")
        _done(front, by, one, "waive_hearing")
        told = [notice["subject"] for notice in front.get("eco", "/notices").json()]
        assert f"明确放弃听证：{one}" in told
    answer = _take(front, "eco_approver", alone, "decide_eco", **PERMIT)
    assert _codes(answer) == {"interested_unheard"}
    for one in (neighbour, applicant):
        _done(front, "eco", one, "consider_opinions")
    _done(front, "eco_approver", alone, "decide_eco", **PERMIT)
    assert _whole(town, alone, neighbour, applicant)


def test_an_application_of_an_older_version_waits_for_the_neighbour_too(
    front: Front, town: Town
) -> None:
    added = ("register_interested", "tell_applicant")
    old = replace(
        INSTANT_LICENCE,
        steps=tuple(step for step in INSTANT_LICENCE.steps if step.name not in added),
    )
    with under_former_versions(town, {old.key: old}):
        number = _reviewed(town)
    _register(front, number)
    assert _codes(_take(front, "approver", number, "grant")) == {"interested_untold"}


def _rulebook_wants_a_hearing(town: Town, *named: str) -> None:
    with town.session() as session:
        set_key(session, "licensing.hearing_due", value=list(named))


def _heard_of_own_motion(front: Front, number: str) -> str:
    """The applicant is told, called and heard; gives the number of its case."""
    applicant = _applicant(front, number)
    _told(front, applicant)
    for step in ("waive_defence", "waive_hearing"):
        _done(front, "applicant", applicant, step)
    answer = _take(front, "reviewer", applicant, "consider_opinions")
    assert _codes(answer, "第四十七条") == {"called_hearing_pending"}
    on = "2026-09-21"
    _done(front, "reviewer", applicant, "schedule_hearing", **{**hearing(), "on": on})
    _done(front, "reviewer", applicant, "serve_hearing")
    return applicant


@pytest.mark.parametrize("former", [False, True])
def test_the_authority_holds_a_hearing_for_which_nobody_asked(
    front: Front, town: Town, former: bool
) -> None:
    """It tells the public, and grants nothing before the hearing was held (许可法46)."""
    with under_former_versions(town) if former else nullcontext():
        number = _reviewed(town)
    bare = front.step("reviewer", number, "call_hearing", dict(OWN_MOTION), empty=True)
    assert _codes(bare, "第四十六条") == {"no_hearing_announcement"}
    assert _codes(_take(front, "reviewer", number, "tell_applicant")) == {"no_interested_party"}
    _done(front, "reviewer", number, "call_hearing")
    assert _codes(_take(front, "reviewer", number, "call_hearing")) == {"own_hearing_called"}
    answer = _take(front, "approver", number, "grant")
    assert _codes(answer, "第四十六条") == {"own_hearing_not_held"}
    applicant = _heard_of_own_motion(front, number)
    assert "本机关已经决定就该许可事项依职权举行听证" in _letter(
        town, applicant, "interested_notice"
    )
    notice = _letter(town, applicant, "hearing_notice")
    assert "第四十六条、第四十八条的规定依职权举行听证" in notice
    assert "听证照常举行" in notice
    # It is not the applicant's to take back, nor over because nobody came.
    answer = _take(front, "applicant", applicant, "withdraw_hearing")
    assert _codes(answer, "第四十六条") == {"own_hearing_goes_on"}
    town.time.go_to(datetime(2026, 9, 21, 9, 0, tzinfo=ZONE))
    answer = _take(front, "chair", applicant, "abandon_hearing")
    assert "own_hearing_goes_on" in _codes(answer)
    _done(front, "chair", applicant, "hold_hearing")
    _done(front, "reviewer", applicant, "consider_opinions")
    _done(front, "approver", number, "grant")
    assert _whole(town, number, applicant)


def test_what_the_rulebook_names_is_heard_before_it_is_granted(front: Front, town: Town) -> None:
    number = _reviewed(town)
    kind = town.case(number).data["application"]["place_kind"]
    _rulebook_wants_a_hearing(town, f"public_place_hygiene/{kind}")
    answer = _take(front, "approver", number, "grant")
    assert _codes(answer, "第四十六条") == {"own_hearing_due"}
    _done(front, "reviewer", number, "call_hearing")
    assert _codes(_take(front, "approver", number, "grant")) == {"own_hearing_not_held"}


def test_a_hearing_may_be_called_after_everybody_was_heard(front: Front, town: Town) -> None:
    """Then the applicant is told anew, and the hearing is still to come."""
    number = _reviewed(town)
    neighbour, applicant = _register(front, number), _applicant(front, number)
    _waived(front, neighbour, "applicant2")
    _waived(front, applicant, "applicant")
    for one in (neighbour, applicant):
        _done(front, "reviewer", one, "consider_opinions")
    _done(front, "reviewer", number, "call_hearing")
    answer = _take(front, "approver", number, "grant")
    assert "own_hearing_not_held" in _codes(answer)
    again = _heard_of_own_motion(front, number)
    assert again != applicant
    assert _codes(_take(front, "reviewer", number, "tell_applicant")) == {"applicant_told"}
