"""Whoever walks in (到窗口的人): the firm, who is there for it, and the case that is opened for it,
taken in from one form. What is known already is not asked for, and left blank it is as registered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from unicodedata import normalize

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.cases import prefilling
from api.html import form_fields as forms
from api.html.dates import read_day
from api.html.site import Upload, Visit, acting
from casework.common.codes import normalise
from casework.common.problems import Problem, bad_field
from casework.common.texts import same_name
from casework.kernel.filing import with_subject
from casework.models import Party
from casework.people import mandate_papers, mandates, parties, party_papers
from casework.people.mandates import MandateView
from state_machines.language.vocabulary import Process

PARTY, PERSON = "party.", "person."  # before the names of their fields
DROP = "drop"  # the pile of files
_PAPERS = {"mandate": "授权委托书", "licence": "营业执照", "appointment": "任命文件"}
_USCC = re.compile(
    r"(?<![0-9A-Z])[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Z])"
)


def scanned(text: str) -> str:
    """What was typed or scanned at the counter, reduced to the 统一社会信用代码 in it if there is
    one: the QR code of a business licence is an address that holds it (GB 32100)."""
    found = _USCC.search(normalise(text))
    return found[0] if found else text


def whoever_is_present(visit: Visit) -> MandateView:
    """The mandate of whoever stands at the counter; firm and mandate are registered if they are
    new, both or neither.

    Raises a Problem that says in `extra["at"]` of which part of the form it is, and bears its
    names in `extra["errors"]`.
    """
    with visit.office.database.session() as session:
        with _part(PARTY):
            party = _party(visit, session)
        with _part(PERSON):
            return _chosen(visit, session, party) or _registered(visit, session, party)


def opened(visit: Visit, process: Process, present: MandateView) -> str:
    """The number of the case that is opened for whoever is present. Raises a Problem."""
    office, posted = visit.office, visit.posted
    with office.database.session() as session:
        guide = prefilling.for_application(visit, session, process, present)
        typed, _ = forms.read(process.form, posted.values, guide)
        about = {process.about: typed[process.about]} if process.about in typed else {}
        fields = process.form.get("properties", {})
        known = {name: value for name, value in guide.begin.items() if name in fields}
        data = {**known, **with_subject(session, process, about), **typed}
    key = posted.text("_key") or None
    return office.open_case(process.key, data, acting(visit), mandate=present.id, key=key).number


@contextmanager
def _part(prefix: str) -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        found = problem.extra.get("errors", ())
        problem.extra["errors"] = [{**error, "field": prefix + error["field"]} for error in found]
        problem.extra["at"] = prefix
        raise


def _said(visit: Visit, prefix: str, *names: str) -> Mapping[str, str]:
    return {name: visit.posted.text(prefix + name) for name in names}


def _party(visit: Visit, session: Session) -> str:
    """The code of the firm, which is registered if it is new. Raises BadInput, CodeDoubtful."""
    said = _said(visit, PARTY, "code", "name", "representative", "address", "phone")
    code = normalise(scanned(said["code"]))
    known = session.scalar(select(Party).where(Party.code == code))
    if known is None:
        parties.register(
            visit.office,
            session,
            acting(visit),
            **{**said, "code": code},
            code_kind=visit.posted.text(f"{PARTY}code_kind") or "uscc",
            override_reason=visit.posted.text(f"{PARTY}override_reason") or None,
        )
    elif said["name"] and not same_name(said["name"], known.name):
        text = f"该代码已登记为“{known.name}”；登记有变化的，先在“窗口登记”中更正"
        raise bad_field("name", "名称（姓名）", text)
    return code


def _chosen(visit: Visit, session: Session, party: str) -> MandateView | None:
    """The mandate that was chosen from those on record; None if somebody new is there. Raises
    BadInput if it does not hold."""
    wanted = visit.posted.number("mandate")
    if wanted is None:
        return None
    found = mandates.mandate_at_counter(visit.office, session, acting(visit), wanted)
    if found is None or found.party != party or not found.holds:
        raise bad_field("mandate", "到场人员", "请从列表中选择，或者登记新的到场人员")
    return found


def _registered(visit: Visit, session: Session, party: str) -> MandateView:
    """The mandate of somebody new, with the scan that proves it if one came. Raises a Problem."""
    office, actor, posted = visit.office, acting(visit), visit.posted
    capacity = posted.text(f"{PERSON}capacity")
    heads = capacity == "representative"
    proof = _proof(visit)
    paper = None
    for kind, scan in proof if heads else ():
        paper = party_papers.keep(office, session, actor, party, kind, scan.name, scan.content)
    mandate = mandates.register(
        office,
        session,
        actor,
        party,
        **_said(visit, PERSON, "name", "id_kind", "id_code"),
        capacity=capacity,
        scope=list(posted.values.get(f"{PERSON}scope", ())),
        valid_from=read_day(posted.text(f"{PERSON}valid_from"), "valid_from", "授权起期")
        or visit.today,
        valid_to=read_day(posted.text(f"{PERSON}valid_to"), "valid_to", "授权止期"),
        override_reason=posted.text(f"{PERSON}override_reason") or None,
        paper=paper,
    )
    for _, scan in () if heads else proof:
        mandate_papers.keep(office, session, actor, mandate.id, scan.name, scan.content)
    return mandate


def proofs(visit: Visit) -> frozenset[str]:
    """The name of the scan that was kept with the mandate of somebody new."""
    if visit.posted.number("mandate") is not None:
        return frozenset()
    return frozenset(scan.name for _, scan in _proof(visit))


def _proof(visit: Visit) -> Sequence[tuple[str, Upload]]:
    """The scan in the pile that says who may act for the firm, with its kind, if one came: it bears
    the whole name of such a paper."""
    heads = visit.posted.text(f"{PERSON}capacity") == "representative"
    kinds = {kind: name for kind, name in _PAPERS.items() if (kind != "mandate") == heads}
    pile = visit.posted.piles.get(DROP, ())
    named = [
        (kind, scan)
        for kind, name in kinds.items()
        for scan in pile
        if name in normalize("NFKC", scan.name)
    ]
    return named[:1]
