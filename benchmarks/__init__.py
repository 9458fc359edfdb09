"""Speed, measured side by side with raw SQL in one run. `make bench` runs them all."""
