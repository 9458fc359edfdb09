"""`one_matter` 放射诊疗许可和辐射安全许可“一件事”: two departments, one window, one application.

许可法26 (统一受理、联合办理), 42; 条例449号; 放射诊疗管理规定. Each department sees, examines
and decides its own item in its own tracks; both certificates are handed over at once.
"""

from __future__ import annotations

from datetime import date

from state_machines.language.vocabulary import (
    Clock,
    Escalate,
    Extension,
    Fire,
    Issue,
    Notify,
    OpenCase,
    Process,
    Remind,
    Role,
    State,
    Step,
    Stop,
    during,
    schema,
)
from state_machines.parts.delivery import part as service
from state_machines.parts.intake import guards as applications
from state_machines.parts.intake import part as intake
from state_machines.parts.intake.part import APPLICANT, WINDOW
from state_machines.parts.interested_party import part as interested
from state_machines.parts.limits import guards as limits
from state_machines.parts.prior_notice import part as prior
from state_machines.radiation import guards as radiation
from state_machines.radiation.examination import (
    ECO,
    HEALTH,
    ITEMS,
    Item,
    decision,
    decision_clock,
    precheck,
    review,
)
from state_machines.radiation.one_matter import forms

_JOIN = (Role.JOIN,)
_NOT_YET_ACCEPTED = ("submitted", "precheck", "awaiting_merged_supplement", "supplemented")
_UNDECIDED = (*_NOT_YET_ACCEPTED, "accepted", "dispatched")
_REVIEWED = ("both_passed", "not_all_passed")
_PROMISED = ("accepted", "dispatched", *_REVIEWED, "decided", "certs_ready")
_LEADERS = (HEALTH.approver, ECO.approver)
_REVIEWERS = (HEALTH.reviewer, ECO.reviewer)

_STATES = (
    intake.DRAFT,
    State("submitted", "已提交"),
    State("precheck", "窗口核验"),
    State("awaiting_merged_supplement", "合并补正"),
    State("supplemented", "已补正"),
    State("accepted", "已受理"),
    State("dispatched", "已转办"),
    State("both_passed", "均通过"),
    State("not_all_passed", "未全部通过"),
    State("decided", "已决定"),
    State("certs_ready", "已制证"),
    State("held_on_request", "应申请暂存"),
    State("delivered_together", "一并送达", end=True),
    State("partial_refusal", "部分不予", end=True),
    State("refused", "不予许可", end=True),
    State("converted_single", "转单办", end=True),
    *intake.ENDS,
)


def _single(item: Item) -> tuple[OpenCase, ...]:
    """The item that goes on alone, with its authority; what has passed need not pass again."""
    said = (
        "place_name",
        "institution_kind",
        "institution_licence",
        "verify_by",
        "address",
        "representative",
        "contact_name",
        "contact_phone",
    )
    other = ECO if item is HEALTH else HEALTH
    data = {
        **{name: f"application.{name}" for name in said},
        "joint_case": "@case",
        "received_on": "@date:submit",
        "accepted_on": "@since:joint",
        "reason": f"drop_{other.name}.reason",
    }
    alone, passed = f"single_{item.name}", f"pass_{item.name}.conclusion"
    return (
        OpenCase(alone, alone, data, when=f"!{passed}"),
        OpenCase(alone, alone, data, "passed", when=passed),
    )


def _drop(item: Item) -> Step:
    """One item is withdrawn, or is another level's: the other one goes on alone."""
    other = ECO if item is HEALTH else HEALTH
    return Step(
        f"drop_{item.name}",
        f"撤下{item.label}，{other.label}转单办",
        during("accepted", "dispatched", *_REVIEWED, to="converted_single"),
        (Role.APPLICANT, Role.WINDOW_CLERK),
        form=schema(forms.Reasoned),
        guards=(radiation.nothing_is_decided,),
        effects=(
            *_single(other),
            Issue("conversion_notice"),
            Notify("party"),
            Notify(Role.WINDOW_CLERK),
            *map(Notify, _REVIEWERS),
        ),
        law="《行政许可法》第二十六条",
        optional=True,
        final=True,
    )


def _serving(item: Item) -> tuple[Step, ...]:
    """The refusal of one item reaches the applicant by itself, from the one window (许可法26),
    whatever becomes of the other item: until then it bars nobody, and nobody shows it."""
    return service.reaching(
        f"serve_refuse_{item.name}",
        f"登记不予{item.label}决定书送达",
        during(
            *_REVIEWED,
            "decided",
            "certs_ready",
            "held_on_request",
            "partial_refusal",
            "refused",
            "terminated",
        ),
        WINDOW,
        of=f"refuse_{item.name}",
        documents=("refusal_decision",),
        law="《行政许可法》第三十八条第二款、第四十四条、《民事诉讼法》第八十七条",
        optional=True,
    )


_STEPS = (
    Step(
        "submit",
        "提交申请",
        {"draft": "submitted"},
        APPLICANT,
        guards=(radiation.equipment_is_joint, applications.no_joint_application_is_open),
        effects=(
            Issue("joint_application"),
            Issue("receipt"),
            Notify("party"),
            Notify(Role.WINDOW_CLERK),
            *(Notify(item.reviewer) for item in ITEMS),
        ),
        law="《行政许可法》第二十六条第二款",
    ),
    Step("gather", "两部门核验完毕", {"submitted": "precheck"}, _JOIN),
    *intake.receiving(
        received=("submitted", "precheck"),
        awaiting="awaiting_merged_supplement",
        asking=(radiation.lists_are_merged,),
    ),
    Step(
        "accept",
        "受理",
        during("precheck", "supplemented", to="accepted"),
        WINDOW,
        guards=(applications.materials_are_complete, radiation.departments_are_content),
        effects=(Issue("joint_acceptance"), Notify("party")),
        law="《行政许可法》第三十二条第一款第五项",
    ),
    Step(
        "deem_accepted",
        "逾期未告知视为受理",
        during("submitted", "precheck", "supplemented", to="accepted"),
        (Role.TIMER,),
        effects=(Issue("joint_acceptance"), Notify("party"), Notify(Role.SUPERVISOR)),
        law="《行政许可法》第三十二条第一款第四项",
    ),
    Step(
        "dispatch",
        "转两部门审查",
        {"accepted": "dispatched"},
        WINDOW,
        effects=(Notify("party"), *(Notify(item.reviewer) for item in ITEMS)),
        law="《行政许可法》第二十六条第二款",
    ),
    *interested.registering(during("accepted", "dispatched", *_REVIEWED), by=WINDOW),
    Step(
        "join_passed",
        "两部门均通过",
        {"dispatched": "both_passed"},
        _JOIN,
        guards=(radiation.both_have_passed,),
        effects=(Notify(Role.WINDOW_CLERK), *(Notify(role) for role in _LEADERS)),
    ),
    Step(
        "join_failed",
        "两部门审查完毕，未全部通过",
        {"dispatched": "not_all_passed"},
        _JOIN,
        effects=(
            Notify("party"),
            Notify(Role.WINDOW_CLERK),
            *(Notify(role) for role in _LEADERS),
        ),
    ),
    Step(
        "extend_joint",
        "延长联合办理期限",
        during("dispatched", *_REVIEWED),
        (Role.APPROVER,),
        form=schema(forms.GovernmentExtension),
        guards=(limits.limit_may_be_extended, limits.limit_runs),
        effects=(Issue("joint_extension_notice"), Notify("party")),
        law="《行政许可法》第四十二条第二款",
        optional=True,
    ),
    # The ecology bureau tells of its own refusal in its track.
    *prior.telling(*_REVIEWED, by=(HEALTH.reviewer,), law="《行政许可法》第七条、第七十八条"),
    Step(
        "join_decided",
        "两部门均已决定",
        during(*_REVIEWED, to="decided"),
        _JOIN,
        guards=(radiation.something_is_granted,),
        effects=(Notify(Role.WINDOW_CLERK),),
    ),
    Step(
        "join_refused",
        "两部门均决定不予许可",
        during(*_REVIEWED, to="refused"),
        _JOIN,
        effects=(Notify("party"), Notify(Role.WINDOW_CLERK)),
    ),
    Step(
        "make_certificates",
        "制证",
        {"decided": "certs_ready"},
        WINDOW,
        form=schema(forms.CertificatesMade),
        effects=(
            Issue("diagnosis_certificate", when="decide_health.scope"),
            Issue("diagnosis_duplicate", when="decide_health.scope"),
            Issue("safety_certificate", when="decide_eco.scope"),
            Issue("safety_duplicate", when="decide_eco.scope"),
            Notify("party"),
        ),
        law="《行政许可法》第三十九条",
    ),
    Step(
        "ask_to_hold",
        "申请暂存证书，另一项办结后一并领取",
        {"certs_ready": "held_on_request"},
        APPLICANT,
        form=schema(forms.HeldUntil),
        guards=(radiation.certificate_may_be_held,),
        effects=(Notify(Role.WINDOW_CLERK),),
        law="《行政许可法》第四十四条",
        optional=True,
    ),
    Step(
        "end_hold",
        "结束暂存",
        {"held_on_request": "certs_ready"},
        (Role.APPLICANT, Role.TIMER),
        effects=(Notify(Role.WINDOW_CLERK),),
        law="《行政许可法》第四十四条",
    ),
    Step(
        "deliver",
        "一并送达两证",
        {"certs_ready": "delivered_together"},
        WINDOW,
        form=schema(forms.Delivery),
        guards=(radiation.all_is_granted,),
        effects=(
            Issue("diagnosis_service_receipt"),
            Issue("safety_service_receipt"),
            Notify("party"),
        ),
        law="《行政许可法》第二十六条第二款、第四十四条",
        final=True,
    ),
    Step(
        "deliver_part",
        "送达已准予的一证",
        {"certs_ready": "partial_refusal"},
        WINDOW,
        form=schema(forms.Delivery),
        guards=(radiation.something_is_refused,),
        effects=(
            Issue("diagnosis_service_receipt", when="decide_health.scope"),
            Issue("safety_service_receipt", when="decide_eco.scope"),
            Notify("party"),
        ),
        law="《行政许可法》第四十四条",
        final=True,
    ),
    *(_drop(item) for item in ITEMS),
    *intake.given_up(
        *_UNDECIDED,
        *_REVIEWED,
        withdrawing=(radiation.nothing_is_decided,),
        besides=_REVIEWERS,
    ),
    *intake.telling(),
    *(step for item in ITEMS for step in _serving(item)),
)


def _statutory(item: Item) -> Clock:
    runs_in = item.at("reviewing", "passed", "failed", "undecided")
    return decision_clock(item, ("accepted", *runs_in), *item.at("paused"))


_PAUSES = tuple(
    Stop(
        f"{item.name}_technical_review",
        f"{item.department}技术审查",
        item.at("paused"),
        alone="one_matter.one_pause_stops_all",
        end_told=True,
    )
    for item in ITEMS
)
_CLOCKS = (
    intake.acceptance_clock("submitted", "precheck", "supplemented"),
    intake.supplement_clock(awaiting="awaiting_merged_supplement"),
    Clock(
        "promise",
        "一件事办结承诺",
        _PROMISED,
        Escalate(HEALTH.approver, breach="promise", besides=(ECO.approver,)),
        "one_matter.promise",
        law="本机关服务承诺",
        stops=(*_PAUSES, Stop("held", "应申请暂存", ("held_on_request",))),
        remind=(Remind(Role.WINDOW_CLERK, "reminder.inner"),),
    ),
    *(_statutory(item) for item in ITEMS),
    Clock(
        "joint",
        "联合办理决定期限",
        ("accepted", "dispatched", *_REVIEWED),
        Escalate(Role.SUPERVISOR, besides=_LEADERS),
        "licensing.joint_decision",
        law="《行政许可法》第四十二条第二款",
        stops=_PAUSES,
        extension=Extension("extend_joint", "licensing.joint_decision_extension"),
    ),
    Clock(
        "delivery",
        "证书送达期限",
        ("decided", "certs_ready"),
        Escalate(Role.SUPERVISOR),
        "licensing.delivery",
        law="《行政许可法》第四十四条",
        stops=(Stop("held", "应申请暂存", ("held_on_request",)),),
        remind=(Remind(Role.WINDOW_CLERK),),
    ),
    Clock(
        "hold",
        "暂存期限",
        ("held_on_request",),
        Fire("end_hold"),
        anchor="ask_to_hold.until",
        binds="party",
        says="证书暂存至 {day}",
    ),
)

ONE_MATTER = Process(
    key="one_matter",
    code="YJ",
    label="放射诊疗许可和辐射安全许可“一件事”",
    effective_from=date(2021, 7, 1),
    law="《行政许可法》第二十六条、《放射性同位素与射线装置安全和防护条例》、《放射诊疗管理规定》",
    initial="draft",
    opened_by=APPLICANT,
    form=schema(forms.Application),
    states=_STATES,
    steps=_STEPS,
    clocks=_CLOCKS,
    tracks=(
        *(precheck(item, "submitted") for item in ITEMS),
        *(review(item, "dispatched") for item in ITEMS),
        *(decision(item, *_REVIEWED) for item in ITEMS),
    ),
    matter="radiation_joint",
    materials="radiation_joint",
)
