"""Bringing a database up to date: tables and roles, shipped editions, templates, declarations."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.common.database import engine_for
from casework.common.problems import RuleMissing
from casework.common.timekeeping import legal_date
from casework.models import EditionRow, ProcessVersion
from casework.operations.installation import CannotStart
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

MIGRATIONS = ROOT / "migrations" / "versions"
_LOCK = 7_305_119  # any number that no other advisory lock uses


def _to_standard_error(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def migrate(
    url: str, now: datetime, warn: Callable[[str], None] = _to_standard_error
) -> tuple[str, ...]:
    """Upgrade the database at `url` as `migrate_within` does. `url` is the owner's."""
    engine = engine_for(url, role=None)
    try:
        with engine.begin() as connection:
            return migrate_within(connection, now, warn)
    finally:
        engine.dispose()


def migrate_within(
    connection: Connection, now: datetime, warn: Callable[[str], None] = _to_standard_error
) -> tuple[str, ...]:
    """Upgrade a database in the transaction of its owner's connection, and load what this release
    ships; safe to run again. Gives what is left for people to put right, in Chinese.

    Two runs at once wait for each other. Before anything is changed, `warn` is told of rules that
    stored versions need and this release lacks. Raises CannotStart for a database of a newer
    release, and RuleMissing if cases that have not ended run under a version whose rules are gone.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    refuse_newer(migration_of(connection))
    if inspect(connection).has_table(ProcessVersion.__tablename__):
        with Session(connection) as session:
            _refuse_what_lacks(session, warn)
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
            *repaired_and_shown(session, today),
        )


def migration_of(connection: Connection) -> str | None:
    """The migration that a database is at; None for one without tables."""
    return MigrationContext.configure(connection).get_current_revision()


def refuse_newer(migration: str | None) -> None:
    """Raise CannotStart if this release does not know a migration: a newer one made it."""
    known = [file.name.partition("_")[0] for file in sorted(MIGRATIONS.glob("*.py"))]
    if migration is not None and migration not in known:
        raise CannotStart(
            f"数据由较新的版本建立或者更新过（迁移 {migration}），本版本只认识到 {known[-1]}，"
            "没有作任何改动：请换用那个版本，或者更新的版本"
        )


def lineage_faults(folder: Path = MIGRATIONS) -> Iterator[str]:
    """What is wrong with the order of migrations: each number is used once, by the file that bears
    it, and follows the number before it, so that there is one head."""
    before = None
    for file in sorted(folder.glob("*.py")):
        said = _assigned(file)
        number = file.name.partition("_")[0]
        if said.get("revision") != number:
            yield f"migrations/versions/{file.name}: revision is {said.get('revision')}"
        if number == before:
            yield f"migrations/versions/{file.name}: the number {number} is used twice"
        elif said.get("down_revision") != before:
            yield (
                f"migrations/versions/{file.name}: follows {said.get('down_revision')}, "
                f"but {before} comes before it: two heads, or one number used twice"
            )
        before = number


def _assigned(file: Path) -> dict[str, object]:
    """What a migration says of itself: texts and None, by the name that it gives them."""
    return {
        target.id: statement.value.value
        for statement in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }


def _refuse_what_lacks(session: Session, warn: Callable[[str], None]) -> None:
    lacks = lacking_rules(session)
    for line in lacks:
        warn(f"注意：{line}")
    if stuck := [one for one in lacks if one.open_cases]:
        cases = sum(one.open_cases for one in stuck)
        raise RuleMissing(
            f"本系统版本缺少 {cases} 个未办结的案件还需要的规则（见上），没有更新数据库："
            "已公布的规则不得删除，请改用含有这些规则的版本，或者先用原来的版本办结这些案件"
        )


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
    config.set_main_option("script_location", str(MIGRATIONS.parent))
    config.attributes["connection"] = connection
    return config
