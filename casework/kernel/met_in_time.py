"""What turns out to have been done in time (按期办理) undoes what the expiry of its limit told.

A limit fell due, and a sweep told of it; then an act is entered, late or afterwards (专项补录),
that was taken before that. The log keeps both, and whoever was told is told so.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.clocks import ENDED, EXPIRED, Run
from casework.acts.notices import notice_of
from casework.common.timekeeping import in_chinese
from casework.models import Notice
from state_machines.language.vocabulary import Role

MET = "met_in_time"
# What is added to the key of a notice that was told in vain.
UNDONE = "/undone"


def undo_expiries(act: Act, before: Iterable[Run]) -> None:
    """Tell of the limits that the act met although they were told to have run out, given the runs
    before it."""
    if act.by_law:
        return
    expired = {(run.name, run.number): run for run in before if run.status == EXPIRED}
    for run in act.runs:
        old = expired.get((run.name, run.number))
        if old is None or run.status != ENDED or old.fires_at is None or act.at >= old.fires_at:
            continue
        label = act.process.clock(run.name).label
        due = old.due_on.isoformat() if old.due_on else ""
        act.note(MET, {"clock": run.name, "run": run.number, "due": due, "label": label})
        key = f"expiry/{act.case.id}/{run.name}/{run.number}/{due}"
        told = Notice.key.in_([key, *(f"{key}/{role.value}" for role in Role)])
        for notice in act.session.scalars(select(Notice).where(told).order_by(Notice.id)).all():
            tell_otherwise(
                act,
                notice,
                str(notice.to_role),
                f"{label}没有超过",
                f"已于{in_chinese(act.day)}办理“{act.step.label}”（今日登记），“{label}”没有超过，"
                f"此前的提示“{notice.subject}”作废。",
            )


def tell_otherwise(act: Act, notice: Notice, to: str, subject: str, body: str) -> None:
    """Tell whoever had a notice of the case that it was told in vain, with the act."""
    act.rows.append(
        notice_of(
            act.session,
            act.case,
            act.process,
            key=notice.key + UNDONE,
            kind="step",
            to=to,
            subject=f"更正：{act.case.number} {subject}",
            body=f"{act.process.label}（{act.case.number}）{body}",
            now=act.context.now,
        )
    )
