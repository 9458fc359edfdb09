"""Statement, defence and hearing (陈述申辩、听证): what the party may still do, and did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class HearingRight:
    """What decides whether the party may ask for a hearing: what it was told will be decided.

    Sums in yuan as decimal text; `by_rule`: the authority's rule grants it whatever is decided.
    """

    kinds: tuple[str, ...]
    fine: str
    fine_from: str
    confiscated: str
    confiscated_from: str
    by_rule: bool
    law: str


@dataclass(frozen=True)
class Heard:
    """Where statement, defence and hearing stand since the latest notice, on the legal date."""

    stated: bool
    waived: bool
    until: date | None
    over: bool
    hearing_done: bool
    hearing_waived: bool
    hearing_until: date | None
    hearing_over: bool
    law: str


@dataclass(frozen=True)
class HearingRequestTime:
    """The day on which a hearing is asked for, the last one for it, and an earlier waiver."""

    asked_on: date
    until: date | None
    waived: bool


@dataclass(frozen=True)
class HearingDay:
    """The day fixed for the hearing, today, and the last day on which to tell the party of it."""

    on: date
    today: date
    tell_by: date
    law: str


@dataclass(frozen=True)
class Openness:
    """Whether the hearing is open to the public, and if not why."""

    open: bool
    closed_because: str


@dataclass(frozen=True)
class NamedChair:
    """Whom the notice of hearing names: whether he may chair here, and what else he did in it."""

    name: str
    appointed: bool
    did: tuple[str, ...]
    law: str


@dataclass(frozen=True)
class Presiding:
    """Acting persons who are not the chair that the notice of hearing named."""

    strangers: tuple[str, ...]


@dataclass(frozen=True)
class HearingOpened:
    """The day on which the hearing was to be, and the day of what is recorded of it."""

    on: date
    today: date


@dataclass(frozen=True)
class MinuteSigned:
    """Whether the party refused to sign the minutes, and whether that was noted."""

    refused: bool
    noted: bool
