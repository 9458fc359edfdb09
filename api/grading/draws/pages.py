"""Random draws (双随机): the supervisor draws, and sends the check; a head decides who stands
aside, and calls off what is not to be sent."""

from __future__ import annotations

from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import Response

from api.html import asking
from api.html.site import Member, MemberPosting, Visit, acting, go
from api.web.bodies import CaseNumber
from casework.common.problems import NotAllowed, NotFound, Problem
from casework.grading.draws import check_plan
from casework.grading.draws import holding as draws
from state_machines.language.vocabulary import Role

router = APIRouter()
_DRAWN = ("结果和候选名单记入抽取记录，只增不改，不能撤回",)
_CALLED_OFF = ("该场所可以再次抽取；抽取记录留存，只增不改，不能撤回",)
_SENT = ("开立检查案件，核查期限开始计算；不能收回，只能在案件中移交、办结",)


@router.get("/draws")
def show(visit: Member) -> Response:
    return _show(visit)


@router.post("/draws")
def draw(visit: MemberPosting) -> Response:
    if _to_be_asked(visit, Role.SUPERVISOR):
        return _ask(visit, "随机抽取", *_DRAWN)
    try:
        draws.draw(visit.office, acting(visit), key=visit.posted.text("_key") or None)
    except (NotAllowed, NotFound):
        raise
    except Problem as problem:
        return _show(visit, problem)
    return go("/draws", "drawn")


@router.post("/draws/{number}/recusals")
def recuse(visit: MemberPosting, number: CaseNumber) -> Response:
    posted = visit.posted
    if _to_be_asked(visit, Role.APPROVER):
        aside = f"{posted.text('officer')}回避（{posted.text('reason')}），重新抽取执法人员"
        return _ask(visit, "重新抽取", aside, *_DRAWN)
    try:
        draws.draw_again(
            visit.office,
            acting(visit),
            number,
            posted.text("officer"),
            posted.text("reason"),
            key=posted.text("_key") or None,
        )
    except (NotAllowed, NotFound):
        raise
    except Problem as problem:
        return _show(visit, problem)
    return go("/draws", "drawn_again")


@router.post("/draws/{number}/cancellation")
def call_off(visit: MemberPosting, number: CaseNumber) -> Response:
    posted = visit.posted
    if _to_be_asked(visit, Role.APPROVER):
        return _ask(visit, "作废抽取", f"{number}作废（{posted.text('reason')}）", *_CALLED_OFF)
    try:
        draws.call_off(
            visit.office,
            acting(visit),
            number,
            posted.text("reason"),
            key=posted.text("_key") or None,
        )
    except (NotAllowed, NotFound):
        raise
    except Problem as problem:
        return _show(visit, problem)
    return go("/draws", "draw_called_off")


@router.post("/draws/{number}/check")
def send(visit: MemberPosting, number: CaseNumber) -> Response:
    if _to_be_asked(visit, Role.SUPERVISOR):
        return _ask(visit, "下达检查任务", f"按 {number} 的结果下达给抽中的执法人员", *_SENT)
    try:
        sent = draws.send(
            visit.office, acting(visit), number, key=visit.posted.text("_key") or None
        )
    except (NotAllowed, NotFound):
        raise
    except Problem as problem:
        return _show(visit, problem)
    return go(f"/cases/{sent.number}", "sent")


def _to_be_asked(visit: Visit, role: Role) -> bool:
    """Whether to ask first; whoever has not the role is refused at once."""
    return role in visit.roles and not asking.answered(visit)


def _ask(visit: Visit, title: str, *follows: str) -> Response:
    if visit.posted.text(asking.AGAIN):
        return _show(visit)
    return asking.ask(visit, asking.Question(title, follows))


def _show(visit: Visit, problem: Problem | None = None) -> Response:
    with visit.office.database.session() as session:
        found = draws.draws(visit.office, session, acting(visit))
        plans = check_plan.plans(visit.office, session, acting(visit))
    return visit.page(
        "draws.html",
        status=problem.status if problem else 200,
        draws=found,
        plans=plans,
        problem=problem,
        may_draw=Role.SUPERVISOR in visit.roles,
        may_decide=Role.APPROVER in visit.roles,
        new_key=lambda: uuid4().hex,
    )
