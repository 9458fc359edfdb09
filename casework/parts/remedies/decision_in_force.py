"""What stands of a penalty's decision (处罚决定的效力): whether it does, and which sentence.

行政复议 or a court may vary it, and then the sentence that it has from them takes the place of the
one decided. Debts, papers, licences and records all ask here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from casework.common.typed_inputs import Inputs
from state_machines.enforcement.penalty.forms import (
    DECIDE,
    VARY_BY_LITIGATION,
    VARY_BY_RECONSIDERATION,
    JudgedVariation,
)
from state_machines.enforcement.penalty.forms import Variation as VariedSentence
from state_machines.enforcement.simple_penalty.forms import PUNISH
from state_machines.language.step_names import StepName
from state_machines.parts.approvals.measures import Measure
from state_machines.parts.corrections.forms import UNDO_DECISION, Undoing
from state_machines.parts.remedies import forms
from state_machines.parts.remedies.forms import (
    CHANGE_BY_LITIGATION,
    CHANGE_BY_RECONSIDERATION,
    Changed,
    Instance,
    Quashed,
    Varied,
)

Measures = tuple[Measure, ...]
Sentence = VariedSentence | JudgedVariation

DECISIONS = (DECIDE, PUNISH)
# By which steps a decision comes to nothing, and how that is told. Of a case opened before it could
# be varied here these also say that another body changed it, and ours is none any more.
ENDS: Mapping[str, str] = {
    CHANGE_BY_RECONSIDERATION: "行政复议",
    CHANGE_BY_LITIGATION: "人民法院裁判",
    UNDO_DECISION: "本机关",
}
_CHANGED_BY = (CHANGE_BY_RECONSIDERATION, CHANGE_BY_LITIGATION)
# What of it leaves no offence behind.
_ERASING = (*(result.value for result in Quashed), Undoing.REVOKED.value)
# By which steps it is varied, what filed the remedy, and what the paper that varies it is called.
VARIED_BY: Mapping[StepName[Sentence], tuple[StepName[forms.Filed], str]] = {
    VARY_BY_RECONSIDERATION: (forms.FILE_RECONSIDERATION, "行政复议决定"),
    VARY_BY_LITIGATION: (forms.FILE_LITIGATION, "生效裁判"),
}
# What was merely found unlawful stands (行诉法74、复议法65), by whichever form that is said.
_LEFT_AS_IT_WAS = (Varied.UNLAWFUL.value, Changed.UNLAWFUL.value)


@dataclass(frozen=True)
class Variation:
    """The paper that varied a decision: of which body (`by_court`: a court), what it is, its
    number, what it said, and when the party had it (ISO date, empty if it is not told)."""

    body: str
    by_court: bool
    paper: str
    number: str
    result: str
    on: str
    measures: Measures

    @property
    def leaves_it(self) -> bool:
        """Whether the decision was found unlawful, and left as it was."""
        return self.result in _LEFT_AS_IT_WAS

    @property
    def source(self) -> str:
        """The paper as other papers name it."""
        return f"{self.body}{self.number}{self.paper}"


def decided(inputs: Inputs) -> Measures:
    """The measures that were decided; none before there is a decision."""
    sentence = next((sentence for step in DECISIONS if (sentence := inputs.at(step))), None)
    return tuple(sentence.measures) if sentence else ()


def overturned(inputs: Inputs) -> str:
    """How a decision came to nothing (撤销、确认无效), in Chinese; empty while something of it
    stands. One that was varied or merely found unlawful stands, and so does one that a court gave
    back its force after 行政复议 had quashed it."""
    step = overturned_by(inputs)
    how = "撤销" if _outcome(inputs, step) in _ERASING else "改变"
    return f"已被{ENDS[step]}{how}" if step else ""


def overturned_by(inputs: Inputs) -> str:
    """The step by which a decision came to nothing; empty while something of it stands."""
    for name in reversed(list(inputs)):
        if name in VARIED_BY and _alters(inputs, name):
            return ""
        if name in ENDS and _alters(inputs, name):
            return name
    return ""


def erased(inputs: Inputs) -> bool:
    """Whether the offence itself is no record any more: its decision was quashed, void or revoked,
    and not merely changed."""
    return bool(overturned(inputs)) and any(_outcome(inputs, step) in _ERASING for step in ENDS)


def _alters(inputs: Inputs, step: str) -> bool:
    return _outcome(inputs, step) not in _LEFT_AS_IT_WAS


def _outcome(inputs: Inputs, step: str) -> str:
    """What became of the decision by a step, as that says it; empty if it was not taken."""
    if step == UNDO_DECISION:
        undone = inputs.at(UNDO_DECISION)
        return undone.kind if undone and "kind" in undone.model_fields_set else ""
    changed = inputs.last(step_name for step_name in _CHANGED_BY if step_name == step)
    varied = inputs.last(step_name for step_name in VARIED_BY if step_name == step)
    said = changed or varied
    return said.result if said else ""


def variations(inputs: Inputs) -> tuple[Sentence, ...]:
    """What the steps were given that varied the decision's sentence, in order."""
    varied = {str(step): step for step in VARIED_BY}
    found = (varied[name] for name in inputs if name in varied)
    return tuple(inputs.needed(step) for step in found if _alters(inputs, step))


def class_in_force(inputs: Inputs) -> str:
    """The class of the credit record of the sentence that stands; empty before there is one."""
    varied = (sentence.publicity for sentence in reversed(variations(inputs)))
    decision = inputs.at(DECIDE)
    return next(filter(None, varied), None) or (decision.publicity if decision else "")


def variation(inputs: Inputs) -> Variation | None:
    """What varied the decision last, or found it unlawful and left it, if nothing varied it; None
    while it stands as it was made."""
    step = inputs.latest(VARIED_BY)
    if step is None:
        return None
    varying = [
        step_name for step_name in VARIED_BY if step_name in inputs and _alters(inputs, step_name)
    ]
    step = inputs.latest(varying) or step
    filing, paper = VARIED_BY[step]
    said = inputs.needed(step)
    filed: forms.Filed | forms.Appealed | None = inputs.at(filing)
    if isinstance(said, forms.Judged) and said.instance == Instance.SECOND:
        filed = inputs.at(forms.APPEAL)
    return Variation(
        filed.body if filed else "",
        step == VARY_BY_LITIGATION,
        paper,
        said.number,
        said.result,
        said.on.isoformat() if said.on else "",
        in_force(inputs),
    )


def in_force(inputs: Inputs) -> Measures:
    """The measures that stand: those decided, or those that the last variation put in their place;
    none of a decision that came to nothing."""
    if overturned(inputs):
        return ()
    said = variations(inputs)
    return tuple(said[-1].measures) if said else decided(inputs)


def history(inputs: Inputs) -> tuple[tuple[str, Measures], ...]:
    """The steps that made, varied or quashed the decision, in order, each with the measures that
    stood after it."""
    steps = {*DECISIONS, *ENDS, *VARIED_BY}
    return tuple((step, in_force(inputs.until(step))) for step in inputs if step in steps)


def before(inputs: Inputs, step: str) -> Measures:
    """The measures that stood before a step was taken."""
    return in_force(inputs.without(step))
