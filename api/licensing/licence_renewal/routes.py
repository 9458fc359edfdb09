"""Licences held (持证清单) and the renewal of many at once (批量延续)."""

from __future__ import annotations

from fastapi import APIRouter

from api.web.access import Member, TheOffice
from api.web.bodies import Chain, IdempotencyKey, StoredId
from api.web.documentation import problems
from casework.licensing.licence_renewal import chain
from casework.licensing.licence_renewal.chain import HeldLicence, Renewed

router = APIRouter(tags=["许可证"])


@router.get(
    "/licences",
    summary="持有的许可证",
    description="本人代表的单位（个人）持有、尚未注销的许可证，先到期的在前；"
    "窗口人员填写到场人员的 `mandate`。",
    responses=problems(401, 403, 422),
)
def held(
    actor: Member, office: TheOffice, mandate: StoredId | None = None
) -> tuple[HeldLicence, ...]:
    with office.database.session() as session:
        return chain.licences_of(office, session, actor, mandate=mandate)


@router.post(
    "/licences/renewals",
    summary="批量申请延续",
    description="每份许可证各自立案，逐份说明结果；`data` 为共同填写的内容。",
    responses=problems(401, 403, 422),
)
def renew(
    body: Chain, actor: Member, office: TheOffice, key: IdempotencyKey = None
) -> tuple[Renewed, ...]:
    return chain.renew(office, actor, body.licences, body.data, mandate=body.mandate, key=key)
