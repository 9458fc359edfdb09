"""Promise (告知承诺): who may make it, education before it, conditions that follow it."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.promise.facts import (
    ConditionsReported,
    CreditStanding,
    Education,
    GrantedBy,
    Informed,
    PaperPromise,
    Proof,
    QuizAnswers,
    ReadyBy,
    Signatory,
)


@guard()
def credit_allows_promise(standing: CreditStanding) -> Refusal | None:
    """A serious bad record or a broken promise, unrepaired, closes the promise route."""
    law = "《关于全面推行证明事项和涉企经营许可事项告知承诺制的指导意见》（国办发〔2020〕42号）"
    if standing.unrepaired:
        return Refusal(
            "promise_barred",
            f"存在尚未修复的失信记录（{'、'.join(standing.unrepaired)}），不适用告知承诺，请选择一般程序",
            law,
        )
    if standing.revoked_before and not standing.repair_restores:
        return Refusal(
            "promise_barred", "曾因违反承诺被撤销许可，不再适用告知承诺，请选择一般程序", law
        )
    return None


@guard(needs_input=True)
def may_sign_promise(signatory: Signatory) -> Refusal | None:
    """Only the representative, or an agent empowered for it, signs the promise."""
    law = "《民法典》第一百六十五条"
    if not signatory.may_promise:
        return Refusal(
            "not_empowered",
            "承诺书须由法定代表人（负责人）签署，或由授权委托书载明可代为承诺的代理人签署",
            law,
        )
    if not signatory.signs:
        return Refusal(
            "signed_by_other",
            f"承诺书须由办理人{signatory.name}本人签署，签署人姓名与办理人不一致",
            law,
        )
    return None


@guard(needs_input=True)
def questions_are_answered(answers: QuizAnswers) -> Refusal | None:
    """Every question of the pre-licence education was answered right."""
    if not answers.wrong:
        return None
    return Refusal(
        "answers_wrong",
        f"共{answers.asked}题，还有{len(answers.wrong)}题需要重新作答：{'；'.join(answers.wrong)}",
        "国办发〔2020〕42号",
    )


@guard()
def education_is_done(education: Education) -> Refusal | None:
    """Who promises knows what a promise means."""
    if education.done or not education.required:
        return None
    return Refusal(
        "education_missing",
        "签署承诺书前，请先完成准入前诚信教育",
        "国办发〔2020〕42号",
    )


@guard(needs_input=True)
def ready_in_time(ready: ReadyBy) -> Refusal | None:
    """Conditions are promised for a day that comes, and comes soon enough."""
    if ready.by is None or ready.today < ready.by <= ready.latest:
        return None
    return Refusal(
        "ready_by_wrong",
        f"承诺达到条件的日期应在{ready.today:%Y-%m-%d}之后、{ready.latest:%Y-%m-%d}之前",
        "国发〔2021〕7号",
    )


@guard()
def paper_promise_is_kept(promise: PaperPromise) -> Refusal | None:
    """A promise signed on paper at the counter is in the file before it is relied on."""
    if promise.kept or not promise.at_counter:
        return None
    return Refusal(
        "promise_not_scanned",
        "承诺书是在窗口当面签署的，请先扫描上传已签名（盖章）的承诺书",
        "国办发〔2020〕42号",
    )


@guard()
def conditions_are_reported(report: ConditionsReported) -> Refusal | None:
    """The holder has reported that the promised conditions are met."""
    if report.reported:
        return None
    return Refusal("conditions_not_reported", "持证人尚未报告承诺的条件已经具备", "国发〔2021〕7号")


@guard()
def conditions_are_kept(proof: Proof) -> Refusal | None:
    """Where officers looked before a renewal, every condition was met."""
    if proof.checked and not proof.all_met:
        return Refusal(
            "conditions_unmet", "核查结论为不符合许可条件，不能准予延续", "《行政许可法》第三十八条"
        )
    return None


@guard()
def conditions_are_shown(proof: Proof) -> Refusal | None:
    """A grant rests on a signed promise, or on a site check that found every condition met."""
    if proof.promised:
        return None
    if not proof.checked:
        return Refusal(
            "site_check_missing",
            "一般程序须由两名以上工作人员核查后方可决定",
            "《行政许可法》第三十四条第三款",
        )
    if not proof.all_met:
        return Refusal(
            "conditions_unmet", "核查结论为不符合许可条件，不能准予许可", "《行政许可法》第三十八条"
        )
    return None


@guard()
def party_is_informed(informed: Informed) -> Refusal | None:
    """Nobody promises what nobody told him: the notice comes first."""
    if informed.given:
        return None
    return Refusal(
        "not_informed",
        "尚未告知许可条件和责任，请窗口先出具告知书，再学习、承诺",
        "国办发〔2020〕42号",
    )


@guard()
def promise_was_made(proof: Proof) -> Refusal | None:
    """The application rests on a promise that was signed and not taken back."""
    if proof.promised:
        return None
    return Refusal("no_promise", "没有已经签署、仍然有效的承诺书", "国办发〔2020〕42号")


@guard()
def window_grants_on_promise(granted: GrantedBy) -> Refusal | None:
    """The window grants at once only against a promise; else the head of the authority decides."""
    if granted.promised or not granted.window:
        return None
    return Refusal(
        "window_without_promise",
        "没有作出承诺的，按一般程序核查后由机关负责人决定",
        "《行政许可法》第三十四条第三款、国办发〔2020〕42号",
    )
