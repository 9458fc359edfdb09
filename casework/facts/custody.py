"""Things in custody (先行登记保存、查封、扣押)."""

from __future__ import annotations

from casework.act import Act
from casework.facts.gathering import Gatherers
from casework.facts.given import day_of
from state_machines.facts.custody import CustodyMeasure, CustodyTest, DecisionNamed
from state_machines.forms.evidence_custody import Measure


def _measure(act: Act) -> CustodyMeasure:
    said = act.data["application"]
    return CustodyMeasure(said["measure"] != Measure.PRESERVE.value, said["urgent"])


def _test(act: Act) -> CustodyTest:
    return CustodyTest(act.day, day_of(act.input.get("expected_until")) or act.day)


def _decision(act: Act) -> DecisionNamed:
    return DecisionNamed(day_of(act.input.get("decided_on")) or act.day, act.day)


GATHERERS: Gatherers = {
    CustodyMeasure: _measure,
    CustodyTest: _test,
    DecisionNamed: _decision,
}
