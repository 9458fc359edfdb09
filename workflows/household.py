"""`nuoxin up`: database, migrations, Prefect, flows and web, all in the foreground until Ctrl-C.

The web comes first and does not need Prefect: without it deadlines are kept late, and none is lost.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from types import FrameType

import httpx

from casework.children import Children
from casework.demo import seeding
from casework.demo.people import PASSWORD, read_city
from casework.embedded import embedded_database
from casework.installation import CannotStart, Installation, url_file
from casework.migration import ROOT, migrate
from state_machines.vocabulary import Role
from workflows.server import api_url, server_command, server_environment

_NUOXIN = [sys.executable, str(ROOT / "nuoxin.py")]
_DEMO_SECONDS = "10"
_LOCAL = "127.0.0.1"
# Ctrl-C, a service manager, a closed terminal.
_WAYS_OUT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(folder: Path, *, port: int, demo: bool) -> int:
    """Run everything until told to stop; gives the exit status. Raises CannotStart."""
    os.umask(0o077)  # what is kept here is nobody else's business
    folder.mkdir(parents=True, exist_ok=True)
    for way_out in _WAYS_OUT:
        signal.signal(way_out, _stop)
    with ExitStack() as stack, suppress(KeyboardInterrupt):
        stack.enter_context(_alone(folder))
        if not _is_free(port):
            raise CannotStart(f"端口 {port} 已被占用：请用 --port 另选一个")
        stack.callback(_say, "已停止")
        named = Installation(
            stack.enter_context(_database(folder)), folder, f"http://{_LOCAL}:{port}"
        )
        _migrate(named, demo=demo)
        logs = folder / "logs"
        logs.mkdir(exist_ok=True)
        children = stack.enter_context(Children(ROOT, logs))
        prefect = free_port()
        environment = _environment(named, prefect, demo=demo)
        if demo and seeding.settle_in(named.url, datetime.now(UTC)):
            _say("布置演示城市（只在第一次）：先是各岗位的几件事，其余的随后在后台布置…")
        # The web gets ready while the first stories are told.
        children.start("web", [*_NUOXIN, "api", "--port", str(port)], environment)
        if demo:
            seeding.tell(named.url, public_url=named.public_url, at_once=True)
        children.start("prefect", server_command(prefect), environment)
        city = stack.enter_context(_city(named)) if demo else None

        def begin_flows() -> None:
            children.start("flows", [*_NUOXIN, "flows"], environment)

        return _watch(children, named, prefect, city, begin_flows)
    return 0


@contextmanager
def _city(named: Installation) -> Iterator[Future[None]]:
    """Tell the rest of the city beside the web, which does not wait for it; given up on the way
    out, to be gone on with at the next start."""
    given_up = Event()
    with ThreadPoolExecutor(1) as beside:
        try:
            yield beside.submit(
                seeding.tell,
                named.url,
                public_url=named.public_url,
                wanted=lambda: not given_up.is_set(),
            )
        finally:
            given_up.set()


def _migrate(named: Installation, *, demo: bool) -> None:
    _say("更新数据库结构，载入规则和模板…")
    migrate(named.url, datetime.now(UTC))
    named.settle(demo=demo)


def _watch(
    children: Children,
    named: Installation,
    prefect: int,
    city: Future[None] | None,
    begin_flows: Callable[[], None],
) -> int:
    """Say when web and Prefect are ready, and when a part ends by itself; nothing is restarted.

    A demo has a `city` that is being laid out: the flows, which sweep, begin after it.
    """
    demo = city is not None
    waiting = {"web": f"{named.public_url}/healthz", "prefect": f"{api_url(prefect)}/health"}
    flows_are_due = True
    while True:
        if flows_are_due and (city is None or city.done()):
            flows_are_due = False
            if city is not None:
                error = city.exception()
                _say(f"演示城市没有布置完：{error}" if error else "演示城市已布置完成")
            begin_flows()
        for name, status in children.ended().items():
            waiting.pop(name, None)
            log = named.folder / "logs" / f"{name}.log"
            _say(f"“{name}”意外退出（状态 {status}），日志：{log}")
            if name == "web":
                return 1
            _say("网站继续运行；到期事项改为办理时处理，或者用 nuoxin sweep 手工巡查")
        for name in [name for name, url in waiting.items() if _answers(url)]:
            del waiting[name]
            if name == "web":
                _say(f"网站就绪：{named.public_url}")
                if demo:
                    _say(_accounts())
                _say("按 Ctrl-C 停止")
            else:
                _say(f"Prefect 就绪：http://{_LOCAL}:{prefect}")
        time.sleep(0.3)


def _environment(named: Installation, prefect: int, *, demo: bool) -> dict[str, str]:
    environment = {
        **server_environment(named.folder),
        "PREFECT_API_URL": api_url(prefect),
        "NUOXIN_DATABASE_URL": named.url,
        "NUOXIN_DATA": str(named.folder),
        "NUOXIN_PUBLIC_URL": os.environ.get("NUOXIN_PUBLIC_URL", named.public_url),
        "NUOXIN_DEMO": "1" if demo else "0",
        # A proxy of the environment has no part in what is on this machine.
        "NO_PROXY": ",".join(filter(None, [os.environ.get("NO_PROXY"), _LOCAL, "localhost"])),
    }
    if demo:
        environment["NUOXIN_SWEEP_SECONDS"] = os.environ.get("NUOXIN_SWEEP_SECONDS", _DEMO_SECONDS)
    return environment


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    """The database of the environment, or one of our own whose address others find in a file."""
    if url := os.environ.get("NUOXIN_DATABASE_URL"):
        yield url
        return
    _say(f"启动数据库（数据目录 {folder}）…")
    with embedded_database(folder / "database") as url:
        url_file(folder).write_text(url, encoding="utf-8")
        try:
            yield url
        finally:
            url_file(folder).unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One `up` per data folder."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(
                f"数据目录 {folder} 已有一个 nuoxin up 在运行：请先停止它，或者用 --data 另选目录"
            ) from None
        yield


def _accounts() -> str:
    city = read_city()
    lines = [f"演示账号，密码均为 {PASSWORD}："]
    firms = {firm.account: firm.name for firm in city.firms}
    shown = ("applicant", "applicant2")
    lines.append("  申请人：" + "，".join(f"{name}（{firms[name]}）" for name in shown))
    for authority in city.authorities:
        people = [
            f"{officer['account']} {Role(officer['roles'][0]).label}"
            for officer in authority["staff"]
        ]
        lines.append(f"  {authority['short']}：" + "，".join(people))
    return "\n".join(lines)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
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
