"""What the notice of a hearing begins with (预填)."""

from __future__ import annotations

from collections.abc import Mapping

from api.cases.prefilling import Desk, Prefiller
from api.html.form_fields import Guide, Option
from api.html.site import acting
from casework.reading import officers_of
from state_machines.language.vocabulary import Role


def _hearing(desk: Desk) -> Guide:
    officers = officers_of(
        desk.visit.office,
        desk.session,
        acting(desk.visit),
        desk.case.number,
        Role.HEARING_CHAIR,
        certified=False,
    )
    return Guide(
        begin=desk.given("schedule_hearing"),
        options={"chair": [Option(officer.username, officer.name) for officer in officers]},
        hints={
            "on": "举行听证的七个工作日前通知当事人和有关人员",
            "chair": "不能是本案调查人员或者审核人员",
            "closed_because": "公开举行的不填",
        },
    )


STEPS: Mapping[str, Prefiller] = {
    "schedule_hearing": _hearing,
}
