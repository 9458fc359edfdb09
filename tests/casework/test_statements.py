"""How many statements an act sends: what is read of a case comes as one, what a step caused goes
out as one, and neither grows with the history."""

from __future__ import annotations

import pytest

from casework.documents import attachments
from tests.support.signed import pdf
from tests.support.statements import writing_transactions
from tests.support.town import MATERIALS, Town

_FILES = len(MATERIALS["instant_licence"])
# Of every act of the licence story. The grant opens two cases, records credit and rates the firm;
# promise and grant ask what was seen at the place, and the grant once more whose it is.
_STORY = [
    ("open", 9),  # premises are looked for in any spelling, by one after the other
    *[("hand in", 5)] * _FILES,
    ("submit", 8),
    ("accept", 6),  # a sign that is not the firm's own name may be another's
    ("inform", 5),
    ("study", 4),
    ("commit", 7),
    ("grant", 23),
    ("deliver", 5),
]


# `monkeypatch` has the story walked here, and not taken from where another test has been.
@pytest.mark.usefixtures("monkeypatch")
def test_no_act_of_the_licence_story_sends_more_than_it_needs(town: Town) -> None:
    town.granted(address="预热路1号")  # what is read once a program is read
    with writing_transactions(town) as found:
        number = town.granted(address="计数路1号")
        town.take(number, "deliver", "window", {"recipient": "陈志远"})
    assert list(zip([name for name, _ in _STORY], found, strict=True)) == _STORY


@pytest.mark.usefixtures("monkeypatch")
def test_a_long_history_costs_no_more_statements(town: Town) -> None:
    number = town.apply()
    town.attach(number)

    def hand_in(n: int) -> None:
        name = f"第{n}张.pdf"
        attachments.store(town.office, town.people["applicant"], number, "plans", name, pdf(name))

    hand_in(0)
    with writing_transactions(town) as found:
        hand_in(1)
        for n in range(2, 62):
            hand_in(n)
        town.take(number, "submit", "applicant")
    assert found == [5] * 61 + [8]
