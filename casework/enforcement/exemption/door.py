"""Nobody is let off for another act than the one that was checked (核对表).

A proposal may call the act by another violation than the checklist went by; what the checklist was
asked of that is asked again, in cases of every version.
"""

from __future__ import annotations

from casework.acts.act import Act
from casework.enforcement.exemption.collect import door_of, wrong_entry
from casework.kernel import facts
from state_machines.enforcement.exemption import guards as exemptions
from state_machines.enforcement.exemption.facts import ListEntry
from state_machines.enforcement.exemption.forms import (
    CHECK_FIRST,
    CHECK_MINOR,
    EXEMPT,
    PROPOSE_EXEMPTION,
    MinorChecklist,
)
from state_machines.language.vocabulary import Refusal

# The checklists that may rely on an entry of a list.
_LISTING = {"first": CHECK_FIRST, "minor": CHECK_MINOR}


def refusals(act: Act) -> list[Refusal]:
    """What of its checklist the violation that is proposed does not meet."""
    if act.process.key != "first_offence_exemption":
        return []
    if act.step.name not in (PROPOSE_EXEMPTION, EXEMPT):
        return []
    door = door_of(act)
    found = []
    if door == "first":
        excluded = exemptions.kind_is_not_excluded
        found.append(excluded.judge(facts.collect(act, (excluded,))))
    checked = act.inputs.told(MinorChecklist, _LISTING.get(door))
    if checked and checked.listed:
        entry = ListEntry(checked.listed, wrong_entry(act, checked.listed, door))
        found.append(exemptions.list_names_it.judge({ListEntry: entry}))
    return [refusal for refusal in found if refusal]
