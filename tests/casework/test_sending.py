"""How messages leave the house: by real ends that delay, refuse, answer half and lie. Nothing is
lost, nothing goes out twice but under its key."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import func, select, text, true, update
from sqlalchemy.exc import DBAPIError

from casework.acts.notices import enqueue_code
from casework.audit.admin_proof import faults_of_administration
from casework.common.database import engine_for
from casework.common.problems import BadInput, NotAllowed, NotFound, TooMany
from casework.common.sweep_report import SweepReport
from casework.common.timekeeping import ZONE
from casework.duties.handing_over import deliver_notices, send_messages
from casework.kernel.office import Office
from casework.models import AdminEntry, Authority, Case, Message, Notice, Outlet, Party, Setting
from casework.notifying import dead_letters, outlets, sending, trying_out, wording
from casework.notifying.addressing import Outlets
from casework.notifying.gateways import RealGateways
from casework.notifying.sending import LEASE, send_waiting
from casework.notifying.states import Medium
from casework.notifying.trying_out import NotTaken
from casework.operations.installation import DEMO
from rulebook.tree import ROOT
from tests.support.far_ends import FarEnd, gateway, mail_server
from tests.support.serving import CONSENT
from tests.support.town import StoppedTime, Town

SECRETS = {"NUOXIN_SECRET_CC_SMS": "s3cret", "NUOXIN_SECRET_CC_MAIL": "pa55word"}
MOBILE = "13800000001"
CODE = {"key": "code/1", "body": "验证码 123456"}


@pytest.fixture
def sms() -> Iterator[FarEnd]:
    with gateway() as end:
        yield end


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[tuple[FarEnd, ssl.SSLContext]]:
    with mail_server(tmp_path) as found:
        yield found


@pytest.fixture(autouse=True)
def machine(town: Town) -> StoppedTime:
    """The machine's clock, by which leases end."""
    town.office.machine = StoppedTime()
    with town.session() as session:
        session.execute(update(Party).values(phone=MOBILE))
    return town.office.machine


def open_sms(town: Town, end: FarEnd, **changes: object) -> int:
    said = {
        "medium": "sms", "label": "短信平台", "address": f"http://127.0.0.1:{end.port}/send",
        "secret_name": "NUOXIN_SECRET_CC_SMS", "ground": "崇卫办〔2026〕3号", **changes,
    }  # fmt: skip
    return outlets.open_outlet(town.office, town.people["admin"], **said)  # type: ignore[arg-type]


def submitted(town: Town) -> str:
    """A case of which its party and the window are told."""
    with town.session() as session:
        count = session.scalar(select(func.count()).select_from(Case))
    number = town.apply(address=f"南通市崇川区人民中路{count}号")
    town.attach(number)
    town.take(number, "submit", "applicant")
    return number


def line_up(town: Town) -> list[Message]:
    deliver_notices(town.office, Outlets(town.office))
    return messages(town)


def messages(town: Town) -> list[Message]:
    with town.session() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def send(town: Town, trust: ssl.SSLContext | None = None, seconds: float = 20) -> SweepReport:
    return send_messages(town.office, RealGateways(SECRETS, trust=trust, seconds=seconds))


# -- a short message, under its key ----------------------------------------------------------------


def test_a_party_is_told_on_its_known_contact(town: Town, sms: FarEnd) -> None:
    open_sms(town, sms, report_name="NUOXIN_SECRET_CC_REPORT")
    submitted(town)
    [waiting] = line_up(town)
    assert (waiting.state, waiting.address) == ("waiting", MOBILE)
    assert send(town).failed == []
    [message] = messages(town)
    assert (message.state, message.receipt, message.attempts) == ("sent", "r1", 1)
    assert message.sent_at == town.time.now()
    [asked] = sms.asked
    assert (asked["to"], asked["key"]) == (MOBILE, message.key)
    assert asked["report_to"].endswith(f"/api/v1/arrivals/{message.outlet_id}")
    assert sms.headers[0]["Idempotency-Key"] == message.key
    assert sms.headers[0]["Authorization"] == "Bearer s3cret"
    assert MOBILE not in message.key
    assert send(town) == SweepReport()
    assert line_up(town) != []
    assert len(sms.asked) == 1


def test_a_landline_and_an_authority_without_outlets_get_no_message(town: Town) -> None:
    submitted(town)
    assert line_up(town) == []
    with town.session() as session:
        assert session.scalar(select(Notice.id).where(Notice.delivered_at.is_(None))) is None


@pytest.mark.parametrize("answer", [503, 429, "half", {"state": "who knows"}, {"accepted": "yes"}])
def test_what_the_gateway_does_not_take_is_tried_again_under_the_same_key(
    town: Town, sms: FarEnd, answer: object
) -> None:
    open_sms(town, sms)
    submitted(town)
    line_up(town)
    sms.answers = [answer]
    assert len(send(town).failed) == 1
    [message] = messages(town)
    assert message.state == "waiting"
    assert message.next_try_at == town.time.now() + timedelta(minutes=1)
    assert send(town) == SweepReport()
    town.time.pass_(minutes=1)
    assert len(send(town).done) == 1
    assert len(sms.asked) == 1  # sent once for its key, however often it was asked


@pytest.mark.parametrize("answer", [400, 422, {"accepted": False, "reason": "黑名单号码"}])
def test_what_is_refused_for_good_is_a_dead_letter_at_once(
    town: Town, sms: FarEnd, answer: object
) -> None:
    open_sms(town, sms)
    submitted(town)
    submitted(town)
    line_up(town)
    sms.answers = [answer]
    report = send(town)
    assert (len(report.failed), len(report.done)) == (1, 1)
    dead, sent = messages(town)
    assert (dead.state, dead.failed_at, sent.state) == ("dead", town.time.now(), "sent")
    town.time.pass_(days=1)
    assert send(town) == SweepReport()


@pytest.mark.parametrize(
    ("answer", "receipt", "error"),
    [
        ({"accepted": True, "id": "r\0"}, "r", None),
        ({"accepted": True, "id": "r\ud8001"}, "r1", None),
        ({"accepted": True, "id": "\0"}, None, None),
        ({"accepted": False, "reason": "空\0号\udfff\n"}, None, "网关不接受这条消息：空号"),
    ],
)
def test_what_no_row_can_hold_of_an_answer_is_left_out(
    town: Town, sms: FarEnd, answer: object, receipt: str | None, error: str | None
) -> None:
    open_sms(town, sms)
    submitted(town)
    line_up(town)
    sms.answers = [answer]
    send(town)
    [message] = messages(town)
    assert (message.state, message.receipt, message.error) == (
        "dead" if error else "sent",
        receipt,
        error,
    )


def test_after_its_last_try_a_message_is_a_dead_letter(town: Town, sms: FarEnd) -> None:
    open_sms(town, sms)
    submitted(town)
    line_up(town)
    sms.answers = [503] * 10
    for _ in range(10):
        send(town)
        town.time.pass_(days=1)
    [message] = messages(town)
    assert (message.state, message.attempts) == ("dead", 10)
    assert message.error == "网关答复 503"
    assert sms.asked == []


def test_an_outlet_that_is_down_is_left_alone_and_one_message_alone_blocks_nothing(
    town: Town, sms: FarEnd
) -> None:
    open_sms(town, sms)
    for _ in range(5):
        submitted(town)
    line_up(town)
    sms.answers = [500]
    report = send(town)
    assert (len(report.failed), len(report.done)) == (1, 4)
    town.time.pass_(minutes=1)
    assert len(send(town).done) == 1
    for _ in range(5):
        submitted(town)
    line_up(town)
    sms.answers = [401] * 5
    assert len(send(town).failed) == 3
    assert sorted(one.attempts for one in messages(town) if one.state == "waiting") == [
        0,
        0,
        1,
        1,
        1,
    ]


def test_a_gateway_that_is_not_there_and_a_secret_that_is_not_set(town: Town, sms: FarEnd) -> None:
    open_sms(town, sms, address="http://127.0.0.1:9/send")
    submitted(town)
    line_up(town)
    [line] = send(town).failed
    assert "网关没有答复：ConnectError" in line
    town.time.pass_(days=1)
    found = send_waiting(town.office, RealGateways({}), true())
    assert "没有设置环境变量 NUOXIN_SECRET_CC_SMS" in found.failed[0]
    assert "s3cret" not in str(found)


# -- many workers ----------------------------------------------------------------------------------


def test_nobody_else_sends_what_one_worker_has_taken(
    town: Town, sms: FarEnd, machine: StoppedTime
) -> None:
    open_sms(town, sms)
    submitted(town)
    line_up(town)
    sms.answers = ["hold"]
    first = Thread(target=send, args=(town,))
    first.start()
    assert sms.reached.wait(30)
    assert send(town) == SweepReport()
    # The first is thought to be dead; its message goes out again under the same key.
    machine.pass_(seconds=LEASE.total_seconds() + 1)
    assert len(send(town).done) == 1
    sms.go.set()
    first.join()
    [message] = messages(town)
    assert (message.state, message.attempts, message.receipt) == ("sent", 2, "r1")
    assert len(sms.asked) == 1


def test_an_answer_that_comes_late_says_nothing_of_a_message_with_a_new_key(
    town: Town, sms: FarEnd, machine: StoppedTime
) -> None:
    open_sms(town, sms)
    submitted(town)
    [message] = line_up(town)
    sms.answers = ["hold"]
    first = Thread(target=send, args=(town,))
    first.start()
    assert sms.reached.wait(30)
    with town.session() as session:
        lying = {"state": "failed", "failed_at": town.time.now()}
        session.execute(update(Message).values(**lying))
    assert dead_letters.send_again(town.office, town.people["supervisor"], message.id) == 1
    sms.go.set()
    first.join()
    [again] = messages(town)
    assert (again.state, again.receipt, again.key != message.key) == ("sent", "r2", True)
    assert [one["key"] for one in sms.asked] == [message.key, again.key]


def test_a_slow_outlet_gives_way_to_the_next(
    town: Town, sms: FarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_sms(town, sms)
    for _ in range(2):
        submitted(town)
    line_up(town)
    monkeypatch.setattr(sending, "_TURN", 0.0)
    report = send(town)
    assert (report.done, report.notes) == ([], ["短信发送较慢，其余下次再发"])
    monkeypatch.undo()
    report = send(town)
    assert (len(report.done), report.notes) == (2, [])


def test_who_never_ends_an_answer_is_not_waited_for(
    town: Town, sms: FarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_sms(town, sms)
    submitted(town)
    line_up(town)
    monkeypatch.setattr(sending, "_WHOLE", 0.2)
    sms.answers = ["hold"]
    assert "没有在0秒内答复完毕" in send(town).failed[0]
    sms.go.set()
    [message] = messages(town)
    assert (message.state, message.lease) == ("waiting", None)


def test_who_lies_is_believed_to_have_taken_it_and_no_more(town: Town, sms: FarEnd) -> None:
    """What it forgot was sent as far as anybody can know; that it arrived nobody has said."""
    open_sms(town, sms)
    submitted(town)
    line_up(town)
    sms.answers = ["lie"]
    assert len(send(town).done) == 1
    [message] = messages(town)
    assert (message.state, message.arrived_at, sms.asked) == ("sent", None, [])
    assert send(town).done == []


def test_many_workers_send_each_message_once(town: Town, sms: FarEnd) -> None:
    open_sms(town, sms)
    for _ in range(6):
        submitted(town)
    line_up(town)
    found: list[SweepReport] = []

    def work() -> None:
        found.append(send_waiting(town.office, RealGateways(SECRETS), true()))

    workers = [Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sum(len(one.done) for one in found) == 6
    assert [one.attempts for one in messages(town)] == [1] * 6


def test_an_outlet_is_asked_no_more_often_than_it_may_be(
    town: Town, sms: FarEnd, machine: StoppedTime
) -> None:
    open_sms(town, sms, per_minute=2)
    for _ in range(3):
        submitted(town)
    line_up(town)
    report = send(town)
    assert len(report.done) == 2
    assert "每分钟上限" in report.notes[0]
    assert send(town).done == []
    machine.pass_(seconds=61)
    assert len(send(town).done) == 1


def test_a_clock_that_is_set_back_holds_up_no_message(
    town: Town, sms: FarEnd, machine: StoppedTime
) -> None:
    open_sms(town, sms, per_minute=1)
    for _ in range(2):
        submitted(town)
    line_up(town)
    assert len(send(town).done) == 1
    with town.session() as session:  # a worker that died has the other one in hand
        session.execute(
            update(Message)
            .where(Message.state == "waiting")
            .values(lease="x", leased_until=machine.now() + LEASE)
        )
    machine.pass_(days=-1)
    assert len(send(town).done) == 1
    assert len(sms.asked) == 2


# -- by night --------------------------------------------------------------------------------------


def test_what_is_not_urgent_waits_for_the_morning(town: Town, sms: FarEnd) -> None:
    outlet = open_sms(town, sms)
    outlets.share_outlet(town.office, outlet)
    town.time.pass_(hours=13)  # ten at night
    submitted(town)
    with town.session() as session:
        enqueue_code(
            session, key="code/1", phone="13900000009", body="验证码 123456", now=town.time.now()
        )
    line_up(town)
    assert send(town).done == ["短信：验证码"]
    told, code = sorted(messages(town), key=lambda one: one.urgent)
    local = told.next_try_at.astimezone(ZONE)
    assert (local.day, local.hour, local.minute) == (2, 8, 0)
    assert "123456" not in code.text
    assert "123456" in sms.asked[0]["text"]
    town.time.pass_(hours=10)
    assert len(send(town).done) == 1


def test_what_is_sent_again_by_night_waits_for_the_morning_too(town: Town, sms: FarEnd) -> None:
    first, second = dead(town, sms)
    supervisor = town.people["supervisor"]
    town.time.pass_(hours=13)  # ten at night
    assert dead_letters.send_again(town.office, supervisor) == 2
    with town.session() as session:
        session.execute(update(Message).where(Message.id == second).values(urgent=True))
    assert len(send(town).done) == 1
    assert send(town) == SweepReport()
    waiting, sent = messages(town)
    assert (waiting.id, waiting.state, waiting.attempts, sent.state) == (
        first,
        "waiting",
        0,
        "sent",
    )
    local = waiting.next_try_at.astimezone(ZONE)
    assert (local.day, local.hour, local.minute) == (2, 8, 0)
    town.time.pass_(hours=10)
    assert len(send(town).done) == 1


def test_a_code_that_has_ended_is_not_sent(town: Town, sms: FarEnd) -> None:
    outlets.share_outlet(town.office, open_sms(town, sms))
    with town.session() as session:
        enqueue_code(
            session, key="code/1", phone="13900000009", body="验证码 123456", now=town.time.now()
        )
    line_up(town)
    town.time.pass_(hours=1)
    assert "验证码已过期，不再发送" in send(town).failed[0]
    [code] = messages(town)
    assert (code.state, "123456" in code.text, sms.asked) == ("dead", False, [])


def test_no_error_of_the_database_tells_a_code(town: Town) -> None:
    with pytest.raises(DBAPIError) as failed, town.session() as session:
        session.execute(text("SELECT CAST(:code AS text), 1 / 0"), {"code": "123456"})
    assert "123456" not in str(failed.value)


def test_a_code_that_no_outlet_takes_is_a_dead_letter_that_nobody_reads(town: Town) -> None:
    with town.session() as session:
        enqueue_code(
            session, key="code/1", phone="13900000009", body="验证码 123456", now=town.time.now()
        )
    line_up(town)
    assert "没有开通这种发送渠道" in send(town).failed[0]
    [code] = messages(town)
    assert code.state == "dead"
    assert "123456" not in code.text


# -- mail ------------------------------------------------------------------------------------------


def open_mail(town: Town, end: FarEnd, **changes: object) -> int:
    said = {
        "medium": "mail", "label": "机关邮箱", "address": f"127.0.0.1:{end.port}",
        "sender": "tz@wjw.example.cn", "username": "tz", "secret_name": "NUOXIN_SECRET_CC_MAIL",
        "ground": "崇卫办〔2026〕3号", **changes,
    }  # fmt: skip
    return outlets.open_outlet(town.office, town.people["admin"], **said)  # type: ignore[arg-type]


def line_up_for_the_desk(town: Town, end: FarEnd) -> str:
    """A notice waits to be mailed to the window, of a case; its number."""
    open_mail(town, end)
    outlets.open_desk_address(
        town.office, town.people["admin"], role="window_clerk", medium="mail",
        address="window@wjw.example.cn", ground="崇卫办〔2026〕3号",
    )  # fmt: skip
    number = submitted(town)
    line_up(town)
    return number


def test_a_desk_is_told_by_mail(town: Town, mail: tuple[FarEnd, ssl.SSLContext]) -> None:
    end, trust = mail
    number = line_up_for_the_desk(town, end)
    assert send(town, trust).failed == []
    [message] = messages(town)
    [arrived] = end.mails
    assert arrived["To"] == "window@wjw.example.cn"
    assert "tz@wjw.example.cn" in arrived["From"]
    assert arrived["Message-ID"] == f"<{message.key}@nuoxin>" == message.receipt
    assert number in arrived["Subject"] + arrived.get_content()
    assert "AUTH PLAIN" in end.asked[0]["auth"]


def test_a_server_that_hangs_up_is_asked_again_with_the_same_message(
    town: Town, mail: tuple[FarEnd, ssl.SSLContext]
) -> None:
    end, trust = mail
    line_up_for_the_desk(town, end)
    end.answers = ["hang up", "cut", 450]
    for _ in range(3):
        assert len(send(town, trust).failed) == 1
        town.time.pass_(minutes=10)
    assert len(send(town, trust).done) == 1
    assert len({one["Message-ID"] for one in end.mails}) == 1


def test_a_server_that_delays_is_asked_again_with_the_same_message(
    town: Town, mail: tuple[FarEnd, ssl.SSLContext]
) -> None:
    end, trust = mail
    line_up_for_the_desk(town, end)
    end.answers = ["hold"]
    assert len(send(town, trust, seconds=0.3).failed) == 1
    end.go.set()
    town.time.pass_(minutes=10)
    assert len(send(town, trust).done) == 1
    [message] = messages(town)
    assert message.state == "sent"
    assert {mail["Message-ID"] for mail in end.mails} == {f"<{message.key}@nuoxin>"}


def test_a_mailbox_that_is_not_there_is_a_dead_letter(
    town: Town, mail: tuple[FarEnd, ssl.SSLContext]
) -> None:
    end, trust = mail
    line_up_for_the_desk(town, end)
    end.answers = [550]
    assert "550" in send(town, trust).failed[0]
    assert messages(town)[0].state == "dead"


def test_a_server_that_nobody_vouches_for_gets_no_mail(
    town: Town, mail: tuple[FarEnd, ssl.SSLContext]
) -> None:
    end, _ = mail
    line_up_for_the_desk(town, end)
    assert "SSLCertVerificationError" in send(town).failed[0]
    assert (end.asked, end.mails) == ([], [])


# -- what messages say -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", wording.KINDS)
def test_each_kind_of_notice_has_its_text(town: Town, kind: str) -> None:
    number = submitted(town)
    with town.session() as session:
        notice = session.scalars(select(Notice).where(Notice.to_party_id.is_not(None))).one()
        phone = session.get_one(Authority, notice.authority_id).phone
        title, body = notice.subject, notice.body
        session.expunge(notice)
        notice.kind = kind
        short = wording.wording_of(town.office, session, notice, Medium.SMS)
        mail = wording.wording_of(town.office, session, notice, Medium.MAIL)
    assert body in short.text
    assert body in mail.text
    assert mail.subject == title
    if kind in ("step", "reminder", "lapse"):
        for said in (short, mail):
            assert number in said.text
            assert phone in said.text
            assert town.office.public_url in said.text


def test_each_text_is_shown_with_what_its_notices_say(town: Town) -> None:
    with town.session() as session:
        found = wording.previews(town.office, session, town.people["admin"])
    shown = {one.kind: one.short for one in found}
    assert len(set(shown.values())) == len(wording.KINDS)
    assert "提升办法" in shown["rating"]
    assert not any("{" in text for text in shown.values())
    assert [kind for kind, text in shown.items() if "届满" in text] == [
        "reminder", "breach", "lapse", "alarm",
    ]  # fmt: skip


def broken_text(town: Town, kind: str, instead: str) -> Office:
    """The house with a text of messages that says something else than the notice."""
    owner = engine_for(town.url, role=None)
    with owner.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO edition (kind, key, valid_from, content, law, mark, source, digest,"
                " loaded_at) SELECT kind, key, '2026-01-01', replace(content::text, '{{ body }}',"
                " :instead)::json, law, mark, 'test', :instead, loaded_at"
                " FROM edition WHERE key = :key"
            ),
            {"instead": instead, "key": f"notices.text.{kind}"},
        )
    owner.dispose()
    return Office(town.database, town.time, public_url="http://x.invalid")


@pytest.mark.parametrize(
    ("instead", "error"),
    [
        ("{{ nobody }}", "'nobody' is undefined"),
        ("{{ 1 / 0 }}", "ZeroDivisionError：division by zero"),
        ("{{ 1 + body }}", "TypeError：unsupported operand"),
        ("{{ body.index('~') }}", "ValueError：substring not found"),
    ],
)
def test_a_text_that_cannot_be_filled_in_keeps_the_notice_and_says_why(
    town: Town, sms: FarEnd, instead: str, error: str
) -> None:
    open_sms(town, sms)
    submitted(town)
    fresh = broken_text(town, "step", instead)
    report = deliver_notices(fresh, Outlets(fresh))
    assert f"notices.text.step 不能生成文本：{error}" in report.failed[0]
    assert messages(town) == []
    with town.session() as session, pytest.raises(NotAllowed):
        wording.previews(fresh, session, town.people["supervisor"])
    with town.session() as session:
        found = wording.previews(fresh, session, town.people["admin"])
    assert [one.kind for one in found if one.error] == ["step"]
    assert all(one.short for one in found if not one.error)


@pytest.mark.parametrize(
    ("draft", "error"),
    [
        ("{{ body }}！", ""),
        ("{% if number %}案号{{ number }}{% endif %}", ""),
        ("{{ body * 999999999 }}", "只能使用"),
        ("{% for a in range(99999) %}{{ a }}{% endfor %}", "只能使用"),
        ("{{ body | center(999999999) }}", "只能使用"),
        ("{{ body", "不能生成文本"),
        ("{{ party }}", "不能生成文本"),
        (f"{{{{ {'1' * 5000} }}}}", "不能生成文本"),
        (f"{{{{ {'(' * 3000}body{')' * 3000} }}}}", "不能生成文本"),
        (f"{{{{ {'not ' * 900}body }}}}", "不能生成文本"),
    ],
)
def test_an_administrator_sees_how_a_draft_would_look(town: Town, draft: str, error: str) -> None:
    drafts = {"step": {"subject": "{{ title }}", "short": draft, "long": draft}}
    with town.session() as session:
        found = wording.previews(town.office, session, town.people["admin"], None, drafts)
    [tried] = [one for one in found if one.kind == "step"]
    assert error in tried.error
    assert bool(tried.short) is not bool(error)
    assert tried.source["short"] == draft
    assert [one.place for one in tried.editions] == [""]


def test_every_kind_of_notice_has_its_text() -> None:
    said = re.compile(r"""\bkind"?[:=] ?"([a-z]+)"(?! if)""")
    writes = re.compile(r"\b(Notice|notice_of|enqueue_unless_there|enqueue_for_desk)\(")
    found = set()
    for file in (ROOT / "casework").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if writes.search(text):
            found |= set(said.findall(text))
    assert {"step", "rating", "digest"} <= found
    assert found - {"receipt"} <= set(wording.KINDS)  # that one is of a delivery, not a notice


# -- dead letters ----------------------------------------------------------------------------------


def dead(town: Town, sms: FarEnd, count: int = 2) -> list[int]:
    open_sms(town, sms)
    for _ in range(count):
        submitted(town)
    line_up(town)
    sms.answers = [400] * count
    send(town)
    return [one.id for one in messages(town)]


def test_a_supervisor_sends_one_or_all_again(town: Town, sms: FarEnd) -> None:
    first, *_ = dead(town, sms, 3)
    supervisor = town.people["supervisor"]
    with town.session() as session:
        found = dead_letters.dead_letters(town.office, session, supervisor)
    assert (found.total, found.may_send_again, found.letters[0].address) == (3, True, MOBILE)
    assert dead_letters.send_again(town.office, supervisor, first) == 1
    assert dead_letters.send_again(town.office, supervisor) == 2
    assert len(send(town).done) == 3
    assert len(sms.asked) == 3
    with pytest.raises(NotFound):
        dead_letters.send_again(town.office, supervisor, first)
    with town.session() as session:
        said = [row.said for row in session.scalars(select(AdminEntry).order_by(AdminEntry.id))]
        assert faults_of_administration(session) == []
    assert [one["ground"] for one in said[-2:]] == [
        "重发发送失败的消息1条",
        "重发发送失败的消息2条",
    ]


def test_not_more_are_sent_again_at_once_than_may_be(
    town: Town, sms: FarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead(town, sms, 3)
    monkeypatch.setattr(dead_letters, "MOST_AT_ONCE", 2)
    supervisor = town.people["supervisor"]
    assert dead_letters.send_again(town.office, supervisor) == 2
    assert [one.state for one in messages(town)] == ["waiting", "waiting", "dead"]
    assert dead_letters.send_again(town.office, supervisor) == 1


def test_the_window_tells_the_party_otherwise(town: Town, sms: FarEnd) -> None:
    first, _ = dead(town, sms)
    window = town.people["window"]
    with pytest.raises(BadInput):
        dead_letters.told_otherwise(town.office, window, first, " ")
    dead_letters.told_otherwise(town.office, window, first, "9月1日电话通知李敏")
    with town.session() as session:
        assert dead_letters.dead_letters(town.office, session, window).total == 1
        message = session.get_one(Message, first)
        assert (message.state, message.settled_by) == ("paper", window.person_id)
    with pytest.raises(NotAllowed):
        dead_letters.send_again(town.office, window, first)
    for who in ("reviewer", "applicant"):
        with town.session() as session, pytest.raises(NotAllowed):
            dead_letters.dead_letters(town.office, session, town.people[who])
    with pytest.raises(NotFound):
        dead_letters.told_otherwise(town.office, town.people["eco_supervisor"], first, "电话")


# -- setting outlets up ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("medium", {"medium": "pigeon"}),
        ("address", {"address": "http://sms.example.cn/send"}),
        ("address", {"address": "https://user:pw@sms.example.cn/send"}),
        ("address", {"address": "https://sms.example.cn/send?token=1"}),
        ("address", {"address": "file:///etc/passwd"}),
        ("address", {"address": "https://[bad"}),
        ("secret_name", {"secret_name": "NUOXIN_DATABASE_URL"}),
        ("secret_name", {"secret_name": "s3cret"}),
        ("secret_name", {"secret_name": "NUOXIN_SECRET_SMS"}),
        ("secret_name", {"secret_name": "NUOXIN_SECRET_TZ_SMS"}),
        ("secret_name", {"secret_name": "NUOXIN_SECRET_CC_"}),
        ("report_name", {"report_name": "NUOXIN_SECRET_TZ_REPORT"}),
        ("address", {"address": "https://sms.example.cn/a\0b"}),
        ("address", {"address": "https://sms.example.cn/a\tb"}),
        ("address", {"address": "https://sms.example.cn/a b"}),
        ("address", {"medium": "mail", "address": "mail.example.cn:" + "4" * 5000}),
        ("username", {"username": "t\0z"}),
        ("username", {"username": "t z"}),
        ("username", {"username": "t\ud800z"}),
        ("username", {"username": "t" * 201}),
        ("per_minute", {"per_minute": 0}),
        ("label", {"label": ""}),
        ("ground", {"ground": ""}),
    ],
)
def test_an_outlet_that_cannot_be_meant_is_refused(
    town: Town, sms: FarEnd, field: str, changes: dict[str, object]
) -> None:
    with pytest.raises(BadInput) as refused:
        open_sms(town, sms, **changes)
    assert refused.value.extra["errors"][0]["field"] == field


def test_mail_goes_unencrypted_to_this_machine_only(
    town: Town, mail: tuple[FarEnd, ssl.SSLContext]
) -> None:
    with pytest.raises(BadInput):
        open_mail(town, mail[0], address="mail.example.cn:25", security="plain")
    assert open_mail(town, mail[0], security="plain")


def test_an_outlet_is_closed_and_what_waits_goes_by_the_next(town: Town, sms: FarEnd) -> None:
    old = open_sms(town, sms, address="http://127.0.0.1:9/send")
    submitted(town)
    line_up(town)
    send(town)
    new = open_sms(town, sms)
    outlets.close_outlet(town.office, town.people["admin"], old, ground="更换平台")
    town.time.pass_(days=1)
    assert len(send(town).done) == 1
    assert messages(town)[0].outlet_id == new
    with pytest.raises(NotFound):
        outlets.close_outlet(town.office, town.people["admin"], old, ground="更换平台")
    with pytest.raises(NotAllowed):
        outlets.close_outlet(town.office, town.people["supervisor"], new, ground="更换平台")
    with town.session() as session:
        said = [row.said["kind"] for row in session.scalars(select(AdminEntry))]
        assert said == ["outlet_opened", "outlet_opened", "outlet_closed"]
        assert faults_of_administration(session) == []


def test_between_two_outlets_what_waits_goes_on_waiting(town: Town, sms: FarEnd) -> None:
    old = open_sms(town, sms)
    submitted(town)
    line_up(town)
    outlets.close_outlet(town.office, town.people["admin"], old, ground="更换平台")
    assert "没有开通这种发送渠道" in send(town).failed[0]
    assert send(town) == SweepReport()  # and is not asked about again at once
    for _ in range(12):
        town.time.pass_(hours=2)
        send(town)
    assert (messages(town)[0].state, messages(town)[0].attempts) == ("waiting", 0)
    open_sms(town, sms)
    assert len(send(town).done) == 1


@pytest.mark.parametrize(
    "address",
    [
        "https://localhost/x",
        "http://127.0.0.1:8000/x",
        "https://[::1]/x",
        "https://0.0.0.0/x",
        "https://127.1:5432/",
        "https://2130706433/",
        "https://169.254.169.254/latest",
        "https://[::ffff:127.0.0.1]/",
        "https://100.100.100.200/latest",
        "https://{own}/x",
    ],
)
def test_no_outlet_leads_to_the_house_itself_but_as_the_it_office_says(
    town: Town, sms: FarEnd, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("NUOXIN_LOCAL_OUTLETS", f"127.0.0.1:{sms.port}")
    open_sms(town, sms)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as route:
        # An address of the machine in its network; where it has none, that of the loop.
        with suppress(OSError):
            route.connect(("192.0.2.1", 9))
        own = route.getsockname()[0]
    with pytest.raises(BadInput) as refused:
        open_sms(town, sms, address=address.format(own=own))
    assert refused.value.extra["errors"][0]["field"] == "address"


def test_a_target_that_is_closed_later_is_not_used(
    town: Town, sms: FarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_sms(town, sms)
    submitted(town)
    line_up(town)
    monkeypatch.delenv("NUOXIN_LOCAL_OUTLETS")
    assert "指向本机" in send(town).failed[0]
    assert sms.asked == []


def test_an_administrator_tries_an_outlet_out(town: Town, sms: FarEnd) -> None:
    outlet, admin = open_sms(town, sms), town.people["admin"]
    gateways = RealGateways(SECRETS)
    assert trying_out.try_out(town.office, admin, outlet, MOBILE, gateways) == "r1"
    [asked] = sms.asked
    assert (asked["to"], "测试消息" in asked["text"]) == (MOBILE, True)
    with pytest.raises(BadInput):
        trying_out.try_out(town.office, admin, outlet, "0513-12345", gateways)
    with pytest.raises(NotTaken, match="NUOXIN_SECRET_CC_SMS"):
        trying_out.try_out(town.office, admin, outlet, MOBILE, RealGateways({}))
    with pytest.raises(NotAllowed):
        trying_out.try_out(town.office, town.people["supervisor"], outlet, MOBILE, gateways)
    with town.session() as session:
        said = [row.said["kind"] for row in session.scalars(select(AdminEntry))]
        assert said == ["outlet_opened", "outlet_tried", "outlet_tried"]
        assert faults_of_administration(session) == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/send", "http://127.0.0.1:{mail}/send"])
def test_a_trial_tells_nobody_what_else_listens(
    town: Town, sms: FarEnd, mail: tuple[FarEnd, ssl.SSLContext], address: str
) -> None:
    outlet = open_sms(town, sms, address=address.format(mail=mail[0].port))
    with pytest.raises(NotTaken, match="连接不上，或者对方没有按约定答复"):
        trying_out.try_out(
            town.office, town.people["admin"], outlet, MOBILE, RealGateways(SECRETS, seconds=2)
        )


def test_trials_count_as_messages_do(town: Town, sms: FarEnd) -> None:
    outlet, admin = open_sms(town, sms, per_minute=2), town.people["admin"]
    gateways = RealGateways(SECRETS)
    for _ in range(2):
        trying_out.try_out(town.office, admin, outlet, MOBILE, gateways)
    with pytest.raises(TooMany):
        trying_out.try_out(town.office, admin, outlet, MOBILE, gateways)
    town.time.pass_(minutes=2)
    assert trying_out.try_out(town.office, admin, outlet, MOBILE, gateways)


def test_a_party_is_told_where_it_confirmed_that_it_can_be_reached(town: Town, sms: FarEnd) -> None:
    open_sms(town, sms)
    number = submitted(town)
    agreed = {**CONSENT, "phone": "13900000009"}
    with town.session() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        case.data = {**case.data, "confirm_address": agreed}
        session.add(Setting(key="mode", value=DEMO))
    sent = {(one.medium, one.address) for one in line_up(town)}
    assert {("sms", MOBILE), ("sms", "13900000009"), ("mail", "service@hotel.example")} <= sent


def test_what_it_confirmed_in_another_case_or_for_who_is_gone_is_not_used(
    town: Town, sms: FarEnd
) -> None:
    open_sms(town, sms)
    first, second = submitted(town), submitted(town)
    with town.session() as session:
        other, of_a_stranger = (
            session.scalars(select(Case).where(Case.number == number)).one()
            for number in (first, second)
        )
        told = update(Notice).where(Notice.case_id == other.id)
        session.execute(told.values(delivered_at=town.time.now()))
        agreed = {**CONSENT, "phone": "13900000009"}
        other.data = {**other.data, "confirm_address": agreed}
        gone = {**agreed, "receiver": "离任代理", "phone": "13900000008"}
        of_a_stranger.data = {**of_a_stranger.data, "confirm_address": gone}
    assert {one.address for one in line_up(town) if one.medium == "sms"} == {MOBILE}


def test_an_outlet_changed_behind_the_log_is_found(town: Town, sms: FarEnd) -> None:
    outlet = open_sms(town, sms)
    with town.session() as session:
        session.execute(update(Outlet).where(Outlet.id == outlet).values(shared=True))
    with town.session() as session:
        [fault] = faults_of_administration(session)
    assert "发送渠道" in str(fault)


def test_a_demo_shows_what_would_go_out(town: Town) -> None:
    with town.session() as session:
        session.add(Setting(key="mode", value=DEMO))
        code = session.scalars(select(Authority.code).order_by(Authority.id)).first()
    assert code
    submitted(town)
    line_up(town)
    assert len(send(town).done) == 2
    assert {(one.medium, one.state) for one in messages(town)} == {
        ("sms", "arrived"),
        ("mail", "arrived"),
    }
