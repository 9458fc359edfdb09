"""Alembic's entry: `casework.migration` hands it a connection of the database's owner."""

from __future__ import annotations

from alembic import context

from casework.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
