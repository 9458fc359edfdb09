"""`credit_repair` 信用修复（部门渠道）: the way back in four steps, from a bad record back.

承诺、培训、整改、核查。国办发〔2025〕22号, 国家发展改革委令第58号（至2026年3月31日）、第36号
（自2026年4月1日）: which terms apply is decided by the day of the decision (`as_of_anchor`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from state_machines.credit.objection import guards as objections
from state_machines.credit.repair import forms
from state_machines.credit.repair import guards as repair
from state_machines.language.fields import Reasoned
from state_machines.language.vocabulary import (
    Amend,
    Clock,
    Escalate,
    Fire,
    Issue,
    LegalDay,
    Notify,
    OpenCase,
    Process,
    RecordCredit,
    Remind,
    RepairCredit,
    Role,
    State,
    Step,
    TakeDown,
    Track,
    during,
    schema,
)
from state_machines.parts.delivery import part as service
from state_machines.parts.prior_notice import part as prior
from state_machines.parts.promise import guards as promises

_PARTY = (Role.APPLICANT,)
_OFFICER = (Role.CREDIT_OFFICER,)
_APPROVER = (Role.APPROVER,)
_WAITING = ("not_eligible", "eligible")
_UNDECIDED = ("applied", "commitment_made", "verifying", "failed", "verified")
_DECIDED = ("approved", "removal_requested", "removed", "synced")
_LAW = "国办发〔2025〕22号"
_HEARD_LAW = "国家发展改革委令第36号、国办发〔2020〕49号"
# Whoever has once applied has performed: nothing is outstanding in a second case. Of a penalty its
# own case says so every time.
_SAME: Mapping[str, str] = {
    name: f"application.{name}" for name in ("source", "record", "category", "decided_on")
}
# What was shown of the record is shown no longer once it is repaired, nor after the longest term.
_SHOWN = ("penalties", "licences")


def _taken_down(because: str) -> TakeDown:
    return TakeDown(
        of="application.source", registers=_SHOWN, limit="repair.removal", because=because
    )


# What was withdrawn or refused may be asked for again.
_AGAIN = OpenCase("credit_repair", "repair", _SAME, state="eligible")
# False material begins a term of its own, for a record of its own.
_AFTER_FALSE_MATERIAL = OpenCase(
    "credit_repair",
    "repair",
    {
        **_SAME,
        "record": "=信用修复中提供虚假材料",
        "category": "=false_material",
        "decided_on": "@date",
    },
)
# It is recorded once its party has the decision, unless an older version of that step has done so.
_FOUND = "find_false_material.material"
_FALSE_MATERIAL = (
    RepairCredit(undone=True, when=_FOUND),
    RecordCredit("repair_false_material", "信用修复中提供虚假材料", bars_promise=True, when=_FOUND),
)

_STATES = (
    State("not_eligible", "未满期", unattended="期满前无须办理，届满时自动转为可申请"),
    State("eligible", "可申请"),
    State("applied", "已申请"),
    State("commitment_made", "已承诺"),
    State("verifying", "核查中"),
    State("failed", "核查未通过"),
    State("verified", "核查通过"),
    State("approved", "准予修复"),
    State("removal_requested", "已推送"),
    State("removed", "终止公示"),
    State("synced", "已同步"),
    State("closed", "办结", end=True),
    State("withdrawn", "撤回申请", end=True),
    State("refused", "不予修复", end=True),
    State("false_material", "虚假材料", end=True),
    State("lapsed", "记录已更正，程序终止", end=True),
)

_STEPS = (
    Step(
        "become_eligible",
        "期满，可以申请",
        {"not_eligible": "eligible"},
        (Role.TIMER,),
        effects=(
            Issue("repair_reminder"),
            Issue("repair_guide"),
            Notify("party"),
            Notify(Role.CREDIT_OFFICER),
        ),
        law=_LAW,
    ),
    Step(
        "report_self_check",
        "提交自查报告",
        during(*_WAITING),
        _PARTY,
        form=schema(forms.SelfCheck),
        effects=(Issue("self_check_report"), Notify(Role.CREDIT_OFFICER)),
        optional=True,
    ),
    Step(
        "record_performance",
        "登记义务履行情况",
        during(*_WAITING),
        _OFFICER,
        form=schema(forms.Performance),
        guards=(repair.performance_is_registered_here, repair.performance_is_past),
        effects=(Notify("party"),),
        law="国家发展改革委令第36号",
        optional=True,
        legal_day=LegalDay.OTHERS,
    ),
    Step(
        "apply",
        "申请信用修复",
        {"eligible": "applied"},
        _PARTY,
        form=schema(forms.Application),
        guards=(repair.record_still_stands, repair.obligations_are_performed),
        effects=(Notify(Role.CREDIT_OFFICER),),
        law=_LAW,
    ),
    Step(
        "file_nationally",
        "向“信用中国”提出修复申请",
        during("eligible"),
        _PARTY,
        form=schema(forms.Commitment),
        guards=(
            repair.record_still_stands,
            repair.obligations_are_performed,
            promises.may_sign_promise,
            objections.not_filed_nationally,
        ),
        effects=(
            OpenCase(
                "national_repair",
                "national",
                {
                    "repair": "@case",
                    "source": "application.source",
                    "record": "application.record",
                    "category": "application.category",
                    "decided_on": "application.decided_on",
                },
            ),
            Issue("credit_commitment"),
            Notify(Role.CREDIT_OFFICER),
        ),
        law=_LAW,
        optional=True,
    ),
    Step(
        "commit",
        "作出信用承诺",
        {"applied": "commitment_made"},
        _PARTY,
        form=schema(forms.Commitment),
        guards=(promises.may_sign_promise,),
        effects=(Issue("credit_commitment"), Notify(Role.CREDIT_OFFICER)),
        law=_LAW,
    ),
    Step(
        "begin_verification",
        "转入核查",
        during("commitment_made", "failed", to="verifying"),
        (Role.JOIN,),
        effects=(Notify(Role.INSPECTOR), Notify(Role.CREDIT_OFFICER)),
    ),
    Step(
        "verify",
        "核查通过",
        {"verifying": "verified"},
        (Role.INSPECTOR,),
        form=schema(forms.Verification),
        guards=(repair.verification_finds_all_met, repair.remote_verification_is_pictured),
        effects=(Issue("repair_check_record"), Notify("party"), Notify(Role.CREDIT_OFFICER)),
        law="《行政处罚法》第四十二条",
        two_officers=True,
        legal_day=LegalDay.AWAY,
    ),
    Step(
        "fail_verification",
        "核查未通过",
        {"verifying": "failed"},
        (Role.INSPECTOR,),
        form=schema(forms.Verification),
        guards=(repair.verification_finds_a_fault, repair.remote_verification_is_pictured),
        effects=(Issue("repair_check_record"), Notify("party"), Notify(Role.CREDIT_OFFICER)),
        law="《行政处罚法》第四十二条",
        two_officers=True,
        optional=True,
        legal_day=LegalDay.AWAY,
    ),
    Step(
        "recommend",
        "提出审核意见",
        during("verified"),
        _OFFICER,
        form=schema(forms.Recommendation),
        effects=(Notify(Role.APPROVER),),
        law="本机关信用修复规定",
        apart_from=("verify", "fail_verification"),
    ),
    Step(
        "approve",
        "准予修复",
        {"verified": "approved"},
        _APPROVER,
        form=schema(forms.Note),
        guards=(repair.repair_is_recommended,),
        effects=(
            Issue("repair_grant"),
            _taken_down("已准予信用修复"),
            Notify("party"),
            Notify(Role.CREDIT_OFFICER),
        ),
        law=_LAW,
        apart_from=("recommend", "verify"),
        final=True,
        in_every_version=True,  # what is repaired is shown no longer, whenever it was begun
    ),
    Step(
        "refuse",
        "不予修复",
        during(*_UNDECIDED, to="refused"),
        _APPROVER,
        form=schema(forms.Refusal),
        effects=(_AGAIN, Issue("repair_refusal"), Notify("party"), Notify(Role.CREDIT_OFFICER)),
        law=_LAW,
        optional=True,
        final=True,
    ),
    Step(
        "request_removal",
        "推送终止公示",
        {"approved": "removal_requested"},
        _OFFICER,
        form=schema(forms.Removal),
        effects=(Notify("party"),),
        law=_LAW,
        asks=True,
    ),
    Step(
        "end_publicity",
        "终止公示",
        {"removal_requested": "removed"},
        _OFFICER,
        form=schema(forms.Note),
        effects=(Notify("party"),),
        law=_LAW,
        asks=True,
    ),
    Step(
        "synchronise",
        "同步，解除限制",
        {"removed": "synced"},
        _OFFICER,
        form=schema(forms.Synchronisation),
        effects=(
            RepairCredit(),
            # Unless its grant has done so, as those of before could not.
            _taken_down("信用已经修复"),
            RecordCredit("credit_repaired", "完成信用修复"),
            Notify("party"),
            Notify(Role.SUPERVISOR),
        ),
        law=_LAW,
        in_every_version=True,
    ),
    Step(
        "end_longest_term",
        "最长公示期届满，终止公示",
        during(*_WAITING, *_UNDECIDED),
        (Role.TIMER,),
        effects=(_taken_down("最长公示期届满"), Notify("party"), Notify(Role.CREDIT_OFFICER)),
        law="国家发展改革委令第58号、第36号",
        in_every_version=True,
    ),
    Step("close", "办结", {"synced": "closed"}, _OFFICER, effects=(Notify("party"),), final=True),
    Step(
        "withdraw",
        "撤回申请",
        during(*_UNDECIDED, to="withdrawn"),
        _PARTY,
        form=schema(forms.Withdrawal),
        effects=(_AGAIN, Notify(Role.CREDIT_OFFICER)),
        optional=True,
        final=True,
    ),
    *prior.telling(*_UNDECIDED, *_DECIDED, "closed", by=_OFFICER, law=_HEARD_LAW),
    Step(
        "find_false_material",
        "认定提供虚假材料",
        # What comes to light after the end changes the record, and leaves the case where it is.
        {**during(*_UNDECIDED, *_DECIDED, to="false_material"), **during("closed")},
        _APPROVER,
        form=schema(forms.FalseMaterial),
        guards=prior.DECIDING,
        effects=(
            _AFTER_FALSE_MATERIAL,
            Issue("repair_false_decision"),
            Notify("party"),
            Notify(Role.CREDIT_OFFICER),
        ),
        law="国家发展改革委令第36号",
        apart_from=prior.HANDLED,
        optional=True,
        final=True,
        in_every_version=True,
    ),
    *service.afterwards(
        "refused",
        "false_material",
        "closed",
        documents=("repair_refusal", "repair_false_decision"),
        by=_OFFICER,
        law=_HEARD_LAW,
        then=_FALSE_MATERIAL,
    ),
    Step(
        "lapse",
        "记录已更正，程序终止",
        during(*_WAITING, *_UNDECIDED, *_DECIDED, to="lapsed"),
        (Role.RELATED,),
        form=schema(Reasoned),
        effects=(Notify("party"), Notify(Role.CREDIT_OFFICER)),
        law="《行政处罚法》第四十八条第二款",
        in_every_version=True,
    ),
    Step(
        "reclass",
        "原决定已变更，按变更后的类别修复",
        # Whoever has not applied waits as long as the other class has it, from the same day.
        {**during(*_UNDECIDED, *_DECIDED), **during(*_WAITING, to="not_eligible")},
        (Role.RELATED,),
        form=schema(forms.Reclassed),
        effects=(
            Amend({"category": "reclass.category", "decided_on": "application.decided_on"}),
            Notify("party"),
            Notify(Role.CREDIT_OFFICER),
        ),
        law="国家发展改革委令第36号、《行政处罚法》第四十八条第二款",
        in_every_version=True,
    ),
)

_TRAINING = Track(
    "training",
    "培训",
    ("commitment_made",),
    "training",
    (State("training", "培训中"), State("trained", "已培训", end=True)),
    (
        Step(
            "finish_training",
            "完成培训",
            {"training": "trained"},
            _PARTY,
            guards=(repair.training_is_done,),
            effects=(Notify(Role.CREDIT_OFFICER),),
            law="本机关信用修复规定",
        ),
    ),
)
_RECTIFICATION = Track(
    "rectification",
    "整改",
    ("commitment_made", "failed"),
    "rectifying",
    (State("rectifying", "整改中"), State("rectified", "已整改", end=True)),
    (
        Step(
            "submit_rectification",
            "提交整改报告",
            {"rectifying": "rectified"},
            _PARTY,
            form=schema(forms.Rectification),
            guards=(repair.rectification_is_shown,),
            effects=(Notify(Role.CREDIT_OFFICER),),
            law=_LAW,
        ),
    ),
)

_CLOCKS = (
    Clock(
        "minimum",
        "最短公示期限",
        ("not_eligible",),
        Fire("become_eligible"),
        "repair.minimum.{application.category}",
        law="国家发展改革委令第58号、第36号",
        anchor="application.decided_on",
        as_of_anchor=True,
        remind=(Remind("party", "reminder.repair"),),
        says="最短公示期至 {day} 届满，次日起可以申请信用修复",
    ),
    Clock(
        "publicity",
        "最长公示期限",
        (*_WAITING, *_UNDECIDED),
        Fire("end_longest_term"),
        "repair.publicity.{application.category}",
        law="国家发展改革委令第58号、第36号",
        anchor="application.decided_on",
        as_of_anchor=True,
        remind=(Remind("party", "reminder.repair"),),
        says="最长公示至 {day}",
        in_every_version=True,
    ),
    Clock(
        "commitment",
        "作出信用承诺期限",
        ("applied",),
        Escalate(Role.CREDIT_OFFICER, breach="none"),
        "repair.commitment",
        binds="party",
        remind=(Remind("party"),),
        says="最迟 {day} 作出信用承诺",
    ),
    Clock(
        "learning",
        "培训和整改期限",
        ("commitment_made", "failed", "training", "rectifying"),
        Escalate(Role.CREDIT_OFFICER, breach="none"),
        "repair.learning",
        binds="party",
        remind=(Remind("party"),),
        says="最迟 {day} 完成培训和整改",
    ),
    Clock(
        "verification",
        "核查期限",
        ("verifying",),
        Escalate(Role.SUPERVISOR, breach="promise"),
        "repair.verification",
        remind=(Remind(Role.INSPECTOR),),
    ),
    Clock(
        "decision",
        "修复决定期限",
        ("verified",),
        Escalate(Role.SUPERVISOR, breach="promise"),
        "repair.decision",
        law=_LAW,
        remind=(Remind(Role.CREDIT_OFFICER), Remind(Role.APPROVER)),
    ),
    Clock(
        "removal",
        "终止公示和同步期限",
        _DECIDED,
        Escalate(Role.SUPERVISOR, breach="promise"),
        "repair.removal",
        law=_LAW,
        remind=(Remind(Role.CREDIT_OFFICER),),
    ),
)

CREDIT_REPAIR = Process(
    key="credit_repair",
    code="XF",
    label="信用修复",
    effective_from=date(2021, 7, 1),
    law="国办发〔2025〕22号、国家发展改革委令第58号、第36号",
    initial="not_eligible",
    opened_by=(Role.RELATED,),
    form=schema(forms.RepairCase),
    states=_STATES,
    steps=_STEPS,
    clocks=_CLOCKS,
    tracks=(_TRAINING, _RECTIFICATION),
    materials="credit_repair",
)
