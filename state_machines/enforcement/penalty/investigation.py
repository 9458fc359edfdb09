"""立案与调查: the first half of a penalty, from the lead to the handlers' joint opinion.

《行政处罚法》第五十四条至第五十七条. `penalty` composes these steps.
"""

from __future__ import annotations

from collections.abc import Mapping

from state_machines.enforcement import inquiry
from state_machines.enforcement.custody.process import requesting
from state_machines.enforcement.exemption import guards as exemptions
from state_machines.enforcement.inquiry import APPROVER, HANDLER, MINE, OFFICERS
from state_machines.enforcement.penalty import forms
from state_machines.enforcement.penalty import guards as penalties
from state_machines.language.vocabulary import (
    Amend,
    Issue,
    LegalDay,
    Notify,
    OpenCase,
    Role,
    Step,
    during,
    schema,
)
from state_machines.licensing.penalised import guards as licence_penalties
from state_machines.parts.records.part import records_of

INQUIRED = ("investigating", "investigated", "opinion")
# What any sentence is judged by, wherever it is put down.
SENTENCED = (
    penalties.party_can_be_punished,
    penalties.measures_are_of_the_article,
    licence_penalties.terms_are_stated,
    penalties.one_fine_for_one_act,
    penalties.fine_is_in_range,
    penalties.fine_is_of_its_step_or_says_why,
    penalties.circumstances_are_founded,
)
# What a lead says, wherever it was first written down.
_LEAD = (
    "source",
    "reference",
    "violation",
    "description",
    "found_on",
    "act_on",
    "harmed",
    "place_name",
    "address",
)


def opening(
    *,
    filed_on: str,
    evidence: str,
    extended: str = "",
    state: str = "",
    lead: Mapping[str, str] | None = None,
) -> OpenCase:
    """The effect that hands a case on to be punished: from which day its time counts, and whether
    that was extended (sources as in `OpenCase`), what evidence comes with it, where it begins.
    `lead` says what of the lead is not as the case itself was opened with."""
    return OpenCase(
        "penalty",
        "penalty",
        {
            **{name: f"application.{name}" for name in _LEAD},
            **(lead or {}),
            "filed_on": filed_on,
            "origin": "@case",
            "evidence_note": f"={evidence}",
            **({"extended": extended} if extended else {}),
        },
        state=state,
    )


FILING = inquiry.filing(
    asking=(penalties.registered_day_is_past,), approved=(Amend({"filed_on": "@date"}),)
)

INVESTIGATING = (
    inquiry.investigating(),
    Step(
        "order_correction",
        "责令改正",
        during("investigating", "decision_pending"),
        HANDLER,
        form=schema(forms.CorrectionOrder),
        guards=(*MINE, exemptions.correction_day_is_possible),
        effects=(
            OpenCase(
                "correction_order",
                "correction",
                {
                    "origin": "@case",
                    "violation": "application.violation",
                    "items": "order_correction.items",
                    "facts": "order_correction.facts",
                    "ordered_on": "@date",
                    "until": "order_correction.until",
                    "place_name": "application.place_name",
                    "address": "application.address",
                },
            ),
            Issue("correction_notice"),
            Notify("party"),
        ),
        law="《行政处罚法》第二十八条第一款",
        optional=True,
    ),
    Step(
        "suspend",
        "中止调查",
        {"investigating": "suspended"},
        APPROVER,
        form=schema(forms.Suspension),
        effects=(
            Issue("investigation_suspension"),
            Notify("party"),
            Notify(Role.CASE_HANDLER),
        ),
        law="《卫生健康行政处罚程序规定》",
        optional=True,
    ),
    Step(
        "resume",
        "恢复调查",
        {"suspended": "investigating"},
        (*APPROVER, Role.TIMER),
        effects=(Notify("party"), Notify(Role.CASE_HANDLER)),
        law="《卫生健康行政处罚程序规定》",
    ),
    Step(
        "close_investigation",
        "调查终结",
        {"investigating": "investigated"},
        OFFICERS,
        form=schema(forms.InvestigationReport),
        guards=(*MINE, exemptions.facts_are_investigated),
        effects=(Issue("investigation_report"),),
        law="《行政处罚法》第五十四条第一款、第五十七条第一款",
        two_officers=True,
        legal_day=LegalDay.ENTRY,
    ),
    Step(
        "investigate_further",
        "补充调查",
        during("investigated", "opinion", "review_returned", to="investigating"),
        HANDLER,
        form=schema(forms.Opinion),
        guards=MINE,
        law="《行政处罚法》第五十四条第一款",
        optional=True,
    ),
    Step(
        "propose",
        "合议",
        during("investigated", to="opinion"),
        OFFICERS,
        form=schema(forms.PanelOpinion),
        guards=(*MINE, *SENTENCED),
        effects=(Issue("opinion_minutes"),),
        law="《卫生健康行政处罚程序规定》、《行政处罚法》第三十四条",
        two_officers=True,
        legal_day=LegalDay.AWAY,
    ),
    *records_of("investigating", by=OFFICERS, guards=MINE),
    requesting("investigating", by=OFFICERS, guards=MINE),
)
