"""`code_change` 主体代码变更登记: the same subject goes on under another code.

A clerk takes the papers in, another officer compares them and confirms. From then on the file of
the old code is the file of the new one (信用档案、违法记录、承诺资格); nothing is moved or deleted.
"""

from __future__ import annotations

from datetime import date

from state_machines.language.vocabulary import (
    Clock,
    ContinueParty,
    Escalate,
    Issue,
    LegalDay,
    Notify,
    Process,
    Remind,
    Role,
    State,
    Step,
    TellFormer,
    during,
    schema,
)
from state_machines.parties.code_change import forms
from state_machines.parties.code_change import guards as successions

_DECIDING = (Role.REVIEWER, Role.CREDIT_OFFICER)
_LAW = "《市场主体登记管理条例》第二十四条"

CODE_CHANGE = Process(
    key="code_change",
    code="DM",
    label="主体代码变更登记",
    effective_from=date(2022, 3, 1),
    law=_LAW,
    initial="received",
    opened_by=(Role.WINDOW_CLERK,),
    form=schema(forms.Claim),
    materials="code_change",
    states=(
        State("received", "已登记，待送交"),
        State("filed", "待核实"),
        State("confirmed", "已确认延续", end=True),
        State("not_confirmed", "不予确认", end=True),
        State("withdrawn", "当事人撤回", end=True),
    ),
    steps=(
        Step(
            "submit_claim",
            "材料齐全，送交核实",
            {"received": "filed"},
            (Role.WINDOW_CLERK,),
            guards=(
                successions.old_code_may_be_continued,
                successions.change_is_proved,
                successions.nobody_acts_for_the_old_party,
            ),
            effects=(
                TellFormer("application.old_code"),
                Notify("party"),
                Notify(Role.REVIEWER),
            ),
            law=_LAW,
            in_every_version=True,
        ),
        Step(
            "withdraw_claim",
            "当事人撤回",
            during("received", "filed", to="withdrawn"),
            (Role.WINDOW_CLERK,),
            form=schema(forms.Reasoned),
            effects=(Notify("party"),),
            law=_LAW,
            optional=True,
            final=True,
            legal_day=LegalDay.OTHERS,
        ),
        Step(
            "confirm_succession",
            "确认为同一主体",
            {"filed": "confirmed"},
            _DECIDING,
            form=schema(forms.Finding),
            guards=(
                successions.old_code_may_be_continued,
                successions.change_is_proved,
                successions.nobody_acts_for_the_old_party,
            ),
            effects=(
                ContinueParty("application.old_code"),
                Issue("code_change_notice"),
                Notify("party"),
            ),
            law=_LAW,
            apart_from=("submit_claim",),
            final=True,
        ),
        Step(
            "refuse_succession",
            "不予确认",
            {"filed": "not_confirmed"},
            _DECIDING,
            form=schema(forms.Finding),
            effects=(Issue("code_change_notice"), Notify("party"), Notify(Role.WINDOW_CLERK)),
            law=_LAW,
            apart_from=("submit_claim",),
            final=True,
        ),
    ),
    clocks=(
        Clock(
            "decision",
            "核实期限",
            ("received", "filed"),
            Escalate(Role.SUPERVISOR, breach="promise"),
            "succession.decision",
            law=_LAW,
            remind=(Remind(Role.REVIEWER, "reminder.inner"),),
        ),
    ),
)
