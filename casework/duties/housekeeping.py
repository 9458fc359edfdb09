"""Housekeeping (清理): what nobody needs any more is deleted. Files, logs and proofs never are."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, exists, func, select

from casework.common.sweep_report import SweepReport
from casework.common.timekeeping import legal_date
from casework.duties.one_by_one import EVERYTHING, Scope
from casework.kernel.office import Office
from casework.models import (
    ChosenFile,
    DataFile,
    DataImport,
    IdempotentReply,
    ImportRow,
    KeptForm,
    LoginSession,
)

# A log-in that has ended is known for a day longer (`LoginSession`).
_AFTER_LOGIN = timedelta(days=1)
# Nobody repeats a request after so long.
_AFTER_REQUEST = timedelta(days=30)


def keep_house(office: Office, scope: Scope = EVERYTHING) -> SweepReport:
    """Delete log-ins that have ended, forms and files that were left, answers to requests of long
    ago, and of imports the files and what became of their rows."""
    now = office.time.now()
    report = SweepReport()
    with office.database.session() as session:
        kept = office.rules.current(session).value("imports.keeping_days", legal_date(now), "")
    recent = DataImport.ended_at.is_(None) | (DataImport.ended_at >= now - timedelta(days=kept))
    of_row = exists().where(DataImport.id == ImportRow.import_id, recent)
    of_file = exists().where(DataImport.digest == DataFile.digest, recent)
    for what, model, old in (
        ("已结束的登录", LoginSession, LoginSession.expires_at < now - _AFTER_LOGIN),
        ("未提交的表单", KeptForm, KeptForm.expires_at < now),
        ("未提交的文件", ChosenFile, ChosenFile.expires_at < now),
        ("导入的逐行结果", ImportRow, ~of_row),
        ("导入的文件", DataFile, ~of_file),
        ("重复请求的答复", IdempotentReply, IdempotentReply.created_at < now - _AFTER_REQUEST),
    ):
        with office.database.session() as session:
            found = session.scalar(select(func.count()).select_from(model).where(old)) or 0
            if found and not scope.dry_run:
                session.execute(delete(model).where(old))
        if found:
            report.done.append(f"{what} {found} 项")
    return report
