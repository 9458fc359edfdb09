"""Planning of checks (检查计划): on each working day the random checks that are due are drawn, and
the supervisor is told what to hand out."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.notices import enqueue_for_desk
from casework.common.retries import reason
from casework.common.sweep_report import SweepReport
from casework.common.timekeeping import in_chinese, legal_date
from casework.duties.one_by_one import EVERYTHING, Scope
from casework.grading.draws.check_plan import PlannedDraws, draw_as_planned
from casework.kernel.office import Office
from casework.kernel.savepoints import savepoint
from casework.models import Authority, Notice
from state_machines.language.vocabulary import Role


def plan_checks(office: Office, scope: Scope = EVERYTHING) -> SweepReport:
    """Draw for each authority what the plan of checks asks for by today, and tell its supervisor,
    once a day; on a day off there is nothing to hand out."""
    now = office.time.now()
    today = legal_date(now)
    report = SweepReport()
    with office.database.session() as session:
        if not office.rules.current(session).calendar.day(today).working:
            return report
        authorities = session.scalars(
            select(Authority)
            .where(Authority.code == scope.authority if scope.authority else Authority.id > 0)
            .order_by(Authority.id)
        ).all()
    for authority in authorities:
        try:
            with office.database.session() as session, savepoint(session, keep=not scope.dry_run):
                made = draw_as_planned(office, session, authority)
                if made.hindered:
                    report.notes.append(f"{authority.short}：{made.hindered}")
                if _tell(session, authority, made, today, now):
                    report.done.append(f"{authority.short}：{_in_words(made)}")
        except Exception as error:  # whatever went wrong with one authority, the next is planned
            report.failed.append(f"{authority.name}：{reason(error)}")
    return report


def _tell(
    session: Session,
    authority: Authority,
    made: PlannedDraws,
    today: date,
    now: datetime,
) -> bool:
    """Tell the supervisor of each draw, and once a day of what is to be handed out or in the way;
    says whether it was."""
    if not (made.drawn or made.hindered or made.plan.follow_ups_today):
        return False
    key = f"check-planning/{authority.code}/{today}"
    if made.drawn:
        key += f"/{made.drawn[0][0]}"
    elif session.scalar(select(Notice.id).where(Notice.key.startswith(f"{key}/")).limit(1)):
        return False  # it was told with what was drawn
    written = enqueue_for_desk(
        session,
        key=key,
        kind="digest",
        authority_id=authority.id,
        to_role=Role.SUPERVISOR.value,
        subject=f"{in_chinese(today)}检查计划",
        body=f"{authority.name}{_in_words(made)}。请在“双随机抽取”页面核对后下达检查任务。",
        now=now,
    )
    return written is not None


def _in_words(made: PlannedDraws) -> str:
    plan = made.plan
    drawn = "、".join(f"{number}（许可证{licence}）" for number, licence in made.drawn)
    parts = [f"本年计划随机抽查{plan.planned}家，至今应抽{plan.due}家，已抽{plan.drawn}家"]
    if drawn:
        parts.append(f"今日抽取{drawn}")
    if made.hindered:
        parts.append(f"未能抽取：{made.hindered}")
    if plan.behind:
        parts.append(f"{len(plan.behind)}家单位未达到信用等级要求的检查次数")
    if plan.follow_ups:
        parts.append(f"承诺事后核查待派{plan.follow_ups}件，今日应派{plan.follow_ups_today}件")
    return "；".join(parts)
