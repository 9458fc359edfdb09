"""Limits that are extended or stopped (延长、中止). How long one is stands in `rulebook/`."""

from __future__ import annotations

from datetime import timedelta

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.limits.facts import (
    ExtendedLimit,
    PauseSpan,
    StoppedLimit,
    StopsTogether,
)


@guard()
def limit_may_be_extended(limit: ExtendedLimit) -> Refusal | None:
    """A limit is extended once, and only while it runs."""
    law = "《行政许可法》第四十二条第一款"
    if limit.extended:
        return Refusal("extended_before", "许可决定期限已延长一次，不能再次延长", law)
    if limit.over:
        return Refusal("limit_over", "许可决定期限已届满，不能再延长", law)
    return None


@guard()
def case_time_may_be_extended(limit: ExtendedLimit) -> Refusal | None:
    """The time of a case of penalty is extended once, and before it is over."""
    law = "《行政处罚法》第六十条"
    if limit.extended:
        return Refusal("extended_before", "办案期限已延长一次，不能再次延长", law)
    if limit.over:
        return Refusal("limit_over", "办案期限已届满，不能再延长", law)
    return None


@guard(needs_input=True)
def pause_has_an_end(span: PauseSpan) -> Refusal | None:
    """A technical review is not expected to end before it began, nor more than a year later."""
    if span.first <= span.last <= span.first + timedelta(days=366):
        return None
    return Refusal(
        "pause_end_wrong",
        "预计完成日期不能早于中止当日，也不能晚于一年后，请核对",
        "《行政许可法》第四十五条",
    )


@guard(needs_input=True)
def pauses_end_together(stops: StopsTogether) -> Refusal | None:
    """However often it is reviewed, an application does not wait without end."""
    if stops.until <= stops.latest:
        return None
    rest = f"预计完成日期最迟为{stops.latest:%Y-%m-%d}" if stops.left else "不能再次中止"
    return Refusal(
        "pause_too_long",
        f"同一申请事项的技术审查合计不得超过{stops.length}（已用{stops.used}日），{rest}",
        "《行政许可法》第四十二条、第四十五条",
    )


@guard()
def limit_runs(limit: StoppedLimit) -> Refusal | None:
    """What stands still has no last day that could be told: it is extended when it runs again."""
    if not limit.stopped:
        return None
    return Refusal(
        "limit_stopped",
        "期限正在中止，恢复计算后再办理延长",
        "《行政许可法》第四十五条",
    )
