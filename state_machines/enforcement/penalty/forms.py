"""Forms of `penalty` 行政处罚: from the lead to the decision."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field
from pydantic.config import JsonDict

from state_machines.enforcement.exemption import forms as exemption
from state_machines.language.fields import Form, LongText, ShortText
from state_machines.language.step_names import StepName
from state_machines.parts.approvals.forms import Proposal, Reconsidered
from state_machines.parts.remedies import forms as remedies

__all__ = [
    "CorrectionOrder",
    "Decision",
    "HandOver",
    "InvestigationReport",
    "JudgedVariation",
    "Lead",
    "Opinion",
    "PanelOpinion",
    "Reconsideration",
    "Release",
    "Sentence",
    "Suspension",
    "Transfer",
    "Variation",
]

CorrectionOrder = exemption.CorrectionOrder
Opinion = exemption.Opinion

Note = Annotated[str, Field(max_length=1000)]


# Only the case that hands this one over says so.
_HANDED_OVER: JsonDict = {"readOnly": True}


class Lead(exemption.Lead):
    """违法线索, or what another case of the authority hands over with its own filing date."""

    filed_on: date = Field(title="线索登记日期（其他案件转来的，为原立案日期）")
    origin: Annotated[str, Field(max_length=60)] = Field(
        title="转来的案件", default="", json_schema_extra=_HANDED_OVER
    )
    evidence_note: Note = Field(title="随案移交的证据", default="", json_schema_extra=_HANDED_OVER)
    extended: bool = Field(
        title="办案期限已在转来的案件中延长", default=False, json_schema_extra=_HANDED_OVER
    )


class HandOver(Form):
    """移交承办: from now on these officers have the case."""

    handlers: list[ShortText] = Field(
        title="承办人（账号）",
        min_length=2,
        max_length=4,
        json_schema_extra={"uniqueItems": True},
    )
    reason: LongText = Field(title="移交理由")


class SuspensionGround(StrEnum):
    """Why an investigation cannot go on for now (中止调查)."""

    AWAITED = "须以另一案件的裁判或者处理结果为依据"
    MISSING = "当事人或者主要证人下落不明，案件事实无法查明"
    FORCE = "因不可抗力不能调查"
    INTERPRETATION = "适用法律须请有权机关解释或者确认"


class Suspension(Form):
    """中止调查."""

    ground: SuspensionGround = Field(title="中止的情形")
    reason: LongText = Field(title="理由")


class TransferKind(StrEnum):
    """To whom a case goes that is not this authority's to decide (移送)."""

    CRIME = "涉嫌犯罪，移送司法机关"
    JURISDICTION = "不属于本机关管辖，移送有管辖权的机关"
    OFFICE = "涉嫌职务违法，移送监察机关"


class Transfer(Form):
    """移送函: to whom, why, with what."""

    kind: TransferKind = Field(title="移送的情形")
    to: ShortText = Field(title="受移送机关")
    reason: LongText = Field(title="移送的事实和理由")
    materials: LongText = Field(title="移送的材料")


class Transferred(Form):
    """移送办结: how it came to whom it was handed over to."""

    received: LongText = Field(title="受移送机关签收、接收的情况")


class CrimeReferral(Form):
    """移送司法机关（处罚法27）: the case waits for what criminal justice makes of it."""

    kind: Literal["涉嫌犯罪，移送司法机关"] = Field(
        title="移送的情形", default="涉嫌犯罪，移送司法机关"
    )
    to: ShortText = Field(title="受移送的司法机关")
    reason: LongText = Field(title="涉嫌犯罪的事实和理由")
    materials: LongText = Field(title="移送的材料")


class JusticeReceipt(Form):
    """司法机关签收: the receipt of the letter that sent the case there (国令310号)."""

    authority: ShortText = Field(title="签收的司法机关")
    on: date = Field(title="签收日期")


class JusticeOutcome(StrEnum):
    """Why criminal justice gives a case back (处罚法27)."""

    NOT_FILED = "公安机关不予立案或者撤销案件"
    NOT_PROSECUTED = "人民检察院决定不起诉"
    NOT_PUNISHED = "人民法院判决免予刑事处罚"
    NO_CRIME = "人民法院判决无罪"


class Returned(Form):
    """司法机关移送回: no crime is pursued, and a penalty may still be due."""

    outcome: JusticeOutcome = Field(title="司法机关的处理")
    authority: ShortText = Field(title="司法机关")
    number: ShortText = Field(title="文书文号")
    on: date = Field(title="收到移送回的日期")
    paper: ShortText = Field(title="司法机关文书（证据登记中的名称）")


class Convicted(Form):
    """司法机关追究刑事责任: the case ends here."""

    authority: ShortText = Field(title="司法机关")
    number: ShortText = Field(title="判决等文书文号")
    result: LongText = Field(title="追究刑事责任的情况")
    paper: ShortText = Field(title="司法机关文书（证据登记中的名称）")


class InvestigationReport(Form):
    """案件调查终结报告."""

    facts: LongText = Field(title="查明的违法事实")
    evidence: list[exemption.EvidenceItem] = Field(title="证据", min_length=1, max_length=40)
    statement: LongText = Field(title="当事人的陈述")
    suggestion: LongText = Field(title="处理建议")


class Aggravation(StrEnum):
    """What makes a penalty heavier (从重)."""

    REPEATED = "屡教不改"
    UNCORRECTED = "责令改正后逾期不改正"
    HARM = "造成较重危害后果"
    OBSTRUCTION = "妨碍、逃避或者抗拒执法检查"
    EMERGENCY = "在突发事件期间实施"


class Mitigation(StrEnum):
    """What makes a penalty lighter, or lower than its range (从轻、减轻, 处罚法32)."""

    REMOVED = "主动消除或者减轻违法行为危害后果"
    COERCED = "受他人胁迫或者诱骗实施违法行为"
    CONFESSED = "主动供述行政机关尚未掌握的违法行为"
    MERIT = "配合行政机关查处违法行为有立功表现"
    MINOR = "已满十四周岁不满十八周岁"
    LISTED = "列入从轻、减轻处罚清单"
    OTHER = "法律、法规、规章规定的其他情形"


class Sentencing(Form):
    """裁量: which violation, which step of discretion, what speaks for more or less."""

    violation: exemption.ViolationCode = Field(title="认定的案由")
    stage: Literal["at_once", "uncorrected", "grave"] = Field(title="罚款幅度的情形")
    weight: Literal["reduced", "lighter", "standard", "heavier"] = Field(title="裁量档")
    illegal_income: exemption.Money = Field(title="违法所得（元）", default="0")
    departure: Note = Field(title="不按裁量档处罚的理由（在法定幅度内）", default="")
    aggravations: list[Aggravation] = Field(
        title="从重情节", default=[], max_length=5, json_schema_extra={"uniqueItems": True}
    )
    mitigations: list[Mitigation] = Field(
        title="从轻、减轻情节", default=[], max_length=7, json_schema_extra={"uniqueItems": True}
    )
    circumstances: Note = Field(title="认定上述情节的事实和证据", default="")
    gravity: Note = Field(title="认定情节严重（拒绝监督等）的事实和证据", default="")
    incapable: bool = Field(title="当事人不能辨认或者不能控制自己行为", default=False)


class Sentence(Proposal, Sentencing):
    """拟给予的处罚, as opinion and notice carry it."""


class PanelOpinion(Sentence):
    """合议: the handlers' joint opinion."""

    members: ShortText = Field(title="合议人员")
    discussion: LongText = Field(title="合议经过和意见")


class Reconsideration(Reconsidered, Sentencing):
    """复核: what became of statement, defence and hearing, and what is proposed now."""


class Decision(Sentence):
    """行政处罚决定: with its class for credit repair, and what is left to perform."""

    publicity: Literal["minor", "general", "serious"] = Field(title="失信信息类别")
    shown: bool = Field(title="予以公示（仅警告、通报批评的不公示）", default=True)
    outstanding: Annotated[str, Field(max_length=200)] = Field(
        title="修复信用须先履行的义务", default="缴清罚没款"
    )


# On which ground a release rests on no proof.
UNPROVED = "违法事实不能成立（第五十七条第一款第三项）"


class ReleaseArticle(StrEnum):
    """By which article there is no penalty, where it is none of the first two grounds."""

    NONE = ""
    CHILD = "第三十条（不满十四周岁）"
    INCAPABLE = "第三十一条（不能辨认或者不能控制自己行为）"
    FIRST = "第三十三条第一款（初次违法且危害后果轻微并及时改正）"
    NO_FAULT = "第三十三条第二款（有证据足以证明没有主观过错）"
    TIME_BARRED = "第三十六条（超过追责期限）"


# The ground that names no article by itself.
OTHERWISE = "依法不予行政处罚的其他情形（第三十条、第三十一条、第三十三条、第三十六条）"


class Release(Form):
    """不予行政处罚: why there is none after all."""

    ground: Literal[
        "违法行为轻微，依法可以不予行政处罚（第五十七条第一款第二项）",
        "违法事实不能成立（第五十七条第一款第三项）",
        "依法不予行政处罚的其他情形（第三十条、第三十一条、第三十三条、第三十六条）",
    ] = Field(title="不予处罚的情形")
    article: ReleaseArticle = Field(
        title="适用的条款（选择“其他情形”的必填）", default=ReleaseArticle.NONE
    )
    facts: LongText = Field(title="查明的事实和证据")
    reasons: LongText = Field(title="不予处罚的理由和依据")


class Reclassed(Form):
    """The class of the credit record where it is another one now."""

    publicity: Literal["minor", "general", "serious"] | None = Field(
        title="失信信息改列类别（不变的不选）", default=None
    )


class Variation(Reclassed, remedies.Variation):
    """复议变更."""


class JudgedVariation(Reclassed, remedies.JudgedVariation):
    """裁判变更."""


# Steps that other code refers to, with what is filled in at them.
SEND_TRANSFER = StepName("send_transfer", Transfer)
TRANSFER = StepName("transfer", Transferred)
HAND_OVER = StepName("hand_over", HandOver)
CLOSE_INVESTIGATION = StepName("close_investigation", InvestigationReport)
REFER_CRIME = StepName("refer_crime", CrimeReferral)
RECORD_JUSTICE_RECEIPT = StepName("record_justice_receipt", JusticeReceipt)
TAKE_BACK = StepName("take_back", Returned)
END_WITH_JUSTICE = StepName("end_with_justice", Convicted)
PROPOSE = StepName("propose", PanelOpinion)
NOTIFY = StepName("notify", Sentence)
RECONSIDER = StepName("reconsider", Reconsideration)
DECIDE = StepName("decide", Decision)
RELEASE = StepName("release", Release)
VARY_BY_RECONSIDERATION = StepName("vary_by_reconsideration", Variation)
VARY_BY_LITIGATION = StepName("vary_by_litigation", JudgedVariation)
