"""A neighbour who is registered, or heard, late: until it is decided it is not too late."""

from __future__ import annotations

import pytest

from tests.support.journeys import Numbers, follow
from tests.support.town import Town


@pytest.mark.slow
def test_they_are_registered_until_it_is_decided(full_town: tuple[Town, Numbers]) -> None:
    town, numbers = full_town
    for process, state, by in (
        ("one_matter", "not_all_passed", "window"),
        ("single_health", "failed", "reviewer"),
        ("single_health", "passed", "reviewer"),
    ):
        number = numbers[process, state]
        follow(town, number, ("register_interested", by))
        assert town.case(number).state == state
    failed = numbers["single_health", "failed"]
    follow(town, failed, ("tell_applicant", "reviewer"))
    assert town.case(failed).state == "failed"


@pytest.mark.slow
def test_who_asked_to_be_heard_may_ask_for_an_earlier_day(
    full_town: tuple[Town, Numbers],
) -> None:
    town, numbers = full_town
    number = numbers["interested_party", "hearing_requested"]
    follow(town, number, ("ask_earlier_hearing", "applicant2"))
    assert town.case(number).state == "hearing_requested"
