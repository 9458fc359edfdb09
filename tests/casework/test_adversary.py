"""In no walk of the adversary does a file come about that breaks a principle."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date

import pytest

from tests.adversary import table
from tests.adversary.branch import Branch, branching
from tests.adversary.moves import MOVES
from tests.adversary.walk import Walked, Walker
from tests.support.journeys import Numbers
from tests.support.people import appoint, newcomer, second_account, set_post
from tests.support.town import Town

# So many in CI; `make prove` says how many in all.
_SEEDS = int(os.environ.get("NUOXIN_SEEDS", "300"))
_SHARES = 8
# Moves that fit hardly any step may be missing in a short search.
_RARE = 4
# Of all seeds that are drawn so many may end too early, at most.
_MOST_DRAWN = 3
_OFFICES = (
    "case_handler", "inspector", "approver", "legal_reviewer", "hearing_chair", "panel_member",
    "window_clerk", "reviewer", "supervisor", "credit_officer",
)  # fmt: skip


@pytest.fixture(scope="module")
def walker(full_town: tuple[Town, Numbers]) -> Iterator[Walker]:
    """The adversary, in a town with a case in every state and some people made for mischief."""
    town, numbers = full_town
    for account in ("allround", "lapsed"):
        newcomer(town, account)
    for role in _OFFICES:
        appoint(town, "allround", role)
    for role in ("case_handler", "inspector"):
        appoint(town, "lapsed", role)
    set_post(town, "lapsed", certificate_expires=date(2026, 8, 31))
    for account in ("handler1", "inspector1"):
        town.people[f"{account}_again"] = second_account(town, account)
    with branching(town) as branch:
        assert isinstance(branch.database, Branch)
        yield Walker(branch, numbers, branch.database.take_back)


def _walk(walker: Walker, first: int, wanted: int, name: str) -> None:
    """Walk until so many walks count, beginning with a seed."""
    walker.tallies = {}
    bad: list[Walked] = []
    counted = drawn = accepted = 0
    while counted < wanted:
        assert drawn < wanted * _MOST_DRAWN, "too many walks are refused before their third step"
        walked = walker.walk(first + drawn)
        drawn += 1
        counted += walked.counts
        accepted += walked.steps
        if walked.breaches or walked.faults:
            bad.append(walked)
    for found in bad:
        print(found)
    said = {"计入的种子": counted, "抽取的种子": drawn, "获准的办理": accepted}
    table.keep(name, said, walker.tallies)
    print(f"\n{said}\n{table.table(walker.tallies)}")
    assert [found.seed for found in bad] == []


def test_no_walk_breaks_a_principle(walker: Walker) -> None:
    _walk(walker, 0, _SEEDS, "ci")
    # Else the walks would say nothing of it.
    assert len(set(MOVES) - set(walker.tallies)) <= _RARE
    assert sum(tally.passed for move, tally in walker.tallies.items() if move in MOVES) > _SEEDS


@pytest.mark.heavy
@pytest.mark.parametrize("share", range(_SHARES))
def test_no_long_search_finds_one(walker: Walker, share: int) -> None:
    """As many walks as NUOXIN_SEEDS says, each share from seeds of its own."""
    _walk(walker, (1 + share) * 1_000_000, max(_SEEDS // _SHARES, 1), f"share{share}")
