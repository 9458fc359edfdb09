"""The front door as one application: the JSON API, and the pages beside it."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from api.html.pages_app import add_pages
from api.web import errors, health
from api.web.documentation import describe
from api.web.prefect_client import Prefect
from api.web.security import BodyLimit, Committed, SecurityHeaders
from api.web.tries import Tries, TryLimit
from casework.kernel.office import Office
from state_machines.language.topics import modules_named


def create_app(office: Office, *, demo: bool, prefect_url: str | None) -> FastAPI:
    """The web application over an office.

    `demo` adds the calendar that can be turned, for which `office.time` must be a `DemoTime`.
    `prefect_url` is the address of Prefect's API (`http://host:4200/api`), None if there is none.
    """
    app = FastAPI(
        title="诺信 Nuoxin",
        version="1",
        description="告知承诺许可、事后核查与信用。错误一律为 `application/problem+json`。",
        openapi_url="/api/v1/openapi.json",
        # Both fetch their scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    tries = Tries()
    app.state.office, app.state.prefect, app.state.tries = office, Prefect(prefect_url), tries
    v1 = APIRouter(prefix="/api/v1")
    for topic in modules_named("routes", "api"):
        if demo or not getattr(topic, "DEMO_ONLY", False):
            v1.include_router(topic.router)
    if demo:
        app.state.turnable = office.time
    app.include_router(v1)
    app.include_router(health.router)
    errors.add_to(app)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    add_pages(app, office, demo, prefect_url)
    app.add_middleware(BodyLimit)
    app.add_middleware(TryLimit, tries=tries)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Committed)
    return app
