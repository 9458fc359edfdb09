"""What a penalty (行政处罚) is judged by: the party, the violation, the sum, what was ordered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Culpability:
    """Whether the party can be punished (处罚法30, 31): its age on the day of the act, whether it
    could tell and control what it did, and since which day it is no more, if it is not."""

    under_fourteen: bool
    under_eighteen: bool
    incapable: bool
    lighter: bool
    gone_on: date | None


@dataclass(frozen=True)
class PartyEnd:
    """How the party is said to have ended, `death`, `dissolution` or another ground (`""`), and
    which of both can befall one of its kind."""

    said: str
    may_die: bool
    may_dissolve: bool


@dataclass(frozen=True)
class PartyEndProof:
    """What stands behind it that a party is said to be no more: whether a paper in the register is
    named, and who goes on in its place by what was confirmed (主体代码变更)."""

    registered: bool
    successor: str


@dataclass(frozen=True)
class ReleaseFound:
    """On which article a release rests (`""` where the form names none, `other` where it must), and
    what the file has for it: the party's age and kind, earlier records of the same kind, why the
    kind of violation is excluded, whether it was corrected in time, and whether a proof in the
    register is named."""

    other: bool
    article: str
    under_fourteen: bool
    natural_person: bool
    former: tuple[str, ...]
    excluded: str
    corrected: bool
    time_barred: bool
    registered: bool


@dataclass(frozen=True)
class Details:
    """The measures whose details (内容) say more than the scope of that measure."""

    overstepping: tuple[str, ...]


@dataclass(frozen=True)
class Violated:
    """The violation that is named: `unknown` is a code nobody knows, else an empty text. `kinds`
    are the penalties the article has, `proposed` those of the sentence."""

    unknown: str
    label: str
    kinds: tuple[str, ...]
    proposed: tuple[str, ...]


@dataclass(frozen=True)
class FineProposed:
    """The fine of a sentence against its range; texts are empty where there is no range.

    `fines` is how many fines there are, `amount` their sum in yuan as text. `unsummed` are measures
    of money without a sum.
    """

    fines: int
    amount: str
    weight: str
    lawful: str
    in_law: bool
    below_law: bool
    step: str
    in_step: bool
    departure: bool
    unsummed: tuple[str, ...]


@dataclass(frozen=True)
class Circumstances:
    """What is said to make a penalty heavier or lighter, and what stands behind it.

    `former` are earlier records of the same kind, `failed` whether what was ordered is said not to
    be corrected, and `uncorrected` whether a recheck found that, `told` whether facts and evidence
    of it are written down.
    """

    weight: str
    heavier: tuple[str, ...]
    lighter: tuple[str, ...]
    repeated: bool
    former: tuple[str, ...]
    failed: bool
    uncorrected: bool
    told: bool


@dataclass(frozen=True)
class Ordered:
    """Whether the violation wants 责令改正, was ordered to be corrected, and whether a recheck is
    still to come."""

    wanted: bool
    ordered: bool
    unchecked: tuple[str, ...]


@dataclass(frozen=True)
class StageFound:
    """At which stage (情形) a sentence puts the violation, against what the file proves.

    `uncorrected`: an order to correct was served, its last day is over, and a recheck found that
    nothing was done; `not_so` says what of it is missing. `grave`: what makes the case grave, or a
    refusal of supervision, is written down. `milder`: the file proves a graver stage for which the
    article has a fine of its own, and `reasons` says why that is not used. `early` are the kinds of
    penalty that the article has only at other stages, each with those.
    """

    stage: str
    uncorrected: bool
    not_so: str
    grave: bool
    spot: bool
    milder: bool
    reasons: bool
    early: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class GravityTold:
    """Whether a decision rests on the gravity of the case (情节严重), whether the notice told of
    it, and whether the heads of the authority discussed it."""

    relied_on: bool
    told: bool
    discussed: bool


@dataclass(frozen=True)
class BasisCited:
    """The legal basis of a sentence against the articles that the catalogue has for the violation.

    `missing` are punishing articles that it does not cite, `strange` what it cites besides, `free`
    what it says that is no citation; `known` are all that it may cite.
    """

    missing: tuple[str, ...]
    strange: tuple[str, ...]
    free: str
    known: tuple[str, ...]


@dataclass(frozen=True)
class GoodsValued:
    """How many measures confiscate goods (没收非法财物) of which no value is written down."""

    unvalued: int


@dataclass(frozen=True)
class ClassDue:
    """The class (失信信息分类) that is said, and the gravest that follows from the measures by the
    rules of the day, or of the day of the decision where it is varied later."""

    said: str
    gravest: str


@dataclass(frozen=True)
class PublicityClass:
    """The class (失信信息分类) and publicity that a decision says, against its measures."""

    said: str
    least: str
    shown: bool
    to_be_shown: bool


@dataclass(frozen=True)
class FilingDay:
    """The day on which a lead is said to have been registered, and today."""

    filed_on: date
    today: date


@dataclass(frozen=True)
class SpotLimit:
    """A sentence against the limits of the simple procedure (处罚法51): kinds other than a warning
    and a fine, the fine, and the most it may be for this party."""

    others: tuple[str, ...]
    amount: str
    most: str
    over: bool
    signed: bool
    refusal: bool


@dataclass(frozen=True)
class SpotReport:
    """Whether a penalty on the spot was reported to the authority."""

    made: bool


@dataclass(frozen=True)
class JusticePaper:
    """What criminal justice decided, as it is entered: whether its paper is in the register, and
    the day on which it came against those that it may bear."""

    paper: str
    on_file: bool
    on: date
    since: date
    today: date


@dataclass(frozen=True)
class TransferKind:
    """For what a case is transferred."""

    crime: bool
