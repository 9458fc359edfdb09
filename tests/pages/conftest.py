"""Fixtures: the town's pages on a port of this machine, and Chromium to look at them."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.pages.effort import Effort, count
from tests.support.town import Town
from tests.support.visitor import PASSWORD, open_door

# The shell without windows, if there is one: it shows the same and costs a third less.
_BROWSERS = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
CHROMIUM = next((one for one in _BROWSERS if one.exists()), _BROWSERS[-1])
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

# In milliseconds. A page comes when it comes: a busy machine is no fault of it.
PATIENCE = 120_000
expect.set_options(timeout=PATIENCE)


@dataclass
class Desks:
    """The town's pages in a browser. `complaints` is what the browser's console objected to."""

    url: str
    town: Town
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def visitor(self, **options: Any) -> Page:
        """A page of somebody who is not logged in."""
        context = self.browser.new_context(base_url=self.url, locale="zh-CN", **options)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.contexts.append(context)
        return page

    def desk(self, username: str, **options: Any) -> Page:
        """A page of somebody who has logged in, at the desk."""
        page = self.visitor(**options)
        page.goto("/login")
        page.fill("#username", username)
        page.fill("#password", PASSWORD)
        page.click("main button")
        page.wait_for_url(self.url + "/")
        return page

    def _hear(self, message: Any) -> None:
        # What is refused on purpose is reported as a failed load; everything else is our fault.
        if message.type == "error" and "status of 4" not in message.text:
            self.complaints.append(message.text)

    def close(self) -> None:
        """Close every page."""
        for context in self.contexts:
            context.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    if not CHROMIUM.exists():
        if os.environ.get("NUOXIN_CI") == "1":
            pytest.fail("Chromium is missing, and in CI the pages must be tried")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def door(town: Town) -> FastAPI:
    """The application over the town, whose accounts all have the demo's password."""
    return open_door(town)


@pytest.fixture
def desks(town: Town, door: FastAPI, browser: Browser) -> Iterator[Desks]:
    """The pages, served; the test fails if the browser's console complains."""
    with serve(town, door, browser) as found:
        yield found


@pytest.fixture
def effort(monkeypatch: pytest.MonkeyPatch) -> Effort:
    """What is done on pages from now on, counted."""
    return count(monkeypatch)


@contextmanager
def serve(town: Town, door: FastAPI, browser: Browser) -> Iterator[Desks]:
    """Serve the pages for a browser; in the end its console must not have complained."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        town.office.public_url = url
        server = uvicorn.Server(uvicorn.Config(door, log_level="error", lifespan="off"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        found = Desks(url, town, browser)
        yield found
        found.close()
        server.should_exit = True
        thread.join()
    assert found.complaints == []
