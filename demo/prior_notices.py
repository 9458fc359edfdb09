"""Stories in which somebody is told and heard before the authority decides (事先告知)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from demo.place import Place

# What a step is given, or how the place fills it in.
Given = Mapping[str, Any] | Callable[[Place], Mapping[str, Any]]
Steps = tuple[tuple[str, str, Given], ...]


def heard(
    notice: Mapping[str, Any], by: str = "reviewer+inspector1", *, reviewed: bool = True
) -> Steps:
    """The steps by which two officers give a `notice` and serve it, the holder waives its defence,
    and the authority's lawyers, where it has any, pass what is to be decided."""
    review: Steps = (("review_prior_notice", "legal", Place.passed_review),)
    return (
        ("give_prior_notice", by, notice),
        ("serve_prior_notice", by.partition("+")[0], Place.receipt),
        ("waive_prior_notice", "applicant", {}),
        *(review if reviewed else ()),
    )
