"""Telephone numbers: as people write them, kept in one way; what cannot be called is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.common.codes import CodeMalformed
from casework.common.phones import PATTERN, canonical, mobile


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("（0513）85550000", "0513-85550000"),
        ("(0513) 8555-0000", "0513-85550000"),
        ("０５１３－８５５５００００", "0513-85550000"),
        ("051385550000", "0513-85550000"),
        ("0513—85550000", "0513-85550000"),
        ("01085550000", "010-85550000"),
        ("0513-85550000转8012", "0513-85550000-8012"),
        ("0513-85550000 转 分机 8012", "0513-85550000-8012"),
        ("0513-85550000-8012", "0513-85550000-8012"),
        ("0513-8555000-1", "0513-8555000-1"),
        ("0513-85550000（转12）", "0513-85550000-12"),
        ("0513-85550000 ext. 12", "0513-85550000-12"),
        ("+86 513 85550000", "0513-85550000"),
        ("0086-0513-85550000", "0513-85550000"),
        ("85550000", "85550000"),
        ("+86 138 0000 0001", "13800000001"),
        ("86-13800000001", "13800000001"),
        ("8613800000001", "13800000001"),
        ("(+86)13800000001", "13800000001"),
        ("138-0000-0001\u200b", "13800000001"),
        ("400-820-8820", "4008208820"),
        ("12345", "12345"),
        ("+852 2123 4567", "+85221234567"),
        ("00852-21234567", "+85221234567"),
    ],
)
def test_as_people_write_them(typed: str, kept: str) -> None:
    assert canonical(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", "()()()", "-----", "打电话", "+86", "0513", "8555", "1380000001", "138000000011",
        "13800000001、13800000002", "13800000001 13800000002", "0513-85550000/85550001",
        "0513-85550000转8012转1", "0513-85550000-8012转1", "٠٥١٣-٨٥٥٥٠٠٠٠", "+0123456789",
        "0513-85550000（总机）", "\u200b\u200b",
    ],
)  # fmt: skip
def test_what_is_none_or_more_than_one(typed: str) -> None:
    with pytest.raises(CodeMalformed, match="格式不对"):
        canonical(typed)
    assert mobile(typed) is None


@pytest.mark.slow
@given(st.from_regex(r"\A[0-9+() \-转]{5,22}\Z"))
def test_what_is_kept_stays_and_suits_every_version(typed: str) -> None:
    try:
        kept = canonical(typed)
    except CodeMalformed:
        return
    assert canonical(kept) == kept
    assert len(kept) > 20 or re.fullmatch(PATTERN, kept)
    # No digit but those of a prefix is lost, none is made up but the nought of an area.
    digits = re.sub("[^0-9]", "", kept).lstrip("0")
    assert re.sub("[^0-9]", "", typed).endswith(digits)


def test_a_mobile_number_of_this_country() -> None:
    assert mobile("+86 138-0000-0001") == "13800000001"
    assert mobile("0513-85550000") is None
    assert mobile("+85261234567") is None
