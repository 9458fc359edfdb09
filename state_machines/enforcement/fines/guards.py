"""Collecting a fine (执行): what is owed, by whom it is paid, and when the court may be asked."""

from __future__ import annotations

from decimal import Decimal

from state_machines.enforcement.fines.facts import (
    AccountDay,
    AgreementProposed,
    CourtTerm,
    Debt,
    EndProved,
    ExecutedUp,
    ExecutionRest,
    InstalmentDue,
    LastDay,
    PaidUp,
    PaymentCorrected,
    PaymentMade,
    PlanHeld,
    PlanProposed,
    Recovered,
    RefundDue,
    Settlement,
    TimeAsked,
    UrgingTime,
)
from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.remedies.facts import Remedies

_PAID = "《行政处罚法》第六十七条"
_LATE = "《行政处罚法》第七十二条第一款第一项"
_TIME = "《行政处罚法》第六十六条第二款"
_AGREED = "《行政强制法》第四十二条第一款"


@guard()
def something_is_owed(debt: Debt) -> Refusal | None:
    """There is money to pay."""
    if debt.owed:
        return None
    return Refusal("nothing_owed", "没有需要缴纳的罚没款，请办理“登记履行情况”", _PAID)


@guard()
def nothing_is_owed(debt: Debt) -> Refusal | None:
    """There is no money to pay, or all of it was paid."""
    if not debt.owed:
        return None
    return Refusal("still_owed", f"尚有罚没款{debt.left}元未缴，请办理“登记缴款”", _PAID)


@guard()
def paid_is_paid_whole(debt: Debt, paid: PaidUp) -> Refusal | None:
    """No case is closed as paid while something is owed, as after a court raised the sentence."""
    if not paid.paid or not Decimal(debt.left):
        return None
    return Refusal("still_owed", f"尚有罚没款{debt.left}元未缴，请办理“登记缴款”", _PAID)


@guard()
def only_the_late_fee_is_left(plan: PlanHeld, debt: Debt) -> Refusal | None:
    """All parts of a plan are paid, and what ran of a late fee is not."""
    if debt.owed and not plan.open_parts:
        return None
    return Refusal("not_the_late_fee_alone", "分期尚未缴清，或者已经没有欠款", _LATE)


@guard(needs_input=True)
def payment_is_possible(payment: PaymentMade) -> Refusal | None:
    """A payment has its day and a voucher of its own, and goes to the bank."""
    if not payment.since <= payment.on <= payment.today:
        return Refusal(
            "payment_day_wrong",
            f"缴款日期应在{payment.since:%Y-%m-%d}至{payment.today:%Y-%m-%d}之间",
            _PAID,
        )
    if payment.used:
        return Refusal(
            "voucher_used", f"缴款凭证“{payment.voucher}”已经登记过，不能重复登记", _PAID
        )
    small = Decimal(payment.amount) <= Decimal(payment.spot_most)
    if payment.on_the_spot and not (payment.simple and small):
        return Refusal(
            "not_to_the_bank",
            "作出处罚决定的机关应当与收缴罚款的机构分离，罚款应到指定银行或者通过电子支付系统缴纳；"
            f"当场处罚{payment.spot_most}元以下的才可以当场收缴",
            "《行政处罚法》第六十七条、第六十八条",
        )
    return None


@guard()
def all_is_paid(settled: Settlement) -> Refusal | None:
    """Nothing of what stands is left to pay, nor anything else to perform if that is no sum."""
    if Decimal(settled.left):
        return Refusal("still_owed", f"尚有罚没款{settled.left}元未缴", _PAID)
    if settled.other_duties and not settled.sums:
        duties = "、".join(settled.other_duties)
        return Refusal(
            "other_duties_stand",
            f"“{duties}”的履行情况请办理“登记履行情况”",
            "《行政处罚法》第六十六条第一款",
        )
    return None


@guard()
def plan_goes_on(plan: PlanHeld) -> Refusal | None:
    """Of a plan parts are still to come, and none that has come is open."""
    if plan.open_parts and not Decimal(plan.overdue):
        return None
    return Refusal("plan_is_not_kept", "没有待缴的分期，或者已到期的分期尚未缴清", _TIME)


@guard()
def time_was_asked_for(asked: TimeAsked) -> Refusal | None:
    """More time is given to whoever asks for it."""
    if asked.asked:
        return None
    return Refusal("time_not_asked_for", "当事人没有申请延期或者分期缴纳罚款", _TIME)


@guard(needs_input=True)
def plan_adds_up(plan: PlanProposed) -> Refusal | None:
    """The parts come to what is left to pay, one after the other, the last on the last day."""
    if Decimal(plan.total) != Decimal(plan.left):
        return Refusal(
            "plan_does_not_add_up", f"各期合计{plan.total}元，应缴余额为{plan.left}元", _TIME
        )
    if not plan.rising:
        return Refusal(
            "plan_dates_wrong",
            "各期期限应当晚于今天、依次推后，最后一期与“最后一期的缴纳期限”一致",
            _TIME,
        )
    if plan.until > plan.latest:
        return Refusal("plan_too_long", f"分期最迟至{plan.latest:%Y-%m-%d}", _TIME)
    return None


@guard(needs_input=True)
def agreement_is_on_file(agreement: AgreementProposed) -> Refusal | None:
    """An agreement is one that both have signed, and says something."""
    if not agreement.on_file:
        return Refusal(
            "agreement_not_on_file",
            f"证据登记中没有“{agreement.paper}”，请先把双方签章的执行协议书扫描登记入卷",
            _AGREED,
        )
    if agreement.parts or agreement.remits:
        return None
    return Refusal("nothing_agreed", "协议既没有约定分阶段履行，也没有约定减免加处罚款", _AGREED)


@guard(needs_input=True)
def agreement_adds_up(agreement: AgreementProposed) -> Refusal | None:
    """Where it is performed in parts, these come to the principal that is open, one after the
    other."""
    if not agreement.parts:
        return None
    if Decimal(agreement.total) != Decimal(agreement.principal):
        return Refusal(
            "plan_does_not_add_up",
            f"各期合计{agreement.total}元，未缴的罚款和没收款为{agreement.principal}元"
            "（加处罚款不列入分期）",
            _AGREED,
        )
    if not agreement.rising:
        return Refusal("plan_dates_wrong", "各期期限应当晚于今天、依次推后", _AGREED)
    if agreement.until > agreement.latest:
        return Refusal("plan_too_long", f"分期最迟至{agreement.latest:%Y-%m-%d}", _AGREED)
    return None


@guard(needs_input=True)
def remission_is_earned(agreement: AgreementProposed) -> Refusal | None:
    """Of the late fee something is remitted to who has mended matters, and of nothing else."""
    if not agreement.remits:
        if not agreement.lapses:
            return None
        return Refusal("nothing_remitted", "没有减免加处罚款，不能约定减免失效", _AGREED)
    if not Decimal(agreement.fee_open):
        return Refusal("nothing_remitted", "没有未缴的加处罚款可以减免；罚款本身不能减免", _AGREED)
    if not agreement.sum_fits:
        return Refusal("nothing_remitted", "减免一部分的，请填写减免的金额", _AGREED)
    if not agreement.mended:
        return Refusal(
            "remission_without_remedy",
            "当事人采取补救措施的，才可以减免加处罚款，请写明补救措施",
            _AGREED,
        )
    if not agreement.mending_proved:
        return Refusal(
            "remedy_not_proved",
            "补救措施应当有证据证明：请先把证明材料登记为证据，再写明它的名称",
            _AGREED,
        )
    if agreement.lapses and not agreement.parts:
        return Refusal("nothing_remitted", "没有约定分阶段履行，不能约定逾期的减免失效", _AGREED)
    return None


@guard(needs_input=True)
def refund_is_due(refund: RefundDue) -> Refusal | None:
    """What was paid too much is given back, once, and no more than that."""
    if Decimal(refund.amount) > Decimal(refund.overpaid) or not Decimal(refund.amount):
        return Refusal(
            "refund_not_due",
            f"应予退还{refund.overpaid}元，登记退还{Decimal(refund.amount):.2f}元，请核对",
            "《国家赔偿法》第三十六条",
        )
    if not refund.since <= refund.on <= refund.today:
        return Refusal(
            "payment_day_wrong",
            f"退还日期应在{refund.since:%Y-%m-%d}至{refund.today:%Y-%m-%d}之间",
            _PAID,
        )
    if refund.used:
        return Refusal("voucher_used", f"退还凭证“{refund.voucher}”已经登记过，不能重复登记", _PAID)
    return None


@guard(needs_input=True)
def account_day_is_possible(account: AccountDay) -> Refusal | None:
    """An account is drawn up as of a day since the decision that is not to come."""
    if account.since <= account.on <= account.today:
        return None
    return Refusal(
        "account_day_wrong",
        f"截至日期应在{account.since:%Y-%m-%d}至{account.today:%Y-%m-%d}之间",
        _PAID,
    )


@guard(needs_input=True)
def deferral_day_is_possible(day: LastDay) -> Refusal | None:
    """Payment is put off to a day to come, and not without end."""
    if day.today < day.until <= day.latest:
        return None
    return Refusal(
        "deferral_day_wrong", f"延期应在{day.today:%Y-%m-%d}之后、{day.latest:%Y-%m-%d}之前", _TIME
    )


@guard()
def an_instalment_is_missed(due: InstalmentDue) -> Refusal | None:
    """The day of the next instalment has gone by."""
    if due.today > due.due:
        return None
    return Refusal(
        "instalment_not_missed", f"第{due.number}期缴纳期限{due.due:%Y-%m-%d}尚未届满", _TIME
    )


@guard()
def urging_time_is_over(urging: UrgingTime) -> Refusal | None:
    """The party had its time after the 催告 to perform by itself."""
    if urging.over:
        return None
    until = f"（{urging.until:%Y-%m-%d}届满）" if urging.until else ""
    return Refusal(
        "urging_pending",
        f"催告书送达后的履行期限尚未届满{until}，不能申请强制执行",
        "《行政强制法》第五十四条",
    )


@guard()
def court_may_be_asked(term: CourtTerm) -> Refusal | None:
    """The court is asked after the party's time to sue, and within three months of its end."""
    law = "《行政强制法》第五十三条、《行政处罚法》第七十二条第二款"
    if term.today <= term.suit_over:
        return Refusal(
            "suit_period_open",
            f"当事人申请行政复议、提起行政诉讼的期限尚未届满（{term.suit_over:%Y-%m-%d}届满），"
            "不能申请强制执行",
            law,
        )
    if term.today > term.last_day:
        return Refusal(
            "court_term_over",
            f"申请强制执行应当自{term.start:%Y-%m-%d}起三个月内（至{term.last_day:%Y-%m-%d}）提出，"
            "已经逾期",
            law,
        )
    return None


@guard(needs_input=True)
def recovered_is_possible(recovered: Recovered) -> Refusal | None:
    """The court recovers no more than can be owed, and not tomorrow."""
    if recovered.on > recovered.today:
        return Refusal("payment_day_wrong", "执行完毕日期晚于今天，请核对", _PAID)
    if Decimal(recovered.amount) > Decimal(recovered.most):
        return Refusal(
            "sum_wrong",
            f"执行到位金额{Decimal(recovered.amount):.2f}元超过应缴的最高金额{recovered.most}元"
            "（加处罚款不得超出罚款数额）",
            "《行政处罚法》第七十二条第一款第一项、《行政强制法》第四十五条第二款",
        )
    return None


@guard(needs_input=True)
def execution_may_end(rest: ExecutionRest, remedies: Remedies) -> Refusal | None:
    """Execution ends for want of means only after it has rested for three years, and for a decision
    that was quashed only where one was."""
    if rest.quashed and not remedies.changed_by:
        return Refusal(
            "decision_not_overturned",
            "据以执行的决定未被行政复议决定或者人民法院裁判改变，请核对终结执行的情形",
            "《行政强制法》第四十条第四项",
        )
    if not rest.three_years:
        return None
    if rest.resting and rest.over_on and rest.today > rest.over_on:
        return None
    until = f"（{rest.over_on:%Y-%m-%d}届满）" if rest.over_on else ""
    return Refusal("not_three_years", f"中止执行未满三年{until}", "《行政强制法》第三十九条第二款")


@guard()
def recovered_is_recovered_whole(debt: Debt, executed: ExecutedUp) -> Refusal | None:
    """What the court recovered in part leaves the rest owed: it is collected, or its execution ends
    where the law has that."""
    if not executed.executed or not Decimal(debt.left):
        return None
    return Refusal(
        "still_owed_after_execution",
        f"执行到位后尚有罚没款{debt.left}元未缴，不能结案：继续执行的，请再次登记执行到位或者登记缴款；"
        "符合法定情形的，办理“终结执行”",
        "《行政强制法》第四十条、《行政处罚法》第六十六条第一款、第七十二条",
    )


@guard(needs_input=True)
def end_of_execution_is_proved(proof: EndProved) -> Refusal | None:
    """Execution against somebody who lives ends on a ground of the law that the file proves."""
    if not proof.wanted or proof.registered:
        return None
    return Refusal(
        "end_not_proved",
        "终结执行的法定情形没有证明：请先把证明材料（注销登记、死亡证明、法院裁定等）的文件登记为证据，"
        "并在“证明材料”中写明该证据的名称",
        "《行政强制法》第三十九条第二款、第四十条",
    )


@guard(needs_input=True)
def correction_is_of_a_payment(payment: PaymentCorrected) -> Refusal | None:
    """What is put right is a payment of this case; the right day and voucher are possible ones."""
    if not payment.known:
        return Refusal(
            "no_such_payment", f"本案没有凭证号为“{payment.voucher}”的缴款登记，请核对", _PAID
        )
    if not payment.changes:
        return Refusal("nothing_to_correct", "更正的内容与原登记一致，没有需要更正的", _PAID)
    if not payment.since <= payment.on <= payment.today:
        return Refusal(
            "payment_day_wrong",
            f"缴款日期应在{payment.since:%Y-%m-%d}至{payment.today:%Y-%m-%d}之间",
            _PAID,
        )
    if payment.used:
        return Refusal("voucher_used", "正确的凭证号已经登记过，不能重复登记", _PAID)
    return None


# --- Of cases of older versions, which enter each instalment as such ---


@guard(needs_input=True)
def payment_is_what_is_owed(payment: PaymentMade, debt: Debt) -> Refusal | None:
    """All that is owed on the day of payment is paid, and no more."""
    if Decimal(payment.amount) == Decimal(debt.left):
        return None
    return Refusal(
        "sum_wrong",
        f"应缴{debt.left}元（罚款{debt.fine}元、没收{debt.confiscated}元、加处罚款{debt.fee}元，"
        f"已缴{debt.paid}元），登记金额为{Decimal(payment.amount):.2f}元，请核对。{debt.explained}",
        _LATE if Decimal(debt.fee) else _PAID,
    )


@guard()
def an_instalment_is_due(due: InstalmentDue) -> Refusal | None:
    """A plan was granted, and something of it is still owed."""
    if Decimal(due.amount):
        return None
    return Refusal("no_instalment_due", "没有待缴的分期，请办理“登记缴款”或者“登记履行情况”", _TIME)


@guard(needs_input=True)
def instalment_is_paid_in_full(payment: PaymentMade, due: InstalmentDue) -> Refusal | None:
    """An instalment is paid as the plan has it."""
    if Decimal(payment.amount) == Decimal(due.amount):
        return None
    return Refusal(
        "sum_wrong",
        f"第{due.number}期应缴{due.amount}元，登记金额为{Decimal(payment.amount):.2f}元，请核对",
        _TIME,
    )


@guard(needs_input=True)
def instalment_is_in_time(payment: PaymentMade, due: InstalmentDue) -> Refusal | None:
    """An instalment is paid by its day; a missed one ends the plan."""
    if payment.on <= due.due:
        return None
    return Refusal(
        "instalment_missed",
        f"第{due.number}期应于{due.due:%Y-%m-%d}前（含当日）缴纳，已经逾期，请办理“认定分期逾期”",
        _TIME,
    )


@guard()
def more_instalments_follow(due: InstalmentDue) -> Refusal | None:
    """It is not the last one."""
    if due.after:
        return None
    return Refusal("last_instalment", "这是最后一期，请办理“登记缴清最后一期”", _TIME)


@guard()
def it_is_the_last_instalment(due: InstalmentDue) -> Refusal | None:
    """It is the last one."""
    if not due.after:
        return None
    return Refusal("not_last_instalment", f"其后还有{due.after}期，请办理“登记分期缴款”", _TIME)
