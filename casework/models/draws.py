"""Random draws (双随机抽取)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.base import Base, Json, Key


class Draw(Base):
    """One draw (抽取): whom to check, and by whom. It can only be added, and is chained with the
    draws of its authority before it, so that none is taken back unseen.

    `said` is the whole of it: the day, the seed, the candidates with their weights and a digest of
    them, what came out, and why it was drawn again. A later `round` of the same `number` draws
    officers anew, for one who stands aside (回避); the last one holds. What the plan of checks drew
    was `drawn_by` nobody.
    """

    __tablename__ = "draw"
    __table_args__ = (
        UniqueConstraint("number", "round"),
        UniqueConstraint("drawn_by", "key"),
        UniqueConstraint("authority_id", "previous"),
    )

    id: Mapped[Key]
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    number: Mapped[str]
    round: Mapped[int]
    said: Mapped[Json]
    drawn_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    previous: Mapped[str]
    hash: Mapped[str]
    key: Mapped[str | None]
