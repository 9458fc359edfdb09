"""Who does what (值守表): the work of each duty, in the order of `duty_book.DUTIES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from casework.common.problems import NotFound
from casework.common.sweep_report import SweepReport
from casework.deadlines import duty_book
from casework.deadlines.duty_book import (
    ANNUAL_DUTIES,
    CALENDAR_EDITION,
    CHECK_PLANNING,
    DAILY_PROOF,
    DIGEST,
    DUE_CLOCKS,
    EXCHANGE,
    HOUSEKEEPING,
    IMPORTS,
    LICENCE_EXPIRY,
    NOTICES,
    PUBLICATION,
    RATINGS,
    REMINDERS,
    Duty,
    on_duty,
)
from casework.duties.calendar_edition import recount_provisional
from casework.duties.check_planning import plan_checks
from casework.duties.daily_proof import prove_day, seal_day
from casework.duties.digest import send_digests
from casework.duties.due_clocks import fire_due_clocks
from casework.duties.handing_over import deliver_notices, send_messages
from casework.duties.housekeeping import keep_house
from casework.duties.import_runs import run_imports
from casework.duties.one_by_one import Scope
from casework.duties.publication import chase_publications
from casework.duties.rating_again import rate_everybody
from casework.duties.reminders import send_reminders
from casework.exchange.pushing.exchanging import exchange
from casework.kernel.office import Office
from casework.notifying.addressing import Outlets
from casework.notifying.gateways import Gateways, RealGateways
from casework.operations.channels import Channel
from state_machines.processes import PROCESSES


@dataclass(frozen=True)
class House:
    """What duties are done with: the office, the data folder, the way out for notices, and who
    hands messages to the outlets.

    A day that is `past` is lived through once, also where something fails. Its root is sealed; the
    whole is verified once, on the last day.
    """

    office: Office
    folder: Path
    channel: Callable[[Office], Channel]
    gateways: Gateways = field(default_factory=RealGateways)
    past: bool = False


def house_of(office: Office, folder: Path) -> House:
    """The house of an installation, whose notices leave by the outlets of their authority."""
    return House(office, folder, Outlets)


def _notices(house: House, scope: Scope) -> SweepReport:
    lined_up = deliver_notices(house.office, house.channel(house.office), scope)
    return lined_up + send_messages(house.office, house.gateways, scope)


Work = Callable[[House, Scope], SweepReport]

WORK: Mapping[Duty, Work] = {
    CALENDAR_EDITION: lambda house, scope: recount_provisional(house.office, scope),
    DUE_CLOCKS: lambda house, scope: fire_due_clocks(house.office, scope),
    REMINDERS: lambda house, scope: send_reminders(house.office, scope, duty=REMINDERS),
    LICENCE_EXPIRY: lambda house, scope: send_reminders(house.office, scope, duty=LICENCE_EXPIRY),
    ANNUAL_DUTIES: lambda house, scope: send_reminders(house.office, scope, duty=ANNUAL_DUTIES),
    PUBLICATION: lambda house, scope: chase_publications(house.office, scope),
    EXCHANGE: lambda house, scope: exchange(house.office, scope.authority, dry_run=scope.dry_run),
    RATINGS: lambda house, scope: rate_everybody(house.office, scope),
    CHECK_PLANNING: lambda house, scope: plan_checks(house.office, scope),
    DIGEST: lambda house, scope: send_digests(house.office, scope),
    NOTICES: _notices,
    IMPORTS: lambda house, scope: run_imports(house.office, scope),
    DAILY_PROOF: lambda house, scope: (
        seal_day(house.office, house.folder)
        if house.past
        else prove_day(house.office, house.folder, scope)
    ),
    HOUSEKEEPING: lambda house, scope: keep_house(house.office, scope),
}

# How a piece of work is done: by itself, or as a task with retries.
Doing = Callable[[str, Callable[[], SweepReport]], SweepReport]


def do(
    house: House, duty: Duty, scope: Scope, doing: Doing | None = None, *, alone: bool = True
) -> dict[str, SweepReport | None]:
    """Do a duty for each authority that the scope is for, and put on record how that ended; gives
    what was done by the authority's code: None where it rests or another run is at it.

    An authority whose run fails, or that another run is at, holds up none of the others: those that
    are free come first. A dry run is put on no record. Raises NotFound for an authority or a
    process that there is not.
    """
    if scope.process and scope.process not in PROCESSES:
        raise NotFound(f"没有程序“{scope.process}”，可选：{'、'.join(PROCESSES)}")
    plainly = doing or (lambda _code, work: work())
    with house.office.database.session() as session:
        codes = duty_book.extent(session, duty)
    wanted = [code for code in codes if scope.authority in ("", code) or not duty.by_authority]
    if not wanted:
        raise NotFound(f"没有代码为“{scope.authority}”的机关，可选：{'、'.join(codes)}")
    reports: dict[str, SweepReport | None] = {}
    for patient in (False, True):
        for code in [code for code in wanted if reports.get(code) is None]:
            work = partial(WORK[duty], house, replace(scope, authority=code))
            if scope.dry_run:
                reports[code] = plainly(code, work)
                continue
            with on_duty(house.office, duty, code, alone=alone, patient=patient) as shift:
                if shift is None:
                    reports[code] = None
                    continue
                try:
                    report = plainly(code, work)
                except Exception as error:  # another authority's is still to be done
                    report = SweepReport(failed=[f"{type(error).__name__}：{error}"])
                reports[code] = report
                shift.done, shift.failed = len(report.done), len(report.failed)
                if not house.past:
                    shift.error = "；".join(report.failed[:3]) or None
    return reports
