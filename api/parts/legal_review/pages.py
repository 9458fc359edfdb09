"""The legal reviewer's desk (法制审核): the decision as it will read, the file beside it, and one
answer at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from api.cases import prefilling
from api.cases.done.pages import done_page
from api.html import filling
from api.html import form_drafts as drafts
from api.html import form_fields as forms
from api.html.form_drafts import DraftForm
from api.html.sheets import Sheets, sheets_of
from api.html.site import Member, MemberPosting, Visit, acting, go
from api.web.bodies import CaseNumber
from casework import reading
from casework.access.readers import find
from casework.common.problems import BadInput, NotFound, Problem, bad_field
from casework.documents.draft_papers import draft_paper
from casework.parts.evidence.reading import EvidenceView, evidence_view
from casework.reading import CaseView, StepView
from casework.reading.letters_ahead import letters_ahead
from casework.reading.like_cases import LikeCase, like_cases
from state_machines.parts.evidence.forms import Origin
from state_machines.parts.legal_review.forms import PASS_REVIEW, RETURN_REVIEW, ReviewReturnKind

router = APIRouter()

# The two answers to a draft are given on one page.
OWN_PAGES = dict.fromkeys((PASS_REVIEW, RETURN_REVIEW), "/cases/{number}/review")
_PASSED = "passed"


@dataclass(frozen=True)
class _Desk:
    """What lies before the reviewer. `passing` and `returning` are the two steps."""

    case: CaseView
    passing: StepView
    returning: StepView
    guide: forms.Guide
    draft: reading.DraftView | None
    letters: Sequence[Sheets]
    evidence: tuple[EvidenceView, ...]
    like: tuple[LikeCase, ...]
    asides: tuple[prefilling.Aside, ...]

    @property
    def reasons(self) -> tuple[Any, ...]:
        """Why the reviewer can answer nothing now."""
        return self.returning.reasons


@router.get("/cases/{number}/review")
def ask(visit: Member, number: CaseNumber) -> Response:
    desk = _desk(visit, number)
    schema, guide = desk.passing.input, desk.guide
    drafts.restore(visit, _draft_of(number).page)
    if not (visit.left or visit.draft):
        return _show(visit, desk, filling.begin(visit, schema, guide))
    _, names = forms.read(schema, visit.posted.values, guide)
    return _show(visit, desk, filling.again(visit, schema, guide, names))


@router.post("/cases/{number}/review")
def answer(visit: MemberPosting, number: CaseNumber) -> Response:
    desk = _desk(visit, number)
    given, names = forms.read(desk.passing.input, visit.posted.values, desk.guide)
    try:
        step, filled = _answered(visit, desk, given)
        outcome = visit.office.advance(
            number,
            step.name,
            filled,
            acting(visit),
            version=_version(visit),
            key=visit.posted.text("_key") or None,
        )
    except NotFound:
        raise
    except Problem as problem:
        again = filling.again(visit, desk.passing.input, desk.guide, names, problem)
        return _show(visit, desk, again, problem.status)
    drafts.discard(visit, _draft_of(number).page)
    return go(done_page(outcome))


@router.post("/cases/{number}/review/draft")
def save(visit: MemberPosting, number: CaseNumber) -> Response:
    with visit.office.database.session() as session:
        case, reader = find(visit.office, session, acting(visit), number)
        if not reader.serves(case):
            raise NotFound("本案现在不需要您审核")
        moved_on = visit.posted.text("_version") != str(case.version)
    return drafts.save(visit, _draft_of(number), moved_on=moved_on)


def _draft_of(number: str) -> DraftForm:
    """How the answer is saved while it is filled in."""
    page = f"/cases/{number}/review"
    return DraftForm(page, f"{number} 法制审核", f"{page}/draft")


def _answered(
    visit: Visit, desk: _Desk, given: Mapping[str, Any]
) -> tuple[StepView, Mapping[str, Any]]:
    """The step that the outcome stands for, with its input. Raises BadInput if none was chosen."""
    outcome = visit.posted.text("outcome")
    if outcome == _PASSED:
        return desk.passing, given
    if outcome not in set(ReviewReturnKind):
        raise bad_field("outcome", "审核结论", "请选择审核结论")
    return desk.returning, {**given, "kind": outcome}


def _version(visit: Visit) -> int:
    version = visit.posted.number("_version", digits=8)
    if version is None:
        raise BadInput("页面不完整，请刷新后重新填写")
    return version


def _desk(visit: Visit, number: str) -> _Desk:
    """What the reviewer reads. Raises NotFound where the case waits for no such review, or not for
    one by this visitor."""
    office, actor = visit.office, acting(visit)
    with office.database.session() as session:
        case = reading.case_view(office, session, actor, number)
        steps = {view.name: view for view in reading.steps_view(office, session, actor, number)}
        passing, returning = steps.get(PASS_REVIEW), steps.get(RETURN_REVIEW)
        if passing is None or returning is None or not passing.for_me:
            raise NotFound("本案现在不需要您审核")
        draft = reading.draft_view(office, session, actor, number, passing.name)
        letters = letters_ahead(office, session, actor, number, passing.name)
        rules = office.rules.current(session)
        guide = prefilling.for_step(visit, session, case, passing.name)
        return _Desk(
            case=case,
            passing=passing,
            returning=returning,
            # Whether it passes is said at the end, not before it was read.
            guide=replace(guide, begin={"checklist": guide.begin["checklist"]}),
            draft=draft,
            letters=sheets_of(draft_paper(rules, letter) for letter in letters),
            evidence=evidence_view(office, session, actor, number) if case.keeps_evidence else (),
            like=like_cases(office, session, actor, number, _violation(case)),
            asides=prefilling.asides(visit, session, case),
        )


def _violation(case: CaseView) -> str:
    """The violation that the latest draft names, by its code."""
    named = (said.get("violation", "") for said in reversed(list(case.data.values())))
    return next((code for code in named if code), "")


def _show(visit: Visit, desk: _Desk, shown: filling.Filling, status: int = 200) -> Response:
    return visit.page(
        "review.html",
        status=status,
        desk=desk,
        case=desk.case,
        form=shown,
        draft=_draft_of(desk.case.number),
        outcomes=[kind.value for kind in ReviewReturnKind],
        device=Origin.DEVICE,
    )
