"""Nothing is refused on a word (不予许可的依据): what was found is on file, in every version.

A look that found a condition unmet, a review that was not passed, or what else the authority found
in writing.
"""

from __future__ import annotations

from casework.acts.act import Act
from casework.acts.handed_in import kept_since
from state_machines.language.vocabulary import Refusal
from state_machines.licensing.instant_licence.forms import REFUSE
from state_machines.parts.promise.forms import CHECK_SITE
from state_machines.radiation.forms import REFUSE_ECO, REFUSE_HEALTH

FINDING = "refusal_finding"
# Of licences; what else bears the same name is refused on what its own process asks.
_LICENCES = ("instant_licence", "licence_renewal", "licence_change")
_LAW = "《行政许可法》第三十四条、第三十八条第二款"


def refusals(act: Act) -> list[Refusal]:
    """What stands against refusing a licence."""
    if act.step.name == REFUSE and act.process.key in _LICENCES:
        return _of_a_look(act)
    if act.step.name in (REFUSE_HEALTH, REFUSE_ECO):
        return _of_a_review(act)
    return []


def _of_a_look(act: Act) -> list[Refusal]:
    seen = act.inputs.at(CHECK_SITE)
    if seen is not None and not all(result.met for result in seen.results):
        return []
    return _unfounded(act, act.dossier.row_of(CHECK_SITE))


def _of_a_review(act: Act) -> list[Refusal]:
    item = act.step.name.rpartition("_")[2]
    passed, failed = f"pass_{item}", f"fail_{item}"
    if act.latest((passed, failed)) == failed:
        return []
    return _unfounded(act, act.dossier.row_of(passed))


def _unfounded(act: Act, since: int) -> list[Refusal]:
    """What the authority found otherwise is in writing, after a look or review that speaks for the
    applicant."""
    if kept_since(act, FINDING, since or -1):
        return []
    text = (
        "不予许可须有在卷的认定：核查认定不符合条件、审查未通过，"
        "或者先上传书面审查意见、检测报告等（材料“不予许可的依据”）再决定"
    )
    return [Refusal("refusal_without_finding", text, _LAW)]
