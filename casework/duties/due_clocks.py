"""Due clocks (时限届满): what the law attaches to the end of a time happens when it ends.

There is no sweep for single procedures: a follow-up check that nobody did is chased (核查超期督办)
because its own clock escalates when it falls due.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, false, select
from sqlalchemy.orm import Session

from casework.acts import clocks
from casework.common.sweep_report import SweepReport
from casework.common.timekeeping import legal_date
from casework.deadlines.duty_book import DUE_CLOCKS
from casework.duties.one_by_one import EVERYTHING, Scope, is_failure, may_be_tried, one_by_one
from casework.kernel.office import Office
from casework.models import Case, CaseClock, ProcessVersion, SweepFailure
from state_machines.language.vocabulary import Escalate, Fire


def fire_due_clocks(office: Office, scope: Scope = EVERYTHING, *, limit: int = 1000) -> SweepReport:
    """Let every clock that fell due happen, the longest due case first, at most `limit` cases.

    This is what chases follow-up checks (核查超期督办): the check's clock escalates when it falls
    due. A case that fails is tried again after 1, 2, 4 … minutes, at most a day apart.
    """
    now = office.time.now()
    found = (
        select(Case.id.label("case_id"), Case.number, Case.next_due, SweepFailure.attempts)
        .outerjoin(SweepFailure, is_failure(DUE_CLOCKS))
        .where(may_be_tried(now), scope.of_cases)
        .order_by(Case.next_due, Case.id)
        .limit(limit)
    )
    with office.database.session() as session:
        rows = [
            *session.execute(found.where(Case.next_due <= now)),
            *session.execute(found.where(_only_told(office, session))),
        ]

    def catch_up(row: Any) -> str | None:
        return line(row) if office.catch_up(row.case_id, skip_locked=True) else None

    def line(row: Any) -> str:
        if row.next_due is not None and row.next_due <= now:
            # A time of days falls due as its last day is over.
            ended = legal_date(row.next_due - timedelta(microseconds=1))
            return f"{row.number} {ended:%Y-%m-%d}届满"
        return f"{row.number} 旧版程序时限届满后的下一步"

    if scope.dry_run:
        return SweepReport(done=[line(row) for row in rows])
    return one_by_one(office, DUE_CLOCKS, rows, catch_up)


def _only_told(office: Office, session: Session) -> ColumnElement[bool]:
    """Cases of older versions with a clock that fell due, of which somebody was told and nothing
    more, and which now has a step that the law takes by itself (`transition`)."""
    wanted: ColumnElement[bool] = false()
    for digest in session.scalars(select(ProcessVersion.digest).order_by(ProcessVersion.digest)):
        process = office.versions.by_digest(session, digest)
        for clock in process.every_clock:
            if isinstance(clock.on_expiry, Fire) and isinstance(clock.formerly, Escalate):
                states = process.step(clock.on_expiry.step).moves
                fell_due = exists().where(
                    CaseClock.case_id == Case.id,
                    CaseClock.name == clock.name,
                    CaseClock.status == clocks.EXPIRED,
                )
                at = Case.state.in_(states)
                if (track := process.track_of(clock.on_expiry.step)) is not None:
                    at = Case.tracks[track.name].as_string().in_(states)
                wanted = wanted | (
                    (Case.version_digest == digest) & Case.ended_at.is_(None) & at & fell_due
                )
    return wanted
