"""Carrying out what a step declares (办理效果): each kind of effect by its carriers, in one order.

The `effects.py` of each topic says how it carries out what it answers for: `BEFOREHAND` what
changes the case's own data, `CARRIERS` the rest. Order of locks: related cases and the party's
standing first, numbers and rendering last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from casework.acts.act import Act
from state_machines.language.topics import modules_named
from state_machines.language.vocabulary import (
    Amend,
    BringInLine,
    ContinueParty,
    Correct,
    CorrectCredit,
    Effect,
    Issue,
    KeepEvidence,
    Mark,
    MoveIfItWaits,
    MoveRelated,
    Notify,
    OpenCase,
    OpenCaseOf,
    Proceed,
    Publish,
    ReclassCredit,
    RecordCredit,
    RecordService,
    Recuse,
    RepairCredit,
    ScheduleInstalment,
    TakeDown,
    TellFormer,
    Withdraw,
    applies,
)

# Changes the data of the act's case; gives the anchors of clocks that moved with it.
Amender = Callable[[Act, Any], set[str]]
Carrier = Callable[[Act, Any], None]

# What changes the case's own data comes before its clocks and documents look at it.
_BEFOREHAND = (Amend, Mark, Correct, BringInLine, RecordService, ScheduleInstalment)
_ORDER = (
    MoveRelated,
    MoveIfItWaits,
    RecordCredit,
    RepairCredit,
    CorrectCredit,
    # What stands again is put into its class after that.
    BringInLine,
    ReclassCredit,
    ContinueParty,
    TellFormer,
    Recuse,
    Withdraw,
    TakeDown,
    Publish,
    # What was served counts, and is shown, from then on.
    RecordService,
    OpenCase,
    OpenCaseOf,
    Correct,
    Issue,
    KeepEvidence,
    Notify,
)
# What comes after the log row of the step is the engine's.
_AFTERWARDS = (Proceed,)
CARRIED_OUT: frozenset[type[Effect]] = frozenset({*_BEFOREHAND, *_ORDER, *_AFTERWARDS})


def amend(act: Act) -> set[str]:
    """Change what the case's data says: its application, the register of what was served, and which
    instalment comes next.

    Gives the anchors (`application.FIELD`, `service.OF.served_on`, `instalments.next.due_on`) that
    moved with it, and the clocks that wait since.
    """
    moved: set[str] = set()
    for effect in _of(act, _BEFOREHAND):
        moved |= _amenders()[type(effect)](act, effect)
    return moved


def carry_out(act: Act) -> None:
    """Carry out what is left to do of the step's effects."""
    for effect in _of(act, _ORDER):
        for carrier in _carriers()[type(effect)]:
            carrier(act, effect)


def _of(act: Act, order: tuple[type[Effect], ...]) -> Iterable[Effect]:
    """The effects of these kinds that apply, kind after kind, as the step declares them."""
    wanted = (one for one in act.step.effects if type(one) in order and _applies(act, one))
    return sorted(wanted, key=lambda effect: order.index(type(effect)))


def _applies(act: Act, effect: Effect) -> bool:
    if effect.leaving and effect.leaving != act.source:
        return False
    return not effect.when or applies(effect.when, act.data)


@cache
def _amenders() -> Mapping[type[Effect], Amender]:
    return {
        kind: amender
        for topic in modules_named("effects", "casework")
        for kind, amender in getattr(topic, "BEFOREHAND", {}).items()
    }


@cache
def _carriers() -> Mapping[type[Effect], Sequence[Carrier]]:
    """By the kind of effect, whatever topics answer for it, in the order of their paths."""
    found: dict[type[Effect], list[Carrier]] = {}
    for topic in modules_named("effects", "casework"):
        for kind, carrier in getattr(topic, "CARRIERS", {}).items():
            found.setdefault(kind, []).append(carrier)
    return found
