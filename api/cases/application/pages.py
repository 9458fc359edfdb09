"""A new application (新申请)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.cases import prefilling
from api.cases.done.pages import where_next
from api.html import filling
from api.html import form_drafts as drafts
from api.html import form_fields as forms
from api.html.form_drafts import DraftForm
from api.html.site import Member, MemberPosting, Visit, acting, go, whole_number
from api.portal import filing_files
from casework import reading
from casework.common.problems import KeyReused, NotFound, Problem
from casework.deadlines.next_day import NextDay, next_day
from casework.kernel.filing import with_subject
from casework.models import Case, Party
from casework.people.mandates import mandate_at_counter
from rulebook.models import Material
from state_machines.language.vocabulary import Process, Role

router = APIRouter()

# With which licence, and for which party, the page was opened.
_ABOUT, _FOR = "_about", "_for"
_SENT_BEFORE = (
    "这份申请已经保存过一次（可能在另一个窗口），在首页可以找到；确实要另外提出一份的，请再次提交"
)


@dataclass(frozen=True)
class _Asked:
    """What is asked of an applicant: the form, what it begins with, and which materials."""

    process: Process
    guide: forms.Guide
    materials: tuple[Material, ...]


@router.get("/apply")
def choose(visit: Member) -> Response:
    with visit.office.database.session() as session:
        processes = visit.office.versions.known(session, visit.today)
    offered = [process for process in processes if Role.APPLICANT in process.opened_by]
    if len(offered) == 1:
        return go(f"/apply/{offered[0].key}")
    party = visit.asked("party")
    return visit.page("apply.html", processes=offered, party=party)


@router.get("/apply/{process}")
def ask(visit: Member, process: str) -> Response:
    asked = _form_of(visit, process)
    declared, guide = asked.process, asked.guide
    number = visit.asked("licence")
    if declared.about and number:
        with visit.office.database.session() as session:
            reading.licence(visit.office, session, acting(visit), number)  # theirs to see
            said = with_subject(session, declared, {declared.about: number})
        guide = replace(guide, begin={**guide.begin, **said})
    drafts.restore(visit, _draft_of(visit, declared).page)
    if visit.left or visit.draft:
        _, names = forms.read(declared.form, visit.posted.values, guide)
        return _show(visit, asked, filling.again(visit, declared.form, guide, names))
    return _show(visit, asked, filling.begin(visit, declared.form, guide))


@router.post("/apply/{process}")
def file(visit: MemberPosting, process: str) -> Response:
    asked = _form_of(visit, process)
    declared, guide = asked.process, asked.guide
    posted = visit.posted
    given, names = forms.read(declared.form, posted.values, guide)
    if posted.text(forms.MORE):
        return _show(visit, asked, filling.again(visit, declared.form, guide, names))
    try:
        opened = visit.office.open_case(
            process,
            given,
            acting(visit),
            party=posted.text("_party") or None,
            mandate=_mandate(visit),
            key=posted.text("_key") or None,
        )
    except KeyReused as reused:
        problem = Problem(_SENT_BEFORE)
        shown = filling.again(visit, declared.form, guide, names, problem)
        return _show(visit, asked, replace(shown, key=uuid4().hex), reused.status)
    except Problem as problem:
        shown = filling.again(visit, declared.form, guide, names, problem)
        return _show(visit, asked, shown, problem.status)
    drafts.discard(visit, _draft_of(visit, declared).page)
    if visit.staff:
        return go(where_next(visit, opened))
    if not posted.text(filing_files.THEN):
        return go(f"/cases/{opened.number}", "opened")
    return filing_files.file_with(visit, opened.number)


@router.post("/apply/{process}/draft")
def save_draft(visit: MemberPosting, process: str) -> Response:
    return drafts.save(visit, _draft_of(visit, _form_of(visit, process).process))


def _draft_of(visit: Visit, process: Process) -> DraftForm:
    """How an application is saved while it is filled in: apart for everybody that a clerk serves,
    and for every licence and every party with which its page was opened."""
    begun = _begun_with(visit)
    chosen = {"licence": begun[_ABOUT], "mandate": _mandate(visit) or "", "party": begun[_FOR]}
    asked = urlencode({name: value for name, value in chosen.items() if value})
    page = f"/apply/{process.key}" + (f"?{asked}" if asked else "")
    return DraftForm(page, f"新申请：{process.label}", f"/apply/{process.key}/draft")


def _begun_with(visit: Visit) -> dict[str, str]:
    """The licence and the party with which the page was opened, as its form says them again."""
    asked = ((_ABOUT, "licence"), (_FOR, "party"))
    return {name: visit.posted.text(name) or visit.asked(said) for name, said in asked}


def _to_know(visit: Visit, session: Session, process: Process) -> NextDay | None:
    """What the holder must know of the licence that an application is about, if it is about one."""
    number = process.about and (
        visit.posted.text(process.about) or visit.request.query_params.get("licence", "")
    )
    if not number:
        return None
    try:
        held = reading.licence(visit.office, session, acting(visit), number)
    except NotFound:
        return None  # whoever typed it is told at its field
    case = session.scalars(select(Case).where(Case.number == held.case)).one()
    return next_day(visit.office, session, case)


def _mandate(visit: Visit) -> int | None:
    """Under whose mandate a clerk files at the counter; None for whoever files online."""
    return whole_number(visit.posted.text("_mandate") or visit.asked("mandate"))


def _form_of(visit: Visit, key: str) -> _Asked:
    """What is asked of whoever applies by the process of that key. Raises NotFound if parties do
    not apply by it."""
    with visit.session() as session:
        known = {p.key: p for p in visit.office.versions.known(session, visit.today)}
        if key not in known or Role.APPLICANT not in known[key].opened_by:
            raise NotFound("没有这种申请")
        chosen = _mandate(visit)
        present = (
            mandate_at_counter(visit.office, session, acting(visit), chosen) if chosen else None
        )
        return _Asked(
            known[key],
            prefilling.for_application(visit, session, known[key], present),
            filing_files.asked_for(visit.office, session, known[key], visit.today),
        )


def _show(visit: Visit, asked: _Asked, shown: filling.Filling, status: int = 200) -> Response:
    mine = visit.reader.parties if visit.reader else frozenset()
    office = visit.office
    template = "application.html" if visit.staff else "my_application.html"
    with visit.session() as session:
        parties = session.scalars(select(Party).where(Party.id.in_(mine)).order_by(Party.id)).all()
        chosen = _mandate(visit)
        present = mandate_at_counter(office, session, acting(visit), chosen) if chosen else None
        to_know = _to_know(visit, session, asked.process)
    return visit.page(
        template,
        status=status,
        to_know=to_know,
        materials=asked.materials,
        process=asked.process,
        form=shown,
        draft=_draft_of(visit, asked.process),
        begun=_begun_with(visit),
        parties=parties,
        present=present,
        party=visit.posted.text("_party") or visit.asked("party"),
    )
