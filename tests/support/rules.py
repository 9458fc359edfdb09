"""Changing what the rulebook leaves open, as an authority would."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.models import EditionRow


def set_key(session: Session, key: str, *, value: Any) -> None:
    """A later edition of a configuration key, as an authority would load it."""
    row = session.scalars(
        select(EditionRow).where(EditionRow.kind == "key", EditionRow.key == key)
    ).one()
    session.add(
        EditionRow(
            kind="key",
            key=key,
            scope=None,
            valid_from=row.valid_from,
            valid_to=None,
            content={**row.content, "value": value},
            blob=None,
            law=row.law,
            mark=row.mark,
            source="本机关",
            digest=f"test-{key}",
            loaded_at=row.loaded_at,
        )
    )


def add_penalty(session: Session, violation: str, kind: str) -> None:
    """A later edition of a violation whose article has one more kind of penalty."""
    row = session.scalars(
        select(EditionRow).where(EditionRow.kind == "violation", EditionRow.key == violation)
    ).one()
    session.add(
        EditionRow(
            kind=row.kind,
            key=row.key,
            scope=row.scope,
            valid_from=row.valid_from,
            valid_to=None,
            content={**row.content, "penalties": [*row.content["penalties"], kind]},
            blob=None,
            law=row.law,
            mark=row.mark,
            source="本机关",
            digest=f"test-{violation}",
            loaded_at=row.loaded_at,
        )
    )
