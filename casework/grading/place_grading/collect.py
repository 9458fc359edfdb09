"""Grading of places (量化分级): the sheet, and what it comes to."""

from __future__ import annotations

from sqlalchemy import select

from casework.acts.act import Act
from casework.grading.draws.draw_book import latest_round
from casework.grading.place_grading.graded import marks_in, sheet_of
from casework.kernel.facts import FactTable
from casework.models import Account, Person
from state_machines.grading.place_grading.facts import DrawnOfficers, GradeReached, SheetFaults
from state_machines.grading.place_grading.forms import Assignment, Sheet, Task
from state_machines.grading.scoring import faults


def _sheet_faults(act: Act) -> SheetFaults:
    table, _ = act.rules.grading_table(act.day, act.region)
    kind = act.inputs.application(Task).place_kind
    return SheetFaults(faults(table, kind, marks_in(act.filled(Sheet))))


def _grade_reached(act: Act) -> GradeReached:
    sheet = sheet_of(act)
    graded = sheet.graded
    return GradeReached(
        graded.grade.grade if graded.grade else "",
        graded.score,
        graded.vetoes,
        min(grade.least for grade in sheet.table.grades),
        sheet.edition,
    )


def _drawn_officers(act: Act) -> DrawnOfficers:
    task = act.inputs.application(Task)
    number = task.draw
    row = latest_round(act.session, number) if number else None
    if row is None or row.said["object"] != task.licence or "called_off" in row.said:
        return DrawnOfficers(number, False, (), (), "")
    due = set(row.said["officers"])
    named = set(act.filled(Assignment).inspectors)
    names = dict(
        act.session.execute(
            select(Account.username, Person.name)
            .join(Person, Account.person_id == Person.id)
            .where(Account.username.in_(due | named))
        )
        .tuples()
        .all()
    )

    def called(accounts: set[str]) -> tuple[str, ...]:
        return tuple(names.get(account, account) for account in sorted(accounts))

    return DrawnOfficers(number, True, called(named - due), called(due - named), row.hash)


FACTS: FactTable = {
    DrawnOfficers: _drawn_officers,
    GradeReached: _grade_reached,
    SheetFaults: _sheet_faults,
}
