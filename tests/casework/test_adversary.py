"""In no walk of the adversary does a file come about that breaks a principle."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from casework.acts import legal_dates
from casework.enforcement import consequences
from casework.enforcement.penalty import door as penalties
from casework.kernel import engine
from casework.parts.corrections import door as corrections
from casework.parts.delivery import door as delivery
from casework.parts.hearing import door as hearing
from rulebook.tree import ROOT
from state_machines.language.vocabulary import GUARDS
from state_machines.processes import PROCESSES
from tests.adversary import table
from tests.adversary.branch import Branch, branching
from tests.adversary.moves import BESIDE, MOVES
from tests.adversary.walk import Bias, Tally, Walked, Walker
from tests.support.journeys import Numbers
from tests.support.people import appoint, newcomer, second_account, set_post
from tests.support.town import Town

# So many in CI; `make prove` says how many in all.
_SEEDS = int(os.environ.get("NUOXIN_SEEDS", "300"))
_SHARES = 8
# Each move is tried once at least in so many seeds, on the average.
_SEEDS_A_TRY = 30
# In so many a search that is bent to a door finds that it is open.
_BENT = 36
# Of all seeds that are drawn so many may end too early, at most.
_MOST_DRAWN = 3
_OFFICES = (
    "case_handler", "inspector", "approver", "legal_reviewer", "hearing_chair", "panel_member",
    "window_clerk", "reviewer", "supervisor", "credit_officer",
)  # fmt: skip


def test_the_first_guards_of_a_move_are_codes_that_there_are() -> None:
    rooms = ("state_machines", "casework", "api")
    files = [file for room in rooms for file in (ROOT / room).rglob("*.py")]
    known = set(re.findall(r'"([a-z]+(?:[-_][a-z]+)*)"', "\n".join(map(_text, files))))
    # Two codes are named after what binds the decision.
    bound = {one.name for process in PROCESSES.values() for one in process.binds}
    known |= {f"{name}_{how}" for name in bound for how in ("differs", "heavier")}
    named = set().union(*BESIDE.values(), *(move.guards for move in MOVES.values()))
    assert named - known == set()


def test_the_page_tells_of_the_last_long_search_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "_KEPT", tmp_path)
    table.keep("ci", {"计入的种子": 300}, {})
    with pytest.raises(SystemExit):
        table.page()
    table.keep("share0", {"计入的种子": 5}, {})
    table.forget()
    table.keep("share1", {"计入的种子": 7}, {})
    assert "计入的种子 7。" in table.page()


def _text(file: Path) -> str:
    return file.read_text("utf-8")


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
    began = time.process_time()
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
    said["处理器秒数"] = round(time.process_time() - began)
    table.keep(name, said, walker.tallies)
    print(f"\n{said}\n{table.table(walker.tallies)}")
    assert [found.seed for found in bad] == []


def test_no_walk_breaks_a_principle(walker: Walker) -> None:
    _walk(walker, 0, _SEEDS, "ci")
    # Else the walks would say nothing of it.
    least = max(_SEEDS // _SEEDS_A_TRY, 1)
    tried = {name: walker.tallies.get(name, Tally()).tried for name in MOVES}
    assert {name: n for name, n in tried.items() if n < least} == {}
    assert sum(tally.passed for move, tally in walker.tallies.items() if move in MOVES) > _SEEDS


def _without_days(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(legal_dates, "refusals", lambda _act: [])


def _without_delivery(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(delivery, "refusals", lambda _act: [])


def _without_the_time_of_the_party(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(hearing, "refusals", lambda _act: [])
    _without_guards(patch, "party_was_heard")


def _without_the_class(patch: pytest.MonkeyPatch) -> None:
    _without_guards(patch, "class_is_not_graver", "publicity_fits_the_measures")


def _without_stages(patch: pytest.MonkeyPatch) -> None:
    _without_guards(
        patch,
        "stage_follows_from_the_file",
        "circumstances_are_founded",
        "approvals_are_kept",
        "fine_is_in_range",
    )
    patch.setattr(penalties, "refusals", lambda _act: [])  # what was not told is its own


def _without_approvals(patch: pytest.MonkeyPatch) -> None:
    _without_guards(patch, "approvals_are_kept")


def _without_identity(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(corrections, "refusals", lambda _act: [])


def _without_the_fall(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(consequences, "bring_in_line", lambda *_of: False)


def _nothing_against(*_facts: object) -> None:
    return None


def _without_guards(patch: pytest.MonkeyPatch, *names: str) -> None:
    """These refuse nothing any more, by whichever version and gate they are asked."""
    known = {one.name for one in GUARDS.values()}
    assert known.issuperset(names), set(names) - known
    plain = engine.guards_of
    patch.setattr(
        engine,
        "guards_of",
        lambda *of: tuple(
            replace(one, rule=_nothing_against) if one.name in names else one for one in plain(*of)
        ),
    )


_TO_SERVE = (("penalty", "notice_issued"), ("penalty", "decided"))
_TO_DECIDE = (("penalty", "decision_pending"),)


@pytest.mark.parametrize(
    ("open_door", "bias", "principle"),
    [
        (_without_days, Bias(_TO_SERVE, ("日期提前", "表内日期提前")), "日期真实"),
        (_without_delivery, Bias(_TO_SERVE, ("没有送达凭证",)), "决定所据在卷"),
        (
            _without_the_time_of_the_party,
            Bias((("penalty", "notified"), ("penalty", "statement_heard")), ("日期推后",)),
            "期限属于当事人",
        ),
        (_without_the_class, Bias(_TO_DECIDE, ("失信类别不符",), ("decide",)), "定性来自案卷"),
        (_without_stages, Bias(_TO_DECIDE, ("阶段、情节加重",), ("decide",)), "定性来自案卷"),
        (
            _without_approvals,
            Bias(_TO_DECIDE, ("改写事实、依据",), ("decide",)),
            "先告知后决定",
        ),
        (
            _without_identity,
            Bias((("penalty", "served"), ("penalty", "paid")), ("以补正更名",), ("correct",)),
            "身份不是笔误",
        ),
        (
            _without_the_fall,
            Bias((("penalty", "under_reconsideration"),), ("日期推后",)),
            "一并落空",
        ),
    ],
    ids=["days", "delivery", "time", "class", "stage", "notice", "identity", "fall"],
)
def test_a_door_left_open_on_purpose_is_found(
    walker: Walker,
    monkeypatch: pytest.MonkeyPatch,
    open_door: Callable[[pytest.MonkeyPatch], None],
    bias: Bias,
    principle: str,
) -> None:
    """A search that is bent to it finds what the door let through, in a few dozen seeds; with the
    door shut it finds nothing."""
    walker.tallies = {}
    seeds = range(_BENT)
    open_door(monkeypatch)
    found = next((seed for seed in seeds if principle in _broken(walker, seed, bias)), None)
    print(found, table.table(walker.tallies))
    assert found is not None
    monkeypatch.undo()
    assert not _broken(walker, found, bias)


def _broken(walker: Walker, seed: int, bias: Bias) -> set[str]:
    return {one.principle for one in walker.walk(seed, bias).breaches}


@pytest.mark.heavy
@pytest.mark.parametrize("share", range(_SHARES))
def test_no_long_search_finds_one(walker: Walker, share: int) -> None:
    """As many walks as NUOXIN_SEEDS says, each share from seeds of its own."""
    _walk(walker, (1 + share) * 1_000_000, max(_SEEDS // _SHARES, 1), f"share{share}")
