"""The credit file (信用档案) for whoever may read it: each item, its source, if it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from casework.access.party_view import PartyView, party_view
from casework.access.readers import reader_of, visible
from casework.acts.actors import Actor
from casework.acts.successions import current_of, line_of
from casework.common.codes import normalise
from casework.common.problems import NotFound
from casework.credit.ratings import rating_of
from casework.credit.record_kinds import SEEN_BY
from casework.grading.place_grading.graded import PlaceGrade
from casework.grading.place_grading.reading import grades_held
from casework.kernel.office import Office
from casework.models import Authority, Case, Party, PartySuccession
from casework.parts.credit_file import Item, file_of, revoked_before, unrepaired
from casework.rules.rule_cache import Rules
from state_machines.credit.rating import Line, advice


@dataclass(frozen=True)
class CreditEventView:
    """An item of the file. `ended` says why it does not count any more (已修复、已过有效期),
    `standing` whether it is good, bad or neutral; `case` is only for those who may see it."""

    id: int
    kind: str
    label: str
    standing: str
    occurred_on: date
    counts_until: date | None
    ended: str
    repaired_on: date | None
    bars_promise: bool
    effect: str
    source: str
    seen_by: str
    law: str
    authority: str
    case: str | None


@dataclass(frozen=True)
class RatingView:
    """A rating as of a day, item by item, with what follows from it, and what would raise it.

    `warning` is the grade that is near below; `veto` what made it the lowest. For whoever draws
    whom to check: a party is taken `weight` times as often as one of weight 1, and checked
    `checks_least` to `checks_most` times a year (None: no upper limit). `talk`: the grade asks for
    a talk with the party.
    """

    as_of: date
    table: str
    grade: str
    label: str
    begin: int
    score: int
    lines: tuple[Line, ...]
    veto: str
    warning: str
    checks: str
    weight: int
    checks_least: int
    checks_most: int | None
    talk: bool
    measures: tuple[str, ...]
    advice: tuple[str, ...]


@dataclass(frozen=True)
class FormerCode:
    """A code that the party bore before (变更前的代码), under which name, and until when."""

    code: str
    name: str
    until: date


@dataclass(frozen=True)
class CreditView:
    """A party's credit file. `may_promise`: nothing closes the promise route; what does, is said in
    `promise_barred`. `grades` are of its places (量化分级), and no part of the rating; `former` are
    the codes it bore before, whose records are in the file."""

    party: PartyView
    may_promise: bool
    promise_barred: str
    rating: RatingView
    events: tuple[CreditEventView, ...]
    grades: tuple[PlaceGrade, ...]
    former: tuple[FormerCode, ...]


def credit_of(office: Office, session: Session, actor: Actor, code: str) -> CreditView:
    """A party's credit file as of today, by its code or one that it bore before; what ended is
    there and says so.

    The party reads all of its own. An officer reads what cases of the own authority wrote, and of
    other authorities what the catalogue shares with everybody, and what bars the promise route.
    Raises NotFound.
    """
    party, own = known_party(office, session, actor, code)
    reader = reader_of(office, session, actor)
    rules = office.rules.current(session)
    items = file_of(session, rules, party.id, reader.today)
    cases = [item.event.case_id for item in items]
    seen = select(Case.id).where(visible(reader))
    sources = {
        row.id: row
        for row in session.execute(
            select(Case.id, Case.number, Authority.short, Case.id.in_(seen).label("seen"))
            .join(Authority, Case.authority_id == Authority.id)
            .where(Case.id.in_(cases))
        )
    }
    events = []
    for item in items:
        source, event = sources[item.event.case_id], item.event
        if not (own or source.seen or item.rule.seen_by != "own" or event.bars_promise):
            continue
        repaired = item.mark.marked_on if item.mark and item.lifted else None
        events.append(
            CreditEventView(
                id=event.id,
                kind=event.kind,
                label=event.label,
                standing=item.rule.standing,
                occurred_on=event.occurred_on,
                counts_until=item.counts_until,
                ended=item.ended(reader.today),
                repaired_on=repaired,
                bars_promise=event.bars_promise,
                effect=item.rule.effect,
                source=item.rule.source,
                seen_by=SEEN_BY[item.rule.seen_by],
                law=item.rule.law,
                authority=source.short,
                case=source.number if source.seen else None,
            )
        )
    barred = _barred(rules, items, reader.today)
    rating = _rating(session, rules, party.id, reader.today)
    line = line_of(party.id, reader.today)
    return CreditView(
        party=party_view(session.get_one(Party, current_of(session, party.id, reader.today))),
        may_promise=not barred,
        promise_barred=barred,
        rating=rating,
        events=tuple(events),
        grades=grades_held(office, session, line),
        former=former_codes(session, line, reader.today),
    )


def former_codes(session: Session, line: Select[tuple[int]], on: date) -> tuple[FormerCode, ...]:
    """The codes of a line that are continued by another, the oldest first."""
    rows = session.execute(
        select(Party, PartySuccession.since)
        .join(PartySuccession, PartySuccession.old_party_id == Party.id)
        .where(Party.id.in_(line), PartySuccession.since <= on)
        .order_by(PartySuccession.id)
    )
    return tuple(FormerCode(party.code, party.name, since) for party, since in rows)


def _barred(rules: Rules, items: Sequence[Item], on: date) -> str:
    if unrepaired(items):
        return "有尚未修复的失信记录，不适用告知承诺；修复后恢复。"
    restored = rules.value("licensing.repair_restores_promise_route", on, "")
    if revoked_before(items) and not restored:
        return "曾因违反承诺被撤销许可，不再适用告知承诺，请按一般程序申请。"
    return ""


def _rating(session: Session, rules: Rules, party_id: int, on: date) -> RatingView:
    recalculated = rating_of(session, rules, party_id, on)
    rating, table, grade = recalculated.rating, recalculated.table, recalculated.rating.grade
    veto = rules.credit_item(rating.veto, on, "").label if rating.veto else ""
    return RatingView(
        as_of=on,
        table=table.label,
        grade=grade.grade,
        label=grade.label,
        begin=table.begin,
        score=rating.score,
        lines=rating.lines,
        veto=veto,
        warning=rating.warning,
        checks=grade.checks,
        weight=grade.weight,
        checks_least=grade.checks_least,
        checks_most=grade.checks_most,
        talk=grade.talk,
        measures=grade.measures,
        advice=advice(table, rating),
    )


def known_party(office: Office, session: Session, actor: Actor, code: str) -> tuple[Party, bool]:
    """The party of that code, and whether it is the actor's own. Raises NotFound for whoever is
    nothing to it."""
    reader = reader_of(office, session, actor)
    wanted = normalise(code)
    party = session.scalar(select(Party).where(Party.code == wanted))
    own = party is not None and not reader.parties.isdisjoint(
        session.scalars(line_of(party.id, reader.today))
    )
    if party is None or not (own or reader.posts):
        raise NotFound(f"没有代码为“{wanted}”的当事人")
    return party, own
