"""Whether the cost of what falls due depends on how much does not: so many due clocks are found and
fired among ten thousand open cases, and among a million, side by side in one run.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from statistics import median

from benchmarks.open_cases import fill
from benchmarks.step_speed import opened
from casework.duties.due_clocks import fire_due_clocks
from tests.support.town import Town, fresh_copy, lay_out

_TEMPLATE = "bench_clocks"
_DUE = 1000
_ROUNDS = 4
_FEW = 10_000
_GOAL = 1.3


def clock_speed(server: str, *, many: int) -> bool:
    """Lay out both towns, and print how long each round takes in either, and the ratio; gives
    whether that is what it should be at most."""
    people = lay_out(server, _TEMPLATE)
    with ExitStack() as stack:
        towns: dict[int, Town] = {}
        for number in (_FEW, many):
            url = stack.enter_context(fresh_copy(server, _TEMPLATE, f"bench_clocks_{number}"))
            towns[number] = opened(url, people)
            started = time.perf_counter()
            fill(towns[number], number, due=_DUE * (_ROUNDS + 1))
            print(f"{number:>10,} open cases laid out in {time.perf_counter() - started:.0f} s")
        taken: dict[int, list[float]] = {number: [] for number in towns}
        for nth in range(_ROUNDS + 1):  # of the first round templates are compiled and pages read
            # The towns go first by turns.
            for number in sorted(towns, reverse=bool(nth % 2)):
                town, started = towns[number], time.perf_counter()
                report = fire_due_clocks(town.office, limit=_DUE)
                seconds = time.perf_counter() - started
                if report.failed or len(report.done) != _DUE:
                    raise RuntimeError(f"not all that was due was done: {report}"[:2000])
                if nth:
                    taken[number].append(seconds)
        for town in towns.values():
            town.database.close()
    print(f"{'open cases':>12}{'median':>10}  of {_ROUNDS} rounds, {_DUE:,} due clocks each")
    for number, rounds in taken.items():
        each = ", ".join(f"{one:.1f}" for one in rounds)
        print(f"{number:>12,}{median(rounds):>8.1f} s  ({each})")
    few, lots = (median(rounds) for rounds in taken.values())
    print(f"ratio {lots / few:.2f} (goal: at most {_GOAL})")
    return lots / few <= _GOAL
