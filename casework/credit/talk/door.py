"""A party is called to a talk (约谈) on a working day, in office hours."""

from __future__ import annotations

from casework.acts.act import Act
from casework.parts.hearing.office_hours import outside_hours
from state_machines.credit.talk.forms import INVITE, Invitation
from state_machines.language.vocabulary import Refusal


def refusals(act: Act) -> list[Refusal]:
    """What stands against the day and the hour of a talk."""
    if act.process.key != "credit_talk" or act.step.name != INVITE:
        return []
    law = "国办发〔2020〕49号（依法依规约谈）"
    invitation = act.filled(Invitation)
    return list(outside_hours(act, invitation.day, invitation.time, law))
