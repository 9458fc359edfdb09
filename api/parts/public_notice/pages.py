"""Public notices (公示意见): what is on notice or recorded, for anybody to read and comment on."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.html import filling
from api.html import form_fields as forms
from api.html.form_fields import Guide
from api.html.letters import blocks
from api.html.site import Anybody, AnybodyPosting, Visit, go
from api.web.downloads import download
from casework.common.codes import normalise
from casework.common.problems import BadInput, GuardRefused, Problem
from casework.parts.public_notice import reading
from state_machines.language.vocabulary import schema
from state_machines.parts.public_notice.forms import COMMENT

router = APIRouter()
_FORM = schema(COMMENT.form)
_GUIDE = Guide(
    hints={
        "text": "写明针对哪一项内容、有什么意见和理由；意见原文转给申请人答复",
        "name": "可以不填",
        "contact": "可以不填；填写的只供本机关核实，不公开，也不转给申请人",
    }
)


@router.get("/consultations")
def listed(visit: Anybody) -> Response:
    wanted = visit.asked("q", 40)
    with visit.office.database.session() as session:
        noticed, recorded = reading.public_entries(visit.office, session, wanted)
    return visit.page("consultations.html", noticed=noticed, recorded=recorded, wanted=wanted)


@router.get("/consultations/{number}")
def read(visit: Anybody, number: str) -> Response:
    return _show(visit, number, filling.begin(visit, _FORM, _GUIDE))


@router.post("/consultations/{number}")
def comment(visit: AnybodyPosting, number: str) -> Response:
    """Anybody comments while the notice runs."""
    given, names = forms.read(_FORM, visit.posted.values, _GUIDE)
    try:
        visit.office.advance_for_public(normalise(number), COMMENT, given)
    except (BadInput, GuardRefused) as problem:
        again = filling.again(visit, _FORM, _GUIDE, names, problem)
        return _show(visit, number, again, problem)
    return go(f"/consultations/{normalise(number)}", "commented")


@router.get("/consultations/{number}/{kind}/text")
def text(visit: Anybody, number: str, kind: str) -> Response:
    with visit.office.database.session() as session:
        return download(reading.public_text(visit.office, session, number, kind))


def _show(
    visit: Visit, number: str, form: filling.Filling, problem: Problem | None = None
) -> Response:
    with visit.office.database.session() as session:
        public_page = reading.public_page(visit.office, session, number)
        letters = {
            paper.entry.kind: blocks(
                reading.public_letter(visit.office, session, number, paper.entry.kind)
            )
            for paper in public_page.papers
        }
    status = problem.status if problem else 200
    return visit.page(
        "consultation.html", status=status, found=public_page, letters=letters, form=form
    )
