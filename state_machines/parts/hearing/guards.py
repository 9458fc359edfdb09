"""Statement, defence and hearing (处罚法44, 45, 62-65; 许可法7, 46-48)."""

from __future__ import annotations

from decimal import Decimal

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.hearing.facts import (
    Heard,
    HearingDay,
    HearingOpened,
    HearingRequestTime,
    HearingRight,
    MinuteSigned,
    NamedChair,
    Openness,
    Presiding,
)

# 处罚法63第三至五项: whatever the sums.
_WEIGHTY = ("降低资质等级", "吊销许可证件", "责令停产停业", "责令关闭", "限制从业")


def may_be_heard(right: HearingRight) -> bool:
    """Whether the party may ask for a hearing."""
    return (
        right.by_rule
        or any(kind in _WEIGHTY for kind in right.kinds)
        or Decimal(right.fine) >= Decimal(right.fine_from)
        or Decimal(right.confiscated) >= Decimal(right.confiscated_from)
    )


@guard()
def hearing_is_a_right(right: HearingRight) -> Refusal | None:
    """What the party was told of is of the kinds or sums that give a right to a hearing."""
    if may_be_heard(right):
        return None
    return Refusal(
        "no_hearing_right",
        f"拟作出的决定不在可以要求听证的范围内（罚款{right.fine}元，听证标准为{right.fine_from}元；"
        f"没收{right.confiscated}元，听证标准为{right.confiscated_from}元）",
        right.law,
    )


@guard()
def hearing_is_asked_in_time(request: HearingRequestTime) -> Refusal | None:
    """A hearing is asked for by the last day, and not after it was waived."""
    law = "《行政处罚法》第六十四条第一项、《行政许可法》第四十七条"
    if request.waived:
        return Refusal("hearing_waived", "当事人已明确放弃听证", law)
    if request.until is None:
        return Refusal("hearing_not_told", "没有正在计算的听证申请期限", law)
    if request.asked_on > request.until:
        return Refusal(
            "hearing_too_late", f"听证应当在{request.until:%Y-%m-%d}前（含当日）提出", law
        )
    return None


@guard()
def party_was_heard(heard: Heard, right: HearingRight) -> Refusal | None:
    """The party was heard, waived it expressly, or let the time pass: its defence, its hearing."""
    if not (heard.stated or heard.waived or heard.over):
        until = f"（{heard.until:%Y-%m-%d}届满）" if heard.until else ""
        return Refusal(
            "defence_pending", f"当事人陈述申辩期限尚未届满{until}，且未明确放弃", heard.law
        )
    done = heard.hearing_done or heard.hearing_waived or heard.hearing_over
    if may_be_heard(right) and not done:
        until = f"（{heard.hearing_until:%Y-%m-%d}届满）" if heard.hearing_until else ""
        return Refusal(
            "hearing_pending", f"当事人要求听证的期限尚未届满{until}，且未明确放弃", right.law
        )
    return None


@guard(needs_input=True)
def hearing_is_told_in_time(day: HearingDay) -> Refusal | None:
    """The party learns of time and place so many days before."""
    if day.today <= day.tell_by:
        return None
    return Refusal(
        "hearing_too_soon",
        f"{day.on:%Y-%m-%d}举行听证的，最迟应于{day.tell_by:%Y-%m-%d}通知，请另定日期",
        day.law,
    )


@guard(needs_input=True)
def closed_hearing_says_why(hearing: Openness) -> Refusal | None:
    """A hearing is open unless a secret or privacy is at stake."""
    if hearing.open or hearing.closed_because:
        return None
    return Refusal(
        "hearing_closed_without_reason",
        "听证应当公开举行；涉及国家秘密、商业秘密或者个人隐私不公开的，须写明理由",
        "《行政处罚法》第六十四条第三项",
    )


@guard(needs_input=True)
def chair_may_preside(chair: NamedChair) -> Refusal | None:
    """The chair is appointed, and neither investigated nor reviewed this case."""
    if not chair.appointed:
        return Refusal("chair_unknown", f"{chair.name}不是本机关在任的听证主持人", chair.law)
    if chair.did:
        done = "、".join(chair.did)
        return Refusal(
            "chair_investigated",
            f"{chair.name}办理过本案的“{done}”，不能主持听证，请指定其他人员",
            chair.law,
        )
    return None


@guard()
def presides_as_named(presiding: Presiding) -> Refusal | None:
    """The hearing is held by the chair whom the party was told of."""
    if not presiding.strangers:
        return None
    return Refusal(
        "not_the_chair",
        f"{'、'.join(presiding.strangers)}不是听证通知书载明的主持人；更换主持人的，须重新通知",
        "《行政处罚法》第六十四条第四项",
    )


@guard()
def hearing_day_has_come(hearing: HearingOpened) -> Refusal | None:
    """What happened at a hearing is recorded from its day on."""
    if hearing.today >= hearing.on:
        return None
    return Refusal(
        "hearing_not_yet",
        f"听证定于{hearing.on:%Y-%m-%d}举行，尚未到期",
        "《行政处罚法》第六十四条第二项",
    )


@guard(needs_input=True)
def refusal_to_sign_is_noted(minute: MinuteSigned) -> Refusal | None:
    """If the party refuses to sign the minutes, the chair notes it."""
    if not minute.refused or minute.noted:
        return None
    return Refusal(
        "refusal_not_noted",
        "当事人拒绝签名或者盖章的，应当在笔录中注明",
        "《行政处罚法》第六十四条第八项",
    )
