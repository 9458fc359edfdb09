"""Ways out for notices (送达渠道). In the portal a notice can be read as soon as it is written."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy.orm import Session

from casework.models import Notice


class Channel(Protocol):
    """A way to hand a notice over. Whatever it raises means: not handed over, try again."""

    def deliver(self, session: Session, notice: Notice) -> None:
        """Hand one notice over, in the transaction that puts that down; `notice.key` tells a
        repetition from a new one."""


class Inbox:
    """The portal's inbox, where the row itself is the delivery."""

    def deliver(self, session: Session, notice: Notice) -> None:
        """Nothing is left to do."""
