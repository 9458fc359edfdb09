"""What is granted is what was applied for, complete (许可法32、38), in every version."""

from __future__ import annotations

import re
from collections import Counter

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.handed_in import handed_in, listed
from casework.common.texts import folded
from casework.common.typed_inputs import Inputs
from casework.models import Case
from state_machines.language.vocabulary import Refusal
from state_machines.radiation.forms import DECIDE_ECO, DECIDE_HEALTH, Permit, Single
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
    if act.step.name not in (DECIDE_HEALTH, DECIDE_ECO):
        return []
    return _of_materials(act) + _of_scope(act)


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
