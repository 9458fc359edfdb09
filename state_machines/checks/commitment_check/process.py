"""`commitment_check` 事后核查: whether the promise was kept, and what follows if not.

国办发〔2020〕42号, 《行政许可法》第六十一条、第六十九条、第七十条, 国办发〔2018〕118号.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from state_machines.checks.commitment_check import forms
from state_machines.checks.commitment_check import guards as review
from state_machines.enforcement.custody.process import requesting
from state_machines.enforcement.exemption.forms import LeadSource
from state_machines.enforcement.penalty import investigation as penalty_inquiry
from state_machines.language.fields import Reasoned
from state_machines.language.vocabulary import (
    BringInLine,
    Clock,
    CorrectCredit,
    Escalate,
    Issue,
    KeepEvidence,
    LegalDay,
    MoveRelated,
    Notify,
    OpenCase,
    Proceed,
    Process,
    Publish,
    RecordCredit,
    Remind,
    Role,
    State,
    Step,
    during,
    schema,
)
from state_machines.parts.approvals import guards as approvals
from state_machines.parts.corrections import guards as corrections_guards
from state_machines.parts.corrections import part as corrections
from state_machines.parts.delivery import part as service
from state_machines.parts.evidence import guards as evidence
from state_machines.parts.hearing import part as heard
from state_machines.parts.legal_review import part as legal_review
from state_machines.parts.legal_review.forms import ReviewRequest
from state_machines.parts.looks import guards as checks
from state_machines.parts.officers import part as officers
from state_machines.parts.officers.forms import Assignment
from state_machines.parts.records.part import SCENE, records_of
from state_machines.parts.remedies import guards as remedies_guards
from state_machines.parts.remedies import part as remedies

_OFFICERS = (Role.INSPECTOR,)
_APPROVER = (Role.APPROVER,)
_LOOKS = ("inspect", "recheck")
_HANDLED = (*_LOOKS, "find_false", "find_broken", "notify_revocation", "submit_review")
# In related cases: who granted the licence, or took things into custody.
_GRANTED = ("instant_licence.grant", "licence_renewal.grant", "licence_change.grant")
_RELATED = (
    *_GRANTED,
    "evidence_custody.preserve",
    "evidence_custody.seize",
    "evidence_custody.seize_at_once",
)
# The record stands, whether the licence was revoked or spared, and there is a way back.
_REPAIR = OpenCase(
    "credit_repair",
    "repair",
    {
        "source": "@case",
        "record": "=违反告知承诺",
        "category": "=promise",
        "decided_on": "@date",
    },
)
# What officers found is a record only once the authority has decided on it, after the party was
# told and heard (令36, 国办发〔2020〕49号).
_FOUND = (
    RecordCredit("promise_false", "作出虚假承诺", bars_promise=True, when="find_false.reason"),
    RecordCredit("promise_broken", "未履行承诺", bars_promise=True, when="find_broken.reason"),
)
_FOUND_KINDS = tuple(record_credit.kind for record_credit in _FOUND)
# A revocation that falls: the licence stands again, and what it wrote down is corrected.
_IN_LINE = BringInLine(kinds=("licence_revoked", *_FOUND_KINDS), takes=("licence.bring_back",))
_GIVEN_BACK = (MoveRelated("licence", "reinstate"), _IN_LINE)

# What officers saw is evidence without anybody putting it down once more.
_KEPT_RECORD = KeepEvidence(SCENE, "现场核查记录", document="check_record")

# While facts are still gathered, also for what a review sends back.
_INVESTIGATED = (
    "assigned",
    "inspected",
    "rectification_ordered",
    "rechecked",
    "broken",
    "false_commitment",
    "revocation_notified",
    "review_returned",
)
# Once officers are named, and until it is decided.
_INQUIRED = (
    *_INVESTIGATED,
    "unreachable",
    *(state.name for state in heard.HEARING_STATES),
    "legal_review",
    "review_passed",
)
_REVIEWED = ("pass_review", "return_review")
_CHAIRED = ("hold_hearing", "abandon_hearing")
_TOLD = ("revocation_notified",)
# In which a new notice may be given, or the licence spared.
_BEFORE_DECISION = (*heard.HEARING_BEHIND, "review_returned", "review_passed")
_PROPOSED = ("facts", "basis", "reasons")
# What the notice and the review bind: the revocation, or what is milder.
_DECIDING = ("revoke", "record_breach")
_REVIEW_LAW = "国办发〔2018〕118号"
_DECISION = ("revocation_decision",)
_BREACH = ("breach_decision",)
# Decided that the promise was broken, and spared all the same.
_BREACHED = ("breach_decided", "breach_recorded")
# Revoked, and not yet deregistered: what was decided may still be undone or given back.
_REVOKED = ("revoked", "revocation_announced", "revocation_served")

_STATES = (
    State("task_created", "待核查"),
    State("assigned", "已派"),
    State("unreachable", "无法联系"),
    State("inspected", "已核查"),
    State("rectification_ordered", "责令整改"),
    State("rechecked", "复查"),
    State("kept", "履约"),
    State("broken", "未履约"),
    State("false_commitment", "虚假承诺"),
    State("revocation_notified", "撤销告知"),
    *heard.HEARING_STATES,
    State("legal_review", "法制审核"),
    State("review_passed", "审核通过"),
    State("review_returned", "审核退回"),
    State("revoked", "撤销"),
    State("revocation_announced", "撤销决定公告送达中"),
    State("revocation_served", "撤销决定已送达"),
    *corrections.UNDONE_STATES,
    State("undoing_served", "撤销决定已撤销", end=True),
    State("reinstated", "结案（许可已恢复）", end=True),
    State("deregistered", "注销公告", end=True),
    State("breach_decided", "已认定失信（决定待送达）"),
    State("breach_recorded", "结案（已记录失信）", end=True),
    State("closed", "结案", end=True),
)

_STEPS = (
    Step(
        "assign",
        "指派执法人员",
        during("task_created", "assigned", to="assigned"),
        (Role.SUPERVISOR, Role.APPROVER),
        form=schema(Assignment),
        guards=(checks.two_certified_are_named,),
        effects=(Notify(Role.INSPECTOR),),
        law="《行政许可法》第六十一条",
    ),
    Step(
        "inspect",
        "核查承诺履行情况",
        # Whoever looked at a part of what was promised looks at the rest.
        during("assigned", "unreachable", "inspected", to="inspected"),
        _OFFICERS,
        form=schema(forms.Inspection),
        guards=(checks.officers_are_assigned,),
        effects=(
            RecordCredit("inspected", "接受事后核查", leaving="assigned"),
            RecordCredit("inspected", "接受事后核查", leaving="unreachable"),
            Issue("check_record"),
            _KEPT_RECORD,
            # Who looks again goes on with the check that is shown already.
            Publish("inspections", "publicity.inspection", leaving="assigned"),
            Publish("inspections", "publicity.inspection", leaving="unreachable"),
            Notify("party"),
        ),
        law="《行政许可法》第六十一条",
        # Whoever granted does not look whether the grant was right (审管分离).
        apart_from=_GRANTED,
        two_officers=True,
        optional_in=("inspected",),
        in_every_version=True,
        legal_day=LegalDay.AWAY,
    ),
    Step(
        "record_unreachable",
        "记录无法联系",
        # Whoever was ordered to mend matters, and is gone, is served by announcement meanwhile.
        {"assigned": "unreachable", **during("rectification_ordered", "rechecked")},
        _OFFICERS,
        form=schema(forms.Unreachable),
        guards=(checks.officers_are_assigned, checks.tried_often_enough),
        effects=(Publish("inspections", "publicity.inspection"),),
        law="《行政许可法》第六十一条",
        two_officers=True,
        optional=True,
        legal_day=LegalDay.AWAY,
    ),
    Step(
        "find_kept",
        "认定履约",
        during("inspected", "rechecked", to="kept"),
        _OFFICERS,
        guards=(checks.officers_are_assigned, checks.promise_is_kept),
        effects=(RecordCredit("promise_kept", "履行承诺"), Notify("party")),
        law="国办发〔2020〕42号、《行政许可法》第六十一条",
        apart_from=_GRANTED,
        two_officers=True,
        legal_day=LegalDay.ENTRY,
        in_every_version=True,
    ),
    Step(
        "order_rectification",
        "责令改正",
        # Who is not there at the first look is ordered, by announcement, to let itself be checked:
        # if it does not, it has not shown what it promised.
        during("inspected", "unreachable", to="rectification_ordered"),
        _OFFICERS,
        form=schema(forms.RectificationOrder),
        guards=(checks.officers_are_assigned, checks.promise_is_not_kept),
        effects=(Issue("rectification_order"), Notify("party")),
        law="国办发〔2020〕42号、《行政许可法》第六十一条、第六十九条",
        in_every_version=True,
    ),
    # Nobody fails to do what he was not told to.
    *service.reaching(
        "serve_order",
        "登记责令改正通知书送达",
        during("rectification_ordered", "rechecked"),
        _OFFICERS,
        of="order",
        documents=("rectification_order",),
        law="国办发〔2020〕42号、《民事诉讼法》第八十七条",
        optional=True,
    ),
    Step(
        "recheck",
        "复查整改情况",
        # Whoever looked too early looks again.
        during("rectification_ordered", "rechecked", to="rechecked"),
        _OFFICERS,
        form=schema(forms.Inspection),
        guards=(checks.officers_are_assigned,),
        effects=(Issue("check_record"), _KEPT_RECORD, Notify("party")),
        law="国办发〔2020〕42号",
        apart_from=_GRANTED,
        two_officers=True,
        in_every_version=True,
        legal_day=LegalDay.AWAY,
    ),
    Step(
        "find_false",
        "认定虚假承诺",
        {"inspected": "false_commitment"},
        _OFFICERS,
        form=schema(Reasoned),
        guards=(checks.officers_are_assigned, checks.promise_is_not_kept),
        effects=(Notify("party"),),
        law="国办发〔2020〕42号",
        two_officers=True,
        legal_day=LegalDay.ENTRY,
        in_every_version=True,
    ),
    Step(
        "find_broken",
        "认定未履约",
        {"rechecked": "broken"},
        _OFFICERS,
        form=schema(Reasoned),
        guards=(checks.officers_are_assigned, checks.promise_is_not_kept),
        effects=(Notify("party"),),
        law="国办发〔2020〕42号",
        two_officers=True,
        legal_day=LegalDay.ENTRY,
        in_every_version=True,
    ),
    Step(
        "notify_revocation",
        "撤销许可事先告知",
        during("broken", "false_commitment", *_BEFORE_DECISION, to="revocation_notified"),
        _OFFICERS,
        form=schema(forms.RevocationNotice),
        guards=(checks.officers_are_assigned,),
        effects=(Issue("revocation_notice"), Notify("party")),
        law="《行政许可法》第七条、第四十六条、第六十九条",
        two_officers=True,
        legal_day=LegalDay.ENTRY,
        in_every_version=True,
    ),
    *service.reaching(
        "serve_notice",
        "登记撤销许可事先告知书送达",
        during(*_TOLD),
        _OFFICERS,
        of="notice",
        documents=("revocation_notice",),
        law="《行政许可法》第七条、《民事诉讼法》第八十七条",
    ),
    *heard.defending(
        *_TOLD,
        "hearing_abandoned",
        "review_returned",
        waiver_in=_TOLD,
        tell=Role.INSPECTOR,
        law="《行政许可法》第七条",
    ),
    *heard.hearing(
        *_TOLD,
        by=_OFFICERS,
        handled=(*_HANDLED, *_RELATED, *_REVIEWED),
        law="《行政许可法》第四十六条、第四十八条",
        asking=(checks.officers_are_assigned,),
    ),
    legal_review.submitting(
        *_TOLD,
        *heard.HEARING_BEHIND,
        "review_returned",
        by=_OFFICERS,
        law=_REVIEW_LAW,
        form=schema(ReviewRequest),
        asking=(checks.officers_are_assigned,),
        again=("review_passed",),
    ),
    *legal_review.reviewing(
        passed="review_passed",
        returned="review_returned",
        tell=Role.INSPECTOR,
        after=Role.APPROVER,
        handled=(*_HANDLED, *_RELATED, *_CHAIRED),
        law=_REVIEW_LAW,
    ),
    Step(
        "revoke",
        "撤销许可",
        {"review_passed": "revoked"},
        _APPROVER,
        form=schema(forms.Revocation),
        guards=(
            approvals.approvals_are_there,
            approvals.approvals_are_kept,
            evidence.evidence_is_as_reviewed,
            review.no_major_public_harm,
        ),
        effects=(
            MoveRelated("licence", "revoke"),
            RecordCredit("licence_revoked", "违反承诺被撤销许可", bars_promise=True),
            *_FOUND,
            _REPAIR,
            Issue("revocation_decision"),
            Publish("licences", "publicity.double"),
            Notify("party"),
        ),
        law="《行政许可法》第六十九条",
        apart_from=(*_HANDLED, "pass_review"),
        final=True,
        in_every_version=True,
    ),
    Step(
        "spare",
        "不予撤销，结案",
        during("broken", *_BEFORE_DECISION, "legal_review", to="closed"),
        _APPROVER,
        form=schema(Reasoned),
        # An older version wrote down the finding by itself: nobody has decided on it.
        effects=(CorrectCredit(kinds=_FOUND_KINDS), Notify("party")),
        law="《行政许可法》第六十九条第一款、第三款",
        optional=True,
        final=True,
        in_every_version=True,
    ),
    Step(
        "record_breach",
        "不予撤销，认定失信并记录",
        {"review_passed": "breach_decided"},
        _APPROVER,
        form=schema(forms.Breach),
        guards=(
            approvals.approvals_are_there,
            approvals.approvals_are_kept,
            evidence.evidence_is_as_reviewed,
        ),
        effects=(Issue("breach_decision"), Notify("party"), Notify(Role.INSPECTOR)),
        law="《行政许可法》第六十九条第一款、第三款、国办发〔2020〕49号",
        apart_from=(*_HANDLED, "pass_review"),
        optional=True,
        final=True,
        in_every_version=True,
    ),
    # Nothing is on record of which the party does not have the decision.
    *service.reaching(
        "serve_breach",
        "登记失信认定决定书送达",
        {"breach_decided": "breach_recorded"},
        _OFFICERS,
        of="decision",
        documents=_BREACH,
        law="国办发〔2020〕49号、《民事诉讼法》第八十七条",
        then=(
            *_FOUND,
            replace(_REPAIR, data={**_REPAIR.data, "decided_on": "@date:record_breach"}),
            Notify(Role.APPROVER),
        ),
    ),
    service.confirming("revocation_notified", "legal_review", "revoked", by=_OFFICERS),
    *service.serving(
        "decision",
        _DECISION,
        unserved=("revoked",),
        announced="revocation_announced",
        served="revocation_served",
        by=_OFFICERS,
        then=(Notify(Role.APPROVER),),
    ),
    Step(
        "refer_penalty",
        "另案处罚（无证经营等）",
        during(*_REVOKED),
        _OFFICERS,
        form=schema(forms.PenaltyReferral),
        guards=(checks.officers_are_assigned, checks.referral_is_possible),
        effects=(
            penalty_inquiry.opening(
                filed_on="@date",
                evidence="核查记录、责令改正、复查记录和撤销决定及其送达回证随案移交",
                lead={
                    "source": f"={LeadSource.CHECK}",
                    "reference": "@case",
                    **{
                        name: f"refer_penalty.{name}"
                        for name in ("violation", "description", "found_on", "act_on", "harmed")
                    },
                },
            ),
            Notify(Role.CASE_HANDLER),
        ),
        law="国办发〔2020〕42号、《行政处罚法》第五十四条",
        optional=True,
        certified=False,
    ),
    Step(
        "deregister",
        "注销公告",
        {"revocation_served": "deregistered"},
        _APPROVER,
        guards=(remedies_guards.decision_stands, corrections_guards.corrections_are_served),
        effects=(
            MoveRelated("licence", "deregister_revoked", {"reason": "revoke.reasons"}),
            Notify("party"),
        ),
        law="《行政许可法》第七十条第四项",
        final=True,
    ),
    Step(
        "reinstate",
        "恢复被撤销的许可",
        during(*_REVOKED, to="reinstated"),
        (*_APPROVER, Role.RELATED),
        guards=(remedies_guards.decision_was_overturned,),
        effects=(*_GIVEN_BACK, Notify("party")),
        law="《行政复议法》第六十四条、《行政诉讼法》第七十条",
        optional=True,
        final=True,
        in_every_version=True,
    ),
    *corrections.undoing(
        _DECISION,
        states=_REVOKED,
        served="undoing_served",
        by=_OFFICERS,
        handled=(*_HANDLED, *_RELATED, *_CHAIRED),
        asking=(corrections_guards.revocation_is_lifted_whole,),
        registers=("licences",),
        then=_GIVEN_BACK,
        law="《行政处罚法》第七十五条第二款（参照）",
    ),
    Step(
        "close",
        "结案",
        {"kept": "closed"},
        (Role.INSPECTOR, Role.SUPERVISOR),
        final=True,
        certified=False,
    ),
    officers.hand_over(*_INQUIRED, to=Role.INSPECTOR),
    *officers.recusal(*_INQUIRED, staff=(*_OFFICERS, *legal_review.REVIEWER)),
    *records_of(*_INVESTIGATED, by=_OFFICERS, guards=(checks.officers_are_assigned,)),
    requesting(*_INVESTIGATED, by=_OFFICERS, guards=(checks.officers_are_assigned,)),
)

_CLOCKS = (
    Clock(
        "check",
        "核查期限",
        ("task_created", "assigned", "unreachable"),
        Escalate(Role.SUPERVISOR, breach="promise"),
        "check.first",
        remind=(Remind(Role.INSPECTOR), Remind(Role.SUPERVISOR)),
    ),
    Clock(
        "finding",
        "核查结论期限",
        (
            "unreachable",
            "inspected",
            "rechecked",
            "kept",
            "broken",
            "false_commitment",
            *heard.HEARING_BEHIND,
            "review_returned",
        ),
        Escalate(Role.SUPERVISOR, breach="promise"),
        "check.finding",
    ),
    Clock(
        "rectification",
        "整改期限",
        ("rectification_ordered",),
        Escalate(Role.INSPECTOR, breach="none"),
        "check.rectification",
        binds="party",
        remind=(Remind("party"),),
        says="最迟 {day} 完成整改",
    ),
    *heard.heard_clocks(
        *_TOLD,
        defence="check.defence",
        request="licensing.hearing_request",
        hold="licensing.hearing_hold",
        to=(Role.INSPECTOR,),
        law="《行政许可法》第七条、第四十七条",
    ),
    legal_review.review_clock("check.legal_review"),
    Clock(
        "revocation_decision",
        "撤销决定期限",
        ("review_passed",),
        Escalate(Role.SUPERVISOR, breach="promise"),
        "check.revocation_decision",
        remind=(Remind(Role.APPROVER),),
    ),
    Clock(
        "deregistration",
        "注销公告期限",
        ("revocation_served",),
        Escalate(Role.SUPERVISOR, breach="promise"),
        "check.deregistration",
        law="《行政许可法》第七十条",
        anchor="service.decision.served_on",
    ),
    # No statute says by when a revocation is served: the limit of penalties, as the house's own.
    *service.serving_clocks(
        "decision",
        ("revoked",),
        "revocation_announced",
        by=Role.INSPECTOR,
        breach="promise",
        law="",
    ),
    service.service_clock(
        ("breach_decided",), by=Role.INSPECTOR, suffix="_breach", what="（失信认定决定书）"
    ),
    *corrections.undoing_clocks(by=Role.INSPECTOR, breach="promise"),
)

COMMITMENT_CHECK = Process(
    key="commitment_check",
    code="HC",
    label="告知承诺事后核查",
    effective_from=date(2021, 7, 1),
    law="国办发〔2020〕42号、《行政许可法》第六十一条",
    initial="task_created",
    opened_by=(Role.RELATED,),
    form=schema(forms.CheckTask),
    states=_STATES,
    steps=_STEPS,
    clocks=(*_CLOCKS, *remedies.remedy_clocks(to=Role.INSPECTOR)),
    tracks=(
        *remedies.overlays(
            (
                *_REVOKED,
                *(state.name for state in corrections.UNDONE_STATES),
                "undoing_served",
                "reinstated",
                "deregistered",
                *_BREACHED,
            ),
            by=(Role.LEGAL_REVIEWER, Role.INSPECTOR),
            documents=(*_DECISION, *_BREACH),
            registers=("licences",),
            falling=(_IN_LINE, Proceed(("reinstate",))),
        ),
        corrections.correcting(
            _DECISION, opens_in=("revocation_served",), by=_OFFICERS, breach="promise"
        ),
    ),
    matter="public_place_hygiene",
    binds=(
        heard.notice_binds("notify_revocation", _PROPOSED, *_DECIDING, law="《行政许可法》第七条"),
        legal_review.review_binds(("notify_revocation",), _PROPOSED, *_DECIDING, law=_REVIEW_LAW),
        corrections.undoing_binds(),
    ),
    keeps_evidence=True,
)
