"""行政复议 and 行政诉讼: what is pending, what has overturned the decision, and what varied it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from casework.acts.act import Act
from casework.common.codes import same_number
from casework.kernel.facts import FactTable
from casework.parts.remedies import decision_in_force as standing
from casework.rules.counting import count
from state_machines.enforcement.fines.forms import END_EXECUTION
from state_machines.enforcement.penalty.forms import VARY_BY_LITIGATION
from state_machines.parts.approvals.measures import Measure, heavier, money, other_kinds, raised
from state_machines.parts.remedies import forms
from state_machines.parts.remedies.facts import (
    Appealed,
    ComeBack,
    Enforcer,
    FirstSentence,
    JudgedEnding,
    Judgment,
    JudgmentEntered,
    Remedies,
    VariedSentence,
)
from state_machines.parts.remedies.forms import (
    ANNUL,
    APPEAL,
    CHANGE_BY_LITIGATION,
    END_LITIGATION,
    FILE_LITIGATION,
    RECORD_JUDGMENT,
    REVIVE,
    WITHDRAW_APPEAL,
    Changed,
    FirstResult,
    HeavierBecause,
    Instance,
    Judged,
    JudgedVariation,
    Quashed,
    Standing,
    Upheld,
    Variation,
    Varied,
)

# What may still be appealed against is pending, and so is what nobody has entered as over yet.
_SERVED, _WITHDRAWN = "judgment_served", "appeal_withdrawn"
_PENDING = {
    "reconsideration": ("under_reconsideration",),
    "litigation": ("under_litigation", _SERVED, _WITHDRAWN),
}
_ENDS_AT_ONCE = (Upheld.WITHDRAWN.value, Upheld.ENDED.value)
_NAMES = {"reconsideration": "行政复议", "litigation": "行政诉讼"}
_APPEALS = (RECORD_JUDGMENT, APPEAL, WITHDRAW_APPEAL)
# What a judgment of first instance leads to once it is in force: by which step, with which results.
_LEADS_TO: Mapping[str, Mapping[str, Collection[str]]] = {
    FirstResult.REJECTED: {END_LITIGATION: (Upheld.REJECTED, Upheld.UPHELD)},
    FirstResult.DISMISSED: {END_LITIGATION: (Upheld.REJECTED, Upheld.ENDED)},
    FirstResult.QUASHED: {CHANGE_BY_LITIGATION: (Quashed.QUASHED, Quashed.REDO)},
    FirstResult.PARTLY_QUASHED: {
        VARY_BY_LITIGATION: (Varied.PARTLY_QUASHED,),
        CHANGE_BY_LITIGATION: (Changed.PARTLY_QUASHED,),
    },
    FirstResult.CHANGED: {
        VARY_BY_LITIGATION: (Varied.CHANGED,),
        CHANGE_BY_LITIGATION: (Changed.CHANGED,),
    },
    FirstResult.UNLAWFUL: {
        VARY_BY_LITIGATION: (Varied.UNLAWFUL,),
        CHANGE_BY_LITIGATION: (Changed.UNLAWFUL,),
    },
    FirstResult.VOID: {CHANGE_BY_LITIGATION: (Quashed.VOID, Changed.VOID)},
}
# A judgment that quashes 复议决定 gives the decision back its force, as it was or as it varies it.
_RESTORING = (FirstResult.QUASHED, FirstResult.PARTLY_QUASHED, FirstResult.CHANGED)
_VARYING = (FirstResult.PARTLY_QUASHED, FirstResult.CHANGED)


def _remedies(act: Act) -> Remedies:
    at = act.case.tracks
    # What the step itself would do to the decision is not done yet.
    fell = standing.overturned_by(act.inputs.without(act.step.name))
    return Remedies(
        tuple(label for name, label in _NAMES.items() if at.get(name) in _PENDING[name]),
        tuple(label for name, label in _NAMES.items() if fell == f"change_by_{name}"),
    )


def _varied(act: Act) -> VariedSentence:
    variation = act.filled(Variation)
    stood = standing.before(act.inputs, act.step.name)
    return VariedSentence(
        leaves_it=variation.result == Varied.UNLAWFUL,
        listed=bool(variation.measures),
        other_kinds=other_kinds(stood, variation.measures),
        raised=raised(stood, variation.measures),
        because=variation.heavier_because.name if variation.heavier_because else "",
        restored=not heavier(standing.decided(act.inputs), variation.measures),
    )


def _judgment(act: Act) -> Judgment:
    at = act.case.tracks.get("litigation")
    served = at in (_SERVED, _WITHDRAWN)
    until = _appeal_until(act) if served else None
    # An appeal in time may be entered late, after other acts: its own day is what counts.
    judged = act.filled(Judged)
    day = judged.on or act.day
    return Judgment(
        instance=str(judged.instance) if "instance" in judged.model_fields_set else "",
        # What was judged already is not withdrawn any more (行诉法62).
        at_once=act.filled(Standing).result in _ENDS_AT_ONCE and not served,
        served_on=act.inputs.needed(RECORD_JUDGMENT).on if served else None,
        until=until,
        over=until is not None and (at == _WITHDRAWN or day > until),
        appealed=act.latest(_APPEALS) == APPEAL,
    )


def _appeal_until(act: Act) -> date:
    """The last day of the time to appeal: as its clock has it, or counted where none runs (in a
    case of an older version that has ended)."""
    run = next((run for run in reversed(act.runs) if run.name == "appeal" and run.live), None)
    if run and run.due_on:
        return run.due_on
    first_sentence = act.inputs.needed(RECORD_JUDGMENT)
    ruling = first_sentence.result == FirstResult.DISMISSED
    key = "remedy.appeal_ruling" if ruling else "remedy.appeal"
    limit, _ = act.rules.limit(key, first_sentence.on, act.region)
    return count(limit, first_sentence.on, (), act.rules.calendar).due or first_sentence.on


def _ending(act: Act) -> JudgedEnding:
    judged, judged_variation = act.inputs.at(RECORD_JUDGMENT), act.filled(JudgedVariation)
    if judged is None or FILE_LITIGATION not in act.inputs:
        return JudgedEnding("", fits=True, appealed=False, second=False, own_paper=True,
                            other_measures=False)  # fmt: skip
    first, restored = judged.result, judged_variation.heavier_because == HeavierBecause.RESTORED
    fits = judged_variation.result in _LEADS_TO[first].get(act.step.name, ())
    if act.step.name == VARY_BY_LITIGATION and restored and first in _RESTORING:
        fits = True
    return JudgedEnding(
        first=first.value,
        fits=fits,
        appealed=act.latest(_APPEALS) == APPEAL,
        second=judged_variation.instance == Instance.SECOND,
        own_paper=not same_number(judged_variation.number, judged.number),
        other_measures=bool(judged.measures)
        and not _same(judged.measures, judged_variation.measures),
    )


def _same(one: Iterable[Measure], other: Iterable[Measure]) -> bool:
    """Whether two sentences are the same, in whatever order, to the cent and the day."""

    def said(measures: Iterable[Measure]) -> list[tuple[str, str, int]]:
        return sorted(
            (measure.kind, f"{money(measure.amount):.2f}", measure.days) for measure in measures
        )

    return said(one) == said(other)


def _first_sentence(act: Act) -> FirstSentence:
    first_sentence = act.filled(forms.FirstSentence)
    return FirstSentence(first_sentence.result in _VARYING, bool(first_sentence.measures))


def _entered(act: Act) -> JudgmentEntered:
    first_sentence, before = act.filled(forms.FirstSentence), act.before.at(RECORD_JUDGMENT)
    return JudgmentEntered(
        served_on=first_sentence.on,
        filed_on=act.dates.get(FILE_LITIGATION),
        appealed=act.latest(_APPEALS) == APPEAL,
        remanded=bool(first_sentence.remanded_by.strip()),
        own_paper=not same_number(first_sentence.number, before.number if before else ""),
    )


def _appealed(act: Act) -> Appealed:
    return Appealed(act.latest(_APPEALS) == APPEAL)


def _come_back(act: Act) -> ComeBack:
    given_up = act.latest((ANNUL, END_EXECUTION, REVIVE)) == ANNUL
    return ComeBack(given_up, not standing.overturned(act.inputs))


def _enforcer(act: Act) -> Enforcer:
    varied = standing.variation(act.inputs)
    # What a court varied since, the authority has enforced.
    if varied is None or varied.leaves_it or varied.by_court:
        return Enforcer("")
    return Enforcer(varied.body)


FACTS: FactTable = {
    Appealed: _appealed,
    ComeBack: _come_back,
    Enforcer: _enforcer,
    FirstSentence: _first_sentence,
    JudgedEnding: _ending,
    Judgment: _judgment,
    JudgmentEntered: _entered,
    Remedies: _remedies,
    VariedSentence: _varied,
}
