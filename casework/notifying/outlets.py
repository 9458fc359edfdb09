"""Outlets and desks' addresses (发送渠道、岗位接收地址), kept up by the administrator.

A row never changes: another way is another row. What an outlet is entered with stays in the
environment of the machine; here stands only under which name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from casework.acts.actors import Actor
from casework.common.inputs import typed
from casework.common.phones import mobile
from casework.common.problems import NotFound, bad_field
from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from casework.models import Authority, DeskAddress, Message, Outlet
from casework.notifying.local_targets import LOCAL_OUTLETS, is_closed
from casework.notifying.states import NO_WAY, Medium, State
from casework.people.administration.admin_log import Change, log_change
from casework.people.administration.staffing import Desk, administer, desk_of
from casework.people.offices import POST_ROLES

LONGEST = 200
MOST_A_MINUTE = 6000
_OWN = re.compile(r"[A-Z0-9_]{1,60}")
STARTTLS, TLS, PLAIN = "starttls", "tls", "plain"
_MAIL_SECURITY = (TLS, STARTTLS, PLAIN)
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_HOST = re.compile(r"\[?[A-Za-z0-9.:-]+?\]?")
_MAILBOX = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]+")


def open_outlet(
    office: Office,
    actor: Actor,
    *,
    medium: str,
    label: str,
    address: str = "",
    security: str = TLS,
    sender: str = "",
    username: str = "",
    secret_name: str = "",
    report_name: str = "",
    per_minute: int = 60,
    ground: str = "",
    authority: str | None = None,
    check_only: bool = False,
) -> int:
    """Open a way out for the notices of the authority; gives its id.

    Raises NotAllowed for anybody but an administrator of the authority, BadInput.
    """

    def work(desk: Desk) -> int:
        if medium not in {one.value for one in Medium}:
            raise bad_field("medium", "种类", "请从列表中选择")
        kind = Medium(medium)
        if not 1 <= per_minute <= MOST_A_MINUTE:
            text = f"应在1至{MOST_A_MINUTE}之间"
            raise bad_field("per_minute", "每分钟最多发送条数", text)
        prefix = secret_prefix(desk.authority.code)
        _judge_secret("secret_name", "密钥的环境变量名", secret_name, prefix, kind is Medium.CHAT)
        _judge_secret("report_name", "回执签名的环境变量名", report_name, prefix, needed=False)
        row = Outlet(
            authority_id=desk.authority.id,
            medium=kind.value,
            label=typed("label", "名称", label, most=LONGEST),
            address=_address(kind, address.strip(), security),
            security=security if kind is Medium.MAIL else "",
            sender=_mailbox("sender", "发件地址", sender) if kind is Medium.MAIL else "",
            username=_username(username.strip()),
            secret_name=secret_name,
            report_name=report_name,
            per_minute=per_minute,
            shared=False,
            opened_at=office.time.now(),
            closed_at=None,
        )
        desk.session.add(row)
        why = typed("ground", "依据", ground, most=LONGEST)
        desk.session.flush()
        desk.log("outlet_opened", why, desk.today, [row])
        desk.session.execute(
            update(Message)
            .where(
                Message.authority_id == desk.authority.id,
                Message.medium == kind.value,
                Message.state == State.WAITING.value,
                Message.error == NO_WAY,
            )
            .values(next_try_at=office.time.now(), error=None)
        )
        return row.id

    return administer(office, actor, authority, work, check_only=check_only)


def close_outlet(office: Office, actor: Actor, outlet: int, *, ground: str) -> None:
    """Use an outlet no more; what waits goes by another one. Raises NotFound if it is not of an
    authority that the actor administers, or closed, NotAllowed, BadInput."""

    def work(desk: Desk) -> None:
        row = desk.session.get_one(Outlet, outlet)
        why = typed("ground", "依据", ground, most=LONGEST)
        row.closed_at = office.time.now()
        desk.log("outlet_closed", why, desk.today, [row])

    administer(office, actor, _code_of(office, actor, Outlet, outlet), work)


def share_outlet(office: Office, outlet: int) -> str:
    """Let what is of no authority, such as one-time codes, go by this outlet and no other: a word
    of the IT office, by the command line. Gives its label. Raises NotFound."""

    def work(session: Session) -> str:
        row = session.get(Outlet, outlet)
        if row is None or row.closed_at is not None or row.medium != Medium.SMS.value:
            raise NotFound("没有在用的该短信渠道")
        now = office.time.now()
        for one in session.scalars(select(Outlet).where(Outlet.shared | (Outlet.id == outlet))):
            if one.shared == (one.id == outlet):
                continue
            one.shared = one.id == outlet
            change = Change("outlet_shared", None, now.isoformat(), "信息部门指定", legal_date(now))
            log_change(session, one.authority_id, change, [one])
        return row.label

    return office.database.in_transaction(work)


def open_desk_address(
    office: Office,
    actor: Actor,
    *,
    role: str,
    medium: str,
    address: str = "",
    ground: str = "",
    authority: str | None = None,
    check_only: bool = False,
) -> int:
    """Tell a desk of the authority at that address, besides the portal; gives its id.

    Raises NotAllowed for anybody but an administrator of the authority, BadInput.
    """

    def work(desk: Desk) -> int:
        if role not in POST_ROLES:
            raise bad_field("role", "岗位", "请从列表中选择")
        if medium not in {one.value for one in Medium}:
            raise bad_field("medium", "种类", "请从列表中选择")
        said = desk_address(Medium(medium), address)
        here = DeskAddress.authority_id == desk.authority.id
        same = (DeskAddress.role == role) & (DeskAddress.medium == medium)
        if desk.session.scalar(
            select(DeskAddress.id).where(
                here, same, DeskAddress.address == said, DeskAddress.closed_at.is_(None)
            )
        ):
            raise bad_field("address", "接收地址", "已经登记，不重复登记")
        row = DeskAddress(
            authority_id=desk.authority.id,
            role=role,
            medium=medium,
            address=said,
            opened_at=office.time.now(),
            closed_at=None,
        )
        desk.session.add(row)
        why = typed("ground", "依据", ground, most=LONGEST)
        desk.session.flush()
        desk.log("desk_address_opened", why, desk.today, [row])
        return row.id

    return administer(office, actor, authority, work, check_only=check_only)


def close_desk_address(office: Office, actor: Actor, row_id: int, *, ground: str) -> None:
    """Tell a desk no more at that address. Raises NotFound if it is not of an authority that the
    actor administers, or closed, NotAllowed, BadInput."""

    def work(desk: Desk) -> None:
        row = desk.session.get_one(DeskAddress, row_id)
        why = typed("ground", "依据", ground, most=LONGEST)
        row.closed_at = office.time.now()
        desk.log("desk_address_closed", why, desk.today, [row])

    administer(office, actor, _code_of(office, actor, DeskAddress, row_id), work)


def of_own_outlet(office: Office, actor: Actor, outlet: int) -> str:
    """The code of the authority of an open outlet that the actor administers. Raises NotFound,
    NotAllowed."""
    return _code_of(office, actor, Outlet, outlet)


def routes(session: Session, authority_id: int | None) -> Mapping[Medium, Outlet]:
    """By which outlet messages of an authority go, by their medium: the first that is open. What is
    of no authority goes by the shared one."""
    wanted = Outlet.shared if authority_id is None else Outlet.authority_id == authority_id
    found: dict[Medium, Outlet] = {}
    for row in session.scalars(
        select(Outlet).where(wanted, Outlet.closed_at.is_(None)).order_by(Outlet.id)
    ):
        found.setdefault(Medium(row.medium), row)
    return found


def _code_of(
    office: Office, actor: Actor, model: type[Outlet] | type[DeskAddress], row: int
) -> str:
    """The code of the authority of an open row, which the actor administers. Raises NotFound."""
    with office.database.session() as session:
        desk = desk_of(office, session, actor, None)
        found: Any = session.get(model, row)
        if found is not None and found.closed_at is None:
            code = session.scalar(
                select(Authority.code).where(
                    Authority.id == found.authority_id,
                    or_(*(Authority.id == authority.id for authority in desk.administers)),
                )
            )
            if code is not None:
                return code
    raise NotFound("本机关没有在用的该登记")


def secret_prefix(code: str) -> str:
    """How the names of the variables begin that an authority of that code may use: of no other one
    its administrator may learn, by sending it to a gateway of his own."""
    return f"NUOXIN_SECRET_{code.upper()}_"


def _judge_secret(field: str, label: str, name: str, prefix: str, needed: bool) -> None:
    own = name.startswith(prefix) and _OWN.fullmatch(name.removeprefix(prefix))
    if (name or needed) and not own:
        text = f"只填写环境变量的名称，以本机关的 {prefix} 开头，由大写字母、数字和下划线组成"
        raise bad_field(field, label, text)


def _username(name: str) -> str:
    """The name. Raises BadInput unless it is one word of ASCII."""
    if len(name) > LONGEST or not _is_one_word(name) or not name.isascii():
        text = f"应由英文字母、数字和符号组成，没有空格，不超过{LONGEST}个字"
        raise bad_field("username", "用户名", text)
    return name


def _is_one_word(text: str) -> bool:
    """Whether nothing in a text is blank or invisible."""
    return text.isprintable() and " " not in text


def _address(medium: Medium, address: str, security: str) -> str:
    """Where an outlet leads. Raises BadInput for what is none, holds a secret, or is not safe."""
    label = "服务器地址"
    if medium is Medium.CHAT:
        if address:
            raise bad_field("address", label, "群消息的地址就是密钥，只写在环境变量里")
        return ""
    if len(address) > LONGEST or not _is_one_word(address):
        raise bad_field("address", label, f"应不超过{LONGEST}个字，没有空格和控制字符")
    if medium is Medium.MAIL:
        host, _, port = address.rpartition(":")
        if not (
            _HOST.fullmatch(host) and port.isascii() and port.isdigit() and 0 < int(port) < 65536
        ):
            raise bad_field("address", label, "应为“主机:端口”，例如 mail.example.gov.cn:465")
        if security not in _MAIL_SECURITY:
            raise bad_field("security", "加密方式", "请从列表中选择")
        if security == PLAIN and host not in _HERE:
            raise bad_field("security", "加密方式", "只有本机的邮件服务器可以不加密")
        _judge_target(label, host, int(port))
        return address
    try:
        url = urlsplit(address)
        host = url.hostname or ""
        target = url.port or (443 if url.scheme == "https" else 80)
    except ValueError:
        raise bad_field("address", label, "不是网址") from None
    if not host or url.scheme not in ("https", "http"):
        raise bad_field("address", label, "应为 https:// 开头的网址")
    if url.scheme == "http" and host not in _HERE:
        raise bad_field("address", label, "应为 https:// 开头的网址；只有本机的可以用 http")
    if url.username or url.password or url.query or url.fragment:
        raise bad_field("address", label, "网址里不能有账号、密码和参数：密钥只写在环境变量里")
    _judge_target(label, host, target)
    return address


def _judge_target(label: str, host: str, port: int) -> None:
    if is_closed(host, port):
        text = f"不能指向本机；确需使用本机上的程序的，由信息部门在环境变量 {LOCAL_OUTLETS} 中列明"
        raise bad_field("address", label, text)


def desk_address(medium: Medium, address: str) -> str:
    """An address as messages of that kind go to it. Raises BadInput for what is none."""
    if medium is Medium.MAIL:
        return _mailbox("address", "接收地址", address)
    if medium is Medium.SMS:
        number = mobile(address)
        if number is None:
            raise bad_field("address", "接收地址", "应为手机号码")
        return number
    return typed("address", "接收地址", address, most=LONGEST)


def _mailbox(field: str, label: str, address: str) -> str:
    """The address. Raises BadInput unless it is a mailbox."""
    said = typed(field, label, address, most=LONGEST)
    if not _MAILBOX.fullmatch(said) or not said.isascii():
        raise bad_field(field, label, "应为电子邮箱地址")
    return said
