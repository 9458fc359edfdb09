"""Trying again (重试): how long to wait after what failed, and what to say of it."""

from __future__ import annotations

from datetime import timedelta

from casework.common.problems import Problem

_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(days=1)


def reason(error: Exception) -> str:
    """What went wrong, for people."""
    if isinstance(error, Problem):
        return error.detail
    return f"{type(error).__name__}：{error}"


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts that failed: 1, 2, 4 … minutes, at most a day."""
    doublings = min(attempts - 1, 11)  # 2^11 minutes are more than a day
    return min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)
