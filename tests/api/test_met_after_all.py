"""What a limit's end did falls where the party turns out to have been in time, over HTTP."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework.audit.court_file_proof import verify_file
from casework.audit.proof import verify_case
from casework.common.timekeeping import ZONE
from casework.models import CreditMark, LogRow, Mandate, Notice, Post
from casework.rules.versions import VersionCache
from tests.support.front import Front, refused
from tests.support.journeys import address, apply_to, deferred, follow, joint_to, renewal_of
from tests.support.town import Town
from tests.support.visitor import Visitor, open_door

FIRM = "91440300708461136T"


def _mandate(town: Town) -> int:
    with town.session() as session:
        person = town.people["applicant"].person_id
        found = session.scalars(select(Mandate.id).where(Mandate.person_id == person)).first()
    assert found is not None
    return found


def _late(front: Front, number: str, step: str, on: date, **more: Any) -> Any:
    """The clerk enters what the party did on a day."""
    front.log_in_again()
    said = {"mandate": _mandate(front.town), "effective_at": on.isoformat(), **more}
    return front.step("window", number, step, **said)


def _codes(answer: Any) -> list[str]:
    problem = refused(answer, 409, "guard-refused")
    return [one["code"] for one in problem["reasons"]]


def _whole(town: Town, number: str) -> bool:
    with town.session() as session:
        return verify_case(session, town.case(number), VersionCache()) == []


def _rows(town: Town, number: str) -> list[tuple[str, str]]:
    with town.session() as session:
        rows = select(LogRow.header).where(LogRow.case_id == town.case(number).id)
        return [(h["kind"], h["name"]) for h in session.scalars(rows.order_by(LogRow.seq))]


def _terminated(front: Front, town: Town) -> tuple[str, date]:
    """An application that was ended since nothing came, and a day on which something had come."""
    number = apply_to(town, "awaiting_supplement", address(3))
    came = town.time.now().date() + timedelta(days=5)
    town.time.pass_(days=45)
    town.office.catch_up(town.case(number).id)
    assert town.case(number).state == "terminated"
    front.log_in_again()
    return number, came


def test_a_supplement_that_came_in_time_reopens_the_application(front: Front, town: Town) -> None:
    number, came = _terminated(front, town)
    # On a word alone nothing comes back.
    with_nothing = _late(front, number, "supply", came, empty=True)
    refused(with_nothing, 409, "guard-refused")
    assert town.case(number).state == "terminated"
    town.attach(number, by="window")
    assert front.upload("window", number, "party_statement", "收件单.pdf").status_code == 201
    # The party itself hands in nothing after the end.
    mine = front.upload("applicant", number, "management_rules", "制度.pdf")
    assert mine.status_code == 422
    answer = _late(front, number, "supply", came, empty=True)
    assert answer.status_code == 200, answer.text
    case = town.case(number)
    assert (case.state, case.ended_at) == ("supplemented", None)
    assert _rows(town, number)[-2:] == [("turned_back", "close_unanswered"), ("step", "supply")]
    log = front.get("window", f"/cases/{number}/log").json()
    back = next(line for line in log if line["kind"] == "turned_back")
    gone = next(line for line in log if line["name"] == "close_unanswered")
    assert "“逾期未补正终止”没有发生" in back["label"]
    assert f"第{gone['seq']}条作废" in back["note"]
    assert "本条作废" in gone["note"]
    assert "close_unanswered" not in case.data
    papers = front.get("applicant", f"/cases/{number}").json()["documents"]
    ended = next(paper for paper in papers if paper["key"] == "termination_notice")
    assert "已作废" in ended["marks"][0]
    with town.session() as session:
        told = session.scalars(
            select(Notice.subject).where(Notice.case_id == case.id, Notice.to_party_id.is_not(None))
        ).all()
    assert any("没有发生" in one for one in told)
    assert _whole(town, number)
    file = front.get("window", f"/cases/{number}/file")
    assert verify_file(file.content).faults == ()
    # It goes on as if nothing had been: who is not answered in five days is accepted (许可法32).
    town.office.catch_up(case.id)
    assert town.case(number).state == "accepted"
    assert _whole(town, number)


def test_the_clerk_enters_it_on_the_page_of_the_case(front: Front, town: Town) -> None:
    number, came = _terminated(front, town)
    town.attach(number, by="window")
    clerk, other = (Visitor(open_door(town)) for _ in range(2))
    clerk.enter("window")
    other.enter("reviewer")
    page, form = f"/cases/{number}", f"/cases/{number}/steps/supply"
    assert f'href="{form}"' in clerk.get(page).text
    assert f'href="{form}"' not in other.get(page).text
    assert other.get(form).status_code == 409
    shown = clerk.get(form)
    assert shown.status_code == 200
    assert "期限内实际办理" in shown.text
    given = {"_mandate": str(_mandate(town)), "_on": came.isoformat()}
    given["_version"] = str(town.case(number).version)
    # Nothing shows yet that it came.
    refused_page = clerk.submit(form, form, **given)
    assert refused_page.status_code == 409, refused_page.text
    assert front.upload("window", number, "party_statement", "收件单.pdf").status_code == 201
    given["_version"] = str(town.case(number).version)
    assert clerk.submit(form, form, **given).status_code == 303
    assert town.case(number).state == "supplemented"
    assert "登记期限内已经办理的事项" not in clerk.get(page).text


def test_what_came_too_late_reopens_nothing(front: Front, town: Town) -> None:
    number, _ = _terminated(front, town)
    town.attach(number, by="window")
    front.upload("window", number, "party_statement", "收件单.pdf")
    late = town.time.now().date() - timedelta(days=1)
    assert _late(front, number, "supply", late, empty=True).status_code in (409, 422)
    assert town.case(number).state == "terminated"
    assert ("turned_back", "close_unanswered") not in _rows(town, number)


def _lapsed(front: Front, town: Town) -> tuple[str, date]:
    number = town.relative(deferred(town, address(4)), "deferral").number
    came = town.time.now().date() + timedelta(days=3)
    town.time.pass_(days=30)
    town.office.catch_up(town.case(number).id)
    assert town.case(number).state == "lapsed"
    front.log_in_again()
    return number, came


def test_what_was_recorded_falls_with_it(front: Front, town: Town) -> None:
    number, came = _lapsed(front, town)
    town.attach(number, "management_rules", by="window")
    front.upload("window", number, "party_statement", "收件单.pdf")
    answer = _late(front, number, "hand_in", came, empty=True)
    assert answer.status_code == 200, answer.text
    assert town.case(number).state == "handed_in"
    with town.session() as session:
        marks = session.scalars(select(CreditMark.kind)).all()
    assert "corrected" in marks
    assert _whole(town, number)


def test_where_something_rests_on_it_that_is_put_right_first(front: Front, town: Town) -> None:
    number, came = _lapsed(front, town)
    town.attach(number, "management_rules", by="window")
    front.upload("window", number, "party_statement", "收件单.pdf")
    town.take(number, "refer", "window")
    answer = _late(front, number, "hand_in", came, empty=True)
    assert _codes(answer) == ["expiry_rested_on"]
    assert "转事后核查" in answer.json()["reasons"][0]["text"]
    assert town.case(number).state == "referred"


@pytest.mark.parametrize("process", ["instant_licence"])
def test_nor_while_the_party_applies_anew(front: Front, town: Town, process: str) -> None:
    number, came = _terminated(front, town)
    apply_to(town, "received", address(3))
    town.attach(number, by="window")
    front.upload("window", number, "party_statement", "收件单.pdf")
    answer = _late(front, number, "supply", came, empty=True)
    assert _codes(answer) == ["expiry_rested_on"]
    assert town.case(number).process == process


def test_a_report_in_time_bears_its_day_although_it_came_to_hand_later(
    front: Front, town: Town
) -> None:
    """It leads back into the state in which its limit runs, and has that count from a year on."""
    matter = joint_to(town, "delivered_together", address(5))
    number = town.relative(matter, "safety_licence").number
    with town.session() as session:
        who = town.people["eco"].person_id
        post = session.scalars(select(Post).where(Post.person_id == who)).one()
        session.add(
            Post(
                person_id=who,
                authority_id=post.authority_id,
                role="window_clerk",
                valid_from=post.valid_from,
            )
        )
    town.time.go_to(date(2027, 2, 1))
    town.office.catch_up(town.case(number).id)
    assert town.case(number).state == "report_overdue"
    front.log_in_again()
    said = {"mandate": _mandate(town), "effective_at": "2027-01-20"}
    given = {"year": 2026, "summary": "运行正常"}
    answer = front.step("eco", number, "report", given, **said)
    assert answer.status_code == 200, answer.text
    assert town.case(number).state == "valid"
    assert _rows(town, number)[-2:] == [("turned_back", "miss_report"), ("step", "report")]
    assert town.case(number).data["application"]["report_by"] == "2028-01-31"
    assert _whole(town, number)
    # One that was late stays so when a later one turns out to have been in time.
    for year in (2028, 2029):
        town.time.go_to(date(year, 2, 1))
        town.office.catch_up(town.case(number).id)
        assert town.case(number).state == "report_overdue"
        front.log_in_again()
        on = "2028-02-01" if year == 2028 else "2029-01-20"
        due = {**given, "year": year - 1}
        answer = front.step("eco", number, "report", due, **{**said, "effective_at": on})
        assert answer.status_code == 200, answer.text
    assert "miss_report" in town.case(number).data
    assert [name for kind, name in _rows(town, number) if kind == "turned_back"] == [
        "miss_report",
        "miss_report",
    ]
    assert _whole(town, number)


def test_nothing_of_a_licence_that_went_on_is_taken_back(front: Front, town: Town) -> None:
    """When a renewal ended its licence no longer waits: the party is told to apply anew."""
    now = town.time.instant
    town.time.instant = datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)
    granted = town.granted(address=address(6))
    town.time.instant = now
    town.office.catch_up(town.relative(granted, "licence").id)
    number = renewal_of(town, granted)
    follow(town, number, ("submit", "applicant"), ("request_supplement", "window"))
    came = town.time.now().date() + timedelta(days=1)
    town.time.pass_(days=40)
    town.office.catch_up(town.case(number).id)
    assert town.case(number).state == "terminated"
    town.attach(number, by="window")
    front.log_in_again()
    front.upload("window", number, "party_statement", "收件单.pdf")
    answer = _late(front, number, "supply", came, empty=True)
    assert _codes(answer) == ["expiry_rested_on"]
    assert "重新申请" in answer.json()["reasons"][0]["text"]
