"""`evidence_custody` 先行登记保存、查封、扣押: things kept for a case, while the law allows.

《行政处罚法》第五十六条, 《行政强制法》第十八条至第二十八条. A case opens it by `requesting`. What
is not dealt with in time is released by law.
"""

from __future__ import annotations

from datetime import date

from state_machines.enforcement.custody import forms
from state_machines.enforcement.custody import guards as custody
from state_machines.language.vocabulary import (
    Clock,
    Escalate,
    Extension,
    Fire,
    Guard,
    Issue,
    LegalDay,
    Notify,
    OpenCase,
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
from state_machines.parts.officers import part as officers
from state_machines.parts.records.part import SIGNED, scene_record

_OFFICERS = (Role.INSPECTOR, Role.CASE_HANDLER)
_APPROVER = (Role.APPROVER,)
_TOLD = (Notify("party"), Notify(Role.INSPECTOR), Notify(Role.CASE_HANDLER))
_TAKEN = (Issue("custody_list"), Notify("party"))
_SEIZING = "《行政强制法》第十八条、第二十四条"


def requesting(*states: str, by: tuple[Role, ...], guards: tuple[Guard, ...] = ()) -> Step:
    """The step by which officers ask the head for custody, for cases in these states, which they
    stay in; it opens the custody case."""
    named = ("measure", "things", "address", "grounds", "basis", "urgent")
    return Step(
        "request_custody",
        "申请先行登记保存（查封、扣押）",
        during(*states),
        by,
        form=schema(forms.Request),
        guards=guards,
        effects=(
            OpenCase(
                "evidence_custody",
                "custody",
                {**{name: f"request_custody.{name}" for name in named}, "origin": "@case"},
            ),
            Notify(Role.APPROVER),
        ),
        law="《行政处罚法》第五十六条、《行政强制法》第十八条",
        two_officers=True,
        optional=True,
        legal_day=LegalDay.AWAY,
    )


_STEPS = (
    Step(
        "approve",
        "批准",
        {"requested": "approved", "seized_urgently": "seized"},
        _APPROVER,
        form=schema(forms.Approval),
        effects=(Notify(Role.INSPECTOR),),
        law="《行政处罚法》第五十六条、《行政强制法》第十八条、第十九条",
        apart_from=("preserve", "seize", "seize_at_once"),
    ),
    Step(
        "reject",
        "不予批准",
        # What was seized at once is lifted at once (强制法19).
        {"requested": "not_approved", "seized_urgently": "released"},
        _APPROVER,
        form=schema(forms.Approval),
        effects=(
            Issue("seizure_release", leaving="seized_urgently"),
            Notify("party", leaving="seized_urgently"),
            Notify(Role.INSPECTOR),
        ),
        law="《行政处罚法》第五十六条、《行政强制法》第十八条、第十九条",
        final=True,
        in_every_version=True,
    ),
    Step(
        "preserve",
        "实施先行登记保存",
        {"approved": "preserved"},
        _OFFICERS,
        form=schema(forms.Taking),
        guards=(custody.measure_is_preservation, *SIGNED),
        effects=(Issue("preservation_decision"), *_TAKEN),
        law="《行政处罚法》第五十六条",
        two_officers=True,
        legal_day=LegalDay.AWAY,
    ),
    Step(
        "seize",
        "实施查封、扣押",
        {"approved": "seized"},
        _OFFICERS,
        form=schema(forms.Taking),
        guards=(custody.measure_is_seizure, *SIGNED),
        effects=(Issue("seizure_decision"), *_TAKEN),
        law=_SEIZING,
        two_officers=True,
        legal_day=LegalDay.AWAY,
    ),
    Step(
        "seize_at_once",
        "当场查封、扣押（情况紧急）",
        {"requested": "seized_urgently"},
        _OFFICERS,
        form=schema(forms.Taking),
        guards=(custody.seizure_cannot_wait, *SIGNED),
        effects=(Issue("seizure_decision"), *_TAKEN, Notify(Role.APPROVER)),
        law="《行政强制法》第十九条",
        two_officers=True,
        optional=True,
        legal_day=LegalDay.AWAY,
        entered_within="coercion.urgent_report",
    ),
    Step(
        "give_up",
        "不再实施",
        {"requested": "not_carried_out", "approved": "not_carried_out"},
        _OFFICERS,
        form=schema(forms.Approval),
        optional=True,
        final=True,
        certified=False,
    ),
    scene_record("preserved", "seized", "seized_urgently", by=_OFFICERS),
    Step(
        "send_for_test",
        "送检测、检验、检疫、鉴定",
        {"seized": "testing", "preserved": "sent_for_test"},
        _OFFICERS,
        form=schema(forms.Testing),
        guards=(custody.test_has_an_end,),
        effects=(Issue("test_period_notice"), Notify("party")),
        law="《行政处罚法》第五十六条、《行政强制法》第二十五条第三款",
        optional=True,
    ),
    Step(
        "receive_result",
        "收到检测、检验、检疫、鉴定结果",
        {"testing": "seized", "sent_for_test": "tested", **during("seized", "tested")},
        _OFFICERS,
        form=schema(forms.Result),
        guards=(custody.result_is_awaited,),
        effects=(Notify("party"),),
        law="《行政强制法》第二十五条第三款",
        # A result that comes after the time that was told is kept all the same.
        optional_in=("seized", "tested"),
        in_every_version=True,
        legal_day=LegalDay.OTHERS,
        certified=False,
    ),
    Step(
        "end_test",
        "告知的检测、检验、检疫、鉴定期间届满",
        {"testing": "seized", "sent_for_test": "tested"},
        (Role.TIMER,),
        effects=_TOLD,
        law="《行政强制法》第二十五条第三款",
        in_every_version=True,
    ),
    Step(
        "extend",
        "延长查封、扣押期限",
        during("seized"),
        _APPROVER,
        form=schema(forms.Extending),
        guards=(custody.seizure_is_extended_once,),
        effects=(Issue("seizure_extension"), *_TOLD),
        law="《行政强制法》第二十五条第一款、第二款",
        optional=True,
    ),
    *service.reaching(
        "serve_extension",
        "登记延长查封、扣押期限决定书送达",
        # What was not told while it lasted is told afterwards.
        during("seized", "testing", "released", "returned", "confiscated"),
        _OFFICERS,
        of="extension",
        documents=("seizure_extension",),
        law="《行政强制法》第二十五条第二款、《民事诉讼法》第八十七条",
        optional=True,
    ),
    Step(
        "release",
        "解除先行登记保存",
        during("preserved", "tested", to="released"),
        _APPROVER,
        form=schema(forms.Release),
        effects=(Issue("preservation_release"), *_TOLD),
        law="《行政处罚法》第五十六条",
    ),
    Step(
        "lift",
        "解除查封、扣押",
        during("seized", "seized_urgently", "testing", to="released"),
        _APPROVER,
        form=schema(forms.Lifting),
        effects=(Issue("seizure_release"), *_TOLD),
        law="《行政强制法》第二十八条",
    ),
    Step(
        "release_by_law",
        "逾期未处理，先行登记保存自动解除",
        during("preserved", "tested", to="released"),
        (Role.TIMER,),
        effects=(Issue("preservation_release"), *_TOLD, Notify(Role.SUPERVISOR)),
        law="《行政处罚法》第五十六条",
        in_every_version=True,
    ),
    Step(
        "lift_by_law",
        "期限届满，查封、扣押解除",
        during("seized", "seized_urgently", to="released"),
        (Role.TIMER,),
        effects=(Issue("seizure_release"), *_TOLD, Notify(Role.SUPERVISOR)),
        law="《行政强制法》第十九条、第二十五条、第二十八条第一款第四项",
    ),
    Step(
        "confiscate",
        "依决定没收",
        during("preserved", "tested", "seized", to="confiscated"),
        _APPROVER,
        form=schema(forms.Confiscation),
        guards=(custody.decision_was_made,),
        effects=_TOLD,
        law="《行政处罚法》第五十六条、《行政强制法》第二十七条",
        optional=True,
        final=True,
    ),
    Step(
        "give_back",
        "退还物品",
        {"released": "returned"},
        _OFFICERS,
        form=schema(forms.GivingBack),
        guards=SIGNED,
        effects=(Issue("return_receipt"), Notify("party")),
        law="《行政强制法》第二十八条第二款",
        two_officers=True,
        final=True,
        legal_day=LegalDay.AWAY,
    ),
)

_RECUSING = officers.recusal(
    "preserved",
    "sent_for_test",
    "tested",
    "seized",
    "seized_urgently",
    "testing",
    staff=_OFFICERS,
)

_CLOCKS = (
    Clock(
        "approval",
        "审批期限",
        ("requested",),
        Escalate(Role.APPROVER, breach="promise"),
        "custody.approval",
    ),
    Clock(
        "carrying_out",
        "实施期限",
        ("approved",),
        Escalate(Role.SUPERVISOR, breach="promise"),
        "custody.carrying_out",
        remind=(Remind(Role.INSPECTOR),),
    ),
    Clock(
        "preservation",
        "先行登记保存处理期限",
        ("preserved",),
        Fire("release_by_law"),
        "penalty.evidence_preservation",
        law="《行政处罚法》第五十六条",
        remind=(Remind(Role.INSPECTOR), Remind(Role.APPROVER)),
    ),
    Clock(
        "seizure",
        "查封、扣押期限",
        ("seized", "seized_urgently"),
        Fire("lift_by_law"),
        "coercion.seizure",
        law="《行政强制法》第二十五条",
        stops=(Stop("test", "检测、检验、检疫、技术鉴定", ("testing",), end_told=True),),
        extension=Extension("extend", "coercion.seizure_extension"),
        remind=(Remind(Role.INSPECTOR), Remind(Role.APPROVER)),
    ),
    Clock(
        "urgent_report",
        "补办批准手续期限",
        ("seized_urgently",),
        # Without an approval within the day nothing is held (强制法19).
        Fire("lift_by_law"),
        "coercion.urgent_report",
        law="《行政强制法》第十九条",
        remind=(Remind(Role.APPROVER),),
        in_every_version=True,
    ),
    Clock(
        "test",
        "检测、检验、检疫、鉴定期间",
        ("testing", "sent_for_test"),
        # As long as the party was told, and no longer.
        Fire("end_test"),
        anchor="send_for_test.expected_until",
        law="《行政强制法》第二十五条第三款",
        remind=(Remind(Role.INSPECTOR),),
        in_every_version=True,
    ),
    Clock(
        "disposal",
        "检测后的处理期限",
        ("tested",),
        Fire("release_by_law"),
        "check.finding",
        law="《行政处罚法》第五十六条",
        remind=(Remind(Role.INSPECTOR), Remind(Role.APPROVER)),
        in_every_version=True,
    ),
    Clock(
        "giving_back",
        "退还期限",
        ("released",),
        Escalate(Role.SUPERVISOR, breach="promise"),
        "custody.giving_back",
        law="《行政强制法》第二十八条第二款",
        remind=(Remind(Role.INSPECTOR),),
    ),
)

EVIDENCE_CUSTODY = Process(
    key="evidence_custody",
    code="BC",
    label="先行登记保存、查封、扣押",
    effective_from=date(2021, 7, 15),
    law="《行政处罚法》第五十六条、《行政强制法》第三章第二节",
    initial="requested",
    opened_by=(Role.RELATED,),
    form=schema(forms.Custody),
    states=(
        State("requested", "待批准"),
        State("approved", "已批准"),
        State("preserved", "先行登记保存"),
        State("seized", "查封、扣押"),
        State("seized_urgently", "当场查封、扣押，待补办批准"),
        State("testing", "送检（告知的检测期间不计入期限）"),
        State("sent_for_test", "登记保存物品已送检"),
        State("tested", "已检测，待处理"),
        State("released", "已解除，待退还"),
        State("returned", "已退还", end=True),
        State("confiscated", "已没收", end=True),
        State("not_approved", "不予批准", end=True),
        State("not_carried_out", "未实施", end=True),
    ),
    steps=(*_STEPS, *_RECUSING),
    clocks=_CLOCKS,
    keeps_evidence=True,
)
