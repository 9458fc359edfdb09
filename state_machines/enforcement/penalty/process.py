"""`penalty` 行政处罚（普通程序）: from the lead to the decision, its service and its archive.

《行政处罚法》第五十四条至第七十三条. Investigation, opinion, notice, defence and hearing,
reconsideration, legal review, panel, decision, service; what follows is `fines`.
"""

from __future__ import annotations

from datetime import date

from state_machines.enforcement import inquiry
from state_machines.enforcement.exemption import guards as exemptions
from state_machines.enforcement.fines import part as fines
from state_machines.enforcement.inquiry import APPROVER, HANDLER, MINE, OFFICERS
from state_machines.enforcement.penalty import forms
from state_machines.enforcement.penalty import guards as penalties
from state_machines.enforcement.penalty.investigation import (
    FILING,
    INQUIRED,
    INVESTIGATING,
    SENTENCED,
)
from state_machines.language.vocabulary import (
    BringInLine,
    Clock,
    Effect,
    Escalate,
    Extension,
    Fire,
    Issue,
    LegalDay,
    Notify,
    OpenCase,
    Proceed,
    Process,
    Publish,
    ReclassCredit,
    RecordCredit,
    Remind,
    Role,
    State,
    Step,
    Stop,
    during,
    schema,
)
from state_machines.licensing.penalised import guards as licence_penalties
from state_machines.parts.approvals import guards as approvals
from state_machines.parts.corrections import guards as correction_guards
from state_machines.parts.corrections import part as corrections
from state_machines.parts.delivery import part as service
from state_machines.parts.evidence import guards as evidence
from state_machines.parts.hearing import part as heard
from state_machines.parts.legal_review import part as legal_review
from state_machines.parts.legal_review.forms import ReviewRequest
from state_machines.parts.officers import part as officers
from state_machines.parts.panel import part as panel
from state_machines.parts.remedies import part as remedies

_TOLD = ("notified", "statement_heard")
_HEARD = (*_TOLD, *heard.HEARING_BEHIND)
_NOTICE = ("penalty_notice",)
_PAPERS = ("penalty_decision", "repair_reminder", "repair_guide")
# Whoever worked on a case neither chairs its hearing, reviews, votes on it nor decides it.
_HANDLED = (
    "file",
    "investigate",
    "order_correction",
    "close_investigation",
    "propose",
    "notify",
    "reconsider",
    "submit_review",
)
_REVIEWED = ("pass_review", "return_review")
_CHAIRED = ("hold_hearing", "abandon_hearing")
_UNDECIDED = (
    *INQUIRED,
    "notice_issued",
    "notice_announced",
    *_TOLD,
    *(state.name for state in heard.HEARING_STATES),
    "reconsidered",
    "legal_review",
    "review_returned",
    "panel_discussion",
    "decision_pending",
)
# In which what is proposed may be told anew: heavier, or on other facts or another basis.
_BEFORE_DECISION = (
    "statement_heard",
    *heard.HEARING_BEHIND,
    "reconsidered",
    "review_returned",
    "decision_pending",
)
_NOTICED = ("penalty_decision",)
# In which the decision has been served and may still be performed.
_ENFORCED = ("served", *fines.LIVE, "paid")
# A slip may be found until the case is closed.
_CORRECTED = (*_ENFORCED, "executed", "exec_ended")
# 轻微、一般、严重: the class that the decision says (国家发展改革委令第36号).
# A serious record closes the promise route (国办发〔2020〕42号).
_PENALISED = tuple(
    RecordCredit(
        f"penalised_{name}",
        f"受到行政处罚（{label}）",
        bars_promise=name == "serious",
        when=f"decide.publicity={name}",
    )
    for name, label in (("minor", "轻微"), ("general", "一般"), ("serious", "严重"))
)
_REPEATED = RecordCredit(
    "penalised_repeatedly", "屡教不改", when=f"decide.aggravations={forms.Aggravation.REPEATED}"
)
_RECLASSED = tuple(record_credit.kind for record_credit in _PENALISED)
# What falls with the decision, or stands again with it: records, the repair of them, the licence.
_IN_LINE = BringInLine(
    kinds=(*_RECLASSED, _REPEATED.kind),
    delays=(fines.OVERDUE.kind,),
    takes=(
        "credit_repair.lapse",
        "credit_repair.reclass",
        "national_repair.lapse",
        "licence.give_back",
        "licence.bring_back",
        "licence.lift_suspension",
        "licence.suspend",
    ),
)


def _varied(step: str) -> tuple[Effect, ...]:
    """What comes of a decision that was varied by that step: another instalment may come next, and
    the record may be of another class."""
    return (
        fines.SCHEDULED,
        _IN_LINE,
        *(
            ReclassCredit(
                kinds=tuple(kind for kind in _RECLASSED if kind != record_credit.kind),
                kind=record_credit.kind,
                label=record_credit.label,
                bars_promise=record_credit.bars_promise,
                when=f"{step}.publicity={record_credit.kind.removeprefix('penalised_')}",
            )
            for record_credit in _PENALISED
        ),
        Proceed(("revive", *fines.SETTLED.steps)),
    )


_TOLD_PARTS = ("violation", "facts", "basis", "measures")
_PARTS = (*_TOLD_PARTS, "reasons", "stage", "gravity")
_REFERRED = "《行政执法机关移送涉嫌犯罪案件的规定》第五条、第七条"
_REVIEW = "《行政处罚法》第五十八条"
_TELL = "《行政处罚法》第四十四条、第四十五条、第六十二条"
_DECIDE = "《行政处罚法》第五十七条、第五十九条"

_STATES = (
    State("lead", "线索", confidential=True),
    State("filed", "立案（待批准）", confidential=True),
    State("investigating", "调查"),
    State("suspended", "中止调查"),
    State("investigated", "调查终结"),
    State("opinion", "合议"),
    State("notice_issued", "事先告知书待送达"),
    State("notice_announced", "事先告知书公告送达中"),
    State("notified", "已告知"),
    State("statement_heard", "已陈述申辩"),
    *heard.HEARING_STATES,
    State("reconsidered", "复核"),
    State("legal_review", "法制审核"),
    State("review_returned", "审核退回"),
    panel.PANEL_STATE,
    State("decision_pending", "待作出决定"),
    State("decided", "处罚决定"),
    State("decision_announced", "处罚决定公告送达中"),
    State("served", "已送达"),
    State("with_justice", "移送司法机关（待签收）", veiled_as="investigating"),
    State(
        "taken_by_justice",
        "司法机关已签收（待处理）",
        unattended="司法机关的处理没有法定期限；不追究的，由其移送回来继续办理",
        veiled_as="investigating",
    ),
    State("not_punished", "不予处罚"),
    State("release_announced", "不予处罚决定公告送达中"),
    State("release_served", "不予处罚决定已送达"),
    *fines.STATES,
    *corrections.UNDONE_STATES,
    State("undoing_served", "撤销、变更决定已送达"),
    State("not_filed", "不予立案", end=True, confidential=True),
    State("transferred", "移送", end=True),
    State("terminated", "终止", end=True),
)

_HEARING = (
    Step(
        "notify",
        "行政处罚事先告知",
        during("opinion", *_BEFORE_DECISION, to="notice_issued"),
        HANDLER,
        form=schema(forms.Sentence),
        guards=(*MINE, *SENTENCED),
        effects=(Issue("penalty_notice"), Notify("party")),
        law=_TELL,
    ),
    *service.serving(
        "notice",
        _NOTICE,
        unserved=("notice_issued",),
        announced="notice_announced",
        served="notified",
        by=HANDLER,
        suffix="_notice",
    ),
    *heard.defending(
        *_TOLD,
        waiver_in=("notified",),
        to="statement_heard",
        tell=Role.CASE_HANDLER,
        law="《行政处罚法》第四十五条",
    ),
    *heard.hearing(
        *_TOLD,
        by=HANDLER,
        handled=(*_HANDLED, *_REVIEWED),
        law="《行政处罚法》第六十三条、第六十四条",
        asking=MINE,
    ),
    heard.reconsidering(
        *_HEARD,
        "reconsidered",
        "review_returned",
        to="reconsidered",
        by=HANDLER,
        form=schema(forms.Reconsideration),
        asking=(*MINE, *SENTENCED),
        then=(Issue("defence_review"),),
    ),
)

_DECIDING = (
    legal_review.submitting(
        "reconsidered",
        by=HANDLER,
        law=_REVIEW,
        form=schema(ReviewRequest),
        asking=MINE,
        again=("decision_pending",),
    ),
    legal_review.forgoing("reconsidered", to="panel_discussion", by=HANDLER),
    *legal_review.reviewing(
        passed="panel_discussion",
        returned="review_returned",
        tell=Role.CASE_HANDLER,
        after=Role.PANEL_MEMBER,
        handled=(*_HANDLED, *_CHAIRED),
        law=_REVIEW,
    ),
    *panel.discussing(
        agreed="decision_pending",
        rejected="reconsidered",
        minuted_by=APPROVER,
        tell=Role.CASE_HANDLER,
        handled=(*_HANDLED, *_REVIEWED),
    ),
    Step(
        "decide",
        "作出行政处罚决定",
        {"decision_pending": "decided"},
        APPROVER,
        form=schema(forms.Decision),
        guards=(
            approvals.approvals_are_there,
            approvals.approvals_are_kept,
            evidence.evidence_is_as_reviewed,
            penalties.correction_is_ordered,
            *SENTENCED,
            penalties.publicity_fits_the_measures,
        ),
        effects=(
            *_PENALISED,
            _REPEATED,
            OpenCase(
                "credit_repair",
                "repair",
                {
                    "source": "@case",
                    "record": "=受到行政处罚",
                    "category": "decide.publicity",
                    "decided_on": "@date",
                    "outstanding": "decide.outstanding",
                },
                when="decide.shown",
            ),
            Issue("penalty_decision"),
            Issue("repair_reminder", when="decide.shown"),
            Issue("repair_guide", when="decide.shown"),
            Publish("penalties", "publicity.double"),
            Notify("party"),
            Notify(Role.CASE_HANDLER),
        ),
        law=_DECIDE,
        apart_from=(*_HANDLED, "pass_review"),
        final=True,
    ),
    Step(
        "release",
        "决定不予行政处罚",
        during("opinion", "reconsidered", "decision_pending", to="not_punished"),
        APPROVER,
        form=schema(forms.Release),
        effects=(Issue("release_decision"), Notify("party"), Notify(Role.CASE_HANDLER)),
        law="《行政处罚法》第五十七条第一款第二项、第三项",
        apart_from=_HANDLED,
        optional=True,
        final=True,
    ),
    inquiry.extending(*_UNDECIDED),
    *inquiry.serving_order(*_UNDECIDED, "decided", "served", by=HANDLER),
    *service.serving(
        "decision",
        _PAPERS,
        unserved=("decided",),
        announced="decision_announced",
        served="served",
        by=HANDLER,
        then=(Notify(Role.APPROVER),),
    ),
    *service.serving(
        "release",
        ("release_decision",),
        unserved=("not_punished",),
        announced="release_announced",
        served="release_served",
        by=HANDLER,
        suffix="_release",
    ),
    service.confirming("notified", "statement_heard", "decided", "not_punished", by=HANDLER),
)

_ALL_ALONG = (
    inquiry.sending_away("lead", "filed", *_UNDECIDED),
    Step(
        "transfer",
        "移送其他机关，办结",
        during(*_UNDECIDED, to="transferred"),
        APPROVER,
        form=schema(forms.Transferred),
        effects=(Notify("party"), Notify(Role.CASE_HANDLER)),
        law=inquiry.ELSEWHERE,
        optional=True,
        final=True,
        in_every_version=True,
    ),
    Step(
        "refer_crime",
        "涉嫌犯罪，移送司法机关",
        during(*_UNDECIDED, to="with_justice"),
        APPROVER,
        form=schema(forms.CrimeReferral),
        # Whoever is suspected is not warned before the police look into it.
        effects=(Issue("transfer_letter"), Notify(Role.CASE_HANDLER)),
        law="《行政处罚法》第二十七条第一款、第五十七条第一款第四项",
        optional=True,
        final=True,
        in_every_version=True,
        internal=True,
    ),
    Step(
        "record_justice_receipt",
        "登记司法机关签收移送案件",
        {"with_justice": "taken_by_justice"},
        HANDLER,
        form=schema(forms.JusticeReceipt),
        effects=(Notify(Role.APPROVER),),
        law=_REFERRED,
        dated_by="on",
        in_every_version=True,
        legal_day=LegalDay.OTHERS,
        certified=False,
        internal=True,
    ),
    Step(
        "take_back",
        "司法机关移送回，继续办理",
        during("with_justice", "taken_by_justice", to="investigating"),
        APPROVER,
        form=schema(forms.Returned),
        guards=(penalties.return_is_proved,),
        effects=(Notify("party"), Notify(Role.CASE_HANDLER)),
        law="《行政处罚法》第二十七条第一款",
        dated_by="on",
        in_every_version=True,
        legal_day=LegalDay.OTHERS,
    ),
    Step(
        "end_with_justice",
        "司法机关追究刑事责任，移送终结",
        during("with_justice", "taken_by_justice", to="transferred"),
        APPROVER,
        form=schema(forms.Convicted),
        guards=(penalties.justice_paper_is_on_file,),
        effects=(Notify("party"), Notify(Role.CASE_HANDLER)),
        law="《行政处罚法》第二十七条第一款、第三十五条",
        final=True,
        in_every_version=True,
        legal_day=LegalDay.OTHERS,
    ),
    inquiry.terminating(*_UNDECIDED, "suspended"),
    Step(
        "hand_over",
        "移交承办",
        during(*_UNDECIDED, "suspended"),
        (Role.SUPERVISOR, Role.APPROVER),
        form=schema(forms.HandOver),
        guards=(exemptions.two_handlers_are_named,),
        effects=(Notify(Role.CASE_HANDLER),),
        law="《行政处罚法》第四十二条",
        optional=True,
    ),
    *officers.recusal(*_UNDECIDED, staff=(*OFFICERS, *legal_review.REVIEWER)),
)

# 依职权撤销、变更: a decision that was served is put right by the authority itself.
_PUT_RIGHT = corrections.undoing(
    _NOTICED,
    states=(*_CORRECTED, "closed"),
    served="undoing_served",
    by=HANDLER,
    handled=(*_HANDLED, *_CHAIRED),
    asking=(penalties.penalty_is_lifted_whole,),
    registers=("penalties",),
    then=(_IN_LINE,),
)

_CLOCKS = (
    Clock(
        "filing",
        "立案期限",
        ("lead", "filed"),
        Escalate(Role.SUPERVISOR),
        "penalty.filing",
        law="《卫生健康行政处罚程序规定》",
        anchor="application.filed_on",
        remind=(Remind(Role.CASE_HANDLER),),
    ),
    # A case taken over from another procedure has its filing date, and so its limit.
    Clock(
        "decision",
        "办案期限",
        # Until criminal justice has it, it is the authority's time.
        (*_UNDECIDED, "with_justice"),
        Escalate(Role.SUPERVISOR),
        "penalty.decision",
        law="《行政处罚法》第六十条",
        anchor="application.filed_on",
        stops=(
            Stop("suspended", "中止调查", ("suspended",), end_told=True),
            # What criminal justice takes is not the authority's time (L).
            Stop("justice", "移送司法机关期间", ("taken_by_justice",)),
        ),
        extension=Extension("extend_decision", "penalty.decision_extension", before="extended"),
        remind=(Remind(Role.CASE_HANDLER), Remind(Role.SUPERVISOR)),
    ),
    Clock(
        "justice_transfer",
        "移送司法机关期限",
        ("with_justice",),
        Escalate(Role.SUPERVISOR, besides=(Role.APPROVER,)),
        "penalty.justice_transfer",
        law=_REFERRED,
        remind=(Remind(Role.CASE_HANDLER),),
    ),
    # An investigation does not rest without end: whoever lets it rest on says so anew, and why.
    Clock(
        "suspended",
        "中止调查期限",
        ("suspended",),
        Fire("resume"),
        "penalty.suspension",
        law="《卫生健康行政处罚程序规定》",
        remind=(Remind(Role.CASE_HANDLER), Remind(Role.APPROVER)),
    ),
    *service.serving_clocks(
        "notice",
        ("notice_issued",),
        "notice_announced",
        by=Role.CASE_HANDLER,
        suffix="_notice",
        breach="promise",
        law="《行政处罚法》第四十四条",
    ),
    *heard.heard_clocks(
        "notified",
        defence="penalty.defence",
        request="penalty.hearing_request",
        hold="penalty.hearing_hold",
        to=(Role.CASE_HANDLER,),
        law="《行政处罚法》第四十四条、第四十五条、第六十四条",
    ),
    legal_review.review_clock("penalty.legal_review"),
    panel.panel_clock("penalty.panel"),
    *service.serving_clocks("decision", ("decided",), "decision_announced", by=Role.CASE_HANDLER),
    *service.serving_clocks(
        "release",
        ("not_punished",),
        "release_announced",
        by=Role.CASE_HANDLER,
        suffix="_release",
    ),
    Clock(
        "release_closing",
        "不予处罚结案期限",
        ("release_served",),
        Escalate(Role.SUPERVISOR, breach="promise"),
        "penalty.closing",
    ),
    *fines.collecting_clocks("served", served="service.decision.served_on"),
    *corrections.undoing_clocks(by=Role.CASE_HANDLER),
    Clock(
        "undoing_closing",
        "撤销、变更决定后结案期限",
        ("undoing_served",),
        Escalate(Role.SUPERVISOR, breach="promise"),
        "penalty.closing",
    ),
)

PENALTY = Process(
    key="penalty",
    code="CF",
    label="行政处罚（普通程序）",
    effective_from=date(2021, 7, 15),
    law="《行政处罚法》第五章、第六章",
    initial="lead",
    opened_by=(*OFFICERS, Role.RELATED),
    form=schema(forms.Lead),
    states=_STATES,
    steps=(
        *FILING,
        *INVESTIGATING,
        *_HEARING,
        *_DECIDING,
        *fines.collecting(
            "served",
            "release_served",
            "undoing_served",
            unserved=("decided", "decision_announced"),
            handling=(exemptions.handlers_are_assigned,),
            closing=(
                penalties.corrections_are_rechecked,
                licence_penalties.licence_is_taken,
                licence_penalties.licence_is_given_back,
                correction_guards.corrections_are_served,
            ),
            annulled=(_IN_LINE,),
        ),
        *_ALL_ALONG,
        *_PUT_RIGHT,
    ),
    clocks=(*_CLOCKS, *remedies.remedy_clocks(to=Role.CASE_HANDLER, varied=True)),
    tracks=(
        *remedies.overlays(
            (
                "decided",
                "decision_announced",
                "served",
                *(state.name for state in fines.STATES),
                *(state.name for state in corrections.UNDONE_STATES),
                "undoing_served",
            ),
            by=(Role.LEGAL_REVIEWER, Role.CASE_HANDLER),
            documents=_NOTICED,
            registers=("penalties",),
            varying=remedies.Varying(
                schema(forms.Variation),
                schema(forms.JudgedVariation),
                (penalties.publicity_fits_the_measures, licence_penalties.terms_are_stated),
                _varied,
            ),
            falling=(_IN_LINE, Proceed(("annul",))),
        ),
        corrections.correcting(_NOTICED, opens_in=_CORRECTED, by=HANDLER),
    ),
    materials="penalty",
    binds=(
        heard.notice_binds(
            "notify",
            _TOLD_PARTS,
            "reconsider",
            "decide",
            milder=("measures",),
            law=_TELL,
        ),
        legal_review.review_binds(
            ("reconsider",),
            _PARTS,
            "decide",
            law=_REVIEW,
            lapses=("notify",),
            unless=("review_is_not_compulsory",),
        ),
        panel.panel_binds(("reconsider",), _PARTS, "decide"),
        corrections.undoing_binds(),
    ),
    keeps_evidence=True,
)
