"""What an appointment or a recusal begins with (预填): the officers to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from api.cases.prefilling import Desk, Prefiller
from api.html.form_fields import Guide, Option
from api.html.site import acting
from casework.reading import officers_of
from state_machines.language.vocabulary import Role

# Who may be asked to stand aside: whoever inquires, weighs, chairs or decides.
_ASIDE = (
    Role.INSPECTOR,
    Role.CASE_HANDLER,
    Role.REVIEWER,
    Role.ECO_REVIEWER,
    Role.LEGAL_REVIEWER,
    Role.HEARING_CHAIR,
    Role.PANEL_MEMBER,
    Role.APPROVER,
    Role.ECO_APPROVER,
)


def _assignment(desk: Desk) -> Guide:
    officers = officers_of(
        desk.visit.office, desk.session, acting(desk.visit), desk.case.number, Role.INSPECTOR
    )
    return Guide(
        begin=desk.given("assign"),
        options={
            "inspectors": [
                Option(officer.username, f"{officer.name}（执法证 {officer.certificate}）")
                for officer in officers
            ]
        },
        hints={"inspectors": "至少两名，证件均在有效期内"},
    )


def _hand_over(desk: Desk) -> Guide:
    return replace(_assignment(desk), begin=desk.given("hand_over") or desk.given("assign"))


def _recusal(desk: Desk) -> Guide:
    known = {
        officer.username: officer.name
        for role in _ASIDE
        for officer in officers_of(
            desk.visit.office,
            desk.session,
            acting(desk.visit),
            desk.case.number,
            role,
            certified=False,
        )
    }
    asked = desk.given("ask_recusal")
    said = "，".join(str(asked.get(name, "")) for name in ("officer", "ground", "facts"))
    return Guide(
        options={"officer": [Option(*one) for one in known.items()]},
        note=f"待决定的申请：{said}",
    )


STEPS: Mapping[str, Prefiller] = {
    "commitment_check.assign": _assignment,
    "place_grading.assign": _assignment,
    "hand_over": _hand_over,
    "decide_recusal": _recusal,
}
