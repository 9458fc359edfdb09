"""Effect of a delivery (送达): what became of it is kept."""

from __future__ import annotations

from collections.abc import Mapping

from casework.acts.act import Act
from casework.acts.deliveries import day_told, record
from casework.acts.legal_dates import overrun
from casework.kernel.carrying_out import Amender
from state_machines.language.vocabulary import Effect, RecordService

# What is entered later than the party has time to pay (处罚法67) would be overdue at once.
_LATE = "late_entry.service"


def _record(act: Act, _effect: RecordService) -> set[str]:
    # A gateway, or the end of an announcement, is no entry by a person.
    by_person = not (act.by_law or act.ground.arrival)
    told = (_LATE, act.at, day_told(act), act.ground.now, act.region)
    return record(act, late=by_person and overrun(act.rules, *told) is not None)


BEFOREHAND: Mapping[type[Effect], Amender] = {RecordService: _record}
