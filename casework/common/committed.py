"""Whether what a request wrote was kept (是否已经办理): an answer that says so must be true.

A connection may break between the word to commit and its answer, and then nobody knows; and what
breaks after the commit, such as the page that tells of it, takes nothing back.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

_NOTHING = "没有办理任何事项"
_UNSURE = "不能确定刚才提交的内容是否已经办理，请先查看办理记录，确认没有办理的再重新提交"


@dataclass
class _Fate:
    """What became of the writes of one request: `asked` while the answer to a commit is awaited."""

    asked: bool = False
    kept: bool = False


_fate: ContextVar[_Fate | None] = ContextVar("committed", default=None)


def watch() -> None:
    """Begin to watch what becomes of what is written from here on."""
    _fate.set(_Fate())


def asked() -> None:
    """The database is about to be told to commit what was written."""
    if fate := _fate.get():
        fate.asked = True


def answered(*, kept: bool) -> None:
    """It has answered, or it is known that it never heard it."""
    if (fate := _fate.get()) and fate.asked:
        fate.asked, fate.kept = False, fate.kept or kept


def nothing_kept() -> bool:
    """Whether it is certain that nothing was kept."""
    fate = _fate.get()
    return fate is None or not (fate.asked or fate.kept)


def told() -> str:
    """What is true of it, for whoever sent the request."""
    return _NOTHING if nothing_kept() else _UNSURE
