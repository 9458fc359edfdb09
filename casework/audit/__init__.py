"""Proof that nothing was changed: log, roots, numbers, ratings, court files."""
