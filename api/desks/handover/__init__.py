"""Handing cases over from a list (移交承办)."""
