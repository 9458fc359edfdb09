"""Write the page of the last walks: `python -m tests.adversary`; `--forget` takes them away."""

from __future__ import annotations

import sys

from tests.adversary import table

if "--forget" in sys.argv[1:]:
    table.forget()
else:
    table.PAGE.write_text(table.page(), "utf-8")
    print(f"written: {table.PAGE}")
