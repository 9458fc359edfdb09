"""A step rehearsed on a page (预演): what is about to be issued, beside the form for it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from api.cases.steps.pages import (
    StepPage,
    day_of_paper,
    draft_of,
    mandate_of,
    on_paper,
    step_page,
)
from api.html import filling
from api.html import form_drafts as drafts
from api.html import form_fields as forms
from api.html.dates import read_day
from api.html.sheets import sheets_of
from api.html.site import Member, MemberPosting, Visit, acting
from api.web.bodies import CaseNumber
from casework import reading
from casework.acts.backfilling import OnPaper
from casework.common.problems import (
    BadDate,
    BadInput,
    Busy,
    NotAllowed,
    StaleVersion,
    StepNotOfState,
)
from casework.reading.case import ReasonView

router = APIRouter()

_MOVED_ON = "本案已有新的办理情况，现在没有这个步骤，请返回案件查看"


@router.get("/cases/{number}/steps/{step}/preview")
def begin(visit: Member, number: CaseNumber, step: str) -> Response:
    """With what the form begins with, or its draft."""
    page = step_page(visit, number, step)
    drafts.restore(visit, draft_of(number, page.step).page)
    standing = forms.standing(page.guide.begin, page.guide)
    values = visit.posted.values if visit.draft else standing
    try:
        on = read_day(visit.asked("on"), "on", "办理日期")
        return _show(visit, page, values, on=on)
    except BadInput as problem:
        return _refused(visit, page, problem.detail)


@router.post("/cases/{number}/steps/{step}/preview")
def preview(visit: MemberPosting, number: CaseNumber, step: str) -> Response:
    """With what was typed so far."""
    page = step_page(visit, number, step)
    try:
        on = filling.legal_instant(visit.posted, visit.today)
        mandate, backfill = mandate_of(visit, page), on_paper(visit, page)
        on = day_of_paper(visit) if backfill else on
    except (BadInput, BadDate) as problem:
        return _refused(visit, page, problem.detail)
    return _show(visit, page, visit.posted.values, on=on, mandate=mandate, backfill=backfill)


def _show(
    visit: Visit,
    page: StepPage,
    values: forms.Values,
    *,
    on: date | datetime | None,
    mandate: int | None = None,
    backfill: OnPaper | None = None,
) -> Response:
    if page.view is None:
        return _refused(visit, page, _MOVED_ON)
    if not (page.view.for_me or page.view.at_counter):
        raise NotAllowed("您不能办理这个步骤，不能预演")
    given, _ = forms.read(page.step.form, values, page.guide)
    number, step = page.case.number, page.step.name
    try:
        ahead = reading.step_preview(
            visit.office,
            acting(visit),
            number,
            step,
            given,
            on=on,
            mandate=mandate,
            backfill=backfill,
        )
    except (StepNotOfState, StaleVersion, Busy) as problem:  # while the form was open
        return _refused(visit, page, problem.detail)
    return _page(visit, page, refusals=ahead.refusals, outlook=ahead.outlook, papers=ahead.papers)


def _refused(visit: Visit, page: StepPage, text: str) -> Response:
    refusals = (ReasonView("bad-input", text, ""),)
    return _page(visit, page, refusals=refusals, outlook=None, papers=())


def _page(visit: Visit, page: StepPage, **told: Any) -> Response:
    papers = sheets_of(told.pop("papers"))
    return visit.page("preview.html", page=page, papers=papers, **told)
