"""As described: whatever anybody calls, the house answers as its OpenAPI description says.

A demo city runs with `nuoxin up`. Five identities make NUOXIN_CALLS calls (20,000) between them,
which schemathesis makes up from the description, from what was answered before and where its links
lead (`proofs/described_calls.py`): as they should be, and otherwise. No answer may be a 5xx, bear a
status that is not described, or say anything that its schema does not. At the end Ctrl-C must leave
no process behind, and the log must prove itself.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from proofs.house import SETTLING, House, left_behind, say, unproved, until
from rulebook.tree import ROOT
from workflows.process_manager import free_port

_CALLS = "20000"
_ENVIRONMENT = ".venv-prove"


def prove(seed: int, data: Path | None = None) -> bool:
    """Make the calls, and print the tables; says whether all was as described."""
    made_ready = ["make", "--silent", f"{_ENVIRONMENT}/.ready"]
    subprocess.run(made_ready, cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory(prefix="nuoxin-calls-", ignore_cleanup_errors=True) as made:
        house = House((data or Path(made) / "data").resolve(), free_port())
        house.folder.mkdir(parents=True, exist_ok=True)
        house.start()
        try:
            return _prove(house, seed)
        finally:
            house.end()


def _prove(house: House, seed: int) -> bool:
    calls = os.environ.get("NUOXIN_CALLS", _CALLS)
    say(f"seed {seed}, {calls} calls; laying out the city in {house.folder}")
    if not until(lambda: house.sweep() is not None and house.all_answer(), SETTLING):
        say("the house did not come up:\n" + "\n".join(house.said()[-20:]))
        return False
    python = str(ROOT / _ENVIRONMENT / "bin" / "python")
    command = [python, "-m", "proofs.described_calls", house.address, calls, str(seed)]
    straight = {**os.environ, "NO_PROXY": "127.0.0.1"}
    made = subprocess.run(command, cwd=ROOT, env=straight, check=False)
    as_described = made.returncode == 0
    faults = [*left_behind(house), *unproved(house)]
    for fault in faults:
        say(f"FAULT: {fault}")
    say("all was as described" if as_described and not faults else "not all was as described")
    return as_described and not faults
