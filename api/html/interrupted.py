"""A form that came after its log-in had ended (登录失效后的表单): nothing is done, nothing lost.

What was typed is kept for the person whose form it was (`casework.people.kept_forms`); after
logging in, the page on which the form stood opens with it, to be looked at and submitted again.
Whose it was is told by the secret that the form carries. A form that is nobody's of us is forged.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.routing import Match

from api.html.form_drafts import chosen, looks_ahead, saves_itself, typed
from api.html.site import RESUME, SECRET, ForgedForm, Visit, acting, local
from casework.people import accounts, kept_forms

# What is typed there is a password or a code for one use, or nothing at all.
_NOT_KEPT = re.compile(
    r"/(logout|demo|account(/.*)?|firms/code|counter/parties/[^/]+/mandates/\d+/account)"
)


def answer(request: Request, visit: Visit) -> Response:
    """To the log-in, and from there to where the form stood; for whoever has logged in again
    meanwhile at once. Raises ForgedForm if the form is none of this visitor's."""
    if looks_ahead(request) and visit.actor is None:  # what is typed is kept when it is sent
        return Response(status_code=204)
    page = _page_of(request)
    with visit.office.database.session() as session:
        person = accounts.person_of_form(session, visit.posted.text(SECRET))
        if visit.actor and person != acting(visit).person_id:
            raise ForgedForm("页面已失效，或不是从本系统打开的，请返回刷新后重新提交")
        handle = ""
        if person is not None and not _NOT_KEPT.fullmatch(request.url.path):
            fields, files = typed(visit.posted), chosen(visit.posted)
            handle = kept_forms.keep(session, person, page, fields, files, visit.now)
    said = {"next": page, **({RESUME: handle} if handle else {})}
    login = f"/login?{urlencode(said, safe='/')}"
    on = resumed(page, handle) if visit.actor else login
    if saves_itself(request):  # it stays where it is
        return visit.page("draft_away.html", on=on, kept=handle)
    return RedirectResponse(on, 303)


def resumed(page: str, handle: str) -> str:
    """The address of a page, opened with what was typed into its form."""
    if not handle:
        return page
    return f"{page}{'&' if '?' in page else '?'}{RESUME}={quote(handle)}"


def _page_of(request: Request) -> str:
    """The page on which a form stood: the one it says it came from, if that is one of ours, else
    the nearest above its own address."""
    came = urlsplit(request.headers.get("referer", ""))
    if came.netloc == request.url.netloc and _opens(request, unquote(came.path)):
        asked = [(n, v) for n, v in parse_qsl(came.query) if n not in (RESUME, "said")]
        return local(came.path + (f"?{urlencode(asked)}" if asked else ""))
    path = request.url.path
    if _opens(request, path) and request.url.query:
        return local(f"{quote(path)}?{request.url.query}")
    while path and not _opens(request, path):
        path = path.rpartition("/")[0]
    return local(quote(path or "/"))


def _opens(request: Request, path: str) -> bool:
    """Whether a page opens at that path, rather than a file or what only takes forms."""
    if path in ("/login", "/register") or "." in path.rpartition("/")[2]:
        return False
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes)
