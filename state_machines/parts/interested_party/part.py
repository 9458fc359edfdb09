"""利害关系人: others whose interests a licence touches are registered, and so are to be heard.

《行政许可法》第三十六条、第四十六条、第四十七条. An application composes these steps; each but the
calling of a hearing opens a case of `interested_party`, in which that one is told, served, heard
and answered. Until all of them are through, no decision grants the application
(`door/gates.py`), in cases of every version.
"""

from __future__ import annotations

from collections.abc import Mapping

from state_machines.language.vocabulary import Notify, OpenCase, OpenCaseOf, Role, Step, schema
from state_machines.parts.interested_party import forms, guards

PROCESS = "interested_party"
_OF_THE_PLACE = {
    "about": "@case",
    "place_name": "application.place_name",
    "address": "application.address",
}
_GIVEN = ("interest", "contact_name", "contact_phone")


def registering(
    moves: Mapping[str, str],
    *,
    by: tuple[Role, ...],
    law: str = "《行政许可法》第三十六条",
    tell: Role = Role.REVIEWER,
) -> tuple[Step, ...]:
    """Registering an interested party, hearing the applicant beside it, and calling a hearing for
    which nobody asked, by `by`; whoever is to `tell` them of it learns so.

    Whoever has others to hear decides nothing on the spot: `moves` may lead back to the ordinary
    route.
    """
    staying = {state: state for state in moves.values()}
    return (
        Step(
            "register_interested",
            "登记利害关系人",
            moves,
            by,
            form=schema(forms.Interested),
            guards=(guards.interest_is_shown, guards.interest_is_registered_once),
            effects=(
                OpenCaseOf(
                    PROCESS,
                    PROCESS,
                    {
                        "capacity": "=利害关系人",
                        **_OF_THE_PLACE,
                        **{name: f"register_interested.{name}" for name in _GIVEN},
                    },
                    party="register_interested.code",
                ),
                Notify("party"),
                Notify(tell),
            ),
            law=law,
            optional=True,
            in_every_version=True,
        ),
        Step(
            "tell_applicant",
            "告知申请人（有利害关系人的）",
            staying,
            by,
            guards=(guards.applicant_is_told_once,),
            effects=(
                OpenCase(
                    PROCESS,
                    PROCESS,
                    {
                        "capacity": "=申请人",
                        **_OF_THE_PLACE,
                        "interest": "=申请取得该项许可",
                        "contact_name": "application.contact_name",
                        "contact_phone": "application.contact_phone",
                    },
                ),
                Notify(tell),
            ),
            law="《行政许可法》第四十七条第一款",
            optional=True,
            in_every_version=True,
        ),
        # Nobody needs to ask for what the law, or a great public interest, has a hearing about. The
        # applicant is told then, and called, as beside others.
        Step(
            "call_hearing",
            "依职权决定举行听证",
            moves,
            by,
            form=schema(forms.OwnMotion),
            guards=(guards.own_hearing_is_called_once,),
            effects=(Notify("party"), Notify(tell)),
            law="《行政许可法》第四十六条",
            optional=True,
            asks=True,
            in_every_version=True,
        ),
    )
