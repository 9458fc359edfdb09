"""`instant_licence` 告知承诺即时办: a hygiene licence granted against a signed promise.

国发〔2021〕7号, 国办发〔2020〕42号, 《行政许可法》第三十四条第二款, 《公共场所卫生管理条例》.
The case ends when the certificate is delivered; the licence itself is a case of `licence`.
"""

from __future__ import annotations

from datetime import date

from state_machines.language.vocabulary import (
    Clock,
    Escalate,
    Extension,
    Issue,
    LegalDay,
    Notify,
    OpenCase,
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
from state_machines.licensing.instant_licence import forms
from state_machines.parts.intake import guards as applications
from state_machines.parts.intake import part as intake
from state_machines.parts.intake.part import APPLICANT, APPROVER, WHO_GRANTS, WINDOW
from state_machines.parts.interested_party import part as interested
from state_machines.parts.limits import guards as limits
from state_machines.parts.looks import guards as checks
from state_machines.parts.prior_notice import part as prior
from state_machines.parts.promise import guards as promises
from state_machines.parts.promise import part as promise

_REVIEWER = (Role.REVIEWER,)

_STATES = (
    intake.DRAFT,
    *intake.RECEIVED,
    State("accepted", "已受理"),
    State("informed", "已告知"),
    State("committed", "已承诺"),
    State("ordinary_review", "一般程序"),
    intake.PAUSED,
    State("granted", "准予许可"),
    State("delivered", "已送达", end=True),
    State("refused", "不予许可", end=True),
    State("filing_route", "转备案", end=True),
    *intake.ENDS,
)

_IN_REVIEW = ("accepted", "informed", "committed", "ordinary_review")
_UNDECIDED = (*intake.NOT_YET_ACCEPTED, *_IN_REVIEW, "paused_technical")


def _licence(*, leaving: str, when: str = "", state: str = "valid") -> OpenCase:
    """The licence that a grant opens: what the certificate says (实施细则25), and from when on its
    place may be open."""
    return OpenCase(
        "licence",
        "licence",
        {
            "number": "@number:certificate",
            "place_name": "application.place_name",
            "place_kind": "application.place_kind",
            "address": "application.address",
            "representative": "application.representative",
            "valid_from": "@date",
            "valid_until": "@term:licence.validity",
            "ready_by": "@date" if state == "valid" else "commit.ready_by",
        },
        leaving=leaving,
        when=when,
        state=state,
    )


_STEPS = (
    Step(
        "submit",
        "提交申请",
        {"draft": "received"},
        APPLICANT,
        guards=(applications.place_is_free, applications.party_may_apply),
        effects=(Issue("receipt"), Notify("party"), Notify(Role.WINDOW_CLERK)),
        law="《行政许可法》第二十九条",
    ),
    Step(
        "turn_to_filing",
        "转为备案办理",
        {"received": "filing_route"},
        WINDOW,
        guards=(applications.needs_only_filing,),
        effects=(
            OpenCase(
                "place_filing",
                "filing",
                {
                    "place_name": "application.place_name",
                    "place_kind": "application.place_kind",
                    "region": "application.region",
                    "address": "application.address",
                    "area_m2": "application.area_m2",
                    "representative": "application.representative",
                    "contact_name": "application.contact_name",
                    "contact_phone": "application.contact_phone",
                },
                state="received",
            ),
            Notify("party"),
        ),
        law="国令第797号",
        optional=True,
        final=True,
    ),
    *intake.receiving(),
    Step(
        "accept",
        "受理",
        during("received", "supplemented", to="accepted"),
        WINDOW,
        form=schema(forms.Acceptance),
        guards=(
            applications.needs_this_licence,
            applications.name_fits_register,
            applications.materials_are_complete_or_deferred,
        ),
        effects=(
            Issue("acceptance_notice"),
            Issue("deferral_notice", when="accept.deferred"),
            Notify("party"),
        ),
        law="《行政许可法》第三十二条第一款第五项",
    ),
    intake.deemed_accepted(),
    Step(
        "inform",
        "告知许可条件和责任",
        {"accepted": "informed"},
        WINDOW,
        effects=(Issue("inform_notice"), Notify("party")),
        law="国办发〔2020〕42号",
    ),
    Step(
        "study",
        "学习准入前诚信教育",
        during("informed"),
        APPLICANT,
        form=schema(forms.Answers),
        guards=(promises.questions_are_answered,),
        law="国办发〔2020〕42号",
    ),
    Step(
        "commit",
        "签署承诺书",
        {"informed": "committed"},
        APPLICANT,
        form=schema(forms.Commitment),
        guards=(
            promises.may_sign_promise,
            promises.education_is_done,
            promises.credit_allows_promise,
            promises.ready_in_time,
        ),
        effects=(Issue("commitment_letter"), Notify(Role.WINDOW_CLERK)),
        law="国办发〔2020〕42号",
    ),
    Step(
        "decline",
        "不作承诺，按一般程序办理",
        {"informed": "ordinary_review"},
        APPLICANT,
        effects=(Notify(Role.REVIEWER),),
        law="国办发〔2020〕42号",
        optional=True,
    ),
    Step(
        "withdraw_commitment",
        "撤回承诺，转一般程序",
        {"committed": "ordinary_review"},
        APPLICANT,
        form=schema(forms.Reasoned),
        effects=(Notify(Role.REVIEWER),),
        law="国办发〔2020〕42号",
        optional=True,
    ),
    promise.turning({"informed": "ordinary_review", "committed": "ordinary_review"}),
    Step(
        "book_look",
        "预约核查（踏勘）",
        during("ordinary_review"),
        _REVIEWER,
        form=schema(forms.LookAppointment),
        guards=(checks.look_is_ahead,),
        effects=(Issue("look_appointment"), Notify("party")),
        law="《行政许可法》第三十四条第三款",
        optional=True,
    ),
    Step(
        "check_site",
        "核查许可条件",
        during("ordinary_review"),
        (Role.REVIEWER, Role.INSPECTOR),
        form=schema(forms.SiteCheck),
        guards=(checks.remote_look_is_shown,),
        effects=(Issue("look_record"), Notify("party")),
        law="《行政许可法》第三十四条第三款",
        two_officers=True,
        legal_day=LegalDay.AWAY,
    ),
    *intake.pausing("ordinary_review", forms.Pause),
    Step(
        "extend_decision",
        "延长审查期限",
        during(*_IN_REVIEW),
        APPROVER,
        form=schema(forms.Reasoned),
        guards=(limits.limit_may_be_extended,),
        effects=(Issue("extension_notice"), Notify("party")),
        law="《行政许可法》第四十二条第一款",
        optional=True,
    ),
    *interested.registering(
        {
            # What weighs on others is not granted on the spot: it takes the ordinary route.
            **during("accepted", "informed", "committed", "ordinary_review", to="ordinary_review"),
            **during("paused_technical"),
        },
        by=(*_REVIEWER, *WINDOW),
    ),
    Step(
        "grant",
        "准予许可",
        during("committed", "ordinary_review", to="granted"),
        WHO_GRANTS,
        only={"ordinary_review": APPROVER},
        form=schema(forms.Grant),
        guards=(
            applications.window_is_delegated,
            applications.needs_this_licence,
            applications.materials_are_complete,
            promises.conditions_are_shown,
            promises.paper_promise_is_kept,
        ),
        effects=(
            # Conditions that are promised for later: the place may not open until they are met.
            _licence(leaving="committed", when="commit.ready_by", state="not_ready"),
            _licence(leaving="committed", when="!commit.ready_by"),
            _licence(leaving="ordinary_review"),
            OpenCase(
                "commitment_check",
                "check",
                {
                    "place_name": "application.place_name",
                    "place_kind": "application.place_kind",
                    "address": "application.address",
                    "licence_number": "licence.number",
                    "promised_on": "@date:commit",
                },
                leaving="committed",
            ),
            OpenCase(
                "deferral",
                "deferral",
                {
                    "place_name": "application.place_name",
                    "place_kind": "application.place_kind",
                    "address": "application.address",
                    "licence_number": "licence.number",
                    "materials": "accept.deferred",
                    "promised_on": "@date:accept",
                    "due": "@term:licensing.deferral",
                },
                when="accept.deferred",
            ),
            RecordCredit("licence_granted", "取得公共场所卫生许可"),
            Issue("grant_decision"),
            Issue("certificate"),
            Issue("certificate_duplicate"),
            Publish("licences", "publicity.double"),
            Notify("party"),
        ),
        law="《行政许可法》第三十四条第二款、第三十八条第一款",
        final=True,
    ),
    # Who is said to have handed in what is false is told before: it bars for a year.
    *prior.telling(*_IN_REVIEW, by=_REVIEWER, law="《行政许可法》第七条、第七十八条"),
    Step(
        "refuse",
        "不予许可",
        during(*_IN_REVIEW, to="refused"),
        APPROVER,
        form=schema(forms.Refusal),
        effects=(
            RecordCredit("licence_refused", "申请许可未获准予"),
            Issue("refusal_decision"),
            Publish("licences", "publicity.double"),
            Notify("party"),
        ),
        law="《行政许可法》第三十八条第二款",
        apart_from=prior.HANDLED,
        optional=True,
        final=True,
    ),
    Step(
        "deliver",
        "送达证书",
        {"granted": "delivered"},
        WINDOW,
        form=schema(forms.Delivery),
        effects=(Issue("service_receipt"), Notify("party")),
        law="《行政许可法》第四十四条",
        final=True,
    ),
    *intake.given_up(*_UNDECIDED),
    *intake.telling("refusal_decision"),
)

_CLOCKS = (
    intake.ACCEPTANCE_CLOCK,
    intake.supplement_clock(),
    Clock(
        "instant",
        "即时办结承诺",
        ("committed",),
        Escalate(Role.WINDOW_CLERK, breach="promise"),
        "licensing.instant_promise",
        law="国发〔2021〕7号",
    ),
    Clock(
        "decision",
        "许可决定期限",
        _IN_REVIEW,
        Escalate(Role.SUPERVISOR),
        "licensing.decision",
        law="《行政许可法》第四十二条",
        stops=(intake.PAUSE_STOP,),
        extension=Extension("extend_decision", "licensing.decision_extension"),
        remind=(Remind(Role.REVIEWER), Remind(Role.APPROVER)),
    ),
    intake.pause_clock(in_every_version=True),
    intake.delivery_clock("granted"),
)

INSTANT_LICENCE = Process(
    key="instant_licence",
    code="GC",
    label="公共场所卫生许可（告知承诺）",
    effective_from=date(2021, 7, 1),
    law="《行政许可法》、《公共场所卫生管理条例》、国发〔2021〕7号",
    initial="draft",
    opened_by=APPLICANT,
    form=schema(forms.Application),
    states=_STATES,
    steps=_STEPS,
    clocks=_CLOCKS,
    matter="public_place_hygiene",
    materials="public_place_hygiene",
)
