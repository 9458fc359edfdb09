"""What an application is judged by: place, materials, supplement, name, bars."""

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
class PlaceFilings:
    """The number of a filing (备案) that stands or is underway for the same place, or None."""

    number: str | None


@dataclass(frozen=True)
class Delegation:
    """Whether the window holds the power to decide (首席代表授权), and whether it is using it."""

    acts_as_window: bool
    window_may_grant: bool
