"""Collecting the facts that guards need to know: one collector per type of fact, and nothing more.

The `collect.py` of each topic maps the types of its facts to the functions that read them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from casework.acts.act import Act
from casework.common.problems import Misconfigured
from state_machines.language.topics import modules_named
from state_machines.language.vocabulary import Guard

Collector = Callable[[Act], Any]
FactTable = Mapping[type, Collector]


def collect_facts(act: Act, guards: Iterable[Guard]) -> dict[type, Any]:
    """The facts that these guards name, read in this transaction.

    Raises Misconfigured for a fact that no collector knows.
    """
    wanted = dict.fromkeys(kind for guard in guards for kind in guard.facts)
    return {kind: _collector(kind)(act) for kind in wanted}


def as_json(facts: Mapping[type, Any]) -> dict[str, Any]:
    """Facts as they are kept in the log."""
    return {
        kind.__name__: {
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name, value in asdict(fact).items()
        }
        for kind, fact in facts.items()
    }


@cache
def collectors() -> FactTable:
    """The collector of every type of fact."""
    topics = modules_named("collect", "casework")
    return {kind: read for topic in topics for kind, read in topic.FACTS.items()}


def _collector(kind: type) -> Collector:
    """The function that reads facts of a type. Raises Misconfigured."""
    try:
        return collectors()[kind]
    except KeyError:
        raise Misconfigured(f"没有为事实“{kind.__name__}”准备取数方法") from None
