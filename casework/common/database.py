"""The way to PostgreSQL: sessions that run as the application's own, limited role."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from select import POLLIN, poll
from threading import BoundedSemaphore
from typing import Any, TypeVar

from psycopg.errors import (
    DeadlockDetected,
    IdleInTransactionSessionTimeout,
    LockNotAvailable,
    QueryCanceled,
    SerializationFailure,
)
from sqlalchemy import Engine, Select, create_engine, event, func, select, text
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import Session, sessionmaker

from casework.common import committed
from casework.common.problems import Busy

APP_ROLE = "nuoxin_app"
MOST_COUNTED = 1000  # of more it is only said that they are more
_ATTEMPTS = 5
_HELD, _FEW, _INDEXED = "held", "few_held", "by_index"
# A key that nobody else writes, so that it waits for nobody.
_TRIED = text("INSERT INTO setting (key, value) VALUES (gen_random_uuid()::text, 'null')")

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """How long, in seconds, a session waits: for a lock that another holds, for a statement to end,
    for its own next statement within a transaction, and for a connection; 0 is for ever.

    `waiting` is how many statements may wait for locks at a time (0: all). One more than that gets
    its locks at once or not at all, so that what is held for long cannot take all connections, and
    with them the whole site.
    """

    lock: float = 0
    statement: float = 0
    idle: float = 0
    connection: float = 30
    waiting: int = 0


# Somebody sits before the screen: better an answer that says to try again than none.
AT_DESK = Patience(lock=3, statement=10, idle=60, connection=3, waiting=8)
# Sweeps, proofs, imports from the command line: they may take their time, but nothing for ever.
UNATTENDED = Patience(lock=60, idle=600)


def engine_for(
    url: str, *, role: str | None = APP_ROLE, patience: Patience | None = None
) -> Engine:
    """An engine for the URL of a PostgreSQL database (`postgresql://…`).

    Connections take on `role`, which may not change or delete log rows, and use UTC.
    With `role=None` they stay what the URL says: only migrations do that.
    """
    limits = patience or Patience()
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        json_serializer=to_json,
        pool_size=10,
        max_overflow=10,
        pool_timeout=limits.connection,
        # What a statement was given, such as a code or a telephone, is in no error and no log.
        hide_parameters=True,
        # Of the statements of a step some take longer to plan than to run.
        connect_args={"prepare_threshold": 1},
    )
    settings = [f'SET ROLE "{role}"'] if role else []
    settings += [
        f"SET {name} = {round(seconds * 1000)}"
        for name, seconds in (
            ("lock_timeout", limits.lock),
            ("statement_timeout", limits.statement),
            ("idle_in_transaction_session_timeout", limits.idle),
        )
        if seconds
    ]
    if settings:

        @event.listens_for(engine, "connect")
        def settle(connection: Any, _record: Any) -> None:
            connection.autocommit = True
            for setting in settings:
                connection.execute(setting)
            connection.autocommit = False

    event.listen(engine, "checkout", _still_connected)
    event.listen(engine, "before_cursor_execute", _note_writing)
    event.listen(engine, "commit", _ask_to_commit)
    if limits.waiting:
        _WaitingRoom(limits).watch(engine)
    return engine


def _still_connected(connection: Any, _record: Any, _fairy: Any) -> None:
    """Raise InvalidatePoolError, upon which the pool connects anew, if the server ended meanwhile.

    It says so itself before it goes, so there is something to read; to ask it each time would cost
    as much as a statement does.
    """
    end = poll()
    end.register(connection.fileno(), POLLIN)
    if end.poll(0):
        raise InvalidatePoolError


# That somebody is at the screen, and which forms were left, is nothing that anybody was told of.
_WRITES = re.compile(
    r"^\s*(WITH \w+ AS \()?(INSERT INTO|UPDATE|DELETE FROM) (?!login_session|kept_form)"
)
_WROTE = "nuoxin_wrote"


def _note_writing(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    if _WRITES.match(statement):
        connection.info[_WROTE] = connection.get_transaction()


def _ask_to_commit(connection: Any) -> None:
    # What was written in a transaction that was rolled back is nothing to this one.
    if (wrote := connection.info.pop(_WROTE, None)) and wrote is connection.get_transaction():
        committed.asked()


class Database:
    """Sessions over one engine; they wait as long as `patience` says."""

    def __init__(self, url: str, patience: Patience | None = None) -> None:
        self.patience = patience or Patience()
        self.engine = engine_for(url, patience=self.patience)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False, autoflush=False)
        event.listen(self._sessions, "loaded_as_persistent", hold)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end, rolled back on any exception.

        Raises Busy if it would have had to wait for longer than `patience`.
        """
        try:
            with self._sessions.begin() as session:
                yield session
            committed.answered(kept=True)
        except PoolExhausted as error:
            raise Busy("同时办理的人较多，请稍等片刻再试") from error
        except DBAPIError as error:
            busy = isinstance(error.orig, _GIVEN_UP)
            if busy or not error.connection_invalidated:
                committed.answered(kept=False)
            if busy:
                raise _busy(error) from error
            raise

    def in_transaction(self, work: Callable[[Session], T]) -> T:
        """Do `work` in one transaction, again from the start after a deadlock or a serialization
        failure. Raises Busy after five attempts."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self.session() as session:
                    session.info[_HELD] = []
                    return work(session)
            except DBAPIError as error:
                if not isinstance(error.orig, DeadlockDetected | SerializationFailure):
                    raise
                if attempt == _ATTEMPTS:
                    raise Busy("相关内容正由他人同时办理，请稍等片刻再试") from error
        raise AssertionError("unreachable")

    def is_writable(self) -> bool:
        """Whether it takes what is written, as neither a standby nor a full disk does: a row is put
        in and taken back. Raises Busy."""
        try:
            with self.session() as session:
                session.execute(_TRIED)
                session.rollback()
        except DBAPIError:
            return False
        return True

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def hold(session: Session, row: Any) -> None:
    """Keep a row at hand until the transaction ends: a session forgets what nobody holds, and would
    read it again. Reading pages and proofs, which go over many rows, hold only those of tables that
    say so under `info["held"]`."""
    if row.__table__.info.get(_HELD):
        session.info.setdefault(_FEW, []).append(row)
    elif _HELD in session.info:
        session.info[_HELD].append(row)


def is_held(error: DBAPIError) -> bool:
    """Whether a statement failed because somebody else holds what it wanted."""
    return isinstance(error.orig, LockNotAvailable)


# Upon each of these the server has taken back what was written.
_GIVEN_UP = (LockNotAvailable, QueryCanceled, IdleInTransactionSessionTimeout)


def _busy(error: DBAPIError) -> Busy:
    if is_held(error):
        return Busy("要办理的内容正由他人办理，请稍等片刻再试")
    if isinstance(error.orig, QueryCanceled):
        return Busy("查询或者办理的时间过长，已停止。请缩小查找范围，或者稍等片刻再试")
    return Busy("办理的时间过长，已停止。请稍等片刻再试")


_BY_INDEX = text(
    "SELECT "
    + ", ".join(
        f"set_config('{name}', '{value}', true)"
        for name, value in (
            ("enable_seqscan", "off"),
            ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"),
            ("max_parallel_workers_per_gather", "0"),
            ("jit", "off"),
        )
    )
)


class _WaitingRoom:
    """Lets only so many statements of an engine wait for locks (`Patience.waiting`)."""

    _MAY_WAIT = re.compile(r"^\s*(WITH \w+ AS \()?(INSERT|UPDATE|DELETE)|FOR UPDATE|pg_advisory")
    _SEATED, _HASTY = "nuoxin_seated", "nuoxin_hasty"

    def __init__(self, limits: Patience) -> None:
        self._seats = BoundedSemaphore(limits.waiting)
        self._patient = f"SET LOCAL lock_timeout = {round(limits.lock * 1000)}"

    def watch(self, engine: Engine) -> None:
        """Have the statements of an engine take their seats."""
        event.listen(engine, "before_cursor_execute", self._enter)
        event.listen(engine, "after_cursor_execute", self._leave)
        event.listen(engine, "handle_error", self._failed)

    def _enter(self, connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not self._MAY_WAIT.search(statement):
            return
        if self._seats.acquire(blocking=False):
            connection.info[self._SEATED] = True
        else:
            connection.connection.execute("SET LOCAL lock_timeout = 1")
            connection.info[self._HASTY] = True

    def _leave(self, connection: Any, *_: Any) -> None:
        self._give_back(connection)
        if connection.info.pop(self._HASTY, False):
            connection.connection.execute(self._patient)

    def _failed(self, context: Any) -> None:
        if (connection := context.connection) is not None and not connection.closed:
            self._give_back(connection)
            connection.info.pop(self._HASTY, None)  # its setting ends with the transaction

    def _give_back(self, connection: Any) -> None:
        if connection.info.pop(self._SEATED, False):
            self._seats.release()


def by_index(session: Session) -> None:
    """For the rest of the transaction, go from row to row by their indexes, for which there are
    some: a wrong estimate is not to turn a page of a list into a scan of a million rows."""
    transaction = session.get_transaction()
    if session.info.get(_INDEXED) is not transaction:
        session.execute(_BY_INDEX)
        session.info[_INDEXED] = transaction


def to_json(value: Any) -> str:
    """JSON as the database is given it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def counted_rows(session: Session, rows: Select[Any]) -> int:
    """How many rows there are, counted no further than to one more than `MOST_COUNTED`."""
    some = rows.limit(MOST_COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0
