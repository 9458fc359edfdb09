"""What a step would bring about (办理后果), told by the very act that was taken and rolled back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from casework.acts.act import Act
from casework.acts.clocks import Run
from casework.models import Document


@dataclass(frozen=True)
class Foreseen:
    """What a step brings about.

    `source` and `target` are states of the case, or of the track that the step is of. `documents`
    are those it issues, as drafts. `runs` are all runs of the case's clocks after it, `before`
    those that were live when it was taken, as they were. `caused` is what its log row would tell.
    """

    source: str
    target: str
    documents: tuple[Document, ...]
    before: tuple[Run, ...]
    runs: tuple[Run, ...]
    caused: Mapping[str, Sequence[Mapping[str, Any]]]


def foreseen(act: Act, before: Sequence[Run], since: int) -> Foreseen:
    """What an act that was just taken has brought about; `before` are the runs from before it, and
    `since` is the number of the case's last log row then."""
    act.session.flush()
    documents = (
        select(Document)
        .where(Document.case_id == act.case.id, Document.log_seq > since)
        .order_by(Document.id)
        .options(undefer(Document.content), undefer(Document.context))
    )
    return Foreseen(
        source=act.source,
        target=act.target,
        documents=tuple(act.session.scalars(documents)),
        before=tuple(run for run in before if run.live),
        runs=tuple(act.runs),
        caused=act.caused,
    )
