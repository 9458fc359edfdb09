"""What only the demo shows: who may log in, and its calendar."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from api import create_app
from casework.common.demo_time import DemoTime
from casework.kernel.office import Office
from casework.models import Setting
from tests.pages.test_security import Visitor
from tests.support.town import Town

pytestmark = pytest.mark.slow


@pytest.fixture
def demo(town: Town, door: FastAPI) -> Iterator[FastAPI]:
    """The town as a demo, with a calendar that begins with the town's."""
    time = DemoTime(town.database, town.time)
    yield create_app(
        Office(town.database, time, public_url=town.office.public_url), demo=True, prefect_url=None
    )
    time.close()


def test_the_log_in_page_says_who_is_who(demo: FastAPI, door: FastAPI) -> None:
    shown = Visitor(demo).get("/login").text
    assert "申请人，南通滨江宾馆有限公司" in shown
    assert "窗口人员，通州区卫健委" in shown
    assert "演示账号" not in Visitor(door).get("/login").text


def test_a_supervisor_turns_the_calendar_and_stays_logged_in(demo: FastAPI) -> None:
    supervisor = Visitor(demo)
    supervisor.enter("supervisor")
    assert "今天是 2026-09-01" in supervisor.get("/demo").text
    turned = supervisor.submit("/demo", "/demo", days="30")
    assert "日历已调整" in turned.text
    assert "今天是 2026-10-01" in turned.text
    assert supervisor.get("/overview").status_code == 200


@pytest.mark.parametrize("days", ["0", "-3", "三", "99999", "9999", ""])
def test_a_calendar_cannot_be_turned_by_nonsense(demo: FastAPI, days: str) -> None:
    supervisor = Visitor(demo)
    supervisor.enter("supervisor")
    answer = supervisor.submit("/demo", "/demo", days=days)
    assert answer.status_code == 422
    assert "今天是 2026-09-01" in answer.text


def test_every_page_says_while_the_city_is_not_whole(demo: FastAPI, town: Town) -> None:
    supervisor, clerk, nobody = Visitor(demo), Visitor(demo), Visitor(demo)
    supervisor.enter("supervisor")
    clerk.enter("window")
    assert "还在布置" not in supervisor.get("/overview").text
    with town.session() as session:
        told = {"as_of": "2026-09-01T09:00:00+08:00", "told": ["a", "b"], "of": 3}
        session.add(Setting(key="demo_city", value=told))
    assert "3 个案例中已布置 2 个" in supervisor.get("/overview").text
    assert "还在布置（2/3）" in clerk.get("/").text
    assert "还在布置（2/3）" in nobody.get("/login").text
    with town.session() as session:
        session.get_one(Setting, "demo_city").value = {**told, "told": ["a", "b", "c"]}
    assert "还在布置" not in supervisor.get("/overview").text
    assert "还在布置" not in clerk.get("/").text


def test_nobody_else_turns_it(demo: FastAPI) -> None:
    clerk = Visitor(demo)
    clerk.enter("window")
    assert clerk.submit("/demo", "/", days="30").status_code == 403
    assert "今天是 2026-09-01" in clerk.get("/").text
