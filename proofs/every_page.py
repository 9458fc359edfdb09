"""Every kind of page, as whoever uses it sees it: nothing overflows, nothing is hard to read or
reach, nothing complains, and how long it takes until its first byte.

A demo city runs with `nuoxin up`. Each identity follows every link from its start page, at two
widths; then once more after every name was made as long as names get. A kind of page is a path of
the application, and of steps each is one; where a kind has many pages, each identity looks at
NUOXIN_PAGES_OF_A_KIND (2). The pictures are left in `build/pages/`.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from urllib.parse import urlsplit

import httpx
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright
from starlette.routing import Match

from casework.common.database import Database
from casework.common.demo_progress import progress
from proofs.house import SETTLING, House, say, until
from rulebook.tree import ROOT
from state_machines.language.topics import modules_named
from workflows.process_manager import free_port

PICTURES = ROOT / "build" / "pages"
IDENTITIES = (
    "", "applicant", "applicant2", "window", "window_b", "reviewer", "eco", "approver",
    "inspector1", "handler1", "legal", "credit", "panel1", "supervisor", "admin",
)  # fmt: skip
WIDTHS = {"wide": 1280, "narrow": 390}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_OF_A_KIND = int(os.environ.get("NUOXIN_PAGES_OF_A_KIND", "2"))
_ASKED = 20  # times, for the first byte
_TAKES_AWAY = re.compile(r"/(logout|.*\.(pdf|docx|xlsx|csv|png|jpg|json|zip))$")
_BROWSERS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
# As long as names get: a firm's of forty characters, a place's, and a person's of a minority.
_LONG = {
    "party": "江苏省南通市崇川区濠南路文化旅游商务酒店管理（集团）股份有限公司第一分公司",
    "place": "濠南文化旅游商务酒店游泳馆健身中心咖啡厅及附属足浴养生会所（南通经济技术开发区店）",
    "person": "买买提·吐尔逊江·阿卜杜热依木·艾合买提",
}


@dataclass
class Kind:
    """What was seen of a kind of page."""

    seen_by: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    asked: dict[str, str] = field(default_factory=dict)  # one address for each identity
    first_bytes: list[float] = field(default_factory=list)  # ms


class Pages:
    """The pages of a house, by kind."""

    def __init__(self, house: House, browser: Browser) -> None:
        self._house, self._browser = house, browser
        self._routes = [*_routes()]
        self._judged: set[tuple[str, str]] = set()
        self.kinds: dict[str, Kind] = defaultdict(Kind)

    def look(self, pass_name: str, *, axe: bool) -> None:
        """Follow every link of every identity, at each width."""
        for who in IDENTITIES:
            for width_name, width in WIDTHS.items():
                with closing(self._sit_down(who, width)) as context:
                    self._follow(who, context.pages[0], f"{pass_name}-{width_name}", axe=axe)
            seen = sum(1 for kind in self.kinds.values() if kind.seen_by[who])
            say(f"{pass_name}: {who or 'anybody'}: {seen} kinds of page")

    def unseen(self) -> list[str]:
        """The pages to which no link leads anybody; a step's are many."""
        paths = {route.path for route in self._routes if "{step}" not in route.path}
        return sorted(paths - self.kinds.keys())

    def measure(self) -> None:
        """How long each kind takes until its first byte, for one who sees it."""
        for who in IDENTITIES:
            with self._client(who) as client:
                for kind in self.kinds.values():
                    if address := kind.asked.get(who):
                        kind.first_bytes += [_first_byte(client, address) for _ in range(_ASKED)]

    def _sit_down(self, who: str, width: int) -> BrowserContext:
        context = self._browser.new_context(
            base_url=self._house.address, locale="zh-CN", viewport={"width": width, "height": 844}
        )
        context.set_default_timeout(120_000)
        page = context.new_page()
        if who:
            page.goto("/login")
            page.fill("#username", who)
            page.fill("#password", "demo")
            page.click("main button")
            page.wait_for_url(self._house.address + "/")
        return context

    def _client(self, who: str) -> httpx.Client:
        client = httpx.Client(base_url=self._house.address, trust_env=False, timeout=60)
        if who:
            with closing(self._sit_down(who, 1280)) as context:
                for cookie in context.cookies():
                    client.cookies.set(cookie["name"], cookie["value"])
        return client

    def _follow(self, who: str, page: Page, picture: str, *, axe: bool) -> None:
        complaints: list[str] = []
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        waiting, met, looked = ["/"], {"/"}, Counter[str]()
        while waiting:
            address = waiting.pop(0)
            name = self._kind_of(address)
            if name is None or looked[name] >= _OF_A_KIND:
                continue
            looked[name] += 1
            kind = self.kinds[name]
            kind.seen_by[who] += 1
            kind.asked.setdefault(who, address)
            complaints.clear()
            # Axe's rules look at what a page is made of, which is the same for all.
            new = (picture, name) not in self._judged
            self._judged.add((picture, name))
            for fault in (*self._faults(page, address, axe=axe and new), *complaints):
                self._found(kind, f"{picture} {who or 'anybody'} {address}: {fault}")
            if looked[name] == 1:
                folder = PICTURES / picture
                folder.mkdir(parents=True, exist_ok=True)
                shown = re.sub(r"[^\w]+", "-", name).strip("-") or "start"
                try:
                    page.screenshot(
                        path=folder / f"{shown}--{who or 'anybody'}.png", full_page=True
                    )
                except Error:
                    self._found(kind, f"{picture} {who or 'anybody'} {address}: no picture")
            for link in _links(page):
                if link not in met:
                    met.add(link)
                    waiting.append(link)

    def _found(self, kind: Kind, fault: str) -> None:
        kind.faults[fault] += 1
        say(f"FAULT: {fault}")

    def _faults(self, page: Page, address: str, *, axe: bool) -> Iterator[str]:
        try:
            answer = page.goto(address)
        except Error as error:
            if "Download is starting" not in error.message:
                raise
            return  # a file, and no page
        if answer is None or answer.status != 200:
            yield f"status {answer.status if answer else None}"
            return
        over = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if over > 0:
            yield f"overflows by {over} px"
        if axe:
            for found in Axe().run(page, options=RULES).response["violations"]:
                for node in found["nodes"]:
                    yield f"{found['id']}: {node['html'][:120]}"

    def _kind_of(self, address: str) -> str | None:
        path = urlsplit(address).path
        scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
        for route in self._routes:
            match, found = route.matches(scope)
            if match is Match.FULL:
                # Each step has a form of its own.
                return route.path.replace("{step}", found["path_params"].get("step", ""))
        return None


def _routes() -> Iterator[APIRoute]:
    """The pages that may be opened, as the application has them."""
    for topic in modules_named("pages", "api"):
        for route in topic.router.routes:
            if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
                yield route


def _links(page: Page) -> list[str]:
    found = page.eval_on_selector_all(
        "a[href^='/']", "links => links.map(link => link.getAttribute('href').split('#')[0])"
    )
    return [link for link in dict.fromkeys(found) if not _TAKES_AWAY.search(urlsplit(link).path)]


def _first_byte(client: httpx.Client, address: str) -> float:
    begun = perf_counter()
    with client.stream("GET", address):
        return (perf_counter() - begun) * 1000


def prove(_seed: int, data: Path | None = None) -> bool:
    """Look at them, and print the table; says whether nothing was wrong with any."""
    with tempfile.TemporaryDirectory(prefix="nuoxin-pages-", ignore_cleanup_errors=True) as made:
        house = House((data or Path(made) / "data").resolve(), free_port())
        house.folder.mkdir(parents=True, exist_ok=True)
        house.start()
        try:
            return _prove(house)
        finally:
            house.end()


def _prove(house: House) -> bool:
    say(f"laying out the city in {house.folder}")
    if not until(lambda: house.sweep() is not None and house.all_answer(), SETTLING):
        say("the house did not come up:\n" + "\n".join(house.said()[-20:]))
        return False
    with closing(Database(house.url)) as database, sync_playwright() as playwright:
        until(lambda: _is_whole(database), SETTLING)
        shell = next(one for one in _BROWSERS if Path(one).exists())
        browser = playwright.chromium.launch(executable_path=shell, args=["--no-sandbox"])
        pages = Pages(house, browser)
        pages.look("as-it-is", axe=True)
        pages.measure()
        _lengthen(house)
        pages.look("long-names", axe=False)
        browser.close()
    return _told(pages)


def _is_whole(database: Database) -> bool:
    with database.session() as session:
        return progress(session) is None


def _lengthen(house: House) -> None:
    """Make every name as long as names get; the proof of the log is not asked any more."""
    with house.database() as connection:
        connection.execute("SET session_replication_role = replica")
        for table, name in _LONG.items():
            connection.execute(f"UPDATE {table} SET name = %s || id", (name,))  # noqa: S608


def _told(pages: Pages) -> bool:
    def p95(kind: Kind) -> float:
        return quantiles(kind.first_bytes, n=20)[-1] if len(kind.first_bytes) > 1 else 0.0

    say("| kind of page | seen by | first byte, p50 | p95 | faults |\n|-|-|-:|-:|-:|")
    for path, kind in sorted(pages.kinds.items(), key=lambda found: -p95(found[1])):
        middle = quantiles(kind.first_bytes, n=2)[0] if kind.first_bytes else 0.0
        who = "、".join(one or "anybody" for one in kind.seen_by)
        say(f"| `{path}` | {who} | {middle:.0f} ms | {p95(kind):.0f} ms | {kind.faults.total()} |")
    for path in pages.unseen():
        say(f"no link leads to: {path}")
    return not any(kind.faults for kind in pages.kinds.values())
