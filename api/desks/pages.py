"""The desk (待办): what waits for this person, all cases, notices, the overview."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from api.html.site import Anybody, Member, Visit, acting, go
from casework import reading
from casework.people import kept_forms
from state_machines.language.vocabulary import Process

router = APIRouter()
_PAGE = 20
_NOTICES = 50


@router.get("/")
def home(visit: Anybody) -> Response:
    if visit.actor is None:
        return go("/login")
    if visit.staff:
        return _list(visit, queue="mine_to_do", path="/", title="待办")
    return _list(visit, queue=None, path="/", title="我的案件")


@router.get("/cases")
def all_cases(visit: Member) -> Response:
    return _list(visit, queue=None, path="/cases", title="全部案件")


@router.get("/notices")
def notices(visit: Member) -> Response:
    with visit.office.database.session() as session:
        found = reading.notices_of(
            visit.office, session, acting(visit), before=visit.row("before"), limit=_NOTICES
        )
    further = f"/notices?before={found[-1].id}" if len(found) == _NOTICES else ""
    return visit.page("notices.html", notices=found, further=further)


@router.get("/overview")
def overview(visit: Member) -> Response:
    with visit.office.database.session() as session:
        found = reading.supervisor_overview(visit.office, session, acting(visit))
    # In a city that is still being laid out the flows have not begun.
    prefect = bool(visit.laying_out) or visit.site.prefect.healthy()
    return visit.page("overview.html", overview=found, prefect=prefect)


def _list(visit: Visit, *, queue: str | None, path: str, title: str) -> Response:
    chosen = {name: visit.asked(name) for name in ("process", "state", "q")}
    office = visit.office
    with visit.session() as session:
        drafts = kept_forms.drafts_counted(session, acting(visit).person_id, visit.now)
        case_page = reading.cases(
            office,
            session,
            acting(visit),
            queue=queue,
            cursor=visit.asked("cursor") or None,
            limit=_PAGE,
            **{name: value or None for name, value in chosen.items()},
        )
        processes = office.versions.known(session, visit.today)
    following = {**chosen, "cursor": case_page.next_cursor} if case_page.next_cursor else None
    return visit.page(
        "desk.html",
        title=title,
        path=path,
        drafts=drafts,
        lines=case_page.cases,
        chosen=chosen,
        processes=processes,
        states=_states(processes, chosen["process"]),
        is_first=not visit.asked("cursor"),
        following=f"{path}?{urlencode(following)}" if following else "",
    )


def _states(processes: Sequence[Process], wanted: str) -> dict[str, str]:
    return {
        state.name: state.label
        for process in processes
        if wanted in ("", process.key)
        for state in process.states
    }
