"""Telling a case apart from an earlier one (说明与先前案件的区别): entered by the one door."""

from __future__ import annotations

from typing import Any

from casework.acts.act import Act
from casework.acts.actors import Actor
from casework.kernel import engine
from casework.kernel.idempotency import Outcome
from casework.kernel.office import Office
from state_machines.parts.same_act.part import DISTINGUISH


def distinguish(
    office: Office, actor: Actor, number: str, given: Any, *, key: str | None = None
) -> Outcome:
    """Put down in a case which facts tell its act apart from that of another case of its party.

    Raises a Problem that says what is wrong: NotFound, NotAllowed, BadInput, or GuardRefused with
    the article.
    """

    def work(act: Act) -> None:
        engine.tell(act, "entered", {"input": act.input})

    return office.enter(number, DISTINGUISH, given, actor, work, beside={}, key=key)
