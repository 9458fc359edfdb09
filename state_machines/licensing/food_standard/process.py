"""`food_standard` 食品安全企业标准备案: a firm's standard is made public for comments, and filed.

《食品安全法》第三十条: a food producer files the standard of its own that is stricter than the
national or the local one. To file is not to approve: the authority sees whether the papers are
whole, makes the text public, and keeps it open to the public (第三十一条). A filed standard is
revised, which is made public again, given up, undone if its papers were false, or runs out.
"""

from __future__ import annotations

from datetime import date

from state_machines.language.vocabulary import (
    Amend,
    Clock,
    Escalate,
    Fire,
    Issue,
    Mark,
    Notify,
    Process,
    Publish,
    Remind,
    Role,
    State,
    Step,
    during,
    schema,
)
from state_machines.licensing.food_standard import forms
from state_machines.parts.delivery import part as service
from state_machines.parts.intake import part as intake
from state_machines.parts.intake.part import APPLICANT, APPROVER, REVIEWER, WINDOW
from state_machines.parts.prior_notice import part as prior
from state_machines.parts.public_notice import part as public
from state_machines.parts.remedies import part as remedies

_LAW = "《食品安全法》第三十条"
# What was filed on false papers is undone, once its firm was told and heard.
_FALSE_LAW = "《食品安全法》第三十条、《行政许可法》第六十九条（参照）"
_OPEN_LAW = "《食品安全法》第三十条、第三十一条"
# Who tells its firm, two of them, and serves what is decided.
_TELLING = (*REVIEWER, Role.INSPECTOR)
# The standard is on file in each of these, also while its revision is under way.
_ON_FILE = ("filed", "revising", "revision_noticed")
# It is not any more by an act of the authority.
_STRUCK_OFF = ("annulled", "cancelled")
_ENDED = (
    Mark(documents=("food_standard_receipt",), label="备案已注销"),
    Publish("deregistrations", "publicity.double"),
    Notify("party"),
)

FOOD_STANDARD = Process(
    key="food_standard",
    code="SB",  # stands in case numbers
    label="食品安全企业标准备案",
    effective_from=date(2021, 7, 1),
    law=_LAW,
    initial="draft",
    opened_by=(Role.APPLICANT,),
    form=schema(forms.Application),
    matter="food_standard",
    materials="food_standard",
    states=(
        intake.DRAFT,
        *intake.RECEIVED,
        State("noticed", "公示征求意见"),
        State("filed", "已备案"),
        State("revising", "已备案（修订待核对）"),
        State("revision_noticed", "已备案（修订公示）"),
        State("cancelled", "备案已注销", end=True),
        State("annulment_decided", "已备案（撤销决定待送达）"),
        State("annulled", "备案已撤销", end=True),
        State("lapsed", "备案已过期", end=True),
        *intake.ENDS,
    ),
    steps=(
        Step(
            "submit",
            "提交备案",
            {"draft": "received"},
            APPLICANT,
            effects=(Issue("receipt"), Notify("party"), Notify(Role.WINDOW_CLERK)),
            law=_LAW,
        ),
        *intake.receiving(),
        *public.noticing(
            {"received": "noticed", "supplemented": "noticed", "revising": "revision_noticed"},
            {"noticed": "supplemented", "revision_noticed": "revising"},
            issues=(Issue("food_standard_notice"),),
            law=_OPEN_LAW,
        ),
        Step(
            "record",
            "备案",
            during("noticed", "revision_noticed", to="filed"),
            WINDOW,
            form=schema(forms.Note),
            guards=public.RECORDING,
            effects=(
                Amend({"valid_until": "@term:food_standard.validity"}),
                Amend(
                    {"title": "revise.title", "number": "revise.number"},
                    leaving="revision_noticed",
                ),
                Issue("food_standard_receipt"),
                Publish("filings", "publicity.double"),
                Notify("party"),
            ),
            law=_OPEN_LAW,
        ),
        *public.revising(
            "filed", "revising", "revision_noticed", form=schema(forms.Revision), law=_LAW
        ),
        Step(
            "cancel",
            "注销备案",
            during(*_ON_FILE, to="cancelled"),
            APPLICANT,
            form=schema(forms.Cancellation),
            effects=(*_ENDED, Notify(Role.WINDOW_CLERK)),
            law=_LAW,
            optional=True,
            final=True,
        ),
        Step(
            "strike_off",
            "注销备案（企业终止）",
            during(*_ON_FILE, to="cancelled"),
            WINDOW,
            form=schema(forms.StrikingOff),
            effects=_ENDED,
            law=_LAW,
            optional=True,
            final=True,
        ),
        *prior.telling(*_ON_FILE, by=_TELLING, law=_FALSE_LAW, two_officers=True),
        Step(
            "annul_filing",
            "撤销备案（提供虚假材料）",
            during(*_ON_FILE, to="annulment_decided"),
            APPROVER,
            form=schema(forms.Annulment),
            guards=prior.DECIDING,
            effects=(
                Issue("food_standard_annulment"),
                Notify("party"),
                Notify(Role.WINDOW_CLERK),
                *map(Notify, _TELLING),
            ),
            law=_FALSE_LAW,
            apart_from=prior.HANDLED,
            optional=True,
            final=True,
            in_every_version=True,
        ),
        # Nothing is struck off, and the public learns of nothing, before the firm has the decision.
        *service.reaching(
            "serve_annulment",
            "登记撤销备案决定书送达",
            {"annulment_decided": "annulled"},
            _TELLING,
            of="annulment",
            documents=("food_standard_annulment",),
            law=f"{_LAW}、《民事诉讼法》第八十七条",
            then=(
                Mark(documents=("food_standard_receipt",), label="备案已撤销"),
                Publish("deregistrations", "publicity.double"),
                Notify(Role.WINDOW_CLERK),
            ),
        ),
        remedies.bringing_back(
            during("annulment_decided", *_STRUCK_OFF, to="filed"),
            APPROVER,
            marks=(
                Mark(documents=("food_standard_annulment",), label="已被撤销，备案已恢复"),
                *(
                    Mark(documents=("food_standard_receipt",), label="备案已恢复", leaving=state)
                    for state in _STRUCK_OFF
                ),
            ),
            register="deregistrations",
            tell=Role.WINDOW_CLERK,
            shown_in=_STRUCK_OFF,
        ),
        Step(
            "lapse",
            "备案期满",
            {"filed": "lapsed"},
            (Role.TIMER,),
            effects=(
                Mark(documents=("food_standard_receipt",), label="备案已过期"),
                Publish("deregistrations", "publicity.double"),
                Notify("party"),
            ),
            law=_LAW,
            final=True,
        ),
        *intake.given_up(*intake.NOT_YET_ACCEPTED, "noticed"),
        *intake.telling(),
    ),
    clocks=(
        Clock(
            "filing",
            "备案办理期限",
            ("received", "supplemented", "revising"),
            Escalate(Role.SUPERVISOR, breach="promise"),
            "food_standard.handling",
            law="本机关服务承诺",
            remind=(Remind(Role.WINDOW_CLERK),),
        ),
        public.notice_clock("noticed", "revision_noticed", limit="food_standard.notice", law=_LAW),
        public.answers_clock("revision_noticed", limit="food_standard.answers", law=_LAW),
        # A revision that was filed in time keeps the standard on file until it is recorded.
        Clock(
            "validity",
            "备案有效期",
            ("filed",),
            Fire("lapse"),
            anchor="application.valid_until",
            remind=(Remind("party", "reminder.licence_expiry"),),
            says="最迟 {day} 提出修订（复审）备案，逾期未提出的备案失效",
        ),
        intake.supplement_clock(),
        service.service_clock(
            ("annulment_decided",),
            by=Role.REVIEWER,
            suffix="_annulment",
            what="（撤销备案决定书）",
        ),
    ),
)
