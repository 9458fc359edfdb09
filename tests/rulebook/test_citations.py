"""Laws as texts cite them."""

from __future__ import annotations

import pytest

from rulebook.citations import in_full


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        (
            "《行政处罚法》第五十七条第二款、《民事诉讼法》第八十八条",
            "《中华人民共和国行政处罚法》第五十七条第二款、《中华人民共和国民事诉讼法》第八十八条",
        ),
        ("《中华人民共和国行政许可法》第七条", "《中华人民共和国行政许可法》第七条"),
        (
            "《信用修复管理办法》（国家发展改革委令第36号）",
            "《信用修复管理办法》（国家发展改革委令第36号）",
        ),
        (
            "《公共场所卫生管理条例实施细则》第三十六条",
            "《公共场所卫生管理条例实施细则》第三十六条",
        ),
        ("本机关规定", "本机关规定"),
    ],
)
def test_a_statute_is_cited_by_its_whole_name(said: str, whole: str) -> None:
    assert in_full(said) == whole
