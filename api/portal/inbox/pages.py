"""Messages (消息): opening one, which then counts as read."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.html.site import Member, MemberPosting, acting, go
from api.web.bodies import RowId
from casework.reading import inbox

router = APIRouter()


@router.get("/notices/{notice}")
def read(visit: Member, notice: RowId) -> Response:
    with visit.session() as session:
        found = inbox.opened(visit.office, session, acting(visit), notice)
    return visit.page("notice.html", notice=found)


@router.post("/notices/read")
def read_all(visit: MemberPosting) -> Response:
    with visit.session() as session:
        inbox.all_opened(visit.office, session, acting(visit))
    return go("/notices", "all_read")
