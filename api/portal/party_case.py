"""A case as its party reads it (我的办件): what was, what is and what comes, and what it may do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from uuid import uuid4

from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.cases import prefilling
from api.html.site import Visit, acting
from api.portal import plain
from casework import reading
from casework.common.problems import Problem
from casework.documents import chosen_files
from casework.documents.chosen_files import ChosenView
from casework.grading.place_grading.graded import PlaceGrade
from casework.grading.place_grading.reading import grade_beside
from casework.models import Case
from casework.parts.promise.reading import SETTLING
from casework.reading import CaseView, LogLine, StepView
from casework.reading.case import MaterialView
from state_machines.language.vocabulary import Process, Role
from state_machines.parts.intake.forms import SUBMIT
from state_machines.parts.promise.forms import COMMIT, INFORM, STUDY

# The steps with which papers are handed in, and those that make the promise, on a page of its own.
_HANDS_IN = (SUBMIT, "supply", "hand_in")
PROMISES = (STUDY, COMMIT)
_ISSUED = "出具"


@dataclass(frozen=True)
class Past:
    """Something that happened: on which day, by whom, and which letters came of it."""

    on: date
    whose: str
    what: str


@dataclass(frozen=True)
class Coming:
    """Something that comes; `mine`: it is the party's to do."""

    label: str
    mine: bool


@dataclass(frozen=True)
class Papers:
    """What is to be handed in: the items of the list, what was chosen for them, and the step with
    which it is handed in, if it is not handed in at once."""

    items: tuple[MaterialView, ...]
    chosen: tuple[ChosenView, ...]
    step: StepView | None
    open: bool

    def chosen_for(self, material: str) -> list[ChosenView]:
        """The chosen files for an item; those of which nobody said for what they are, for ""."""
        return [file for file in self.chosen if file.material == material]

    @property
    def missing(self) -> list[str]:
        """The items that are needed and for which there is no file yet."""
        return [
            item.label
            for item in self.items
            if (item.required or item.asked) and not item.files and not self.chosen_for(item.key)
        ]


def show(visit: Visit, number: str, wrong: Sequence[tuple[str, Problem]] = ()) -> Response:
    """The page of a case for its party; `wrong` are files that could not be kept, and why."""
    office, actor = visit.office, acting(visit)
    with visit.session() as session:
        case = reading.case_view(office, session, actor, number)
        process = office.versions.by_digest(session, case.declaration)
        steps = reading.steps_view(office, session, actor, number)
        log = reading.log_view(office, session, actor, number)
        labels = prefilling.for_reading(visit, session, case)
        may_choose = chosen_files.may_choose(office, session, actor, number)
        chosen = chosen_files.chosen_of(session, case.number) if may_choose else ()
        grade = _grade(visit, session, case) if case.is_licence else None
    mine = [step for step in steps if step.for_me]
    papers = papers_of(case, mine, chosen, may_choose=may_choose)
    apart = {step.name for step in mine if step.name in PROMISES}
    apart |= {papers.step.name} if papers.step else set()
    to_promise = any(step.allowed for step in mine if step.name in PROMISES) and _informed(log)
    others = [step for step in mine if step.name not in apart]
    return visit.page(
        "my_case.html",
        status=max((problem.status for _, problem in wrong), default=200),
        case=case,
        told=plain.told(case),
        said={line.number: plain.sentence(line, visit.today) for line in case.related},
        papers=papers,
        to_promise=to_promise,
        tasks=[step for step in others if step.allowed and not step.optional],
        rights=[step for step in others if step.allowed and step.optional],
        blocked=[step for step in others if not step.allowed],
        on_paper=sum(bool(line.backfill) for line in log),
        past=list(_past(case, log)),
        ahead=_ahead(process, case) if Role.APPLICANT in process.opened_by else [],
        labels=labels,
        grade=grade,
        wrong=wrong,
        new_key=lambda: uuid4().hex,
    )


def _grade(visit: Visit, session: Session, case: CaseView) -> PlaceGrade | None:
    row = session.scalars(select(Case).where(Case.number == case.number)).one()
    return grade_beside(visit.office, session, row)


def papers_of(
    case: CaseView,
    mine: Sequence[StepView],
    chosen: tuple[ChosenView, ...],
    *,
    may_choose: bool = True,
) -> Papers:
    """What the party hands in for a case as it stands, and whether its reader `may_choose` it."""
    step = next((one for one in mine if one.name in _HANDS_IN and one.input is None), None)
    items = tuple(
        item
        for item in case.materials
        if item.told or item.asked or item.files or any(c.material == item.key for c in chosen)
    )
    is_open = may_choose and any(item.kept_now for item in items)
    return Papers(items, chosen, step if is_open else None, is_open)


def _informed(log: Sequence[LogLine]) -> bool:
    """Whether the party was told of the conditions, and has not answered yet."""
    return next((line.name for line in reversed(log) if line.name in SETTLING), "") == INFORM


def _past(case: CaseView, log: Sequence[LogLine]) -> Iterator[Past]:
    """What the party did, and what was handed to it; what the office does among itself is none of
    it."""
    for (kind, role), group in groupby(log, key=lambda line: (line.kind, line.role)):
        lines = list(group)
        if kind == "handed_in":
            own = role == Role.APPLICANT.label
            # What an officer put on file is told of if the party may see it.
            if many := sum(own or bool(line.caused) for line in lines):
                what = f"交了 {many} 份材料" if own else f"收下 {many} 份材料"
                at_window = role == Role.WINDOW_CLERK.label
                whose = "您" if own else "窗口" if at_window else case.authority
                yield Past(lines[-1].effective_on, whose, what)
            continue
        for line in lines:
            own = line.role == Role.APPLICANT.label
            letters = [one.removeprefix(_ISSUED) for one in line.caused if one.startswith(_ISSUED)]
            if kind == "open":
                what = "填写了申请" if own else "开始办理"
            elif kind == "step" and (own or letters):
                what = line.label
            else:
                continue
            letters_too = f"，出具{'、'.join(letters)}" if letters else ""
            whose = "您" if own else case.authority
            yield Past(line.effective_on, whose, f"{what}{letters_too}")


def _ahead(process: Process, case: CaseView) -> list[Coming]:
    """The way that an application takes from here if nothing comes between."""
    state, found, seen = case.state, list[Coming](), {case.state}
    while not process.state(state).end:
        step = next(
            (
                one
                for one in process.steps
                if one.awaited_in(state)
                and one.moves[state] not in seen
                and not all(role.automatic for role in one.roles_in(state))
            ),
            None,
        )
        if step is None:
            break
        found.append(Coming(step.label, Role.APPLICANT in step.roles_in(state)))
        state = step.moves[state]
        seen.add(state)
    return found
