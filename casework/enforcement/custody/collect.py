"""Things in custody (先行登记保存、查封、扣押)."""

from __future__ import annotations

from casework.acts.act import Act
from casework.kernel.facts import FactTable
from state_machines.enforcement.custody.facts import (
    CustodyMeasure,
    CustodyTest,
    DecisionNamed,
    ResultAwaited,
)
from state_machines.enforcement.custody.forms import (
    RECEIVE_RESULT,
    SEND_FOR_TEST,
    Confiscation,
    Custody,
    Measure,
    Testing,
)


def _measure(act: Act) -> CustodyMeasure:
    custody = act.inputs.application(Custody)
    return CustodyMeasure(custody.measure != Measure.PRESERVE, custody.urgent)


def _test(act: Act) -> CustodyTest:
    return CustodyTest(act.day, act.filled(Testing).expected_until or act.day)


def _decision(act: Act) -> DecisionNamed:
    return DecisionNamed(act.filled(Confiscation).decided_on or act.day, act.day)


def _result(act: Act) -> ResultAwaited:
    return ResultAwaited(act.latest((SEND_FOR_TEST, RECEIVE_RESULT)) == SEND_FOR_TEST)


FACTS: FactTable = {
    CustodyMeasure: _measure,
    CustodyTest: _test,
    DecisionNamed: _decision,
    ResultAwaited: _result,
}
