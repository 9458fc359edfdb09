"""补正, 撤销、变更: putting one's own decision right, as parts that any process composes.

A clerical error is corrected under the same number: both versions stay in the file, and the new one
is served. Anything else is revoked or changed by whoever decides: the draft of it is reviewed, what
was reviewed is what is decided, what was published is withdrawn with the reasons (处罚法48), and
the new decision is served as every other.
"""

from __future__ import annotations

from state_machines.language.vocabulary import (
    Binding,
    Breach,
    Clock,
    Correct,
    Effect,
    Guard,
    Issue,
    Mark,
    Notify,
    Role,
    State,
    Step,
    Track,
    Withdraw,
    during,
    schema,
)
from state_machines.parts.approvals import guards as approvals
from state_machines.parts.corrections import forms, guards
from state_machines.parts.delivery import part as service
from state_machines.parts.legal_review import guards as legal_review
from state_machines.parts.legal_review.forms import ReviewPass
from state_machines.parts.officers import guards as officers
from state_machines.parts.remedies import guards as remedies

_LAW = "《民事诉讼法》第一百五十七条第一款第七项（参照）"
_SERVED_BY = "《行政处罚法》第六十一条第一款"
_UNDO_LAW = "《行政处罚法》第七十五条第二款、第四十八条第二款"
_REVIEW_LAW = "《行政处罚法》第五十八条、国办发〔2018〕118号"

UNDONE = State("decision_undone", "决定已撤销、变更")
UNDOING_ANNOUNCED = State("undoing_announced", "撤销、变更决定公告送达中")
UNDONE_STATES = (UNDONE, UNDOING_ANNOUNCED)


def correcting(
    documents: tuple[str, ...],
    *,
    opens_in: tuple[str, ...],
    by: tuple[Role, ...],
    breach: Breach = "statute",
) -> Track:
    """Slips in `documents`, which were served, are corrected in the states `opens_in`, and the
    corrected ones served: an overlay, since the case itself goes on as it was.

    What ends the case asks `corrections_are_served`. `breach` says what is broken by serving late.
    """
    waiting, announced, served = "correction_unserved", "correction_announced", "correction_served"
    return Track(
        "correction",
        "文书补正",
        opens_in,
        "nothing_corrected",
        (
            State("nothing_corrected", "未补正", unattended="发现文书笔误时补正，没有期限"),
            State(waiting, "补正文书待送达"),
            State(announced, "补正文书公告送达中"),
            State(served, "补正文书已送达", unattended="补正文书已经送达"),
        ),
        (
            Step(
                "correct",
                "补正文书笔误",
                during("nothing_corrected", waiting, served, to=waiting),
                by,
                form=schema(forms.Correction),
                guards=(guards.only_slips_are_corrected,),
                effects=(Correct(documents=documents), Issue("erratum_notice"), Notify("party")),
                law=_LAW,
                optional=True,
            ),
            *service.serving(
                "correction",
                ("erratum_notice", *documents),
                unserved=(waiting,),
                announced=announced,
                served=served,
                by=by,
                suffix="_correction",
                what="（补正文书）",
                corrected=True,
            ),
        ),
        service.serving_clocks(
            "correction",
            (waiting,),
            announced,
            by=by[0],
            suffix="_correction",
            what="（补正文书）",
            breach=breach,
            law=_SERVED_BY if breach == "statute" else "",
        ),
        overlay=True,
    )


def undoing(
    documents: tuple[str, ...],
    *,
    states: tuple[str, ...],
    served: str,
    by: tuple[Role, ...],
    handled: tuple[str, ...],
    asking: tuple[Guard, ...] = (),
    registers: tuple[str, ...] = (),
    then: tuple[Effect, ...] = (),
    law: str = _UNDO_LAW,
) -> tuple[Step, ...]:
    """Revoke or change one's own decision, made by `documents`, in `states`; a process that takes
    these has `UNDONE_STATES`, `undoing_clocks` and `undoing_binds` too.

    `by` draft and serve it, a reviewer who never `handled` the case passes the draft, and whoever
    decides does so under the guards `asking`. It withdraws what stands in `registers` and causes
    `then`; once it is served the case is in `served`, to which nothing else leads.
    """
    withdrawn = tuple(
        Withdraw(register=register, limit="publicity.withdrawal", reasons="undo_decision.reasons")
        for register in registers
    )
    return (
        Step(
            "propose_undoing",
            "拟撤销、变更决定",
            during(*states),
            by,
            form=schema(forms.OwnRevocation),
            guards=(remedies.decision_stands,),
            effects=(Notify(Role.LEGAL_REVIEWER),),
            law=law,
            optional=True,
            in_every_version=True,
        ),
        Step(
            "review_undoing",
            "法制审核（撤销、变更决定）",
            during(*states),
            (Role.LEGAL_REVIEWER,),
            form=schema(ReviewPass),
            guards=(
                guards.undoing_is_proposed,
                officers.reviewer_is_qualified,
                legal_review.checklist_is_passed,
            ),
            effects=(Issue("legal_review_opinion"), Notify(Role.APPROVER)),
            law=_REVIEW_LAW,
            apart_from=(*handled, "propose_undoing"),
            optional=True,
            in_every_version=True,
        ),
        Step(
            "undo_decision",
            "依职权撤销、变更决定",
            during(*states, to=UNDONE.name),
            (Role.APPROVER,),
            form=schema(forms.OwnRevocation),
            guards=(
                guards.undoing_is_reviewed,
                approvals.approvals_are_kept,
                remedies.decision_stands,
                *asking,
            ),
            effects=(
                Mark(documents=documents, label="已被本机关撤销、变更"),
                *withdrawn,
                *then,
                Issue("undoing_decision"),
                Notify("party"),
                *map(Notify, by),
            ),
            law=law,
            apart_from=("propose_undoing", "review_undoing"),
            optional=True,
            final=True,
            in_every_version=True,
        ),
        *service.serving(
            "undoing",
            ("undoing_decision",),
            unserved=(UNDONE.name,),
            announced=UNDOING_ANNOUNCED.name,
            served=served,
            by=by,
            suffix="_undoing",
            what="（撤销、变更决定）",
        ),
    )


def undoing_clocks(*, by: Role, breach: Breach = "statute") -> tuple[Clock, ...]:
    """The time in which the undoing decision is served; `by` is reminded of it."""
    return service.serving_clocks(
        "undoing",
        (UNDONE.name,),
        UNDOING_ANNOUNCED.name,
        by=by,
        suffix="_undoing",
        what="（撤销、变更决定）",
        breach=breach,
        law=_SERVED_BY if breach == "statute" else "",
    )


def undoing_binds() -> Binding:
    """What the reviewer passed of the draft is what is decided."""
    return Binding(
        name="undoing",
        label="撤销、变更决定的法制审核",
        by=("review_undoing",),
        drafts=("propose_undoing",),
        parts=("kind", "facts", "basis", "reasons", "instead"),
        bound=("undo_decision",),
        law=_REVIEW_LAW,
    )
