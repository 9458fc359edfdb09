"""Forms of `evidence_custody` 先行登记保存、查封、扣押."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from state_machines.language.fields import Blank, Confirmed, Form, LongText, ShortText
from state_machines.language.step_names import StepName
from state_machines.parts.records.forms import OptionalText, Signature


class Measure(StrEnum):
    """What is done with the things: kept for evidence, sealed where they are, taken away."""

    PRESERVE = "先行登记保存"
    SEAL = "查封"
    DETAIN = "扣押"


class Thing(Form):
    """One line of the list of things (物品清单)."""

    name: ShortText = Field(title="物品（场所、设施）名称")
    spec: OptionalText = Field(title="规格、型号、批号", default="")
    quantity: ShortText = Field(title="数量")
    condition: OptionalText = Field(title="外观、成色", default="")


Things = Annotated[list[Thing], Field(min_length=1, max_length=100)]


class Request(Form):
    """申请采取措施: what is to be taken, why, and by which law."""

    measure: Measure = Field(title="措施")
    things: Things = Field(title="拟采取措施的物品（场所、设施）")
    address: ShortText = Field(title="实施地点")
    grounds: LongText = Field(title="事实和理由")
    basis: LongText = Field(title="法律、法规依据")
    urgent: bool = Field(title="情况紧急，须当场实施（只限查封、扣押）", default=False)
    lawful_object: Confirmed = Field(
        title="与涉嫌违法行为有关，不是公民个人及其所扶养家属的生活必需品，未被其他国家机关查封"
    )


class Custody(Form):
    """What a custody case was opened with."""

    measure: Measure = Field(title="措施")
    things: Things = Field(title="拟采取措施的物品（场所、设施）")
    address: ShortText = Field(title="实施地点")
    grounds: LongText = Field(title="事实和理由")
    basis: LongText = Field(title="法律、法规依据")
    urgent: bool = Field(title="情况紧急，当场实施", default=False)
    origin: ShortText = Field(title="所属案件")


class Approval(Form):
    """批准."""

    opinion: LongText = Field(title="审批意见")


class Taking(Signature):
    """实施: what was really taken, where it is kept, and who was there.

    The list is what counts from now on; `signing` is of the list and of the decision."""

    things: Things = Field(title="物品清单（逐项清点）")
    keeper: ShortText = Field(title="保管人")
    storage: ShortText = Field(title="保管地点")
    person: ShortText = Field(title="当事人（在场人）")
    certificates_shown: Confirmed = Field(
        title="已出示执法证件，当场告知理由、依据和权利、救济途径"
    )
    statement: Annotated[str, Field(max_length=2000)] = Field(
        title="当事人的陈述和申辩", default=""
    )


class Extending(Form):
    """延长: in writing, with the reasons, at once (强制法25)."""

    reason: LongText = Field(title="情况复杂、需要延长的理由")


class Testing(Form):
    """送检: its time is fixed and told in writing (强制法25)."""

    what: LongText = Field(title="送检物品和检测、检验、检疫、鉴定项目")
    institution: ShortText = Field(title="检测、检验、检疫、鉴定机构")
    expected_until: date = Field(title="预计完成日期")


class Result(Form):
    """检测结果."""

    report: ShortText = Field(title="报告编号")
    result: LongText = Field(title="检测、检验、检疫、鉴定结论")


class ReleaseGround(StrEnum):
    """Why preserved things are released (处罚法56)."""

    COPIED = "已采取记录、复制、拍照、录像等证据保全措施"
    UNRELATED = "与违法行为无关"
    NOT_NEEDED = "不再需要登记保存"
    SEIZED = "依法转为查封、扣押"


class LiftGround(StrEnum):
    """Why a seizure is lifted (强制法28)."""

    NO_VIOLATION = "当事人没有违法行为"
    UNRELATED = "查封、扣押的场所、设施或者财物与违法行为无关"
    DECIDED = "对违法行为已经作出处理决定，不再需要查封、扣押"
    NOT_NEEDED = "其他不再需要采取查封、扣押措施的情形"


class Release(Form):
    """解除先行登记保存."""

    ground: ReleaseGround = Field(title="解除的理由")
    note: Annotated[str, Field(max_length=1000)] = Field(title="处理情况", default="")


class Lifting(Form):
    """解除查封、扣押."""

    ground: LiftGround = Field(title="解除的理由")
    note: Annotated[str, Field(max_length=1000)] = Field(title="处理情况", default="")


class Confiscation(Form):
    """没收: by which decision."""

    decision_number: ShortText = Field(title="没收决定书文号")
    decided_on: date = Field(title="决定日期")


class GivingBack(Signature):
    """退还物品."""

    things: Things = Field(title="退还的物品（逐项清点）")
    recipient: ShortText = Field(title="领取人")
    id_document: ShortText = Field(title="领取人身份证件种类及号码")


# Steps that other code refers to, with what is filled in at them.
PRESERVE = StepName("preserve", Taking)
SEIZE = StepName("seize", Taking)
SEIZE_AT_ONCE = StepName("seize_at_once", Taking)
RELEASE_BY_LAW = StepName("release_by_law", Blank)
LIFT_BY_LAW = StepName("lift_by_law", Blank)
EXTEND = StepName("extend", Extending)
SEND_FOR_TEST = StepName("send_for_test", Testing)
RECEIVE_RESULT = StepName("receive_result", Result)
CONFISCATE = StepName("confiscate", Confiscation)
REQUEST_CUSTODY = StepName("request_custody", Request)
GIVE_BACK = StepName("give_back", GivingBack)
