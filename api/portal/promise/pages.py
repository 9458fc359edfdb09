"""The promise (告知承诺): notice, questions and statements read and answered on one page.

What is answered is the step `study`, what is stated and signed the step `commit`, as everywhere:
one after the other, and the second only when the first was taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import Response

from api.cases import prefilling
from api.html import filling
from api.html import form_fields as forms
from api.html.letters import Block, blocks
from api.html.site import Member, MemberPosting, Visit, acting, go, whole_number
from api.web.bodies import CaseNumber
from casework import reading
from casework.common.problems import BadInput, NotFound, Problem, StaleVersion, no_such_case
from casework.parts.promise.reading import QuizView, quiz_of
from casework.reading import CaseView, StepView
from casework.reading.case import ReasonView
from state_machines.language.vocabulary import Step
from state_machines.parts.promise.forms import COMMIT, DECLINE, STUDY

router = APIRouter()

_NOTICE = "inform_notice"


@dataclass(frozen=True)
class _Page:
    """What the page of a promise needs. `quiz` is None once it was answered right."""

    case: CaseView
    commit: Step
    guide: forms.Guide
    letter: tuple[Block, ...]
    number: str
    quiz: QuizView | None
    may_decline: bool
    against: tuple[ReasonView, ...]


@router.get("/cases/{number}/promise")
def ask(visit: Member, number: CaseNumber) -> Response:
    page = _page(visit, number)
    if visit.left:
        _, names = forms.read(page.commit.form, visit.posted.values, page.guide)
        again = filling.again(visit, page.commit.form, page.guide, names)
        return _show(visit, page, again)
    return _show(visit, page, filling.begin(visit, page.commit.form, page.guide))


@router.post("/cases/{number}/promise")
def make(visit: MemberPosting, number: CaseNumber) -> Response:
    page = _page(visit, number)
    given, names = forms.read(page.commit.form, visit.posted.values, page.guide)

    def again(problem: Problem, page: _Page) -> Response:
        shown = filling.again(visit, page.commit.form, page.guide, names, problem)
        return _show(visit, page, shown, problem.status)

    key = visit.posted.text("_key")
    try:
        version = page.case.version
        if visit.posted.number("_version", digits=8) != version:
            raise StaleVersion("请核对下面的内容后重新提交")
        if page.quiz:
            version = _answer(visit, page, f"{key}/study" if key else None)
    except Problem as problem:
        marked = _page(visit, number, _chosen(visit))
        return again(problem, marked)
    try:
        visit.office.advance(
            number,
            COMMIT,
            given,
            acting(visit),
            version=version,
            key=f"{key}/commit" if key else None,
        )
    except Problem as problem:
        return again(problem, _page(visit, number))
    return go(f"/cases/{number}", "promised")


def _answer(visit: Visit, page: _Page, key: str | None) -> int:
    """Take the answers; gives the version of the case after it. Raises Problem."""
    answers = [{"question": name, "choice": at} for name, at in _chosen(visit).items()]
    if page.quiz and len(answers) < len(page.quiz.questions):
        raise BadInput("每道题都要选一个答案")
    outcome = visit.office.advance(
        page.case.number,
        STUDY,
        {"answers": answers},
        acting(visit),
        version=page.case.version,
        key=key,
    )
    return outcome.version


def _chosen(visit: Visit) -> dict[str, int]:
    """What was chosen, by question."""
    chosen = ((name, visit.posted.text(name)) for name in visit.posted.values)
    return {
        name.removeprefix("q."): at
        for name, text in chosen
        if name.startswith("q.") and (at := whole_number(text, 1)) is not None
    }


def _page(visit: Visit, number: str, chosen: dict[str, int] | None = None) -> _Page:
    """The promise of a case. Raises NotFound if the case is not the visitor's own, or waits for no
    promise."""
    office, actor = visit.office, acting(visit)
    with visit.session() as session:
        case = reading.case_view(office, session, actor, number)
        steps = {one.name: one for one in reading.steps_view(office, session, actor, number)}
        commit = steps.get(COMMIT)
        if case.as_officer or commit is None or not commit.for_me:
            raise no_such_case(number) if case.as_officer else NotFound("现在不需要签署承诺书")
        row, _ = reading.find(office, session, actor, number)
        letter = next((one for one in reversed(case.documents) if one.key == _NOTICE), None)
        served = (
            reading.document_bytes(office, session, actor, number, letter.id) if letter else None
        )
        unread = any(reason.code == "education_missing" for reason in commit.reasons)
        process = office.versions.by_digest(session, case.declaration)
        return _Page(
            case=case,
            commit=process.step(COMMIT),
            guide=prefilling.for_step(visit, session, case, COMMIT),
            letter=blocks(served.content) if served else (),
            number=letter.number if letter else "",
            quiz=quiz_of(office, session, row, chosen) if unread else None,
            may_decline=_may(steps.get(DECLINE)),
            against=tuple(r for r in commit.reasons if r.code != "education_missing"),
        )


def _may(step: StepView | None) -> bool:
    return step is not None and step.for_me and step.allowed


def _show(visit: Visit, page: _Page, shown: filling.Filling, status: int = 200) -> Response:
    return visit.page(
        "my_promise.html",
        status=status,
        page=page,
        case=page.case,
        form=shown,
        statements=[one for one in shown.fields if one.kind == "confirm"],
        others=[one for one in shown.fields if one.kind != "confirm"],
        decline=DECLINE,
        decline_key=uuid4().hex,
    )
