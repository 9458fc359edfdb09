"""The desks: what waits for whom, and the counter."""
