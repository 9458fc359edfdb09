"""Checks afterwards whether a promise was kept."""
