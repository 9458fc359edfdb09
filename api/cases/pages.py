"""One case (案件): where it stands, what may be done, its papers, its record and its diagram."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.cases import prefilling
from api.cases.as_it_stood import AS_OF, as_it_stood
from api.cases.done.pages import done_before, missing_in
from api.html.dates import read_needed_day
from api.html.letters import blocks
from api.html.site import Member, MemberPosting, Visit, acting, go
from api.portal import party_case
from api.web.bodies import CaseNumber
from api.web.downloads import download, shown
from casework import reading
from casework.audit.court_file import court_file
from casework.common.problems import BadInput, Problem
from casework.documents import attachments
from casework.grading.place_grading.graded import PlaceGrade
from casework.grading.place_grading.reading import grade_beside
from casework.kernel import late_entries
from casework.models import Case
from casework.people.mandates import MandateView, mandates_of
from state_machines.grading.place_grading.process import PLACE_GRADING
from state_machines.language.diagram import svg
from state_machines.language.vocabulary import LegalDay, Role
from state_machines.licensing.licence.process import LICENCE, STANDING

router = APIRouter()

_GRADERS = frozenset(PLACE_GRADING.opened_by)


@router.get("/cases/{number}")
def show(visit: Member, number: CaseNumber) -> Response:
    if AS_OF in visit.request.query_params:
        return as_it_stood(visit, number)
    return _show(visit, number)


@router.post("/cases/{number}/attachments")
def hand_in(visit: MemberPosting, number: CaseNumber) -> Response:
    """A pile of files, each for its item of the list."""
    pile = [(item, file.name, file.content) for item, file in visit.posted.of_items]
    if not pile:
        return _show(visit, number, {"": BadInput("请先选择要上传的文件")})
    wrong = attachments.store_pile(visit.office, acting(visit), number, pile)
    if wrong:
        return _show(visit, number, wrong)
    return go(f"/cases/{number}", "uploaded", "materials")


@router.post("/cases/{number}/late-entries")
def permit_late_entry(visit: MemberPosting, number: CaseNumber) -> Response:
    posted = visit.posted
    on = read_needed_day(posted.text("on"), "on", "实际办理日期")
    late_entries.permit(
        visit.office, acting(visit), number, posted.text("step"), on, posted.text("reason")
    )
    return go(f"/cases/{number}", "late_entry")


@router.get("/cases/{number}/attachments/{attachment}")
def attachment(visit: Member, number: CaseNumber, attachment: int) -> Response:
    with visit.office.database.session() as session:
        return download(
            reading.attachment_bytes(visit.office, session, acting(visit), number, attachment)
        )


@router.get("/cases/{number}/documents/{document}.docx")
def document(visit: Member, number: CaseNumber, document: int) -> Response:
    with visit.office.database.session() as session:
        return download(
            reading.document_bytes(visit.office, session, acting(visit), number, document)
        )


@router.get("/cases/{number}/documents/{document}.pdf")
def sealed_document(visit: Member, number: CaseNumber, document: int) -> Response:
    with visit.office.database.session() as session:
        return download(
            reading.document_pdf(visit.office, session, acting(visit), number, document)
        )


@router.get("/cases/{number}/documents/{document}/pages/{page}.png")
def document_page(visit: Member, number: CaseNumber, document: int, page: int) -> Response:
    with visit.office.database.session() as session:
        file = reading.document_picture(
            visit.office, session, acting(visit), number, document, page
        )
    return shown(file)


@router.get("/cases/{number}/documents/{document}")
def read_document(visit: Member, number: CaseNumber, document: int) -> Response:
    office, actor = visit.office, acting(visit)
    with office.database.session() as session:
        case = reading.case_view(office, session, actor, number)
        file = reading.document_bytes(office, session, actor, number, document)
        paper = reading.paper_view(office, session, actor, number, document)
    view = next(one for one in case.documents if one.id == document)
    letter = blocks(file.content)
    return visit.page("document.html", case=case, document=view, paper=paper, letter=letter)


@router.get("/cases/{number}/file.zip")
def whole_file(visit: Member, number: CaseNumber) -> Response:
    with visit.office.database.session() as session:
        return download(court_file(visit.office, session, acting(visit), number))


@router.get("/cases/{number}/diagram")
def diagram(visit: Member, number: CaseNumber) -> Response:
    with visit.office.database.session() as session:
        case = reading.case_view(visit.office, session, acting(visit), number)
    return visit.page("diagram.html", case=case)


@router.get("/cases/{number}/diagram.svg")
def picture(visit: Member, number: CaseNumber) -> Response:
    office = visit.office
    with office.database.session() as session:
        case = reading.case_view(office, session, acting(visit), number)
        process = office.versions.by_digest(session, case.declaration)
    drawn = svg(
        process,
        current=case.state,
        visited=case.visited,
        in_tracks=tuple(track.state for track in case.tracks),
    )
    return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


def _grade(visit: Visit, session: Session, case: reading.CaseView) -> PlaceGrade | None:
    """How the place of a licence is graded."""
    row = session.scalars(select(Case).where(Case.number == case.number)).one()
    return grade_beside(visit.office, session, row)


def _present(visit: Visit, case: reading.CaseView) -> tuple[MandateView, ...]:
    """Who may be present for the party of a case that a clerk serves."""
    with visit.office.database.session() as session:
        mandates = mandates_of(visit.office, session, acting(visit), case.party.code)
    return tuple(mandate for mandate in mandates if mandate.holds)


def _show(visit: Visit, number: str, wrong: Mapping[str, Problem] | None = None) -> Response:
    """The case; `wrong` says of files that were handed in, by material, why they were not kept."""
    wrong = wrong or {}
    office, actor = visit.office, acting(visit)
    if not visit.staff:
        return party_case.show(visit, number, list(wrong.items()))
    with office.database.session() as session:
        case = reading.case_view(office, session, actor, number)
        if not case.as_officer:  # an officer's own
            return party_case.show(visit, number, list(wrong.items()))
        steps = reading.steps_view(office, session, actor, number)
        log = reading.log_view(office, session, actor, number)
        # What nothing but a clock can have moved on is asked about where one did.
        moved = any(line.role == Role.TIMER.label for line in log)
        in_time = reading.in_time_view(office, session, actor, number) if moved else ()
        labels = prefilling.for_reading(visit, session, case)
        grade = _grade(visit, session, case)
        asides = prefilling.asides(visit, session, case)
        just_done = done_before(visit, session, number)
    mine = [step for step in steps if step.for_me]
    at_counter = [step for step in steps if step.at_counter and step.allowed]
    return visit.page(
        "case.html",
        status=max((problem.status for problem in wrong.values()), default=200),
        case=case,
        just_done=just_done,
        passed=reading.passed_in(log),
        ready=[step for step in mine if step.allowed and not step.awaits_signature],
        to_sign=[step for step in mine if step.awaits_signature and step.allowed],
        blocked=[step for step in mine if not step.allowed],
        at_counter=at_counter,
        present=_present(visit, case) if at_counter else (),
        in_time=in_time,
        others=[step for step in steps if not step.for_me and not step.at_counter],
        late=[step for step in steps if step.legal_day == LegalDay.AWAY]
        if Role.SUPERVISOR in visit.roles
        else (),
        log=log,
        grade=grade,
        may_grade=bool(
            case.process == LICENCE.key and case.state in STANDING and visit.roles & _GRADERS
        ),
        labels=labels,
        asides=asides,
        missing=missing_in(case),
        wrong=wrong,
        new_key=lambda: uuid4().hex,
    )
