"""Each entry of the violation catalogue against tests/data/violations.csv, written from the texts.

The table tells articles as `law 104.1(3)` (条, 款, 项), kinds of penalty by the stage at which the
article has them, fines as `罚 least-most`, and multiples of the illegal income as `倍 2-10`.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path
from typing import get_args

import pytest

from rulebook.citations import Citation, beside_citations, citations
from rulebook.models import FineBand, Stage, Violation, in_words, parse_as
from rulebook.shipped import shipped_editions

DATA = Path(__file__).parents[1] / "data"
EDITIONS = {one.key: one for one in shipped_editions() if one.kind == "violation"}
RULES = {key: parse_as(Violation, one.content) for key, one in EDITIONS.items()}
STAGES: tuple[Stage, ...] = get_args(Stage)
# Entries of several items of their article: which one it was is for the handler to cite.
SEVERAL_ITEMS = {"gc001", "zw018"}

_PLACE = re.compile(r"([0-9]+)(?:\.([0-9]+))?(?:\(([0-9]+)\))?")
_BY_NAME = {
    "起": "income_from",
    "不满": "income_below",
    "不足按": "income_floor",
    "最高": "ceiling",
}


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = _rows("violations.csv")


def _numbered(n: str, unit: str) -> str:
    """第一百零四条 of 104; an empty text of one."""
    return f"第{in_words(int(n), 'cd').removesuffix('日').replace('〇', '零')}{unit}" if n else ""


def _cited(text: str) -> tuple[Citation, ...]:
    found = []
    for part in text.split(";"):
        law, _, place = part.partition(" ")
        match = _PLACE.fullmatch(place)
        assert match, part
        parts = zip(match.groups(default=""), "条款项", strict=True)
        found.append(Citation(law, *(_numbered(n, unit) for n, unit in parts)))
    return tuple(found)


def _band(text: str, stage: Stage) -> FineBand:
    kind, ends, *rest = text.split()
    names = ("least", "most") if kind == "罚" else ("least_times", "most_times")
    said = dict(zip(names, ends.split("-"), strict=True))
    said |= {_BY_NAME[name]: sum_ for name, sum_ in zip(rest[::2], rest[1::2], strict=True)}
    return parse_as(FineBand, {"stage": stage, **said})


def _told(row: dict[str, str]) -> tuple[dict[str, set[Stage]], list[FineBand]]:
    """The kinds of penalty with their stages, and the ranges of fine, as a row has them."""
    kinds: dict[str, set[Stage]] = defaultdict(set)
    bands = []
    for stage in STAGES:
        for part in filter(None, row[stage].split(";")):
            of_money = part.startswith(("罚 ", "倍 "))
            kinds["罚款" if of_money else part].add(stage)
            if of_money:
                bands.append(_band(part, stage))
    return kinds, bands


def test_the_table_has_every_entry_once() -> None:
    assert sorted(row["code"] for row in ROWS) == sorted(EDITIONS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["code"]))
def test_an_entry_says_what_the_text_says(row: dict[str, str]) -> None:
    edition, rule = EDITIONS[row["code"]], RULES[row["code"]]
    kinds, bands = _told(row)
    assert (edition.valid_from.isoformat(), rule.mark) == (row["since"], row["mark"])
    assert citations(rule.violated) == _cited(row["duty"])
    assert citations(rule.law) == _cited(row["punished"])
    assert {kind: set(rule.stages_of(kind)) for kind in rule.penalties} == kinds
    assert [band.model_copy(update={"when": "", "also": ()}) for band in rule.fines] == bands


@pytest.mark.parametrize("key", sorted(RULES))
def test_an_entry_names_concrete_articles_and_nothing_else(key: str) -> None:
    for text in (RULES[key].violated, RULES[key].law):
        assert beside_citations(text) == ""
        assert all(one.article for one in citations(text)), text


def test_the_punishing_article_is_named_by_paragraph_and_item() -> None:
    shape = {
        (row["law"], _numbered(row["article"], "条")): row
        for row in _rows("punishing_articles.csv")
    }
    for key, rule in RULES.items():
        for one in citations(rule.law):
            row = shape[one.law, one.article]
            paragraphs = [_numbered(str(n + 1), "款") for n in range(int(row["paragraphs"]))]
            items = [_numbered(str(n + 1), "项") for n in range(int(row["items"]))]
            assert one.paragraph in (paragraphs if len(paragraphs) > 1 else [""]), key
            if not items or (len(paragraphs) > 1 and one.paragraph != paragraphs[0]):
                assert not one.item, key
            else:
                assert one.item in items or key in SEVERAL_ITEMS, key


def test_what_is_not_sure_is_told_in_words() -> None:
    for key, rule in RULES.items():
        assert rule.mark == "S" or re.search("核对|请示", rule.note), key
        assert rule.liable, key
        # The letters are ours; a lawyer reads sentences.
        assert not re.search(r"\b[SLU]\b", rule.note), key


def test_a_stage_that_needs_an_order_has_one() -> None:
    for key, rule in RULES.items():
        stages = {stage for kind in rule.penalties for stage in rule.stages_of(kind)}
        assert rule.correct or "uncorrected" not in stages, key


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("《某法》第一百零四条第一款第（二）项", ["《某法》第一百零四条第一款第二项"]),
        ("《某法》第三条第(一)项、第（二）项", ["《某法》第三条第一项", "《某法》第三条第二项"]),
    ],
)
def test_an_item_may_be_written_in_brackets(text: str, places: list[str]) -> None:
    assert [one.text for one in citations(text)] == places
    assert beside_citations(text) == ""
