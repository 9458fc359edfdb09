"""Entering afterwards what was done on paper (专项补录)."""
