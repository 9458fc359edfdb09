"""The licences one holds (我的许可证), what may be done about each, and renewing many at once."""

from __future__ import annotations

from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import Response

from api.html import asking
from api.html.site import Member, MemberPosting, Visit, acting, whole_number
from casework.common.problems import Problem
from casework.licensing.licence_renewal import chain
from casework.people.mandates import mandate_at_counter

router = APIRouter()


_HEADS = ("场所", "许可证", "期限")
_FOLLOWS = (
    "对下列每份许可证各提出一份延续申请，当即提交，逐份告知结果",
    "各申请的材料另行分别上传；材料不齐的，机关会一次性告知补正",
    "提交后不能删除；不再需要延续的，在作出决定前逐份撤回申请",
)


@router.get("/licences")
def show(visit: Member) -> Response:
    return _show(visit, visit.asked("mandate"))


@router.post("/licences/renewals")
def renew(visit: MemberPosting) -> Response:
    posted = visit.posted
    mandate = posted.text("mandate")
    if posted.text(asking.ALL) or posted.text(asking.AGAIN):
        return _show(visit, mandate)
    wanted = list(posted.values.get("licences", ()))
    data = {
        "contact_name": posted.text("contact_name"),
        "contact_phone": posted.text("contact_phone"),
        "conditions_kept": posted.text("conditions_kept") == "true",
    }
    try:
        if wanted and not asking.answered(visit):
            return _ask(visit, mandate, wanted)
        results = chain.renew(
            visit.office,
            acting(visit),
            wanted,
            data,
            mandate=whole_number(mandate),
            key=posted.text("_key") or None,
        )
    except Problem as problem:
        return _show(visit, mandate, problem)
    return visit.page("renewed.html", results=results, mandate=mandate)


def _ask(visit: Visit, mandate: str, wanted: list[str]) -> Response:
    held = {held_licence.number: held_licence for held_licence in _held(visit, mandate)}
    rows = [
        (one.place_name, number, one.next_day.text if one.next_day else "")
        if (one := held.get(number))
        else ("", number, "不在您的许可证之列")
        for number in dict.fromkeys(wanted)
    ]
    told = [
        ("联系人", visit.posted.text("contact_name")),
        ("联系电话", visit.posted.text("contact_phone")),
    ]
    question = asking.Question("一并申请延续", _FOLLOWS, _HEADS, rows, told)
    return asking.ask(visit, question)


def _held(visit: Visit, mandate: str) -> tuple[chain.HeldLicence, ...]:
    """The licences that the visitor holds, under that mandate if one was chosen."""
    with visit.office.database.session() as session:
        return chain.licences_of(
            visit.office, session, acting(visit), mandate=whole_number(mandate)
        )


def _show(visit: Visit, mandate: str, problem: Problem | None = None) -> Response:
    chosen = whole_number(mandate)
    held = _held(visit, mandate)
    with visit.office.database.session() as session:
        present = (
            mandate_at_counter(visit.office, session, acting(visit), chosen) if chosen else None
        )
    renewable = {
        held_licence.number
        for held_licence in held
        for way in held_licence.possible
        if way.process == "licence_renewal" and not way.why_not
    }
    ticked = set(visit.posted.values.get("licences", ()))
    return visit.page(
        "licences.html",
        status=problem.status if problem else 200,
        held=held,
        renewable=renewable,
        ticked=renewable if visit.posted.text(asking.ALL) else ticked,
        mandate=mandate if chosen else "",
        present=present,
        problem=problem,
        new_key=lambda: uuid4().hex,
    )
