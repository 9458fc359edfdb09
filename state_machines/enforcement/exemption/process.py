"""`first_offence_exemption` 首违不罚·轻微免罚: the small offence is taught, not punished.

Article 33 of 《行政处罚法》 has three doors: slight, corrected and harmless must not be punished; a
first offence of little harm, corrected, may be left so; nor is whoever proves to have had no
fault. Articles 30, 31, 36 and 57 are other grounds. Whoever did not correct, or fits no door, goes
on to a penalty.
"""

from __future__ import annotations

from datetime import date

from state_machines.enforcement import inquiry
from state_machines.enforcement.exemption import forms
from state_machines.enforcement.exemption import guards as exemptions
from state_machines.enforcement.inquiry import APPROVER, HANDLER, MINE, OFFICERS
from state_machines.enforcement.penalty import investigation as penalty_inquiry
from state_machines.language.vocabulary import (
    Clock,
    Escalate,
    Extension,
    Issue,
    LegalDay,
    Notify,
    Process,
    Remind,
    Role,
    State,
    Step,
    during,
    schema,
)
from state_machines.parts.delivery import part as service
from state_machines.parts.officers import part as officers
from state_machines.parts.records.part import records_of

_OPEN = ("investigating", "ordered_to_correct", "corrected", "not_corrected")
_FOUND = ("investigating", "corrected")
# Whoever worked on a case does not decide it.
_HANDLED = (
    "file",
    "correct_on_the_spot",
    "investigate",
    "order_correction",
    "recheck",
    "find_not_corrected",
    "check_minor",
    "check_first",
    "check_no_fault",
    "check_other",
    "propose_exemption",
)
_DOORS = "《行政处罚法》第三十三条第一款"
_STATES = (
    State("lead", "线索", confidential=True),
    State("filed", "立案（待批准）", confidential=True),
    State("investigating", "调查"),
    State("ordered_to_correct", "责令改正"),
    State("corrected", "已改正"),
    State("not_corrected", "逾期未改"),
    State("exemption_review", "免罚审核"),
    State("exempted", "不予处罚"),
    State("educated", "已教育"),
    State("served", "已送达"),
    State("revisited", "已回访"),
    State("closed", "结案", end=True),
    State("converted", "转行政处罚", end=True),
    State("not_filed", "不予立案", end=True, confidential=True),
    State("terminated", "终止", end=True),
)

_FILING = (
    *inquiry.filing(),
    inquiry.sending_away("lead", "filed"),
    Step(
        "correct_on_the_spot",
        "当场立案并责令改正，当场改正",
        {"lead": "corrected"},
        OFFICERS,
        form=schema(forms.SpotCorrection),
        guards=(exemptions.spot_route_is_open, exemptions.act_is_not_time_barred),
        effects=(Issue("correction_notice"), Notify("party"), Notify(Role.APPROVER)),
        law="《行政处罚法》第二十八条第一款、第四十二条",
        two_officers=True,
        optional=True,
        legal_day=LegalDay.AWAY,
    ),
)

_CORRECTING = (
    inquiry.investigating(),
    Step(
        "order_correction",
        "责令改正",
        {"investigating": "ordered_to_correct"},
        HANDLER,
        form=schema(forms.CorrectionOrder),
        guards=(
            exemptions.handlers_are_assigned,
            exemptions.facts_are_investigated,
            exemptions.correction_day_is_possible,
        ),
        effects=(Issue("correction_notice"), Notify("party")),
        law="《行政处罚法》第二十八条第一款",
    ),
    *inquiry.serving_order("ordered_to_correct", "corrected", "not_corrected", by=OFFICERS),
    Step(
        "report_correction",
        "报告改正情况",
        during("ordered_to_correct"),
        (Role.APPLICANT,),
        form=schema(forms.CorrectionReport),
        effects=(Notify(Role.CASE_HANDLER),),
        optional=True,
    ),
    Step(
        "recheck",
        "复查，认定已改正",
        {"ordered_to_correct": "corrected"},
        OFFICERS,
        form=schema(forms.Recheck),
        guards=(exemptions.handlers_are_assigned, exemptions.all_is_corrected),
        effects=(Issue("recheck_record"), Notify("party")),
        law="《行政处罚法》第二十八条第一款、第四十二条",
        two_officers=True,
        legal_day=LegalDay.AWAY,
    ),
    Step(
        "find_not_corrected",
        "复查，认定逾期未改",
        {"ordered_to_correct": "not_corrected"},
        OFFICERS,
        form=schema(forms.NotCorrected),
        guards=(
            exemptions.handlers_are_assigned,
            exemptions.something_is_uncorrected,
            exemptions.time_to_correct_is_over,
        ),
        effects=(Issue("recheck_record"), Notify("party")),
        law="《行政处罚法》第二十八条第一款、第四十二条",
        two_officers=True,
        optional=True,
        legal_day=LegalDay.AWAY,
    ),
)

_CHECKING = (
    Step(
        "check_minor",
        "核对：轻微不罚",
        during(*_FOUND),
        HANDLER,
        form=schema(forms.MinorChecklist),
        guards=(
            exemptions.handlers_are_assigned,
            exemptions.party_is_of_age,
            exemptions.correction_was_timely,
            exemptions.correction_is_evidenced,
            exemptions.act_is_slight,
            exemptions.no_harm_was_done,
            exemptions.list_names_it,
        ),
        law=f"{_DOORS}前段（应当不予处罚）",
        optional=True,
    ),
    Step(
        "check_first",
        "核对：首违不罚",
        during(*_FOUND),
        HANDLER,
        form=schema(forms.FirstChecklist),
        guards=(
            exemptions.handlers_are_assigned,
            exemptions.party_is_of_age,
            exemptions.correction_was_timely,
            exemptions.correction_is_evidenced,
            exemptions.offence_is_the_first,
            exemptions.nothing_was_found_elsewhere,
            exemptions.kind_is_not_excluded,
            exemptions.harm_is_slight,
            exemptions.list_names_it,
        ),
        law=f"{_DOORS}后段（可以不予处罚）",
        optional=True,
    ),
    Step(
        "check_no_fault",
        "核对：没有主观过错",
        during(*_FOUND),
        HANDLER,
        form=schema(forms.NoFaultChecklist),
        guards=(
            exemptions.handlers_are_assigned,
            exemptions.facts_are_investigated,
            exemptions.fault_is_disproved,
        ),
        law="《行政处罚法》第三十三条第二款（不予处罚）",
        optional=True,
    ),
    Step(
        "check_other",
        "核对：其他法定情形",
        during(*_FOUND),
        HANDLER,
        form=schema(forms.OtherChecklist),
        guards=(
            exemptions.handlers_are_assigned,
            exemptions.facts_are_investigated,
            exemptions.other_ground_fits,
        ),
        law="《行政处罚法》第三十条、第三十一条、第三十六条、第五十七条",
        optional=True,
    ),
    Step(
        "propose_exemption",
        "提出不予处罚建议",
        during(*_FOUND, to="exemption_review"),
        HANDLER,
        form=schema(forms.Proposal),
        guards=(
            exemptions.handlers_are_assigned,
            exemptions.a_checklist_is_made,
            exemptions.violation_is_known,
            exemptions.fine_is_of_its_step,
        ),
        effects=(Notify(Role.APPROVER),),
        law="《行政处罚法》第三十三条、第三十四条",
    ),
)

_DECIDING = (
    Step(
        "exempt",
        "决定不予处罚",
        {"exemption_review": "exempted"},
        APPROVER,
        form=schema(forms.Decision),
        guards=(exemptions.offence_is_still_the_first,),
        effects=(Issue("no_penalty_decision"), Notify("party"), Notify(Role.CASE_HANDLER)),
        law="《行政处罚法》第五十七条第一款第二项、第三项",
        apart_from=_HANDLED,
        final=True,
    ),
    Step(
        "return_proposal",
        "退回补充调查",
        {"exemption_review": "investigating"},
        APPROVER,
        form=schema(forms.Opinion),
        effects=(Notify(Role.CASE_HANDLER),),
        optional=True,
    ),
    Step(
        "convert",
        "转行政处罚",
        during(*_FOUND, "not_corrected", "exemption_review", to="converted"),
        (*HANDLER, *APPROVER),
        only={"exemption_review": APPROVER, **dict.fromkeys((*_FOUND, "not_corrected"), HANDLER)},
        form=schema(forms.Conversion),
        guards=MINE,
        effects=(
            penalty_inquiry.opening(
                filed_on="@since:decision",
                extended="@extended:decision",
                evidence="原案卷的调查记录、笔录、责令改正和复查材料随案移交",
                state="investigating",
            ),
            Notify("party"),
            Notify(Role.SUPERVISOR),
        ),
        law="《行政处罚法》第五十七条第一款第一项",
        final=True,
    ),
    inquiry.terminating(*_OPEN, "exemption_review"),
)

_AFTERWARDS = (
    Step(
        "educate",
        "教育",
        {"exempted": "educated"},
        OFFICERS,
        form=schema(forms.Education),
        guards=MINE,
        effects=(
            Issue("education_record"),
            Issue("compliance_pledge", when="educate.pledged"),
            Notify("party"),
        ),
        law="《行政处罚法》第三十三条第三款",
        legal_day=LegalDay.AWAY,
    ),
    *service.reaching(
        "serve",
        "送达",
        {"educated": "served"},
        OFFICERS,
        of="exemption",
        what="不予行政处罚决定书",
        documents=("no_penalty_decision",),
        law="《行政处罚法》第六十一条",
        asking=MINE,
    ),
    Step(
        "revisit",
        "回访",
        {"served": "revisited"},
        OFFICERS,
        form=schema(forms.Revisit),
        guards=MINE,
        effects=(Notify("party"),),
        legal_day=LegalDay.AWAY,
    ),
    Step(
        "close",
        "结案",
        {"revisited": "closed"},
        HANDLER,
        form=schema(forms.Closing),
        guards=MINE,
        final=True,
        certified=False,
    ),
)

_CLOCKS = (
    Clock(
        "filing",
        "立案期限",
        ("lead", "filed"),
        Escalate(Role.SUPERVISOR),
        "penalty.filing",
        law="《卫生健康行政处罚程序规定》",
        remind=(Remind(Role.CASE_HANDLER),),
    ),
    Clock(
        "decision",
        "办案期限",
        (*_OPEN, "exemption_review"),
        Escalate(Role.SUPERVISOR),
        "penalty.decision",
        law="《行政处罚法》第六十条",
        extension=Extension("extend_decision", "penalty.decision_extension"),
        remind=(Remind(Role.CASE_HANDLER),),
    ),
    Clock(
        "correction",
        "改正期限",
        ("ordered_to_correct",),
        Escalate(Role.CASE_HANDLER, breach="none"),
        law="《行政处罚法》第二十八条第一款",
        anchor="order_correction.until",
        binds="party",
        remind=(Remind("party"),),
        says="最迟 {day} 改正",
    ),
    Clock(
        "education",
        "教育期限",
        ("exempted",),
        Escalate(Role.SUPERVISOR, breach="promise"),
        "exemption.education",
        remind=(Remind(Role.CASE_HANDLER),),
    ),
    Clock(
        "service",
        "送达期限",
        ("exempted", "educated"),
        Escalate(Role.SUPERVISOR),
        "service.decision",
        law="《行政处罚法》第六十一条",
        remind=(Remind(Role.CASE_HANDLER),),
    ),
    Clock(
        "revisit",
        "回访期限",
        ("served",),
        Escalate(Role.SUPERVISOR, breach="promise"),
        "exemption.revisit",
        remind=(Remind(Role.CASE_HANDLER),),
    ),
    Clock(
        "closing",
        "结案期限",
        ("revisited",),
        Escalate(Role.SUPERVISOR, breach="promise"),
        "exemption.closing",
        remind=(Remind(Role.CASE_HANDLER),),
    ),
)

FIRST_OFFENCE_EXEMPTION = Process(
    key="first_offence_exemption",
    code="MF",
    label="首违不罚、轻微免罚",
    effective_from=date(2021, 7, 15),
    law="《行政处罚法》第三十三条",
    initial="lead",
    opened_by=OFFICERS,
    form=schema(forms.Lead),
    states=_STATES,
    steps=(
        *_FILING,
        *_CORRECTING,
        *_CHECKING,
        *_DECIDING,
        inquiry.extending(*_OPEN, "exemption_review"),
        *officers.recusal(*_OPEN, "exemption_review", staff=OFFICERS),
        *_AFTERWARDS,
        *records_of("lead", "investigating", by=OFFICERS),
    ),
    clocks=_CLOCKS,
    materials="exemption",
    keeps_evidence=True,
)
