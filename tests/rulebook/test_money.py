"""Sums in capitals (大写金额), by hand after 《正确填写票据和结算凭证的基本规定》."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rulebook.money import in_capitals

TABLE = """
0 零元整
0.05 伍分
0.50 伍角整
3.07 叁元零柒分
110 壹佰壹拾元整
305.30 叁佰零伍元叁角整
1000 壹仟元整
1005 壹仟零伍元整
1050 壹仟零伍拾元整
10500 壹万零伍佰元整
12345.67 壹万贰仟叁佰肆拾伍元陆角柒分
100000 壹拾万元整
1000001 壹佰万零壹元整
100000000 壹亿元整
100010000 壹亿零壹万元整
""".strip().splitlines()


@pytest.mark.parametrize("row", TABLE)
def test_a_sum_in_capitals(row: str) -> None:
    sum_, words = row.split()

    assert in_capitals(Decimal(sum_)) == words
