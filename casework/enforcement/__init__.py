"""Penalties, exemptions, custody and fines, as far as they need the database."""
