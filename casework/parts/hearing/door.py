"""The party's time (当事人的期限) before a step against it.

A limit runs from the legal day. A step that it must precede waits for more: until the time has also
run since the entry of what began it, so that what is entered late shortens nobody's time. And a
statement does not end the time for statements: only its end does, or the party's own waiver.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from casework.acts import clocks
from casework.acts.act import Act
from casework.acts.clocks import Run
from casework.acts.deliveries import entry_of, papers_in, waiting
from casework.common.timekeeping import in_chinese, legal_date, start_of
from casework.models import LogRow
from casework.parts.hearing.collect import (
    HEARING_DAYS,
    asked_earlier,
    hearing_day,
    hearing_right,
    notice_of,
    notice_waits,
    tell_of_hearing_by,
)
from casework.parts.hearing.office_hours import outside_hours
from casework.rules.versions import as_released
from state_machines.door import acts
from state_machines.language.vocabulary import RecordService, Refusal
from state_machines.parts.delivery.forms import (
    END_ANNOUNCEMENT_HEARING,
    END_ANNOUNCEMENT_NOTICE,
    SERVE_HEARING,
    SERVE_NOTICE,
)
from state_machines.parts.hearing.facts import HearingOpened
from state_machines.parts.hearing.forms import (
    ABANDON_HEARING,
    ADJOURN_HEARING,
    HOLD_HEARING,
    SCHEDULE_HEARING,
    WAIVE_DEFENCE,
    WAIVE_HEARING,
    WITHDRAW_HEARING,
    Adjournment,
)
from state_machines.parts.hearing.guards import may_be_heard

# By which steps the party, or a hearing that is behind it, ends its time before the last day.
ENDED_BY = {
    "defence": (WAIVE_DEFENCE,),
    "hearing_request": (WAIVE_HEARING, WITHDRAW_HEARING, HOLD_HEARING, ABANDON_HEARING),
}

_HEARING_NOTICE = RecordService(
    of="hearing", documents=("hearing_notice",), kind="receipt", completes=True
)


@dataclass(frozen=True)
class _Row:
    """A row of the log, and the runs of clocks that it tells of."""

    header: Mapping[str, Any]
    runs: tuple[tuple[str, int], ...]

    def instant(self, name: str) -> datetime:
        return datetime.fromisoformat(self.header[name])


def refusals(act: Act) -> list[Refusal]:
    """Which time of the party has still to run before the act's step, each as a refusal; none where
    the law acts by itself."""
    if act.by_law:
        return []
    if act.step.name in (SCHEDULE_HEARING, ADJOURN_HEARING):
        law = "《行政处罚法》第六十四条、《行政许可法》第四十八条"
        adjournment = act.filled(Adjournment)
        if called := list(outside_hours(act, adjournment.on, adjournment.time, law)):
            return called
    process, step = as_released(act.process, act.step)
    names = acts.waits_for(process, step)
    after_hearing = any(HearingOpened in guard.facts for guard in step.guards)
    if not (names or after_hearing):
        return []
    rows = _rows(act)
    pending = [refusal for name in names for refusal in _of_clock(act, name, rows)]
    return [*pending, *(_of_hearing(act, rows) if after_hearing else ())]


def _of_clock(act: Act, name: str, rows: Sequence[_Row]) -> Iterator[Refusal]:
    now = act.context.now
    run = next((run for run in reversed(act.runs) if run.name == name), None)
    if run is None or run.fires_at is None:
        return
    if name in ENDED_BY:
        if _is_ended(act, name):
            return
        if notice_waits(act):
            yield Refusal(
                "notice_not_served",
                "事先告知书没有送达回证，当事人的陈述申辩、听证期限还没有起算："
                "请先办理送达登记，期限届满后再办理",
                act.process.clock(name).law,
            )
            return
    elif (run.ended_at or now) < run.fires_at:
        # What the case left early binds no more; what still runs is judged by the guards.
        return
    entered = _as_entered(act, run, rows)
    if entered.fires_at is None or entered.due_on is None or now >= entered.fires_at:
        return
    clock, last = act.process.clock(name), in_chinese(entered.due_on)
    if run.fires_at > now:
        text = f"{clock.label}至{last}届满，当事人没有明确放弃；陈述申辩不终止该期限，届满后再办理"
    else:
        text = f"有关事项登记较晚，{clock.label}自登记之日起计算，至{last}届满，届满后再办理"
    yield Refusal("party_time_pending", text, clock.law)


def _is_ended(act: Act, name: str) -> bool:
    """Whether the party gave its time up since the latest notice, or never had any."""
    if name == "hearing_request" and not may_be_heard(hearing_right(act)):
        return True
    taken = list(act.case.data)
    told = max(map(taken.index, set(taken).intersection(notice_of(act).by)), default=-1)
    return not set(taken[told + 1 :]).isdisjoint(ENDED_BY[name])


def _as_entered(act: Act, run: Run, rows: Sequence[_Row]) -> Run:
    """The run as if what began it had happened when it was entered; never shorter than it is."""
    began = _began(act, run, rows)
    clock = replace(act.process.clock(run.name), anchor=None)
    moved = clocks.set_due(
        replace(run, started_at=began), clock, act.rules, act.region, act.data, may_wait=True
    )
    return moved if moved.fires_at and run.fires_at and moved.fires_at > run.fires_at else run


def _began(act: Act, run: Run, rows: Sequence[_Row]) -> datetime:
    """When that was entered which began the run. What a clock began, began with that clock's end:
    an announcement is over a month after its own entry, however late a sweep comes to say so."""
    row = _beginning(act, run, rows)
    if run.name in ENDED_BY and (served := _service_of_notice(rows, row)) is not None:
        return served.instant("recorded_at")
    if row is None:
        return run.started_at
    fired = row.header["clock"]
    before = next((one for one in reversed(act.runs) if one.name == fired), None)
    if before is None:
        return row.instant("recorded_at")
    return _as_entered(act, before, rows).fires_at or row.instant("effective_at")


def _service_of_notice(rows: Sequence[_Row], notice: _Row | None) -> _Row | None:
    """The service of a notice that was given before it was served, and began the time of that."""
    since = notice.header["seq"] if notice else 0
    return next(
        (
            row
            for row in reversed(rows)
            if row.header["name"] in (SERVE_NOTICE, END_ANNOUNCEMENT_NOTICE)
            and row.header["seq"] > since
        ),
        None,
    )


def _beginning(act: Act, run: Run, rows: Sequence[_Row]) -> _Row | None:
    root, _, path = (act.process.clock(run.name).anchor or "").partition(".")
    if root == "service":  # it counts from a service, wherever the case was then
        of, _, day = path.partition(".")
        announced = day == "announced_on"
        serving = {
            step.name
            for step in act.process.every_step
            for effect in step.effects
            if isinstance(effect, RecordService)
            and effect.of == of
            and (effect.kind == "announcement" if announced else effect.completes)
        }
        return next((row for row in reversed(rows) if row.header["name"] in serving), None)
    return next((row for row in rows if (run.name, run.number) in row.runs), None)


def _rows(act: Act) -> list[_Row]:
    found = act.session.execute(
        select(LogRow.header, LogRow.payload["clocks"])
        .where(LogRow.case_id == act.case.id)
        .order_by(LogRow.seq)
    )
    return [
        _Row(header, tuple((run["name"], run["run"]) for run in runs or ()))
        for header, runs in found
        if header["kind"] in ("open", "step")
    ]


def _hour(act: Act, on: date) -> datetime | None:
    """When on its day the hearing begins, by the notice or as it was put off since."""
    told = act.before.last(HEARING_DAYS)
    if told is None or not told.time:
        return None
    hour, minute = map(int, told.time.split(":"))
    return start_of(on) + timedelta(hours=hour, minutes=minute)


def _of_hearing(act: Act, rows: Sequence[_Row]) -> Iterator[Refusal]:
    """The hearing is on the day that the party was told of, by a notice that was served so many
    days before; these count from the service, and the gate from its entry."""
    on, law = hearing_day(act), act.process.step(SCHEDULE_HEARING).law
    if on is None:
        return
    if act.step.name == ADJOURN_HEARING and act.filled(Adjournment).on <= act.day:
        yield Refusal(
            "adjourned_to_no_later_day",
            "延期举行听证的，延期后的日期应当晚于今天；当天继续的，不需要办理延期",
            law,
        )
    if act.day != on:
        yield Refusal(
            "hearing_another_day",
            f"听证通知载明于{in_chinese(on)}举行，不能在{in_chinese(act.day)}进行；另定日期的，"
            "须重新通知，或者于原定日期开庭后记明延期",
            law,
        )
    if (hour := _hour(act, on)) and act.context.now < hour:
        yield Refusal(
            "hearing_hour_not_come",
            f"听证于{in_chinese(on)}{hour:%H:%M}举行，时间未到，不能举行、延期，也不能认定当事人未到场",
            law,
        )
        return
    told = entry_of(act.case.data, "hearing")
    notices = papers_in(act.session, act.case, _HEARING_NOTICE)
    if not notices or waiting(notices, told["receipts"]):
        yield Refusal(
            "hearing_notice_not_served",
            "听证通知书没有送达回证，请先办理“登记听证通知书送达”；"
            "没有送达的，当事人未到场不能视为放弃听证",
            law,
        )
        return
    if asked_earlier(act) or act.latest((SCHEDULE_HEARING, ADJOURN_HEARING)) != (SCHEDULE_HEARING):
        return
    served_by = (SERVE_HEARING, END_ANNOUNCEMENT_HEARING)
    row = next((row for row in reversed(rows) if row.header["name"] in served_by), None)
    served, tell_by = date.fromisoformat(told["served_on"]), tell_of_hearing_by(act, on)
    entered = legal_date(row.instant("recorded_at")) if row else served
    if max(served, entered) > tell_by:
        yield Refusal(
            "party_time_pending",
            f"{in_chinese(on)}举行听证的，通知书最迟应于{in_chinese(tell_by)}送达并登记，"
            f"实际于{in_chinese(served)}送达、{in_chinese(entered)}登记，请另定日期重新通知",
            law,
        )
