"""Drawing by lot (双随机): from a seed and a list, by whole numbers only, so that anybody with a
calculator for SHA-256 can draw again and gets the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Lot:
    """What may be drawn, `weight` times as likely as one of weight 1; never with weight 0."""

    key: str
    weight: int = 1


def drawn(seed: str, purpose: str, lots: Sequence[Lot], number: int) -> tuple[str, ...]:
    """So many different keys, in the order in which they are drawn.

    For draw n (from 1) SHA-256 of "seed/purpose/n" is a number; its rest by the sum of the weights
    points to the first lot, in the order given, at which the running sum exceeds it. That lot is
    taken out. Raises ValueError if there are not so many.
    """
    left = [lot for lot in lots if lot.weight > 0]
    if len(left) < number:
        raise ValueError(f"{len(left)} lots are fewer than {number}")
    taken: list[str] = []
    for n in range(1, number + 1):
        digest = sha256(f"{seed}/{purpose}/{n}".encode()).hexdigest()
        point = int(digest, 16) % sum(lot.weight for lot in left)
        for lot in left:
            point -= lot.weight
            if point < 0:
                taken.append(lot.key)
                left.remove(lot)
                break
    return tuple(taken)
