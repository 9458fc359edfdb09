"""The ledger of publication (双公示台账): what is to be shown or taken down, and what was."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from fastapi.responses import Response

from api.catalogue import CSV
from api.files import download
from api.pages.site import Member, MemberPosting, Visit, acting, go
from casework import publications
from casework.problems import BadInput, bad_field
from casework.publications import Ledger
from casework.reading import File
from state_machines.vocabulary import Role

router = APIRouter()
_LARGEST = 2**62  # number of an entry


@router.get("/publications")
def show(visit: Member) -> Response:
    return _show(visit)


@router.get("/publications.csv")
def as_table(visit: Member) -> Response:
    month = visit.request.query_params.get("month", "")
    found = publications.as_table(visit.office, acting(visit), month)
    return download(File("公示台账.csv", CSV, found.encode()))


@router.post("/publications")
def record(visit: MemberPosting) -> Response:
    """Put down for every entry that was ticked when and where it was done."""
    posted = visit.posted
    try:
        ticked = posted.values.get("entry", ())
        numbers = [one for one in ticked if one.isascii() and one.isdigit() and len(one) < 20]
        chosen = [int(one) for one in numbers]
        if not chosen or len(chosen) < len(ticked) or max(chosen) > _LARGEST:
            raise BadInput("请勾选已经公示（撤下）的事项")
        on, channels = _day(posted.text("on")), posted.values.get("channels", ())
        publications.record(visit.office, acting(visit), chosen, on, channels)
    except BadInput as problem:
        return _show(visit, problem)
    return go("/publications", "published")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise bad_field("on", "公示（撤下）日期", "请填写日期") from None


def _ledger(visit: Visit) -> Ledger:
    with visit.office.database.session() as session:
        return publications.ledger(
            visit.office,
            session,
            acting(visit),
            visit.asked("month"),
            cursor=visit.row("cursor"),
        )


def _show(visit: Visit, problem: BadInput | None = None) -> Response:
    try:
        found = _ledger(visit)
    except BadInput as caught:
        found, problem = None, caught
    return visit.page(
        "publications.html",
        status=problem.status if problem else 200,
        found=found,
        problem=problem,
        today=visit.today,
        may_record=Role.PUBLICITY_OFFICER in visit.roles,
    )
