"""What an application is judged by: place, materials, supplement, name, bars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select

from casework.acts.act import Act
from casework.acts.deliveries import unserved
from casework.acts.handed_in import handed_in, handed_in_since, labels, listed
from casework.acts.successions import line_of
from casework.common.texts import folded, same_name
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs
from casework.kernel.facts import FactTable
from casework.models import Case, LogRow, Place
from casework.parts.remedies.decision_in_force import overturned
from casework.rules.counting import count
from state_machines.checks.commitment_check.forms import FIND_FALSE, REVOKE, names_fraud
from state_machines.language.vocabulary import Role
from state_machines.licensing.deferral.forms import RETURN_ITEMS
from state_machines.licensing.deferral.forms import Deferral as DeferralCase
from state_machines.licensing.instant_licence.forms import (
    ACCEPT,
    REFUSE,
    Application,
    RefusalGround,
)
from state_machines.licensing.licence.forms import Licence
from state_machines.licensing.licence.process import HELD
from state_machines.parts.intake.facts import (
    ApplicationBar,
    Deferral,
    DeferredItems,
    Delegation,
    Materials,
    PlaceFilings,
    PlaceKind,
    PlaceRecord,
    RegisteredName,
    Supplement,
)
from state_machines.parts.intake.forms import REQUEST_SUPPLEMENT
from state_machines.radiation.forms import REFUSE_ECO, REFUSE_HEALTH


def _place_record(act: Act) -> PlaceRecord:
    if act.case.place_id is None:
        return PlaceRecord(None, None)
    # Two applications for one place must see each other.
    act.session.get(Place, act.case.place_id, with_for_update=act.deciding)
    others = act.session.scalars(
        select(Case).where(
            Case.place_id == act.case.place_id,
            Case.id != act.case.id,
            Case.ended_at.is_(None),
        )
    ).all()
    filed = [c for c in others if c.process == act.process.key and c.state != act.process.initial]
    # What somebody else asks for holds no place against whoever is there (许可法29、32): the first
    # licence does.
    own = set(act.session.scalars(line_of(act.case.party_id, act.day))) if filed else set()
    applications = [c.number for c in filed if c.party_id in own]
    licences = [
        Inputs(c.data).application(Licence).number
        for c in others
        if c.process == "licence" and c.state in HELD
    ]
    return PlaceRecord(min(applications, default=None), min(licences, default=None))


def _place_kind(act: Act) -> PlaceKind:
    key = act.inputs.application(Application).place_kind
    kind = act.rules.place_kind(key, act.day, act.region)
    return PlaceKind(key, kind.label, kind.treatment, kind.law)


def _place_filings(act: Act) -> PlaceFilings:
    act.session.get(Place, act.case.place_id, with_for_update=act.deciding)
    standing = act.session.scalar(
        select(Case.number)
        .where(
            Case.place_id == act.case.place_id,
            Case.process == act.process.key,
            Case.id != act.case.id,
            Case.party_id == act.case.party_id,
            Case.state.in_(("received", "awaiting_supplement", "supplemented", "filed")),
        )
        .order_by(Case.id)
        .limit(1)
    )
    return PlaceFilings(standing)


@dataclass(frozen=True)
class _Bar:
    """What bars from applying for a matter again (许可法78, 79): in which process the decision was
    taken by which step, how one knows why, and for how long it bars."""

    matter: str
    process: str
    step: str
    proved: ColumnElement[bool]
    key: str
    reason: str


def _of_false_material(matter: str, process: str, step: str) -> _Bar:
    return _Bar(
        matter,
        process,
        step,
        Case.data[step]["ground"].as_string() == RefusalGround.FALSE_MATERIAL.value,
        "licensing.bar_false_material",
        "曾隐瞒有关情况或者提供虚假材料申请许可，被不予许可",
    )


_HYGIENE, _DIAGNOSIS, _SAFETY = "public_place_hygiene", "radiation_diagnosis", "radiation_safety"
_BARS = (
    _of_false_material(_HYGIENE, "instant_licence", REFUSE),
    *(
        _of_false_material(_DIAGNOSIS, process, REFUSE_HEALTH)
        for process in ("one_matter", "single_health")
    ),
    *(_of_false_material(_SAFETY, process, REFUSE_ECO) for process in ("one_matter", "single_eco")),
    _Bar(
        _HYGIENE,
        "commitment_check",
        REVOKE,
        Case.data[FIND_FALSE]["reason"].as_string().is_not(None),
        "licensing.bar_fraud",
        "曾以欺骗等不正当手段取得许可，被撤销",
    ),
)
# Whether they also bar from renewing the licence of another place.
_ELSEWHERE = "licensing.bar_renewal_elsewhere"
# A joint application is for both.
_JOINT = {"radiation_joint": (_DIAGNOSIS, _SAFETY)}


def _application_bar(act: Act) -> ApplicationBar:
    matter = act.process.matter or ""
    bars = [one for one in _BARS if one.matter in _JOINT.get(matter, (matter,))]
    decided = act.session.execute(
        select(
            Case.id,
            Case.process,
            LogRow.header["name"].as_string(),
            LogRow.header,
            Case.data,
        )
        .join(Case, LogRow.case_id == Case.id)
        .where(
            Case.party_id.in_(line_of(act.case.party_id, act.day)),
            *_of_its_place(act),
            LogRow.header["kind"].as_string() == "step",
            or_(
                *(
                    (Case.process == one.process)
                    & one.proved
                    & (LogRow.header["name"].as_string() == one.step)
                    for one in bars
                )
            ),
        )
        .order_by(LogRow.id)
    ).all()
    for bar in bars:
        key, reason = bar.key, bar.reason
        for case, process, step, header, data in decided:
            if (process, step) != (bar.process, bar.step) or not _still_bars(Inputs(data), step):
                continue
            if unserved(act.session, [(case, header["seq"])]):  # it bars nobody before (许可法44)
                continue
            day = legal_date(datetime.fromisoformat(header["effective_at"]))
            limit, _ = act.rules.limit(key, day, act.region)
            until = count(limit, day, (), act.rules.calendar).due
            if until and act.day <= until:
                return ApplicationBar(until + timedelta(days=1), reason, limit.law)
    return ApplicationBar(None, "", "")


def _of_its_place(act: Act) -> tuple[ColumnElement[bool], ...]:
    """Whoever goes on with a licence applies for no other: what was decided of another place bars
    that only where the authority says so."""
    if act.process.key != "licence_renewal" or act.rules.value(_ELSEWHERE, act.day, act.region):
        return ()
    return (Case.place_id == act.case.place_id,)


def _still_bars(inputs: Inputs, step: str) -> bool:
    """Whether the decision stands, and is one on fraud if it revoked a licence (许可法79)."""
    if overturned(inputs):
        return False
    revoked = inputs.at(REVOKE)
    return step != REVOKE or (revoked is not None and names_fraud(revoked.basis))


def _registered_name(act: Act) -> RegisteredName:
    application, party = act.inputs.application(Application), act.party
    name, registered = folded(application.place_name), folded(party.name)
    accepted = act.inputs.at(ACCEPT)
    return RegisteredName(
        application.place_name,
        party.name,
        name.startswith(registered) or registered.startswith(name),
        bool(accepted and accepted.name_difference.strip()),
        application.representative,
        same_name(application.representative, party.representative),
    )


def _deferred(act: Act) -> set[str]:
    accepted = act.inputs.at(ACCEPT)
    return set(accepted.deferred) if accepted else set()


def _materials(act: Act) -> Materials:
    may_follow = {item.key for item in listed(act) if item.deferrable}
    there = handed_in(act) | (may_follow & _deferred(act))
    return Materials(
        tuple(item.label for item in listed(act) if item.required and item.key not in there)
    )


def _deferral(act: Act) -> Deferral:
    came = handed_in(act)
    may = {item.key for item in listed(act) if item.deferrable and item.key not in came}
    return Deferral(tuple(labels(act).get(key, key) for key in sorted(_deferred(act) - may)))


def _deferred_items(act: Act) -> DeferredItems:
    since = act.dates.get(RETURN_ITEMS)
    fresh = {
        attachment.material
        for attachment in act.dossier.attachments
        if since is None or legal_date(attachment.received_at) >= since
    }
    wanted = act.inputs.application(DeferralCase).materials
    return DeferredItems(tuple(labels(act).get(key, key) for key in wanted if key not in fresh))


def _supplement(act: Act) -> Supplement:
    asked = act.dossier.last(REQUEST_SUPPLEMENT)
    supplement_list = act.inputs.at(REQUEST_SUPPLEMENT)
    if asked is None or supplement_list is None:
        return Supplement(())
    handed_in = handed_in_since(act, asked)
    # The list may ask for what is on no materials list.
    missing = [item.material for item in supplement_list.items if item.material not in handed_in]
    return Supplement(tuple(labels(act).get(material, material) for material in missing))


def _delegation(act: Act) -> Delegation:
    return Delegation(
        act.execution.role is Role.WINDOW_CLERK,
        bool(act.rules.value("licensing.window_may_grant", act.day, act.region)),
    )


FACTS: FactTable = {
    ApplicationBar: _application_bar,
    Deferral: _deferral,
    DeferredItems: _deferred_items,
    Delegation: _delegation,
    Materials: _materials,
    PlaceFilings: _place_filings,
    PlaceKind: _place_kind,
    PlaceRecord: _place_record,
    RegisteredName: _registered_name,
    Supplement: _supplement,
}
