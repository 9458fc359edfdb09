"""Random draws (双随机抽取): whom to check, and by whom."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import AfterValidator

from api.web.access import Member, TheOffice
from api.web.bodies import Ending, IdempotencyKey, StandingAside, Text
from api.web.documentation import problems
from casework.common.codes import normalise
from casework.grading.draws import check_plan
from casework.grading.draws import holding as draws
from casework.grading.draws.check_plan import CheckPlan
from casework.grading.draws.holding import DrawView
from casework.kernel.idempotency import Outcome

router = APIRouter(prefix="/draws", tags=["双随机"])
Number = Annotated[
    Text, AfterValidator(normalise), Path(description="抽取编号，如 CC-SJ-2026-000001")
]


@router.get("", summary="抽取记录", responses=problems(401, 403))
def drawn(actor: Member, office: TheOffice) -> tuple[DrawView, ...]:
    with office.database.session() as session:
        return draws.draws(office, session, actor)


@router.post(
    "",
    status_code=201,
    summary="随机抽取检查对象和执法人员",
    description="对象按信用等级的抽查权重抽取；种子由系统生成并留存，可以按候选名单复算。",
    responses=problems(401, 403, 422),
)
def draw(actor: Member, office: TheOffice, key: IdempotencyKey = None) -> DrawView:
    return draws.draw(office, actor, key=key)


@router.get("/plans", summary="抽查计划", responses=problems(401, 403))
def planned(actor: Member, office: TheOffice) -> tuple[CheckPlan, ...]:
    with office.database.session() as session:
        return check_plan.plans(office, session, actor)


@router.get("/{number}", summary="一次抽取的各轮记录", responses=problems(401, 403, 404))
def rounds(number: Number, actor: Member, office: TheOffice) -> tuple[DrawView, ...]:
    with office.database.session() as session:
        return draws.draws_numbered(office, session, actor, number)


@router.post(
    "/{number}/recusals",
    status_code=201,
    summary="决定回避，重新抽取执法人员",
    description="由没有参与抽取的机关负责人决定；检查对象和其他人员不变，另抽一名；原抽取结果留存。",
    responses=problems(401, 403, 404, 422),
)
def recuse(
    number: Number,
    body: StandingAside,
    actor: Member,
    office: TheOffice,
    key: IdempotencyKey = None,
) -> DrawView:
    return draws.draw_again(office, actor, number, body.officer, body.reason, key=key)


@router.post(
    "/{number}/cancellation",
    status_code=201,
    summary="作废抽取",
    description="由没有参与抽取的机关负责人决定，写明理由；该场所可以再次抽取，原抽取结果留存。",
    responses=problems(401, 403, 404, 422),
)
def call_off(
    number: Number, body: Ending, actor: Member, office: TheOffice, key: IdempotencyKey = None
) -> DrawView:
    return draws.call_off(office, actor, number, body.reason, key=key)


@router.post(
    "/{number}/check",
    summary="下达检查任务",
    description="开立量化分级评定案件并指派抽中的执法人员；已经下达的，移交给重新抽中的人员。",
    responses=problems(401, 403, 404, 409, 422),
)
def send(number: Number, actor: Member, office: TheOffice, key: IdempotencyKey = None) -> Outcome:
    return draws.send(office, actor, number, key=key)
