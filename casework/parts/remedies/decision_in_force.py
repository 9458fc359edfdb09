"""What stands of a penalty's decision (处罚决定的效力): whether it does, and which sentence.

行政复议 or a court may vary it, and then the sentence that it has from them takes the place of the
one decided. Debts, papers, licences and records all ask here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from state_machines.parts.corrections.forms import Undoing
from state_machines.parts.remedies.forms import Changed, Instance, Quashed, Varied

Data = Mapping[str, Any]
Measures = tuple[Mapping[str, Any], ...]

DECISIONS = ("decide", "punish")
# By which steps a decision comes to nothing, and how that is told. Of a case opened before it could
# be varied here these also say that another body changed it, and ours is none any more.
ENDS = {
    "change_by_reconsideration": "行政复议",
    "change_by_litigation": "人民法院裁判",
    "undo_decision": "本机关",
}
# What of it leaves no offence behind.
_ERASING = (*(result.value for result in Quashed), Undoing.REVOKED.value)
# By which steps it is varied, what filed the remedy, and what the paper that varies it is called.
VARIED_BY = {
    "vary_by_reconsideration": ("file_reconsideration", "行政复议决定"),
    "vary_by_litigation": ("file_litigation", "生效裁判"),
}
# What was merely found unlawful stands (行诉法74、复议法65), by whichever form that is said.
_LEFT_AS_IT_WAS = (Varied.UNLAWFUL.value, Changed.UNLAWFUL.value)


@dataclass(frozen=True)
class Variation:
    """The paper that varied a decision: of which body (`by_court`: a court), what it is, its
    number, what it said, and when the party had it (ISO date, empty if it is not told)."""

    body: str
    by_court: bool
    paper: str
    number: str
    result: str
    on: str
    measures: Measures

    @property
    def leaves_it(self) -> bool:
        """Whether the decision was found unlawful, and left as it was."""
        return self.result in _LEFT_AS_IT_WAS

    @property
    def source(self) -> str:
        """The paper as other papers name it."""
        return f"{self.body}{self.number}{self.paper}"


def decided(data: Data) -> Measures:
    """The measures that were decided; none before there is a decision."""
    said: Data = next((data[name] for name in DECISIONS if name in data), {})
    return tuple(said.get("measures", ()))


def overturned(data: Data) -> str:
    """How a decision came to nothing (撤销、确认无效), in Chinese; empty while something of it
    stands. One that was varied or merely found unlawful stands, and so does one that a court gave
    back its force after 行政复议 had quashed it."""
    step = overturned_by(data)
    return f"已被{ENDS[step]}{'撤销' if _erases(data[step]) else '改变'}" if step else ""


def overturned_by(data: Data) -> str:
    """The step by which a decision came to nothing; empty while something of it stands."""
    for name in reversed(list(data)):
        if _varies(data, name):
            return ""
        if name in ENDS and data[name].get("result") not in _LEFT_AS_IT_WAS:
            return name
    return ""


def erased(data: Data) -> bool:
    """Whether the offence itself is no record any more: its decision was quashed, void or revoked,
    and not merely changed."""
    return bool(overturned(data)) and any(_erases(data.get(name, {})) for name in ENDS)


def _erases(said: Data) -> bool:
    return said.get("result") in _ERASING or said.get("kind") in _ERASING


def _varies(data: Data, name: str) -> bool:
    return name in VARIED_BY and data[name].get("result") not in _LEFT_AS_IT_WAS


def variations(data: Data) -> tuple[Data, ...]:
    """What the steps were given that varied the decision's sentence, in order."""
    return tuple(data[name] for name in data if _varies(data, name))


def variation(data: Data) -> Variation | None:
    """What varied the decision last, or found it unlawful and left it, if nothing varied it; None
    while it stands as it was made."""
    said_of_it = [name for name in reversed(list(data)) if name in VARIED_BY]
    if not said_of_it:
        return None
    step = next((name for name in said_of_it if _varies(data, name)), said_of_it[0])
    filing, paper = VARIED_BY[step]
    said = data[step]
    if said.get("instance") == Instance.SECOND:
        filing = "appeal"
    return Variation(
        data.get(filing, {}).get("body", ""),
        step == "vary_by_litigation",
        paper,
        said["number"],
        said["result"],
        said.get("on") or "",
        in_force(data),
    )


def in_force(data: Data) -> Measures:
    """The measures that stand: those decided, or those that the last variation put in their place;
    none of a decision that came to nothing."""
    if overturned(data):
        return ()
    said = variations(data)
    return tuple(said[-1].get("measures", ())) if said else decided(data)


def history(data: Data) -> tuple[tuple[str, Measures], ...]:
    """The steps that made, varied or quashed the decision, in order, each with the measures that
    stood after it."""
    found, so_far = list[tuple[str, Measures]](), dict[str, Any]()
    for name, said in data.items():
        so_far[name] = said
        if name in DECISIONS or name in ENDS or name in VARIED_BY:
            found.append((name, in_force(so_far)))
    return tuple(found)


def before(data: Data, step: str) -> Measures:
    """The measures that stood before a step was taken."""
    return in_force({name: said for name, said in data.items() if name != step})
