"""The outbox of the exchange (推送台账): what was pushed, what was refused and why, what waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, select, true
from sqlalchemy.orm import Session

from casework.access.masking import public_name
from casework.acts.actors import Actor
from casework.common.problems import NotFound, bad_field
from casework.exchange.pushing.comparing import KINDS
from casework.exchange.pushing.connections import connection_of
from casework.exchange.pushing.platforms import Counterpart, counterparts
from casework.exchange.pushing.push_states import Operation, State, Unreachable
from casework.kernel.office import Office
from casework.models import Authority, Case, Party, Push, PushBatch, Reconciliation
from casework.publicity.national_fields import REGISTERS, NationalField
from casework.publicity.publications import READERS, as_one_of
from state_machines.language.vocabulary import Role

MOST = 100
# As people see it, what is in a batch that could not be left there waits like the rest.
_STATE = case(
    ((Push.state == State.SENT.value) & PushBatch.put_at.is_(None), literal(State.WAITING.value)),
    else_=Push.state,
)
# Who sends again.
SENDERS = frozenset({Role.PUBLICITY_OFFICER})


@dataclass(frozen=True)
class Cell:
    """A field of a row under the nation's codes."""

    code: str
    label: str
    value: str


@dataclass(frozen=True)
class PushView:
    """One entry on its way to one platform: how far it has come, in which `batch` and since when,
    and what the platform said: the `reason` of a refusal, or the `number` of its receipt and when.
    `untickable` says why the ledger was not ticked by it. What is refused may be sent again with
    other `fields`; all that was `said` is told of a single one."""

    id: int
    platform: str
    case: str
    party: str
    register: str
    operation: str
    state: str
    state_label: str
    key: str
    created_at: datetime
    batch: str
    put_at: datetime | None
    reason: str
    number: str
    taken_at: datetime | None
    receipt: str
    untickable: str
    fields: tuple[Cell, ...] = ()
    said: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class DifferenceView:
    """A decision of which a platform has something else than the ledger."""

    kind: str
    kind_label: str
    register: str
    number: str
    case: str
    fields: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class ReconciliationView:
    """The last comparison with a platform."""

    at: datetime
    ours: int
    theirs: int
    found: int
    differences: tuple[DifferenceView, ...]


@dataclass(frozen=True)
class PlatformView:
    """A platform of an authority: whether it is `connected`, how many entries stand where, since
    when it cannot be reached (`error`) and when it is tried again, and the last comparison."""

    key: str
    label: str
    authority: str
    channel: str
    connected: bool
    counts: Mapping[str, int]
    error: str
    attempts: int
    next_try_at: datetime | None
    reconciliation: ReconciliationView | None


@dataclass(frozen=True)
class PushOutbox:
    """The platforms of the reader's authorities, and a page of what goes to them, the newest first;
    `cursor` asks for the page after it."""

    state: str
    platform: str
    platforms: tuple[PlatformView, ...]
    pushes: tuple[PushView, ...]
    cursor: int | None
    may_send: bool = False


def push_outbox(
    office: Office,
    session: Session,
    actor: Actor,
    state: str = "",
    platform: str = "",
    cursor: int | None = None,
) -> PushOutbox:
    """What goes to platforms from the authorities whose ledger the actor reads, all of it or what
    stands in one `state`. Raises NotAllowed, BadInput."""
    reader, authorities = as_one_of(READERS, office, session, actor)
    if state and state not in {one.value for one in State}:
        said = "、".join(one.value for one in State)
        raise bad_field("state", "状态", f"请选择：{said}")
    at = counterparts(office, session, authorities)
    if platform and platform not in {one.key for one in at}:
        raise bad_field("platform", "平台", "请从列表中选择")
    wanted = and_(
        Push.authority_id.in_(sorted(authorities)),
        _STATE.in_((state,)) if state else true(),
        Push.platform == platform if platform else true(),
        Push.id < cursor if cursor else true(),
    )
    pushes = _pushes(session, at, wanted, MOST + 1)
    return PushOutbox(
        state,
        platform,
        _platforms(session, at, authorities),
        pushes[:MOST],
        pushes[MOST - 1].id if len(pushes) > MOST else None,
        bool(reader.roles & SENDERS),
    )


def one_push(office: Office, session: Session, actor: Actor, push_id: int) -> PushView:
    """One entry on its way. Raises NotAllowed, NotFound."""
    _, authorities = as_one_of(READERS, office, session, actor)
    at = counterparts(office, session, authorities)
    wanted = Push.authority_id.in_(sorted(authorities)) & (Push.id == push_id)
    found = _pushes(session, at, wanted, 1)
    if not found:
        raise NotFound("没有该条推送")
    [(said, register)] = session.execute(
        select(Push.said, Push.register).where(Push.id == push_id)
    ).tuples()
    return replace(found[0], said=_cells(said, REGISTERS[register]))


def _pushes(
    session: Session, at: Sequence[Counterpart], wanted: ColumnElement[bool], limit: int
) -> tuple[PushView, ...]:
    rows = session.execute(
        select(Push, Case.number, Party, PushBatch, _STATE)
        .join(Case, Case.id == Push.case_id)
        .join(Party, Party.id == Case.party_id)
        .outerjoin(PushBatch, PushBatch.id == Push.batch_id)
        .where(wanted)
        .order_by(Push.id.desc())
        .limit(limit)
    ).all()
    known = {(one.authority_id, one.key): one for one in at}
    return tuple(
        _view(push, number, party, batch, known.get((push.authority_id, push.platform)), said)
        for push, number, party, batch, said in rows
    )


def _view(
    push: Push,
    number: str,
    party: Party,
    batch: PushBatch | None,
    at: Counterpart | None,
    said: str,
) -> PushView:
    state = State(said)
    return PushView(
        id=push.id,
        platform=at.platform.label if at else push.platform,
        case=number,
        party=public_name(party),
        register="行政许可" if push.register == "licences" else "行政处罚",
        operation=Operation(push.operation).label,
        state=state.value,
        state_label=state.label,
        key=push.key,
        created_at=push.created_at,
        batch=batch.name if batch else "",
        put_at=batch.put_at if batch else None,
        reason=push.reason or "",
        number=push.number or "",
        taken_at=push.taken_at,
        receipt=push.receipt or "",
        untickable=push.untickable or "",
        fields=_fields(push, at) if at and state is State.REFUSED else (),
    )


def _fields(push: Push, at: Counterpart) -> tuple[Cell, ...]:
    fields = (one for one in REGISTERS[push.register] if one.code in at.platform.correctable)
    return _cells(push.said, fields)


def _cells(said: Mapping[str, str], fields: Iterable[NationalField]) -> tuple[Cell, ...]:
    return tuple(Cell(one.code, one.label, said.get(one.code, "")) for one in fields)


def _platforms(
    session: Session, at: Sequence[Counterpart], authorities: frozenset[int]
) -> tuple[PlatformView, ...]:
    counts: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
    for authority_id, platform, state, count in session.execute(
        select(Push.authority_id, Push.platform, _STATE, func.count())
        .outerjoin(PushBatch, PushBatch.id == Push.batch_id)
        .where(Push.authority_id.in_(authorities))
        .group_by(Push.authority_id, Push.platform, _STATE)
    ):
        counts[authority_id, platform][state] = count
    stuck = _stuck(session, authorities)
    compared = _compared(session, authorities)
    found = select(Authority.id, Authority.short).where(Authority.id.in_(authorities))
    names = dict(session.execute(found).tuples().all())
    return tuple(
        _platform(one, names[one.authority_id], counts[one.authority_id, one.key], stuck, compared)
        for one in at
    )


def _platform(
    at: Counterpart,
    authority: str,
    counts: Mapping[str, int],
    stuck: Mapping[tuple[int, str], PushBatch],
    compared: Mapping[tuple[int, str], Reconciliation],
) -> PlatformView:
    try:
        connected, problem = connection_of(at.key, at.authority) is not None, ""
    except Unreachable as error:
        connected, problem = False, str(error)
    batch = stuck.get((at.authority_id, at.key))
    row = compared.get((at.authority_id, at.key))
    return PlatformView(
        key=at.key,
        label=at.platform.label,
        authority=authority,
        channel=at.platform.channel,
        # The web may run on another machine than what pushes.
        connected=connected or bool(counts),
        counts={one.value: counts.get(one.value, 0) for one in State},
        error=problem or (batch.error or "" if batch else ""),
        attempts=batch.attempts if batch else 0,
        next_try_at=batch.next_try_at if batch and batch.attempts else None,
        reconciliation=_reconciled(row) if row else None,
    )


def _stuck(session: Session, authorities: frozenset[int]) -> dict[tuple[int, str], PushBatch]:
    """By authority and platform, the open batch with which something is wrong."""
    found = session.scalars(
        select(PushBatch)
        .where(
            PushBatch.authority_id.in_(authorities),
            PushBatch.settled_at.is_(None),
            PushBatch.error.is_not(None),
        )
        .order_by(PushBatch.id.desc())
    )
    return {(batch.authority_id, batch.platform): batch for batch in found}


def _compared(
    session: Session, authorities: frozenset[int]
) -> dict[tuple[int, str], Reconciliation]:
    last = (
        select(func.max(Reconciliation.id))
        .where(Reconciliation.authority_id.in_(authorities))
        .group_by(Reconciliation.authority_id, Reconciliation.platform)
    )
    found = session.scalars(select(Reconciliation).where(Reconciliation.id.in_(last)))
    return {(row.authority_id, row.platform): row for row in found}


def _reconciled(row: Reconciliation) -> ReconciliationView:
    def told(one: Mapping[str, Any]) -> DifferenceView:
        kind, register = one["kind"], one["register"]
        label = "行政许可" if register == "licences" else "行政处罚"
        fields = tuple(one["fields"])
        return DifferenceView(kind, KINDS[kind], label, one["number"], one["case"], fields)

    differences = tuple(map(told, row.differences))
    return ReconciliationView(row.at, row.ours, row.theirs, row.found, differences)
