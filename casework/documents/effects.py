"""Effects of documents: one is issued, or marked."""

from __future__ import annotations

from collections.abc import Mapping

from casework.acts.act import Act
from casework.documents.issuing import issue, issuer_of
from casework.documents.marks import mark
from casework.kernel.carrying_out import Amender, Carrier
from state_machines.language.vocabulary import Effect, Issue, Mark


def _mark(act: Act, effect: Mark) -> set[str]:
    mark(act, effect.documents, effect.label)
    return set()


def _issue(act: Act, effect: Issue) -> None:
    act.issued.append(issue(_issuer(act, effect), effect.document))


def _issuer(act: Act, effect: Issue) -> Act:
    """The act in the name of whoever issues the document."""
    matter = act.rules.document(effect.document, act.day, act.region).matter
    return act.in_name_of(issuer_of(act.session, act.case, act.process, act.step.name, matter))


BEFOREHAND: Mapping[type[Effect], Amender] = {Mark: _mark}
CARRIERS: Mapping[type[Effect], Carrier] = {Issue: _issue}
