"""Guards of serving documents (送达): each way with the proof that the law wants."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.delivery.facts import (
    AnnouncedTime,
    Consent,
    ServiceDay,
    ServiceProof,
    ToServe,
    WaysTried,
)
from state_machines.parts.delivery.forms import Receiver, Way

_OF_CITIZEN = (Receiver.SELF, Receiver.FAMILY, Receiver.AGENT)
_OF_FIRM = (Receiver.REPRESENTATIVE, Receiver.CLERK, Receiver.AGENT)


@guard(needs_input=True)
def service_is_proved(proof: ServiceProof) -> Refusal | None:
    """No day of service without what the law wants to see of it."""
    if proof.way == Way.LEFT:
        return _left(proof)
    if proof.way == Way.ELECTRONIC:
        return _electronic(proof)
    if proof.way == Way.POST:
        return _posted(proof)
    return _handed_over(proof)


def _handed_over(proof: ServiceProof) -> Refusal | None:
    law = "《民事诉讼法》第八十八条"
    if proof.way in (Way.ENTRUSTED, Way.FORWARDED) and not proof.through:
        return Refusal(
            "no_intermediary",
            f"{proof.way}须填写受托送达或者代为转交的机关、单位",
            "《民事诉讼法》第九十一条至第九十四条",
        )
    fit = _OF_CITIZEN if proof.citizen else _OF_FIRM
    if proof.receiver not in fit:
        who = "公民" if proof.citizen else "法人或者其他组织"
        text = f"受送达人是{who}的，应当由{'、'.join(fit)}签收，不能由“{proof.receiver}”签收"
        return Refusal("wrong_receiver", text, law)
    if not proof.signed:
        text = "签收人没有在送达回证上签名或者盖章，不能作为送达；拒绝签收的，按留置送达办理"
        return Refusal("not_signed", text, "《民事诉讼法》第八十七条")
    return None


def _left(proof: ServiceProof) -> Refusal | None:
    law = "《民事诉讼法》第八十九条"
    if not proof.refusal:
        return Refusal("no_refusal", "留置送达须在送达回证上记明拒收事由", law)
    if not (proof.witnessed or proof.recorded):
        return Refusal(
            "no_witness",
            "留置送达须有基层组织或者所在单位的代表见证并签名（填写见证人、所在单位并确认已签名），"
            "或者先上传拍照、录像（材料“留置送达照片、录像”）",
            law,
        )
    return None


def _posted(proof: ServiceProof) -> Refusal | None:
    law = "《民事诉讼法》第九十一条"
    if not proof.mailing_number:
        return Refusal("no_mailing_number", "邮寄送达须填写邮件号码", law)
    if not proof.slip:
        text = "邮寄送达以回执上注明的收件日期为送达日期，请先上传邮件回执（材料“邮件回执”）"
        return Refusal("no_return_slip", text, law)
    return None


def _electronic(proof: ServiceProof) -> Refusal | None:
    law = "《行政处罚法》第六十一条第二款、《民事诉讼法》第九十条"
    if proof.consented_on is None or not proof.electronic_address:
        text = "当事人没有签订同意电子送达的送达地址确认书，不能电子送达"
        return Refusal("no_consent", text, law)
    if proof.consented_on > proof.on:
        text = f"送达地址确认书签署于 {proof.consented_on}，晚于送达日期，不能电子送达"
        return Refusal("consent_later", text, law)
    if not proof.online_review:
        return Refusal(
            "no_online_review",
            "通过互联网渠道送达行政行为决定的，应当同时提供提交行政复议申请书的互联网渠道，"
            "本机关尚未登记该渠道",
            "《行政复议法》第二十二条",
        )
    return None


@guard(needs_input=True)
def service_day_fits(day: ServiceDay) -> Refusal | None:
    """Nothing is served before it was made, nor in the future."""
    if day.on > day.today:
        return Refusal("served_later", "送达日期不能晚于今天", "《民事诉讼法》第八十七条")
    if day.on < day.issued_on:
        text = f"送达日期不能早于文书作出日期 {day.issued_on}"
        return Refusal("served_earlier", text, "《民事诉讼法》第八十七条")
    return None


@guard(needs_input=True)
def last_receipt_is_here(served: ToServe) -> Refusal | None:
    """Served is what has a receipt, every document of it (处罚法61)."""
    law = "《民事诉讼法》第八十七条"
    if served.unknown:
        text = f"不是待送达的文书：{'、'.join(served.unknown)}"
        return Refusal("not_to_serve", text, law)
    if not served.waiting:
        return Refusal("nothing_waits", "没有待送达的文书", law)
    if served.left:
        text = f"还有文书没有送达回证：{'、'.join(served.left)}；请先按“登记部分送达”办理本次送达"
        return Refusal("receipts_missing", text, law)
    return None


@guard(needs_input=True)
def more_receipts_follow(served: ToServe) -> Refusal | None:
    """What is served in part only is recorded as that."""
    law = "《民事诉讼法》第八十七条"
    if served.unknown:
        text = f"不是待送达的文书：{'、'.join(served.unknown)}"
        return Refusal("not_to_serve", text, law)
    if not served.left:
        return Refusal("last_receipt", "本次送达后全部文书均已送达，请按“登记送达”办理", law)
    return None


@guard(needs_input=True)
def other_ways_failed(tried: WaysTried) -> Refusal | None:
    """An announcement is the last resort (民诉法95)."""
    law = "《民事诉讼法》第九十五条第一款"
    if len(tried.failed) < tried.wanted:
        done = f"（已登记：{'、'.join(tried.failed)}）" if tried.failed else ""
        text = f"公告送达前须用至少{tried.wanted}种其他方式送达并登记未能送达的经过{done}"
        return Refusal("ways_not_tried", text, law)
    if tried.last and tried.announced_on < tried.last:
        text = f"发出公告日期不能早于最后一次送达尝试 {tried.last}"
        return Refusal("announced_too_early", text, law)
    return None


@guard()
def announcement_is_over(time: AnnouncedTime) -> Refusal | None:
    """What was announced counts as served once the announcement has run (民诉法95)."""
    law = "《民事诉讼法》第九十五条第一款"
    if not time.announced:
        return Refusal("not_announced", "待送达的文书没有公告送达", law)
    if time.over:
        return None
    until = f"至{time.until:%Y-%m-%d}届满" if time.until else "尚未届满"
    return Refusal("announcement_runs", f"公告送达期间{until}，届满后方视为送达", law)


@guard(needs_input=True)
def confirmation_is_signed(consent: Consent) -> Refusal | None:
    """What the party is said to have signed is on file, or the party fills it in itself."""
    law = "《行政处罚法》第六十一条第二款、《民事诉讼法》第九十条"
    if not consent.complete:
        return Refusal("no_electronic_address", "同意电子送达的，须填写电子送达地址", law)
    if not (consent.by_party or consent.paper):
        text = "请先上传当事人签名（盖章）的送达地址确认书（材料“送达地址确认书”）"
        return Refusal("no_signed_paper", text, law)
    return None
