"""执行与结案: a decided penalty is performed, or the court is asked; then the case is closed.

《行政处罚法》第六十六条至第七十三条, 《行政强制法》第三十五条至第四十二条、第五十三条至第五十九条.
Processes that end in a penalty compose these states, steps and clocks; `owed` is their own state in
which the party has been served.

行政复议 and 行政诉讼 overlie all of it: their days do not count for the late fee, and the court is
not asked while they are pending.

Any sum that a party pays is taken, whenever and wherever the case is: what follows from it follows
by itself. That holds for cases of every version, since the bank has the money.
"""

from __future__ import annotations

from state_machines.enforcement.fines import forms
from state_machines.enforcement.fines import guards as fines
from state_machines.enforcement.inquiry import APPROVER, HANDLER
from state_machines.enforcement.penalty import guards as penalties
from state_machines.language.vocabulary import (
    BringInLine,
    Clock,
    Effect,
    Escalate,
    Fire,
    Guard,
    Issue,
    LegalDay,
    Notify,
    Proceed,
    RecordCredit,
    Remind,
    Role,
    ScheduleInstalment,
    State,
    Step,
    during,
    schema,
)
from state_machines.parts.delivery import part as service
from state_machines.parts.remedies import guards as remedies

_PARTY = (Role.APPLICANT,)
_TIMER = (Role.TIMER,)
_BY_ITSELF = (Role.RELATED,)
_TOLD = (Notify("party"), Notify(Role.CASE_HANDLER))
_TIME = "《行政处罚法》第六十六条第二款"
_PAID = "《行政处罚法》第六十七条"
_AGREEMENT = "《行政强制法》第四十二条"
_COURT = "《行政强制法》第五十三条至第五十五条、《行政处罚法》第七十二条"
_URGED = ("urging_notice",)
# 罚没款缴纳情况清单: the account of the decision, as of a day.
ACCOUNT = Issue("payment_account")
# 逾期未缴: whoever had the time to pay and let it pass.
OVERDUE = RecordCredit("fine_overdue", "逾期未缴纳罚没款")
_FELL_DUE = (OVERDUE, *_TOLD)
# The day of the next instalment, wherever the plan or what is owed of it changes.
SCHEDULED = ScheduleInstalment()
# What a payment, or a variation, comes to: no delay after all, a refund; nothing left to pay,
# nothing that is late of a plan, or of that nothing but a fee.
NO_DELAY = BringInLine(delays=(OVERDUE.kind,))
SETTLED = Proceed(("settle", "resume_plan", "owe_late_fee"))

STATES = (
    State("instalment", "分期缴纳"),
    State("deferred", "延期缴纳"),
    State("overdue", "逾期"),
    State("urging_issued", "催告书待送达"),
    State("urging_announced", "催告书公告送达中"),
    State("urged", "已催告"),
    State("court_applied", "申请强制执行"),
    State("exec_suspended", "中止执行"),
    State("executed", "执行完毕"),
    State("exec_ended", "终结执行"),
    State("paid", "已缴"),
    State("closed", "结案"),
    State("archived", "归档", end=True),
)
_URGING = ("urging_issued", "urging_announced", "urged")
# In which money may still come in; and until when all may come to nothing.
_LATE = ("overdue", *_URGING)
LIVE = ("instalment", "deferred", *_LATE, "court_applied", "exec_suspended")
# 履行完毕; and in which there is nothing left to collect.
PAID_UP = ("paid", "executed")
PERFORMED = (*PAID_UP, "exec_ended")


def collecting(
    owed: str,
    *also_closed: str,
    unserved: tuple[str, ...] = (),
    handling: tuple[Guard, ...] = (),
    closing: tuple[Guard, ...] = (),
    annulled: tuple[Effect, ...] = (),
) -> tuple[Step, ...]:
    """The steps from the state `owed` to the archive, taken by an officer under the guards
    `handling` and closed under `closing`; the states `also_closed` lead to the same end. `annulled`
    is what comes of an overturned decision. In the states `unserved` it is decided, but not served:
    who pays so early has paid."""
    return (
        *_paying(owed, unserved),
        *_given_time(owed),
        *_pressing(owed, handling),
        *_falling(owed, annulled),
        Step(
            "close",
            "结案",
            during(*PERFORMED, *also_closed, to="closed"),
            HANDLER,
            form=schema(forms.Closing),
            guards=(*handling, fines.paid_is_paid_whole, *closing),
            effects=(Issue("closing_report"), Notify("party")),
            law="《卫生健康行政处罚程序规定》",
            final=True,
            certified=False,
        ),
        Step(
            "archive",
            "归档",
            {"closed": "archived"},
            HANDLER,
            form=schema(forms.Archiving),
            guards=handling,
            law="《卫生行政执法文书规范》",
            final=True,
            certified=False,
        ),
    )


def _paying(owed: str, unserved: tuple[str, ...]) -> tuple[Step, ...]:
    open_ = (owed, *LIVE)
    # Where nobody waits for money any more, or not yet, it is taken all the same.
    besides = (*unserved, "court_applied", "exec_suspended", *PERFORMED, "closed", "archived")
    anywhere = tuple(dict.fromkeys((*unserved, *open_, *besides)))
    return (
        Step(
            "record_payment",
            "登记缴款",
            during(*anywhere),
            HANDLER,
            form=schema(forms.Payment),
            guards=(fines.payment_is_possible,),
            effects=(SCHEDULED, NO_DELAY, Notify("party"), SETTLED),
            law=_PAID,
            optional_in=besides,
            # Whatever sum it is: so a page asks once more.
            final=True,
            in_every_version=True,
            legal_day=LegalDay.OTHERS,
            certified=False,
        ),
        Step(
            "correct_payment",
            "更正缴款登记",
            during(*anywhere),
            HANDLER,
            form=schema(forms.PaymentCorrection),
            guards=(fines.correction_is_of_a_payment,),
            effects=(
                SCHEDULED,
                NO_DELAY,
                Notify("party"),
                Notify(Role.APPROVER),
                Proceed(("owe_again", *SETTLED.steps)),
            ),
            law=_PAID,
            optional=True,
            # Nobody puts right alone what the authority has said of money.
            two_officers=True,
            # Whatever sum it is, as for a payment.
            asks=True,
            in_every_version=True,
            legal_day=LegalDay.ENTRY,
            certified=False,
        ),
        Step(
            "owe_again",
            "缴款登记更正后尚有欠款",
            {"paid": owed},
            _BY_ITSELF,
            guards=(fines.something_is_owed,),
            effects=_TOLD,
            law=_PAID,
            in_every_version=True,
        ),
        Step(
            "record_refund",
            "登记退还多缴的罚没款",
            # While the court executes nothing is too much yet.
            during(*(one for one in anywhere if one not in ("court_applied", "exec_suspended"))),
            HANDLER,
            form=schema(forms.RefundMade),
            guards=(fines.refund_is_due,),
            effects=(Notify("party"), Notify(Role.APPROVER)),
            law="《国家赔偿法》第三十六条",
            optional=True,
            # Money has gone out.
            asks=True,
            in_every_version=True,
            legal_day=LegalDay.ENTRY,
            certified=False,
        ),
        Step(
            "draw_up_account",
            "出具罚没款缴纳情况清单",
            during(*anywhere),
            HANDLER,
            form=schema(forms.Account),
            guards=(fines.account_day_is_possible,),
            effects=(ACCOUNT, Notify("party")),
            law=_PAID,
            optional=True,
            # A numbered paper goes to the party.
            asks=True,
            in_every_version=True,
            legal_day=LegalDay.ENTRY,
            certified=False,
        ),
        Step(
            "settle",
            "缴清",
            during(*open_, to="paid"),
            _BY_ITSELF,
            guards=(fines.all_is_paid, remedies.decision_stands),
            effects=(Notify("party"),),
            law=_PAID,
            in_every_version=True,
        ),
        Step(
            "record_performance",
            "登记履行情况",
            # After a variation nothing may be owed any more, wherever the case then is.
            during(owed, "instalment", "deferred", *_LATE, to="paid"),
            HANDLER,
            form=schema(forms.Performance),
            guards=(fines.nothing_is_owed, remedies.decision_stands),
            effects=(Notify("party"),),
            law="《行政处罚法》第六十六条第一款",
            optional=True,
            legal_day=LegalDay.OTHERS,
            certified=False,
        ),
        Step(
            "become_overdue",
            "缴款期限届满未缴",
            {owed: "overdue"},
            _TIMER,
            guards=(fines.something_is_owed,),
            effects=_FELL_DUE,
            law="《行政处罚法》第六十七条第三款、第七十二条",
        ),
    )


def _given_time(owed: str) -> tuple[Step, ...]:
    return (
        Step(
            "ask_for_time",
            "申请延期（分期）缴纳罚款",
            # Who is late, or was urged, may be in want all the same.
            during(owed, *_LATE),
            _PARTY,
            form=schema(forms.TimeRequest),
            guards=(fines.something_is_owed,),
            effects=(Notify(Role.APPROVER), Notify(Role.CASE_HANDLER)),
            law=_TIME,
            optional=True,
            in_every_version=True,
        ),
        Step(
            "grant_instalments",
            "准予分期缴纳罚款",
            during(owed, *_LATE, to="instalment"),
            APPROVER,
            form=schema(forms.Plan),
            guards=(fines.time_was_asked_for, fines.plan_adds_up),
            effects=(SCHEDULED, Issue("payment_plan"), *_TOLD),
            law=_TIME,
            optional=True,
            in_every_version=True,
        ),
        Step(
            "defer_payment",
            "准予延期缴纳罚款",
            during(owed, *_LATE, to="deferred"),
            APPROVER,
            form=schema(forms.Deferral),
            guards=(fines.time_was_asked_for, fines.deferral_day_is_possible),
            effects=(Issue("payment_plan"), *_TOLD),
            law=_TIME,
            optional=True,
            in_every_version=True,
        ),
        Step(
            "make_agreement",
            "达成执行协议",
            # Where it grants time the plan is taken up by itself.
            during(*_LATE),
            APPROVER,
            form=schema(forms.ExecutionAgreement),
            guards=(
                fines.something_is_owed,
                fines.agreement_is_on_file,
                fines.agreement_adds_up,
                fines.remission_is_earned,
            ),
            effects=(SCHEDULED, ACCOUNT, *_TOLD, Proceed(("settle", "resume_plan"))),
            law=_AGREEMENT,
            optional=True,
            final=True,
            in_every_version=True,
            legal_day=LegalDay.ENTRY,
        ),
        Step(
            "resume_plan",
            "恢复分期缴纳",
            during(*_LATE, to="instalment"),
            _BY_ITSELF,
            guards=(fines.plan_goes_on,),
            effects=_TOLD,
            law=_TIME,
            in_every_version=True,
        ),
        Step(
            "owe_late_fee",
            "分期缴清，尚欠加处罚款",
            {"instalment": "overdue"},
            _BY_ITSELF,
            guards=(fines.only_the_late_fee_is_left,),
            effects=_TOLD,
            law="《行政处罚法》第七十二条第一款第一项",
            in_every_version=True,
        ),
        Step(
            "miss_instalment",
            "认定分期逾期",
            {"instalment": "overdue"},
            _TIMER,
            guards=(fines.an_instalment_is_missed,),
            effects=_FELL_DUE,
            law="《行政处罚法》第七十二条第一款第一项",
        ),
        Step(
            "lapse_deferral",
            "延期届满未缴",
            {"deferred": "overdue"},
            _TIMER,
            guards=(fines.something_is_owed,),
            effects=_FELL_DUE,
            law="《行政处罚法》第七十二条第一款第一项",
        ),
    )


def _pressing(owed: str, handling: tuple[Guard, ...]) -> tuple[Step, ...]:
    undisputed = (
        remedies.no_remedy_is_pending,
        remedies.no_appeal_is_open,
        remedies.decision_stands,
    )
    return (
        Step(
            "urge",
            "催告",
            {"overdue": "urging_issued"},
            HANDLER,
            form=schema(forms.Urging),
            guards=(*handling, fines.something_is_owed),
            effects=(Issue("urging_notice"), Notify("party")),
            law="《行政强制法》第五十四条",
            waits_for=("payment",),
        ),
        *service.serving(
            "urging",
            _URGED,
            unserved=("urging_issued",),
            announced="urging_announced",
            served="urged",
            by=HANDLER,
            suffix="_urging",
        ),
        Step(
            "apply_to_court",
            "申请人民法院强制执行",
            {"urged": "court_applied"},
            APPROVER,
            form=schema(forms.CourtApplication),
            guards=(
                fines.something_is_owed,
                *undisputed,
                remedies.enforcement_is_its_own,
                fines.urging_time_is_over,
                fines.court_may_be_asked,
            ),
            effects=(Issue("court_application"), ACCOUNT, Notify(Role.CASE_HANDLER)),
            law=_COURT,
            final=True,
        ),
        Step(
            "hand_over_execution",
            "移送复议机关强制执行",
            {"urged": "court_applied"},
            APPROVER,
            form=schema(forms.ExecutionTransfer),
            guards=(
                fines.something_is_owed,
                *undisputed,
                remedies.enforcement_is_of_another,
                fines.urging_time_is_over,
                fines.court_may_be_asked,
            ),
            effects=(Issue("transfer_letter"), *_TOLD),
            law="《行政复议法》第七十八条",
            optional=True,
            final=True,
        ),
        Step(
            "record_execution",
            "登记执行完毕",
            # The court may recover more than once.
            during("court_applied", "executed", to="executed"),
            HANDLER,
            form=schema(forms.Execution),
            guards=(fines.recovered_is_possible,),
            effects=(Notify("party"),),
            law="《行政强制法》第五十三条至第五十九条",
            optional_in=("executed",),
            in_every_version=True,
            legal_day=LegalDay.OTHERS,
            certified=False,
        ),
        Step(
            "suspend_execution",
            "中止执行",
            {"court_applied": "exec_suspended"},
            APPROVER,
            form=schema(forms.ExecutionPause),
            effects=(Issue("execution_suspension"), *_TOLD),
            law="《行政强制法》第三十九条第一款",
            optional=True,
        ),
        Step(
            "resume_execution",
            "恢复执行",
            {"exec_suspended": "court_applied"},
            APPROVER,
            effects=_TOLD,
            law="《行政强制法》第三十九条第二款",
        ),
        Step(
            "end_execution",
            "终结执行",
            during(owed, *LIVE, "executed", to="exec_ended"),
            APPROVER,
            form=schema(forms.ExecutionEnd),
            guards=(penalties.end_fits_the_party, fines.execution_may_end),
            effects=(Issue("execution_end"), Notify(Role.CASE_HANDLER)),
            law="《行政强制法》第三十九条第二款、第四十条",
            optional=True,
            final=True,
            in_every_version=True,
        ),
    )


def _falling(owed: str, annulled: tuple[Effect, ...]) -> tuple[Step, ...]:
    """What follows by itself from a decision that was quashed, and from one that a court gave back
    its force. An approver may still annul what was quashed before this followed by itself."""
    return (
        Step(
            "annul",
            "决定被撤销、变更，不再执行",
            during(owed, *LIVE, *PAID_UP, to="exec_ended"),
            (*APPROVER, *_BY_ITSELF),
            guards=(remedies.decision_was_overturned,),
            effects=(*annulled, *_TOLD),
            law="《行政强制法》第四十条第四项",
            optional=True,
            final=True,
            in_every_version=True,
        ),
        Step(
            "revive",
            "决定恢复效力，恢复执行",
            {"exec_ended": owed},
            _BY_ITSELF,
            guards=(remedies.decision_is_back,),
            effects=(*_TOLD, Proceed(("settle",))),
            law="《行政诉讼法》第七十条、最高人民法院关于适用该法的解释第八十九条",
            in_every_version=True,
        ),
    )


def collecting_clocks(owed: str, *, served: str | None = None) -> tuple[Clock, ...]:
    """The party's time to pay, and the authority's to go on. `served` is the anchor of
    the day on which the party was served; without it, that is when the case came to `owed`."""
    after = Escalate(Role.CASE_HANDLER, breach="none")
    inner = Escalate(Role.SUPERVISOR, breach="promise")
    return (
        Clock(
            "payment",
            "缴款期限",
            (owed,),
            Fire("become_overdue", otherwise=after),
            "penalty.payment",
            law="《行政处罚法》第六十七条第三款",
            anchor=served,
            binds="party",
            remind=(Remind("party"),),
            says="最迟 {day} 履行处罚决定（缴纳罚没款）",
        ),
        Clock(
            "deferral",
            "延期缴纳期限",
            ("deferred",),
            Fire("lapse_deferral", otherwise=after),
            law=_TIME,
            anchor="defer_payment.until",
            binds="party",
            remind=(Remind("party"),),
            says="延期至 {day} 缴清罚款",
        ),
        Clock(
            "instalments",
            "分期缴纳期限",
            ("instalment",),
            Fire("miss_instalment", otherwise=after),
            law=_TIME,
            anchor="instalments.next.due_on",
            binds="party",
            remind=(Remind("party"), Remind(Role.CASE_HANDLER)),
            says="最迟 {day} 缴纳本期罚款",
        ),
        Clock(
            "urging",
            "催告办理期限",
            ("overdue",),
            inner,
            "penalty.urging",
            law="《行政强制法》第五十四条",
            remind=(Remind(Role.CASE_HANDLER),),
        ),
        *service.serving_clocks(
            "urging",
            ("urging_issued",),
            "urging_announced",
            by=Role.CASE_HANDLER,
            suffix="_urging",
            breach="promise",
            law="《行政强制法》第三十八条",
        ),
        Clock(
            "after_urging",
            "催告后履行期限",
            ("urged",),
            after,
            "coercion.after_urging",
            law="《行政强制法》第五十四条",
            anchor="service.urging.served_on",
            binds="party",
            remind=(Remind("party"),),
            says="最迟 {day} 按催告书履行",
        ),
        Clock(
            "execution",
            "执行跟踪期限",
            ("court_applied",),
            inner,
            "penalty.execution",
            remind=(Remind(Role.CASE_HANDLER),),
        ),
        Clock(
            "suspension",
            "中止执行期间",
            ("exec_suspended",),
            after,
            "coercion.suspension",
            law="《行政强制法》第三十九条第二款",
        ),
        Clock(
            "closing",
            "结案期限",
            PERFORMED,
            inner,
            "penalty.closing",
            remind=(Remind(Role.CASE_HANDLER),),
        ),
        Clock("archiving", "归档期限", ("closed",), inner, "penalty.archiving"),
    )
