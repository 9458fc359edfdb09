"""Which principle of lawfulness a case's file breaks (合法性原则核对), told from the file alone.

The door refuses what breaks them; this looks afterwards, without asking the door, so that it also
judges cases of older releases and cases that were imported. What it finds is no fault of the proof:
the file is what it was, and says that something unlawful was done (旧案).

Each principle is one or more functions of what a case's log, its registers and its family say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from casework.acts import clocks
from casework.acts.legal_dates import PERMITTED, overrun
from casework.audit.case_book import Row
from casework.audit.case_file import (
    CaseFile,
    Told,
    by_itself,
    effective,
    input_of,
    is_backfilled,
    receipts_told,
    recorded,
    service_in,
)
from casework.audit.judged.judged_falls import nothing_outlives_its_decision
from casework.audit.judged.judged_prior import had_its_time, told_before
from casework.audit.judged.judged_proofs import evidence_is_on_file, service_is_proved
from casework.audit.judged.judged_qualifications import qualified
from casework.common.timekeeping import end_of, legal_date, start_of
from casework.common.typed_inputs import read
from casework.models import Case, Document
from casework.parts.hearing.door import ENDED_BY
from casework.parts.legal_review.collect import major_measures
from casework.publicity import channel_lines
from casework.rules.counting import CalendarUnknown, count
from casework.rules.versions import as_released
from state_machines.door import acts
from state_machines.language.vocabulary import (
    Binding,
    Correct,
    LegalDay,
    Role,
    Step,
)
from state_machines.licensing.instant_licence.forms import GRANT
from state_machines.licensing.licence_change.forms import REISSUE, Kind
from state_machines.parts.approvals.forms import Proposal
from state_machines.parts.approvals.measures import Measure, heavier, other_scope
from state_machines.parts.hearing.facts import HearingRight
from state_machines.parts.hearing.forms import (
    ABANDON_HEARING,
    HOLD_HEARING,
    REQUEST_HEARING,
    SCHEDULE_HEARING,
    WAIVE_HEARING,
    WITHDRAW_HEARING,
)
from state_machines.parts.hearing.guards import may_be_heard

_AWAY = "late_entry.away"
_GRANTING, _CHANGE = "instant_licence", "licence_change"
_AMEND = "amend"
# What a change of a licence may be decided about.
_DECIDED = {Kind.NAME: "place_name", Kind.REPRESENTATIVE: "representative"}
_HEARING_BEHIND = (HOLD_HEARING, ABANDON_HEARING, WITHDRAW_HEARING, WAIVE_HEARING)


@dataclass(frozen=True)
class Breach:
    """A row of a case's log that breaks a principle, and how."""

    case: str
    seq: int
    principle: str
    text: str

    def __str__(self) -> str:
        return f"{self.case} 第 {self.seq} 行（{self.principle}）：{self.text}"


Principle = Callable[[CaseFile], Iterator[tuple[Row, str]]]


def breaches(file: CaseFile) -> list[Breach]:
    """What breaks a principle in a case's file, in order of the log."""
    found = [
        Breach(file.book.case.number, row.seq, name, text)
        for name, principles in PRINCIPLES.items()
        for principle in principles
        for row, text in principle(file)
    ]
    return sorted(found, key=lambda breach: breach.seq)


# -- days ------------------------------------------------------------------------------------------


def _days(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """Decisions bear the day of their entry; acts away from the desk their own, within the limit,
    and not before what they carry out was entered."""
    for row in file.rows:
        if by_itself(row) or row.header["role"] == Role.APPLICANT.value:
            continue
        step = file.step_of(row)
        day, entered = legal_date(effective(row)), legal_date(recorded(row))
        told = _day_told(step, input_of(row))
        whose = acts.legal_day(step, input_of(row))
        first = min(day, told) if told else day
        let_in = is_backfilled(row) and file.lets_in(row, day, first)
        if max(day, told or day) > entered and whose in (LegalDay.ENTRY, LegalDay.AWAY):
            yield row, f"“{step.label}”登记为录入以后的日期"
        if whose is LegalDay.ENTRY and day < entered and not let_in:
            yield row, f"“{step.label}”以录入之日为准，却登记为{day:%Y-%m-%d}"
        if whose is LegalDay.AWAY and first < entered and not let_in:
            key = step.entered_within or _AWAY
            at = effective(row) if first == day else start_of(first)
            if late := _entered_late(file, row, key, at, first, step.name):
                yield row, f"“{step.label}”超过{late}才录入，没有督办人员准予补录"
        carries_out = whose is LegalDay.AWAY and bool(step.moves)
        if (carries_out or acts.delivers(step)) and (text := _too_early(file, row, step, first)):
            yield row, text


def _entered(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """A lead is entered soon after it came, and evidence after it was collected."""
    known: dict[int, set[str]] = {}
    for row in file.book.log:
        if row.header["kind"] == "open" and not by_itself(row):
            at = effective(row)
            afterwards = is_backfilled(row) and file.lets_in(row, legal_date(at))
            if (
                not afterwards
                and row.header["role"] != Role.APPLICANT.value
                and (late := _entered_late(file, row, _AWAY, at, legal_date(at), ""))
            ):
                yield row, f"超过{late}才登记线索"
        if row.header["kind"] != "evidence":
            continue
        for item in row.payload.get("caused", {}).get("evidence", ()):
            on = str(item["said"].get("collected_on", ""))
            before = known.setdefault(item["n"], set())
            if on and on not in before and not item["withdrawn"]:
                day = date.fromisoformat(on)
                name = row.header["name"]
                if late := _entered_late(file, row, _AWAY, start_of(day), day, name):
                    yield row, f"证据“{item['said']['title']}”收集后超过{late}才登记"
            before.add(on)


def _shown(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """What was published is put down soon, or bears the day of its entry; and it is done once each
    channel that shows such a party has a line, not before (国办发〔2018〕118号)."""
    days = {row.seq: legal_date(effective(row)) for row in file.book.log}
    told: dict[tuple[int, str, bool], set[str]] = {}
    for row in file.book.log:
        if row.header["kind"] != "published":
            continue
        for item in row.payload.get("caused", {}).get("published", ()):
            if "channel" not in item:  # told before each channel had a line of its own
                continue
            day, channel = date.fromisoformat(item["on"]), item["channel"]
            if late := _entered_late(file, row, _AWAY, start_of(day), day, row.header["name"]):
                yield row, f"“{channel}”的公示超过{late}才登记，没有以登记之日为准"
            lines = told.setdefault((item["row"], item["register"], item["withdrawn"]), set())
            lines.add(channel)
            shown = channel_lines.showing(file.rules, days[item["row"]], file.region, file.party)
            lacking = [one for one in shown if one not in lines]
            if lacking and not item["missing"]:
                yield row, f"在“{'、'.join(lacking)}”没有公示，登记为已经公示"


def _afterwards(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """What is entered afterwards (专项补录) is so under what two persons let in, for these days,
    and is confirmed by another person than whoever entered it."""
    for row in file.book.log:
        if is_backfilled(row) and not by_itself(row):
            day = legal_date(effective(row))
            if not file.lets_in(row, day):
                yield (
                    row,
                    f"记为补录，但没有经确认、包括{day:%Y-%m-%d}的专项补录，或者没有第二人复核",
                )


def _day_told(step: Step, said: Mapping[str, Any]) -> date | None:
    try:
        return date.fromisoformat(str(said.get(step.dated_by))) if step.dated_by else None
    except ValueError:
        return None


def _entered_late(file: CaseFile, row: Row, key: str, at: datetime, day: date, step: str) -> str:
    """The limit beyond which it was entered, if nobody else permitted that; empty if in time."""
    if day >= legal_date(recorded(row)):
        return ""
    late = overrun(file.rules, key, at, day, recorded(row), file.region)
    if late is None:
        return ""
    takers = set(row.header["officers"])
    permitted = any(
        one.header["kind"] == PERMITTED
        and one.seq < row.seq
        and (one.payload.get("step"), one.payload.get("on")) == (step, day.isoformat())
        and takers.isdisjoint(one.header["officers"])
        for one in file.book.log
    )
    return "" if permitted else late.text


def _too_early(file: CaseFile, row: Row, step: Step, day: date) -> str:
    """What an act carries out was entered after the day that the act bears."""
    effect = service_in(step)
    if effect is not None:
        receipts = receipts_told(row.payload, effect.of)
        served = {paper["seq"] for paper in receipts[-1]["documents"]} if receipts else set()
        carried = [one for one in file.before(row) if one.seq in served]
    else:
        carried = [
            one for one in file.before(row) if acts.legal_day(file.step_of(one)) is LegalDay.ENTRY
        ]
    for one in carried:
        if not one.header["account"]:
            continue
        made = known = legal_date(effective(one))
        # When a paper that is entered afterwards was there, its own day says.
        if not (is_backfilled(one) and file.lets_in(one, made)):
            known = legal_date(recorded(one))
        # What is served was made before, whatever day it bears.
        there = effect is not None or made <= day
        if there and day < known:
            earlier = file.step_of(one).label
            return f"“{step.label}”登记为{day:%Y-%m-%d}，当日“{earlier}”还没有登记"
    return ""


# -- time ------------------------------------------------------------------------------------------


def _time(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """Time belongs to the party until it runs out or the party gives it up (处罚法44, 45, 63)."""
    for row in file.rows:
        if by_itself(row):
            continue
        step = file.step_of(row)
        for name in acts.waits_for(as_released(file.process, step)[0], step):
            run = file.run_before(row, name)
            if run is None or not run["fires_at"] or _given_up(file, row, name):
                continue
            if name == "hearing_request" and not _may_be_heard(file, row):
                continue
            runs_out = datetime.fromisoformat(run["fires_at"])
            label = file.process.clock(name).label
            if recorded(row) < runs_out:
                yield row, f"“{step.label}”时{label}尚未届满，当事人也没有放弃"
            elif recorded(row) < _over_since_entry(file, row, run):
                yield row, f"“{step.label}”时，自有关事项登记之日起{label}尚未届满"


def _over_since_entry(file: CaseFile, row: Row, run: Mapping[str, Any]) -> datetime:
    """When as much time had gone by since the party could know of it.

    What the party is asked about before it is decided is counted by its limit; of any other time
    half of it is enough here, however its stops are counted.
    """
    began, runs_out = (datetime.fromisoformat(run[name]) for name in ("started_at", "fires_at"))
    known = max(began, _known_since(file, row, run))
    limit = file.process.clock(run["name"]).limit or ""
    if run["name"] in ENDED_BY and limit and "{" not in limit:
        try:
            counted, _ = file.rules.limit(limit, legal_date(began), file.region)
            last = count(counted, legal_date(known), (), file.rules.calendar).due
        except (CalendarUnknown, ValueError):
            last = None
        if last is not None:
            return end_of(last)
    return known + (runs_out - began) / 2


def _known_since(file: CaseFile, row: Row, run: Mapping[str, Any]) -> datetime:
    """When the row was entered that first told of a run, or the notice was served that began it.
    What a clock did happened when that was over, however late a sweep came to say so."""
    first = recorded(row)
    for one in file.book.log:
        told = ((each["name"], each["run"]) for each in one.payload.get("clocks", ()))
        if one.seq < row.seq and (run["name"], run["run"]) in told:
            first = _known(one)
            break
    if run["name"] not in ENDED_BY:
        return first
    served = file.serving("notice")
    services = [_known(one) for one in file.since_notice(row) if one.header["name"] in served]
    return max((first, *services))


def _known(row: Row) -> datetime:
    """When it was known what a row tells: of a clock at its due instant, else at its entry."""
    return effective(row) if row.header["clock"] else recorded(row)


def _given_up(file: CaseFile, row: Row, name: str) -> bool:
    """Whether since the latest notice the party gave that time up; of what is no time of hearing,
    whether the case left it early by a step of its own."""
    if name not in ENDED_BY:
        run = file.run_before(row, name)
        return run is not None and run["status"] == clocks.ENDED
    return not _since_notice(file, row).isdisjoint(ENDED_BY[name])


def _since_notice(file: CaseFile, row: Row) -> set[str]:
    return {one.header["name"] for one in file.since_notice(row)}


def _may_be_heard(file: CaseFile, row: Row) -> bool:
    """Whether the party may ask for a hearing, as the guards of the latest step that asked saw it;
    before any did, whether what it was told of is as heavy as that."""
    for one in (row, *reversed(file.before(row))):
        if known := one.payload.get("facts", {}).get(HearingRight.__name__):
            return may_be_heard(HearingRight(**known))
    notice = file.notice_before(row) or row
    return not input_of(notice).get("measures") or bool(_major(file, notice))


def _major(file: CaseFile, row: Row) -> tuple[str, ...]:
    """The major ones (处罚法63) of the measures that a row names, by the rules of its day."""
    day, proposal = legal_date(effective(row)), read(Proposal, input_of(row))
    return major_measures(file.rules, day, file.region, file.party, proposal.measures)


# -- heard -----------------------------------------------------------------------------------------


def _heard(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """Nothing adverse without being heard: a notice that was served comes before the decision, and
    the legal review that is compulsory (处罚法44, 58)."""
    served_by = file.serving("notice")
    for row in file.rows:
        step, earlier = file.step_of(row), [one.header["name"] for one in file.before(row)]
        for binding in file.bindings("notice"):
            if step.name not in binding.bound:
                continue
            told = file.notice_before(row)
            if told is None:
                yield row, f"“{step.label}”前没有{binding.label}"
                continue
            since = _since_notice(file, row)
            if served_by and since.isdisjoint(served_by) and not _has_it(file, since):
                yield row, f"“{step.label}”前，{binding.label}没有送达的记录"
            yield from ((row, text) for text in _beyond_notice(binding, step, told, row))
            if _asked_in_vain(file, row):
                yield row, f"“{step.label}”前，当事人要求的听证没有举行，也没有放弃、撤回"
        for binding in file.bindings("review"):
            major = _major(file, row) if step.name in binding.bound else ()
            if major:
                drafted = [n for n, name in enumerate(earlier) if name in binding.drafts]
                if set(binding.by).isdisjoint(earlier[max(drafted, default=-1) + 1 :]):
                    yield row, f"“{step.label}”前没有通过法制审核：{'；'.join(major)}"
        if step.name in (HOLD_HEARING, ABANDON_HEARING) and not _told_of_hearing(file, row):
            yield row, f"“{step.label}”前，听证通知书没有送达的记录"


def _has_it(file: CaseFile, since: set[str]) -> bool:
    """Whether the party itself gave up all its time of a notice that it is served with where it is
    given: so it has it before it, whoever handed it over (处罚法44, 62). Where no other state waits
    for the service, that is; elsewhere there is a receipt or no notice."""
    loops = any(
        effect.of == "notice"
        and effect.completes
        and all(source == to for source, to in step.moves.items())
        for step in file.process.steps
        if (effect := service_in(file.step_of_name(step.name)))
    )
    return loops and all(not since.isdisjoint(ended) for ended in ENDED_BY.values())


def _beyond_notice(binding: Binding, step: Step, told: Row, row: Row) -> Iterator[str]:
    """In what a decision goes beyond what the party was told of (处罚法44, 45)."""
    was, now = input_of(told), input_of(row)
    for part in binding.parts:
        if part not in now or part not in was:
            continue
        if part not in binding.milder:
            if _as_read(was[part]) != _as_read(now[part]):
                yield f"“{step.label}”的{part}与{binding.label}的不同"
            continue
        told_of, decided = ([read(Measure, one) for one in said[part]] for said in (was, now))
        if worse := (*heavier(told_of, decided), *other_scope(told_of, decided)):
            yield f"“{step.label}”重于{binding.label}：{'；'.join(worse)}"


def _as_read(said: Any) -> Any:
    return " ".join(said.split()) if isinstance(said, str) else said


def _asked_in_vain(file: CaseFile, row: Row) -> bool:
    taken = [one.header["name"] for one in file.since_notice(row)]
    if REQUEST_HEARING not in taken:
        return False
    asked = len(taken) - 1 - taken[::-1].index(REQUEST_HEARING)
    return set(taken[asked + 1 :]).isdisjoint(_HEARING_BEHIND)


def _told_of_hearing(file: CaseFile, row: Row) -> bool:
    """Whether the latest notice of the hearing was served before that one."""
    taken = [one.header["name"] for one in file.before(row)]
    if SCHEDULE_HEARING not in taken:
        return True
    told = len(taken) - 1 - taken[::-1].index(SCHEDULE_HEARING)
    serving = file.serving("hearing")
    return not serving or not serving.isdisjoint(taken[told + 1 :])


# -- identity --------------------------------------------------------------------------------------


def _identity(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """An identity is not a slip: what corrects a letter changes neither who nor how much."""
    corrected = {
        row.seq: row
        for row in file.rows
        if any(isinstance(effect, Correct) for effect in file.step_of(row).effects)
    }
    if not corrected:
        return
    found = file.session.scalars(
        select(Document)
        .where(Document.case_id == file.book.case.id)
        .options(undefer(Document.context))
    )
    letters = {letter.id: letter for letter in found}
    for letter in letters.values():
        former = letters.get(letter.corrects or 0)
        if former is None or letter.log_seq not in corrected:
            continue
        if any("redacted" in one.context for one in (former, letter)):
            continue  # 《个人信息保护法》第四十七条: what it said was taken away
        for part, name, label in _IDENTITY:
            was, now = (_at(document.context, part, name) for document in (former, letter))
            # The name that the register has may be put in place of a slip.
            if was != now and now != getattr(file.party, name, None):
                yield corrected[letter.log_seq], f"以补正改变了{label}：{was}改为{now}"


_IDENTITY = (
    ("party", "name", "当事人"),
    ("party", "code", "当事人代码"),
    ("party", "representative", "法定代表人（负责人）"),
    ("sentence", "measures", "处罚"),
    ("violation", "code", "案由"),
    ("sums", "fine", "罚款数额"),
    ("sums", "confiscated", "没收数额"),
    ("licence", "number", "许可证编号"),
)


def _at(context: Mapping[str, Any], part: str, name: str) -> Any:
    """A field of a part of a document's context; None if it has none."""
    held = context.get(part)
    return held.get(name) if isinstance(held, Mapping) else None


def _licence_identity(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """A certificate is corrected to what the files of its grants say, and to nothing else."""
    said = file.book.case.data.get("application", {})
    if file.process.key != _CHANGE or said.get("kind") != Kind.WRONG:
        return
    for row in file.rows:
        granted = _granted(file, row) if row.header["name"] == REISSUE else None
        if granted is None:
            continue
        printed = {**granted, **_printed(file, row)}
        for name, label in _NAMED.items():
            now = said.get(name) or ""
            if now not in (granted[name], printed[name]):
                yield row, f"以更正换发改变了{label}：{now}，许可案卷中没有"


_NAMED = {
    "place_name": "单位名称",
    "representative": "法定代表人或者负责人",
    "address": "经营场所地址",
}


def _granted(file: CaseFile, row: Row) -> dict[str, str] | None:
    """What the application said that led to the licence, with what was decided to be changed since,
    before a row; None of a licence whose grant is not on file."""
    head = file.book.case.family_id or file.book.case.id
    found = select(Case).where((Case.family_id == head) | (Case.id == head))
    kept = found.where(Case.process.in_((_GRANTING, _CHANGE)))
    cases = {case.number: case for case in file.session.scalars(kept)}
    root = next((case for case in cases.values() if case.id == head), None)
    if root is None:
        return None
    granted = {name: root.data["application"].get(name) or "" for name in _NAMED}
    for header, _ in _earlier(file, row, GRANT):
        asked = cases[header["case"]].data["application"] if header["case"] in cases else {}
        if name := _DECIDED.get(asked.get("kind", "")):
            granted[name] = asked[name]
    return granted


def _printed(file: CaseFile, row: Row) -> dict[str, str]:
    """What the certificate has said since it was changed or corrected last before a row."""
    # What the row itself amends bears the very same instant.
    until = row.header["recorded_at"]
    amended = [
        payload["input"]
        for header, payload in _earlier(file, row, _AMEND)
        if header["recorded_at"] != until
    ]
    return {name: amended[-1].get(name) or "" for name in _NAMED} if amended else {}


def _earlier(file: CaseFile, row: Row, step: str) -> list[Told]:
    """The rows of the rest of the family that took a step by the time of a row."""
    until = row.header["recorded_at"]
    return [
        told for told in file.family if told[0]["name"] == step and told[0]["recorded_at"] <= until
    ]


PRINCIPLES: Mapping[str, tuple[Principle, ...]] = {
    "定性来自案卷": (qualified,),
    "日期真实": (_days, _entered, _shown, _afterwards),
    "期限属于当事人": (_time, had_its_time),
    "先告知后决定": (_heard, told_before),
    "决定所据在卷": (evidence_is_on_file, service_is_proved),
    "一并落空": (nothing_outlives_its_decision,),
    "身份不是笔误": (_identity, _licence_identity),
}
