"""Issuing a corrected version (补正): the former document's own template and context, with nothing
but the slips put right, under the same number and marked as corrected."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, TypedDict

from sqlalchemy import select
from sqlalchemy.orm import undefer

from casework.acts.act import Act
from casework.common.problems import DocumentProblem
from casework.models import Document
from casework.rules.rendering import TemplateError
from state_machines.language.vocabulary import Correct
from state_machines.parts.corrections.forms import Correction

CORRECTED = "（补正）"


def fields_of(act: Act) -> Mapping[str, str]:
    """What may be corrected, by its Chinese name, and where a document's context holds it."""
    found: Mapping[str, str] = act.rules.value("corrections.fields", act.day, act.region)
    return found


def latest_issue(act: Act, key: str) -> Document | None:
    """The latest issue of a document that the step may correct."""
    effect = next(e for e in act.step.effects if isinstance(e, Correct))
    if key not in effect.documents:
        return None
    return act.session.scalar(
        select(Document)
        .options(undefer(Document.context))
        .where(Document.case_id == act.case.id, Document.key == key)
        .order_by(Document.log_seq.desc())
        .limit(1)
    )


def texts_at(context: Mapping[str, Any], path: str) -> Iterator[str]:
    """The texts that a dotted path (`act.officers[].name`) leads to."""
    for holder, name in _places(context, path):
        if isinstance(holder.get(name), str):
            yield holder[name]


def reissue(act: Act) -> Document:
    """Issue the corrected version. Raises DocumentProblem if it cannot be rendered."""
    correction = act.filled(Correction)
    former = latest_issue(act, correction.document)
    if former is None:
        raise DocumentProblem("没有可以补正的文书")
    context = copy.deepcopy(former.context)
    allowed = fields_of(act)
    for item in correction.items:
        for holder, name in _places(context, allowed[item.field]):
            if isinstance(holder.get(name), str):
                holder[name] = holder[name].replace(item.wrong, item.right)
    if "document" in context and former.number:
        context["document"]["number"] = f"{former.number}{CORRECTED}"
    try:
        content = act.rules.template_by_digest(former.template_digest).render(context)
    except TemplateError as error:
        raise DocumentProblem(str(error)) from error
    title = former.title if former.title.endswith(CORRECTED) else f"{former.title}{CORRECTED}"
    document = Document(
        case_id=act.case.id,
        log_seq=act.case.head_seq + 1,
        key=former.key,
        title=title,
        number=former.number,
        issued_on=act.day,
        template_digest=former.template_digest,
        context=context,
        content=content,
        digest=sha256(content).hexdigest(),
        corrects=former.id,
    )
    act.session.add(document)
    told = {"key": former.key, "title": title, "number": former.number}
    act.note("documents", {**told, "sha256": document.digest})
    return document


class CorrectionPart(TypedDict):
    """The document that is corrected."""

    title: str
    number: str


def printed(act: Act) -> CorrectionPart:
    """What the notice of a correction (补正通知书) prints of the document that is corrected."""
    former = act.filled(Correction).document
    row = next((one for one in act.caused.get("documents", []) if one["key"] == former), None)
    title = row["title"].removesuffix(CORRECTED) if row else ""
    return {"title": title, "number": row["number"] if row else ""}


def _places(context: Mapping[str, Any], path: str) -> Iterator[tuple[Any, str]]:
    *above, name = path.split(".")
    holders: list[Any] = [context]
    for part in above:
        found = [one.get(part.removesuffix("[]")) for one in holders if isinstance(one, Mapping)]
        holders = [x for one in found for x in (one if isinstance(one, list) else [one])]
    for holder in holders:
        if isinstance(holder, dict):
            yield holder, name
