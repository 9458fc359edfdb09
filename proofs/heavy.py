"""What the suite tries in part, tried in whole: the tests that are marked heavy.

Random walks through all the machines, as many acts as NUOXIN_WALKS says, as many walks of an
adversary as NUOXIN_SEEDS says, a thousand pairs of last approvals at the same moment, and as many
changes of single rows as NUOXIN_CHANGES says (10,000), written to docs/proofs/columns.md. The suite
walks, presses and changes a small share of that each time. What came of the adversary's moves is
written to docs/proofs/adversary.md, if all of it held.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from rulebook.tree import ROOT

_ACTS = "10000"
_SEEDS = "10000"


def prove(_seed: int, _data: Path | None = None) -> bool:
    """Run them, and say how long it took; says whether all of it held."""
    environment = {"NUOXIN_WALKS": _ACTS, "NUOXIN_SEEDS": _SEEDS, **os.environ}
    command = [sys.executable, "-m", "pytest", "-n", "2", "-m", "heavy", "-q", "--durations=0"]
    page = [sys.executable, "-m", "tests.adversary"]
    subprocess.run([*page, "--forget"], cwd=ROOT, check=True)
    began = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    seconds = time.monotonic() - began
    print(
        f"heavy: {environment['NUOXIN_WALKS']} acts of random walks, "
        f"{environment['NUOXIN_SEEDS']} walks of an adversary, {seconds:.0f} s"
    )
    if done.returncode != 0:
        return False
    return subprocess.run(page, cwd=ROOT, check=False).returncode == 0
