"""Effect of a correction (补正): the corrected version is issued, and the former one marked."""

from __future__ import annotations

from collections.abc import Mapping

from casework.acts.act import Act
from casework.documents.marks import mark
from casework.kernel.carrying_out import Amender, Carrier
from casework.parts.corrections.corrected import reissue
from state_machines.language.vocabulary import Correct, Effect
from state_machines.parts.corrections.forms import Correction


def _mark(act: Act, _effect: Correct) -> set[str]:
    mark(act, (act.filled(Correction).document,), "已补正，以同号补正文书为准")
    return set()


def _correct(act: Act, _effect: Correct) -> None:
    act.issued.append(reissue(act))


BEFOREHAND: Mapping[type[Effect], Amender] = {Correct: _mark}
CARRIERS: Mapping[type[Effect], Carrier] = {Correct: _correct}
