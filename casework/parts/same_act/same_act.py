"""Whether two cases of a party are about the same act (同一违法行为, 处罚法29), as the file tells.

What a party did or was found to do on the same day is presumed to be one act, whichever provisions
it broke. So is what officers saw on the same day at the same place, by their records of the scene,
whatever days a lead says. So is the same violation at the same place that went on: until the day is
over on which it was to be corrected, or on which a decision was served, it is one act; what goes on
after that is another. Only facts that tell two acts apart rebut this (`distinctions_of`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from casework.acts.deliveries import entry_of
from casework.acts.handed_in import day_of
from casework.acts.successions import line_of
from casework.common.texts import folded
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs, read
from casework.models import Authority, Case, LogRow
from casework.parts.remedies import decision_in_force as standing
from state_machines.enforcement.exemption.forms import (
    CHECK_OTHER,
    CORRECT_ON_THE_SPOT,
    EXEMPT,
    ORDER_CORRECTION,
    OtherGround,
    ViolationNamed,
)
from state_machines.enforcement.penalty.forms import DECIDE, RELEASE
from state_machines.enforcement.simple_penalty.forms import PUNISH
from state_machines.parts.approvals.measures import FINES
from state_machines.parts.records.forms import RECORD_SCENE, SceneRecord
from state_machines.parts.same_act import forms
from state_machines.parts.same_act.forms import Conducted
from state_machines.parts.same_act.part import DISTINGUISH

# What ends in a penalty, or in the decision that there is none.
PROCESSES = ("penalty", "simple_penalty", "first_offence_exemption")
_DECIDED = (DECIDE, PUNISH, EXEMPT, RELEASE)
# By what something is over on its very day: decided, or corrected, on the spot.
_AT_ONCE = (PUNISH, CORRECT_ON_THE_SPOT, EXEMPT)
# What was not proved may be, once there is proof (处罚法57第一款第三项); how a release says so.
_UNPROVED = "违法事实不能成立"

_HOUSE = re.compile(r".{2,}?\d+号")

# The days and places (as folded text) of records of the scene.
Scenes = frozenset[tuple[date, str]]


@dataclass(frozen=True)
class Conduct:
    """What was done: on which day (the last one, if it went on), found when, where, against which
    violation (its code, folded), and the day `until` which whatever goes on belongs to it; without
    one all of it does. `scenes` are the records of what officers saw of it, `house` is its address
    as far as the house number."""

    act_on: date | None
    found_on: date | None
    place_id: int | None
    violation: str
    until: date | None
    scenes: Scenes = frozenset()
    house: str = ""

    def is_of(self, other: Conduct) -> bool:
        """Whether both are presumed to be the same act."""
        if self._was_seen_with(other):
            return True
        if _after(self, other) or _after(other, self):
            return False
        if self.act_on == other.act_on or self.found_on == other.found_on:
            return True
        return self.violation == other.violation and self._is_beside(other)

    def _is_beside(self, other: Conduct) -> bool:
        """Whether both were at one place: at one house number, whichever room is named behind."""
        places = {self.place_id, other.place_id}
        if len(places) == 1 or None in places:
            return True
        mine, its = self.house, other.house
        return bool(mine and its) and (mine.endswith(its) or its.endswith(mine))

    def _was_seen_with(self, other: Conduct) -> bool:
        """Whether one look at one place found both (现场笔录)."""
        if self.scenes & other.scenes:
            return True
        days = {day for day, _ in self.scenes} & {day for day, _ in other.scenes}
        return bool(days) and self._is_beside(other)


@dataclass(frozen=True)
class OtherCase:
    """Another case of the same party, what it is about, and what it came to.

    `fined`: a fine stands in it; `exempted`: it was decided not to punish what was done.
    """

    number: str
    process: str
    version: str
    state: str
    authority_id: int
    authority: str
    conduct: Conduct
    data: Mapping[str, Any]
    decided_on: date | None
    fined: bool
    exempted: bool


@dataclass(frozen=True)
class Distinction:
    """What tells a case apart from another one, and which row of its log says so: 0 if that was
    said already in the case it comes from."""

    seq: int
    case: str
    differs_in: tuple[str, ...]
    statement: str

    @property
    def text(self) -> str:
        """As letters print it."""
        apart = "、".join(self.differs_in)
        return f"本案与{self.case}号案件不是同一个违法行为（{apart}不同）：{self.statement}"


def conduct_of(
    said: Conducted,
    place_id: int | None,
    inputs: Inputs,
    before: Inputs | None,
    days: Mapping[str, date],
    scenes: Scenes = frozenset(),
) -> Conduct:
    """What was done, as a lead or a referral has `said` it and the `inputs` of its case go on to.

    `before` are those of the case it comes from, `days` those on which steps were taken.
    """
    codes = [
        violation_named.violation
        for violation_named in inputs.saying(ViolationNamed)
        if violation_named.violation
    ]
    code = codes[-1] if codes else said.violation
    return Conduct(
        said.act_on,
        said.found_on,
        place_id,
        code.casefold(),
        _until(inputs, before, days),
        scenes,
        _house(said.address or ""),
    )


def _house(address: str) -> str:
    found = _HOUSE.match(folded(address))
    return found[0] if found else ""


def other_cases(
    session: Session, party_id: int, on: date, *, besides: int | None = None, anew: bool = False
) -> list[OtherCase]:
    """What else is known of a party, at whichever authority, the oldest first, without the case
    `besides`; cases under the codes it bore before are its own. A proof, which believes no head of
    a log, has them read `anew`."""
    # Columns, not cases: what another transaction has just decided must be seen.
    heads = [
        _Head(*row)
        for row in session.execute(
            select(Case.id, Case.head_hash, _ORIGIN.head_hash, Authority.name)
            .join(Authority, Case.authority_id == Authority.id)
            .outerjoin(_ORIGIN, Case.origin_id == _ORIGIN.id)
            .where(Case.party_id.in_(line_of(party_id, on)), Case.process.in_(PROCESSES))
            .order_by(Case.id)
        )
        if row.id != besides
    ]
    known = {
        head.id: other_case for head in heads if not anew and (other_case := _AT_HAND.get(head))
    }
    if unknown := {head.id: head.authority for head in heads if head.id not in known}:
        if len(_AT_HAND) > _MOST_AT_HAND:
            _AT_HAND.clear()
        for head, other_case in _read_cases(session, unknown):
            known[head.id] = other_case
            if not anew:
                _AT_HAND[head] = other_case
    return [known[head.id] for head in heads]


class _Head(NamedTuple):
    """What a case said up to a row of its log; that never changes."""

    id: int
    hash: str
    hash_of_origin: str | None
    authority: str


_ORIGIN = aliased(Case)
# A party with many cases is asked for at each step of each of them.
_AT_HAND: dict[_Head, OtherCase] = {}
_MOST_AT_HAND = 2000


def _read_cases(
    session: Session, authorities: Mapping[int, str]
) -> Iterator[tuple[_Head, OtherCase]]:
    """Cases by their ids, each with the name of its authority."""
    rows = session.execute(
        select(
            Case.id,
            Case.number,
            Case.process,
            Case.version_digest,
            Case.state,
            Case.place_id,
            Case.data,
            Case.authority_id,
            Case.head_hash,
            Case.origin_id,
            _ORIGIN.data.label("before"),
            _ORIGIN.head_hash.label("hash_before"),
        )
        .outerjoin(_ORIGIN, Case.origin_id == _ORIGIN.id)
        .where(Case.id.in_(authorities))
    ).all()
    days = _days_of(session, list(authorities))
    seen = scenes_of(session, [(row.id, row.origin_id) for row in rows])
    for row in rows:
        inputs, taken, authority = Inputs(row.data), days.get(row.id, {}), authorities[row.id]
        yield (
            _Head(row.id, row.head_hash, row.hash_before, authority),
            OtherCase(
                number=row.number,
                process=row.process,
                version=row.version_digest,
                state=row.state,
                authority_id=row.authority_id,
                authority=authority,
                conduct=conduct_of(
                    inputs.application(Conducted),
                    row.place_id,
                    inputs,
                    Inputs(row.before) if row.before else None,
                    taken,
                    seen[row.id],
                ),
                data=row.data,
                decided_on=max((taken[step] for step in _DECIDED if step in taken), default=None),
                fined=any(measure.kind in FINES for measure in standing.in_force(inputs)),
                exempted=_exempted(inputs),
            ),
        )


def scenes_of(
    session: Session, cases: Sequence[tuple[int, int | None]]
) -> dict[int, frozenset[tuple[date, str]]]:
    """The records of the scene (现场笔录) of cases and of those they come from, each by its day and
    place; `cases` are ids with the id of the origin."""
    wanted = {one for pair in cases for one in pair if one is not None}
    rows = session.execute(
        select(LogRow.case_id, LogRow.header, LogRow.payload)
        .where(
            LogRow.case_id.in_(wanted),
            LogRow.header["kind"].as_string() == "step",
            LogRow.header["name"].as_string() == RECORD_SCENE,
        )
        .order_by(LogRow.seq)
    )
    found: dict[int, set[tuple[date, str]]] = {}
    for case_id, header, payload in rows:
        day = legal_date(datetime.fromisoformat(header["effective_at"]))
        scene_record = read(SceneRecord, payload.get("input", {}))
        found.setdefault(case_id, set()).add((day, folded(scene_record.place)))
    return {
        case: frozenset(found.get(case, set()) | found.get(origin or 0, set()))
        for case, origin in cases
    }


def distinctions_of(session: Session, case: Case) -> dict[str, Distinction]:
    """What tells the case apart from others, by their numbers: the latest word on each, said in
    this case or before it in the one it comes from."""
    cases = [one for one in (case.origin_id, case.id) if one is not None]
    rows = session.execute(
        select(LogRow.case_id, LogRow.seq, LogRow.payload)
        .where(LogRow.case_id.in_(cases), LogRow.header["name"].as_string() == DISTINGUISH.name)
        .order_by(LogRow.case_id == case.id, LogRow.seq)
    )
    found: dict[str, Distinction] = {}
    for case_id, seq, payload in rows:
        said = read(forms.Distinction, payload["input"])
        own = seq if case_id == case.id else 0
        found[said.case] = Distinction(own, said.case, tuple(said.differs_in), said.statement)
    return found


def told_apart(session: Session, case: Case) -> str:
    """What tells the case apart from others, a paragraph for each; empty if nothing needs to."""
    return "\n".join(one.text for one in distinctions_of(session, case).values())


def _after(one: Conduct, other: Conduct) -> bool:
    """Whether one was done after the other was over; what was seen before that was not."""
    days = [day for day in (one.act_on, *(day for day, _ in one.scenes)) if day]
    return bool(days and other.until and min(days) > other.until)


def _until(inputs: Inputs, before: Inputs | None, days: Mapping[str, date]) -> date | None:
    """The day on which an act ends that goes on: when it was to be corrected, else when the
    decision on it was served."""
    order = inputs.at(ORDER_CORRECTION) or (before.at(ORDER_CORRECTION) if before else None)
    if order:
        return order.until
    served = [day_of(entry_of(inputs.data, of)["served_on"]) for of in ("decision", "release")]
    at_once = [days[step] for step in _AT_ONCE if step in days]
    return next(filter(None, served), None) or min(at_once, default=None)


def _exempted(inputs: Inputs) -> bool:
    if released := inputs.at(RELEASE):
        return not released.ground.startswith(_UNPROVED)
    checked = inputs.at(CHECK_OTHER)
    unproved = checked is not None and checked.ground == OtherGround.UNPROVEN
    return EXEMPT in inputs and not unproved


def _days_of(session: Session, cases: list[int]) -> dict[int, dict[str, date]]:
    """The legal dates of the steps that matter here, by case."""
    rows = session.execute(
        select(LogRow.case_id, LogRow.header)
        .where(
            LogRow.case_id.in_(cases),
            LogRow.header["kind"].as_string() == "step",
            LogRow.header["name"].as_string().in_({*_DECIDED, *_AT_ONCE}),
        )
        .order_by(LogRow.seq)
    )
    found: dict[int, dict[str, date]] = {}
    for case_id, header in rows:
        instant = datetime.fromisoformat(header["effective_at"])
        found.setdefault(case_id, {})[header["name"]] = legal_date(instant)
    return found
