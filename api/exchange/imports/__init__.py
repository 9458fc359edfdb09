"""Imports of outside data: handing a file in, its progress, and what became of its rows."""
