"""Training and exam (信用培训考试): the paper drawn, sittings, marks."""

from __future__ import annotations

from state_machines.credit.training.facts import ExamPaper, Marks, Sittings
from state_machines.language.vocabulary import Refusal, guard


@guard()
def paper_is_drawn(paper: ExamPaper) -> Refusal | None:
    """The bank has as many questions as a paper asks."""
    if len(paper.questions) == paper.wanted:
        return None
    return Refusal(
        "bank_too_small",
        f"题库只有{len(paper.questions)}题，不足一份试卷的{paper.wanted}题，请联系信用管理员",
    )


@guard()
def exam_may_be_sat(sittings: Sittings) -> Refusal | None:
    """Retakes (补考) are limited by the day."""
    if sittings.today < sittings.most:
        return None
    return Refusal(
        "sat_too_often",
        f"今天已经考试{sittings.today}次，请温习课程，次日再考",
        "本机关信用培训规定",
    )


@guard()
def exam_is_passed(marks: Marks) -> Refusal | None:
    """The pass mark is reached."""
    if marks.passed:
        return None
    return Refusal(
        "exam_failed",
        f"答对{marks.right}题（共{marks.asked}题），未达到合格线{marks.pass_mark}分，可以重新考试",
        "本机关信用培训规定",
    )


@guard()
def exam_is_not_passed(marks: Marks) -> Refusal | None:
    """Who has passed takes the certificate and sits no more."""
    if not marks.passed:
        return None
    return Refusal("exam_passed", f"答对{marks.right}题（共{marks.asked}题），已经合格，请领取证书")
