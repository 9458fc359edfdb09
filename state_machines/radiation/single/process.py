"""`single_health`, `single_eco` 单项许可: what is left of a joint matter when one item falls away.

Opened by the conversion (转单办), with the day on which the joint application was accepted: the
limit of the decision goes on from there.
"""

from __future__ import annotations

from datetime import date

from state_machines.language.vocabulary import (
    Clock,
    Escalate,
    Extension,
    Issue,
    Notify,
    Process,
    Remind,
    Role,
    State,
    Step,
    Stop,
    during,
    schema,
)
from state_machines.parts.delivery import part as service
from state_machines.parts.intake.part import APPLICANT, delivery_clock
from state_machines.parts.interested_party import part as interested
from state_machines.parts.prior_notice import part as prior
from state_machines.radiation import forms
from state_machines.radiation.examination import (
    ECO,
    HEALTH,
    Item,
    decision_steps,
    extension_step,
    pause_clock,
    review_steps,
)

_UNDECIDED = ("reviewing", "paused_technical", "passed", "failed")


def _single(item: Item, code: str) -> Process:
    certificate = "diagnosis" if item is HEALTH else "safety"
    desk = Role.WINDOW_CLERK if item is HEALTH else item.reviewer
    return Process(
        key=f"single_{item.name}",
        code=code,
        label=f"{item.label}（单办）",
        effective_from=date(2021, 7, 1),
        law=item.law,
        initial="reviewing",
        opened_by=(Role.RELATED,),
        form=schema(forms.Single),
        states=(
            State("reviewing", "审查中"),
            State("paused_technical", "技术审查中止"),
            State("passed", "审查通过"),
            State("failed", "审查未通过"),
            State("granted", "准予许可"),
            State("delivered", "已送达", end=True),
            State("refused", "不予许可", end=True),
            State("withdrawn", "撤回申请", end=True),
        ),
        steps=(
            *review_steps(item, "reviewing", "passed", "failed", "paused_technical", desk=desk),
            extension_step(item, "reviewing", "passed"),
            *decision_steps(item, ("passed", "failed"), "granted", "refused", desk=desk),
            *interested.registering(during(*_UNDECIDED), by=(item.reviewer,), tell=item.reviewer),
            *prior.telling(
                "passed",
                "failed",
                by=(item.reviewer,),
                law="《行政许可法》第七条、第七十八条",
                reviewed=item is HEALTH,
            ),
            Step(
                "deliver",
                "制证并送达",
                {"granted": "delivered"},
                (desk,),
                form=schema(forms.Delivery),
                effects=(
                    Issue(f"{certificate}_certificate"),
                    Issue(f"{certificate}_duplicate"),
                    Issue(f"{certificate}_service_receipt"),
                    Notify("party"),
                ),
                law="《行政许可法》第四十四条",
                final=True,
            ),
            Step(
                "withdraw",
                "撤回申请",
                during(*_UNDECIDED, to="withdrawn"),
                APPLICANT,
                form=schema(forms.Reasoned),
                effects=(Notify(desk),),
                optional=True,
                final=True,
            ),
            *service.afterwards(
                "refused",
                documents=("refusal_decision",),
                by=(desk,),
                law="《行政许可法》第三十八条第二款、第四十四条",
            ),
        ),
        clocks=(
            Clock(
                "decision",
                f"{item.label}决定期限",
                ("reviewing", "passed", "failed"),
                Escalate(Role.SUPERVISOR, besides=(item.approver,)),
                "licensing.decision" if item is HEALTH else "radiation.decision",
                law="《行政许可法》第四十二条第一款" if item is HEALTH else item.law,
                anchor="application.accepted_on",
                stops=(Stop("technical_review", "技术审查", ("paused_technical",), end_told=True),),
                extension=Extension(f"extend_{item.name}", "licensing.decision_extension"),
                remind=(Remind(item.reviewer), Remind(item.approver)),
            ),
            pause_clock(item, "paused_technical"),
            delivery_clock("granted"),
        ),
        matter=item.matter,
    )


SINGLE_HEALTH = _single(HEALTH, "FD")
SINGLE_ECO = _single(ECO, "FA")
