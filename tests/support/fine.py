"""A small penalty kept for tests: decided with three papers, served, closed; nothing is published
with the house's own processes."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from casework.database import engine_for
from casework.versions import publish
from state_machines import corrections, remedies, service
from state_machines.forms.common import ShortText
from state_machines.forms.instant_licence import Application, Refusal
from state_machines.guards import remedies as guards
from state_machines.guards import review
from state_machines.vocabulary import (
    Clock,
    Escalate,
    Issue,
    Process,
    Role,
    State,
    Step,
    schema,
)
from tests.support.journeys import RECEIPT, TRY
from tests.support.town import Town, application

OFFICER = (Role.INSPECTOR,)
LEGAL = (Role.LEGAL_REVIEWER,)
PAPERS = ("refusal_decision", "deferral_notice", "review_opinion")


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
        State("undone", "决定已撤销", unattended="等待送达撤销决定"),
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
        service.confirming("investigated", "decided", by=OFFICER),
        *service.serving(
            "decision",
            PAPERS,
            unserved=("decided",),
            announced="announced",
            served="served",
            by=OFFICER,
        ),
        Step("close", "结案", {"served": "closed"}, OFFICER),
        Step(
            "apply_to_court",
            "申请强制执行",
            {"served": "served"},
            OFFICER,
            guards=(guards.no_remedy_is_pending, guards.decision_stands),
            optional=True,
        ),
        *corrections.correcting(PAPERS[:1], states=("served",), by=OFFICER),
        Step("pass_review", "法制审核通过", {"served": "served"}, LEGAL, optional=True),
        corrections.undoing(
            PAPERS[:1],
            states=("served",),
            undone="undone",
            reviewed=(review.review_has_passed,),
            apart_from=("pass_review",),
            registers=("penalties",),
        ),
        Step("close_undone", "结案", {"undone": "closed"}, OFFICER),
    ),
    tracks=remedies.overlays(
        ("decided", "announced", "served", "undone", "closed"),
        by=LEGAL,
        documents=PAPERS[:1],
        registers=("penalties",),
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
    ),
    matter="public_place_hygiene",
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


def decided(town: Town, *, by: str = "applicant") -> str:
    """A case of it, decided on the town's present day; gives its number."""
    number = town.office.open_case("fine", application(), town.people[by]).number
    town.take(number, "submit", by)
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
