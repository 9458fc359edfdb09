"""Forms of `commitment_check` 事后核查."""

from __future__ import annotations

import re
from datetime import date

from pydantic import Field

from rulebook.citations import Citation, citations
from state_machines.enforcement.exemption.forms import ViolationCode
from state_machines.language.fields import Blank, Form, LongText, Look, Reasoned, ShortText
from state_machines.language.step_names import StepName


class CheckTask(Form):
    """What is to be checked: opened by the grant."""

    place_name: ShortText = Field(title="单位（场所）名称")
    place_kind: ShortText = Field(title="经营项目")
    address: ShortText = Field(title="经营场所地址")
    licence_number: ShortText = Field(title="许可证编号")
    promised_on: date = Field(title="承诺日期")


class Inspection(Look):
    """核查记录."""


class Unreachable(Form):
    """无法联系: each try."""

    tries: list[ShortText] = Field(title="联系经过", min_length=1, max_length=10)


class OrderItem(Form):
    """One thing to put right."""

    clause: ShortText = Field(title="事项")
    requirement: LongText = Field(title="整改要求")


class RectificationOrder(Form):
    """责令改正."""

    items: list[OrderItem] = Field(title="整改内容", min_length=1, max_length=60)


class PenaltyReferral(Form):
    """另案处罚: what is to be punished beside the revocation, such as no licence any more."""

    violation: ViolationCode = Field(title="涉嫌案由")
    description: LongText = Field(title="违法事实")
    found_on: date = Field(title="发现日期")
    act_on: date = Field(title="违法行为发生日期（有连续、继续状态的，为终了日期）")
    harmed: bool = Field(title="是否造成危害后果", default=False)


class RevocationNotice(Form):
    """撤销许可事先告知: what is proposed, on what facts, basis and reasons."""

    facts: LongText = Field(title="查明的事实")
    basis: LongText = Field(title="法律依据")
    reasons: LongText = Field(title="理由")


class Revocation(Form):
    """撤销决定: facts, basis and reasons must be those that the review passed."""

    facts: LongText = Field(title="查明的事实")
    basis: LongText = Field(title="法律依据")
    reasons: LongText = Field(title="理由")
    major_public_harm: bool = Field(title="撤销是否可能对公共利益造成重大损害", default=False)


class Breach(Form):
    """不予撤销，认定失信: facts, basis, reasons as the review passed them, and why it is spared."""

    facts: LongText = Field(title="查明的事实")
    basis: LongText = Field(title="法律依据")
    reasons: LongText = Field(title="理由")
    spared_because: LongText = Field(title="不予撤销许可的理由")


def speaks_of_deceit(reason: str) -> bool:
    """Whether officers found that something was forged or got by deceit."""
    return bool(_DECEIT.search(_NO_DECEIT.sub("", reason)))


# Steps that other code refers to, with what is filled in at them.
INSPECT = StepName("inspect", Inspection)
RECORD_UNREACHABLE = StepName("record_unreachable", Unreachable)
RECHECK = StepName("recheck", Inspection)
REFER_PENALTY = StepName("refer_penalty", PenaltyReferral)
NOTIFY_REVOCATION = StepName("notify_revocation", RevocationNotice)
REVOKE = StepName("revoke", Revocation)
FIND_KEPT = StepName("find_kept", Blank)
FIND_FALSE = StepName("find_false", Reasoned)
FIND_BROKEN = StepName("find_broken", Reasoned)
ORDER_RECTIFICATION = StepName("order_rectification", RectificationOrder)
SPARE = StepName("spare", Reasoned)
RECORD_BREACH = StepName("record_breach", Breach)

_FRAUD = Citation("行政许可法", "第六十九条", "第二款")
_DECEIT = re.compile("伪造|变造|篡改|冒用|欺骗|骗取|贿赂")
_NO_DECEIT = re.compile(
    r"(?:没有|未见?|不是|并非|不属于|不构成|不存在|无|尚?不能认定)"
    rf"(?:发现|以|证据|证明|系|是|存在)*(?:{_DECEIT.pattern})"
)


def names_fraud(basis: str) -> bool:
    """Whether a notice or decision rests on fraud or bribery (许可法69第二款), and not on what is
    revoked for another reason."""
    return any(cited.is_within(_FRAUD) for cited in citations(basis))
