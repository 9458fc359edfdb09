"""Nothing in the log can be changed unseen: every row, tampered with in every way, is found out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from casework.acts.journal import payload_digest, row_hash
from casework.audit.proof import Fault, verify_cases, verify_database
from casework.common.database import engine_for
from casework.models import Case, Document, LogRow
from casework.rules.versions import VersionCache
from tests.support.serving import RECEIPT
from tests.support.town import Town

pytestmark = pytest.mark.slow

Tamper = Callable[[Session, LogRow], None]


@pytest.fixture(scope="module")
def told(module_town: Town) -> Town:
    """A town with a long story behind it: late acceptance, breaches, revocation, deregistration."""
    town = module_town
    late = town.apply(address="南通市崇川区濠南路1号")
    town.attach(late)
    town.take(late, "submit", "applicant")
    number = town.granted()
    town.time.pass_(days=70)
    town.take(number, "deliver", "window", {"recipient": "陈志远"})
    town.office.catch_up(town.case(late).id)
    check = town.revoked(number)
    town.take(check.number, "serve", "inspector1", RECEIPT)
    town.take(check.number, "deregister", "approver")
    return town


@pytest.fixture
def owner(told: Town) -> Iterator[Session]:
    """A session as the database's owner with the triggers off; nothing of it is kept."""
    engine = engine_for(told.url, role=None)
    with engine.connect() as connection:
        connection.execute(text("ALTER TABLE case_log DISABLE TRIGGER ALL"))
        connection.execute(text("ALTER TABLE document DISABLE TRIGGER ALL"))
        with Session(connection, autoflush=False) as session:
            yield session
        connection.rollback()
    engine.dispose()


def _faults(session: Session) -> tuple[Fault, ...]:
    session.flush()
    session.expire_all()
    return verify_cases(session, VersionCache()).faults


def test_an_untouched_log_verifies(owner: Session) -> None:
    report = verify_database(owner, VersionCache())
    rows = owner.scalars(select(LogRow)).all()
    assert (report.faults, report.lacking) == ((), ())
    assert report.cases == 5  # two applications; a licence, its check and its repair
    assert report.rows == len(rows) > 25
    assert {row.header["kind"] for row in rows} == {"open", "step", "expiry", "handed_in"}


def _change_input(_session: Session, row: LogRow) -> None:
    row.payload = {**row.payload, "input": {"reason": "换一个理由"}}


def _change_date(_session: Session, row: LogRow) -> None:
    row.header = {**row.header, "effective_at": "2026-09-01T00:00:00+08:00"}


def _change_officer(_session: Session, row: LogRow) -> None:
    row.header = {**row.header, "officers": [*row.header["officers"], 1]}


def _change_salt(_session: Session, row: LogRow) -> None:
    row.salt = "0" * 32


def _rehash(_session: Session, row: LogRow) -> None:
    """As one would who knows how the hashes are made, but changes this row alone."""
    row.header = {**row.header, "channel": "来信"}
    row.payload = {**row.payload, "caused": {}, "input": {"note": "改"}}
    row.payload_digest = payload_digest(row.salt, row.payload)
    row.hash = row_hash(row.header, row.payload_digest, row.previous)


def _delete(session: Session, row: LogRow) -> None:
    session.delete(row)


def _swap_places(session: Session, row: LogRow) -> None:
    other = _neighbour(session, row)
    mine, theirs = row.seq, other.seq
    for one, seq in ((row, -1), (other, mine), (row, theirs)):
        session.execute(update(LogRow).where(LogRow.id == one.id).values(seq=seq))


def _swap_contents(session: Session, row: LogRow) -> None:
    other = _neighbour(session, row)
    for name in ("header", "payload", "salt", "payload_digest", "previous", "hash"):
        mine, theirs = getattr(row, name), getattr(other, name)
        setattr(row, name, theirs)
        setattr(other, name, mine)


def _neighbour(session: Session, row: LogRow) -> LogRow:
    other = session.scalars(
        select(LogRow)
        .where(LogRow.case_id == row.case_id, LogRow.id != row.id)
        .order_by((LogRow.seq < row.seq).desc(), LogRow.seq.desc())
        .limit(1)
    ).one()
    assert isinstance(other, LogRow)
    return other


_TAMPERINGS: Mapping[str, Tamper] = {
    "its input is changed": _change_input,
    "its legal date is changed": _change_date,
    "an officer is added": _change_officer,
    "its salt is changed": _change_salt,
    "it is changed and hashed again": _rehash,
    "it is deleted": _delete,
    "it changes places with another": _swap_places,
    "it changes contents with another": _swap_contents,
}


@pytest.mark.parametrize("tamper", _TAMPERINGS.values(), ids=_TAMPERINGS.keys())
def test_any_single_row_is_found_when(owner: Session, tamper: Tamper) -> None:
    rows = [(row.id, row.header["case"]) for row in owner.scalars(select(LogRow))]
    if tamper in (_swap_places, _swap_contents):  # a row that stands alone has no other
        length = Counter(case for _, case in rows)
        rows = [(row_id, case) for row_id, case in rows if length[case] > 1]
    assert len(rows) > 25
    for row_id, case in rows:
        with owner.begin_nested() as undo:
            tamper(owner, owner.get_one(LogRow, row_id))
            found = _faults(owner)
            undo.rollback()
        owner.expire_all()
        assert {fault.case for fault in found} == {case}, f"row {row_id} of {case}: {found}"
        assert all("\u4e00" <= fault.text[0] <= "\u9fff" for fault in found)


def test_a_case_that_does_not_follow_from_its_log_is_found(owner: Session) -> None:
    number = owner.scalars(select(Case.number).where(Case.process == "commitment_check")).one()
    changes = (
        "UPDATE case_file SET state = 'closed' WHERE number = :n",
        "UPDATE case_file SET version = version - 1 WHERE number = :n",
        "UPDATE case_file SET data = '{}' WHERE number = :n",
        "UPDATE case_file SET head_seq = head_seq - 1 WHERE number = :n",
        "UPDATE case_clock SET status = 'running' WHERE case_id ="
        " (SELECT id FROM case_file WHERE number = :n) AND name = 'finding'",
        "DELETE FROM case_clock WHERE case_id ="
        " (SELECT id FROM case_file WHERE number = :n) AND name = 'defence'",
        "UPDATE case_clock SET started_at = started_at - interval '1 day' WHERE case_id ="
        " (SELECT id FROM case_file WHERE number = :n) AND name = 'check'",
        """UPDATE case_clock SET stops = '[{"kind": "x", "label": "x", "first": "2026-09-01","""
        """ "last": "2026-09-02"}]' WHERE case_id ="""
        " (SELECT id FROM case_file WHERE number = :n) AND name = 'check'",
    )
    _each_found(owner, number, changes)


def test_a_case_that_changes_hands_or_dates_is_found(owner: Session) -> None:
    number = owner.scalars(select(Case.number).where(Case.process == "commitment_check")).one()
    case = "UPDATE case_file SET {} WHERE number = :n"
    clock = (
        "UPDATE case_clock SET {} WHERE name = 'defence' AND case_id ="
        " (SELECT id FROM case_file WHERE number = :n)"
    )
    another = "SELECT max(digest) FROM process_version WHERE digest <> version_digest"
    _each_found(
        owner,
        number,
        (
            case.format("authority_id = (SELECT max(id) FROM authority)"),
            case.format("place_id = NULL"),
            case.format("family_id = NULL"),
            case.format("process = 'licence'"),
            case.format(f"version_digest = ({another})"),
            case.format("private = true"),
            case.format("opened_at = opened_at - interval '1 day'"),
            case.format("ended_at = ended_at - interval '1 day'"),
            case.format("ended_at = NULL"),
            case.format("due_on = '2030-01-01'"),
            case.format("next_due = '2030-01-01'"),
            clock.format("due_on = due_on + 1"),
            clock.format("fires_at = fires_at + interval '1 day'"),
            clock.format("edition = (SELECT max(digest) FROM edition)"),
        ),
    )


def test_what_a_step_caused_must_stand_in_its_register(owner: Session) -> None:
    number = owner.scalars(select(Case.number).where(Case.process == "commitment_check")).one()
    of_case = "WHERE case_id = (SELECT id FROM case_file WHERE number = :n)"
    changes = (
        "DELETE FROM credit_event {}",
        "UPDATE credit_event SET bars_promise = false {}",
        "UPDATE credit_event SET occurred_on = occurred_on - 1 {}",
        "UPDATE credit_event SET party_id = (SELECT max(id) FROM party) {}",
        "DELETE FROM publication {}",
        "UPDATE publication SET due_on = due_on + 1 {}",
        "UPDATE document SET number = number || '1' {}",
        "UPDATE document SET title = '其他' {}",
        "UPDATE document SET issued_on = issued_on - 1 {}",
    )
    _each_found(owner, number, [change.format(of_case) for change in changes])


def _each_found(owner: Session, number: str, changes: Sequence[str]) -> None:
    for change in changes:
        with owner.begin_nested() as undo:
            assert owner.execute(text(change), {"n": number}).rowcount > 0  # type: ignore[attr-defined]
            found = _faults(owner)
            undo.rollback()
        assert {fault.case for fault in found} == {number}, change


def test_a_document_that_was_exchanged_is_found(owner: Session) -> None:
    for key in owner.scalars(select(Document.id)).all():
        for change in (
            "UPDATE document SET content = content || '\\x00' WHERE id = :id",
            "UPDATE document SET digest = repeat('0', 64) WHERE id = :id",
            "DELETE FROM document WHERE id = :id",
        ):
            with owner.begin_nested() as undo:
                owner.execute(text(change), {"id": key})
                found = _faults(owner)
                undo.rollback()
            assert len(found) == 1, change


@pytest.mark.parametrize(
    "payload", [{"redacted": "当事人申请删除个人信息"}, {"redacted": True}, {}, [], None, "x"]
)
def test_a_payload_that_is_not_there_is_a_forgery_whatever_it_says(
    owner: Session, payload: Any
) -> None:
    """No redaction left it so, whatever stands in its place."""
    rows = owner.scalars(select(LogRow)).all()
    for key, case, seq in [(row.id, row.header["case"], row.seq) for row in rows]:
        with owner.begin_nested() as undo:
            owner.execute(
                text("UPDATE case_log SET payload = CAST(:said AS json) WHERE id = :key"),
                {"said": json.dumps(payload), "key": key},
            )
            assert _faults(owner) == (Fault(case, seq, "日志内容被改动"),)
            undo.rollback()


def test_a_case_that_was_opened_for_another_must_be_there(owner: Session) -> None:
    """A case removed whole, with all its rows, is missed by the one that opened it."""
    opened = owner.scalars(select(Case).where(Case.process == "credit_repair")).one()
    parent = owner.get_one(Case, opened.origin_id)
    key, number, name = opened.id, parent.number, opened.number
    for change, found in (
        ("UPDATE case_file SET origin_seq = origin_seq - 1 WHERE id = :id", {number}),
        ("UPDATE case_file SET origin_id = NULL WHERE id = :id", {number, name}),
        ("UPDATE case_file SET relation = 'other' WHERE id = :id", {number, name}),
        ("DELETE FROM case_file WHERE id = :id", {number}),
    ):
        with owner.begin_nested() as undo:
            owner.execute(text("SET LOCAL session_replication_role = replica"))
            owner.execute(text(change), {"id": key})
            assert {fault.case for fault in _faults(owner)} == found, change
            undo.rollback()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE case_log SET salt = salt",
        "UPDATE case_log SET payload = '{\"redacted\": true}'",
        "DELETE FROM case_log",
        "TRUNCATE case_log",
        "TRUNCATE case_file CASCADE",
        "ALTER TABLE case_log DISABLE TRIGGER ALL",
        "DROP TABLE case_log",
        "DELETE FROM document",
        "UPDATE document SET content = ''",
        "UPDATE edition SET content = '{}'",
        "DELETE FROM edition",
        "UPDATE process_version SET declaration = '{}'",
        "DELETE FROM attachment",
        "UPDATE evidence SET content = ''",
        "DELETE FROM evidence",
        "UPDATE daily_root SET root = ''",
    ],
)
def test_the_application_cannot_touch_what_is_done(told: Town, change: str) -> None:
    with (
        pytest.raises(DBAPIError, match=r"permission denied|must be owner"),
        told.session() as session,
    ):
        session.execute(text(change))


def test_not_even_the_owner_changes_the_log(told: Town) -> None:
    engine = engine_for(told.url, role=None)
    with engine.connect() as connection:
        for change in (
            "DELETE FROM case_log",
            "TRUNCATE case_log CASCADE",
            "UPDATE case_log SET salt = ''",
            "UPDATE case_log SET payload = '{}'",
            "UPDATE case_log SET payload = '{\"redacted\": true}'",
        ):
            _refused(connection, change)
    engine.dispose()


def _refused(connection: Connection, change: str) -> None:
    with pytest.raises(DBAPIError, match="the log only grows"):
        connection.execute(text(change))
    connection.rollback()
