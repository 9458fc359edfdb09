"""Things in custody (先行登记保存、查封、扣押)."""

from __future__ import annotations

from casework.acts.act import Act
from casework.acts.handed_in import day_of
from casework.kernel.facts import FactTable
from state_machines.enforcement.custody.facts import CustodyMeasure, CustodyTest, DecisionNamed
from state_machines.enforcement.custody.forms import Measure


def _measure(act: Act) -> CustodyMeasure:
    said = act.data["application"]
    return CustodyMeasure(said["measure"] != Measure.PRESERVE.value, said["urgent"])


def _test(act: Act) -> CustodyTest:
    return CustodyTest(act.day, day_of(act.input.get("expected_until")) or act.day)


def _decision(act: Act) -> DecisionNamed:
    return DecisionNamed(day_of(act.input.get("decided_on")) or act.day, act.day)


FACTS: FactTable = {
    CustodyMeasure: _measure,
    CustodyTest: _test,
    DecisionNamed: _decision,
}
