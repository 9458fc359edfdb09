"""How much the suite tries, and whether the last run tried all that it must.

python -m tests.counts          after a whole run: what is missing, and the figures
python -m tests.counts --keep   what the last run tried is what must be tried from now on
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

from tests.support.tried import KEPT, LAST, Line, read, write


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the last run with what is kept; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.counts", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="keep what the last run tried")
    given = parser.parse_args(arguments)
    tried = read(LAST)
    if given.keep:
        write(KEPT, tried)
    wanted = read(KEPT)
    print(_table(wanted, tried))
    missing = sorted(wanted - tried)
    for line in missing:
        print("not tried:", *line, file=sys.stderr)
    return 1 if missing else 0


def _table(wanted: set[Line], tried: set[Line]) -> str:
    must, did, lost = (Counter(kind for kind, *_ in s) for s in (wanted, tried, wanted - tried))
    rows = [("", "must", "tried", "missing")]
    for kind in sorted(must | did):
        rows.append((kind, *(str(counted[kind]) for counted in (must, did, lost))))
    return "\n".join(f"{kind:10}{a:>8}{b:>8}{c:>8}" for kind, a, b, c in rows)


if __name__ == "__main__":
    sys.exit(main())
