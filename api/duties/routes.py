"""What the house does by itself (自动值守), for those who watch over it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from api.web.access import Member, TheOffice
from api.web.bodies import DutyRest, Text
from api.web.documentation import problems
from api.web.downloads import download
from casework.documents.files import CSV
from casework.duties import overseeing, roots_out, sent_register
from casework.duties.overseeing import DutyLine
from casework.duties.roots_out import RootsOut
from casework.reading import File

router = APIRouter(prefix="/duties", tags=["自动值守"])
Name = Annotated[Text, Path(description="事项，如 due-clocks")]
Code = Annotated[Text, Path(description="机关代码")]


@dataclass(frozen=True)
class DutiesView:
    """How each duty stands; `next_runs` tells by its name when Prefect begins the next run, as far
    as Prefect answers; `roots` when the day was sealed last, and how far each place has come that
    the roots are handed out to."""

    lines: tuple[DutyLine, ...]
    next_runs: dict[str, datetime]
    roots: RootsOut


@dataclass(frozen=True)
class Asked:
    """Whether Prefect has taken the request for a run of a duty."""

    duty: str
    accepted: bool


@router.get("", summary="自动值守情况", responses=problems(401, 403))
def lines(actor: Member, office: TheOffice, request: Request) -> DutiesView:
    with office.database.session() as session:
        duty_lines = overseeing.lines(office, session, actor)
        roots = roots_out.standing(session)
    return DutiesView(duty_lines, request.app.state.prefect.next_runs(), roots)


@router.get(
    "/licence-reminders.csv",
    summary="到期提醒台账（表格）",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}, **problems(401, 403)},
)
def sent(actor: Member, office: TheOffice) -> Response:
    found = sent_register.as_table(office, actor)
    return download(File("到期提醒台账.csv", CSV, found.encode()))


@router.post("/{name}/runs", summary="立即运行", responses=problems(401, 403, 404))
def run(name: Name, actor: Member, office: TheOffice, request: Request) -> Asked:
    duty = overseeing.known(name)
    with office.database.session() as session:
        overseeing.judge_watcher(office, session, actor)
    return Asked(duty.name, request.app.state.prefect.run(duty.name) is not None)


@router.put(
    "/{name}/rests/{code}",
    status_code=204,
    summary="暂停一个机关的事项",
    responses=problems(401, 403, 404, 422),
)
def rest(name: Name, code: Code, body: DutyRest, actor: Member, office: TheOffice) -> None:
    overseeing.let_rest(office, actor, name, code, body.because)


@router.delete(
    "/{name}/rests/{code}",
    status_code=204,
    summary="恢复一个机关的事项",
    responses=problems(401, 403, 404),
)
def go_on(name: Name, code: Code, actor: Member, office: TheOffice) -> None:
    overseeing.let_go_on(office, actor, name, code)


@router.post(
    "/failures/{number}/retries",
    status_code=204,
    summary="下次运行时重试失败的案件",
    responses=problems(401, 403, 404),
)
def retry(
    number: Annotated[Text, Path(description="案件编号")], actor: Member, office: TheOffice
) -> None:
    overseeing.try_again(office, actor, number)
