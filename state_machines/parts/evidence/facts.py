"""The evidence register (证据)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Collectors:
    """Who collected an item: how many persons, how many the law wants, and whose certificate did
    not hold that day."""

    persons: int
    wanted: int
    uncertified: tuple[str, ...]


@dataclass(frozen=True)
class CollectionDay:
    """The day on which an item was collected, and the day on which it is entered."""

    collected_on: date
    entered_on: date


@dataclass(frozen=True)
class DeviceRecord:
    """Whether a device (电子技术监控设备) recorded something on file, and whether all of that was
    looked at, in law and in technique, by somebody who did not collect it."""

    by_device: bool
    legally_reviewed: bool
    technically_reviewed: bool


@dataclass(frozen=True)
class Substance:
    """Whether there is a file of the item, or at least its description."""

    file: bool
    described: bool


@dataclass(frozen=True)
class ReviewedEvidence:
    """The register's digest when the latest legal review passed (empty: none has), and now.

    `changed` names the items that were added, replaced or withdrawn in between."""

    passed: str
    now: str
    changed: tuple[str, ...]


@dataclass(frozen=True)
class EvidenceOnFile:
    """What stands in the register, of the case or of one that handed it over: how many records of
    the scene or of what somebody said (also that it was refused) are there as a file, and what is
    cited as evidence without standing there. `law` is what asks for it."""

    records: int
    unregistered: tuple[str, ...]
    law: str


@dataclass(frozen=True)
class DeviceReviewer:
    """Who looks at an item: whether a device recorded it, whether that person collected or entered
    it, and whether its law is looked at by a legal reviewer, its technique by an officer."""

    by_device: bool
    collected_it: bool
    fit: bool


@dataclass(frozen=True)
class EvidenceTold:
    """Titles of what came into the register, or was replaced there, after the latest notice to the
    party, and not from the party itself."""

    since: tuple[str, ...]
    law: str
