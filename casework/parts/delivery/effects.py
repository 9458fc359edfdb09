"""Effect of a delivery (送达): what became of it is kept."""

from __future__ import annotations

from collections.abc import Mapping

from casework.acts.act import Act
from casework.acts.deliveries import record
from casework.kernel.carrying_out import Amender
from state_machines.language.vocabulary import Effect, RecordService


def _record(act: Act, _effect: RecordService) -> set[str]:
    return record(act)


BEFOREHAND: Mapping[type[Effect], Amender] = {RecordService: _record}
