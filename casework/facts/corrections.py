"""Clerical errors (笔误): what may be corrected of a document, and what stands in it."""

from __future__ import annotations

from casework.act import Act
from casework.corrections import fields_of, latest_issue, texts_at
from casework.facts.gathering import Gatherers
from state_machines.facts.corrections import Slips


def _slips(act: Act) -> Slips:
    allowed = fields_of(act)
    row = latest_issue(act, act.input.get("document", ""))
    substance, absent, same = [], [], []
    for item in act.input.get("items", ()):
        path = allowed.get(item["field"])
        if path is None:
            substance.append(item["field"])
        elif row and not any(item["wrong"] in text for text in texts_at(row.context, path)):
            absent.append(f"{item['field']}“{item['wrong']}”")
        elif item["wrong"] == item["right"]:
            same.append(item["field"])
    return Slips(row is not None, tuple(substance), tuple(absent), tuple(same), tuple(allowed))


GATHERERS: Gatherers = {Slips: _slips}
