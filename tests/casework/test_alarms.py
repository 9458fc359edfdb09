"""A duty that fails or stops coming is told to those who watch, by whoever looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.common.problems import Busy
from casework.deadlines import duty_book
from casework.deadlines.duty_book import DUE_CLOCKS, DUTIES, HOUSE, NOTICES, on_duty
from casework.duties import alarms
from casework.duties.alarms import raise_alarms
from casework.models import Authority, Message, Notice
from casework.notifying import outlets
from casework.notifying.addressing import Outlets
from casework.notifying.gateways import RealGateways
from tests.support.far_ends import FarEnd, gateway
from tests.support.town import StoppedTime, Town

GATEWAYS = RealGateways({})


@pytest.fixture
def machine(town: Town) -> StoppedTime:
    """The machine's clock, and every duty done just now."""
    town.office.machine = clock = StoppedTime()
    done(town, *DUTIES)
    return clock


@pytest.fixture
def sms() -> Iterator[FarEnd]:
    with gateway() as end:
        yield end


def done(town: Town, *names: str, error: str | None = None) -> None:
    for name in names:
        with town.session() as session:
            codes = duty_book.extent(session, DUTIES[name])
        for code in codes:
            with on_duty(town.office, DUTIES[name], code, alone=False) as shift:
                assert shift is not None
                shift.error = error


def told(town: Town, code: str) -> list[tuple[str | None, str]]:
    """Which desks of an authority were told, and of what."""
    with town.session() as session:
        found = session.scalars(
            select(Notice)
            .join(Authority, Authority.id == Notice.authority_id)
            .where(Notice.kind == "alarm", Authority.code == code)
            .order_by(Notice.id)
        )
        return [(one.to_role, one.subject) for one in found]


def codes(town: Town) -> list[str]:
    with town.session() as session:
        return list(session.scalars(select(Authority.code).order_by(Authority.id)))


def test_what_is_done_in_time_raises_no_alarm(town: Town, machine: StoppedTime) -> None:
    machine.pass_(minutes=10)
    assert raise_alarms(town.office, GATEWAYS) == []


def test_what_stops_coming_is_told_once_a_day(town: Town, machine: StoppedTime) -> None:
    machine.pass_(minutes=11)
    done(town, *(name for name in DUTIES if name != DUE_CLOCKS.name))
    first, *_ = codes(town)
    assert len(raise_alarms(town.office, GATEWAYS)) == 2 * len(codes(town))
    line = "报警：时限届满没有按时完成"
    assert told(town, first) == [("supervisor", line), ("admin", line)]
    assert raise_alarms(town.office, GATEWAYS) == []
    machine.pass_(days=1)
    raise_alarms(town.office, GATEWAYS)
    assert told(town, first).count(("supervisor", line)) == 2
    with town.session() as session:
        bodies = session.scalars(
            select(Notice.body).where(Notice.kind == "alarm").order_by(Notice.id)
        ).all()
    assert "已有 11 分钟没有成功完成" in bodies[0]
    assert "已有 24 小时没有成功完成" in bodies[-1]


def test_what_fails_again_and_again_is_told_with_its_reason(
    town: Town, machine: StoppedTime
) -> None:
    machine.pass_(minutes=11)
    done(town, *DUTIES, error="短信平台：网关答复 503")
    done(town, *(name for name in DUTIES if name != NOTICES.name))
    raise_alarms(town.office, GATEWAYS)
    with town.session() as session:
        bodies = session.scalars(select(Notice.body).where(Notice.kind == "alarm")).all()
    assert bodies
    assert all("网关答复 503" in body for body in bodies)


def test_one_authority_s_alarm_is_not_another_s(town: Town, machine: StoppedTime) -> None:
    first, second, *_ = codes(town)
    machine.pass_(minutes=11)
    done(town, *(name for name in DUTIES if name != DUE_CLOCKS.name))
    for code in codes(town):
        if code != second:
            with on_duty(town.office, DUE_CLOCKS, code, alone=False):
                pass
    raise_alarms(town.office, GATEWAYS)
    assert told(town, first) == []
    assert len(told(town, second)) == 2


def test_a_duty_that_rests_raises_no_alarm(town: Town, machine: StoppedTime) -> None:
    first, *_ = codes(town)
    with town.session() as session:
        person = town.people["supervisor"].person_id
        duty_book.pause(town.office, session, DUE_CLOCKS, first, person, "核对放假安排")
    machine.pass_(minutes=11)
    done(town, *(name for name in DUTIES if name != DUE_CLOCKS.name))
    raise_alarms(town.office, GATEWAYS)
    assert told(town, first) == []


def test_a_house_that_has_just_been_opened_is_given_time(town: Town) -> None:
    town.office.machine = machine = StoppedTime()
    opened = machine.now()
    machine.pass_(minutes=10)
    assert raise_alarms(town.office, GATEWAYS, watching_since=opened) == []
    machine.pass_(minutes=1)
    raise_alarms(town.office, GATEWAYS, watching_since=opened)
    subjects = {subject for _, subject in told(town, codes(town)[0])}
    assert subjects == {"报警：时限届满没有按时完成", "报警：通知送出没有按时完成"}


def test_an_alarm_goes_out_by_night_though_the_sending_duty_has_stopped(
    town: Town, machine: StoppedTime, sms: FarEnd
) -> None:
    admin = town.people["admin"]
    outlets.open_outlet(
        town.office, admin, medium="sms", label="短信平台",
        address=f"http://127.0.0.1:{sms.port}/send", ground="崇卫办〔2026〕3号",
    )  # fmt: skip
    outlets.open_desk_address(
        town.office, admin, role="supervisor", medium="sms", address="13800000005",
        ground="崇卫办〔2026〕3号",
    )  # fmt: skip
    town.time.pass_(hours=14)
    machine.instant += timedelta(minutes=11)
    done(town, *(name for name in DUTIES if name != NOTICES.name))
    raise_alarms(town.office, GATEWAYS)
    [asked] = sms.asked
    assert asked["to"] == "13800000005"
    assert "通知留在待发箱里，没有送出" in asked["text"]
    raise_alarms(town.office, GATEWAYS)
    assert len(sms.asked) == 1
    with town.session() as session:
        assert {one.state for one in session.scalars(select(Message))} == {"sent"}


def test_an_alarm_that_was_only_written_is_lined_up_at_the_next_look(
    town: Town, machine: StoppedTime, sms: FarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = town.people["admin"]
    outlets.open_outlet(
        town.office, admin, medium="sms", label="短信平台",
        address=f"http://127.0.0.1:{sms.port}/send", ground="崇卫办〔2026〕3号",
    )  # fmt: skip
    for role, phone in (("supervisor", "13800000005"), ("admin", "13800000006")):
        outlets.open_desk_address(
            town.office, admin, role=role, medium="sms", address=phone, ground="崇卫办〔2026〕3号"
        )
    machine.pass_(minutes=11)
    done(town, *(name for name in DUTIES if name != DUE_CLOCKS.name))
    deliver = Outlets.deliver

    def fails_once(self: Outlets, session: Session, notice: Notice) -> None:
        monkeypatch.setattr(Outlets, "deliver", deliver)
        raise Busy("要办理的内容正由他人办理")

    monkeypatch.setattr(Outlets, "deliver", fails_once)
    raise_alarms(town.office, GATEWAYS)
    assert [one["to"] for one in sms.asked] == ["13800000006"]
    assert raise_alarms(town.office, GATEWAYS) == []
    assert [one["to"] for one in sms.asked] == ["13800000006", "13800000005"]


def test_the_watch_goes_on_whatever_happens(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rounds = iter((False, False, True))

    class Twice(Event):
        def wait(self, timeout: float | None = None) -> bool:
            return next(rounds)

    def fails(*_: object, **__: object) -> list[str]:
        raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")

    monkeypatch.setattr(alarms, "raise_alarms", fails)
    alarms.keep_watch(town.office, Twice(), GATEWAYS)
    assert caplog.text.count("暂时看不到值守情况：UnicodeEncodeError") == 2


def test_the_whole_house_s_duties_are_told_to_everybody(town: Town, machine: StoppedTime) -> None:
    assert not DUTIES["daily-proof"].by_authority
    machine.pass_(days=2)
    done(town, *(name for name in DUTIES if name != "daily-proof"))
    raise_alarms(town.office, GATEWAYS)
    for code in codes(town):
        assert len(told(town, code)) == 2
    assert HOUSE not in codes(town)
