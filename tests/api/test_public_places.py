"""What anybody reads of a place by the code on its wall."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from casework.common.timekeeping import ZONE
from casework.models import Account, Party, Person, Place, Post
from tests.api.test_public_list import FIRM, show
from tests.support.front import Front, refused
from tests.support.journeys import Numbers, check_to, follow, grading_to, renewal_of
from tests.support.people import appoint
from tests.support.town import Town
from tests.support.visitor import Visitor, open_door


@pytest.fixture
def front(town: Town) -> Front:
    appoint(town, "credit", "publicity_officer")
    return Front(town)


def code_of(town: Town, number: str) -> str:
    """The code of the place that a case is about."""
    with town.session() as session:
        return session.get_one(Place, town.case(number).place_id).code


def read(front: Front, number: str) -> dict[str, Any]:
    answer = front.get(None, f"/places/{code_of(front.town, number)}")
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def wall(front: Front, number: str) -> str:
    """The page of the place, as text."""
    answer = Visitor(open_door(front.town)).get(f"/places/{code_of(front.town, number)}")
    assert answer.status_code == 200
    return answer.text


def test_a_place_tells_its_licence_and_its_promise_from_the_grant_on(
    front: Front, town: Town
) -> None:
    number = town.granted()
    said = read(front, number)
    [licence] = said["licences"]
    assert (licence["number"], licence["stands"]) == (town.licence_of(number)["number"], True)
    assert licence["promise"] == {
        "promised_on": "2026-09-01",
        "checked_on": None,
        "outcome": "unchecked",
        "label": "尚未核查",
    }
    assert (said["phone"], said["firm"], said["published"]) == ("0513-80000000", FIRM, [])
    assert "representative" not in json.dumps(said)

    show(town, "licences")
    [entry] = read(front, number)["published"]
    assert entry["code"] == FIRM

    grading_to(town, number, "graded")
    check_to(town, number, "closed")
    licence = read(front, number)["licences"][0]
    assert licence["promise"]["outcome"] == "kept"
    assert licence["promise"]["checked_on"] >= "2026-09-01"
    assert licence["grade"]["grade"] == "A"


def test_what_officers_found_is_told_once_it_is_decided_and_served(
    front: Front, town: Town
) -> None:
    number = town.granted()
    check = town.broken(number).number
    assert read(front, number)["licences"][0]["promise"]["outcome"] == "checking"
    assert "未履行承诺" not in wall(front, number)

    other = town.granted(address="人民路2号", by="applicant2")
    town.breached(other)
    assert read(front, other)["licences"][0]["promise"]["outcome"] == "broken"

    follow(town, check, ("spare", "approver"))
    assert read(front, number)["licences"][0]["promise"]["outcome"] == "closed"


def test_a_licence_that_ended_is_said_to_have_ended(front: Front, town: Town) -> None:
    number = town.granted()
    check_to(town, number, "revocation_served")
    licence = read(front, number)["licences"][0]
    assert (licence["state_label"], licence["stands"]) == ("已撤销", False)
    page = wall(front, number)
    assert "✗ 已撤销" in page
    assert "今天没有有效的许可证" in page

    expired = town.granted(address="人民路3号", by="applicant2")
    until = town.licence_of(expired)["valid_until"]
    town.time.pass_(days=5 * 366)
    licence = read(front, expired)["licences"][0]
    assert (licence["valid_until"], licence["state"], licence["stands"]) == (
        until,
        "expired",
        False,
    )


def test_a_licence_renewed_early_is_shown_by_the_term_of_today(front: Front, town: Town) -> None:
    town.time.instant = datetime(2022, 10, 20, 9, tzinfo=ZONE)
    number = town.granted()
    town.time.go_to(date(2026, 9, 1))
    renewal = renewal_of(town, number)
    follow(
        town, renewal, ("submit", "applicant"), ("accept", "window"), ("inform", "window"),
        ("study", "applicant"), ("commit", "applicant"), ("grant", "window"),
    )  # fmt: skip
    licence = read(front, number)["licences"][0]
    assert (licence["valid_from"], licence["valid_until"]) == ("2022-10-20", "2026-10-19")
    assert (licence["next_from"], licence["next_until"]) == ("2026-10-20", "2030-10-19")
    assert "2026-10-20 至 2030-10-19" in wall(front, number)


def test_a_place_without_a_licence_tells_nothing_of_what_was_applied_for(
    front: Front, town: Town
) -> None:
    number = town.apply()
    said = read(front, number)
    assert (said["licences"], said["firm"], said["published"]) == ([], "", [])
    page = wall(front, number)
    assert "没有许可证登记" in page
    assert "滨江宾馆" not in page


def test_a_wrong_code_leads_nowhere_and_codes_say_nothing_of_each_other(
    front: Front, town: Town
) -> None:
    codes = {code_of(town, town.apply(address=f"抽签路{n}号")) for n in range(8)}
    assert len(codes) == 8
    assert all(re.fullmatch("[0-9a-f]{32}", code) for code in codes)
    assert len({code[:8] for code in codes}) == len({code[-8:] for code in codes}) == 8
    refused(front.get(None, "/places/1"), 404, "not-found")
    visitor = Visitor(open_door(town))
    for path in ("/places/1", "/places/hotel/sheet", "/places/1/qr.svg"):
        answer = visitor.get(path)
        assert answer.status_code == 404, path
        assert "没有查到该二维码对应的场所" in answer.text


def test_the_certificate_leads_to_its_place_and_the_place_to_its_sheet(
    front: Front, town: Town
) -> None:
    number = town.granted()
    code, licence = code_of(town, number), town.relative(number, "licence")
    certificate = front.get(None, f"/verify/{licence.tracking_code}").json()
    assert certificate["place"] == code
    anybody, clerk = Visitor(open_door(town)), Visitor(open_door(town))
    assert f"/places/{code}" in anybody.get(f"/verify/{licence.tracking_code}").text
    assert "wall-a5" in anybody.get(f"/places/{code}/sheet?size=a5").text
    assert "wall-a4" in anybody.get(f"/places/{code}/sheet?size=huge").text
    assert anybody.get(f"/places/{code}/qr.svg").headers["content-type"] == "image/svg+xml"
    clerk.enter("window")
    for page in (f"/cases/{licence.number}", f"/counter/parties/{FIRM}"):
        assert f"/places/{code}/sheet" in clerk.get(page).text, page


@pytest.mark.slow
def test_no_place_of_the_town_names_a_person(full_town: tuple[Town, Numbers]) -> None:
    town, _ = full_town
    secrets = personal(town)
    assert len(secrets) > 20
    door = open_door(town)
    anybody, front = Visitor(door), Front(town)
    with town.session() as session:
        codes = session.scalars(select(Place.code).order_by(Place.id)).all()
    assert len(codes) > 20
    licensed = 0
    for code in codes:
        door.state.tries.reset()
        answers = [front.get(None, f"/places/{code}")]
        if answers[0].json()["licences"]:
            licensed += 1
            answers.append(anybody.get(f"/places/{code}"))
        for answer in answers:
            assert answer.status_code == 200
            assert [one for one in secrets if one in answer.text] == [], code
    assert licensed > 10


def personal(town: Town) -> set[str]:
    """Every name, number and phone of a person that the town knows."""
    with town.session() as session:
        found = {
            *session.scalars(select(Person.name)),
            *session.scalars(select(Person.id_code)),
            *session.scalars(select(Account.phone)),
            *session.scalars(select(Party.representative)),
            *session.scalars(select(Party.phone)),
            *session.scalars(select(Party.name).where(Party.code_kind != "uscc")),
            *session.scalars(select(Party.code).where(Party.code_kind != "uscc")),
            *session.scalars(select(Post.certificate_number)),
        }
    return {one for one in found if one and len(one) > 1}
