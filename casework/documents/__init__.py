"""Issuing documents, marking them, files that are handed in."""
