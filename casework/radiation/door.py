"""What is granted is what was applied for, complete (许可法32、38), and is verified when it is due
(放射诊疗管理规定17), in every version."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.handed_in import handed_in, listed
from casework.common.texts import folded
from casework.common.timekeeping import in_chinese
from casework.common.typed_inputs import Inputs
from casework.models import Case
from casework.rules.counting import count
from state_machines.language.vocabulary import Refusal
from state_machines.parts.intake.forms import SUBMIT
from state_machines.radiation.forms import (
    DECIDE_ECO,
    DECIDE_HEALTH,
    PASS_VERIFICATION,
    REPORT,
    Permit,
    SafetyLicence,
    Single,
    Verification,
    YearReport,
)
from state_machines.radiation.one_matter.forms import Application

_LAW = "《行政许可法》第三十八条第一款、《放射性同位素与射线装置安全和防护条例》第七条、第八条"
_SCOPE_LAW = (
    "《行政许可法》第三十八条第一款、《放射诊疗管理规定》第十一条、"
    "《放射性同位素与射线装置安全和防护条例》第十条、第十二条"
)
_BETWEEN = re.compile(r"[；;、，,。\r\n]+")
_COUNT = re.compile(r"\((\d{1,3})台\)$")


def refusals(act: Act) -> list[Refusal]:
    """What is lacking of the materials that are shared, or of the item's own; and what the licence
    would allow that was not applied for."""
    if act.step.name == PASS_VERIFICATION:
        return list(_of_verification(act, act.filled(Verification).next_due))
    if act.step.name == REPORT and act.process.key == "safety_licence":
        return list(_of_report(act))
    if act.step.name == SUBMIT and act.process.key == "one_matter":
        return list(_of_verification(act, act.inputs.application(Application).verify_by))
    if act.step.name not in (DECIDE_HEALTH, DECIDE_ECO):
        return []
    return _of_materials(act) + _of_scope(act)


def _of_verification(act: Act, on: date | None) -> Iterator[Refusal]:
    """An institution is verified every three years at least, and every year if it is small: nobody
    is spared that by a day far away, nor asks with a licence that was not verified in time."""
    limit, _ = act.rules.limit("radiation.verification", act.day, act.region)
    last = count(limit, act.day, (), act.rules.calendar).due
    if on is None or last is None or act.day <= on <= last:
        return
    text = (
        f"下次校验日期{in_chinese(on)}应在{in_chinese(act.day)}至{in_chinese(last)}之间"
        f"（校验期最长{limit.text}）：请按《医疗机构执业许可证》核对；逾期未校验的，先办理校验"
    )
    yield Refusal("verification_day_wrong", text, f"{limit.law}、《放射诊疗管理规定》第十七条")


def _of_report(act: Act) -> Iterator[Refusal]:
    """Each report is of the year before the day on which it is due: nobody reports on years to
    come, or on others again, and so for years to come on nothing."""
    due = act.inputs.application(SafetyLicence).report_by
    year = act.filled(YearReport).year
    if due is None or not year or (year == due.year - 1 and year <= act.day.year):
        return
    text = (
        f"{in_chinese(due)}前应提交{due.year - 1}年度的评估报告，不能以{year}年度的代替，"
        "也不能在该年度开始以前提交"
    )
    yield Refusal(
        "report_of_another_year", text, "《放射性同位素与射线装置安全和防护条例》第三十条第二款"
    )


def _of_materials(act: Act) -> list[Refusal]:
    there = handed_in(act)
    missing = [
        item.label
        for item in listed(act)
        if item.required and item.matter in ("", act.matter) and item.key not in there
    ]
    if not missing:
        return []
    text = f"缺少申请材料：{'、'.join(missing)}，不能准予许可"
    return [Refusal("materials_missing", text, _LAW)]


def _of_scope(act: Act) -> list[Refusal]:
    """The scope is a selection of the uses and classes of the equipment applied for, each for as
    many pieces at most: what is wider is another level's to grant, or another application's."""
    applied = Counter(_applied_for(act))
    scope = act.filled(Permit).scope
    if not applied or not scope:
        return []
    known = Counter({folded(label): n for label, n in applied.items()})
    parts = [part for part in _BETWEEN.split(scope) if part.strip()] or [scope]
    beyond = [part for part in parts if not _within(part, known)]
    if not beyond:
        return []
    text = (
        f"许可项目“{'、'.join(beyond)}”不是申请的内容：只能从申请的设备中选择"
        f"（{'、'.join(f'{label}{n}台' for label, n in applied.items())}），"
        "写明类别，可以加注台数，如“使用Ⅲ类射线装置（1台）”；增加项目的，由申请人另行申请"
    )
    return [Refusal("scope_beyond_application", text, _SCOPE_LAW)]


def _within(part: str, known: Counter[str]) -> bool:
    said = folded(part)
    count = _COUNT.search(said)
    wanted = max(1, int(count[1])) if count else 1
    return wanted <= known[_COUNT.sub("", said).removeprefix("使用")]


def _applied_for(act: Act) -> list[str]:
    """The use and the class of each piece of equipment; of an item that goes on alone, those of the
    joint application."""
    inputs = act.inputs
    if number := inputs.application(Single).joint_case:
        joint = act.session.scalar(select(Case).where(Case.number == number))
        inputs = Inputs(joint.data) if joint else inputs
    equipment = inputs.application(Application).equipment
    return [label for one in equipment for label in (one.use, one.device_class)]
