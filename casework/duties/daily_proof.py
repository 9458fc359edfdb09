"""The day's proof (每日存证和核验): a root over all that is proved, and what does not hold."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import exists, func, select, tuple_
from sqlalchemy.orm import Session

from casework.acts import clocks
from casework.audit import roots
from casework.audit.proof import verify_database
from casework.audit.root_file import CannotSign, read_kept, write_down
from casework.audit.roots import verify_roots
from casework.common.retries import reason
from casework.common.sweep_report import SweepReport
from casework.duties.one_by_one import EVERYTHING, Scope
from casework.duties.roots_out import hand_out
from casework.kernel.office import Office
from casework.models import Case, CaseClock, Message, Notice
from casework.notifying.sending import in_hand
from casework.notifying.states import State

_OLD = timedelta(days=1)  # in the outbox
_NAMED = 20


def prove_day(office: Office, folder: Path, scope: Scope = EVERYTHING) -> SweepReport:
    """Seal the day and hand its root out, then verify the whole database and its roots, and look
    for what stands still: each fault is a failure of its own."""
    report = SweepReport()
    if not scope.dry_run:
        report += seal_day(office, folder)
        report += hand_out(office, folder)
    kept = read_kept(folder)
    with office.database.session() as session:
        # As of one instant: others may go on working meanwhile.
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        found = verify_database(session, office.versions)
        wrong, notes = verify_roots(session, kept)
        report.failed += [str(fault) for fault in (*found.faults, *wrong)]
        report.failed += standing_still(session, office)
        report.notes += [*notes, *(str(one) for one in found.lacking), *found.redactions]
        report.notes += [f"旧案：{breach}" for breach in found.breaches]
    report.notes.append(f"核验 {found.cases} 个案件、{found.rows} 行日志、{len(kept)} 个日根")
    return report


def standing_still(session: Session, office: Office) -> list[str]:
    """What would never move again by itself: an open case that waits for nobody and for no day, in
    a state that does not say why it may; and what has lain in the outbox for longer than a day."""
    runs = exists().where(
        CaseClock.case_id == Case.id, CaseClock.status.in_((clocks.RUNNING, clocks.STOPPED))
    )
    still = Case.ended_at.is_(None) & (func.cardinality(Case.awaiting) == 0) & ~runs
    where = tuple_(Case.version_digest, Case.state)
    unsaid = [
        (digest, state)
        for digest, state in session.execute(
            select(Case.version_digest, Case.state).where(still).distinct()
        )
        if not office.versions.by_digest(session, digest).state(state).unattended
    ]
    dead = session.scalars(
        select(Case.number).where(still, where.in_(unsaid)).order_by(Case.id).limit(_NAMED)
    )
    late = office.time.now() - _OLD
    waiting = session.scalar(
        select(func.count()).where(Notice.delivered_at.is_(None), Notice.created_at < late)
    )
    found = [f"{number} 没有人要办，也没有期限在走，案件不会再有进展" for number in dead]
    found += [f"待发箱里有 {waiting} 条通知超过一天没有送出"] if waiting else []
    # One that somebody has in hand is on its way, or free again within minutes by the machine's
    # clock, whatever day it is by the office's.
    held = in_hand(office.machine.now())
    unsent = session.scalar(
        select(func.count()).where(
            Message.state == State.WAITING.value,
            Message.created_at < late,
            held.is_not(True),
        )
    )
    return [*found, f"有 {unsent} 条消息超过一天没有发出"] if unsent else found


def seal_day(office: Office, folder: Path) -> SweepReport:
    """Seal what the database holds now (每日存证): one root over it all, kept in the database and
    written to the files in `folder`, with whatever else these lack. Seals nothing if nothing came
    since the day was sealed last. A root that cannot be written down is a failure, and the next
    run writes it."""
    report = SweepReport()
    upto = roots.settled(office.database)
    with office.database.session() as session:
        root = roots.seal(session, upto, office.time.now())
        if root is not None:
            report.done.append(f"{root.day:%Y-%m-%d} {root.hash} {root.cases} 个案件")
    with office.database.session() as session:
        registered = roots.registered(session)
    try:
        report += write_down(folder, registered)
    except (CannotSign, OSError) as error:
        report.failed.append(f"日根没有写入文件：{reason(error)}")
    return report
