"""The demo's mailbox (演示信箱): short messages and mails as they would have arrived.

All that is in it is invented, so anybody may look: a newcomer who registers reads the code here.
"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.html.site import Anybody
from casework.notifying.shown import shown

DEMO_ONLY = True
router = APIRouter()


@router.get("/demo/mailbox")
def mailbox(visit: Anybody) -> Response:
    about = visit.asked("q", 40)
    with visit.office.database.session() as session:
        demo_mailbox = shown(session, about, visit.row("before"))
    return visit.page("demo_mailbox.html", found=demo_mailbox, about=about)
