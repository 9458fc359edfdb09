"""What somebody spends on pages, counted while it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator

_COUNTED = {
    "click": "clicks",
    "check": "ticks",
    "select_option": "choices",
    "fill": "fields",
    "set_input_files": "files",
}


@dataclass
class Effort:
    """Pages opened, clicks on links and buttons, ticks, choices in lists, fields typed in and files
    chosen."""

    pages: int = 0
    clicks: int = 0
    ticks: int = 0
    choices: int = 0
    fields: int = 0
    files: int = 0

    @property
    def filled(self) -> int:
        """Everything that is filled in, in whatever way."""
        return self.ticks + self.choices + self.fields + self.files

    def opened(self) -> None:
        """Count one page more."""
        self.pages += 1


def count(patch: pytest.MonkeyPatch) -> Effort:
    """Everything that is done on pages from now on, counted as long as the patch lasts."""
    spent = Effort()

    def counted(name: str, do: Any) -> Any:
        def done(locator: Locator, *given: Any, **more: Any) -> Any:
            setattr(spent, _COUNTED[name], getattr(spent, _COUNTED[name]) + 1)
            return do(locator, *given, **more)

        return done

    for name in _COUNTED:
        patch.setattr(Locator, name, counted(name, getattr(Locator, name)))
    return spent
