"""Effect of instalments (分期): the day of the next one is kept, and until when nothing is late
where a payment was put right against the party."""

from __future__ import annotations

from collections.abc import Mapping

from casework.acts.act import Act
from casework.enforcement.fines.debt import hold, schedule
from casework.kernel.carrying_out import Amender
from state_machines.language.vocabulary import Effect, ScheduleInstalment


def _schedule(act: Act, _effect: ScheduleInstalment) -> set[str]:
    return {schedule(act), *hold(act)}


BEFOREHAND: Mapping[type[Effect], Amender] = {ScheduleInstalment: _schedule}
