"""Forms of the evidence register (证据登记)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from state_machines.language.fields import Form, LongText, ShortText

OptionalText = Annotated[str, Field(max_length=1000)]


class Kind(StrEnum):
    """The eight kinds of evidence (处罚法46)."""

    DOCUMENT = "书证"
    THING = "物证"
    FOOTAGE = "视听资料"
    ELECTRONIC = "电子数据"
    WITNESS = "证人证言"
    STATEMENT = "当事人陈述"
    EXPERT = "鉴定意见"
    RECORD = "勘验笔录、现场笔录"


class Origin(StrEnum):
    """How it came to the authority."""

    COLLECTED = "执法人员收集、调取"
    SAMPLED = "执法人员抽样取证"
    DEVICE = "电子技术监控设备记录"
    PARTY = "当事人提交"
    WITNESS = "证人提供"
    EXPERT = "鉴定、检测机构出具"
    TRANSFERRED = "其他机关移送"


BY_OFFICERS = (Origin.COLLECTED, Origin.SAMPLED, Origin.DEVICE)


class Item(Form):
    """登记证据: an item, and how it was come by. A file is handed in beside it, or it is described.

    `collectors` are account names. What a device recorded is looked at by others afterwards."""

    kind: Kind = Field(title="证据种类")
    title: ShortText = Field(title="证据名称")
    origin: Origin = Field(title="来源")
    collectors: list[ShortText] = Field(
        title="收集（接收）人（账号）",
        min_length=1,
        max_length=6,
        json_schema_extra={"uniqueItems": True},
    )
    collected_on: date = Field(title="收集（接收）日期")
    place: ShortText = Field(title="收集（接收）地点")
    proves: LongText = Field(title="拟证明的事实")
    storage: ShortText = Field(title="存放地点")
    description: OptionalText = Field(title="实物描述（没有电子文件的必填）", default="")


class NewVersion(Item):
    """更换证据: the whole item as it now is, which version it takes the place of, and why."""

    replaces: int = Field(title="更换的版本", ge=1, le=10000)
    reason: LongText = Field(title="更换的原因")


class Withdrawal(Form):
    """撤回证据: what is withdrawn stays in the register, with the reason."""

    replaces: int = Field(title="撤回的版本", ge=1, le=10000)
    reason: LongText = Field(title="撤回的原因")


class Aspect(StrEnum):
    """What is looked at in a device's record (处罚法41)."""

    LEGAL = "法制审核"
    TECHNICAL = "技术审核"


class Review(Form):
    """审核监控设备记录: by somebody who did not collect it, as an act of that person's own."""

    replaces: int = Field(title="审核的版本", ge=1, le=10000)
    aspect: Aspect = Field(title="审核事项")
    opinion: Annotated[str, Field(min_length=10, max_length=2000)] = Field(
        title="审核意见（设备检定、设置地点、记录内容和过程是否合法、真实、清晰、完整、准确）"
    )


class EnteredFile(Form):
    """A file that came in beside an entry."""

    filename: str = Field(title="文件名")
    sha256: str = Field(title="SHA-256")


class Entry(Form):
    """What stands beside the form of an entry: which item it is about, and its file."""

    item: int | None = Field(title="证据编号", default=None)
    file: EnteredFile | None = Field(title="电子文件", default=None)


class Citing(Form):
    """The fields in which forms write down facts and what proves them, in words or as a list."""

    facts: str = Field(title="事实", default="")
    evidence: str = Field(title="证据", default="")
    proof: str = Field(title="证据", default="")
