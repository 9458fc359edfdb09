"""Drafts (草稿): the forms that somebody is filling in, for nobody but that person."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.html import form_drafts as drafts
from api.html.site import Member, MemberPosting, acting, go, local
from casework.people import kept_forms

router = APIRouter()


@router.get("/drafts")
def own(visit: Member) -> Response:
    with visit.office.database.session() as session:
        found = kept_forms.drafts(session, acting(visit).person_id, visit.now)
    return visit.page("drafts.html", drafts=found)


@router.post("/drafts/discard")
def discard(visit: MemberPosting) -> Response:
    drafts.discard(visit, visit.posted.text("of"))
    return go(local(visit.posted.text("back") or "/drafts"), "draft_discarded")
