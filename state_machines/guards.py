"""Guards: the conditions of steps, pure, each answering with a reason and the article.

A published revision never changes (`nuoxin check` compares digests); a new rule is a new revision.
"""

from __future__ import annotations

from datetime import timedelta

from state_machines.facts import (
    Assignment,
    CreditStanding,
    Defence,
    Delegation,
    ExtendedLimit,
    Findings,
    Materials,
    NamedInspectors,
    PauseSpan,
    PlaceKind,
    PlaceRecord,
    Proof,
    PublicHarm,
    ReviewBinding,
    Signatory,
    Supplement,
    Tries,
)
from state_machines.vocabulary import Refusal, guard


@guard()
def place_is_free(place: PlaceRecord) -> Refusal | None:
    """One licence per premises, and one application at a time."""
    if place.standing_licence:
        return Refusal(
            "place_licensed",
            f"该场所已有有效的卫生许可（{place.standing_licence}），同一场所不能重复发证",
            "《公共场所卫生管理条例实施细则》第二十二条",
        )
    if place.open_application:
        return Refusal(
            "place_applied",
            f"该场所已有正在办理的申请（{place.open_application}），请在该申请上继续办理",
            "《公共场所卫生管理条例实施细则》第二十二条",
        )
    return None


@guard()
def needs_this_licence(place: PlaceKind) -> Refusal | None:
    """Kinds of place that only file a record, or belong to another licence, are not accepted."""
    if place.treatment == "licence":
        return None
    return Refusal("no_licence_needed", f"{place.label}不需要取得公共场所卫生许可", place.law)


@guard()
def materials_are_complete(materials: Materials) -> Refusal | None:
    """Every required item of the materials list has been handed in."""
    if not materials.missing:
        return None
    return Refusal(
        "materials_missing",
        f"申请材料不齐全，缺少：{'、'.join(materials.missing)}",
        "《行政许可法》第三十二条",
    )


@guard()
def supplement_is_complete(supplement: Supplement) -> Refusal | None:
    """All that the one supplement list asked for has come in."""
    if not supplement.outstanding:
        return None
    return Refusal(
        "supplement_incomplete",
        f"补正材料尚未交齐，还缺：{'、'.join(supplement.outstanding)}",
        "《行政许可法》第三十二条第一款第四项",
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


@guard()
def may_sign_promise(signatory: Signatory) -> Refusal | None:
    """Only the representative, or an agent empowered for it, signs the promise."""
    if signatory.may_promise:
        return None
    return Refusal(
        "not_empowered",
        "承诺书须由法定代表人（负责人）签署，或由授权委托书载明可代为承诺的代理人签署",
        "《民法典》第一百六十五条",
    )


@guard()
def window_is_delegated(delegation: Delegation) -> Refusal | None:
    """The window grants only under a delegation; the head of the authority always may."""
    if not delegation.acts_as_window or delegation.window_may_grant:
        return None
    return Refusal(
        "not_delegated",
        "窗口未获首席代表授权，请转机关负责人决定",
        "《行政许可法》第二十四条",
    )


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
def limit_may_be_extended(limit: ExtendedLimit) -> Refusal | None:
    """A limit is extended once, and only while it runs."""
    law = "《行政许可法》第四十二条第一款"
    if limit.extended:
        return Refusal("extended_before", "许可决定期限已延长一次，不能再次延长", law)
    if limit.over:
        return Refusal("limit_over", "许可决定期限已届满，不能再延长", law)
    return None


@guard(needs_input=True)
def pause_has_an_end(span: PauseSpan) -> Refusal | None:
    """A technical review is not expected to end before it began, nor more than a year later."""
    if span.first <= span.last <= span.first + timedelta(days=366):
        return None
    return Refusal(
        "pause_end_wrong",
        "预计完成日期不能早于中止当日，也不能晚于一年后，请核对",
        "《行政许可法》第四十五条",
    )


@guard(needs_input=True)
def tried_often_enough(tries: Tries) -> Refusal | None:
    """Nobody is out of reach before the tries that the authority's rule asks for."""
    if tries.made >= tries.least:
        return None
    return Refusal(
        "too_few_tries",
        f"至少联系 {tries.least} 次仍无法联系，方可记录为无法联系，现为 {tries.made} 次",
    )


@guard(needs_input=True)
def two_certified_are_named(named: NamedInspectors) -> Refusal | None:
    """At least two officers with valid certificates are sent."""
    law = "《行政处罚法》第四十二条、《行政许可法》第三十四条第三款"
    if named.count < 2:
        return Refusal("two_officers", "核查须指派两名以上不同的执法人员", law)
    if named.uncertified:
        return Refusal(
            "certificate_invalid", f"执法证件无效或已过期：{'、'.join(named.uncertified)}", law
        )
    return None


@guard()
def officers_are_assigned(assignment: Assignment) -> Refusal | None:
    """Only the officers whom the assignment named may check."""
    if not assignment.strangers:
        return None
    return Refusal(
        "not_assigned",
        f"{'、'.join(assignment.strangers)}不是本次核查指派的执法人员",
        "《行政处罚法》第四十二条",
    )


@guard()
def promise_is_kept(findings: Findings) -> Refusal | None:
    """Every clause was found kept at the latest look."""
    if not findings.broken:
        return None
    return Refusal(
        "clauses_broken",
        f"核查发现未履行承诺：{'、'.join(findings.broken)}，不能认定履约",
        "国办发〔2020〕42号",
    )


@guard()
def promise_is_not_kept(findings: Findings) -> Refusal | None:
    """At least one clause was found broken at the latest look."""
    if findings.broken:
        return None
    return Refusal("all_kept", "核查结果均为履约，没有需要处理的承诺事项", "国办发〔2020〕42号")


@guard()
def defence_was_possible(defence: Defence) -> Refusal | None:
    """The party was heard, waived it expressly, or let the period pass."""
    if defence.stated or defence.waived or defence.period_over:
        return None
    until = f"（{defence.period_ends:%Y-%m-%d}届满）" if defence.period_ends else ""
    return Refusal(
        "defence_pending",
        f"当事人陈述申辩期限尚未届满{until}，且未明确放弃",
        "《行政许可法》第七条、第三十六条",
    )


@guard()
def review_is_not_passed(binding: ReviewBinding) -> Refusal | None:
    """A passed draft is not passed again."""
    if binding.passed:
        return Refusal("review_done", "法制审核已通过，请由机关负责人决定")
    return None


@guard()
def review_has_passed(binding: ReviewBinding) -> Refusal | None:
    """A legal review passed this decision."""
    if binding.passed:
        return None
    return Refusal("review_missing", "尚未通过法制审核，不能作出撤销决定", "国办发〔2018〕118号")


@guard(needs_input=True)
def review_binds_decision(binding: ReviewBinding) -> Refusal | None:
    """What is decided is, to the letter, what the legal review passed."""
    if not binding.passed or binding.same_content:
        return None
    return Refusal(
        "review_differs",
        "拟决定的事实、依据或理由与法制审核通过的内容不一致，须重新审核",
        "国办发〔2018〕118号",
    )


@guard(needs_input=True)
def no_major_public_harm(harm: PublicHarm) -> Refusal | None:
    """A grant is never revoked where that does major harm to the public interest."""
    if not harm.major:
        return None
    return Refusal(
        "public_harm",
        "撤销可能对公共利益造成重大损害的，不予撤销",
        "《行政许可法》第六十九条第三款",
    )
