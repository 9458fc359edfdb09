"""Facts that guards read, narrow and typed: the back office gathers them and logs them.

A guard names the facts it needs by the types of its parameters, so each type says one thing only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class PlaceRecord:
    """What else is going on at the same premises (场所). Numbers of cases, or None."""

    open_application: str | None
    standing_licence: str | None


@dataclass(frozen=True)
class PlaceKind:
    """How the law treats this kind of place: `licence`, `filing` (备案), `other` or `none`."""

    kind: str
    label: str
    treatment: str
    law: str


@dataclass(frozen=True)
class Materials:
    """Labels of required items of the materials list (材料清单) that were not handed in."""

    missing: tuple[str, ...]


@dataclass(frozen=True)
class Deferral:
    """Labels of items that were to follow later (容缺) though the published list says no."""

    not_deferrable: tuple[str, ...]


@dataclass(frozen=True)
class DeferredItems:
    """Labels of the items promised for later (容缺) that have not come in."""

    outstanding: tuple[str, ...]


@dataclass(frozen=True)
class Supplement:
    """Labels of the items the supplement list (补正清单) asked for that have not come in."""

    outstanding: tuple[str, ...]


@dataclass(frozen=True)
class CreditStanding:
    """What closes the promise route to this party on the legal date (信用状况)."""

    unrepaired: tuple[str, ...]
    revoked_before: bool
    repair_restores: bool


@dataclass(frozen=True)
class Signatory:
    """In what capacity the person acts for the party: `representative`, `agent` or None, and
    whether it is this person who signs."""

    capacity: str | None
    may_promise: bool
    name: str
    signs: bool


@dataclass(frozen=True)
class ApplicationBar:
    """Until when the party may not apply again (许可法78, 79), and why; None if it may."""

    until: date | None
    reason: str
    law: str


@dataclass(frozen=True)
class RegisteredName:
    """What the application says against the business licence (营业执照) as registered.

    `named` fits if one of the two names begins with the other; `explained` is the clerk's note.
    """

    name: str
    registered: str
    named: bool
    explained: bool
    representative: str
    represented: bool


@dataclass(frozen=True)
class QuizAnswers:
    """How the questions of the pre-licence education (准入前诚信教育) were answered: how many were
    to be, and for each wrong or missing one what is right and by which article."""

    asked: int
    wrong: tuple[str, ...]


@dataclass(frozen=True)
class Education:
    """Whether the pre-licence education is asked for here, and was completed."""

    required: bool
    done: bool


@dataclass(frozen=True)
class ReadyBy:
    """Until when the conditions are promised to be met, today, and the last day allowed."""

    by: date | None
    today: date
    latest: date


@dataclass(frozen=True)
class PaperPromise:
    """Whether the promise was made at the counter, and its signed paper kept as a scan."""

    at_counter: bool
    kept: bool


@dataclass(frozen=True)
class Appointment:
    """The day of a look that is booked, today, and the last day that may be booked."""

    on: date
    today: date
    latest: date


@dataclass(frozen=True)
class RemoteLook:
    """Whether the look was by video, was booked so before, and how many pictures are kept."""

    remote: bool
    booked: bool
    pictures: int


@dataclass(frozen=True)
class LicenceStanding:
    """The state of the licence that an application is about."""

    state: str
    label: str


@dataclass(frozen=True)
class ConditionsReported:
    """Whether the holder has reported that the promised conditions are met."""

    reported: bool


@dataclass(frozen=True)
class RenewalTime:
    """When the renewal was filed, the last day in time, and the rule for late ones (延续)."""

    filed_on: date
    last_day: date
    late_accepted: bool


@dataclass(frozen=True)
class OpenBusiness:
    """Numbers of cases about the same licence that have not ended (在办事项)."""

    cases: tuple[str, ...]


@dataclass(frozen=True)
class EndingGround:
    """In which state a licence is to be deregistered, and on which ground (许可法70)."""

    state: str
    label: str
    ground: str


@dataclass(frozen=True)
class Change:
    """What a change asks for, which entries of the certificate it changes, and whether the holder
    is a natural person, whose licence nobody else can take over."""

    kind: str
    changed: tuple[str, ...]
    of_person: bool


@dataclass(frozen=True)
class PlaceFilings:
    """The number of a filing (备案) that stands or is underway for the same place, or None."""

    number: str | None


@dataclass(frozen=True)
class Delegation:
    """Whether the window holds the power to decide (首席代表授权), and whether it is using it."""

    acts_as_window: bool
    window_may_grant: bool


@dataclass(frozen=True)
class Proof:
    """On what a grant rests: a promise, or a site check (现场核查) and its outcome."""

    promised: bool
    checked: bool
    all_met: bool


@dataclass(frozen=True)
class ExtendedLimit:
    """The limit that a step extends (延长): whether it was extended before, whether it is over."""

    extended: bool
    over: bool


@dataclass(frozen=True)
class StoppedLimit:
    """Whether the limit that a step extends is stopped (中止) at present."""

    stopped: bool


@dataclass(frozen=True)
class PauseSpan:
    """From when to when a technical review (技术审查) is expected to last."""

    first: date
    last: date


@dataclass(frozen=True)
class NamedInspectors:
    """The persons to be sent: how many, and those without a valid certificate that day."""

    count: int
    uncertified: tuple[str, ...]


@dataclass(frozen=True)
class Assignment:
    """Names of acting officers whom the assignment (指派) did not name."""

    strangers: tuple[str, ...]


@dataclass(frozen=True)
class Tries:
    """How often somebody was tried to be reached (联系), and how often it must be at least."""

    made: int
    least: int


@dataclass(frozen=True)
class Findings:
    """Clauses of the promise found broken at the latest inspection or recheck."""

    broken: tuple[str, ...]


@dataclass(frozen=True)
class Defence:
    """Where the right to a statement and defence (陈述申辩) stands on the legal date."""

    stated: bool
    waived: bool
    period_ends: date | None
    period_over: bool


@dataclass(frozen=True)
class ReviewBinding:
    """Whether a legal review passed, and whether it passed exactly what is now to be decided."""

    passed: bool
    same_content: bool


@dataclass(frozen=True)
class PublicHarm:
    """Whether revoking would do major harm to the public interest (重大公共利益损害)."""

    major: bool


@dataclass(frozen=True)
class EquipmentScope:
    """Which equipment keeps an application from being joint here, each with who is competent."""

    outside: tuple[str, ...]


@dataclass(frozen=True)
class DepartmentLists:
    """What the departments asked for and a merged supplement list (合并补正) leaves out."""

    left_out: tuple[str, ...]


@dataclass(frozen=True)
class DepartmentAsks:
    """What the departments asked for at the pre-check and has not come in since."""

    outstanding: tuple[str, ...]


@dataclass(frozen=True)
class Reviews:
    """The items that a department's examination did not pass."""

    failed: tuple[str, ...]


@dataclass(frozen=True)
class ItemReview:
    """Whether the examination of the item that is to be decided on ended with a pass."""

    passed: bool


@dataclass(frozen=True)
class Decisions:
    """How many items of a joint matter were granted, and how many refused."""

    granted: int
    refused: int


@dataclass(frozen=True)
class Holding:
    """Whether the authority's rule lets a certificate be held on request, and until when."""

    allowed: bool
    until: date
    today: date
    latest: date
