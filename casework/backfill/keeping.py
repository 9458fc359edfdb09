"""Letting papers be entered afterwards (专项补录): a supervisor opens it, a second person confirms.

Each change is a row of the log of administration. What is entered under it goes through the one
door (`Office.advance` with an `OnPaper`), and `casework.acts.backfilling` says what that lets in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework.access.readers import reader_of
from casework.acts.actors import Actor
from casework.acts.backfilling import KINDS, LAW, OUTAGE, PAPER, refused
from casework.acts.numbers import Series, give_out, series_of
from casework.common.inputs import near, typed
from casework.common.problems import (
    NotAllowed,
    NotFound,
    SecondSignatureProblem,
    bad_field,
)
from casework.common.timekeeping import in_chinese, legal_date
from casework.documents.attachments import checked
from casework.kernel.office import Office
from casework.kernel.opening import open_confirmed
from casework.models import Authority, Backfill, Case, NumberEntry, PendingSignature
from casework.people.administration.admin_log import Change, log_change
from casework.rules.counting import CalendarUnknown, count
from casework.rules.rule_cache import Rules
from rulebook.models import DocumentKind
from state_machines.language.vocabulary import Role

LONGEST = 400
MOST_NUMBERS = 100
# Who confirms that what was opened is true, besides whoever opened it.
CONFIRMED_BY = (Role.SUPERVISOR, Role.APPROVER)

R = TypeVar("R")


@dataclass(frozen=True)
class Desk:
    """Somebody who keeps up what is entered afterwards at an authority, at one instant."""

    office: Office
    session: Session
    actor: Actor
    authority: Authority
    now: datetime

    @property
    def today(self) -> date:
        """The day of it."""
        return legal_date(self.now)

    def log(self, kind: str, ground: str, rows: Iterable[Backfill] = ()) -> None:
        """Append a change to the log of administration."""
        change = Change(kind, self.actor, self.now.isoformat(), ground, self.today)
        log_change(self.session, self.authority.id, change, rows)


def open_backfill(
    office: Office,
    actor: Actor,
    *,
    kind: str,
    first_day: date,
    last_day: date,
    reason: str,
    filename: str,
    content: bytes,
    case: str | None = None,
    authority: str | None = None,
) -> int:
    """Open one for an outage with its signed record, or for an old case with its file (`case`: its
    number, if it is in the system already); gives its id.

    Raises NotAllowed for anybody but a supervisor of the authority, BadInput, TooLarge, and
    GuardRefused for an outage that is over too long.
    """

    def work(desk: Desk) -> int:
        if kind not in KINDS:
            raise bad_field("kind", "种类", "请从列表中选择")
        near("first_day", "起始日期", first_day, desk.today)
        if last_day > desk.today:
            raise bad_field("last_day", "截止日期", "不能晚于今天：补录的是已经办理的事项")
        if first_day > last_day:
            raise bad_field("first_day", "起始日期", "不能晚于截止日期")
        why = typed("reason", "原因", reason, most=LONGEST)
        name, media_type, digest = checked(filename, content)
        row = Backfill(
            authority_id=desk.authority.id,
            kind=kind,
            first_day=first_day,
            last_day=last_day,
            enter_by=_enter_by(desk, kind, last_day),
            reason=why,
            filename=name,
            media_type=media_type,
            digest=digest,
            content=content,
            case_id=_case(desk, kind, case),
            opened_by=actor.person_id,
            opened_at=desk.now,
        )
        desk.session.add(row)
        desk.session.flush()
        if kind == OUTAGE:
            # What was set aside was set aside for this.
            desk.session.execute(
                update(NumberEntry)
                .where(
                    NumberEntry.authority_id == desk.authority.id,
                    NumberEntry.backfill_id.is_(None),
                    NumberEntry.case_id.is_(None),
                    NumberEntry.voided_because.is_(None),
                )
                .values(backfill_id=row.id)
            )
        desk.log("backfill_opened", why, [row])
        return row.id

    return _at_desk(office, actor, (Role.SUPERVISOR,), work, authority=authority)


def confirm(office: Office, actor: Actor, key: int) -> None:
    """Confirm as the second person that what was opened is true. Raises NotFound, NotAllowed for
    whoever neither supervises nor leads the authority, SecondSignatureProblem for whoever opened
    it, GuardRefused once it is confirmed or closed."""

    def work(desk: Desk) -> None:
        row = _row(desk, key)
        if row.opened_by == actor.person_id:
            raise _by_another()
        if row.closed_at is not None:
            raise refused("backfill_closed", f"第{key}号专项补录已经结束")
        if row.confirmed_at is not None:
            raise refused("backfill_confirmed", f"第{key}号专项补录已经确认过")
        row.confirmed_by, row.confirmed_at = actor.person_id, desk.now
        desk.log("backfill_confirmed", row.reason, [row])

    _at_desk(office, actor, CONFIRMED_BY, work, key=key)


def close(office: Office, actor: Actor, key: int, reason: str) -> tuple[str, ...]:
    """Close one; numbers of its block that no paper bears are void from now on, and are given back.

    One that nobody confirmed is called off, and its numbers wait for another. Raises NotFound,
    NotAllowed for anybody but a supervisor of the authority, BadInput without a reason,
    GuardRefused if it is closed or something entered under it waits for its second person.
    """

    def work(desk: Desk) -> tuple[str, ...]:
        row = _row(desk, key)
        why = typed("reason", "结束原因", reason, most=LONGEST)
        if row.closed_at is not None:
            raise refused("backfill_closed", f"第{key}号专项补录已经结束")
        if waiting := [*waits_in(desk.session, row), *(["立案"] if row.opening else [])]:
            text = f"还有等待复核的录入（{'、'.join(waiting)}），请先复核或者退回，再结束"
            raise refused("backfill_open_entries", text)
        row.closed_by, row.closed_at = actor.person_id, desk.now
        unused = desk.session.scalars(
            select(NumberEntry)
            .where(
                NumberEntry.backfill_id == row.id,
                NumberEntry.case_id.is_(None),
                NumberEntry.voided_because.is_(None),
            )
            .order_by(NumberEntry.id)
            .with_for_update()
        ).all()
        for entry in unused:
            if row.confirmed_at is None:
                entry.backfill_id = None
            else:
                entry.voided_because = f"第{row.id}号专项补录结束，没有使用（{why}）"
        voided = tuple(entry.text for entry in unused if entry.voided_because)
        told = f"{why}；作废没有使用的预留文号：{'、'.join(voided)}" if voided else why
        desk.log("backfill_closed", told, [row])
        return voided

    return _at_desk(office, actor, (Role.SUPERVISOR,), work, key=key)


def reserve(
    office: Office,
    actor: Actor,
    *,
    document: str,
    count: int,
    reason: str,
    field: str = "",
    backfill: int | None = None,
    authority: str | None = None,
) -> tuple[str, ...]:
    """Set the next numbers of a kind of document aside (预留), for the next outage or the one that
    `backfill` is of; gives them. `field` is the 执法类别 of a docket number, as `fields_of` has it.

    Raises NotAllowed for anybody but a supervisor of the authority, BadInput.
    """

    def work(desk: Desk) -> tuple[str, ...]:
        rules = desk.office.rules.current(desk.session)
        region = desk.authority.region
        if document not in numbered(rules, desk.today, region):
            raise bad_field("document", "文书", "请从有文号（编号）的文书中选择")
        if not 1 <= count <= MOST_NUMBERS:
            raise bad_field("count", "数量", f"一次可以预留1至{MOST_NUMBERS}个")
        why = typed("reason", "原因", reason, most=LONGEST)
        kind = rules.document(document, desk.today, region)
        series = _series(desk, rules, kind, field)
        of = _open_outage(desk, backfill) if backfill is not None else None
        entries = [
            give_out(desk.session, series, backfill_id=of.id if of else None) for _ in range(count)
        ]
        desk.session.add_all(entry for number_entries in entries for entry in number_entries)
        given = tuple(number_entries[-1].text for number_entries in entries)
        text = f"{why}；{kind.label}：{given[0]}至{given[-1]}（{len(given)}个）"
        desk.log("numbers_reserved", text, [of] if of else [])
        return given

    return _at_desk(office, actor, (Role.SUPERVISOR,), work, authority=authority, key=backfill)


def confirm_opening(office: Office, actor: Actor, key: int) -> str:
    """Confirm, as a second person, the opening of an old case; gives its number.

    Raises NotFound, NotAllowed for anybody but those who confirm, SecondSignatureProblem if nothing
    waits or the same person entered it, and as `Office.open_case` does.
    """

    def work(desk: Desk) -> str:
        row = _row(desk, key)
        case = open_confirmed(office.context(desk.session), row, actor)
        desk.log("backfill_case", case.number, [row])
        return case.number

    return _at_desk(office, actor, CONFIRMED_BY, work, key=key)


def return_opening(office: Office, actor: Actor, key: int, reason: str) -> None:
    """Send the opening of an old case back, so that it can be entered anew. Raises as
    `confirm_opening`, BadInput without a reason."""

    def work(desk: Desk) -> None:
        row = _row(desk, key)
        why = typed("reason", "退回原因", reason, most=LONGEST)
        if not row.opening:
            raise SecondSignatureProblem("没有等待复核的立案，请刷新后查看")
        row.opening = None
        desk.log("backfill_case", f"退回立案：{why}", [row])

    _at_desk(office, actor, CONFIRMED_BY, work, key=key)


def waits_in(session: Session, row: Backfill) -> list[str]:
    """The numbers of the cases in which something entered under it waits for a second person."""
    found = (
        select(Case.number)
        .join(PendingSignature, PendingSignature.case_id == Case.id)
        .where(
            PendingSignature.case_version == Case.version,
            PendingSignature.backfill["id"].as_integer() == row.id,
        )
        .order_by(Case.number)
    )
    return list(session.scalars(found))


def numbered(rules: Rules, day: date, region: str) -> dict[str, str]:
    """The documents that bear a number, by key, and what they are called."""
    kinds = (rules.document(key, day, region) for key in rules.known("document", day, region))
    return {kind.key: kind.label for kind in kinds if kind.style != "none"}


def fields_of(rules: Rules, day: date, region: str) -> dict[str, str]:
    """What a docket number may be of, and what it is called: a field of enforcement, or a licensing
    matter."""
    fields = dict.fromkeys(rules.value("documents.field_signs", day, region))
    matters = (rules.matter(key, day, region) for key in rules.known("matter", day, region))
    return {name: name for name in fields} | {matter.key: matter.label for matter in matters}


def _series(desk: Desk, rules: Rules, kind: DocumentKind, field: str) -> Series:
    """The series of numbers of a kind of document, in that field if it is a docket. Raises
    BadInput."""
    day, region = desk.today, desk.authority.region
    matter, category = kind.matter or None, ""
    if kind.style == "docket" and not matter:
        if field not in fields_of(rules, day, region):
            raise bad_field("field", "类别", "请选择文号的类别（执法领域或者许可事项）")
        signs: dict[str, str] = rules.value("documents.field_signs", day, region)
        matter, category = (None, signs[field]) if field in signs else (field, "")
    if matter:
        category = rules.matter(matter, day, region).category
    return series_of(rules, desk.authority, kind, matter=matter, category=category, day=desk.today)


def _open_outage(desk: Desk, key: int) -> Backfill:
    """The open 专项补录 of an outage, to set numbers aside for. Raises BadInput."""
    row = _row(desk, key)
    if row.kind != OUTAGE or row.closed_at is not None:
        raise bad_field("backfill", "专项补录", "只能为没有结束的系统停运补录预留文号")
    return row


def _enter_by(desk: Desk, kind: str, last_day: date) -> date:
    """The last day to enter the papers: counted from today for old ones, from its last day for an
    outage. Raises GuardRefused if it has passed."""
    rules = desk.office.rules.current(desk.session)
    limit, _ = rules.limit(f"backfill.{kind}", desk.today, desk.authority.region)
    since = desk.today if kind == PAPER else last_day
    try:
        due = count(limit, since, (), rules.calendar).due
    except CalendarUnknown:  # longer ago than any calendar reaches
        due = None
    if due is None or desk.today > due:
        text = (
            f"停运结束后{limit.text}内录入，{in_chinese(last_day)}结束的停运已经超过；"
            "逐件以“旧的纸质案件”补录"
        )
        raise refused("backfill_too_late", text)
    return due


def _case(desk: Desk, kind: str, number: str | None) -> int | None:
    """The id of the case that old papers are of; None if none was named. Raises BadInput."""
    if not number:
        return None
    found = desk.session.scalar(
        select(Case.id).where(Case.number == number, Case.authority_id == desk.authority.id)
    )
    if kind != PAPER or found is None:
        raise bad_field("case", "案件编号", "填写本机关的一件案件；系统停运的补录不填写")
    return found


def _row(desk: Desk, key: int) -> Backfill:
    """The row, held. It is of the authority of the desk."""
    return desk.session.get_one(Backfill, key, with_for_update=True, populate_existing=True)


def _by_another() -> SecondSignatureProblem:
    text = "专项补录须由另一人确认，同一人不能以任何账号确认自己开立的补录"
    return SecondSignatureProblem(text, law=LAW)


def _at_desk(
    office: Office,
    actor: Actor,
    roles: tuple[Role, ...],
    work: Callable[[Desk], R],
    *,
    authority: str | None = None,
    key: int | None = None,
) -> R:
    """Do something in one transaction, as somebody in one of these roles at the authority that the
    row is of, or at the one named by its code, or at the only one. Raises NotFound for a row of an
    authority that is none of the actor's, NotAllowed."""

    def in_session(session: Session) -> R:
        reader = reader_of(office, session, actor)
        owner = session.scalar(select(Backfill.authority_id).where(Backfill.id == key))
        if key is not None and owner not in reader.authorities:
            raise NotFound(f"本机关没有第{key}号专项补录")
        held = {post.authority_id for post in reader.posts if Role(post.role) in roles}
        wanted = select(Authority).where(Authority.id.in_(held)).order_by(Authority.id)
        for one in session.scalars(wanted):
            if one.id == owner if key is not None else authority in (None, "", one.code):
                # One change after the other: each is judged by what the one before left.
                session.get_one(Authority, one.id, with_for_update={"key_share": True})
                return work(Desk(office, session, actor, one, office.time.now()))
        takers = "、".join(role.label for role in roles)
        raise NotAllowed(f"专项补录由本机关的{takers}办理")

    return office.database.in_transaction(in_session)
