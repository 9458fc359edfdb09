"""The evidence register of a case (证据登记): its items, and how one comes in, changes, leaves."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from api.html import filling
from api.html import form_drafts as drafts
from api.html import form_fields as forms
from api.html.form_drafts import DraftForm
from api.html.site import Member, MemberPosting, Visit, acting, go
from api.web.bodies import CaseNumber
from api.web.downloads import download
from casework import reading
from casework.common.problems import NotFound, Problem
from casework.parts.evidence import entering as evidence
from casework.parts.evidence.reading import EvidenceView, evidence_bytes, evidence_view
from casework.reading.case import CaseView, officers_of
from state_machines.language.vocabulary import Role, Step
from state_machines.parts.evidence.forms import Origin
from state_machines.parts.evidence.part import ADD, REPLACE, REVIEW, WITHDRAW

router = APIRouter()
_ENTRIES = {"add": ADD, "replace": REPLACE, "withdraw": WITHDRAW, "review": REVIEW}
_KEPT = ("kind", "title", "origin", "place", "proves", "storage", "description")


@router.get("/cases/{number}/evidence")
def register(visit: Member, number: CaseNumber) -> Response:
    case, items = _read(visit, number)
    return visit.page("evidence.html", case=case, items=items, device=Origin.DEVICE.value)


@router.get("/cases/{number}/evidence/{n}/{version}/file")
def file(visit: Member, number: CaseNumber, n: int, version: int) -> Response:
    with visit.office.database.session() as session:
        return download(evidence_bytes(visit.office, session, acting(visit), number, n, version))


@router.get("/cases/{number}/evidence/{what}")
@router.get("/cases/{number}/evidence/{what}/{n}")
def ask(visit: Member, number: CaseNumber, what: str, n: int | None = None) -> Response:
    case, items = _read(visit, number)
    entry, item = _wanted(what, items, n)
    guide = _guide(visit, case, entry, item)
    drafts.restore(visit, _draft_of(case.number, entry, item).page)
    if visit.left or visit.draft:
        _, names = forms.read(entry.form, visit.posted.values, guide)
        return _show(visit, case, entry, item, filling.again(visit, entry.form, guide, names))
    return _show(visit, case, entry, item, filling.begin(visit, entry.form, guide))


@router.post("/cases/{number}/evidence/{what}")
@router.post("/cases/{number}/evidence/{what}/{n}")
def enter(visit: MemberPosting, number: CaseNumber, what: str, n: int | None = None) -> Response:
    case, items = _read(visit, number)
    entry, item = _wanted(what, items, n)
    guide = _guide(visit, case, entry, item)
    posted = visit.posted
    given, names = forms.read(entry.form, posted.values, guide)
    if posted.text(forms.MORE):
        again = filling.again(visit, entry.form, guide, names)
        return _show(visit, case, entry, item, again)
    upload = posted.files.get("file")
    sent = (upload.name, upload.content) if upload else None
    office, actor, key = visit.office, acting(visit), posted.text("_key") or None
    try:
        if entry is ADD:
            evidence.add(office, actor, number, given, sent, key=key)
        elif entry is REPLACE:
            evidence.replace(office, actor, number, n or 0, given, sent, key=key)
        elif entry is REVIEW:
            evidence.review(office, actor, number, n or 0, given, key=key)
        else:
            evidence.withdraw(office, actor, number, n or 0, given, key=key)
    except NotFound:
        raise
    except Problem as problem:
        shown = filling.again(visit, entry.form, guide, names, problem)
        return _show(visit, case, entry, item, shown, problem.status)
    drafts.discard(visit, _draft_of(case.number, entry, item).page)
    return go(f"/cases/{number}/evidence", "evidence_entered")


@router.post("/cases/{number}/evidence-drafts/{what}")
@router.post("/cases/{number}/evidence-drafts/{what}/{n}")
def save_draft(
    visit: MemberPosting, number: CaseNumber, what: str, n: int | None = None
) -> Response:
    with visit.session() as session:
        items = evidence_view(visit.office, session, acting(visit), number)
    return drafts.save(visit, _draft_of(number, *_wanted(what, items, n)))


def _draft_of(number: str, entry: Step, item: EvidenceView | None) -> DraftForm:
    """How an entry in the register is saved while it is filled in."""
    what = next(what for what, one in _ENTRIES.items() if one is entry)
    at, title = (f"{what}/{item.n}", f"：{item.n} 号") if item else (what, "")
    page = f"/cases/{number}/evidence/{at}"
    return DraftForm(
        page, f"{number} {entry.label}{title}", f"/cases/{number}/evidence-drafts/{at}"
    )


def _read(visit: Visit, number: str) -> tuple[CaseView, tuple[EvidenceView, ...]]:
    office, actor = visit.office, acting(visit)
    with office.database.session() as session:
        items = evidence_view(office, session, actor, number)
        return reading.case_view(office, session, actor, number), items


def _wanted(
    what: str, items: tuple[EvidenceView, ...], n: int | None
) -> tuple[Step, EvidenceView | None]:
    """The entry that the page is for, and the item it is about; None for a new one. Raises
    NotFound."""
    entry = _ENTRIES.get(what)
    item = next((one for one in items if one.current and one.n == n), None)
    if entry is None or (entry is ADD) != (n is None) or (n is not None and item is None):
        raise NotFound("没有这个页面")
    return entry, item


def _guide(visit: Visit, case: CaseView, entry: Step, item: EvidenceView | None) -> forms.Guide:
    with visit.office.database.session() as session:
        officers = _officers(visit, session, case.number)
    begin: dict[str, Any] = {"collected_on": visit.today.isoformat(), "storage": "本案卷"}
    if item:
        begin |= {name: getattr(item, name) for name in _KEPT}
        begin |= {"replaces": item.version, "collected_on": item.collected_on.isoformat()}
    return forms.Guide(
        begin=begin,
        options={"collectors": officers},
        fixed=frozenset({"replaces"}),
        hints={
            "collectors": "执法人员收集的，至少两人；收集当日执法证件须有效",
            "proves": "这份证据要证明什么",
        },
    )


def _officers(visit: Visit, session: Session, number: str) -> list[forms.Option]:
    found: dict[str, forms.Option] = {}
    for role in (Role.INSPECTOR, Role.CASE_HANDLER):
        for officer in officers_of(visit.office, session, acting(visit), number, role):
            label = f"{officer.name}（{officer.certificate}）"
            found.setdefault(officer.username, forms.Option(officer.username, label))
    return list(found.values())


def _show(
    visit: Visit,
    case: CaseView,
    entry: Step,
    item: EvidenceView | None,
    form: filling.Filling,
    status: int = 200,
) -> Response:
    return visit.page(
        "evidence_entry.html",
        status=status,
        case=case,
        entry=entry,
        item=item,
        form=form,
        draft=_draft_of(case.number, entry, item),
    )
