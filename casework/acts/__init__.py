"""One act underway and what it stands on: case, officers, clocks, log, numbers, delivery."""
