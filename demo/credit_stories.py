"""The way back to a good name (信用修复的故事): repairs, filings, objections and training.

Each begins with a promise that was broken and a licence that was spared, so a record stands and can
be repaired after three months.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from casework.common.timekeeping import legal_date
from casework.credit.training.sittings import paper, sittings
from casework.models import Case
from demo.place import Place
from demo.promise_stories import Story, look, spared

_PAIR = "inspector1+inspector2"
_UNTIL_ELIGIBLE = 70  # working days, which are more than the three months of a broken promise

_Steps = tuple[tuple[str, str], ...]
_APPLIED: _Steps = (("apply", "applicant"),)
_PROMISED: _Steps = (*_APPLIED, ("commit", "applicant"))
_VERIFYING: _Steps = (
    *_PROMISED,
    ("finish_training", "applicant"),
    ("submit_rectification", "applicant"),
)
_VERIFIED: _Steps = (*_VERIFYING, ("verify", _PAIR))
_APPROVED: _Steps = (*_VERIFIED, ("recommend", "credit"), ("approve", "approver"))
_PUSHED: _Steps = (*_APPROVED, ("request_removal", "credit"))
_REMOVED: _Steps = (*_PUSHED, ("end_publicity", "credit"))
_SYNCED: _Steps = (*_REMOVED, ("synchronise", "credit"))
_REPAIR: Mapping[str, _Steps] = {
    "eligible": (),
    "applied": _APPLIED,
    "commitment_made": _PROMISED,
    "verifying": _VERIFYING,
    "failed": (*_VERIFYING, ("fail_verification", _PAIR)),
    "verified": _VERIFIED,
    "approved": _APPROVED,
    "removal_requested": _PUSHED,
    "removed": _REMOVED,
    "synced": _SYNCED,
    "closed": (*_SYNCED, ("close", "credit")),
    "withdrawn": (*_APPLIED, ("withdraw", "applicant")),
    "refused": (*_VERIFIED, ("refuse", "approver")),
    "false_material": (
        *_VERIFYING,
        ("give_prior_notice", "credit"),
        ("serve_prior_notice", "credit"),
        ("waive_prior_notice", "applicant"),
        ("review_prior_notice", "legal"),
        ("find_false_material", "approver"),
        ("serve_decision", "credit"),
    ),
}
_RULES = "《信用修复管理办法》（国家发展改革委令第36号）"
_FORGED = {"facts": "经向检测机构核实，报告系伪造", "basis": _RULES}
_SENT: _Steps = (("accept_filing", "credit"), ("send_to_authority", "credit"))
_NATIONAL: Mapping[str, _Steps] = {
    "filed": (),
    "accepted": _SENT[:1],
    "sent": _SENT,
    "ended": (*_SENT, ("end_national_publicity", "approver")),
    "refused": (*_SENT, ("refuse_filing", "approver")),
    "withdrawn": (("withdraw_filing", "applicant"),),
}
_OBJECTED: _Steps = (("file_objection", "applicant"),)
_OBJECTION: Mapping[str, _Steps] = {
    "draft": (),
    "filed": _OBJECTED,
    "asking_others": (*_OBJECTED, ("ask_others", "credit")),
    "upheld": (*_OBJECTED, ("uphold", "approver")),
    "rejected": (*_OBJECTED, ("reject", "credit")),
    "withdrawn": (("drop_objection", "applicant"),),
}
_SAT: _Steps = (("start_exam", "applicant"), ("submit_paper", "applicant"))
_TRAINING: Mapping[str, _Steps] = {
    "learning": (),
    "handed_over": _SAT,
    "certified": (*_SAT, ("certify", "applicant")),
    "left": (("leave", "applicant"),),
}


def _given(place: Place, step: str) -> dict[str, Any]:
    """What a step is given; nothing for most."""
    today = legal_date(place.office.time.now())
    representative = place.firm.representative
    promise = {
        "true_material": True,
        "corrected": True,
        "accepts_liability": True,
        "consents_to_publication": True,
        "signer": representative,
    }
    given: Mapping[str, dict[str, Any]] = {
        "apply": {
            "reason": "已委托检测并整改到位，申请修复",
            "contact_name": representative,
            "contact_phone": place.firm.phone,
        },
        "commit": promise,
        "submit_rectification": {
            "measures": "已委托检测，室内空气质量检测合格，并建立定期检测制度",
            "finished_on": today.isoformat(),
        },
        "verify": look(place),
        "fail_verification": look(place, "室内空气质量"),
        "recommend": {"opinion": "符合修复条件，建议准予修复"},
        "approve": {"note": ""},
        "request_removal": {"sites": ["信用中国（江苏南通）"]},
        "end_publicity": {"note": ""},
        "synchronise": {"lifted": "恢复适用告知承诺，已同步本机关网站"},
        "withdraw": {"reason": "补充整改后再申请"},
        "refuse": {"facts": "整改措施未落实到全部客房", "reasons": "尚不符合修复条件"},
        "give_prior_notice": {
            **_FORGED,
            "proposed": "认定提供虚假材料，不予修复，记入信用档案",
            "reasons": "以伪造的检测报告申请信用修复",
        },
        **dict.fromkeys(("serve_prior_notice", "serve_decision"), place.receipt()),
        "review_prior_notice": place.passed_review(),
        "find_false_material": {
            **_FORGED,
            "material": "检测报告",
            "considered": "当事人书面放弃陈述申辩",
        },
        "file_nationally": promise,
        "refuse_filing": {"facts": "整改未完成", "reasons": "尚不符合修复条件"},
        "withdraw_filing": {"reason": "补充材料后再申请"},
        "ask_others": {"whom": "崇川区市场监督管理局", "what": "登记信息是否变更"},
        "uphold": {"findings": "检测机构更正了报告", "conclusion": "异议成立，予以更正"},
        "reject": {"findings": "记录属实", "conclusion": "异议不成立，维持原记录"},
        "leave": {"reason": "另行安排人员学习"},
    }
    return given.get(step, {})


def _taken(place: Place, case: str, steps: _Steps) -> Story:
    """Steps of a case, which its number names, the next one each on the next working day; an exam
    is sat within its hour."""
    for step, by in steps:
        yield timedelta(minutes=25) if step == "submit_paper" else 1
        given = _given(place, step)
        if step == "submit_paper":
            given = _sheet(place, case)
        if step == "submit_rectification":
            place.hand_in("rectification_report", of="repair")
        place.act(case, step, by, given)


def _sheet(place: Place, number: str) -> dict[str, Any]:
    """The answer sheet of a sitting with every answer right."""
    with place.office.database.session() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        rules = place.office.rules.current(session)
        questions = paper(rules, sittings(session, case)[-1], place.about["region"])
    return {"answers": [{"question": q.key, "choice": q.answer} for q in questions]}


def _trained(place: Place, state: str) -> Story:
    about = {"region": place.about["region"], "learner": place.firm.representative}
    yield from _taken(place, place.begin("credit_training", about), _TRAINING[state])


def _filed_nationally(place: Place, state: str) -> Story:
    place.relative("repair", "file_nationally", "applicant", _given(place, "file_nationally"))
    yield from _taken(place, place.related("national"), _NATIONAL[state])


def _objected(place: Place, state: str) -> Story:
    about = {
        "region": place.about["region"],
        "event": place.record("promise_broken"),
        "reason": "检测报告当时已经出具，未及时提交",
        "contact_name": place.firm.representative,
        "contact_phone": place.firm.phone,
    }
    yield from _taken(place, place.begin("credit_objection", about), _OBJECTION[state])


def _repair(
    state: str, *, training: str = "certified", national: str = "", objection: str = ""
) -> Callable[[Place], Story]:
    """A repair in a state, and what the firm undertook besides."""

    def story(place: Place) -> Story:
        yield from spared(place)
        yield 2
        if objection:
            yield from _objected(place, objection)
        yield _UNTIL_ELIGIBLE
        yield from _trained(place, training)
        if national == "filed":
            yield place.end - timedelta(days=1)  # nobody has looked at it yet
        if national:
            yield from _filed_nationally(place, national)
        yield from _taken(place, place.related("repair"), _REPAIR[state])

    return story


def not_eligible(place: Place) -> Story:
    """Three months have not gone by yet; the firm objects to the record meanwhile."""
    yield from spared(place)
    yield 2
    yield from _trained(place, "learning")
    yield place.end - timedelta(days=1)
    yield from _objected(place, "filed")


def in_exam(place: Place) -> Story:
    """The firm was found right about its record, and sits an exam at this moment."""
    yield from spared(place)
    yield 2
    yield from _objected(place, "upheld")
    yield place.end - timedelta(minutes=10)
    about = {"region": place.about["region"], "learner": place.firm.representative}
    place.act(place.begin("credit_training", about), "start_exam", "applicant")


STORIES: Mapping[str, Callable[[Place], Story]] = {
    "repair_not_eligible": not_eligible,
    "training_in_exam": in_exam,
    "repair_eligible": _repair("eligible", training="handed_over", objection="draft"),
    "repair_applied": _repair("applied", training="left", national="filed"),
    "repair_commitment_made": _repair("commitment_made", national="accepted"),
    "repair_verifying": _repair("verifying", national="sent"),
    "repair_failed": _repair("failed", objection="asking_others"),
    "repair_verified": _repair("verified"),
    "repair_approved": _repair("approved", objection="rejected"),
    "repair_removal_requested": _repair("removal_requested"),
    "repair_removed": _repair("removed", objection="withdrawn"),
    "repair_synced": _repair("synced"),
    "repair_closed": _repair("closed", national="ended"),
    "repair_withdrawn": _repair("withdrawn", national="refused"),
    "repair_refused": _repair("refused", national="withdrawn"),
    "repair_false_material": _repair("false_material"),
}
