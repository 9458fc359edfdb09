"""The legal date of an act (办理日期), as against the time at which it is entered.

The authority decides, tells and orders on the day on which that is entered. What officers did away
from the desk bears its own day and hour, and is entered soon after; what others did bears theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.deliveries import entry_of, named, papers_of, service_of, waiting
from casework.acts.dossier import Header
from casework.common.problems import BadDate, ClockBehind, GuardRefused
from casework.common.timekeeping import (
    CLOCKS_APART,
    end_of,
    in_chinese,
    legal_date,
    start_of,
    to_the_second,
)
from casework.models import Case, Evidence, LogRow
from casework.rules.counting import CalendarUnknown, count, due_instant
from casework.rules.rule_cache import Rules
from casework.rules.versions import as_released
from rulebook.models import Limit
from state_machines.door import acts
from state_machines.language.vocabulary import LegalDay, Process, Refusal, Role, Step
from state_machines.parts.delivery.forms import Receipt

_RECORDED = "国办发〔2018〕118号（行政执法全过程记录制度）"
AWAY = "late_entry.away"  # within which what happened elsewhere is entered
# The kind of log row by which a supervisor lets something be entered late.
PERMITTED = "late_entry"


def entry_time(now: datetime, cases: Iterable[Case]) -> datetime:
    """When an act on one of these related cases is entered: now, or at the instant of the last act
    on them if this machine's clock is a little behind the one that told it.

    The order of acts is that of the log, not that of clocks. Raises ClockBehind if the last act is
    so far ahead that one of the two clocks must be wrong.
    """
    last = max((case.effective_at for case in cases), default=now)
    if last - now > CLOCKS_APART:
        raise ClockBehind(
            f"本案最近一次办理的时间是 {to_the_second(last)}，而服务器现在的时间是"
            f" {to_the_second(now)}，相差超过 {CLOCKS_APART.seconds // 60} 分钟，"
            "必有一个有误，没有办理任何事项。请系统管理员核对各服务器的时钟（NTP 对时）后再办理"
        )
    return max(now, last)


def legal_instant(given: date | datetime | None, now: datetime, case: Case | None) -> datetime:
    """The legal instant of an act on `case`, or of opening one (`None`).

    Without a date it is now. A bare date keeps the order of acts within that day.
    Raises BadDate for the future, before the case was opened, before what was decided on it.
    """
    at = _instant(given, now, case)
    if at > now:
        raise BadDate("办理日期不能晚于今天")
    if case is not None and at < case.opened_at:
        raise _too_early(at, case.opened_at, "立案")
    if case is not None and at < case.effective_at:
        raise _too_early(at, case.effective_at, "本案已办理事项的")
    return at


def _too_early(at: datetime, last: datetime, what: str) -> BadDate:
    if legal_date(at) == legal_date(last):
        return BadDate(f"办理时间不能早于{what}时间 {to_the_second(last)}，当日办理的可以不填时间")
    return BadDate(f"办理日期不能早于{what}日期 {legal_date(last):%Y-%m-%d}")


def act_instant(
    given: date | datetime | None,
    now: datetime,
    case: Case,
    process: Process,
    step: str,
    input: Any,
    *,
    for_party: bool = False,
    backfilled: bool = False,
) -> datetime:
    """The legal instant of taking a step: as given, or on the day that its form tells (`dated_by`).

    What happened on that day may become known after later acts: then it follows them.
    `for_party`: a clerk takes it for the party, and it bears that one's day. `backfilled`: it is
    entered afterwards (专项补录), and bears the day of its paper.
    Raises BadDate as `legal_instant` does, GuardRefused where only the day of entry will do.
    """
    declared = next((one for one in process.every_step if one.name == step), None)
    if declared is not None and given is not None and not (for_party or backfilled):
        _, released = as_released(process, declared)
        if acts.legal_day(released) is LegalDay.ENTRY:
            return _at_entry(given, now, case, declared)
    told = _told(declared, input) if given is None else None
    if told is None:
        return legal_instant(given, now, case)
    if told > legal_date(now):
        raise BadDate("办理日期不能晚于今天")
    return legal_instant(max(told, legal_date(case.effective_at)), now, case)


def _at_entry(given: date | datetime, now: datetime, case: Case, step: Step) -> datetime:
    """Now, if it is today that is given; its hour is that of entry as well. Raises GuardRefused for
    an earlier day."""
    instant = _instant(given, now, case)
    if instant > now or legal_date(instant) == legal_date(now):
        return legal_instant(None if instant <= now else given, now, case)
    text = f"“{step.label}”以录入之日为准，不能填写以前的日期"
    if step.two_officers:
        text += "；第二人确认的，以确认之日为准"
    raise GuardRefused([Refusal("day_of_entry", text, _RECORDED)])


def opening_refusals(rules: Rules, at: datetime, now: datetime, region: str) -> list[Refusal]:
    """What stands against the day from which an officer opens a case: a lead is entered soon."""
    limit = overrun(rules, AWAY, at, legal_date(at), now, region)
    if limit is None:
        return []
    text = f"线索应当在{limit.text}内登记；更早发现的，以今天登记，另填发现日期"
    return [Refusal("entered_late", text, limit.law)]


def refusals(act: Act) -> list[Refusal]:
    """What stands against the day that an act bears, or that its form tells: an act away from the
    desk is not before the decision that it carries out was entered, and is entered in time. What is
    entered afterwards (专项补录) is of the days that this is for, in the order of its papers."""
    now, backfill = act.context.now, act.context.backfill
    told = _told(act.step, act.input)
    if backfill and not act.execution.role.automatic:
        return backfill.outside(act.day, told or act.day)
    first = min(act.day, told) if told else act.day
    if act.by_law or act.execution.role is Role.APPLICANT or first >= legal_date(now):
        return []
    _, step = as_released(act.process, act.step)
    away = acts.legal_day(step, act.input) is LegalDay.AWAY
    carries_out = (away and bool(step.moves)) or acts.delivers(step)
    found = list(_before_entry(act, step, first)) if carries_out else []
    if away:
        key = step.entered_within or AWAY
        at = act.at if first == act.day else start_of(first)
        limit = overrun(act.rules, key, at, first, now, act.region)
        # What a gateway reports is entered when it reports it.
        excused = act.context.arrival or _permitted(act, first) or _said_before(act, first)
        if limit is not None and not excused:
            text = (
                f"“{step.label}”应当在{_length(limit)}内录入，{in_chinese(first)}的事项已经超过；"
                "须由督办人员写明理由、准予补录后再办理"
            )
            found.append(Refusal("entered_late", text, limit.law))
    return found


def _permitted(act: Act, day: date) -> bool:
    """Whether a supervisor, who does not take it, has let it be entered late as of that day."""
    found = act.session.execute(
        select(LogRow.header, LogRow.payload).where(
            LogRow.case_id == act.case.id, LogRow.header["kind"].as_string() == PERMITTED
        )
    )
    takers = {officer.person_id for officer in act.execution.officers}
    return any(
        (payload.get("step"), payload.get("on")) == (act.step.name, day.isoformat())
        and takers.isdisjoint(header["officers"])
        for header, payload in found
    )


def _said_before(act: Act, day: date) -> bool:
    """Whether it is a later version of an item of evidence that bears the day it always bore."""
    said = act.session.scalars(
        select(Evidence.said).where(
            Evidence.case_id == act.case.id, Evidence.n == act.input.get("item")
        )
    )
    return any(one["collected_on"] == day.isoformat() for one in said)


def overrun(
    rules: Rules, key: str, at: datetime, day: date, now: datetime, region: str
) -> Limit | None:
    """The limit of that key, if what happened at that instant of a day is entered beyond it."""
    limit, _ = rules.limit(key, legal_date(now), region)
    if limit.unit == "min":
        return limit if now > due_instant(limit, at) else None
    try:
        last = count(limit, day, (), rules.calendar).due
    except CalendarUnknown:  # longer ago than any calendar reaches
        return limit
    return limit if last is not None and now >= end_of(last) else None


def _length(limit: Limit) -> str:
    hours, rest = divmod(limit.n, 60)
    return f"{hours}小时" if limit.unit == "min" and not rest else limit.text


def _before_entry(act: Act, step: Step, day: date) -> Iterator[Refusal]:
    """What the act carries out bears that day or an earlier one, but was entered later; of what was
    entered afterwards (专项补录) its paper proves when it was there."""
    for header in _carried_out(act, step):
        if "backfill" in header:
            continue
        effective, recorded = (
            legal_date(datetime.fromisoformat(header[name]))
            for name in ("effective_at", "recorded_at")
        )
        if effective <= day < recorded:
            label = act.process.step(header["name"]).label
            text = f"“{label}”于{in_chinese(recorded)}才登记，“{step.label}”不能早于该日"
            yield Refusal("before_it_was_entered", text, _RECORDED)
            return


def _carried_out(act: Act, step: Step) -> list[Header]:
    """The headers of what the act carries out: of the letters that it delivers, else of all that
    the authority decided before in the case."""
    taken = [
        header
        for header in reversed(act.dossier.headers)
        if header["kind"] == "step" and header["account"]
    ]
    if effect := service_of(act):
        waits = waiting(papers_of(act, effect), entry_of(act.data, effect.of)["receipts"])
        letters = {paper.seq for paper in named(act.filled(Receipt).documents, waits)}
        return [header for header in taken if header["seq"] in letters]
    return [header for header in taken if _is_of_entry(act.process, header["name"])]


def _is_of_entry(process: Process, name: str) -> bool:
    _, step = as_released(process, process.step(name))
    return acts.legal_day(step) is LegalDay.ENTRY


def _told(step: Step | None, input: Any) -> date | None:
    """The day that the form of a step tells; whatever is wrong with it is for the form's judge."""
    if step is None or not step.dated_by or not isinstance(input, dict):
        return None
    try:
        return date.fromisoformat(input.get(step.dated_by))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def _instant(given: date | datetime | None, now: datetime, case: Case | None) -> datetime:
    """The instant that a given day or instant stands for: now for today or none, that of the case's
    last act for the day of that, else the start of the day. Raises BadDate without a zone."""
    if given is None:
        return now
    if isinstance(given, datetime):
        if given.tzinfo is None:
            raise BadDate("办理时间须带时区，例如 2026-01-05T09:30:00+08:00")
        return given
    if given == legal_date(now):
        return now
    if case is not None and given == legal_date(case.effective_at):
        return case.effective_at
    return start_of(given)


def only_now() -> BadDate:
    """What is wrong if what is done online bears another day."""
    return BadDate("网上办理以系统收到的时间为准，不能填写其他日期")
