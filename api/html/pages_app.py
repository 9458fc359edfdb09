"""The pages of each desk (各岗位页面), served beside the API by an application of their own.

Being one of its own gives the pages their own errors, in HTML, while the API answers in JSON.
"""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.routing import Match, Mount
from starlette.types import Scope

from api.html import error_pages
from api.html.site import Site, pages_from
from api.web.prefect_client import Prefect
from casework.kernel.office import Office
from rulebook.tree import ROOT
from state_machines.language.topics import modules_named


class _BesideApi(Mount):
    """Takes every path that is not the API's, whose own errors then stay JSON."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope.get("path", "").startswith("/api/"):
            return Match.NONE, {}
        return super().matches(scope)


def add_pages(app: FastAPI, office: Office, demo: bool, prefect_url: str | None = None) -> None:
    """Serve the pages for everything that `app` does not answer itself; add them last.

    `demo` shows the demo's accounts and its calendar.
    """
    pages = FastAPI(title="诺信", openapi_url=None)
    pages.state.site = Site(
        office, demo, Prefect(prefect_url), pages_from(ROOT / "templates" / "pages")
    )
    for topic in modules_named("pages", "api"):
        if demo or not getattr(topic, "DEMO_ONLY", False):
            pages.include_router(topic.router)
    if demo:
        pages.state.turnable = office.time
    error_pages.add_to(pages)
    pages.mount("/static", StaticFiles(directory=ROOT / "api" / "static"))
    pages.mount("/bootstrap", StaticFiles(packages=[("bootstrap_wrapper", "../bootstrap")]))
    pages.mount("/htmx", StaticFiles(packages=[("django_htmx", "static/django_htmx")]))
    app.router.routes.append(_BesideApi("/", pages))
