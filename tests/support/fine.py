"""A small penalty kept for tests: looked into, decided with three papers, served, put right, ended;
nothing is published with the house's own processes."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from casework.common.database import engine_for
from casework.rules.versions import publish
from state_machines.language.fields import ShortText
from state_machines.language.vocabulary import (
    Clock,
    Escalate,
    Issue,
    Process,
    Role,
    State,
    Step,
    during,
    schema,
)
from state_machines.licensing.instant_licence.forms import Application, Refusal
from state_machines.parts.corrections import guards as correction_guards
from state_machines.parts.corrections import part as corrections
from state_machines.parts.delivery import part as service
from state_machines.parts.looks import guards as checks
from state_machines.parts.officers import part as officers
from state_machines.parts.officers.forms import Assignment
from state_machines.parts.records.part import records_of
from state_machines.parts.remedies import guards
from state_machines.parts.remedies import part as remedies
from tests.support.serving import RECEIPT, TRY
from tests.support.town import Town, application

OFFICER = (Role.INSPECTOR,)
LEGAL = (Role.LEGAL_REVIEWER,)
INQUIRED = ("filed", "investigated")
PAPERS = ("refusal_decision", "deferral_notice", "review_opinion")
UNDONE = (*(state.name for state in corrections.UNDONE_STATES), "undoing_served")


class Sentence(Refusal):
    """What the three papers print."""

    findings: ShortText
    conclusion: ShortText


FINE = Process(
    key="fine",
    code="FN",
    label="罚款",
    effective_from=date(2021, 7, 1),
    law="",
    initial="lead",
    opened_by=(Role.APPLICANT,),
    form=schema(Application),
    states=(
        State("lead", "线索"),
        State("filed", "立案"),
        State("investigated", "调查终结"),
        State("decided", "处罚决定"),
        State("announced", "公告送达中"),
        State("served", "已送达"),
        *corrections.UNDONE_STATES,
        State("undoing_served", "撤销决定已送达", end=True),
        State("closed", "结案", end=True),
    ),
    steps=(
        # Named as the papers ask for the days.
        Step("submit", "受理线索", {"lead": "filed"}, (Role.APPLICANT,)),
        Step("accept", "调查终结", {"filed": "investigated"}, OFFICER),
        Step(
            "decide",
            "处罚决定",
            {"investigated": "decided"},
            (Role.APPROVER,),
            form=schema(Sentence),
            effects=tuple(map(Issue, PAPERS)),
        ),
        Step(
            "assign",
            "指派执法人员",
            during(*INQUIRED),
            (Role.SUPERVISOR,),
            form=schema(Assignment),
            guards=(checks.two_certified_are_named,),
            optional=True,
        ),
        officers.hand_over(*INQUIRED, to=Role.INSPECTOR),
        *officers.recusal(*INQUIRED, staff=(*OFFICER, *LEGAL)),
        *records_of(*INQUIRED, by=OFFICER, guards=(checks.officers_are_assigned,)),
        service.confirming("investigated", "decided", by=OFFICER),
        *service.serving(
            "decision",
            PAPERS,
            unserved=("decided",),
            announced="announced",
            served="served",
            by=OFFICER,
        ),
        Step(
            "close",
            "结案",
            {"served": "closed"},
            OFFICER,
            guards=(correction_guards.corrections_are_served,),
        ),
        Step(
            "apply_to_court",
            "申请强制执行",
            {"served": "served"},
            OFFICER,
            guards=(guards.no_remedy_is_pending, guards.decision_stands),
            optional=True,
        ),
        *corrections.undoing(
            PAPERS[:1],
            states=("served",),
            served="undoing_served",
            by=OFFICER,
            handled=("accept", "decide"),
            registers=("penalties",),
        ),
    ),
    tracks=(
        *remedies.overlays(
            ("decided", "announced", "served", *UNDONE, "closed"),
            by=LEGAL,
            documents=PAPERS[:1],
            registers=("penalties",),
        ),
        corrections.correcting(PAPERS[:1], opens_in=("served",), by=OFFICER),
    ),
    clocks=(
        Clock(
            "investigation",
            "办案期限",
            ("lead", "filed", "investigated"),
            Escalate(Role.SUPERVISOR),
            "penalty.decision",
        ),
        *service.serving_clocks("decision", ("decided",), "announced", by=Role.INSPECTOR),
        Clock(
            "payment",
            "缴款期限",
            ("served",),
            Escalate(Role.INSPECTOR, breach="none"),
            "penalty.payment",
            anchor="service.decision.served_on",
            binds="party",
        ),
        # Execution goes on (处罚法73); what is counted day by day rests.
        Clock(
            "counted",
            "逐日计算",
            ("served",),
            Escalate(Role.INSPECTOR, breach="none"),
            "penalty.payment",
            stops=remedies.STAYS,
        ),
        *remedies.remedy_clocks(to=Role.INSPECTOR),
        *corrections.undoing_clocks(by=Role.INSPECTOR),
    ),
    binds=(corrections.undoing_binds(),),
    matter="public_place_hygiene",
    keeps_evidence=True,
)

DECISION = {
    "ground": "不符合法定条件、标准",
    "facts": "从业人员未取得健康合格证明",
    "reasons": "违反公共场所卫生管理条例",
    "findings": "经复查未整改",
    "conclusion": "一并告知信用修复的途径",
}


def publish_fine(town: Town, process: Process = FINE) -> None:
    """Let the town know the process."""
    owner = engine_for(town.url, role=None)
    with Session(owner) as session:
        publish(session, {process.key: process}, town.time.now())
        session.commit()
    owner.dispose()


def filed(town: Town, *, by: str = "applicant") -> str:
    """A case of it that is looked into; gives its number."""
    number = town.office.open_case("fine", application(), town.people[by]).number
    town.take(number, "submit", by)
    return number


def decided(town: Town, *, by: str = "applicant") -> str:
    """A case of it, decided on the town's present day; gives its number."""
    number = filed(town, by=by)
    town.take(number, "accept", "inspector1")
    town.take(number, "decide", "approver", DECISION)
    return number


def receipt(on: str, way: str = "直接送达", **changes: Any) -> dict[str, Any]:
    """A receipt with all that its way wants, as the form takes it."""
    return {
        **RECEIPT,
        "signed": False,
        "way": way,
        "on": on,
        **_PROOF[way],
        **changes,
    }


_PROOF: dict[str, dict[str, Any]] = {
    "直接送达": {"signed": True},
    "留置送达": {
        "refusal": "拒绝签收",
        "witness": "吴玲",
        "witness_unit": "人民路社区居民委员会",
        "witness_signed": True,
    },
    "邮寄送达": {"mailing_number": "EMS1234567890"},
    "电子送达": {"place": "service@hotel.example"},
    "委托送达": {"through": "南通市通州区卫生健康委员会", "signed": True},
    "转交送达": {"through": "南通监狱", "signed": True},
}


def tried(on: str, way: str) -> dict[str, Any]:
    """A try that failed."""
    return {**TRY, "way": way, "on": on}
