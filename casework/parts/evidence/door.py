"""What the party handed in stays in the file (处罚法45), in cases of every version: no handler
strikes it out, nor puts something else in its place."""

from __future__ import annotations

from casework.acts.act import Act
from casework.parts.evidence.register import latest, rows_of
from state_machines.language.vocabulary import Refusal
from state_machines.parts.evidence.forms import Entry, Item, Origin
from state_machines.parts.evidence.part import REPLACE, WITHDRAW

_LAW = "《行政处罚法》第四十五条、第四十六条"


def refusals(act: Act) -> list[Refusal]:
    """What stands against withdrawing or replacing an item of the evidence register."""
    step = act.step.name
    if step not in (REPLACE.name, WITHDRAW.name):
        return []
    row = latest(rows_of(act.session, act.case.id)).get(act.filled(Entry).item or 0)
    if row is None or row.said.get("origin") != Origin.PARTY.value:
        return []
    said, file = act.filled(Item), act.filled(Entry).file
    # What is said of it may be put right; a better copy is registered beside it.
    same = (file.sha256 if file else None, said.description) == (
        row.digest,
        row.said.get("description", ""),
    )
    if step == REPLACE.name and said.origin == Origin.PARTY and same:
        return []
    text = (
        f"“{row.said['title']}”由当事人提交，不得撤回、改变内容或者换成其他来源的材料："
        "登记有误的，附原文件更正；另有材料的，另行登记；不采纳的，在复核意见、决定书中说明理由"
    )
    return [Refusal("party_evidence_stays", text, _LAW)]
