"""How an import stands, and what became of its rows (导入状态、逐行结果)."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """How an import stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REJECTED = "rejected"  # the file as a whole
    FAILED = "failed"  # by a fault of this system, after the last try

    @property
    def label(self) -> str:
        """As pages call it."""
        return _STATES[self]

    @property
    def over(self) -> bool:
        """Whether nothing more is done for it."""
        return self not in (State.WAITING, State.RUNNING)


class Outcome(StrEnum):
    """What became of a row."""

    REFUSED = "refused"
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"

    @property
    def label(self) -> str:
        """As pages call it."""
        return _OUTCOMES[self]


_STATES = {
    State.WAITING: "等待办理",
    State.RUNNING: "正在办理",
    State.DONE: "已完成",
    State.REJECTED: "文件不能导入",
    State.FAILED: "没有完成",
}
_OUTCOMES = {
    Outcome.REFUSED: "不能导入",
    Outcome.NEW: "新增",
    Outcome.CHANGED: "有变化",
    Outcome.UNCHANGED: "没有变化",
}
