"""Licences and their renewal together."""
