"""The party reads a notice in the portal before it is served: it is in the log, and no service."""

from __future__ import annotations

from sqlalchemy import select

from casework.audit.proof import verify_case
from casework.models import CaseClock, LogRow
from casework.rules.versions import VersionCache
from tests.api.test_interested_parties import _codes, _done, _register, _reviewed, _take
from tests.support.front import Front
from tests.support.journeys import address, apply_to
from tests.support.town import Town


def _read(front: Front, who: str, number: str, key: str) -> int:
    papers = front.get(who, f"/cases/{number}").json()["documents"]
    paper = next(one["id"] for one in papers if one["key"] == key)
    return front.get(who, f"/cases/{number}/documents/{paper}").status_code


def _readings(front: Front, number: str) -> list[dict[str, object]]:
    log = front.get("reviewer", f"/cases/{number}/log").json()
    rows = log["rows"] if isinstance(log, dict) else log
    return [row for row in rows if row["kind"] == "read"]


def test_reading_before_the_service_is_logged_and_begins_no_time(front: Front, town: Town) -> None:
    neighbour = _register(front, _reviewed(town))
    _done(front, "reviewer", neighbour, "tell_interested")
    version = town.case(neighbour).version
    assert _read(front, "reviewer", neighbour, "interested_notice") == 200
    assert _readings(front, neighbour) == []  # an officer's look is none
    assert _read(front, "applicant2", neighbour, "interested_notice") == 200
    assert _read(front, "applicant2", neighbour, "interested_notice") == 200
    (row,) = _readings(front, neighbour)
    assert row["label"] == "阅知文书（不视为送达）"
    assert row["officers"] == ["陈志远"]
    with town.session() as session:
        kept = session.scalars(select(LogRow).where(LogRow.header["kind"].as_string() == "read"))
        [header] = [one.header for one in kept]
    assert header["mandate"]
    assert header["on_behalf"] == town.case(neighbour).party_id
    assert "许可事项告知书" in str(row["caused"])
    assert town.case(neighbour).version == version
    # However long ago it was read, it is not served: nobody's time has run.
    town.time.pass_(days=30)
    assert _codes(_take(front, "reviewer", neighbour, "consider_opinions")) == {"notice_not_served"}
    assert front.get("reviewer", f"/cases/{neighbour}").json()["service"][0]["served_on"] is None
    _done(front, "reviewer", neighbour, "serve_notice")
    assert _codes(_take(front, "reviewer", neighbour, "consider_opinions")) == {
        "party_time_pending"
    }
    # What is served is read as anything else.
    assert _read(front, "applicant2", neighbour, "interested_notice") == 200
    assert len(_readings(front, neighbour)) == 1
    unread = _register(front, apply_to(town, "ordinary_review", address(2)))
    for step in ("tell_interested", "serve_notice"):
        _done(front, "reviewer", unread, step)
    assert _read(front, "applicant2", unread, "interested_notice") == 200
    assert _readings(front, unread) == []
    with town.session() as session:
        assert verify_case(session, town.case(neighbour), VersionCache()) == []
        clocks = select(CaseClock.name).where(CaseClock.case_id == town.case(neighbour).id)
        assert set(session.scalars(clocks)) == {"telling", "defence", "hearing_request"}
