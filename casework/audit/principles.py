"""Which principle of lawfulness a case's file breaks (合法性原则核对), told from the file alone.

The door refuses what breaks them; this looks afterwards, without asking the door, so that it also
judges cases of older releases and cases that were imported. What it finds is no fault of the proof:
the file is what it was, and says that something unlawful was done (旧案).

Each principle is a function of what a case's log, its registers and its family say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from casework.acts import clocks
from casework.acts.legal_dates import PERMITTED, overrun
from casework.audit.case_book import Book, Row
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs, read
from casework.models import (
    Authority,
    Case,
    CreditEvent,
    CreditMark,
    Document,
    Evidence,
    LogRow,
    Party,
)
from casework.parts.hearing.door import ENDED_BY
from casework.parts.legal_review.collect import major_measures
from casework.parts.remedies import decision_in_force
from casework.rules.rule_cache import Rules
from casework.rules.versions import as_released
from state_machines.door import acts
from state_machines.door.gates import guards_of
from state_machines.enforcement.exemption.forms import FIND_NOT_CORRECTED, ORDER_CORRECTION
from state_machines.language.vocabulary import (
    Binding,
    BringInLine,
    Correct,
    LegalDay,
    Process,
    RecordService,
    Role,
    Step,
)
from state_machines.parts.approvals.forms import Proposal
from state_machines.parts.evidence.facts import EvidenceOnFile
from state_machines.parts.hearing.facts import HearingRight
from state_machines.parts.hearing.guards import may_be_heard

_AWAY = "late_entry.away"
_UNCORRECTED = "uncorrected"


@dataclass(frozen=True)
class Breach:
    """A row of a case's log that breaks a principle, and how."""

    case: str
    seq: int
    principle: str
    text: str

    def __str__(self) -> str:
        return f"{self.case} 第 {self.seq} 行（{self.principle}）：{self.text}"


@dataclass(frozen=True)
class CaseFile:
    """A case as a principle looks at it: its book, its declaration, and what else is needed."""

    book: Book
    process: Process
    session: Session
    rules: Rules

    @cached_property
    def rows(self) -> Sequence[Row]:
        """The rows that took a step, in order."""
        return [row for row in self.book.log if row.header["kind"] == "step"]

    @cached_property
    def region(self) -> str:
        """The region whose rules apply."""
        return self.session.get_one(Authority, self.book.case.authority_id).region

    @cached_property
    def family(self) -> Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """Header and payload of the rows of the other cases of the family, in order of entry."""
        case = self.book.case
        head = case.family_id or case.id
        found = self.session.execute(
            select(LogRow.header, LogRow.payload)
            .join(Case, Case.id == LogRow.case_id)
            .where((Case.family_id == head) | (Case.id == head), Case.id != case.id)
            .order_by(LogRow.id)
        )
        return [(header, payload) for header, payload in found]

    def step_of(self, row: Row) -> Step:
        """The step that a row took, as this release declares it."""
        return as_released(self.process, self.process.step(row.header["name"]))[1]

    def before(self, row: Row) -> Sequence[Row]:
        """The rows that took a step before."""
        return [one for one in self.rows if one.seq < row.seq]

    def run_before(self, row: Row, name: str) -> Mapping[str, Any] | None:
        """The last run of a clock as the rows before that one had it."""
        for one in reversed(self.book.log):
            if one.seq < row.seq:
                runs = [run for run in one.payload.get("clocks", ()) if run["name"] == name]
                if runs:
                    found: Mapping[str, Any] = runs[-1]
                    return found
        return None


Principle = Callable[[CaseFile], Iterator[tuple[Row, str]]]


def breaches(file: CaseFile) -> list[Breach]:
    """What breaks a principle in a case's file, in order of the log."""
    found = [
        Breach(file.book.case.number, row.seq, name, text)
        for name, principle in PRINCIPLES.items()
        for row, text in principle(file)
    ]
    return sorted(found, key=lambda one: one.seq)


def _recorded(row: Row) -> datetime:
    return datetime.fromisoformat(row.header["recorded_at"])


def _effective(row: Row) -> datetime:
    return datetime.fromisoformat(row.header["effective_at"])


def _by_itself(row: Row) -> bool:
    """Whether the law, a related case or the end of tracks took the step."""
    return bool(row.header["clock"]) or Role(row.header["role"]).automatic


def _input(row: Row) -> Mapping[str, Any]:
    given: Mapping[str, Any] = row.payload.get("input", {})
    return given


def _derived(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """A qualification follows from acts in the file (处罚法28, 细则36至38)."""
    for row in file.rows:
        if row.header["name"] not in decision_in_force.DECISIONS:
            continue
        if _input(row).get("stage") == _UNCORRECTED and not _found_uncorrected(file, row):
            yield row, "认定“逾期不改正”，案卷中没有责令改正和复查仍未改正的记录"


def _found_uncorrected(file: CaseFile, row: Row) -> bool:
    own = {one.header["name"] for one in file.before(row)}
    until = row.header["recorded_at"]
    theirs = {header["name"] for header, _ in file.family if header["recorded_at"] <= until}
    return {ORDER_CORRECTION, FIND_NOT_CORRECTED} <= own | theirs


def _days(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """Decisions bear the day of their entry, acts away from the desk their own within the limit."""
    permitted = {
        (row.payload.get("step"), row.payload.get("on"))
        for row in file.book.log
        if row.header["kind"] == PERMITTED
    }
    for row in file.rows:
        if _by_itself(row) or row.header["role"] == Role.APPLICANT.value:
            continue
        day, entered = legal_date(_effective(row)), legal_date(_recorded(row))
        if day >= entered:
            continue
        step = file.step_of(row)
        whose = acts.legal_day(step, _input(row))
        if whose is LegalDay.ENTRY:
            yield row, f"“{step.label}”以录入之日为准，却登记为{day:%Y-%m-%d}"
        elif whose is LegalDay.AWAY:
            key = step.entered_within or _AWAY
            late = overrun(file.rules, key, _effective(row), day, _recorded(row), file.region)
            if late and (step.name, day.isoformat()) not in permitted:
                yield row, f"“{step.label}”超过{late.text}才录入，没有督办人员准予补录"


def _time(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """Time belongs to the party until it runs out or the party gives it up (处罚法44, 45, 63)."""
    for row in file.rows:
        if _by_itself(row):
            continue
        step = file.step_of(row)
        for name in acts.waits_for(as_released(file.process, step)[0], step):
            run = file.run_before(row, name)
            if run is None or not run["fires_at"] or _given_up(file, row, name):
                continue
            if name == "hearing_request" and not _may_be_heard(file, row):
                continue
            runs_out = datetime.fromisoformat(run["fires_at"])
            began = datetime.fromisoformat(run["started_at"])
            known = max(began, _entered(file, row, run))
            # However it is counted, so much time has gone by since the party could know of it.
            if _recorded(row) < runs_out:
                label = file.process.clock(name).label
                yield row, f"“{step.label}”时{label}尚未届满，当事人也没有放弃"
            elif _recorded(row) - known < (runs_out - began) / 2:
                label = file.process.clock(name).label
                yield row, f"“{step.label}”时，自有关事项登记之日起{label}尚未届满"


def _entered(file: CaseFile, row: Row, run: Mapping[str, Any]) -> datetime:
    """When the row was entered that first told of that run."""
    for one in file.book.log:
        told = ((each["name"], each["run"]) for each in one.payload.get("clocks", ()))
        if one.seq < row.seq and (run["name"], run["run"]) in told:
            return _recorded(one)
    return _recorded(row)


def _given_up(file: CaseFile, row: Row, name: str) -> bool:
    """Whether since the latest notice the party gave that time up; of what is no time of hearing,
    whether the case left it early by a step of its own."""
    if name not in ENDED_BY:
        run = file.run_before(row, name)
        return run is not None and run["status"] == clocks.ENDED
    notices = {step for one in _bindings(file, "notice") for step in one.by}
    taken = [one.header["name"] for one in file.before(row)]
    last = max((n for n, step in enumerate(taken) if step in notices), default=-1)
    return not set(taken[last + 1 :]).isdisjoint(ENDED_BY[name])


def _may_be_heard(file: CaseFile, row: Row) -> bool:
    """Whether the party may ask for a hearing, as the guards of the latest step that asked saw it;
    before any did, whether what it was told of is as heavy as that."""
    for one in (row, *reversed(file.before(row))):
        if known := one.payload.get("facts", {}).get(HearingRight.__name__):
            return may_be_heard(HearingRight(**known))
    notices = {step for one in _bindings(file, "notice") for step in one.by}
    told = (one for one in reversed(file.before(row)) if one.header["name"] in notices)
    notice = next(told, row)
    return not _input(notice).get("measures") or bool(_major(file, notice))


def _major(file: CaseFile, row: Row) -> tuple[str, ...]:
    """The major ones (处罚法63) of the measures that a row names, by the rules of its day."""
    party = file.session.get_one(Party, file.book.case.party_id)
    day, said = legal_date(_effective(row)), read(Proposal, _input(row))
    return major_measures(file.rules, day, file.region, party, said.measures)


def _bindings(file: CaseFile, name: str) -> list[Binding]:
    return [one for one in file.process.binds if one.name == name]


def _heard(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """Nothing adverse without being heard: a notice that was served comes before the decision, and
    the legal review that is compulsory (处罚法44, 58)."""
    served_by = {
        step.name
        for step in file.process.every_step
        for effect in step.effects
        if isinstance(effect, RecordService) and effect.of == "notice" and effect.completes
    }
    for row in file.rows:
        step, earlier = file.step_of(row), [one.header["name"] for one in file.before(row)]
        for binding in _bindings(file, "notice"):
            if step.name not in binding.bound:
                continue
            told = [n for n, name in enumerate(earlier) if name in binding.by]
            if not told:
                yield row, f"“{step.label}”前没有{binding.label}"
            elif served_by and served_by.isdisjoint(earlier[told[-1] + 1 :]):
                yield row, f"“{step.label}”前，{binding.label}没有送达的记录"
        for binding in _bindings(file, "review"):
            major = _major(file, row) if step.name in binding.bound else ()
            if major:
                drafted = [n for n, name in enumerate(earlier) if name in binding.drafts]
                if set(binding.by).isdisjoint(earlier[max(drafted, default=-1) + 1 :]):
                    yield row, f"“{step.label}”前没有通过法制审核：{'；'.join(major)}"


def _on_file(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """What a decision says is in the file: evidence is registered, letters are issued."""
    for row in file.rows:
        step = file.step_of(row)
        if not any(EvidenceOnFile in guard.facts for guard in guards_of(file.process, step)):
            continue
        kept = {one.n: one for one in file.book.kept(Evidence) if one.log_seq < row.seq}
        if not any(not one.withdrawn for one in kept.values()) and not _handed_over(file):
            yield row, f"“{step.label}”时证据登记为空"


def _handed_over(file: CaseFile) -> bool:
    """Whether the case that this one came from hands over evidence with it."""
    origin = file.book.case.origin_id
    found = select(Evidence.id).where(Evidence.case_id == origin, Evidence.withdrawn.is_(False))
    return origin is not None and file.session.scalar(found.limit(1)) is not None


def _falls(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """What falls, falls whole: no record of a decision that came to nothing stays in force."""
    case = file.book.case
    brought = [(row, kinds) for row in file.rows if (kinds := _brings_in_line(file, row))]
    if not brought or not decision_in_force.erased(Inputs(case.data)):
        return
    own = select(CreditEvent.id).where(CreditEvent.case_id == case.id)
    of_own = select(CreditMark.event_id).where(CreditMark.event_id.in_(own))
    marked, fallen = (
        set(file.session.scalars(of_own)),
        {kind for _, some in brought for kind in some},
    )
    for event in file.book.kept(CreditEvent):
        if event.kind in fallen and event.id not in marked:
            yield brought[-1][0], f"决定已被撤销，由它产生的信用记录“{event.label}”仍然有效"


def _brings_in_line(file: CaseFile, row: Row) -> tuple[str, ...]:
    return tuple(
        kind
        for effect in file.step_of(row).effects
        if isinstance(effect, BringInLine)
        for kind in effect.kinds
    )


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
    # The name that the register has may be put in place of a slip.
    party = file.session.get(Party, file.book.case.party_id)
    for letter in letters.values():
        former = letters.get(letter.corrects or 0)
        if former is None or letter.log_seq not in corrected:
            continue
        for part, name, label in _IDENTITY:
            was, now = (_at(one.context, part, name) for one in (former, letter))
            if was != now and now != getattr(party, name, None):
                yield corrected[letter.log_seq], f"以补正改变了{label}：{was}改为{now}"


_IDENTITY = (
    ("party", "name", "当事人"),
    ("party", "code", "当事人代码"),
    ("sentence", "measures", "处罚"),
    ("sums", "fine", "罚款数额"),
)


def _at(context: Mapping[str, Any], part: str, name: str) -> Any:
    held = context.get(part)
    return held.get(name) if isinstance(held, Mapping) else None


PRINCIPLES: Mapping[str, Principle] = {
    "定性来自案卷": _derived,
    "日期真实": _days,
    "期限属于当事人": _time,
    "先告知后决定": _heard,
    "决定所据在卷": _on_file,
    "一并落空": _falls,
    "身份不是笔误": _identity,
}
