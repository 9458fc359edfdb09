"""The violation catalogue as shipped, against figures of the statutes written a second time."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.discretion import STAGES, WEIGHTS, in_words, lawful, step_in_words, stepped
from rulebook.models import Leniency, RulebookError, Stage, Violation, Weight, parse_as
from rulebook.shipped import read_text, shipped_editions

EDITIONS = shipped_editions()
VIOLATIONS = {e.key: parse_as(Violation, e.content) for e in EDITIONS if e.kind == "violation"}
LISTS = [parse_as(Leniency, e.content) for e in EDITIONS if e.kind == "leniency"]
SHARES = next(
    e.content["value"] for e in EDITIONS if (e.kind, e.key) == ("key", "penalty.discretion_shares")
)

# code, stage, illegal income, least, most: from the articles, by hand.
RANGES = """
gc001 at_once 0 500 5000
gc001 grave 0 5000 30000
gc003 at_once 0 0 2000
gc003 uncorrected 0 2000 20000
gc005 uncorrected 0 1000 10000
gc005 grave 0 10000 30000
gc013 at_once 0 500 5000
gc013 uncorrected 0 5000 15000
gc014 at_once 0 5000 30000
ss004 at_once 0 20 5000
xd001 grave 0 5000 20000
xd009 uncorrected 0 5000 50000
yl001 at_once 0 50000 200000
yl001 at_once 30000 150000 600000
yl010 at_once 9999.99 20000 100000
yl007 at_once 0 10000 100000
yl017 uncorrected 0 2000 5000
fs001 at_once 0 0 3000
zw006 at_once 0 50000 100000
zw014 uncorrected 0 50000 200000
zw017 at_once 4999.99 5000 50000
zw017 at_once 5000 10000 50000
zw018 at_once 10000 20000 50000
ss006 at_once 0 500 10000
ss006 at_once 5000 0 15000
ss006 at_once 20000 0 30000
cr001 at_once 0 0 100000
cr004 at_once 0 0 200000
""".strip().splitlines()


@pytest.mark.parametrize("row", RANGES)
def test_range_of_the_law(row: str) -> None:
    code, stage, income, least, most = row.split()
    found = lawful(VIOLATIONS[code], stage, Decimal(income))  # type: ignore[arg-type]
    assert found is not None
    assert (found.least, found.most) == (Decimal(least), Decimal(most))


def test_has_what_was_asked_for() -> None:
    fields = Counter(one.field for one in VIOLATIONS.values())
    assert len(VIOLATIONS) >= 40
    assert set(fields) == {
        "公共场所", "医疗机构", "消毒", "职业卫生", "放射", "饮用水", "传染病防治",
    }  # fmt: skip
    assert Counter(one.kind for one in LISTS) == {"no_penalty": 13, "lighter": 6, "reduced": 1}


def test_nothing_is_said_to_have_been_read_that_was_not() -> None:
    """Of the rules of ministries no whole text was at hand; what they say of drinking water,
    disinfection, prescriptions and radiation is therefore at most likely."""
    unread = ("ss", "fs", "yl014", "yl015", *(f"xd00{n}" for n in range(1, 9)))
    assert all(one.mark != "S" for key, one in VIOLATIONS.items() if key.startswith(unread))
    assert all(one.mark == "U" for one in LISTS)


def test_lists_name_known_violations_that_may_be_exempted() -> None:
    for one in LISTS:
        for key in one.violations:
            assert key in VIOLATIONS, one.key
            assert one.kind != "no_penalty" or not VIOLATIONS[key].never_exempt, one.key


def test_steps_meet_each_other_and_fill_the_range() -> None:
    for one in VIOLATIONS.values():
        for stage in {band.stage for band in one.fines}:
            whole = lawful(one, stage)
            parts = [stepped(one, stage, weight, SHARES) for weight in WEIGHTS]
            assert whole is not None
            assert [part is not None for part in parts] == [True, True, True]
            lighter, standard, heavier = [part for part in parts if part]
            assert (lighter.least, heavier.most) == (whole.least, whole.most)
            assert lighter.most == standard.least
            assert standard.most == heavier.least


@given(
    st.sampled_from(sorted(VIOLATIONS)),
    st.sampled_from(sorted(STAGES)),
    st.sampled_from(sorted(WEIGHTS)),
    st.decimals(0, 1_000_000, places=2),
)
def test_a_step_never_leaves_the_law(
    key: str, stage: Stage, weight: Weight, income: Decimal
) -> None:
    one = VIOLATIONS[key]
    whole, part = lawful(one, stage, income), stepped(one, stage, weight, SHARES, income)
    assert (whole is None) == (part is None)
    if whole and part:
        assert whole.holds(part.least)
        assert whole.holds(part.most)
        assert part.least == round(part.least, 2)


def test_half_a_cent_is_rounded_up() -> None:
    part = stepped(VIOLATIONS["gc003"], "at_once", "standard", {"standard": [25, 33]})
    assert part is not None
    assert (part.least, part.most) == (Decimal(500), Decimal(660))


@pytest.mark.parametrize(
    ("key", "n", "text"),
    [
        ("gc003", 0, "2,000元以下"),
        ("gc001", 1, "5,000元以上30,000元以下"),
        ("yl001", 0, "违法所得5倍以上20倍以下（违法所得不足10,000元的，按10,000元计算）"),
        ("zw017", 0, "违法所得5,000元以上的，违法所得2倍以上10倍以下"),
        ("zw017", 1, "没有违法所得或者违法所得不足5,000元的，5,000元以上50,000元以下"),
        ("ss006", 0, "有违法所得的，违法所得3倍以下，最高不超过30,000元"),
        ("ss006", 1, "没有违法所得的，500元以上10,000元以下"),
    ],
)
def test_range_in_words(key: str, n: int, text: str) -> None:
    assert in_words(VIOLATIONS[key].fines[n]) == text


def test_step_in_words() -> None:
    unlicensed, practice = VIOLATIONS["gc001"], VIOLATIONS["yl001"]
    assert (
        step_in_words(unlicensed, unlicensed.fines[0], "lighter", SHARES) == "500元以上1,850元以下"
    )
    assert (
        step_in_words(practice, practice.fines[0], "lighter", SHARES) == "违法所得5倍以上9.5倍以下"
    )
    capped = VIOLATIONS["ss006"]
    assert step_in_words(capped, capped.fines[0], "lighter", SHARES) == "上述幅度的0%至30%"


ENTRY = (Path(__file__).parents[2] / "rulebook/violations/public_places.toml").read_text("utf-8")
FIRST = ENTRY[ENTRY.index("[[violation]]") :].partition("\n\n")[0]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('penalties = ["警告", "罚款"]', 'penalties = ["警告"]', "才有、且必须有罚款幅度"),
        ('penalties = ["警告", "罚款"]', 'penalties = ["打屁股"]', "只能是"),
        ("least = 500, most = 5000", "least = 5000, most = 500", "下限高于上限"),
        ("least = 500, most = 5000", "least = 500", "应写明上下限"),
        ("least = 500, most = 5000", "least = 500, most = 5000.5", "金额应写成"),
        ("least = 500, most = 5000", 'least = "500", most = "5000.005"', "最多 2 位小数"),
        ('weight = "lighter"', 'weight = "standard"', "三档"),
        ('weight = "lighter",', 'weight = "lighter", least = 1, most = 9,', "超出法定幅度"),
        ('weight = "lighter",', 'weight = "lighter", least = 600,', "同时写明上下限"),
        ("most = 5000", "most = 5000, ceiling = 9000", "只用于按违法所得倍数的幅度"),
    ],
)
def test_a_slip_is_told(old: str, new: str, told: str) -> None:
    assert old in FIRST
    with pytest.raises(RulebookError, match=told):
        read_text(FIRST.replace(old, new, 1), "some.toml")
