"""A correction makes nobody else of the party (身份不是笔误), in cases of every version."""

from __future__ import annotations

import pytest

from tests.support.desk import Desk
from tests.support.exemptions import FIRM
from tests.support.penalties import WAYS, inputs_of


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize(
    ("field", "wrong", "right"),
    [
        ("当事人名称", "南通滨江宾馆有限公司", "南通云水浴场有限公司"),
        ("统一社会信用代码、证件号码", FIRM, "91110000802100433B"),
        ("法定代表人（负责人）", "陈志远", "顾明远"),
    ],
)
def test_a_correction_makes_nobody_else_of_the_party(
    desk: Desk, field: str, wrong: str, right: str, former: bool
) -> None:
    number = desk.open(former=former)
    desk.go(number, *WAYS["served"])
    given = inputs_of(desk.town, number, "correct", {})
    for text in ((wrong, right), (wrong[:2], right[-2:])):  # in pieces it is the same
        items = [{"field": field, "wrong": text[0], "right": text[1]}]
        slip = {**given, "items": items}
        desk.refused(number, "correct", "handler1", slip, "identity_is_no_slip")
    assert desk.take(number, "correct", "handler1", given).status_code == 200
