"""Numbers of documents and licences: one series per kind, year and authority, without gaps.

The counter's row is locked until the transaction ends, so a rolled-back step gives its number back.
"""

from __future__ import annotations

from sqlalchemy import Select, func, select, text

from casework.acts.act import Act
from casework.common.codes import spellings
from casework.models import Case, NumberEntry
from rulebook.models import DocumentKind


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
    """Give out the next number of a document's series, formatted; `""` for unnumbered kinds.
    A draft uses none up.

    Patterns: 卫生行政执法文书规范 4, in the rulebook under `documents.number_patterns`.
    """
    if kind.style == "none":
        return ""
    if act.ground.draft:
        return "（草稿）"
    patterns = act.rules.value("documents.number_patterns", act.day, act.region)
    region = act.rules.region(act.region)
    matter = kind.matter or act.matter
    category = _category(act, matter)
    series = f"{category}{kind.nature}" if kind.style == "docket" else kind.key
    top = list(act.rules.chain(act.region))[-1]
    n = _advance_counter(act, series)
    # Another branch of government than health has its own 机关代字.
    pattern: str = patterns.get(f"{kind.style}.{matter}") or patterns[kind.style]
    written = pattern.format(
        short=region.short,
        province_short=act.rules.region(top).short,
        region=act.region,
        category=category,
        nature=kind.nature,
        year=act.day.year,
        seq=n,
    )
    act.rows.append(
        NumberEntry(
            authority_id=act.authority.id,
            series=series,
            year=act.day.year,
            n=n,
            text=written,
            case_id=act.case.id,
        )
    )
    return written


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
    " RETURNING last"
)


def _advance_counter(act: Act, series: str) -> int:
    given = {"authority": act.authority.id, "series": series, "year": act.day.year}
    counted: int = act.session.execute(_COUNT_ON, given).scalar_one()
    return counted
