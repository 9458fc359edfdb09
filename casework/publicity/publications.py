"""The ledger of publication (双公示台账): what an authority has to show, or to take down again, by
when; and what was done. Whoever has done it puts it down here, and the case's log tells of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, cast, exists, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.orm import Session, aliased

from casework.access.masking import public_name
from casework.access.readers import Reader, reader_of
from casework.acts.actors import Actor
from casework.acts.deliveries import REGISTER, TO_BE_SERVED, served_on
from casework.common.database import by_index, counted_rows
from casework.common.problems import NotAllowed, bad_field
from casework.common.tables.spreadsheet import table
from casework.common.timekeeping import in_chinese
from casework.kernel.office import Office
from casework.models import (
    Authority,
    Case,
    CreditEvent,
    CreditMark,
    Document,
    LogRow,
    Party,
    Person,
    Publication,
    PublicationLine,
)
from casework.parts.credit_file import REPAIRED
from casework.publicity import channel_lines
from state_machines.language.vocabulary import Role

# Who reads the ledger; the publicity officer puts down what was published (`recording`).
READERS = frozenset({Role.PUBLICITY_OFFICER, Role.SUPERVISOR})
MOST = 200  # entries of a page
_BATCH = 1000
_BY_RECEIPT = "平台回执"
# Made once: to make an alias costs as much as a small statement.
_LATER, _TAKER = aliased(Publication), aliased(Case)


@dataclass(frozen=True)
class ChannelView:
    """Of an entry, what was done or is to be done in one channel by the last day of the entry:
    on which day, by which scan (`receipt`, its SHA-256), who put it down and when, or that the
    channel's own receipt did. `state` is
    `done` or `done_late`, and before `open` or `overdue`."""

    channel: str
    due_on: date
    state: Literal["open", "overdue", "done", "done_late"]
    done_on: date | None = None
    receipt: str | None = None
    by: str = ""
    entered_at: datetime | None = None


@dataclass(frozen=True)
class PublicationView:
    """An entry: of which case, what it is of (`register`), whose, when it came about and by when it
    is due; `withdrawn_because` is why it has to be taken down, and `shows` the number of the case
    whose decision it shows again. `done_on` is when that or the
    publication was done in the last of its `channels`, and `missing` those that lack it still.
    `late`: not by its last day, or not yet and past it. `service` tells of a decision that was not
    served yet, or when it was: it is shown from then on, and nobody is late for it before.
    """

    id: int
    case: str
    process: str
    register: str
    party: str
    since: date
    due_on: date
    withdrawn_because: str
    shows: str
    done_on: date | None
    channels: tuple[ChannelView, ...]
    late: bool
    service: str

    @property
    def wanted(self) -> str:
        """What is to be done, in Chinese."""
        return to_do(self.withdrawn_because, self.shows)

    @property
    def missing(self) -> tuple[str, ...]:
        """The channels in which it is still to be done."""
        return tuple(one.channel for one in self.channels if one.done_on is None)


@dataclass(frozen=True)
class Ledger:
    """A page of the open entries of an authority, the most urgent first, or of those due in a
    month, all of them or those that lack one `channel`, and the `cursor` of the page after it (None
    on the last). `of` is how many there are in
    all, `done` and `late` how many of these are done and late, each counted no further than to one
    more than `MOST_COUNTED`; `channels` are those through which things may be published."""

    month: str
    channel: str
    channels: tuple[str, ...]
    entries: tuple[PublicationView, ...]
    of: int
    done: int
    late: int
    cursor: int | None


def ledger(
    office: Office,
    session: Session,
    actor: Actor,
    month: str = "",
    *,
    channel: str = "",
    cursor: int | None = None,
    limit: int = MOST,
) -> Ledger:
    """What is still open, or with `month` (`2026-09`) all that was due in it, at the authorities
    whose ledger the actor reads, after the entry `cursor`; with `channel` only what lacks it.
    Raises NotAllowed, BadInput."""
    reader, authorities = as_one_of(READERS, office, session, actor)
    by_index(session)
    rules, region = office.rules.current(session), region_of(session, authorities)
    known = channel_lines.every_channel(rules, reader.today, region)
    wanted = Case.authority_id.in_(authorities) & of_month(month, reader.today)
    if channel:
        if channel not in known:
            raise bad_field("channel", "公示渠道", f"请选择：{'、'.join(known)}")
        wanted &= channel_lines.lacks(rules, reader.today, region, channel)
    entries = _entries(office, session, reader, wanted, cursor, limit + 1)
    counted = select(Publication.id).join(Case, Case.id == Publication.case_id).where(wanted)
    late = is_late(reader.today) | (Publication.published_on > Publication.due_on)
    return Ledger(
        month,
        channel,
        known,
        entries[:limit],
        counted_rows(session, counted),
        counted_rows(session, counted.where(Publication.published_on.is_not(None))),
        counted_rows(session, counted.where(late)),
        entries[limit - 1].id if len(entries) > limit else None,
    )


def picked(
    office: Office, session: Session, actor: Actor, numbers: Collection[int]
) -> tuple[PublicationView, ...]:
    """The entries of these numbers, of those whose ledger the actor reads."""
    reader, authorities = as_one_of(READERS, office, session, actor)
    wanted = Case.authority_id.in_(authorities) & Publication.id.in_(numbers)
    return _entries(office, session, reader, wanted, None, len(numbers))


def _entries(
    office: Office,
    session: Session,
    reader: Reader,
    wanted: ColumnElement[bool],
    cursor: int | None,
    limit: int,
) -> tuple[PublicationView, ...]:
    place = tuple_(Publication.due_on, Publication.id)
    last = session.get(Publication, cursor) if cursor else None
    beyond = [place > tuple_(literal(last.due_on), literal(last.id))] if last else []
    rows = session.execute(
        select(Publication, Case, Party, Authority.region, LogRow.header, _keys_to_serve())
        .join(Case, Case.id == Publication.case_id)
        .join(Party, Party.id == Case.party_id)
        .join(Authority, Authority.id == Case.authority_id)
        .join(
            LogRow,
            and_(LogRow.case_id == Publication.case_id, LogRow.seq == Publication.log_seq),
        )
        .where(wanted, *beyond)
        .order_by(Publication.due_on, Publication.id)
        .limit(limit)
    ).all()
    labels = {
        process.key: process.label for process in office.versions.known(session, reader.today)
    }
    rules = office.rules.current(session)
    found: dict[int, list[tuple[PublicationLine, str]]] = defaultdict(list)
    for line, by in session.execute(
        select(PublicationLine, Person.name)
        .outerjoin(Person, Person.id == PublicationLine.person_id)
        .where(PublicationLine.publication_id.in_([row.Publication.id for row in rows]))
        .order_by(PublicationLine.id)
    ):
        found[line.publication_id].append((line, by or _BY_RECEIPT))
    views = []
    for entry, case, party, region, header, keys in rows:
        service = _service(case, entry, keys)
        late = (entry.published_on or reader.today) > entry.due_on and service != _UNSERVED
        there = found[entry.id]
        lines = [_done(entry, line, by) for line, by in there]
        if entry.published_on is None:
            told = {line.channel for line, _ in there}
            shown = channel_lines.showing(rules, channel_lines.day_of(header), region, party)
            state: Literal["open", "overdue"] = "overdue" if late else "open"
            lines += [ChannelView(one, entry.due_on, state) for one in shown if one not in told]
        views.append(
            PublicationView(
                id=entry.id,
                case=case.number,
                process=labels.get(case.process, case.process),
                register=rules.register(entry.register, reader.today, "").label,
                party=public_name(party),
                since=channel_lines.day_of(header),
                due_on=entry.due_on,
                withdrawn_because=entry.withdrawn_because or "",
                shows=entry.shows or "",
                done_on=entry.published_on,
                channels=tuple(lines),
                late=late,
                service=service,
            )
        )
    return tuple(views)


def _done(entry: Publication, line: PublicationLine, by: str) -> ChannelView:
    """A channel in which it was done, and whether in time."""
    return ChannelView(
        line.channel,
        entry.due_on,
        "done_late" if line.done_on > entry.due_on else "done",
        line.done_on,
        line.receipt,
        by,
        line.entered_at,
    )


def to_do(withdrawn_because: str | None, shows: str | None) -> str:
    """What is to be done with an entry, in Chinese."""
    if withdrawn_because:
        return f"撤下：{withdrawn_because}"
    return f"再次公示：修复因提供虚假材料撤销（{shows}）" if shows else "公示"


def as_queued(row: Publication) -> dict[str, Any]:
    """An entry as the log tells that it came about, and as a proof compares it."""
    said = {
        "register": row.register,
        "due": row.due_on.isoformat(),
        "reasons": row.withdrawn_because,
        "of": row.shows,
        "not_before": row.not_before.isoformat() if row.not_before else None,
    }
    return {name: told for name, told in said.items() if told is not None}


def _service(case: Case, entry: Publication, keys: Sequence[str] | None) -> str:
    """What the ledger says of the service of a decision that weighs on its party."""
    if entry.withdrawn_because is not None or not keys:
        return ""
    since = served_on(case.data, entry.log_seq, keys)
    return f"{in_chinese(since)}送达" if since else _UNSERVED


def _weighing() -> ColumnElement[bool]:
    """Of the documents: those of an entry's row of the log that weigh on its party. The case of the
    entry is joined."""
    return and_(
        Document.case_id == Publication.case_id,
        Document.log_seq == Publication.log_seq,
        tuple_(Case.process, Document.key).in_(TO_BE_SERVED),
    )


def _keys_to_serve() -> ColumnElement[Sequence[str] | None]:
    """The keys of those documents of an entry; null if there are none."""
    return select(func.array_agg(Document.key)).where(_weighing()).scalar_subquery()


def needs_service() -> ColumnElement[bool]:
    """The condition under which an entry shows a decision that its party has to be served with."""
    return Publication.withdrawn_because.is_(None) & exists().where(_weighing())


def may_be_shown(today: date) -> ColumnElement[bool]:
    """The condition under which an entry may be shown, as `shown_from` has its day: whatever has to
    be served was, and nothing of it was repaired; or taken down, unless it is shown again. The case
    of the entry is joined."""
    path = f"$.{REGISTER}.*.receipts[*].documents[*] ? (@.seq == $seq && @.key == $key)"
    paper = func.jsonb_build_object("seq", Document.log_seq, "key", Document.key)
    was = func.jsonb_path_exists(cast(Case.data, JSONB), cast(path, JSONPATH), paper)
    served = ~exists().where(_weighing(), ~was)
    to_take_down = Publication.withdrawn_because.is_not(None)
    return (to_take_down & ~shown_again()) | (~to_take_down & served & ~taken_down(today))


def shown_again() -> ColumnElement[bool]:
    """The condition under which what was to be taken down is to be shown again, since the repair
    for which that was is undone (令36)."""
    return Publication.withdrawn_because.is_not(None) & exists().where(
        _LATER.case_id == Publication.case_id,
        _LATER.register == Publication.register,
        _LATER.shows.is_not(None),
        _LATER.id > Publication.id,
    )


def taken_down(today: date) -> ColumnElement[bool]:
    """The condition under which what an entry is of was to be taken down since, by a repair of the
    record, through whichever channel, or after the longest term: it is not shown any more (国办发
    〔2025〕22号). What is shown again falls also with the decision itself. The case of the entry is
    joined."""
    of = func.coalesce(Publication.shows, Case.number)
    return Publication.withdrawn_because.is_(None) & exists().where(
        _TAKER.family_id == func.coalesce(Case.family_id, Case.id),
        or_(
            _TAKER.data["application"]["source"].as_string() == of,
            _TAKER.number == Publication.shows,
        ),
        _LATER.case_id == _TAKER.id,
        _LATER.register == Publication.register,
        _LATER.withdrawn_because.is_not(None),
        _LATER.id > Publication.id,
        or_(_LATER.not_before.is_(None), _LATER.not_before <= today),
    )


def repaired_and_shown(session: Session, today: date) -> tuple[str, ...]:
    """A line for all records that were repaired before releases had them taken down, and are shown
    still, or to be: only people can say where they were."""
    latest = select(CreditMark.kind).where(CreditMark.event_id == CreditEvent.id)
    last = latest.order_by(CreditMark.id.desc()).limit(1).scalar_subquery()
    numbers = session.scalars(
        select(Case.number)
        .join(Publication, Publication.case_id == Case.id)
        .where(
            Publication.register.in_(("penalties", "licences")),
            Publication.withdrawn_because.is_(None),
            ~taken_down(today),
            exists().where(CreditEvent.case_id == Case.id, last == REPAIRED),
        )
        .distinct()
        .order_by(Case.number)
    ).all()
    if not numbers:
        return ()
    told = "的失信记录已经修复，公示台账没有撤下：已经公示的，请在原渠道撤下；尚未公示的，不再公示"
    return (f"{'、'.join(numbers)}{told}（国办发〔2025〕22号）",)


def is_late(today: date) -> ColumnElement[bool]:
    """The condition under which an entry is open past its last day; its case is joined."""
    open_still = Publication.published_on.is_(None) & (Publication.due_on < today)
    return open_still & may_be_shown(today)


_UNSERVED = "尚未送达，送达后公示"
_COLUMNS = (
    "案号", "事项", "类别", "当事人", "作出日期", "应于", "要求", "办结日期", "渠道", "尚缺渠道",
    "是否逾期", "送达",
)  # fmt: skip


def as_table(office: Office, actor: Actor, month: str = "") -> str:
    """The whole ledger for a spreadsheet (CSV), read a page at a time."""
    return table(_COLUMNS, map(_row, _every(office, actor, month)))


def _every(office: Office, actor: Actor, month: str) -> Iterator[PublicationView]:
    cursor: int | None = None
    while True:
        with office.database.session() as session:
            reader, authorities = as_one_of(READERS, office, session, actor)
            by_index(session)
            wanted = Case.authority_id.in_(authorities) & of_month(month, reader.today)
            entries = _entries(office, session, reader, wanted, cursor, _BATCH)
        yield from entries
        if len(entries) < _BATCH:
            return
        cursor = entries[-1].id


def _row(one: PublicationView) -> tuple[str, ...]:
    return (
        one.case,
        one.process,
        one.register,
        one.party,
        one.since.isoformat(),
        one.due_on.isoformat(),
        one.wanted,
        one.done_on.isoformat() if one.done_on else "",
        "、".join(f"{line.channel} {line.done_on}" for line in one.channels if line.done_on),
        "、".join(one.missing),
        "逾期" if one.late else "",
        one.service,
    )


def as_one_of(
    roles: frozenset[Role], office: Office, session: Session, actor: Actor
) -> tuple[Reader, frozenset[int]]:
    """The actor, and the authorities at which one of these roles is held. Raises NotAllowed."""
    reader = reader_of(office, session, actor)
    authorities = frozenset(post.authority_id for post in reader.posts if Role(post.role) in roles)
    if not authorities:
        takers = "、".join(sorted(role.label for role in roles))
        raise NotAllowed(f"由{takers}办理")
    return reader, authorities


def of_month(month: str, today: date) -> Any:
    """The condition for what the ledger shows: of a month what was due in it; without one what is
    to be done by now. Raises BadInput."""
    to_come = Publication.published_on.is_(None)
    moot = taken_down(today) | shown_again()
    if not month:
        its_day = or_(Publication.not_before.is_(None), Publication.not_before <= today)
        return to_come & its_day & ~moot
    try:
        first = date.fromisoformat(f"{month}-01")
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    except ValueError:
        raise bad_field("month", "月份", "请按“2026-09”的格式填写") from None
    due = and_(Publication.due_on >= first, Publication.due_on < after)
    return due & ~(to_come & moot)


def region_of(session: Session, authorities: frozenset[int]) -> str:
    """The region whose rules hold for the ledger of these authorities."""
    return session.get_one(Authority, min(authorities)).region


def shown_from(session: Session, row: Publication) -> date | None:
    """The first day on which an entry may be shown: what a party has to be served with is shown
    once it was (处罚法48、61). None while it was not."""
    found = select(Case, _keys_to_serve()).join(Publication, Publication.case_id == Case.id)
    case, keys = session.execute(found.where(Publication.id == row.id)).one()
    return served_on(case.data, row.log_seq, keys or ())
