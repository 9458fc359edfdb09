"""Whether an entry of the catalogue keeps to what its article allows (法定的处罚种类、幅度).

An office may say more closely what the law leaves to it, never more than that (处罚法4、34): what
is issued above it of the same article is the bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from casework.enforcement.catalogue.soundness import meet
from casework.rules.rule_cache import Rules
from rulebook.citations import citations
from rulebook.models import FineBand, Violation

# As far up, and as far down, as a range goes.
_HIGHEST = ("most", "most_times", "income_floor")
_LOWEST = ("least", "least_times")


def beyond(rules: Rules, one: Violation, on: date, region: str) -> str:
    """What an entry has beyond the editions that hold above the region on that day, of its own key
    or of others of the same article; empty if nothing, or if none of these is known there."""
    above = next((code for code in rules.chain(region) if code != region), "")
    violations = [rules.violation(key, on, above)[0] for key in rules.known("violation", on, above)]
    same = [law for law in violations if _of_one_article(one, law)]
    own = [law for law in same if law.key == one.key]
    found = ["、".join(_beyond(one, law)) for law in own or same]
    return min(found, key=len, default="")


def _of_one_article(one: Violation, other: Violation) -> bool:
    articles = {(cited.law, cited.article) for cited in citations(other.law) if cited.article}
    return any((cited.law, cited.article) in articles for cited in citations(one.law))


def _beyond(one: Violation, law: Violation) -> Iterator[str]:
    for kind in one.penalties:
        if kind not in law.penalties:
            yield kind
        elif kind != "罚款" and not set(one.stages_of(kind)) <= _stages(law, kind):
            yield f"{kind}的情形"
    if "罚款" in law.penalties and any(not _within(band, law) for band in one.fines):
        yield "罚款幅度"


def _stages(law: Violation, kind: str) -> set[str]:
    """At which stages the law has a kind of penalty; at once is at any."""
    said = law.stages_of(kind)
    return {"uncorrected", "grave", *said} if "at_once" in said else set(said)


def _within(band: FineBand, law: Violation) -> bool:
    """Whether a range is within each of the law's that is for the same stage and income."""
    at_stage = [fine for fine in law.fines if fine.stage == band.stage]
    bounds = [fine_band for fine_band in at_stage or law.fines if meet(fine_band, band)]
    return bool(bounds) and all(_inside(band, bound) for bound in bounds)


def _inside(band: FineBand, bound: FineBand) -> bool:
    if (band.most is None) != (bound.most is None):
        return False
    if bound.ceiling is not None and (band.ceiling is None or band.ceiling > bound.ceiling):
        return False
    higher = any((getattr(band, end) or 0) > (getattr(bound, end) or 0) for end in _HIGHEST)
    return not higher and all(
        (getattr(band, end) or 0) >= (getattr(bound, end) or 0) for end in _LOWEST
    )
