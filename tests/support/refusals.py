"""Expecting a refusal: a problem in Chinese, with its article, that leaves no trace."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from casework.common.problems import Problem
from tests.support.records import contents
from tests.support.town import Town

_CHINESE = re.compile("[\u4e00-\u9fff]")


def refused(
    town: Town,
    kind: type[Problem],
    deed: Callable[[], Any],
    *,
    code: str = "",
    law: str = "",
    also: tuple[str, ...] = (),
) -> Problem:
    """The problem that a deed is answered with: in Chinese, with its article, and no trace is left.

    `code` is the one reason that a guard must give but for those `also` given, `law` what the
    article must contain.
    """
    before = contents(town)
    with pytest.raises(Problem) as caught:
        deed()
    problem = caught.value
    assert isinstance(problem, kind), f"{problem.type}: {problem.detail}"
    assert contents(town) == before
    assert _CHINESE.search(problem.detail)
    assert law in problem.law
    if code:
        assert [reason["code"] for reason in problem.extra["reasons"]] == [code, *also]
        assert all(_CHINESE.search(reason["text"]) for reason in problem.extra["reasons"])
    return problem
