"""Nonsense in any column of any row is a line of the proof, never a traceback, and hides no other.

Each column of each table that the proof reads is filled with what a forger, a slip of the hand or a
broken disk may leave there. What is listed as needing no proof (`test_columns.py`) may not stay
there once it is proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import ceil
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from casework.acts.journal import FIRST, canonical, payload_digest, row_hash
from casework.audit.admin_proof import faults_of_administration
from casework.audit.draws_proof import faults_of_draws
from casework.audit.faults import Fault
from casework.audit.finding_proof import faults_of_finding
from casework.audit.numbers_proof import faults_of_numbers
from casework.audit.parties_proof import faults_of_parties
from casework.audit.proof import _HEADER, verify_cases, verify_database
from casework.audit.ratings_proof import faults_of_ratings
from casework.audit.receipts_proof import faults_of_receipts
from casework.audit.root_file import read_kept
from casework.audit.roots import Kept, Root, verify_roots
from casework.audit.rules_proof import faults_of_rules
from casework.common.database import engine_for
from casework.duties.daily_proof import seal_day
from casework.duties.rating_again import rate_everybody
from casework.grading.draws import holding as draws
from casework.models import Base
from casework.parts.evidence import entering as evidence
from casework.rules.versions import VersionCache
from tests.casework.test_evidence import PHOTO, item
from tests.support.administering import administer
from tests.support.changes import ADDED, REMOVED, columns
from tests.support.journeys import OFFICERS, address, check_to, code_change_to, follow, usual
from tests.support.people import appoint
from tests.support.publishing import put_down_first
from tests.support.town import APPLICANT, CODES, Town

pytestmark = pytest.mark.slow

Proof = Callable[[Session, Root], list[Fault]]
Rewrite = Callable[[dict[str, Any], dict[str, Any]], tuple[Any, Any]]


def _cases(session: Session, _: Root) -> list[Fault]:
    report = verify_cases(session, VersionCache())
    assert report.cases == session.scalar(text("SELECT count(DISTINCT id) FROM case_file"))
    return list(report.faults)


def _rules(session: Session, _: Root) -> list[Fault]:
    return faults_of_rules(session)


def _ratings(session: Session, _: Root) -> list[Fault]:
    return faults_of_ratings(session)


def _draws(session: Session, _: Root) -> list[Fault]:
    return faults_of_draws(session)


def _administration(session: Session, _: Root) -> list[Fault]:
    return faults_of_administration(session)


def _numbers(session: Session, _: Root) -> list[Fault]:
    return faults_of_numbers(session)


def _receipts(session: Session, _: Root) -> list[Fault]:
    return faults_of_receipts(session)


def _roots(session: Session, root: Root) -> list[Fault]:
    return verify_roots(session, Kept((root,)))[0]


def _parties(session: Session, _: Root) -> list[Fault]:
    return faults_of_parties(session)


def _finding(session: Session, _: Root) -> list[Fault]:
    return faults_of_finding(session)


_PROOFS: Mapping[str, Proof] = {
    "cases": _cases,
    "rules": _rules,
    "ratings": _ratings,
    "draws": _draws,
    "administration": _administration,
    "numbers": _numbers,
    "parties": _parties,
    "finding": _finding,
    "receipts": _receipts,
    "roots": _roots,
}
# Of which the town has rows.
_TABLES = (
    "case_file", "case_clock", "case_log", "case_search", "case_waiting", "case_handler",
    "document", "attachment", "evidence", "credit_event", "credit_mark", "credit_rating",
    "publication", "party_succession", "publication_line", "publication_receipt", "recusal",
    "draw", "admin_entry", "post",
    "delegation", "backfill", "outlet", "desk_address",
    "number_entry", "number_counter", "edition", "process_version", "party", "party_change",
    "notice", "place", "daily_root",
)  # fmt: skip


def _proved(table: str) -> tuple[list[Proof], set[str]]:
    """Who proves a table, and which of its columns need no proof (`columns.toml`)."""
    said = {name: by for name, by in columns()[table].items() if name not in (ADDED, REMOVED)}
    names = {name for by in said.values() if not isinstance(by, str) for name in by}
    proofs = [proof for name, proof in _PROOFS.items() if name in names]
    return proofs, {name for name, by in said.items() if isinstance(by, str)}


PROVED = {table: _proved(table) for table in _TABLES}
# Needs no proof, but is found where another row refers to it, as that of each channel may.
_NAMED_BY_SOME = {("publication", "id")}
# Which row: the one that says most.
_WHICH = {
    "case_file": "process = 'commitment_check' ORDER BY id DESC",
    "case_log": "header ->> 'name' = 'inspect' ORDER BY id DESC",
    "credit_rating": "true ORDER BY id DESC",
    "edition": "kind = 'limit' ORDER BY id",
    "delegation": "true ORDER BY id DESC",
    "evidence": "content IS NOT NULL ORDER BY id",
    "post": "true ORDER BY id DESC",
    "publication": "published_on IS NOT NULL ORDER BY id",
    "process_version": "process = 'commitment_check'",
}

_DEEP = "[" * 2000 + "]" * 2000
_JSON = ["null", "[]", "{}", '"x"', "5", "true", '[{"a": 1}]', '{"caused": {"documents": [1]}}']
_NONSENSE: Mapping[str, list[str]] = {
    "json": [
        *(f"'{said}'" for said in _JSON), f"'{_DEEP}'", f"'{'9' * 5000}'", """'"\\ud800"'""",
        """'{"\\ud800": 1}'""", "NULL",
    ],
    "text": ["''", "'x'", "'\u200b'", "@ || ' '", "repeat('0', 64)", "NULL"],
    "bigint": ["-1", "0", "@ + 1", "9223372036854775807", "NULL"],
    "date": ["'infinity'", "'-infinity'", "'4713-01-01 BC'", "'0001-01-01'", "@ + 1", "NULL"],
    "timestamp with time zone": [
        "'infinity'", "'-infinity'", "'4713-01-01 BC'", "'294276-12-31'",
        "@ + interval '1 second'", "NULL",
    ],
    "boolean": ["NOT @", "NULL"],
    "bytea": ["''", "'x'", "NULL"],
    "ARRAY": ["'{}'", "ARRAY['x']", "ARRAY[NULL]::text[]", "NULL"],
}  # fmt: skip


@pytest.fixture(scope="module")
def told(module_town: Town, tmp_path_factory: pytest.TempPathFactory) -> tuple[Town, Root]:
    """A town in which every table that is proved has rows, and its root."""
    town = module_town
    undone, looked_at = town.granted(address=address(1)), town.granted(address=address(2))
    draws.draw(town.office, town.people["supervisor"])
    check_to(town, undone, "decision_undone")
    check = check_to(town, looked_at, "inspected")
    follow(town, check, ("record_scene", OFFICERS))
    evidence.add(town.office, town.people["inspector1"], check, item(), PHOTO)
    town.take(check, "ask_recusal", "applicant", usual("commitment_check", "ask_recusal"))
    town.take(
        check,
        "decide_recusal",
        "approver",
        {**usual("commitment_check", "decide_recusal"), "recused": True, "reasons": "情况属实"},
    )
    appoint(town, "credit", "publicity_officer")
    administer(town)
    put_down_first(town)
    town.register(CODES[0])
    code_change_to(town, "confirmed", APPLICANT, CODES[0])
    town.time.pass_(days=1)
    rate_everybody(town.office)
    with town.session() as session:
        session.execute(
            text(
                "INSERT INTO party_change (party_id, changes, reason, effective_on, recorded_by,"
                " recorded_at) VALUES (1, '{}', '更名', '2026-09-01', 1, now())"
            )
        )
    folder = tmp_path_factory.mktemp("outside")
    seal_day(town.office, folder)
    [root] = read_kept(folder).roots
    return town, root


@pytest.fixture(scope="module")
def owner(told: tuple[Town, Root]) -> Iterator[Session]:
    """A session as a superuser for whom nothing is forbidden; nothing of it is kept."""
    town, _ = told
    engine = engine_for(town.url, role=None)
    with Session(engine, autoflush=False) as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        bonds = (
            "SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u', 'f', 'c')"
            " AND conrelid = CAST(:table AS regclass)"
        )
        for table in PROVED:
            for bond in session.scalars(text(bonds), {"table": table}).all():
                session.execute(
                    text(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {bond} CASCADE")
                )
            for column in Base.metadata.tables[table].columns:
                loosened = f"ALTER TABLE {table} ALTER COLUMN {column.name} DROP NOT NULL"
                if column.identity is None:
                    session.execute(text(loosened))
        yield session
        session.rollback()
    engine.dispose()


def test_the_town_is_proved_and_every_table_has_rows(
    owner: Session, told: tuple[Town, Root]
) -> None:
    assert verify_database(owner, VersionCache()).faults == ()
    assert _roots(owner, told[1]) == []
    for table in PROVED:
        assert owner.scalar(text(f"SELECT count(*) FROM {table}")) > 0, table  # noqa: S608


# How much of the nonsense is tried in a column: a share that is drawn for it, or in a proof all.
_SHARES = [pytest.param(0.3, id="in part"), pytest.param(1.0, id="all", marks=pytest.mark.heavy)]


@pytest.mark.parametrize("share", _SHARES)
@pytest.mark.parametrize("table", PROVED)
def test_nonsense_in_any_column_is_a_line(
    owner: Session, told: tuple[Town, Root], table: str, share: float
) -> None:
    proofs, unproved = PROVED[table]
    kinds = dict(
        owner.execute(
            text(
                "SELECT column_name, data_type FROM information_schema.columns"
                " WHERE table_schema = 'public' AND table_name = :table"
            ),
            {"table": table},
        )
        .tuples()
        .all()
    )
    assert unproved <= kinds.keys()
    keys = {column.name for column in Base.metadata.tables[table].columns if column.identity}
    which = _WHICH.get(table, "true")
    place = owner.scalar(text(f"SELECT ctid::text FROM {table} WHERE {which} LIMIT 1"))  # noqa: S608
    missed, found_all_the_same = [], []
    for column, kind in kinds.items():
        found = set()
        others = (
            f"coalesce((SELECT {column} FROM {table} WHERE {column}::text <> t.{column}::text"  # noqa: S608
            f" LIMIT 1), t.{column})"
        )
        values = [*_NONSENSE[kind], others]
        # Of a column that is not proved all of it may be found, and then it is.
        if column not in unproved:
            drawn = Random(f"{table}.{column}")
            values = drawn.sample(values, ceil(share * len(values)))
        for value in values:
            if value == "NULL" and column in keys:
                continue
            with owner.begin_nested() as undo:
                said = value.replace("@", column)
                done = owner.execute(
                    text(
                        f"UPDATE {table} t SET {column} = {said} WHERE ctid = '{place}'"  # noqa: S608
                        f" AND {column}::text IS DISTINCT FROM ({said})::text RETURNING 1"
                    ).execution_options(no_parameters=True)
                ).all()
                if done:
                    owner.expire_all()
                    lines = [fault for prove in proofs for fault in prove(owner, told[1])]
                    assert all(str(fault) and "\n" not in str(fault) for fault in lines)
                    found.add(bool(lines))
                    if not lines and column not in unproved:
                        missed.append(f"{column} = {value[:40]}")
                undo.rollback()
        if column in unproved and found == {True} and (table, column) not in _NAMED_BY_SOME:
            found_all_the_same.append(column)
    owner.expire_all()
    assert missed == []
    assert found_all_the_same == []


# -- rows that are nonsense although their chain is whole ------------------------------------------

_ITEMS = (
    "amended", "continued", "credit", "credit_marks", "documents", "evidence", "files", "opened",
    "publications", "published", "recused", "registered",
)  # fmt: skip
_DATED = {"publications": {"register": "x", "due": "2026-13-01"}, "credit": {"kind": "x"}}


def _header(**changes: Any) -> Rewrite:
    return lambda header, payload: ({**header, **changes}, payload)


def _without(name: str) -> Rewrite:
    return lambda header, payload: ({k: v for k, v in header.items() if k != name}, payload)


def _payload(**changes: Any) -> Rewrite:
    return lambda header, payload: (header, {**payload, **changes})


def _caused(**changes: Any) -> Rewrite:
    return lambda header, payload: (
        header,
        {**payload, "caused": {**payload["caused"], **changes}},
    )


# By what is rewritten: in which row, and whether that row is named and not the case alone.
_REWRITES: list[tuple[str, Rewrite, bool]] = [
    *((f"{name} is missing", _without(name), True) for name in _HEADER if name != "seq"),
    *(
        (f"{name} is {value!r}", _header(**{name: value}), True)
        for name in ("process", "kind", "name", "source", "target", "channel")
        for value in (None, 5, [], {})
    ),
    *(
        (f"{name} is {value!r}", _header(**{name: value}), True)
        for name in ("effective_at", "recorded_at")
        for value in (None, "", "2026-02-30", "2026-09-01", "2026-09-01T09:00:00", 5)
    ),
    *((f"{name} is a list", _header(**{name: []}), True) for name in ("track", "clock")),
    ("an unknown step", _header(name="fly"), True),
    ("an unknown state", _header(target="flown"), True),
    ("an unknown track", _header(track="flight"), True),
    ("an unknown version", _header(process="0" * 64), True),
    *((f"caused is {value!r}", _payload(caused=value), True) for value in (None, 5, "x", [1])),
    *(
        (f"{kind} is {value!r}", _caused(**{kind: value}), True)
        for kind in _ITEMS
        for value in (5, [5], ["x"], [None])
    ),
    *(
        (f"{kind} without its due day", _caused(**{kind: [it]}), True)
        for kind, it in _DATED.items()
    ),
    ("an input that is none", _payload(input=5), False),
    ("an input that was never given", _payload(input={"reason": "x"}), False),
]


@pytest.mark.parametrize("name", [name for name, *_ in _REWRITES])
def test_nonsense_in_a_whole_chain_names_its_row(owner: Session, name: str) -> None:
    [(rewrite, names_row)] = [(one, named) for known, one, named in _REWRITES if known == name]
    case, number = owner.execute(
        text("SELECT id, number FROM case_file WHERE process = 'commitment_check' ORDER BY id")
    ).first() or (0, "")
    with owner.begin_nested() as undo:
        seq = _rewritten(owner, case, rewrite)
        owner.expire_all()
        report = verify_cases(owner, VersionCache())
        undo.rollback()
    owner.expire_all()
    assert number in {fault.case for fault in report.faults}
    assert all(str(fault) and "\n" not in str(fault) for fault in report.faults)
    if names_row:
        assert (number, seq) in {(fault.case, fault.seq) for fault in report.faults}, report.faults
    # Its relatives may miss what it no more says; whoever else there is, is proved.
    family = set(
        owner.scalars(
            text(
                "SELECT number FROM case_file WHERE family_id ="
                " (SELECT family_id FROM case_file WHERE id = :id)"
            ),
            {"id": case},
        )
    )
    assert {fault.case for fault in report.faults} <= family


def _rewritten(session: Session, case: int, rewrite: Rewrite) -> int:
    """Rewrite the row of the inspection, and every hash from there to the head; gives its seq."""
    previous, found = FIRST, 0
    for key, seq, header, payload, salt in session.execute(
        text(
            "SELECT id, seq, header, payload, salt FROM case_log WHERE case_id = :id ORDER BY seq"
        ),
        {"id": case},
    ).all():
        if header["name"] == "inspect":
            header, payload = rewrite(header, payload)
            found = seq
        digest = payload_digest(salt, payload)
        made = row_hash(header, digest, previous)
        session.execute(
            text(
                "UPDATE case_log SET header = :header, payload = :payload,"
                " payload_digest = :digest, previous = :previous, hash = :hash WHERE id = :key"
            ),
            {
                "header": canonical(header), "payload": canonical(payload), "digest": digest,
                "previous": previous, "hash": made, "key": key,
            },
        )  # fmt: skip
        previous = made
    assert found
    session.execute(
        text("UPDATE case_file SET head_hash = :head WHERE id = :id"),
        {"head": previous, "id": case},
    )
    return found


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("label", "别的程序", "文字与本系统版本的不一致"),
        ("initial", "kept", "程序声明与校验值不一致"),
        ("effective_from", "1999-01-01", "程序声明与校验值不一致"),
    ],
)
def test_a_declaration_that_was_changed_is_found_by_what_it_says(
    owner: Session, name: str, value: str, said: str
) -> None:
    changed = f"jsonb_set(CAST(declaration AS jsonb), '{{{name}}}', '\"{value}\"')"
    with owner.begin_nested() as undo:
        owner.execute(
            text(
                f"UPDATE process_version SET declaration = CAST({changed} AS json)"  # noqa: S608
                " WHERE process = 'licence'"
            )
        )
        found = {fault.text for fault in faults_of_rules(owner) if " licence " in fault.case}
        undo.rollback()
    assert any(said in one for one in found), found


def test_what_the_server_itself_cannot_read_is_a_line_too(owner: Session) -> None:
    """As of a document whose bytes the disk lost: the statement fails, and with it all after it."""
    key, number = owner.execute(
        text("SELECT d.id, c.number FROM document d JOIN case_file c ON c.id = d.case_id LIMIT 1")
    ).first() or (0, "")
    columns = Base.metadata.tables["document"].columns.keys()
    seen = ["octet(content, id) AS content" if name == "content" else name for name in columns]
    with owner.begin_nested() as undo:
        for statement in (
            "ALTER TABLE document RENAME TO document_kept",
            "CREATE FUNCTION octet(bytes bytea, id bigint) RETURNS bytea STABLE LANGUAGE plpgsql"
            f" AS $$ BEGIN IF id = {key} THEN RAISE EXCEPTION 'missing chunk'; END IF;"
            " RETURN bytes; END $$",
            f"CREATE VIEW document AS SELECT {', '.join(seen)} FROM document_kept",  # noqa: S608
        ):
            owner.execute(text(statement))
        owner.expire_all()
        faults = verify_database(owner, VersionCache()).faults
        undo.rollback()
    owner.expire_all()
    assert [fault.case for fault in faults] == [number]
    assert "missing chunk" in faults[0].text


def test_a_case_whose_version_is_gone_is_named_and_the_others_are_proved(owner: Session) -> None:
    with owner.begin_nested() as undo:
        owner.execute(text("DELETE FROM process_version WHERE process = 'commitment_check'"))
        owner.expire_all()
        report = verify_cases(owner, VersionCache())
        undo.rollback()
    owner.expire_all()
    assert {fault.case.split("-")[1] for fault in report.faults} == {"HC"}
    assert all("没有版本" in fault.text for fault in report.faults)
    assert report.cases > len(report.faults)
