"""Notice, defence and legal review of a decision (告知、申辩、法制审核)."""

from __future__ import annotations

import re

from casework.acts.act import Act
from casework.kernel.facts import FactTable
from state_machines.checks.commitment_check.facts import (
    Defence,
    PublicHarm,
    ReviewBinding,
    RevocationBasis,
)

# 69(1): the authority may, by item; 69(2): it must, where the licence was got by fraud or bribery.
_CONCRETE = re.compile(r"行政许可法》第六十九条(第一款第[一二三四五]项|第二款)")
_REVIEWED = ("facts", "basis", "reasons")


def _defence(act: Act) -> Defence:
    # A statement made after an earlier notice is still a statement: `data` is in order of time.
    said = act.latest(("state_defence", "waive_defence", "notify_revocation"))
    run = next((run for run in reversed(act.runs) if run.name == "defence" and run.live), None)
    # What was reviewed once was told, and its period was over; only a new notice begins a new one.
    reviewed = act.latest(("submit_review", "notify_revocation")) == "submit_review"
    return Defence(
        said == "state_defence",
        said == "waive_defence",
        run.due_on if run else None,
        reviewed or (run is not None and run.fires_at is not None and act.at >= run.fires_at),
    )


def _review_binding(act: Act) -> ReviewBinding:
    passed = act.latest(("pass_review", "return_review", "submit_review")) == "pass_review"
    reviewed = act.data.get("notify_revocation", {})
    return ReviewBinding(
        passed,
        all(act.input.get(part) == reviewed.get(part) for part in _REVIEWED),
    )


def _public_harm(act: Act) -> PublicHarm:
    return PublicHarm(bool(act.input.get("major_public_harm", False)))


def _basis(act: Act) -> RevocationBasis:
    return RevocationBasis(_CONCRETE.search(str(act.input.get("basis", ""))) is not None)


FACTS: FactTable = {
    Defence: _defence,
    PublicHarm: _public_harm,
    ReviewBinding: _review_binding,
    RevocationBasis: _basis,
}
