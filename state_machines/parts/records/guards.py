"""Records that officers make before somebody (笔录)."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.records.facts import RecordCorrections, RecordSignature, RecordTimes


@guard(needs_input=True)
def record_ends_after_it_began(times: RecordTimes) -> Refusal | None:
    """A record is not over before it began."""
    if times.begun < times.ended:
        return None
    return Refusal(
        "record_times_wrong",
        f"结束时间（{times.ended}）应晚于开始时间（{times.begun}），请核对",
        "《行政处罚法》第五十五条",
    )


@guard(needs_input=True)
def record_is_signed_or_says_why(signature: RecordSignature) -> Refusal | None:
    """Whoever does not sign is noted with the reason, before a witness or on a recording; who is
    not there is stood in for by a witness."""
    law = "《行政强制法》第十八条、《最高人民法院关于行政诉讼证据若干问题的规定》第十五条"
    if signature.signed:
        return None
    if not signature.reason:
        return Refusal("not_signed_without_reason", "未签名的，须注明原因", law)
    if signature.absent and not signature.witness:
        return Refusal("absent_without_witness", "当事人不到场的，须邀请见证人到场并由其签名", law)
    if not signature.witness and not signature.recorded:
        return Refusal(
            "not_signed_without_witness",
            "当事人未签名的，须有见证人，或者有音像记录证明",
            law,
        )
    return None


@guard(needs_input=True)
def corrections_are_initialled(corrections: RecordCorrections) -> Refusal | None:
    """What was put right in a signed record is initialled by the person heard."""
    if not corrections.not_initialled:
        return None
    places = "、".join(corrections.not_initialled)
    return Refusal(
        "correction_not_initialled",
        f"笔录更正处须由当事人（被询问人）捺指印或者签名：{places}",
        "《行政处罚法》第五十五条、《卫生行政执法文书规范》",
    )
