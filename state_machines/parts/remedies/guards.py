"""Guards of what depends on 行政复议 and 行政诉讼."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.remedies.facts import (
    Appealed,
    ComeBack,
    Enforcer,
    FirstSentence,
    JudgedEnding,
    Judgment,
    JudgmentEntered,
    Remedies,
    VariedSentence,
)

_APPEAL = "《行政诉讼法》第八十五条"
_ENFORCED = "《行政复议法》第七十八条"
_SECOND = "二审"
_NO_HEAVIER = "《行政复议法》第六十三条第二款、《行政诉讼法》第七十七条第二款"


@guard()
def decision_stands(remedies: Remedies) -> Refusal | None:
    """Nothing is built on a decision that was quashed or changed."""
    if not remedies.changed_by:
        return None
    text = f"决定已被{'、'.join(remedies.changed_by)}改变，不能据以继续办理"
    return Refusal(
        "decision_overturned", text, "《行政复议法》第七十七条、《行政诉讼法》第九十四条"
    )


@guard()
def decision_was_overturned(remedies: Remedies) -> Refusal | None:
    """Only what was quashed or changed is given back."""
    if remedies.changed_by:
        return None
    return Refusal(
        "decision_not_overturned",
        "决定未被行政复议决定或者人民法院裁判改变，不能恢复",
        "《行政复议法》第六十四条、《行政诉讼法》第七十条",
    )


@guard()
def no_remedy_is_pending(remedies: Remedies) -> Refusal | None:
    """The court is not asked to enforce what is still contested (强制法53)."""
    if not remedies.pending:
        return None
    text = f"当事人已提起{'、'.join(remedies.pending)}，尚未审结"
    return Refusal("remedy_pending", text, "《行政强制法》第五十三条")


@guard(needs_input=True)
def variation_says_what_stands(sentence: VariedSentence) -> Refusal | None:
    """What was varied is put down whole; what was merely found unlawful stays as it was."""
    if sentence.leaves_it and sentence.listed:
        return Refusal(
            "unlawful_stands_as_it_was",
            "确认违法而不撤销的，处罚内容不变，不填写处罚内容",
            "《行政复议法》第六十五条、《行政诉讼法》第七十四条",
        )
    if not sentence.leaves_it and not sentence.listed:
        return Refusal(
            "variation_without_measures",
            "变更、部分撤销的，应当写明此后有效的全部处罚内容；全部撤销的，请办理“审结（撤销、确认无效）”",
            "《行政复议法》第六十三条、第六十四条、《行政诉讼法》第七十条、第七十七条",
        )
    return None


@guard(needs_input=True)
def variation_is_not_heavier(sentence: VariedSentence) -> Refusal | None:
    """Whoever asks for a remedy is not worse off for it, unless a third party asked for that."""
    if sentence.because == "OPPOSED" or (sentence.because == "RESTORED" and sentence.restored):
        return None
    if sentence.raised:
        return Refusal(
            "variation_heavier",
            f"变更后的处罚比原决定更重（{'；'.join(sentence.raised)}），请核对文书",
            _NO_HEAVIER,
        )
    if sentence.other_kinds and sentence.because != "OTHER_KIND":
        return Refusal(
            "variation_of_another_kind",
            f"原决定没有“{'、'.join(sentence.other_kinds)}”，请核对；"
            "以较轻的种类替代较重的种类的，请选择依据",
            _NO_HEAVIER,
        )
    return None


@guard(needs_input=True)
def judgment_is_in_force(judgment: Judgment) -> Refusal | None:
    """A suit is over with a judgment that nobody can appeal against any more."""
    if judgment.instance == _SECOND:
        if judgment.appealed:
            return None
        return Refusal(
            "nobody_appealed", "没有登记上诉，不能登记二审裁判，请先办理“登记上诉”", _APPEAL
        )
    if judgment.at_once:
        return None
    if judgment.appealed:
        return Refusal(
            "judgment_was_appealed_against",
            "一审裁判已被上诉，不发生法律效力，应当登记二审裁判",
            _APPEAL,
        )
    if judgment.served_on is None:
        return Refusal(
            "judgment_not_served",
            "一审裁判送达后尚可上诉，请先办理“登记一审裁判”，上诉期满未上诉的再登记审结",
            _APPEAL,
        )
    if not judgment.over:
        return Refusal("judgment_not_in_force", _still_open(judgment), _APPEAL)
    return None


@guard(needs_input=True)
def ending_agrees_with_judgment(ending: JudgedEnding) -> Refusal | None:
    """A suit ends as it was judged: otherwise only by a second instance, on a paper of its own."""
    if not ending.first:
        return None
    if ending.appealed:
        if not ending.second:
            return Refusal(
                "appeal_is_pending",
                "一审裁判已被上诉：准许撤回上诉的，请先办理“登记准许撤回上诉”；"
                "二审已有裁判的，请选择“二审”并填写二审裁判文号",
                _APPEAL,
            )
        if ending.own_paper:
            return None
        return Refusal(
            "second_judgment_is_own",
            "二审裁判有自己的文号，不能填写一审裁判的文号",
            "《行政诉讼法》第八十九条",
        )
    if not ending.fits:
        return Refusal(
            "ending_differs_from_judgment",
            f"已登记的一审裁判结果为“{ending.first}”，审结应当与其一致；登记有误的，请核对裁判文书",
            "《行政诉讼法》第六十九条至第七十八条、第八十五条",
        )
    if ending.other_measures:
        return Refusal(
            "measures_differ_from_judgment",
            "填写的处罚内容与已登记的一审判决不一致，请按判决填写",
            "《行政诉讼法》第七十条、第七十七条",
        )
    return None


@guard(needs_input=True)
def judgment_says_what_stands(sentence: FirstSentence) -> Refusal | None:
    """A judgment that varies a sentence is put down with what stands by it, and no other is."""
    if sentence.varied == sentence.listed:
        return None
    if sentence.varied:
        return Refusal(
            "judgment_without_measures",
            "判决变更、部分撤销的，应当写明判决后有效的全部处罚内容",
            "《行政诉讼法》第七十条、第七十七条",
        )
    return Refusal(
        "judgment_with_measures",
        "判决没有变更处罚的，不填写处罚内容",
        "《行政诉讼法》第六十九条至第七十八条",
    )


@guard(needs_input=True)
def judgment_is_of_the_suit(judgment: JudgmentEntered) -> Refusal | None:
    """A judgment comes after the suit; and after an appeal there is another one of first instance
    only where the second sent the case back (行诉法89)."""
    if judgment.served_on and judgment.filed_on and judgment.served_on < judgment.filed_on:
        return Refusal(
            "judgment_before_suit",
            f"裁判文书送达日期 {judgment.served_on:%Y-%m-%d} 早于起诉日期 "
            f"{judgment.filed_on:%Y-%m-%d}，请核对文书",
            "《行政诉讼法》第八十五条",
        )
    if judgment.appealed and not (judgment.remanded and judgment.own_paper):
        return Refusal(
            "first_judgment_was_appealed_against",
            "一审裁判已被上诉，只有二审发回重审的，才能再次登记一审裁判："
            "请填写二审裁定文号和重审裁判自己的文号；二审已经改判的，请直接登记审结",
            "《行政诉讼法》第八十九条",
        )
    return None


@guard()
def somebody_appealed(appeal: Appealed) -> Refusal | None:
    """Only an appeal that was made is withdrawn."""
    if appeal.pending:
        return None
    return Refusal("nobody_appealed", "没有登记上诉，不能登记撤回上诉", _APPEAL)


@guard()
def decision_is_back(decision: ComeBack) -> Refusal | None:
    """What was given up because the decision fell goes on if a court gave it back its force."""
    if decision.given_up and decision.stands:
        return None
    return Refusal("decision_is_not_back", "决定没有恢复效力，不能恢复执行", _ENFORCED)


@guard()
def appeal_is_in_time(judgment: Judgment) -> Refusal | None:
    """An appeal comes within its term."""
    if not judgment.over:
        return None
    return Refusal(
        "appeal_too_late", f"上诉期限已于{judgment.until:%Y-%m-%d}届满，一审裁判已经生效", _APPEAL
    )


@guard()
def no_appeal_is_open(judgment: Judgment) -> Refusal | None:
    """The court is not asked to enforce what may still be appealed against."""
    if judgment.served_on is None:
        return None
    if not judgment.over:
        text = f"{_still_open(judgment)}，不能申请强制执行"
        return Refusal("appeal_period_open", text, f"{_APPEAL}、《行政强制法》第五十三条")
    return Refusal(
        "suit_not_entered_as_over",
        f"上诉期限已于{judgment.until:%Y-%m-%d}届满，请先登记行政诉讼的审结",
        f"{_APPEAL}、《行政强制法》第五十三条",
    )


def _still_open(judgment: Judgment) -> str:
    return (
        f"一审裁判于{judgment.served_on:%Y-%m-%d}送达，上诉期限至{judgment.until:%Y-%m-%d}届满，"
        "尚未生效"
    )


@guard()
def enforcement_is_its_own(enforcer: Enforcer) -> Refusal | None:
    """What was varied on reconsideration is enforced by whoever varied it."""
    if not enforcer.body:
        return None
    return Refusal(
        "reconsideration_body_enforces",
        f"处罚已由{enforcer.body}复议变更，由该复议机关依法强制执行或者申请人民法院强制执行，"
        "请办理“移送复议机关强制执行”",
        _ENFORCED,
    )


@guard()
def enforcement_is_of_another(enforcer: Enforcer) -> Refusal | None:
    """Enforcement is handed over only where another body has it."""
    if enforcer.body:
        return None
    return Refusal(
        "enforcement_is_own",
        "处罚未被复议变更，由本机关申请人民法院强制执行",
        _ENFORCED,
    )
