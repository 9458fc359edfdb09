"""Who sets outlets up, and who sees and settles what could not be sent: over HTTP and by pages."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from casework.duties.handing_over import deliver_notices, send_messages
from casework.models import Authority, Message, Outlet, Party
from casework.notifying.addressing import Outlets
from casework.notifying.gateways import RealGateways
from tests.support.front import Front
from tests.support.town import Town
from tests.support.visitor import Visitor, open_door

OUTLET = {
    "medium": "sms",
    "label": "短信平台",
    "address": "https://sms.example.cn/send",
    "secret_name": "NUOXIN_SECRET_CC_SMS",
    "ground": "崇卫办〔2026〕3号",
}
DESK = {
    "role": "window_clerk",
    "medium": "mail",
    "address": "window@wjw.example.cn",
    "ground": "崇卫办〔2026〕3号",
}
ADMIN_ONLY = (
    ("GET", "/outlets", None),
    ("GET", "/message-texts", None),
    ("POST", "/outlets", OUTLET),
    ("POST", "/outlets/1/close", {"ground": "x"}),
    ("POST", "/outlets/1/test", {"to": "13800000001"}),
    ("POST", "/desk-addresses", DESK),
    ("POST", "/desk-addresses/1/close", {"ground": "x"}),
)


def dead(town: Town) -> int:
    """A message to the party that could not be sent: nobody set its secret."""
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    deliver_notices(town.office, Outlets(town.office))
    with town.session() as session:
        session.execute(update(Message).values(attempts=9))
    send_messages(town.office, RealGateways({}))
    with town.session() as session:
        message = session.scalars(select(Message)).one()
        assert message.state == "dead"
        return message.id


def a_neighbour_s(town: Town) -> int:
    """An outlet of another authority."""
    with town.session() as session:
        ours = session.scalars(select(Outlet)).one()
        other = select(Authority.id).where(Authority.id != ours.authority_id).limit(1)
        row = Outlet(
            authority_id=session.scalar(other), medium="sms", label="邻区", address=ours.address,
            security="", sender="", username="", secret_name="", report_name="", per_minute=1,
            opened_at=ours.opened_at,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


@pytest.fixture
def reachable(town: Town) -> None:
    with town.session() as session:
        session.execute(update(Party).values(phone="13800000001"))


@pytest.mark.parametrize("who", ["applicant", "window", "supervisor", "approver", "eco_supervisor"])
def test_only_the_administrator_sets_outlets_up(front: Front, who: str) -> None:
    for method, path, body in ADMIN_ONLY:
        assert front.ask(who, method, path, json=body).status_code == 403, path
    for method, path, body in ADMIN_ONLY:
        assert front.ask(None, method, path, json=body).status_code == 401, path


def test_the_administrator_opens_and_closes(front: Front, town: Town) -> None:
    made = front.post("admin", "/outlets", OUTLET)
    assert made.status_code == 201, made.text
    told = front.get("admin", "/outlets").json()
    assert told["missing"] == ["电子邮件"]
    [one] = told["outlets"]
    assert (one["secret_name"], one["secret_missing"]) == ("NUOXIN_SECRET_CC_SMS", True)
    assert front.post("admin", "/outlets", {**OUTLET, "per_minute": 0}).status_code == 422
    for wrong in ({"secret_name": "PATH"}, {"secret_name": "NUOXIN_SECRET_TZ_SMS"}):
        assert front.post("admin", "/outlets", {**OUTLET, **wrong}).status_code == 422
    for field in ("username", "address"):
        wrong = {field: f"{OUTLET['address']}\0"}
        assert front.post("admin", "/outlets", {**OUTLET, **wrong}).status_code == 422
    desk = front.post("admin", "/desk-addresses", DESK)
    assert desk.status_code == 201
    assert front.post("admin", "/desk-addresses", DESK).status_code == 422
    for path in (f"/outlets/{one['id']}", f"/desk-addresses/{desk.json()['id']}"):
        assert front.post("admin", f"{path}/close", {"ground": ""}).status_code == 422
        assert front.post("admin", f"{path}/close", {"ground": "更换"}).status_code == 204
        assert front.post("admin", f"{path}/close", {"ground": "更换"}).status_code == 404
    others = a_neighbour_s(town)
    assert front.post("admin", f"/outlets/{others}/close", {"ground": "x"}).status_code == 404
    assert len(front.get("admin", "/outlets").json()["outlets"]) == 1
    kinds = [row["kind"] for row in front.get("admin", "/administration/log").json()]
    assert kinds == [
        "desk_address_closed", "outlet_closed", "desk_address_opened", "outlet_opened",
    ]  # fmt: skip


@pytest.mark.usefixtures("reachable")
def test_who_sees_and_settles_dead_letters(front: Front, town: Town) -> None:
    front.post("admin", "/outlets", OUTLET)
    key = dead(town)
    for who in ("applicant", "reviewer", "approver"):
        assert front.get(who, "/dead-letters").status_code == 403
        assert front.post(who, "/dead-letters/resend").status_code == 403
        assert front.post(who, f"/dead-letters/{key}/told", {"how": "电话"}).status_code == 403
    assert front.get("eco_supervisor", "/dead-letters").json()["total"] == 0
    assert front.post("eco_supervisor", f"/dead-letters/{key}/resend").status_code == 404
    assert front.post("window", f"/dead-letters/{key}/resend").status_code == 403
    for who in ("window", "supervisor", "admin"):
        [one] = front.get(who, "/dead-letters").json()["letters"]
        assert (one["id"], one["may_be_sent_again"]) == (key, who != "window")
        assert "NUOXIN_SECRET_CC_SMS" in one["error"]
    [notices] = [
        one
        for one in front.get("supervisor", "/duties").json()["lines"]
        if one["duty"] == "notices"
    ]
    assert notices["dead"] == 1
    assert front.post("supervisor", "/dead-letters/resend").json() == {"count": 1}
    assert front.post("supervisor", "/dead-letters/resend").json() == {"count": 0}
    with town.session() as session:
        session.execute(update(Message).values(state="failed"))
    assert front.post("window", f"/dead-letters/{key}/told", {"how": " "}).status_code == 422
    assert front.post("window", f"/dead-letters/{key}/told", {"how": "电话"}).status_code == 204
    assert front.get("window", "/dead-letters").json()["total"] == 0


def test_the_pages_do_the_same(town: Town) -> None:
    with town.session() as session:
        session.execute(update(Party).values(phone="13800000001"))
    door = open_door(town)
    admin, window, supervisor = (_entered(door, who) for who in ("admin", "window", "supervisor"))
    home = "/administration/outlets"
    assert "还没有开通：短信、电子邮件" in admin.get(home).text
    form: dict[str, Any] = {**OUTLET, "per_minute": "30", "security": "tls"}
    wrong = admin.submit(f"{home}/new", f"{home}/new", **{**form, "secret_name": "s3cret"})
    assert wrong.status_code == 422
    assert "只填写环境变量的名称" in wrong.text
    assert admin.submit(f"{home}/new", f"{home}/new", **form).status_code == 303
    path = "/administration/desk-addresses/new"
    assert admin.submit(path, path, **DESK).status_code == 303
    assert "以 NUOXIN_SECRET_CC_ 开头" in admin.get(f"{home}/new").text
    page = admin.get(home).text
    assert "短信平台" in page
    assert "服务器上没有设置" in page
    assert "每分钟30条" in page
    assert window.get(home).status_code == 403
    texts = admin.get("/administration/messages")
    assert (texts.status_code, "到期提醒" in texts.text) == (200, True)
    assert "2026年9月30日" in texts.text
    draft = {"kind": "step", "subject": "甲", "short": "{{ body }}试写", "long": "乙"}
    tried = admin.submit("/administration/messages", "/administration/messages", **draft)
    assert (tried.status_code, "《受理通知书》。试写" in tried.text) == (200, True)
    assert "试写" not in admin.get("/administration/messages").text.replace("试写文本", "")
    assert window.get("/administration/messages").status_code == 403
    assert supervisor.get("/dead-letters").status_code == 200
    key = dead(town)
    assert "未发出消息" in window.get("/").text
    page = window.get("/dead-letters").text
    assert "没有设置环境变量" in page
    assert "重发" not in page.replace("重新发送", "")
    form = {"message": str(key), "how": ""}
    assert "必须填写" in window.submit("/dead-letters/told", "/dead-letters", **form).text
    for odd in ("x", "", "1.5"):
        again = supervisor.submit("/dead-letters/resend", "/dead-letters", message=odd)
        assert again.status_code == 404
    again = supervisor.submit("/dead-letters/resend", "/dead-letters", message=str(key))
    assert "1条消息将由下次运行重新发送" in again.text
    with town.session() as session:
        session.execute(update(Message).values(state="dead"))
    form["how"] = "9月1日电话通知"
    assert "已登记" in window.submit("/dead-letters/told", "/dead-letters", **form).text
    with town.session() as session:
        outlet = session.scalars(select(Outlet.id)).one()
    close = f"{home}/{outlet}/close"
    assert admin.submit(close, close, ground="更换平台").status_code == 303
    assert admin.get(close).status_code == 404
    assert "已停用" in admin.get(home).text


def _entered(door: Any, who: str) -> Visitor:
    found = Visitor(door)
    found.enter(who)
    return found
