"""Gathering what guards need to know: one gatherer per type of fact, and nothing beyond it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from casework.acts.act import Act
from casework.checks.commitment_check import collect as review
from casework.common.problems import Misconfigured
from casework.credit.objection import collect as objections
from casework.credit.repair import collect as repair
from casework.credit.talk import collect as talks
from casework.credit.training import collect as training
from casework.enforcement.custody import collect as custody
from casework.enforcement.exemption import collect as exemptions
from casework.enforcement.fines import collect as fines
from casework.enforcement.penalty import collect as penalties
from casework.grading.place_grading import collect as gradings
from casework.kernel.gathering import Gatherers
from casework.licensing.licence import collect as licences
from casework.licensing.penalised import collect as licence_penalties
from casework.parties.code_change import collect as successions
from casework.parts.approvals import collect as approvals
from casework.parts.corrections import collect as corrections
from casework.parts.delivery import collect as service
from casework.parts.duties import collect as officers
from casework.parts.evidence import collect as evidence
from casework.parts.hearing import collect as right_to_be_heard
from casework.parts.intake import collect as applications
from casework.parts.legal_review import collect as legal_review
from casework.parts.limits import collect as limits
from casework.parts.looks import collect as checks
from casework.parts.panel import collect as panel
from casework.parts.promise import collect as promises
from casework.parts.records import collect as records
from casework.parts.remedies import collect as remedies
from casework.parts.same_act import collect as same_act
from casework.radiation import collect as radiation
from state_machines.language.vocabulary import Guard

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
