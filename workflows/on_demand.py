"""Asking for what cannot wait (随到随办): schedules are slow, since a run costs a process.

Whoever serves the flows looks every few seconds whether a limit has ended, a notice or a file to be
imported waits, or a run was broken off, which costs the database four look-ups, and asks Prefect
for one run of the duty if so. In a demo it looks for days that the calendar was turned over, too.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from threading import Event
from typing import Any

import httpx
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.exc import SQLAlchemyError

from casework.common.problems import Problem
from casework.deadlines import duty_book
from casework.deadlines.duty_book import DAILY_PROOF, DUE_CLOCKS, IMPORTS, NOTICES, Duty
from casework.duties.days import is_living_through, passed_over
from casework.duties.one_by_one import is_failure, may_be_tried
from casework.exchange.importing.running import may_be_run
from casework.kernel.office import Office
from casework.models import Authority, Case, DataImport, DutyRun, Message, Notice
from casework.notifying.sending import may_be_sent

_LOOK_EVERY = 5.0  # seconds
# A run that was asked for begins, and does its first hundreds of cases, within this time.
_ASK_AGAIN_AFTER = 30.0

logger = logging.getLogger(__name__)


def pressing(office: Office) -> tuple[Duty, ...]:
    """The duties for which something waits that is due now, does not stand aside, and is of no
    authority for which the duty rests; and those of which a run was broken off."""
    # Before such days nothing else is done, and a run that may take hours has to live through them.
    if passed_over(office):
        return () if is_living_through(office) else (DAILY_PROOF,)
    now = office.time.now()
    aside = exists().where(is_failure(DUE_CLOCKS), ~may_be_tried(now))
    due = exists().where(Case.next_due <= now, ~aside, ~_rests(DUE_CLOCKS, Case.authority_id))
    waits = exists().where(
        Notice.delivered_at.is_(None),
        Notice.next_try_at <= now,
        ~_rests(NOTICES, Notice.authority_id),
    )
    goes_out = exists().where(
        may_be_sent(now, office.machine.now()), ~_rests(NOTICES, Message.authority_id)
    )
    handed_in = exists().where(may_be_run(now), ~_rests(IMPORTS, DataImport.authority_id))
    with office.database.session() as session:
        found = {
            DUE_CLOCKS: session.scalar(select(due)),
            NOTICES: session.scalar(select(waits | goes_out)),
            IMPORTS: session.scalar(select(handed_in)),
        }
    wanted = {duty for duty, is_pressing in found.items() if is_pressing}
    # What is done on days that are lived through takes no locks that would tell of it.
    broken = duty_book.broken_off(office)
    if broken and not is_living_through(office):
        wanted |= set(broken)
    return tuple(duty for duty in duty_book.DUTIES.values() if duty in wanted)


def _rests(duty: Duty, authority_id: Any) -> ColumnElement[bool]:
    return exists().where(
        DutyRun.duty == duty.name,
        DutyRun.paused_at.is_not(None),
        DutyRun.authority == Authority.code,
        Authority.id == authority_id,
    )


def keep_asking(
    office: Office,
    ids: Mapping[str, str],
    ask: Callable[[str, str], None],
    stop: Event,
    *,
    clock: Callable[[], float] = time.time,
) -> None:
    """Look, and ask for runs of the deployments with these `ids`, until told to stop.

    Whoever else serves the flows asks under the same key at about the same time, for one run.
    """
    asked: dict[Duty, int] = {}
    while not stop.wait(_LOOK_EVERY):
        try:
            duties = pressing(office)
        except (SQLAlchemyError, Problem) as error:  # the database is away: look again
            logger.warning("暂时看不到待办的到期事项：%s", error)
            continue
        for duty in duties:
            span = int(clock() // _ASK_AGAIN_AFTER)
            if asked.get(duty) != span:
                asked[duty] = span
                try:
                    ask(ids[duty.name], f"pressing/{duty.name}/{span}")
                except httpx.HTTPError as error:  # somebody has deleted the deployment, say
                    logger.warning("没有请到“%s”的运行：%s", duty.label, error)
