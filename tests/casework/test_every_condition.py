"""Each condition before each step, tried on a case that stands just there: what makes it refuse is
written here by hand, once for all steps that have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import update

from casework.common.database import engine_for
from casework.common.problems import GuardRefused, Problem
from casework.kernel.office import Office
from casework.models import Attachment
from state_machines.language.vocabulary import Process, Role, Step
from state_machines.processes import PROCESSES
from tests.support import penalties
from tests.support.exemptions import results
from tests.support.journeys import Numbers, usual
from tests.support.people import appoint, newcomer
from tests.support.rehearsal import rehearsing
from tests.support.town import Town

pytestmark = pytest.mark.slow

# Who takes the steps of a role.
_BY = {
    Role.APPLICANT: "applicant",
    Role.WINDOW_CLERK: "window",
    Role.REVIEWER: "reviewer",
    Role.APPROVER: "approver",
    Role.INSPECTOR: "inspector1",
    Role.LEGAL_REVIEWER: "legal",
    Role.SUPERVISOR: "supervisor",
    Role.CREDIT_OFFICER: "credit",
    Role.HEARING_CHAIR: "chair",
    Role.CASE_HANDLER: "handler1",
    Role.PANEL_MEMBER: "head1",
    Role.ECO_REVIEWER: "eco",
    Role.ECO_APPROVER: "eco_approver",
}
LONG_AGO = "2020-01-02"


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a step: its input, or who takes it; and the code that it is refused with.

    `other` stands for somebody of the same role who has nothing to do with the case."""

    code: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    other: bool = False


def _sentence(*measures: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"measures": [*measures], **changes}


_CHECKED = penalties.review()["checklist"]
_FAILED = [{"item": one["item"], "ok": False, "note": "不符合"} for one in _CHECKED]
_UNINITIALLED = {"place": "第3行", "before": "三间", "after": "四间", "initialled": False}
_OTHER_BAN = {"kind": "限制从业", "amount": "", "days": 30, "detail": ""}
_ENDLESS = {"kind": "暂扣许可证件", "amount": "", "days": 0, "detail": ""}
_SUM = {"field": "罚款金额", "wrong": "1000.00", "right": "100.00"}
_TWICE = [{"due": "2026-10-10", "amount": "1.00"}, {"due": "2026-11-10", "amount": "2.00"}]
WRONG: Mapping[str, Wrong] = {
    # 送达
    "service_is_proved": Wrong("not_signed", {"signed": False}),
    "service_day_fits": Wrong("served_earlier", {"on": LONG_AGO}),
    "last_receipt_is_here": Wrong("not_to_serve", {"documents": ["plans"]}),
    "more_receipts_follow": Wrong("last_receipt", {"documents": []}),
    "other_ways_failed": Wrong("ways_not_tried"),
    "confirmation_is_signed": Wrong("no_electronic_address", {"electronic_address": ""}),
    # 笔录
    "record_ends_after_it_began": Wrong("record_times_wrong", {"begun": "10:00", "ended": "09:00"}),
    "record_is_signed_or_says_why": Wrong(
        "not_signed_without_reason", {"signing": "拒绝签名或者盖章", "not_signed_because": ""}
    ),
    "corrections_are_initialled": Wrong(
        "correction_not_initialled", {"corrections": [_UNINITIALLED]}
    ),
    # 承办人、回避、审核
    "handlers_are_assigned": Wrong("not_assigned", other=True),
    "officers_are_assigned": Wrong("not_assigned", other=True),
    "two_handlers_are_named": Wrong("certificate_invalid", {"handlers": ["handler1", "nobody"]}),
    "two_certified_are_named": Wrong(
        "certificate_invalid", {"inspectors": ["inspector1", "nobody"]}
    ),
    "recusal_is_asked": Wrong("recusal_not_asked"),
    "reviewer_is_qualified": Wrong("reviewer_unqualified", other=True),
    "checklist_is_passed": Wrong("checklist_failed", {"checklist": _FAILED}),
    # 听证
    "closed_hearing_says_why": Wrong("hearing_closed_without_reason", {"open": False}),
    "hearing_is_told_in_time": Wrong("hearing_too_soon", {"on": "2026-09-02"}),
    "chair_may_preside": Wrong("chair_unknown", {"chair": "window"}),
    "hearing_day_has_come": Wrong("hearing_not_yet"),
    "presides_as_named": Wrong("not_the_chair", other=True),
    "refusal_to_sign_is_noted": Wrong("refusal_not_noted", {"signing": "拒绝签名或者盖章"}),
    # 处罚内容
    "measures_are_of_the_article": Wrong("measure_not_of_the_article", _sentence(_OTHER_BAN)),
    "one_fine_for_one_act": Wrong(
        "fined_twice", _sentence(penalties.fine(), penalties.fine("700.00"))
    ),
    # A reason to depart from the step is none to depart from the law.
    "fine_is_in_range": Wrong(
        "fine_out_of_range", _sentence(penalties.fine("2000.01"), departure="情节特殊")
    ),
    "fine_is_of_its_step_or_says_why": Wrong(
        "fine_not_of_its_step", _sentence(penalties.fine("500.00"))
    ),
    "circumstances_are_founded": Wrong("weight_without_reason", {"weight": "heavier"}),
    "party_can_be_punished": Wrong("party_is_incapable", {"incapable": True}),
    "terms_are_stated": Wrong("term_missing", _sentence(_ENDLESS)),
    # 执行
    "payment_is_possible": Wrong("payment_day_wrong", {"on": LONG_AGO}),
    "recovered_is_possible": Wrong("sum_wrong", {"amount": "999999.00"}),
    "time_was_asked_for": Wrong("time_not_asked_for"),
    "plan_adds_up": Wrong("plan_does_not_add_up", {"parts": _TWICE}),
    "deferral_day_is_possible": Wrong("deferral_day_wrong", {"until": LONG_AGO}),
    "decision_was_overturned": Wrong("decision_not_overturned"),
    # 责令改正
    "correction_day_is_possible": Wrong("correction_day_wrong", {"until": LONG_AGO}),
    "all_is_corrected": Wrong("not_all_corrected", {"results": results(met=False)}),
    "something_is_uncorrected": Wrong("all_corrected", {"results": results(met=True)}),
    "time_to_correct_is_over": Wrong("still_time_to_correct", {"refused": False}),
    # 材料: no file is left
    "materials_are_complete": Wrong("materials_missing"),
    "supplement_is_complete": Wrong("supplement_incomplete"),
    "change_is_proved": Wrong("change_unproved"),
    "rectification_is_shown": Wrong("rectification_unproved"),
    # 许可、修复、补正
    "only_slips_are_corrected": Wrong("substance", {"items": [_SUM]}),
    "may_sign_promise": Wrong("signed_by_other", {"signer": "他人"}),
    "remote_verification_is_pictured": Wrong("verification_without_pictures", {"mode": "视频核查"}),
}


@dataclass(frozen=True)
class Scene:
    """A town with a case in every state and without a file, an office that only rehearses, and
    somebody else for every role."""

    town: Town
    office: Office
    numbers: Numbers
    others: Mapping[Role, str]


@pytest.fixture(scope="module")
def scene(full_town: tuple[Town, Numbers]) -> Iterator[Scene]:
    town, numbers = full_town
    owner = engine_for(town.url, role=None)
    with owner.begin() as connection:
        connection.execute(update(Attachment).values(material="lost"))
    owner.dispose()
    others = {
        role: appoint(town, newcomer(town, f"other_{role.value}"), role.value) for role in _BY
    }
    with rehearsing(town) as office:
        yield Scene(town, office, numbers, others)


@pytest.mark.parametrize("name", WRONG)
def test_whoever_does_it_wrong_is_told(scene: Scene, name: str) -> None:
    wrong = WRONG[name]
    said = {
        f"{process.key}.{step.name}": _tried(scene, process, step, wrong)
        for process in PROCESSES.values()
        for step in process.every_step
        # What a form does not ask for cannot be said wrong.
        if set(wrong.changes) <= set((step.form or {}).get("properties", {}))
        and any(guard.name == name for guard in step.guards)
    }
    assert said
    assert {step: why for step, why in said.items() if why} == {}


def _tried(scene: Scene, process: Process, step: Step, wrong: Wrong) -> str:
    """Take the step wrongly wherever a case stands before it, until it is refused as it should;
    gives what happened instead, if it never is."""
    said = ""
    for state in step.moves:
        case = scene.town.case(scene.numbers[process.key, state])
        role = next(role for role in step.by if role in _BY)
        account = scene.others[role] if wrong.other else _BY[role]
        given = usual(process.key, step.name)
        if process.key in ("penalty", "simple_penalty"):
            given = penalties.inputs_of(scene.town, case.number, step.name, {step.name: given})
        try:
            scene.office.advance(
                case.number,
                step.name,
                {**given, **wrong.changes},
                scene.town.people[account],
                version=case.version,
            )
            said = f"in {state} it was taken"
        except GuardRefused as problem:
            codes = {reason["code"] for reason in problem.extra["reasons"]}
            if wrong.code in codes:
                return ""
            said = f"in {state} it was refused for {sorted(codes)}"
        except Problem as problem:
            said = f"in {state}: {problem.type}: {problem.detail}"
    return said
