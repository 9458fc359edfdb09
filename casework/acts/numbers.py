"""Numbers of documents and licences: one series per kind, year and authority, without gaps.

The counter's row is locked until the transaction ends, so a rolled-back step gives its number back.
Numbers may be set aside (预留) for papers that are written while the system is down; the papers of
old cases bear numbers of registers that were kept on paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from casework.acts.act import Act
from casework.acts.backfilling import (
    OUTAGE,
    free_number,
    number_used,
    paper_number,
    refused,
)
from casework.common.codes import spellings
from casework.models import Authority, Backfill, Case, NumberEntry
from casework.rules.rule_cache import Rules
from rulebook.models import DocumentKind

# What the series of numbers begins with that papers bear from before there was a system.
_ON_PAPER = "纸质·"
_TAKEN = "与旧的纸质文书同号，作废"


@dataclass(frozen=True)
class Series:
    """A series of numbers of an authority and a year, and how one of them is written."""

    authority_id: int
    name: str
    year: int
    pattern: str
    parts: Mapping[str, Any]

    def written(self, n: int) -> str:
        """The number as it is printed."""
        return self.pattern.format(seq=n, **self.parts)

    @property
    def on_paper(self) -> Series:
        """The series in which the numbers of old papers of the kind are entered."""
        return replace(self, name=f"{_ON_PAPER}{self.name}")


def cases_numbered(relation: str, number: str) -> Select[tuple[Case]]:
    """The cases under a relation (such as `licence`) whose application bears a number given out."""
    family = (
        select(func.coalesce(Case.family_id, Case.id))
        .join(NumberEntry, NumberEntry.case_id == Case.id)
        .where(NumberEntry.text.in_(spellings(number)))
    )
    return select(Case).where(
        Case.relation == relation,
        Case.family_id.in_(family),
        Case.data["application"]["number"].as_string().in_(spellings(number)),
    )


def next_number(act: Act, kind: DocumentKind) -> str:
    """Give out the next number of a document's series, formatted; `""` for unnumbered kinds. What
    is entered afterwards bears the number of its paper. A draft uses none up.

    Raises GuardRefused if a paper's number is missing, or is not one that it can bear.
    """
    if kind.style == "none":
        return ""
    if act.context.backfill:
        return _of_paper(act, kind)
    if act.context.draft:
        return "（草稿）"
    *passed_over, entry = give_out(act.session, _series(act, kind), case_id=act.case.id)
    act.rows += [*passed_over, entry]
    return entry.text


def series_of(
    rules: Rules,
    authority: Authority,
    kind: DocumentKind,
    *,
    matter: str | None,
    category: str,
    day: date,
) -> Series:
    """The series of a kind of document on a day; `category` is the 执法类别 of a docket number.

    Patterns: 卫生行政执法文书规范 4, in the rulebook under `documents.number_patterns`.
    """
    region = authority.region
    patterns = rules.value("documents.number_patterns", day, region)
    top = list(rules.chain(region))[-1]
    return Series(
        authority_id=authority.id,
        name=f"{category}{kind.nature}" if kind.style == "docket" else kind.key,
        year=day.year,
        # Another branch of government than health has its own 机关代字.
        pattern=patterns.get(f"{kind.style}.{matter}") or patterns[kind.style],
        parts={
            "short": rules.region(region).short,
            "province_short": rules.region(top).short,
            "region": region,
            "category": category,
            "nature": kind.nature,
            "year": day.year,
        },
    )


def give_out(
    session: Session, series: Series, *, case_id: int | None = None, backfill_id: int | None = None
) -> list[NumberEntry]:
    """The next number of a series, for its caller to keep, behind those that an old paper bears
    already: they are passed over and kept as void. A number of no case is set aside."""
    entries: list[NumberEntry] = []
    while True:
        n, papers = _advance_counter(session, series)
        number = series.written(n)
        taken = papers and session.scalar(_on_paper(series, number))
        entry = NumberEntry(
            authority_id=series.authority_id,
            series=series.name,
            year=series.year,
            n=n,
            text=number,
            case_id=None if taken else case_id,
            voided_because=_TAKEN if taken else None,
            backfill_id=None if taken else backfill_id,
        )
        entries.append(entry)
        if not taken:
            return entries


def _series(act: Act, kind: DocumentKind) -> Series:
    matter = kind.matter or act.matter
    category = _category(act, matter)
    return series_of(act.rules, act.authority, kind, matter=matter, category=category, day=act.day)


def _of_paper(act: Act, kind: DocumentKind) -> str:
    """The number that the paper bears; from now on it is of the act's case. Raises GuardRefused if
    it was not filled in, or another paper bears it."""
    backfill = act.context.backfill
    given = backfill.numbers.get(kind.key, "") if backfill else ""
    if not backfill or not given.strip():
        text = f"请填写纸质“{kind.label}”上的文号（编号）"
        raise refused("backfill_number_missing", text)
    series, row = _series(act, kind), act.session.get_one(Backfill, backfill.id)
    if backfill.kind == OUTAGE:
        of_series = (
            NumberEntry.authority_id == series.authority_id,
            NumberEntry.series == series.name,
            NumberEntry.year == series.year,
        )
        number_entry = free_number(act.session, row, given, *of_series)
        number_entry.case_id = act.case.id
    else:
        number_entry = _enter_paper(act, series, paper_number(given), row)
    act.session.flush()
    return number_entry.text


def _enter_paper(act: Act, series: Series, number: str, row: Backfill) -> NumberEntry:
    """The number of an old paper, in a series of its own beside that of the system. Raises
    GuardRefused if another paper bears it."""
    taken = select(NumberEntry.id).where(
        NumberEntry.authority_id == series.authority_id,
        NumberEntry.series.in_((series.name, series.on_paper.name)),
        NumberEntry.text.in_(spellings(number)),
    )
    if act.session.scalar(taken.limit(1)) is not None:
        raise number_used(number)
    n, _ = _advance_counter(act.session, series.on_paper)
    entry = NumberEntry(
        authority_id=series.authority_id,
        series=series.on_paper.name,
        year=series.year,
        n=n,
        text=number,
        case_id=act.case.id,
        backfill_id=row.id,
    )
    act.session.add(entry)
    return entry


def _on_paper(series: Series, number: str) -> Select[tuple[int]]:
    """The query for an old paper of the series that bears the number, in whatever spelling."""
    return (
        select(NumberEntry.id)
        .where(
            NumberEntry.authority_id == series.authority_id,
            NumberEntry.series == series.on_paper.name,
            NumberEntry.text.in_(spellings(number)),
        )
        .limit(1)
    )


def _category(act: Act, matter: str | None) -> str:
    """The 执法类别 of a number: of the matter, or of the field of the violation in hand."""
    if matter:
        return act.rules.matter(matter, act.day, act.region).category
    said = act.data["application"].get("violation")
    if not said:
        return ""
    violation, _ = act.rules.violation(said.casefold(), act.day, act.region)
    signs: dict[str, str] = act.rules.value("documents.field_signs", act.day, act.region)
    return signs.get(violation.field, "")


# As text: a statement of this kind that SQLAlchemy writes is compiled anew at every use.
_COUNT_ON = text(
    "INSERT INTO number_counter (authority_id, series, year, last)"
    " VALUES (:authority, :series, :year, 1)"
    " ON CONFLICT (authority_id, series, year) DO UPDATE SET last = number_counter.last + 1"
    " RETURNING last, EXISTS (SELECT FROM number_counter AS kept"
    " WHERE kept.authority_id = :authority AND kept.series = :on_paper)"
)


def _advance_counter(session: Session, series: Series) -> tuple[int, bool]:
    """The next number, and whether old papers bear numbers of the series."""
    given = {
        "authority": series.authority_id,
        "series": series.name,
        "year": series.year,
        "on_paper": series.on_paper.name,
    }
    n, papers = session.execute(_COUNT_ON, given).one()
    return n, papers
