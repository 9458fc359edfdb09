"""Cases (案件): opening them, taking their steps, and reading where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.web.access import Member, TheOffice
from api.web.bodies import (
    CaseNumber,
    Given,
    IdempotencyKey,
    LateEntry,
    Opening,
    SendingBack,
    Signing,
    Taking,
    Text,
)
from api.web.documentation import problems
from casework import reading
from casework.kernel import late_entries
from casework.kernel.office import Outcome
from casework.parts.same_act.distinguishing import distinguish
from casework.reading import CasePage, CaseView, Days, LogLine, PastCase, StepView, Wanted
from casework.reading.lists.listing import MOST, MOST_SORTED
from casework.reading.lists.wanted import Due, Queue, Sort

router = APIRouter(prefix="/cases", tags=["案件"])
StepName = Annotated[Text, Path(description="步骤名，如 accept")]


@dataclass(frozen=True)
class Opened:
    """A new case; the tracking code follows it without an account."""

    number: str
    state: str
    version: int
    tracking_code: str


@dataclass(frozen=True)
class OpeningWaits:
    """There is no case yet: it is an old one on paper, whose opening a second person confirms."""

    awaits_signature: bool


@dataclass(frozen=True)
class Taken:
    """Where the case stands now. `awaits_signature`: a second officer must confirm the act;
    `awaits_arrival`: what was sent electronically must be reported to have arrived."""

    number: str
    state: str
    version: int
    awaits_signature: bool
    awaits_arrival: bool


@router.post(
    "",
    status_code=201,
    summary="申请（立案）",
    description="旧的纸质案件在 `backfill`（专项补录）下立案的，答复 202，等待第二人复核。",
    responses={
        202: {"description": "等待第二人复核", "model": OpeningWaits},
        **problems(401, 403, 404, 409, 422),
    },
)
def open_case(
    body: Opening,
    actor: Member,
    office: TheOffice,
    response: Response,
    key: IdempotencyKey = None,
) -> Opened | OpeningWaits:
    outcome = office.open_case(
        body.process,
        body.data,
        actor,
        party=body.party,
        mandate=body.mandate,
        effective_at=body.effective_at,
        backfill=body.backfill.said if body.backfill else None,
        key=key,
    )
    if outcome.awaits_signature:
        response.status_code = 202
        return OpeningWaits(awaits_signature=True)
    response.headers["Location"] = f"/api/v1/cases/{outcome.number}"
    return Opened(outcome.number, outcome.state, outcome.version, outcome.tracking_code)


@router.get(
    "",
    summary="案件列表",
    description="`queue=mine_to_do` 为待我办理，`open` 为未办结，均为最急的在前；"
    "不填为全部，新的在前。`q` 查编号、当事人名称或代码、场所名称和地址。"
    "`due` 按期限筛选未办结的案件：`late` 已逾期（`late_3` 逾期三个工作日以内，"
    "`late_10` 四至十个工作日，`late_more` 超过十个工作日）、`today` 今天到期、"
    "`week` 本周内到期、`later` 以后、`none` 无期限；"
    "`late=true` 与 `due=late` 相同。`officer` 为承办人的账号，`-` 为未指定承办人的案件；"
    "`matter` 为事项；`opened_from`、`opened_to` 为立案日期的起止。"
    "`sort`：`due` 按期限（未办结的）、`opened` 按立案日期（新的在前）、`party` 按当事人名称"
    f"（后两项在待办和未办结的列表中最多排列最急的 {MOST_SORTED} 件）。",
    responses=problems(401, 422),
)
def cases(
    actor: Member,
    office: TheOffice,
    queue: Queue | None = None,
    process: Text | None = None,
    state: Text | None = None,
    q: Text | None = None,
    late: bool = False,
    due: Due | None = None,
    officer: Text | None = None,
    matter: Text | None = None,
    opened_from: date | None = None,
    opened_to: date | None = None,
    sort: Sort | None = None,
    cursor: Text | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> CasePage:
    wanted = Wanted(
        queue=queue,
        process=process,
        state=state,
        q=q,
        due=due or ("late" if late else None),
        officer=officer,
        matter=matter,
        opened=Days(opened_from, opened_to),
        sort=sort,
    )
    with office.database.session() as session:
        return reading.cases(office, session, actor, wanted, cursor=cursor, limit=limit)


@router.get(
    "/{number}",
    summary="一个案件",
    description="`as_of`：该日终了时的案卷（历史状态），按全过程记录重放得出，按查阅人现在的权限"
    "显示；早于登记或者晚于今天的日期答复 422。",
    responses=problems(401, 404, 422),
)
def case(
    number: CaseNumber, actor: Member, office: TheOffice, as_of: date | None = None
) -> CaseView | PastCase:
    with office.database.session() as session:
        if as_of is not None:
            return reading.past_case(office, session, actor, number, as_of)
        return reading.case_view(office, session, actor, number)


@router.get(
    "/{number}/steps",
    summary="当前状态的全部步骤，能否办理及理由",
    responses=problems(401, 404),
)
def steps(number: CaseNumber, actor: Member, office: TheOffice) -> tuple[StepView, ...]:
    with office.database.session() as session:
        return reading.steps_view(office, session, actor, number)


@router.post(
    "/{number}/steps/{step}",
    summary="办理一个步骤",
    description="须由两名执法人员办理的步骤，和在 `backfill`（专项补录）下录入的步骤，答复 202，"
    "等待第二人确认。",
    responses={
        202: {"description": "等待第二人签名，或者等待电子送达的到达回执", "model": Taken},
        **problems(401, 403, 404, 409, 422),
    },
)
def take_step(
    number: CaseNumber,
    step: StepName,
    body: Taking,
    actor: Member,
    office: TheOffice,
    response: Response,
    key: IdempotencyKey = None,
) -> Taken:
    outcome = office.advance(
        number,
        step,
        body.input,
        actor,
        version=body.version,
        mandate=body.mandate,
        effective_at=body.effective_at,
        backfill=body.backfill.said if body.backfill else None,
        key=key,
    )
    if outcome.awaits_signature or outcome.awaits_arrival:
        response.status_code = 202
    return _taken(outcome)


@router.post(
    "/{number}/steps/{step}/signatures",
    summary="第二名执法人员确认",
    responses=problems(401, 403, 404, 409, 422),
)
def sign(
    number: CaseNumber,
    step: StepName,
    body: Signing,
    actor: Member,
    office: TheOffice,
    key: IdempotencyKey = None,
) -> Taken:
    return _taken(office.sign(number, step, actor, version=body.version, key=key))


@router.post(
    "/{number}/steps/{step}/signatures/returns",
    summary="撤回或者退回第一签名，重新填写",
    responses=problems(401, 403, 404, 409, 422),
)
def return_signature(
    number: CaseNumber,
    step: StepName,
    body: SendingBack,
    actor: Member,
    office: TheOffice,
    key: IdempotencyKey = None,
) -> Taken:
    outcome = office.return_signature(
        number, step, body.reason, actor, version=body.version, key=key
    )
    return _taken(outcome)


@router.post(
    "/{number}/differences",
    status_code=201,
    summary="说明与先前案件的区别",
    description="写入案卷的说明：与当事人的先前案件不是同一个违法行为，在时间、地点、对象上有何不同。",
    responses=problems(401, 403, 404, 409, 422),
)
def tell_apart(
    number: CaseNumber,
    body: Given,
    actor: Member,
    office: TheOffice,
    key: IdempotencyKey = None,
) -> Taken:
    return _taken(distinguish(office, actor, number, body, key=key))


@router.post(
    "/{number}/late-entries",
    status_code=204,
    summary="准予补录超过录入期限的事项",
    description="督办人员写明理由；准予后，由执法人员按该日期办理该步骤。",
    responses=problems(401, 403, 404, 422),
)
def permit_late_entry(
    number: CaseNumber, body: LateEntry, actor: Member, office: TheOffice
) -> None:
    late_entries.permit(office, actor, number, body.step, body.on, body.reason)


@router.get("/{number}/log", summary="全过程记录", responses=problems(401, 404))
def log(number: CaseNumber, actor: Member, office: TheOffice) -> tuple[LogLine, ...]:
    with office.database.session() as session:
        return reading.log_view(office, session, actor, number)


def _taken(outcome: Outcome) -> Taken:
    return Taken(
        outcome.number,
        outcome.state,
        outcome.version,
        outcome.awaits_signature,
        outcome.awaits_arrival,
    )
