"""Entering afterwards what was done on paper (专项补录), over HTTP: while the system was down, or
before there was one. It bears its real day, and shortens no time of the party.

The system is down from Tuesday 2026-09-15 to Friday the 18th, and it is Monday the 21st.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework.audit.admin_proof import faults_of_administration
from casework.audit.case_book import books
from casework.audit.case_file import CaseFile
from casework.audit.court_file import court_file
from casework.audit.principles import breaches
from casework.audit.proof import verify_case, verify_database
from casework.common.database import engine_for
from casework.common.timekeeping import ZONE
from casework.duties.due_clocks import fire_due_clocks
from casework.models import Backfill, CaseClock, Document, LogRow, NumberEntry, Post
from casework.rules.rendering import printed_text
from casework.rules.versions import VersionCache
from tests.support.backfills import (
    backfill_of,
    enter,
    entered,
    new_backfill,
    numbers_for,
    paper_in,
)
from tests.support.desk import Desk
from tests.support.front import Front, refused
from tests.support.journeys import check_to, usual
from tests.support.penalties import FIRM, HEAVY, OPINION, go, inputs_of, lead, penalty_to
from tests.support.people import appoint, empower
from tests.support.serving import RECEIPT
from tests.support.town import application

DAY = "2026-09-16"


def _go(front: Front, day: str, hour: int = 9) -> None:
    front.town.time.go_to(date.fromisoformat(day), hour)
    front.log_in_again()


def _codes(answer: Any) -> list[str]:
    problem = refused(answer, 409, "guard-refused")
    assert problem["law"]
    return [one["code"] for one in problem["reasons"]]


def _committed(front: Front) -> str:
    """An application that was promised on the Monday before; its number."""
    front.town.time.go_to(date(2026, 9, 14))
    number = front.town.committed()
    _go(front, "2026-09-21")
    return number


def _for_grant(front: Front, **more: Any) -> dict[str, str]:
    return {
        "grant_decision": numbers_for(front, "grant_decision", **more)[0],
        "certificate": numbers_for(front, "certificate", **more)[0],
    }


def _as_owner(front: Front, *statements: Any) -> None:
    """What the application may not do itself."""
    engine = engine_for(front.town.url, role=None)
    with Session(engine) as session:
        for statement in statements:
            session.execute(statement)
        session.commit()
    engine.dispose()


def _rows(front: Front, number: str) -> list[LogRow]:
    with front.town.session() as session:
        case = front.town.case(number)
        found = select(LogRow).where(LogRow.case_id == case.id).order_by(LogRow.seq)
        return list(session.scalars(found))


def _breaches(front: Front, number: str) -> list[str]:
    with front.town.session() as session:
        case = front.town.case(number)
        book = books(session, [case.id])[case.id]
        process = front.town.office.versions.by_digest(session, case.version_digest)
        rules = front.town.office.rules.current(session)
        return [str(one) for one in breaches(CaseFile(book, process, session, rules))]


def _proved(front: Front, number: str) -> None:
    """Nothing is wrong with the case, nor with what it stands on, and no principle is broken."""
    with front.town.session() as session:
        assert verify_case(session, front.town.case(number), VersionCache()) == []
        report = verify_database(session, VersionCache())
    assert (report.faults, report.breaches) == ((), ())


# -- an outage -------------------------------------------------------------------------------------


def test_a_grant_of_an_outage_bears_its_own_day_and_number(front: Front) -> None:
    number = _committed(front)
    kept = numbers_for(front, "grant_decision", 3)
    key = backfill_of(front)
    # What is set aside for this very outage, on the day after it, is of it as well.
    [certificate] = numbers_for(front, "certificate", backfill=key)
    numbers = {"grant_decision": kept[1], "certificate": certificate}
    version = front.town.case(number).version
    answer = enter(front, number, "grant", "approver", "2026-09-16", key, numbers=numbers)
    assert answer.status_code == 202, answer.text
    assert answer.json()["awaits_signature"]
    assert front.town.case(number).state == "committed"
    [waits] = front.get("supervisor", f"/backfills/{key}").json()["waiting"]
    assert (waits["case"], waits["step"], waits["on"]) == (number, "grant", "2026-09-16")
    answer = front.sign("supervisor", number, "grant", version=version)
    assert answer.status_code == 200, answer.text

    # What benefits the party counts from the real day.
    licence = front.town.licence_of(number)
    assert licence["number"] == numbers["certificate"]
    assert licence["valid_from"] == "2026-09-16"
    with front.town.session() as session:
        case = front.town.case(number)
        papers = session.scalars(select(Document).where(Document.case_id == case.id)).all()
        [decision] = [one for one in papers if one.key == "grant_decision"]
        assert (decision.number, decision.issued_on) == (kept[1], date(2026, 9, 16))

    # It is marked wherever one reads it.
    row = next(row for row in _rows(front, number) if row.header["name"] == "grant")
    people = front.town.people
    assert row.header["backfill"] == key
    told = row.payload["backfill"]
    assert told["entered_by"] == people["approver"].person_id
    assert told["confirmed_by"] == people["supervisor"].person_id
    assert len(told["paper"]["sha256"]) == 64
    # It is the act of one, whoever confirmed it.
    assert row.header["officers"] == [people["approver"].person_id]
    line = next(
        one for one in front.get("window", f"/cases/{number}/log").json() if one["name"] == "grant"
    )
    assert line["backfill"].startswith(f"第{key}号专项补录（系统停运）")
    shown = front.get("applicant", f"/cases/{number}").json()["documents"]
    mark = f"补录：2026年9月21日按纸质文书录入（第{key}号专项补录）"
    assert [one["marks"] for one in shown if one["key"] == "grant_decision"] == [[mark]]
    _proved(front, number)

    # What no paper bears is void, and the series goes on behind it.
    closed = front.post("supervisor", f"/backfills/{key}/end", {"reason": "全部录入"})
    assert closed.json()["voided"] == [kept[0], kept[2]]
    _proved(front, number)
    other = front.town.committed(address="人民中路7号")
    assert front.step("approver", other, "grant").status_code == 200
    with front.town.session() as session:
        entry = session.scalars(
            select(NumberEntry).where(
                NumberEntry.case_id == front.town.case(other).id, NumberEntry.text.like("%准%")
            )
        ).one()
        assert entry.n == 4


def test_what_a_paper_lacks_is_said_before_anybody_confirms(front: Front) -> None:
    number = _committed(front)
    numbers = _for_grant(front)
    key = backfill_of(front)

    def ask(**more: Any) -> list[str]:
        said = {"numbers": numbers, **more}
        return _codes(enter(front, number, "grant", "approver", said.pop("on", DAY), key, **said))

    assert ask(on="2026-09-14") == ["backfill_outside_span"]
    assert ask(on="2026-09-19") == ["backfill_outside_span"]
    assert ask(paper=None) == ["backfill_paper_missing"]
    plans = front.upload("window", number, "party_statement", "声明.pdf").json()["id"]
    assert ask(paper=plans) == ["backfill_paper_missing"]
    other = paper_in(front, front.town.committed(address="人民中路7号"), "window")
    assert ask(paper=other) == ["backfill_paper_missing"]
    assert ask(numbers={}) == ["backfill_number_missing"]
    assert ask(numbers={"grant_decision": numbers["grant_decision"]}) == ["backfill_number_missing"]
    wrong = {**numbers, "grant_decision": "崇川卫公准〔2026〕99号"}
    assert ask(numbers=wrong) == ["backfill_number_not_reserved"]
    # Of another kind of letter.
    wrong = {**numbers, "grant_decision": numbers_for(front, "refusal_decision", backfill=key)[0]}
    assert ask(numbers=wrong) == ["backfill_number_not_reserved"]
    # Set aside after the outage began, but not for it.
    wrong = {**numbers, "grant_decision": numbers_for(front, "grant_decision")[0]}
    assert ask(numbers=wrong) == ["backfill_number_not_reserved"]
    answer = enter(
        front, number, "grant", "approver", DAY, key, numbers={"grant_decision": "号" * 61}
    )
    refused(answer, 422, "bad-input")
    # Without a day it is an act of today, which is none of the outage.
    said = {"id": key, "paper": paper_in(front, number, "window"), "numbers": numbers}
    assert _codes(front.step("approver", number, "grant", backfill=said)) == [
        "backfill_outside_span"
    ]
    assert front.town.case(number).state == "committed"
    assert enter(front, number, "grant", "approver", DAY, key, numbers=numbers).status_code == 202


def test_one_paper_and_one_number_prove_one_act(front: Front) -> None:
    town = front.town
    town.time.go_to(date(2026, 9, 14))
    first, second = town.committed(), town.committed(address="人民中路7号")
    third = town.committed(address="人民中路9号")
    _go(front, "2026-09-21")
    numbers = _for_grant(front)
    [receipt] = numbers_for(front, "service_receipt")
    key = backfill_of(front)
    paper = paper_in(front, first, "window")
    entered(front, first, "grant", "approver", DAY, key, numbers=numbers, paper=paper)
    answer = enter(front, second, "grant", "approver", DAY, key, numbers=numbers)
    assert _codes(answer) == ["backfill_number_used"]
    given = {**RECEIPT, "on": "2026-09-17"}
    delivery = {"service_receipt": receipt}
    answer = enter(
        front, first, "deliver", "window", "2026-09-17", key,
        given=given, numbers=delivery, paper=paper,
    )  # fmt: skip
    assert _codes(answer) == ["backfill_paper_used"]
    # Two wait with one number: who is confirmed second is refused.
    numbers = _for_grant(front, backfill=key)
    versions = {one: town.case(one).version for one in (second, third)}
    for one in versions:
        answer = enter(front, one, "grant", "approver", "2026-09-17", key, numbers=numbers)
        assert answer.status_code == 202, answer.text
    answers = [
        front.sign("supervisor", one, "grant", version=version) for one, version in versions.items()
    ]
    assert answers[0].status_code == 200
    assert _codes(answers[1]) == ["backfill_number_used"]
    _proved(front, second)


def test_nobody_confirms_what_he_entered_or_has_no_business_with(front: Front) -> None:
    town = front.town
    number = _committed(front)
    numbers = _for_grant(front)
    key = backfill_of(front)
    appoint(town, "approver", "supervisor")
    front.log_in_again()
    version = town.case(number).version
    assert enter(front, number, "grant", "approver", DAY, key, numbers=numbers).status_code == 202
    answer = front.sign("approver", number, "grant", version=version)
    assert "另一人" in refused(answer, 409, "second-signature")["detail"]
    refused(front.sign("reviewer", number, "grant", version=version), 403, "not-allowed")
    refused(front.sign("applicant", number, "grant", version=version), 403, "not-allowed")
    refused(front.sign("approver_b", number, "grant", version=version), 404, "not-found")
    empower(town, "supervisor", town.register("91320602MA1W01000L"))
    mine = {one["name"]: one for one in front.get("supervisor", f"/cases/{number}/steps").json()}
    assert mine["grant"]["for_me"]
    assert mine["grant"]["awaits_signature"]
    own = {one["name"]: one for one in front.get("approver", f"/cases/{number}/steps").json()}
    assert "own_signature" in [one["code"] for one in own["grant"]["reasons"]]
    # Whoever finds it wrong sends it back, and it is entered anew.
    body = {"version": version, "reason": "日期与纸质文书不符"}
    path = f"/cases/{number}/steps/grant/signatures/returns"
    assert front.post("supervisor", path, body).status_code == 200
    assert enter(front, number, "grant", "approver", DAY, key, numbers=numbers).status_code == 202
    assert front.sign("supervisor", number, "grant").status_code == 200
    _proved(front, number)


def test_a_side_in_the_case_confirms_nothing(front: Front) -> None:
    number = _committed(front)
    numbers = _for_grant(front)
    key = backfill_of(front)
    empower(front.town, "supervisor", "91440300708461136T")
    front.log_in_again()
    assert enter(front, number, "grant", "approver", DAY, key, numbers=numbers).status_code == 202
    assert _codes(front.sign("supervisor", number, "grant")) == ["own_case"]


# -- who opens it, and for what --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"last_day": "2026-09-22"}, "截止日期"),
        ({"first_day": "2026-10-12", "last_day": "2026-10-13"}, "截止日期"),
        ({"first_day": "2026-09-19"}, "起始日期"),
        ({"reason": " "}, "原因"),
        ({"reason": "停" * 401}, "原因"),
        ({"kind": "holiday"}, "种类"),
        ({"case": "CC-GG-2026-000001"}, "案件编号"),
        ({"case": "CC-GG-2026-\0"}, "不能存档"),
        ({"authority": "\0"}, "不能存档"),
    ],
)
def test_what_is_opened_lies_behind_and_says_why(
    front: Front, wrong: dict[str, str], where: str
) -> None:
    _go(front, "2026-09-21")
    answer = new_backfill(front, **wrong)
    assert where in refused(answer, 422, "bad-input")["detail"]
    files = {"file": ("停运记录.exe", b"MZ")}
    data = {"kind": "outage", "first_day": DAY, "last_day": DAY, "reason": "停电"}
    answer = front.ask("supervisor", "POST", "/backfills", data=data, files=files)
    refused(answer, 422, "bad-input")
    refused(front.ask("supervisor", "POST", "/backfills", data=data), 422, "bad-input")
    assert front.get("supervisor", "/backfills").json() == []


def test_an_outage_that_is_over_too_long_is_no_way_in(front: Front) -> None:
    """Ten working days after Friday the 18th, with Mid-Autumn and National Day, is October 9."""
    _go(front, "2026-10-20")
    assert _codes(new_backfill(front)) == ["backfill_too_late"]
    long_ago = {"first_day": "1999-01-04", "last_day": "1999-01-05"}
    assert _codes(new_backfill(front, **long_ago)) == ["backfill_too_late"]


def test_it_is_a_supervisor_s_to_open_and_another_person_s_to_confirm(front: Front) -> None:
    town = front.town
    number = _committed(front)
    for who in ("window", "approver", "admin", "applicant"):
        refused(new_backfill(front, who), 403, "not-allowed")
    key = new_backfill(front).json()["id"]
    refused(front.get("applicant", f"/backfills/{key}"), 403, "not-allowed")
    assert enter_codes(front, number, key) == ["backfill_not_confirmed"]
    path = f"/backfills/{key}/confirmation"
    assert "另一人" in refused(front.post("supervisor", path), 409, "second-signature")["detail"]
    refused(front.post("window", path), 403, "not-allowed")
    refused(front.post("approver_b", path), 404, "not-found")
    refused(front.get("approver_b", f"/backfills/{key}"), 404, "not-found")
    refused(front.get("approver_b", f"/backfills/{key}/scan"), 404, "not-found")
    refused(front.post("approver_b", f"/backfills/{key}/end", {"reason": "x"}), 404, "not-found")
    refused(front.post("approver", f"/backfills/{key}/end", {"reason": "x"}), 403, "not-allowed")
    refused(front.post("approver", "/backfills/9999/confirmation"), 404, "not-found")
    assert front.post("approver", path).status_code == 204
    assert _codes(front.post("approver", path)) == ["backfill_confirmed"]
    assert front.get("window", f"/backfills/{key}").json()["state"] == "open"
    scan = front.get("window", f"/backfills/{key}/scan")
    assert scan.content.startswith(b"%PDF")
    kinds = [
        (one["kind"], one["ground"]) for one in front.get("admin", "/administration/log").json()
    ]
    assert kinds[:2] == [
        ("backfill_confirmed", "机房停电，系统停运"),
        ("backfill_opened", "机房停电，系统停运"),
    ]
    assert town.case(number).state == "committed"


def enter_codes(front: Front, number: str, key: int) -> list[str]:
    said = {"id": key, "paper": 1, "numbers": {}}
    return _codes(front.step("approver", number, "grant", effective_at=DAY, backfill=said))


def test_another_authority_s_lets_nothing_in(front: Front) -> None:
    town = front.town
    number = _committed(front)
    numbers = _for_grant(front)
    key = backfill_of(front)
    with town.session() as session:
        theirs = session.scalars(
            select(Post.authority_id).where(Post.person_id == town.people["approver_b"].person_id)
        ).first()
    _as_owner(front, update(Backfill).where(Backfill.id == key).values(authority_id=theirs))
    answer = enter(
        front, number, "grant", "approver", DAY, key, numbers=numbers,
        paper=front.upload("window", number, "party_statement").json().get("id"),
    )  # fmt: skip
    refused(answer, 404, "not-found")


def test_it_ends(front: Front) -> None:
    number = _committed(front)
    numbers = _for_grant(front)
    key = backfill_of(front)
    version = front.town.case(number).version
    assert enter(front, number, "grant", "approver", DAY, key, numbers=numbers).status_code == 202
    end = f"/backfills/{key}/end"
    refused(front.post("supervisor", end, {"reason": " "}), 422, "bad-input")
    answer = front.post("supervisor", end, {"reason": "录完了"})
    assert _codes(answer) == ["backfill_open_entries"]
    assert number in answer.json()["detail"]
    # The tenth working day is behind: neither entered nor confirmed any more.
    assert front.get("window", f"/backfills/{key}").json()["enter_by"] == "2026-10-09"
    _go(front, "2026-10-10")
    assert _codes(front.sign("supervisor", number, "grant", version=version)) == ["backfill_over"]
    assert front.get("window", f"/backfills/{key}").json()["state"] == "over"
    body = {"version": version, "reason": "超过录入期限"}
    path = f"/cases/{number}/steps/grant/signatures/returns"
    assert front.post("supervisor", path, body).status_code == 200
    assert enter_codes(front, number, key) == ["backfill_over"]
    assert front.post("supervisor", end, {"reason": "录完了"}).json()["voided"]
    assert enter_codes(front, number, key) == ["backfill_closed"]
    assert _codes(front.post("supervisor", end, {"reason": "录完了"})) == ["backfill_closed"]
    assert _codes(front.post("approver", f"/backfills/{key}/confirmation")) == ["backfill_closed"]
    _proved(front, number)


def test_one_that_nobody_confirmed_is_called_off_and_keeps_its_numbers(front: Front) -> None:
    _go(front, "2026-09-21")
    kept = numbers_for(front, "grant_decision", 2)
    key = new_backfill(front).json()["id"]
    answer = front.post("supervisor", f"/backfills/{key}/end", {"reason": "日期填错"})
    assert answer.json()["voided"] == []
    again = backfill_of(front)
    found = front.get("window", f"/backfills/{again}").json()["numbers"]
    assert [one["text"] for one in found] == kept


def test_numbers_are_set_aside_by_a_supervisor_of_a_kind_that_bears_any(front: Front) -> None:
    body = {"document": "grant_decision", "field": "公共场所", "count": 2, "reason": "计划停运"}
    path = "/backfills/numbers"
    refused(front.post("approver", path, body), 403, "not-allowed")
    for wrong in (
        {"document": "commitment_letter"},
        {"document": "nothing"},
        {"field": ""},
        {"field": "天文"},
        {"count": 0},
        {"count": 101},
        {"reason": " "},
    ):
        refused(front.post("supervisor", path, {**body, **wrong}), 422, "bad-input")
    refused(front.post("supervisor", path, {**body, "backfill": 9999}), 404, "not-found")
    given = front.post("supervisor", path, body).json()["numbers"]
    assert len(set(given)) == 2
    # A matter gives the same series as the field that it is of.
    matter = {**body, "field": "public_place_hygiene", "count": 1}
    more = front.post("supervisor", path, matter).json()["numbers"]
    with front.town.session() as session:
        entries = session.scalars(
            select(NumberEntry).where(NumberEntry.text.in_([*given, *more]))
        ).all()
        assert sorted(one.n for one in entries) == [1, 2, 3]
        assert len({one.series for one in entries}) == 1
        assert verify_database(session, VersionCache()).faults == ()
    entry = front.get("admin", "/administration/log").json()[0]
    assert entry["kind"] == "numbers_reserved"
    key = backfill_of(front, kind="paper", first_day="2026-08-03", last_day="2026-08-05")
    refused(front.post("supervisor", path, {**body, "backfill": key}), 422, "bad-input")


# -- the party's time ------------------------------------------------------------------------------


def _told(front: Front) -> tuple[Desk, str, int]:
    """A penalty whose notice was signed on the 15th and handed over on the 16th, both on paper, and
    entered on the 21st."""
    desk = Desk(front)
    front.town.time.go_to(date(2026, 9, 14))
    number = penalty_to(front.town, "opinion")
    _go(front, "2026-09-21")
    notice, receipt = numbers_for(front, "penalty_notice"), numbers_for(front, "service_receipt")
    key = backfill_of(front)
    given = inputs_of(front.town, number, "notify", {})
    entered(
        front, number, "notify", "handler1+handler2", "2026-09-15", key,
        given=given, numbers={"penalty_notice": notice[0]},
    )  # fmt: skip
    entered(
        front, number, "serve_notice", "handler1+supervisor", "2026-09-16", key,
        given={**RECEIPT, "on": "2026-09-16"}, numbers={"service_receipt": receipt[0]},
    )  # fmt: skip
    return desk, number, key


def test_nothing_is_served_before_its_paper_was_made(front: Front) -> None:
    town = front.town
    town.time.go_to(date(2026, 9, 14))
    number = penalty_to(town, "opinion")
    _go(front, "2026-09-21")
    notice, receipt = numbers_for(front, "penalty_notice"), numbers_for(front, "service_receipt")
    key = backfill_of(front)
    entered(
        front, number, "notify", "handler1", "2026-09-16", key,
        given=inputs_of(town, number, "notify", {}), numbers={"penalty_notice": notice[0]},
    )  # fmt: skip
    answer = enter(
        front, number, "serve_notice", "handler1", "2026-09-17", key,
        given={**RECEIPT, "on": "2026-09-15"}, numbers={"service_receipt": receipt[0]},
    )  # fmt: skip
    assert _codes(answer) == ["served_earlier"]


def test_it_shortens_no_time_of_the_party(front: Front) -> None:
    """Its five working days count from Monday the 21st, when the service was entered: Mid-Autumn
    lies between. From the 16th they would have been over on the 23rd."""
    desk, number, key = _told(front)
    town = front.town
    assert town.case(number).data["service"]["notice"]["served_on"] == "2026-09-16"
    with town.session() as session:
        due = dict(
            session.execute(
                select(CaseClock.name, CaseClock.due_on).where(
                    CaseClock.case_id == town.case(number).id,
                    CaseClock.name.in_(("defence", "hearing_request")),
                )
            ).all()
        )
    assert due["defence"] == date(2026, 9, 29)
    given = inputs_of(town, number, "reconsider", {})
    [review] = numbers_for(front, "defence_review", backfill=key)
    numbers = {"defence_review": review}
    for on in ("2026-09-16", "2026-09-18"):
        answer = enter(
            front, number, "reconsider", "handler1", on, key, given=given, numbers=numbers
        )
        assert set(_codes(answer)) <= {"defence_pending", "party_time_pending"}
    _go(front, "2026-09-24")
    assert _codes(desk.take(number, "reconsider", "handler1", given)) == ["defence_pending"]
    # Nor does a day behind it get round that: the decision of the 18th was none.
    answer = enter(
        front, number, "reconsider", "handler1", "2026-09-18", key, given=given, numbers=numbers
    )
    assert set(_codes(answer)) <= {"defence_pending", "party_time_pending"}
    _go(front, "2026-09-29", 23)
    answer = desk.take(number, "reconsider", "handler1", given)
    assert set(_codes(answer)) <= {"defence_pending", "party_time_pending"}
    _go(front, "2026-09-30")
    answer = enter(
        front, number, "reconsider", "handler1", "2026-09-18", key, given=given, numbers=numbers
    )
    assert set(_codes(answer)) <= {"defence_pending", "party_time_pending"}
    assert desk.take(number, "reconsider", "handler1", given).status_code == 200
    _proved(front, number)


def test_the_party_may_ask_until_its_time_since_the_entry_is_over(front: Front) -> None:
    town = front.town
    desk = Desk(front)
    town.time.go_to(date(2026, 9, 14))
    number = desk.open()
    go(town, number, *OPINION, **HEAVY)
    _go(front, "2026-09-21")
    notice, receipt = numbers_for(front, "penalty_notice"), numbers_for(front, "service_receipt")
    key = backfill_of(front)
    entered(
        front, number, "notify", "handler1", "2026-09-15", key,
        given=inputs_of(town, number, "notify", HEAVY), numbers={"penalty_notice": notice[0]},
    )  # fmt: skip
    entered(
        front, number, "serve_notice", "handler1", "2026-09-16", key,
        given={**RECEIPT, "on": "2026-09-16"}, numbers={"service_receipt": receipt[0]},
    )  # fmt: skip
    _go(front, "2026-09-29", 23)
    given = inputs_of(town, number, "request_hearing", {})
    assert front.step("applicant", number, "request_hearing", given).status_code == 200
    _proved(front, number)


def test_what_counts_from_the_service_of_a_decision_counts_from_its_entry(front: Front) -> None:
    """A decision of the 15th that was handed over on the 16th, both on paper: the fifteen days to
    pay and those to contest it run from the 21st; what is paid counts from its own day."""
    town = front.town
    desk = Desk(front)
    town.time.go_to(date(2026, 9, 7))
    number = penalty_to(town, "decision_pending")
    _go(front, "2026-09-21")
    letters = ("penalty_decision", "repair_reminder", "repair_guide")
    numbers = {one: numbers_for(front, one)[0] for one in letters}
    receipt = {"service_receipt": numbers_for(front, "service_receipt")[0]}
    key = backfill_of(front)
    given = inputs_of(town, number, "decide", {})
    entered(front, number, "decide", "approver", "2026-09-15", key, given=given, numbers=numbers)
    entered(
        front, number, "serve", "handler1", "2026-09-16", key,
        given={**RECEIPT, "on": "2026-09-16"}, numbers=receipt,
    )  # fmt: skip
    with town.session() as session:
        case = town.case(number)
        due = dict(
            session.execute(
                select(CaseClock.name, CaseClock.due_on).where(CaseClock.case_id == case.id)
            ).all()
        )
    assert due["payment"] == date(2026, 10, 8)  # the sixth is of the National Day holiday
    assert due["reconsideration_term"] == date(2026, 11, 20)
    assert due["litigation_term"] == date(2027, 3, 22)
    assert desk.paper(number, "penalty_decision")
    _proved(front, number)


def _told_late(front: Front, number: str, limit: str) -> list[str]:
    """What the supervisor's overview says of a limit of a case that ran out."""
    found = front.get("supervisor", "/overview").json()["breaches"]
    told = [one["subject"] for one in found if one["case"] == number]
    return [one for one in told if one.endswith(limit)]


def _is_put_right(front: Front, number: str, clock: str, limit: str) -> None:
    """The limit was met: whoever was told otherwise is told so, and so do both rows of the log."""
    assert _told_late(front, number, limit) == []
    told = [one["subject"] for one in front.get("supervisor", "/notices").json()]
    assert [one for one in told if one.startswith(f"更正：{number}")]
    log = front.get("approver", f"/cases/{number}/log").json()
    [expired] = [one for one in log if one["kind"] == "expiry" and one["name"] == clock]
    assert expired["note"].endswith("后经登记已按期办理，本条作废")
    assert [said for line in log for said in line["caused"] if said.endswith("没有超过")]
    _proved(front, number)


def test_what_was_granted_in_time_on_paper_was_not_late(front: Front) -> None:
    """The twenty working days were over on the 15th, and nobody could enter the grant of that day;
    the system, up again, told that it was late."""
    town = front.town
    town.time.instant = datetime(2026, 8, 18, 9, tzinfo=ZONE)
    number = town.committed()
    _go(front, "2026-09-21")
    fire_due_clocks(town.office)
    assert _told_late(front, number, "许可决定期限")
    numbers = _for_grant(front)
    key = backfill_of(front)
    entered(front, number, "grant", "approver", "2026-09-15", key, numbers=numbers)
    _is_put_right(front, number, "decision", "许可决定期限")


def test_what_was_inspected_in_time_and_entered_late_was_not_late(front: Front) -> None:
    town = front.town
    check = check_to(town, town.granted(), "assigned")
    [due] = [
        one["due_on"]
        for one in front.get("inspector1", f"/cases/{check}").json()["clocks"]
        if one["name"] == "check"
    ]
    _go(front, (date.fromisoformat(due) + timedelta(days=1)).isoformat())
    fire_due_clocks(town.office)
    assert _told_late(front, check, "核查期限")
    said = {"effective_at": due}
    version = town.case(check).version
    answer = front.step("inspector1", check, "inspect", usual("", "inspect"), **said)
    assert answer.status_code == 202, answer.text
    answer = front.sign("inspector2", check, "inspect", version=version)
    assert answer.status_code == 200, answer.text
    _is_put_right(front, check, "check", "核查期限")


# -- an old case -----------------------------------------------------------------------------------


def _old_lead() -> dict[str, Any]:
    return lead(found_on="2026-06-01", act_on="2026-06-01", filed_on="2026-06-01")


def _opening(key: int, **more: Any) -> dict[str, Any]:
    body = {"process": "penalty", "data": _old_lead(), "party": FIRM}
    return {**body, "effective_at": "2026-06-01", "backfill": {"id": key}, **more}


def _old_case(front: Front) -> int:
    return backfill_of(front, kind="paper", first_day="2026-06-01", last_day="2026-06-30")


def test_an_old_case_is_opened_by_two_and_goes_on_with_its_own_numbers(front: Front) -> None:
    town = front.town
    key = _old_case(front)
    answer = front.post("handler1", "/cases", _opening(key))
    assert answer.status_code == 202, answer.text
    assert answer.json() == {"awaits_signature": True}
    assert front.get("handler1", "/cases").json()["cases"] == []
    found = front.get("approver", f"/backfills/{key}").json()
    assert found["opening"]["party"] == FIRM
    assert found["waiting"][0]["label"].startswith("立案")
    again = front.post("handler2", "/cases", _opening(key))
    assert _codes(again) == ["backfill_another_case"]
    end = front.post("supervisor", f"/backfills/{key}/end", {"reason": "录完了"})
    assert _codes(end) == ["backfill_open_entries"]
    path = f"/backfills/{key}/opening"
    refused(front.post("handler2", f"{path}/confirmation"), 403, "not-allowed")
    refused(front.post("approver_b", f"{path}/confirmation"), 404, "not-found")
    refused(front.post("supervisor", f"{path}/return", {"reason": " "}), 422, "bad-input")
    assert front.post("supervisor", f"{path}/return", {"reason": "日期有误"}).status_code == 204
    refused(front.post("supervisor", f"{path}/confirmation"), 409, "second-signature")
    appoint(town, "handler1", "supervisor")
    front.log_in_again()
    assert front.post("handler1", "/cases", _opening(key)).status_code == 202
    refused(front.post("handler1", f"{path}/confirmation"), 409, "second-signature")
    answer = front.post("approver", f"{path}/confirmation")
    assert answer.status_code == 201, answer.text
    number = answer.json()["number"]
    case = town.case(number)
    assert case.opened_at.astimezone(ZONE).date() == date(2026, 6, 1)
    assert "-2026-" in number

    # What the papers tell came before anything fell due.
    assert not town.office.catch_up(case.id)
    filed = inputs_of(town, number, "file", {})
    entered(front, number, "file", "handler1+handler2", "2026-06-02", key, given=filed)
    # The number that the paper bears; the system will not give it out a second time.
    filing = {"case_filing": "崇川卫公立〔2026〕1号"}
    approved = inputs_of(town, number, "approve_filing", {})
    said = {"given": approved, "numbers": filing}
    entered(front, number, "approve_filing", "approver", "2026-06-03", key, **said)
    other = penalty_to(town, "investigating")
    with town.session() as session:
        entries = session.scalars(
            select(NumberEntry)
            .where(NumberEntry.text.like("%立〔2026〕%"))
            .order_by(NumberEntry.id)
        ).all()
        told = [(one.text, one.case_id, bool(one.voided_because)) for one in entries]
    assert told == [
        ("崇川卫公立〔2026〕1号", case.id, False),
        ("崇川卫公立〔2026〕1号", None, True),
        ("崇川卫公立〔2026〕2号", town.case(other).id, False),
    ]
    # Another old case, on a paper that bears the same number or one of the system's.
    second = _old_case(front)
    body = _opening(second, data={**_old_lead(), "act_on": "2026-05-01"})
    assert front.post("handler1", "/cases", body).status_code == 202
    twin = front.post("approver", f"/backfills/{second}/opening/confirmation").json()["number"]
    entered(front, twin, "file", "handler1+handler2", "2026-06-02", second, given=filed)
    for taken in ("崇川卫公立〔2026〕1号", "崇川卫公立[2026]2号"):
        answer = enter(
            front, twin, "approve_filing", "approver", "2026-06-03", second,
            given=approved, numbers={"case_filing": taken},
        )  # fmt: skip
        assert _codes(answer) == ["backfill_number_used"]
    # The one is not entered under the other's.
    answer = enter(front, twin, "approve_filing", "approver", "2026-06-03", key, **said)
    assert _codes(answer) == ["backfill_another_case"]
    assert "expiry" not in [row.header["kind"] for row in _rows(front, number)]
    answer = front.post("supervisor", f"/backfills/{key}/end", {"reason": "录完了"})
    assert answer.json()["voided"] == []
    assert town.office.catch_up(case.id)
    _proved(front, number)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"effective_at": "2026-05-31"}, "backfill_outside_span"),
        ({"effective_at": "2026-07-01"}, "backfill_outside_span"),
        ({"effective_at": None}, "backfill_outside_span"),
    ],
)
def test_an_old_case_is_opened_within_its_span(
    front: Front, changed: dict[str, Any], code: str
) -> None:
    key = _old_case(front)
    data = lead(found_on="2026-05-20", act_on="2026-05-20", filed_on="2026-06-01")
    answer = front.post("handler1", "/cases", _opening(key, data=data, **changed))
    assert _codes(answer) == [code]


def test_what_is_opened_under_it_is_an_officer_s_lead_at_its_authority(front: Front) -> None:
    key = _old_case(front)
    refused(front.post("handler1_b", "/cases", _opening(key)), 404, "not-found")
    refused(front.post("applicant", "/cases", _opening(key)), 404, "not-found")
    outage = backfill_of(front, first_day="2026-08-31", last_day="2026-09-01")
    body = _opening(outage, effective_at="2026-09-01")
    assert _codes(front.post("handler1", "/cases", body)) == ["backfill_another_case"]
    body = _opening(key, process="instant_licence", data=application())
    assert "旧案补录" in refused(front.post("handler1", "/cases", body), 422, "bad-input")["detail"]


def test_an_old_case_that_is_in_the_system_has_one_of_its_own(front: Front) -> None:
    number = _committed(front)
    other = front.town.committed(address="人民中路7号")
    span = {"first_day": "2026-09-14", "last_day": "2026-09-18"}
    key = backfill_of(front, kind="paper", case=number, **span)
    numbers = {
        "grant_decision": "崇川卫公准〔2026〕88号",
        "certificate": "苏卫公证字〔2026〕第320613-000088号",
    }
    entered(front, number, "grant", "approver", "2026-09-15", key, numbers=numbers)
    assert front.town.licence_of(number)["number"] == numbers["certificate"]
    assert enter_codes(front, other, key) == ["backfill_another_case"]
    _proved(front, number)


# -- what was not let in is found ------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"confirmed_by": None, "confirmed_at": None},
        {"last_day": date(2026, 9, 15)},
        {"first_day": date(2026, 9, 17)},
        {"enter_by": date(2026, 9, 20)},
        {"closed_at": datetime(2026, 9, 20, tzinfo=ZONE)},
        {"kind": "paper"},
        "opener",
        "authority",
    ],
    ids=str,
)
def test_a_day_that_nothing_let_in_is_found(front: Front, changed: Any) -> None:
    number = _committed(front)
    numbers = _for_grant(front)
    key = backfill_of(front)
    entered(front, number, "grant", "approver", DAY, key, numbers=numbers)
    assert _breaches(front, number) == []
    values = changed
    with front.town.session() as session:
        row = session.get_one(Backfill, key)
        if changed == "opener":
            values = {"opened_by": row.confirmed_by}
        if changed == "authority":
            person = front.town.people["approver_b"].person_id
            theirs = select(Post.authority_id).where(Post.person_id == person).limit(1)
            values = {"authority_id": session.scalar(theirs)}
    _as_owner(front, update(Backfill).where(Backfill.id == key).values(**values))
    found = _breaches(front, number)
    assert [one for one in found if "以录入之日为准" in one]
    assert [one for one in found if "记为补录" in one]
    with front.town.session() as session:
        faults = [str(one) for one in faults_of_administration(session)]
    assert [one for one in faults if "专项补录" in one]


def test_a_day_behind_without_one_is_found_as_before(front: Front) -> None:
    """An outage that is on record lets in nothing that does not say so itself."""
    number = _committed(front)
    backfill_of(front)
    answer = front.step("approver", number, "grant", effective_at=DAY)
    assert _codes(answer) == ["day_of_entry"]


def test_the_file_that_is_handed_over_says_what_was_entered_afterwards(front: Front) -> None:
    number = _committed(front)
    numbers = _for_grant(front)
    key = backfill_of(front)
    entered(front, number, "grant", "approver", DAY, key, numbers=numbers)
    with front.town.session() as session:
        file = court_file(front.town.office, session, front.town.people["supervisor"], number)
    with ZipFile(BytesIO(file.content)) as members:
        log = members.read(f"log/{number}.jsonl").decode()
        contents = printed_text(members.read("卷内目录.docx"))
    assert f'"backfill":{key}' in log
    assert contents.count("补录") >= 2
    assert "补录的纸质文书" in contents
