"""Effect of a delivery (送达): what became of it is kept."""

from __future__ import annotations

from collections.abc import Mapping

from casework.acts.act import Act
from casework.acts.deliveries import day_told, record
from casework.acts.legal_dates import overrun
from casework.kernel.carrying_out import Amender
from state_machines.language.vocabulary import Effect, RecordService
from state_machines.parts.delivery.forms import Receipt, Way

# What comes back from others is late once the party's time to pay (处罚法67) would have run out;
# what officers served themselves, as soon as somebody has to permit its entry.
_LATE, _OWN_LATE = "late_entry.service", "late_entry.away"


def _record(act: Act, _effect: RecordService) -> set[str]:
    # A gateway, or the end of an announcement, is no entry by a person.
    by_person = not (act.by_law or act.context.arrival)
    own = act.filled(Receipt).way in (Way.DIRECT, Way.LEFT)
    told = (act.at, day_told(act), act.context.now, act.region)
    late = overrun(act.rules, _OWN_LATE if own else _LATE, *told) is not None
    return record(act, late=by_person and late)


BEFOREHAND: Mapping[type[Effect], Amender] = {RecordService: _record}
