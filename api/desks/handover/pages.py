"""Several cases handed over at once (批量移交): chosen in a list, asked about, told one by one."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import Response

from api.html import asking
from api.html.site import Member, MemberPosting, Visit, acting, whole_number
from casework import reading
from casework.common.codes import normalise
from casework.common.problems import BadInput, bad_field
from casework.parts.officers.new_handlers import (
    MOST_AT_ONCE,
    Colleague,
    HandedOver,
    colleagues,
    hand_over_each,
)
from casework.reading import CaseLine

router = APIRouter()
_CASE, _TO, _REASON, _AT = "case", "to", "reason", "@"


@router.get("/handover")
def choose(visit: Member) -> Response:
    return _show(visit, [normalise(one) for one in visit.request.query_params.getlist(_CASE)])


@router.post("/handover")
def hand_over(visit: MemberPosting) -> Response:
    posted = visit.posted
    seen = [_seen(one) for one in posted.values.get(_CASE, ())]
    to, reason = list(posted.values.get(_TO, ())), posted.text(_REASON)
    if posted.text(asking.AGAIN):
        return _show(visit, [number for number, _ in seen])
    try:
        names = _named(visit, to)
        if not reason:
            raise bad_field(_REASON, "移交理由", "请填写移交理由")
        if not seen:
            raise bad_field(_CASE, "案件", "请先在列表中勾选要移交的案件")
    except BadInput as problem:
        return _show(visit, [number for number, _ in seen], problem)
    if not asking.answered(visit):
        return _ask(visit, [number for number, _ in seen], names, reason)
    key = posted.text("key") or uuid4().hex
    done = hand_over_each(visit.office, acting(visit), seen, to, reason, key)
    return _report(visit, done, names)


def _seen(said: str) -> tuple[str, int]:
    """A case's number, and at which version it was seen; at none that there is if it says none."""
    number, _, at = said.partition(_AT)
    version = whole_number(at)
    return normalise(number), -1 if version is None else version


def _lines(visit: Visit, numbers: Sequence[str]) -> tuple[CaseLine, ...]:
    with visit.session() as session:
        return reading.numbered(visit.office, session, acting(visit), numbers[:MOST_AT_ONCE])


def _colleagues(visit: Visit) -> tuple[Colleague, ...]:
    with visit.office.database.session() as session:
        return colleagues(visit.office, session, acting(visit), certified=True)


def _named(visit: Visit, to: Sequence[str]) -> list[str]:
    """The names of the officers who were chosen. Raises BadInput: enforcement wants two of them."""
    known = {one.username: one.name for one in _colleagues(visit)}
    if len(set(to)) < 2 or not set(to) <= known.keys():
        raise bad_field(_TO, "接办人员", "请选择两名以上执法证件在有效期内的接办人员")
    return [known[one] for one in to]


def _show(visit: Visit, numbers: Sequence[str], problem: BadInput | None = None) -> Response:
    return visit.page(
        "handover.html",
        status=problem.status if problem else 200,
        lines=_lines(visit, numbers),
        colleagues=_colleagues(visit),
        problem=problem,
        key=visit.posted.text("key") or uuid4().hex,
        most=MOST_AT_ONCE,
        cut=len(numbers) > MOST_AT_ONCE,
    )


def _ask(visit: Visit, numbers: Sequence[str], names: Sequence[str], reason: str) -> Response:
    lines = _lines(visit, numbers)
    return asking.ask(
        visit,
        asking.Question(
            title="移交承办",
            follows=(
                f"以下 {len(lines)} 件案件改由{'、'.join(names)}承办，逐件记入全过程记录。",
                "一件不能移交的，说明原因，不影响其他案件。",
            ),
            heads=("案件编号", "当事人", "状态", "现承办人"),
            rows=[
                (line.number, line.party_name, line.state_label, "、".join(line.handlers) or "—")
                for line in lines
            ],
            told=(("接办人员", "、".join(names)), ("移交理由", reason)),
        ),
    )


def _report(visit: Visit, found: Sequence[HandedOver], names: Sequence[str]) -> Response:
    return visit.page(
        "handed_over.html",
        found=found,
        names=names,
        done=sum(one.done for one in found),
    )
