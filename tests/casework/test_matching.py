"""Which item of a list a file is for, by its name."""

from __future__ import annotations

import pytest

from casework.documents.matching import matched

LIST = {
    "application_form": "卫生许可证申请表",
    "identity": "法定代表人或者负责人身份证明",
    "plans": "公共场所地址方位示意图、平面图和卫生设施平面布局图",
    "test_report": "公共场所卫生检测或者评价报告",
    "management_rules": "公共场所卫生管理制度",
    "air_conditioning_report": "集中空调通风系统卫生检测或者评价报告",
    "mandate_paper": "授权委托书",
}
REQUIRED = ("identity", "plans", "test_report", "management_rules")


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("身份证.jpg", "identity"),
        ("身份证（正面）.JPG", "identity"),
        ("02_平面图.pdf", "plans"),
        ("卫生管理制度 2026.docx", "management_rules"),
        ("检测报告.pdf", "test_report"),
        ("集中空调检测报告.pdf", "air_conditioning_report"),
        ("万寿宫浴室 授权委托书.pdf", "mandate_paper"),
        ("test_report.pdf", "test_report"),
        ("ｔｅｓｔ_ｒｅｐｏｒｔ.pdf", "test_report"),
    ],
)
def test_a_name_that_says_what_it_is(name: str, item: str) -> None:
    assert matched([name], LIST, REQUIRED) == {name: item}


@pytest.mark.parametrize("name", ["扫描件0001.pdf", "IMG_2026.jpg", "1.pdf", "营业执照.pdf", ""])
def test_a_name_that_says_nothing_is_left_to_whoever_handed_it_in(name: str) -> None:
    assert matched([name], LIST, REQUIRED) == {}


def test_of_two_that_fit_neither_is_guessed() -> None:
    assert matched(["报告.pdf"], {"a": "检测报告", "b": "评价报告"}) == {}
    assert matched(["报告.pdf"], {"a": "检测报告", "b": "评价报告"}, ["b"]) == {"报告.pdf": "b"}
