"""Lining up what a platform has to learn (排入推送): entries of the ledger that are due there, and
decisions that were corrected, or whose party was, since the platform took them.

The row is fixed when it is lined up, under a key that never changes while it is on its way. What
falls before it was taken is not sent any more; that it is void is sent in any case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, Text, and_, cast, exists, or_, select, true, update
from sqlalchemy.orm import Session, aliased

from casework.common.database import by_index
from casework.exchange.pushing.platforms import Counterpart, said_of
from casework.exchange.pushing.push_states import Operation, State
from casework.kernel.office import Office
from casework.models import Case, PartyChange, Publication, Push
from casework.publicity import channel_lines
from casework.publicity.decided import decided_entries
from casework.publicity.national_fields import Entry
from casework.publicity.public_list import fallen
from casework.publicity.publications import may_be_shown
from casework.rules.rule_cache import Rules

_MOST = 2000  # entries that are lined up at once
_LOOKED_AT = 20_000  # entries that were not lined up
_COMPARED = 500  # rows that are compared with the file at once
_UNTAKEN = (State.WAITING.value, State.SENT.value, State.REFUSED.value)


def line_up(office: Office, at: Counterpart) -> int:
    """Line up what is due on a platform and not lined up yet, and what was changed since; gives how
    many that are."""

    def work(session: Session) -> int:
        by_index(session)
        rules = office.rules.current(session)
        due = _due(session, rules, at)
        changed = _changed(session, rules, at)
        _enqueue(session, at, [(entry, _key(at, entry)) for entry in due] + changed)
        return len(due) + len(changed)

    return office.database.in_transaction(work)


def _due(session: Session, rules: Rules, at: Counterpart) -> list[Entry]:
    """The first entries that a platform has to know and was told nothing of."""
    due: list[Entry] = []
    after = 0
    while len(due) < _MOST:
        ids = _untold(session, at, after)
        wanted = in_force(rules, at) & Publication.id.in_(ids)
        most = _MOST - len(due)
        due += decided_entries(session, rules, at.today, wanted, Publication.id, most)
        if len(ids) < _LOOKED_AT:
            break
        after = ids[-1]
    return due


def _untold(session: Session, at: Counterpart, after: int) -> Sequence[int]:
    """The next entries of which nothing was lined up for a platform, whether or not they may be
    shown: what was pushed is left out before anything else is asked of it."""
    return session.scalars(
        select(Publication.id)
        .join(Case, Case.id == Publication.case_id)
        .where(
            Publication.id > after,
            Case.authority_id == at.authority_id,
            Publication.register.in_(at.platform.registers),
            ~exists().where(Push.publication_id == Publication.id, Push.platform == at.key),
        )
        .order_by(Publication.id)
        .limit(_LOOKED_AT)
    ).all()


def in_force(rules: Rules, at: Counterpart, *, lacking: bool = True) -> ColumnElement[bool]:
    """The condition on entries that a platform has to know today: what is shown and did not fall,
    and what was taken down; of a channel of the ledger those that lack it. Their cases are
    joined."""
    channel = at.platform.channel
    lacks = lacking and channel
    return and_(
        Case.authority_id == at.authority_id,
        Publication.register.in_(at.platform.registers),
        or_(Publication.not_before.is_(None), Publication.not_before <= at.today),
        may_be_shown(at.today),
        or_(Publication.withdrawn_because.is_not(None), ~fallen(at.today)),
        channel_lines.lacks(rules, at.today, at.region, channel) if lacks else true(),
    )


def record_of(at: Counterpart, entry: Entry) -> str:
    """What a platform calls the decision that an entry is of."""
    case_id, seq = entry.decided
    return f"{at.authority}-{case_id}-{seq}-{entry.publication.register}"


def next_key(key: str) -> str:
    """The key under which a row goes out again that says something else, or was refused."""
    first, _, count = key.rpartition("-")
    return f"{first}-{int(count) + 1}"


def latest_of(
    session: Session, at: Counterpart, records: Collection[str]
) -> dict[str, tuple[str, dict[str, str]]]:
    """By record, what was last said of it to a platform, or is on its way, and what the publicity
    officer filled in for it."""
    rows = session.execute(
        select(Push.record, Push.operation, Push.amended)
        .where(
            Push.platform == at.key,
            Push.record.in_(records),
            Push.state != State.SUPERSEDED.value,
        )
        .order_by(Push.id)
    )
    return {record: (operation, amended) for record, operation, amended in rows}


def _key(at: Counterpart, entry: Entry) -> str:
    return f"{at.authority}-{at.key}-{entry.publication.id}-1"


def _enqueue(session: Session, at: Counterpart, found: Sequence[tuple[Entry, str]]) -> None:
    """Write down what is to be sent, in the order in which it came about."""
    records = {record_of(at, entry) for entry, _ in found}
    latest = latest_of(session, at, records)
    heads = _heads(session, (entry for entry, _ in found))
    void = set()
    for entry, key in found:
        record, row = record_of(at, entry), entry.publication
        _, amended = latest.get(record, ("", {}))
        if row.withdrawn_because is not None and record not in latest and not at.platform.channel:
            continue  # what fell before it was told is told to nobody
        if row.withdrawn_because is not None:
            operation = Operation.VOID
            void.add(record)
        else:
            operation = Operation.CHANGE if record in latest else Operation.NEW
        latest[record] = operation.value, amended
        session.add(
            Push(
                publication_id=row.id,
                case_id=row.case_id,
                authority_id=at.authority_id,
                platform=at.key,
                register=row.register,
                record=record,
                key=key,
                operation=operation.value,
                state=State.WAITING.value,
                said={**said_of(entry), **amended},
                amended=amended,
                seen_seq=heads[row.case_id],
                seen_at=at.now,
                created_at=at.now,
            )
        )
    session.flush()
    _supersede(session, at, void)


def _heads(session: Session, entries: Iterable[Entry]) -> dict[int, int]:
    """How far the log of each case is."""
    cases = {entry.publication.case_id for entry in entries}
    found = session.execute(select(Case.id, Case.head_seq).where(Case.id.in_(cases)))
    return dict(found.tuples().all())


def _supersede(session: Session, at: Counterpart, records: Collection[str]) -> None:
    """Send no more what was to be shown of decisions that are void."""
    if not records:
        return
    later = aliased(Push)
    is_void = exists().where(
        later.platform == Push.platform,
        later.record == Push.record,
        later.operation == Operation.VOID.value,
        later.id > Push.id,
    )
    session.execute(
        update(Push)
        .where(
            Push.platform == at.key,
            Push.record.in_(records),
            Push.state.in_(_UNTAKEN),
            Push.operation != Operation.VOID.value,
            is_void,
        )
        .values(state=State.SUPERSEDED.value)
        .execution_options(synchronize_session=False)
    )


def _changed(session: Session, rules: Rules, at: Counterpart) -> list[tuple[Entry, str]]:
    """What a platform took and the file says otherwise by now, with the key for the change."""
    pushes = {push.publication_id: push for push in _to_compare(session, at)}
    wanted = in_force(rules, at, lacking=False) & Publication.id.in_(pushes)
    entries = decided_entries(session, rules, at.today, wanted, Publication.id, _COMPARED)
    heads = _heads(session, entries)
    found = []
    for entry in entries:
        push = pushes[entry.publication.id]
        if {**said_of(entry), **push.amended} != push.said:
            found.append((entry, next_key(push.key)))
        push.seen_seq, push.seen_at = heads[entry.publication.case_id], at.now
    return found


def _to_compare(session: Session, at: Counterpart) -> Sequence[Push]:
    """The latest that a platform took of each decision, where the log of the case or the entry of
    its party went on since it was compared."""
    later = aliased(Push)
    moved = or_(
        Case.head_seq > Push.seen_seq,
        exists().where(
            PartyChange.party_id == Case.party_id, PartyChange.recorded_at > Push.seen_at
        ),
    )
    return session.scalars(
        select(Push)
        .join(Case, Case.id == Push.case_id)
        .where(
            Push.authority_id == at.authority_id,
            Push.platform == at.key,
            Push.state == State.TAKEN.value,
            Push.operation != Operation.VOID.value,
            cast(Push.said, Text) != "{}",  # taken away with the letters that it was of
            ~exists().where(
                later.platform == Push.platform, later.record == Push.record, later.id > Push.id
            ),
            moved,
        )
        .order_by(Push.id)
        .limit(_COMPARED)
    ).all()
