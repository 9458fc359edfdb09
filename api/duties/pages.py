"""What the house does by itself (自动值守): how it stands, and what may be done about it."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.html.site import Member, MemberPosting, Visit, acting
from api.web.downloads import download
from casework.common.problems import BadInput
from casework.documents.files import CSV
from casework.duties import overseeing, roots_out, sent_register
from casework.reading import File

router = APIRouter()


@router.get("/duties")
def show(visit: Member) -> Response:
    return _show(visit)


@router.get("/duties/licence-reminders.csv")
def sent(visit: Member) -> Response:
    found = sent_register.as_table(visit.office, acting(visit))
    return download(File("到期提醒台账.csv", CSV, found.encode()))


@router.post("/duties/run")
def run(visit: MemberPosting) -> Response:
    duty = overseeing.known(visit.posted.text("duty"))
    with visit.office.database.session() as session:
        overseeing.judge_watcher(visit.office, session, acting(visit))
    if visit.site.prefect.run(duty.name) is None:
        return _show(visit, error="Prefect 没有答复，没有请到运行。请稍后再试，或者请管理员查看")
    return _show(visit, told=f"已请 Prefect 立即运行“{duty.label}”，几秒内开始，请稍后刷新")


@router.post("/duties/rest")
def rest(visit: MemberPosting) -> Response:
    posted = visit.posted
    try:
        overseeing.let_rest(
            visit.office,
            acting(visit),
            posted.text("duty"),
            posted.text("authority"),
            posted.text("because"),
        )
    except BadInput as problem:
        return _show(visit, error=problem.detail, status=problem.status)
    return _show(visit, told="已暂停。法定日期不受影响；恢复以前，到期事项在有人办理该案时处理")


@router.post("/duties/go-on")
def go_on(visit: MemberPosting) -> Response:
    posted = visit.posted
    overseeing.let_go_on(visit.office, acting(visit), posted.text("duty"), posted.text("authority"))
    return _show(visit, told="已恢复")


@router.post("/duties/retry")
def retry(visit: MemberPosting) -> Response:
    overseeing.try_again(visit.office, acting(visit), visit.posted.text("case"))
    return _show(visit, told="下次运行时重试")


def _show(visit: Visit, *, told: str = "", error: str = "", status: int = 200) -> Response:
    with visit.office.database.session() as session:
        duty_lines = overseeing.lines(visit.office, session, acting(visit))
        roots = roots_out.standing(session)
    return visit.page(
        "duties.html",
        status=status,
        lines=duty_lines,
        roots=roots,
        next_runs=visit.site.prefect.next_runs(),
        told=told,
        error=error,
    )
