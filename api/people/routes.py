"""Accounts (账号): registering one, its password, and whom it acts for."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter

from api.web.access import Member, TheOffice, Token
from api.web.bodies import CodeEntered, FirmAsked, NewAccount, PasswordChange
from api.web.documentation import problems
from casework.people import accounts, binding, mandates
from casework.people.accounts import AccountView
from casework.people.binding import CodeGiven, CodeSent
from casework.people.mandates import FirmView, MandateView

router = APIRouter(tags=["账号"])


@dataclass(frozen=True)
class Registered:
    """The account that was made; it may log in."""

    username: str


@router.post(
    "/accounts",
    status_code=201,
    summary="注册账号",
    description="所填姓名、证件只作登记，窗口核验身份证件、绑定账号之后才与本人已有的授权和案件关联。",
    responses=problems(422, 429),
)
def register_account(body: NewAccount, office: TheOffice) -> Registered:
    with office.database.session() as session:
        made = accounts.register(session, **body.model_dump(), now=office.time.now())
        return Registered(made.username)


@router.get("/me/account", summary="我的账号", responses=problems(401))
def my_account(actor: Member, office: TheOffice) -> AccountView:
    with office.database.session() as session:
        return accounts.account_of(session, actor)


@router.post(
    "/me/password",
    status_code=204,
    summary="修改密码",
    description="修改后，本账号在其他地方的登录一律失效。",
    responses=problems(401, 422, 429),
)
def change_password(body: PasswordChange, token: Token, actor: Member, office: TheOffice) -> None:
    with office.database.session() as session:
        accounts.change_password(session, actor, token, body.old, body.new)


@router.post(
    "/me/binding-code",
    status_code=201,
    summary="获取绑定码",
    description="在窗口出示，由窗口人员核对身份证件后录入，将账号绑定到本人。",
    responses=problems(401, 403, 422, 429),
)
def binding_code(actor: Member, office: TheOffice) -> CodeGiven:
    with office.database.session() as session:
        return binding.code_for_counter(office, session, actor)


@router.get("/me/firms", summary="我的单位", responses=problems(401))
def my_firms(actor: Member, office: TheOffice) -> tuple[FirmView, ...]:
    with office.database.session() as session:
        return mandates.firms_of(office, session, actor)


@router.post(
    "/me/firms",
    status_code=202,
    summary="申请绑定单位",
    description="向登记的单位联系电话发送验证码；单位同意委托的，将验证码告知申请人。",
    responses=problems(401, 403, 422, 429),
)
def ask_firm(body: FirmAsked, actor: Member, office: TheOffice) -> CodeSent:
    with office.database.session() as session:
        return binding.ask_firm(office, session, actor, body.party, body.scope)


@router.post(
    "/me/firms/confirmation",
    status_code=201,
    summary="确认绑定单位",
    description="录入单位联系人告知的验证码，取得该单位的授权。",
    responses=problems(401, 422, 429),
)
def confirm_firm(body: CodeEntered, actor: Member, office: TheOffice) -> MandateView:
    return binding.confirm_firm(office, actor, body.code)
