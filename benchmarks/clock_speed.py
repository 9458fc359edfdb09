"""Whether the cost of what falls due depends on how much does not: so many due clocks are found and
fired among ten thousand open cases, and among a million, side by side in one run.

Each of the two towns holds two applications many times over: one that waits for the window, whose
acceptance has fallen due, and one that was just handed in. PostgreSQL copies them itself.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from statistics import median

import psycopg

from benchmarks.step_speed import opened, plain
from casework.duties.due_clocks import fire_due_clocks
from casework.models import Case
from tests.support.town import Town, fresh_copy, lay_out

_TEMPLATE = "bench_clocks"
_DUE = 1000
_ROUNDS = 3
_FEW = 10_000
_GOAL = 1.3
# Copies of one case stand so far from those of the other.
_STRIDE = 100_000_000


def clock_speed(server: str, *, many: int) -> None:
    """Lay out both towns, and print how long each round takes in either, and the ratio."""
    people = lay_out(server, _TEMPLATE)
    with ExitStack() as stack:
        towns: dict[int, Town] = {}
        for number in (_FEW, many):
            url = stack.enter_context(fresh_copy(server, _TEMPLATE, f"bench_clocks_{number}"))
            towns[number] = opened(url, people)
            started = time.perf_counter()
            _fill(towns[number], number)
            print(f"{number:>10,} open cases laid out in {time.perf_counter() - started:.0f} s")
        taken: dict[int, list[float]] = {number: [] for number in towns}
        for nth in range(_ROUNDS + 1):  # of the first round templates are compiled and pages read
            for number, town in towns.items():
                started = time.perf_counter()
                report = fire_due_clocks(town.office, limit=_DUE)
                seconds = time.perf_counter() - started
                if report.failed or len(report.done) != _DUE:
                    raise RuntimeError(f"not all that was due was done: {report}"[:2000])
                if nth:
                    taken[number].append(seconds)
        for town in towns.values():
            town.database.close()
    print(f"{'open cases':>12}{'median':>10}  of {_ROUNDS} rounds, {_DUE:,} due clocks each")
    for number, rounds in taken.items():
        each = ", ".join(f"{one:.1f}" for one in rounds)
        print(f"{number:>12,}{median(rounds):>8.1f} s  ({each})")
    few, lots = (median(rounds) for rounds in taken.values())
    print(f"ratio {lots / few:.2f} (goal: at most {_GOAL})")


def _fill(town: Town, number: int) -> None:
    """Let there be so many open cases, of which enough are due for every round."""
    due = _handed_in(town, "人民中路1号")
    town.time.pass_(days=30)
    waiting = _handed_in(town, "人民中路2号")
    with psycopg.connect(plain(town.url), autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        _copy(owner, due, _STRIDE, _DUE * (_ROUNDS + 1) - 1)
        _copy(owner, waiting, 2 * _STRIDE, number - _DUE * (_ROUNDS + 1))
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
