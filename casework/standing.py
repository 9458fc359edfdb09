"""What stands of a penalty's decision (处罚决定的效力): whether it does, and which sentence.

行政复议 or a court may vary it, and then the sentence that it has from them takes the place of the
one decided. Debts, papers, licences and records all ask here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from state_machines.forms.corrections import Undoing
from state_machines.forms.remedies import Instance, Quashed, Varied

Data = Mapping[str, Any]
Measures = tuple[Mapping[str, Any], ...]

DECISIONS = ("decide", "punish")
_QUASHED = tuple(result.value for result in Quashed)
# By which steps a decision comes to nothing, with what results, and how that is told.
_ENDS = {
    "change_by_reconsideration": ("result", _QUASHED, "已被行政复议撤销"),
    "change_by_litigation": ("result", _QUASHED, "已被人民法院裁判撤销"),
    "undo_decision": ("kind", (Undoing.REVOKED.value,), "已被本机关撤销"),
}
# By which steps it is varied, what filed the remedy, and what the paper that varies it is called.
_VARIED_BY = {
    "vary_by_reconsideration": ("file_reconsideration", "行政复议决定"),
    "vary_by_litigation": ("file_litigation", "生效裁判"),
}
_LEFT_AS_IT_WAS = Varied.UNLAWFUL.value


@dataclass(frozen=True)
class Variation:
    """The paper that varied a decision: of which body, what it is, its number, what it said, and
    when the party had it (ISO date, empty if it is not told)."""

    body: str
    paper: str
    number: str
    result: str
    on: str
    measures: Measures

    @property
    def leaves_it(self) -> bool:
        """Whether the decision was found unlawful, and left as it was."""
        return self.result == _LEFT_AS_IT_WAS

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
    stands. One that was varied or merely found unlawful stands."""
    for step, (field, results, told) in _ENDS.items():
        if data.get(step, {}).get(field) in results:
            return told
    return ""


def variation(data: Data) -> Variation | None:
    """What varied the decision last; None while it stands as it was made."""
    step = next((name for name in reversed(list(data)) if name in _VARIED_BY), None)
    if step is None:
        return None
    filing, paper = _VARIED_BY[step]
    said = data[step]
    if said.get("instance") == Instance.SECOND:
        filing = "appeal"
    return Variation(
        data.get(filing, {}).get("body", ""),
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
    for name in reversed(list(data)):
        if name in _VARIED_BY and data[name].get("result") != _LEFT_AS_IT_WAS:
            return tuple(data[name].get("measures", ()))
    return decided(data)


def before(data: Data, step: str) -> Measures:
    """The measures that stood before a step was taken."""
    return in_force({name: said for name, said in data.items() if name != step})
