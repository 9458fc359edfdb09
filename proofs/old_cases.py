"""Old cases: what commit 0ed1663 left open is upgraded, and goes on to its ends.

That commit lays out its own town and demo city, with cases in every state; this release upgrades
and proves them, and takes every open case on under the version it was opened with. How is told in
`tests/old_cases.py`, for it takes the steps that the tests take; what came of it is written to
docs/proofs/old_cases.md.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rulebook.tree import ROOT


def prove(_seed: int, data: Path | None = None) -> bool:
    """Run it on a data folder, or on one of its own; says whether everything agreed."""
    command = [sys.executable, "-m", "tests.old_cases"]
    if data is not None:
        command += ["--data", str(data)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0
