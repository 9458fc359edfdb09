"""Text as it comes in: one form for what is read, one for what is compared, and nothing lost."""

from __future__ import annotations

import re
import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.common.codes import normalise, same_number, spellings
from casework.common.texts import code, folded, line, same_name, searched, tidy, token, unkept

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202e\u2066\u2069\u180e\u3164"
BLANKS = " \t\n\r\u00a0\u3000\u2003\u202f"


def wide(text: str) -> str:
    """The same in full width."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def written(plain: str) -> st.SearchStrategy[str]:
    """Every way in which people come to write a code."""

    def of(sign: str) -> st.SearchStrategy[str]:
        around = st.text(INVISIBLE + BLANKS, max_size=2)
        looks = st.sampled_from([sign, sign.lower(), wide(sign), wide(sign.lower())])
        return st.tuples(around, looks, around).map("".join)

    return st.tuples(*map(of, plain)).map("".join)


@pytest.mark.slow
@given(
    st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=20).flatmap(
        lambda plain: st.tuples(st.just(plain), written(plain))
    )
)
def test_a_code_is_one_however_it_is_written(said: tuple[str, str]) -> None:
    plain, typed = said
    assert code(typed) == normalise(typed) == plain


@given(st.text())
def test_what_is_in_form_stays_as_it_is(text: str) -> None:
    for form in (tidy, line, code, token, folded, searched):
        assert form(form(text)) == form(text), form
    assert line(tidy(text)) == line(text)
    assert not unkept(searched(text))
    assert not re.search(f"[{INVISIBLE}]", tidy(text))


@given(st.text(st.characters(categories=("L", "N", "P", "S"), max_codepoint=0x3000)))
def test_what_is_seen_is_kept(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert [s for s in tidy(text) if s not in INVISIBLE] == [
        s for s in composed if tidy(s) == s or s in "\u2011"
    ]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u200b\u200b", ""),
        ("\ufeff南通万寿茶馆\u00a0", "南通万寿茶馆"),
        ("第一段\u000b第二段", "第一段\n第二段"),
        ("第一段\r\n第二段\u2028第三段\r末", "第一段\n第二段\n第三段\n末"),
        ("南通（集团）有限公司，分号；", "南通（集团）有限公司，分号；"),
        ("１２３室", "１２３室"),
        ("A\u001fB\u001eC", "AB-C"),
        ("e\u0301", "é"),
        ("　　首行缩进\n　　次行", "首行缩进\n　　次行"),
        ("𠮷野家 🏨", "𠮷野家 🏨"),
    ],
)
def test_prose_is_kept_as_it_is_read(typed: str, kept: str) -> None:
    assert tidy(typed) == kept


def test_one_line_has_no_breaks() -> None:
    assert line("南通\u000b滨江\t宾馆\n") == "南通 滨江 宾馆"


def test_a_digit_of_another_script_is_none_of_ours() -> None:
    """NFKC leaves it, so that a judge of ASCII digits sees it."""
    assert code("٣٢٠") == "٣٢٠"
    assert code("３２０Ⅹ②") == "320X2"


def test_a_token_keeps_its_case_and_its_dashes() -> None:
    assert token("aB\u2013c_D－e\u200b") == "aB-c_D-e"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("南通(集团)有限公司", "南通（集团）有限公司"),
        ("买买提·阿不都", "买买提・阿不都"),
        ("陈 志 远", "陈志远\u200b"),
        ("ＡＢＣ酒店", "abc酒店"),
    ],
)
def test_a_name_is_one_however_it_is_written(one: str, other: str) -> None:
    assert same_name(one, other)
    assert not same_name(one, "别的名称")


@pytest.mark.parametrize(
    "typed", ["苏卫罚(2026)1号", "苏卫罚［２０２６］1号", "苏卫罚 【2026】 1号"]
)
def test_a_number_given_out_is_found_by_any_brackets(typed: str) -> None:
    given_out = "苏卫罚〔2026〕1号"
    assert given_out in spellings(typed)
    assert same_number(given_out, typed)
    assert not same_number(given_out, "苏卫罚〔2026〕11号")


@pytest.mark.parametrize(
    "sign", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\x9f", "\ufffe", "\ud800"]
)
def test_what_cannot_be_kept_is_named(sign: str) -> None:
    said = f"甲{sign}乙"
    if sign == "\x85":  # a line break of other machines
        assert tidy(said) == "甲\n乙"
    else:
        assert unkept(tidy(said)) == f"U+{ord(sign):04X}"
