"""Doors that stood open where a party is told: a waiver that it never signed, a service without its
receipt, a hearing on another day. Each is refused over HTTP with its article, in cases of older
versions too, and the lawful way goes on."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from casework.audit.proof import verify_case
from casework.audit.ratings_proof import faults_of_ratings
from casework.duties.rating_again import rate_everybody
from casework.kernel.office import Office
from casework.models import Case, CreditRating, LogRow, Party, Publication, Setting
from casework.parts.delivery import door as delivery_door
from casework.publicity.publications import shown_from
from casework.rules.rendering import printed_text
from casework.rules.versions import VersionCache
from state_machines.enforcement.custody.process import EVIDENCE_CUSTODY
from state_machines.language.vocabulary import Process
from state_machines.radiation.one_matter.process import ONE_MATTER
from tests.support.arriving import arrive, open_mail, send_out
from tests.support.desk import Desk
from tests.support.exemptions import EXEMPTED, HANDLERS
from tests.support.fine import receipt
from tests.support.former import under_former_versions
from tests.support.front import refused
from tests.support.journeys import (
    OFFICERS,
    address,
    change_of,
    check_to,
    code_change_to,
    custody_to,
    follow,
    joint_to,
    usual,
)
from tests.support.penalties import (
    CLOSURE,
    DECIDED,
    HEAVY,
    NOTIFIED,
    OPINION,
    PUNISHED,
    SCHEDULED,
    TOLD_OF_HEARING,
    WARNED,
    WARNING,
    fine,
    hearing_on,
    inputs_of,
    spot,
)
from tests.support.serving import ANNOUNCEMENT, CONSENT, RECEIPT, TRY
from tests.support.signed import png, scan
from tests.support.town import CODES, NOTICE, Town, workday_from

FIRM = "91440300708461136T"
AGENT = {
    "name": "周小琴",
    "id_kind": "id",
    "id_code": "11010519491231002X",
    "capacity": "agent",
    "scope": ["file", "promise"],
    "valid_from": "2026-08-01",
    "valid_to": "2027-07-31",
}
_ISSUED = (*OPINION, ("notify", "handler1"))
RUNS = 39  # days; thirty may end in a holiday


def _take(desk: Desk, who: str, number: str, step: str, given: Any = None, **more: Any) -> Any:
    """A step taken with nothing in the hand."""
    desk.front.log_in_again()
    said = inputs_of(desk.town, number, step, {step: given or {}})
    return desk.front.step(who, number, step, said, empty=True, **more)


def _codes(answer: Any, law: str = "") -> list[str]:
    problem = refused(answer, 409, "guard-refused")
    assert all(law in one["law"] for one in problem["reasons"]), problem["reasons"]
    return [one["code"] for one in problem["reasons"]]


def _upload(desk: Desk, who: str, number: str, material: str) -> None:
    paper = scan(desk.town.case(number), desk.town.time.now(), who)
    answer = desk.front.upload(who, number, material, f"{material}.pdf", paper)
    assert answer.status_code == 201, answer.text


def _announced(desk: Desk, number: str, of: str, days: int, by: str = "handler1") -> None:
    """Two ways that fail, and an announcement, which ends after so many days and not before."""
    end = f"end_announcement_{of}"
    for way in ("直接送达", "邮寄送达"):
        _upload(desk, by, number, "try_proof")
        answer = _take(desk, by, number, f"record_try_{of}", {**TRY, "way": way})
        assert answer.status_code == 200, answer.text
    assert _codes(_take(desk, by, number, end), "第九十五条") == ["not_announced"]
    _upload(desk, by, number, "announcement_copy")
    answer = _take(desk, by, number, f"announce_{of}", ANNOUNCEMENT)
    assert answer.status_code == 200, answer.text
    assert _codes(_take(desk, by, number, end), "第九十五条") == ["announcement_runs"]
    desk.town.time.pass_(days=days)
    answer = _take(desk, by, number, end)
    assert answer.status_code == 200, answer.text


def _mandate(desk: Desk, party: str = FIRM) -> int:
    desk.front.log_in_again()
    answer = desk.front.post("window", f"/parties/{party}/mandates", AGENT)
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["id"]
    return number


def _without_serving(process: Process, *served: str) -> Process:
    """A version from before these could be served."""
    steps = tuple(one for one in process.steps if not one.name.endswith(served))
    return replace(process, steps=steps)


def _whole(town: Town, number: str) -> bool:
    with town.session() as session:
        return verify_case(session, town.case(number), VersionCache()) == []


# --- A waiver in writing 书面放弃 -----------------------------------------------------------------


@pytest.mark.parametrize("former", [False, True])
def test_a_clerk_gives_nothing_up_for_a_party_without_its_signed_paper(
    desk: Desk, former: bool
) -> None:
    number, mandate = desk.open(former=former), _mandate(desk)
    desk.go(number, *NOTIFIED, **HEAVY)
    by = {"mandate": mandate}
    for step in ("waive_defence", "waive_hearing"):
        assert _codes(_take(desk, "window", number, step, **by), "第四十五条") == [
            "no_signed_statement"
        ]
    # A paper that somebody else took in was not seen by who enters it.
    _upload(desk, "handler1", number, "party_statement")
    assert _codes(_take(desk, "window", number, "waive_defence", **by)) == ["no_signed_statement"]
    _upload(desk, "window", number, "party_statement")
    for step in ("waive_defence", "waive_hearing"):
        answer = _take(desk, "window", number, step, **by)
        assert answer.status_code == 200, answer.text
    # What was signed before a new notice gives up nothing of its time.
    desk.go(number, ("reconsider", "handler1"), ("notify", "handler1"), **HEAVY)
    desk.go(number, ("serve_notice", "handler1"))
    assert _codes(_take(desk, "window", number, "waive_defence", **by)) == ["no_signed_statement"]
    assert _whole(desk.town, number)


def test_the_party_itself_needs_no_paper_in_the_portal(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *NOTIFIED)
    assert _take(desk, "applicant", number, "waive_defence").status_code == 200


def test_a_hearing_is_not_taken_back_nor_hurried_by_a_clerk(desk: Desk) -> None:
    number, mandate = desk.open(), _mandate(desk)
    desk.go(number, *SCHEDULED, **HEAVY)
    for step in ("ask_earlier_hearing", "withdraw_hearing"):
        answer = _take(desk, "window", number, step, mandate=mandate)
        assert _codes(answer, "第六十四条") == ["no_signed_statement"]
    _upload(desk, "window", number, "party_statement")
    answer = _take(desk, "window", number, "withdraw_hearing", mandate=mandate)
    assert answer.status_code == 200, answer.text


def test_consent_to_electronic_service_is_on_a_paper_that_its_enterer_saw(desk: Desk) -> None:
    number, mandate = desk.open(), _mandate(desk)
    desk.go(number, *NOTIFIED)
    given = {**CONSENT, "signed_on": desk.town.time.now().date().isoformat()}
    _upload(desk, "handler2", number, "address_confirmation")
    for who, more in (("window", {"mandate": mandate}), ("handler1", {})):
        answer = _take(desk, who, number, "confirm_address", given, **more)
        assert _codes(answer, "第九十条") == ["no_signed_statement"]
        _upload(desk, who, number, "address_confirmation")
        answer = _take(desk, who, number, "confirm_address", given, **more)
        assert answer.status_code == 200, answer.text


def test_an_application_is_not_withdrawn_by_a_clerk_alone(desk: Desk) -> None:
    town, mandate = desk.town, _mandate(desk)
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    given = {"reason": "不再经营"}
    answer = desk.front.step("window", number, "withdraw", given, mandate=mandate, empty=True)
    assert _codes(answer, "许可法") == ["no_signed_statement"]
    _upload(desk, "window", number, "party_statement")
    answer = desk.front.step("window", number, "withdraw", given, mandate=mandate, empty=True)
    assert answer.status_code == 200, answer.text


# --- The proof of a service 送达证明 --------------------------------------------------------------


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize("way", ["直接送达", "留置送达", "委托送达", "转交送达"])
def test_nothing_is_served_without_its_signed_receipt(desk: Desk, way: str, former: bool) -> None:
    number = desk.open(former=former)
    _upload_before = desk.go(number, *_ISSUED[:-1])
    assert _upload_before == "opinion"
    # One that was there before the notice is of something else.
    _upload(desk, "handler1", number, "signed_receipt")
    desk.go(number, ("notify", "handler1"))
    today = desk.town.time.now().date().isoformat()
    given = receipt(today, way)
    assert _codes(_take(desk, "handler1", number, "serve_notice", given), "第八十七条") == [
        "no_signed_receipt"
    ]
    assert desk.state(number) == "notice_issued"
    _upload(desk, "handler1", number, "signed_receipt")
    assert _take(desk, "handler1", number, "serve_notice", given).status_code == 200


def test_one_receipt_proves_one_service(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *DECIDED)
    first = {**RECEIPT, "documents": ["penalty_decision"]}
    _upload(desk, "handler1", number, "signed_receipt")
    assert _take(desk, "handler1", number, "record_receipt", first).status_code == 200
    assert _codes(_take(desk, "handler1", number, "serve", RECEIPT)) == ["no_signed_receipt"]
    posted = receipt(desk.town.time.now().date().isoformat(), "邮寄送达")
    _upload(desk, "handler1", number, "return_slip")
    assert _take(desk, "handler1", number, "serve", posted).status_code == 200


def test_a_slip_of_another_letter_is_none_of_this(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *_ISSUED[:-1])
    _upload(desk, "handler1", number, "return_slip")
    desk.go(number, ("notify", "handler1"))
    posted = receipt(desk.town.time.now().date().isoformat(), "邮寄送达")
    answer = _take(desk, "handler1", number, "serve_notice", posted)
    assert _codes(answer, "第九十一条") == ["no_return_slip"]


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize(
    ("receiver", "who", "code"),
    [
        ("法定代表人、主要负责人", "路人甲", "wrong_receiver"),
        ("代理人、指定代收人", "路人甲", "agent_not_named"),
    ],
)
def test_a_passer_by_receives_nothing_for_a_firm(
    desk: Desk, receiver: str, who: str, code: str, former: bool
) -> None:
    number = desk.open(former=former)
    desk.go(number, *_ISSUED)
    given = {**RECEIPT, "receiver": receiver, "recipient": who}
    _upload(desk, "handler1", number, "signed_receipt")
    answer = _take(desk, "handler1", number, "serve_notice", given)
    assert _codes(answer, "第八十八条") == [code]


@pytest.mark.parametrize("way", ["邮寄送达", "留置送达"])
@pytest.mark.parametrize("place", ["北京市朝阳区建国路3号", "南通市", "88号"])
@pytest.mark.parametrize("registered", ["", "江苏省南通市崇川区"])
def test_nothing_is_posted_to_where_the_party_is_not(
    desk: Desk, way: str, place: str, registered: str
) -> None:
    number = desk.open()
    with desk.town.session() as session:  # the name of a district is nobody's address
        party = session.get_one(Party, desk.town.case(number).party_id)
        party.address = registered or party.address
    desk.go(number, *_ISSUED)
    _upload(desk, "handler1", number, "return_slip" if way == "邮寄送达" else "signed_receipt")
    today = desk.town.time.now().date().isoformat()
    mailroom = {"receiver": "单位负责收件的人", "recipient": "收发室老王"}
    given = {**receipt(today, way), **mailroom, "place": place}
    assert _codes(_take(desk, "handler1", number, "serve_notice", given), "第八十九条") == [
        "served_elsewhere"
    ]
    assert desk.state(number) == "notice_issued"
    # Where it lives now is on file; and the house is found by its number without the district.
    if place == "88号":
        given = {**given, "place": "人民中路八十八号前台"}
    else:
        desk.register(number, "房屋租赁合同（现住所）")
        given = {**given, "note": "现住所见房屋租赁合同（现住所）"}
    assert _take(desk, "handler1", number, "serve_notice", given).status_code == 200


def test_an_agent_with_a_mandate_receives_it(desk: Desk) -> None:
    number = desk.open()
    _mandate(desk)
    desk.go(number, *_ISSUED)
    given = {**RECEIPT, "receiver": "代理人、指定代收人", "recipient": "周小琴"}
    _upload(desk, "handler1", number, "signed_receipt")
    assert _take(desk, "handler1", number, "serve_notice", given).status_code == 200


def test_an_agent_of_the_firm_under_its_new_code_receives_it(desk: Desk) -> None:
    number = desk.open()
    desk.town.register(CODES[0])
    code_change_to(desk.town, "confirmed", FIRM, CODES[0])
    desk.go(number, *_ISSUED)
    given = {**RECEIPT, "receiver": "代理人、指定代收人", "recipient": "周小琴"}
    _upload(desk, "handler1", number, "signed_receipt")
    assert _codes(_take(desk, "handler1", number, "serve_notice", given)) == ["agent_not_named"]
    _mandate(desk, CODES[0])
    assert _take(desk, "handler1", number, "serve_notice", given).status_code == 200


def _consented(desk: Desk, number: str) -> None:
    given = {**CONSENT, "signed_on": desk.town.time.now().date().isoformat()}
    answer = _take(desk, "applicant", number, "confirm_address", given)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("former", [False, True])
def test_electronic_service_is_sent_by_the_system(desk: Desk, former: bool) -> None:
    town, number = desk.town, desk.open(former=former)
    desk.go(number, *DECIDED)
    _consented(desk, number)
    town.time.pass_(days=1)
    today = town.time.now().date()
    typed = receipt((today - timedelta(days=1)).isoformat(), "电子送达")
    answer = _take(desk, "handler1", number, "serve", typed)
    assert _codes(answer, "第九十条") == ["no_mailbox"]
    open_mail(town)
    answer = _take(desk, "handler1", number, "serve", typed)
    assert _codes(answer, "第九十条") == ["sent_by_the_system"]
    answer = _take(desk, "handler1", number, "serve", receipt(today.isoformat(), "电子送达"))
    assert (answer.status_code, answer.json()["awaits_arrival"]) == (202, True), answer.text
    [served] = desk.front.get("handler1", f"/cases/{number}").json()["service"][-1:]
    assert [one["state"] for one in served["sent"]] == ["等待到达回执"]
    [letter] = arrive(town)
    assert letter.to == CONSENT["electronic_address"]
    assert "行政处罚决定书.docx" in dict(letter.papers)
    kept = town.case(number).data["service"]["decision"]
    assert kept["served_on"] == today.isoformat()
    assert kept["receipts"][-1]["arrival"]["receipt"].startswith("R-")
    assert _whole(town, number)


def test_the_mailbox_of_a_demo_reports_what_arrived(desk: Desk) -> None:
    town, number = desk.town, desk.open()
    with town.session() as session:
        session.add(Setting(key="mode", value="demo"))
    desk.go(number, *DECIDED)
    _consented(desk, number)
    today = town.time.now().date().isoformat()
    answer = _take(desk, "handler1", number, "serve", receipt(today, "电子送达"))
    assert answer.status_code == 202, answer.text
    send_out(town)
    kept = town.case(number).data["service"]["decision"]["receipts"][-1]
    assert (kept["on"], kept["arrival"]["system"]) == (today, "演示信箱")
    assert _whole(town, number)


def test_a_look_ahead_prints_the_receipt_and_sends_nothing(desk: Desk) -> None:
    town, number = desk.town, desk.open()
    desk.go(number, *_ISSUED)
    office: Office = town.office
    version = town.case(number).version
    seen = office.foresee(number, "serve_notice", RECEIPT, town.people["handler1"], version=version)
    assert "送达回证" in {one.title for one in seen.documents}


# --- An exemption is served too 不予处罚决定书的送达 ----------------------------------------------


def test_an_exemption_is_served_as_any_decision(desk: Desk) -> None:
    town = desk.town
    number = desk.open("first_offence_exemption")
    steps = (*EXEMPTED, ("educate", "handler1"))
    desk.front.upload("handler1", number, "correction_evidence")
    follow(town, number, *steps)
    today = town.time.now().date().isoformat()
    passer_by = receipt(today, recipient="路人甲")
    _upload(desk, "handler1", number, "signed_receipt")
    assert _codes(_take(desk, "handler1", number, "serve", passer_by)) == ["wrong_receiver"]
    online = receipt(today, "电子送达")
    assert _codes(_take(desk, "handler1", number, "serve", online)) == ["no_consent"]
    assert _take(desk, "handler1", number, "serve", receipt(today)).status_code == 200
    assert town.case(number).data["service"]["exemption"]["served_on"] == today
    assert _whole(town, number)


@pytest.mark.parametrize("former", [False, True])
def test_whom_nobody_finds_has_an_exemption_by_announcement(desk: Desk, former: bool) -> None:
    """Both what it was ordered and what was decided; neither waits for ever."""
    town = desk.town
    with under_former_versions(town) if former else nullcontext():
        number = desk.open("first_offence_exemption")
    desk.front.upload("handler1", number, "correction_evidence")
    ordered = [step for step, _ in EXEMPTED].index("order_correction") + 1
    follow(town, number, *EXEMPTED[:ordered])
    _announced(desk, number, "order", RUNS)
    assert town.case(number).data["service"]["order"]["served_on"] > "2026-10-01"
    assert town.case(number).state == "ordered_to_correct"
    follow(town, number, *EXEMPTED[ordered:], ("educate", "handler1"))
    _announced(desk, number, "exemption", RUNS)
    assert town.case(number).state == "served"
    assert _whole(town, number)


# --- Refusals of a joint matter, and an extension 不予许可、延长扣押的送达 ------------------------

_JOINT_SERVED = {"one_matter": _without_serving(ONE_MATTER, "refuse_health", "refuse_eco")}
_EXTENSION_SERVED = {"evidence_custody": _without_serving(EVIDENCE_CUSTODY, "extension")}


@pytest.mark.parametrize("former", [False, True])
def test_each_refusal_of_a_joint_matter_is_served_by_itself(desk: Desk, former: bool) -> None:
    """Both of the same kind: what is told of one tells nothing of the other, nor shows it."""
    town = desk.town
    with under_former_versions(town, _JOINT_SERVED) if former else nullcontext():
        number = joint_to(town, "refused", address(7))
    answer = _take(desk, "window", number, "serve_refuse_health", RECEIPT)
    assert _codes(answer, "第八十七条") == ["no_signed_receipt"]
    _upload(desk, "window", number, "signed_receipt")
    assert _take(desk, "window", number, "serve_refuse_health", RECEIPT).status_code == 200
    today = town.time.now().date()
    assert _refusals_shown_from(town, number) == {"refuse_health": today, "refuse_eco": None}
    answer = _take(desk, "window", number, "serve_refuse_health", RECEIPT)
    assert "nothing_waits" in _codes(answer)
    _announced(desk, number, "refuse_eco", RUNS, by="window")
    assert None not in _refusals_shown_from(town, number).values()
    assert town.case(number).state == "refused"
    assert _whole(town, number)


def _refusals_shown_from(town: Town, number: str) -> dict[str, date | None]:
    """From which day on each refusal may be shown, by the step that made it."""
    case = town.case(number)
    with town.session() as session:
        rows = session.execute(
            select(LogRow.header["name"].as_string(), Publication)
            .join(Publication, Publication.log_seq == LogRow.seq)
            .where(LogRow.case_id == case.id, Publication.case_id == case.id)
        ).all()
        return {step: shown_from(session, row) for step, row in rows}


def test_a_refusal_is_served_before_the_other_item_is_decided(desk: Desk) -> None:
    town = desk.town
    number = joint_to(town, "health_refused", address(7))
    state = town.case(number).state
    offered = desk.front.get("window", f"/cases/{number}/steps").json()
    allowed = {one["name"] for one in offered if one["allowed"]}
    assert "serve_refuse_health" in allowed
    assert allowed.isdisjoint(f"{step}_refuse_eco" for step in ("serve", "record_try", "announce"))
    assert "nothing_waits" in _codes(_take(desk, "window", number, "serve_refuse_eco", RECEIPT))
    answer = desk.front.step("window", number, "serve_refuse_health", RECEIPT)
    assert answer.status_code == 200, answer.text
    assert town.case(number).state == state
    follow(town, number, ("refuse_eco", "eco_approver"))
    answer = desk.front.step("window", number, "serve_refuse_eco", RECEIPT)
    assert answer.status_code == 200, answer.text
    assert _whole(town, number)


def _extended(desk: Desk, *, former: bool = False) -> str:
    """A seizure that was extended, and nobody told the party."""
    town = desk.town
    check = check_to(town, town.granted(), "inspected")
    with under_former_versions(town, _EXTENSION_SERVED) if former else nullcontext():
        number = custody_to(town, check, "seized")
    follow(town, number, ("extend", "approver"))
    return number


def _sent_for_test(desk: Desk, number: str) -> Any:
    return _take(desk, "inspector1", number, "send_for_test", usual("", "send_for_test"))


@pytest.mark.parametrize("former", [False, True])
def test_an_extended_seizure_is_told_before_more_is_done_with_the_things(
    desk: Desk, former: bool
) -> None:
    number = _extended(desk, former=former)
    _upload(desk, "inspector1", number, "commission_letter")
    assert _codes(_sent_for_test(desk, number), "第二十五条") == ["extension_not_served"]
    answer = _take(desk, "approver", number, "confiscate", usual("", "confiscate"))
    assert "extension_not_served" in _codes(answer)
    answer = _take(desk, "inspector1", number, "serve_extension", RECEIPT)
    assert _codes(answer, "第八十七条") == ["no_signed_receipt"]
    _upload(desk, "inspector1", number, "signed_receipt")
    answer = _take(desk, "inspector1", number, "serve_extension", RECEIPT)
    assert answer.status_code == 200, answer.text
    assert _sent_for_test(desk, number).status_code == 200
    assert desk.town.case(number).state == "testing"
    assert _whole(desk.town, number)


def test_an_extension_for_whom_nobody_finds_is_announced(desk: Desk) -> None:
    number = _extended(desk)
    _upload(desk, "inspector1", number, "commission_letter")
    for way in ("直接送达", "邮寄送达"):
        _upload(desk, "inspector1", number, "try_proof")
        given = {**TRY, "way": way}
        answer = _take(desk, "inspector1", number, "record_try_extension", given)
        assert answer.status_code == 200, answer.text
    assert _codes(_sent_for_test(desk, number)) == ["extension_not_served"]
    _upload(desk, "inspector1", number, "announcement_copy")
    answer = _take(desk, "inspector1", number, "announce_extension", ANNOUNCEMENT)
    assert answer.status_code == 200, answer.text
    assert _sent_for_test(desk, number).status_code == 200
    assert _whole(desk.town, number)


# --- An announcement 公告 -------------------------------------------------------------------------


@pytest.mark.parametrize("former", [False, True])
def test_nothing_is_announced_without_a_copy_of_the_announcement(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *DECIDED)
    tried = {"way": "直接送达", "place": "南通滨江宾馆", "outcome": "无人"}
    for way in ("直接送达", "邮寄送达"):
        _upload(desk, "handler1", number, "try_proof")
        answer = _take(desk, "handler1", number, "record_try", {**tried, "way": way})
        assert answer.status_code == 200, answer.text
    _upload(desk, "handler1", number, "return_slip")
    answer = _take(desk, "handler1", number, "announce", ANNOUNCEMENT)
    assert _codes(answer, "第九十五条") == ["no_announcement_copy"]
    _upload(desk, "handler1", number, "announcement_copy")
    assert _take(desk, "handler1", number, "announce", ANNOUNCEMENT).status_code == 200
    assert desk.town.case(number).state == "decision_announced"
    assert _whole(desk.town, number)


@pytest.mark.parametrize("former", [False, True])
def test_nothing_is_announced_to_whom_it_can_reach(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *DECIDED)
    open_mail(desk.town)
    today = desk.town.time.now().date().isoformat()
    agreed = {**CONSENT, "signed_on": today}
    assert _take(desk, "applicant", number, "confirm_address", agreed).status_code == 200

    def try_(way: str, place: str) -> None:
        tried = {"way": way, "place": place, "outcome": "无人"}
        _upload(desk, "handler1", number, "try_proof")
        answer = _take(desk, "handler1", number, "record_try", tried)
        assert answer.status_code == 200, answer.text

    # Two ways, to a place where the party never was.
    for way in ("直接送达", "邮寄送达"):
        try_(way, "苏州市无名路1号")
    _upload(desk, "handler1", number, "announcement_copy")
    missing = ["confirmed_address_not_tried", "electronic_way_not_tried"]
    assert (
        _codes(_take(desk, "handler1", number, "announce", ANNOUNCEMENT), "第九十五条") == missing
    )
    try_("邮寄送达", CONSENT["address"])
    assert _codes(_take(desk, "handler1", number, "announce", ANNOUNCEMENT)) == missing[1:]
    try_("电子送达", CONSENT["electronic_address"])
    assert _take(desk, "handler1", number, "announce", ANNOUNCEMENT).status_code == 200
    assert _whole(desk.town, number)


# --- The hearing 听证 -----------------------------------------------------------------------------


def _on(desk: Desk, number: str) -> date:
    return hearing_on(desk.town, number)


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize("step", ["hold_hearing", "abandon_hearing"])
def test_no_hearing_without_the_service_of_its_notice(desk: Desk, step: str, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *SCHEDULED, **HEAVY)
    desk.town.time.go_to(_on(desk, number))
    answer = _take(desk, "chair", number, step)
    assert _codes(answer, "第六十四条") == ["hearing_notice_not_served"]


@pytest.mark.parametrize("former", [False, True])
def test_whom_nobody_finds_is_called_to_a_hearing_by_announcement(desk: Desk, former: bool) -> None:
    """Who asks for a hearing and is then not to be found stops no case."""
    number, town = desk.open(former=former), desk.town

    def called(days: int) -> None:
        on = workday_from(town.time.now().date() + timedelta(days=days)).isoformat()
        desk.go(number, ("schedule_hearing", "handler1"), schedule_hearing={"on": on})
        _announced(desk, number, "hearing", RUNS)

    desk.go(number, *SCHEDULED[:-1], **HEAVY)
    called(days=RUNS + 2)  # which leaves it two days between the announcement and the hearing
    town.time.go_to(_on(desk, number))
    early = _codes(_take(desk, "chair", number, "abandon_hearing"), "第六十四条")
    assert early == ["party_time_pending"]
    called(days=RUNS + 15)
    town.time.go_to(_on(desk, number))
    assert _take(desk, "chair", number, "abandon_hearing").status_code == 200
    assert _whole(town, number)


@pytest.mark.parametrize("former", [False, True])
def test_seven_days_count_from_the_service(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *SCHEDULED, **HEAVY)
    on = _on(desk, number)
    desk.town.time.go_to(on - timedelta(days=3))
    desk.go(number, ("serve_hearing", "handler1"))
    desk.town.time.go_to(on)
    for step in ("hold_hearing", "abandon_hearing"):
        assert _codes(_take(desk, "chair", number, step)) == ["party_time_pending"]
    # The party may do without these days.
    assert _take(desk, "applicant", number, "ask_earlier_hearing").status_code == 200
    assert _take(desk, "chair", number, "hold_hearing").status_code == 200
    assert _whole(desk.town, number)


@pytest.mark.parametrize("former", [False, True])
def test_a_hearing_is_on_the_day_that_was_told(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *TOLD_OF_HEARING, **HEAVY)
    desk.town.time.go_to(_on(desk, number) + timedelta(days=18))
    for step in ("hold_hearing", "abandon_hearing", "adjourn_hearing"):
        found = _codes(_take(desk, "chair", number, step), "第六十四条")
        assert found == ["hearing_another_day"]
    desk.go(number, ("schedule_hearing", "handler1"), ("serve_hearing", "handler1"))
    desk.town.time.go_to(_on(desk, number))
    assert _take(desk, "chair", number, "hold_hearing").status_code == 200


def test_a_hearing_that_was_adjourned_on_record_goes_on_that_day(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *TOLD_OF_HEARING, **HEAVY)
    desk.town.time.go_to(_on(desk, number))
    later = (desk.town.time.now().date() + timedelta(days=4)).isoformat()
    answer = _take(desk, "chair", number, "adjourn_hearing", {"on": later})
    assert answer.status_code == 200, answer.text
    assert _codes(_take(desk, "chair", number, "hold_hearing")) == ["hearing_not_yet"]
    desk.town.time.go_to(date.fromisoformat(later))
    assert _take(desk, "chair", number, "hold_hearing").status_code == 200
    assert _whole(desk.town, number)


def test_a_hearing_asked_for_earlier_is_told_for_earlier(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *NOTIFIED, ("request_hearing", "applicant"), **HEAVY)
    soon = (desk.town.time.now().date() + timedelta(days=2)).isoformat()
    answer = _take(desk, "handler1", number, "schedule_hearing", {"on": soon})
    assert _codes(answer) == ["hearing_too_soon"]
    assert _take(desk, "applicant", number, "ask_earlier_hearing").status_code == 200
    answer = _take(desk, "handler1", number, "schedule_hearing", {"on": soon})
    assert answer.status_code == 200, answer.text


# --- Evidence 证据 --------------------------------------------------------------------------------

PHOTO = ("监控截图.png", png())


def _enter(desk: Desk, number: str, by: str = "handler1", **changes: Any) -> Any:
    desk.front.log_in_again()
    item = {
        "kind": "勘验笔录、现场笔录",
        "title": "补充现场笔录",
        "origin": "执法人员收集、调取",
        "collectors": ["handler1", "handler2"],
        "collected_on": desk.town.time.now().date().isoformat(),
        "place": "南通滨江宾馆洗消间",
        "proves": "毛巾未按规定清洗消毒",
        "storage": "本案卷",
        **changes,
    }
    path = f"/cases/{number}/evidence"
    data = {"item": json.dumps(item)}
    return desk.front.ask(by, "POST", path, data=data, files={"file": PHOTO})


def _look(desk: Desk, number: str, n: int, by: str, aspect: str, version: int) -> Any:
    desk.front.log_in_again()
    said = {"replaces": version, "aspect": aspect, "opinion": "设备在检定期内，设置地点已经公布"}
    return desk.front.post(by, f"/cases/{number}/evidence/{n}/reviews", said)


@pytest.mark.parametrize("former", [False, True])
def test_what_a_device_recorded_is_looked_at_by_others(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *OPINION)
    kind = {"kind": "视听资料", "title": "监控截图", "origin": "电子技术监控设备记录"}
    n = _enter(desk, number, **kind).json()["n"]
    told = _take(desk, "handler1", number, "notify")
    assert _codes(told, "第四十一条") == ["device_not_reviewed"]
    legal, technical = "法制审核", "技术审核"
    own = _look(desk, number, n, "handler2", technical, 1)
    assert _codes(own, "第四十一条") == ["reviews_own_evidence"]
    other = _look(desk, number, n, "legal", technical, 1)
    assert _codes(other, "第四十一条") == ["not_its_reviewer"]
    assert _look(desk, number, n, "legal", legal, 1).status_code == 201
    assert _codes(_take(desk, "handler1", number, "notify")) == ["device_not_reviewed"]
    assert _look(desk, number, n, "inspector1", technical, 2).status_code == 201
    assert _take(desk, "handler1", number, "notify").status_code == 200
    assert _codes(_look(desk, number, 1, "inspector1", technical, 1)) == ["not_of_a_device"]
    assert _whole(desk.town, number)


def test_evidence_of_long_ago_is_entered_with_a_permit(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *OPINION)
    on = (desk.town.time.now().date() - timedelta(days=20)).isoformat()
    late = _enter(desk, number, collected_on=on)
    assert _codes(late, "118号") == ["entered_late"]
    said = {"step": "add_evidence", "on": on, "reason": "笔录随案移交时遗漏登记"}
    answer = desk.front.post("supervisor", f"/cases/{number}/late-entries", said)
    assert answer.status_code in (200, 201, 204), answer.text
    assert _enter(desk, number, collected_on=on).status_code == 201


@pytest.mark.parametrize("former", [False, True])
def test_evidence_after_the_notice_does_not_carry_the_decision(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *NOTIFIED, ("waive_defence", "applicant"), ("reconsider", "handler1"))
    # What the party itself brings was never unknown to it.
    own = {"kind": "书证", "title": "整改照片", "origin": "当事人提交"}
    assert _enter(desk, number, **own).status_code == 201
    assert _enter(desk, number).status_code == 201
    desk.go(number, ("submit_review", "handler1"), ("pass_review", "legal"))
    desk.go(number, ("forgo_panel", "approver"))
    answer = _take(desk, "approver", number, "decide")
    assert _codes(answer, "第四十") == ["evidence_not_told"]
    assert "补充现场笔录" in answer.json()["detail"]
    assert "整改照片" not in answer.json()["detail"]
    desk.go(number, ("notify", "handler1"), ("serve_notice", "handler1"))
    desk.go(number, ("waive_defence", "applicant"), ("reconsider", "handler1"))
    desk.go(number, ("submit_review", "handler1"), ("pass_review", "legal"))
    assert desk.go(number, ("forgo_panel", "approver"), ("decide", "approver")) == "decided"


# --- The promise at the grant 承诺后失信 ----------------------------------------------------------


def test_a_record_that_comes_after_the_promise_closes_the_grant(desk: Desk) -> None:
    town, penalty = desk.town, desk.open()
    desk.go(penalty, *NOTIFIED, ("waive_defence", "applicant"), **HEAVY)
    desk.go(penalty, ("waive_hearing", "applicant"), ("reconsider", "handler1"), **HEAVY)
    desk.go(penalty, ("submit_review", "handler1"), ("pass_review", "legal"), **HEAVY)
    desk.go(penalty, *(("vote", f"head{n}") for n in (1, 2, 3)), ("conclude_panel", "approver"))
    number = town.committed(address="南通市崇川区工农路9号")
    desk.go(penalty, ("decide", "approver"), **HEAVY)
    file = desk.front.get("applicant", f"/parties/{FIRM}/credit").json()
    assert file["may_promise"] is True  # it has not come yet
    desk.go(penalty, ("serve", "handler1"), **HEAVY)
    desk.front.log_in_again()
    answer = desk.front.step("window", number, "grant")
    assert _codes(answer, "42号") == ["promise_barred"]
    town.take(number, "withdraw_commitment", "applicant", {"reason": "转一般程序"})
    assert town.case(number).state == "ordinary_review"


def test_a_decision_costs_no_points_before_its_party_has_it(desk: Desk) -> None:
    """Neither at once nor overnight; and what favours the party waits for nothing."""
    town, number = desk.town, desk.open()
    begin = _score(desk)
    desk.go(number, *DECIDED)
    assert _score(desk) == begin
    town.time.pass_(days=1)
    rate_everybody(town.office)
    assert (_score(desk), _kept_scores(town)) == (begin, [begin])
    _rated_as_told(town)
    desk.go(number, ("serve", "handler1"))
    assert _score(desk) < begin
    assert _kept_scores(town) == [begin, _score(desk)]
    _rated_as_told(town)
    with town.session() as session:
        session.execute(text("SET LOCAL ROLE NONE"))
        session.execute(update(CreditRating).values(score=begin))
        assert [fault.case for fault in faults_of_ratings(session)] == ["信用等级"]


def _score(desk: Desk) -> int:
    desk.front.log_in_again()
    file = desk.front.get("applicant", f"/parties/{FIRM}/credit").json()
    score: int = file["rating"]["score"]
    return score


def _kept_scores(town: Town) -> list[int]:
    with town.session() as session:
        return list(session.scalars(select(CreditRating.score).order_by(CreditRating.id)))


def _rated_as_told(town: Town) -> None:
    with town.session() as session:
        assert faults_of_ratings(session) == []


# --- An identity is no slip; a scope is bound 身份与范围 ------------------------------------------


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize(
    ("field", "wrong", "right"),
    [
        ("当事人名称", "南通滨江宾馆有限公司", "南通云水浴场有限公司"),
        ("统一社会信用代码、证件号码", FIRM, "91110000802100433B"),
        ("法定代表人（负责人）", "陈志远", "顾明远"),
        ("场所名称", "南通滨江宾馆", "南通云水浴场"),
    ],
)
def test_a_correction_makes_nobody_else_of_the_party(
    desk: Desk, field: str, wrong: str, right: str, former: bool
) -> None:
    number = desk.open(former=former)
    desk.go(number, *DECIDED, ("serve", "handler1"))
    slip = {"items": [{"field": field, "wrong": wrong, "right": right}]}
    answer = _take(desk, "handler1", number, "correct", slip)
    assert _codes(answer, "处罚法") == ["identity_is_no_slip"]
    # In pieces it is the same.
    slip["items"] = [{"field": field, "wrong": wrong[:2], "right": right[-2:]}]
    answer = _take(desk, "handler1", number, "correct", slip)
    assert _codes(answer) == ["identity_is_no_slip"]
    assert _take(desk, "handler1", number, "correct").status_code == 200


@pytest.mark.parametrize("scope", ["整个宾馆", "", "洗消间整改期间及全部客房"])
def test_the_scope_that_was_told_is_the_scope_that_is_decided(desk: Desk, scope: str) -> None:
    number = desk.open()
    desk.go(number, *NOTIFIED, ("waive_defence", "applicant"), **HEAVY)
    desk.go(number, ("waive_hearing", "applicant"))
    wider = [WARNING, fine(), {**CLOSURE, "detail": scope}]
    said = {**HEAVY["reconsider"], "measures": wider}
    answer = _take(desk, "handler1", number, "reconsider", said)
    assert "notice_heavier" in _codes(answer), answer.text
    desk.go(number, ("reconsider", "handler1"), ("submit_review", "handler1"), **HEAVY)
    desk.go(number, ("pass_review", "legal"))
    desk.go(number, *(("vote", f"head{n}") for n in (1, 2, 3)), ("conclude_panel", "approver"))
    answer = _take(desk, "approver", number, "decide", {**HEAVY["decide"], "measures": wider})
    assert "范围" in answer.json()["detail"], answer.text
    assert desk.go(number, ("decide", "approver"), **HEAVY) == "decided"


# --- Whoever stands aside is not handler again 回避后移交 -----------------------------------------


def test_a_recused_officer_is_not_made_handler_by_hand_over(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *OPINION)
    asked = {**usual("commitment_check", "ask_recusal"), "officer": "甲handler2"}
    for who, step, said in (
        ("applicant", "ask_recusal", asked),
        ("approver", "decide_recusal", {"officer": "handler2", "recused": True, "reasons": "属实"}),
    ):
        answer = desk.take(number, step, who, said)
        assert answer.status_code == 200, answer.text
    both = {"handlers": ["handler1", "handler2"], "reason": "人手不足"}
    assert _codes(desk.take(number, "hand_over", "supervisor", both), "第四十三条") == ["recused"]
    late = _enter(desk, number)
    assert "recused" in _codes(late)


# --- What is decided is what is queued 不予公示 ---------------------------------------------------


@pytest.mark.parametrize("former", [False, True])
def test_what_is_not_to_be_shown_is_not_queued(desk: Desk, former: bool) -> None:
    number = desk.open(former=former)
    desk.go(number, *DECIDED, ("serve", "handler1"), **WARNED)
    case = desk.town.case(number)
    with desk.town.session() as session:
        queued = session.scalars(select(Publication).where(Publication.case_id == case.id)).all()
    assert queued == []
    assert _whole(desk.town, number)


# --- A wrong certificate 更正换发 -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("place_name", "南通云水浴场"),
        ("representative", "顾明远"),
        ("address", "南通市通州区金霞路1号"),
    ],
)
def test_a_certificate_is_not_corrected_to_what_its_file_does_not_prove(
    desk: Desk, field: str, wrong: str
) -> None:
    town = desk.town
    granted = town.granted()
    number = change_of(town, granted, kind="证书记载错误更正换发", **{field: wrong})
    answer = desk.front.step("applicant", number, "submit")
    assert _codes(answer, "许可法") == ["certificate_as_granted"]


def test_a_certificate_that_differs_from_its_file_is_corrected(desk: Desk) -> None:
    town = desk.town
    granted = town.granted()
    right = town.licence_of(granted)["place_name"]
    with town.session() as session:
        licence = session.get_one(Case, town.relative(granted, "licence").id)
        said = {**licence.data["application"], "place_name": "南通浜江宾馆"}
        licence.data = {**licence.data, "application": said}
    number = change_of(town, granted, kind="证书记载错误更正换发", place_name=right)
    follow(town, number, ("submit", "applicant"), ("accept", "window"))
    answer = desk.front.step("window", number, "reissue", usual("licence_change", "reissue"))
    assert answer.status_code == 200, answer.text
    assert town.licence_of(granted)["place_name"] == right


# --- A revocation is told before it is reviewed 撤销告知的送达 ------------------------------------


@pytest.mark.parametrize("former", [False, True])
def test_no_licence_is_revoked_on_a_notice_that_never_came(desk: Desk, former: bool) -> None:
    town = desk.town
    if former:
        with under_former_versions(town):
            granted = town.granted()
    else:
        granted = town.granted()
    check = town.broken(granted).number
    desk.front.log_in_again()
    if former:
        _enter(desk, check, by="inspector1", collectors=["inspector1", "inspector2"])
    given = {"defence_considered": "未提出"}
    follow(town, check, ("notify_revocation", "inspector1+inspector2"))
    town.time.pass_(days=20)
    desk.front.log_in_again()
    answer = desk.front.step("inspector1", check, "submit_review", given)
    assert set(_codes(answer, "许可法")) == {"notice_not_served"}
    answer = desk.front.step("inspector1", check, "serve_notice", RECEIPT, empty=True)
    assert _codes(answer, "第八十七条") == ["no_signed_receipt"]
    assert desk.front.step("inspector1", check, "serve_notice", RECEIPT).status_code == 200
    # Its time begins with the service, and the party may still ask to be heard.
    answer = desk.front.step("inspector1", check, "submit_review", given)
    assert set(_codes(answer)) == {"party_time_pending"}
    asked = {"reasons": "检测报告即将出具，要求当面说明"}
    town.time.pass_(days=2)
    desk.front.log_in_again()
    assert desk.front.step("applicant", check, "request_hearing", asked).status_code == 200
    assert _whole(town, check)


@pytest.mark.parametrize("former", [False, True])
def test_whom_nobody_finds_is_ordered_and_told_by_announcement(desk: Desk, former: bool) -> None:
    """A check that stands at 复查, and its firm is gone: what was ordered and what is proposed
    reaches it by announcement, and neither sooner nor otherwise."""
    town, by, two = desk.town, "inspector1", "inspector1+inspector2"

    def announced(of: str) -> None:
        for way in ("直接送达", "邮寄送达"):
            town.take(check, f"record_try_{of}", by, {**TRY, "way": way})
        early = desk.front.step(by, check, f"end_announcement_{of}", {})
        assert _codes(early, "第九十五条") == ["not_announced"]
        town.take(check, f"announce_{of}", by, ANNOUNCEMENT)
        town.time.pass_(days=20)
        desk.front.log_in_again()
        early = desk.front.step(by, check, f"end_announcement_{of}", {})
        assert _codes(early, "第九十五条") == ["announcement_runs"]
        town.time.pass_(days=19)
        desk.front.log_in_again()
        over = desk.front.step(by, check, f"end_announcement_{of}", {})
        assert over.status_code == 200, over.text

    if former:
        with under_former_versions(town):
            granted = town.granted()
    else:
        granted = town.granted()
    check = town.relative(granted, "check").number
    follow(town, check, ("assign", "supervisor"), ("inspect", two), ("order_rectification", by))
    follow(town, check, ("recheck", two))
    if former:
        _enter(desk, check, by=by, collectors=["inspector1", "inspector2"])
    gone = {"tries": ["门店已关闭", "电话停机", "邻店称已搬走"]}
    desk.front.log_in_again()
    assert desk.front.step(by, check, "record_unreachable", gone).status_code == 202
    assert desk.front.sign("inspector2", check, "record_unreachable").status_code == 200
    assert town.case(check).state == "rechecked"
    answer = desk.front.step(by, check, "find_broken", {"reason": "无人整改"})
    assert _codes(answer) == ["order_not_served"]
    announced("order")
    # It has its time to mend matters from then on, and they look again after it.
    answer = desk.front.step(by, check, "find_broken", {"reason": "无人整改"}, empty=True)
    assert _codes(answer) == ["still_time_to_rectify"]
    town.time.pass_(days=31)
    follow(town, check, ("recheck", two), ("find_broken", two))
    if former:
        _enter(desk, check, by=by, collectors=["inspector1", "inspector2"])
    desk.front.log_in_again()
    answer = desk.front.step(by, check, "notify_revocation", NOTICE)
    assert answer.status_code == 202, answer.text
    assert town.case(check).state == "broken"
    refused(desk.front.sign(by, check, "notify_revocation"), 409, "second-signature")
    assert desk.front.sign("inspector2", check, "notify_revocation").status_code == 200
    announced("notice")
    given = {"defence_considered": "公告期满，未提出"}
    answer = desk.front.step(by, check, "submit_review", given)
    assert "party_time_pending" in _codes(answer)
    town.time.pass_(days=16)
    desk.front.log_in_again()
    assert desk.front.step(by, check, "submit_review", given).status_code == 200
    assert _whole(town, check)


@pytest.mark.parametrize("former", [False, True])
def test_a_check_of_whom_nobody_finds_at_all_goes_on(desk: Desk, former: bool) -> None:
    """It is ordered, by announcement, to let itself be checked; if it does not, it has not shown
    what it promised."""
    town, by, two = desk.town, "inspector1", "inspector1+inspector2"
    if former:
        with under_former_versions(town):
            granted = town.granted()
    else:
        granted = town.granted()
    check = town.relative(granted, "check").number
    follow(town, check, ("assign", "supervisor"), ("record_unreachable", two))
    desk.front.log_in_again()
    clause = {"clause": "接受监督检查", "requirement": "配合现场核查，证明承诺的条件"}
    answer = desk.front.step(by, check, "order_rectification", {"items": [clause]})
    assert answer.json()["state"] == "rectification_ordered", answer.text
    paper = desk.front.get("applicant", f"/cases/{check}").json()["documents"][-1]
    letter = desk.front.get("applicant", f"/cases/{check}/documents/{paper['id']}")
    text = printed_text(letter.content)
    assert "未能与你（单位）取得联系" in text
    assert "接受监督检查" in text
    for way in ("直接送达", "邮寄送达"):
        town.take(check, "record_try_order", by, {**TRY, "way": way})
    town.take(check, "announce_order", by, ANNOUNCEMENT)
    town.time.pass_(days=39)
    town.take(check, "end_announcement_order", by)
    town.time.pass_(days=31)
    results = [{"clause": "接受监督检查", "met": False, "finding": "场所关闭，无人配合核查"}]
    gone = {"place_contact": "无人在场", "results": results, "summary": "仍无人在场"}
    follow(town, check, ("recheck", two), recheck=gone)
    if former:
        _enter(desk, check, by=by, collectors=["inspector1", "inspector2"])
    follow(town, check, ("find_broken", two))
    assert town.case(check).state == "broken"
    assert _whole(town, check)


@pytest.mark.parametrize("former", [False, True])
def test_a_try_that_failed_is_proved_each_by_a_paper_of_its_own(desk: Desk, former: bool) -> None:
    """Otherwise two lines of text open the way to an announcement."""
    number = desk.open(former=former)
    desk.go(number, *OPINION, ("notify", "handler1"))
    tried = {"place": "南通滨江宾馆", "outcome": "无人"}
    _upload(desk, "handler1", number, "signed_receipt")
    for way in ("直接送达", "邮寄送达", "电子送达"):
        given = {**tried, "way": way}
        answer = _take(desk, "handler1", number, "record_try_notice", given)
        assert _codes(answer, "第九十五条") == ["no_try_proof"]
        _upload(desk, "handler1", number, "try_proof")
        answer = _take(desk, "handler1", number, "record_try_notice", given)
        assert answer.status_code == 200, answer.text
    _upload(desk, "handler1", number, "announcement_copy")
    answer = _take(desk, "handler1", number, "announce_notice", ANNOUNCEMENT)
    assert answer.status_code == 200, answer.text
    assert _whole(desk.town, number)


def test_tries_that_were_entered_without_a_proof_are_proved_before_they_count(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.open(former=False)
    desk.go(number, *OPINION, ("notify", "handler1"))
    with monkeypatch.context() as before:
        before.setattr(delivery_door, "_tried", lambda act: iter(()))
        for way in ("直接送达", "邮寄送达"):
            given = {"way": way, "place": "南通滨江宾馆", "outcome": "无人"}
            answer = _take(desk, "handler1", number, "record_try_notice", given)
            assert answer.status_code == 200, answer.text
    _upload(desk, "handler1", number, "announcement_copy")
    for _ in range(2):
        answer = _take(desk, "handler1", number, "announce_notice", ANNOUNCEMENT)
        assert _codes(answer, "第九十五条") == ["tries_unproved"]
        desk.town.time.pass_(minutes=1)
        _upload(desk, "handler1", number, "try_proof")
    answer = _take(desk, "handler1", number, "announce_notice", ANNOUNCEMENT)
    assert answer.status_code == 200, answer.text


def _handed(desk: Desk, number: str, step: str, by: str, given: Any, law: str) -> None:
    """What is handed over to a passer-by is refused, and to its party is not."""
    answer = desk.take(number, step, by, {**given, "recipient": "路人甲"})
    assert _codes(answer, law) == ["wrong_receiver"]
    answer = desk.take(number, step, by, given)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("former", [False, True])
def test_a_decision_on_the_spot_is_handed_to_its_party(desk: Desk, former: bool) -> None:
    with under_former_versions(desk.town) if former else nullcontext():
        number = desk.open("simple_penalty")
    desk.go(number, PUNISHED[0])
    _handed(desk, number, "punish", HANDLERS, spot(), "第五十二条")


def test_things_and_certificates_are_handed_to_whose_they_are(desk: Desk) -> None:
    number = desk.town.granted()
    given = usual("instant_licence", "deliver")
    # Nobody agreed to it, and nothing was sent.
    typed = {**given, "method": "电子送达"}
    assert _codes(desk.take(number, "deliver", "window", typed), "第九十条") == [
        "sent_by_the_system"
    ]
    _handed(desk, number, "deliver", "window", given, "第四十四条")
    check = desk.town.relative(number, "check").number
    follow(desk.town, check, ("assign", "supervisor"), ("inspect", OFFICERS))
    custody = custody_to(desk.town, check, "released")
    given = usual("evidence_custody", "give_back")
    _handed(desk, custody, "give_back", OFFICERS, given, "第二十八条")
