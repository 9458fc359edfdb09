"""Letting happen what fell due (届满): late is the same as punctual.

Clocks fire in order of their due instants, over all the cases at hand, each with that instant as
its legal date, however late somebody comes to ask. What a clock of an older version only told
somebody of, and what happens by law since (`transition`), is made up for first.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from casework.acts import clocks
from casework.acts.act import Act, Context, by_itself
from casework.acts.clock_repository import ClockRepository
from casework.acts.notices import notice_of
from casework.common.problems import BadDate, GuardRefused, StepNotOfState
from casework.kernel.engine import execute, is_of_state, write
from casework.kernel.savepoints import savepoint
from casework.models import Case
from state_machines.language.vocabulary import Clock, Escalate, Fire, Process, Role, Step

_LIMITS = {"statute": "法定期限", "promise": "承诺（内部）期限", "none": "期限"}
_REFUSED = (GuardRefused, StepNotOfState, BadDate)
_SUBJECTS = {"statute": "超期", "promise": "超期", "none": "期限届满"}


def fire_due_timers(context: Context, cases: Sequence[Case], until: datetime) -> None:
    """Fire every clock of these locked cases that fell due by `until`, the earliest first."""
    for case in cases:
        _make_up(context, case, until)
    while due := [case for case in cases if case.next_due and case.next_due <= until]:
        case = min(due, key=lambda case: (case.next_due, case.id))
        _fire_next(context, case)
        context.session.flush()


def _make_up(context: Context, case: Case, until: datetime) -> None:
    """Take the step of a clock that fell due by `until` under a version which had it tell somebody
    only."""
    process = context.versions.by_digest(context.session, case.version_digest)
    later = {
        clock.name: clock.on_expiry
        for clock in process.every_clock
        if isinstance(clock.on_expiry, Fire) and isinstance(clock.formerly, Escalate)
    }
    if not later or case.ended_at is not None:
        return
    for run in ClockRepository(context.session, case).runs:
        fire = later.get(run.name)
        if fire is None or run.status != clocks.EXPIRED or _instant(run) > until:
            continue
        if is_of_state(process, case, fire.step):
            with suppress(*_REFUSED), savepoint(context.session):
                _take_by_law(context, case, process, run, fire)
            context.session.refresh(case)


def _fire_next(context: Context, case: Case) -> None:
    process = context.versions.by_digest(context.session, case.version_digest)
    book = ClockRepository(context.session, case)
    order = [clock.name for clock in process.every_clock]
    run = min(
        (run for run in book.runs if run.status == clocks.RUNNING and run.fires_at),
        key=lambda run: (run.fires_at, order.index(run.name)),
    )
    clock = process.clock(run.name)
    if isinstance(clock.on_expiry, Fire):
        try:
            with savepoint(context.session):
                _take_by_law(context, case, process, run, clock.on_expiry)
            return
        except _REFUSED as refusal:
            context.session.refresh(case)
            book = ClockRepository(context.session, case)
            refused, escalate = refusal.detail, clock.on_expiry.otherwise
    else:
        refused, escalate = "", clock.on_expiry
    _write_expiry(context, case, process, book, run, clock, escalate, refused)


def _take_by_law(
    context: Context, case: Case, process: Process, run: clocks.Run, fire: Fire
) -> None:
    step = process.step(fire.step)
    at = run.started_at if fire.dated_back else _instant(run)
    book = ClockRepository(context.session, case)
    book.runs = clocks.expire(book.runs, run.name)
    execution = by_itself(Role.TIMER)
    act = Act(context, case, process, step, {}, at, execution, book, clock=run.name, by_law=True)
    execute(act)
    # Dated back or not, nothing may now be entered as done before the law acted.
    case.effective_at = max(case.effective_at, _instant(run))


def _write_expiry(
    context: Context,
    case: Case,
    process: Process,
    book: ClockRepository,
    run: clocks.Run,
    clock: Clock,
    told: Escalate | None,
    refused: str,
) -> None:
    passed = Step(clock.name, clock.label, {}, (Role.TIMER,), law=clock.law)
    at, execution = _instant(run), by_itself(Role.TIMER)
    act = Act(
        context, case, process, passed, {}, at, execution, book, case.state, case.state, run.name
    )
    book.runs = clocks.expire(book.runs, run.name)
    due = run.due_on.isoformat() if run.due_on else ""
    breach = told.breach if told else ""
    if told is not None:
        law = f"（{clock.law}）" if clock.law and told.breach == "statute" else ""
        act.rows += [
            notice_of(
                context.session,
                case,
                process,
                key=f"expiry/{case.id}/{run.name}/{run.number}/{due}"
                + ("" if role is told.to else f"/{role.value}"),
                kind="lapse" if told.breach == "none" else "breach",
                to=role.value,
                subject=f"{_SUBJECTS[told.breach]}：{case.number} {clock.label}",
                body=f"{process.label}（{case.number}）的{_LIMITS[told.breach]}“{clock.label}”"
                f"已于{due}届满{law}，当前状态：{process.state(case.state).label}。{refused}",
                now=context.now,
            )
            for role in told.told
        ]
    write(act, "expiry", {"due": due, "breach": breach, "refused": refused})


def _instant(run: clocks.Run) -> datetime:
    """When a run falls due. Raises ValueError for one that never does."""
    if run.fires_at is None:
        raise ValueError(f"clock {run.name} has no instant to fire at")
    return run.fires_at
