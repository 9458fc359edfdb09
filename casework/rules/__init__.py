"""Editions of rules, calendars, templates and versions, and counting by them."""
