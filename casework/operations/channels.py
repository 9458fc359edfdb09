"""Ways out for notices (送达渠道). In the portal a notice can be read as soon as it is written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Protocol

from casework.models import Notice

NOTICE_LOG = "notices.jsonl"


class Channel(Protocol):
    """A way to hand a notice over. Whatever it raises means: not handed over, try again."""

    def deliver(self, notice: Notice) -> None:
        """Hand one notice over; `notice.key` tells a repetition from a new one."""


class Inbox:
    """The portal's inbox, where the row itself is the delivery."""

    def deliver(self, notice: Notice) -> None:
        """Nothing is left to do."""


class LogFile:
    """One line of JSON for each notice, appended to a file that only its owner reads."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def deliver(self, notice: Notice) -> None:
        """Append the notice. Raises OSError if it cannot be written."""
        line = json.dumps(
            {
                "key": notice.key,
                "kind": notice.kind,
                "to": notice.to_phone or notice.to_role or f"party/{notice.to_party_id}",
                "subject": notice.subject,
                "body": notice.body,
                "created_at": notice.created_at.isoformat(),
            },
            ensure_ascii=False,
        )
        self._file.parent.mkdir(parents=True, exist_ok=True)
        # One write in append mode: lines of several workers do not run into each other.
        file = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, f"{line}\n".encode())
        finally:
            os.close(file)
