"""Redaction (删除个人信息): the page on which it is proposed, and confirmed by the head."""

from __future__ import annotations

import re
from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import Response

from api.html import asking
from api.html.site import Member, MemberPosting, Visit, acting, go
from api.web.bodies import CaseNumber, RowId
from api.web.downloads import download
from casework.acts.redactions import BASES
from casework.common.problems import NotAllowed, NotFound, Problem, bad_field
from casework.redaction import reading, redacting
from casework.redaction.reading import RedactionView

router = APIRouter()
_HEADS = ("个人信息", "内容", "全过程记录")
_FOLLOWS = (
    "下列内容从案件的全过程记录和登记中删除，换成“（已依法删除）”，任何人都不能恢复",
    "全过程记录增加一条，写明依据、删除的是哪些内容、由谁提出和确认；核验和案卷照此显示",
    "没有列入的文书、材料和证据，以及以前的备份、导出的案卷不在其内",
)


@router.get("/cases/{number}/redaction")
def show(visit: Member, number: CaseNumber) -> Response:
    return _show(visit, number)


@router.post("/cases/{number}/redaction")
def propose(visit: MemberPosting, number: CaseNumber) -> Response:
    posted = visit.posted

    def work() -> None:
        file = posted.files.get("file")
        if file is None:
            raise bad_field("file", "扫描件", "请选择申请书或者裁判文书的扫描件")
        redacting.propose(
            visit.office,
            acting(visit),
            number,
            basis=posted.text("basis"),
            document=posted.text("document"),
            reason=posted.text("reason"),
            ids=posted.values.get("chosen", ()),
            filename=file.name,
            content=file.content,
        )

    return _done(visit, number, work, "redaction_proposed")


@router.post("/cases/{number}/redaction/confirmation")
def confirm(visit: MemberPosting, number: CaseNumber) -> Response:
    """Take it away, once that is confirmed: it cannot be taken back."""
    seen, waiting = _seen(visit), _view(visit, number).waiting
    if waiting is not None and waiting.id == seen and not asking.answered(visit):
        rows = [
            (one.label, one.value, f"第{'、'.join(map(str, one.rows))}条") for one in waiting.chosen
        ]
        told = [("依据", f"{waiting.basis}，{waiting.document}"), ("理由", waiting.reason)]
        return asking.ask(visit, asking.Question("删除个人信息", _FOLLOWS, _HEADS, rows, told))
    return _done(
        visit,
        number,
        lambda: redacting.confirm(visit.office, acting(visit), number, seen),
        "redacted",
    )


@router.post("/cases/{number}/redaction/return")
def give_back(visit: MemberPosting, number: CaseNumber) -> Response:
    reason = visit.posted.text("reason")
    return _done(
        visit,
        number,
        lambda: redacting.give_back(visit.office, acting(visit), number, _seen(visit), reason),
        "redaction_returned",
    )


@router.get("/cases/{number}/redaction/papers/{paper}")
def paper(visit: Member, number: CaseNumber, paper: RowId) -> Response:
    with visit.office.database.session() as session:
        return download(reading.ground(visit.office, session, acting(visit), number, paper))


def _done(visit: Visit, number: str, work: Callable[[], None], told: str) -> Response:
    """The page that tells that it was done, or what is wrong on the page as it was filled in."""
    try:
        work()
    except (NotAllowed, NotFound):
        raise
    except Problem as problem:
        return _show(visit, number, problem)
    return go(f"/cases/{number}/redaction", told)


def _seen(visit: Visit) -> int:
    """The proposal that stood on the page; none has the number 0."""
    said = visit.posted.text("proposal")
    return int(said) if re.fullmatch(r"[0-9]{1,18}", said) else 0


def _view(visit: Visit, number: str) -> RedactionView:
    with visit.office.database.session() as session:
        return reading.redaction_view(visit.office, session, acting(visit), number)


def _show(visit: Visit, number: str, problem: Problem | None = None) -> Response:
    return visit.page(
        "redaction.html",
        status=problem.status if problem else 200,
        view=_view(visit, number),
        bases=BASES,
        ticked=set(visit.posted.values.get("chosen", ())),
        problem=problem,
    )
