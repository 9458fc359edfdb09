"""`licence` 卫生许可证: the life of a granted licence, from the grant to the book entry of its end.

《公共场所卫生管理条例实施细则》第二十五条、《行政许可法》第八条、第五十条、第六十九条、第七十条.
Renewals and changes are applications of their own (`licence_renewal`, `licence_change`).
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
    MoveRelated,
    Notify,
    Proceed,
    Process,
    Publish,
    Remind,
    Role,
    State,
    Step,
    during,
    schema,
)
from state_machines.licensing.licence import forms
from state_machines.licensing.licence import guards as licences
from state_machines.licensing.licence.suspension import GIVEN_BACK, suspension
from state_machines.licensing.penalised import guards as licence_penalties
from state_machines.parts.delivery import part as service
from state_machines.parts.endings import part as endings
from state_machines.parts.intake.part import APPLICANT, APPROVER
from state_machines.parts.officers import part as officers
from state_machines.parts.prior_notice import part as prior
from state_machines.parts.promise import guards as promises
from state_machines.parts.remedies import part as remedies

_RELATED = (Role.RELATED,)
_TIMER = (Role.TIMER,)

# States in which the licence stands and its place may be open; a place is licensed besides while
# its conditions are promised for later.
_IN_FORCE = ("valid", "expiring", "renewal_pending", "deemed_renewed", "amended")
STANDING = (*_IN_FORCE, "closure_requested")
# What may have become of a licence that was renewed before its new certificate was handed over.
_RENEWED = ("renewal_pending", "deemed_renewed", "valid", "expiring")
_ACTED_ON = ("not_ready", *STANDING)
# Until a decision that ends it is served, it is in force all the same.
IN_FORCE = (*STANDING, endings.DECIDED)
HELD = ("not_ready", *IN_FORCE)
# Who prepares the withdrawal of a lawful licence.
_WITHDRAWING = (Role.REVIEWER, Role.INSPECTOR)
# Whoever did any of these does not decide what the party was told of.
_TELLING = (*prior.HANDLED, "hold_hearing")
_WITHDRAWAL_LAW = "《行政许可法》第七条、第八条第二款"
_HEARING_LAW = "《行政许可法》第七条、第四十七条、第四十八条"
_NO_LIMIT = "法律未规定办理注销的期限"

# Whatever leads back leads no further than the licence had come.
_BACK = Proceed(("await_conditions",))

_ANNOUNCED = (
    Issue("deregistration_decision"),
    Issue("deregistration_notice"),
    Publish("licences", "publicity.double"),
    Notify("party"),
)

LICENCE = Process(
    key="licence",
    code="XK",
    label="卫生许可证",
    effective_from=date(2021, 7, 1),
    law="《公共场所卫生管理条例实施细则》第二十五条",
    initial="not_ready",
    opened_by=_RELATED,
    form=schema(forms.Licence),
    matter="public_place_hygiene",
    materials="public_place_hygiene",
    states=(
        State("not_ready", "领证未达条件"),
        State("valid", "有效"),
        State("expiring", "将到期"),
        State("renewal_pending", "延续中"),
        State("deemed_renewed", "视为准予延续"),
        State("amended", "已变更"),
        State("closure_requested", "申请注销"),
        State("expired", "过期", unattended=_NO_LIMIT),
        State("revoked", "已撤销", unattended=_NO_LIMIT),
        State("withdrawn_by_authority", "已撤回", unattended=_NO_LIMIT),
        State("cancelled", "已吊销", unattended=_NO_LIMIT),
        *endings.states(_NO_LIMIT),
        State("deregistered", "已注销", end=True),
    ),
    steps=(
        Step(
            "prove_conditions",
            "报告条件已经具备",
            during("not_ready"),
            APPLICANT,
            form=schema(forms.ConditionsProved),
            effects=(Notify(Role.WINDOW_CLERK),),
            law="国发〔2021〕7号",
        ),
        Step(
            "confirm_ready",
            "确认达到许可条件",
            {"not_ready": "valid"},
            (Role.WINDOW_CLERK, Role.REVIEWER),
            guards=(promises.conditions_are_reported,),
            effects=(Issue("ready_notice"), Notify("party")),
            law="国发〔2021〕7号",
            apart_from=("instant_licence.grant",),
            asks=True,
            in_every_version=True,
        ),
        Step(
            "begin_expiring",
            "进入到期提醒期",
            {"valid": "expiring"},
            _TIMER,
            effects=(Notify("party"),),
        ),
        Step(
            "begin_renewal",
            "受到延续申请",
            during("expiring", "amended", to="renewal_pending"),
            _RELATED,
            law="《行政许可法》第五十条第一款",
            in_every_version=True,
        ),
        Step(
            "end_renewal",
            "延续申请未获准予",
            {"renewal_pending": "expiring"},
            _RELATED,
        ),
        Step(
            "renew",
            "准予延续",
            {"renewal_pending": "valid"},
            _RELATED,
            form=schema(forms.Term),
            effects=(
                Amend({"valid_from": "renew.valid_from", "valid_until": "renew.valid_until"}),
            ),
            law="《行政许可法》第五十条第二款",
        ),
        Step(
            "deem_renewed",
            "逾期未作决定视为准予延续",
            {"renewal_pending": "deemed_renewed"},
            _TIMER,
            guards=(licences.renewal_was_in_time,),
            effects=(
                Amend(
                    {
                        "valid_from": "@after:application.valid_until",
                        "valid_until": "@term:licence.validity:application.valid_until",
                    }
                ),
                MoveRelated("licence_renewal", "deem"),
                Notify("party"),
                Notify(Role.SUPERVISOR),
            ),
            law="《行政许可法》第五十条第二款",
        ),
        Step(
            "confirm_renewal",
            "领取延续后的证书",
            {"deemed_renewed": "valid"},
            _RELATED,
            law="《行政许可法》第五十条第二款",
        ),
        Step(
            "amend",
            "变更（更正）登记",
            during("valid", "expiring", to="amended"),
            _RELATED,
            form=schema(forms.Amendment),
            effects=(
                Amend(
                    {
                        "place_name": "amend.place_name",
                        "representative": "amend.representative",
                        "address": "amend.address",
                    }
                ),
            ),
            law="《行政许可法》第四十九条",
        ),
        Step(
            "hand_over",
            "领取新证，旧证作废",
            # What the licence has become since by its renewal it stays.
            {"amended": "valid", **during(*_RENEWED)},
            _RELATED,
            in_every_version=True,
        ),
        Step(
            "expire",
            "有效期届满",
            during(*HELD, to="expired"),
            _TIMER,
            effects=(
                MoveRelated("licence_renewal", "lapse", leaving="renewal_pending"),
                Notify("party"),
                Notify(Role.WINDOW_CLERK),
            ),
            law="《行政许可法》第七十条第一项",
        ),
        Step(
            "revoke",
            "撤销",
            during(*HELD, "expired", to="revoked"),
            _RELATED,
            law="《行政许可法》第六十九条",
        ),
        *prior.telling(*_ACTED_ON, by=_WITHDRAWING, law=_WITHDRAWAL_LAW, two_officers=True),
        *prior.hearing(
            *_ACTED_ON, by=_WITHDRAWING, handled=("instant_licence.grant",), law=_HEARING_LAW
        ),
        *officers.recusal(*_ACTED_ON, staff=(*_WITHDRAWING, Role.HEARING_CHAIR), law=_HEARING_LAW),
        Step(
            "withdraw_by_authority",
            "撤回",
            during(*_ACTED_ON, to="withdrawn_by_authority"),
            APPROVER,
            form=schema(forms.Withdrawal),
            guards=(*prior.DECIDING, *prior.HEARING),
            effects=(
                Issue("withdrawal_decision"),
                Publish("licences", "publicity.double"),
                Notify("party"),
            ),
            law="《行政许可法》第八条第二款",
            apart_from=_TELLING,
            optional=True,
            final=True,
            in_every_version=True,
        ),
        # Nothing is struck off before its holder has the decision.
        *service.reaching(
            "serve_withdrawal",
            "登记撤回行政许可决定书送达",
            during("withdrawn_by_authority"),
            _WITHDRAWING,
            of="withdrawal",
            documents=("withdrawal_decision",),
            law="《行政许可法》第四十四条、《民事诉讼法》第八十七条",
        ),
        *endings.ending(
            *_ACTED_ON,
            form=schema(forms.EndingDecision),
            by=_WITHDRAWING,
            apart_from=_TELLING,
            law="《公共场所卫生管理条例实施细则》第三十五条第二款、《行政许可法》第七十条第五项",
            asking=prior.HEARING,
        ),
        Step(
            "cancel",
            "吊销",
            during(*HELD, to="cancelled"),
            APPROVER,
            form=schema(forms.Cancellation),
            guards=(licence_penalties.penalty_decided_it,),
            effects=(Notify("party"), Notify(Role.WINDOW_CLERK)),
            law="《公共场所卫生管理条例》第十四条",
            optional=True,
            final=True,
        ),
        Step(
            "reinstate",
            "恢复效力",
            {"revoked": "valid"},
            _RELATED,
            effects=(_BACK, Notify("party"), Notify(Role.WINDOW_CLERK)),
            law="《行政复议法》第六十四条、《行政诉讼法》第七十条",
            in_every_version=True,
        ),
        remedies.bringing_back(
            during(
                "withdrawn_by_authority",
                "deregistered",
                endings.DECIDED,
                endings.SERVED,
                to="valid",
            ),
            (*APPROVER, Role.RELATED),
            marks=(
                Mark(
                    documents=(
                        "withdrawal_decision",
                        "ending_decision",
                        "deregistration_decision",
                        "deregistration_notice",
                    ),
                    label="已被撤销，许可已恢复",
                ),
            ),
            register="licences",
            tell=Role.WINDOW_CLERK,
            asking=(licence_penalties.place_is_not_licensed_anew,),
            shown_in=("withdrawn_by_authority", "deregistered"),
            then=(_BACK,),
        ),
        Step(
            "give_back",
            "恢复被吊销的许可",
            {"cancelled": "valid"},
            (*APPROVER, Role.RELATED),
            form=schema(forms.GivenBack),
            guards=(
                licence_penalties.penalty_came_to_nothing,
                licence_penalties.place_is_not_licensed_anew,
            ),
            effects=(_BACK, Notify("party"), Notify(Role.WINDOW_CLERK)),
            law=GIVEN_BACK,
            optional=True,
            in_every_version=True,
        ),
        Step(
            "request_closure",
            "申请注销",
            during("not_ready", "valid", "expiring", to="closure_requested"),
            APPLICANT,
            form=schema(forms.Closure),
            guards=(licences.nothing_is_open,),
            effects=(Notify("party"), Notify(Role.APPROVER)),
            law="《行政许可法》第七十条",
            optional=True,
        ),
        Step(
            "keep_open",
            "撤回注销申请",
            {"closure_requested": "valid"},
            APPLICANT,
            form=schema(forms.Reasoned),
            effects=(_BACK, Notify(Role.APPROVER)),
            optional=True,
            in_every_version=True,
        ),
        Step(
            "await_conditions",
            "承诺的条件尚未具备，不得营业",
            {"valid": "not_ready"},
            _RELATED,
            guards=(licences.conditions_are_outstanding,),
            effects=(Notify("party"),),
            law="国发〔2021〕7号",
            in_every_version=True,
        ),
        Step(
            "deregister",
            "注销",
            during(
                *HELD,
                "expired",
                "withdrawn_by_authority",
                "cancelled",
                endings.SERVED,
                to="deregistered",
            ),
            APPROVER,
            form=schema(forms.Deregistration),
            effects=_ANNOUNCED,
            law="《行政许可法》第七十条",
            apart_from=_TELLING,
            in_every_version=True,
            # A licence in force waits for nobody: its holder may die or be dissolved.
            optional_in=("not_ready", *_IN_FORCE, endings.DECIDED),
            final=True,
        ),
        Step(
            "deregister_revoked",
            "撤销后注销",
            {"revoked": "deregistered"},
            _RELATED,
            form=schema(forms.Reasoned),
            effects=_ANNOUNCED,
            law="《行政许可法》第七十条第四项",
            final=True,
        ),
    ),
    clocks=(
        Clock(
            "conditions",
            "承诺的条件具备日期",
            ("not_ready",),
            Escalate(Role.INSPECTOR, breach="none"),
            anchor="application.ready_by",
            law="国发〔2021〕7号",
            binds="party",
            remind=(Remind("party"),),
            says="最迟 {day} 具备承诺的条件并报告",
        ),
        Clock(
            "expiring",
            "到期提醒起算",
            ("valid",),
            Fire("begin_expiring"),
            "licence.expiring_notice",
            anchor="application.valid_until",
            count_back=True,
        ),
        # Before `validity`, which falls due at the same instant: in time, the renewal is deemed.
        Clock(
            "renewal_decision",
            "延续决定期限",
            ("renewal_pending",),
            Fire("deem_renewed", otherwise=Escalate(Role.SUPERVISOR, breach="none")),
            anchor="application.valid_until",
            law="《行政许可法》第五十条第二款",
            remind=(Remind(Role.APPROVER),),
        ),
        Clock(
            "validity",
            "有效期",
            HELD,
            Fire("expire", otherwise=Escalate(Role.SUPERVISOR, breach="none")),
            anchor="application.valid_until",
            law="《行政许可法》第七十条第一项",
            remind=(Remind("party", "reminder.licence_expiry"),),
            says="有效期至 {day}",
        ),
        endings.ending_clock(Role.REVIEWER),
    ),
    tracks=(suspension(HELD),),
)
