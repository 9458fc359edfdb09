"""`nuoxin up`: database, migrations, Prefect, flows and web, all in the foreground until Ctrl-C.

The web comes first and does not need Prefect: without it deadlines are kept late, and none is lost.
What ends by itself is started again. If `up` itself is killed, a guard beside it ends the rest, and
holds the data folder until that is done.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from types import FrameType
from typing import NoReturn, Protocol

import httpx
from sqlalchemy.exc import OperationalError

from casework.documents.electronic.seals import FOLDER as SEALS
from casework.operations.children import Children
from casework.operations.data_folder import alone, own_server
from casework.operations.embedded import EmbeddedServer
from casework.operations.installation import CannotStart, Installation
from casework.operations.migration import migrate
from rulebook.tree import ROOT
from workflows.restarts import DatabaseRestarts, Restarts
from workflows.server import api_url, server_command, server_environment

_NUOXIN = [sys.executable, str(ROOT / "nuoxin.py")]
_LOCAL = "127.0.0.1"
_TICK = 0.3  # seconds
# Seconds between attempts to go on laying out the city while the database is away.
_CITY_PAUSES = (5.0, 15.0, 45.0)
_BY_HAND = "；其间网站照常运行，到期事项改为办理时处理，或者用 nuoxin sweep 手工巡查"
# Ctrl-C, a service manager, a closed terminal.
_WAYS_OUT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class DemoCity(Protocol):
    """What lays out a demo; none in production."""

    def settle_in(self, url: str, now: datetime) -> bool:
        """Put its people into an empty database; whether they were not there already."""

    def tell(
        self,
        url: str,
        *,
        public_url: str,
        at_once: bool = False,
        wanted: Callable[[], bool] = ...,
    ) -> None:
        """Tell what has not been told yet, or only what is needed at once, while it is wanted."""

    def make_seals(self, folder: Path) -> Path:
        """The folder with the certificates of the city's authorities."""

    def accounts(self) -> str:
        """The accounts that anybody may try, in lines for a terminal."""


def run(folder: Path, *, port: int, demo: DemoCity | None) -> int:
    """Run everything until told to stop, a demo if there is one; gives the exit status. Raises
    CannotStart."""
    os.umask(0o077)  # what is kept here is nobody else's business
    folder.mkdir(parents=True, exist_ok=True)
    for way_out in _WAYS_OUT:
        signal.signal(way_out, _stop)
    with ExitStack() as stack, suppress(KeyboardInterrupt):
        lock = stack.enter_context(alone(folder, say=_say))
        if not _is_free(port):
            raise CannotStart(f"端口 {port} 已被占用：请用 --port 另选一个")
        stack.callback(_say, "已停止")
        logs = folder / "logs"
        logs.mkdir(exist_ok=True)
        url, server = stack.enter_context(_database(folder))
        children = stack.enter_context(Children(ROOT, logs, locked=lock))
        if server is not None:
            children.watch_server(server.pid)
        named = Installation(url, folder, f"http://{_LOCAL}:{port}")
        _migrate(named, demo=demo is not None)
        restarts = Restarts(children, logs, say=_say, clock=time.monotonic)
        prefect = free_port()
        environment = _environment(named, prefect, demo=demo is not None)
        if demo:
            environment.setdefault(SEALS, str(demo.make_seals(folder)))
        if demo and demo.settle_in(named.url, datetime.now(UTC)):
            _say("布置演示城市（只在第一次）：先是各岗位的几件事，其余的随后在后台布置…")
        # The web gets ready while the first stories are told.
        restarts.keep("web", [*_NUOXIN, "api", "--port", str(port)], environment)
        if demo:
            demo.tell(named.url, public_url=named.public_url, at_once=True)
        restarts.keep("prefect", server_command(prefect), environment, meanwhile=_BY_HAND)
        city = stack.enter_context(_city(named, demo)) if demo else None
        database = (
            DatabaseRestarts(server, children.watch_server, say=_say, clock=time.monotonic)
            if server is not None
            else None
        )
        _watch(restarts, database, named, prefect, city, environment, demo)
    return 0


@contextmanager
def _city(named: Installation, demo: DemoCity) -> Iterator[Future[None]]:
    """Tell the rest of the city beside the web, which does not wait for it; given up on the way
    out, to be gone on with at the next start."""
    given_up = Event()

    def tell() -> None:
        demo.tell(named.url, public_url=named.public_url, wanted=lambda: not given_up.is_set())

    def lay_out() -> None:
        for pause in _CITY_PAUSES:
            try:
                return tell()
            except OperationalError:
                _say("布置演示城市时数据库中断，恢复后接着布置")
                if given_up.wait(pause):
                    return
        tell()

    with ThreadPoolExecutor(1) as beside:
        try:
            yield beside.submit(lay_out)
        finally:
            given_up.set()


def _migrate(named: Installation, *, demo: bool) -> None:
    named.refuse_other_mode(demo=demo)
    _say("更新数据库结构，载入规则和模板…")
    migrate(named.url, datetime.now(UTC))
    named.settle(demo=demo)


def _watch(
    restarts: Restarts,
    database: DatabaseRestarts | None,
    named: Installation,
    prefect: int,
    city: Future[None] | None,
    environment: Mapping[str, str],
    demo: DemoCity | None,
) -> NoReturn:
    """Start again what ends by itself, and say when web and Prefect are ready, until told to stop.

    A demo has a `city` that is being laid out: the flows, which sweep, begin after it.
    """
    urls = {"web": f"{named.public_url}/healthz", "prefect": f"{api_url(prefect)}/health"}
    ready = {
        "web": f"网站就绪：{named.public_url}",
        "prefect": f"Prefect 就绪：http://{_LOCAL}:{prefect}",
    }
    waiting, shown = set(urls), False
    flows_are_due = True
    while True:
        if database is not None:
            database.look_after()
        if flows_are_due and (city is None or city.done()):
            flows_are_due = False
            if city is not None:
                error = city.exception()
                _say(f"演示城市没有布置完：{error}" if error else "演示城市已布置完成")
            restarts.keep("flows", [*_NUOXIN, "flows"], environment, meanwhile=_BY_HAND)
        waiting.update(urls.keys() & set(restarts.look_after()))
        for name in [name for name in waiting if _answers(urls[name])]:
            waiting.remove(name)
            _say(ready[name])
            if name == "web" and not shown:
                shown = True
                if demo is not None:
                    _say(demo.accounts())
                _say("按 Ctrl-C 停止")
        time.sleep(_TICK)


def _environment(named: Installation, prefect: int, *, demo: bool) -> dict[str, str]:
    return {
        **server_environment(named.folder),
        "PREFECT_API_URL": api_url(prefect),
        "NUOXIN_DATABASE_URL": named.url,
        "NUOXIN_DATA": str(named.folder),
        "NUOXIN_PUBLIC_URL": os.environ.get("NUOXIN_PUBLIC_URL", named.public_url),
        "NUOXIN_DEMO": "1" if demo else "0",
        "NUOXIN_FLOWS_ALONE": "1",  # on a server that nobody else is told of
        # A proxy of the environment has no part in what is on this machine.
        "NO_PROXY": ",".join(filter(None, [os.environ.get("NO_PROXY"), _LOCAL, "localhost"])),
    }


@contextmanager
def _database(folder: Path) -> Iterator[tuple[str, EmbeddedServer | None]]:
    """The database of the environment, or one of our own whose address others find in a file."""
    if url := os.environ.get("NUOXIN_DATABASE_URL"):
        yield url, None
        return
    _say(f"启动数据库（数据目录 {folder}）…")
    with own_server(folder) as server:
        yield server.url, server


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOCAL, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((_LOCAL, 0))
        return int(probe.getsockname()[1])


def _stop(_signal: int, _frame: FrameType | None) -> None:
    for way_out in _WAYS_OUT:
        signal.signal(way_out, signal.SIG_IGN)  # once is enough: everything is being ended
    raise KeyboardInterrupt


def _say(text: str) -> None:
    print(text, flush=True)
