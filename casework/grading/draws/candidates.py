"""Who may be drawn (双随机名录库): the licensed places with their weights, and the officers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import Row, exists, func, select
from sqlalchemy.orm import Session, aliased

from casework.acts.actors import conflict_of_interest, in_force
from casework.acts.successions import currents_of, lines_of
from casework.models import (
    Account,
    Authority,
    Case,
    CreditRating,
    Draw,
    LogRow,
    Mandate,
    Party,
    Person,
    Post,
)
from casework.rules.rule_cache import Rules
from rulebook.models import RatingGrade
from state_machines.credit.rating import rate
from state_machines.grading.place_grading.process import PLACE_GRADING
from state_machines.language.vocabulary import Role
from state_machines.licensing.licence.process import LICENCE, STANDING
from state_machines.licensing.licence.suspension import SUSPENDED, SUSPENSION


@dataclass(frozen=True)
class ObjectLot:
    """A licensed place that may be drawn, and the weight it has by its party's credit grade."""

    licence: str
    place_name: str
    party: str
    grade: str
    weight: int


@dataclass(frozen=True)
class LeftOut:
    """What is not drawn from this time, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class DrawnOfficer:
    """An officer who may be, or was, drawn."""

    username: str
    name: str
    certificate: str


@dataclass(frozen=True)
class Behind:
    """A party that was checked less often this year than its credit grade asks for by today:
    `wanted` times so far, of `least` in the year. `times` counts also what is under way."""

    party: str
    grade: str
    least: int
    wanted: int
    times: int
    licences: frozenset[str]


def objects_of(
    session: Session, rules: Rules, authority: Authority, today: date
) -> tuple[list[ObjectLot], list[LeftOut]]:
    """The licensed places of an authority, with their weights; and those that are left out."""
    rows = _licensed(session, authority)
    grades = _grades(session, rules, {party.id for _, party in rows}, today)
    being_checked = _being_checked(session, authority)
    unsent = _drawn_but_not_sent(session, authority, today)
    checked = _checked_this_year(session, rules, authority, today)
    current = currents_of(session, {party.id for _, party in rows}, today)
    object_lots, left_out = [], []
    for case, party in rows:
        said, grade = case.data["application"], grades[party.id]
        times = checked.get(current[party.id], 0)
        if case.family_id in being_checked:
            left_out.append(LeftOut(said["place_name"], "已有未办结的量化分级评定"))
        elif case.tracks.get(SUSPENSION) == SUSPENDED:
            left_out.append(LeftOut(said["place_name"], "卫生许可证正在暂扣期间"))
        elif said["number"] in unsent:
            left_out.append(LeftOut(said["place_name"], "已经抽中，尚未下达检查任务"))
        elif grade.checks_most is not None and times >= grade.checks_most:
            left_out.append(
                LeftOut(
                    said["place_name"],
                    f"信用{grade.grade}级每年检查不多于{grade.checks_most}次，本年度已检查{times}次",
                )
            )
        elif not grade.weight:
            left_out.append(LeftOut(said["place_name"], f"信用{grade.grade}级不列入抽查"))
        else:
            object_lots.append(
                ObjectLot(said["number"], said["place_name"], party.name, grade.grade, grade.weight)
            )
    return object_lots, left_out


def least_of(
    session: Session, rules: Rules, authority: Authority, today: date, gone: Fraction
) -> tuple[int, int, list[Behind]]:
    """How many licensed places there are, how many checks the grades ask for in the year, and who
    is behind when so much of the year is `gone`. Each check is due in the middle of its part of
    the year, so that the last one is not left to its last day."""
    rows = _licensed(session, authority)
    grades = _grades(session, rules, {party.id for _, party in rows}, today)
    times = _checked_this_year(session, rules, authority, today)
    being_checked = _being_checked(session, authority)
    unsent = _drawn_but_not_sent(session, authority, today)
    held: dict[int, set[str]] = {}
    asked: dict[int, tuple[str, RatingGrade]] = {}
    current = currents_of(session, {party.id for _, party in rows}, today)
    for case, party in rows:
        holder, licence = current[party.id], case.data["application"]["number"]
        held.setdefault(holder, set()).add(licence)
        asked[holder] = party.name, grades[party.id]
        times[holder] += case.family_id in being_checked or licence in unsent
    behind = []
    for party_id, (name, grade) in asked.items():
        wanted = by_now(grade.checks_least, gone)
        if times[party_id] < wanted:
            licences = frozenset(held[party_id])
            behind.append(
                Behind(name, grade.grade, grade.checks_least, wanted, times[party_id], licences)
            )
    return len(rows), sum(grade.checks_least for _, grade in asked.values()), behind


def by_now(number: int, gone: Fraction) -> int:
    """How many of a year's `number` are due when so much of the year is gone, evenly."""
    return int(number * gone + Fraction(1, 2))


def _licensed(session: Session, authority: Authority) -> Sequence[Row[tuple[Case, Party]]]:
    """The valid licences of an authority, each with its holder."""
    return session.execute(
        select(Case, Party)
        .join(Party, Case.party_id == Party.id)
        .where(
            Case.authority_id == authority.id,
            Case.process == LICENCE.key,
            Case.state.in_(STANDING),
        )
        .order_by(Case.id)
    ).all()


def licences_of(session: Session, authority: Authority) -> set[str]:
    """The numbers of the valid licences of an authority."""
    return {case.data["application"]["number"] for case, _ in _licensed(session, authority)}


def _being_checked(session: Session, authority: Authority) -> set[int | None]:
    """The families of the licences whose places are being graded."""
    return set(
        session.scalars(
            select(Case.family_id).where(
                Case.process == PLACE_GRADING.key,
                Case.authority_id == authority.id,
                Case.ended_at.is_(None),
            )
        )
    )


def not_sent(session: Session, authority: Authority, today: date) -> Sequence[Draw]:
    """The draws of this year, as they were first made, for a check that was not sent out yet, nor
    called off."""
    sent = exists().where(
        Case.process == PLACE_GRADING.key,
        Case.authority_id == authority.id,
        Case.data["application"]["draw"].as_string() == Draw.number,
    )
    later = aliased(Draw)
    called_off = exists().where(
        later.number == Draw.number, later.said["called_off"].as_string().is_not(None)
    )
    return session.scalars(
        select(Draw)
        .where(
            Draw.authority_id == authority.id,
            Draw.round == 1,
            Draw.said["on"].as_string().startswith(f"{today.year}-"),
            ~sent,
            ~called_off,
        )
        .order_by(Draw.id)
    ).all()


def _drawn_but_not_sent(session: Session, authority: Authority, today: date) -> set[str]:
    return {row.said["object"] for row in not_sent(session, authority, today)}


def _grades(
    session: Session, rules: Rules, parties: set[int], today: date
) -> dict[int, RatingGrade]:
    """The credit grade of each party as it was last calculated; of whom nothing is remembered, the
    one that everybody begins with."""
    table, _ = rules.rating_table(today, "")
    by_letter = {grade.grade: grade for grade in table.grades}
    current = currents_of(session, parties, today)
    newest = select(func.max(CreditRating.id)).group_by(CreditRating.party_id)
    rows = session.execute(
        select(CreditRating.party_id, CreditRating.grade).where(
            CreditRating.id.in_(newest), CreditRating.party_id.in_(current.values())
        )
    )
    kept = {party: by_letter[letter] for party, letter in rows}
    begin = rate(table, (), today).grade
    return {party: kept.get(current[party], begin) for party in parties}


def _checked_this_year(
    session: Session, rules: Rules, authority: Authority, today: date
) -> Counter[int]:
    """How often each party was looked at this year, by the kinds of check that count."""
    counted = rules.value("draw.counted_checks", today, authority.region)
    looks = [step for steps in counted.values() for step in steps]
    rows = session.execute(
        select(Case.party_id, func.count())
        .join(LogRow, LogRow.case_id == Case.id)
        .where(
            Case.authority_id == authority.id,
            Case.process.in_(counted),
            LogRow.header["kind"].as_string() == "step",
            LogRow.header["name"].as_string().in_(looks),
            LogRow.header["effective_at"].as_string().startswith(f"{today.year}-"),
        )
        .group_by(Case.party_id)
    ).all()
    current = currents_of(session, {party for party, _ in rows}, today)
    found: Counter[int] = Counter()
    for party, times in rows:
        found[current[party]] += times
    return found


def officers_of(
    session: Session, authority: Authority, today: date, licence: str
) -> tuple[list[DrawnOfficer], list[LeftOut]]:
    """The inspectors of an authority with a valid certificate; those who act for the holder of the
    licence are left out (回避)."""
    rows = session.execute(
        select(Account.username, Person.id, Person.name, Post.certificate_number)
        .join(Person, Account.person_id == Person.id)
        .join(Post, Post.person_id == Person.id)
        .where(
            Account.active.is_(True),
            Post.authority_id == authority.id,
            Post.role == Role.INSPECTOR.value,
            in_force(today, Post),
            Post.certificate_expires >= today,
        )
        .distinct(Person.id)
        .order_by(Person.id, Account.username)
    ).all()
    holders = select(Case.party_id).where(
        Case.process == LICENCE.key,
        Case.authority_id == authority.id,
        Case.data["application"]["number"].as_string() == licence,
    )
    line = lines_of(holders, today)
    acting = select(Mandate.person_id).where(Mandate.party_id.in_(line), in_force(today))
    bound = set(session.scalars(acting))
    drawn_officers = [
        DrawnOfficer(username, name, certificate or "")
        for username, person, name, certificate in rows
        if person not in bound
    ]
    aside = [
        LeftOut(name, conflict_of_interest(name).detail)
        for _, person, name, _ in rows
        if person in bound
    ]
    return drawn_officers, aside
