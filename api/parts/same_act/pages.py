"""Telling a case apart from an earlier one of its party (说明与先前案件的区别)."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.html import filling
from api.html import form_fields as forms
from api.html.site import Member, MemberPosting, Visit, acting, go
from api.web.bodies import CaseNumber
from casework import reading
from casework.common.problems import NotFound, Problem
from casework.parts.same_act.distinguishing import distinguish
from casework.reading import CaseView
from state_machines.parts.same_act.part import DISTINGUISH

router = APIRouter()
_PATH = "/cases/{number}/differences"


@router.get(_PATH)
def ask(visit: Member, number: CaseNumber) -> Response:
    case = _case(visit, number)
    return _show(visit, case, filling.begin(visit, DISTINGUISH.form, _guide(visit, case)))


@router.post(_PATH)
def enter(visit: MemberPosting, number: CaseNumber) -> Response:
    case = _case(visit, number)
    guide = _guide(visit, case)
    given, names = forms.read(DISTINGUISH.form, visit.posted.values, guide)
    key = visit.posted.text("_key") or None
    try:
        distinguish(visit.office, acting(visit), number, given, key=key)
    except NotFound:
        raise
    except Problem as problem:
        shown = filling.again(visit, DISTINGUISH.form, guide, names, problem)
        return _show(visit, case, shown, problem.status)
    return go(f"/cases/{number}", "told_apart", "other-cases")


def _case(visit: Visit, number: str) -> CaseView:
    """The case. Raises NotFound for one that keeps no evidence register."""
    with visit.office.database.session() as session:
        case = reading.case_view(visit.office, session, acting(visit), number)
    if not case.keeps_evidence:
        raise NotFound("没有这个页面")
    return case


def _guide(visit: Visit, case: CaseView) -> forms.Guide:
    known = {
        other_case.number: forms.Option(
            other_case.number,
            "，".join(
                part
                for part in (other_case.number, other_case.violation or other_case.authority)
                if part
            ),
        )
        for other_case in case.other_cases
    }
    asked = visit.request.query_params.get("case", "")
    return forms.Guide(
        begin={"case": asked} if asked in known else {},
        options={"case": list(known.values())} if known else {},
        hints={
            "statement": "写明两个行为各在何时、何地、对何物，有何证据；"
            "告知书、决定书照录，并须经法制审核"
        },
    )


def _show(visit: Visit, case: CaseView, form: filling.Filling, status: int = 200) -> Response:
    return visit.page("difference.html", status=status, case=case, entry=DISTINGUISH, form=form)
