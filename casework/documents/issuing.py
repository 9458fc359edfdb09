"""Issuing documents (出具文书): number, context, bytes, frozen in the step's own transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import func, select

from casework.acts.act import Act
from casework.acts.clocks import Run
from casework.acts.deliveries import entry_of, papers_of, printed, service_of, waiting
from casework.acts.numbers import next_number
from casework.acts.proposals import draft_of, latest_draft, votes_of
from casework.common.codes import CODE_LABELS
from casework.common.problems import DocumentProblem
from casework.common.timekeeping import legal_date
from casework.credit.papers import exam_part, repair_part
from casework.enforcement.papers import exemption_of, handlers_of, violation_in
from casework.enforcement.penalty.papers import (
    decided_of,
    notice_of,
    payee_of,
    sentence_of,
    sums_of,
    urging_of,
)
from casework.grading.place_grading import graded as gradings
from casework.models import Account, Attachment, Authority, Case, Document, LogRow, Person
from casework.parts.corrections import corrected as corrections
from casework.parts.same_act.same_act import told_apart
from casework.rules.rendering import TemplateError
from rulebook.models import DocumentKind, Material, in_words
from state_machines.language.vocabulary import RecordService
from state_machines.licences import LICENCES
from state_machines.parts.approvals.measures import in_words as measure_in_words
from state_machines.parts.panel.forms import Choice


def issue(act: Act, key: str) -> Document:
    """Issue one document of the catalogue as part of a step.

    Raises DocumentProblem naming template and field if a field is missing, Misconfigured if the
    catalogue or the template is.
    """
    kind = act.rules.document(key, act.day, act.region)
    act.issuing = kind
    template, template_digest = act.rules.template(key, act.day, act.region)
    number = _number_of(act, kind)
    context = _context(act, {path.split(".")[0].removesuffix("[]") for path in template.fields})
    if "document" in context:
        context["document"] = {
            "key": key,
            "title": kind.label,
            "number": number,
            "date": act.day.isoformat(),
            "year": act.day.year,
        }
    try:
        content = template.render(context)
    except TemplateError as error:
        raise DocumentProblem(str(error)) from error
    document = Document(
        case_id=act.case.id,
        log_seq=act.case.head_seq + 1,
        key=key,
        title=kind.label,
        number=number,
        issued_on=act.day,
        template_digest=template_digest,
        context=context,
        content=content,
        digest=sha256(content).hexdigest(),
    )
    act.session.add(document)
    act.note(
        "documents",
        {"key": key, "title": kind.label, "number": number, "sha256": document.digest},
    )
    return document


def _number_of(act: Act, kind: DocumentKind) -> str:
    if kind.style in LICENCES:
        # The number is the licence's own, given out when its case was opened.
        licence = _held_case(act)
        return str(licence.data["application"]["number"]) if licence else ""
    return next_number(act, kind)


def _context(act: Act, roots: Iterable[str]) -> dict[str, Any]:
    """What the template may print: only the parts it names, absent ones as an empty text."""
    return {root: _part(act, root) for root in sorted(roots)}


def _part(act: Act, root: str) -> Any:
    if root in _PARTS:
        return _PARTS[root](act)
    given = act.data.get(root)
    if given is None:
        return ""
    said = {**given, "on": act.dates[root].isoformat()}
    if root == "request_supplement":
        labels = _material_labels(act)
        said["items"] = [
            {**item, "material": labels.get(item["material"], item["material"])}
            for item in given["items"]
        ]
    return said


def _deferred(act: Act) -> list[dict[str, Any]]:
    """What may follow later (容缺), at acceptance and in the case that waits for it."""
    keys = act.data.get("accept", {}).get("deferred") or act.data["application"].get("materials")
    labels = _material_labels(act)
    return [{"key": key, "label": labels.get(key, key)} for key in keys or ()]


def _document(_act: Act) -> dict[str, Any]:
    return {}  # filled in once the number is known


def _authority(act: Act) -> dict[str, Any]:
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


def _party(act: Act) -> dict[str, Any]:
    party = act.party
    return {
        "name": party.name,
        "code_label": CODE_LABELS[party.code_kind],
        "code": party.code,
        "representative": party.representative,
        "address": party.address,
        "phone": party.phone,
    }


def _place(act: Act) -> dict[str, Any]:
    said = act.data["application"]
    kind = said.get("place_kind")
    return {
        "name": said["place_name"],
        "kind": act.rules.place_kind(kind, act.day, act.region).label
        if kind
        else said.get("institution_kind", "医疗机构"),
        "address": said["address"],
        "district": act.rules.region(act.region).label,
    }


def _matter(act: Act) -> Any:
    if act.matter is None:
        return ""
    matter = act.rules.matter(act.matter, act.day, act.region)
    kind = act.data["application"].get("place_kind")
    return {
        "name": matter.label,
        "basis": list(matter.basis),
        "conditions": [
            {"key": c.key, "text": c.text, "law": c.law}
            for c in matter.conditions
            if not c.applies_to or kind in c.applies_to
        ],
        "materials": [
            {"key": m.key, "label": m.label, "required": m.required, "note": m.note}
            for m in _materials(act)
            if m.asked
        ],
        "effect": _with_limits(act, matter.effect),
        "duties": [_with_limits(act, duty) for duty in matter.duties],
        "check_period": _with_limits(act, matter.check_period),
        "liability": [_with_limits(act, text) for text in matter.liability],
        "publication": matter.publication,
    }


def _with_limits(act: Act, text: str) -> str:
    return act.rules.with_limits(text, act.day, act.region)


def _case(act: Act) -> dict[str, Any]:
    said = {
        "number": act.case.number,
        "tracking_code": act.case.tracking_code,
        "process": act.process.label,
    }
    # `deem_accepted` bears the date of receipt, as the law has it (许可法32).
    for name, steps in (("received_on", ("submit",)), ("accepted_on", ("accept", "deem_accepted"))):
        days = [act.dates[step] for step in steps if step in act.dates]
        if days:
            said[name] = days[-1].isoformat()
        elif name in act.data["application"]:
            said[name] = act.data["application"][name]  # as the case before this one had it
    return said


def _act(act: Act) -> dict[str, Any]:
    return {
        "date": act.day.isoformat(),
        "actor": "、".join(officer.name for officer in act.hand.officers) or "系统",
        "channel": act.hand.channel,
        "officers": [{"name": o.name, "certificate": o.certificate} for o in act.hand.officers],
        "law": act.step.law,
        "conclusion": act.input.get("kind", act.step.label),
    }


def _said(act: Act) -> dict[str, Any]:
    """What was filled in at the very step, whatever its name."""
    return {**act.input, "on": act.day.isoformat()}


def _draft(act: Act) -> dict[str, Any]:
    """What is proposed to be decided, as notice, review and panel look at it."""
    # A version from before approvals were declared has its draft in the notice.
    said = draft_of(act) or act.data.get("notify_revocation", {})
    measures = [measure_in_words(one) for one in said.get("measures", ())]
    drafted = latest_draft(act)
    deciding = [
        act.process.step(name)
        for one in act.process.binds
        if drafted in one.drafts
        for name in one.bound
    ]
    considered = [act.data.get(name, {}) for name in ("submit_review", "reconsider")]
    return {
        **said,
        "apart": told_apart(act.session, act.case),
        "measures": measures or [step.label for step in deciding[:1]] or ["撤销许可"],
        "considered": next(
            (one["defence_considered"] for one in considered if "defence_considered" in one), ""
        ),
    }


def _hearing(act: Act) -> Any:
    """The hearing as the party was told of it, with the chair's name."""
    said = act.data.get("schedule_hearing")
    if said is None:
        return ""
    chair = act.session.scalar(
        select(Person.name)
        .join(Account, Account.person_id == Person.id)
        .where(Account.username == said["chair"])
    )
    return {**said, "chair": chair}


def _panel(act: Act) -> dict[str, Any]:
    """Who voted how on the draft before the panel, and what it came to."""
    votes = votes_of(act)
    known = [vote.person_id for vote in votes]
    people = act.session.scalars(select(Person).where(Person.id.in_(known)))
    names = {person.id: person.name for person in people}
    counts = Counter(vote.said["choice"] for vote in votes)
    return {
        "votes": [{**vote.said, "name": names[vote.person_id]} for vote in votes],
        "result": "，".join(f"{choice.value}{counts[choice.value]}人" for choice in Choice),
    }


def _extended(act: Act) -> Any:
    """The limit that the step extends: its new last day."""
    for run in act.runs:
        extension = act.process.clock(run.name).extension
        if run.live and run.due_on and extension and extension.step == act.step.name:
            limit, _ = act.rules.limit(extension.limit, act.day, act.region)
            return {**_clock(act, run, run.due_on), "by": limit.text}
    return ""


def _recusal(act: Act) -> dict[str, Any]:
    """The recusal that is decided: as it was asked for, and what that officer has done so far."""
    person = act.session.execute(
        select(Person.id, Person.name)
        .join(Account, Account.person_id == Person.id)
        .where(Account.username == act.input["officer"])
    ).one()
    rows = act.session.scalars(
        select(LogRow.header).where(LogRow.case_id == act.case.id).order_by(LogRow.seq)
    )
    done = [
        {
            "label": act.process.step(row["name"]).label,
            "on": legal_date(datetime.fromisoformat(row["effective_at"])).isoformat(),
        }
        for row in rows
        if row["kind"] == "step" and person.id in row["officers"]
    ]
    asked = act.data["ask_recusal"]
    return {
        "officer": person.name,
        "asked_on": act.dates["ask_recusal"].isoformat(),
        "ground": asked["ground"],
        "facts": asked["facts"],
        "done": done,
    }


def _held_case(act: Act) -> Case | None:
    """The licence that a document is about: the one of its series, or just opened, or this case."""
    if act.process.key in LICENCES:
        return act.case
    if act.issuing and act.issuing.style in LICENCES:
        return act.related(act.issuing.style)
    return next((act.opened[name] for name in LICENCES if name in act.opened), None)


def _held(act: Act) -> Any:
    licence = _held_case(act)
    if licence is None:
        return ""
    label = act.ground.versions.by_digest(act.session, licence.version_digest).label
    return {"valid_until": "", "verify_by": "", **licence.data["application"], "label": label}


def _clocks(act: Act) -> dict[str, Any]:
    return {run.name: _clock(act, run, run.due_on) for run in act.runs if run.live and run.due_on}


def _clock(act: Act, run: Run, due: date) -> dict[str, Any]:
    clock = act.process.clock(run.name)
    said = {"due": due.isoformat(), "label": clock.label, "law": clock.law, "n_text": ""}
    if run.edition:
        limit = act.rules.limit_by_digest(run.edition)
        said["n_text"] = in_words(limit.n, limit.unit)
    return said


def _licence(act: Act) -> Any:
    licence = act.case if act.process.key == "licence" else act.related("licence")
    if licence is None:
        return ""
    process = act.ground.versions.by_digest(act.session, licence.version_digest)
    said = licence.data["application"]
    return {
        "number": said["number"],
        "valid_from": said["valid_from"],
        "valid_until": said["valid_until"],
        "state_label": process.state(licence.state).label,
    }


def _verify(act: Act) -> dict[str, Any]:
    licence = _held_case(act) or act.related("licence")
    if licence is not None:
        return {"url": f"{act.ground.public_url}/verify/{licence.tracking_code}"}
    asked = urlencode({"number": act.case.number, "code": act.case.tracking_code})
    return {"url": f"{act.ground.public_url}/track?{asked}"}


def _attachments(act: Act) -> list[dict[str, Any]]:
    rows = act.session.scalars(
        select(Attachment).where(Attachment.case_id == act.case.id).order_by(Attachment.id)
    )
    labels = _material_labels(act)
    return [
        {
            "label": labels.get(row.material, row.material),
            "filename": row.filename,
            "sha256_short": row.digest[:12],
        }
        for row in rows
    ]


def _material_labels(act: Act) -> dict[str, str]:
    return {item.key: item.label for item in _materials(act)}


def _materials(act: Act) -> tuple[Material, ...]:
    if act.process.materials is None:
        return ()
    return act.rules.materials(act.process.materials, act.day, act.region).items


def _documents(act: Act) -> list[dict[str, Any]]:
    """What is being served: the documents of the latest step that issued any, or with a receipt
    for one matter of several its decision and certificates."""
    if act.issuing and act.issuing.matter:
        return _decided(act, act.issuing.matter)
    if recorded := service_of(act):
        return _recorded(act, recorded)
    if chosen := act.input.get("documents"):
        return _chosen(act, chosen)
    latest = select(func.max(Document.log_seq)).where(Document.case_id == act.case.id)
    rows = act.session.execute(
        select(Document.title, Document.number)
        .where(Document.case_id == act.case.id, Document.log_seq == latest.scalar_subquery())
        .order_by(Document.id)
    )
    return [{"title": row.title, "number": row.number} for row in rows]


def _recorded(act: Act, effect: RecordService) -> list[dict[str, Any]]:
    """What the receipt that is being recorded covers; before any, what waits to be served."""
    entry = entry_of(act.data, effect.of)
    if effect.kind == "receipt":
        covered = entry["receipts"][-1]["documents"]
        return [{"title": one["title"], "number": one["number"]} for one in covered]
    unserved = waiting(papers_of(act, effect), entry["receipts"])
    return [{"title": paper.title, "number": paper.number} for paper in unserved]


def _service(act: Act) -> dict[str, Any]:
    return printed(act).to_json()


def _chosen(act: Act, keys: Iterable[str]) -> list[dict[str, Any]]:
    rows = act.session.execute(
        select(Document.title, Document.number)
        .where(Document.case_id == act.case.id, Document.key.in_(keys))
        .order_by(Document.id)
    )
    return [{"title": row.title, "number": row.number} for row in rows]


def _decided(act: Act, matter: str) -> list[dict[str, Any]]:
    rows = act.session.execute(
        select(Document.key, Document.title, Document.number, Document.issued_on, LogRow.header)
        .join(LogRow, (LogRow.case_id == Document.case_id) & (LogRow.seq == Document.log_seq))
        .where(Document.case_id == act.case.id)
        .order_by(Document.id)
    )
    served = []
    for row in rows:
        kind = act.rules.document(row.key, row.issued_on, act.region)
        step = act.process.step(row.header["name"])
        track = act.process.track_of(step.name)
        of = kind.matter or (track.matter if track else "") or act.process.matter
        if of == matter and (kind.style in LICENCES or step.final):
            served.append({"title": row.title, "number": row.number})
    # Certificates that the very step makes are not in the log yet.
    for one in act.caused.get("documents", ()):
        kind = act.rules.document(one["key"], act.day, act.region)
        if kind.matter == matter and kind.style in LICENCES:
            served.append({"title": one["title"], "number": one["number"]})
    return served


def _parted(act: Act) -> Any:
    """What no longer goes on of a joint matter, and the case in which the rest goes on alone."""
    alone = next(iter(act.opened.values()), None)
    if alone is None:
        return ""
    process = act.ground.versions.by_digest(act.session, alone.version_digest)
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


_PARTS = {
    "correction": corrections.printed,
    "act": _act,
    "attachments": _attachments,
    "authority": _authority,
    "case": _case,
    "decided": decided_of,
    "deferred": _deferred,
    "clocks": _clocks,
    "document": _document,
    "draft": _draft,
    "grading": gradings.printed,
    "hearing": _hearing,
    "panel": _panel,
    "documents": _documents,
    "exemption": exemption_of,
    "exam": exam_part,
    "extended": _extended,
    "handlers": handlers_of,
    "held": _held,
    "licence": _licence,
    "matter": _matter,
    "notice": notice_of,
    "parted": _parted,
    "party": _party,
    "payee": payee_of,
    "place": _place,
    "recusal": _recusal,
    "repair": repair_part,
    "said": _said,
    "sentence": sentence_of,
    "service": _service,
    "sums": sums_of,
    "urging": urging_of,
    "verify": _verify,
    "violation": violation_in,
}
COMMON_ROOTS = frozenset(_PARTS)
