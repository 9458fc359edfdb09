"""Forms of collecting a fine (执行、结案): payment, more time, urging, court, closing."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from state_machines.enforcement.exemption.forms import Money
from state_machines.language.fields import Blank, Confirmed, Form, LongText, ShortText
from state_machines.language.step_names import StepName


class PaymentWay(StrEnum):
    """How a fine is paid (处罚法67至69): whoever decides does not collect."""

    BANK = "到指定银行缴纳"
    ELECTRONIC = "通过电子支付系统缴纳"
    ON_THE_SPOT = "执法人员当场收缴"


class Payment(Form):
    """缴款登记: by the voucher of the bank."""

    way: PaymentWay = Field(title="缴款方式")
    amount: Money = Field(title="缴款金额（元）")
    on: date = Field(title="缴款日期")
    voucher: ShortText = Field(title="缴款凭证（票据）号")


class PaymentCorrection(Form):
    """更正缴款登记: which entry is wrong, and what is right. It is a row of its own; the wrong one
    stays in the log. A sum of nothing says that the payment is not of this case."""

    voucher: ShortText = Field(title="登记有误的缴款凭证（票据）号")
    amount: Money = Field(title="正确的缴款金额（元；不是本案缴款的填0）")
    on: date = Field(title="正确的缴款日期")
    right_voucher: Annotated[str, Field(max_length=200)] = Field(
        title="正确的凭证号（没有错的不填）", default=""
    )
    reason: LongText = Field(title="更正的理由和依据（银行回单、对账单等）")


class Performance(Form):
    """履行登记, where no money is owed."""

    proof: LongText = Field(title="履行情况和证明")


class TimeRequest(Form):
    """延期、分期缴纳申请（处罚法66）."""

    reason: LongText = Field(title="经济困难的事实和理由")
    plan: LongText = Field(title="申请的延期期限或者分期计划")


class Part(Form):
    """One instalment."""

    due: date = Field(title="缴纳期限（含当日）")
    amount: Money = Field(title="金额（元）")


class Plan(Form):
    """准予分期缴纳: the parts, in order, the last of them due on `until`."""

    parts: list[Part] = Field(title="分期计划", min_length=2, max_length=24)
    until: date = Field(title="最后一期的缴纳期限")
    reason: LongText = Field(title="批准理由")


class Deferral(Form):
    """准予延期缴纳."""

    until: date = Field(title="延期至（含当日）")
    reason: LongText = Field(title="批准理由")


class Remission(StrEnum):
    """How much of the late fee an agreement remits (减免加处罚款)."""

    NONE = "不减免"
    ALL = "全部减免"
    PART = "减免一部分"


class ExecutionAgreement(Form):
    """执行协议（强制法42）: the fine in parts, and what of the late fee is remitted to a party that
    has mended matters. Whatever is not agreed on stays as it is."""

    paper: ShortText = Field(title="双方签章的执行协议书（证据登记中的名称）")
    parts: list[Part] = Field(
        title="分阶段履行计划（只减免的不填）", max_length=24, default_factory=list
    )
    remission: Remission = Field(title="减免加处罚款", default=Remission.NONE)
    remit: Annotated[str, Field(pattern=r"^([0-9]{1,12}(\.[0-9]{1,2})?)?$")] = Field(
        title="减免一部分的，减免多少（元）", default=""
    )
    remedy: Annotated[str, Field(max_length=2000)] = Field(
        title="当事人采取的补救措施（减免的必填，写明证据登记中的证明材料）", default=""
    )
    lapses: bool = Field(title="约定任何一期逾期的，减免失效", default=False)
    harmless: Confirmed = Field(title="协议不损害公共利益和他人合法权益")


class Account(Form):
    """出具罚没款缴纳情况清单."""

    on: date = Field(title="截至日期（含当日）")


class RefundMade(Form):
    """登记退还: what was paid too much has been given back."""

    amount: Money = Field(title="退还金额（元）")
    on: date = Field(title="退还日期")
    voucher: ShortText = Field(title="退还凭证（票据）号")
    account: ShortText = Field(title="退至（户名、账号）")


class Urging(Form):
    """催告（强制法35、54）."""

    duty: LongText = Field(title="应当履行的义务、期限和方式")


class CourtApplication(Form):
    """申请强制执行（强制法53、55）."""

    claims: LongText = Field(title="申请执行的事项")
    property: LongText = Field(title="被执行人的财产状况")


class ExecutionTransfer(Form):
    """移送复议机关强制执行（复议法78）: what it varied is its own to enforce."""

    kind: Literal["复议变更的处罚由复议机关强制执行"] = Field(
        title="移送的情形", default="复议变更的处罚由复议机关强制执行"
    )
    to: ShortText = Field(title="复议机关")
    reason: LongText = Field(title="当事人不履行的事实和催告情况")
    materials: LongText = Field(title="移送的材料")


class Execution(Form):
    """执行完毕: what the court recovered."""

    amount: Money = Field(title="执行到位金额（元）")
    on: date = Field(title="执行完毕日期")
    ruling: ShortText = Field(title="法院执行案号、文书")


class ExecutionPauseGround(StrEnum):
    """Why execution rests (强制法39)."""

    UNABLE = "当事人履行确有困难或者暂无履行能力"
    THIRD = "第三人对执行标的主张权利，确有理由"
    IRREPARABLE = "执行可能造成难以弥补的损失，且中止执行不损害公共利益"
    OTHER = "行政机关或者人民法院认为需要中止执行的其他情形"


class ExecutionPause(Form):
    """中止执行."""

    ground: ExecutionPauseGround = Field(title="中止执行的情形")
    evidence: LongText = Field(title="证明材料")


class ExecutionEndGround(StrEnum):
    """Why execution ends for good (强制法39, 40)."""

    DEAD = "公民死亡，无遗产可供执行，又无义务承受人"
    DISSOLVED = "法人或者其他组织终止，无财产可供执行，又无义务承受人"
    OBJECT = "执行标的灭失"
    REVOKED = "据以执行的行政决定被撤销"
    THREE_YEARS = "中止执行满三年未恢复执行，当事人确无能力履行"
    OTHER = "行政机关或者人民法院认为需要终结执行的其他情形"


class ExecutionEnd(Form):
    """终结执行."""

    ground: ExecutionEndGround = Field(title="终结执行的情形")
    evidence: LongText = Field(title="证明材料")


class Closing(Form):
    """结案报告."""

    performance: LongText = Field(title="处罚的执行情况")
    corrected: LongText = Field(title="违法行为的改正情况")
    opinion: LongText = Field(title="承办人结案意见")


class Archiving(Form):
    """归档."""

    volume: ShortText = Field(title="案卷号")
    pages: Annotated[int, Field(ge=1, le=9999)] = Field(title="页数")
    complete: Confirmed = Field(title="案卷材料齐全，已按规定整理归档")


# Steps that other code refers to, with what is filled in at them.
RECORD_PAYMENT = StepName("record_payment", Payment)
PAY_INSTALMENT = StepName("pay_instalment", Payment, former=True)
PAY_LAST_INSTALMENT = StepName("pay_last_instalment", Payment, former=True)
CORRECT_PAYMENT = StepName("correct_payment", PaymentCorrection)
ASK_FOR_TIME = StepName("ask_for_time", TimeRequest)
DEFER_PAYMENT = StepName("defer_payment", Deferral)
GRANT_INSTALMENTS = StepName("grant_instalments", Plan)
LAPSE_DEFERRAL = StepName("lapse_deferral", Blank)
MISS_INSTALMENT = StepName("miss_instalment", Blank)
MAKE_AGREEMENT = StepName("make_agreement", ExecutionAgreement)
RECORD_REFUND = StepName("record_refund", RefundMade)
DRAW_UP_ACCOUNT = StepName("draw_up_account", Account)
RECORD_EXECUTION = StepName("record_execution", Execution)
END_EXECUTION = StepName("end_execution", ExecutionEnd)
URGE = StepName("urge", Urging)
APPLY_TO_COURT = StepName("apply_to_court", CourtApplication)
HAND_OVER_EXECUTION = StepName("hand_over_execution", ExecutionTransfer)
CLOSE = StepName("close", Closing)
