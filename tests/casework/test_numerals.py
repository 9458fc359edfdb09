"""Numbers as people write them in a text, read in time that grows with their length."""

from __future__ import annotations

import re
from decimal import Decimal
from time import perf_counter

import pytest

from casework.common.numerals import NUMBER, read
from casework.enforcement.custody.door import _QUANTITY, _within
from casework.enforcement.fines.door import _SUM
from casework.enforcement.penalty.door import _NO_CORRECTION

_LONG = (
    "1" * 200,
    "1 2" * 100,
    "12 \t3  " * 60,
    "一百 2" * 80,
    "1," * 200,
    "1.2" * 100,
    "1，2.3 四" * 50,
    "缴纳" + "9" * 200,
)


@pytest.mark.parametrize("text", _LONG)
@pytest.mark.parametrize("pattern", [_SUM, _QUANTITY, _NO_CORRECTION])
def test_a_long_number_is_read_at_once(pattern: re.Pattern[str], text: str) -> None:
    begun = perf_counter()
    list(pattern.finditer(f"{text}次"))
    read(text)
    assert perf_counter() - begun < 0.2


@pytest.mark.parametrize(
    ("text", "much"),
    [
        ("5 000", "5000"),
        ("1 234 567.8", "1234567.8"),
        ("10  00", "1000"),
        ("5，000", "5000"),
        ("１２０.５", "120.5"),
        ("5万", "50000"),
        ("一百二十", "120"),
        ("壹 佰 贰 拾", "120"),
        ("二〇", "20"),
    ],
)
def test_a_number_is_read_whole(text: str, much: str) -> None:
    assert re.fullmatch(NUMBER, text)
    assert read(text) == Decimal(much)


def test_a_comma_or_stop_after_a_number_is_no_part_of_it() -> None:
    assert re.findall(NUMBER, "罚款3.5万元，另罚5,000。又2026.") == ["3.5万", "5,000", "2026"]
    assert re.findall(NUMBER, "一，二") == ["一", "二"]


@pytest.mark.parametrize("text", ["1.2.3", "五5", "10.0.1"])
def test_what_is_two_numbers_is_none(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize("taken", ["10 000支", "10 00支", "10\n00支", "10.0.1支", "十 支"])
def test_no_way_of_writing_makes_less_of_a_quantity(taken: str) -> None:
    assert not _within(taken, "5支")
    assert _within("3支", "5支")
