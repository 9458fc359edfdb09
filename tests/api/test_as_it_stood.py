"""The file as it stood (历史状态): what a live read said on a day the log leads to later."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import reading
from casework.acts.redactions import MARK
from casework.common.problems import NotFound
from casework.common.timekeeping import legal_date
from casework.duties.due_clocks import fire_due_clocks
from casework.models import Case, LogRow
from casework.parts.evidence.reading import evidence_view
from tests.api.test_enforcement_pages import page
from tests.support.front import Front, refused
from tests.support.journeys import PAUSE, Numbers
from tests.support.penalties import HEAVY, TOLD_OF_HEARING, go, open_lead, penalty_to
from tests.support.redactions import ended, redact
from tests.support.town import START, StoppedTime, Town

_ALIKE = (
    "number", "process", "state", "state_label", "ended", "version", "opened_at", "ended_at",
    "whose_turn", "tracks", "documents", "data", "inputs", "participants",
)  # fmt: skip
_READERS = ("supervisor", "eco_supervisor", "applicant")


def _told(view: Any) -> dict[str, Any]:
    """What both a live and a former case tell; a limit of minutes may pass within the day."""
    clocks = [{**vars(one), "overdue": None} for one in view.clocks]
    return {**{name: getattr(view, name) for name in _ALIKE}, "clocks": clocks}


class Diary:
    """What live reads said of each case at the end of each day on which it had a row."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.days: dict[tuple[str, date, str], dict[str, Any]] = {}

    def write(self) -> None:
        today = legal_date(self.town.time.now())
        recorded = LogRow.header["recorded_at"].as_string()
        with self.town.session() as session:
            rows = session.execute(
                select(Case.number, recorded).join(LogRow, LogRow.case_id == Case.id)
            )
            numbers = {n for n, at in rows if legal_date(datetime.fromisoformat(at)) == today}
            for number in sorted(numbers):
                for who in _READERS:
                    if (seen := _live(self.town, session, who, number)) is not None:
                        self.days[number, today, who] = seen


class WatchedTime(StoppedTime):
    """A clock that stands, and lets a diary be written before it moves on to another day."""

    diary: Diary | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        if self.diary and name == "instant" and legal_date(value) != legal_date(self.instant):
            self.diary.write()
        super().__setattr__(name, value)


def _live(town: Town, session: Session, who: str, number: str) -> dict[str, Any] | None:
    office, actor = town.office, town.people[who]
    try:
        view = reading.case_view(office, session, actor, number)
    except NotFound:
        return None
    kept = evidence_view(office, session, actor, number) if view.keeps_evidence else ()
    return {**_told(view), "evidence": kept}


def _past(town: Town, session: Session, who: str, number: str, day: date) -> dict[str, Any]:
    view = reading.past_case(town.office, session, town.people[who], number, day)
    return {**_told(view), "evidence": view.evidence}


def _differing(said: dict[str, Any], now: dict[str, Any]) -> list[str]:
    return [f"{name}: {said[name]} != {now[name]}" for name in said if said[name] != now[name]]


def _watched(town: Town, monkeypatch: pytest.MonkeyPatch) -> Diary:
    """The town under a clock that is watched."""
    town.time = town.office.time = time = WatchedTime(town.time.instant)
    diary = Diary(town)
    monkeypatch.setattr(WatchedTime, "diary", diary)
    return time.diary or diary


def _live_through(town: Town) -> None:
    """Promise broken and licence revoked; a joint matter that pauses; a penalty with a hearing, and
    one that is not paid; what falls due meanwhile."""
    granted, joint = town.granted(), town.dispatched(address="一路1号")
    town.take(joint, "pause_health", "reviewer", PAUSE)
    penalty = open_lead(town)
    go(town, penalty, *TOLD_OF_HEARING, ("hold_hearing", "chair"), **HEAVY)
    penalty_to(town, "served")
    for _ in range(2):
        town.time.pass_(days=11)
        fire_due_clocks(town.office)
    town.revoked(granted)
    for _ in range(2):
        town.time.pass_(days=3)
        fire_due_clocks(town.office)


def test_each_day_is_led_to_as_it_was_read(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    diary = _watched(town, monkeypatch)
    _live_through(town)
    diary.write()
    monkeypatch.setattr(WatchedTime, "diary", None)
    assert len({day for _, day, _ in diary.days}) > 5
    assert len({number for number, _, _ in diary.days}) > 5
    town.time.pass_(days=1)
    with town.session() as session:
        wrong = [
            f"{number} {day} {who}: {one}"
            for (number, day, who), said in diary.days.items()
            for one in _differing(said, _past(town, session, who, number, day))
        ]
    assert not wrong, "\n".join(wrong[:20])


def test_today_is_the_present_in_every_state(full_town: tuple[Town, Numbers]) -> None:
    town, numbers = full_town
    today = legal_date(town.time.now())
    wrong = []
    with town.session() as session:
        for number in numbers.values():
            seen = ((who, _live(town, session, who, number)) for who in _READERS)
            who, now = next((who, said) for who, said in seen if said is not None)
            wrong += [
                f"{number} {who}: {one}"
                for one in _differing(now, _past(town, session, who, number, today))
            ]
    assert not wrong, "\n".join(wrong[:20])


def test_a_day_that_cannot_be_is_said_to_be_none(town: Town) -> None:
    front, number = Front(town), town.granted()
    opened = legal_date(START)
    for day, why in ((opened - timedelta(days=1), "还没有登记"), (date(2026, 9, 2), "还没有到")):
        answer = front.get("window", f"/cases/{number}", as_of=day.isoformat())
        assert why in refused(answer, 422, "bad-input")["detail"]
        shown = page(front, "window", f"/cases/{number}?as_of={day}")
        assert shown.status_code == 422
        assert why in shown.text
        assert f'value="{day}"' in shown.text  # what was asked for is not lost
    for text in ("", "昨天", "2026-02-30"):
        assert page(front, "window", f"/cases/{number}?as_of={text}").status_code == 422
    refused(front.get("window", f"/cases/{number}", as_of="昨天"), 422, "bad-input")


def test_who_reads_the_past_reads_by_the_rights_of_today(town: Town) -> None:
    front, number = Front(town), penalty_to(town, "decided")
    day = legal_date(town.time.now())
    town.time.pass_(days=2)
    at = {"as_of": day.isoformat()}
    for who in ("applicant2", "window_b"):
        refused(front.get(who, f"/cases/{number}", **at), 404, "not-found")
        assert page(front, who, f"/cases/{number}?as_of={day}").status_code == 404
    refused(front.get(None, f"/cases/{number}", **at), 401, "not-logged-in")
    staff, own = (front.get(who, f"/cases/{number}", **at).json() for who in ("legal", "applicant"))
    assert staff["evidence"]
    assert not own["evidence"]
    assert any(one["internal"] for one in staff["documents"])
    assert not any(one["internal"] for one in own["documents"])
    assert set(own["data"]) < set(staff["data"])
    for who in ("handler1", "applicant"):
        text = page(front, who, f"/cases/{number}?as_of={day}").text
        main = text.split("<main", 1)[1]
        assert f"历史状态：截至 {day}" in main
        assert 'method="post"' not in main
        assert "/steps/" not in main


def test_what_was_taken_away_since_is_said_to_be_gone(town: Town) -> None:
    front = Front(town)
    number, day = ended(front), legal_date(town.time.now())
    town.time.pass_(days=400)
    before = front.get("supervisor", f"/cases/{number}", as_of=day.isoformat()).json()
    assert before["redacted"] == []
    assert before["data"]["application"]["contact_phone"] == "13800000001"
    redact(front, number, "联系电话")
    said = front.get("supervisor", f"/cases/{number}", as_of=day.isoformat()).json()
    assert "13800000001" not in str((said["data"], said["inputs"]))
    assert said["data"]["application"]["contact_phone"] == MARK
    [gone] = said["redacted"]
    assert gone.startswith("第1条的")
    assert (said["state"], said["clocks"], said["hash"]) == (
        before["state"], before["clocks"], before["hash"],
    )  # fmt: skip
    assert "已依法删除" in page(front, "supervisor", f"/cases/{number}?as_of={day}").text
