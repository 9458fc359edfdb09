"""Forms of 行政复议 and 行政诉讼: what the party filed, and how it ended."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from state_machines.language.fields import Blank, Form, LongText, ShortText
from state_machines.language.step_names import StepName
from state_machines.parts.approvals.measures import Measure

# What was quashed is not done over again on the same facts and reasons (不得重作), unless by this
# word the paper says that nothing but the procedure was wrong (行诉解释90).
DONE_AGAIN = "《行政复议法》第六十四条第二款、《行政诉讼法》第七十一条"
PROCEDURE = "程序"


class Filed(Form):
    """复议、起诉登记: before whom, under which number, since when."""

    body: ShortText = Field(title="复议机关（人民法院）")
    number: ShortText = Field(title="案号")
    on: date | None = Field(title="申请（起诉）日期", default=None)
    note: Annotated[str, Field(max_length=1000)] = Field(title="请求事项", default="")


class Upheld(StrEnum):
    """Ends that leave the decision as it is."""

    UPHELD = "维持原决定"
    REJECTED = "驳回请求"
    WITHDRAWN = "申请人（原告）撤回"
    ENDED = "终止审理"


class Changed(StrEnum):
    """Ends that do not."""

    QUASHED = "撤销"
    PARTLY_QUASHED = "部分撤销"
    CHANGED = "变更"
    REDO = "撤销并责令重新作出"
    UNLAWFUL = "确认违法"
    VOID = "确认无效"


class Outcome(Form):
    """The paper that ended it; without a day of its own it bears the legal date of the step."""

    number: ShortText = Field(title="文书名称和文号")
    on: date | None = Field(title="文书送达当事人日期", default=None)


class Standing(Outcome):
    """决定维持."""

    result: Upheld = Field(title="结果")


class Overturned(Outcome):
    """决定被改变."""

    result: Changed = Field(title="结果")
    reasons: LongText = Field(title="改变的内容和理由（公开说明撤回公示的理由）")


class Quashed(StrEnum):
    """Ends after which nothing of a penalty stands."""

    QUASHED = "撤销"
    REDO = "撤销并责令重新作出"
    VOID = "确认无效"


class Annulled(Outcome):
    """处罚决定不复存在."""

    result: Quashed = Field(title="结果")
    reasons: LongText = Field(title="撤销的内容和理由（公开说明撤回公示的理由）")


class Varied(StrEnum):
    """Ends after which a penalty stands as the other body has it (复议法63-65, 行诉法70,74,77)."""

    CHANGED = "变更"
    PARTLY_QUASHED = "部分撤销"
    UNLAWFUL = "确认违法（不撤销）"


class HeavierBecause(StrEnum):
    """Why what stands now may look heavier than what stood before (复议法63, 行诉法77)."""

    OPPOSED = "第三人提出相反请求（利害关系人同为原告且诉讼请求相反）"
    OTHER_KIND = "以较轻的处罚种类替代较重的种类"
    RESTORED = "撤销复议决定，恢复原处罚决定的效力"


class Variation(Outcome):
    """变更: the sentence that takes the place of the one decided."""

    result: Varied = Field(title="结果")
    measures: list[Measure] = Field(
        title="此后有效的全部处罚内容（确认违法而不撤销的不填）", default=[], max_length=12
    )
    heavier_because: HeavierBecause | None = Field(title="种类不同或者更重的，其依据", default=None)
    reasons: LongText = Field(title="变更的内容和理由（公开说明撤回公示的理由）")


class Instance(StrEnum):
    """审级."""

    FIRST = "一审"
    SECOND = "二审"


class FirstResult(StrEnum):
    """What a court of first instance decided (行诉法69至78)."""

    REJECTED = "驳回诉讼请求"
    DISMISSED = "驳回起诉"
    QUASHED = "撤销"
    PARTLY_QUASHED = "部分撤销"
    CHANGED = "变更"
    UNLAWFUL = "确认违法"
    VOID = "确认无效"


class FirstJudgment(Form):
    """一审裁判, which has no effect yet: when whoever had it last was served with it."""

    number: ShortText = Field(title="一审裁判文号")
    result: FirstResult = Field(title="裁判结果")
    on: date = Field(title="裁判文书送达日期（当事人和本机关中最后收到的）")
    remanded_by: Annotated[str, Field(max_length=200)] = Field(
        title="发回重审后作出的，二审裁定文号", default=""
    )


class FirstSentence(FirstJudgment):
    """一审裁判 of a penalty: one that varies it says to what."""

    measures: list[Measure] = Field(
        title="判决变更、部分撤销的，判决后有效的全部处罚内容", default=[], max_length=12
    )


class AppealWithdrawn(Form):
    """准许撤回上诉: the judgment of first instance is in force."""

    number: ShortText = Field(title="准许撤回上诉的裁定文号")
    on: date | None = Field(title="裁定送达日期", default=None)


class Appellant(StrEnum):
    """Who appeals (行诉法85)."""

    PARTY = "当事人"
    AUTHORITY = "本机关"
    THIRD = "第三人"


class Appealed(Form):
    """上诉登记."""

    by: Appellant = Field(title="上诉人")
    body: ShortText = Field(title="第二审人民法院")
    number: ShortText = Field(title="案号")
    on: date | None = Field(title="上诉日期", default=None)


class Judged(Outcome):
    """A judgment or ruling that is in force."""

    instance: Instance = Field(title="生效裁判的审级", default=Instance.FIRST)
    on: date | None = Field(title="生效日期（二审裁判、准许撤诉的裁定为送达日期）", default=None)


class JudgedStanding(Judged, Standing):
    """决定维持."""


class JudgedOverturned(Judged, Overturned):
    """决定被改变."""


class JudgedAnnulled(Judged, Annulled):
    """处罚决定不复存在."""


class JudgedVariation(Judged, Variation):
    """变更."""


# Steps that other code refers to, with what is filled in at them.
FILE_RECONSIDERATION = StepName("file_reconsideration", Filed)
END_RECONSIDERATION = StepName("end_reconsideration", Standing)
CHANGE_BY_RECONSIDERATION = StepName("change_by_reconsideration", Overturned)
FILE_LITIGATION = StepName("file_litigation", Filed)
RECORD_JUDGMENT = StepName("record_judgment", FirstSentence)
APPEAL = StepName("appeal", Appealed)
WITHDRAW_APPEAL = StepName("withdraw_appeal", AppealWithdrawn)
END_LITIGATION = StepName("end_litigation", JudgedStanding)
CHANGE_BY_LITIGATION = StepName("change_by_litigation", JudgedOverturned)
BRING_BACK = StepName("bring_back", Annulled)
ANNUL = StepName("annul", Blank)
REVIVE = StepName("revive", Blank)
