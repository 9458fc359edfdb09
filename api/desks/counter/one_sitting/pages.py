"""One sitting at the counter (窗口一次办结): from the business licence to the certificate on a
screen that grows, instead of a page for each step."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.cases import prefilling
from api.desks.counter.one_sitting import walk_in
from api.desks.counter.one_sitting.sitting import (
    Sitting,
    beside,
    shown,
    sitting_of,
    sittings,
    take,
)
from api.html import filling
from api.html import form_drafts as drafts
from api.html import form_fields as forms
from api.html.form_drafts import DraftForm
from api.html.site import Member, MemberPosting, Visit, acting, go
from api.web.bodies import CaseNumber
from casework.access.readers import visible
from casework.acts.actors import CAPACITIES
from casework.common.codes import ID_KINDS, normalise
from casework.common.problems import CodeDoubtful, KeyReused, NotAllowed, NotFound, Problem
from casework.common.texts import searched
from casework.documents import attachments
from casework.documents.matching import matched
from casework.models import Case, Party
from casework.people import parties
from casework.people.mandates import SCOPES, mandates_of
from casework.reading import CaseView, PartyView, reader_of
from state_machines.language.vocabulary import Process, Role
from state_machines.licensing.licence.process import HELD, LICENCE

router = APIRouter()
_LONGEST = 400
_SENT_BEFORE = (
    "这份申请已经提交过一次，案件可能已经开立，请先在“全部案件”中核对；"
    "确实要另外提出一份的，请再次提交"
)
_OFFERED = tuple(sittings())


@router.get("/counter/sitting")
def begin(visit: Member) -> Response:
    process = _process(visit, visit.asked("process"))
    code = walk_in.scanned(visit.asked("q"))
    drafts.restore(visit, _opening_draft(process, code).page)
    return _opening(visit, process, code, present=visit.posted.number("mandate"))


@router.post("/counter/sitting")
def take_in(visit: MemberPosting) -> Response:
    """Take in firm, person, application and papers, and go as far as nothing else is needed."""
    process = _process(visit, visit.posted.text("process"))
    code = walk_in.scanned(visit.posted.text(f"{walk_in.PARTY}code"))
    present = visit.posted.number("mandate")
    if visit.posted.text(forms.MORE):
        return _opening(visit, process, code, present=present)
    try:
        mandate = walk_in.whoever_is_present(visit)
        present = mandate.id
        number = walk_in.opened(visit, process, mandate)
    except KeyReused as reused:
        problem = Problem(_SENT_BEFORE)
        return _opening(visit, process, code, problem, present, reused.status)
    except Problem as problem:
        return _opening(visit, process, code, problem, present, problem.status)
    drafts.discard(visit, _opening_draft(process, _wanted(visit)).page)
    return _go_on(visit, number, present, walk_in.proofs(visit))


@router.post("/counter/sitting/draft")
def save_opening(visit: MemberPosting) -> Response:
    process = _process(visit, visit.posted.text("process"))
    return drafts.save(visit, _opening_draft(process, _wanted(visit)))


@router.get("/counter/sitting/{number}")
def show(visit: Member, number: CaseNumber) -> Response:
    _clerks_only(visit)
    drafts.restore(visit, _stage_draft(number).page)
    return _stage(visit, sitting_of(visit, number))


@router.post("/counter/sitting/{number}")
def go_on(visit: MemberPosting, number: CaseNumber) -> Response:
    _clerks_only(visit)
    return _go_on(visit, number, visit.posted.number("_mandate"))


@router.post("/counter/sitting/{number}/draft")
def save_stage(visit: MemberPosting, number: CaseNumber) -> Response:
    _clerks_only(visit)
    moved_on = not sitting_of(visit, number).awaits(visit)
    return drafts.save(visit, _stage_draft(number), moved_on=moved_on)


def _opening_draft(process: Process, code: str) -> DraftForm:
    """How what is typed of whoever walked in is saved; `code` is what was scanned."""
    page = f"/counter/sitting?{urlencode({'process': process.key, 'q': code})}"
    return DraftForm(page, f"窗口办件：{process.label} {code}", "/counter/sitting/draft")


def _wanted(visit: Visit) -> str:
    """What was scanned when the form was opened."""
    return searched(visit.posted.text("_wanted"))[:_LONGEST]


def _stage_draft(number: str) -> DraftForm:
    page = f"/counter/sitting/{number}"
    return DraftForm(page, f"{number} 窗口办件", f"{page}/draft")


def _go_on(
    visit: Visit, number: str, present: int | None, proofs: Collection[str] = ()
) -> Response:
    """Keep the papers that came, but for `proofs` of who is present, which are kept already, take
    the steps of the stage, and show the next one."""
    sitting = sitting_of(visit, number)
    if visit.posted.text(forms.MORE):
        return _stage(visit, sitting)
    if not sitting.awaits(visit):  # a second click, or somebody else was faster
        return go(f"/counter/sitting/{number}")
    wrong, unmatched = _keep(visit, sitting.case)
    unmatched = [name for name in unmatched if name not in proofs]
    if wrong or unmatched:
        return _stage(visit, sitting_of(visit, number), wrong=wrong, unmatched=unmatched)
    try:
        take(visit, sitting, present)
    except NotFound:
        raise
    except Problem as problem:
        return _stage(visit, sitting_of(visit, number), problem)
    drafts.discard(visit, _stage_draft(number).page)
    return go(f"/counter/sitting/{number}")


def _keep(visit: Visit, case: CaseView) -> tuple[Mapping[str, Problem], list[str]]:
    """Keep what came in the pile and item by item: what is wrong with it by material, and the names
    of files that do not say what they are for."""
    items = {item.key: item for item in case.materials if item.kept_now and item.of_process}
    dropped = visit.posted.piles.get(walk_in.DROP, ())
    missing = [key for key, item in items.items() if item.required and not item.files]
    labels = {key: item.label for key, item in items.items()}
    meant = matched((file.name for file in dropped), labels, missing)
    told = [(meant[file.name], file) for file in dropped if file.name in meant]
    pile = [(key, file.name, file.content) for key, file in (*told, *visit.posted.of_items)]
    office, actor = visit.office, acting(visit)
    wrong = attachments.store_pile(office, actor, case.number, pile) if pile else {}
    return wrong, [file.name for file in dropped if file.name not in meant]


def _opening(
    visit: Visit,
    process: Process,
    code: str,
    problem: Problem | None = None,
    present: int | None = None,
    status: int = 200,
) -> Response:
    """The first page: the firm, who is there, what is applied for, its papers."""
    with visit.office.database.session() as session:
        found = parties.search(visit.office, session, acting(visit), code) if code else ()
        party = next((one for one in found if one.code == normalise(code)), None)
        people = mandates_of(visit.office, session, acting(visit), party.code) if party else ()
        guide = prefilling.for_application(visit, session, process)
        if process.about and party:
            guide = _about(visit, session, process.about, party, guide)
        answered = prefilling.answered_at_counter(visit, session)
        offered = [visit.office.versions.in_force(session, key, visit.today)[0] for key in _OFFERED]
    form = _filled(visit, process, replace(guide, begin={}), problem)
    if problem:  # with what was typed anew it is another request
        form = replace(form, key=uuid4().hex)
    return visit.page(
        "sitting_opening.html",
        status=status,
        process=process,
        offered=offered,
        wanted=code,
        found=() if party else found,
        party=party,
        people=[one for one in people if one.holds],
        chosen=present,
        form=form,
        draft=_opening_draft(process, code),
        first=[process.step(name) for name in sittings()[process.key][0]],
        asked=[field for field in form.fields if field.name not in answered],
        answered=[
            replace(field, required=False) for field in form.fields if field.name in answered
        ],
        beside=beside(visit, process),
        doubtful=problem.extra.get("at", "") if isinstance(problem, CodeDoubtful) else "",
        code_kinds=[("uscc", "统一社会信用代码"), *ID_KINDS.items()],
        id_kinds=ID_KINDS,
        capacities=CAPACITIES,
        scopes=SCOPES,
        lost=[file.name for pile in visit.posted.piles.values() for file in pile],
    )


def _filled(
    visit: Visit, process: Process, guide: forms.Guide, problem: Problem | None
) -> filling.Filling:
    if not visit.posted.values:
        return filling.begin(visit, process.form, guide)
    _, names = forms.read(process.form, visit.posted.values, guide)
    return filling.again(visit, process.form, guide, names, problem)


def _about(
    visit: Visit, session: Session, field: str, party: PartyView, guide: forms.Guide
) -> forms.Guide:
    """The form with the licences of the firm that an application may be about."""
    held = session.scalars(
        select(Case)
        .join(Party, Case.party_id == Party.id)
        .where(
            Party.code == party.code,
            Case.process == LICENCE.key,
            Case.state.in_(HELD),
            visible(reader_of(visit.office, session, acting(visit))),
        )
        .order_by(Case.id)
    )
    said = [case.data["application"] for case in held]
    options = [
        forms.Option(one["number"], f"{one['place_name']}（{one['number']}）") for one in said
    ]
    return replace(guide, options={**guide.options, field: options})


def _stage(
    visit: Visit,
    sitting: Sitting,
    problem: Problem | None = None,
    *,
    wrong: Mapping[str, Problem] | None = None,
    unmatched: Sequence[str] = (),
) -> Response:
    """Where the case stands in its sitting, with what is wrong with what was handed in."""
    refused = [*(wrong or {}).values(), *([problem] if problem else [])]
    page = visit.page(
        "sitting.html",
        status=max((one.status for one in refused), default=422 if unmatched else 200),
        sitting=sitting,
        draft=_stage_draft(sitting.case.number),
        forms=shown(visit, sitting, problem),
        problem=problem,
        wrong=wrong or {},
        unmatched=unmatched,
        present=visit.posted.number("_mandate"),
        key=uuid4().hex,
    )
    page.headers["HX-Push-Url"] = f"/counter/sitting/{sitting.case.number}"
    return page


def _process(visit: Visit, key: str) -> Process:
    """The process of that key, or the usual one. Raises NotAllowed, NotFound."""
    _clerks_only(visit)
    wanted = key or _OFFERED[0]
    if wanted not in _OFFERED:
        raise NotFound("这个事项不在窗口一次办结")
    with visit.office.database.session() as session:
        return visit.office.versions.in_force(session, wanted, visit.today)[0]


def _clerks_only(visit: Visit) -> None:
    if Role.WINDOW_CLERK not in visit.roles:
        raise NotAllowed("窗口办件由窗口人员办理")
