"""Checks of promises, as far as they need the database."""
