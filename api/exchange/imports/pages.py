"""The pages of imports (外部数据导入): a file is tried first, and then imported for good."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.html.site import Member, MemberPosting, Visit, acting, go
from api.web.bodies import RowId
from api.web.downloads import download
from casework.common.problems import BadInput, Problem, TooLarge, bad_field
from casework.exchange.importing import handing_in, reports
from casework.exchange.importing.import_states import Outcome

router = APIRouter()
_HOME = "/exchange/imports"
_SECONDS = "5"  # until a page that shows how far a run is asks again


@router.get(_HOME)
def show(visit: Member) -> Response:
    return _show(visit)


@router.post(_HOME)
def hand_in(visit: MemberPosting) -> Response:
    """Take a file in for a trial, which changes nothing."""
    posted = visit.posted
    try:
        upload = posted.files.get("file")
        if upload is None:
            raise bad_field("file", "文件", "请选择要导入的表格")
        number = handing_in.enter(
            visit.office,
            acting(visit),
            posted.text("kind"),
            upload.name,
            upload.content,
            source=posted.text("source"),
        )
    except (BadInput, TooLarge) as problem:
        return _show(visit, problem)
    return go(f"{_HOME}/{number}", "import_tried")


@router.get(f"{_HOME}/{{number}}")
def progress(visit: Member, number: RowId) -> Response:
    """How far an import is, and what became of its rows; without scripts it asks again itself."""
    outcome, cursor = visit.asked("outcome", 20), visit.asked("cursor", 40)
    with visit.session() as session:
        found = reports.report(visit.office, session, acting(visit), number, outcome, cursor)
    still = bool(visit.asked("still"))
    response = visit.page(
        "import.html", found=found, outcome=outcome, outcomes=list(Outcome), still=still
    )
    if not (found.of.over or still):
        response.headers["Refresh"] = _SECONDS
    return response


@router.post(f"{_HOME}/{{number}}/run")
def carry_out(visit: MemberPosting, number: RowId) -> Response:
    begun = handing_in.enter_tried(visit.office, acting(visit), number)
    return go(f"{_HOME}/{begun}", "import_begun")


@router.get(f"{_HOME}/{{number}}/refused")
def refused(visit: Member, number: RowId) -> Response:
    form = visit.asked("format") or "xlsx"
    return download(reports.refused_rows(visit.office, acting(visit), number, form))


@router.get("/exchange/tables/{kind}")
def blank(visit: Member, kind: str) -> Response:
    form = visit.asked("format") or "xlsx"
    return download(reports.blank_table(handing_in.kind_of(kind), form))


def _show(visit: Visit, problem: Problem | None = None) -> Response:
    with visit.session() as session:
        found = reports.listed(visit.office, session, acting(visit), visit.row("cursor"))
    kinds = reports.kinds_of(visit.reader) if visit.reader else ()
    return visit.page(
        "imports.html",
        status=problem.status if problem else 200,
        found=found,
        kinds=kinds,
        chosen=visit.posted.text("kind") or visit.asked("kind", 40),
        problem=problem,
    )
