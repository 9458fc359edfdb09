"""Radiation licences and the joint matter, as far as they need the database."""
