"""Write the page of the last walks: `python -m tests.adversary`."""

from __future__ import annotations

from tests.adversary import table

table.PAGE.write_text(table.page(), "utf-8")
print(f"written: {table.PAGE}")
