"""Doors that stood open where an application is decided: called a forger without a word, turned
away on a pick. Each is refused over HTTP with its article, in cases of older versions too, and the
lawful way goes on."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import docx
import pytest
from sqlalchemy import select, update

from casework.acts.actors import Actor
from casework.audit.proof import verify_case
from casework.common.timekeeping import ZONE
from casework.models import Account, Case, Document, Mandate, Party
from casework.rules.rendering import printed_text
from casework.rules.versions import VersionCache
from state_machines.language.vocabulary import Process, Step
from state_machines.licensing.instant_licence.process import INSTANT_LICENCE
from state_machines.parts.prior_notice.forms import GIVE_PRIOR_NOTICE
from state_machines.radiation.one_matter.process import ONE_MATTER
from state_machines.radiation.single.process import SINGLE_ECO
from tests.support.desk import opened
from tests.support.former import under_former_versions
from tests.support.front import Front, refused
from tests.support.journeys import (
    FORGERY_TOLD,
    OVERTURNED,
    PROMISING,
    address,
    apply_to,
    change_of,
    check_to,
    deferred,
    follow,
    joint_to,
    renewal_of,
    single_to,
    told_before,
    usual,
)
from tests.support.penalties import INPUTS, SPOT_WAYS, go, open_lead, penalty_to
from tests.support.people import newcomer
from tests.support.processes.interested_party import INTERESTED
from tests.support.rules import set_key
from tests.support.signed import SMALL_PDF, pdf
from tests.support.town import (
    ACCEPTED,
    MATERIALS,
    NOTICE,
    START,
    Town,
    application,
    joint_application,
    look,
)

FIRM = "91440300708461136T"
FALSE = {
    "ground": "隐瞒有关情况或者提供虚假材料",
    "facts": "检测报告系伪造",
    "reasons": "提供虚假材料",
}


def _codes(answer: Any, law: str = "") -> set[str]:
    problem = refused(answer, 409, "guard-refused")
    assert all(law in one["law"] for one in problem["reasons"]), problem["reasons"]
    return {one["code"] for one in problem["reasons"]}


def _whole(town: Town, number: str) -> bool:
    with town.session() as session:
        return verify_case(session, town.case(number), VersionCache()) == []


def _without(process: Process, *steps: str) -> Process:
    """A version that did not know these steps yet."""

    def known(given: tuple[Step, ...]) -> tuple[Step, ...]:
        return tuple(one for one in given if one.name not in steps)

    tracks = tuple(replace(one, steps=known(one.steps)) for one in process.tracks)
    return replace(process, steps=known(process.steps), tracks=tracks)


# --- False material 虚假材料 ------------------------------------------------------------------

_TELLING = (
    GIVE_PRIOR_NOTICE,
    "serve_prior_notice",
    "answer_prior_notice",
    "waive_prior_notice",
    "review_prior_notice",
)


_TELLING_ECO = tuple(f"{step}_eco" for step in _TELLING[:-1])
# How it comes before its decision, who tells, who refuses, by which step.
_REFUSED: Mapping[str, tuple[Callable[[Town], str], str, str, str]] = {
    "instant_licence": (
        lambda town: apply_to(town, "committed", address(7)), "reviewer", "approver", "refuse",
    ),
    "one_matter": (
        lambda town: joint_to(town, "not_all_passed", address(7)),
        "eco", "eco_approver", "refuse_eco",
    ),
    "single_eco": (
        lambda town: single_to(town, "single_eco", "failed", address(7)),
        "eco", "eco_approver", "refuse_eco",
    ),
}  # fmt: skip


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize("what", ["instant_licence", "one_matter", "single_eco"])
def test_nobody_is_called_a_forger_unheard(
    front: Front, town: Town, what: str, former: bool
) -> None:
    made, by, head, step = _REFUSED[what]
    if former:
        known = {one.key: one for one in (INSTANT_LICENCE, ONE_MATTER, SINGLE_ECO)}
        with under_former_versions(town, {what: _without(known[what], *_TELLING, *_TELLING_ECO)}):
            number = made(town)
    else:
        number = made(town)
    # On what it is said to be false is on file; where a review has failed, that is.
    if what == "instant_licence":
        front.upload("reviewer", number, "refusal_finding", "核实记录.pdf")
    assert _codes(front.step(head, number, step, FALSE), "第七十八条") == {"prior_notice_missing"}
    # In a joint matter the ecology bureau tells of its own refusal.
    give, serve, answer, waive = _TELLING_ECO if what == "one_matter" else _TELLING[:-1]
    told = usual(what, give)
    assert front.step(by, number, give, told).status_code == 200
    assert _codes(front.step(head, number, step, FALSE)) == {"prior_notice_not_served"}
    served = front.step(by, number, serve, usual(what, serve))
    assert served.status_code == 200
    said = {"text": "报告由检测机构出具，请向其核实"}
    assert front.step("applicant", number, answer, said).status_code == 200
    # What it said does not end its time.
    assert _codes(front.step(head, number, step, FALSE)) == {"prior_time_pending"}
    assert front.step("applicant", number, waive).status_code == 200
    # The ecology bureau's lawyers do not work here.
    if what == "instant_licence":
        assert _codes(front.step(head, number, step, FALSE)) == {"prior_review_missing"}
        follow(town, number, ("review_prior_notice", "legal"))
    other = {**FALSE, "facts": "平面图系伪造"}
    assert _codes(front.step(head, number, step, other)) == {"prior_notice_differs"}
    assert front.step(head, number, step, FALSE).status_code == 200
    assert _whole(town, number)
    # Whoever was found to have forged, and has the decision (许可法44), applies for the same again
    # in a year.
    joint = what != "instant_licence"

    def again(place: int) -> Any:
        asked = joint_application if joint else application
        filed = town.file("one_matter" if joint else what, asked(address=address(place)))
        return front.step("applicant", filed, "submit")

    if joint:
        assert again(8).status_code == 200
    serving = "serve_refuse_eco" if what == "one_matter" else "serve_decision"
    follow(town, number, (serving, "eco" if what == "single_eco" else "window"))
    assert "application_barred" in _codes(again(9))


def test_the_ecology_bureau_speaks_for_itself_in_a_joint_matter(front: Front, town: Town) -> None:
    """It tells of its own refusal, by a letter of its own, which nobody of the commission gives."""
    number = joint_to(town, "not_all_passed", address(7))
    refused_by_eco = partial(front.step, "eco_approver", number, "refuse_eco", FALSE)
    follow(town, number, *told_before("reviewer"))
    assert _codes(refused_by_eco(), "第七十八条") == {"prior_notice_missing"}
    answer = front.step("reviewer", number, "give_prior_notice_eco", FORGERY_TOLD)
    refused(answer, 403, "not-allowed")
    follow(town, number, ("give_prior_notice_eco", "eco"))
    follow(town, number, ("serve_prior_notice_eco", "eco"), ("waive_prior_notice_eco", "applicant"))
    with town.session() as session:
        case = town.case(number)
        letters = session.scalars(
            select(Document)
            .where(Document.case_id == case.id, Document.key.startswith("prior_notice"))
            .order_by(Document.id)
        ).all()
        of_health, of_eco = (printed_text(one.content) for one in letters)
    assert "生态环境局" in of_eco
    assert "生态环境局" not in of_health
    # Each department reads its own, and the applicant both.
    seen = {
        who: {one["key"] for one in front.get(who, f"/cases/{number}").json()["documents"]}
        for who in ("eco", "applicant")
    }
    assert {"prior_notice", "prior_notice_eco"} <= seen["applicant"]
    assert "prior_notice_eco" in seen["eco"]
    assert refused_by_eco().status_code == 200
    assert _whole(town, number)


def test_what_one_window_told_for_both_still_counts(front: Front, town: Town) -> None:
    """In a case of a version in which the ecology bureau had no notice of its own."""
    with under_former_versions(town, {"one_matter": _without(ONE_MATTER, *_TELLING_ECO)}):
        number = joint_to(town, "not_all_passed", address(7))
    follow(town, number, *told_before("reviewer"))
    assert front.step("eco_approver", number, "refuse_eco", FALSE).status_code == 200
    assert _whole(town, number)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_who_forged_renews_nothing_for_a_year(front: Front, town: Town, elsewhere: bool) -> None:
    """Of another place only where the office says so; the law bars from applying again."""
    with town.session() as session:
        set_key(session, "licensing.bar_renewal_elsewhere", value=elsewhere)
    town.time.instant = datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)
    granted = town.granted(address=address(1))
    town.time.go_to(date(2026, 8, 18))
    forged = apply_to(town, "ordinary_review", address(2))
    follow(town, forged, *told_before("reviewer"))
    front.upload("reviewer", forged, "refusal_finding", "核实记录.pdf")
    assert front.step("approver", forged, "refuse", FALSE).status_code == 200
    follow(town, forged, ("serve_decision", "window"))
    town.office.catch_up(town.relative(granted, "licence").id)
    renewal = renewal_of(town, granted)
    answer = front.step("applicant", renewal, "submit")
    if not elsewhere:
        assert answer.status_code == 200
        return
    assert _codes(answer, "第七十八条") == {"application_barred"}
    # Of a new head it still tells.
    change = change_of(town, granted)
    assert front.step("applicant", change, "submit").status_code == 200


FRAUD = {**NOTICE, "basis": "《中华人民共和国行政许可法》第六十九条第二款"}


def _revoked_after_false_promise(town: Town, granted: str, said: Mapping[str, str]) -> str:
    """The check of a granted application that found the promise false, up to a served revocation
    that says so; its number."""
    check = check_to(town, granted, "false_commitment")
    follow(
        town,
        check,
        ("notify_revocation", "inspector1+inspector2"),
        ("serve_notice", "inspector1"),
        ("waive_defence", "applicant"),
        ("waive_hearing", "applicant"),
        ("submit_review", "inspector1"),
        ("pass_review", "legal"),
        ("revoke", "approver"),
        ("serve", "inspector1"),
        notify_revocation=said,
        revoke=said,
    )
    return check


@pytest.mark.parametrize("how", ["quashed", "undone"])
def test_a_revocation_that_fell_bars_nobody(front: Front, town: Town, how: str) -> None:
    check = _revoked_after_false_promise(town, town.granted(address=address(1)), FRAUD)
    again = town.apply(address=address(2))
    town.attach(again)
    assert "application_barred" in _codes(front.step("applicant", again, "submit"), "许可法")
    if how == "quashed":
        follow(
            town,
            check,
            ("file_reconsideration", "legal"),
            ("change_by_reconsideration", "legal"),
        )
        assert town.case(check).state == "reinstated"
    else:
        follow(
            town,
            check,
            ("propose_undoing", "inspector1"),
            ("review_undoing", "legal"),
            ("undo_decision", "approver"),
            ("serve_undoing", "inspector1"),
        )
        assert town.case(check).state == "undoing_served"
    assert front.step("applicant", again, "submit").status_code == 200


def test_a_revocation_that_was_found_unlawful_still_bars(front: Front, town: Town) -> None:
    check = _revoked_after_false_promise(town, town.granted(address=address(1)), FRAUD)
    follow(town, check, ("file_reconsideration", "legal"))
    unlawful = {**OVERTURNED, "result": "确认违法"}
    follow(town, check, ("change_by_reconsideration", "legal"), change_by_reconsideration=unlawful)
    again = town.apply(address=address(2))
    town.attach(again)
    assert "application_barred" in _codes(front.step("applicant", again, "submit"), "第七十九条")


def test_only_what_was_got_by_fraud_bars_for_three_years(front: Front, town: Town) -> None:
    """许可法79 is about 69第二款; what is revoked by the first paragraph bars nobody."""
    _revoked_after_false_promise(town, town.granted(address=address(1)), NOTICE)
    again = town.apply(address=address(2))
    town.attach(again)
    assert front.step("applicant", again, "submit").status_code == 200


@pytest.mark.parametrize(
    "said",
    [
        {"basis": "《中华人民共和国行政许可法》第三十八条第二款"},
        {"proposed": "不予许可", "reasons": "不符合法定条件"},
    ],
)
def test_who_was_told_of_another_ground_is_called_no_forger(
    front: Front, town: Town, said: dict[str, str]
) -> None:
    """He answered that he meets the conditions, and would be barred for a year."""

    def tell(**changes: str) -> None:
        told = {**usual("instant_licence", "give_prior_notice"), **changes}
        assert front.step("reviewer", number, "give_prior_notice", told).status_code == 200
        served = usual("instant_licence", "serve_prior_notice")
        assert front.step("reviewer", number, "serve_prior_notice", served).status_code == 200
        assert front.step("applicant", number, "waive_prior_notice").status_code == 200
        follow(town, number, ("review_prior_notice", "legal"))

    number = apply_to(town, "committed", address(7))
    front.upload("reviewer", number, "refusal_finding", "核实记录.pdf")
    tell(**said)
    assert _codes(front.step("approver", number, "refuse", FALSE)) == {"prior_notice_differs"}
    tell()
    assert front.step("approver", number, "refuse", FALSE).status_code == 200


def test_a_refusal_on_conditions_needs_no_notice(front: Front, town: Town) -> None:
    number = apply_to(town, "ordinary_review", address(8))
    assert front.step("approver", number, "refuse", usual("instant_licence", "refuse")).is_success


# --- Another authority's 管辖 -----------------------------------------------------------------

_NOT_OURS = {"ground": "依法不属于本行政机关职权范围", "explanation": "不归我们管"}
_NEXT_DOOR = "南通市通州区卫生健康委员会"


def test_nobody_is_sent_away_on_a_pick(front: Front, town: Town) -> None:
    def codes(number: str, **said: str) -> set[str]:
        answer = front.step("window", number, "not_accept", {**_NOT_OURS, **said})
        return _codes(answer, "第三十二条")

    here = apply_to(town, "received", address(9))
    # Wherever the road is, no district is named but ours.
    assert codes(here, competent_body=_NEXT_DOOR) == {"authority_is_competent"}
    there = apply_to(town, "received", address(9).replace("崇川区", "通州区"))
    assert codes(there) == {"competent_body_missing"}
    assert codes(there, competent_body="市里") == {"competent_body_differs"}
    named = {**_NOT_OURS, "competent_body": _NEXT_DOOR}
    assert front.step("window", there, "not_accept", named).status_code == 200
    # What the regions known here do not tell, or another level decides, is on paper.
    far = apply_to(town, "received", "北京市朝阳区建国路1号")
    assert codes(far, competent_body="北京市朝阳区卫生健康委员会") == {"authority_is_competent"}
    kept = front.upload("window", far, "refusal_finding", "核实记录.pdf")
    assert kept.status_code == 201, kept.text
    assert codes(far) == {"competent_body_missing"}
    named = {**_NOT_OURS, "competent_body": "北京市朝阳区卫生健康委员会"}
    assert front.step("window", far, "not_accept", named).status_code == 200
    # What another department licenses is its own, wherever it is.
    cafe = town.apply(place_kind="cafe", address=address(10))
    follow(town, cafe, ("submit", "applicant"))
    assert codes(cafe) == {"competent_body_missing"}
    named = {**_NOT_OURS, "competent_body": "崇川区市场监督管理局"}
    assert front.step("window", cafe, "not_accept", named).status_code == 200
    joint = joint_to(town, "submitted", address(11))
    needless = {"ground": "依法不需要取得行政许可", "explanation": "设备很小"}
    answer = front.step("window", joint, "not_accept", needless)
    assert _codes(answer) == {"licence_is_needed"}


def test_what_lies_in_another_district_is_ours_by_a_paper_only(front: Front, town: Town) -> None:
    """A hotel in the next district, applied for here; an act there, punished here."""
    there = address(12).replace("崇川区", "通州区")
    hotel = apply_to(town, "received", there)
    accepted = front.step("window", hotel, "accept", ACCEPTED, empty=True)
    assert _codes(accepted, "《行政许可法》第二十四条") == {"jurisdiction_unproved"}
    kept = front.upload("window", hotel, "jurisdiction_paper", "委托书.pdf", pdf("委托书"))
    assert kept.status_code == 201, kept.text
    assert front.step("window", hotel, "accept", ACCEPTED, empty=True).status_code == 200

    number = open_lead(town, address=there, source="上级交办", reference="市卫健委指定本机关管辖")
    go(town, number, ("file", "handler1"))
    opinion = usual("penalty", "approve_filing")
    filed = front.step("approver", number, "approve_filing", opinion, empty=True)
    assert _codes(filed, "《行政处罚法》第二十二条、第二十五条") == {"designation_missing"}
    on_the_spot = open_lead(town, "simple_penalty", address=there)
    go(town, on_the_spot, *SPOT_WAYS["punished"][:-1])
    punished = front.step("handler1", on_the_spot, "punish", INPUTS["punish"], empty=True)
    assert "designation_missing" in _codes(punished)
    # The authority there gives nobody a mandate to punish.
    kept = front.upload("handler1", number, "jurisdiction_paper", "委托书.pdf")
    assert kept.status_code == 201, kept.text
    filed = front.step("approver", number, "approve_filing", opinion, empty=True)
    assert _codes(filed, "《行政处罚法》第二十二条、第二十五条") == {"designation_missing"}
    kept = front.upload("handler1", number, "designation_paper", "指定管辖决定书.pdf", pdf("指定"))
    assert kept.status_code == 201, kept.text
    filed = front.step("approver", number, "approve_filing", opinion, empty=True)
    assert filed.status_code == 200, filed.text


def test_silence_makes_no_authority_competent(front: Front, town: Town) -> None:
    """What nobody answered is accepted by law, and a filing by nobody: still it lies elsewhere."""
    there = address(30).replace("崇川区", "通州区")
    hotel = apply_to(town, "received", there)
    town.time.pass_(days=20)
    town.office.catch_up(town.case(hotel).id)
    assert town.case(hotel).state == "accepted"
    front.log_in_again()
    follow(town, hotel, *PROMISING)
    grant = front.step("approver", hotel, "grant", empty=True)
    assert _codes(grant, "《行政许可法》第二十四条") == {"jurisdiction_unproved"}
    shop = town.file("place_filing", application(place_kind="bookshop", address=there + "甲"))
    follow(town, shop, ("submit", "applicant"))
    recorded = front.step("window", shop, "record", empty=True)
    assert _codes(recorded, "《行政许可法》第二十四条") == {"jurisdiction_unproved"}
    for who, number, step in (("approver", hotel, "grant"), ("window", shop, "record")):
        kept = front.upload("window", number, "jurisdiction_paper", "委托书.pdf", pdf(number))
        assert kept.status_code == 201, kept.text
        assert front.step(who, number, step, empty=True).status_code == 200


def test_a_case_ends_here_once_it_came_to_the_other_authority(front: Front, town: Town) -> None:
    number = penalty_to(town, "investigating")
    given = usual("penalty", "transfer")
    letter = usual("penalty", "send_transfer")
    # Nobody receives what has not been written.
    assert front.upload("approver", number, "transfer_receipt", "先来的.pdf").status_code == 201
    early = front.step("approver", number, "transfer", given, empty=True)
    assert _codes(early, "第二十二条、第二十五条") == {"no_transfer_letter"}
    assert front.step("approver", number, "send_transfer", letter).status_code == 200
    assert "第五十七条" not in _letter(front, number)
    officials = {**letter, "kind": "涉嫌职务违法，移送监察机关", "to": "崇川区监察委员会"}
    assert front.step("approver", number, "send_transfer", officials).status_code == 200
    assert "《中华人民共和国监察法》" in _letter(front, number)
    assert "行政处罚法" not in _letter(front, number)
    # The act lies here: that somebody was written to makes it nobody else's.
    kept = front.upload("approver", number, "transfer_receipt", "回执.pdf", pdf("收到"))
    assert kept.status_code == 201
    bare = front.step("approver", number, "transfer", given, empty=True)
    assert _codes(bare, "第二十二条、第二十五条") == {"transfer_unaccepted"}
    kept = front.upload("approver", number, "transfer_acceptance", "复函.pdf", pdf("同意接收"))
    assert kept.status_code == 201
    assert front.step("approver", number, "transfer", given, empty=True).status_code == 200
    assert _whole(town, number)


def test_what_an_official_did_ends_no_case_of_a_firm(front: Front, town: Town) -> None:
    """The supervisory authority looks into the official, and the act of the firm stays here."""
    number = penalty_to(town, "investigating")
    letter = {
        **usual("penalty", "send_transfer"),
        "kind": "涉嫌职务违法，移送监察机关",
        "to": "崇川区监察委员会",
    }
    assert front.step("approver", number, "send_transfer", letter).status_code == 200
    for material in ("transfer_receipt", "transfer_acceptance"):
        kept = front.upload("approver", number, material, "回执.pdf", pdf(material))
        assert kept.status_code == 201
    given = usual("penalty", "transfer")
    answer = front.step("approver", number, "transfer", given, empty=True)
    assert _codes(answer) == {"no_transfer_letter"}


def _letter(front: Front, number: str, key: str = "transfer_letter") -> str:
    with front.town.session() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        letters = select(Document).where(Document.case_id == case.id, Document.key == key)
        row = session.scalars(letters.order_by(Document.id.desc()).limit(1)).one()
        return "\n".join(one.text for one in docx.Document(io.BytesIO(row.content)).paragraphs)


@pytest.mark.parametrize("process", ["penalty", "first_offence_exemption"])
def test_what_is_another_authoritys_is_not_just_dropped(
    front: Front, town: Town, process: str
) -> None:
    def refused_filing(number: str) -> Any:
        return front.step("approver", number, "refuse_filing", given, empty=True)

    given = {"ground": "不属于本机关管辖", "reason": "违法行为发生地在通州区"}
    there = address(31).replace("崇川区", "通州区")
    first, second = (opened(front, process, address=there) for _ in range(2))
    assert _codes(refused_filing(first), "第二十二条、第二十五条") == {"no_transfer_letter"}
    for number in (first, second):
        letter = usual("penalty", "send_transfer")
        assert front.step("approver", number, "send_transfer", letter).status_code == 200
    assert _codes(refused_filing(first), "第二十二条、第二十五条") == {"no_transfer_receipt"}
    for number in (first, second):
        kept = front.upload("handler1", number, "transfer_receipt", "邮寄凭证.pdf")
        assert kept.status_code == 201, kept.text
    assert refused_filing(first).json()["state"] == "not_filed"
    # The receipt of one case is none of another.
    assert _codes(refused_filing(second), "第二十五条") == {"no_transfer_receipt"}
    own = front.upload("handler1", second, "transfer_receipt", "回执.pdf", pdf("本案的回执"))
    assert own.status_code == 201
    assert refused_filing(second).json()["state"] == "not_filed"


# --- What is on file 在卷 ---------------------------------------------------------------------

_UNMET = {"ground": "不符合法定条件、标准", "facts": "室内空气不合格", "reasons": "不具备条件"}


@pytest.mark.parametrize("process", ["instant_licence", "licence_change"])
def test_nothing_is_refused_on_a_word(front: Front, town: Town, process: str) -> None:
    said: dict[str, str] = _UNMET
    if process == "instant_licence":
        number = apply_to(town, "committed", address(12))
    else:
        number = change_of(town, town.granted(address=address(12)))
        follow(town, number, ("submit", "applicant"), ("accept", "window"))
        said = {"facts": "材料不实", "reasons": "不符合变更条件"}
    bare = front.step("approver", number, "refuse", said, empty=True)
    assert _codes(bare, "第三十八条") == {"refusal_without_finding"}
    front.upload("reviewer", number, "refusal_finding", "审查意见.pdf")
    assert front.step("approver", number, "refuse", said, empty=True).status_code == 200


def test_a_look_that_found_it_all_is_no_ground(front: Front, town: Town) -> None:
    number = apply_to(town, "ordinary_review", address(13))
    front.upload("reviewer", number, "refusal_finding", "审查意见.pdf")
    town.take(number, "check_site", "reviewer+inspector1", look(met=True))
    # What was written before the look does not speak against it.
    bare = front.step("approver", number, "refuse", _UNMET, empty=True)
    assert _codes(bare) == {"refusal_without_finding"}
    town.take(number, "check_site", "reviewer+inspector1", look(met=False))
    assert front.step("approver", number, "refuse", _UNMET, empty=True).status_code == 200


def test_what_passed_its_review_is_not_refused_on_a_word(front: Front, town: Town) -> None:
    number = joint_to(town, "both_passed", address(14))
    bare = front.step("approver", number, "refuse_health", _UNMET, empty=True)
    assert _codes(bare) == {"refusal_without_finding"}
    failed = joint_to(town, "not_all_passed", address(15))
    assert front.step("eco_approver", failed, "refuse_eco", _UNMET, empty=True).is_success


def test_a_promise_is_about_what_was_there_when_it_was_signed(front: Front, town: Town) -> None:
    number = town.apply(address=address(16))
    required = MATERIALS["instant_licence"]
    town.attach(number, *required[1:])
    follow(town, number, ("submit", "applicant"))
    # The window lets it lie: the law accepts what is not whole.
    town.time.pass_(days=12)
    town.office.catch_up(town.case(number).id)
    front.log_in_again()
    follow(town, number, *PROMISING)
    town.attach(number, required[0])
    assert _codes(front.step("approver", number, "grant"), "42号") == {"material_after_promise"}
    back = {"reason": "材料后补，按一般程序办理"}
    assert front.step("applicant", number, "withdraw_commitment", back).status_code == 200
    town.take(number, "check_site", "reviewer+inspector1", look(met=True))
    assert front.step("approver", number, "grant").status_code == 200


def test_what_no_promise_carries_goes_the_ordinary_way(front: Front, town: Town) -> None:
    """The head turns it, says why, and the applicant is told; the time to decide runs on."""
    number = apply_to(town, "committed", address(27))
    seen = front.get("applicant", f"/cases/{number}").json()
    due = {one["name"]: one["due_on"] for one in seen["clocks"]}
    given = usual("instant_licence", "turn_to_ordinary")
    refused(front.step("window", number, "turn_to_ordinary", given), 403, "not-allowed")
    town.time.pass_(days=2)
    front.log_in_again()
    answer = front.step("approver", number, "turn_to_ordinary", given)
    assert answer.json()["state"] == "ordinary_review"
    seen = front.get("applicant", f"/cases/{number}").json()
    assert seen["documents"][-1]["title"] == "转一般程序办理告知书"
    clocks = {one["name"]: one["due_on"] for one in seen["clocks"] if one["live"]}
    assert clocks["decision"] == due["decision"]
    assert "已经签署" in _letter(front, number, "ordinary_route_notice")
    # What was promised carries nothing any more: two look, and the head decides.
    assert _codes(front.step("approver", number, "grant")) == {"site_check_missing"}
    town.take(number, "check_site", "reviewer+inspector1", look(met=True))
    assert front.step("approver", number, "grant").status_code == 200
    assert _whole(town, number)


def test_no_promise_is_turned_on_a_pick(front: Front, town: Town) -> None:
    number = apply_to(town, "committed", address(32))
    given = usual("instant_licence", "turn_to_ordinary")

    def turned(ground: str) -> Any:
        said = {**given, "ground": ground}
        return front.step("approver", number, "turn_to_ordinary", said, empty=True)

    record = "申请人有不适用告知承诺的情形"
    for ground in (
        "申请材料不能支持所作的承诺",
        "申请事项不在可以告知承诺的范围内",
        given["ground"],
    ):
        assert _codes(turned(ground), "42号") == {"turning_unfounded"}
    assert _codes(turned(record), "42号") == {"record_allows_promise"}
    kept = front.upload("reviewer", number, "refusal_finding", "核实记录.pdf")
    assert kept.status_code == 201, kept.text
    # A finding is no record.
    assert _codes(turned(record), "42号") == {"record_allows_promise"}
    assert turned(given["ground"]).status_code == 200


def test_a_record_turns_what_was_promised_before_it(front: Front, town: Town) -> None:
    granted = town.granted(address=address(33))
    number = apply_to(town, "committed", address(34))
    town.breached(granted)
    front.log_in_again()
    said = {
        **usual("instant_licence", "turn_to_ordinary"),
        "ground": "申请人有不适用告知承诺的情形",
    }
    answer = front.step("approver", number, "turn_to_ordinary", said, empty=True)
    assert answer.status_code == 200, answer.text


def test_nobody_is_told_of_a_promise_that_it_did_not_sign(front: Front, town: Town) -> None:
    number = apply_to(town, "informed", address(28))
    given = usual("instant_licence", "turn_to_ordinary")
    assert front.step("approver", number, "turn_to_ordinary", given).status_code == 200
    said = _letter(front, number, "ordinary_route_notice")
    assert "受理。经核实" in said
    assert "签署" not in said


@pytest.mark.parametrize("what", ["licence_renewal", "licence_change"])
def test_a_renewal_or_change_that_no_promise_carries(front: Front, town: Town, what: str) -> None:
    renewal = _going_on(town, what)
    given = usual("licence_renewal", "turn_to_ordinary")
    bare = front.step("approver", renewal, "turn_to_ordinary", given)
    assert _codes(bare) == {"no_promise"}
    follow(town, renewal, *PROMISING)
    assert front.step("approver", renewal, "turn_to_ordinary", given).status_code == 200
    # What was turned is not promised again.
    again = front.step("applicant", renewal, "commit", usual("licence_renewal", "commit"))
    assert _codes(again, "42号") == {"turned_to_ordinary"}
    refused(front.step("window", renewal, "grant"), 409, "guard-refused")
    assert front.step("approver", renewal, "grant").status_code == 409
    town.take(renewal, "check_site", "reviewer+inspector1", look(met=True))
    assert front.step("approver", renewal, "grant").status_code == 200


def test_what_may_follow_later_may_come_before_the_grant(front: Front, town: Town) -> None:
    number = town.apply(address=address(24))
    town.attach(number, *(one for one in MATERIALS["instant_licence"] if one != "management_rules"))
    accepted = {**ACCEPTED, "deferred": ["management_rules"]}
    told = (("submit", "applicant"), ("accept", "window"))
    follow(town, number, *told, *PROMISING, accept=accepted)
    town.attach(number, "management_rules")
    assert front.step("approver", number, "grant").status_code == 200


def test_what_is_returned_may_be_handed_in_again(front: Front, town: Town) -> None:
    granted = deferred(town, address(17))
    number = town.relative(granted, "deferral").number
    due = date.fromisoformat(town.case(number).data["application"]["due"])
    town.time.go_to(due, hour=16)
    front.log_in_again()
    follow(town, number, ("hand_in", "applicant"))
    wrong = {"what": "制度未盖章"}
    assert front.step("window", number, "return_items", wrong).status_code == 200
    town.time.pass_(days=1)
    town.office.catch_up(town.case(number).id)
    case = town.case(number)
    assert case.state == "awaiting_materials"
    again = date.fromisoformat(case.data["application"]["due"])
    assert again > due
    front.log_in_again()
    follow(town, number, ("hand_in", "applicant"))
    # It is returned after its day too, and has its time again.
    town.time.go_to(again)
    town.time.pass_(days=3)
    front.log_in_again()
    assert front.step("window", number, "return_items", wrong).status_code == 200
    town.office.catch_up(town.case(number).id)
    assert town.case(number).state == "awaiting_materials"
    # Returned early, it keeps the day it had.
    early = town.relative(deferred(town, address(18)), "deferral").number
    kept = town.case(early).data["application"]["due"]
    follow(town, early, ("hand_in", "applicant"), ("return_items", "window"))
    assert town.case(early).data["application"]["due"] == kept
    assert _whole(town, number)


# --- Others who are heard 利害关系人 -----------------------------------------------------------


@pytest.mark.parametrize("what", ["licence_renewal", "licence_change"])
def test_a_neighbour_is_heard_before_a_licence_goes_on(front: Front, town: Town, what: str) -> None:
    number = _going_on(town, what)
    follow(town, number, *PROMISING)
    town.take(number, "register_interested", "window", dict(INTERESTED))
    neighbour = town.newest("interested_party")
    # What weighs on others is not granted on a promise, be it signed again.
    follow(town, number, ("commit", "applicant"))
    codes = _codes(front.step("approver", number, "grant"))
    assert codes == {"interested_untold", "site_check_missing"}
    town.take(number, "check_site", "reviewer+inspector1", look(met=True))
    heard = (
        ("tell_interested", "reviewer"),
        ("serve_notice", "reviewer"),
        ("waive_defence", "applicant2"),
        ("waive_hearing", "applicant2"),
    )
    follow(town, neighbour, *heard)
    assert _codes(front.step("approver", number, "grant"), "第四十七条") == {"applicant_untold"}
    follow(town, number, ("tell_applicant", "window"))
    own = town.newest("interested_party")
    follow(town, own, *((step, by.replace("2", "")) for step, by in heard))
    assert _codes(front.step("approver", number, "grant")) == {"interested_unheard"}
    for one in (neighbour, own):
        follow(town, one, ("consider_opinions", "reviewer"))
    assert front.step("approver", number, "grant").status_code == 200
    assert all(_whole(town, one) for one in (number, neighbour, own))


@pytest.mark.parametrize("what", ["licence_renewal", "licence_change"])
def test_the_limit_of_what_goes_on_rests_for_a_hearing(front: Front, town: Town, what: str) -> None:
    """Without a stop the office decides before the hearing, or is late for having held it."""

    def due() -> str | None:
        clocks = front.get("reviewer", f"/cases/{number}").json()["clocks"]
        return next(one["due_on"] for one in clocks if one["name"] == "decision")

    number = _going_on(town, what)
    town.take(number, "register_interested", "window", dict(INTERESTED))
    neighbour = town.newest("interested_party")
    pause = {
        "kind": "听证",
        "days": 30,
        "expected_until": "2026-10-12",
        "reason": "利害关系人要求听证",
    }
    bare = front.step("reviewer", number, "pause", pause)
    assert _codes(bare, "第四十五条") == {"no_hearing_called"}
    told = (("tell_interested", "reviewer"), ("serve_notice", "reviewer"))
    follow(town, neighbour, *told, ("request_hearing", "applicant2"))
    before = due()
    answer = front.step("reviewer", number, "pause", pause)
    assert answer.json()["state"] == "paused_technical"
    assert due() is None
    # It goes on by itself when the day of which the applicant was told is over.
    town.time.go_to(date(2026, 10, 13))
    front.log_in_again()
    town.office.catch_up(town.case(number).id)
    assert town.case(number).state == "accepted"
    after = due()
    assert before is not None
    assert after is not None
    assert after > before
    assert "applicant_untold" in _codes(front.step("approver", number, "grant"))
    assert _whole(town, number)


def _going_on(town: Town, what: str) -> str:
    """A renewal, or a change of name, that the window has accepted."""
    if what == "licence_renewal":
        town.time.instant = datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)
        granted = town.granted(address=address(21))
        town.time.instant = START
        town.office.catch_up(town.relative(granted, "licence").id)
        number = renewal_of(town, granted)
    else:
        granted = town.granted(address=address(21))
        new = "南通江海宾馆有限公司"
        with town.session() as session:
            session.execute(update(Party).where(Party.code == FIRM).values(name=new))
        asked = {"kind": "变更单位名称", "place_name": new, "reason": "更名"}
        number = change_of(town, granted, **asked)
    follow(town, number, ("submit", "applicant"), ("accept", "window"))
    return number


@pytest.mark.parametrize("state", ["accepted", "granted"])
def test_a_renewal_ends_with_its_licence(front: Front, town: Town, state: str) -> None:
    number = _going_on(town, "licence_renewal")
    if state == "granted":
        follow(town, number, *PROMISING, ("grant", "window"))
    ended = {"ground": "申请所涉及的许可证已经失效", "evidence": "许可证已注销"}
    licence = town.relative(number, "licence").number
    assert _codes(front.step("window", number, "terminate", ended)) == {"licence_has_not_ended"}
    gone = {"ground": "被许可的法人或者其他组织依法终止", "reason": "公司注销"}
    assert front.step("approver", licence, "deregister", gone).status_code == 200
    assert front.step("window", number, "terminate", ended).status_code == 200
    assert town.case(number).state == "terminated"
    assert town.case(licence).state == "deregistered"
    assert _whole(town, number)


def test_a_promise_found_broken_is_not_made_again(front: Front, town: Town) -> None:
    granted = town.granted(address=address(22))
    check = check_to(town, granted, "rechecked")
    new = "南通江海宾馆有限公司"
    with town.session() as session:
        session.execute(update(Party).where(Party.code == FIRM).values(name=new))
    asked = {"kind": "变更单位名称", "place_name": new, "reason": "更名"}
    number = change_of(town, granted, **asked)
    told = (("submit", "applicant"), ("accept", "window"), ("inform", "window"))
    follow(town, number, *told, ("study", "applicant"))
    # What was seen is not yet found: the check may still end well.
    with town.session() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        verdicts = town.office.verdicts(session, case, town.people["applicant"])
        [commit] = [one for one in verdicts if one.step.name == "commit"]
    assert "check_found_broken" not in {one.code for one in commit.reasons}
    town.take(
        check, "find_broken", "inspector1+inspector2", usual("commitment_check", "find_broken")
    )
    signed = front.step("applicant", number, "commit", usual("licence_change", "commit"))
    assert _codes(signed, "42号") == {"check_found_broken"}


def test_an_agent_promises_nothing_without_a_power_on_file(front: Front, town: Town) -> None:
    number = apply_to(town, "informed", address(23))
    follow(town, number, ("study", "applicant"))
    day = town.time.now().date()
    agent = {
        "name": "周小琴",
        "id_kind": "id",
        "id_code": "11010519491231002X",
        "capacity": "agent",
        "scope": ["file", "promise"],
        "valid_from": day.isoformat(),
        "valid_to": (day + timedelta(days=30)).isoformat(),
    }
    mandate = front.post("window", f"/parties/{FIRM}/mandates", agent).json()["id"]
    newcomer(town, "agent")
    with town.session() as session:
        account = session.get_one(Account, town.people["agent"].account_id)
        account.person_id = session.get_one(Mandate, mandate).person_id
        town.people["agent"] = Actor(account.id, account.person_id, "周小琴")
    signed = {**usual("instant_licence", "commit"), "signer": "周小琴"}
    bare = front.step("agent", number, "commit", signed, empty=True)
    assert _codes(bare, "第一百六十五条") == {"power_not_on_file"}
    files = {"file": ("授权委托书.pdf", SMALL_PDF)}
    kept = front.ask("window", "POST", f"/mandates/{mandate}/papers", files=files)
    assert kept.status_code == 201, kept.text
    assert front.step("agent", number, "commit", signed, empty=True).status_code == 200


def test_an_application_holds_no_place_against_another_firm(front: Front, town: Town) -> None:
    """Nobody is kept from applying by a rival that named his address; who is granted the licence
    first has the place."""
    rival, number = town.committed(by="applicant2"), town.committed()
    assert front.step("window", number, "grant").status_code == 200
    answer = front.step("window", rival, "grant")
    assert _codes(answer, "第二十二条") == {"place_licensed"}


def test_nothing_is_asked_for_that_no_list_has(front: Front, town: Town) -> None:
    """Sent back for a paper that nobody needs, a complete application would end by itself."""
    number = apply_to(town, "received", address(1))
    asked = {"items": [{"material": "无犯罪记录证明", "what": "法定代表人无犯罪记录证明"}]}
    answer = front.step("window", number, "request_supplement", asked)
    assert _codes(answer, "第三十一条") == {"supplement_beyond_list"}
    # An agent's power that is lacking is on the list (许可法32(1)四: asked for at once).
    power = {"material": "mandate_paper", "what": "代理人的授权委托书"}
    asked = {"items": [{"material": "plans", "what": "标明消毒间"}, power]}
    assert front.step("window", number, "request_supplement", asked).status_code == 200


def test_no_department_has_asked_for_what_no_list_has(front: Front, town: Town) -> None:
    """What a department asks for the window must ask for: it is refused at the department."""
    number = town.file("one_matter", joint_application())
    assert front.step("applicant", number, "submit").status_code == 200
    asked = {"items": [{"material": "无犯罪记录证明", "what": "法定代表人无犯罪记录证明"}]}
    answer = front.step("reviewer", number, "check_health", asked)
    assert _codes(answer, "第三十一条") == {"supplement_beyond_list"}
    assert front.step("reviewer", number, "check_health", {}).status_code == 200
