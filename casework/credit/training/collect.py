"""Training and exam (信用培训考试): the paper drawn, sittings, marks."""

from __future__ import annotations

from casework.acts.act import Act
from casework.common.timekeeping import legal_date
from casework.credit.training import sittings as training
from casework.kernel.facts import FactTable
from state_machines.credit.training.facts import ExamPaper, Marks, Sittings
from state_machines.credit.training.forms import RUN_OUT, START_EXAM, SUBMIT_PAPER


def _exam_paper(act: Act) -> ExamPaper:
    # The head of the log is unforeseen, stays there, and cannot be chosen afterwards.
    seed = act.case.head_hash
    wanted = act.rules.quiz(training.BANK, act.day, act.region).asked
    return ExamPaper(seed, training.draw(act.rules, seed, act.day, act.region), wanted)


def _sittings(act: Act) -> Sittings:
    begun = [legal_date(sitting.began_at) for sitting in training.sittings(act.session, act.case)]
    most = act.rules.value("training.exam", act.day, act.region)["sittings_a_day"]
    return Sittings(begun.count(act.day), int(most))


def _marks(act: Act) -> Marks:
    sat = training.sittings(act.session, act.case)
    questions = training.paper(act.rules, sat[-1], act.region) if sat else []
    handed_in = act.latest((START_EXAM, SUBMIT_PAPER, RUN_OUT)) == SUBMIT_PAPER
    given = act.inputs.needed(SUBMIT_PAPER).answers if handed_in else ()
    pass_mark = act.rules.value("training.exam", act.day, act.region)["pass_mark"]
    return Marks(training.right(questions, given), len(questions), int(pass_mark))


FACTS: FactTable = {
    ExamPaper: _exam_paper,
    Marks: _marks,
    Sittings: _sittings,
}
