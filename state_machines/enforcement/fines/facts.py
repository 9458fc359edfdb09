"""What collecting a fine (执行) is judged by. Sums in yuan as text with two places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class PaidUp:
    """Whether the case stands as paid (已缴清)."""

    paid: bool


@dataclass(frozen=True)
class Debt:
    """What a party owes on a day: fine, what is confiscated, late fee, less what was paid.

    `explained` tells how the late fee came about.
    """

    on: date
    fine: str
    confiscated: str
    fee: str
    paid: str
    left: str
    explained: str

    @property
    def owed(self) -> bool:
        """Whether anything is left to pay."""
        return self.left != "0.00"


@dataclass(frozen=True)
class Settlement:
    """What is left to pay; whether a sum is part of the sentence that stands, and what else is (a
    warning needs nothing to be done)."""

    left: str
    sums: bool
    other_duties: tuple[str, ...]


@dataclass(frozen=True)
class PlanHeld:
    """How many parts of a granted plan are open, and what should have been paid by now."""

    open_parts: int
    overdue: str


@dataclass(frozen=True)
class PaymentMade:
    """One payment as it is entered."""

    amount: str
    on: date
    today: date
    since: date
    voucher: str
    used: bool
    on_the_spot: bool
    spot_most: str
    simple: bool


@dataclass(frozen=True)
class PlanProposed:
    """A plan of instalments: what it comes to, against what is left to pay without a late fee;
    whether its dates rise from after today to its end."""

    total: str
    left: str
    rising: bool
    until: date
    latest: date


@dataclass(frozen=True)
class AgreementProposed:
    """An agreement on execution as it is entered: whether the signed paper is on file; what its
    parts come to against the principal that is open, and their days, as of a plan; whether it
    remits, how much is wanted where it is a part, whether what the party mended is told and proved
    by what is on file."""

    paper: str
    on_file: bool
    parts: int
    total: str
    principal: str
    rising: bool
    until: date
    latest: date
    remits: bool
    sum_fits: bool
    fee_open: str
    mended: bool
    mending_proved: bool
    lapses: bool


@dataclass(frozen=True)
class RefundDue:
    """What is entered as given back, against what is to be; its day against those it may bear."""

    amount: str
    overpaid: str
    on: date
    since: date
    today: date
    voucher: str
    used: bool


@dataclass(frozen=True)
class AccountDay:
    """The day as of which an account is drawn up, against those that it may be."""

    on: date
    since: date
    today: date


@dataclass(frozen=True)
class TimeAsked:
    """Whether the party asked for more time (处罚法66) since the decision."""

    asked: bool


@dataclass(frozen=True)
class LastDay:
    """A day that is set, today, and the last one that may be set."""

    until: date
    today: date
    latest: date


@dataclass(frozen=True)
class InstalmentDue:
    """The next instalment: its number, its sum, its last day; how many come after it."""

    number: int
    amount: str
    due: date
    after: int
    today: date


@dataclass(frozen=True)
class UrgingTime:
    """The last day that the 催告 leaves, and whether it is over."""

    until: date | None
    over: bool


@dataclass(frozen=True)
class CourtTerm:
    """When the authority may apply to the court (强制法53, 处罚法72): after `suit_over`, the last
    day of the party's time to sue, and until `last_day`; `from_` is what the term counts from."""

    suit_over: date
    start: date
    last_day: date
    today: date


@dataclass(frozen=True)
class Recovered:
    """What the court recovered, and the most that can be owed: fine, confiscation and full fee."""

    amount: str
    most: str
    on: date
    today: date


@dataclass(frozen=True)
class ExecutionRest:
    """Why execution is to end: for want of means after three years, or since the decision was
    quashed; whether it rests, and the day on which it has for three years."""

    three_years: bool
    quashed: bool
    resting: bool
    over_on: date | None
    today: date


@dataclass(frozen=True)
class PaymentCorrected:
    """A payment as it is put right: whether the case has one by that voucher, its day against the
    days that it may bear, and whether the right voucher was entered before."""

    voucher: str
    known: bool
    changes: bool
    on: date
    since: date
    today: date
    used: bool


@dataclass(frozen=True)
class ExecutedUp:
    """Whether the case stands as executed by the court (执行完毕)."""

    executed: bool


@dataclass(frozen=True)
class EndProved:
    """Whether the ground on which execution ends wants a proof of its own, and whether the evidence
    register has what the form names as such."""

    wanted: bool
    registered: bool
