"""The ledger of publication (双公示台账): what is to be shown or taken down, and what was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from api.html import asking
from api.html.dates import read_needed_day
from api.html.site import Anybody, Member, MemberPosting, Visit, acting
from api.web.downloads import download
from casework.common.problems import BadInput, Problem, TooLarge, bad_field
from casework.documents.files import CSV
from casework.publicity import national_export, publications, recording
from casework.publicity.public_list import public_list
from casework.publicity.publications import Ledger
from casework.reading import File
from state_machines.language.vocabulary import Role

router = APIRouter()
_LARGEST = 2**62  # number of an entry
_HEADS = ("案件", "当事人", "类别", "要求", "已登记的渠道", "尚缺的渠道")
_FOLLOWS = (
    "下列事项登记为已经在该渠道公示（撤下），记入各案件的全过程记录，不能更改",
    "应当公示的渠道都登记以后，不再列入待公示的台账",
)


@router.get("/publications")
def show(visit: Member) -> Response:
    return _show(visit)


@router.get("/publications.csv")
def as_table(visit: Member) -> Response:
    month = visit.request.query_params.get("month", "")
    found = publications.as_table(visit.office, acting(visit), month)
    return download(File("公示台账.csv", CSV, found.encode()))


@router.get("/publications/public")
def shown(visit: Anybody) -> Response:
    """Anybody looks up what was granted and what was punished."""
    register, q = visit.asked("register", 20), visit.asked("q", 100)
    with visit.office.database.session() as session:
        found = public_list(visit.office, session, register, q, visit.row("cursor"))
    more = urlencode({"register": register, "q": q, "cursor": found.cursor})
    return visit.page("public_list.html", found=found, register=register, q=q, more=more)


@router.get("/publications/export")
def export(visit: Member) -> Response:
    wanted = (visit.asked(name) for name in ("register", "month", "format"))
    return download(national_export.exported(visit.office, acting(visit), *wanted))


@router.get("/publications/receipts/{receipt}")
def scan(visit: Member, receipt: str) -> Response:
    with visit.office.database.session() as session:
        return download(recording.receipt(visit.office, session, acting(visit), receipt))


@router.post("/publications")
def record(visit: MemberPosting) -> Response:
    """Put down for every entry that was ticked when it was done through a channel, once confirmed.
    The scan is kept before that is asked. What is wrong is shown on the page."""
    posted = visit.posted
    if posted.text(asking.ALL) or posted.text(asking.AGAIN):
        return _show(visit)
    channel, receipt = posted.text("channel"), posted.text("receipt")
    try:
        ticked = posted.values.get("entry", ())
        numbers = [one for one in ticked if one.isascii() and one.isdigit() and len(one) < 20]
        chosen = [int(number) for number in numbers]
        if not chosen or len(chosen) < len(ticked) or max(chosen) > _LARGEST:
            raise BadInput("请勾选已经公示（撤下）的事项")
        if not channel:
            raise bad_field("channel", "公示渠道", "请选择一个渠道，逐个渠道登记")
        on = read_needed_day(posted.text("on"), "on", "公示（撤下）日期")
        if upload := posted.files.get("file"):
            receipt = recording.keep_receipt(
                visit.office, acting(visit), upload.name, upload.content
            )
        rows = _rows(visit, set(chosen))
        if Role.PUBLICITY_OFFICER in visit.roles and receipt and not asking.answered(visit):
            return _ask(visit, rows, channel, on, receipt)
        recording.record(visit.office, acting(visit), chosen, channel, on, receipt)
    except (BadInput, TooLarge) as problem:
        return _show(visit, problem, receipt)
    done = _rows(visit, set(chosen))
    return visit.page("published.html", heads=_HEADS, rows=done, channel=channel)


def _ask(
    visit: Visit, rows: Sequence[Sequence[str]], channel: str, on: date, receipt: str
) -> Response:
    with visit.office.database.session() as session:
        borne = recording.day_borne(visit.office, session, acting(visit), on)
        kept = recording.receipt(visit.office, session, acting(visit), receipt)
    late = f"（{on}已经超过录入期限，以登记当日为准）" if borne != on else ""
    told = [
        ("公示（撤下）日期", f"{borne}{late}"),
        ("公示渠道", channel),
        ("回执或者截图", kept.filename),
    ]
    question = asking.Question("登记公示（撤下）", _FOLLOWS, _HEADS, rows, told)
    return asking.ask(visit, question, receipt=receipt)


def _rows(visit: Visit, chosen: set[int]) -> list[tuple[str, ...]]:
    """What was ticked: by case, party, register, whether it is shown or taken down, and in which
    channels that is put down and in which not yet."""
    with visit.office.database.session() as session:
        entries = publications.picked(visit.office, session, acting(visit), chosen)
    return [
        (
            entry.case,
            entry.party,
            entry.register,
            entry.wanted,
            "、".join(f"{line.channel} {line.done_on}" for line in entry.channels if line.done_on),
            "、".join(entry.missing) or "无",
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
            channel=visit.asked("channel"),
            cursor=visit.row("cursor"),
        )


def _show(visit: Visit, problem: Problem | None = None, receipt: str = "") -> Response:
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
        receipt=receipt or visit.posted.text("receipt"),
        everything=bool(visit.posted.text(asking.ALL)),
        may_record=Role.PUBLICITY_OFFICER in visit.roles,
    )
