"""Serving documents: each way with its proof and its own legal date, by hand from the rulebook.

Section 0 T19, T20; P4A "Service date"; 民诉法87-95, 处罚法61. Decided on Tuesday 2026-09-01.
Mid-Autumn rest is September 25 to 27, National Day October 1 to 7; Sunday September 20 and
Saturday October 10 are worked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from casework.acts.actors import Actor
from casework.acts.redactions import MARK
from casework.audit.proof import verify_case
from casework.common.problems import BadDate, BadInput, Busy, GuardRefused, Misconfigured, Problem
from casework.duties.due_clocks import fire_due_clocks
from casework.duties.handing_over import deliver_notices
from casework.kernel.office import Office
from casework.models import (
    Authority,
    CaseClock,
    Document,
    ElectronicService,
    LogRow,
    Message,
    Notice,
)
from casework.notifying import dead_letters, sending
from casework.notifying.addressing import Outlets
from casework.notifying.gateways import Letter
from casework.parts.delivery.reading import service_of
from casework.reading import case_view
from casework.rules.rendering import printed_text
from tests.support.arriving import arrive, deliveries, open_mail, report, send_out
from tests.support.fine import PAPERS, decided, publish_fine, receipt, tried
from tests.support.rules import set_key
from tests.support.serving import ANNOUNCEMENT, CONSENT
from tests.support.town import START, Town, fresh_town

BY = "inspector1"


@pytest.fixture(scope="module")
def shared(module_town: Town) -> Town:
    """One town for the whole file; each test opens a case of its own."""
    publish_fine(module_town)
    open_mail(module_town)
    return module_town


@pytest.fixture
def town(shared: Town) -> Town:
    """The town, on 2026-09-01 again."""
    shared.time.instant = START
    return shared


@pytest.fixture
def fine(town: Town) -> str:
    """A fine decided on 2026-09-01; its number."""
    return decided(town)


def _clocks(town: Town, number: str) -> dict[str, CaseClock]:
    with town.session() as session:
        rows = session.scalars(select(CaseClock).where(CaseClock.case_id == town.case(number).id))
        return {row.name: row for row in rows}


def _served(town: Town, number: str) -> dict[str, Any]:
    found: dict[str, Any] = town.case(number).data["service"]["decision"]
    return found


def _proved(town: Town, number: str) -> None:
    with town.session() as session:
        assert verify_case(session, town.case(number), town.office.versions) == []


def _code(refused: pytest.ExceptionInfo[GuardRefused]) -> str:
    [reason] = refused.value.extra["reasons"]
    assert reason["law"], "a refusal names its article"
    return str(reason["code"])


@dataclass(frozen=True)
class Row:
    """One service: how, on which day, entered when, and what follows from it."""

    given: Mapping[str, Any]
    entered: str
    served: str
    payment: str
    before: tuple[tuple[str, Any], ...] = ()
    files: tuple[str, ...] = ()


# Payment: 15 calendar days from the day after service, over a rest day to the next working day.
ROWS = {
    "signed the day it was decided": Row(receipt("2026-09-01"), "09-01", "09-01", "09-16"),
    "signed by whoever takes the firm's post": Row(
        receipt("2026-09-03", receiver="单位负责收件的人"), "09-03", "09-03", "09-18"
    ),
    # Wednesday to Monday is three working days. The 24th is a Thursday, and a working day.
    "signed, entered five days later": Row(receipt("2026-09-09"), "09-14", "09-09", "09-24"),
    # The 15th day is Friday September 25, Mid-Autumn; the next working day is Monday the 28th.
    "the last day of payment is a rest day": Row(receipt("2026-09-10"), "09-10", "09-10", "09-28"),
    # The 15th day is a Saturday; the Sunday after it is worked.
    "left, with a witness": Row(receipt("2026-09-04", "留置送达"), "09-04", "09-04", "09-20"),
    "left, with pictures": Row(
        receipt("2026-09-07", "留置送达", witness="", witness_unit="", witness_signed=False),
        "09-07",
        "09-07",
        "09-22",
        files=("service_media",),
    ),
    # Sent on the 2nd, signed on the slip on the 8th, the slip came back on the 14th.
    "posted: the day on the return slip": Row(
        receipt("2026-09-08", "邮寄送达"), "09-14", "09-08", "09-23", files=("return_slip",)
    ),
    "electronic: the day of arrival": Row(
        receipt("2026-09-02", "电子送达"),
        "09-02",
        "09-02",
        "09-17",
        before=(("confirm_address", CONSENT),),
        files=("address_confirmation",),
    ),
    # Sent and arrived on a Saturday: the day of arrival all the same.
    "electronic, on a rest day": Row(
        receipt("2026-09-05", "电子送达"),
        "09-05",
        "09-05",
        "09-20",
        before=(("confirm_address", CONSENT),),
        files=("address_confirmation",),
    ),
    "through another authority": Row(receipt("2026-09-08", "委托送达"), "09-10", "09-08", "09-23"),
    "through a prison": Row(receipt("2026-09-08", "转交送达"), "09-08", "09-08", "09-23"),
    # Served on September 16: the 15th day is October 1; after the rest, Thursday October 8.
    "payment over National Day": Row(receipt("2026-09-16"), "09-16", "09-16", "10-08"),
}


def _day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


@pytest.mark.parametrize("name", ROWS)
def test_each_way_has_its_legal_date_and_clocks_count_from_it(
    town: Town, fine: str, name: str
) -> None:
    row = ROWS[name]
    town.attach(fine, *row.files, by=BY) if "confirm_address" in dict(row.before) else None
    for step, given in row.before:
        town.take(fine, step, BY, given)
    town.time.go_to(_day(row.entered), hour=15)
    if row.files:
        town.attach(fine, *row.files, by=BY)
    outcome = town.take(fine, "serve", BY, row.given)
    if outcome.awaits_arrival:
        assert town.case(fine).state == "decided"
        assert arrive(town)
    case = town.case(fine)
    assert case.state == "served"
    entry = _served(town, fine)
    assert entry["served_on"] == f"2026-{row.served}"
    [kept] = entry["receipts"]
    assert [one["key"] for one in kept["documents"]] == list(PAPERS)
    assert kept["servers"] == [town.people[BY].name]
    payment = _clocks(town, fine)["payment"]
    assert payment.due_on == _day(row.payment)
    with town.session() as session:
        paper = session.scalars(
            select(Document).filter_by(case_id=case.id, key="service_receipt")
        ).one()
        printed = dict(paper.context)
        row_of_log = session.scalars(
            select(LogRow).where(LogRow.case_id == case.id).order_by(LogRow.seq.desc()).limit(1)
        ).one()
        # The act's own legal date is that day too, however late it is entered.
        assert row_of_log.header["effective_at"].startswith(f"2026-{row.served}")
    assert printed["service"]["way"] == row.given["way"]
    assert printed["service"]["on"] == f"2026-{row.served}"
    assert len(printed["documents"]) == len(PAPERS)
    _proved(town, fine)


REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "left, without witness or pictures": (
        receipt("2026-09-02", "留置送达", witness="", witness_unit="", witness_signed=False),
        "no_witness",
    ),
    "left, the witness has not signed": (
        receipt("2026-09-02", "留置送达", witness_signed=False),
        "no_witness",
    ),
    "left, a witness of nowhere": (
        receipt("2026-09-02", "留置送达", witness_unit=""),
        "no_witness",
    ),
    "left, no refusal": (receipt("2026-09-02", "留置送达", refusal=" "), "no_refusal"),
    "direct, not signed": (receipt("2026-09-02", signed=False), "not_signed"),
    "direct, to a firm's family": (
        receipt("2026-09-02", receiver="同住成年家属"),
        "wrong_receiver",
    ),
    "posted, no number": (
        receipt("2026-09-02", "邮寄送达", mailing_number=""),
        "no_mailing_number",
    ),
    "posted, no slip": (receipt("2026-09-02", "邮寄送达"), "no_return_slip"),
    "electronic, no consent": (receipt("2026-09-02", "电子送达"), "no_consent"),
    "entrusted to nobody": (receipt("2026-09-02", "委托送达", through=""), "no_intermediary"),
    "before it was made": (receipt("2026-08-31"), "served_earlier"),
    "a paper that waits for nobody": (
        receipt("2026-09-02", documents=[*PAPERS, "certificate"]),
        "not_to_serve",
    ),
    "only one of three": (
        receipt("2026-09-02", documents=["refusal_decision"]),
        "receipts_missing",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_without_the_proof_the_law_wants_nothing_is_served(
    town: Town, fine: str, name: str
) -> None:
    given, code = REFUSED[name]
    town.time.go_to(date(2026, 9, 3))
    with pytest.raises(GuardRefused) as refused:
        town.take(fine, "serve", BY, given)
    assert _code(refused) == code
    assert town.case(fine).state == "decided"


def test_a_day_that_is_still_to_come_is_refused(town: Town, fine: str) -> None:
    with pytest.raises(BadDate):
        town.take(fine, "serve", BY, receipt("2026-09-02"))


def test_pictures_of_an_earlier_try_prove_no_later_service(town: Town, fine: str) -> None:
    town.attach(fine, "service_media", by=BY)
    town.time.go_to(date(2026, 9, 3))
    bare = {"witness": "", "witness_unit": "", "witness_signed": False}
    with pytest.raises(GuardRefused) as refused:
        town.take(fine, "serve", BY, receipt("2026-09-03", "留置送达", **bare))
    assert _code(refused) == "no_witness"


def test_consent_given_later_covers_no_earlier_day(town: Town, fine: str) -> None:
    town.time.go_to(date(2026, 9, 4))
    town.attach(fine, "address_confirmation", by=BY)
    town.take(fine, "confirm_address", BY, {**CONSENT, "signed_on": "2026-09-04"})
    with pytest.raises(GuardRefused) as refused:
        town.take(fine, "serve", BY, receipt("2026-09-03", "电子送达"))
    assert _code(refused) == "consent_later"


def test_a_decision_is_not_served_online_by_who_takes_no_reconsideration_online(
    town: Town, fine: str
) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    with town.session() as session:
        authority = session.get_one(Authority, town.case(fine).authority_id)
        online, authority.reconsideration_online = authority.reconsideration_online, ""
    with pytest.raises(GuardRefused) as refused:
        town.take(fine, "serve", BY, receipt("2026-09-01", "电子送达"))
    assert _code(refused) == "no_online_review"
    with town.session() as session:
        session.get_one(Authority, town.case(fine).authority_id).reconsideration_online = online
    assert town.take(fine, "serve", BY, receipt("2026-09-01", "电子送达")).awaits_arrival


def test_a_consent_needs_the_signed_paper_unless_the_party_fills_it_in(
    town: Town, fine: str
) -> None:
    with pytest.raises(GuardRefused) as refused:
        town.take(fine, "confirm_address", BY, CONSENT)
    assert _code(refused) == "no_signed_paper"
    with pytest.raises(GuardRefused) as refused:
        town.take(fine, "confirm_address", "applicant", {**CONSENT, "electronic_address": ""})
    assert _code(refused) == "no_electronic_address"
    town.take(fine, "confirm_address", "applicant", CONSENT)
    town.take(fine, "serve", BY, receipt("2026-09-01", "电子送达"))
    arrive(town)
    assert town.case(fine).state == "served"


def _sent(town: Town, fine: str, step: str = "serve", *papers: str) -> Letter:
    """What goes out when papers are served electronically, today."""
    given = receipt(town.time.now().date().isoformat(), "电子送达", documents=list(papers))
    outcome = town.take(fine, step, BY, given)
    assert outcome.awaits_arrival
    [letter] = send_out(town)
    return letter


def test_it_is_served_on_the_day_of_its_arrival_not_on_that_of_its_sending(
    town: Town, fine: str
) -> None:
    """Sent on Tuesday the 1st, in the system of the address on the 2nd, reported on the 9th."""
    town.take(fine, "confirm_address", "applicant", CONSENT)
    before = town.case(fine)
    letter = _sent(town, fine)
    assert letter.to == CONSENT["electronic_address"]
    assert {name for name, _ in letter.papers} == {
        f"{one['title']}.docx" for one in deliveries(town)[-1].papers
    }
    case = town.case(fine)
    assert (case.state, case.version) == ("decided", before.version)
    town.time.pass_(days=1)
    arrived = town.time.now()
    town.time.go_to(date(2026, 9, 3), hour=15)
    report(town, letter, at=arrived)
    report(town, letter, at=town.time.now())  # the gateway says it again
    assert town.case(fine).state == "served"
    entry = _served(town, fine)
    assert entry["served_on"] == "2026-09-02"
    [kept] = entry["receipts"]
    assert kept["arrival"]["at"] == arrived.isoformat()
    assert kept["arrival"]["receipt"] == f"R-{letter.key}"
    assert kept["servers"] == [town.people[BY].name]
    assert _clocks(town, fine)["payment"].due_on == date(2026, 9, 17)
    with town.session() as session:
        view = case_view(town.office, session, town.people["applicant"], fine)
        receipts = select(Document.content).where(Document.key == "service_receipt")
        content = session.scalars(receipts.order_by(Document.id.desc()).limit(1)).one()
    told = f"{arrived:%Y-%m-%d} 09:00:00到达，发送渠道“电子邮件”，到达回执R-{letter.key}"
    assert view.service[0].receipts[0].proof == (told,)
    text = printed_text(content)
    assert told in text
    assert CONSENT["electronic_address"] in text
    _proved(town, fine)


def test_a_report_that_comes_long_after_is_not_entered_late(town: Town, fine: str) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    letter, arrived = _sent(town, fine), town.time.now()
    town.time.go_to(date(2026, 9, 23))
    send_out(town)  # three days without a report: its desk was told
    report(town, letter, at=arrived)
    assert _served(town, fine)["served_on"] == "2026-09-01"
    _proved(town, fine)


def test_what_does_not_arrive_goes_back_to_its_desk(town: Town, fine: str) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    letter = _sent(town, fine)
    online = receipt("2026-09-01", "电子送达")
    with pytest.raises(GuardRefused) as refused:
        town.take(fine, "serve", BY, online)
    assert _code(refused) == "on_its_way"
    town.time.pass_(days=1)
    report(town, letter, state="failed", reason="邮箱已停用")
    assert town.case(fine).state == "decided"
    with town.session() as session:
        [told] = session.scalars(
            select(Notice).where(Notice.key == f"electronic/{deliveries(town)[-1].id}/failed")
        )
        [view] = case_view(town.office, session, town.people[BY], fine).service
        [seen] = case_view(town.office, session, town.people["applicant"], fine).service
    assert [(one.state, one.outcome) for one in seen.sent] == [("没有到达", "")]
    assert told.to_role == "inspector"
    assert "邮箱已停用" in told.body
    assert [(one.state, "邮箱已停用" in one.outcome) for one in view.sent] == [("没有到达", True)]
    assert [one.address for one in view.sent] == [CONSENT["electronic_address"]]
    # Where it was sent to is not shown once the address that was agreed to was taken away.
    with town.session() as session:
        case = town.case(fine)
        case.data["confirm_address"]["electronic_address"] = MARK
        process = town.office.versions.by_digest(session, case.version_digest)
        [view] = service_of(session, case, process, as_officer=True)
    assert [one.address for one in view.sent] == [MARK]
    # The gateway's word is the proof of the try, and another way is open.
    town.take(fine, "record_try", BY, tried("2026-09-02", "电子送达"))
    town.take(fine, "serve", BY, receipt("2026-09-02"))
    report(town, letter)
    assert deliveries(town)[-1].state == "overtaken"
    assert _served(town, fine)["served_on"] == "2026-09-02"
    _proved(town, fine)


def test_nothing_is_waited_for_for_ever(town: Town, fine: str) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    _sent(town, fine)
    town.time.pass_(days=2)
    send_out(town)
    assert deliveries(town)[-1].state == "waiting"
    town.time.pass_(days=1)
    send_out(town)
    assert deliveries(town)[-1].state == "stopped"
    with pytest.raises(GuardRefused) as refused:
        _tried_electronically(town, fine)  # nobody said that it did not arrive
    assert _code(refused) == "no_try_proof"


def test_parts_may_arrive_in_any_order(town: Town, fine: str) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    letters = []
    for paper in PAPERS:
        letters.append(_sent(town, fine, "record_receipt", paper))
        town.time.pass_(days=1)
    for letter in reversed(letters):
        report(town, letter)
        town.time.pass_(days=1)
    assert town.case(fine).state == "served"
    entry = _served(town, fine)
    assert [one["on"] for one in entry["receipts"]] == ["2026-09-04", "2026-09-05", "2026-09-06"]
    assert {one["place"] for one in entry["receipts"]} == {CONSENT["electronic_address"]}
    assert entry["served_on"] == "2026-09-06"
    _proved(town, fine)


@pytest.mark.parametrize("passing", [Busy("正忙"), Misconfigured("没有模板"), BadDate("时钟")])
def test_an_arrival_outlasts_what_passes(
    town: Town, fine: str, monkeypatch: pytest.MonkeyPatch, passing: Problem
) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    letter, arrived = _sent(town, fine), town.time.now()

    def fails(*_: object) -> bool:
        raise passing

    with monkeypatch.context() as now:
        now.setattr(Office, "serve_arrived", fails)
        report(town, letter)
    assert deliveries(town)[-1].state == "waiting"
    town.time.pass_(days=1)
    send_out(town)
    assert _served(town, fine)["served_on"] == arrived.date().isoformat()


def test_of_a_bundle_only_what_still_waits_is_recorded(town: Town, fine: str) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    letter = _sent(town, fine)
    town.take(fine, "record_receipt", BY, receipt("2026-09-01", documents=[PAPERS[0]]))
    town.time.pass_(days=1)
    report(town, letter)
    assert town.case(fine).state == "served"
    entry = _served(town, fine)
    assert [one["key"] for one in entry["receipts"][-1]["documents"]] == list(PAPERS[1:])
    assert entry["served_on"] == "2026-09-02"
    assert deliveries(town)[-1].state == "served"
    _proved(town, fine)


def test_what_was_served_by_hand_ends_its_delivery_quietly(town: Town, fine: str) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    letter = _sent(town, fine)
    town.take(fine, "serve", BY, receipt("2026-09-01"))
    report(town, letter)
    row = deliveries(town)[-1]
    assert (row.state, row.outcome) == ("overtaken", "文书已另行送达或者重新制作")
    assert _told(town) == []


def test_what_was_given_up_or_served_by_hand_does_not_go_out(town: Town, fine: str) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    town.take(fine, "serve", BY, receipt("2026-09-01", "电子送达"))
    _put_off(town, days=4)
    town.time.pass_(days=3)
    send_out(town)
    assert deliveries(town)[-1].state == "stopped"
    assert len(_told(town)) == 1
    town.time.pass_(days=2)
    assert send_out(town) == []
    assert _message(town).state == "paper"
    town.take(fine, "serve", BY, receipt("2026-09-06", "电子送达"))
    town.take(fine, "serve", BY, receipt("2026-09-06"))
    assert send_out(town) == []
    assert (_message(town).state, deliveries(town)[-1].state) == ("paper", "overtaken")
    assert _told(town) == []


def test_what_never_became_a_message_is_given_up(town: Town, fine: str) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    town.take(fine, "serve", BY, receipt("2026-09-01", "电子送达"))
    with town.session() as session:
        later = {"next_try_at": town.time.now() + timedelta(days=9)}
        session.execute(update(Notice).where(Notice.kind == "electronic").values(**later))
    town.time.pass_(days=3)
    send_out(town)
    assert deliveries(town)[-1].state == "stopped"


def test_a_failed_delivery_proves_no_try_of_another_paper(town: Town, fine: str) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    letter = _sent(town, fine, "record_receipt", PAPERS[0])
    report(town, letter, state="failed")
    _tried_electronically(town, fine)
    town.take(fine, "record_receipt", BY, receipt("2026-09-01", documents=[PAPERS[0]]))
    with pytest.raises(GuardRefused) as refused:
        _tried_electronically(town, fine)
    assert _code(refused) == "no_try_proof"


@pytest.mark.parametrize("in_time", [True, False])
def test_nothing_is_served_at_an_address_that_was_given_up(
    town: Town, fine: str, in_time: bool
) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    letter = _sent(town, fine)
    town.time.pass_(hours=2)
    arrived = town.time.now()
    town.time.pass_(hours=2)
    other = {**CONSENT, "electronic_address": "new@hotel.example", "signed_on": "2026-09-01"}
    town.take(fine, "confirm_address", "applicant", other)
    assert send_out(town) == []
    assert deliveries(town)[-1].state == "stopped"
    assert "另行确认送达地址" in _told(town)[0].body
    town.time.pass_(days=1)
    report(town, letter, at=arrived if in_time else town.time.now())
    assert deliveries(town)[-1].state == ("served" if in_time else "overtaken")
    if in_time:
        assert _served(town, fine)["served_on"] == "2026-09-01"
        return
    letter = _sent(town, fine)
    assert letter.to == "new@hotel.example"
    report(town, letter)
    assert _served(town, fine)["served_on"] == "2026-09-02"
    _proved(town, fine)


def test_what_is_unsent_at_an_address_given_up_gives_way_to_the_new_one(
    town: Town, fine: str
) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    online = receipt("2026-09-01", "电子送达")
    town.take(fine, "serve", BY, online)
    other = {**CONSENT, "electronic_address": "new@hotel.example"}
    town.take(fine, "confirm_address", "applicant", other)
    assert town.take(fine, "serve", BY, online).awaits_arrival
    assert [letter.to for letter in arrive(town)] == ["new@hotel.example"]
    assert [one.state for one in deliveries(town)[-2:]] == ["stopped", "served"]


def test_what_cannot_be_judged_holds_up_no_other(
    town: Town, fine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    town.take(fine, "serve", BY, receipt("2026-09-01", "电子送达"))

    def fails(*_: object) -> str:
        raise Misconfigured("程序声明已损坏")

    monkeypatch.setattr(sending, "over", fails)
    assert len(send_out(town)) == 1


def test_a_consent_taken_back_leaves_what_arrived_before(town: Town, fine: str) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    letter, arrived = _sent(town, fine), town.time.now()
    town.time.pass_(days=1)
    none = {**CONSENT, "electronic": False, "electronic_address": "", "signed_on": "2026-09-02"}
    town.take(fine, "confirm_address", "applicant", none)
    report(town, letter, at=arrived)
    assert _served(town, fine)["served_on"] == "2026-09-01"
    _proved(town, fine)


def test_an_arrival_without_its_instant_serves_nothing(town: Town, fine: str) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    letter = _sent(town, fine)
    with pytest.raises(BadInput, match="到达时间"):
        report(town, letter, dated=False)
    assert deliveries(town)[-1].state == "waiting"
    report(town, letter, state="failed", dated=False)
    assert deliveries(town)[-1].state == "failed"


def test_what_was_told_otherwise_is_served_if_it_arrives(town: Town, fine: str) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    letter = _sent(town, fine)
    report(town, letter, state="failed")
    window = town.people["window"]
    dead_letters.told_otherwise(town.office, window, _message(town).id, "电话告知")
    report(town, letter)
    assert deliveries(town)[-1].state == "served"


@pytest.mark.parametrize("first", [True, False])
def test_what_is_sent_again_is_waited_for_anew(town: Town, fine: str, first: bool) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    letter = _sent(town, fine)
    report(town, letter, state="failed")
    town.time.pass_(days=7)
    assert _send_again(town) == 1
    [again] = send_out(town)
    assert deliveries(town)[-1].state == "waiting"
    report(town, letter, state="failed")
    assert _message(town).state == "sent"  # the second sending did not fail
    report(town, letter if first else again)
    assert deliveries(town)[-1].state == "served"


def test_what_was_served_by_hand_is_not_sent_again(town: Town, fine: str) -> None:
    town.take(fine, "confirm_address", "applicant", CONSENT)
    letter = _sent(town, fine)
    report(town, letter, state="failed")
    town.take(fine, "serve", BY, receipt("2026-09-01"))
    assert _send_again(town) == 0
    assert (send_out(town), _message(town).state) == ([], "paper")


def _send_again(town: Town) -> int:
    return dead_letters.send_again(town.office, town.people["supervisor"], _message(town).id)


def _message(town: Town) -> Message:
    """What went out last to be served."""
    with town.session() as session:
        of = Message.notice_id == ElectronicService.notice_id
        wanted = select(Message).join(ElectronicService, of)
        return session.scalars(wanted.order_by(Message.id.desc()).limit(1)).one()


def _put_off(town: Town, *, days: int) -> None:
    deliver_notices(town.office, Outlets(town.office))
    with town.session() as session:
        later = {"next_try_at": town.time.now() + timedelta(days=days)}
        session.execute(update(Message).where(Message.id == _message(town).id).values(**later))


def _told(town: Town) -> list[Notice]:
    """What the desk was told of the last delivery."""
    with town.session() as session:
        key = f"electronic/{deliveries(town)[-1].id}/%"
        return list(session.scalars(select(Notice).where(Notice.key.like(key))))


def _tried_electronically(town: Town, fine: str) -> None:
    """Enter a try without handing in any proof of it."""
    on = town.time.now().date().isoformat()
    version = town.case(fine).version
    given = tried(on, "电子送达")
    town.office.advance(fine, "record_try", given, town.people[BY], version=version)


def test_several_receipts_are_served_on_the_day_of_the_last_one_needed(
    town: Town, fine: str
) -> None:
    """Entered out of order: the slip of what came first comes back last."""
    town.time.go_to(date(2026, 9, 9))
    town.take(fine, "record_receipt", BY, receipt("2026-09-08", documents=["deferral_notice"]))
    town.take(fine, "record_try", BY, tried("2026-09-09", "直接送达"))
    town.time.go_to(date(2026, 9, 14))
    town.attach(fine, "return_slip", by=BY)
    posted = receipt("2026-09-03", "邮寄送达", documents=["refusal_decision"])
    town.take(fine, "record_receipt", BY, posted)
    assert _served(town, fine)["served_on"] is None
    with town.session() as session:
        [view] = case_view(town.office, session, town.people[BY], fine).service
    assert [one.key for one in view.waiting] == ["review_opinion"]
    passed_on = receipt("2026-09-07", "委托送达")
    with pytest.raises(GuardRefused) as refused:
        town.take(fine, "record_receipt", BY, passed_on)
    assert _code(refused) == "last_receipt"
    town.take(fine, "serve", BY, passed_on)
    assert town.case(fine).state == "served"
    assert _served(town, fine)["served_on"] == "2026-09-08"
    # 15 days from September 8: Wednesday the 23rd.
    assert _clocks(town, fine)["payment"].due_on == date(2026, 9, 23)
    with town.session() as session:
        view = case_view(town.office, session, town.people["applicant"], fine)
        [told] = view.service
        papers = [one.key for one in view.documents]
    assert [(one.way, one.on) for one in told.receipts] == [
        ("直接送达", date(2026, 9, 8)),
        ("邮寄送达", date(2026, 9, 3)),
        ("委托送达", date(2026, 9, 7)),
    ]
    assert [one.way for one in told.tries] == ["直接送达"]
    assert papers.count("service_receipt") == 3
    _proved(town, fine)


def test_an_announcement_is_the_last_resort(town: Town, fine: str) -> None:
    town.time.go_to(date(2026, 9, 8))

    def announce() -> None:
        town.take(fine, "announce", BY, {**ANNOUNCEMENT, "published_on": "2026-09-08"})

    with pytest.raises(GuardRefused) as refused:
        announce()
    assert _code(refused) == "ways_not_tried"
    town.take(fine, "record_try", BY, tried("2026-09-03", "直接送达"))
    town.take(fine, "record_try", BY, tried("2026-09-04", "直接送达"))
    with pytest.raises(GuardRefused) as refused:
        announce()
    assert _code(refused) == "ways_not_tried"
    town.take(fine, "record_try", BY, tried("2026-09-07", "邮寄送达"))
    announce()
    assert town.case(fine).state == "announced"
    assert len(_served(town, fine)["tries"]) == 3
    _proved(town, fine)


def test_how_many_ways_must_fail_is_a_key(server: str, settled: dict[str, Actor]) -> None:
    with fresh_town(server, settled) as town:
        publish_fine(town)
        number = decided(town)
        with town.session() as session:
            set_key(session, "service.ways_before_announcement", value=1)
        town.take(number, "record_try", BY, tried("2026-09-01", "直接送达"))
        town.take(number, "announce", BY, {**ANNOUNCEMENT, "published_on": "2026-09-01"})
        assert town.case(number).state == "announced"


def _announced(town: Town, number: str, on: str) -> None:
    town.take(number, "record_try", BY, tried(on, "直接送达"))
    town.take(number, "record_try", BY, tried(on, "邮寄送达"))
    town.take(number, "announce", BY, {**ANNOUNCEMENT, "published_on": on})


# Announced, deemed served, then the last day to pay.
ENDS = (
    # Thirty days from September 8: Thursday October 8. Fifteen more: Friday the 23rd.
    ("2026-09-08", "2026-10-08", "2026-10-23"),
    # The thirtieth day is October 3, in the rest: the first working day after it is October 8.
    ("2026-09-03", "2026-10-08", "2026-10-23"),
    # The thirtieth day is Saturday October 10, which is worked. October 25 is a Sunday.
    ("2026-09-10", "2026-10-10", "2026-10-26"),
)


@pytest.mark.parametrize(("published", "served", "payment"), ENDS)
@pytest.mark.parametrize("late", [False, True])
def test_when_its_period_ends_the_law_takes_it_as_served(
    town: Town, fine: str, published: str, served: str, payment: str, late: bool
) -> None:
    town.time.go_to(date.fromisoformat(published))
    _announced(town, fine, published)
    town.time.go_to(date.fromisoformat(served), hour=23)
    fire_due_clocks(town.office)
    assert town.case(fine).state == "announced"
    town.time.pass_(days=20 if late else 0, hours=2)
    fire_due_clocks(town.office)
    assert town.case(fine).state == "served"
    entry = _served(town, fine)
    assert entry["served_on"] == served
    assert [(one["way"], one["on"]) for one in entry["receipts"]] == [("公告送达", served)]
    assert _clocks(town, fine)["payment"].due_on == date.fromisoformat(payment)
    _proved(town, fine)


def test_whoever_comes_during_an_announcement_is_served_by_hand(town: Town, fine: str) -> None:
    _announced(town, fine, "2026-09-01")
    town.time.go_to(date(2026, 9, 10))
    town.take(fine, "serve", BY, receipt("2026-09-10"))
    assert _served(town, fine)["served_on"] == "2026-09-10"
    town.time.go_to(date(2026, 11, 1))
    fire_due_clocks(town.office)
    assert _served(town, fine)["served_on"] == "2026-09-10"
    _proved(town, fine)


def test_what_was_served_in_part_is_announced_in_part(town: Town, fine: str) -> None:
    town.take(fine, "record_receipt", BY, receipt("2026-09-01", documents=[PAPERS[0]]))
    _announced(town, fine, "2026-09-01")
    town.time.go_to(date(2026, 10, 20))
    fire_due_clocks(town.office)
    # Thirty days from September 1 is October 1; the rest ends on the 8th.
    entry = _served(town, fine)
    assert entry["served_on"] == "2026-10-08"
    assert [one["key"] for one in entry["receipts"][-1]["documents"]] == list(PAPERS[1:])
    _proved(town, fine)


@pytest.mark.parametrize("swept", [False, True])
def test_served_in_time_but_entered_late_the_time_to_serve_was_kept(
    town: Town, fine: str, swept: bool
) -> None:
    """T19: seven working days from September 1 is the 10th. Served on the 9th, entered the 14th."""
    town.time.go_to(date(2026, 9, 9))
    town.attach(fine, "signed_receipt", by=BY)
    town.time.go_to(date(2026, 9, 14))
    if swept:
        fire_due_clocks(town.office)
    town.take(fine, "serve", BY, receipt("2026-09-09"))
    run = _clocks(town, fine)["service"]
    assert run.due_on == date(2026, 9, 10)
    with town.session() as session:
        kinds = [
            row.header["kind"]
            for row in session.scalars(select(LogRow).filter_by(case_id=town.case(fine).id))
        ]
    # Nobody had told the sweep; but where it had not run, nothing is held against the authority.
    assert kinds.count("expiry") == int(swept)
    _proved(town, fine)


def test_a_replay_that_does_not_agree_is_found(town: Town, fine: str) -> None:
    town.take(fine, "serve", BY, receipt("2026-09-01"))
    with town.session() as session:
        case = session.merge(town.case(fine))
        entry = {**case.data["service"]["decision"], "served_on": "2026-08-30"}
        case.data = {**case.data, "service": {"decision": entry}}
    with town.session() as session:
        faults = verify_case(session, town.case(fine), town.office.versions)
    assert [fault.text for fault in faults] == ["重放得到的填写内容与登记不一致"]
