"""The register of reminders of licences about to expire (到期提醒台账): to whom, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.actors import Actor
from casework.common.database import by_index
from casework.common.tables.spreadsheet import table
from casework.common.timekeeping import ZONE
from casework.duties.overseeing import watched
from casework.kernel.office import Office
from casework.models import Case, Message, Notice, Party
from casework.notifying.states import Medium, State
from state_machines.licences import TO_BE_RENEWED

_BATCH = 1000
_COLUMNS = (
    "许可证号", "单位名称", "当事人", "有效期至", "提前（日）", "生成时间", "送出时间",
    "未送出的原因", "发送情况",
)  # fmt: skip


def as_table(office: Office, actor: Actor) -> str:
    """Every reminder of a licence's term at the authorities that the actor watches over, the oldest
    first, for a spreadsheet (CSV). Raises NotAllowed."""
    return table(_COLUMNS, _rows(office, actor))


def _rows(office: Office, actor: Actor) -> Iterator[tuple[str, ...]]:
    after = 0
    while True:
        with office.database.session() as session:
            authorities = [authority.id for authority in watched(office, session, actor).values()]
            by_index(session)
            found = session.execute(
                select(Notice, Case.data, Party.name)
                .join(Case, Case.id == Notice.case_id)
                .join(Party, Party.id == Case.party_id)
                .where(
                    Notice.id > after,
                    Notice.kind == "reminder",
                    Notice.to_party_id.is_not(None),
                    Notice.authority_id.in_(authorities),
                    Case.process.in_(TO_BE_RENEWED),
                )
                .order_by(Notice.id)
                .limit(_BATCH)
            ).all()
            ways = _ways(session, [notice.id for notice, *_ in found])
        for notice, data, party in found:
            # reminder/CASE/CLOCK/RUN/DUE/DAYS/TO
            *_, due, days, _to = notice.key.split("/")
            licence = data["application"]
            yield (
                licence["number"],
                licence["place_name"],
                party,
                due,
                days,
                _moment(notice.created_at),
                _moment(notice.delivered_at),
                notice.last_error or "",
                "；".join(ways[notice.id]),
            )
        if len(found) < _BATCH:
            return
        after = found[-1][0].id


def _ways(session: Session, notices: Sequence[int]) -> dict[int, list[str]]:
    """By which ways each notice went out, and what became of it; by its key."""
    found: dict[int, list[str]] = defaultdict(list)
    for message in session.scalars(
        select(Message).where(Message.notice_id.in_(notices)).order_by(Message.id)
    ):
        when = _moment(message.arrived_at or message.failed_at or message.sent_at)
        said = f"{Medium(message.medium).label}{State(message.state).label}"
        found[message.notice_id].append(f"{said} {when}".rstrip())
    return found


def _moment(instant: datetime | None) -> str:
    return f"{instant.astimezone(ZONE):%Y-%m-%d %H:%M}" if instant else ""
