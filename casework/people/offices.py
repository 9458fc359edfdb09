"""The file in which an IT office writes down its authorities and people (机构和人员文件).

What each entry may say is here; `casework.people.settling` puts it into the database.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from casework.common import phones, texts
from casework.common.codes import CodeMalformed, doubts_about, normalise
from casework.common.problems import BadInput
from casework.people.accounts import USERNAME, username_of
from rulebook.models import RegionCode, in_chinese
from state_machines.language.vocabulary import Role

POST_ROLES = [role for role in Role if not role.automatic and role is not Role.APPLICANT]


def _role(name: str) -> str:
    """The role. Raises ValueError if there is none of that name."""
    if name not in POST_ROLES:
        known = "、".join(f"{role.value} {role.label}" for role in POST_ROLES)
        raise ValueError(f"没有职责“{name}”，可选：{known}")
    return name


def _in_form(brought: Callable[[str], str]) -> BeforeValidator:
    """What is no text is for the type to refuse."""
    return BeforeValidator(lambda given: brought(given) if isinstance(given, str) else given)


Line = Annotated[
    str,
    _in_form(texts.line),
    StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$"),
]
Phone = Annotated[str, AfterValidator(phones.canonical)]
Online = Annotated[str, StringConstraints(max_length=200, pattern=r"^https?://\S+$")]
AuthorityCode = Annotated[
    str, _in_form(texts.token), StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,9}$")
]
PostRole = Annotated[str, AfterValidator(_role)]
AccountName = Annotated[
    str, _in_form(username_of), StringConstraints(pattern=f"^{USERNAME.pattern}$")
]
PartyCode = Annotated[str, AfterValidator(normalise)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def called(cls, name: str) -> str:
        """What the file calls a field."""
        return cls.model_fields[name].alias or name


class _Dated(_Entry):
    """Holds from its first day to its last, both inside; with no last day, until further notice."""

    since: date = Field(alias="from")
    until: date | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _begins_first(self) -> Self:
        if self.until is not None and self.until < self.since:
            raise ValueError("截止日期 to 早于起始日期 from")
        return self


class AuthorityEntry(_Entry):
    """An authority; `code` begins its case numbers and tells it from others."""

    code: AuthorityCode
    name: Line
    short: Line
    region: Annotated[RegionCode, _in_form(texts.token)]
    matters: tuple[str, ...]
    address: Line
    phone: Phone
    reconsideration_body: Line
    reconsideration_online: Online
    court: Line


class PostEntry(_Dated):
    """A post, with the enforcement certificate 行政执法证件 or the law qualification 法律职业资格
    if its holder has one."""

    authority: AuthorityCode
    role: PostRole
    certificate: Line | None = None
    certificate_expires: date | None = None
    law_qualification: Line | None = None

    @model_validator(mode="after")
    def _has_its_certificate(self) -> Self:
        if (self.certificate is None) != (self.certificate_expires is None):
            raise ValueError("执法证号 certificate 和有效期 certificate_expires 应一并填写")
        if self.role == Role.INSPECTOR and self.certificate is None:
            raise ValueError("执法人员应填写执法证号 certificate（《行政处罚法》第四十二条）")
        return self


class DelegationEntry(_Dated):
    """A written delegation 首席代表授权 by a leader (`by`) to an officer of the window, with its
    number, the day on which it was signed, and what it covers (`process.step` each)."""

    authority: AuthorityCode
    account: AccountName
    by: AccountName
    number: Line
    signed_on: date
    until: date = Field(alias="to")
    scope: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_to_somebody_else(self) -> Self:
        if self.account == self.by:
            raise ValueError("不能授权给本人")
        if self.signed_on > self.since:
            raise ValueError("签署日期 signed_on 晚于起始日期 from")
        return self


class MandateEntry(_Dated):
    """For which party a person acts; an agent's `scope` is what the 授权委托书 covers."""

    party: PartyCode
    capacity: Literal["representative", "agent"]
    scope: tuple[Literal["file", "promise", "receive"], ...] = ()

    @model_validator(mode="after")
    def _agents_have_a_scope(self) -> Self:
        if (self.capacity == "agent") != bool(self.scope):
            raise ValueError("代理人 agent 应写明授权范围 scope，法定代表人不写")
        return self


class PartyEntry(_Entry):
    """A party 当事人 by its 统一社会信用代码 (`uscc`), or a person's document of identity."""

    code_kind: Literal["uscc", "id", "passport", "hmt_permit", "foreign_pr"]
    code: PartyCode
    code_override_reason: Line | None = None
    name: Line
    representative: Line
    address: Line
    phone: Phone

    @model_validator(mode="after")
    def _code_is_right(self) -> Self:
        try:
            doubts = doubts_about(self.code_kind, self.code)
        except CodeMalformed as error:
            raise ValueError(str(error)) from None
        if doubts and self.code_override_reason is None:
            raise ValueError(
                f"{'；'.join(doubts)}。核对无误的，用 code_override_reason 写明保留理由"
            )
        return self


class PersonEntry(_Entry):
    """A person by their account, which is never handed on to anybody else.

    `former_name` is the name known so far of a person whose name changed.
    """

    account: AccountName
    name: Line
    former_name: Line | None = None
    active: bool = True
    posts: tuple[PostEntry, ...] = ()
    mandates: tuple[MandateEntry, ...] = ()


class Offices(_Entry):
    """The whole file. It may be one authority's part of a larger installation."""

    authority: tuple[AuthorityEntry, ...] = ()
    party: tuple[PartyEntry, ...] = ()
    person: tuple[PersonEntry, ...] = ()
    delegation: tuple[DelegationEntry, ...] = ()

    @model_validator(mode="after")
    def _nothing_is_there_twice(self) -> Self:
        _once("机关 code", (entry.code for entry in self.authority))
        _once("当事人 code", (entry.code for entry in self.party))
        _once("账号 account", (entry.account for entry in self.person))
        return self


def read_offices(file: Path) -> Offices:
    """What the file says. Raises BadInput naming each entry and field that is wrong."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"读不到文件 {file}：{error.strerror}") from None
    except UnicodeDecodeError:
        raise BadInput(f"{file.name}：应为 UTF-8 编码") from None
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{file.name}：不是正确的 TOML：{error}") from None
    try:
        return Offices.model_validate(data)
    except ValidationError as error:
        errors = [
            {"field": _place(wrong["loc"], data), "text": in_chinese(wrong)}
            for wrong in error.errors()
        ]
    told = "\n".join(f"  {wrong['field'] or '整个文件'}：{wrong['text']}" for wrong in errors)
    raise BadInput(f"{file.name} 填写有误：\n{told}", errors)


def _once(what: str, names: Iterable[str]) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise ValueError(f"{what} 重复：{'、'.join(twice)}")


def _place(path: tuple[int | str, ...], data: Any) -> str:
    """Where in the file: person 第 2 项（li.wenjing） posts 第 1 项 role."""
    words: list[str] = []
    for part in path:
        if isinstance(part, int):
            data = data[part]
            name = (data.get("account") or data.get("code")) if isinstance(data, dict) else None
            words.append(f"第 {part + 1} 项" + (f"（{name}）" if name else ""))
        else:
            data = data.get(part) if isinstance(data, dict) else None
            words.append(part)
    return " ".join(words)
