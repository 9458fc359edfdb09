"""`simple_penalty` 简易程序: a warning or a small fine, told, heard, decided and handed over on the
spot (《行政处罚法》第五十一条至第五十三条)."""

from __future__ import annotations

from datetime import date

from state_machines.enforcement.exemption import guards as exemptions
from state_machines.enforcement.fines import part as fines
from state_machines.enforcement.inquiry import OFFICERS
from state_machines.enforcement.penalty import guards as penalties
from state_machines.enforcement.penalty import investigation as penalty_inquiry
from state_machines.enforcement.simple_penalty import forms
from state_machines.language.vocabulary import (
    BringInLine,
    Clock,
    Escalate,
    Issue,
    LegalDay,
    Notify,
    Proceed,
    Process,
    RecordCredit,
    Remind,
    Role,
    State,
    Step,
    during,
    schema,
)
from state_machines.parts.records.part import records_of
from state_machines.parts.remedies import part as remedies
from state_machines.parts.remedies.forms import JudgedVariation, Variation

# 轻微: the authority's own memory of it, neither published nor shared (令36).
_PENALISED = RecordCredit("penalised_on_the_spot", "受到当场行政处罚（轻微）")
_IN_LINE = BringInLine(kinds=(_PENALISED.kind,), delays=(fines.OVERDUE.kind,))
_SPOT = "《行政处罚法》第五十一条、第五十二条"

SIMPLE_PENALTY = Process(
    key="simple_penalty",
    code="DC",
    label="行政处罚（简易程序）",
    effective_from=date(2021, 7, 15),
    law="《行政处罚法》第五十一条至第五十三条",
    initial="lead",
    opened_by=OFFICERS,
    form=schema(forms.Lead),
    states=(
        State("lead", "现场检查", confidential=True),
        State("punished", "已当场处罚"),
        *fines.STATES,
        State("referred", "转普通程序", end=True),
    ),
    steps=(
        Step(
            "punish",
            "当场作出处罚决定并交付",
            {"lead": "punished"},
            OFFICERS,
            form=schema(forms.SpotSentence),
            guards=(
                exemptions.act_is_not_time_barred,
                penalties.party_can_be_punished,
                penalties.measures_are_of_the_article,
                penalties.one_fine_for_one_act,
                penalties.penalty_is_for_the_spot,
                penalties.fine_is_in_range,
                penalties.fine_is_of_its_step_or_says_why,
                penalties.circumstances_are_founded,
            ),
            effects=(
                _PENALISED,
                Issue("spot_decision"),
                Notify("party"),
                Notify(Role.CASE_HANDLER),
            ),
            law=_SPOT,
            two_officers=True,
            final=True,
            legal_day=LegalDay.AWAY,
        ),
        Step(
            "refer",
            "不适用简易程序，另案按普通程序办理",
            {"lead": "referred"},
            OFFICERS,
            form=schema(forms.Ordinary),
            effects=(
                penalty_inquiry.opening(filed_on="@date", evidence="现场笔录、询问笔录等随案移交"),
                Notify(Role.CASE_HANDLER),
            ),
            law="《行政处罚法》第五十四条",
            optional=True,
            final=True,
            certified=False,
        ),
        Step(
            "report_penalty",
            "报本机关备案",
            # Wherever it is closed from: what was forgotten is made up for, and not for ever open.
            during("punished", "overdue", "paid", "executed", "exec_ended"),
            OFFICERS,
            form=schema(forms.Report),
            effects=(Notify(Role.APPROVER),),
            law="《行政处罚法》第五十二条第三款",
            optional_in=("overdue", "paid", "executed", "exec_ended"),
            certified=False,
            in_every_version=True,
        ),
        *fines.collecting(
            "punished",
            closing=(penalties.spot_penalty_is_reported,),
            annulled=(_IN_LINE,),
        ),
        *records_of("lead", by=OFFICERS),
    ),
    clocks=(
        Clock(
            "spot",
            "当场处罚办理期限",
            ("lead",),
            Escalate(Role.SUPERVISOR, breach="promise"),
            "penalty.spot",
            remind=(Remind(Role.CASE_HANDLER),),
        ),
        *fines.collecting_clocks("punished"),
        # Nobody sues over it before 复议 (《行政复议法》第二十三条).
        *(
            clock
            for clock in remedies.remedy_clocks(None, to=Role.CASE_HANDLER, varied=True)
            if clock.name != "litigation_term"
        ),
    ),
    tracks=remedies.overlays(
        ("punished", *(state.name for state in fines.STATES)),
        by=(Role.LEGAL_REVIEWER, Role.CASE_HANDLER),
        documents=("spot_decision",),
        varying=remedies.Varying(
            schema(Variation),
            schema(JudgedVariation),
            then=lambda _: (
                fines.SCHEDULED,
                _IN_LINE,
                Proceed(("revive", *fines.SETTLED.steps)),
            ),
        ),
        falling=(_IN_LINE, Proceed(("annul",))),
    ),
    keeps_evidence=True,
)
