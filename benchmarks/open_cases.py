"""A town with many open cases: two applications many times over, one that waits for the window and
whose acceptance has fallen due, and one that was just handed in. PostgreSQL copies them itself.
"""

from __future__ import annotations

import psycopg

from benchmarks.step_speed import plain
from casework.models import Case
from tests.support.town import Town

# Copies of one case stand so far from those of the other.
_STRIDE = 100_000_000


def fill(town: Town, number: int, *, due: int) -> None:
    """Let so many cases be open in a town, of which that many are due thirty days from now, to
    which its clock moves; each has a party and a place of its own."""
    overdue = _handed_in(town, "人民中路1号")
    town.time.pass_(days=30)
    waiting = _handed_in(town, "人民中路2号")
    with psycopg.connect(plain(town.url), autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE notice SET delivered_at = created_at")  # they have been told
        _copy(owner, overdue, _STRIDE, due - 1)
        _copy(owner, waiting, 2 * _STRIDE, number - due - 1)
        owner.execute("VACUUM ANALYZE")


def _handed_in(town: Town, address: str) -> Case:
    number = town.apply(address=address)
    town.attach(number)
    town.take(number, "submit", "applicant")
    return town.case(number)


def _copy(owner: psycopg.Connection, case: Case, base: int, copies: int) -> None:
    """Copy all that is kept of a case with its party and place, under keys from `base` on."""
    keyed = owner.execute(
        "SELECT c.table_name, array_agg(c.column_name::text ORDER BY c.ordinal_position)"
        " FROM information_schema.columns c JOIN information_schema.tables t"
        " USING (table_schema, table_name)"
        " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' GROUP BY 1"
    ).fetchall()
    for table, columns in keyed:
        own = {"case_file": case.id, "party": case.party_id, "place": case.place_id}.get(table)
        if own or "case_id" in columns:
            where = f"t.id = {own}" if own else f"t.case_id = {case.id}"
            _copy_table(owner, table, columns, where, case.number, base, copies)


def _copy_table(
    owner: psycopg.Connection,
    table: str,
    columns: list[str],
    where: str,
    number: str,
    base: int,
    copies: int,
) -> None:
    [(rows, first)] = owner.execute(
        f"SELECT count(*), {'min(id)' if 'id' in columns else '0'} FROM {table} t WHERE {where}"  # noqa: S608
    ).fetchall()
    if not rows:
        return
    of_case = f"{base}::bigint + k"
    changed = {
        # Rows of one copy stand apart by how many a case has.
        "id": f"{base}::bigint + k * {rows} + (t.id - {first})",
        **dict.fromkeys(("case_id", "party_id", "place_id"), of_case),
        "number": f"replace(t.number, '{number}', '{number}' || '9' || k)",
        "tracking_code": "md5(t.tracking_code || k)",
        "code": f"t.code || ({of_case})",
        "address_key": "t.address_key || k",
        "key": "t.key || '/' || k",
        "text": "t.text || '9' || k",
        "n": f"t.n + {base // 100}::bigint + k",
    }
    told = ", ".join(changed.get(name, f"t.{name}") for name in columns)
    owner.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {told} FROM {table} t,"  # noqa: S608
        f" generate_series(1, {copies}) AS k WHERE {where} ORDER BY k"
    )
