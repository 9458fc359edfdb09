"""What a change of code (主体代码变更) asks when a case of it is opened."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from casework.common.typed_inputs import Inputs
from casework.models import Party
from casework.parties.code_change.succession import judge_claim
from state_machines.language.vocabulary import Process
from state_machines.parties.code_change.forms import Claim
from state_machines.parties.code_change.process import CODE_CHANGE


def judge_opening(
    session: Session, process: Process, party: Party, inputs: Inputs, on: date
) -> None:
    """Raise BadInput if the party cannot continue the code that it is said to have borne."""
    if process.key == CODE_CHANGE.key:
        judge_claim(session, party, inputs.application(Claim).old_code, on)
