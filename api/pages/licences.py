"""The licences one holds (我的许可证), what may be done about each, and renewing many at once."""

from __future__ import annotations

from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import Response

from api.pages.site import Member, MemberPosting, Visit, acting
from casework import chain
from casework.mandates import mandate_at_counter
from casework.problems import Problem

router = APIRouter()


@router.get("/licences")
def show(visit: Member) -> Response:
    return _show(visit, visit.asked("mandate"))


@router.post("/licences/renewals")
def renew(visit: MemberPosting) -> Response:
    posted = visit.posted
    mandate = posted.text("mandate")
    data = {
        "contact_name": posted.text("contact_name"),
        "contact_phone": posted.text("contact_phone"),
        "conditions_kept": posted.text("conditions_kept") == "true",
    }
    try:
        results = chain.renew(
            visit.office,
            acting(visit),
            list(posted.values.get("licences", ())),
            data,
            mandate=_number(mandate),
            key=posted.text("_key") or None,
        )
    except Problem as problem:
        return _show(visit, mandate, problem)
    return visit.page("renewed.html", results=results, mandate=mandate)


def _show(visit: Visit, mandate: str, problem: Problem | None = None) -> Response:
    chosen = _number(mandate)
    with visit.office.database.session() as session:
        held = chain.licences_of(visit.office, session, acting(visit), mandate=chosen)
        present = (
            mandate_at_counter(visit.office, session, acting(visit), chosen) if chosen else None
        )
    renewable = {
        one.number
        for one in held
        for way in one.possible
        if way.process == "licence_renewal" and not way.why_not
    }
    return visit.page(
        "licences.html",
        status=problem.status if problem else 200,
        held=held,
        renewable=renewable,
        mandate=mandate if chosen else "",
        present=present,
        problem=problem,
        new_key=lambda: uuid4().hex,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
