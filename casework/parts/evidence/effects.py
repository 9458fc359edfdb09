"""Effect of evidence: what the step made is kept in the register."""

from __future__ import annotations

from collections.abc import Mapping

from casework.acts.act import Act
from casework.kernel.carrying_out import Carrier
from casework.parts.evidence.register import keep
from state_machines.language.vocabulary import Effect, KeepEvidence


def _keep(act: Act, effect: KeepEvidence) -> None:
    keep(act, effect, act.issued)


CARRIERS: Mapping[type[Effect], Carrier] = {KeepEvidence: _keep}
