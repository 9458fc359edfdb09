"""Draws and grades."""
