"""Grades of places (卫生信誉度等级) as anybody may read them: of one licence, a party, a town."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from casework.access.finding import MANY, Words, is_among, words_of
from casework.common.database import by_index
from casework.common.timekeeping import legal_date
from casework.grading.place_grading.graded import DECIDED, PlaceGrade, grades_of
from casework.kernel.office import Office
from casework.models import Case, CaseSearch
from rulebook.models import GradingTable
from state_machines.grading.place_grading.process import PLACE_GRADING
from state_machines.licensing.licence.process import LICENCE, STANDING

MOST = 100


@dataclass(frozen=True)
class Grades:
    """Published grades (等级公示), the latest decided first, and the table they come from."""

    table: GradingTable
    found: tuple[PlaceGrade, ...]


def grade_beside(office: Office, session: Session, licence: Case) -> PlaceGrade | None:
    """The grade of the place of a licence; none if it was never graded, or the licence does not
    stand any more."""
    if licence.process != LICENCE.key or licence.state not in STANDING:
        return None
    return grades_of(session, office.rules.current(session), [licence]).get(licence.id)


def grades_held(
    office: Office, session: Session, parties: Select[tuple[int]]
) -> tuple[PlaceGrade, ...]:
    """The grades of all places that these parties hold a licence for."""
    return _grades_of(office, session, _licences().where(Case.party_id.in_(parties)))


def published_grades(office: Office, session: Session, wanted: str = "") -> Grades:
    """The grades that are public, of places whose name or address holds the text; of more than
    `MOST` the latest."""
    rules = office.rules.current(session)
    table, _ = rules.grading_table(legal_date(office.time.now()), "")
    by_index(session)
    gradings = select(Case.family_id).where(
        Case.process == PLACE_GRADING.key, Case.state.in_(DECIDED)
    )
    if wanted.strip():
        gradings = _narrowed(session, gradings, words_of(session, wanted))
    # Of each place the latest grading counts, and it is met first.
    rows = session.execute(
        gradings.order_by(Case.ended_at.desc(), Case.id.desc()).execution_options(yield_per=MOST)
    )
    found: dict[int, PlaceGrade] = {}
    for families in rows.scalars().partitions(MOST):
        licences = session.scalars(_licences().where(Case.family_id.in_(families))).all()
        found |= grades_of(session, rules, licences)
        if len(found) >= MOST:
            break
    return Grades(table, _latest_first(found.values())[:MOST])


def _narrowed(
    session: Session, gradings: Select[tuple[int | None]], words: Words
) -> Select[tuple[int | None]]:
    """Those of places whose name or address holds the words. Whose places they are does not count:
    a person's name is no way to learn of it."""
    place = Case.data["application"]
    lines = (func.search_text(place[name].as_string()) for name in ("place_name", "address"))
    gradings = gradings.where(words.held_in(func.concat_ws("\n", *lines)))
    some = gradings.join(CaseSearch, CaseSearch.case_id == Case.id).where(
        words.indexed_in(CaseSearch.said)
    )
    ids = session.scalars(some.with_only_columns(Case.id).limit(MANY + 1)).all()
    # Of a word that is in more of them some are met at once.
    return gradings if len(ids) > MANY else gradings.where(is_among(Case.id, ids))


def _licences() -> Select[tuple[Case]]:
    """The query for the licences that hold; whoever asks narrows it."""
    return select(Case).where(Case.process == LICENCE.key, Case.state.in_(STANDING))


def _grades_of(
    office: Office, session: Session, licences: Select[tuple[Case]]
) -> tuple[PlaceGrade, ...]:
    """The grades of the places that these licences are for, the latest first."""
    rows = session.scalars(licences).all()
    return _latest_first(grades_of(session, office.rules.current(session), rows).values())


def _latest_first(grades: Iterable[PlaceGrade]) -> tuple[PlaceGrade, ...]:
    return tuple(sorted(grades, key=lambda grade: (grade.decided_on, grade.licence), reverse=True))
