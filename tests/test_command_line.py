"""The command line, run as a person runs it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from threading import Event
from typing import Any
from unittest.mock import patch

import httpx
import psutil
import pytest
from sqlalchemy import select, text

from casework.common.database import engine_for
from casework.models import Base, Notice, Setting
from casework.operations.migration import MIGRATIONS
from nuoxin import main
from rulebook.tree import ROOT
from tests.support.records import contents
from tests.support.town import Town

pytestmark = pytest.mark.slow


def _environment(url: str, data: Path | None) -> dict[str, str]:
    """What a command finds set: nothing of ours but what is given."""
    found = {k: v for k, v in os.environ.items() if not k.startswith(("NUOXIN", "PREFECT"))}
    if url:
        found["NUOXIN_DATABASE_URL"] = url
    found["NUOXIN_DATA"] = str(data or ROOT / "no-such-folder")
    return found


def nuoxin(
    *arguments: str | Path, url: str = "", data: Path | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a command that comes to its end by itself, in this process: to begin another one takes
    longer than most commands do."""
    given, said, wrong = list(map(str, arguments)), StringIO(), StringIO()
    with (
        patch.dict(os.environ, _environment(url, data) | more, clear=True),
        redirect_stdout(said),
        redirect_stderr(wrong),
    ):
        status = main(given)
    return subprocess.CompletedProcess(given, status, said.getvalue(), wrong.getvalue())


def nuoxin_alone(
    *arguments: str | Path, url: str = "", data: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command as a process of its own: what would serve for ever is stopped in the end."""
    return subprocess.run(
        [sys.executable, str(ROOT / "nuoxin.py"), *map(str, arguments)],
        env=_environment(url, data),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def as_demo(town: Town) -> None:
    with town.session() as session:
        session.add(Setting(key="mode", value="demo"))


def test_check_finds_nothing_wrong_with_this_release() -> None:
    result = nuoxin_alone("check")
    assert (result.returncode, result.stderr) == (0, "")
    assert "核验通过" in result.stdout


def test_diagrams_are_drawn(tmp_path: Path) -> None:
    drawn = nuoxin("diagram", "licence")
    assert drawn.stdout.startswith("<svg")
    nuoxin("diagram", "licence", "-o", tmp_path / "licence.svg")
    assert (tmp_path / "licence.svg").read_text(encoding="utf-8") == drawn.stdout
    unknown = nuoxin("diagram", "no_such")
    assert unknown.returncode == 2
    assert "instant_licence" in unknown.stderr


@pytest.mark.parametrize("command", ["sweep", "seal", "verify", "migrate", "api", "flows"])
def test_without_a_database_a_command_says_what_to_set(command: str) -> None:
    result = (nuoxin_alone if command in ("api", "flows") else nuoxin)(command)
    assert result.returncode == 2
    assert "NUOXIN_DATABASE_URL" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("command", ["sweep", "migrate"])
def test_a_database_that_does_not_answer_is_said_so(command: str) -> None:
    result = nuoxin(command, url="postgresql://nobody@127.0.0.1:1/nowhere")
    assert result.returncode == 2
    assert "连接不上数据库" in result.stderr
    assert "Traceback" not in result.stderr


def test_sweep_does_the_work_of_the_flows(town: Town, tmp_path: Path) -> None:
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    # Accepted by silence long ago, by the machine's clock too.
    with town.session() as session:
        session.execute(text("UPDATE case_file SET next_due = now() - interval '1 day'"))
        session.execute(text("UPDATE case_clock SET fires_at = now() - interval '1 day'"))
    result = nuoxin("sweep", url=town.url, data=tmp_path)
    assert result.returncode == 0, result.stderr
    assert number in result.stdout
    assert town.case(number).state == "accepted"
    with town.session() as session:
        told = session.scalars(select(Notice.delivered_at)).all()
    assert len(told) >= 3
    assert all(told)


def test_a_sealed_day_leaves_the_machine_and_proves_the_database(
    town: Town, tmp_path: Path
) -> None:
    town.granted()
    done = nuoxin("seal", url=town.url, data=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    [roots] = tmp_path.glob("daily_roots-*.jsonl")
    line = json.loads(roots.read_text(encoding="utf-8").splitlines()[-1])["says"]["root"]
    assert line["cases"] == 3
    for word in (line["root"], "3 个案件", str(roots), "本机以外"):
        assert word in done.stdout
    again = nuoxin("seal", url=town.url, data=tmp_path)
    assert (again.returncode, "没有新的记录" in again.stdout) == (0, True)
    # With NUOXIN_DATA left out it would begin another chain, under another key.
    astray = nuoxin("seal", url=town.url, data=tmp_path / "astray")
    assert (astray.returncode, "NUOXIN_DATA" in astray.stderr) == (2, True)
    assert not list((tmp_path / "astray").glob("*root*"))
    good = nuoxin("verify", url=town.url, data=tmp_path)
    assert (good.returncode, good.stderr) == (0, "")
    assert "3 个案件" in good.stdout
    assert f"1 个日根（{line['day']} 至 {line['day']}），全部相符" in good.stdout

    outside = tmp_path / "outside.jsonl"
    shutil.copy(roots, outside)
    key = ("--key", tmp_path / "root_keys.pub")
    good = nuoxin("verify", outside, *key, url=town.url, data=tmp_path / "elsewhere")
    assert (good.returncode, good.stderr) == (0, "")
    typed = nuoxin("verify", outside, "--key", "0" * 64, url=town.url, data=tmp_path)
    assert (typed.returncode, "没有文件" in typed.stderr) == (2, True)
    # Whoever holds the database takes a case away, whole.
    check = town.newest("commitment_check")
    owner = engine_for(town.url, role=None)
    with owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in Base.metadata.tables.values():
            name = "id" if table.name == "case_file" else "case_id"
            if name in table.columns:
                connection.execute(table.delete().where(table.c[name] == town.case(check).id))
    owner.dispose()
    bad = nuoxin("verify", outside, *key, url=town.url, data=tmp_path / "elsewhere")
    assert bad.returncode == 1
    assert "存证时3个案件，现在重新计算为2个案件" in bad.stderr
    assert "全部相符" not in bad.stdout


def test_another_machine_proves_what_was_handed_out_by_the_public_key_alone(
    town: Town, tmp_path: Path
) -> None:
    data, share, key = tmp_path / "data", tmp_path / "share", tmp_path / "of our own.pub"
    share.mkdir()
    town.apply()
    none = nuoxin("root-key", data=data)
    assert (none.returncode, "第一次存证" in none.stderr) == (2, True)
    done = nuoxin("seal", url=town.url, data=data, NUOXIN_ROOTS_TO=str(share))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"日根已交到 {share}" in done.stdout
    key.write_text(nuoxin("root-key", data=data).stdout, encoding="utf-8")

    good = nuoxin("verify", share, "--key", key)
    assert (good.returncode, good.stderr) == (0, "")
    assert "签名、衔接和日期，全部相符" in good.stdout
    assert "没有与案件核对" in good.stdout
    assert nuoxin("verify", share).returncode == 2  # by which key, if there is no database?
    changed = nuoxin("root-key", "--new", data=data)
    assert len(changed.stdout.splitlines()) == 4
    assert nuoxin("verify", share, "--key", key).returncode == 0
    [file] = share.glob("*.jsonl")
    file.write_bytes(file.read_bytes().replace(b'"cases":1', b'"cases":2'))
    bad = nuoxin("verify", share, "--key", key)
    assert bad.returncode == 1
    assert "签名不符" in bad.stderr
    empty = nuoxin("verify", share, "--key", file)
    assert "全部相符" not in bad.stdout + empty.stdout


def test_a_file_of_roots_that_is_none_is_said_so(town: Town, tmp_path: Path) -> None:
    for name, content, status, said in (
        ("empty", "", 2, "没有日根"),
        ("broken", "{", 1, "留存文件 broken 第 1 行"),
        ("other", '{"day": "2026-09-01", "root": "0", "cases": 1}', 1, "与数据库登记的不一致"),
    ):
        (tmp_path / name).write_text(content, encoding="utf-8")
        result = nuoxin("verify", tmp_path / name, url=town.url, data=tmp_path)
        assert (result.returncode, said in result.stderr) == (status, True), result.stderr
        assert "Traceback" not in result.stderr
    for missing in (tmp_path / "none", tmp_path):
        assert nuoxin("verify", missing, url=town.url).returncode == 2


@pytest.mark.slow
def test_production_refuses_a_demo_database(town: Town, tmp_path: Path) -> None:
    as_demo(town)
    for command in (["up", "--port", str(free_port())], ["api"], ["flows"]):
        result = nuoxin_alone(*command, url=town.url, data=tmp_path)
        assert result.returncode == 2, result.stdout
        assert "演示数据库" in result.stderr


def test_a_demo_refuses_a_database_in_use(town: Town, tmp_path: Path) -> None:
    result = nuoxin_alone("up", "--demo", "--port", str(free_port()), url=town.url, data=tmp_path)
    assert result.returncode == 2
    assert "已有账号" in result.stderr


def test_a_demo_that_cannot_go_on_is_refused_before_anything_is_changed(
    town: Town, tmp_path: Path
) -> None:
    """Of a newer release, or laid out by an early one; else it would be migrated first."""
    as_demo(town)
    owner = engine_for(town.url, role=None)
    with owner.begin() as connection:  # what a migration would bring again
        connection.execute(text("DELETE FROM edition WHERE kind = 'template'"))
    before = contents(town)
    for statement, back, said in (
        (
            "UPDATE alembic_version SET version_num = '9999'",
            f"UPDATE alembic_version SET version_num = '{_head()}'",  # noqa: S608
            "迁移 9999",
        ),
        (
            "INSERT INTO setting VALUES ('demo_city', '\"whole\"')",
            "DELETE FROM setting WHERE key = 'demo_city'",
            "较早的版本布置",
        ),
    ):
        with owner.begin() as connection:
            connection.execute(text(statement))
        up = ["up", "--demo", "--port", str(free_port())]
        for command in (up, ["migrate"]) if "9999" in said else (up,):
            result = nuoxin_alone(*command, url=town.url, data=tmp_path)
            assert (result.returncode, said in result.stderr) == (2, True), result.stderr
            assert "Traceback" not in result.stderr
        with owner.begin() as connection:
            connection.execute(text(back))
        assert contents(town) == before
    owner.dispose()


def _head() -> str:
    return sorted(MIGRATIONS.glob("*.py"))[-1].name.partition("_")[0]


def test_a_data_folder_of_another_postgresql_is_refused(tmp_path: Path) -> None:
    (tmp_path / "database").mkdir()
    (tmp_path / "database" / "PG_VERSION").write_text("16\n", encoding="utf-8")
    result = nuoxin_alone("up", "--demo", "--port", str(free_port()), data=tmp_path)
    assert result.returncode == 2
    assert "由 PostgreSQL 16 建立" in result.stderr
    assert "Traceback" not in result.stderr
    assert [file.name for file in (tmp_path / "database").iterdir()] == ["PG_VERSION"]


def test_a_port_that_is_taken_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = nuoxin_alone("up", "--demo", "--port", str(port), data=tmp_path)
    assert result.returncode == 2
    assert f"端口 {port} 已被占用" in result.stderr
    assert not (tmp_path / "database").exists()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def begin(folder: Path, port: int) -> subprocess.Popen[str]:
    """Begin `nuoxin up` on a data folder, with a database of its own and a broken Prefect."""
    return subprocess.Popen(
        [sys.executable, "-u", str(ROOT / "nuoxin.py"), "up", "--port", str(port)],
        env={
            **os.environ,
            "NUOXIN_DATA": str(folder),
            "PREFECT_SERVER_API_KEEPALIVE_TIMEOUT": "x",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    """`nuoxin up` on an empty data folder."""
    port = free_port()
    program = begin(tmp_path, port)
    yield program, port, tmp_path
    program.kill()
    program.wait()


def health_of(port: int) -> dict[str, Any]:
    """What a house says of itself, once it serves."""
    pause = Event()
    for _ in range(240):
        with suppress(httpx.HTTPError):
            reply = httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
            if reply.is_success:
                found: dict[str, Any] = reply.json()
                return found
        pause.wait(0.5)
    raise AssertionError("waited in vain until it serves")


@pytest.mark.slow
def test_up_serves_without_prefect_brings_back_what_is_killed_and_leaves_nothing_behind(
    running: tuple[subprocess.Popen[str], int, Path],
) -> None:
    program, port, folder = running
    health = health_of(port)
    assert (health["database"], health["prefect"]) == (True, False)
    assert health["sweep"]["overdue"] is True

    second = nuoxin_alone("up", "--port", str(free_port()), data=folder)
    assert second.returncode == 2
    assert "已有一个 nuoxin up" in second.stderr
    swept = nuoxin("sweep", data=folder)  # finds the running database by itself
    assert swept.returncode == 0, swept.stderr
    health = httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).json()
    assert health["sweep"]["overdue"] is False
    kept = nuoxin("backup", folder / "kept", data=folder)
    assert kept.returncode == 0, kept.stderr
    back = nuoxin("restore", folder / "kept", "--replace", "postgres", data=folder)
    assert (back.returncode, "请先停止网站和定时流程" in back.stderr) == (2, True), back.stderr

    # What is killed comes back.
    [web] = [part for part in psutil.Process(program.pid).children() if is_web(part)]
    postmaster = folder / "database" / "postmaster.pid"
    database = psutil.Process(int(postmaster.read_text(encoding="utf-8").splitlines()[0]))
    for victim in (web, database):
        victim.kill()
        psutil.wait_procs([victim], timeout=30)
        assert health_of(port)["database"] is True

    assert postmaster.exists()
    program.send_signal(signal.SIGTERM)
    said, _ = program.communicate(timeout=60)
    assert program.returncode == 0
    assert "“prefect”意外退出" in said
    assert "“prefect”重新启动" in said
    assert "“web”意外退出（被信号 9 终止），1 秒后重新启动" in said
    assert "数据库意外停止，正在重新启动" in said
    assert "数据库已恢复" in said
    assert f"网站就绪：http://127.0.0.1:{port}" in said
    assert said.rstrip().endswith("已停止")
    assert not postmaster.exists()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
    assert not (folder / "database_url").exists()


def is_web(process: psutil.Process) -> bool:
    with suppress(psutil.Error):  # the broken Prefect ends all the time
        return "api" in process.cmdline()
    return False


@pytest.mark.slow
def test_after_up_was_killed_the_next_start_works_at_once(
    running: tuple[subprocess.Popen[str], int, Path],
) -> None:
    """On the same port and data folder, which what it left behind would hold otherwise."""
    program, port, folder = running
    health_of(port)
    parts = psutil.Process(program.pid).children()
    assert len(parts) >= 2  # a web and a guard at least
    program.kill()
    program.wait()
    again = begin(folder, port)
    try:
        # What was left behind answers for a while, too.
        _, left = psutil.wait_procs(parts, timeout=60)
        assert left == []
        assert health_of(port)["database"] is True
        again.send_signal(signal.SIGTERM)
        said, _ = again.communicate(timeout=60)
        assert again.returncode == 0, said
    finally:
        again.kill()
        again.wait()
