"""Grading of places (量化分级): which licence, a whole sheet, and the grade it comes to."""

from __future__ import annotations

from state_machines.grading.place_grading.facts import DrawnOfficers, GradeReached, SheetFaults
from state_machines.language.vocabulary import Refusal, guard
from state_machines.licensing.licence.facts import LicenceStanding
from state_machines.licensing.licence.process import STANDING

_LAW = "《公共场所卫生管理条例实施细则》第二十九条"
_GRADE_LAW = "《公共场所卫生管理条例实施细则》第三十条"


@guard()
def place_is_licensed(licence: LicenceStanding) -> Refusal | None:
    """Only a place that may be open under its licence is graded."""
    if licence.state in STANDING:
        return None
    return Refusal(
        "place_not_licensed",
        f"该场所的卫生许可证当前状态为“{licence.label}”，不能评定卫生信誉度等级，请取消评定",
        _LAW,
    )


@guard(needs_input=True)
def drawn_officers_are_sent(draw: DrawnOfficers) -> Refusal | None:
    """To a place that was drawn go the officers that were drawn with it, and nobody else."""
    law = "国办发〔2015〕58号"
    if not draw.number:
        return None
    if not draw.known:
        return Refusal("draw_unknown", f"没有编号为“{draw.number}”、抽中该场所的抽取记录", law)
    if draw.besides or draw.missing:
        wrong = [f"{'、'.join(draw.besides)}不在抽取结果中"] if draw.besides else []
        wrong += [f"缺少抽中的{'、'.join(draw.missing)}"] if draw.missing else []
        return Refusal(
            "not_as_drawn",
            f"应当指派抽中的执法人员：{'；'.join(wrong)}。需要回避的，请在抽取记录中重新抽取",
            law,
        )
    return None


@guard(needs_input=True)
def every_item_is_scored(sheet: SheetFaults) -> Refusal | None:
    """Each item for this kind of place has one mark that its rule allows."""
    if not sheet.found:
        return None
    return Refusal("sheet_incomplete", f"评分表有误：{'；'.join(sheet.found)}", _LAW)


@guard()
def a_grade_is_reached(reached: GradeReached) -> Refusal | None:
    """A grade is awarded only if the score reaches one, and no vital item fails."""
    if reached.grade:
        return None
    return Refusal("no_grade_reached", f"{_why_none(reached)}，不予评级", _GRADE_LAW)


@guard()
def no_grade_is_reached(reached: GradeReached) -> Refusal | None:
    """A place is left without a grade only for what the sheet says."""
    if not reached.grade:
        return None
    return Refusal(
        "grade_reached",
        f"得分{reached.score}分，关键项全部符合，达到{reached.grade}级，应当评定等级",
        _GRADE_LAW,
    )


def _why_none(reached: GradeReached) -> str:
    if reached.vetoes:
        return f"关键项不符合：{'、'.join(reached.vetoes)}"
    return f"得分{reached.score}分，低于{reached.least}分"
