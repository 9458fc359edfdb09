"""What a clerk need not type (预填) when an application is looked through."""

from __future__ import annotations

from collections.abc import Mapping

from api.cases.prefilling import Desk, Prefiller
from api.html.form_fields import Guide, Option
from casework.reading.case import MaterialView


def _supplement(desk: Desk) -> Guide:
    """Every item of the list is offered; what the departments asked for (核验) stands in it."""
    asked = [
        item for step in ("check_health", "check_eco") for item in desk.given(step).get("items", ())
    ]
    merged: dict[str, str] = {}
    for item in asked:
        said = merged.get(item["material"])
        merged[item["material"]] = f"{said}；{item['what']}" if said else item["what"]
    return Guide(
        offered={
            "items": [
                {"material": item.key, "what": merged[item.key], "_pick": "1"}
                if item.key in merged
                else {"material": item.key}
                for item in _applied_with(desk)
            ]
        },
        options={"items.*.material": _materials(_applied_with(desk))},
        fixed=frozenset({"items.*.material"}),
        hints={"items": "补正只能告知一次：请勾选全部需要补正的材料，并写明内容"},
    )


def _acceptance(desk: Desk) -> Guide:
    """What is missing and may follow later (容缺) can be ticked; else there is nothing to tick."""
    may_follow = [
        Option(item.key, item.label)
        for item in desk.case.materials
        if item.deferrable and item.required and not item.files
    ]
    return Guide(
        options={"deferred": may_follow} if may_follow else {},
        left_out=frozenset() if may_follow else frozenset({"deferred"}),
        hints={
            "deferred": "在公布的容缺清单内、申请人承诺补交的，勾选后先予受理",
            "name_difference": "名称与营业执照一致的不填；分店、招牌名称的，写明核对情况",
        },
    )


def _precheck(desk: Desk) -> Guide:
    return Guide(
        offered={"items": [{"material": item.key} for item in _applied_with(desk)]},
        options={"items.*.material": _materials(_applied_with(desk))},
        fixed=frozenset({"items.*.material"}),
        hints={
            "items": "勾选本部门需要补正的材料并写明内容；齐全的直接提交",
            "remark": "只供本部门和窗口查看",
        },
    )


def _applied_with(desk: Desk) -> tuple[MaterialView, ...]:
    """Nothing else may be asked for (许可法30、31)."""
    return tuple(item for item in desk.case.materials if item.applied_with)


def _materials(items: tuple[MaterialView, ...]) -> list[Option]:
    return [Option(item.key, item.label) for item in items]


STEPS: Mapping[str, Prefiller] = {
    "request_supplement": _supplement,
    "instant_licence.accept": _acceptance,
    "check_health": _precheck,
    "check_eco": _precheck,
}
