"""Grading of places (量化分级): the sheet, and what it comes to."""

from __future__ import annotations

from casework.act import Act
from casework.facts.gathering import Gatherers
from casework.gradings import marks_in, sheet_of
from state_machines.facts.gradings import GradeReached, SheetFaults
from state_machines.grading import faults


def _sheet_faults(act: Act) -> SheetFaults:
    table, _ = act.rules.grading_table(act.day, act.region)
    kind = act.data["application"]["place_kind"]
    return SheetFaults(faults(table, kind, marks_in(act.input)))


def _grade_reached(act: Act) -> GradeReached:
    sheet = sheet_of(act)
    graded = sheet.graded
    return GradeReached(
        graded.grade.grade if graded.grade else "",
        graded.score,
        graded.vetoes,
        min(one.least for one in sheet.table.grades),
        sheet.edition,
    )


GATHERERS: Gatherers = {GradeReached: _grade_reached, SheetFaults: _sheet_faults}
