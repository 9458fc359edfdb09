"""补正, 撤销、变更: putting one's own decision right, as parts that any process composes.

A clerical error is corrected under the same number: both versions stay in the file, and the new one
is served. Anything else is revoked or changed by whoever decides, after legal review, and what was
published is withdrawn with the reasons (处罚法48).
"""

from __future__ import annotations

from state_machines.forms import corrections as forms
from state_machines.forms import service as service_forms
from state_machines.guards import corrections as guards
from state_machines.guards import service as service_guards
from state_machines.vocabulary import (
    Correct,
    Effect,
    Guard,
    Issue,
    Mark,
    Notify,
    RecordService,
    Role,
    Step,
    Withdraw,
    during,
    schema,
)

_LAW = "《民事诉讼法》第一百五十七条第一款第七项（参照）"


def correcting(
    documents: tuple[str, ...], *, states: tuple[str, ...], by: tuple[Role, ...]
) -> tuple[Step, Step]:
    """Correct slips in `documents` that were served, and serve the corrected ones."""
    return (
        Step(
            "correct",
            "补正文书笔误",
            during(*states),
            by,
            form=schema(forms.Correction),
            guards=(guards.only_slips_are_corrected,),
            effects=(Correct(documents=documents), Issue("erratum_notice"), Notify("party")),
            law=_LAW,
            optional=True,
        ),
        Step(
            "serve_correction",
            "登记送达补正文书",
            during(*states),
            by,
            form=schema(service_forms.Receipt),
            guards=(
                service_guards.last_receipt_is_here,
                service_guards.service_day_fits,
                service_guards.service_is_proved,
            ),
            effects=(
                RecordService(
                    of="correction",
                    documents=("erratum_notice", *documents),
                    kind="receipt",
                    completes=True,
                    corrected=True,
                ),
                Issue("service_receipt"),
                Notify("party"),
            ),
            law="《民事诉讼法》第八十七条",
            optional=True,
            dated_by="on",
        ),
    )


def undoing(
    documents: tuple[str, ...],
    *,
    states: tuple[str, ...],
    undone: str,
    reviewed: tuple[Guard, ...],
    apart_from: tuple[str, ...] = (),
    registers: tuple[str, ...] = (),
    then: tuple[Effect, ...] = (),
) -> Step:
    """Revoke or change one's own decision; `reviewed` are the guards that ask for legal review."""
    withdrawn = tuple(
        Withdraw(register=one, limit="publicity.withdrawal", reasons="undo_decision.reasons")
        for one in registers
    )
    return Step(
        "undo_decision",
        "依职权撤销、变更决定",
        during(*states, to=undone),
        (Role.APPROVER,),
        form=schema(forms.OwnRevocation),
        guards=reviewed,
        effects=(
            Mark(documents=documents, label="已被本机关撤销、变更"),
            *withdrawn,
            *then,
            Issue("undoing_decision"),
            Notify("party"),
        ),
        law="《行政处罚法》第七十五条第二款、第四十八条第二款",
        apart_from=apart_from,
        optional=True,
        final=True,
    )
