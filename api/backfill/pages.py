"""Entering afterwards (专项补录): the pages on which it is opened, confirmed, and closed.

The step itself is filled in on its own page (`api/cases/steps/pages.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from api.html.dates import read_needed_day
from api.html.site import Member, MemberPosting, Visit, acting, go
from api.web.bodies import RowId
from api.web.downloads import download
from casework.acts.actors import Actor
from casework.acts.backfilling import KINDS
from casework.backfill import keeping, reading
from casework.backfill.reading import BackfillView
from casework.common.problems import NotAllowed, NotFound, Problem, bad_field
from casework.kernel.office import Office
from casework.reading.filled import Entry, entries

router = APIRouter()
_HOME = "/backfills"


@router.get(_HOME)
def show(visit: Member) -> Response:
    return _show(visit)


@router.post(_HOME)
def open_backfill(visit: MemberPosting) -> Response:
    posted = visit.posted
    try:
        file = posted.files.get("file")
        if file is None:
            raise bad_field("file", "扫描件", "请选择签名的停运记录，或者案卷的扫描件")
        made = keeping.open_backfill(
            visit.office,
            acting(visit),
            kind=posted.text("kind"),
            first_day=read_needed_day(posted.text("first_day"), "first_day", "起始日期"),
            last_day=read_needed_day(posted.text("last_day"), "last_day", "截止日期"),
            reason=posted.text("reason"),
            filename=file.name,
            content=file.content,
            case=posted.text("case") or None,
        )
    except NotAllowed:
        raise
    except Problem as problem:
        return _show(visit, problem, "open")
    return go(f"{_HOME}/{made}", "backfill_opened")


@router.post(f"{_HOME}/numbers")
def reserve(visit: MemberPosting) -> Response:
    posted = visit.posted
    try:
        keeping.reserve(
            visit.office,
            acting(visit),
            document=posted.text("document"),
            field=posted.text("field"),
            count=posted.number("count", digits=8) or 0,
            reason=posted.text("reason"),
            backfill=posted.number("backfill"),
        )
    except NotAllowed:
        raise
    except Problem as problem:
        return _show(visit, problem, "numbers")
    return go(_HOME, "numbers_reserved")


@router.get(f"{_HOME}/{{backfill}}")
def one(visit: Member, backfill: RowId) -> Response:
    return _page_of(visit, backfill)


@router.get(f"{_HOME}/{{backfill}}/scan")
def scan(visit: Member, backfill: RowId) -> Response:
    with visit.office.database.session() as session:
        return download(reading.scan(visit.office, session, acting(visit), backfill))


@router.post(f"{_HOME}/{{backfill}}/confirmation")
def confirm(visit: MemberPosting, backfill: RowId) -> Response:
    return _done(visit, backfill, keeping.confirm, "backfill_confirmed")


@router.post(f"{_HOME}/{{backfill}}/end")
def close(visit: MemberPosting, backfill: RowId) -> Response:
    deed = partial(keeping.close, reason=visit.posted.text("reason"))
    return _done(visit, backfill, deed, "backfill_closed")


@router.post(f"{_HOME}/{{backfill}}/opening/confirmation")
def confirm_opening(visit: MemberPosting, backfill: RowId) -> Response:
    return _done(visit, backfill, keeping.confirm_opening, "", to="/cases/{}/done/1")


@router.post(f"{_HOME}/{{backfill}}/opening/return")
def return_opening(visit: MemberPosting, backfill: RowId) -> Response:
    deed = partial(keeping.return_opening, reason=visit.posted.text("reason"))
    return _done(visit, backfill, deed, "returned")


def _done(
    visit: Visit,
    key: int,
    deed: Callable[[Office, Actor, int], object],
    said: str,
    *,
    to: str = "",
) -> Response:
    """Do something with one, and go on to it, or to `to` with what the deed gives; what is wrong
    is shown beside it."""
    try:
        made = deed(visit.office, acting(visit), key)
    except (NotAllowed, NotFound):
        raise
    except Problem as problem:
        return _page_of(visit, key, problem)
    return go(to.format(made) if to else f"{_HOME}/{key}", said)


def _show(visit: Visit, problem: Problem | None = None, failed: str = "") -> Response:
    """The list, and the forms; `failed` is the one that something is wrong with."""
    with visit.office.database.session() as session:
        rows = reading.backfills(visit.office, session, acting(visit))
        shelf = reading.shelf(visit.office, session, acting(visit))
    return visit.page(
        "backfills.html",
        status=problem.status if problem else 200,
        rows=rows,
        shelf=shelf,
        kinds=KINDS,
        problem=problem,
        failed=failed,
    )


def _opening(visit: Visit, session: Session, found: BackfillView) -> tuple[Entry, ...]:
    """What was entered to open an old case, for whoever confirms it."""
    said = found.opening
    if not said:
        return ()
    declared, _ = visit.office.versions.in_force(session, said["process"], found.last_day)
    party = Entry("party", "当事人", said["party"] or "")
    return (party, *entries(declared.form, said["data"]))


def _page_of(visit: Visit, key: int, problem: Problem | None = None) -> Response:
    """The page of one 专项补录, with what is wrong beside it. Raises NotFound."""
    with visit.office.database.session() as session:
        backfill = reading.backfill_view(visit.office, session, acting(visit), key)
        told = _opening(visit, session, backfill)
    return visit.page(
        "backfill.html",
        status=problem.status if problem else 200,
        one=backfill,
        opening=told,
        problem=problem,
    )
