"""The violation catalogue (案由库) to look things up in, and its administration by import."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import Response

from api.html.dates import read_day
from api.html.site import Member, MemberPosting, Visit, acting, go
from api.web.bodies import RowId
from api.web.downloads import download
from casework.acts.actors import Actor
from casework.common.problems import (
    BadInput,
    NotAllowed,
    Problem,
    SecondSignatureProblem,
    bad_field,
)
from casework.documents.files import CSV
from casework.enforcement.catalogue import confirming
from casework.enforcement.catalogue import importing as catalogue_import
from casework.enforcement.catalogue import violations as books
from casework.enforcement.catalogue.importing import Imported
from casework.kernel.office import Office
from casework.reading import File
from state_machines.language.vocabulary import Role

router = APIRouter()


@router.get("/violations")
def find(visit: Member) -> Response:
    q, field = visit.asked("q", 40), visit.asked("field", 40)
    with visit.office.database.session() as session:
        catalogue = books.catalogue(visit.office, session, visit.reader, q=q, field=field)
    return visit.page("violations.html", q=q, field=field, found=catalogue)


@router.get("/violations/import")
def ask(visit: Member) -> Response:
    return _form(visit)


@router.get("/violations/imports/{key}/{what}")
def scan(visit: Member, key: RowId, what: str) -> Response:
    with visit.office.database.session() as session:
        file = confirming.scan(
            visit.office, session, acting(visit), key, of_source=what == "source"
        )
    return download(file)


@router.post("/violations/imports/{key}/confirmation")
def confirm(visit: MemberPosting, key: RowId) -> Response:
    return _settled(visit, key, confirming.confirm, "catalogue_confirmed")


@router.post("/violations/imports/{key}/return")
def give_back(visit: MemberPosting, key: RowId) -> Response:
    return _settled(visit, key, confirming.give_back, "catalogue_returned")


@router.post("/violations/import")
def load(visit: MemberPosting) -> Response:
    _administrators_only(visit)
    upload, paper = visit.posted.files.get("file"), visit.posted.files.get("paper")
    try:
        if upload is None:
            raise bad_field("file", "文件", "请选择文件")
        done = catalogue_import.import_file(
            visit.office,
            acting(visit),
            upload.name,
            upload.content,
            source=visit.posted.text("source"),
            valid_from=read_day(visit.posted.text("valid_from"), "valid_from", "生效日期"),
            valid_to=read_day(visit.posted.text("valid_to"), "valid_to", "失效日期"),
            check_only=bool(visit.posted.text("check_only")),
            paper=File(paper.name, "", paper.content) if paper else None,
        )
    except Problem as problem:
        return _form(visit, problem=problem, status=problem.status)
    return _form(visit, done=done)


@router.get("/violations.csv")
def table(visit: Member) -> Response:
    with visit.office.database.session() as session:
        text = catalogue_import.table_in_force(visit.office, session, acting(visit))
    return download(File("案由表.csv", CSV, text.encode()))


@router.get("/leniency")
def lists(visit: Member) -> Response:
    with visit.office.database.session() as session:
        leniencies = books.lists(visit.office, session, visit.reader)
    return visit.page("leniency.html", found=leniencies, lists=books.LISTS)


@router.get("/violations/{code}")
def read(visit: Member, code: str) -> Response:
    with visit.office.database.session() as session:
        violation = books.violation(visit.office, session, visit.reader, code)
    return visit.page("violation.html", one=violation)


def _settled(
    visit: Visit, key: int, deed: Callable[[Office, Actor, int], object], told: str
) -> Response:
    try:
        deed(visit.office, acting(visit), key)
    except (BadInput, SecondSignatureProblem) as problem:
        return _form(visit, problem=problem, status=problem.status)
    return go("/violations/import", told)


def _form(
    visit: Visit,
    *,
    done: Imported | None = None,
    problem: Problem | None = None,
    status: int = 200,
) -> Response:
    said = {name: visit.posted.text(name) for name in ("source", "valid_from", "valid_to")}
    checked = bool(visit.posted.text("check_only"))
    with visit.office.database.session() as session:
        waiting = confirming.awaiting(visit.office, session, acting(visit))
    return visit.page(
        "violations_import.html",
        status=status,
        said=said,
        checked=checked,
        done=done,
        problem=problem,
        waiting=waiting,
        may_enter=Role.ADMIN in visit.roles,
    )


def _administrators_only(visit: Visit) -> None:
    if Role.ADMIN not in visit.roles:
        raise NotAllowed("案由库和清单由系统管理员导入")
