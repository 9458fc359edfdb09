"""Whoever is granted repair has performed (履行): at the decision still, not only when it applied.

A payment may be put right, and a court may give a fine back its force, between the two; in cases of
every version, by either channel.
"""

from __future__ import annotations

from casework.acts.act import Act
from casework.kernel import facts
from state_machines.credit.national_repair.forms import END_NATIONAL_PUBLICITY
from state_machines.credit.repair.forms import APPROVE
from state_machines.credit.repair.guards import obligations_are_performed
from state_machines.language.vocabulary import Refusal

_DECIDING = (f"credit_repair.{APPROVE}", f"national_repair.{END_NATIONAL_PUBLICITY}")


def refusals(act: Act) -> list[Refusal]:
    """What stands against granting repair while something is owed again."""
    if f"{act.process.key}.{act.step.name}" not in _DECIDING:
        return []
    refusal = obligations_are_performed.judge(facts.collect(act, (obligations_are_performed,)))
    return [refusal] if refusal else []
