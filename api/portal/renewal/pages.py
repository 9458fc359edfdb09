"""Renewing one licence (续期): what the old one says is shown, and one tap confirms it."""

from __future__ import annotations

from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import select

from api.html.site import Member, MemberPosting, Visit, acting, go
from api.web.bodies import Text
from casework.common.codes import same_number
from casework.common.problems import NotFound, Problem
from casework.licensing.licence_renewal import chain
from casework.licensing.licence_renewal.chain import HeldLicence
from casework.models import Case, Party

router = APIRouter()


@router.get("/licences/{number}/renewal")
def ask(visit: Member, number: Text) -> Response:
    return _show(visit, _held(visit, number))


@router.post("/licences/{number}/renewal")
def renew(visit: MemberPosting, number: Text) -> Response:
    """File the renewal; the button says that the conditions have not changed (许可法50)."""
    held, posted = _held(visit, number), visit.posted
    data = {
        "contact_name": posted.text("contact_name"),
        "contact_phone": posted.text("contact_phone"),
        "conditions_kept": posted.text("conditions_kept") == "true",
    }
    key = posted.text("_key") or None
    try:
        [filed] = chain.renew(visit.office, acting(visit), [held.number], data, key=key)
    except Problem as problem:
        return _show(visit, held, problem.detail, problem.status)
    if filed.number is None:
        return _show(visit, held, f"{filed.reason}{f'（{filed.law}）' if filed.law else ''}", 409)
    return go(f"/cases/{filed.number}", "renewed")


def _held(visit: Visit, number: str) -> HeldLicence:
    """The licence of that number. Raises NotFound unless a party of the visitor's holds it."""
    with visit.session() as session:
        held = chain.licences_of(visit.office, session, acting(visit))
    for licence in held:
        if same_number(licence.number, number):
            return licence
    raise NotFound(f"没有编号为“{number}”的许可证")


def _show(visit: Visit, held: HeldLicence, against: str = "", status: int = 200) -> Response:
    way = next((one for one in held.possible if one.process == "licence_renewal"), None)
    why_not = f"{held.kind}不在此办理延续" if way is None else way.why_not
    with visit.session() as session:
        of_case = select(Party).join(Case, Case.party_id == Party.id)
        party = session.scalars(of_case.where(Case.number == held.case)).one()
    return visit.page(
        "my_renewal.html",
        status=status,
        held=held,
        why_not=why_not,
        against=against,
        contact=visit.posted.text("contact_name") or acting(visit).name,
        phone=visit.posted.text("contact_phone") or party.phone,
        key=visit.posted.text("_key") or uuid4().hex,
    )
