"""What an idle demo costs: the CPU of all processes of `nuoxin up --demo` while nobody asks it for
anything, as shares of one core.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # comes with the embedded server

from proofs.house import House
from workflows.process_manager import free_port

_SETTLING = 3600.0  # seconds for the city to be laid out
# So many seconds for what the start has left to do.
_REST = 180.0
_TICK = 5.0
_GOAL = 0.10


def idle_cost(folder: Path, *, seconds: float) -> None:
    """Run a demo in a folder, and print what each part of it took in so many seconds."""
    house = House(folder.resolve(), free_port())
    house.folder.mkdir(parents=True, exist_ok=True)
    house.start()
    try:
        until = time.monotonic() + _SETTLING
        while not ((health := house.health()) and health["prefect"] and "flows" in _used(house)):
            if time.monotonic() > until:
                raise RuntimeError("the demo did not come up")
            time.sleep(_TICK)
        time.sleep(_REST)
        before, began = _used(house), time.monotonic()
        time.sleep(seconds)
        after, took = _used(house), time.monotonic() - began
    finally:
        house.up.terminate()
        house.up.wait(60)
    shares = {part: (used - before.get(part, 0.0)) / took for part, used in after.items()}
    print(f"{took:.0f} s, all processes of `nuoxin up --demo`, shares of one core")
    for part, share in shares.items():
        print(f"{part:>12} {share:7.1%}")
    print(f"{'all':>12} {sum(shares.values()):7.1%} (goal: under {_GOAL:.0%})")


def _used(house: House) -> dict[str, float]:
    """Seconds of CPU that each part has used so far, with what it started and has seen end."""
    found = {}
    for name, process in house.processes().items():
        below = [] if name == "up" else process.children(recursive=True)
        total = 0.0
        for one in (process, *below):
            with suppress(psutil.Error):
                times = one.cpu_times()
                total += times.user + times.system
                if name != "up":  # what has ended of the rest is counted there
                    total += times.children_user + times.children_system
        found[name] = total
    return found
