"""What documents of every topic print: authority, party, case, matter, clocks, what is served."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal, NotRequired, TypedDict
from urllib.parse import urlencode

from casework.acts.act import Act
from casework.acts.clocks import Run
from casework.acts.deliveries import entry_of, papers_of, service_of, waiting
from casework.common.codes import CODE_LABELS
from casework.common.timekeeping import in_chinese
from casework.common.typed_inputs import Inputs
from casework.documents.paper_parts import Part, Parts
from casework.models import Authority, Case, Document, Person
from rulebook.citations import in_full
from rulebook.models import Material, in_words
from state_machines.language.vocabulary import RecordService
from state_machines.licences import LICENCES
from state_machines.licensing.deferral.forms import Deferral
from state_machines.licensing.instant_licence.forms import ACCEPT
from state_machines.licensing.licence.forms import Licence
from state_machines.parts.delivery.forms import Receipt
from state_machines.parts.intake.forms import (
    DEEM_ACCEPTED,
    SUBMIT,
    CameIn,
    Concluded,
    Premises,
)
from state_machines.verification import PartKnowledge, Presence

Nothing = Literal[""]


class DocumentPart(TypedDict, total=False):
    """The document itself; filled in once its number is known."""

    key: str
    title: str
    number: str
    date: str
    year: int


class AuthorityPart(TypedDict):
    """Whose letterhead it bears, and where its decisions may be contested."""

    name: str
    short: str
    address: str
    phone: str
    reconsideration_body: str
    reconsideration_online: str
    court: str


class PartyPart(TypedDict):
    """To whom it is addressed. A citizen has no legal representative to name."""

    name: str
    organisation: bool
    code_label: str
    code: str
    representative: str
    address: str
    phone: str


class PlacePart(TypedDict, total=False):
    """The premises, as far as the application tells of them."""

    name: str
    kind: str
    address: str
    district: str


class ConditionPart(TypedDict):
    """A condition of the matter."""

    key: str
    text: str
    law: str


class MaterialPart(TypedDict):
    """An item that is asked for."""

    key: str
    label: str
    required: bool
    note: str


class MatterPart(TypedDict):
    """The matter, in the words of the rulebook."""

    name: str
    basis: list[str]
    conditions: list[ConditionPart]
    materials: list[MaterialPart]
    effect: str
    duties: list[str]
    check_period: str
    liability: list[str]
    publication: str


class CasePart(TypedDict, total=False):
    """The case, and when it came in and was accepted, if it was."""

    number: str
    tracking_code: str
    process: str
    received_on: str
    accepted_on: str


class OfficerPart(TypedDict):
    """An officer, with the number of the certificate (empty if the act needs none)."""

    name: str
    certificate: str


class ActPart(TypedDict):
    """The step that issues it. No `actor` is there where the law acted by itself."""

    date: str
    actor: NotRequired[str]
    step: str
    channel: str
    officers: list[OfficerPart]
    law: str
    conclusion: str
    delegation: str


class ItemPart(TypedDict):
    """An item of the materials."""

    key: str
    label: str


class ClockPart(TypedDict):
    """A clock that runs."""

    due: str
    label: str
    law: str
    n_text: str


class ExtendedPart(ClockPart):
    """A clock that the step extends, and by how much."""

    by: str


class LicencePart(TypedDict):
    """The licence of the family."""

    number: str
    valid_from: str
    valid_until: str
    state_label: str


class FitPart(TypedDict):
    """In which size of type a certificate holds what it has to say on its one page."""

    large: bool
    middle: bool
    small: bool
    tiny: bool


class VerifyPart(TypedDict):
    """The address in a QR code."""

    url: str


class FilePart(TypedDict):
    """A file that was handed in."""

    label: str
    filename: str
    sha256_short: str


class IssuedPart(TypedDict):
    """A document that is served."""

    title: str
    number: str


class PartedPart(TypedDict):
    """What goes on of a joint matter."""

    dropped: str
    item: str
    number: str
    authority: str
    due: str


def _deferred(act: Act) -> list[ItemPart]:
    """What may follow later (容缺), at acceptance and in the case that waits for it."""
    accepted, labels = act.inputs.at(ACCEPT), material_labels(act)
    keys = accepted.deferred if accepted else []
    keys = keys or act.inputs.application(Deferral).materials
    return [{"key": key, "label": labels.get(key, key)} for key in keys]


def _document(_act: Act) -> DocumentPart:
    return {}  # filled in once the number is known


def _authority(act: Act) -> AuthorityPart:
    authority = act.authority
    return {
        "name": authority.name,
        "short": authority.short,
        "address": authority.address,
        "phone": authority.phone,
        "reconsideration_body": authority.reconsideration_body,
        "reconsideration_online": authority.reconsideration_online,
        "court": authority.court,
    }


def _party(act: Act) -> PartyPart:
    party = act.party
    return {
        "name": party.name,
        "organisation": party.code_kind == "uscc",
        "code_label": CODE_LABELS[party.code_kind],
        "code": party.code,
        "representative": party.representative,
        "address": party.address,
        "phone": party.phone,
    }


def _place(act: Act) -> PlacePart:
    """The premises; what the application does not say is left out, so that a template which prints
    it all the same is refused by name."""
    premises = act.inputs.application(Premises)
    found: PlacePart = {"district": act.rules.region(act.region).label}
    if premises.place_name is not None:
        found["name"] = premises.place_name
    if premises.address is not None:
        found["address"] = premises.address
    if premises.place_kind is not None:
        found["kind"] = act.rules.place_kind(premises.place_kind, act.day, act.region).label
    for own_words in (premises.institution_kind, premises.premises_kind):
        if own_words is not None:
            found["kind"] = own_words
    return found


def _matter(act: Act) -> MatterPart | Nothing:
    if act.matter is None:
        return ""
    matter = act.rules.matter(act.matter, act.day, act.region)
    kind = act.inputs.application(Premises).place_kind
    return {
        "name": matter.label,
        "basis": list(matter.basis),
        "conditions": [
            {"key": c.key, "text": c.text, "law": c.law} for c in matter.conditions_for(kind)
        ],
        "materials": [
            {"key": m.key, "label": m.label, "required": m.required, "note": m.note}
            for m in _materials(act)
            if m.asked
        ],
        "effect": _with_limits(act, matter.effect),
        "duties": [_with_limits(act, duty) for duty in matter.duties],
        "check_period": _with_limits(act, matter.check_period),
        "liability": [in_full(_with_limits(act, text)) for text in matter.liability],
        "publication": matter.publication,
    }


def _with_limits(act: Act, text: str) -> str:
    return act.rules.with_limits(text, act.day, act.region)


def _case(act: Act) -> CasePart:
    said: CasePart = {
        "number": act.case.number,
        "tracking_code": act.case.tracking_code,
        "process": act.process.label,
    }
    before = act.inputs.application(CameIn)
    if received := _day_of(act, _RECEIVED, before.received_on):
        said["received_on"] = received.isoformat()
    if accepted := _day_of(act, _ACCEPTED, before.accepted_on):
        said["accepted_on"] = accepted.isoformat()
    return said


# The steps that the day is of, and the field in which the case before this one had it.
# `deem_accepted` bears the date of receipt, as the law has it (许可法32).
_RECEIVED = (SUBMIT, "application.received_on")
_ACCEPTED = (ACCEPT, DEEM_ACCEPTED, "application.accepted_on")


def _day_of(act: Act, sources: tuple[str, ...], before: date | None) -> date | None:
    days = [act.dates[step] for step in sources if step in act.dates]
    return days[-1] if days else before


def _act(act: Act) -> ActPart:
    found: ActPart = {
        "date": act.day.isoformat(),
        "step": act.step.label,
        "channel": act.execution.channel,
        "officers": [
            {"name": o.name, "certificate": o.certificate} for o in act.execution.officers
        ],
        "law": in_full(act.step.law),
        "conclusion": act.filled(Concluded).kind or act.step.label,
        "delegation": _delegation(act),
    }
    if act.execution.officers:
        found["actor"] = "、".join(officer.name for officer in act.execution.officers)
    return found


def _delegation(act: Act) -> str:
    """By whose written delegation the window decides; empty where the head does."""
    found = act.execution.delegation
    if found is None:
        return ""
    leader = act.session.get_one(Person, found.granted_by)
    days = f"{in_chinese(found.valid_from)}至{in_chinese(found.valid_to)}"
    return f"{found.number}，授权人{leader.name}，授权期限{days}"


def _said(act: Act) -> Any:
    """What was filled in at the very step, whatever its name."""
    return {**act.inputs.printed(act.step.name), "on": act.day.isoformat()}


def _extended(act: Act) -> ExtendedPart | Nothing:
    """The limit that the step extends: its new last day."""
    for run in act.runs:
        extension = act.process.clock(run.name).extension
        if run.live and run.due_on and extension and extension.step == act.step.name:
            limit, _ = act.rules.limit(extension.limit, act.day, act.region)
            return {**_clock(act, run, run.due_on), "by": limit.text}
    return ""


def held_case(act: Act) -> Case | None:
    """The licence that a document is about: the one of its series, or just opened, or this case."""
    if act.process.key in LICENCES:
        return act.case
    if act.issuing and act.issuing.style in LICENCES:
        return act.related(act.issuing.style)
    return next((act.opened[name] for name in LICENCES if name in act.opened), None)


def _held(act: Act) -> Any:
    """The licence that the case is about, as letters print it; empty if it is about none."""
    licence = held_case(act)
    if licence is None:
        return ""
    label = act.context.versions.by_digest(act.session, licence.version_digest).label
    return {
        "valid_until": "",
        "verify_by": "",
        **Inputs(licence.data).printed("application"),
        "label": label,
    }


def _clocks(act: Act) -> dict[str, ClockPart]:
    return {run.name: _clock(act, run, run.due_on) for run in act.runs if run.live and run.due_on}


def _clock(act: Act, run: Run, due: date) -> ClockPart:
    clock = act.process.clock(run.name)
    law = in_full(clock.law)
    said: ClockPart = {"due": due.isoformat(), "label": clock.label, "law": law, "n_text": ""}
    if run.edition:
        limit = act.rules.limit_by_digest(run.edition)
        said["n_text"] = in_words(limit.n, limit.unit)
    return said


def _licence(act: Act) -> LicencePart | Nothing:
    licence = act.case if act.process.key == "licence" else act.related("licence")
    if licence is None:
        return ""
    process = act.context.versions.by_digest(act.session, licence.version_digest)
    said = Inputs(licence.data).application(Licence)
    return {
        "number": said.number,
        "valid_from": said.valid_from.isoformat(),
        "valid_until": said.valid_until.isoformat(),
        "state_label": process.state(licence.state).label,
    }


# Sizes of the certificates' rows, from large to tiny: how many full-width characters stand on a
# line beside the label, and how many lines there is room for between title and seal. The styles
# in the templates (15, 12, 9 and 7.5 points, exact lines) and these figures go together.
_SIZES = {"large": (32, 9), "middle": (43, 11), "small": (60, 15), "tiny": (75, 19)}
# Number, code and term of a certificate are a line each.
_FIXED_LINES = 3


def _fit(act: Act) -> FitPart:
    """The largest size in which the firm, its place and what is licensed fit on one page."""
    party, place, held = _party(act), _place(act), _held(act) or {}
    of_a_place = (place.get("name", ""), place.get("kind", ""), place.get("address", ""))
    of_a_licence = tuple(str(held.get(name, "")) for name in ("place_name", "scope", "address"))
    representative = max(party["representative"], str(held.get("representative", "")), key=len)
    size = fitting([(party["name"], representative, *rows) for rows in (of_a_place, of_a_licence)])
    return {
        "large": size == "large",
        "middle": size == "middle",
        "small": size == "small",
        "tiny": size == "tiny",
    }


def fitting(papers: Iterable[Iterable[str]]) -> str:
    """The largest size in which each of these papers, by its texts, fits on one page."""
    wanted = [tuple(texts) for texts in papers]
    for size, (across, room) in _SIZES.items():
        if all(_lines(texts, across) + _FIXED_LINES <= room for texts in wanted):
            return size
    return "tiny"


def _lines(texts: Iterable[str], across: int) -> int:
    return sum(max(1, -(-len(text) // across)) for text in texts)


def _verify(act: Act) -> VerifyPart:
    licence = held_case(act) or act.related("licence")
    if licence is not None:
        return {"url": f"{act.context.public_url}/verify/{licence.tracking_code}"}
    asked = urlencode({"number": act.case.number, "code": act.case.tracking_code})
    return {"url": f"{act.context.public_url}/track?{asked}"}


def _attachments(act: Act) -> list[FilePart]:
    labels = material_labels(act)
    return [
        {
            "label": labels.get(row.material, row.material),
            "filename": row.filename,
            "sha256_short": row.digest[:12],
        }
        for row in act.dossier.attachments
    ]


def material_labels(act: Act) -> dict[str, str]:
    """By key how the papers of a case are called: those its process asks for, and any other that
    is kept with a file."""
    lists = act.rules.known("materials", act.day, act.region)
    kept = (act.rules.materials(key, act.day, act.region) for key in lists)
    labels = {item.key: item.label for one in kept for item in one.items}
    return labels | {item.key: item.label for item in _materials(act)}


def _materials(act: Act) -> tuple[Material, ...]:
    if act.process.materials is None:
        return ()
    return act.rules.materials(act.process.materials, act.day, act.region).items


def _documents(act: Act) -> list[IssuedPart]:
    """What is being served: the documents of the latest step that issued any, or with a receipt
    for one matter of several its decision and certificates."""
    if act.issuing and act.issuing.matter:
        return _decided(act, act.issuing.matter)
    if recorded := service_of(act):
        return _recorded(act, recorded)
    if chosen := act.filled(Receipt).documents:
        return _chosen(act, chosen)
    issued = act.dossier.documents
    latest = max((document.log_seq for document in issued), default=None)
    return [_issued(document) for document in issued if document.log_seq == latest]


def _issued(document: Document) -> IssuedPart:
    return {"title": document.title, "number": document.number}


def _recorded(act: Act, effect: RecordService) -> list[IssuedPart]:
    """What the receipt that is being recorded covers; before any, what waits to be served."""
    entry = entry_of(act.data, effect.of)
    if effect.kind == "receipt":
        covered = entry["receipts"][-1]["documents"]
        return [{"title": one["title"], "number": one["number"]} for one in covered]
    unserved = waiting(papers_of(act, effect), entry["receipts"])
    return [{"title": paper.title, "number": paper.number} for paper in unserved]


def _chosen(act: Act, keys: Iterable[str]) -> list[IssuedPart]:
    wanted = set(keys)
    return [_issued(document) for document in act.dossier.documents if document.key in wanted]


def _decided(act: Act, matter: str) -> list[IssuedPart]:
    names = {header["seq"]: header["name"] for header in act.dossier.headers}
    served: list[IssuedPart] = []
    for document in act.dossier.documents:
        kind = act.rules.document(document.key, document.issued_on, act.region)
        step = act.process.step(names[document.log_seq])
        track = act.process.track_of(step.name)
        of = kind.matter or (track.matter if track else "") or act.process.matter
        if of == matter and (kind.style in LICENCES or step.final):
            served.append(_issued(document))
    # Certificates that the very step makes are not in the log yet.
    for made in act.caused.get("documents", ()):
        kind = act.rules.document(made["key"], act.day, act.region)
        if kind.matter == matter and kind.style in LICENCES:
            served.append({"title": made["title"], "number": made["number"]})
    return served


def _parted(act: Act) -> PartedPart | Nothing:
    """What no longer goes on of a joint matter, and the case in which the rest goes on alone."""
    alone = next(iter(act.opened.values()), None)
    if alone is None:
        return ""
    process = act.context.versions.by_digest(act.session, alone.version_digest)
    items = {track.matter: None for track in act.process.tracks if track.matter}
    labels = {key: act.rules.matter(key, act.day, act.region).label for key in items}
    item = labels.pop(process.matter or "")
    return {
        "dropped": "、".join(labels.values()),
        "item": item,
        "number": alone.number,
        "authority": act.session.get_one(Authority, alone.authority_id).name,
        "due": alone.due_on.isoformat() if alone.due_on else "",
    }


PARTS: Parts = {
    "act": Part(_act, sources={"actor": (PartKnowledge.PERSON,)}),
    "attachments": Part(_attachments),
    "authority": Part(_authority),
    "case": Part(_case, sources={"received_on": _RECEIVED, "accepted_on": _ACCEPTED}),
    "clocks": Part(_clocks),
    "deferred": Part(_deferred),
    "document": Part(_document),
    "documents": Part(_documents),
    "extended": Part(_extended, Presence(extends=True)),
    "fit": Part(_fit),
    "held": Part(_held, Presence(relations=tuple(LICENCES), styles=tuple(LICENCES))),
    "licence": Part(_licence, Presence(relations=("licence",))),
    "matter": Part(_matter, Presence(matter=True)),
    "parted": Part(_parted, Presence(opens=True)),
    "party": Part(_party),
    "place": Part(
        _place,
        sources={
            "name": ("application.place_name",),
            "kind": (
                "application.place_kind",
                "application.institution_kind",
                "application.premises_kind",
            ),
            "address": ("application.address",),
        },
    ),
    "said": Part(_said),
    "verify": Part(_verify),
}
