"""The flows: each gives a duty of `casework` its schedule, its parameters, its retries, a name that
says what a run is for, and an artifact that says what it did.

A run takes the authorities one after the other, each as a task of its own: one that fails, rests or
is busy holds up none of the others. A run that meets another one of its duty leaves quietly. That
is agreed on in our own database: a concurrency limit of Prefect's stays taken for ever by a run
whose server was stopped hard, since the server keeps the leases in its memory and the taken slots
on disk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed
from sqlalchemy import select

from casework.common.sweep_report import SweepReport
from casework.deadlines import duty_book
from casework.deadlines.duty_book import DUTIES, Duty
from casework.duties.days import live_through
from casework.duties.one_by_one import Scope
from casework.duties.roster import do, house_of
from casework.models import Authority
from casework.operations.installation import from_environment

# The state of a run in which something failed: it shows, and says how much.
PARTLY_FAILED = "有失败项"
# A demo whose calendar was turned over days lives through them first.
LEFT_TO_ANOTHER = "日历翻过的日子正由另一次运行逐日补办，当日的事项随后由它一并办理"
# For whom it is done that is done for no authority apart.
_HOUSE = "全库"
# Lines of a table, in Prefect's interface; the rest is counted.
_SHOWN = 200
# It may follow or precede Chinese text, which is made of letters too.
_NUMBER = re.compile(r"\b[0-9A-Z]+-[A-Z]+-\d{4}-\d{6,}\b", re.ASCII)


@task(retries=2, retry_delay_seconds=3, cache_policy=NO_CACHE, persist_result=False)
def _for_authority(work: Callable[[], SweepReport]) -> SweepReport:
    """Do a duty for one authority; a lost connection is tried again, and nothing is done twice."""
    return work()


def _run_name() -> str:
    """What a run does, and for whom."""
    duty = DUTIES[str(flow_run.flow_name)]
    given = flow_run.parameters
    parts = [duty.label, given.get("authority") or ("各机关" if duty.by_authority else _HOUSE)]
    parts += [given["process"]] if given.get("process") else []
    return " · ".join([*parts, "试运行"] if given.get("dry_run") else parts)


def _flow(duty: Duty) -> Callable[[Callable[..., State[Any]]], Any]:
    return flow(
        name=duty.name,
        description=f"{duty.label}。没有按时运行的后果：{duty.without}。",
        flow_run_name=_run_name,
        timeout_seconds=duty.longest.total_seconds(),
        validate_parameters=True,
    )


@_flow(duty_book.CALENDAR_EDITION)
def calendar_edition(dry_run: bool = False) -> State[Any]:
    """Count again what a new calendar moves (时限重算)."""
    return carry_out(duty_book.CALENDAR_EDITION, Scope(dry_run=dry_run))


@_flow(duty_book.DUE_CLOCKS)
def due_clocks(authority: str = "", process: str = "", dry_run: bool = False) -> State[Any]:
    """Let what fell due happen (时限届满)."""
    return carry_out(duty_book.DUE_CLOCKS, Scope(authority, process, dry_run))


@_flow(duty_book.REMINDERS)
def reminders(authority: str = "", process: str = "", dry_run: bool = False) -> State[Any]:
    """Remind of limits about to end (到期提醒)."""
    return carry_out(duty_book.REMINDERS, Scope(authority, process, dry_run))


@_flow(duty_book.LICENCE_EXPIRY)
def licence_expiry(authority: str = "", process: str = "", dry_run: bool = False) -> State[Any]:
    """Remind of licences about to expire (许可证到期提醒)."""
    return carry_out(duty_book.LICENCE_EXPIRY, Scope(authority, process, dry_run))


@_flow(duty_book.ANNUAL_DUTIES)
def annual_duties(authority: str = "", process: str = "", dry_run: bool = False) -> State[Any]:
    """Remind of reports and verifications that come every year (年度事项提醒)."""
    return carry_out(duty_book.ANNUAL_DUTIES, Scope(authority, process, dry_run))


@_flow(duty_book.PUBLICATION)
def publication(authority: str = "", process: str = "", dry_run: bool = False) -> State[Any]:
    """Chase what is to be published or taken down (公示督办)."""
    return carry_out(duty_book.PUBLICATION, Scope(authority, process, dry_run))


@_flow(duty_book.EXCHANGE)
def exchange(authority: str = "", dry_run: bool = False) -> State[Any]:
    """Push decisions to the platforms, and read what they say of it (对外推送)."""
    return carry_out(duty_book.EXCHANGE, Scope(authority, dry_run=dry_run))


@_flow(duty_book.RATINGS)
def ratings(dry_run: bool = False) -> State[Any]:
    """Rate everybody again (信用等级重评)."""
    return carry_out(duty_book.RATINGS, Scope(dry_run=dry_run))


@_flow(duty_book.CHECK_PLANNING)
def check_planning(authority: str = "", dry_run: bool = False) -> State[Any]:
    """Draw the random checks that are due, and say what to hand out (检查计划)."""
    return carry_out(duty_book.CHECK_PLANNING, Scope(authority, dry_run=dry_run))


@_flow(duty_book.DIGEST)
def digest(authority: str = "", dry_run: bool = False) -> State[Any]:
    """Tell each desk what waits for it (每日工作摘要)."""
    return carry_out(duty_book.DIGEST, Scope(authority, dry_run=dry_run))


@_flow(duty_book.NOTICES)
def notices(authority: str = "", dry_run: bool = False) -> State[Any]:
    """Hand the outbox over (通知送出)."""
    return carry_out(duty_book.NOTICES, Scope(authority, dry_run=dry_run))


@_flow(duty_book.IMPORTS)
def imports(authority: str = "", dry_run: bool = False) -> State[Any]:
    """Do the imports that wait (外部数据导入)."""
    return carry_out(duty_book.IMPORTS, Scope(authority, dry_run=dry_run))


@_flow(duty_book.DAILY_PROOF)
def daily_proof(dry_run: bool = False) -> State[Any]:
    """Seal the day and verify everything (每日存证和核验)."""
    return carry_out(duty_book.DAILY_PROOF, Scope(dry_run=dry_run))


@_flow(duty_book.HOUSEKEEPING)
def housekeeping(dry_run: bool = False) -> State[Any]:
    """Delete what nobody needs any more (清理)."""
    return carry_out(duty_book.HOUSEKEEPING, Scope(dry_run=dry_run))


def carry_out(duty: Duty, scope: Scope) -> State[Any]:
    """Do a duty and leave an artifact; the state tells whether something failed."""
    named = from_environment()
    house = house_of(named.office(), named.folder)

    def as_task(code: str, work: Callable[[], SweepReport]) -> SweepReport:
        name = code or duty.label
        return _for_authority.with_options(name=name, task_run_name=name)(work)

    lived = {} if scope.dry_run else live_through(house, duty)
    if lived is None:
        return Completed(message=LEFT_TO_ANOTHER)
    with house.office.database.session() as session:
        names = dict(session.execute(select(Authority.code, Authority.short)).tuples().all())
    here = {names.get(code, _HOUSE): did for code, did in do(house, duty, scope, as_task).items()}
    did: dict[Duty, Mapping[str, SweepReport | None]] = {
        **lived,
        duty: {**lived.get(duty, {}), **here},
    }
    for each, reports in did.items():
        _leave_artifact(each, reports, named.public_url, dry_run=scope.dry_run)
    return outcome([one for reports in did.values() for one in reports.items()])


def _leave_artifact(
    duty: Duty, reports: Mapping[str, SweepReport | None], public_url: str, *, dry_run: bool
) -> None:
    parts = tables(reports, public_url)
    # What is done often leaves none where there was nothing to do: its latest tells what was done.
    if duty.daily and not parts:
        parts = ["没有要办理的事项"]
    if parts:
        title = f"# {duty.label}{'（试运行）' if dry_run else ''}"
        create_markdown_artifact(key=duty.name, markdown="\n\n".join([title, *parts]))


def outcome(reports: Sequence[tuple[str, SweepReport | None]]) -> State[Any]:
    """The state in which a run ends that did this for these: failed if anything did. None is for
    whom it rests, or whom another run is at."""
    sweep_reports = [report for _, report in reports if report is not None]
    done, failed = (
        sum(len(getattr(sweep_report, what)) for sweep_report in sweep_reports)
        for what in ("done", "failed")
    )
    busy = "、".join(name for name, report in reports if report is None)
    left = f"；{busy}已暂停，或者正由另一次运行办理" if busy else ""
    if failed:
        return Failed(name=PARTLY_FAILED, message=f"完成 {done} 项，失败 {failed} 项{left}")
    return Completed(message=f"完成 {done} 项{left}")


def tables(reports: Mapping[str, SweepReport | None], public_url: str) -> list[str]:
    """What was done for each authority, or on each day, as tables; nothing where there was nothing
    to do, so that the latest artifact tells what was last done."""
    parts, rests = [], []
    for name, report in reports.items():
        if report is None:
            rests.append(name)
            continue
        if not (report.done or report.failed or report.notes):
            continue
        lines = [("完成", line) for line in report.done]
        lines = [*(("失败", line) for line in report.failed), *lines]
        lines += [("注意", line) for line in report.notes]
        rows = [f"| {what} | {_linked(line, public_url)} |" for what, line in lines[:_SHOWN]]
        more = f"\n\n另有 {len(lines) - _SHOWN} 项" if len(lines) > _SHOWN else ""
        count = f"完成 {len(report.done)} 项，失败 {len(report.failed)} 项"
        head = [f"## {name}：{count}", "", "| 结果 | 事项 |", "|-|-|"]
        parts.append("\n".join([*head, *rows]) + more)
    if parts and rests:
        parts.append(f"## {'、'.join(rests)}：已暂停，或者正由另一次运行办理")
    return parts


def _linked(line: str, public_url: str) -> str:
    """A line in a table, with a link to each case that it names."""
    plain = line.replace("|", "／").replace("\n", " ")
    return _NUMBER.sub(lambda found: f"[{found[0]}]({public_url}/cases/{found[0]})", plain)
