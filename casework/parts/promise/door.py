"""The promise route at the grant (告知承诺): what closes it to a promise closes it still.

A record may come between the promise and the grant; it is asked for again, in cases of every
version.
"""

from __future__ import annotations

from casework.acts.act import Act
from casework.kernel import facts
from casework.parts.promise.collect import is_promised
from state_machines.language.vocabulary import Refusal
from state_machines.licensing.instant_licence.forms import GRANT
from state_machines.parts.promise.guards import credit_allows_promise


def refusals(act: Act) -> list[Refusal]:
    """What stands against granting on a promise now."""
    if act.step.name != GRANT or not is_promised(act):
        return []
    refusal = credit_allows_promise.judge(facts.collect(act, (credit_allows_promise,)))
    return [refusal] if refusal else []
