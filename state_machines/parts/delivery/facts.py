"""Facts about serving documents (送达)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

# What decides, by the end of its title: it has no effect for its party before it is served.
DECIDES = ("决定书", "认定书")


@dataclass(frozen=True)
class ServiceProof:
    """What stands behind one receipt.

    `recorded`: pictures or a video of it are on file; `slip`: the return slip is; `consented_on`:
    the day on which the party agreed in writing to be served electronically, with the signed paper
    on file. `online_review`: the authority offers to ask for 复议 online.
    """

    way: str
    receiver: str
    citizen: bool
    on: date
    signed: bool
    refusal: bool
    witnessed: bool
    recorded: bool
    mailing_number: bool
    slip: bool
    through: bool
    consented_on: date | None
    electronic_address: bool
    online_review: bool


@dataclass(frozen=True)
class ServiceDay:
    """The day of service, beside the day the documents were made and the day of entry."""

    on: date
    issued_on: date
    today: date


@dataclass(frozen=True)
class ToServe:
    """Titles of documents: named in the receipt but not waiting to be served (`unknown`), waiting
    before it, and still waiting after it."""

    unknown: tuple[str, ...]
    waiting: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True)
class WaysTried:
    """The different ways that were tried and failed, how many are wanted, the day of the last try,
    and the day of the announcement."""

    failed: tuple[str, ...]
    wanted: int
    last: date | None
    announced_on: date


@dataclass(frozen=True)
class AnnouncedTime:
    """Of what waits to be served: whether it was announced since it was made, the last day of the
    announcement, and whether that has run, since its day and since its entry."""

    announced: bool
    until: date | None
    over: bool


@dataclass(frozen=True)
class Consent:
    """A paper in which a party says where it may be served: whether the party itself fills it in,
    whether a signed copy is on file, and whether an electronic address is there if it is agreed."""

    by_party: bool
    paper: bool
    complete: bool
