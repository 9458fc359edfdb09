"""The ledger of publication (双公示台账): what is to be shown or taken down, and what was."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.enforcement.catalogue.routes import CSV
from api.html import asking
from api.html.dates import read_needed_day
from api.html.site import Member, MemberPosting, Visit, acting
from api.web.downloads import download
from casework.common.problems import BadInput
from casework.publicity import publications
from casework.publicity.publications import Ledger
from casework.reading import File
from state_machines.language.vocabulary import Role

router = APIRouter()
_LARGEST = 2**62  # number of an entry
_HEADS = ("案件", "当事人", "类别", "要求")
_FOLLOWS = (
    "下列事项登记为已经公示（撤下），记入各案件的全过程记录，不能更改",
    "登记以后不再列入待公示的台账",
)


@router.get("/publications")
def show(visit: Member) -> Response:
    return _show(visit)


@router.get("/publications.csv")
def as_table(visit: Member) -> Response:
    month = visit.request.query_params.get("month", "")
    found = publications.as_table(visit.office, acting(visit), month)
    return download(File("公示台账.csv", CSV, found.encode()))


@router.post("/publications")
def record(visit: MemberPosting) -> Response:
    """Put down for every entry that was ticked when and where it was done, once confirmed."""
    posted = visit.posted
    if posted.text(asking.ALL) or posted.text(asking.AGAIN):
        return _show(visit)
    try:
        ticked = posted.values.get("entry", ())
        numbers = [one for one in ticked if one.isascii() and one.isdigit() and len(one) < 20]
        chosen = [int(number) for number in numbers]
        if not chosen or len(chosen) < len(ticked) or max(chosen) > _LARGEST:
            raise BadInput("请勾选已经公示（撤下）的事项")
        on = read_needed_day(posted.text("on"), "on", "公示（撤下）日期")
        channels = posted.values.get("channels", ())
        rows = _rows(visit, set(chosen))
        if Role.PUBLICITY_OFFICER in visit.roles and not asking.answered(visit):
            told = [("公示（撤下）日期", on.isoformat()), ("公示渠道", "、".join(channels))]
            question = asking.Question("登记公示（撤下）", _FOLLOWS, _HEADS, rows, told)
            return asking.ask(visit, question)
        publications.record(visit.office, acting(visit), chosen, on, channels)
    except BadInput as problem:
        return _show(visit, problem)
    return visit.page("published.html", heads=_HEADS, rows=rows, on=on, channels=channels)


def _rows(visit: Visit, chosen: set[int]) -> list[tuple[str, ...]]:
    """What was ticked: by case, party, register, and whether it is shown or taken down."""
    with visit.office.database.session() as session:
        entries = publications.picked(visit.office, session, acting(visit), chosen)
    return [
        (
            entry.case,
            entry.party,
            entry.register,
            f"撤下：{entry.withdrawn_because}" if entry.withdrawn_because else "公示",
        )
        for entry in entries
    ]


def _ledger(visit: Visit) -> Ledger:
    with visit.office.database.session() as session:
        return publications.ledger(
            visit.office,
            session,
            acting(visit),
            visit.asked("month"),
            cursor=visit.row("cursor"),
        )


def _show(visit: Visit, problem: BadInput | None = None) -> Response:
    try:
        ledger = _ledger(visit)
    except BadInput as caught:
        ledger, problem = None, caught
    return visit.page(
        "publications.html",
        status=problem.status if problem else 200,
        found=ledger,
        problem=problem,
        today=visit.today,
        ticked=set(visit.posted.values.get("entry", ())),
        everything=bool(visit.posted.text(asking.ALL)),
        may_record=Role.PUBLICITY_OFFICER in visit.roles,
    )
