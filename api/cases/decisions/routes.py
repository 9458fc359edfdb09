"""What a decision rests on (决定依据单), as JSON."""

from __future__ import annotations

from fastapi import APIRouter

from api.web.access import Member, TheOffice
from api.web.bodies import CaseNumber, RowId
from api.web.documentation import problems
from casework import reading
from casework.reading import DecisionBasis

router = APIRouter(prefix="/cases", tags=["案件"])


@router.get(
    "/{number}/decisions/{seq}",
    summary="决定依据单：一项决定所依据的法律、版本、规则、事实、审批、证据和文书",
    description="`seq` 是全过程记录的条号（`log` 中 `decided` 为真的行）。"
    "当事人得到的一份不含他人信息和内部意见。",
    responses=problems(401, 404),
)
def decision(number: CaseNumber, seq: RowId, actor: Member, office: TheOffice) -> DecisionBasis:
    with office.database.session() as session:
        return reading.decision_basis(office, session, actor, number, seq)
