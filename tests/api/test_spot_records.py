"""当场处罚 in the credit file: remembered by the authority as 轻微, not published, not shared."""

from __future__ import annotations

from typing import Any

import pytest

from casework.models import Publication
from tests.support.desk import Desk
from tests.support.exemptions import FIRM
from tests.support.front import Front
from tests.support.penalties import spot_to

LABEL = "受到当场行政处罚（轻微）"


def _seen(desk: Desk, who: str) -> list[Any]:
    answer = desk.front.get(who, f"/parties/{FIRM}/credit")
    assert answer.status_code == 200, answer.text
    return [one for one in answer.json()["events"] if one["label"] == LABEL]


@pytest.mark.slow
def test_a_penalty_on_the_spot_is_remembered_and_not_shared(front: Front) -> None:
    desk = Desk(front)
    before = desk.front.get("applicant", f"/parties/{FIRM}/credit").json()["rating"]["score"]
    number = spot_to(desk.town, "punished")
    with desk.town.session() as session:
        case_id = desk.town.case(number).id
        assert session.query(Publication).filter_by(case_id=case_id).count() == 0
    for who in ("applicant", "credit"):
        [event] = _seen(desk, who)
        assert (event["occurred_on"], event["counts_until"]) == ("2026-09-01", "2026-12-01")
        assert not event["bars_promise"]
    assert _seen(desk, "window_b") == []
    # It is no reason for a lower grade.
    now = desk.front.get("applicant", f"/parties/{FIRM}/credit").json()["rating"]["score"]
    assert now == before
    quashed = (("file_reconsideration", "legal"), ("change_by_reconsideration", "legal"))
    desk.go(number, *quashed)
    [event] = _seen(desk, "applicant")
    assert event["ended"].startswith("原案件已更正")
