"""Radiation licences: the joint matter of two departments, and each alone."""
