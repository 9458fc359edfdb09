"""A mailbox that keeps what it is given, as the system of electronic delivery of a town."""

from __future__ import annotations

from casework.acts.mailbox import Arrival, Mailbox, NotSent, Parcel


class Letterbox(Mailbox):
    """Each parcel comes at once, unless it is `broken`; while it is `silent`, what came is not
    told."""

    def __init__(self) -> None:
        self.parcels: dict[str, Parcel] = {}
        self.broken = self.silent = False

    def deliver(self, parcel: Parcel) -> Arrival:
        """Keep it under its key."""
        if self.broken:
            raise NotSent("对方系统拒收")
        self.parcels.setdefault(parcel.key, parcel)
        if self.silent:
            raise NotSent("没有收到回执")
        return Arrival("电子邮件", f"R-{parcel.key}", parcel.at)
