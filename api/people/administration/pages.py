"""Administration (机构管理): the pages on which posts, certificates and delegations are kept up.

Each change is tried first and asked about, since it stays in the log of administration for good.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter
from fastapi.responses import Response

from api.html import asking
from api.html.dates import read_day, read_needed_day
from api.html.site import Member, MemberPosting, Visit, acting, go
from api.web.bodies import RowId
from api.web.downloads import download
from casework.common.problems import BadInput, NotFound, Problem, bad_field
from casework.common.timekeeping import in_chinese
from casework.models import Delegation, Post
from casework.people.administration import delegations, reading, staffing
from casework.people.administration.reading import (
    OVER,
    TO_COME,
    DelegationView,
    PostView,
    StaffView,
)
from casework.people.offices import POST_ROLES

router = APIRouter()
_HOME = "/administration"
_WHICH = "authority"  # the code of the authority that a page is about
_KEPT = "记入管理记录，只增不改，不能撤回"
_EARLIER = "此前已经办理的事项不受影响"


@dataclass(frozen=True)
class Field:
    """One line of a form; `options` are value and label of a choice, of several if `many`."""

    name: str
    label: str
    kind: str = "text"
    required: bool = True
    hint: str = ""
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    many: bool = False


@dataclass(frozen=True)
class Sheet:
    """A form: what it is for, its lines, and what follows once it is confirmed."""

    title: str
    fields: tuple[Field, ...]
    follows: tuple[str, ...]
    about: tuple[tuple[str, str], ...] = ()
    button: str = "登记"


@router.get(_HOME)
def show(visit: Member) -> Response:
    staff = _staff(visit)
    with visit.office.database.session() as session:
        log = reading.entries(
            visit.office, session, acting(visit), staff.authority, visit.row("before")
        )
    return visit.page("administration.html", staff=staff, log=log, to_come=TO_COME, over=OVER)


@router.get(f"{_HOME}/posts/new")
def ask_post(visit: Member) -> Response:
    staff = _staff(visit)
    return _sheet(visit, staff, _post_sheet(visit, staff))


@router.post(f"{_HOME}/posts/new")
def add_post(visit: MemberPosting) -> Response:
    staff, posted = _staff(visit), visit.posted

    def do(*, check_only: bool) -> None:
        staffing.add_post(
            visit.office,
            acting(visit),
            account=posted.text("account"),
            role=posted.text("role"),
            valid_from=_needed(visit, "valid_from", "起始日期"),
            valid_to=read_day(posted.text("valid_to"), "valid_to", "截止日期"),
            certificate=posted.text("certificate") or None,
            certificate_expires=read_day(
                posted.text("certificate_expires"), "certificate_expires", "证件有效期至"
            ),
            law_qualification=posted.text("law_qualification") or None,
            ground=posted.text("ground"),
            authority=staff.authority,
            check_only=check_only,
        )

    return _done(visit, staff, _post_sheet(visit, staff), do, "post_added")


@router.get(f"{_HOME}/posts/{{post}}/end")
def ask_end(visit: Member, post: RowId) -> Response:
    staff, of = _post(visit, post)
    return _sheet(visit, staff, _end_sheet(visit, of))


@router.post(f"{_HOME}/posts/{{post}}/end")
def end_post(visit: MemberPosting, post: RowId) -> Response:
    staff, of = _post(visit, post)

    def do(*, check_only: bool) -> None:
        staffing.end_post(
            visit.office,
            acting(visit),
            post,
            on=_needed(visit, "on", "停止日期"),
            ground=visit.posted.text("ground"),
            check_only=check_only,
        )

    return _done(visit, staff, _end_sheet(visit, of), do, "post_ended")


@router.get(f"{_HOME}/posts/{{post}}/certificate")
def ask_certificate(visit: Member, post: RowId) -> Response:
    staff, of = _post(visit, post)
    return _sheet(visit, staff, _certificate_sheet(visit, of))


@router.post(f"{_HOME}/posts/{{post}}/certificate")
def change_certificate(visit: MemberPosting, post: RowId) -> Response:
    staff, of = _post(visit, post)
    posted = visit.posted

    def do(*, check_only: bool) -> None:
        staffing.change_certificate(
            visit.office,
            acting(visit),
            account=of.account,
            certificate=posted.text("certificate") or None,
            certificate_expires=read_day(
                posted.text("certificate_expires"), "certificate_expires", "证件有效期至"
            ),
            valid_from=_needed(visit, "valid_from", "起始日期"),
            ground=posted.text("ground"),
            authority=staff.authority,
            check_only=check_only,
        )

    return _done(visit, staff, _certificate_sheet(visit, of), do, "certificate_changed")


@router.get(f"{_HOME}/delegations/new")
def ask_delegation(visit: Member) -> Response:
    staff = _staff(visit)
    return _sheet(visit, staff, _delegation_sheet(visit, staff))


@router.post(f"{_HOME}/delegations/new")
def add_delegation(visit: MemberPosting) -> Response:
    staff, posted = _staff(visit), visit.posted

    def do(*, check_only: bool) -> None:
        delegations.add_delegation(
            visit.office,
            acting(visit),
            account=posted.text("account"),
            granted_by=posted.text("granted_by"),
            number=posted.text("number"),
            signed_on=_needed(visit, "signed_on", "签署日期"),
            scope=list(posted.values.get("scope", ())),
            valid_from=_needed(visit, "valid_from", "起始日期"),
            valid_to=_needed(visit, "valid_to", "截止日期"),
            authority=staff.authority,
            check_only=check_only,
        )

    return _done(visit, staff, _delegation_sheet(visit, staff), do, "delegation_added")


@router.get("/delegations")
def awaiting_head(visit: Member) -> Response:
    return _awaiting(visit)


@router.post("/delegations/{delegation}/confirmation")
def confirm_delegation(visit: MemberPosting, delegation: RowId) -> Response:
    try:
        file = visit.posted.files.get("file")
        if file is None:
            raise bad_field("file", "扫描件", "请选择您签署的授权书的扫描件")
        delegations.confirm_delegation(
            visit.office, acting(visit), delegation, file.name, file.content
        )
    except BadInput as problem:
        return _awaiting(visit, problem)
    return go("/delegations", "delegation_confirmed")


@router.get("/delegations/{delegation}/scan")
def scan(visit: Member, delegation: RowId) -> Response:
    with visit.office.database.session() as session:
        return download(delegations.scan(visit.office, session, acting(visit), delegation))


def _awaiting(visit: Visit, problem: Problem | None = None) -> Response:
    with visit.office.database.session() as session:
        waiting = delegations.awaiting_head(session, acting(visit))
    status = problem.status if problem else 200
    return visit.page("delegations.html", status=status, waiting=waiting, problem=problem)


@router.get(f"{_HOME}/delegations/{{delegation}}/end")
def ask_end_of_delegation(visit: Member, delegation: RowId) -> Response:
    staff, of = _delegation(visit, delegation)
    return _sheet(visit, staff, _undelegation_sheet(visit, of))


@router.post(f"{_HOME}/delegations/{{delegation}}/end")
def end_delegation(visit: MemberPosting, delegation: RowId) -> Response:
    staff, of = _delegation(visit, delegation)

    def do(*, check_only: bool) -> None:
        delegations.end_delegation(
            visit.office,
            acting(visit),
            delegation,
            on=_needed(visit, "on", "停止日期"),
            ground=visit.posted.text("ground"),
            check_only=check_only,
        )

    return _done(visit, staff, _undelegation_sheet(visit, of), do, "delegation_ended")


# -- forms -----------------------------------------------------------------------------------------


def _post_sheet(visit: Visit, found: StaffView) -> Sheet:
    roles = tuple((role.value, role.label) for role in POST_ROLES)
    return Sheet(
        "登记任职",
        (
            Field("account", "账号", hint="信息部门开设的账号；不能登记本人"),
            Field("role", "职责", options=roles),
            _from(visit),
            Field("valid_to", "截止日期", "date", required=False, hint="没有期限的，不填写"),
            *_certificate_fields(required="执法人员必须填写；其他人员有执法证件的填写"),
            Field(
                "law_qualification",
                "法律职业资格证书编号",
                required=False,
                hint="法制审核人员填写（《行政处罚法》第五十八条第二款）",
            ),
            Field("ground", "依据", hint="任命文件的名称和文号"),
        ),
        (f"从起始日期起，该人可以在{found.authority_name}办理该职责的事项", _KEPT),
    )


def _end_sheet(visit: Visit, post: PostView) -> Sheet:
    return Sheet(
        "终止任职",
        (_stop(visit), Field("ground", "依据", hint="免职、调离文件的名称和文号")),
        (f"从该日起，{post.name}不能再以{post.role_label}办理任何事项", _EARLIER, _KEPT),
        (("人员", f"{post.name}（{post.account}）"), ("职责", post.role_label)),
        "终止",
    )


def _certificate_sheet(visit: Visit, post: PostView) -> Sheet:
    held = "没有登记"
    if post.certificate and post.certificate_expires:
        held = f"{post.certificate}，有效期至{in_chinese(post.certificate_expires)}"
    return Sheet(
        "变更执法证件",
        (
            *_certificate_fields(
                required="换领新证的填写新证号；注销、收缴的，证号和有效期都不填写"
            ),
            _from(visit),
            Field("ground", "依据", hint="证件核发、注销的文件或者批次"),
        ),
        (
            f"从起始日期起，{post.name}在本机关的全部任职适用变更后的证件",
            f"{_EARLIER}，仍按原证件核对",
            _KEPT,
        ),
        (("人员", f"{post.name}（{post.account}）"), ("现有证件", held)),
        "变更",
    )


def _delegation_sheet(visit: Visit, found: StaffView) -> Sheet:
    return Sheet(
        "登记首席代表授权",
        (
            Field("account", "首席代表", options=_people(found, "window_clerk")),
            Field("granted_by", "授权人", options=_people(found, "approver")),
            Field("number", "授权文号", hint="书面授权的名称和文号，许可决定书上载明"),
            Field("signed_on", "签署日期", "date"),
            Field("scope", "授权事项", options=tuple(delegations.delegable().items()), many=True),
            _from(visit),
            Field("valid_to", "截止日期", "date", hint="授权必须有期限"),
        ),
        ("在授权期限内，首席代表可以在窗口作出所列决定，决定书载明授权", _KEPT),
    )


def _undelegation_sheet(visit: Visit, one: DelegationView) -> Sheet:
    return Sheet(
        "终止首席代表授权",
        (_stop(visit), Field("ground", "依据", hint="撤回授权的文件名称和文号")),
        (f"从该日起，{one.name}不能再依该授权作出决定", _EARLIER, _KEPT),
        (
            ("首席代表", f"{one.name}（{one.account}）"),
            ("授权", f"{one.number}，{'、'.join(one.scope_labels)}"),
        ),
        "终止",
    )


def _certificate_fields(*, required: str) -> tuple[Field, ...]:
    return (
        Field("certificate", "执法证号", required=False, hint=required),
        Field("certificate_expires", "证件有效期至", "date", required=False),
    )


def _from(visit: Visit) -> Field:
    """The field for the first day of a change, which is today or later."""
    return Field(
        "valid_from",
        "起始日期",
        "date",
        hint="不早于今天：变更自登记之日或者以后起生效",
        value=visit.today.isoformat(),
    )


def _stop(visit: Visit) -> Field:
    return Field("on", "自何日起停止", "date", hint="不早于今天", value=visit.today.isoformat())


def _people(found: StaffView, role: str) -> tuple[tuple[str, str], ...]:
    held = {
        post.account: post.name for post in found.posts if post.role == role and post.state != OVER
    }
    return tuple((account, f"{name}（{account}）") for account, name in held.items())


# -- the way of each of them -----------------------------------------------------------------------


def _staff(visit: Visit, authority: str = "") -> StaffView:
    """Of that authority, or the one that the form or the address names; else of the first."""
    which = authority or visit.posted.text(_WHICH) or visit.asked(_WHICH)
    with visit.office.database.session() as session:
        return reading.staff(visit.office, session, acting(visit), which)


def _post(visit: Visit, key: int) -> tuple[StaffView, PostView]:
    """The staff of a post's authority, and the post. Raises NotFound if it is over."""
    staff = _staff(visit, staffing.authority_of(visit.office, acting(visit), Post, key))
    one = next(post for post in staff.posts if post.id == key)
    if one.state == OVER:
        raise NotFound("本机关没有正在生效的该任职")
    return staff, one


def _delegation(visit: Visit, key: int) -> tuple[StaffView, DelegationView]:
    """The staff of a delegation's authority, and the delegation. Raises NotFound if it is over."""
    staff = _staff(visit, staffing.authority_of(visit.office, acting(visit), Delegation, key))
    one = next(delegation for delegation in staff.delegations if delegation.id == key)
    if one.state == OVER:
        raise NotFound("本机关没有正在生效的该授权")
    return staff, one


def _needed(visit: Visit, name: str, label: str) -> date:
    return read_needed_day(visit.posted.text(name), name, label)


def _done(
    visit: Visit, found: StaffView, sheet: Sheet, do: Callable[..., None], said: str
) -> Response:
    """Try it, ask about it, do it: each on a page of its own."""
    if visit.posted.text(asking.AGAIN):
        return _sheet(visit, found, sheet)
    try:
        if not asking.answered(visit):
            do(check_only=True)
            told = [*_where(found), *sheet.about, *_told(visit, sheet.fields)]
            return asking.ask(visit, asking.Question(sheet.title, sheet.follows, told=told))
        do(check_only=False)
    except Problem as problem:
        return _sheet(visit, found, sheet, problem)
    return go(f"{_HOME}?{_WHICH}={found.authority}", said)


def _where(found: StaffView) -> list[tuple[str, str]]:
    """At which authority, for whoever administers several."""
    return [("机关", found.authority_name)] if len(found.authorities) > 1 else []


def _told(visit: Visit, fields: Sequence[Field]) -> list[tuple[str, str]]:
    """What was filled in, as people read it."""
    found = []
    for field in fields:
        values = [value for value in visit.posted.values.get(field.name, ()) if value]
        labels = dict(field.options)
        if values:
            found.append((field.label, "、".join(labels.get(one, one) for one in values)))
    return found


def _sheet(
    visit: Visit, found: StaffView, sheet: Sheet, problem: Problem | None = None
) -> Response:
    return visit.page(
        "administration_form.html",
        status=problem.status if problem else 200,
        sheet=sheet,
        about=[*_where(found), *sheet.about],
        authority=found.authority,
        problem=problem,
    )
