"""Marks on issued documents (文书标注): what became of them, kept under `marks` in the case's data.

A document is frozen once issued; what is said of it later stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from casework.acts.act import Act
from casework.models import Document

REGISTER = "marks"


def mark(act: Act, documents: tuple[str, ...], label: str) -> None:
    """Mark the latest issue of each of these documents, as of the act's day."""
    latest = (
        select(Document.key, func.max(Document.log_seq).label("seq"))
        .where(Document.case_id == act.case.id, Document.key.in_(documents))
        .group_by(Document.key)
    )
    known: Mapping[str, Any] = act.data.get(REGISTER, {})
    said = {"label": label, "on": act.day.isoformat(), "seq": act.case.head_seq + 1}
    entries = {}
    for row in act.session.execute(latest):
        name = f"{row.key}/{row.seq}"
        entries[name] = [*known.get(name, []), said]
    act.data[REGISTER] = {**known, **entries}
    act.note("registered", {"register": REGISTER, "entries": entries})


def marks_of(data: Mapping[str, Any], key: str, seq: int) -> tuple[str, ...]:
    """What is said of one issue of a document, in order of time."""
    found = data.get(REGISTER, {}).get(f"{key}/{seq}", [])
    return tuple(f"{one['label']}（{one['on']}）" for one in found)
