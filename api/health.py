"""Whether the house stands (健康检查)."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from sqlalchemy import text

from api.access import TheOffice
from api.documentation import problems

router = APIRouter(tags=["运行"])


@dataclass(frozen=True)
class Health:
    """`prefect` is for information: without it deadlines fire later, and nothing is lost."""

    database: bool
    prefect: bool


@router.get("/healthz", summary="健康检查", responses=problems(503))
def health(office: TheOffice, request: Request) -> Health:
    with office.database.session() as session:
        session.execute(text("SELECT 1"))
    return Health(database=True, prefect=request.app.state.prefect.healthy())
