"""The proof of a service (送达证明): what stands behind it is on file, whatever the version asks.

Without it nothing is served: no clock of the party runs and no next step comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache

from sqlalchemy import select

from casework.acts import legal_dates
from casework.acts.act import Act
from casework.acts.actors import in_force
from casework.acts.deliveries import (
    day_told,
    entry_of,
    named,
    papers_of,
    service_of,
    waiting,
    way_of,
)
from casework.acts.electronic import came_to_nothing, is_reported, on_their_way
from casework.acts.handed_in import kept_since, of_this_matter
from casework.acts.successions import successors
from casework.common.texts import folded
from casework.common.timekeeping import in_chinese, legal_date
from casework.models import Document, Mandate, Person
from casework.parts.evidence.register import registered
from casework.rules.addresses import begun_with, plain
from casework.rules.versions import as_released
from state_machines.door import acts
from state_machines.enforcement.custody.forms import GIVE_BACK
from state_machines.enforcement.simple_penalty.forms import PUNISH
from state_machines.language.fields import Delivery, DeliveryMethod
from state_machines.language.vocabulary import Refusal
from state_machines.licensing.instant_licence.forms import DELIVER, Application
from state_machines.parts.delivery.forms import (
    CONFIRM_ADDRESS,
    AddressConfirmation,
    Receipt,
    Receiver,
    Try,
    Way,
)
from state_machines.parts.records.forms import RECORD_SCENE
from state_machines.processes import PROCESSES
from state_machines.radiation.one_matter.forms import DELIVER_PART

_SLIP = "《民事诉讼法》第八十七条"
_WHO = "《民事诉讼法》第八十八条"
_POST = "《民事诉讼法》第九十一条"
_ANNOUNCED = "《民事诉讼法》第九十五条第二款"
_SENT = "《行政处罚法》第六十一条第二款、《民事诉讼法》第九十条"
_ON_THE_SPOT = "《行政处罚法》第五十二条第一款、《民事诉讼法》第八十八条"
_GIVEN_BACK = "《行政强制法》第二十八条第二款、《行政处罚法》第五十六条"
_CERTIFICATE = "《行政许可法》第四十四条"
# A shorter piece of an address names no place.
_LEAST = 5
_SIGNED = (Way.DIRECT, Way.LEFT, Way.ENTRUSTED, Way.FORWARDED)


def refusals(act: Act) -> list[Refusal]:
    """What is missing of the proof that documents reached the party."""
    _, released = as_released(act.process, act.step)
    effect = service_of(act)
    # A look ahead prints the receipt that is to be signed.
    if act.by_law or act.context.draft:
        return []
    if not acts.proves_service(released):
        return list(_handed_over(act))
    if effect is not None:
        if not waiting(papers_of(act, effect), entry_of(act.case.data, effect.of)["receipts"]):
            return [Refusal("nothing_waits", "没有待送达的文书", "《民事诉讼法》第八十七条")]
        if effect.kind != "receipt":
            return list(_announced(act) if effect.kind == "announcement" else _tried(act))
    way = way_of(act)
    if not way or legal_dates.refusals(act):  # its day comes first
        return []
    if way == Way.ELECTRONIC:
        return list(_electronic(act))
    return [*_receiver(act, way), *_where(act, way), *_papers(act, way)]


def _where(act: Act, way: str) -> Iterator[Refusal]:
    """What is posted, or left behind, is so where the party is: at the address that it confirmed,
    of the register or of the case, or at one that a paper on file shows. Whom the file names as its
    agent has one of his own."""
    receipt = act.filled(Receipt)
    if way not in (Way.POST, Way.LEFT) or receipt.receiver == Receiver.AGENT:
        return
    agreed = act.inputs.at(CONFIRM_ADDRESS)
    regions = begun_with(act.rules, act.region)
    known = {
        plain(address, regions)
        for address in (
            agreed.address if agreed else "",
            act.party.address,
            act.inputs.application(Application).address or "",
        )
    } - {""}
    place = plain(receipt.place, regions)
    part = len(place) >= _LEAST  # 人民中路88号 of an address with its room
    if not known or any(one in place or (part and place in one) for one in known):
        return
    if registered(act, receipt.note):
        return
    text = (
        f"“{receipt.place}”不是当事人确认的送达地址、登记的住所，也不是案卷中的场所地址，不能{way}："
        "当事人另有住所、经常居住地的，先登记证明该地址的材料，并在“备注”中写明它的名称"
    )
    yield Refusal("served_elsewhere", text, f"{_WHO}、第八十九条、第九十一条")


def _papers(act: Act, way: str) -> Iterator[Refusal]:
    """The signed receipt, or the slip of the post, came in after what it is about was made, and
    after the receipt before it: one scan proves one service."""
    slip = "return_slip" if way == Way.POST else "signed_receipt"
    if way != Way.POST and way not in _SIGNED:
        return
    if of_this_matter(act, kept_since(act, slip, _since(act)), _servings()):
        return
    if way == Way.POST:
        text = (
            "邮寄送达以邮件回执为证，请先上传本次送达的邮件回执（材料“邮件回执”）再登记；"
            "已证明其他案件送达的不能再用"
        )
        yield Refusal("no_return_slip", text, _POST)
    else:
        text = (
            f"{way}须有受送达人签名、盖章（拒收的，记明情况）的送达回证，没有送达回证的不算送达："
            "请先上传本次送达的送达回证扫描件（材料“送达回证”）再登记；已证明其他案件送达的不能再用"
        )
        yield Refusal("no_signed_receipt", text, _SLIP)


@cache
def _servings() -> frozenset[str]:
    """The steps by which documents reach a party, of whatever process."""
    return frozenset(
        step.name
        for process in PROCESSES.values()
        for step in process.every_step
        if acts.proves_service(step)
    )


def _tried(act: Act) -> Iterator[Refusal]:
    """A try that failed opens the way to an announcement: it is proved as a service is, each by a
    paper of its own."""
    if legal_dates.refusals(act) or kept_since(act, "try_proof", _since_last_try(act)):
        return
    if act.filled(Try).way == Way.ELECTRONIC and came_to_nothing(act):
        return
    text = (
        "未能送达须有证明：请先上传本次的退件（邮件查询记录）、现场照片或者录像、见证人的证明、"
        "电子送达失败的回执（材料“未能送达的证明”）再登记"
    )
    yield Refusal("no_try_proof", text, _ANNOUNCED)


def _since_last_try(act: Act) -> int:
    effect = service_of(act)
    tries = entry_of(act.case.data, effect.of)["tries"] if effect else []
    return max(_since(act), *(int(one["seq"]) for one in tries), 0)


def _announced(act: Act) -> Iterator[Refusal]:
    """An announcement is kept as it was published or put up: a copy or a picture of that one. It is
    the last resort where the party said how it can be reached, too."""
    if legal_dates.refusals(act):
        return
    yield from _reachable(act)
    yield from _tries_unproved(act)
    if kept_since(act, "announcement_copy", _since(act)):
        return
    text = (
        "公告送达须附卷公告原件、截图或者张贴的照片、录像，没有的不算送达："
        "请先上传本次公告（材料“公告材料”）再登记"
    )
    yield Refusal("no_announcement_copy", text, _ANNOUNCED)


def _tries_unproved(act: Act) -> Iterator[Refusal]:
    """Tries that were entered before a proof was asked for are proved before they count."""
    since, effect = _since(act), service_of(act)
    tries = entry_of(act.case.data, effect.of)["tries"] if effect else []
    ways = {one["way"] for one in tries if one["seq"] > since}
    if came_to_nothing(act):
        ways -= {Way.ELECTRONIC}
    proofs = len(kept_since(act, "try_proof", since))
    if proofs < len(ways):
        text = (
            f"以{'、'.join(sorted(ways))}未能送达，案卷中的证明只有{proofs}份："
            "请先补充上传（材料“未能送达的证明”），每种方式各一份"
        )
        yield Refusal("tries_unproved", text, _ANNOUNCED)


def _reachable(act: Act) -> Iterator[Refusal]:
    """What the party confirmed (送达地址确认书) was tried, of that paper and in vain."""
    agreed, effect = act.inputs.at(CONFIRM_ADDRESS), service_of(act)
    if agreed is None or effect is None:
        return
    since = _since(act)
    tries = [one for one in entry_of(act.case.data, effect.of)["tries"] if one["seq"] > since]
    address = folded(agreed.address)
    places = [folded(one["place"]) for one in tries if one["way"] != Way.ELECTRONIC]
    if not any(place in address or address in place for place in places if place):
        text = (
            f"当事人已确认送达地址“{agreed.address}”，未登记向该地址送达未果的经过，不能公告送达："
            "请先向该地址直接送达或者邮寄送达"
        )
        yield Refusal("confirmed_address_not_tried", text, _ANNOUNCED)
    online = agreed.electronic and _reported(act, agreed)
    if online and not any(one["way"] == Way.ELECTRONIC for one in tries):
        text = (
            f"当事人已同意电子送达（{agreed.electronic_address}），能够电子送达的不能公告送达："
            "请先办理电子送达，系统不能送达的，登记未能送达的经过"
        )
        yield Refusal("electronic_way_not_tried", text, _ANNOUNCED)


def _since(act: Act) -> int:
    """The log row after which the proof must have come: of the papers that it is about, or of the
    receipt before."""
    effect = service_of(act)
    if effect is not None:
        entry = entry_of(act.case.data, effect.of)
        before = [one["seq"] for one in entry["receipts"]]
        now = named(
            act.filled(Receipt).documents, waiting(papers_of(act, effect), entry["receipts"])
        )
        return max((*before, *(paper.seq for paper in now)), default=0)
    rows = act.session.scalars(
        select(Document.log_seq).where(
            Document.case_id == act.case.id,
            Document.key.in_(act.filled(Receipt).documents),
        )
    )
    return max(rows, default=0)


def _receiver(act: Act, way: str) -> Iterator[Refusal]:
    """Who is said to be the party, its representative or its agent, is named so in the file."""
    receipt = act.filled(Receipt)
    who, receiver = receipt.recipient.strip(), receipt.receiver
    citizen = act.party.code_kind != "uscc"
    if not receiver:  # a form that asks for the name only
        known = {act.party.name} if citizen else _representatives(act)
        if who not in known | _agents(act):
            whom = "本人" if citizen else "法定代表人（负责人）"
            text = f"应当由受送达人{whom}或者其指定的代理人签收，案卷中没有“{who}”的身份依据"
            yield Refusal("wrong_receiver", text, _WHO)
        return
    if receiver == Receiver.SELF and who != act.party.name:
        text = f"受送达人是{act.party.name}，“{who}”不是本人"
        yield Refusal("wrong_receiver", text, _WHO)
    elif receiver == Receiver.REPRESENTATIVE and who not in _representatives(act):
        text = (
            f"登记的法定代表人、负责人中没有“{who}”；"
            "由单位收件部门或者代理人签收的，请如实选择签收人身份"
        )
        yield Refusal("wrong_receiver", text, _WHO)
    elif receiver == Receiver.AGENT and who not in _agents(act):
        text = f"案卷中没有当事人委托、指定“{who}”代收的授权委托书或者送达地址确认书，不能由其签收"
        yield Refusal("agent_not_named", text, _WHO)


def _handed_over(act: Act) -> Iterator[Refusal]:
    """What is handed over with no receipt of its own goes to the party all the same: a decision on
    the spot, things that are given back, a certificate."""
    besides: set[str] = set()
    if act.step.name == PUNISH:
        who, law = act.filled(PUNISH.form).recipient, _ON_THE_SPOT
        # Whoever was there for the party is who the record of the scene was made with.
        scene = act.inputs.at(RECORD_SCENE)
        besides = {scene.person} if scene else set()
    elif act.process.key == "evidence_custody" and act.step.name == GIVE_BACK:
        who, law = act.filled(GIVE_BACK.form).recipient, _GIVEN_BACK
    elif act.step.name in (DELIVER, DELIVER_PART):
        delivery = act.filled(Delivery)
        # Nothing here sends a certificate and learns that it came, as electronic service demands.
        if delivery.method == DeliveryMethod.ELECTRONIC:
            text = (
                "证件的电子送达须经当事人签订确认书同意并由系统发送，以到达之日为准，"
                "不能由窗口登记：请直接交付或者邮寄，当事人同时可以在网上查看证件"
            )
            yield Refusal("sent_by_the_system", text, f"{_CERTIFICATE}、《民事诉讼法》第九十条")
            return
        # Who signs for the post is written down by the post.
        who = delivery.recipient if delivery.method == DeliveryMethod.DIRECT else ""
        besides = {act.inputs.application(Application).contact_name}
        law = _CERTIFICATE
    else:
        return
    if not who.strip():
        return
    # Mostly it is the party or its head, as the case itself names them.
    known = {act.party.name, *_heads(act), *besides}
    if folded(who) in map(folded, known - {""}):
        return
    if folded(who) not in map(folded, _representatives(act) | _agents(act)):
        text = (
            f"“{who}”不是当事人本人、登记的法定代表人（负责人），案卷中也没有其代收的依据："
            "请交付本人、法定代表人（负责人），或者先登记其授权委托书"
        )
        yield Refusal("wrong_receiver", text, law)


def _representatives(act: Act) -> set[str]:
    """The heads of the firm by its register and by the papers of the case."""
    return {*_heads(act), *_mandated(act, "representative")} - {""}


def _heads(act: Act) -> set[str]:
    """The heads that the register names, and the case itself."""
    return {act.party.representative or "", act.inputs.application(Application).representative}


def _agents(act: Act) -> set[str]:
    agreed = act.inputs.at(CONFIRM_ADDRESS)
    return {agreed.receiver if agreed else "", *_mandated(act, "agent")} - {""}


def _mandated(act: Act, capacity: str) -> Iterable[str]:
    return act.session.scalars(
        select(Person.name)
        .join(Mandate, Mandate.person_id == Person.id)
        .where(
            # Whoever acts for it under its new code receives for the old one, too.
            Mandate.party_id.in_(successors(act.case.party_id, date.max)),
            Mandate.capacity == capacity,
            in_force(day_told(act)),
        )
    )


def _electronic(act: Act) -> Iterator[Refusal]:
    """Electronic service is sent by the system to the address agreed to, and never typed in."""
    agreed = act.inputs.at(CONFIRM_ADDRESS)
    if act.context.arrival and service_of(act):
        return
    if (
        agreed is None
        or not (agreed.electronic and agreed.electronic_address.strip())
        or service_of(act) is None
    ):
        text = "当事人没有签订同意电子送达的送达地址确认书，不能电子送达"
        yield Refusal("no_consent", text, _SENT)
    elif not _reported(act, agreed):
        text = (
            f"本机关没有能够送到“{agreed.electronic_address}”并报告到达的发送渠道，不能电子送达，"
            "请改用其他方式；需要开通的，由系统管理员在“发送渠道”中办理"
        )
        yield Refusal("no_mailbox", text, _SENT)
    elif act.context.backfill or day_told(act) != legal_date(act.context.now):
        text = "电子送达由系统在登记时发送，以到达当事人系统之日为送达日期，不能填写其他日期"
        yield Refusal("sent_by_the_system", text, _SENT)
    elif sent := next(on_their_way(act), None):
        text = (
            f"文书已于{in_chinese(legal_date(sent.asked_at))}发往{sent.address}，正在等待到达回执，"
            "到达后自动登记送达；不能重复发送"
        )
        yield Refusal("on_its_way", text, _SENT)


def _reported(act: Act, agreed: AddressConfirmation) -> bool:
    address = agreed.electronic_address.strip()
    return bool(address) and is_reported(act.session, act.case.authority_id, address)
