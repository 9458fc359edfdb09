"""Arrival reports of a gateway: signed, as often as it likes, and the demo's mailbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from casework.acts.notices import enqueue_code
from casework.common.demo_time import DemoTime
from casework.duties.handing_over import deliver_notices, send_messages
from casework.kernel.office import Office
from casework.models import Message, Party, Setting
from casework.notifying import outlets
from casework.notifying.addressing import Outlets
from casework.notifying.arrivals import sign
from casework.notifying.gateways import RealGateways
from casework.operations.installation import DEMO
from tests.support.far_ends import FarEnd, gateway
from tests.support.front import Front
from tests.support.town import StoppedTime, Town
from tests.support.visitor import Visitor, open_door

SECRET = "r3port"


@pytest.fixture
def sms(monkeypatch: pytest.MonkeyPatch) -> Iterator[FarEnd]:
    monkeypatch.setenv("NUOXIN_SECRET_CC_REPORT", SECRET)
    with gateway() as end:
        yield end


@pytest.fixture
def sent(town: Town, front: Front, sms: FarEnd) -> Message:
    """A message that the gateway took."""
    town.office.machine = StoppedTime()
    with town.session() as session:
        session.execute(update(Party).values(phone="13800000001"))
    outlet = {
        "medium": "sms", "label": "短信平台", "address": f"http://127.0.0.1:{sms.port}/send",
        "report_name": "NUOXIN_SECRET_CC_REPORT", "ground": "崇卫办〔2026〕3号",
    }  # fmt: skip
    assert front.post("admin", "/outlets", outlet).status_code == 201
    submitted(town)
    deliver_notices(town.office, Outlets(town.office))
    assert len(send_messages(town.office, RealGateways({})).done) == 1
    return message(town)


def submitted(town: Town) -> None:
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")


def message(town: Town) -> Message:
    with town.session() as session:
        return session.scalars(select(Message)).one()


def report(front: Front, of: Message, **said: Any) -> httpx.Response:
    secret, late = said.pop("secret", SECRET), said.pop("late", 0)
    outlet = said.pop("outlet", of.outlet_id)
    body = json.dumps({"key": of.key, "state": "arrived", **said}).encode()
    seconds = int(front.town.office.machine.now().timestamp()) - late
    headers = {"X-Nuoxin-Signature": said.pop("signature", sign(secret, seconds, body))}
    return front.client.post(f"/api/v1/arrivals/{outlet}", content=body, headers=headers)


def test_an_arrival_is_put_down_once_and_nothing_takes_it_back(
    front: Front, town: Town, sent: Message
) -> None:
    at = town.time.now() + timedelta(minutes=3)
    town.time.pass_(minutes=5)
    town.office.machine.instant = town.time.now()  # type: ignore[attr-defined]
    for _ in range(2):
        answer = report(front, sent, at=at.isoformat())
        assert (answer.status_code, answer.json()) == (200, {"state": "arrived"})
    assert report(front, sent, state="failed").json() == {"state": "arrived"}
    found = message(town)
    assert (found.state, found.arrived_at) == ("arrived", at)
    assert found.sent_at == sent.sent_at


def test_what_did_not_arrive_lies_with_the_supervisor_until_it_does(
    front: Front, town: Town, sent: Message
) -> None:
    assert report(front, sent, state="failed", reason="空号\n").status_code == 200
    [lying] = front.get("supervisor", "/dead-letters").json()["letters"]
    assert (lying["state"], lying["error"]) == ("failed", "网关报告：空号 ")
    assert report(front, sent).json() == {"state": "arrived"}
    assert front.get("supervisor", "/dead-letters").json()["total"] == 0


def test_what_never_arrived_is_sent_again_under_another_key(
    front: Front, town: Town, sent: Message, sms: FarEnd
) -> None:
    assert report(front, sent, state="failed").status_code == 200
    assert front.post("supervisor", "/dead-letters/resend").json() == {"count": 1}
    assert len(send_messages(town.office, RealGateways({})).done) == 1
    again = message(town)
    assert [one["key"] for one in sms.asked] == [sent.key, again.key]
    assert report(front, sent, state="failed").json() == {"state": "sent"}
    assert report(front, again).json() == {"state": "arrived"}


def test_what_was_sent_again_may_arrive_by_its_first_sending(
    front: Front, town: Town, sent: Message
) -> None:
    assert report(front, sent, state="failed").status_code == 200
    assert front.post("supervisor", "/dead-letters/resend").json() == {"count": 1}
    assert report(front, sent).json() == {"state": "arrived"}
    assert send_messages(town.office, RealGateways({})).done == []


def test_a_demo_counts_an_arrival_by_its_own_calendar(
    front: Front, town: Town, sent: Message
) -> None:
    with town.session() as session:
        session.add(Setting(key="mode", value=DEMO))
    machine = town.office.machine
    machine.instant = town.time.now() - timedelta(days=200)  # type: ignore[attr-defined]
    answer = report(front, sent, at=machine.now().isoformat())
    assert answer.json() == {"state": "arrived"}, answer.text
    assert message(town).arrived_at == town.time.now()


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"secret": "guessed"}, 401),
        ({"late": 700}, 401),
        ({"late": -700}, 401),
        ({"outlet": 999}, 401),
        ({"signature": "t=1,v1=x"}, 401),
        ({"key": "other"}, 404),
        ({"key": 7}, 422),
        ({"key": "k\0"}, 422),
        ({"state": "dead"}, 422),
        ({"at": "yesterday"}, 422),
        ({"at": "2026-09-01T09:00:00"}, 422),
        ({"at": "2026-09-02T09:00:00+08:00"}, 422),
        ({"at": "2026-08-01T09:00:00+08:00"}, 422),
    ],
)
def test_what_no_gateway_says_changes_nothing(
    front: Front, town: Town, sent: Message, said: dict[str, Any], status: int
) -> None:
    assert report(front, sent, **said).status_code == status
    assert message(town).state == "sent"


def test_without_a_secret_nothing_is_signed(
    front: Front, town: Town, sent: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUOXIN_SECRET_CC_REPORT")
    for secret in ("", "-", SECRET):
        assert report(front, sent, secret=secret).status_code == 401


def test_a_report_that_comes_before_the_answer_counts(
    front: Front, town: Town, sent: Message
) -> None:
    with town.session() as session:
        session.execute(update(Message).values(state="waiting", sent_at=None, receipt=None))
    assert report(front, sent).json() == {"state": "arrived"}
    assert message(town).sent_at == town.time.now()
    assert send_messages(town.office, RealGateways({})).done == []


@pytest.mark.parametrize("state", ["arrived", "failed"])
def test_a_code_is_kept_no_longer_also_where_its_report_comes_first(
    front: Front, town: Town, sent: Message, state: str
) -> None:
    outlets.share_outlet(town.office, sent.outlet_id or 0)
    with town.session() as session:
        enqueue_code(
            session, key="code/1", phone="13900000009", body="验证码 123456", now=town.time.now()
        )
    deliver_notices(town.office, Outlets(town.office))
    with town.session() as session:
        code = session.scalars(select(Message).where(Message.authority_id.is_(None))).one()
        assert "123456" in code.text
        code.outlet_id = sent.outlet_id
    assert report(front, code, state=state).json() == {"state": state}
    with town.session() as session:
        assert "123456" not in session.get_one(Message, code.id).text


def test_the_demo_shows_what_would_have_been_sent(town: Town) -> None:
    with town.session() as session:
        session.add(Setting(key="mode", value=DEMO))
        session.execute(update(Party).values(phone="13800000001"))
    time = DemoTime(town.database, town.time)
    plain, town.office = town.office, Office(town.database, time, public_url="http://x.invalid")
    demo = Front(town, demo=True)
    assert "还没有消息" in demo.client.get("/demo/mailbox").text
    submitted(town)
    deliver_notices(town.office, Outlets(town.office))
    send_messages(town.office, RealGateways({}))
    page = demo.client.get("/demo/mailbox").text
    assert "13800000001" in page
    assert "窗口人员" in page
    assert "已到达" in page
    assert "窗口人员" not in demo.client.get("/demo/mailbox?q=13800000001").text
    assert demo.client.get("/demo/mailbox?before=1&q=%00").status_code == 200
    open_door(town)  # which gives everybody the demo's password
    member = Visitor(demo.app)
    member.enter("window")
    assert "13800000001" in member.get("/demo/mailbox").text
    town.office = plain
    assert Front(town).client.get("/demo/mailbox").status_code == 404
    time.close()
