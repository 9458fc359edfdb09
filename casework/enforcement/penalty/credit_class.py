"""The class of a penalty's credit record (失信信息分类).

It follows from what is decided, by tables of the rulebook, and is nobody's to choose (令36)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from casework.acts.act import Act
from casework.acts.party_kinds import who
from rulebook.models import Violation
from state_machines.parts.approvals.measures import FINES, Measure, total

LABELS = {"minor": "轻微", "general": "一般", "serious": "严重"}


def class_of(act: Act, measures: Iterable[Measure], violation: Violation | None, on: date) -> str:
    """`minor`, `general` or `serious` by the rules of a day: of several measures the gravest
    counts."""
    decided = list(measures)
    kinds = {measure.kind for measure in decided}

    def among(key: str) -> bool:
        return bool(kinds & set(act.rules.value(key, on, act.region)))

    by_catalogue = act.rules.value("penalty.serious_by_catalogue", on, act.region)
    marked = violation is not None and violation.publication == "严重"
    if among("penalty.serious_kinds") or (
        by_catalogue and marked and to_be_shown(act, decided, on)
    ):
        return "serious"
    if among("penalty.general_kinds") or _fined_more(act, decided, on):
        return "general"
    return "minor"


def to_be_shown(act: Act, measures: Iterable[Measure], on: date) -> bool:
    """Whether a decision of these measures is shown by the rules of a day: not if it is a mere
    warning."""
    unshown = set(act.rules.value("penalty.unshown_kinds", on, act.region))
    return not {measure.kind for measure in measures} <= unshown


def _fined_more(act: Act, measures: Iterable[Measure], on: date) -> bool:
    """Whether the fines of a sentence are larger ones (较大数额罚款)."""
    lines = act.rules.value("penalty.larger_fine", on, act.region)
    least = lines[who(act.rules, act.party, on, act.region)]
    return total(measures, FINES) >= Decimal(least)
