"""Grading of places and random draws, as far as they need the database."""
