"""Putting down what was published, or taken down (登记公示): a line for each channel.

An entry is done, and in time, by its lines: once each channel that shows such a party has one. A
line bears its own day if it is put down soon after, and the day on which it is put down otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, undefer

from casework.acts.act import BY_ITSELF, COUNTER, Act, Execution, Officer, act_beside
from casework.acts.actors import Actor
from casework.acts.legal_dates import AWAY, overrun
from casework.common.problems import BadInput, NotFound, bad_field
from casework.common.timekeeping import in_chinese, legal_date, start_of
from casework.documents.attachments import checked
from casework.documents.files import File
from casework.kernel import engine
from casework.kernel.office import Office
from casework.models import (
    Case,
    Publication,
    PublicationLine,
    PublicationReceipt,
    Push,
)
from casework.publicity import channel_lines
from casework.publicity.publications import (
    READERS,
    as_one_of,
    region_of,
    shown_again,
    shown_from,
    taken_down,
)
from casework.rules.rule_cache import Rules
from state_machines.language.vocabulary import Role, Step

_RECORDERS = frozenset({Role.PUBLICITY_OFFICER})
_SERVED_FIRST = "《行政处罚法》第四十八条、第六十一条，《行政许可法》第四十四条"
_EACH_CHANNEL = "国办发〔2018〕118号"
_PUBLISHING = Step("publish", "登记公示", {}, ())
_SCAN = "回执或者截图"
# What the log tells of a line besides what the line itself bears.
_BESIDE = frozenset({"missing", "number", "taken_at"})


@dataclass(frozen=True)
class Done:
    """That it was done in a channel on a day, as the scan of that SHA-256 proves; a receipt of the
    channel's own may bear a `number` and the instant at which it took it."""

    channel: str
    on: date
    scan: str
    number: str = ""
    taken_at: datetime | None = None

    @property
    def told(self) -> dict[str, str]:
        """What the log tells of the channel's own receipt."""
        if self.taken_at is None:
            return {}
        return {"number": self.number, "taken_at": self.taken_at.isoformat()}


def keep_receipt(office: Office, actor: Actor, filename: str, data: bytes) -> str:
    """Keep the scan of a receipt (回执、截图) and give its SHA-256; the same bytes are kept once.
    Raises NotAllowed, BadInput, TooLarge."""
    name, media_type, digest = checked(filename, data)

    def work(session: Session) -> str:
        as_one_of(_RECORDERS, office, session, actor)
        session.execute(
            insert(PublicationReceipt)
            .values(
                digest=digest,
                filename=name,
                media_type=media_type,
                size=len(data),
                content=data,
                person_id=actor.person_id,
                received_at=office.time.now(),
            )
            .on_conflict_do_nothing(index_elements=["digest"])
        )
        return digest

    return office.database.in_transaction(work)


def receipt(office: Office, session: Session, actor: Actor, digest: str) -> File:
    """A scan as it was kept, for whoever kept it and those who read the ledger of an entry that it
    proves, or that a platform said something of by it. Raises NotAllowed, NotFound."""
    _, authorities = as_one_of(READERS, office, session, actor)
    proves = exists().where(
        PublicationLine.receipt == PublicationReceipt.digest,
        PublicationLine.case_id == Case.id,
        Case.authority_id.in_(authorities),
    )
    pushed = exists().where(
        Push.receipt == PublicationReceipt.digest, Push.authority_id.in_(authorities)
    )
    row = session.scalar(
        select(PublicationReceipt)
        .where(
            PublicationReceipt.digest == digest,
            (PublicationReceipt.person_id == actor.person_id) | proves | pushed,
        )
        .options(undefer(PublicationReceipt.content))
    )
    if row is None:
        raise NotFound("没有这份回执")
    return File(row.filename, row.media_type, row.content)


def record(
    office: Office, actor: Actor, entries: Collection[int], channel: str, on: date, scan: str
) -> None:
    """Put down that entries were published, or taken down, through a channel on a day, by a scan
    that was kept: all of them or none.

    Raises NotAllowed, NotFound for an entry of another authority, BadInput for one that is done
    there, a day before what it is about or to come, a channel that is none or does not show its
    party, and a scan that does not prove it.
    """

    def work(session: Session) -> None:
        reader, authorities = as_one_of(_RECORDERS, office, session, actor)
        _judge_scan(session, reader.today, channel, on, scan)
        # In one order, so that two who record side by side wait for each other.
        rows = session.execute(
            select(Publication, Case.number)
            .join(Case, Case.id == Publication.case_id)
            .where(Publication.id.in_(entries), Case.authority_id.in_(authorities))
            .order_by(Case.family_id, Case.id, Publication.id)
        ).all()
        if missing := set(entries) - {row.id for row, _ in rows}:
            raise NotFound(f"没有编号为{min(missing)}的公示事项")
        for row, number in rows:
            _record(office, session, actor, row, number, Done(channel, on, scan))

    office.database.in_transaction(work)


def record_by_receipt(office: Office, entry: int, done: Done) -> bool:
    """Put down that an entry was published, or taken down, as the channel's own receipt says; says
    whether that was still to be put down there. Raises BadInput where it may not be."""

    def work(session: Session) -> bool:
        row, number = session.execute(
            select(Publication, Case.number)
            .join(Case, Case.id == Publication.case_id)
            .where(Publication.id == entry)
        ).one()
        there = {line.channel for line in channel_lines.lines_of(session, row)}
        if done.channel in there or row.published_on is not None:
            return False
        _record(office, session, None, row, number, done)
        return True

    return office.database.in_transaction(work)


def _judge_scan(session: Session, today: date, channel: str, on: date, scan: str) -> None:
    kept = session.get(PublicationReceipt, scan)
    if kept is None:
        text = f"请上传“{channel}”的{_SCAN}（可以是多个事项共用的一份），凭它登记公示日期"
        raise bad_field("receipt", _SCAN, text, law=_EACH_CHANNEL)
    received = legal_date(kept.received_at)
    if received < on <= today:  # a day to come is refused with its entry
        text = f"“{kept.filename}”已于{in_chinese(received)}上传，不能证明此后的公示，请上传新的"
        raise bad_field("receipt", _SCAN, text)
    other = session.scalar(
        select(PublicationLine.channel)
        .where(PublicationLine.receipt == scan, PublicationLine.channel != channel)
        .limit(1)
    )
    if other is not None:
        text = f"“{kept.filename}”是“{other}”的{_SCAN}，请上传“{channel}”自己的"
        raise bad_field("receipt", _SCAN, text, law=_EACH_CHANNEL)


def _record(
    office: Office,
    session: Session,
    actor: Actor | None,
    row: Publication,
    number: str,
    done: Done,
) -> None:
    context, case, process = office.brought_up(session, number, actor)
    session.refresh(row)
    act = act_beside(context, case, process, _PUBLISHING, _execution(actor))
    channel, on = done.channel, done.on
    there = channel_lines.lines_of(session, row)
    shown = channel_lines.shown_in(session, act.rules, row)
    _judge_channel(act, row, there, shown, channel)
    _judge_day(act, row, on)
    line = PublicationLine(
        case_id=case.id,
        publication_id=row.id,
        channel=channel,
        done_on=_borne(act.rules, on, context.now, act.region),
        receipt=done.scan,
        log_seq=case.head_seq + 1,
        person_id=actor.person_id if actor else None,
        entered_at=context.now,
    )
    session.add(line)
    lines = [*there, line]
    missing = [one for one in shown if one not in {known.channel for known in lines}]
    if not missing:
        row.published_on = max(known.done_on for known in lines)
    act.note("published", {**as_told(row, line), **done.told, "missing": missing})
    engine.tell(act, "published", {})
    session.flush()


def _execution(actor: Actor | None) -> Execution:
    """By whose hand a line is put down: an officer's, or the house's own by a receipt."""
    if actor is None:
        return Execution(Role.PUBLICITY_OFFICER, BY_ITSELF)
    officer = Officer(actor.person_id, actor.name, "")
    return Execution(Role.PUBLICITY_OFFICER, COUNTER, (officer,), actor.account_id)


def day_borne(office: Office, session: Session, actor: Actor, on: date) -> date:
    """The day that a line would bear which the actor puts down now as done on that day."""
    _, authorities = as_one_of(READERS, office, session, actor)
    rules, region = office.rules.current(session), region_of(session, authorities)
    return _borne(rules, on, office.time.now(), region)


def _borne(rules: Rules, on: date, now: datetime, region: str) -> date:
    """Its own day; that of entry if it is entered too late for anybody to rely on its own."""
    return legal_date(now) if overrun(rules, AWAY, start_of(on), on, now, region) else on


def _judge_channel(
    act: Act,
    row: Publication,
    there: Sequence[PublicationLine],
    shown: Sequence[str],
    channel: str,
) -> None:
    number = act.case.number
    done = next((line.done_on for line in there if line.channel == channel), row.published_on)
    if done is not None:
        text = f"{number}的该事项在“{channel}”已于{in_chinese(done)}登记，不能重复登记：请不要勾选"
        raise BadInput(text)
    if channel in shown:
        return
    if channel in channel_lines.every_channel(act.rules, act.day, act.region):
        text = f"{number}的当事人不在“{channel}”公示，无须登记：请不要勾选，该事项"
        raise bad_field("channel", "公示渠道", f"{text}只需{'、'.join(shown)}")
    raise bad_field("channel", "公示渠道", f"请选择：{'、'.join(shown)}")


def _judge_day(act: Act, row: Publication, on: date) -> None:
    number, today = act.case.number, legal_date(act.context.now)
    since = channel_lines.since(act.session, row)
    if not since <= on <= today:
        text = f"{number}应在{in_chinese(since)}（作出之日）至{in_chinese(today)}（今天）之间"
        raise bad_field("on", "公示（撤下）日期", text)
    if row.not_before is not None and on < row.not_before:
        text = f"{number}的该事项自{in_chinese(row.not_before)}起才撤下，最长公示期届满以前应当公示"
        raise BadInput(text, law="国家发展改革委令第36号")
    found = select(taken_down(today), shown_again()).join(Case, Case.id == Publication.case_id)
    down, again = act.session.execute(found.where(Publication.id == row.id)).one()
    if again:
        text = f"{number}的修复已因提供虚假材料撤销，应当继续公示，不再撤下：请登记再次公示"
        raise BadInput(text, law="国家发展改革委令第36号")
    if row.withdrawn_because is not None:
        return
    if down:
        text = f"{number}的记录已经修复或者最长公示期已满，应当撤下，不得再公示：请登记撤下"
        raise BadInput(text, law="国办发〔2025〕22号")
    served = shown_from(act.session, row)
    if served is None or on < served:
        when = f"于{in_chinese(served)}送达" if served else "尚未送达当事人"
        raise BadInput(
            f"{number}的决定书{when}，送达以前不能公示：请承办人先登记送达", law=_SERVED_FIRST
        )


def as_told(row: Publication, line: PublicationLine) -> dict[str, Any]:
    """A line of an entry as the log tells of it, and as a proof compares it."""
    return {
        "row": row.log_seq,
        "register": row.register,
        "withdrawn": row.withdrawn_because is not None,
        "on": line.done_on.isoformat(),
        "channel": line.channel,
        "receipt": line.receipt,
    }


def lines_told(item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The lines of which an item of the log tells; one that was written before each channel had a
    line of its own tells of several, without a scan."""
    if "channel" in item:
        yield {name: told for name, told in item.items() if name not in _BESIDE}
        return
    said = {name: told for name, told in item.items() if name != "channels"}
    for channel in dict.fromkeys(item["channels"]):
        yield {**said, "channel": channel, "receipt": None}
