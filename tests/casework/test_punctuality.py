"""Late is the same as punctual: one story, swept daily, never, or every ninety days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, pairwise
from typing import Any

import pytest
from sqlalchemy import select

from casework.acts.actors import Actor
from casework.common.timekeeping import ZONE
from casework.models import Case
from tests.support.journeys import OFFICERS, usual
from tests.support.records import history
from tests.support.town import START, Town, fresh_town, look

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Act:
    """A step taken on the day so many days after the start, of the application or a relative."""

    day: int
    step: str
    by: str
    of: str = ""
    given: Any = None


@dataclass(frozen=True)
class Story:
    """What people do, how long the town is watched, and where each case must then stand."""

    acts: tuple[Act, ...]
    days: int
    ends: Mapping[str, str]
    breaches: tuple[str, ...] = ()
    starts: datetime = START


def _granted(day: int = 0) -> tuple[Act, ...]:
    return (
        Act(0, "submit", "applicant"),
        Act(day, "accept", "window"),
        Act(day, "inform", "window"),
        Act(day, "study", "applicant"),
        Act(day, "commit", "applicant"),
        Act(day, "grant", "window"),
        Act(day + 1, "deliver", "window"),
    )


_BROKEN = (
    *_granted(),
    Act(10, "assign", "supervisor", "check"),
    Act(20, "inspect", OFFICERS, "check"),
    Act(21, "order_rectification", "inspector1", "check"),
    Act(21, "serve_order", "inspector1", "check"),
    Act(65, "recheck", OFFICERS, "check"),
    Act(66, "find_broken", OFFICERS, "check"),
)

STORIES = {
    "the window is silent and the law accepts": Story(
        (
            Act(0, "submit", "applicant"),
            Act(30, "inform", "window"),
            Act(31, "study", "applicant"),
            Act(31, "commit", "applicant"),
            Act(32, "grant", "window"),
        ),
        95,
        {"": "granted", "licence": "valid", "check": "task_created"},
        ("instant", "delivery", "check", "decision"),
    ),
    "the window is silent for good": Story(
        (Act(0, "submit", "applicant"),), 95, {"": "accepted"}, ("decision",)
    ),
    "the supplement never comes": Story(
        (Act(0, "submit", "applicant"), Act(1, "request_supplement", "window")),
        95,
        {"": "terminated"},
    ),
    "the supplement comes and nobody looks at it": Story(
        (
            Act(0, "submit", "applicant"),
            Act(1, "request_supplement", "window"),
            Act(25, "supply", "applicant"),
            Act(40, "inform", "window"),
        ),
        95,
        {"": "informed"},
        ("decision",),
    ),
    "a licence runs its four years": Story(
        (*_granted(), Act(3, "assign", "supervisor", "check")),
        4 * 366 + 30,
        {"": "delivered", "licence": "expired", "check": "assigned"},
        ("check",),
    ),
    "a licence expires while its revocation is on the way": Story(
        (
            *_granted(),
            Act(1455, "assign", "supervisor", "check"),
            Act(1456, "inspect", OFFICERS, "check"),
            Act(1457, "find_false", OFFICERS, "check"),
            Act(1458, "notify_revocation", "inspector1+inspector2", "check"),
            Act(1459, "waive_defence", "applicant", "check"),
            Act(1459, "waive_hearing", "applicant", "check"),
            Act(1459, "submit_review", "inspector1", "check"),
            Act(1460, "pass_review", "legal", "check"),
            Act(1465, "revoke", "approver", "check"),
            Act(1470, "serve", "inspector1", "check"),
        ),
        1520,
        {"licence": "revoked", "check": "revocation_served"},
        ("check", "deregistration"),
        starts=datetime(2022, 8, 1, 9, 0, tzinfo=ZONE),  # so that a calendar covers the end
    ),
    "the check comes late and finds all kept": Story(
        (
            *_granted(),
            Act(80, "assign", "supervisor", "check"),
            Act(85, "inspect", OFFICERS, "check", look(met=True)),
            Act(120, "find_kept", OFFICERS, "check"),
            Act(121, "close", "supervisor", "check"),
        ),
        150,
        {"check": "closed", "licence": "valid"},
        ("check", "finding"),
    ),
    "the defence runs out and the licence is revoked": Story(
        (
            *_BROKEN,
            Act(67, "notify_revocation", "inspector1+inspector2", "check"),
            Act(68, "serve_notice", "inspector1", "check"),
            Act(100, "submit_review", "inspector1", "check"),
            Act(130, "pass_review", "legal", "check"),
            Act(165, "revoke", "approver", "check"),
            Act(170, "serve", "inspector1", "check"),
            Act(205, "deregister", "approver", "check"),
        ),
        230,
        {"check": "deregistered", "licence": "deregistered"},
        (
            "rectification",
            "defence",
            "hearing_request",
            "legal_review",
            "revocation_decision",
            "deregistration",
        ),
    ),
    "the rectification is late and the licence is spared": Story(
        (*_BROKEN, Act(95, "spare", "approver", "check")),
        120,
        {"check": "closed", "licence": "valid"},
        ("rectification", "finding"),
    ),
    "a technical review stops the clock": Story(
        (
            Act(0, "submit", "applicant"),
            Act(2, "accept", "window"),
            Act(3, "inform", "window"),
            Act(3, "decline", "applicant"),
            # Until the day that the party was told, though nobody says that it is over.
            Act(6, "pause", "reviewer"),
            Act(40, "extend_decision", "approver"),
            Act(47, "check_site", "reviewer+inspector1"),
            Act(110, "grant", "approver"),
        ),
        130,
        {"": "granted", "licence": "valid"},
        ("decision", "delivery"),
    ),
}

# What is done away from the desk, and how many days later it may be written up, whatever weekday.
_AWAY = ("deliver", "inspect", "recheck")
_LATE_BY = 3.0
# How many days may pass between two sweeps; None: nobody sweeps until the end.
LATE = [
    pytest.param({"never": None}, id="never"),
    pytest.param({"every ninety days": 90}, id="every ninety days", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("late", LATE)
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_a_late_sweep_gives_the_same_case_as_a_punctual_one(
    server: str,
    settled: dict[str, Actor],
    story: Story,
    late: Mapping[str, int | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = {}
    for way, days in {"daily": 1, **late}.items():
        _same_tracking_codes(monkeypatch)
        with fresh_town(server, settled) as town:
            town.history = None  # what is compared was all done here
            number = _lived(town, story, days)
            told[way] = history(town)
            for relation, state in story.ends.items():
                case = town.relative(number, relation) if relation else town.case(number)
                assert case.state == state, f"{relation or 'application'}, swept {way}"
    punctual = told.pop("daily")
    assert {row["header"]["name"] for row in _breaches(punctual)} == set(story.breaches)
    for way, history_of in told.items():
        for table, rows in punctual.items():
            assert history_of[table] == rows, f"{table} differs when swept {way}"


@pytest.mark.parametrize(
    "name",
    [
        "the check comes late and finds all kept",
        "the rectification is late and the licence is spared",
    ],
)
def test_an_act_entered_late_with_its_legal_date_gives_the_same_dates(
    server: str, settled: dict[str, Actor], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Officers write up what they did away from the desk as late as they may, and before the next
    act; it bears its own legal date."""
    story = STORIES[name]
    told = []
    for late in (False, True):
        _same_tracking_codes(monkeypatch)
        with fresh_town(server, settled) as town:
            town.history = None  # what is compared was all done here
            _lived(town, story, None, written_up=late)
            told.append(history(town))
    on_the_day, afterwards = told
    for table in ("case_clock", "document", "publication", "credit_event", "number_entry"):
        assert afterwards[table] == on_the_day[table], table
    assert [row["header"] for row in afterwards["case_log"]] == [
        row["header"] for row in on_the_day["case_log"]
    ]


def _lived(town: Town, story: Story, sweep_every: int | None, *, written_up: bool = False) -> str:
    town.time.instant = story.starts
    end = story.starts + timedelta(days=story.days)
    number = town.apply()
    town.attach(number)
    for act, after in pairwise((*story.acts, None)):
        at = story.starts + timedelta(days=act.day)
        case = number if not act.of else town.relative(number, act.of).number
        options: dict[str, Any] = {}
        if written_up and act.step in _AWAY:
            late = min(_LATE_BY, after.day - act.day - 0.1 if after else _LATE_BY)
            _pass_until(town, at + timedelta(days=late), None)
            options["effective_at"] = at
        else:
            _pass_until(town, at, sweep_every)
        if act.step == "supply":
            town.attach(number, "plans")
        given = act.given or usual(town.case(case).process, act.step)
        town.take(case, act.step, act.by, given, **options)
    _pass_until(town, end, sweep_every)
    _sweep(town)
    return number


def _pass_until(town: Town, at: datetime, sweep_every: int | None) -> None:
    while sweep_every and town.time.instant + timedelta(days=sweep_every) < at:
        town.time.pass_(days=sweep_every)
        _sweep(town)
    town.time.instant = at
    if sweep_every == 1:
        _sweep(town)


def _sweep(town: Town) -> None:
    with town.session() as session:
        due = session.scalars(
            select(Case.id).where(Case.next_due <= town.time.now()).order_by(Case.next_due, Case.id)
        ).all()
    for case_id in due:
        town.office.catch_up(case_id)


def _breaches(told: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return [row for row in told["case_log"] if row["header"]["kind"] == "expiry"]


def _same_tracking_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Certificates print a random code; told apart by nothing else, they must be equal."""
    serial = count(1)
    monkeypatch.setattr("secrets.token_urlsafe", lambda _n=None: f"code-{next(serial)}")
