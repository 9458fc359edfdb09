"""Roots that left the database are computed again from the rows: whoever wrote meanwhile, whatever
the clocks said, and whatever became of the file they were kept in."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from casework.audit import roots
from casework.audit.root_file import UNSIGNED_FILE, files_of, read_kept
from casework.audit.roots import CannotSeal, FormerRoot, Kept, Part, Root, verify_roots
from casework.audit.sealed_columns import FORMATS, SEALED
from casework.common.database import engine_for
from casework.duties.daily_proof import seal_day
from casework.kernel import engine
from casework.models import DailyRoot, LogRow
from casework.rules.versions import publish
from state_machines.processes import PROCESSES
from tests.support.town import Town


def sealed(town: Town, folder: Path) -> Root:
    """Seal, and give the root that was written down."""
    assert len(seal_day(town.office, folder).done) == 1
    return read_kept(folder).roots[-1]


def faults(town: Town, kept: Kept) -> list[str]:
    with town.session() as session:
        return [str(fault) for fault in verify_roots(session, kept)[0]]


def as_owner(town: Town, *statements: str) -> None:
    """Forge, with neither triggers nor foreign keys."""
    owner = engine_for(town.url, role=None)
    with owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            assert connection.execute(text(statement)).rowcount > 0, statement
    owner.dispose()


@pytest.mark.slow
def test_cases_that_moved_on_leave_what_was_sealed_as_it_was(town: Town, tmp_path: Path) -> None:
    first, _ = town.apply(), town.apply()
    before = sealed(town, tmp_path)
    town.attach(first)
    town.take(first, "submit", "applicant")
    town.apply()
    town.time.pass_(days=1)
    after = sealed(town, tmp_path)
    assert (before.cases, after.cases) == (2, 3)
    assert before.hash != after.hash
    assert faults(town, Kept((before, after))) == []
    assert faults(town, Kept((before,))) == []


def test_a_day_may_be_sealed_by_hand_and_again_at_its_end(town: Town, tmp_path: Path) -> None:
    town.apply()
    by_hand = sealed(town, tmp_path)
    assert seal_day(town.office, tmp_path).done == []
    town.time.pass_(hours=5)
    town.apply()
    at_its_end = sealed(town, tmp_path)
    assert by_hand.day == at_its_end.day
    kept = read_kept(tmp_path)
    assert [root.cases for root in kept.roots] == [1, 2]
    assert faults(town, kept) == []


def test_who_began_before_is_waited_for_and_who_comes_later_is_not_held_up(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row with an earlier id that is committed after the seal is in it."""
    number = town.apply()
    town.attach(number)
    waits, go_on = Event(), Event()
    monkeypatch.setattr(roots.time, "sleep", lambda _: waits.set() or go_on.wait(0.05))

    with Session(town.database.engine) as slow:
        context = town.office.context(slow)
        actor, version = town.people["applicant"], town.case(number).version
        act = town.office._prepared(context, number, "submit", {}, actor, version, None, None, None)
        engine.execute(act)
        slow.flush()
        early = slow.scalar(select(func.max(LogRow.id)).where(LogRow.case_id == act.case.id))
        later = town.apply(address="南通市崇川区濠南路1号")
        with ThreadPoolExecutor(1) as beside:
            sealing = beside.submit(seal_day, town.office, tmp_path)
            assert waits.wait(30)
            town.apply(address="南通市崇川区濠南路2号")
            assert not sealing.done()
            slow.commit()
            go_on.set()
            assert len(sealing.result(30).done) == 1
    kept = read_kept(tmp_path)
    with town.session() as session:
        last = session.scalar(
            select(func.max(LogRow.id)).where(LogRow.case_id == town.case(later).id)
        )
    assert early < last <= kept.roots[0].parts["case"].upto
    assert kept.roots[0].cases == 2  # what came while it waited is for the next one
    assert faults(town, kept) == []
    town.time.pass_(days=1)
    assert sealed(town, tmp_path).cases == 3
    assert faults(town, read_kept(tmp_path)) == []


def test_who_never_ends_is_said_and_nothing_is_sealed(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.apply()
    monkeypatch.setattr(roots, "_PAUSES", 1)
    with Session(town.database.engine) as slow:
        slow.execute(text("UPDATE case_file SET version = version"))
        assert len(seal_day(town.office, tmp_path / "other").done) == 1  # of another table
        slow.execute(
            text(
                "INSERT INTO case_log (case_id, seq, header, payload, salt, payload_digest,"
                " previous, hash) SELECT case_id, 99, header, payload, '', '', '', '' FROM case_log"
            )
        )
        with pytest.raises(CannotSeal):
            seal_day(town.office, tmp_path)
        slow.rollback()
    assert files_of(tmp_path) == []


def test_it_is_no_matter_what_the_clocks_say(town: Town, tmp_path: Path) -> None:
    """What another machine records, by its clock before the seal, but writes after it."""
    number = town.apply()
    town.attach(number)
    town.time.pass_(hours=2)
    root = sealed(town, tmp_path)
    town.time.instant -= timedelta(hours=1)
    town.apply()
    town.take(number, "submit", "applicant")
    with town.session() as session:
        rows = session.scalars(select(LogRow).order_by(LogRow.id.desc()).limit(2)).all()
        recorded = [datetime.fromisoformat(row.header["recorded_at"]) for row in rows]
    assert max(recorded) < root.sealed_at
    assert faults(town, Kept((root,))) == []


def test_what_could_not_be_written_down_is_a_failure_and_written_the_next_time(
    town: Town, tmp_path: Path
) -> None:
    town.apply()
    (tmp_path / "daily_roots-2026.jsonl").mkdir()
    [failure] = seal_day(town.office, tmp_path).failed
    assert "日根没有写入文件" in failure
    (tmp_path / "daily_roots-2026.jsonl").rmdir()
    town.time.pass_(days=1)
    town.apply()
    report = seal_day(town.office, tmp_path)
    assert (report.failed, report.notes) == ([], ["补写 2026-09-01 的日根"])
    kept = read_kept(tmp_path)
    assert [root.cases for root in kept.roots] == [1, 2]
    assert faults(town, kept) == []


def test_lines_that_were_lost_come_out_the_same(town: Town, tmp_path: Path) -> None:
    """So that copies that were handed out before still begin as the file does."""
    town.apply()
    for _ in range(3):
        sealed(town, tmp_path)
        town.time.pass_(days=2)
    [file] = files_of(tmp_path)
    whole = file.read_bytes()
    for cut in (len(whole) - 100, whole.index(b"missing"), whole.index(b"root@5")):
        file.write_bytes(whole[:cut])
        assert len(faults(town, read_kept(tmp_path))) == 1
        assert "最后一行不完整" in seal_day(town.office, tmp_path).failed[0]
        assert file.read_bytes().startswith(whole)
        assert faults(town, read_kept(tmp_path)) == []


def test_a_database_that_was_rolled_back_is_found(town: Town, tmp_path: Path) -> None:
    town.apply()
    sealed(town, tmp_path)
    town.time.pass_(days=1)
    root = sealed(town, tmp_path)
    as_owner(town, f"DELETE FROM daily_root WHERE root = '{root.hash}'")  # noqa: S608
    assert faults(town, read_kept(tmp_path)) == ["留存的日根 2026-09-02：不在数据库的日根登记中"]
    # What is sealed after that hides nothing.
    town.time.pass_(days=1)
    sealed(town, tmp_path)
    assert faults(town, read_kept(tmp_path)) == ["留存的日根 2026-09-02：不在数据库的日根登记中"]


def _without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda line: {key: value for key, value in line.items() if key != name}


def _with(**changes: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda line: {**line, **changes}


def _with_part(**changes: Any) -> Callable[[dict[str, Any]], Any]:
    def changed(line: dict[str, Any]) -> dict[str, Any]:
        parts = {**line["parts"], "case": {**line["parts"]["case"], **changes}}
        return {**line, "parts": parts}

    return changed


@pytest.mark.parametrize(
    "damage",
    [
        *map(_without, ("day", "root", "parts", "cases", "sealed_at")),
        *(_with(day=day) for day in ("2026-09-31", None, 1, [])),
        *(_with(root=root) for root in ("0" * 64, None, [], 1)),
        *(_with(parts=parts) for parts in ({}, None, [], "x")),
        *(_with(sealed_at=at) for at in ("2026-09-01", "x", None, "2026-09-01T09:00:00")),
        *(
            _with(format=name)
            for name in ("nuoxin-root@2", "nuoxin-root@4", "nuoxin-root@6", None, [])
        ),
        _with(cases=7),
        *(_with_part(upto=upto) for upto in ("1", None, 2**70, -1, True, 1.5)),
        *(_with_part(count=count) for count in (0, None, "1")),
        _with_part(root="f" * 64),
        _with_part(more=1),
        lambda line: [line],
        lambda _: None,
        lambda _: 5,
        lambda _: "x",
    ],
)
def test_a_damaged_line_is_a_fault_of_its_own(
    tmp_path: Path, damage: Callable[[dict[str, Any]], Any]
) -> None:
    parts = {name: Part(n, n + 1, f"{n}" * 64) for n, name in enumerate(roots.PARTS)}
    good = Root(date(2026, 9, 1), datetime(2026, 9, 1, 9, tzinfo=UTC), parts)
    file = tmp_path / "kept.jsonl"
    damaged = json.dumps(damage(good.said))
    file.write_text(f"{damaged}\n\n{json.dumps(good.said)}\n", encoding="utf-8")
    kept = read_kept(file)
    assert kept.roots == (good,)
    assert [fault.seq for fault in kept.faults] == [1]


@pytest.mark.parametrize("name", sorted(FORMATS)[:-1])
def test_a_line_of_a_format_before_is_computed_again_without_the_parts_that_came(
    town: Town, tmp_path: Path, name: str
) -> None:
    town.apply()
    root = sealed(town, tmp_path)
    before = replace(root, parts={part: root.parts[part] for part in FORMATS[name]})
    assert before.said["format"] == name
    told = json.dumps({part: asdict(one) for part, one in before.parts.items()})
    as_owner(town, f"UPDATE daily_root SET root = '{before.hash}', parts = '{told}'")  # noqa: S608
    file = tmp_path / "former.jsonl"
    file.write_text(json.dumps(before.said), encoding="utf-8")
    kept = read_kept(file)
    assert (kept.roots, kept.faults) == ((before,), ())
    assert faults(town, kept) == []


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\n", b"{", b"[" * 100_000, b"9" * 10_000])
def test_a_file_that_is_none_is_a_fault(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "kept.jsonl"
    file.write_bytes(content)
    assert (len(read_kept(file)), len(read_kept(file).faults)) == (0, 1)


def test_roots_of_the_former_format_are_only_compared_and_that_is_said(
    town: Town, tmp_path: Path
) -> None:
    town.apply()
    day, moment = date(2026, 8, 31), town.time.now()
    with town.session() as session:
        session.add(DailyRoot(day=day, root="a" * 64, cases=1, sealed_at=moment))
    file = tmp_path / UNSIGNED_FILE
    file.write_text(json.dumps({"cases": 1, "day": f"{day}", "root": "a" * 64}), encoding="utf-8")
    sealed(town, tmp_path)
    kept = read_kept(tmp_path)
    assert kept.former == (FormerRoot(day, "a" * 64),)
    with town.session() as session:
        found, notes = verify_roots(session, kept)
        assert found == []
        assert ["1 个日根是旧格式" in note and "不能重新计算" in note for note in notes] == [True]
        forged = replace(kept, former=(FormerRoot(day, "b" * 64),))
        assert len(verify_roots(session, forged)[0]) == 1


def test_the_table_of_the_database_is_held_to_what_was_kept(town: Town, tmp_path: Path) -> None:
    town.apply()
    kept = Kept((sealed(town, tmp_path),))
    with town.session() as session:
        [note] = verify_roots(session, Kept())[1]
    assert "1 个日根没有留存在外" in note
    as_owner(town, "UPDATE daily_root SET root = repeat('0', 64)")
    assert len(faults(town, kept)) == 2  # neither what was kept, nor what its parts come to
    for statement in (
        "UPDATE daily_root SET parts = '[]'",
        "UPDATE daily_root SET parts = '{\"case\": null}'",
        "UPDATE daily_root SET day = 'infinity'",
        "UPDATE daily_root SET sealed_at = '-infinity'",
        "DELETE FROM daily_root",
    ):
        as_owner(town, statement)
        assert len(faults(town, kept)) in (1, 2)


_MADE_UP = {
    "bigint": "{n}",
    "boolean": "false",
    "date": "'2026-09-01'",
    "timestamp with time zone": "now()",
    "json": "'{{}}'",
    "bytea": "'file'",
    "text": "'X{n}'",
    "ARRAY": "'{{}}'",
}
_OTHERWISE = {
    "bigint": "{} + 1",
    "boolean": "NOT {}",
    "date": "{} + 1",
    "timestamp with time zone": "{} + interval '1 second'",
    "json": "'[1]'",
    "bytea": "'x'",
    "text": "{} || '7'",
    "ARRAY": "array_append({}, 'x')",
}


def _kinds(town: Town, table: str) -> dict[str, str]:
    with town.session() as session:
        kinds = session.execute(
            text(
                "SELECT column_name, data_type FROM information_schema.columns"
                " WHERE table_schema = 'public' AND table_name = :table"
            ),
            {"table": table},
        )
        return dict(kinds.tuples().all())


@pytest.mark.parametrize("part", [name for name in roots.PARTS if name != "case"])
def test_any_row_of_a_part_that_changes_is_found(town: Town, tmp_path: Path, part: str) -> None:
    """Each column that a leaf has, and rows that are removed or put between."""
    model, columns = SEALED[part]
    table = model.__tablename__
    kinds = _kinds(town, table)
    said = {name: kind for name, kind in kinds.items() if name != "id"}
    for n in (901, 902):
        values = ", ".join(_MADE_UP[kind].format(n=n) for kind in said.values())
        as_owner(town, f"INSERT INTO {table} ({', '.join(said)}) VALUES ({values})")  # noqa: S608
    root = sealed(town, tmp_path)
    owner = engine_for(town.url, role=None)
    with Session(owner) as session:
        session.execute(text("SET session_replication_role = replica"))
        where = f"WHERE id = (SELECT max(id) FROM {table})"  # noqa: S608
        changes = [
            f"UPDATE {table} SET {name} = {_OTHERWISE[kinds[name]].format(name)} {where}"  # noqa: S608
            for name in columns
        ]
        changes += [
            f"DELETE FROM {table} {where}",  # noqa: S608
            f"UPDATE {table} SET id = id - 1000 {where}",  # noqa: S608
        ]
        for change in changes:
            with session.begin_nested() as undo:
                assert session.execute(text(change)).rowcount == 1, change  # type: ignore[attr-defined]
                found = verify_roots(session, Kept((root,)))[0]
                assert [fault.case for fault in found] == [f"留存的日根 {root.day}"], change
                undo.rollback()
        assert verify_roots(session, Kept((root,)))[0] == []
    owner.dispose()


def test_a_newer_release_leaves_former_roots_as_they_are(town: Town, tmp_path: Path) -> None:
    """Publishing again brings labels and the day of publication up to date, and nothing else."""
    town.apply()
    root = sealed(town, tmp_path)
    reworded = {
        key: replace(process, label=f"{process.label}（新）") for key, process in PROCESSES.items()
    }
    owner = engine_for(town.url, role=None)
    with Session(owner) as session:
        assert publish(session, reworded, town.time.now() + timedelta(days=1)) == []
        session.commit()
    owner.dispose()
    assert faults(town, Kept((root,))) == []
