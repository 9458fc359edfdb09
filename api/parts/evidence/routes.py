"""The evidence register (证据登记): entering, replacing and withdrawing items, and reading them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response, UploadFile
from pydantic import TypeAdapter, ValidationError

from api.web.access import Member, TheOffice
from api.web.bodies import CaseNumber, Given, IdempotencyKey, RowId
from api.web.documentation import problems
from api.web.downloads import A_FILE, download
from casework.common.problems import BadInput
from casework.models import Evidence
from casework.parts.evidence import entering as evidence
from casework.parts.evidence.reading import EvidenceView, evidence_bytes, evidence_view

router = APIRouter(prefix="/cases/{number}/evidence", tags=["证据"])
ItemText = Annotated[str, Form(max_length=40_000, description="填写内容，JSON 对象")]
_ITEM = TypeAdapter(Given)


@dataclass(frozen=True)
class Entered:
    """An item of the register as it now is: its number, version, and the SHA-256 of its file."""

    n: int
    version: int
    withdrawn: bool
    sha256: str | None


@router.get("", summary="证据登记", responses=problems(401, 404))
def evidence_register(
    number: CaseNumber, actor: Member, office: TheOffice
) -> tuple[EvidenceView, ...]:
    with office.database.session() as session:
        return evidence_view(office, session, actor, number)


@router.post(
    "",
    status_code=201,
    summary="登记证据",
    description="`item` 为填写内容（JSON）；`file` 为电子文件，实物可以没有。",
    responses=problems(401, 403, 404, 409, 422),
)
def add(
    number: CaseNumber,
    actor: Member,
    office: TheOffice,
    item: ItemText,
    file: UploadFile | None = None,
    key: IdempotencyKey = None,
) -> Entered:
    return _entered(evidence.add(office, actor, number, _read(item), _file(file), key=key))


@router.post(
    "/{n}/versions",
    status_code=201,
    summary="更换证据（原版本保留）",
    responses=problems(401, 403, 404, 409, 422),
)
def replace(
    number: CaseNumber,
    n: RowId,
    actor: Member,
    office: TheOffice,
    item: ItemText,
    file: UploadFile | None = None,
    key: IdempotencyKey = None,
) -> Entered:
    given = _read(item)
    return _entered(evidence.replace(office, actor, number, n, given, _file(file), key=key))


@router.post(
    "/{n}/withdrawals",
    status_code=201,
    summary="撤回证据（原版本保留）",
    responses=problems(401, 403, 404, 409, 422),
)
def withdraw(
    number: CaseNumber,
    n: RowId,
    body: Given,
    actor: Member,
    office: TheOffice,
    key: IdempotencyKey = None,
) -> Entered:
    return _entered(evidence.withdraw(office, actor, number, n, body, key=key))


@router.post(
    "/{n}/reviews",
    status_code=201,
    summary="审核监控设备记录（法制审核、技术审核）",
    responses=problems(401, 403, 404, 409, 422),
)
def review(
    number: CaseNumber,
    n: RowId,
    body: Given,
    actor: Member,
    office: TheOffice,
    key: IdempotencyKey = None,
) -> Entered:
    return _entered(evidence.review(office, actor, number, n, body, key=key))


@router.get(
    "/{n}/versions/{version}",
    summary="下载证据的电子文件",
    response_class=Response,
    responses={**A_FILE, **problems(401, 404)},
)
def file(
    number: CaseNumber, n: RowId, version: RowId, actor: Member, office: TheOffice
) -> Response:
    with office.database.session() as session:
        return download(evidence_bytes(office, session, actor, number, n, version))


def _read(item: str) -> Any:
    """The item, read from the JSON that came beside the file. Raises BadInput."""
    try:
        return _ITEM.validate_json(item)
    except ValidationError:
        raise BadInput("item：填写内容应为 JSON 对象，且不含不能存档的字符") from None


def _file(upload: UploadFile | None) -> tuple[str, bytes] | None:
    return (upload.filename or "", upload.file.read()) if upload else None


def _entered(row: Evidence) -> Entered:
    return Entered(row.n, row.version, row.withdrawn, row.digest)
