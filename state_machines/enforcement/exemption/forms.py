"""Forms of `first_offence_exemption` 首违不罚·轻微免罚."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from state_machines.language.fields import (
    ClauseResult,
    Confirmed,
    Form,
    LongText,
    ShortText,
)
from state_machines.language.step_names import StepName

Money = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,2})?$")]
ViolationCode = Annotated[str, Field(pattern=r"^[A-Za-z]{2}[0-9]{3}$")]
ListKey = Annotated[str, Field(max_length=60)]


class ViolationNamed(Form):
    """What every form has that names a violation (案由)."""

    violation: ViolationCode = Field(title="案由")


class LeadSource(StrEnum):
    """Where a lead comes from (线索来源)."""

    CHECK = "监督检查"
    COMPLAINT = "投诉举报"
    ASSIGNED = "上级交办"
    TRANSFERRED = "其他机关移送"
    MONITORED = "监测或者检验发现"


class Lead(Form):
    """违法线索: what seems to have happened, and how it came to be known."""

    source: LeadSource = Field(title="线索来源")
    reference: Annotated[str, Field(max_length=200)] = Field(
        title="来源编号（检查记录、举报编号）", default=""
    )
    violation: ViolationCode = Field(title="涉嫌案由")
    description: LongText = Field(title="线索内容")
    found_on: date = Field(title="发现日期")
    act_on: date = Field(title="违法行为发生日期（有连续、继续状态的，为终了日期）")
    harmed: bool = Field(title="是否造成危害后果", default=False)
    place_name: Annotated[str, Field(max_length=200)] = Field(title="发生场所", default="")
    address: Annotated[str, Field(max_length=200)] = Field(title="场所地址", default="")


class Filing(Form):
    """立案报批: the handlers, by account, and what speaks for a case."""

    handlers: list[ShortText] = Field(
        title="承办人（账号）",
        min_length=2,
        max_length=4,
        json_schema_extra={"uniqueItems": True},
    )
    facts: LongText = Field(title="案情摘要")
    basis: LongText = Field(title="立案依据")


class Opinion(Form):
    """负责人审批意见."""

    opinion: LongText = Field(title="审批意见")


class NotFiledGround(StrEnum):
    """Why there is no case (不予立案)."""

    NOT_UNLAWFUL = "不构成违法行为"
    TIME_BARRED = "已超过追责期限"
    NOT_OURS = "不属于本机关管辖"
    NO_EVIDENCE = "没有证据证明有违法事实"


class NotFiled(Form):
    """不予立案."""

    ground: NotFiledGround = Field(title="不予立案的情形")
    reason: LongText = Field(title="理由")


class EvidenceItem(Form):
    """One thing that proves something."""

    item: ShortText = Field(title="证据")
    proves: ShortText = Field(title="证明内容")


class Investigation(Form):
    """调查情况."""

    facts: LongText = Field(title="查明的事实")
    evidence: list[EvidenceItem] = Field(title="证据", min_length=1, max_length=40)
    statement: LongText = Field(title="当事人的陈述")


class OrderedItem(Form):
    """One thing to put right."""

    clause: ShortText = Field(title="事项")
    requirement: LongText = Field(title="改正要求")


class CorrectionOrder(Form):
    """责令改正: what, and until when."""

    items: list[OrderedItem] = Field(title="改正内容", min_length=1, max_length=30)
    facts: LongText = Field(title="违法事实")
    until: date = Field(title="改正期限（含当日）")


class SpotCorrection(Form):
    """当场改正: what was ordered on the spot, and seen to be put right."""

    facts: LongText = Field(title="查明的违法事实")
    items: list[OrderedItem] = Field(title="责令改正的内容", min_length=1, max_length=30)
    corrected: LongText = Field(title="当场改正情况")
    statement: LongText = Field(title="当事人的陈述")
    present: ShortText = Field(title="在场的当事人或者其代表")
    evidence: list[EvidenceItem] = Field(title="证据", min_length=1, max_length=40)


class CorrectionReport(Form):
    """改正情况报告."""

    statement: LongText = Field(title="改正情况")


class Recheck(Form):
    """复查: what has become of each thing ordered, and when it was put right."""

    results: list[ClauseResult] = Field(title="逐项结果", min_length=1, max_length=30)
    corrected_on: date = Field(title="改正完成日期")
    summary: LongText = Field(title="复查结论")


class NotCorrected(Form):
    """逾期未改."""

    results: list[ClauseResult] = Field(title="逐项结果", min_length=1, max_length=30)
    refused: bool = Field(title="当事人明确拒绝改正", default=False)
    summary: LongText = Field(title="复查结论")


class Harm(StrEnum):
    """What the act led to (危害后果)."""

    NONE = "没有造成危害后果"
    SLIGHT = "危害后果轻微"
    SERIOUS = "危害后果较重"


class MinorChecklist(Form):
    """轻微不罚核对表: 违法行为轻微并及时改正，没有造成危害后果（处罚法33）."""

    slight: bool = Field(title="违法行为轻微")
    slight_reasons: LongText = Field(title="认定轻微的理由（性质、情节、持续时间）")
    harm: Harm = Field(title="危害后果")
    harm_reasons: LongText = Field(title="认定危害后果的理由")
    listed: ListKey = Field(title="不予处罚清单事项（未列入的不填）", default="")


class FirstChecklist(Form):
    """首违不罚核对表: 初次违法且危害后果轻微并及时改正（处罚法33）."""

    searched: list[ShortText] = Field(title="已查询的登记、平台", min_length=1, max_length=10)
    recorded_elsewhere: bool = Field(title="查询到其他同类违法记录")
    harm: Harm = Field(title="危害后果")
    harm_reasons: LongText = Field(title="认定危害后果的理由")
    listed: ListKey = Field(title="首违不罚清单事项（未列入的不填）", default="")
    reasons: LongText = Field(title="可以不予处罚的理由")


class NoFaultChecklist(Form):
    """无主观过错核对表: 当事人有证据足以证明没有主观过错（处罚法33）."""

    proof: LongText = Field(title="当事人提交的证据")
    duties: LongText = Field(title="当事人履行注意义务的情况")
    proved: bool = Field(title="足以证明没有主观过错")
    reasons: LongText = Field(title="认定的理由")


class OtherGround(StrEnum):
    """Other grounds of 处罚法30, 31, 36, 57 on which nobody is punished."""

    CHILD = "不满十四周岁（第三十条）"
    INCAPABLE = "不能辨认或者不能控制自己行为（第三十一条）"
    TIME_BARRED = "超过追责期限（第三十六条）"
    UNPROVEN = "违法事实不能成立（第五十七条）"


class OtherChecklist(Form):
    """其他法定不予处罚情形核对表."""

    ground: OtherGround = Field(title="法定情形")
    evidence: LongText = Field(title="认定的证据")
    act_on: date | None = Field(title="查明的行为终了日期（与线索不同的填写）", default=None)
    guardian: Annotated[str, Field(max_length=200)] = Field(
        title="监护人（第三十条、第三十一条的填写）", default=""
    )


class Proposal(Form):
    """不予处罚建议: the act, and the fine that there would have been (免罚金额)."""

    violation: ViolationCode = Field(title="认定的案由")
    facts: LongText = Field(title="违法事实")
    evidence: LongText = Field(title="证据")
    stage: Literal["at_once", "uncorrected", "grave"] = Field(title="罚款幅度的情形")
    weight: Literal["lighter", "standard", "heavier"] = Field(title="裁量档")
    illegal_income: Money = Field(title="违法所得（元）", default="0")
    would_be_fine: Money = Field(title="免罚金额（元）")
    reasons: LongText = Field(title="不予处罚的理由")


class Decision(Form):
    """不予处罚的审批."""

    opinion: LongText = Field(title="审批意见")


class Education(Form):
    """教育: always (处罚法33)."""

    taught: ShortText = Field(title="受教育人")
    position: ShortText = Field(title="受教育人的职务或者与当事人的关系")
    content: LongText = Field(title="教育内容")
    response: LongText = Field(title="受教育人的意见")
    pledged: bool = Field(title="签署守法承诺书", default=True)


class Revisit(Form):
    """回访."""

    results: list[ClauseResult] = Field(title="逐项结果", min_length=1, max_length=30)
    opinion: LongText = Field(title="当事人的意见和建议")
    summary: LongText = Field(title="回访结论")


class Conversion(Form):
    """转行政处罚: why there is no exemption."""

    reason: LongText = Field(title="不适用不予处罚的理由")


class Termination(Form):
    """终止: the party is no more."""

    ground: Literal["当事人死亡", "当事人终止且没有权利义务承受人"] = Field(title="终止的情形")
    evidence: LongText = Field(title="证明材料")


class Closing(Form):
    """结案."""

    filed: Confirmed = Field(title="案卷材料齐全，已整理归档")


# Steps that other code refers to, with what is filled in at them.
FILE = StepName("file", Filing)
APPROVE_FILING = StepName("approve_filing", Opinion)
REFUSE_FILING = StepName("refuse_filing", NotFiled)
INVESTIGATE = StepName("investigate", Investigation)
ORDER_CORRECTION = StepName("order_correction", CorrectionOrder)
CORRECT_ON_THE_SPOT = StepName("correct_on_the_spot", SpotCorrection)
RECHECK = StepName("recheck", Recheck)
FIND_NOT_CORRECTED = StepName("find_not_corrected", NotCorrected)
CHECK_MINOR = StepName("check_minor", MinorChecklist)
CHECK_FIRST = StepName("check_first", FirstChecklist)
CHECK_NO_FAULT = StepName("check_no_fault", NoFaultChecklist)
CHECK_OTHER = StepName("check_other", OtherChecklist)
PROPOSE_EXEMPTION = StepName("propose_exemption", Proposal)
EXEMPT = StepName("exempt", Decision)
