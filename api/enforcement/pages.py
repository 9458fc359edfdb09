"""Enforcement (执法办案): a new lead, and the ledger of exemptions."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from api.enforcement.prefill import offences
from api.html import filling
from api.html import form_drafts as drafts
from api.html import form_fields as forms
from api.html.dates import read_day
from api.html.form_drafts import DraftForm
from api.html.form_fields import Guide
from api.html.site import Member, MemberPosting, Visit, acting, go
from api.web.downloads import download
from casework.acts.backfilling import OnPaper
from casework.backfill.reading import to_be_opened
from casework.common.codes import CODE_LABELS
from casework.common.problems import NotAllowed, Problem
from casework.documents.files import CSV
from casework.enforcement.exemption import ledger as exemption_ledger
from casework.enforcement.exemption.ledger import DOORS, LedgerView
from casework.people import parties
from casework.reading import File
from state_machines.enforcement.exemption.process import FIRST_OFFENCE_EXEMPTION
from state_machines.enforcement.penalty.process import PENALTY
from state_machines.enforcement.simple_penalty.process import SIMPLE_PENALTY
from state_machines.language.vocabulary import Process, Role

router = APIRouter()
# Which procedures begin with a lead, and for what; the mildest comes first.
_PROCEDURES = {
    FIRST_OFFENCE_EXEMPTION.key: "轻微、初次的违法行为，先教育、责令改正，改正的不予处罚",
    PENALTY.key: "应当立案调查、依法给予处罚的违法行为",
    SIMPLE_PENALTY.key: "事实确凿、当场给予警告或者小额罚款的违法行为",
}
# The day of the lead is asked for once.
_REGISTERED = "filed_on"
_PARTY = ("name", "representative", "address", "phone")


@router.get("/leads/new")
def ask(visit: Member) -> Response:
    process, guide = _form_of(visit)
    drafts.restore(visit, _draft_of(process).page)
    if visit.left or visit.draft:
        _, names = forms.read(process.form, visit.posted.values, guide)
        return _show(visit, process, filling.again(visit, process.form, guide, names))
    return _show(visit, process, filling.begin(visit, process.form, guide))


@router.post("/leads/new")
def open_(visit: MemberPosting) -> Response:
    process, guide = _form_of(visit)
    posted = visit.posted
    given, names = forms.read(process.form, posted.values, guide)
    try:
        _register(visit)
        day = filling.legal_day(posted, visit.today)
        backfill = _old_case(visit)
        if _REGISTERED in process.form.get("properties", {}):
            given = {**given, _REGISTERED: (day or visit.today).isoformat()}
        opened = visit.office.open_case(
            process.key,
            given,
            acting(visit),
            party=posted.text("_party"),
            effective_at=day,
            backfill=backfill,
            key=posted.text("_key") or None,
        )
    except Problem as problem:
        shown = filling.again(visit, process.form, guide, names, problem)
        return _show(visit, process, shown, problem.status)
    drafts.discard(visit, _draft_of(process).page)
    if backfill:
        return go("/", "backfill_entered")
    return go(f"/cases/{opened.number}/done/{opened.seq}")


@router.post("/leads/draft")
def save_draft(visit: MemberPosting) -> Response:
    return drafts.save(visit, _draft_of(_form_of(visit)[0]))


def _draft_of(process: Process) -> DraftForm:
    """How the form of a lead is saved while it is filled in."""
    chosen = f"process={process.key}"
    return DraftForm(f"/leads/new?{chosen}", f"登记线索：{process.label}", f"/leads/draft?{chosen}")


@router.get("/exemptions")
def ledger(visit: Member) -> Response:
    try:
        found, problem = _ledger(visit), None
    except NotAllowed:
        raise
    except Problem as caught:
        found, problem = None, caught
    chosen = {name: visit.asked(name) for name in ("since", "until", "door", "field")}
    return visit.page(
        "exemptions.html",
        status=problem.status if problem else 200,
        found=found,
        problem=problem,
        chosen=chosen,
        doors=DOORS,
        query=urlencode({name: value for name, value in chosen.items() if value}),
    )


@router.get("/exemptions.csv")
def table(visit: Member) -> Response:
    return download(File("免罚台账.csv", CSV, exemption_ledger.as_table(_ledger(visit)).encode()))


def _ledger(visit: Visit) -> LedgerView:
    with visit.office.database.session() as session:
        return exemption_ledger.ledger(
            visit.office,
            session,
            acting(visit),
            since=read_day(visit.asked("since"), "since", "起始日期"),
            until=read_day(visit.asked("until"), "until", "截止日期"),
            door=visit.asked("door"),
            field=visit.asked("field", 40),
        )


def _form_of(visit: Visit) -> tuple[Process, Guide]:
    """The procedure that was asked for, and what its lead begins with. Raises NotAllowed for anyone
    but inspectors and case handlers."""
    if not {Role.INSPECTOR, Role.CASE_HANDLER} & visit.roles:
        raise NotAllowed("线索由执法人员、承办人登记")
    office = visit.office
    asked = visit.asked("process")
    key = asked if asked in _PROCEDURES else next(iter(_PROCEDURES))
    with visit.session() as session:
        process, _ = office.versions.in_force(session, key, visit.today)
        options = offences(visit, session)
    day = visit.today.isoformat()
    return process, Guide(
        begin={"found_on": day, "act_on": day},
        options={"violation": options},
        left_out=frozenset({_REGISTERED}),
        hints={
            "act_on": "追责期限自这一日起计算",
            "address": "写到门牌号；没有固定场所的不填",
        },
    )


def _old_case(visit: Visit) -> OnPaper | None:
    """Under what an old case on paper is opened, if that was chosen."""
    chosen = visit.posted.number("_backfill")
    return None if chosen is None else OnPaper(chosen)


def _register(visit: Visit) -> None:
    """Put down who is not registered yet, if anything was said of them."""
    said = {name: visit.posted.text(f"_{name}") for name in _PARTY}
    if not any(said.values()):
        return
    kind = visit.posted.text("_code_kind") or "uscc"
    reason = visit.posted.text("_override_reason") or None
    with visit.office.database.session() as session:
        parties.register(
            visit.office,
            session,
            acting(visit),
            code_kind=kind,
            code=visit.posted.text("_party"),
            override_reason=reason,
            **said,
        )


def _show(visit: Visit, process: Process, form: filling.Filling, status: int = 200) -> Response:
    with visit.session() as session:
        known = {one.key: one.label for one in visit.office.versions.known(session, visit.today)}
        old = to_be_opened(visit.office, session, acting(visit))
    procedures = [(key, known[key], why) for key, why in _PROCEDURES.items()]
    return visit.page(
        "lead.html",
        status=status,
        form=form,
        procedures=procedures,
        chosen=process.key,
        draft=_draft_of(process),
        old=old,
        code_kinds=CODE_LABELS,
    )
