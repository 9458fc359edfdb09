"""`licence` 卫生许可证: the life of a granted licence, from the grant to the book entry of its end.

《公共场所卫生管理条例实施细则》第二十五条、《行政许可法》第五十条、第六十九条、第七十条.
"""

from __future__ import annotations

from datetime import date

from state_machines.forms import licence as forms
from state_machines.vocabulary import (
    Clock,
    Fire,
    Issue,
    Notify,
    Process,
    Publish,
    Remind,
    Role,
    State,
    Step,
    during,
    schema,
)

# States in which the licence stands and its place may be open.
STANDING = ("valid", "expiring")
_NO_LIMIT = "法律未规定办理注销的期限"

_ANNOUNCED = (
    Issue("deregistration_notice"),
    Publish("licences", "publicity.double"),
    Notify("party"),
)

LICENCE = Process(
    key="licence",
    code="XK",
    label="卫生许可证",
    effective_from=date(2021, 7, 1),
    law="《公共场所卫生管理条例实施细则》第二十五条",
    initial="valid",
    opened_by=(Role.RELATED,),
    form=schema(forms.Licence),
    states=(
        State("valid", "有效"),
        State("expiring", "将到期"),
        State("expired", "过期", unattended=_NO_LIMIT),
        State("revoked", "已撤销", unattended=_NO_LIMIT),
        State("deregistered", "已注销", end=True),
    ),
    steps=(
        Step(
            "begin_expiring",
            "进入到期提醒期",
            {"valid": "expiring"},
            (Role.TIMER,),
            effects=(Notify("party"),),
        ),
        Step(
            "expire",
            "有效期届满",
            during(*STANDING, to="expired"),
            (Role.TIMER,),
            effects=(Notify("party"), Notify(Role.WINDOW_CLERK)),
            law="《行政许可法》第七十条第一项",
        ),
        Step(
            "revoke",
            "撤销",
            during(*STANDING, "expired", to="revoked"),
            (Role.RELATED,),
            law="《行政许可法》第六十九条",
        ),
        Step(
            "deregister",
            "注销",
            {"expired": "deregistered"},
            (Role.APPROVER,),
            form=schema(forms.Deregistration),
            effects=_ANNOUNCED,
            law="《行政许可法》第七十条第一项",
            final=True,
        ),
        Step(
            "deregister_revoked",
            "撤销后注销",
            {"revoked": "deregistered"},
            (Role.RELATED,),
            form=schema(forms.Deregistration),
            effects=_ANNOUNCED,
            law="《行政许可法》第七十条第四项",
            final=True,
        ),
    ),
    clocks=(
        Clock(
            "expiring",
            "到期提醒起算",
            ("valid",),
            Fire("begin_expiring"),
            "licence.expiring_notice",
            anchor="application.valid_until",
            count_back=True,
        ),
        Clock(
            "validity",
            "有效期",
            STANDING,
            Fire("expire"),
            anchor="application.valid_until",
            law="《行政许可法》第七十条第一项",
            remind=(Remind("party", "reminder.licence_expiry"),),
        ),
    ),
)
