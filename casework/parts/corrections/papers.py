"""What the notice of a correction (补正) and the decision that undoes another print."""

from __future__ import annotations

from typing import TypedDict

from casework.acts.act import Act
from casework.common.problems import DocumentProblem
from casework.documents.paper_parts import Part, Parts
from casework.parts.corrections.corrected import printed
from state_machines.language.vocabulary import Mark


class UndonePart(TypedDict):
    """The decision that an authority takes back or varies."""

    title: str
    number: str
    on: str


def undone_by(act: Act) -> UndonePart:
    """The latest decision of those that the step marks as undone. Raises DocumentProblem if there
    is none."""
    keys = {key for one in act.step.effects if isinstance(one, Mark) for key in one.documents}
    for paper in reversed(act.dossier.documents):
        if paper.key in keys and paper.corrects is None:
            on = paper.issued_on.isoformat()
            return {"title": paper.title, "number": paper.number, "on": on}
    raise DocumentProblem("没有可以撤销、变更的决定")


PARTS: Parts = {"correction": Part(printed), "undone": Part(undone_by)}
