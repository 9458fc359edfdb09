"""Bringing a database up to date: tables and roles, shipped editions, templates, declarations."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.common.database import engine_for
from casework.common.timekeeping import legal_date
from casework.models import EditionRow, ProcessVersion
from casework.parties.code_change.succession import tell_of_waiting_claims
from casework.people.administration.delegations import undelegated
from casework.people.doubled_codes import doubled
from casework.publicity.publications import repaired_and_shown
from casework.rules.rendering import template_digest
from casework.rules.rule_cache import RuleCache
from casework.rules.versions import lacking_rules, publish
from rulebook.models import DocumentKind, parse_content
from rulebook.shipped import shipped_editions
from rulebook.tree import DOCUMENT_TEMPLATES, ROOT
from state_machines.processes import PROCESSES

_LOCK = 7_305_119  # any number that no other advisory lock uses


def _to_standard_error(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def migrate(
    url: str, now: datetime, warn: Callable[[str], None] = _to_standard_error
) -> tuple[str, ...]:
    """Upgrade the database at `url` and load what this release ships; safe to run again. Gives what
    is left for people to put right, in Chinese.

    `url` is the owner's. Two runs at once wait for each other. Before anything is changed, `warn`
    is told of rules that stored versions need and this release lacks.
    """
    engine = engine_for(url, role=None)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            if inspect(connection).has_table(ProcessVersion.__tablename__):
                with Session(connection) as session:
                    for line in lacking_rules(session):
                        warn(f"注意：{line}")
            # What a migration writes is checked at once: a table with checks still to be made takes
            # no index, and the migration after it may want one.
            connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            command.upgrade(_alembic(connection), "head")
            with Session(connection) as session:
                load_editions(session, now)
                publish(session, PROCESSES, now)
                session.commit()
                untold = tell_of_waiting_claims(session, RuleCache().current(session), now)
                session.commit()
                today = legal_date(now)
                return (
                    *untold,
                    *doubled(session, today),
                    *undelegated(session, today),
                    *repaired_and_shown(session),
                )
    finally:
        engine.dispose()


def load_editions(session: Session, now: datetime) -> int:
    """Load shipped rules and templates as immutable rows; gives how many were new."""
    rows: list[dict[str, Any]] = []
    first_days: dict[str, date] = {}
    for edition in shipped_editions():
        rows.append(
            {
                "kind": edition.kind,
                "key": edition.key,
                "scope": edition.scope,
                "valid_from": edition.valid_from,
                "valid_to": edition.valid_to,
                "content": edition.content,
                "blob": None,
                "law": edition.law,
                "mark": edition.mark,
                "source": edition.source,
                "digest": edition.digest,
                "loaded_at": now,
            }
        )
        rule = parse_content(edition.kind, edition.content)
        if isinstance(rule, DocumentKind):
            first_days[rule.template] = edition.valid_from
    rows += [_template_row(DOCUMENT_TEMPLATES / name, day, now) for name, day in first_days.items()]
    new = 0
    for row in rows:
        statement = insert(EditionRow).values(row).on_conflict_do_nothing(index_elements=["digest"])
        new += session.scalar(statement.returning(EditionRow.id)) is not None
    return new


def _template_row(file: Path, first_day: date, now: datetime) -> dict[str, Any]:
    blob = file.read_bytes()
    return {
        "kind": "template",
        "key": file.stem,
        "scope": None,
        "valid_from": first_day,
        "valid_to": None,
        "content": {"file": file.name},
        "blob": blob,
        "law": "",
        "mark": "S",
        "source": f"templates/docs/{file.name}",
        "digest": template_digest(file.name, blob),
        "loaded_at": now,
    }


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["connection"] = connection
    return config
