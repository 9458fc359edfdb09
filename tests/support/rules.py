"""Changing what the rulebook leaves open, as an authority would."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.models import EditionRow
from rulebook.models import Edition, Mark


def set_key(session: Session, key: str, *, value: Any, since: date | None = None) -> None:
    """A later edition of a configuration key, as an authority would load it; it holds as long as
    the newest one did, or from a day on."""
    rows = session.scalars(
        select(EditionRow)
        .where(EditionRow.kind == "key", EditionRow.key == key)
        .order_by(EditionRow.valid_from)
    ).all()
    session.add(_later(rows[-1], {"value": value}, since))


def set_limit(session: Session, key: str, *, n: int) -> None:
    """A later edition of a limit of another length, as an authority would load it."""
    rows = session.scalars(
        select(EditionRow)
        .where(EditionRow.kind == "limit", EditionRow.key == key)
        .order_by(EditionRow.valid_from)
    ).all()
    session.add(_later(rows[-1], {"n": n}))


def add_penalty(session: Session, violation: str, kind: str) -> None:
    """A later edition of a violation whose article has one more kind of penalty."""
    row = _violation(session, violation)
    session.add(_later(row, {"penalties": [*row.content["penalties"], kind]}))


def set_articles(session: Session, violation: str, *, law: str, violated: str) -> None:
    """A later edition of a violation with other articles, as an office might have loaded it
    before articles were looked at."""
    session.add(_later(_violation(session, violation), {"law": law, "violated": violated}))


def call_serious(session: Session, violation: str) -> None:
    """A later edition of a violation that the catalogue calls serious (严重)."""
    session.add(_later(_violation(session, violation), {"publication": "严重"}))


def _violation(session: Session, key: str) -> EditionRow:
    return session.scalars(
        select(EditionRow).where(EditionRow.kind == "violation", EditionRow.key == key)
    ).one()


def _later(row: EditionRow, changes: dict[str, Any], since: date | None = None) -> EditionRow:
    # The note makes it another edition even where it says the same.
    content = {**row.content, **changes, "note": "本机关"}
    edition = Edition(
        row.kind,
        row.key,
        row.scope,
        since or row.valid_from,
        None,
        content,
        row.law,
        cast(Mark, row.mark),
        "本机关",
    )
    return EditionRow(
        kind=edition.kind,
        key=edition.key,
        scope=edition.scope,
        valid_from=edition.valid_from,
        valid_to=None,
        content=edition.content,
        blob=None,
        law=edition.law,
        mark=edition.mark,
        source=edition.source,
        digest=edition.digest,
        loaded_at=row.loaded_at,
    )
