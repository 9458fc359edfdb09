"""What an exemption from penalty (不予处罚) is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class NamedHandlers:
    """The persons to handle a case: how many, and those without a valid certificate that day."""

    count: int
    uncertified: tuple[str, ...]


@dataclass(frozen=True)
class Handling:
    """Names of acting officers whom the filing (立案) did not name; none where none were named."""

    strangers: tuple[str, ...]


@dataclass(frozen=True)
class Limitation:
    """Days of an act: done on, found on, and the last day on which it may be found (处罚法36)."""

    act_on: date
    found_on: date
    last_day: date
    today: date
    length: str


@dataclass(frozen=True)
class SpotRoute:
    """Whether the authority's rule lets a case be filed and corrected on the spot (当场)."""

    open: bool


@dataclass(frozen=True)
class InvestigationDone:
    """Whether the facts have been looked into."""

    done: bool


@dataclass(frozen=True)
class CorrectionDay:
    """The day until which to correct, the legal date, and the last day that may be set."""

    until: date
    today: date
    latest: date


@dataclass(frozen=True)
class RecheckResults:
    """What a recheck found: items not corrected, items ordered that it says nothing of, and when
    it was all put right against when it was ordered and today."""

    uncorrected: tuple[str, ...]
    forgotten: tuple[str, ...]
    corrected_on: date | None
    ordered_on: date
    today: date


@dataclass(frozen=True)
class CorrectionTime:
    """Whether the party still has time to correct, and whether it refused expressly."""

    until: date
    over: bool
    refused: bool


@dataclass(frozen=True)
class Correction:
    """How an act was corrected (改正): whether at all, in time, and with evidence in the file."""

    made: bool
    in_time: bool
    evidenced: bool


@dataclass(frozen=True)
class HarmFound:
    """The harm (危害后果) that a checklist found: `none`, `slight` or `serious`."""

    degree: str


@dataclass(frozen=True)
class Slightness:
    """Whether the checklist found the act slight (轻微)."""

    slight: bool


@dataclass(frozen=True)
class FormerRecord:
    """What the party did before of the same kind (同类记录), each as told, since `since`; and
    whether the handler found more elsewhere."""

    same_kind: tuple[str, ...]
    since: date
    length: str
    elsewhere: bool


@dataclass(frozen=True)
class ExcludedKind:
    """Why a first offence of this kind is not exempted, or an empty text."""

    why: str


@dataclass(frozen=True)
class ListEntry:
    """The entry of a published list (清单) that a checklist relies on, and what is wrong there."""

    key: str
    wrong: str


@dataclass(frozen=True)
class FaultProof:
    """Whether the party handed in proof of having no fault, and whether it was found enough."""

    handed_in: bool
    proved: bool


@dataclass(frozen=True)
class Age:
    """Whether the party was under fourteen on the day of the act (处罚法30)."""

    under_fourteen: bool


@dataclass(frozen=True)
class OtherGround:
    """The other ground of law that a checklist names, whether the party is a natural person and
    under fourteen, and whether the act is time-barred."""

    ground: str
    natural_person: bool
    under_fourteen: bool
    time_barred: bool
    guardian: bool


@dataclass(frozen=True)
class Checklist:
    """Which checklist (核对表) was made after all that was found: minor, first, no_fault, other, or
    an empty text."""

    door: str


@dataclass(frozen=True)
class WouldBeFine:
    """The fine that there would have been, against the step of discretion: `range` is its text,
    empty if the violation has no fine at that stage. `unknown` is a code nobody knows."""

    unknown: str
    fits: bool
    range: str
