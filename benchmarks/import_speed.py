"""How long an import of so many rows takes, and that its memory does not grow with them: a tenth of
the rows first, then all of them, then the same file again, of which nothing is new.

Every hundredth row is wrong, by turns in one of the ways in which tables are.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.step_speed import opened
from casework.acts.actors import Actor
from casework.common.tables.spreadsheet import table, workbook
from casework.duties.import_runs import run_imports
from casework.exchange.importing import reports
from casework.exchange.importing.handing_in import enter
from casework.exchange.importing.reports import ImportView
from tests.support.town import CODES, Town, fresh_copy, lay_out

_TEMPLATE = "bench_imports"
_HEADING = (
    "CF_XDR_MC", "CF_XDR_SHXYM", "CF_WSH", "CF_WFXW", "CF_SY", "CF_YJ", "CF_CFLB", "CF_NR",
    "CF_NR_FK", "CF_JDRQ", "CF_CFJG", "CF_SJLY",
)  # fmt: skip
_EVERY = 100
_WRONG = (
    {1: "9.1320602MA1W01E+17"}, {0: "=1+1"}, {9: "9/1/2026"}, {8: "50000"}, {7: ""}, {1: "91320602"}
)  # fmt: skip
_MOST_GROWTH = 20  # MiB, for ten times the rows


def import_speed(server: str, *, rows: int) -> bool:
    """Import both, in a workbook and as CSV, and print what it took; gives whether all that is good
    is in, all that is not was said, and memory stayed flat."""
    people = lay_out(server, _TEMPLATE)
    print(
        f"{'rows':>9}{'file':>12}{'seconds':>10}{'a second':>10}{'new':>9}{'same':>9}"
        f"{'refused':>9}{'memory':>12}"
    )
    held = []
    for form in ("csv", "xlsx"):
        with fresh_copy(server, _TEMPLATE, f"bench_imports_{form}") as url:
            town = opened(url, people)
            few, seen = _measured(town, form, rows // 10)
            many, most = _measured(town, form, rows)
            again, _ = _measured(town, form, rows)
            town.database.close()
        wrong, grown = rows // _EVERY, most - seen
        good = (few.refused, many.refused, again.new, again.unchanged + again.refused)
        held.append(good == (wrong // 10, wrong, 0, rows) and grown <= _MOST_GROWTH)
        print(f"{form}: {grown} MiB more for ten times the rows (goal: at most {_MOST_GROWTH})")
    return all(held)


def _measured(town: Town, form: str, rows: int) -> tuple[ImportView, int]:
    """Hand a file in, and have a process of its own import it, as a worker does; what came of it,
    and the most memory that the process has had, in MiB."""
    data = _written(form, rows)
    who, size = town.people["credit"], len(data) / 1024 / 1024
    number = enter(town.office, who, "penalties", f"外部处罚.{form}", data, dry=False)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as worker:
        seconds, memory = worker.submit(_worked, town.url, town.people).result()
    with town.database.session() as session:
        of = reports.report(town.office, session, who, number).of
    print(
        f"{rows:>9,}{size:>9.1f} MB{seconds:>10.1f}{rows / seconds:>10,.0f}{of.new:>9,}"
        f"{of.unchanged:>9,}{of.refused:>9,}{memory:>8,} MiB",
        flush=True,
    )
    return of, memory


def _worked(url: str, people: dict[str, Actor]) -> tuple[float, int]:
    """Import what waits; how long that took, and the most memory of this process."""
    town = opened(url, people)
    started = time.perf_counter()
    done = run_imports(town.office)
    seconds = time.perf_counter() - started
    town.database.close()
    if done.failed:
        raise RuntimeError(f"not imported: {done}"[:2000])
    return seconds, _memory()


def _written(form: str, rows: int) -> bytes:
    if form == "xlsx":
        return workbook("处罚", _HEADING, _rows(rows))
    out = io.StringIO(table(_HEADING, _rows(rows)))
    return out.getvalue().encode()


def _rows(many: int) -> Iterator[list[str]]:
    for n in range(1, many + 1):
        row = [
            f"南通第{n}号宾馆有限公司", CODES[n % len(CODES)], f"通市监罚〔2026〕{n}号",
            "未明码标价", f"第{n}号房间没有明码标价", "《中华人民共和国价格法》第四十二条",
            "罚款", "罚款5000元", "0.5", "2026-03-02", "南通市市场监督管理局", "市信用平台",
        ]  # fmt: skip
        for at, cell in _WRONG[n // _EVERY % len(_WRONG)].items() if n % _EVERY == 0 else ():
            row[at] = cell
        yield row


def _memory() -> int:
    """The most memory that this program has had, in MiB. What `getrusage` says is that of the
    process before it became this program, too."""
    status = Path("/proc/self/status").read_text("ascii", "replace")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) // 1024 if found else 0
