"""Things in custody (先行登记保存、查封、扣押)."""

from __future__ import annotations

from datetime import timedelta

from state_machines.enforcement.custody.facts import (
    CustodyMeasure,
    CustodyTest,
    DecisionNamed,
    ResultAwaited,
)
from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.limits.facts import ExtendedLimit, StopsTogether


@guard()
def measure_is_preservation(measure: CustodyMeasure) -> Refusal | None:
    """Only what was approved as preservation is preserved."""
    if not measure.seizure:
        return None
    return Refusal(
        "measure_differs",
        "本案申请的是查封、扣押，不能办理先行登记保存",
        "《行政强制法》第十八条",
    )


@guard()
def measure_is_seizure(measure: CustodyMeasure) -> Refusal | None:
    """Only what was approved as a seizure is seized."""
    if measure.seizure:
        return None
    return Refusal(
        "measure_differs",
        "本案申请的是先行登记保存，不能办理查封、扣押",
        "《行政处罚法》第五十六条",
    )


@guard()
def seizure_cannot_wait(measure: CustodyMeasure) -> Refusal | None:
    """Without approval only a seizure that cannot wait is carried out; preservation never is."""
    if not measure.seizure:
        return Refusal(
            "approval_first",
            "先行登记保存须经机关负责人批准后实施",
            "《行政处罚法》第五十六条",
        )
    if not measure.urgent:
        return Refusal(
            "approval_first",
            "未说明情况紧急的，查封、扣押须经机关负责人批准后实施",
            "《行政强制法》第十八条、第十九条",
        )
    return None


@guard()
def seizure_is_extended_once(limit: ExtendedLimit) -> Refusal | None:
    """A seizure is extended once, and only while it lasts."""
    law = "《行政强制法》第二十五条第一款"
    if limit.extended:
        return Refusal("extended_before", "查封、扣押期限已延长一次，不能再次延长", law)
    if limit.over:
        return Refusal("limit_over", "查封、扣押期限已届满，不能再延长", law)
    return None


@guard(needs_input=True)
def test_has_an_end(test: CustodyTest) -> Refusal | None:
    """The time of a test is fixed: not before it began, nor more than a year later."""
    if test.sent_on <= test.expected_until <= test.sent_on + timedelta(days=366):
        return None
    return Refusal(
        "test_end_wrong",
        "检测、检验、检疫、鉴定的期间应当明确：预计完成日期不能早于送检当日，也不能晚于一年后",
        "《行政强制法》第二十五条第三款",
    )


@guard(needs_input=True)
def tests_end_together(stops: StopsTogether) -> Refusal | None:
    """However often things are tested, that does not keep them without end."""
    if stops.until <= stops.latest:
        return None
    rest = f"预计完成日期最迟为{stops.latest:%Y-%m-%d}" if stops.left else "不能再次送检"
    return Refusal(
        "test_too_long",
        f"同一措施的检测、检验、检疫、鉴定期间合计不得超过{stops.length}"
        f"（已用{stops.used}日），{rest}",
        "《行政强制法》第二十五条第三款",
    )


@guard()
def result_is_awaited(result: ResultAwaited) -> Refusal | None:
    """A result is of a test that things were sent for."""
    if result.awaited:
        return None
    return Refusal(
        "no_test_awaited",
        "本案没有等待结果的送检，不能登记检测、检验、检疫、鉴定结果",
        "《行政强制法》第二十五条第三款",
    )


@guard(needs_input=True)
def decision_was_made(named: DecisionNamed) -> Refusal | None:
    """Things are confiscated by a decision that exists."""
    if named.decided_on <= named.today:
        return None
    return Refusal(
        "decision_later",
        f"没收决定日期 {named.decided_on:%Y-%m-%d} 晚于办理日期，须先作出决定",
        "《行政强制法》第二十七条",
    )
