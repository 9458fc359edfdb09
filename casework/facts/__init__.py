"""Gathering what guards need to know: one gatherer per type of fact, and nothing beyond it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from casework.act import Act
from casework.facts import (
    applications,
    approvals,
    checks,
    corrections,
    custody,
    evidence,
    exemptions,
    fines,
    gradings,
    legal_review,
    licence_penalties,
    licences,
    limits,
    objections,
    officers,
    panel,
    penalties,
    promises,
    radiation,
    records,
    remedies,
    repair,
    review,
    right_to_be_heard,
    same_act,
    service,
    successions,
    talks,
    training,
)
from casework.facts.gathering import Gatherers
from casework.problems import Misconfigured
from state_machines.vocabulary import Guard

__all__ = ["as_json", "gather"]

_TOPICS = (
    applications,
    approvals,
    checks,
    corrections,
    custody,
    evidence,
    exemptions,
    fines,
    gradings,
    legal_review,
    licence_penalties,
    licences,
    limits,
    objections,
    officers,
    panel,
    penalties,
    promises,
    radiation,
    records,
    remedies,
    repair,
    review,
    right_to_be_heard,
    same_act,
    service,
    successions,
    talks,
    training,
)
_GATHERERS: Gatherers = {kind: read for topic in _TOPICS for kind, read in topic.GATHERERS.items()}


def gather(act: Act, guards: Iterable[Guard]) -> dict[type, Any]:
    """The facts that these guards name, read in this transaction.

    Raises Misconfigured for a fact that no gatherer knows.
    """
    wanted = dict.fromkeys(kind for guard in guards for kind in guard.facts)
    return {kind: _gatherer(kind)(act) for kind in wanted}


def as_json(facts: Mapping[type, Any]) -> dict[str, Any]:
    """Facts as they are kept in the log."""
    return {
        kind.__name__: {
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name, value in asdict(fact).items()
        }
        for kind, fact in facts.items()
    }


def _gatherer(kind: type) -> Callable[[Act], Any]:
    try:
        return _GATHERERS[kind]
    except KeyError:
        raise Misconfigured(f"没有为事实“{kind.__name__}”准备取数方法") from None
