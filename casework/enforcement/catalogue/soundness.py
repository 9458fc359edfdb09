"""Whether an entry of the violation catalogue can be decided by (案由是否可用).

What an office loads is judged by it before it holds: the articles are concrete, since a decision
cites no others; each stage can be reached; each income has one range; and what is not sure is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal
from itertools import combinations

from rulebook.citations import beside_citations, citations
from rulebook.discretion import STAGES
from rulebook.models import FineBand, Violation

_ARTICLES = {"violated": "违反条款", "law": "处罚依据"}


def faults(one: Violation, findings: Collection[str]) -> Iterator[str]:
    """What is wrong with an entry, each in one sentence that begins with its column; `findings` are
    those that a range may ask for."""
    for name, column in _ARTICLES.items():
        yield from _of_articles(column, getattr(one, name))
    if one.mark != "S" and not one.note:
        yield "备注：没有核对条文的，写明哪一处没有核对、适用前应当核对什么"
    stages = {stage for kind in one.penalties for stage in one.stages_of(kind)}
    if "uncorrected" in stages and not one.correct:
        yield "责令改正：有“逾期不改正”的处罚，应当为“是”"
    for band in one.fines:
        if unknown := [name for name in band.also if name not in findings]:
            known = "、".join(findings)
            yield f"另须查明：没有“{'、'.join(unknown)}”，只能是{known}"
    fined = {band.stage for band in one.fines}
    for stage in dict.fromkeys(step.stage for step in one.discretion):
        if stage not in fined:
            yield f"裁量情形：“{STAGES[stage]}”没有罚款幅度"
    for first, second in combinations(one.fines, 2):
        if first.stage == second.stage and meet(first, second):
            yield f"罚款幅度：“{STAGES[first.stage]}”有两个幅度适用于同一违法所得"


def _of_articles(column: str, text: str) -> Iterator[str]:
    if beside_citations(text):
        yield f"{column}：只写条款，如“《某某条例》第十条第二款、第十一条第一项”"
    elif vague := [citation.text for citation in citations(text) if not citation.article]:
        yield f"{column}：{'、'.join(vague)}没有写明第几条"


def meet(first: FineBand, second: FineBand) -> bool:
    """Whether there is an income that both ranges are for."""
    from_ = max(first.income_from, second.income_from)
    below = [band.income_below for band in (first, second) if band.income_below is not None]
    return from_ < min(below, default=Decimal("Infinity"))
