"""Outlets by which notices leave the house, and what did not arrive."""
