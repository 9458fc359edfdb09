"""The pages of legal dates: who is asked for one, and how a supervisor lets something be entered
late."""

from __future__ import annotations

import re
from datetime import datetime

import httpx
import pytest
from sqlalchemy import select

from api.html.site import SESSION_COOKIE
from casework.common.timekeeping import ZONE
from casework.models import LogRow
from tests.api.test_enforcement_pages import page, post
from tests.support.desk import Desk
from tests.support.front import Front
from tests.support.penalties import penalty_to
from tests.support.serving import RECEIPT

FORM = {"step": "serve_notice", "on": "2026-09-01", "reason": "送达后住院，未能录入"}


@pytest.mark.slow
def test_only_what_bears_another_day_is_asked_for_it(shared: Desk) -> None:
    owed = penalty_to(shared.town, "served")
    shared.town.attach(owed, "payment_slip", by="handler1")
    asked = {
        step: [name for name in ("_on", "_at") if f'name="{name}"' in shown.text]
        for state, who, step in (
            ("investigating", "handler1", "investigate"),
            ("investigating", "handler1", "order_correction"),
            ("opinion", "handler1", "notify"),
            ("notice_issued", "handler1", "serve_notice"),  # its form has the day
            ("", "handler1", "record_payment"),
        )
        if (
            shown := page(
                shared.front, who, _step(penalty_to(shared.town, state) if state else owed, step)
            )
        )
    }
    assert asked == {
        "investigate": ["_on", "_at"],
        "order_correction": [],
        "notify": [],
        "serve_notice": [],
        "record_payment": ["_on"],
    }


@pytest.mark.slow
def test_the_hour_of_an_act_away_from_the_desk_is_kept(desk: Desk) -> None:
    town = desk.town
    number = penalty_to(town, "investigating")
    town.time.pass_(days=1)
    path = _step(number, "investigate")
    given = {
        "_version": str(town.case(number).version),
        "facts": "毛巾未按规定清洗消毒",
        "evidence.0.item": "现场照片",
        "evidence.0.proves": "未消毒",
        "statement": "没有异议",
        "_on": "2026-09-01",
        "_at": "15:30",
    }
    wrong = post(desk.front, "handler1", path, {**given, "_at": "25:99"})
    assert (wrong.status_code, "时、分" in wrong.text) == (422, True)
    assert post(desk.front, "handler1", path, given).status_code == 303
    town.office.sign(
        number, "investigate", town.people["handler2"], version=town.case(number).version
    )
    with town.session() as session:
        row = session.scalars(
            select(LogRow.header)
            .where(LogRow.case_id == town.case(number).id)
            .order_by(LogRow.seq.desc())
            .limit(1)
        ).one()
    at = datetime.fromisoformat(row["effective_at"]).astimezone(ZONE)
    assert f"{at:%Y-%m-%d %H:%M}" == "2026-09-01 15:30"


@pytest.mark.slow
def test_a_supervisor_lets_something_be_entered_late(desk: Desk) -> None:
    town, front = desk.town, desk.front
    number = penalty_to(town, "notice_issued")
    town.time.pass_(days=10)
    front.log_in_again()
    assert "准予补录" not in page(front, "handler1", f"/cases/{number}").text
    shown = page(front, "supervisor", f"/cases/{number}").text
    assert "准予补录" in shown
    assert '<option value="serve_notice">登记送达</option>' in shown
    assert '<option value="extend_decision">' not in shown
    wrong = _permit(front, number, {**FORM, "on": "昨天"}, shown)
    assert (wrong.status_code, "应为日期" in wrong.text) == (422, True)
    done = _permit(front, number.lower(), FORM, shown)
    assert (done.status_code, done.headers["location"]) == (
        303,
        f"/cases/{number}?said=late_entry",
    )
    shown = page(front, "handler1", f"/cases/{number}").text
    assert "准予补录2026年9月1日的“登记送达”" in shown
    assert FORM["reason"] in shown
    given = {**RECEIPT, "on": "2026-09-01"}
    assert desk.take(number, "serve_notice", "handler1", given).status_code == 200


def _permit(front: Front, number: str, form: dict[str, str], shown: str) -> httpx.Response:
    token = front.identity("supervisor")["Authorization"].removeprefix("Bearer ")
    secret = re.search(r'name="_secret" value="(\w+)"', shown)
    assert secret
    return front.client.post(
        f"/cases/{number}/late-entries",
        data={"_secret": secret[1], **form},
        headers={"Cookie": f"{SESSION_COOKIE}={token}"},
        follow_redirects=False,
    )


def _step(number: str, step: str) -> str:
    return f"/cases/{number}/steps/{step}"
