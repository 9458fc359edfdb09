"""立案、调查、延长、终止: how every case of enforcement begins, and what may come on its way.

Parts that processes compose.

《行政处罚法》第五十四条、第六十条.
"""

from __future__ import annotations

from state_machines.enforcement.exemption import forms
from state_machines.enforcement.exemption import guards as exemptions
from state_machines.enforcement.penalty import guards as penalties
from state_machines.enforcement.penalty.forms import Transfer as TransferLetter
from state_machines.language.vocabulary import (
    Effect,
    Guard,
    Issue,
    LegalDay,
    Notify,
    Role,
    Step,
    during,
    schema,
)
from state_machines.parts.delivery import part as service
from state_machines.parts.limits import guards as limits

HANDLER = (Role.CASE_HANDLER,)
OFFICERS = (Role.CASE_HANDLER, Role.INSPECTOR)
APPROVER = (Role.APPROVER,)
MINE = (exemptions.handlers_are_assigned,)
# What is another authority's, by place or by designation.
ELSEWHERE = "《行政处罚法》第二十二条、第二十五条"
_FILE = "《行政处罚法》第五十四条第二款"


def filing(
    *, asking: tuple[Guard, ...] = (), approved: tuple[Effect, ...] = ()
) -> tuple[Step, Step, Step]:
    """From `lead` by `filed` to `investigating`, or to `not_filed`; `asking` are guards of the
    filing besides the usual, `approved` what else comes of its approval."""
    return (
        Step(
            "file",
            "报批立案",
            {"lead": "filed"},
            HANDLER,
            form=schema(forms.Filing),
            guards=(exemptions.two_handlers_are_named, exemptions.act_is_not_time_barred, *asking),
            effects=(Notify(Role.APPROVER),),
            law=f"{_FILE}、第三十六条",
            certified=False,
        ),
        Step(
            "approve_filing",
            "批准立案",
            {"filed": "investigating"},
            APPROVER,
            form=schema(forms.Opinion),
            effects=(*approved, Issue("case_filing"), Notify(Role.CASE_HANDLER)),
            law=_FILE,
            apart_from=("file",),
        ),
        Step(
            "refuse_filing",
            "不予立案",
            during("lead", "filed", to="not_filed"),
            APPROVER,
            form=schema(forms.NotFiled),
            effects=(Issue("filing_refusal"), Notify(Role.CASE_HANDLER)),
            law=_FILE,
            optional=True,
            final=True,
        ),
    )


def investigating() -> Step:
    """What two officers find, in `investigating`, as often as they look."""
    return Step(
        "investigate",
        "调查取证",
        during("investigating"),
        OFFICERS,
        form=schema(forms.Investigation),
        guards=MINE,
        law="《行政处罚法》第五十四条第一款、第四十二条",
        two_officers=True,
        legal_day=LegalDay.AWAY,
    )


def sending_away(*states: str) -> Step:
    """The letter by which a case is handed over to whose it is (移送函). It moves nothing: the case
    ends here once the letter is received there, and that its party is told; of a letter about an
    official it is not to learn."""
    return Step(
        "send_transfer",
        "制作移送函，移送其他机关",
        during(*states),
        APPROVER,
        form=schema(TransferLetter),
        effects=(Issue("transfer_letter"), Notify(Role.CASE_HANDLER)),
        law=ELSEWHERE,
        optional=True,
        in_every_version=True,
        internal=True,
    )


def serving_order(*states: str, by: tuple[Role, ...]) -> tuple[Step, ...]:
    """The order to correct reaches the party, in these states: without that nobody fails to carry
    it out. It binds cases of every version, since what follows from the order does."""
    return service.reaching(
        "serve_order",
        "登记送达责令改正通知书",
        during(*states),
        by,
        of="order",
        documents=("correction_notice",),
        law="《行政处罚法》第二十八条第一款、《民事诉讼法》第八十七条至第九十四条",
        optional=True,
    )


def extending(*states: str) -> Step:
    """The time of the case is extended, once, in these states."""
    return Step(
        "extend_decision",
        "延长办案期限",
        during(*states),
        APPROVER,
        form=schema(forms.Opinion),
        guards=(limits.case_time_may_be_extended,),
        effects=(Notify("party"), Notify(Role.CASE_HANDLER)),
        law="《行政处罚法》第六十条",
        optional=True,
    )


def terminating(*states: str) -> Step:
    """The case ends in `terminated`, since its party is no more or the like."""
    return Step(
        "terminate",
        "终止办理",
        during(*states, to="terminated"),
        APPROVER,
        form=schema(forms.Termination),
        guards=(penalties.end_fits_the_party,),
        effects=(Issue("investigation_end"), Notify(Role.CASE_HANDLER)),
        law="《卫生健康行政处罚程序规定》",
        optional=True,
        final=True,
    )
