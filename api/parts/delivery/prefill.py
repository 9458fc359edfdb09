"""What a delivery begins with (预填): to whom, where, and which documents wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from api.cases.prefilling import Desk, Prefiller, at_the_counter
from api.html.form_fields import Guide, Option
from casework.parts.delivery.reading import ServiceView
from state_machines.language.vocabulary import RecordService


def _delivery(desk: Desk) -> Guide:
    if desk.case.filed_at_counter and desk.visit.is_clerk:
        return Guide(begin={"recipient": at_the_counter(desk)})
    return Guide(begin={"recipient": desk.case.party.representative})


def _receipt(desk: Desk, served: Sequence[ServiceView]) -> Guide:
    """The documents that still wait are ticked; for a firm the representative is proposed."""
    waiting = {paper.key: paper for entry in served for paper in entry.waiting}
    firm = desk.case.party.code_kind == "uscc"
    said = desk.given("confirm_address")
    return Guide(
        begin={
            "documents": list(waiting),
            "on": desk.visit.today.isoformat(),
            "way": "直接送达",
            "place": said.get("address") or desk.case.party.address,
            "recipient": desk.case.party.representative if firm else desk.case.party.name,
            "receiver": "法定代表人、主要负责人" if firm else "受送达人本人",
        },
        options={"documents": [Option(paper.key, paper.title) for paper in waiting.values()]},
        hints={
            "on": "直接、委托、转交送达为签收日期；留置送达为留置日期；"
            "邮寄送达为回执注明的收件日期；电子送达为信息到达系统的日期",
            "witness": "没有见证人的，先在案件页“材料”中上传拍照、录像",
            "mailing_number": "并先在案件页“材料”中上传邮件回执",
            "signed": "先在案件页“材料”中上传签好的送达回证扫描件；空白回证可以用“预览”打印",
        },
    )


def _try(desk: Desk, _served: Sequence[ServiceView]) -> Guide:
    begin = {"on": desk.visit.today.isoformat(), "place": desk.case.party.address}
    return Guide(begin=begin, hints={"outcome": "每次尝试都入卷，作为公告送达的依据"})


def _announcement(desk: Desk, served: Sequence[ServiceView]) -> Guide:
    tries = [f"{one.on}{one.way}：{one.outcome}" for entry in served for one in entry.tries]
    begin = {"published_on": desk.visit.today.isoformat(), "reason": "；".join(tries)}
    return Guide(begin=begin, note="公告送达为最后方式：自发出公告之日起经过法定期间，即视为送达。")


def _address(desk: Desk) -> Guide:
    party = desk.case.party
    return Guide(
        begin={
            "address": party.address,
            "receiver": party.representative,
            "phone": party.phone,
            "signed_on": desk.visit.today.isoformat(),
            "signer": party.representative,
        }
    )


STEPS: Mapping[str, Prefiller] = {
    "deliver": _delivery,
    "deliver_part": _delivery,
    "confirm_address": _address,
}
_DELIVERIES: Mapping[str, Callable[[Desk, Sequence[ServiceView]], Guide]] = {
    "receipt": _receipt,
    "try": _try,
    "announcement": _announcement,
}


def _recording(desk: Desk, effect: RecordService) -> Guide | None:
    make = _DELIVERIES.get(effect.kind)
    served = [service for service in desk.case.service if service.of == effect.of]
    return make(desk, served) if make else None


EFFECTS = {RecordService: _recording}
