"""Drawing by lot: the same from the same seed, by the weights, and by hand."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

import pytest

from state_machines.language.lots import Lot, drawn

LOTS = [Lot("a", 1), Lot("b", 2), Lot("c", 4), Lot("d", 8)]


def test_the_first_lot_is_where_the_number_of_the_seed_points() -> None:
    # By hand: SHA-256 of "seed/object/1", its rest by 15, over the running sums 1, 3, 7, 15.
    rest = int(sha256(b"seed/object/1").hexdigest(), 16) % 15
    expected = "a" if rest < 1 else "b" if rest < 3 else "c" if rest < 7 else "d"
    assert drawn("seed", "object", LOTS, 1) == (expected,)
    # That lot is taken out before the second number points.
    left = [lot for lot in LOTS if lot.key != expected]
    rest = int(sha256(b"seed/object/2").hexdigest(), 16) % sum(lot.weight for lot in left)
    sums = [sum(lot.weight for lot in left[: n + 1]) for n in range(len(left))]
    second = next(lot.key for lot, total in zip(left, sums, strict=True) if rest < total)
    assert drawn("seed", "object", LOTS, 2) == (expected, second)


def test_another_seed_or_purpose_is_another_draw_and_the_same_is_the_same() -> None:
    first = [drawn(f"seed {n}", "object", LOTS, 4) for n in range(50)]
    assert first == [drawn(f"seed {n}", "object", LOTS, 4) for n in range(50)]
    assert all(sorted(one) == ["a", "b", "c", "d"] for one in first)
    assert len(set(first)) > 5
    assert first != [drawn(f"seed {n}", "officers", LOTS, 4) for n in range(50)]


def test_a_lot_comes_as_often_as_its_weight_says() -> None:
    # 3000 draws: of 15 parts each lot has its weight; five standard deviations to each side.
    found = Counter(drawn(str(n), "object", LOTS, 1)[0] for n in range(3000))
    for lot in LOTS:
        share = lot.weight / 15
        spread = 5 * (3000 * share * (1 - share)) ** 0.5
        assert abs(found[lot.key] - 3000 * share) < spread, lot.key


def test_weight_nought_is_never_drawn_and_too_few_are_refused() -> None:
    never = [*LOTS[:1], Lot("z", 0)]
    assert {drawn(str(n), "object", never, 1) for n in range(20)} == {("a",)}
    with pytest.raises(ValueError, match="fewer than 2"):
        drawn("seed", "object", never, 2)
