"""Public notices (公示意见): reading what is on notice or was recorded, and commenting on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from api.web.access import TheOffice
from api.web.bodies import CaseNumber, Given, Text
from api.web.documentation import problems
from api.web.downloads import A_FILE, download
from casework.parts.public_notice import reading
from casework.parts.public_notice.reading import PublicEntry, PublicPage
from state_machines.parts.public_notice.forms import COMMENT

router = APIRouter(prefix="/consultations", tags=["公示公开"])


@dataclass(frozen=True)
class PublicEntries:
    """What is on notice, and what was recorded after one and still stands."""

    noticed: tuple[PublicEntry, ...]
    recorded: tuple[PublicEntry, ...]


@router.get(
    "",
    summary="公示和公开的事项",
    description="`q` 为名称、编号或者当事人；无需登录。",
    responses=problems(422),
)
def public_notices(
    office: TheOffice, q: Annotated[Text, Query(max_length=40, description="名称、编号")] = ""
) -> PublicEntries:
    with office.database.session() as session:
        return PublicEntries(*reading.public_entries(office, session, q))


@router.get("/{number}", summary="公示（公开）的内容", responses=problems(404))
def public_notice(number: CaseNumber, office: TheOffice) -> PublicPage:
    with office.database.session() as session:
        return reading.public_page(office, session, number)


@router.get(
    "/{number}/{kind}/text",
    summary="公开文本",
    response_class=Response,
    responses={**A_FILE, **problems(404)},
)
def public_notice_text(
    number: CaseNumber, kind: Literal["notice", "recorded"], office: TheOffice
) -> Response:
    with office.database.session() as session:
        return download(reading.public_text(office, session, number, kind))


@router.post(
    "/{number}/comments",
    status_code=204,
    summary="提出公示意见",
    description="任何人在公示期内都可以提出，无需登录；填写项同步骤 `comment` 的表单。",
    responses=problems(404, 409, 422, 429),
)
def comment_on_notice(number: CaseNumber, body: Given, office: TheOffice) -> None:
    office.advance_for_public(number, COMMENT, body)
