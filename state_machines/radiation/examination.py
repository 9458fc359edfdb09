"""放射诊疗与辐射安全: what one department does with its item, wherever the item is handled.

The joint matter (`one_matter`) and an item handled alone (`single`) compose these steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from state_machines.language.vocabulary import (
    Clock,
    Escalate,
    Extension,
    Fire,
    Issue,
    LegalDay,
    Notify,
    OpenCase,
    Publish,
    Remind,
    Role,
    State,
    Step,
    Stop,
    Track,
    during,
    schema,
)
from state_machines.parts.limits import guards as limits
from state_machines.parts.prior_notice import part as prior
from state_machines.parts.prior_notice.forms import GIVE_PRIOR_NOTICE, GIVE_PRIOR_NOTICE_ECO
from state_machines.radiation import forms
from state_machines.radiation import guards as radiation
from state_machines.radiation.one_matter import forms as joint_forms


@dataclass(frozen=True)
class Item:
    """One of the two licences: who decides on it, and the case of its licence."""

    name: str
    label: str
    matter: str
    department: str
    reviewer: Role
    approver: Role
    licence: str
    data: Mapping[str, str]
    law: str

    def state(self, name: str, label: str, *, end: bool = False) -> State:
        """A state of this item."""
        return State(f"{self.name}_{name}", label, end=end)

    def at(self, *names: str) -> tuple[str, ...]:
        """The names of states of this item."""
        return tuple(f"{self.name}_{name}" for name in names)


_SAID = {
    "place_name": "application.place_name",
    "address": "application.address",
    "representative": "application.representative",
    "valid_from": "@date",
}
HEALTH = Item(
    name="health",
    label="放射诊疗许可",
    matter="radiation_diagnosis",
    department="卫生健康",
    reviewer=Role.REVIEWER,
    approver=Role.APPROVER,
    licence="diagnosis_licence",
    data={
        **_SAID,
        "number": "@number:diagnosis_certificate",
        "scope": "decide_health.scope",
        "institution_licence": "application.institution_licence",
        "verify_by": "application.verify_by",
    },
    law="《放射诊疗管理规定》第十三条",
)
ECO = Item(
    name="eco",
    label="辐射安全许可",
    matter="radiation_safety",
    department="生态环境",
    reviewer=Role.ECO_REVIEWER,
    approver=Role.ECO_APPROVER,
    licence="safety_licence",
    data={
        **_SAID,
        "number": "@number:safety_certificate",
        "scope": "decide_eco.scope",
        "valid_until": "@term:radiation.validity",
        "report_by": "@next:01-31",
    },
    law="《放射性同位素与射线装置安全和防护条例》第九条",
)
ITEMS = (HEALTH, ECO)


def review_steps(
    item: Item, begin: str, passed: str, failed: str, paused: str, *, desk: Role
) -> tuple[Step, ...]:
    """The examination of one item, with its technical pause; `desk` hears what came of it."""
    name, by = item.name, (item.reviewer,)
    return (
        Step(
            f"pass_{name}",
            f"{item.label}审查通过",
            {begin: passed},
            by,
            form=schema(forms.Opinion),
            effects=(Issue("review_opinion"), Notify(desk), Notify(item.approver)),
            law=item.law,
        ),
        Step(
            f"fail_{name}",
            f"{item.label}审查不通过",
            {begin: failed},
            by,
            form=schema(forms.Opinion),
            effects=(Issue("review_opinion"), Notify(desk), Notify(item.approver)),
            law=item.law,
            optional=True,
        ),
        Step(
            f"pause_{name}",
            f"{item.label}技术审查，中止计时",
            {begin: paused},
            by,
            form=schema(forms.Pause),
            guards=(limits.pause_has_an_end,),
            effects=(Issue("technical_review_notice"), Notify("party")),
            law="《行政许可法》第四十五条",
            optional=True,
        ),
        Step(
            f"resume_{name}",
            f"{item.label}恢复审查",
            {paused: begin},
            (*by, Role.TIMER),
            effects=(Notify("party"), Notify(item.reviewer)),
            law="《行政许可法》第四十五条",
            legal_day=LegalDay.OTHERS,
        ),
    )


def extension_step(item: Item, *states: str) -> Step:
    """The head of the department gives its own decision ten more working days."""
    return Step(
        f"extend_{item.name}",
        f"延长{item.label}审查期限",
        during(*states),
        (item.approver,),
        form=schema(forms.Reasoned),
        guards=(limits.limit_may_be_extended,),
        effects=(Issue("item_extension_notice"), Notify("party")),
        law="《行政许可法》第四十二条第一款",
        optional=True,
    )


def decision_steps(
    item: Item,
    undecided: tuple[str, ...],
    granted: str,
    refused: str,
    *,
    desk: Role,
    told: tuple[str, ...] = (GIVE_PRIOR_NOTICE,),
) -> tuple[Step, ...]:
    """The decision on one item, by its own authority: the grant opens the licence. Whoever `told`
    the applicant of a refusal does not decide."""
    name, by = item.name, (item.approver,)
    return (
        Step(
            f"decide_{name}",
            f"准予{item.label}",
            during(*undecided, to=granted),
            by,
            form=schema(forms.Permit),
            guards=(radiation.item_has_passed,),
            effects=(
                OpenCase(item.licence, item.licence, item.data),
                Issue("radiation_grant"),
                Publish("licences", "publicity.double"),
                Notify("party"),
                Notify(desk),
            ),
            law="《行政许可法》第三十八条第一款",
            final=True,
        ),
        Step(
            f"refuse_{name}",
            f"不予{item.label}",
            during(*undecided, to=refused),
            by,
            form=schema(forms.Refusal),
            effects=(
                Issue("refusal_decision"),
                Publish("licences", "publicity.double"),
                Notify("party"),
                Notify(desk),
            ),
            law="《行政许可法》第三十八条第二款",
            apart_from=told,
            optional=True,
            final=True,
        ),
    )


def pause_clock(item: Item, paused: str) -> Clock:
    """Until when the party was told that the technical review lasts: so long, and no longer."""
    return Clock(
        f"{item.name}_technical",
        f"{item.label}技术审查预计完成",
        (paused,),
        Fire(f"resume_{item.name}"),
        anchor=f"pause_{item.name}.expected_until",
        law="《行政许可法》第四十五条",
        remind=(Remind(item.reviewer),),
        in_every_version=True,
    )


def precheck(item: Item, opens_in: str) -> Track:
    """核验: each department looks at its part before acceptance; who is silent accepts its part."""
    checking, checked = item.at("checking", "checked")
    return Track(
        f"{item.name}_precheck",
        f"{item.department}核验",
        (opens_in,),
        checking,
        (State(checking, "核验中"), State(checked, "已核验", end=True)),
        (
            Step(
                f"check_{item.name}",
                f"核验{item.label}材料",
                {checking: checked},
                (item.reviewer,),
                form=schema(joint_forms.Look),
                effects=(Notify(Role.WINDOW_CLERK),),
                law="《行政许可法》第三十二条第一款第四项",
            ),
            Step(
                f"assume_{item.name}",
                f"{item.department}逾期未提出意见，视为材料齐全",
                {checking: checked},
                (Role.TIMER,),
                effects=(Notify(Role.WINDOW_CLERK),),
                law="《行政许可法》第三十二条第一款第四项",
            ),
        ),
        (
            Clock(
                f"{item.name}_precheck",
                f"{item.department}核验期限",
                (checking,),
                Fire(f"assume_{item.name}"),
                "one_matter.precheck",
                law="本机关“一件事”办理规定",
            ),
        ),
        matter=item.matter,
    )


def review(item: Item, opens_in: str) -> Track:
    """审查: one department's own examination, with its own pause and its inner limit."""
    begin, paused, passed, failed = item.at("reviewing", "paused", "passed", "failed")
    return Track(
        f"{item.name}_review",
        f"{item.department}审查",
        (opens_in,),
        begin,
        (
            State(begin, "审查中"),
            State(paused, "技术审查中止"),
            State(passed, "通过", end=True),
            State(failed, "未通过", end=True),
        ),
        (
            *review_steps(item, begin, passed, failed, paused, desk=Role.WINDOW_CLERK),
            extension_step(item, begin),
        ),
        (
            Clock(
                f"{item.name}_inner",
                f"{item.department}内部审查期限",
                (begin,),
                Escalate(item.approver, breach="promise"),
                "one_matter.review",
                law="本机关“一件事”办理规定",
                stops=(Stop("technical_review", "技术审查", (paused,), end_told=True),),
                remind=(Remind(item.reviewer, "reminder.inner"),),
            ),
            pause_clock(item, paused),
        ),
        matter=item.matter,
    )


def decision(item: Item, *opens_in: str) -> Track:
    """决定: each authority decides on its own item, and the ecology bureau itself tells of what it
    is to refuse for false material: it is no reviewer of the commission's who speaks for it."""
    undecided, granted, refused = item.at("undecided", "granted", "refused")
    told: tuple[str, ...] = (GIVE_PRIOR_NOTICE,)
    telling: tuple[Step, ...] = ()
    if item is ECO:
        told = (*told, GIVE_PRIOR_NOTICE_ECO)
        telling = prior.telling(
            undecided,
            by=(item.reviewer,),
            law="《行政许可法》第七条、第七十八条",
            reviewed=False,
            suffix=f"_{item.name}",
            what=f"（{item.label}）",
        )
    return Track(
        f"{item.name}_decision",
        f"{item.department}决定",
        opens_in,
        undecided,
        (
            State(undecided, "待决定"),
            State(granted, "准予许可", end=True),
            State(refused, "不予许可", end=True),
        ),
        (
            *decision_steps(
                item, (undecided,), granted, refused, desk=Role.WINDOW_CLERK, told=told
            ),
            *telling,
        ),
        matter=item.matter,
    )


def decision_clock(item: Item, runs_in: tuple[str, ...], paused: str) -> Clock:
    """The statutory limit of one authority, stopped by its own technical review only (许可法42)."""
    return Clock(
        f"{item.name}_statutory",
        f"{item.label}决定期限",
        runs_in,
        Escalate(Role.SUPERVISOR, besides=(item.approver,)),
        "licensing.decision" if item is HEALTH else "radiation.decision",
        law="《行政许可法》第四十二条第一款" if item is HEALTH else item.law,
        stops=(Stop("technical_review", f"{item.department}技术审查", (paused,), end_told=True),),
        extension=Extension(f"extend_{item.name}", "licensing.decision_extension"),
        remind=(Remind(item.approver),),
    )
