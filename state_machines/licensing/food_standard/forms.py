"""Forms of `food_standard` 食品安全企业标准备案."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from state_machines.language.fields import Form, LongText, Note, Phone, Reasoned, ShortText
from state_machines.language.step_names import StepName
from state_machines.parts.public_notice.forms import Noticed, Revised

__all__ = ["Annulment", "Application", "Cancellation", "Note", "Revision", "StrikingOff"]

# 企业标准编号: Q/, the firm's own code, four digits and S, the year.
_NUMBER = "Q/、企业代号、四位顺序号、S、-、年号，例如 Q/NTJH0001S-2026"
StandardNumber = Annotated[str, Field(pattern=r"^Q/[A-Z0-9]{2,12}[0-9]{4}S-[0-9]{4}$")]


class StricterThan(StrEnum):
    """What the standard is stricter than: no other standard of a firm is filed (食品安全法30)."""

    NATIONAL = "食品安全国家标准"
    LOCAL = "食品安全地方标准"


class StricterLimit(Form):
    """One limit in which the standard is stricter."""

    item: ShortText = Field(title="项目（指标）")
    required: ShortText = Field(title="国家标准（地方标准）的规定")
    own: ShortText = Field(title="本企业标准的规定")


class Application(Noticed):
    """食品安全企业标准备案登记表."""

    title: ShortText = Field(title="企业标准名称")
    number: StandardNumber = Field(title="企业标准编号", description=_NUMBER)
    products: ShortText = Field(title="适用的食品", description="例如 酿造酱油")
    stricter_than: StricterThan = Field(
        title="严于", description="只有严于国家标准或者地方标准的企业标准需要备案"
    )
    compared_with: ShortText = Field(
        title="对照的标准（名称和编号）", description="例如 GB 2717-2018《食品安全国家标准 酱油》"
    )
    stricter: list[StricterLimit] = Field(
        title="严于的项目（指标）",
        description="每个项目填写一行，全部内容写在标准文本和编制说明中",
        min_length=1,
        max_length=60,
    )
    place_name: ShortText = Field(title="生产单位（场所）名称", description="实施本标准的生产单位")
    premises_kind: ShortText = Field(title="生产场所类别", default="食品生产企业")
    region: Annotated[str, Field(pattern=r"^[0-9]{6}$")] = Field(
        title="所在区（行政区划代码）", description="由生产场所所在区的机关办理"
    )
    address: ShortText = Field(title="生产场所地址", description="写到门牌号")
    contact_name: ShortText = Field(title="联系人")
    contact_phone: Phone = Field(title="联系电话")
    # Until when it is on file: written by the step that records it.
    valid_until: date | None = Field(
        title="备案有效期至", default=None, json_schema_extra={"readOnly": True}
    )


class Revision(Revised):
    """企业标准修订（复审）备案."""

    title: ShortText = Field(title="修订后的企业标准名称")
    number: StandardNumber = Field(title="修订后的企业标准编号", description=_NUMBER)


class Cancellation(Reasoned):
    """企业注销备案."""


class StrikingOff(Form):
    """注销已经终止的企业的备案."""

    evidence: LongText = Field(title="企业已经终止的依据（注销登记的文书和日期）")


class Annulment(Form):
    """撤销备案: which papers were false, and what its firm said to that."""

    material: ShortText = Field(title="虚假的备案材料")
    facts: LongText = Field(title="查明的事实和证据")
    basis: LongText = Field(title="依据")
    considered: LongText = Field(title="听取陈述申辩和采纳的情况")


# Steps that other code refers to, with what is filled in at them.
ANNUL_FILING = StepName("annul_filing", Annulment)
STRIKE_OFF = StepName("strike_off", StrikingOff)
