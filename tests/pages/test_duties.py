"""What the pages say of the duties that the house does by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from api import create_app
from casework.common.demo_time import DemoTime
from casework.deadlines.duty_book import DAILY_PROOF, DUE_CLOCKS, DUTIES, on_duty
from casework.kernel.office import Office
from casework.models import Setting
from tests.pages.test_security import Visitor
from tests.support.town import StoppedTime, Town


@pytest.fixture
def demo(town: Town, door: FastAPI) -> Iterator[FastAPI]:
    """The town as a demo, with a calendar that begins with the town's."""
    time = DemoTime(town.database, town.time)
    yield create_app(
        Office(town.database, time, public_url=town.office.public_url), demo=True, prefect_url=None
    )
    time.close()


@pytest.mark.slow
def test_the_calendars_page_says_what_became_of_the_work(demo: FastAPI, town: Town) -> None:
    supervisor = Visitor(demo)
    supervisor.enter("supervisor")
    assert "最近一次调整之后" not in supervisor.get("/demo").text
    turned = supervisor.submit("/demo", "/demo", days="30").text
    assert "Prefect 未在线" in turned
    assert "几秒内处理" not in turned
    assert "时限届满：没有请到 Prefect 运行" in turned
    assert "刷新进度" in turned
    for duty in DUTIES.values():
        with on_duty(demo.state.office, duty):
            pass
    page = supervisor.get("/demo").text
    assert "时限届满：已处理完毕，到 2026-10-01 09:00 为止" in page
    assert "每日存证和核验：已处理完毕" in page
    assert "刷新进度" not in page


@pytest.mark.slow
def test_an_overdue_duty_is_an_alarm_on_the_supervisors_page(demo: FastAPI, town: Town) -> None:
    office = demo.state.office
    machine = office.machine = StoppedTime()
    supervisor = Visitor(demo)
    supervisor.enter("supervisor")
    page = supervisor.get("/overview").text
    assert "时限届满还没有成功完成过：到期事项不会自动处理" in page
    assert "每日存证和核验还没有成功完成过" in page
    for duty in (DUE_CLOCKS, DAILY_PROOF):
        with on_duty(office, duty):
            pass
    machine.pass_(minutes=10)
    page = supervisor.get("/overview").text
    assert "到期事项不会自动处理，要等" not in page
    assert "时限届满：上次成功完成在 10 分钟前" in page
    machine.pass_(seconds=1)
    page = supervisor.get("/overview").text
    assert "时限届满已有 10 分钟没有成功完成" in page
    assert "nuoxin sweep" in page
    with town.session() as session:  # its flows have not begun yet
        told = {"as_of": "2026-09-01T09:00:00+08:00", "told": ["a", "b"], "of": 3}
        session.add(Setting(key="demo_city", value=told))
    assert "没有成功完成（" not in supervisor.get("/overview").text


@pytest.mark.slow
def test_the_page_of_duties_lets_one_rest_and_go_on(demo: FastAPI) -> None:
    supervisor = Visitor(demo)
    supervisor.enter("supervisor")
    page = supervisor.get("/duties").text
    assert "没有设置交出处，日根只存在本机" in page
    assert "时限届满" in page
    assert "还没有" in page
    code = re.search(r'name="authority" value="([^"]+)"', page)
    assert code
    named = {"duty": "due-clocks", "authority": code[1]}
    empty = supervisor.submit("/duties/rest", "/duties", **named, because="")
    assert "请写明" in empty.text
    rested = supervisor.submit("/duties/rest", "/duties", **named, because="核对放假安排").text
    assert "已暂停" in rested
    assert "核对放假安排" in rested
    assert "已恢复" in supervisor.submit("/duties/go-on", "/duties", **named).text
    run = supervisor.submit("/duties/run", "/duties", duty="due-clocks").text
    assert "Prefect 没有答复" in run
    clerk = Visitor(demo)
    clerk.enter("window")
    assert clerk.get("/duties").status_code == 403
