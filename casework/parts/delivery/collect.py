"""Serving documents (送达): proof, days, what waits, what was tried."""

from __future__ import annotations

from datetime import date, datetime

from casework.acts.act import ONLINE, Act
from casework.acts.deliveries import (
    announced_until,
    day_told,
    entry_of,
    named,
    papers_of,
    service_of,
    waiting,
)
from casework.acts.handed_in import handed_in
from casework.common.problems import Misconfigured
from casework.common.timekeeping import end_of, legal_date
from casework.kernel.facts import FactTable
from state_machines.language.vocabulary import RecordService
from state_machines.parts.delivery.facts import (
    DECIDES,
    AnnouncedTime,
    Consent,
    ServiceDay,
    ServiceProof,
    ToServe,
    WaysTried,
)
from state_machines.parts.delivery.forms import CONFIRM_ADDRESS, AddressConfirmation, Receipt


def _effect(act: Act) -> RecordService:
    """What the step declares that it serves. Raises Misconfigured if it declares nothing."""
    effect = service_of(act)
    if effect is None:
        raise Misconfigured(f"步骤“{act.step.label}”没有声明送达的文书")
    return effect


def _came_since(act: Act, material: str, day: date) -> bool:
    return any(
        attachment.material == material and legal_date(attachment.received_at) >= day
        for attachment in act.dossier.attachments
    )


def _proof(act: Act) -> ServiceProof:
    receipt, on = act.filled(Receipt), day_told(act)
    agreed, arrival = act.inputs.at(CONFIRM_ADDRESS), act.context.arrival
    return ServiceProof(
        way=receipt.way,
        receiver=receipt.receiver,
        citizen=act.party.code_kind != "uscc",
        on=on,
        signed=receipt.signed,
        refusal=bool(receipt.refusal.strip()),
        witnessed=bool(receipt.witness and receipt.witness_unit and receipt.witness_signed),
        recorded=_came_since(act, "service_media", on),
        mailing_number=bool(receipt.mailing_number.strip()),
        slip=_came_since(act, "return_slip", on),
        through=bool(receipt.through.strip()),
        # What arrived is judged by the consent under which it was sent.
        consented_on=arrival.consented_on
        if arrival and arrival.consented_on
        else agreed.signed_on
        if agreed and agreed.electronic
        else None,
        electronic_address=bool(arrival or (agreed and agreed.electronic_address.strip())),
        online_review=not _decides(act) or bool(act.authority.reconsideration_online),
    )


def _decides(act: Act) -> bool:
    """Whether one of the documents that the step serves decides: then 复议 must be open online too
    where it is served online."""
    kinds = (act.rules.document(key, act.day, act.region) for key in _effect(act).documents)
    return any(kind.label.endswith(DECIDES) for kind in kinds)


def _day(act: Act) -> ServiceDay:
    effect = _effect(act)
    open_papers = waiting(papers_of(act, effect), entry_of(act.data, effect.of)["receipts"])
    issued = [paper.issued_on for paper in named(act.filled(Receipt).documents, open_papers)]
    return ServiceDay(day_told(act), max(issued, default=act.day), legal_date(act.context.now))


def _to_serve(act: Act) -> ToServe:
    effect = _effect(act)
    open_papers = waiting(papers_of(act, effect), entry_of(act.data, effect.of)["receipts"])
    now = named(act.filled(Receipt).documents, open_papers)
    known = {paper.key for paper in open_papers}
    unknown = tuple(key for key in act.filled(Receipt).documents if key not in known)
    left = tuple(paper.title for paper in open_papers if paper not in now)
    return ToServe(unknown, tuple(paper.title for paper in open_papers), left)


def _ways_tried(act: Act) -> WaysTried:
    effect = _effect(act)
    entry = entry_of(act.data, effect.of)
    # Whoever tried before a paper was made tried to serve another one.
    made = max(
        (paper.seq for paper in waiting(papers_of(act, effect), entry["receipts"])), default=0
    )
    tries = [one for one in entry["tries"] if one["seq"] > made]
    wanted = act.rules.value("service.ways_before_announcement", act.day, act.region)
    return WaysTried(
        tuple(dict.fromkeys(one["way"] for one in tries)),
        int(wanted),
        max((date.fromisoformat(one["on"]) for one in tries), default=None),
        day_told(act),
    )


def _announced(act: Act) -> AnnouncedTime:
    """An announcement runs from its day, and for who enters it late from its entry; one of an
    earlier paper says nothing of what waits now."""
    effect = _effect(act)
    entry = entry_of(act.case.data, effect.of)
    open_papers = waiting(papers_of(act, effect), entry["receipts"])
    told = entry["announced"]
    if not open_papers or not told or told["seq"] < max(paper.seq for paper in open_papers):
        return AnnouncedTime(announced=False, until=None, over=False)
    row = next(header for header in act.dossier.headers if header["seq"] == told["seq"])
    entered = legal_date(datetime.fromisoformat(row["recorded_at"])).isoformat()
    until = announced_until(act, max(told["on"], entered))
    over = until is not None and act.context.now >= end_of(until)
    return AnnouncedTime(announced=True, until=until, over=over)


def _consent(act: Act) -> Consent:
    address_confirmation = act.filled(AddressConfirmation)
    return Consent(
        act.execution.channel == ONLINE,
        "address_confirmation" in handed_in(act),
        not address_confirmation.electronic
        or bool(address_confirmation.electronic_address.strip()),
    )


FACTS: FactTable = {
    AnnouncedTime: _announced,
    Consent: _consent,
    ServiceDay: _day,
    ServiceProof: _proof,
    ToServe: _to_serve,
    WaysTried: _ways_tried,
}
