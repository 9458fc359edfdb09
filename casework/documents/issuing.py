"""Issuing documents (出具文书): number, context, bytes, frozen in the step's own transaction."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.acts.numbers import next_number
from casework.acts.participants import authority_for, authority_in
from casework.common.problems import DocumentProblem
from casework.documents.paper_parts import parts
from casework.documents.papers import held_case, material_labels
from casework.models import Case, Document
from casework.rules.rendering import TemplateError
from rulebook.models import DocumentKind
from state_machines.language.vocabulary import Process
from state_machines.licences import LICENCES
from state_machines.parts.intake.forms import REQUEST_SUPPLEMENT


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
    act.rows.append(document)
    act.note(
        "documents",
        {"key": key, "title": kind.label, "number": number, "sha256": document.digest},
    )
    return document


def issuer_of(session: Session, case: Case, process: Process, step: str, matter: str) -> int:
    """The authority in whose name a step issues a document: by its track, or by its matter."""
    track = process.track_of(step)
    if track:
        return authority_in(session, case, track.name)
    return authority_for(session, case, process, matter)


def _number_of(act: Act, kind: DocumentKind) -> str:
    if kind.style in LICENCES:
        # The number is the licence's own, given out when its case was opened.
        licence = held_case(act)
        return str(licence.data["application"]["number"]) if licence else ""
    return next_number(act, kind)


def _context(act: Act, roots: Iterable[str]) -> dict[str, Any]:
    """What the template may print: only the parts it names, absent ones as an empty text."""
    return {root: _part(act, root) for root in sorted(roots)}


def _part(act: Act, root: str) -> Any:
    if part := parts().get(root):
        return part.read(act)
    given = act.data.get(root)
    if given is None:
        return ""
    said = {**given, "on": act.dates[root].isoformat()}
    if root == REQUEST_SUPPLEMENT:
        labels = material_labels(act)
        said["items"] = [
            {**item, "material": labels.get(item["material"], item["material"])}
            for item in given["items"]
        ]
    return said
