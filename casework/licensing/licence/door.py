"""A wrong certificate (证书记载错误) is one that differs from the file of its grant.

What the file does not prove is a change or a new application, in cases of every version."""

from __future__ import annotations

from sqlalchemy import select

from casework.acts.act import Act
from casework.licensing.licence.collect import licence_of
from casework.models import Case
from state_machines.language.vocabulary import Refusal
from state_machines.licensing.licence_change.forms import Kind

_LAW = "《行政许可法》第三十八条、第四十九条、《公共场所卫生管理条例实施细则》第二十七条"
_NAMED = {"place_name": "单位名称", "representative": "法定代表人或负责人", "address": "地址"}
_DECIDED = {Kind.NAME.value: "place_name", Kind.REPRESENTATIVE.value: "representative"}
_STEPS = ("submit", "reissue")


def refusals(act: Act) -> list[Refusal]:
    """What a certificate would say after its correction that the file of its grant does not."""
    said = act.data.get("application", {})
    if (
        act.process.key != "licence_change"
        or act.step.name not in _STEPS
        or said.get("kind") != Kind.WRONG
    ):
        return []
    licence = licence_of(act)
    shown, proved = licence.data["application"], _granted(act, licence)
    differing = [
        f"{label}“{said[name]}”（案卷为“{proved.get(name, '')}”）"
        for name, label in _NAMED.items()
        if said[name] != shown[name] and said[name] != proved.get(name)
    ]
    if not differing:
        return []
    text = (
        f"更正换发只能改为与准予许可的案卷一致，下列内容案卷不能证明：{'；'.join(differing)}。"
        "变更名称、负责人的，办理变更；更换场所的，重新申请许可"
    )
    return [Refusal("certificate_as_granted", text, _LAW)]


def _granted(act: Act, licence: Case) -> dict[str, str]:
    """What the application said that was granted, with what was decided to be changed since."""
    root = act.session.get(Case, licence.family_id or licence.id)
    granted = root.data.get("application", {}) if root else {}
    proved = {name: str(granted.get(name, "")) for name in _NAMED}
    changes = act.session.scalars(
        select(Case)
        .where(
            Case.family_id == licence.family_id,
            Case.process == "licence_change",
            Case.id != act.case.id,
        )
        .order_by(Case.id)
    )
    for change in changes:
        asked = change.data["application"]
        name = _DECIDED.get(asked["kind"])
        if name and "grant" in change.data:
            proved[name] = asked[name]
    return proved
