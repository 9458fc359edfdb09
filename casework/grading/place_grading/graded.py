"""Grades of places (卫生信誉度等级) as they stand, read from the gradings that were decided.

Each is calculated by the table in force on the day of its sheet. A grade holds until the next one
is decided, and for as long as the licence it hangs beside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs
from casework.models import Authority, Case, LogRow
from casework.parts.credit_file import months_after
from casework.rules.rule_cache import Rules
from rulebook.models import GradingTable
from state_machines.grading.place_grading import forms
from state_machines.grading.place_grading.forms import AWARD, LEAVE_UNRATED, SCORE
from state_machines.grading.place_grading.process import PLACE_GRADING
from state_machines.grading.scoring import Graded, Line, Mark, grade

DECIDED = ("graded", "not_rated")
_DECIDING = (SCORE, AWARD, LEAVE_UNRATED)


@dataclass(frozen=True)
class Sheet:
    """A sheet calculated by its table, and the digest of the table's edition."""

    table: GradingTable
    edition: str
    graded: Graded


@dataclass(frozen=True)
class PlaceGrade:
    """How a place is graded: `grade` is `""` if it has none, and then `vetoes` names the vital
    items not met, if that is why. `visit_by` is the day by which it is looked at again."""

    case: str
    licence: str
    place_name: str
    address: str
    grade: str
    label: str
    score: int
    got: int
    most: int
    lines: tuple[Line, ...]
    vetoes: tuple[str, ...]
    table: str
    scored_on: date
    decided_on: date
    visit_by: date
    authority: str


def marks_in(sheet: forms.Sheet) -> list[Mark]:
    """The marks of a sheet as it was filled in."""
    return [Mark(mark.item, mark.points, mark.finding) for mark in sheet.marks]


def sheet_of(act: Act) -> Sheet:
    """The latest sheet of the case, calculated by the table of its day."""
    table, edition = act.rules.grading_table(act.dates[SCORE], act.region)
    kind = act.inputs.application(forms.Task).place_kind
    return Sheet(table, edition, grade(table, kind, marks_in(act.inputs.needed(SCORE))))


class LinePart(TypedDict):
    """A line of the sheet."""

    n: int
    text: str
    most: int
    points: int | str
    finding: str
    law: str


class SectionPart(TypedDict):
    """A section of the sheet."""

    label: str
    lines: list[LinePart]


class GradingPart(TypedDict):
    """The sheet as it came out."""

    table: str
    law: str
    parts: list[SectionPart]
    score: int
    got: int
    most: int
    grade: str
    label: str
    vetoes: list[str]
    least: int
    scored_on: str
    visit_by: str


def printed(act: Act) -> GradingPart:
    """What documents print of the latest sheet."""
    sheet = sheet_of(act)
    graded, reached = sheet.graded, sheet.graded.grade
    return {
        "table": sheet.table.label,
        "law": sheet.table.law,
        "parts": [
            {"label": label, "lines": [_line(n, one) for n, one in lines]}
            for label, lines in groupby(enumerate(graded.lines, 1), lambda one: one[1].part)
        ],
        "score": graded.score,
        "got": graded.got,
        "most": graded.most,
        "grade": reached.grade if reached else "",
        "label": reached.label if reached else "",
        "vetoes": list(graded.vetoes),
        "least": min(grading_grade.least for grading_grade in sheet.table.grades),
        "scored_on": act.dates[SCORE].isoformat(),
        "visit_by": _visit_by(
            act.rules, act.dates[SCORE], reached.grade if reached else "", act.region
        ).isoformat(),
    }


def grades_of(session: Session, rules: Rules, licences: Iterable[Case]) -> dict[int, PlaceGrade]:
    """The grade that holds for each of these licences, by the case's id; those never graded are
    not there."""
    of_family = {licence.family_id or licence.id: licence for licence in licences}
    rows = session.execute(
        select(Case, Authority)
        .join(Authority, Case.authority_id == Authority.id)
        .where(
            Case.family_id.in_(of_family),
            Case.process == PLACE_GRADING.key,
            Case.state.in_(DECIDED),
        )
        .distinct(Case.family_id)
        .order_by(Case.family_id, Case.ended_at.desc(), Case.id.desc())
    ).all()
    days = _days(session, [case.id for case, _ in rows])
    return {
        of_family[case.family_id or case.id].id: _held(rules, case, authority, days[case.id])
        for case, authority in rows
    }


def _held(rules: Rules, case: Case, authority: Authority, days: Mapping[str, date]) -> PlaceGrade:
    """The grade that a decided grading gave its place, by the table of the day of its sheet."""
    inputs = Inputs(case.data)
    task, on = inputs.application(forms.Task), days[SCORE]
    table, _ = rules.grading_table(on, authority.region)
    graded = grade(table, task.place_kind, marks_in(inputs.needed(SCORE)))
    letter = graded.grade.grade if graded.grade else ""
    return PlaceGrade(
        case=case.number,
        licence=task.licence,
        place_name=task.place_name,
        address=task.address,
        grade=letter,
        label=graded.grade.label if graded.grade else "不予评级",
        score=graded.score,
        got=graded.got,
        most=graded.most,
        lines=graded.lines,
        vetoes=graded.vetoes,
        table=table.label,
        scored_on=on,
        decided_on=days[AWARD if letter else LEAVE_UNRATED],
        visit_by=_visit_by(rules, on, letter, authority.region),
        authority=authority.name,
    )


def _visit_by(rules: Rules, scored_on: date, letter: str, region: str) -> date:
    months = rules.value("grading.visit_months", scored_on, region)
    return months_after(scored_on, months[letter or "none"])


def _days(session: Session, cases: list[int]) -> dict[int, dict[str, date]]:
    """The legal date of the latest of each step that matters, by case."""
    found: dict[int, dict[str, date]] = {}
    for case_id, header in session.execute(
        select(LogRow.case_id, LogRow.header)
        .where(LogRow.case_id.in_(cases), LogRow.header["name"].as_string().in_(_DECIDING))
        .order_by(LogRow.case_id, LogRow.seq)
    ):
        if header["kind"] == "step":
            day = legal_date(datetime.fromisoformat(header["effective_at"]))
            found.setdefault(case_id, {})[header["name"]] = day
    return found


def _line(n: int, line: Line) -> LinePart:
    return {
        "n": n,
        "text": f"※{line.text}" if line.vital else line.text,
        "most": line.most,
        "points": "缺项" if line.points is None else line.points,
        "finding": line.finding or ("不适用" if line.points is None else "符合"),
        "law": line.law,
    }
