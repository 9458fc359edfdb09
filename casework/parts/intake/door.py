"""Nobody is turned away for what the file shows to be otherwise (不予受理).

In cases of every version.
"""

from __future__ import annotations

from casework.acts.act import Act
from state_machines.language.vocabulary import Refusal
from state_machines.licensing.instant_licence.forms import Application
from state_machines.parts.intake.forms import (
    NOT_ACCEPT,
    REQUEST_SUPPLEMENT,
    NonAcceptance,
    NotAcceptedGround,
    SupplementList,
)

# What is no material: a licence costs nothing, and obliges nobody to buy anything.
_MONEY = ("保证金", "押金", "赞助", "捐款", "购买", "手续费")


def refusals(act: Act) -> list[Refusal]:
    """What stands against not accepting an application on the ground that is named."""
    if act.step.name == REQUEST_SUPPLEMENT:
        return _of_supplement(act)
    if act.step.name != NOT_ACCEPT:
        return []
    needless = act.filled(NonAcceptance).ground == NotAcceptedGround.NOT_NEEDED
    key = act.inputs.application(Application).place_kind
    if not needless or not key or key not in act.rules.keys("place_kind"):
        return []
    kind = act.rules.place_kind(key, act.day, act.region)
    if kind.treatment != "licence":
        return []
    text = f"{kind.label}依法需要取得公共场所卫生许可，不能以“不需要取得行政许可”为由不予受理"
    return [Refusal("licence_is_needed", text, f"《行政许可法》第三十二条、{kind.law}")]


def _of_supplement(act: Act) -> list[Refusal]:
    items = act.filled(SupplementList).items
    words = "\n".join(f"{item.material}\n{item.what}" for item in items)
    found = [word for word in _MONEY if word in words]
    if not found:
        return []
    text = (
        f"补正清单写有“{'、'.join(found)}”：只能要求补正申请材料，不得收取费用，"
        "不得要求购买指定商品、接受有偿服务"
    )
    return [
        Refusal("supplement_asks_money", text, "《行政许可法》第二十七条、第三十一条、第五十八条")
    ]
