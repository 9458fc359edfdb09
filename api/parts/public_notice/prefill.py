"""What the answers to public comments begin with (预填): each comment that waits for one."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from api.cases.prefilling import Desk, Prefiller
from api.html.form_fields import Guide
from casework.models import Case
from casework.parts.public_notice.collect import open_comments, rows_since_notice
from state_machines.parts.public_notice.forms import Noticed


def _answers(desk: Desk) -> Guide:
    case = desk.session.scalars(select(Case).where(Case.number == desk.case.number)).one()
    waiting = open_comments(rows_since_notice(desk.session, case))
    return Guide(
        begin={"answers": [{"comment": text} for text in waiting]},
        fixed=frozenset({"answers.*.comment"}),
        note="" if waiting else "目前没有等待答复的意见。",
    )


def _comment(desk: Desk) -> Guide:
    return Guide(
        hints={
            "text": "照来信、电子邮件、电话记录的原意填写",
            "contact": "只供本机关核实，不公开，也不转给申请人",
        },
        note="收到的书面、电话意见在此登记，办理日期填收到（寄出）的日期；网上意见自动登记。",
    )


def _revision(desk: Desk) -> Guide:
    """A revision begins with what is on record."""
    said = desk.given("application")
    return Guide(begin={name: said.get(name, "") for name in Noticed.model_fields})


STEPS: Mapping[str, Prefiller] = {
    "answer_comments": _answers,
    "comment": _comment,
    "revise": _revision,
}
