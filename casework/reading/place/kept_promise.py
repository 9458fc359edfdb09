"""Whether the promise that a licence was granted on was kept (告知承诺履行情况), as anybody may
read it: what officers found weighs on nobody before it is decided and served (令36)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.models import Case, LogRow
from casework.publicity.channel_lines import day_of
from state_machines.checks.commitment_check.forms import FIND_KEPT, INSPECT, RECHECK
from state_machines.checks.commitment_check.process import COMMITMENT_CHECK
from state_machines.licensing.licence.process import LICENCE


class Outcome(StrEnum):
    """What has become of a promise."""

    UNCHECKED = "unchecked"
    CHECKING = "checking"
    KEPT = "kept"
    BROKEN = "broken"
    CLOSED = "closed"


_LABELS = {
    Outcome.UNCHECKED: "尚未核查",
    Outcome.CHECKING: "已核查，尚未作出结论",
    Outcome.KEPT: "已核查，履行承诺",
    Outcome.BROKEN: "未履行承诺",
    Outcome.CLOSED: "核查已经结束，没有认定未履行承诺",
}
_LOOKS = (INSPECT, RECHECK)
_BROKEN = ("revocation_served", "deregistered", "breach_recorded")
_UNCHECKED = ("task_created", "assigned", "unreachable")


@dataclass(frozen=True)
class KeptPromise:
    """How it stands with a promise given on `promised_on`: `outcome` is what has become of
    it, `checked_on` is the day of the last look, if there was one."""

    promised_on: date
    checked_on: date | None
    outcome: Outcome
    label: str


def promises_of(session: Session, licences: Sequence[Case]) -> Mapping[int, KeptPromise]:
    """By the id of each licence how it stands with its latest promise; one that was not granted on
    a promise is not there."""
    families = {
        licence.family_id or licence.id: licence.id
        for licence in licences
        if licence.process == LICENCE.key
    }
    checks = session.scalars(
        select(Case)
        .where(Case.family_id.in_(families), Case.process == COMMITMENT_CHECK.key)
        .distinct(Case.family_id)
        .order_by(Case.family_id, Case.id.desc())
    ).all()
    taken = _taken(session, [check.id for check in checks])
    return {
        families[check.family_id or check.id]: _told(check, taken.get(check.id, {}))
        for check in checks
    }


def _taken(session: Session, checks: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The header of the latest look and finding of each check, by the step's name."""
    rows = session.execute(
        select(LogRow.case_id, LogRow.header)
        .where(
            LogRow.case_id.in_(checks),
            LogRow.header["name"].as_string().in_((*_LOOKS, FIND_KEPT)),
            LogRow.header["kind"].as_string() == "step",
        )
        .order_by(LogRow.case_id, LogRow.seq)
    )
    found: dict[int, dict[str, Any]] = {}
    for case_id, header in rows:
        found.setdefault(case_id, {})[header["name"]] = header
    return found


def _told(check: Case, taken: Mapping[str, Any]) -> KeptPromise:
    looks = [day_of(taken[step]) for step in _LOOKS if step in taken]
    outcome = _outcome(check, kept=FIND_KEPT in taken)
    return KeptPromise(
        promised_on=date.fromisoformat(check.data["application"]["promised_on"]),
        checked_on=max(looks, default=None),
        outcome=outcome,
        label=_LABELS[outcome],
    )


def _outcome(check: Case, *, kept: bool) -> Outcome:
    if check.state in _UNCHECKED:
        return Outcome.UNCHECKED
    if check.state in _BROKEN:
        return Outcome.BROKEN
    if kept:
        return Outcome.KEPT
    return Outcome.CLOSED if check.ended_at else Outcome.CHECKING
