"""暂扣: a penalty suspends a licence for some days, an overlay on the states in which it is held.

《行政处罚法》第九条第三项. What the licence is besides goes on: its term, which is not moved,
and its renewal (许可法50). When the days are over it is what it has become meanwhile.
"""

from __future__ import annotations

from state_machines.language.vocabulary import (
    Clock,
    Fire,
    Notify,
    Remind,
    Role,
    State,
    Step,
    Track,
    schema,
)
from state_machines.licensing.licence import forms
from state_machines.licensing.penalised import guards as licence_penalties
from state_machines.parts.intake.part import APPROVER

SUSPENSION, SUSPENDED = "suspension", "suspended"
GIVEN_BACK = "《行政复议法》第六十四条、《行政诉讼法》第七十条、《行政处罚法》第七十五条第二款"
_FREE = "not_suspended"
_LAW = "《行政处罚法》第九条第三项"
_TOLD = (Notify("party"), Notify(Role.WINDOW_CLERK))


def suspension(held: tuple[str, ...]) -> Track:
    """The overlay on a licence that is in one of the states `held`."""
    return Track(
        SUSPENSION,
        "暂扣",
        held,
        _FREE,
        (
            State(_FREE, "未暂扣", unattended="没有暂扣许可证件的处罚决定"),
            State(SUSPENDED, "暂扣中"),
        ),
        (
            Step(
                "suspend",
                "暂扣",
                # A term that was shortened is entered anew by the penalty itself.
                {_FREE: SUSPENDED, SUSPENDED: SUSPENDED},
                (*APPROVER, Role.RELATED),
                only={SUSPENDED: (Role.RELATED,), _FREE: APPROVER},
                form=schema(forms.Suspension),
                guards=(
                    licence_penalties.penalty_decided_it,
                    licence_penalties.suspension_is_as_decided,
                ),
                effects=_TOLD,
                law=_LAW,
                optional=True,
                final=True,
                in_every_version=True,
            ),
            Step(
                "restore",
                "暂扣期满",
                {SUSPENDED: _FREE},
                (Role.TIMER,),
                effects=_TOLD,
                law=_LAW,
            ),
            Step(
                "lift_suspension",
                "解除暂扣",
                {SUSPENDED: _FREE},
                (*APPROVER, Role.RELATED),
                form=schema(forms.GivenBack),
                guards=(licence_penalties.penalty_came_to_nothing,),
                effects=_TOLD,
                law=GIVEN_BACK,
                optional=True,
            ),
        ),
        (
            Clock(
                "suspension_term",
                "暂扣期限",
                (SUSPENDED,),
                Fire("restore"),
                anchor="suspend.until",
                law=_LAW,
                binds="party",
                remind=(Remind("party"),),
                says="暂扣至 {day}",
            ),
        ),
        overlay=True,
    )
