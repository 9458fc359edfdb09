"""The way back (信用修复), from a broken promise to the promise route open again."""

from __future__ import annotations

import pytest

from tests.support.journeys import repair_to
from tests.support.town import Town


@pytest.mark.slow
def test_closed(town: Town) -> None:
    granted = town.granted()
    town.certified()
    number = repair_to(town, granted, "closed")
    assert town.case(number).state == "closed"
