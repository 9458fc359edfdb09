"""The frame of all pages (页面框架): who visits, the secret of forms, the making of a page."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from hashlib import sha256
from hmac import compare_digest
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session

from api.html.dates import (
    as_date,
    as_day_and_hour,
    as_hour,
    as_moment,
    day_badge,
    due_badge,
)
from api.html.form_fields import Option
from api.html.way_back import LIST_COOKIE, unsealed
from api.web.prefect_client import Prefect
from casework.access.readers import Reader, as_read, reader_of
from casework.acts.actors import Actor
from casework.backfill.keeping import CONFIRMED_BY as BACKFILL_CONFIRMED_BY
from casework.common.database import MOST_COUNTED
from casework.common.demo_progress import Progress, progress
from casework.common.problems import RETRY_AFTER, Busy, NotLoggedIn, Problem
from casework.common.texts import searched, tidy
from casework.common.timekeeping import legal_date
from casework.enforcement.exemption.ledger import READERS as LEDGER_READERS
from casework.exchange.importing.kinds import IMPORTERS
from casework.kernel.office import Office
from casework.people.accounts import actor_of, form_secret
from casework.people.kept_forms import Draft, Kept, kept
from casework.publicity.publications import READERS as PUBLICATION_READERS
from state_machines.language.vocabulary import Role
from state_machines.licences import LICENCES

_DATE = re.compile(r"(\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2})?)")
_LOCAL = re.compile(r"/(?![/\\])[^\\\s\x00-\x1f\x7f]*")
SESSION_COOKIE = "nuoxin_session"
VISIT_COOKIE = "nuoxin_visit"  # before log-in there is no session whose token could sign a form
SECRET = "_secret"  # noqa: S105  # the name of a field
OF_ITEM = "file."  # before the key of the item that a file is chosen for
LONGEST_KEY = 18  # digits of a key that the database can hold
RESUME = "resume"  # names a form that was left when its log-in ended

_TURNERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
_ENFORCING = frozenset(
    {Role.INSPECTOR, Role.CASE_HANDLER, Role.LEGAL_REVIEWER, Role.APPROVER, Role.ADMIN}
)


class ForgedForm(Problem):
    """A form without the secret that this visitor's pages carry."""

    type = "forged-form"
    title = "页面已失效"
    status = 403


class Interrupted(Exception):
    """A form of ours came whose log-in has ended: see `api.html.interrupted`."""

    def __init__(self, visit: Visit) -> None:
        super().__init__()
        self.visit = visit


@dataclass(frozen=True)
class Link:
    """One entry of the main navigation; `key` is its accesskey."""

    label: str
    href: str
    key: str = ""


@dataclass(frozen=True)
class Site:
    """What every page needs: the office, whether this is the demo, and Prefect."""

    office: Office
    demo: bool
    prefect: Prefect
    pages: Environment

    @property
    def secure(self) -> bool:
        """Whether cookies are for https only."""
        return self.office.public_url.startswith("https:")


def pages_from(folder: Path) -> Environment:
    """The templates; a name that a page was not given is an error, not a blank."""
    found = Environment(
        loader=FileSystemLoader(folder, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"day": as_date, "moment": as_moment, "grouped": _grouped, "dated": _dated}
    found.filters |= {"counted": _counted, "hour": as_hour, "day_and_hour": as_day_and_hour}
    found.globals |= {"due_badge": due_badge, "day_badge": day_badge, "LICENCES": LICENCES}
    return found


def _dated(text: str) -> list[str]:
    """A text in parts, every second of which is a date: it is not broken over two lines."""
    return _DATE.split(text)


def _grouped(options: Sequence[Option]) -> list[tuple[str, list[Option]]]:
    """Options by their group, in the order given."""
    return [(group, list(some)) for group, some in groupby(options, lambda option: option.group)]


def _counted(n: int) -> str:
    """A count that stops where it is only said that there are more."""
    return f"超过 {MOST_COUNTED}" if n > MOST_COUNTED else str(n)


class Visit:
    """One request of one visitor, logged in or not."""

    def __init__(self, request: Request, site: Site, posted: Posted | None = None) -> None:
        self.request = request
        self.site = site
        self.office = site.office
        self.posted = posted or Posted({})
        self.token = request.cookies.get(SESSION_COOKIE, "")
        self.visit_token = request.cookies.get(VISIT_COOKIE) or secrets.token_urlsafe(16)
        self.now = site.office.time.now()
        self.reader: Reader | None = None
        self.left: Kept | None = None
        self.draft: Draft | None = None
        if self.token:
            with site.office.database.session() as session:
                actor = actor_of(session, self.token, self.now)
                self.reader = reader_of(site.office, session, actor) if actor else None
                if actor and posted is None:
                    self._resume(session, actor)

    def _resume(self, session: Session, actor: Actor) -> None:
        """Open the page with what its visitor had typed into its form when the log-in ended."""
        handle = self.request.query_params.get(RESUME, "")
        if handle:
            self.left = kept(session, handle, actor.person_id, self.now)
        if self.left:
            self.posted = Posted(self.left.fields)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that knows who visits, which then is not read once more."""
        with self.office.database.session() as session:
            if self.reader:
                as_read(session, self.reader)
            yield session

    @property
    def actor(self) -> Actor | None:
        """Who is logged in."""
        return self.reader.actor if self.reader else None

    @property
    def demo(self) -> bool:
        """Whether this is the demo city."""
        return self.site.demo

    @cached_property
    def laying_out(self) -> Progress | None:
        """How far the demo city is laid out, as long as it is not whole."""
        if not self.demo:
            return None
        with self.office.database.session() as session:
            return progress(session)

    @property
    def today(self) -> date:
        """Today's legal date."""
        return legal_date(self.now)

    @property
    def roles(self) -> frozenset[Role]:
        """The roles held today."""
        return self.reader.roles if self.reader else frozenset()

    @property
    def roles_text(self) -> str:
        """The roles held today, in Chinese."""
        return "、".join(role.label for role in Role if role in self.roles)

    @property
    def staff(self) -> bool:
        """Whether the visitor holds a post at an authority."""
        return bool(self.reader and self.reader.authorities)

    @property
    def is_clerk(self) -> bool:
        """Whether the visitor serves at a window."""
        return Role.WINDOW_CLERK in self.roles

    @property
    def may_turn_clock(self) -> bool:
        """Whether the visitor may turn the demo's calendar."""
        return self.demo and bool(self.roles & _TURNERS)

    def asked(self, name: str, most: int = 400) -> str:
        """What the address asks for under a name."""
        return searched(self.request.query_params.get(name, ""))[:most]

    @property
    def said(self) -> str:
        """What the page before wants said here."""
        return _SAID.get(self.request.query_params.get("said", ""), "")

    @cached_property
    def secret(self) -> str:
        """What every form of this visitor carries (CSRF)."""
        if self.actor:
            return form_secret(self.token)
        return sha256(f"forms of {self.visit_token}".encode(errors="surrogatepass")).hexdigest()

    @property
    def list_left(self) -> str:
        """The address of the list from which the visitor came to a case; empty if from none."""
        if not self.request.url.path.startswith(("/cases/", "/handover")):
            return ""
        return unsealed(self.token, self.request.cookies.get(LIST_COOKIE, ""))

    @property
    def links(self) -> list[Link]:
        """The main navigation of this visitor."""
        if self.actor is None:
            return [
                Link("登录", "/login"),
                Link("注册", "/register"),
                Link("办什么", "/guide", "k"),
                Link("办件查询", "/track", "c"),
                Link("文书核验", "/verify"),
                Link("等级公示", "/grades", "g"),
                Link("信息公示", "/publications/public", "i"),
                Link("公示意见", "/consultations", "p"),
            ]
        found = [Link("待办", "/", "1"), Link("全部案件", "/cases", "2")]
        if not self.staff:
            found = [Link("我的事", "/", "1")]
        if Role.APPLICANT in self.roles:
            found += [
                Link("新申请", "/apply", "n"),
                Link("许可证", "/licences", "l"),
                Link("信用", "/credit", "r"),
            ]
        if not self.staff:
            found.append(Link("我的单位", "/firms", "u"))
        if Role.WINDOW_CLERK in self.roles:
            found += [Link("窗口办件", "/counter/sitting", "w"), Link("窗口登记", "/counter")]
            found.append(Link("未发出消息", "/dead-letters"))
        if self.roles & {Role.CREDIT_OFFICER, Role.APPROVER}:
            found += [Link("信用管理", "/credit/desk", "r"), Link("信用查询", "/credit")]
        if self.roles & PUBLICATION_READERS:
            found.append(Link("公示台账", "/publications"))
            found.append(Link("对外推送", "/exchange/outbox"))
        if self.roles & IMPORTERS:
            found.append(Link("外部数据", "/exchange/imports"))
        if Role.SUPERVISOR in self.roles:
            found.append(Link("督办", "/overview", "3"))
        if self.roles & {Role.SUPERVISOR, Role.APPROVER}:
            found.append(Link("双随机", "/draws", "t"))
        if not self.roles.isdisjoint(BACKFILL_CONFIRMED_BY):
            found.append(Link("专项补录", "/backfills", "b"))
        if self.roles & {Role.INSPECTOR, Role.CASE_HANDLER}:
            found.append(Link("登记线索", "/leads/new", "d"))
        if self.roles & _ENFORCING:
            found.append(Link("案由库", "/violations", "v"))
        if self.roles & LEDGER_READERS:
            found.append(Link("免罚台账", "/exemptions", "m"))
        if Role.APPROVER in self.roles:
            found.append(Link("授权确认", "/delegations"))
        if Role.ADMIN in self.roles:
            found.append(Link("机构管理", "/administration", "o"))
        return [*found, Link("消息", "/notices", "4")]

    def at(self, href: str) -> bool:
        """Whether the page is the one a link leads to."""
        return self.request.url.path == href

    def row(self, name: str) -> int | None:
        """The number of a row that the address names; None if it names none."""
        text = self.request.query_params.get(name, "")
        return whole_number(text)

    def page(self, name: str, *, status: int = 200, **given: Any) -> HTMLResponse:
        """A page from its template."""
        text = self.site.pages.get_template(name).render(visit=self, **given)
        headers = {"Cache-Control": "no-store"}
        if status == Busy.status:
            headers["Retry-After"] = str(RETRY_AFTER)
        response = HTMLResponse(text, status, headers)
        if self.actor is None and VISIT_COOKIE not in self.request.cookies:
            self._keep(response, VISIT_COOKIE, self.visit_token)
        return response

    def log_in_as(self, token: str, on: str = "") -> RedirectResponse:
        """On to a page, or the one that was wanted, now logged in."""
        response = RedirectResponse(on or local(self.posted.text("next")), 303)
        self._keep(response, SESSION_COOKIE, token)
        return response

    def _keep(self, response: HTMLResponse | RedirectResponse, name: str, value: str) -> None:
        response.set_cookie(
            name, value, httponly=True, samesite="lax", secure=self.site.secure, path="/"
        )


@dataclass(frozen=True)
class Upload:
    """A file as it came in."""

    name: str
    content: bytes


def whole_number(text: str, digits: int = LONGEST_KEY) -> int | None:
    """The number that a text says in at most so many digits; None if it says none."""
    said = text.isascii() and text.isdigit() and len(text) <= digits
    return int(text) if said else None


@dataclass(frozen=True)
class Posted:
    """A form as it came in."""

    values: Mapping[str, Sequence[str]]
    piles: Mapping[str, Sequence[Upload]] = field(default_factory=dict)

    @property
    def files(self) -> Mapping[str, Upload]:
        """The file that was chosen under each name, where one is asked for."""
        return {name: pile[-1] for name, pile in self.piles.items()}

    @property
    def of_items(self) -> list[tuple[str, Upload]]:
        """The files that were chosen for one item of a list each, with the key of the item."""
        return [
            (name.removeprefix(OF_ITEM), upload)
            for name, pile in self.piles.items()
            if name.startswith(OF_ITEM)
            for upload in pile
        ]

    def text(self, name: str) -> str:
        """What was typed under a name, in one form (`casework.common.texts`)."""
        return tidy(next(iter(self.values.get(name, ())), ""))

    def number(self, name: str, digits: int = LONGEST_KEY) -> int | None:
        """The number that was typed or chosen under a name; None if it is none."""
        return whole_number(self.text(name), digits)

    def secret_text(self, name: str) -> str:
        """What was typed under a name, letter by letter."""
        return next(iter(self.values.get(name, ())), "")


def visitor(request: Request) -> Visit:
    """Anybody."""
    return Visit(request, request.app.state.site)


def member(visit: Annotated[Visit, Depends(visitor)]) -> Visit:
    """Somebody logged in. Raises NotLoggedIn."""
    if visit.actor is None:
        raise NotLoggedIn("请先登录")
    return visit


async def _form(request: Request) -> Posted:
    async with request.form(max_fields=2000) as form:
        values: dict[str, list[str]] = {}
        piles: dict[str, list[Upload]] = {}
        for name, value in form.multi_items():
            if isinstance(value, str):
                values.setdefault(name, []).append(value)
            elif value.filename:
                upload = Upload(value.filename, await value.read())
                piles.setdefault(name, []).append(upload)
        return Posted(values, piles)


def visitor_posting(request: Request, posted: Annotated[Posted, Depends(_form)]) -> Visit:
    """Anybody who sends a form of ours. Raises Interrupted if it is not of this very visit."""
    visit = Visit(request, request.app.state.site, posted)
    if not compare_digest(posted.text(SECRET).encode(errors="replace"), visit.secret.encode()):
        raise Interrupted(visit)
    return visit


def member_posting(visit: Annotated[Visit, Depends(visitor_posting)]) -> Visit:
    """Somebody logged in who sends a form of ours. Raises Interrupted."""
    if visit.actor is None:
        raise Interrupted(visit)
    return visit


Anybody = Annotated[Visit, Depends(visitor)]
AnybodyPosting = Annotated[Visit, Depends(visitor_posting)]
Member = Annotated[Visit, Depends(member)]
MemberPosting = Annotated[Visit, Depends(member_posting)]


def local(path: str) -> str:
    """A path of this site that was wanted, with what it asks for; anything else would lead a clerk
    away with one click, and is the first page instead."""
    return path if _LOCAL.fullmatch(path) else "/"


def go(path: str, said: str = "", at: str = "") -> RedirectResponse:
    """To another page, with something to say there, and to a part of it."""
    said = f"{'&' if '?' in path else '?'}said={quote(said)}" if said else ""
    return RedirectResponse(f"{path}{said}{'#' + at if at else ''}", 303)


def acting(visit: Visit) -> Actor:
    """The actor of a member's visit. Raises NotLoggedIn for a visit without one."""
    if visit.actor is None:
        raise NotLoggedIn("请先登录")
    return visit.actor


_SAID = {
    "draft_saved": "草稿已保存，可以离开本页，以后再填。",
    "draft_discarded": "草稿已清除。",
    "opened": "申请已保存为草稿。请上传材料，核对后提交。",
    "submitted": "已提交。",
    "promised": "承诺书已签署。",
    "taken_away": "文件已删去。",
    "renewed": "续期申请已提交。请在下面上传材料。",
    "all_read": "全部消息已标为已读。",
    "waiting": "已签名，等待第二名执法人员确认。",
    "awaits_arrival": "文书已交付发送，等待到达回执：到达后自动登记送达，没有到达的另行通知您。",
    "returned": "已退回，可以重新填写。",
    "uploaded": "材料已上传。",
    "told_apart": "说明已写入案卷。已经告知的，须重新告知并送法制审核。",
    "evidence_entered": "证据登记已更新，原有版本保留。",
    "registered": "当事人已登记。请登记到场的代表人或者代理人。",
    "empowered": "授权已登记，可以代为办理。",
    "paper_kept": "授权委托书已留存。",
    "mandate_ended": "授权已终止。",
    "account_made": "账号已注册，您已登录。请绑定要代表的单位。",
    "password_changed": "密码已修改，本账号在其他地方的登录已失效。",
    "firm_bound": "单位已绑定，可以提出申请了。",
    "account_bound": "账号已绑定到该人。",
    "corrected": "当事人登记已更正，原登记留存在变更记录中。",
    "imported": "题目已加入题库。",
    "drawn": "已随机抽取。请下达检查任务；有人需要回避的，由机关负责人决定。",
    "drawn_again": "已重新抽取，原结果留存。",
    "draw_called_off": "抽取已作废，该场所可以再次抽取。",
    "commented": "意见已收到，转申请人答复。谢谢参与。",
    "late_entry": "已准予补录，请执法人员按该日期办理。",
    "backfill_opened": "专项补录已开立，请另一名督办人员或者机关负责人确认。",
    "backfill_confirmed": "专项补录已确认，可以录入了。",
    "backfill_closed": "专项补录已结束，没有使用的预留文号已作废。",
    "redaction_proposed": "已提出，等待机关负责人确认；确认以前什么都没有删除。",
    "redaction_returned": "提议已退回，什么都没有删除。",
    "redacted": "所选的个人信息已经删除，记入全过程记录。",
    "catalogue_confirmed": "新版本已确认并载入。",
    "catalogue_returned": "新版本已退回，没有载入。",
    "numbers_reserved": "文号已预留，并记入管理记录。",
    "backfill_entered": "已录入，等待第二人对照纸质文书复核。",
    "import_tried": "文件已收到，正在试运行：逐行核对，什么都不会写入。",
    "import_begun": "正式导入已开始。",
    "sent": "检查任务已下达给抽中的执法人员。",
    "post_added": "任职已登记，并记入管理记录。",
    "post_ended": "任职已终止，并记入管理记录。",
    "certificate_changed": "执法证件已变更，并记入管理记录。",
    "delegation_added": "授权已登记，并记入管理记录；经授权人本人确认后生效。",
    "delegation_confirmed": "授权已确认，自起始日期起生效。",
    "delegation_ended": "授权已终止，并记入管理记录。",
    "outlet_opened": "发送渠道已开通，并记入管理记录。",
    "outlet_tried": "网关已接受测试消息，请查看是否收到。",
    "pushed_again": "已排入推送，由下次运行发出。",
    "pushes_retried": "下次运行立即重试。",
    "outlet_closed": "发送渠道已停用，并记入管理记录。",
    "desk_address_opened": "岗位接收地址已登记，并记入管理记录。",
    "desk_address_closed": "岗位接收地址已停用，并记入管理记录。",
    "out": "您已退出登录。",
    "not_yours": "先前没有提交的内容只为原登录人保留两小时，现已清除。",
}
