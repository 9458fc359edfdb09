"""`national_repair` 信用修复（信用中国渠道）: proof of performance and a commitment, and no more.

国办发〔2025〕22号: 信用中国 is the window, the authority that made the record (认定单位) decides.
Training and a credit report are never a condition here.
"""

from __future__ import annotations

from datetime import date

from state_machines.credit.national_repair import forms
from state_machines.language.vocabulary import (
    Clock,
    Escalate,
    Extension,
    Issue,
    LegalDay,
    Notify,
    Process,
    RecordCredit,
    Remind,
    RepairCredit,
    Role,
    State,
    Step,
    TakeDown,
    during,
    schema,
)
from state_machines.parts.delivery import part as service
from state_machines.parts.limits import guards as limits

_OFFICER = (Role.CREDIT_OFFICER,)
_APPROVER = (Role.APPROVER,)
_LAW = "国办发〔2025〕22号"
# Older versions did not say of which case the record came.
_OF = "application.source"

NATIONAL_REPAIR = Process(
    key="national_repair",
    code="XQ",
    label="信用修复（信用中国渠道）",
    effective_from=date(2021, 7, 1),
    law=_LAW,
    initial="filed",
    opened_by=(Role.RELATED,),
    form=schema(forms.Filing),
    states=(
        State("filed", "已提交"),
        State("accepted", "已受理"),
        State("sent", "认定单位办理中"),
        State("ended", "终止公示", end=True),
        State("refused", "不予修复", end=True),
        State("withdrawn", "撤回申请", end=True),
        State("lapsed", "记录已更正，程序终止", end=True),
    ),
    steps=(
        # No paper comes with either: so no day but that of the entry (118号).
        Step(
            "accept_filing",
            "登记受理",
            {"filed": "accepted"},
            _OFFICER,
            form=schema(forms.Note),
            effects=(Notify("party"),),
            law=_LAW,
            legal_day=LegalDay.ENTRY,
        ),
        Step(
            "send_to_authority",
            "转认定单位",
            {"accepted": "sent"},
            _OFFICER,
            form=schema(forms.Note),
            effects=(Notify(Role.APPROVER),),
            law=_LAW,
            legal_day=LegalDay.ENTRY,
        ),
        Step(
            "extend_result",
            "延长办理期限",
            during("sent"),
            _APPROVER,
            form=schema(forms.Extension),
            guards=(limits.limit_may_be_extended,),
            effects=(Notify("party"),),
            law=_LAW,
            optional=True,
        ),
        Step(
            "end_national_publicity",
            "同意修复，终止公示",
            {"sent": "ended"},
            _APPROVER,
            form=schema(forms.Note),
            effects=(
                # One repair (国办发〔2025〕22号): what it was about bars no promise any more,
                # and is shown nowhere.
                RepairCredit(when=_OF),
                TakeDown(
                    of=_OF,
                    registers=("penalties", "licences"),
                    limit="repair.removal",
                    because="已准予信用修复",
                    when=_OF,
                ),
                RecordCredit("national_publicity_ended", "信用中国终止公示"),
                Notify("party"),
                Notify(Role.CREDIT_OFFICER),
            ),
            law=_LAW,
            apart_from=("accept_filing", "send_to_authority"),
            final=True,
            in_every_version=True,  # what is repaired is shown no longer, whenever it was begun
        ),
        Step(
            "refuse_filing",
            "不予修复",
            during("accepted", "sent", to="refused"),
            _APPROVER,
            form=schema(forms.Refusal),
            effects=(Issue("repair_refusal"), Notify("party"), Notify(Role.CREDIT_OFFICER)),
            law=_LAW,
            apart_from=("accept_filing", "send_to_authority"),
            optional=True,
            final=True,
        ),
        *service.afterwards(
            "refused", documents=("repair_refusal",), by=(Role.CREDIT_OFFICER,), law=_LAW
        ),
        Step(
            "withdraw_filing",
            "撤回申请",
            during("filed", "accepted", "sent", to="withdrawn"),
            (Role.APPLICANT,),
            form=schema(forms.Reasoned),
            effects=(Notify(Role.CREDIT_OFFICER),),
            optional=True,
            final=True,
        ),
        Step(
            "lapse",
            "记录已更正，程序终止",
            during("filed", "accepted", "sent", to="lapsed"),
            (Role.RELATED,),
            form=schema(forms.Reasoned),
            effects=(Notify("party"), Notify(Role.CREDIT_OFFICER)),
            law="《行政处罚法》第四十八条第二款",
            in_every_version=True,
        ),
    ),
    clocks=(
        Clock(
            "acceptance",
            "受理期限",
            ("filed",),
            Escalate(Role.SUPERVISOR, breach="promise"),
            "national.acceptance",
            law=_LAW,
            remind=(Remind(Role.CREDIT_OFFICER, "reminder.inner"),),
        ),
        Clock(
            "result",
            "办理结果期限",
            ("accepted", "sent"),
            Escalate(Role.SUPERVISOR, breach="promise"),
            "national.result",
            law=_LAW,
            extension=Extension("extend_result", "national.extension"),
            remind=(Remind(Role.APPROVER),),
        ),
    ),
)
