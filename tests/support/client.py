"""What the suite asks applications with."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from fastapi.testclient import TestClient

_open = ExitStack()  # as long as the process is


@cache
def _loop() -> BlockingPortal:
    """The event loop of this test process."""
    return _open.enter_context(start_blocking_portal())


class Client(TestClient):
    """A client whose requests share one event loop: to begin one for each, and a thread with it,
    costs twice what a small answer does. An error that nobody foresaw is seen as the 500 it is."""

    def __init__(self, app: FastAPI, **more: Any) -> None:
        super().__init__(app, raise_server_exceptions=False, **more)
        self.portal = _loop()
