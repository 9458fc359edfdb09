"""Penalties: catalogue, exemptions, what is owed."""
