"""The work lists (待办、全部案件): by urgency, narrowed by their address, and as a file."""

from __future__ import annotations

from itertools import groupby

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from api.desks.counter.one_sitting.sitting import sittings
from api.desks.worklist.asked import Asked, asked
from api.html.site import Anybody, Member, Visit, acting, go
from api.html.way_back import LIST_COOKIE, sealed
from api.portal import start
from api.web.downloads import download
from casework import reading
from casework.common.problems import BadInput
from casework.parts.officers.new_handlers import HANDLING, colleagues
from casework.people import kept_forms
from casework.reading import CaseLine, WorkPage
from casework.reading.lists.case_table import case_table
from casework.reading.lists.listing import MOST_SORTED
from casework.reading.lists.wanted import matters_of, near_spans
from casework.reading.supervision import AGES
from state_machines.language.vocabulary import Role

router = APIRouter()
_PAGE = 20
_GROUPS = {
    "late": "已逾期",
    "today": "今天到期",
    "week": "本周到期",
    "later": "以后到期",
    "none": "无期限",
}
# Those that no chip above the list names.
_DUE_LABELS = {
    **{due: f"逾期{label}" for due, label in AGES.items()},
    **{due: _GROUPS[due] for due in ("later", "none")},
}


@router.get("/")
def home(visit: Anybody) -> Response:
    if visit.actor is None:
        return go("/login")
    if visit.staff:
        return _list(visit, asked(visit, "/", own=True), title="待办")
    return start.show(visit)


@router.get("/cases")
def all_cases(visit: Member) -> Response:
    return _list(visit, asked(visit, "/cases", own=False), title="全部案件")


@router.get("/cases.xlsx")
def as_workbook(visit: Member) -> Response:
    return _file(visit, "xlsx")


@router.get("/cases.csv")
def as_text(visit: Member) -> Response:
    return _file(visit, "csv")


def _list(visit: Visit, here: Asked, *, title: str) -> Response:
    problem, page = None, None
    with visit.session() as session:
        try:
            page = _page(visit, session, here)
        except BadInput as wrong:
            problem = wrong
        choices = _choices(visit, session, here)
        drafts = kept_forms.drafts_counted(session, acting(visit).person_id, visit.now)
        late = 0
        if here.own and Role.SUPERVISOR in visit.roles:
            late = reading.count_late(visit.office, session, acting(visit))
    response = visit.page(
        "desk.html",
        status=problem.status if problem else 200,
        title=title,
        here=here,
        drafts=drafts,
        problem=problem,
        page=page,
        groups=_groups(visit, here, page) if page else [],
        choices=choices,
        handles=not visit.roles.isdisjoint(HANDLING),
        late=late,
        at_one_sitting=frozenset(sittings()) if visit.is_clerk else frozenset(),
        due_labels=_DUE_LABELS,
        most_sorted=MOST_SORTED,
        is_first=not visit.asked("cursor"),
        following=here.at(cursor=page.next_cursor) if page and page.next_cursor else "",
        everything=bool(visit.asked("everything")),
    )
    if kept := sealed(visit.token, here.at(cursor=visit.asked("cursor"))):
        secure = visit.site.secure
        response.set_cookie(LIST_COOKIE, kept, httponly=True, samesite="lax", secure=secure)
    return response


def _page(visit: Visit, session: Session, here: Asked) -> WorkPage:
    return reading.worklist(
        visit.office,
        session,
        acting(visit),
        here.wanted,
        cursor=visit.asked("cursor") or None,
        limit=_PAGE,
    )


def _file(visit: Visit, kind: str) -> Response:
    here = asked(visit, "/cases", own=visit.asked("queue") == "mine_to_do")
    with visit.office.database.session() as session:
        found = case_table(visit.office, session, acting(visit), here.wanted, kind)
    return download(found)


def _groups(
    visit: Visit, here: Asked, page: WorkPage
) -> list[tuple[str, int | None, list[CaseLine]]]:
    """The lines of a page by urgency, each group with its count where it is known; in one without
    a name if the list is put otherwise."""
    by_urgency = here.wanted.of_open and here["sort"] in ("", "due")
    if not by_urgency:
        return [("", None, list(page.cases))]
    near = near_spans(visit.today)

    def group(line: CaseLine) -> str:
        if line.due_on is None:
            return "none"
        return next((due for due, days in near.items() if line.due_on in days), "later")

    counts = {due: getattr(page.counts, due) for due in near}
    return [
        (_GROUPS[due], counts.get(due), list(lines)) for due, lines in groupby(page.cases, group)
    ]


def _choices(visit: Visit, session: Session, here: Asked) -> dict[str, list[tuple[str, str]]]:
    """What the conditions of a list choose from, by field."""
    processes = visit.office.versions.known(session, visit.today)
    states = {
        state.name: state.label
        for process in processes
        if here["process"] in ("", process.key)
        for state in process.states
    }
    found = {
        "process": [(process.key, process.label) for process in processes],
        "state": list(states.items()),
    }
    if not visit.staff:
        return found
    officers = [("-", "未指定承办人")] + [
        (one.username, one.name) for one in colleagues(visit.office, session, acting(visit))
    ]
    if here["officer"] and here["officer"] not in dict(officers):
        officers.append((here["officer"], here["officer"]))  # who holds no post any more
    rules = visit.office.rules.current(session)
    keys = sorted({matter for process in processes for matter in matters_of(process)})
    matters = [(key, rules.matter(key, visit.today, "").label) for key in keys]
    return {**found, "officer": officers, "matter": matters}
