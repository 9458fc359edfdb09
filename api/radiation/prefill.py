"""What the decisions on machines begin with (预填): what they are used for, and how many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from api.cases.prefilling import Desk, Prefiller
from api.html.form_fields import Guide


def _diagnosis_permit(desk: Desk) -> Guide:
    """What may be diagnosed and treated (诊疗项目)."""
    uses = dict.fromkeys(machine["use"] for machine in _machines(desk))
    return Guide(begin={"scope": "、".join(uses)} if uses else {})


def _safety_permit(desk: Desk) -> Guide:
    """What kinds of sources may be used, and how many of each (种类和范围)."""
    classes = Counter(machine["device_class"] for machine in _machines(desk))
    said = "、".join(f"使用{kind}（{number}台）" for kind, number in classes.items())
    return Guide(begin={"scope": said} if said else {})


def _machines(desk: Desk) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = desk.given("application").get("equipment", ())
    return found


STEPS: Mapping[str, Prefiller] = {
    "decide_health": _diagnosis_permit,
    "decide_eco": _safety_permit,
}
