"""Ratings (信用等级重评): items end by time alone."""

from __future__ import annotations

from casework.common.retries import reason
from casework.common.sweep_report import SweepReport
from casework.common.timekeeping import legal_date
from casework.credit import ratings
from casework.duties.one_by_one import EVERYTHING, Scope
from casework.kernel.office import Office
from casework.kernel.savepoints import savepoint
from casework.models import Party


def rate_everybody(office: Office, scope: Scope = EVERYTHING) -> SweepReport:
    """Recalculate every rating (信用等级重评), since items end by time alone; gives a line for
    each that changed, and tells a party whose grade fell or is about to."""
    now = office.time.now()
    today = legal_date(now)
    report = SweepReport()
    with office.database.session() as session:
        parties = ratings.remembered_parties(session, today)
    for party_id in parties:
        try:
            with office.database.session() as session, savepoint(session, keep=not scope.dry_run):
                rules = office.rules.current(session)
                if rating := ratings.recalculate(session, rules, party_id, today, now):
                    name = session.get_one(Party, party_id).name
                    report.done.append(f"{name}：{rating}")
        except Exception as error:  # whatever went wrong with one party, the next is rated
            report.failed.append(f"当事人 {party_id}：{reason(error)}")
    return report
