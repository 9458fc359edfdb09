"""What a clock did by itself did not happen where the party turns out to have been in time (回转).

The party did what it was given time for, on a day before the last; the office enters that later,
when a sweep has ended the case or moved it on. Then the case goes back to where it was, the row
that says so names what did not happen and what shows it, and what the expiry caused falls with it.
If something rests on it by now, that is for people to put right first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from casework.acts.act import Act, Context, by_itself
from casework.acts.clock_repository import ClockRepository
from casework.acts.journal import COUNTED
from casework.common.problems import GuardRefused
from casework.common.timekeeping import in_chinese, legal_date
from casework.kernel.carrying_out import amend, carry_out
from casework.kernel.engine import write
from casework.kernel.met_in_time import tell_otherwise
from casework.kernel.replaying import TURNED_BACK, replay, restored
from casework.models import Case, LogRow, Notice
from state_machines.language.vocabulary import (
    Amend,
    CorrectCredit,
    Effect,
    Issue,
    Mark,
    Notify,
    Process,
    RecordCredit,
    Refusal,
    Role,
    Step,
)

_LAW = "《行政许可法》第三十二条、第四十二条，《行政处罚法》第八十五条"
_VOID = "已作废：期限内已经办理"


def expiry_of(process: Process, headers: Iterable[Any]) -> Any | None:
    """The row of the step by which a limit of the party's ran out, if that moved the case last."""
    last = next((header for header in reversed(list(headers)) if header["kind"] in COUNTED), None)
    return last if last and _by_clock(process, last) else None


def met_by(process: Process, headers: Iterable[Any]) -> tuple[Step, ...]:
    """The party's steps that take back the expiry that moved the case last, if they came in
    time."""
    last = expiry_of(process, headers)
    return tuple(
        step
        for step in process.steps
        if last
        and step.name != last["name"]  # of which the clock did the same
        and _ends(process, last, step)
        and Role.APPLICANT in step.roles_in(last["source"])
    )


def turn_back(context: Context, case: Case, process: Process, name: str, at: datetime) -> None:
    """Undo the step of a clock before which the party took the step `name`, as of `at`; nothing if
    there is none. Raises GuardRefused if something rests on it."""
    if at >= case.effective_at or process.track_of(name):
        return
    step = next((one for one in process.steps if one.name == name), None)
    rows = context.session.scalars(
        select(LogRow).where(LogRow.case_id == case.id).order_by(LogRow.seq)
    ).all()
    taken = [row for row in rows if row.header["kind"] in COUNTED]
    undoing = next((row for row in reversed(taken) if _by_clock(process, row.header)), None)
    if step is None or undoing is None or not _was_in_time(process, undoing.header, step, at):
        return
    if against := _rests_on(context, case, process, undoing, taken):
        raise GuardRefused([against])
    _undo(context, case, process, undoing, rows, step, at)


def _by_clock(process: Process, header: Any) -> bool:
    """Whether a limit of the party's ran out by it: what runs against the authority, or for the
    party, is not taken from that one again."""
    if header["kind"] != "step" or not header["clock"] or header["role"] != Role.TIMER.value:
        return False
    clock = process.clock(header["clock"])
    return clock.binds == "party" and not header["track"]


def _was_in_time(process: Process, header: Any, step: Step, at: datetime) -> bool:
    """Whether the step ends that limit, and came before it ran out."""
    return at < datetime.fromisoformat(header["effective_at"]) and _ends(process, header, step)


def _ends(process: Process, header: Any, step: Step) -> bool:
    """Whether the step ends the limit that ran out, or has it count from a later day, where the
    case stood then."""
    target, clock = step.moves.get(header["source"]), process.clock(header["clock"])
    if target is None:
        return False
    amends = [key for effect in step.effects if isinstance(effect, Amend) for key in effect.data]
    return target not in clock.runs_in or clock.anchor in {f"application.{key}" for key in amends}


def _rests_on(
    context: Context, case: Case, process: Process, undoing: LogRow, taken: Iterable[LogRow]
) -> Refusal | None:
    """What was done since, because the limit had run out."""
    label = process.step(undoing.header["name"]).label
    for row in taken:
        if row.seq > undoing.seq:
            later = process.step(row.header["name"]).label if row.header["kind"] == "step" else ""
            text = (
                f"“{label}”以后本案已经办理“{later or '其他事项'}”，不能直接恢复："
                "请先依法撤销、更正该事项，或者由督办人员按申诉处理"
            )
            return Refusal("expiry_rested_on", text, _LAW)
    kinds = (Issue, Notify, RecordCredit)
    effects = process.step(undoing.header["name"]).effects
    caused = undoing.payload.get("caused", {})
    if not all(isinstance(effect, kinds) for effect in effects) or caused.keys() & {
        "opened",
        "moved",
    }:
        text = (
            f"“{label}”已经使许可证的办理继续，不能恢复，也不能由他人更正："
            "请告知当事人可以重新申请，并在申请中说明原已按期办理"
        )
        return Refusal("expiry_rested_on", text, _LAW)
    other = case.place_id and context.session.scalar(
        select(Case.number)
        .where(
            Case.party_id == case.party_id,
            Case.process == case.process,
            Case.place_id == case.place_id,
            Case.id > case.id,
            Case.ended_at.is_(None),
            ~Case.private,
        )
        .limit(1)
    )
    if other:
        text = (
            f"“{label}”以后当事人已就同一场所另行申请（{other}），不能恢复本案："
            "请由当事人选择，撤回新的申请后再登记"
        )
        return Refusal("expiry_rested_on", text, _LAW)
    return None


def _undo(
    context: Context,
    case: Case,
    process: Process,
    undoing: LogRow,
    rows: Iterable[LogRow],
    step: Step,
    at: datetime,
) -> None:
    header = undoing.header
    name, instant = header["name"], datetime.fromisoformat(header["effective_at"])
    undone = process.step(name)
    earlier = [row for row in rows if row.seq < undoing.seq]
    was = replay(process, earlier)
    back = Step(
        name, f"“{undone.label}”没有发生", {}, (Role.TIMER,), effects=_falling(undoing, undone)
    )
    book = ClockRepository(context.session, case)
    execution = by_itself(Role.TIMER)
    act = Act(
        context,
        case,
        process,
        back,
        {},
        instant,
        execution,
        book,
        case.state,
        was.state,
        by_law=True,
    )
    amend(act)
    # The same may have run out once before.
    said = {key: told for key, told in act.data.items() if key != name}
    case.data = {key: said.get(key, told) for key, told in was.data.items()} | said
    case.state, case.tracks, case.ended_at = was.state, dict(was.tracks), was.ended_at
    case.version += 1
    case.effective_at = max(
        datetime.fromisoformat(row.header["effective_at"])
        for row in earlier
        if row.header["kind"] in ("open", "step")
    )
    book.runs = restored(was.runs, book.runs, instant)
    carry_out(act)
    _tell(act, undoing, undone, step, at)
    shown = {"step": step.name, "on": legal_date(at).isoformat()}
    write(act, TURNED_BACK, {"undoes": undoing.seq, "shown_by": shown})


def _falling(undoing: LogRow, undone: Step) -> tuple[Effect, ...]:
    """What takes back what the expiry caused."""
    issued = tuple(one["key"] for one in undoing.payload.get("caused", {}).get("documents", ()))
    kinds = tuple(effect.kind for effect in undone.effects if isinstance(effect, RecordCredit))
    return (
        *((Mark(documents=issued, label=_VOID),) if issued else ()),
        *((CorrectCredit(kinds=kinds),) if kinds else ()),
    )


def _tell(act: Act, undoing: LogRow, undone: Step, step: Step, at: datetime) -> None:
    """Whoever was told of the expiry is told that it was none."""
    prefix = f"step/{act.case.id}/{undoing.seq}/"
    told = select(Notice).where(Notice.key.startswith(prefix, autoescape=True))
    for notice in act.session.scalars(told.order_by(Notice.id)).all():
        tell_otherwise(
            act,
            notice,
            notice.key.removeprefix(prefix),
            f"“{undone.label}”没有发生",
            f"已于{in_chinese(legal_date(at))}办理“{step.label}”（今日登记），"
            f"期限没有超过，“{undone.label}”作废，本案继续办理。",
        )
