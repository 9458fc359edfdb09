"""Imports (外部数据导入): each file that waits, one after the other; none holds up the others."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from casework.common.retries import reason
from casework.common.sweep_report import SweepReport
from casework.duties.one_by_one import EVERYTHING, Scope
from casework.exchange.importing.running import may_be_run, put_off, run
from casework.kernel.office import Office
from casework.models import DataImport


def run_imports(office: Office, scope: Scope = EVERYTHING) -> SweepReport:
    """Do the imports that wait, of one authority or all. A dry run says which those are."""
    report, met = SweepReport(), list[int]()
    while (number := _next(office, scope, met)) is not None:
        met.append(number)
        if scope.dry_run:
            report.done.append(f"第{number}号导入等待办理")
            continue
        try:
            told = run(office, number)
        except Exception as error:  # whatever went wrong with one file, the next still waits
            report.failed.append(f"第{number}号导入：{reason(error)}")
            put_off(office, number, error)
            continue
        if told is None:
            report.skipped += 1
        else:
            report.done.append(told)
    return report


def _next(office: Office, scope: Scope, met: Collection[int]) -> int | None:
    """The import that has waited longest, of those that this run has not met."""
    wanted = select(DataImport.id).where(may_be_run(office.time.now()), DataImport.id.not_in(met))
    if scope.authority:
        wanted = wanted.where(DataImport.authority_id == scope.authority_id)
    with office.database.session() as session:
        return session.scalar(wanted.order_by(DataImport.id).limit(1))
