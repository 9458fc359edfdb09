"""The words for what goes out (发送状态): media, states of a message, and why a sending failed."""

from __future__ import annotations

from enum import StrEnum


class Medium(StrEnum):
    """By what kind of outlet a message goes."""

    MAIL = "mail"
    SMS = "sms"
    CHAT = "chat"
    WEBHOOK = "webhook"

    @property
    def label(self) -> str:
        """As people call it."""
        return _MEDIA[self]


_MEDIA = {
    Medium.MAIL: "电子邮件",
    Medium.SMS: "短信",
    Medium.CHAT: "群消息",
    Medium.WEBHOOK: "程序接口",
}


class State(StrEnum):
    """How far a message has come. `sent`: the gateway took it; `arrived`, `failed`: so the gateway
    reported; `dead`: the last try failed; `paper`: somebody told the party otherwise."""

    WAITING = "waiting"
    SENT = "sent"
    ARRIVED = "arrived"
    FAILED = "failed"
    DEAD = "dead"
    PAPER = "paper"

    @property
    def label(self) -> str:
        """As people call it."""
        return _STATES[self]


_STATES = {
    State.WAITING: "待发送",
    State.SENT: "已发出",
    State.ARRIVED: "已到达",
    State.FAILED: "网关报告未到达",
    State.DEAD: "发送失败",
    State.PAPER: "已改用其他方式",
}
# What lies with a supervisor and the window until it is sent again or told otherwise.
LYING = (State.DEAD, State.FAILED)


# What is said of a message that waits for an outlet to be opened.
NO_WAY = "没有开通这种发送渠道"


class Refused(Exception):
    """This message will never be taken: its address, or what it says."""


class Trouble(Exception):
    """Not taken now; the next try may be. Nobody knows whether it went out."""


class OutletDown(Trouble):
    """The outlet itself cannot be used: whatever else waits for it can wait, too."""


class NoAnswer(OutletDown):
    """Nobody there, or nobody who speaks as an outlet does."""
