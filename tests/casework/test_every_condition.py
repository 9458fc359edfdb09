"""Every condition before every step: which there are, that each way in which they can refuse is
expected by some test, and each tried on a case that stands just there.

Which stand where is tests/data/processes, read against the rulebook; what makes one refuse is
written here by hand, once for all steps that have it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from casework.common.database import engine_for
from casework.common.problems import GuardRefused, Problem
from casework.kernel.office import Office
from casework.models import Attachment
from state_machines.credit.training.facts import ExamPaper
from state_machines.credit.training.guards import paper_is_drawn
from state_machines.door.gates import GATES, guards_of
from state_machines.enforcement.fines.facts import (
    Debt,
    InstalmentDue,
    PaymentMade,
    PlanHeld,
    Settlement,
)
from state_machines.enforcement.fines.guards import (
    all_is_paid,
    an_instalment_is_due,
    an_instalment_is_missed,
    instalment_is_in_time,
    instalment_is_paid_in_full,
    it_is_the_last_instalment,
    more_instalments_follow,
    only_the_late_fee_is_left,
    payment_is_what_is_owed,
    plan_goes_on,
)
from state_machines.language.vocabulary import Guard, Issue, Process, Role, Step
from state_machines.licensing.licence.facts import AwaitedSupplement, PromisedConditions
from state_machines.licensing.licence.guards import (
    conditions_are_outstanding,
    renewal_was_complete,
)
from state_machines.licensing.penalised.facts import LicenceToGiveBack
from state_machines.licensing.penalised.guards import licence_is_given_back
from state_machines.parties.code_change.facts import ContinuedCode
from state_machines.parties.code_change.guards import old_code_may_be_continued
from state_machines.parts.delivery.facts import ServiceDay, ToServe
from state_machines.parts.delivery.guards import last_receipt_is_here, service_day_fits
from state_machines.parts.evidence.guards import evidence_is_on_file
from state_machines.parts.hearing.facts import HearingRequestTime
from state_machines.parts.hearing.guards import hearing_is_asked_in_time
from state_machines.parts.remedies.facts import ComeBack
from state_machines.parts.remedies.guards import decision_is_back
from state_machines.processes import PROCESSES
from tests.support import penalties
from tests.support.exemptions import results
from tests.support.journeys import Numbers, usual
from tests.support.people import appoint, newcomer
from tests.support.rehearsal import rehearsing
from tests.support.town import Town
from tools.expectations import expected_processes

DAY, NEXT = date(2026, 9, 1), date(2026, 9, 2)
_OLD = ContinuedCode(
    "91320602MA1W01780L",
    registered=True,
    own=False,
    other_kind=False,
    circular=False,
    continued_by="",
)
# What the doors before them keep from coming about: a day that no act may bear, a claim that was
# judged when it was opened, a step that is not there without what it is about.
BEHIND_A_DOOR: Mapping[str, tuple[Guard, object]] = {
    # It is given back by itself, or cannot be any more.
    "licence_not_given_back": (licence_is_given_back, LicenceToGiveBack("已撤销", ("L-1",))),
    "served_later": (service_day_fits, ServiceDay(NEXT, DAY, DAY)),
    "nothing_waits": (last_receipt_is_here, ToServe((), (), ())),
    "hearing_not_told": (hearing_is_asked_in_time, HearingRequestTime(DAY, None, waived=False)),
    "instalment_not_missed": (an_instalment_is_missed, InstalmentDue(1, "400.00", DAY, 1, DAY)),
    # Steps that follow by themselves are not told why they do not.
    "other_duties_stand": (
        all_is_paid,
        Settlement("0.00", sums=False, other_duties=("责令停产停业",)),
    ),
    "plan_is_not_kept": (plan_goes_on, PlanHeld(1, "400.00")),
    "decision_is_not_back": (decision_is_back, ComeBack(given_up=True, stands=False)),
    "conditions_confirmed": (
        conditions_are_outstanding,
        PromisedConditions(promised=True, confirmed=True),
    ),
    "renewal_incomplete": (renewal_was_complete, AwaitedSupplement("CC-YX-2026-000001")),
    "bank_too_small": (paper_is_drawn, ExamPaper("", ("one",), 2)),
    "old_code_unknown": (old_code_may_be_continued, replace(_OLD, registered=False)),
    "old_code_own": (old_code_may_be_continued, replace(_OLD, own=True)),
    "old_code_other_kind": (old_code_may_be_continued, replace(_OLD, other_kind=True)),
    "old_code_circular": (old_code_may_be_continued, replace(_OLD, circular=True)),
}

_TESTS = Path(__file__).parents[1]
_CODE = re.compile(r'Refusal\(\s*"(\w+)"')


def test_each_step_has_the_conditions_of_the_table() -> None:
    wanted = {
        (key, step, condition.rule)
        for key, expected in expected_processes().items()
        for condition in expected.conditions
        for step in condition.before
    }
    declared = {
        (process.key, step.name, guard.name)
        for process in PROCESSES.values()
        for step in process.every_step
        for guard in guards_of(process, step)
    }
    assert declared == wanted


_PART = InstalmentDue(1, "400.00", DAY, 1, NEXT)
_LAST = replace(_PART, after=0)
_DEBT = Debt(DAY, "1000.00", "0.00", "0.00", "0.00", "1000.00", "")
_PAID = PaymentMade(
    "300.00", NEXT, NEXT, DAY, "A-1",
    used=False, on_the_spot=False, spot_most="100.00", simple=False,
)  # fmt: skip
# What only cases of older versions are asked, which enter each instalment as such.
OF_OLDER_VERSIONS: Mapping[str, tuple[Guard, tuple[object, ...], bool]] = {
    "sum_wrong": (payment_is_what_is_owed, (_PAID, _DEBT), False),
    "paid to the cent": (payment_is_what_is_owed, (replace(_PAID, amount="1000.00"), _DEBT), True),
    "no_instalment_due": (an_instalment_is_due, (replace(_PART, amount="0.00"),), False),
    "one is due": (an_instalment_is_due, (_PART,), True),
    "sum_wrong of a part": (instalment_is_paid_in_full, (_PAID, _PART), False),
    "a part in full": (instalment_is_paid_in_full, (replace(_PAID, amount="400.00"), _PART), True),
    "instalment_missed": (instalment_is_in_time, (_PAID, _PART), False),
    "in time": (instalment_is_in_time, (replace(_PAID, on=DAY), _PART), True),
    "last_instalment": (more_instalments_follow, (_LAST,), False),
    "more follow": (more_instalments_follow, (_PART,), True),
    "not_last_instalment": (it_is_the_last_instalment, (_PART,), False),
    "the last one": (it_is_the_last_instalment, (_LAST,), True),
}


@pytest.mark.parametrize("what", OF_OLDER_VERSIONS)
def test_cases_of_older_versions_are_asked_as_they_were(what: str) -> None:
    guard, known, allowed = OF_OLDER_VERSIONS[what]
    refused = guard.judge({type(fact): fact for fact in known})
    if allowed:
        assert refused is None
    else:
        assert refused is not None
        assert refused.code == what.partition(" ")[0]


def test_a_fee_alone_is_left_once_the_plan_is_paid() -> None:
    def left(sum_: str, parts: int) -> str:
        known = {PlanHeld: PlanHeld(parts, "0.00"), Debt: replace(_DEBT, left=sum_)}
        refused = only_the_late_fee_is_left.judge(known)
        return refused.code if refused else ""

    assert left("48.00", 0) == ""
    assert left("648.00", 1) == left("0.00", 0) == "not_the_late_fee_alone"


@pytest.mark.parametrize("code", BEHIND_A_DOOR)
def test_what_nobody_gets_as_far_as_is_refused_all_the_same(code: str) -> None:
    guard, fact = BEHIND_A_DOOR[code]
    refused = guard.judge({type(fact): fact})
    assert refused is not None
    assert refused.code == code


def test_what_every_version_asks_is_asked_of_steps_that_there_are() -> None:
    known = {
        f"{process.key}.{step.name}"
        for process in PROCESSES.values()
        for step in process.every_step
    }
    assert GATES.keys() <= known


# Papers that tell the party of facts, or decide on them, against it or for it.
TOLD_OR_DECIDED = {
    "penalty_notice",
    "penalty_decision",
    "spot_decision",
    "no_penalty_decision",
    "revocation_notice",
    "revocation_decision",
}


def test_no_paper_tells_facts_without_evidence() -> None:
    issuing = {
        f"{process.key}.{step.name}"
        for process in PROCESSES.values()
        for step in process.every_step
        for effect in step.effects
        if isinstance(effect, Issue) and effect.document in TOLD_OR_DECIDED
    }
    proved = {key for key, asked in GATES.items() if evidence_is_on_file in asked}
    assert issuing <= proved


def test_every_refusal_is_expected_somewhere() -> None:
    tests = (path.read_text(encoding="utf-8") for path in _TESTS.rglob("*.py"))
    words = {word for test in tests for word in re.findall(r"\w+", test)}
    unseen = {
        (guard.name, code)
        for process in PROCESSES.values()
        for step in process.every_step
        if Role.JOIN not in step.by  # between joins a refusal only chooses
        for guard in guards_of(process, step)
        for code in _codes(guard.rule)
        if code not in words
    }
    assert sorted(unseen) == []


def _codes(rule: Callable[..., object]) -> set[str]:
    """The codes that a rule may refuse with, itself or through what helps it in its module."""
    module = inspect.getmodule(rule)
    codes = set(_CODE.findall(inspect.getsource(rule)))
    for name in rule.__code__.co_names:
        helper = getattr(module, name, None)
        if inspect.isfunction(helper) and helper.__module__ == rule.__module__:
            codes |= _codes(helper)
    return codes


# -- tried where a case stands ---------------------------------------------------------------------

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


@pytest.mark.slow
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
