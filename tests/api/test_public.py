"""What needs no account, over HTTP."""

from __future__ import annotations

import pytest

from tests.support.front import Front, refused
from tests.support.town import Town
from tests.support.visitor import Visitor, open_door

PERSONAL = ("陈志远", "李敏", "13800000001", "甲")


def test_a_case_is_tracked_by_number_and_code_and_tells_no_personal_data(
    front: Front, town: Town
) -> None:
    number = town.granted()
    answer = front.get(None, f"/track/{number}", code=town.case(number).tracking_code)
    assert answer.status_code == 200
    said = answer.json()
    assert (said["state_label"], said["whose_turn"]) == ("准予许可", ["窗口人员"])
    assert not any(secret in answer.text for secret in PERSONAL)


def test_a_wrong_code_is_refused_like_a_wrong_number(front: Front, town: Town) -> None:
    number = town.granted()
    wrong = refused(front.get(None, f"/track/{number}", code="x"), 404, "not-found")
    assert wrong == front.get(None, "/track/CC-GC-2026-999999", code="x").json()
    refused(front.get(None, f"/track/{number}"), 422, "bad-input")


def test_a_certificate_is_verified_by_anybody(front: Front, town: Town) -> None:
    number = town.granted()
    answer = front.get(None, f"/verify/{town.relative(number, 'licence').tracking_code}")
    said = answer.json()
    assert (said["state_label"], said["stands"]) == ("有效", True)
    assert said["representative"] == "陈**"
    assert not any(secret in answer.text for secret in PERSONAL)
    refused(front.get(None, f"/verify/{town.case(number).tracking_code}"), 404, "not-found")


def test_the_code_on_the_wall_tells_nothing_of_the_licence_s_case(town: Town) -> None:
    number, anybody = town.granted(), Visitor(open_door(town))
    licence = town.relative(number, "licence")
    on_the_wall = anybody.get("/track", params={"code": licence.tracking_code})
    assert on_the_wall.status_code == 404
    assert licence.number not in on_the_wall.text
    assert anybody.get(f"/track/{licence.tracking_code}/qr.svg").status_code == 404
    for code, named in (
        (town.case(number).tracking_code, ""),
        (licence.tracking_code, licence.number),
    ):
        asked = {"code": code, "number": named}
        assert anybody.get("/track", params=asked).status_code == 200, named


@pytest.mark.parametrize("path", ["/verify/x", "/verify/%00", "/places/%00", "/track/x?code=%00"])
def test_nonsense_gets_an_answer(quiet: Front, path: str) -> None:
    answer = quiet.ask(None, "GET", path)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "most"), [("/track/x?code=x", 30), ("/verify/x", 60), ("/places/x", 60)]
)
def test_guessing_codes_ends_after_a_few_tries(quiet: Front, path: str, most: int) -> None:
    answers = [quiet.ask(None, "GET", path).status_code for _ in range(most + 1)]
    assert answers == [404] * most + [429]
    refused(quiet.ask(None, "GET", path), 429, "too-many-requests")
    assert quiet.ask("window", "GET", "/me").status_code == 200  # nothing else is held back
