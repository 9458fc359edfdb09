"""What requests may carry: the bodies, and the types their parts are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Header, Path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from casework.acts.backfilling import OnPaper
from casework.common import texts
from casework.common.codes import normalise

_DEEPEST = 20
_FIRST_YEAR, _LAST_YEAR = 1949, 2199


def _storable(text: str) -> str:
    """The text. Raises ValueError if it has control characters that cannot be kept."""
    if found := texts.unkept(text):
        raise ValueError(f"含有不能存档的控制字符（{found}）")
    return text


def _tidy(text: str) -> str:
    return _storable(texts.tidy(text))


def _shaped(value: Any, depth: int = 0) -> Any:
    """A form as it came in; its texts are for the form's judge (`casework.common.inputs`), who
    names the field. Raises ValueError if it is nested too deep or holds a number that is none."""
    if depth > _DEEPEST:
        raise ValueError("嵌套层次过深")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("数字应为有限的数")
    for item in value.values() if isinstance(value, Mapping) else ():
        _shaped(item, depth + 1)
    for item in value if isinstance(value, list) else ():
        _shaped(item, depth + 1)
    return value


def _date_or_instant(value: Any) -> Any:
    """A date or an instant, from its text. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("应为日期（2026-01-05）或带时区的时间（2026-01-05T09:30:00+08:00）")
    try:
        given = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(
            "应为日期（2026-01-05）或带时区的时间（2026-01-05T09:30:00+08:00）"
        ) from None
    if not _FIRST_YEAR <= given.year <= _LAST_YEAR:
        raise ValueError(f"年份应在 {_FIRST_YEAR} 至 {_LAST_YEAR} 之间")
    return given


Text = Annotated[str, AfterValidator(_tidy), Field(max_length=400)]
Secret = Annotated[str, AfterValidator(_storable), Field(max_length=400)]
"""A password: letter by letter as it was typed."""
Given = Annotated[dict[str, Any], AfterValidator(_shaped)]
LegalDate = Annotated[date | datetime, BeforeValidator(_date_or_instant)]
Version = Annotated[int, Field(ge=0, lt=2**31)]
RowId = Annotated[int, Path(ge=1, lt=2**63)]
StoredId = Annotated[int, Field(ge=1, lt=2**63)]
CaseNumber = Annotated[
    str,
    AfterValidator(normalise),
    AfterValidator(_storable),
    Path(max_length=64, description="案件编号"),
]
IdempotencyKey = Annotated[
    str | None,
    AfterValidator(lambda key: key if key is None else _storable(key)),
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="同一标识的请求只办理一次，重复发送得到同样的答复",
    ),
]


class Body(BaseModel):
    """A request body refuses what it does not know."""

    model_config = ConfigDict(extra="forbid")


class LogIn(Body):
    """User name and password."""

    username: Text
    password: Secret


class NewAccount(Body):
    """Somebody who registers (注册). `id_kind` is id, passport, hmt_permit or foreign_pr; `phone` a
    mobile number."""

    name: Text
    id_kind: Text = "id"
    id_code: Text
    phone: Text
    username: Text
    password: Secret


class PasswordChange(Body):
    """The password that is, and the one that is to be."""

    old: Secret
    new: Secret


class FirmAsked(Body):
    """A firm by its 统一社会信用代码, and for what one wants to act for it: file, promise,
    receive."""

    party: Text
    scope: list[Text] = Field(min_length=1, max_length=3)


class CodeEntered(Body):
    """A one-time code (验证码)."""

    code: Text


class AccountBound(Body):
    """An account, and the code (绑定码) that its holder shows."""

    username: Text
    code: Text


class Afterwards(Body):
    """Under which 专项补录 something is entered, the scan of its signed paper (an attachment of the
    case), and the numbers that its letters bear, by kind of document."""

    id: StoredId
    paper: StoredId | None = None
    numbers: dict[Text, Text] = Field(default_factory=dict, max_length=20)

    @property
    def said(self) -> OnPaper:
        """The same for the office."""
        return OnPaper(self.id, self.paper, self.numbers)


class Opening(Body):
    """A new case: its process, and the application form filled in.

    `party` is the code of the party it is for, needed if the account acts for several. A clerk at
    the counter gives the `mandate` of the representative or agent who is present. An old case on
    paper is opened under its `backfill`.
    """

    process: Text
    data: Given
    party: Text | None = None
    mandate: StoredId | None = None
    effective_at: LegalDate | None = None
    backfill: Afterwards | None = None


class Taking(Body):
    """A step: the version of the case it was decided on, and its form filled in.

    A clerk takes a party's step at the counter under the `mandate` of who is present. What was done
    on paper is entered afterwards under a `backfill`.
    """

    version: Version
    input: Given = Field(default_factory=dict)
    mandate: StoredId | None = None
    effective_at: LegalDate | None = None
    backfill: Afterwards | None = None


class Previewing(Body):
    """A step as it would be taken: its form filled in, for whom, and on which day."""

    input: Given = Field(default_factory=dict)
    mandate: StoredId | None = None
    effective_at: LegalDate | None = None


class Signing(Body):
    """A second signature: the version of the case that the first officer signed at."""

    version: Version


class LateEntry(Body):
    """Which step may be entered late, as of which day, and why."""

    step: Text
    on: date
    reason: Text


class SendingBack(Body):
    """Why the first officer's entry has to be made anew, and the version that it was made at."""

    version: Version
    reason: Text


class Registration(Body):
    """A party (当事人). `code_kind` is uscc, or a person's document: id, passport, hmt_permit or
    foreign_pr; `override_reason` lets a doubtful code stand."""

    code_kind: Text = "uscc"
    code: Text
    name: Text
    representative: Text
    address: Text
    phone: Text
    override_reason: Text | None = None


class Empowerment(Body):
    """Who acts for a party (授权): the person by a document of identity, and what the papers say.

    `id_kind` is id, passport, hmt_permit or foreign_pr; `capacity` representative or agent; `scope`
    of an agent lists file, promise, receive; `paper` is the scan that names a representative.
    """

    name: Text
    id_kind: Text = "id"
    id_code: Text
    capacity: Text
    scope: list[Text] = Field(default_factory=list, max_length=3)
    valid_from: date
    valid_to: date | None = None
    override_reason: Text | None = None
    paper: StoredId | None = None


class Correction(Body):
    """What a party's entry is to say, the whole of it; why, the day of the change in the papers,
    and the scan of them that was kept."""

    name: Text
    representative: Text
    address: Text
    phone: Text
    dissolved_on: date | None = None
    reason: Text
    effective_on: date
    paper: StoredId | None = None


class Ending(Body):
    """Why a mandate, or a draw, ends before its time."""

    reason: Text


class Turning(Body):
    """How to turn the demo's calendar: by days, or to a day or instant."""

    advance_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    to: LegalDate | None = None


class Chain(Body):
    """批量延续: which licences, and what is said for all of them alike."""

    licences: Annotated[list[Text], Field(min_length=1, max_length=50)]
    data: Given
    mandate: StoredId | None = None


class Stored(BaseModel):
    """What was stored, by the id of its row."""

    id: int


class Together(Body):
    """集中修复: which step of which repairs, and what is said for all of them alike."""

    step: Text
    cases: Annotated[list[Text], Field(min_length=1, max_length=200)]
    data: Given = Field(default_factory=dict)


class Published(Body):
    """When entries of the ledger were published, or taken down, through one channel."""

    entries: Annotated[
        list[StoredId],
        Field(min_length=1, max_length=200, description="公示事项编号"),
    ]
    channel: Text = Field(description="公示渠道")
    on: date = Field(description="公示（撤下）日期；超过录入期限的，以登记当日为准")
    receipt: Text = Field(default="", description="该渠道的回执或者截图，先行上传后得到的校验值")


class Receipt(BaseModel):
    """The scan of a channel's receipt that was stored, by its SHA-256."""

    receipt: str


class DutyRest(Body):
    """Why a duty is to rest."""

    because: Text = Field(min_length=1, description="暂停的原因")


class StandingAside(Body):
    """An officer who was drawn and stands aside (回避)."""

    officer: Text = Field(min_length=1, description="回避的执法人员（账号）")
    reason: Text = Field(min_length=1, description="回避理由")
