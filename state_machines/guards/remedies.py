"""Guards of what depends on 行政复议 and 行政诉讼."""

from __future__ import annotations

from state_machines.facts.remedies import Remedies, VariedSentence
from state_machines.vocabulary import Refusal, guard

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
