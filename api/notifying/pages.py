"""Outlets (发送渠道), kept up by the administrator, and what could not be sent (发送失败)."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import Response

from api.html.site import Member, MemberPosting, Visit, acting, go
from api.people.administration.pages import Field, Sheet
from api.web.bodies import RowId
from casework.common.problems import BadInput, NotFound, Problem
from casework.notifying import dead_letters, outlets, reading, trying_out, wording
from casework.notifying.gateways import RealGateways
from casework.notifying.reading import WaysOut
from casework.notifying.states import Medium
from casework.people.offices import POST_ROLES

router = APIRouter()
_HOME = "/administration/outlets"
_KEPT = "记入管理记录，只增不改；要改的，停用后重新登记"
_MEDIA = tuple((medium.value, medium.label) for medium in Medium)
_GROUND = Field("ground", "依据", hint="文件的名称和文号，或者工单编号")


@router.get(_HOME)
def show(visit: Member) -> Response:
    return visit.page("outlets.html", ways=_ways(visit))


@router.get(f"{_HOME}/new")
def ask_outlet(visit: Member) -> Response:
    ways_out = _ways(visit)
    return _sheet(visit, ways_out, _outlet_sheet(ways_out.authority))


@router.post(f"{_HOME}/new")
def open_outlet(visit: MemberPosting) -> Response:
    ways_out, posted = _ways(visit), visit.posted

    def do() -> None:
        outlets.open_outlet(
            visit.office,
            acting(visit),
            medium=posted.text("medium"),
            label=posted.text("label"),
            address=posted.text("address"),
            security=posted.text("security") or outlets.TLS,
            sender=posted.text("sender"),
            username=posted.text("username"),
            secret_name=posted.text("secret_name"),
            report_name=posted.text("report_name"),
            per_minute=posted.number("per_minute", 6) or 0,
            ground=posted.text("ground"),
            authority=ways_out.authority,
        )

    return _done(visit, ways_out, _outlet_sheet(ways_out.authority), do, "outlet_opened")


@router.get(f"{_HOME}/{{outlet}}/test")
def ask_test(visit: Member, outlet: RowId) -> Response:
    ways_out = _ways(visit)
    return _sheet(visit, ways_out, _test_sheet(_about_outlet(ways_out, outlet)))


@router.post(f"{_HOME}/{{outlet}}/test")
def try_out(visit: MemberPosting, outlet: RowId) -> Response:
    ways_out = _ways(visit)

    def do() -> None:
        to = visit.posted.text("to")
        trying_out.try_out(visit.office, acting(visit), outlet, to, RealGateways())

    return _done(visit, ways_out, _test_sheet(_about_outlet(ways_out, outlet)), do, "outlet_tried")


@router.get(f"{_HOME}/{{outlet}}/close")
def ask_close(visit: Member, outlet: RowId) -> Response:
    ways_out = _ways(visit)
    return _sheet(visit, ways_out, _close_sheet(_about_outlet(ways_out, outlet)))


@router.post(f"{_HOME}/{{outlet}}/close")
def close_outlet(visit: MemberPosting, outlet: RowId) -> Response:
    ways_out = _ways(visit)

    def do() -> None:
        ground = visit.posted.text("ground")
        outlets.close_outlet(visit.office, acting(visit), outlet, ground=ground)

    return _done(
        visit, ways_out, _close_sheet(_about_outlet(ways_out, outlet)), do, "outlet_closed"
    )


@router.get("/administration/desk-addresses/new")
def ask_desk_address(visit: Member) -> Response:
    return _sheet(visit, _ways(visit), _desk_sheet())


@router.post("/administration/desk-addresses/new")
def open_desk_address(visit: MemberPosting) -> Response:
    ways_out, posted = _ways(visit), visit.posted

    def do() -> None:
        outlets.open_desk_address(
            visit.office,
            acting(visit),
            role=posted.text("role"),
            medium=posted.text("medium"),
            address=posted.text("address"),
            ground=posted.text("ground"),
            authority=ways_out.authority,
        )

    return _done(visit, ways_out, _desk_sheet(), do, "desk_address_opened")


@router.get("/administration/desk-addresses/{row}/close")
def ask_close_desk_address(visit: Member, row: RowId) -> Response:
    ways_out = _ways(visit)
    return _sheet(visit, ways_out, _close_sheet(_about_desk(ways_out, row)))


@router.post("/administration/desk-addresses/{row}/close")
def close_desk_address(visit: MemberPosting, row: RowId) -> Response:
    ways_out = _ways(visit)

    def do() -> None:
        ground = visit.posted.text("ground")
        outlets.close_desk_address(visit.office, acting(visit), row, ground=ground)

    return _done(
        visit, ways_out, _close_sheet(_about_desk(ways_out, row)), do, "desk_address_closed"
    )


@router.get("/administration/messages")
def show_texts(visit: Member) -> Response:
    ways_out = _ways(visit)
    with visit.office.database.session() as session:
        texts = wording.previews(visit.office, session, acting(visit), ways_out.authority)
    return visit.page("messages.html", ways=ways_out, texts=texts, tried="")


@router.post("/administration/messages")
def try_text(visit: MemberPosting) -> Response:
    ways_out, posted = _ways(visit), visit.posted
    kind = posted.text("kind")
    draft = {part: posted.text(part) for part in ("subject", "short", "long")}
    with visit.office.database.session() as session:
        texts = wording.previews(
            visit.office, session, acting(visit), ways_out.authority, {kind: draft}
        )
    return visit.page("messages.html", ways=ways_out, texts=texts, tried=kind)


@router.get("/dead-letters")
def lying(visit: Member) -> Response:
    return _lying(visit)


@router.post("/dead-letters/resend")
def send_again(visit: MemberPosting) -> Response:
    which = visit.posted.number("message")
    if which is None and "message" in visit.posted.values:
        raise NotFound("没有该条发送失败的消息")
    count = dead_letters.send_again(visit.office, acting(visit), which)
    return _lying(visit, told=f"{count}条消息将由下次运行重新发送")


@router.post("/dead-letters/told")
def told_otherwise(visit: MemberPosting) -> Response:
    posted = visit.posted
    try:
        dead_letters.told_otherwise(
            visit.office, acting(visit), posted.number("message") or 0, posted.text("how")
        )
    except BadInput as problem:
        return _lying(visit, error=problem.detail, status=problem.status)
    return _lying(visit, told="已登记通知方式")


def _lying(visit: Visit, *, told: str = "", error: str = "", status: int = 200) -> Response:
    with visit.office.database.session() as session:
        found = dead_letters.dead_letters(visit.office, session, acting(visit))
    return visit.page(
        "dead_letters.html",
        status=status,
        found=found,
        told=told,
        error=error,
        at_once=dead_letters.MOST_AT_ONCE,
    )


def _outlet_sheet(authority: str) -> Sheet:
    return Sheet(
        "开通发送渠道",
        (
            Field("medium", "种类", options=_MEDIA),
            Field("label", "名称", hint="例如 短信平台"),
            Field(
                "address",
                "服务器地址",
                required=False,
                hint="邮件填写“主机:端口”，短信和程序接口填写网址；群消息不填写，其地址写在环境变量里",
            ),
            Field(
                "security",
                "邮件加密方式",
                options=(
                    (outlets.TLS, "TLS（一般为465端口）"),
                    (outlets.STARTTLS, "STARTTLS（一般为587端口）"),
                    (outlets.PLAIN, "不加密（只限本机）"),
                ),
                value=outlets.TLS,
                hint="其他种类不适用，保留 TLS",
            ),
            Field("sender", "发件地址", required=False, hint="邮件填写"),
            Field("username", "用户名", required=False, hint="邮件服务器需要登录的填写"),
            Field(
                "secret_name",
                "密钥的环境变量名",
                required=False,
                hint=f"以 {outlets.secret_prefix(authority)} 开头。"
                "不能填写密钥本身：由信息部门写在服务器的环境变量里",
            ),
            Field(
                "report_name",
                "回执签名的环境变量名",
                required=False,
                hint="网关会报告消息是否到达的填写，开头同上",
            ),
            Field("per_minute", "每分钟最多发送条数", value="60"),
            _GROUND,
        ),
        ("本机关的通知从此由该渠道发出", _KEPT),
        button="开通",
    )


def _desk_sheet() -> Sheet:
    roles = tuple((role.value, role.label) for role in POST_ROLES)
    return Sheet(
        "登记岗位接收地址",
        (
            Field("role", "岗位", options=roles),
            Field("medium", "种类", options=_MEDIA),
            Field(
                "address",
                "接收地址",
                hint="岗位的公用邮箱、值班手机号码；群消息和程序接口填写群或者程序的名称",
            ),
            _GROUND,
        ),
        ("该岗位的通知除站内消息外，同时发到该地址", _KEPT),
    )


def _test_sheet(about: tuple[tuple[str, str], ...]) -> Sheet:
    to = Field("to", "接收地址", required=False, hint="您自己的手机号码或者邮箱；群消息不填写")
    told = ("立即由该渠道发出一条测试消息，并告知网关的答复", "记入管理记录")
    return Sheet("发送测试消息", (to,), told, about, "发送")


def _close_sheet(about: tuple[tuple[str, str], ...]) -> Sheet:
    return Sheet("停用", (_GROUND,), (_KEPT,), about, "停用")


def _about_outlet(found: WaysOut, key: int) -> tuple[tuple[str, str], ...]:
    """What the question tells of an open outlet. Raises NotFound."""
    for outlet in found.outlets:
        if outlet.id == key and outlet.closed_at is None:
            return (("渠道", f"{outlet.label}（{outlet.medium_label}）"),)
    raise NotFound("本机关没有在用的该渠道")


def _about_desk(found: WaysOut, key: int) -> tuple[tuple[str, str], ...]:
    """What the question tells of an open address of a desk. Raises NotFound."""
    for desk in found.desks:
        if desk.id == key and desk.closed_at is None:
            return (("岗位", desk.role_label), ("接收地址", desk.address))
    raise NotFound("本机关没有在用的该地址")


def _ways(visit: Visit) -> WaysOut:
    which = visit.posted.text("authority") or visit.asked("authority")
    with visit.office.database.session() as session:
        return reading.ways_out(visit.office, session, acting(visit), which)


def _done(
    visit: Visit, found: WaysOut, sheet: Sheet, do: Callable[[], None], said: str
) -> Response:
    """Do it and go back to the outlets; what is wrong is shown on the sheet."""
    try:
        do()
    except Problem as problem:
        return _sheet(visit, found, sheet, problem)
    return go(f"{_HOME}?authority={found.authority}", said)


def _sheet(visit: Visit, found: WaysOut, sheet: Sheet, problem: Problem | None = None) -> Response:
    return visit.page(
        "administration_form.html",
        status=problem.status if problem else 200,
        sheet=sheet,
        about=sheet.about,
        authority=found.authority,
        problem=problem,
    )
