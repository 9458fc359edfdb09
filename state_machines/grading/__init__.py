"""Grading of places by a score sheet."""
