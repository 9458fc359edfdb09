"""Forms of `code_change` 主体代码变更登记."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from state_machines.language.fields import Form, LongText, Reasoned, ShortText

__all__ = ["Claim", "Finding", "Reasoned"]


class Ground(StrEnum):
    """Why the same subject bears another code."""

    REISSUED = "登记机关换发统一社会信用代码"
    MERGED_CODES = "组织机构代码、注册号等并入统一社会信用代码"
    CORRECTED = "登记机关更正代码"
    PERSON = "公民身份号码更正（升位、重号更正）"


class Claim(Form):
    """变更登记表: which code the party bore before, and by which paper that is known."""

    old_code: ShortText = Field(title="变更前的代码")
    ground: Ground = Field(title="变更原因")
    changed_on: date = Field(title="变更（核准）日期")
    paper: ShortText = Field(title="证明文件名称和文号")


class Finding(Form):
    """核实意见."""

    opinion: LongText = Field(title="核实情况和意见")
