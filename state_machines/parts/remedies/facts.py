"""Facts about 行政复议 and 行政诉讼."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Remedies:
    """What is pending against the decision, and what has changed it, each by its Chinese name."""

    pending: tuple[str, ...]
    changed_by: tuple[str, ...]


@dataclass(frozen=True)
class Judgment:
    """How far a suit is: `instance` is of the judgment that is to be entered (审级); `at_once`
    says that it ends the suit without an appeal (撤诉、终止).

    While one of first instance may be appealed against (or has not been entered as in force since),
    `served_on` is when it was served, `until` the last day of that, `over` whether it has gone by.
    `appealed` says that somebody appealed against the last one.
    """

    instance: str
    at_once: bool
    served_on: date | None
    until: date | None
    over: bool
    appealed: bool


@dataclass(frozen=True)
class JudgedEnding:
    """A suit that is to be entered as over, against the judgment of first instance (行诉法69-78).

    `first` is what that was (`FirstResult`; empty where none was entered since the suit began),
    `fits` whether the step and result that are entered are what it leads to. `appealed` says that
    somebody appealed against it and did not withdraw that; `second` that one of second instance is
    entered, `own_paper` that it has a number of its own. `other_measures` says that the sentence
    entered is not the one that the judgment has.
    """

    first: str
    fits: bool
    appealed: bool
    second: bool
    own_paper: bool
    other_measures: bool


@dataclass(frozen=True)
class FirstSentence:
    """Whether a judgment of first instance varied the sentence, and whether it says to what."""

    varied: bool
    listed: bool


@dataclass(frozen=True)
class JudgmentEntered:
    """A judgment of first instance that is to be entered: when it was served, when the suit was
    filed, and of one after an appeal (发回重审) whether it names the ruling that sent the case back
    and has a number of its own."""

    served_on: date | None
    filed_on: date | None
    appealed: bool
    remanded: bool
    own_paper: bool


@dataclass(frozen=True)
class Appealed:
    """Whether an appeal is pending."""

    pending: bool


@dataclass(frozen=True)
class ComeBack:
    """Whether the case was given up because its decision fell, and whether that stands again."""

    given_up: bool
    stands: bool


@dataclass(frozen=True)
class Enforcer:
    """Which body enforces a penalty because it varied it on reconsideration; empty where that is
    the authority's own."""

    body: str


@dataclass(frozen=True)
class VariedSentence:
    """A sentence as 行政复议 or a court varied it, against the one that stood before.

    `leaves_it` says that the decision was merely found unlawful, `listed` whether measures are
    given. `other_kinds` are kinds of penalty that did not stand before, `raised` is in what those
    that did are heavier. `because` is the exception that is claimed (its name), `restored` whether
    the measures are no heavier than those once decided.
    """

    leaves_it: bool
    listed: bool
    other_kinds: tuple[str, ...]
    raised: tuple[str, ...]
    because: str
    restored: bool
