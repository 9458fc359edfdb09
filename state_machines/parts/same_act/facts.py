"""Whether the act in hand (违法行为) was punished before, or let off."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SameAct:
    """What the party's other cases made of the act that is to be punished (处罚法29, 33).

    `fined` and `exempted` are cases in which the same act, as far as the file tells, was fined or
    let off already, each as told; those that the file tells apart from this one are left out.
    `fines`: whether this step fines, `spot`: whether on the spot.
    """

    fines: bool
    spot: bool
    fined: tuple[str, ...]
    exempted: tuple[str, ...]


@dataclass(frozen=True)
class DifferenceTold:
    """Cases that the file tells apart from this one only since the party had its notice."""

    untold: tuple[str, ...]


@dataclass(frozen=True)
class EarlierCase:
    """A case that is told apart: the number that was written, and whether it is one of the same
    party that is known here."""

    number: str
    known: bool


@dataclass(frozen=True)
class FinesInForce:
    """Other cases of the party in which the act that this case fines is fined as well, each as
    told: after a court gave a quashed decision back its force, say."""

    besides: tuple[str, ...]
