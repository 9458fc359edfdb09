"""Grades of places (卫生信誉度等级) as anybody may read them: of one licence, a party, a town."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from casework.gradings import DECIDED, PlaceGrade, grades_of
from casework.models import Case
from casework.office import Office
from casework.reading.listing import holds
from casework.timekeeping import legal_date
from rulebook.models import GradingTable
from state_machines.licence import LICENCE, STANDING
from state_machines.place_grading import PLACE_GRADING

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
    return _of(office, session, _licences().where(Case.party_id.in_(parties)))


def published_grades(office: Office, session: Session, wanted: str = "") -> Grades:
    """The grades that are public, of places whose name or address holds the text; of more than
    `MOST` the latest."""
    today = legal_date(office.time.now())
    table, _ = office.rules.current(session).grading_table(today, "")
    place = Case.data["application"]
    graded = select(Case.family_id).where(
        Case.process == PLACE_GRADING.key, Case.state.in_(DECIDED)
    )
    asked = _licences().where(Case.family_id.in_(graded))
    if wanted.strip():
        asked = asked.where(
            holds(place["place_name"].as_string(), wanted)
            | holds(place["address"].as_string(), wanted)
        )
    return Grades(table, _of(office, session, asked)[:MOST])


def _licences() -> Select[tuple[Case]]:
    return select(Case).where(Case.process == LICENCE.key, Case.state.in_(STANDING))


def _of(office: Office, session: Session, licences: Select[tuple[Case]]) -> tuple[PlaceGrade, ...]:
    rows = session.scalars(licences).all()
    found = grades_of(session, office.rules.current(session), rows).values()
    return tuple(sorted(found, key=lambda one: (one.decided_on, one.licence), reverse=True))
