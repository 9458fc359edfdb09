"""A decreed calendar takes the place of a provisional one (时限重算)."""

from __future__ import annotations

from casework.common.sweep_report import SweepReport
from casework.deadlines.recounting import recount
from casework.duties.one_by_one import EVERYTHING, Scope
from casework.kernel.office import Office


def recount_provisional(office: Office, scope: Scope = EVERYTHING) -> SweepReport:
    """Count again the limits that rest on days not decreed when they began (时限重算); gives a line
    for each that moved."""
    return SweepReport(
        done=[
            f"{moved.case} {moved.clock}：{moved.before or '尚不能计算'} → {moved.after}"
            for moved in recount(office, dry_run=scope.dry_run)
            if not moved.kept
        ]
    )
