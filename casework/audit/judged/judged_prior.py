"""Whether a party was told before what is decided against it and is no penalty and no revocation
(事先告知): a notice that was served, the party's time, what it asked for, a legal review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from casework.audit.case_book import Row
from casework.audit.case_file import (
    CaseFile,
    by_itself,
    effective,
    input_of,
    receipts_told,
    recorded,
)
from casework.common.timekeeping import end_of, legal_date
from casework.common.typed_inputs import read
from casework.parts.prior_notice.collect import PERIOD
from casework.parts.prior_notice.false_material import refuses_for_false_material
from casework.rules.counting import CalendarUnknown, count
from state_machines.language.vocabulary import Step
from state_machines.licensing.instant_licence.forms import Refusal
from state_machines.licensing.licence.forms import DEREGISTER, Deregistration
from state_machines.parts.endings.grounds import ENDINGS
from state_machines.parts.hearing.forms import (
    ABANDON_HEARING,
    HOLD_HEARING,
    REQUEST_HEARING,
    WITHDRAW_HEARING,
)
from state_machines.parts.prior_notice.facts import PriorContent
from state_machines.parts.prior_notice.forms import Telling
from state_machines.parts.prior_notice.part import telling_of
from state_machines.parts.remedies.forms import BRING_BACK

_BEHIND = (HOLD_HEARING, ABANDON_HEARING, WITHDRAW_HEARING)
_BOUND: Mapping[str, str] = {"facts": "事实", "basis": "依据"}


def told_before(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """A notice that was served comes before the decision, which says what was told; so do a hearing
    that the party asked for, and the legal review (许可法7, 47, 令36)."""
    for row, step in _decided(file):
        told_by = _told_by(file, row)
        notice, since = _notice(file, row, told_by)
        if notice is None:
            yield row, f"“{step.label}”前没有事先告知"
            continue
        if not _services(file, notice, since, told_by):
            yield row, f"“{step.label}”前，事先告知书没有送达的记录"
        if _asks(step, PriorContent):
            told, said = input_of(notice), input_of(row)
            for name, label in _BOUND.items():
                if str(told.get(name, "")).strip() != str(said.get(name, "")).strip():
                    yield row, f"“{step.label}”的{label}与事先告知的不同"
        names = [one.header["name"] for one in since]
        if REQUEST_HEARING in _after(names, *_BEHIND):
            yield row, f"“{step.label}”前，当事人要求的听证没有举行，也没有撤回"
        day = legal_date(effective(row))
        due = file.rules.value("prior_notice.legal_review", day, file.region)
        here = any(one.name == told_by.review for one in file.process.every_step)
        # What a review before any of these did not look at.
        if due and here and told_by.review not in _after(names, told_by.answer, *_BEHIND):
            yield row, f"“{step.label}”前没有通过法制审核"


def had_its_time(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """What the party is told of waits until its time has run since the service was entered, or the
    party gave it up."""
    for row, step in _decided(file):
        told_by = _told_by(file, row)
        notice, since = _notice(file, row, told_by)
        if notice is None or any(one.header["name"] == told_by.waive for one in since):
            continue
        services = _services(file, notice, since, told_by)
        if not services:
            continue
        began = legal_date(max(effective(services[-1]), recorded(services[-1])))
        limit, _ = file.rules.limit(PERIOD, began, file.region)
        try:
            last = count(limit, began, (), file.rules.calendar).due
        except CalendarUnknown:
            continue
        if last is not None and recorded(row) < end_of(last):
            yield row, f"“{step.label}”时，事先告知后陈述申辩的期限尚未届满，当事人也没有放弃"


def _decided(file: CaseFile) -> Iterator[tuple[Row, Step]]:
    """The rows that decide what the party is to be told of before, by the present release."""
    for row in file.rows:
        step = file.step_of(row)
        if by_itself(row):
            continue
        if (
            _asks(step, PriorContent)
            or _ends_as_told(file, row)
            or refuses_for_false_material(step.name, read(Refusal, input_of(row)))
        ):
            yield row, step


def _asks(step: Step, fact: type) -> bool:
    return any(fact in guard.facts for guard in step.guards)


def _ends_as_told(file: CaseFile, row: Row) -> bool:
    """Whether it ends a book entry on a ground that the authority itself has found."""
    if row.header["name"] != DEREGISTER:
        return False
    ground = read(Deregistration, input_of(row)).ground
    ending = ENDINGS.get(file.process.key, {}).get(ground)
    return ending is not None and ending.told


def _told_by(file: CaseFile, row: Row) -> Telling:
    """The notice that what a row decides rests on."""
    taken = {one.header["name"] for one in file.before(row)}
    return telling_of(file.process, row.header["name"], taken)


def _notice(file: CaseFile, row: Row, told_by: Telling) -> tuple[Row | None, Sequence[Row]]:
    """The latest notice before a row, and the rows between the two."""
    earlier = file.before(row)
    names = [one.header["name"] for one in earlier]
    # What was told before a decision that was quashed carries no other.
    earlier = earlier[len(names) - len(_after(names, BRING_BACK)) :]
    given = [n for n, one in enumerate(earlier) if one.header["name"] == told_by.give]
    return (earlier[given[-1]], earlier[given[-1] + 1 :]) if given else (None, earlier)


def _services(file: CaseFile, notice: Row, since: Sequence[Row], told_by: Telling) -> list[Row]:
    """The rows by which that very notice was served."""
    serving = file.serving(told_by.of)
    return [
        row
        for row in since
        if row.header["name"] in serving
        and any(
            paper["seq"] == notice.seq
            for receipt in receipts_told(row.payload, told_by.of)[-1:]
            for paper in receipt["documents"]
        )
    ]


def _after(names: Sequence[str], *steps: str) -> Sequence[str]:
    """The names that come after the last of these steps; all of them where none was taken."""
    taken = [n for n, name in enumerate(names) if name in steps]
    return names[taken[-1] + 1 :] if taken else names
