"""What people read of what is entered afterwards (专项补录)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.access.readers import Reader, find, reader_of
from casework.acts.actors import Actor
from casework.acts.backfilling import KINDS, OUTAGE, SIGNED_PAPER
from casework.backfill.keeping import CONFIRMED_BY, fields_of, numbered
from casework.common.problems import NotAllowed, NotFound
from casework.common.timekeeping import legal_date
from casework.documents.files import File
from casework.kernel.office import Office
from casework.models import (
    Attachment,
    Authority,
    Backfill,
    Case,
    NumberEntry,
    PendingSignature,
    Person,
)
from state_machines.language.vocabulary import Issue, Process, Role, Step
from state_machines.processes import PROCESSES

# How it stands: waits for its second person, lets papers in, is over, was closed.
WAITS, OPEN, OVER, CLOSED = "waits", "open", "over", "closed"
_STATES = {WAITS: "等待第二人确认", OPEN: "可以录入", OVER: "录入期限已过", CLOSED: "已结束"}


@dataclass(frozen=True)
class WaitingView:
    """Something entered that waits for a second person: in which case, or the opening of one."""

    case: str
    step: str
    label: str
    entered_by: str
    on: date | None
    mine: bool


@dataclass(frozen=True)
class NumberView:
    """A number that was set aside, or that a paper bears: of a case, void, or still to be used."""

    text: str
    case: str
    voided: str


@dataclass(frozen=True)
class BackfillView:
    """A `Backfill` as staff of its authority see it. `state` is waits, open, over or closed;
    `opening` is what was entered to open the old case, while that waits for a second person;
    `may_*` is what the reader may do about it."""

    id: int
    authority: str
    kind: str
    kind_label: str
    first_day: date
    last_day: date
    enter_by: date
    reason: str
    state: str
    state_label: str
    filename: str
    sha256: str
    case: str
    opened_by: str
    opened_at: datetime
    confirmed_by: str
    closed_by: str
    numbers: tuple[NumberView, ...]
    waiting: tuple[WaitingView, ...]
    opening: Mapping[str, Any] | None
    may_confirm: bool
    may_close: bool
    may_confirm_opening: bool

    @property
    def free(self) -> tuple[str, ...]:
        """The numbers that papers may still bear."""
        return tuple(number.text for number in self.numbers if not (number.case or number.voided))


@dataclass(frozen=True)
class Shelf:
    """What a supervisor may set numbers aside of: documents, and what docket numbers are of; and
    how many are set aside for the next outage."""

    documents: Mapping[str, str]
    fields: Mapping[str, str]
    set_aside: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """What an officer may enter a step under: the `Backfill`, the numbers that its letters may
    bear, and the signed papers that are on file."""

    id: int
    label: str
    first_day: date
    last_day: date
    free: tuple[str, ...]


@dataclass(frozen=True)
class PaperForm:
    """What the page of a step asks for if it is entered afterwards: the choices, the letters that
    bear a number, by kind, and the papers on file."""

    choices: tuple[Choice, ...]
    letters: Mapping[str, str]
    papers: tuple[tuple[int, str], ...]


def backfills(office: Office, session: Session, actor: Actor) -> tuple[BackfillView, ...]:
    """All of the authorities of the reader, the latest first. Raises NotAllowed for others than
    staff."""
    reader = _staff(office, session, actor)
    rows = session.scalars(
        select(Backfill)
        .where(Backfill.authority_id.in_(reader.authorities))
        .order_by(Backfill.id.desc())
    ).all()
    return tuple(_view(office, session, reader, row) for row in rows)


def backfill_view(office: Office, session: Session, actor: Actor, key: int) -> BackfillView:
    """One of them. Raises NotFound, NotAllowed."""
    reader = _staff(office, session, actor)
    return _view(office, session, reader, _backfill_of(session, reader, key))


def scan(office: Office, session: Session, actor: Actor, key: int) -> File:
    """The signed record of an outage, or the file of an old case. Raises NotFound, NotAllowed."""
    row = _backfill_of(session, _staff(office, session, actor), key)
    session.refresh(row, ["content"])
    return File(row.filename, row.media_type, row.content)


def shelf(office: Office, session: Session, actor: Actor) -> Shelf | None:
    """What the reader may set numbers aside of; None for anybody but a supervisor."""
    reader = reader_of(office, session, actor)
    held = [post.authority_id for post in reader.posts if post.role == Role.SUPERVISOR.value]
    if not held:
        return None
    authority, rules = session.get_one(Authority, held[0]), office.rules.current(session)
    kept = session.scalars(
        select(NumberEntry.text)
        .where(
            NumberEntry.authority_id.in_(held),
            NumberEntry.case_id.is_(None),
            NumberEntry.backfill_id.is_(None),
            NumberEntry.voided_because.is_(None),
        )
        .order_by(NumberEntry.id)
    )
    day, region = reader.today, authority.region
    return Shelf(numbered(rules, day, region), fields_of(rules, day, region), tuple(kept))


def paper_form(
    office: Office, session: Session, actor: Actor, number: str, step: Step
) -> PaperForm | None:
    """What is asked if a step of a case is entered afterwards; None where nothing may be."""
    case, reader = find(office, session, actor, number)
    if case.authority_id not in reader.authorities or not reader.serves(case):
        return None
    rows = session.scalars(
        select(Backfill)
        .where(
            Backfill.authority_id == case.authority_id,
            Backfill.confirmed_at.is_not(None),
            Backfill.closed_at.is_(None),
            Backfill.enter_by >= reader.today,
            (Backfill.kind == OUTAGE) | (Backfill.case_id == case.id),
        )
        .order_by(Backfill.id)
    ).all()
    if not rows:
        return None
    papers = session.execute(
        select(Attachment.id, Attachment.filename)
        .where(Attachment.case_id == case.id, Attachment.material == SIGNED_PAPER)
        .order_by(Attachment.id)
    )
    known = numbered(
        office.rules.current(session),
        reader.today,
        session.get_one(Authority, case.authority_id).region,
    )
    process = office.versions.by_digest(session, case.version_digest)
    issued = [effect.document for effect in _effects(process, step) if effect.document in known]
    return PaperForm(
        tuple(_choice(session, row) for row in rows),
        {key: known[key] for key in dict.fromkeys(issued)},
        tuple((key, name) for key, name in papers),
    )


def to_be_opened(office: Office, session: Session, actor: Actor) -> tuple[Choice, ...]:
    """Under what an officer may open an old case."""
    reader = reader_of(office, session, actor)
    rows = session.scalars(
        select(Backfill)
        .where(
            Backfill.authority_id.in_(reader.authorities),
            Backfill.kind != OUTAGE,
            Backfill.case_id.is_(None),
            Backfill.confirmed_at.is_not(None),
            Backfill.closed_at.is_(None),
            Backfill.enter_by >= reader.today,
        )
        .order_by(Backfill.id)
    )
    return tuple(_choice(session, row) for row in rows if not row.opening)


def _effects(process: Process, step: Step) -> list[Issue]:
    """The letters that a step issues, and those of what follows it by itself."""
    names = [step.name, *(n for e in step.effects for n in getattr(e, "steps", ()))]
    return [
        effect
        for one in process.every_step
        if one.name in names
        for effect in one.effects
        if isinstance(effect, Issue)
    ]


def _choice(session: Session, row: Backfill) -> Choice:
    free = (number.text for number in _numbers(session, row) if not (number.case or number.voided))
    label = f"第{row.id}号（{KINDS[row.kind]}，{row.first_day}至{row.last_day}）"
    return Choice(row.id, label, row.first_day, row.last_day, tuple(free))


def _staff(office: Office, session: Session, actor: Actor) -> Reader:
    """The reader. Raises NotAllowed for anyone who is not staff."""
    reader = reader_of(office, session, actor)
    if not reader.authorities:
        raise NotAllowed("专项补录由机关工作人员查看")
    return reader


def _backfill_of(session: Session, reader: Reader, key: int) -> Backfill:
    """The 专项补录 of that number at an authority of the reader's. Raises NotFound."""
    row = session.get(Backfill, key)
    if row is None or row.authority_id not in reader.authorities:
        raise NotFound(f"本机关没有第{key}号专项补录")
    return row


def _view(office: Office, session: Session, reader: Reader, row: Backfill) -> BackfillView:
    names = _names(session, {row.opened_by, row.confirmed_by, row.closed_by})
    state = _state(row, reader.today)
    held = {Role(p.role) for p in reader.posts if p.authority_id == row.authority_id}
    me, waiting = reader.actor.person_id, tuple(_waiting(office, session, reader, row))
    second = not held.isdisjoint(CONFIRMED_BY)
    return BackfillView(
        id=row.id,
        authority=session.get_one(Authority, row.authority_id).name,
        kind=row.kind,
        kind_label=KINDS[row.kind],
        first_day=row.first_day,
        last_day=row.last_day,
        enter_by=row.enter_by,
        reason=row.reason,
        state=state,
        state_label=_STATES[state],
        filename=row.filename,
        sha256=row.digest,
        case=_number(session, row.case_id),
        opened_by=names[row.opened_by],
        opened_at=row.opened_at,
        confirmed_by=names.get(row.confirmed_by or 0, ""),
        closed_by=names.get(row.closed_by or 0, ""),
        numbers=_numbers(session, row),
        waiting=waiting,
        opening=row.opening["opening"] if row.opening else None,
        may_confirm=state == WAITS and second and row.opened_by != me,
        may_close=state != CLOSED and Role.SUPERVISOR in held,
        may_confirm_opening=second and any(not one.case and not one.mine for one in waiting),
    )


def _state(row: Backfill, today: date) -> str:
    if row.closed_at is not None:
        return CLOSED
    if row.confirmed_at is None:
        return WAITS
    return OPEN if today <= row.enter_by else OVER


def _numbers(session: Session, row: Backfill) -> tuple[NumberView, ...]:
    """The numbers set aside or entered under it, each with its case, or why it is void."""
    found = session.execute(
        select(NumberEntry.text, Case.number, NumberEntry.voided_because)
        .outerjoin(Case, Case.id == NumberEntry.case_id)
        .where(NumberEntry.backfill_id == row.id)
        .order_by(NumberEntry.id)
    )
    return tuple(NumberView(text, case or "", voided or "") for text, case, voided in found)


def _waiting(office: Office, session: Session, reader: Reader, row: Backfill) -> list[WaitingView]:
    """What was entered under it and waits for a second person."""
    me = reader.actor.person_id
    found = session.execute(
        select(PendingSignature, Case.number, Case.version_digest, Person.name)
        .join(Case, Case.id == PendingSignature.case_id)
        .join(Person, Person.id == PendingSignature.person_id)
        .where(
            PendingSignature.case_version == Case.version,
            PendingSignature.backfill["id"].as_integer() == row.id,
        )
        .order_by(PendingSignature.id)
    )
    waiting = [
        WaitingView(
            number,
            pending.step,
            office.versions.by_digest(session, version).step(pending.step).label,
            name,
            legal_date(pending.effective_at),
            pending.person_id == me,
        )
        for pending, number, version, name in found
    ]
    if row.opening:
        said: dict[str, Any] = row.opening
        name = session.get_one(Person, said["person_id"]).name
        at = said["opening"]["effective_at"]
        on = date.fromisoformat(at[:10]) if at else None
        label = f"立案：{PROCESSES[said['opening']['process']].label}"
        waiting.append(WaitingView("", "", label, name, on, said["person_id"] == me))
    return waiting


def _number(session: Session, case_id: int | None) -> str:
    return session.scalar(select(Case.number).where(Case.id == case_id)) or ""


def _names(session: Session, people: set[int | None]) -> dict[int, str]:
    ids: Sequence[int] = [person for person in people if person is not None]
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return dict(rows.tuples().all())
