"""What was approved under an earlier release holds: nobody can see what its texts held besides."""

from __future__ import annotations

from typing import Any

import pytest

from casework.common import texts
from casework.common.problems import GuardRefused
from tests.support.penalties import (
    FACTS,
    INPUTS,
    RECONSIDERED,
    go,
    open_lead,
    reconsidered,
    sentence,
)
from tests.support.town import Town

_AS_TYPED = {"facts": f"\ufeff{FACTS}\u200b\r\n ", "reasons": "初次查处，\u000b情节一般"}


def test_a_notice_with_what_nobody_sees_is_the_notice(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = open_lead(town)
    typed: dict[str, Any] = {
        "propose": {**INPUTS["propose"], **sentence(**_AS_TYPED)},
        "notify": sentence(**_AS_TYPED),
    }
    with monkeypatch.context() as before:
        before.setattr(texts, "tidy", lambda text: text)
        before.setattr(texts, "unkept", lambda text: "")
        go(town, number, *RECONSIDERED[:-1], **typed)
    assert town.case(number).data["notify"]["facts"] == _AS_TYPED["facts"]
    other = reconsidered(facts=f"{FACTS}，另有一处")
    with pytest.raises(GuardRefused):
        town.take(number, "reconsider", "handler1", other)
    said = reconsidered(reasons="初次查处，\n情节一般")
    town.take(number, "reconsider", "handler1", said)
    assert town.case(number).data["reconsider"]["facts"] == FACTS
