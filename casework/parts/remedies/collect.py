"""行政复议 and 行政诉讼: what is pending, what has overturned the decision, and what varied it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from casework.acts.act import Act
from casework.acts.handed_in import day_of
from casework.common.codes import same_number
from casework.kernel.facts import FactTable
from casework.parts.remedies import decision_in_force as standing
from casework.rules.counting import count
from state_machines.parts.approvals.measures import heavier, money, other_kinds, raised
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
    Changed,
    FirstResult,
    HeavierBecause,
    Instance,
    Quashed,
    Upheld,
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
_APPEALS = ("record_judgment", "appeal", "withdraw_appeal")
# What a judgment of first instance leads to once it is in force: by which step, with which results.
_LEADS_TO: Mapping[str, Mapping[str, Collection[str]]] = {
    FirstResult.REJECTED: {"end_litigation": (Upheld.REJECTED, Upheld.UPHELD)},
    FirstResult.DISMISSED: {"end_litigation": (Upheld.REJECTED, Upheld.ENDED)},
    FirstResult.QUASHED: {"change_by_litigation": (Quashed.QUASHED, Quashed.REDO)},
    FirstResult.PARTLY_QUASHED: {
        "vary_by_litigation": (Varied.PARTLY_QUASHED,),
        "change_by_litigation": (Changed.PARTLY_QUASHED,),
    },
    FirstResult.CHANGED: {
        "vary_by_litigation": (Varied.CHANGED,),
        "change_by_litigation": (Changed.CHANGED,),
    },
    FirstResult.UNLAWFUL: {
        "vary_by_litigation": (Varied.UNLAWFUL,),
        "change_by_litigation": (Changed.UNLAWFUL,),
    },
    FirstResult.VOID: {"change_by_litigation": (Quashed.VOID, Changed.VOID)},
}
# A judgment that quashes 复议决定 gives the decision back its force, as it was or as it varies it.
_RESTORING = (FirstResult.QUASHED, FirstResult.PARTLY_QUASHED, FirstResult.CHANGED)
_VARYING = (FirstResult.PARTLY_QUASHED, FirstResult.CHANGED)


def _remedies(act: Act) -> Remedies:
    at = act.case.tracks
    # What the step itself would do to the decision is not done yet.
    fell = standing.overturned_by(
        {name: said for name, said in act.data.items() if name != act.step.name}
    )
    return Remedies(
        tuple(label for name, label in _NAMES.items() if at.get(name) in _PENDING[name]),
        tuple(label for name, label in _NAMES.items() if fell == f"change_by_{name}"),
    )


def _varied(act: Act) -> VariedSentence:
    now = act.input.get("measures", ())
    stood = standing.before(act.data, act.step.name)
    because = act.input.get("heavier_because")
    return VariedSentence(
        leaves_it=act.input.get("result") == Varied.UNLAWFUL,
        listed=bool(now),
        other_kinds=other_kinds(stood, now),
        raised=raised(stood, now),
        because=HeavierBecause(because).name if because else "",
        restored=not heavier(standing.decided(act.data), now),
    )


def _judgment(act: Act) -> Judgment:
    at = act.case.tracks.get("litigation")
    served = at in (_SERVED, _WITHDRAWN)
    until = _appeal_until(act) if served else None
    # An appeal in time may be entered late, after other acts: its own day is what counts.
    day = day_of(act.input.get("on")) or act.day
    return Judgment(
        instance=str(act.input.get("instance", "")),
        # What was judged already is not withdrawn any more (行诉法62).
        at_once=act.input.get("result") in _ENDS_AT_ONCE and not served,
        served_on=day_of(act.data["record_judgment"]["on"]) if served else None,
        until=until,
        over=until is not None and (at == _WITHDRAWN or day > until),
        appealed=act.latest(_APPEALS) == "appeal",
    )


def _appeal_until(act: Act) -> date:
    """The last day of the time to appeal: as its clock has it, or counted where none runs (in a
    case of an older version that has ended)."""
    run = next((run for run in reversed(act.runs) if run.name == "appeal" and run.live), None)
    if run and run.due_on:
        return run.due_on
    said = act.data["record_judgment"]
    served = date.fromisoformat(said["on"])
    ruling = said["result"] == FirstResult.DISMISSED
    key = "remedy.appeal_ruling" if ruling else "remedy.appeal"
    limit, _ = act.rules.limit(key, served, act.region)
    return count(limit, served, (), act.rules.calendar).due or served


def _ending(act: Act) -> JudgedEnding:
    given, said = act.input, act.data.get("record_judgment")
    if said is None or "file_litigation" not in act.data:
        return JudgedEnding("", fits=True, appealed=False, second=False, own_paper=True,
                            other_measures=False)  # fmt: skip
    first, result = FirstResult(said["result"]), given.get("result")
    restored = given.get("heavier_because") == HeavierBecause.RESTORED
    fits = result in _LEADS_TO[first].get(act.step.name, ())
    if act.step.name == "vary_by_litigation" and restored and first in _RESTORING:
        fits = True
    listed = said.get("measures") or ()
    return JudgedEnding(
        first=first.value,
        fits=fits,
        appealed=act.latest(_APPEALS) == "appeal",
        second=given.get("instance") == Instance.SECOND,
        own_paper=not same_number(given.get("number", ""), said["number"]),
        other_measures=bool(listed) and not _same(listed, given.get("measures") or ()),
    )


def _same(one: Collection[Mapping[str, str]], other: Collection[Mapping[str, str]]) -> bool:
    """Whether two sentences are the same, in whatever order, to the cent and the day."""

    def said(measures: Collection[Mapping[str, str]]) -> list[tuple[str, str, str]]:
        return sorted((m["kind"], f"{money(m['amount']):.2f}", str(m["days"])) for m in measures)

    return said(one) == said(other)


def _first_sentence(act: Act) -> FirstSentence:
    return FirstSentence(act.input.get("result") in _VARYING, bool(act.input.get("measures")))


def _entered(act: Act) -> JudgmentEntered:
    given, before = act.input, act.case.data.get("record_judgment", {})
    return JudgmentEntered(
        served_on=day_of(given.get("on")),
        filed_on=act.dates.get("file_litigation"),
        appealed=act.latest(_APPEALS) == "appeal",
        remanded=bool(str(given.get("remanded_by", "")).strip()),
        own_paper=not same_number(given.get("number", ""), before.get("number", "")),
    )


def _appealed(act: Act) -> Appealed:
    return Appealed(act.latest(_APPEALS) == "appeal")


def _come_back(act: Act) -> ComeBack:
    given_up = act.latest(("annul", "end_execution", "revive")) == "annul"
    return ComeBack(given_up, not standing.overturned(act.data))


def _enforcer(act: Act) -> Enforcer:
    varied = standing.variation(act.data)
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
