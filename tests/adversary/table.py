"""The table of what came of each move (手法统计): kept by those who walk, and put together."""

from __future__ import annotations

import json
import os
import platform
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from casework.common.timekeeping import ZONE
from rulebook.tree import ROOT
from tests.adversary.walk import Tally

_KEPT = ROOT / "build" / "tests" / "adversary"
_SHARES = "share*.json"
PAGE = ROOT / "docs" / "proofs" / "adversary.md"
_HEAD = """# An adversary at the one door

`tests/adversary` walks through a town with a case in every state of every process. A walk is one
seed: some fourteen acts in a case and in what comes of it, by the one door, each as the law has it
or by an adversarial move: two times in five, and more often where measures are proposed or decided.
Half of the walks begin just before that. At each step the moves that fit few steps are drawn before
those that fit any (days, strangers, order). Afterwards every file whose log has grown is judged
by the seven principles (`casework/audit/principles.py`) alone, and its log is replayed. Walks with
fewer than three accepted steps do not count; seeds are drawn until enough do. CI walks 300, and
`make prove` as many as NUOXIN_SEEDS says; how many this page tells of stands above its table.

A move *passed its first guard* if it was accepted, or refused by something other than the guards
that are meant for it (its own day, officer, form, order …). What was accepted did no harm: no file
breaks a principle. That is no thing of course: `tests/casework/test_adversary.py` leaves one door
after the other open on purpose, and the same search, bent to it, finds what came through.

"""


def keep(name: str, walked: Mapping[str, int], tallies: Mapping[str, Tally]) -> None:
    """What somebody walked, to be put together with the rest."""
    _KEPT.mkdir(parents=True, exist_ok=True)
    said = {
        "walked": walked,
        "by": [
            f"{datetime.now(ZONE):%Y-%m-%d}，{platform.system()} {platform.machine()}，"
            f"{os.cpu_count()} 核，Python {platform.python_version()}"
        ],
        "moves": {move: vars(tally) for move, tally in tallies.items()},
    }
    (_KEPT / f"{name}.json").write_text(json.dumps(said, ensure_ascii=False), "utf-8")


def forget() -> None:
    """Take away what was kept of an earlier search, so that it is not counted in."""
    for file in _KEPT.glob(_SHARES):
        file.unlink()


def page() -> str:
    """All that was kept of the long search, as a page."""
    shares = sorted(_KEPT.glob(_SHARES))
    if not shares:
        raise SystemExit("no share of a long search was kept: run `make prove`")
    walked: Counter[str] = Counter()
    by: set[str] = set()
    moves: dict[str, Tally] = {}
    for file in shares:
        said = json.loads(file.read_text("utf-8"))
        walked.update(said["walked"])
        by.update(said.get("by", ()))
        for move, tally in said["moves"].items():
            known = moves.setdefault(move, Tally())
            for name in ("tried", "passed", "accepted"):
                setattr(known, name, getattr(known, name) + tally[name])
            known.refused.update(tally["refused"])
    told = "，".join(f"{name} {n:,}" for name, n in walked.items())
    return f"{_HEAD}{'；'.join(sorted(by))}。{told}。\n\n{table(moves)}\n"


def table(moves: Mapping[str, Tally]) -> str:
    """One line for each move, those that were tried most first."""
    lines = [
        "| 手法 | 尝试 | 越过第一道防线 | 获准 | 最常见的拒绝 |",
        "|-|-:|-:|-:|-|",
    ]
    for move, tally in sorted(moves.items(), key=lambda pair: -pair[1].tried):
        most = "、".join(f"{code} {n:,}" for code, n in tally.refused.most_common(4))
        lines.append(
            f"| {move} | {tally.tried:,} | {tally.passed:,} | {tally.accepted:,} | {most} |"
        )
    return "\n".join(lines)
