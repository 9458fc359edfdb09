"""The words for what is pushed (推送状态), and why a platform could not be reached."""

from __future__ import annotations

from enum import StrEnum


class Operation(StrEnum):
    """What a row says of a decision to a platform."""

    NEW = "new"
    CHANGE = "change"
    VOID = "void"

    @property
    def label(self) -> str:
        """As files and people call it."""
        return _OPERATIONS[self]


_OPERATIONS = {Operation.NEW: "新增", Operation.CHANGE: "变更", Operation.VOID: "撤销"}


class State(StrEnum):
    """How far a push has come. `sent`: in a batch whose receipt has not told of it yet; `taken`,
    `refused`: so the receipt says; `superseded`: it fell before it was taken, and is not sent."""

    WAITING = "waiting"
    SENT = "sent"
    TAKEN = "taken"
    REFUSED = "refused"
    SUPERSEDED = "superseded"

    @property
    def label(self) -> str:
        """As people call it."""
        return _STATES[self]


_STATES = {
    State.WAITING: "待推送",
    State.SENT: "已发出，待回执",
    State.TAKEN: "平台已接收",
    State.REFUSED: "平台已退回",
    State.SUPERSEDED: "不再推送",
}


class Unreachable(Exception):
    """The platform cannot be used now, for the reason in Chinese, which holds no secret: whatever
    waits for it goes on waiting."""


class Unreadable(Exception):
    """What the platform left is no receipt or list, or not whole yet; the message is Chinese."""
