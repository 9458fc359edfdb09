"""The counter (窗口): parties that walk in, who acts for them, and what is begun for them."""

from __future__ import annotations

from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.html.dates import read_day, read_needed_day
from api.html.site import Member, MemberPosting, Visit, acting, go
from api.web.bodies import RowId
from api.web.downloads import download
from casework.access.readers import visible
from casework.acts.actors import CAPACITIES
from casework.acts.successions import current_of, line_of
from casework.common.codes import ID_KINDS, normalise
from casework.common.problems import BadInput, NotAllowed, NotFound, Problem, TooLarge, bad_field
from casework.credit.reading import former_codes
from casework.deadlines.next_day import first, party_days
from casework.models import Case, Party, Place
from casework.people import binding, mandate_papers, mandates, parties, party_papers
from casework.people.mandates import SCOPES
from casework.reading import PartyView, reader_of
from state_machines.language.vocabulary import Role
from state_machines.licensing.licence.process import HELD
from state_machines.parties.code_change.forms import Ground
from state_machines.parties.code_change.process import CODE_CHANGE

router = APIRouter()


@router.get("/counter")
def find(visit: Member) -> Response:
    _clerks_only(visit)
    wanted = visit.asked("q")
    with visit.office.database.session() as session:
        found = parties.search(visit.office, session, acting(visit), wanted) if wanted else ()
    return _counter(visit, wanted, found)


@router.post("/counter/parties")
def register(visit: MemberPosting) -> Response:
    _clerks_only(visit)
    said = {
        name: visit.posted.text(name)
        for name in ("code_kind", "code", "name", "representative", "address", "phone")
    }
    reason = visit.posted.text("override_reason") or None
    try:
        with visit.office.database.session() as session:
            party, _ = parties.register(
                visit.office, session, acting(visit), **said, override_reason=reason
            )
    except Problem as problem:
        return _counter(visit, said["code"], (), problem)
    return go(f"/counter/parties/{party.code}", "registered")


@router.get("/counter/parties/{code}")
def show(visit: Member, code: str) -> Response:
    _clerks_only(visit)
    return _party(visit, code)


@router.post("/counter/parties/{code}/mandates")
def empower(visit: MemberPosting, code: str) -> Response:
    _clerks_only(visit)
    posted = visit.posted
    try:
        with visit.office.database.session() as session:
            capacity = posted.text("capacity")
            names = capacity == "representative"
            mandate = mandates.register(
                visit.office,
                session,
                acting(visit),
                code,
                name=posted.text("name"),
                id_kind=posted.text("id_kind"),
                id_code=posted.text("id_code"),
                capacity=capacity,
                scope=list(posted.values.get("scope", ())),
                valid_from=read_day(posted.text("valid_from"), "valid_from", "授权起期")
                or visit.today,
                valid_to=read_day(posted.text("valid_to"), "valid_to", "授权止期"),
                override_reason=posted.text("override_reason") or None,
                paper=_proof(visit, session, code) if names else None,
            )
            if "paper" in posted.files and not names:
                _keep(visit, session, mandate.id)
    except NotFound:
        raise
    except Problem as problem:
        return _party(visit, code, problem)
    return go(f"/counter/parties/{normalise(code)}", "empowered")


@router.post("/counter/parties/{code}/mandates/{mandate}/papers")
def keep_paper(visit: MemberPosting, code: str, mandate: RowId) -> Response:
    _clerks_only(visit)
    try:
        with visit.office.database.session() as session:
            _keep(visit, session, mandate)
    except (BadInput, TooLarge) as problem:
        return _party(visit, code, problem)
    return go(f"/counter/parties/{normalise(code)}", "paper_kept")


@router.get("/counter/parties/{code}/mandates/{mandate}/papers/{paper}")
def read_paper(visit: Member, code: str, mandate: RowId, paper: RowId) -> Response:
    _clerks_only(visit)
    with visit.office.database.session() as session:
        return download(mandate_papers.paper(visit.office, session, acting(visit), mandate, paper))


@router.post("/counter/parties/{code}/mandates/{mandate}/end")
def end(visit: MemberPosting, code: str, mandate: RowId) -> Response:
    _clerks_only(visit)
    try:
        with visit.office.database.session() as session:
            reason = visit.posted.text("reason")
            mandates.end(visit.office, session, acting(visit), mandate, reason)
    except BadInput as problem:
        return _party(visit, code, problem)
    return go(f"/counter/parties/{normalise(code)}", "mandate_ended")


@router.post("/counter/parties/{code}/mandates/{mandate}/account")
def bind_account(visit: MemberPosting, code: str, mandate: RowId) -> Response:
    _clerks_only(visit)
    username, said = visit.posted.text("username"), visit.posted.text("code")
    try:
        binding.bind_at_counter(visit.office, acting(visit), mandate, username, said)
    except Problem as problem:
        return _party(visit, code, problem)
    return go(f"/counter/parties/{normalise(code)}", "account_bound")


@router.post("/counter/parties/{code}/corrections")
def correct(visit: MemberPosting, code: str) -> Response:
    _clerks_only(visit)
    posted = visit.posted
    fields = ("name", "representative", "address", "phone", "reason")
    try:
        on = read_needed_day(posted.text("effective_on"), "effective_on", "变更日期")
        with visit.office.database.session() as session:
            parties.correct(
                visit.office,
                session,
                acting(visit),
                code,
                **{name: posted.text(f"new_{name}") for name in fields},
                dissolved_on=read_day(posted.text("dissolved_on"), "dissolved_on", "注销登记日期"),
                effective_on=on,
                paper=_proof(visit, session, code),
            )
    except NotFound:
        raise
    except Problem as problem:
        return _party(visit, code, problem)
    return go(f"/counter/parties/{normalise(code)}", "corrected")


@router.get("/counter/parties/{code}/papers/{paper}")
def read_proof(visit: Member, code: str, paper: RowId) -> Response:
    _clerks_only(visit)
    with visit.office.database.session() as session:
        return download(party_papers.paper(visit.office, session, acting(visit), code, paper))


def _proof(visit: Visit, session: Session, code: str) -> int | None:
    """The scan that came with the form, kept; None if there came none."""
    scan, kind = visit.posted.files.get("paper"), visit.posted.text("kind")
    if scan is None:
        return None
    who = acting(visit)
    return party_papers.keep(visit.office, session, who, code, kind, scan.name, scan.content)


def _keep(visit: Visit, session: Session, mandate: int) -> None:
    scan = visit.posted.files.get("paper")
    if scan is None:
        raise bad_field("paper", "授权委托书", "请先选择扫描件")
    mandate_papers.keep(visit.office, session, acting(visit), mandate, scan.name, scan.content)


@router.post("/counter/parties/{code}/succession")
def succession(visit: MemberPosting, code: str) -> Response:
    """Take in that the party bore another code before."""
    _clerks_only(visit)
    posted = visit.posted
    names = ("old_code", "ground", "changed_on", "paper")
    try:
        opened = visit.office.open_case(
            CODE_CHANGE.key,
            {name: posted.text(name) for name in names},
            acting(visit),
            party=code,
            key=posted.text("_key") or None,
        )
    except (BadInput, NotAllowed) as problem:
        return _party(visit, code, problem)
    return go(f"/cases/{opened.number}/done/{opened.seq}")


def _clerks_only(visit: Visit) -> None:
    if Role.WINDOW_CLERK not in visit.roles:
        raise NotAllowed("窗口登记由窗口人员办理")


def _counter(
    visit: Visit, wanted: str, found: tuple[PartyView, ...], problem: Problem | None = None
) -> Response:
    return visit.page(
        "counter.html",
        status=problem.status if problem else 200,
        wanted=wanted,
        found=found,
        problem=problem,
        code_kinds=[("uscc", "营业执照（统一社会信用代码）"), *ID_KINDS.items()],
    )


def _party(visit: Visit, code: str, problem: Problem | None = None) -> Response:
    """The page of a party at the counter, with what is wrong beside it. Raises NotFound."""
    with visit.office.database.session() as session:
        party = session.scalar(select(Party).where(Party.code == normalise(code)))
        if party is None:
            raise NotFound("没有这个当事人，请先登记")
        corrections = parties.corrections_of(visit.office, session, acting(visit), code)
        acting_for = mandates.mandates_of(visit.office, session, acting(visit), code)
        processes = visit.office.versions.known(session, visit.today)
        licences = session.scalars(
            select(Case)
            .where(
                Case.party_id == party.id,
                Case.process == "licence",
                Case.state.in_(HELD),
                visible(reader_of(visit.office, session, acting(visit))),
            )
            .order_by(Case.id)
        ).all()
        days = party_days(visit.office, session, licences)
        at = {licence.place_id: licence for licence in licences}
        places = session.scalars(select(Place).where(Place.id.in_(at)).order_by(Place.id))
        walls = [(place.code, at[place.id].data["application"]["place_name"]) for place in places]
        today = visit.today
        former = former_codes(session, line_of(party.id, today), today)
        current = session.get_one(Party, current_of(session, party.id, today)).code
    offered = [process for process in processes if Role.APPLICANT in process.opened_by]
    return visit.page(
        "counter_party.html",
        status=problem.status if problem else 200,
        party=party,
        acting_for=acting_for,
        corrections=corrections,
        offered=offered,
        licences=[
            (licence.number, licence.data["application"], first(days[licence.id]))
            for licence in licences
        ],
        walls=walls,
        id_kinds=ID_KINDS,
        capacities=CAPACITIES,
        grounds=[ground.value for ground in Ground],
        former=former,
        current=current,
        new_key=lambda: uuid4().hex,
        scopes=SCOPES,
        paper_kinds=party_papers.KINDS,
        problem=problem,
    )
