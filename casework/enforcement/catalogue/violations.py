"""The violation catalogue (案由库) as it is read: entries in force, ranges, leniency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from casework.access.readers import Reader
from casework.common.codes import normalise
from casework.common.problems import NotFound
from casework.common.texts import folded
from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from casework.models import Authority
from casework.rules.rule_cache import Rules
from rulebook.discretion import STAGES, WEIGHTS, Shares, in_words, step_in_words
from rulebook.models import Edition, FineBand, Leniency, Violation

LISTS = {"no_penalty": "不予处罚", "lighter": "从轻处罚", "reduced": "减轻处罚"}
SURENESS = {
    "S": "已核对法律条文",
    "L": "依法律条文整理，待核对原文",
    "U": "地方做法或者尚未核实，适用前须核对",
}


@dataclass(frozen=True)
class EditionView:
    """Where and when an entry holds, and where it comes from."""

    scope: str
    valid_from: date
    valid_to: date | None
    source: str
    mark: str
    sureness: str


@dataclass(frozen=True)
class StepOfDiscretion:
    """One step of discretion: its conditions, and what it leaves of the range."""

    weight: str
    label: str
    when: str
    fine: str


@dataclass(frozen=True)
class FineView:
    """One range of fine of the law, with its steps."""

    stage: str
    label: str
    when: str
    fine: str
    steps: tuple[StepOfDiscretion, ...]


@dataclass(frozen=True)
class StagesView:
    """A kind of penalty, and at which stages the article has it, by their Chinese names."""

    kind: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class LeniencyView:
    """An entry of a list of leniency. `kind` is no_penalty, lighter or reduced."""

    key: str
    label: str
    kind: str
    list_label: str
    door: str
    violations: tuple[str, ...]
    conditions: tuple[str, ...]
    law: str
    edition: EditionView


@dataclass(frozen=True)
class ViolationView:
    """An entry of the catalogue (案由)."""

    code: str
    label: str
    field: str
    act: str
    violated: str
    law: str
    liable: str
    persons: str
    penalties: tuple[str, ...]
    stages: tuple[StagesView, ...]
    fines: tuple[FineView, ...]
    correct: bool
    life_health: bool
    limitation: str
    publication: str
    never_exempt: bool
    note: str
    edition: EditionView
    leniencies: tuple[LeniencyView, ...]

    @property
    def checked(self) -> bool:
        """Whether its articles were read; if not, `note` says what is still to be."""
        return self.edition.mark == "S"


@dataclass(frozen=True)
class CatalogueView:
    """The entries that were asked for, and every field there is."""

    fields: tuple[str, ...]
    violations: tuple[ViolationView, ...]


def catalogue(
    office: Office, session: Session, reader: Reader | None, *, q: str = "", field: str = ""
) -> CatalogueView:
    """The entries that hold today at the reader's authority, by field and words of the entry."""
    rules, today, region = _rules_there(office, session, reader)
    every = [
        _violation(rules, key, today, region) for key in rules.known("violation", today, region)
    ]
    words = [folded(word) for word in q.split()]
    violations = tuple(
        one
        for one in every
        if field in ("", one.field)
        and all(word in folded(f"{one.code}；{one.label}；{one.act}；{one.law}") for word in words)
    )
    return CatalogueView(tuple(dict.fromkeys(one.field for one in every)), violations)


def violation(office: Office, session: Session, reader: Reader | None, code: str) -> ViolationView:
    """One entry by its code. Raises NotFound."""
    rules, today, region = _rules_there(office, session, reader)
    key = normalise(code).casefold()
    if key not in rules.known("violation", today, region):
        raise NotFound(f"案由库中没有“{code}”，请在案由库中查找")
    return _violation(rules, key, today, region)


def lists(office: Office, session: Session, reader: Reader | None) -> tuple[LeniencyView, ...]:
    """The lists of leniency (不予、从轻、减轻处罚清单) that hold today where the reader serves."""
    rules, today, region = _rules_there(office, session, reader)
    return _leniencies(rules, today, region)


def region_of(session: Session, reader: Reader | None) -> str:
    """The region whose editions the reader goes by: that of the first post, or the nation's."""
    if reader is None or not reader.posts:
        return ""
    return session.get_one(Authority, reader.posts[0].authority_id).region


def _rules_there(
    office: Office, session: Session, reader: Reader | None
) -> tuple[Rules, date, str]:
    """Rules, today, and the region of the reader's authority: where a violation is looked up."""
    rules = office.rules.current(session)
    return rules, legal_date(office.time.now()), region_of(session, reader)


def _violation(rules: Rules, key: str, on: date, region: str) -> ViolationView:
    rule, edition = rules.violation(key, on, region)
    shares = rules.value("penalty.discretion_shares", on, region)
    span = "penalty.limitation_grave" if rule.life_health else "penalty.limitation"
    limit, _ = rules.limit(span, on, region)
    return ViolationView(
        code=rule.code,
        label=rule.label,
        field=rule.field,
        act=rule.act,
        violated=rule.violated,
        law=rule.law,
        liable=rule.liable,
        persons=rule.persons,
        penalties=rule.penalties,
        stages=tuple(
            StagesView(kind, tuple(STAGES[stage] for stage in rule.stages_of(kind)))
            for kind in rule.penalties
        ),
        fines=tuple(_fine(rule, band, shares) for band in rule.fines),
        correct=rule.correct,
        life_health=rule.life_health,
        limitation=limit.text,
        publication=rule.publication,
        never_exempt=rule.never_exempt,
        note=rule.note,
        edition=_edition(rules, edition),
        leniencies=tuple(
            leniency
            for leniency in _leniencies(rules, on, region)
            if rule.code in leniency.violations
        ),
    )


def _fine(rule: Violation, band: FineBand, shares: Shares) -> FineView:
    when = {step.weight: step.when for step in rule.discretion}
    return FineView(
        stage=band.stage,
        label=STAGES[band.stage],
        when=band.when,
        fine=in_words(band),
        steps=tuple(
            StepOfDiscretion(
                weight, label, when.get(weight, ""), step_in_words(rule, band, weight, shares)
            )
            for weight, label in WEIGHTS.items()
        ),
    )


def _leniencies(rules: Rules, on: date, region: str) -> tuple[LeniencyView, ...]:
    held = [rules.leniency(key, on, region) for key in rules.known("leniency", on, region)]
    return tuple(_leniency(rules, rule, edition) for rule, edition in held)


def _leniency(rules: Rules, rule: Leniency, edition: Edition) -> LeniencyView:
    return LeniencyView(
        key=rule.key,
        label=rule.label,
        kind=rule.kind,
        list_label=LISTS[rule.kind],
        door=rule.door,
        violations=tuple(key.upper() for key in rule.violations),
        conditions=rule.conditions,
        law=rule.law,
        edition=_edition(rules, edition),
    )


def _edition(rules: Rules, edition: Edition) -> EditionView:
    return EditionView(
        scope=rules.region(edition.scope).label if edition.scope else "全国",
        valid_from=edition.valid_from,
        valid_to=edition.valid_to,
        source=edition.source,
        mark=edition.mark,
        sureness=SURENESS[edition.mark],
    )
