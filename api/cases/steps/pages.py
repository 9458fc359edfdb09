"""Taking a step (办理): its form, the question before what cannot be taken back, and the second
signature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from api.cases import prefilling
from api.cases.done.pages import done_before, done_page, where_next
from api.html import asking, filling
from api.html import form_drafts as drafts
from api.html import form_fields as forms
from api.html.dates import read_needed_day
from api.html.form_drafts import DraftForm
from api.html.letters import Block, blocks
from api.html.sheets import sheets_of
from api.html.site import Member, MemberPosting, Visit, acting, go
from api.web.bodies import CaseNumber
from casework import reading
from casework.acts.backfilling import OnPaper
from casework.backfill.reading import PaperForm, paper_form
from casework.common.problems import (
    BadInput,
    KeyReused,
    NotFound,
    Problem,
    StaleVersion,
    bad_field,
)
from casework.common.timekeeping import ZONE, legal_date
from casework.documents.draft_papers import DraftPaper
from casework.people.mandates import MandateView, mandates_of
from casework.reading import CaseView
from casework.reading.filled import entries
from casework.reading.outlook import Outlook, outlook
from casework.reading.preview.step_preview import papers_ahead
from state_machines.language.topics import modules_named
from state_machines.language.vocabulary import Issue, Process, Step
from state_machines.licences import LICENCES

router = APIRouter()

# The letter that a step answers is shown above its form, as it was served.
_ANSWERS = {
    "commit": "inform_notice",
    "decline": "inform_notice",
    "supply": "supplement_notice",
    "state_defence": "revocation_notice",
}


@dataclass(frozen=True)
class StepPage:
    """A step of a case, with what its page needs."""

    case: CaseView
    step: Step
    guide: forms.Guide
    labels: dict[str, dict[str, str]]
    view: reading.StepView | None
    letter: tuple[Block, ...]
    present: tuple[MandateView, ...]
    draft: reading.DraftView | None
    asides: tuple[prefilling.Aside, ...]
    on_paper: PaperForm | None
    in_time: bool  # whether it is entered as taken before a limit ran out
    just_done: reading.DoneView | None  # what led here

    @property
    def asks(self) -> bool:
        """Whether the step is asked about before it is taken. With two officers the second one is,
        who reads what the first has entered."""
        return bool(self.view and self.view.irrevocable) and not self.step.two_officers

    @property
    def as_party(self) -> bool:
        """Whether it is the party itself that takes it."""
        return not self.case.as_officer

    @property
    def for_party(self) -> bool:
        """Whether the party takes it, itself or by a clerk whom it stands before."""
        return self.as_party or bool(self.view and self.view.at_counter)

    @property
    def issues(self) -> bool:
        """Whether it issues documents, which can be read ahead."""
        return any(isinstance(effect, Issue) for effect in self.step.effects)

    @property
    def previewed(self) -> bool:
        """Whether it is taken at once, and its documents are read before only if that is wished."""
        return self.issues and not self.asks and not self.step.two_officers

    @property
    def licences(self) -> tuple[reading.CaseLine, ...]:
        """The licences whose holder is to be told of them when their certificates are handed
        over."""
        hands_over = any(
            isinstance(effect, Issue) and effect.document.endswith("service_receipt")
            for effect in self.step.effects
        )
        related = self.case.related if hands_over else ()
        return tuple(
            case_line
            for case_line in related
            if case_line.process in LICENCES and case_line.next_day
        )

    @property
    def reasons(self) -> tuple[Any, ...]:
        """Why it cannot be taken now, as far as known before it is filled in."""
        return self.view.reasons if self.view else ()


@router.get("/cases/{number}/steps/{step}")
def ask(visit: Member, number: CaseNumber, step: str) -> Response:
    page = step_page(visit, number, step)
    pending = next((p for p in page.case.pending if p.step == step), None)
    if pending:
        follows = None if pending.mine or page.reasons else _signed_outlook(visit, page)
        return visit.page("sign.html", page=page, pending=pending, outlook=follows, key=uuid4().hex)
    if page.view is None or page.reasons:
        return visit.page("refused.html", status=409, page=page)
    if page.view.for_me and (own := _own_pages().get(step)):
        return go(own.format(number=number))
    drafts.restore(visit, draft_of(page.case.number, page.step).page)
    if not (visit.left or visit.draft):
        return _show(visit, page, filling.begin(visit, page.step.form, page.guide))
    if visit.posted.text("_version") not in ("", str(page.case.version)):
        return _moved_on(visit, page, 200)
    _, names = forms.read(page.step.form, visit.posted.values, page.guide)
    return _show(visit, page, filling.again(visit, page.step.form, page.guide, names))


@router.post("/cases/{number}/steps/{step}")
def take(visit: MemberPosting, number: CaseNumber, step: str) -> Response:
    page = step_page(visit, number, step)
    posted, schema = visit.posted, page.step.form
    given, names = forms.read(schema, posted.values, page.guide)
    if posted.text(forms.MORE) or posted.text(asking.AGAIN):
        return _show(visit, page, filling.again(visit, schema, page.guide, names))
    office, actor, version = visit.office, acting(visit), _version(visit)
    try:
        on = filling.legal_instant(posted, visit.today)
        mandate, backfill = mandate_of(visit, page), on_paper(visit, page)
        if backfill:
            on = day_of_paper(visit)
        if _to_be_shown_first(visit, page):
            foreseen = office.foresee(
                number,
                step,
                given,
                actor,
                version=version,
                mandate=mandate,
                effective_at=on,
                backfill=backfill,
            )
            with office.database.session() as session:
                follows = outlook(office, session, number, page.step, foreseen)
                papers = papers_ahead(office, session, foreseen)
            return _show_first(visit, page, given, on, follows, papers)
        key = posted.text("_key") or None
        outcome = office.advance(
            number,
            step,
            given,
            actor,
            version=version,
            mandate=mandate,
            effective_at=on,
            backfill=backfill,
            key=key,
        )
    except NotFound:
        raise
    except (StaleVersion, KeyReused) as problem:
        return _moved_on(visit, page, problem.status)
    except Problem as problem:
        shown = filling.again(visit, schema, page.guide, names, problem)
        return _show(visit, page, shown, problem.status)
    drafts.discard(visit, draft_of(number, page.step).page)
    if outcome.awaits_signature:
        return go(f"/cases/{number}", "backfill_entered" if backfill else "waiting")
    if outcome.awaits_arrival:
        return go(f"/cases/{number}", "awaits_arrival")
    return go(where_next(visit, outcome))


@router.post("/cases/{number}/steps/{step}/draft")
def save_draft(visit: MemberPosting, number: CaseNumber, step: str) -> Response:
    office = visit.office
    with office.database.session() as session:
        case, _ = reading.find(office, session, acting(visit), number)
        declared = _declared(office.versions.by_digest(session, case.version_digest), step)
        moved_on = str(case.version) != visit.posted.text("_version")
    return drafts.save(visit, draft_of(case.number, declared), moved_on=moved_on)


@router.post("/cases/{number}/steps/{step}/signature")
def sign(visit: MemberPosting, number: CaseNumber, step: str) -> Response:
    signed = visit.office.sign(
        number,
        step,
        acting(visit),
        version=_version(visit),
        key=visit.posted.text("_key") or None,
    )
    return go(done_page(signed))


@router.post("/cases/{number}/steps/{step}/signature/return")
def return_signature(visit: MemberPosting, number: CaseNumber, step: str) -> Response:
    returned = visit.office.return_signature(
        number,
        step,
        visit.posted.text("reason"),
        acting(visit),
        version=_version(visit),
        key=visit.posted.text("_key") or None,
    )
    return go(done_page(returned))


def _declared(process: Process, name: str) -> Step:
    """The step of that name. Raises NotFound if the process does not have it."""
    try:
        return process.step(name)
    except KeyError:
        raise NotFound(f"{process.label}没有这个步骤") from None


def draft_of(number: str, step: Step) -> DraftForm:
    """How the form of a step is saved while it is filled in."""
    page = f"/cases/{number}/steps/{step.name}"
    return DraftForm(page, f"{number} {step.label}", f"{page}/draft")


@cache
def _own_pages() -> Mapping[str, str]:
    """The pages that topics have for steps, by the step, instead of a form of its own."""
    topics = modules_named("pages", "api")
    return {step: at for topic in topics for step, at in getattr(topic, "OWN_PAGES", {}).items()}


def step_page(visit: Visit, number: str, name: str) -> StepPage:
    """A step of a case with what its page needs. Raises NotFound for a case that is not the
    visitor's to see, or a step that its process does not have."""
    office, actor = visit.office, acting(visit)
    with visit.session() as session:
        case = reading.case_view(office, session, actor, number)
        process = office.versions.by_digest(session, case.declaration)
        step = _declared(process, name)
        steps = reading.steps_view(office, session, actor, number)
        letter = next((d for d in reversed(case.documents) if d.key == _ANSWERS.get(name)), None)
        view = next((one for one in steps if one.name == name), None)
        met = () if view else reading.in_time_view(office, session, actor, number)
        view = next((one for one in met if one.name == name), view)
        served = (
            blocks(reading.document_bytes(office, session, actor, number, letter.id).content)
            if letter
            else ()
        )
        return StepPage(
            case=case,
            step=step,
            guide=prefilling.for_step(visit, session, case, name),
            labels=prefilling.for_reading(visit, session, case),
            view=view,
            letter=served,
            present=_present(visit, session, case, view),
            draft=reading.draft_view(office, session, actor, number, name),
            asides=prefilling.asides(visit, session, case),
            on_paper=paper_form(office, session, actor, number, step),
            in_time=bool(met) and view is not None,
            just_done=done_before(visit, session, number),
        )


def on_paper(visit: Visit, page: StepPage) -> OnPaper | None:
    """Under what it is entered afterwards, if that was chosen. Raises BadInput if it cannot be."""
    chosen, posted = visit.posted.text("_backfill"), visit.posted
    if page.on_paper is None or not chosen:
        return None
    keys = {str(choice.id): choice.id for choice in page.on_paper.choices}
    papers = {str(key): key for key, _ in page.on_paper.papers}
    if chosen not in keys:
        raise bad_field("_backfill", "专项补录", "请从列表中选择")
    numbers = {key: posted.text(f"_number.{key}") for key in page.on_paper.letters}
    return OnPaper(
        keys[chosen],
        papers.get(posted.text("_paper")),
        {key: text for key, text in numbers.items() if text},
    )


def day_of_paper(visit: Visit) -> date | datetime:
    """The day on the paper, with the hour if one was given. Raises BadInput."""
    day = read_needed_day(visit.posted.text("_paper_on"), "_paper_on", "纸质文书上的日期")
    hour = visit.posted.text("_paper_at")
    if not hour:
        return day
    try:
        return datetime.combine(day, time.fromisoformat(hour).replace(tzinfo=None), ZONE)
    except ValueError:
        raise bad_field("_paper_at", "时刻", "应为时、分，如 14:30") from None


def _present(
    visit: Visit, session: Session, case: reading.CaseView, view: reading.StepView | None
) -> tuple[MandateView, ...]:
    """Who may be present for the party when a clerk takes its step."""
    if view is None or not view.at_counter:
        return ()
    mandates = mandates_of(visit.office, session, acting(visit), case.party.code)
    return tuple(mandate for mandate in mandates if mandate.holds)


def _show(visit: Visit, page: StepPage, shown: filling.Filling, status: int = 200) -> Response:
    draft = draft_of(page.case.number, page.step) if page.step.form else None
    return visit.page("step.html", status=status, page=page, form=shown, draft=draft)


def _to_be_shown_first(visit: Visit, page: StepPage) -> bool:
    asked = page.asks or (page.previewed and bool(visit.posted.text("_preview")))
    return asked and not asking.answered(visit)


def _show_first(
    visit: Visit,
    page: StepPage,
    given: dict[str, Any],
    on: date | datetime | None,
    follows: Outlook,
    papers: tuple[DraftPaper, ...],
) -> Response:
    """What the step would do, before it is taken: the input, the documents it issues, the limits
    that begin and end."""
    return visit.page(
        "confirm.html",
        page=page,
        told=entries(page.step.form, given),
        on=legal_date(on) if isinstance(on, datetime) else on,
        outlook=follows,
        papers=sheets_of(papers),
        kept=asking.carried(visit),
    )


def _signed_outlook(visit: Visit, page: StepPage) -> Outlook | None:
    """What the second signature would do; nothing if it could not be given now."""
    office, number = visit.office, page.case.number
    try:
        foreseen = office.foresee_signature(
            number, page.step.name, acting(visit), version=page.case.version
        )
    except Problem:
        return None  # whoever signs is told why
    with office.database.session() as session:
        return outlook(office, session, number, page.step, foreseen)


def _moved_on(visit: Visit, page: StepPage, status: int) -> Response:
    """What happened since the form was opened; what was typed is kept."""
    with visit.office.database.session() as session:
        log = reading.log_view(visit.office, session, acting(visit), page.case.number)
    known = _version(visit)
    since = [line for line in log if line.kind == "step" and line.version > known]
    return visit.page(
        "stale.html", status=status, page=page, since=since, kept=asking.carried(visit)
    )


def mandate_of(visit: Visit, page: StepPage) -> int | None:
    """Who of the party is present at the counter. Raises BadInput if nobody was chosen."""
    if not page.present:
        return None
    chosen = visit.posted.text("_mandate")
    if chosen not in {str(mandate.id) for mandate in page.present}:
        text = "请选择到场的代表人或者代理人"
        raise BadInput(text, [{"field": "_mandate", "label": "到场人员", "text": text}])
    return int(chosen)


def _version(visit: Visit) -> int:
    """The version of the case that the page showed. Raises BadInput if the page does not say."""
    version = visit.posted.number("_version", digits=8)
    if version is None:
        raise BadInput("页面不完整，请刷新后重新填写")
    return version
