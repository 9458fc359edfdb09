"""Penalties, orders to correct, exemptions, custody, fines."""
