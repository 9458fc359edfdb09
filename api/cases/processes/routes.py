"""Processes (程序): the declarations in force, as they are; the law is public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from api.web.access import TheOffice
from api.web.bodies import Text
from api.web.documentation import problems
from casework.common.problems import Misconfigured, NotFound
from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from state_machines.language.canonical import to_json
from state_machines.language.diagram import svg
from state_machines.language.vocabulary import Process, Role

router = APIRouter(prefix="/processes", tags=["程序"])
ProcessKey = Annotated[Text, Path(description="程序代号，如 instant_licence")]


@dataclass(frozen=True)
class ProcessLine:
    """A process in force. `on_application`: an applicant may open a case of it."""

    key: str
    label: str
    law: str
    effective_from: date
    on_application: bool


@dataclass(frozen=True)
class ProcessView:
    """A process in force with its whole declaration; `version` is the hash it is known by."""

    key: str
    label: str
    version: str
    declaration: dict[str, Any]


@router.get("", summary="现行程序")
def processes(office: TheOffice) -> list[ProcessLine]:
    with office.database.session() as session:
        known = office.versions.known(session, legal_date(office.time.now()))
    return [
        ProcessLine(p.key, p.label, p.law, p.effective_from, Role.APPLICANT in p.opened_by)
        for p in known
    ]


@router.get("/{key}", summary="一个程序的全部规定", responses=problems(404))
def process(key: ProcessKey, office: TheOffice) -> ProcessView:
    with office.database.session() as session:
        found, digest = _in_force(office, session, key)
    return ProcessView(found.key, found.label, digest, to_json(found))


@router.get(
    "/{key}/diagram.svg",
    summary="流程图",
    description="`current` 标出当前状态，`visited` 标出经过的状态",
    response_class=Response,
    responses={200: {"content": {"image/svg+xml": {}}}, **problems(404)},
)
def diagram(
    key: ProcessKey,
    office: TheOffice,
    current: Text | None = None,
    visited: Annotated[list[Text] | None, Query(max_length=100)] = None,
) -> Response:
    with office.database.session() as session:
        found, _ = _in_force(office, session, key)
    names = {state.name for state in found.states}
    picture = svg(
        found,
        current=current if current in names else None,
        visited=names.intersection(visited or ()),
    )
    return Response(picture, media_type="image/svg+xml")


def _in_force(office: Office, session: Session, key: str) -> tuple[Process, str]:
    """The process in force today, and the digest of its version. Raises NotFound."""
    try:
        return office.versions.in_force(session, key, legal_date(office.time.now()))
    except Misconfigured:
        raise NotFound(f"没有名为“{key}”的现行程序") from None
