"""Passwords in tests cost little to hash; what the real ones cost is tested for itself."""

from __future__ import annotations

from argon2 import PasswordHasher

from casework.people import accounts

REAL = accounts._hasher


def hash_lightly() -> None:
    """Hash every password of this process with the least that argon2 knows."""
    accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
