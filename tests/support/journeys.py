"""Ways to every state: what each step is given, and a town with a case standing in each state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from casework.timekeeping import ZONE
from tests.support.town import (
    ACCEPTED,
    INSPECTORS,
    NOT_PERMITTED,
    NOTICE,
    PERMIT,
    START,
    Town,
    answers,
    application,
    joint_application,
    look,
    opinion,
    order,
    promise,
    review,
)

Numbers = dict[tuple[str, str], str]

PAUSE = {
    "kind": "检验检测",
    "days": 10,
    "expected_until": "2026-09-15",
    "reason": "机房防护需要重新检测",
}
ASKED = {"items": [{"material": "staff_list", "what": "请补充剂量监测报告"}]}
RECEIPT = {
    "way": "直接送达",
    "place": "南通市崇川区人民中路88号",
    "recipient": "陈志远",
    "receiver": "法定代表人、主要负责人",
    "signed": True,
}
TRY = {"way": "直接送达", "place": "人民中路88号", "outcome": "无人，邻居称已搬离"}
ANNOUNCEMENT = {
    "medium": "本机关网站",
    "ground": "用其他方式无法送达",
    "reason": "直接送达、邮寄送达均未能送达",
}
CONSENT = {
    "address": "南通市崇川区人民中路88号",
    "receiver": "陈志远",
    "phone": "13800000001",
    "electronic": True,
    "electronic_address": "service@hotel.example",
    "signed_on": "2026-09-01",
    "signer": "陈志远",
    "true_address": True,
}
BODIES = {"reconsideration": "崇川区人民政府", "litigation": "崇川区人民法院"}
OVERTURNED = {"number": "〔2026〕21号", "result": "撤销", "reasons": "事实不清，证据不足"}
ENDED = {"ground": "被许可人申请注销", "reason": "停止使用"}

# A valid input for each step that has a form; under `process.step` where forms differ.
_INPUTS: Mapping[str, Any] = {
    "not_accept": {"ground": "依法不属于本行政机关职权范围", "explanation": "场所位于其他区"},
    "request_supplement": {"items": [{"material": "plans", "what": "请补充平面图"}]},
    "instant_licence.accept": ACCEPTED,
    "study": answers(),
    "commit": promise(),
    "withdraw_commitment": {"reason": "检测报告尚未出具"},
    "check_site": look(met=True),
    "pause": {
        "kind": "专家评审",
        "days": 10,
        "expected_until": "2026-09-15",
        "reason": "空调系统需要专家评审",
    },
    "extend_decision": {"reason": "案情复杂"},
    "refuse": {
        "ground": "不符合法定条件、标准",
        "facts": "室内空气质量不符合标准",
        "reasons": "不具备许可条件",
    },
    "deliver": {"recipient": "陈志远"},
    "withdraw": {"reason": "不再经营"},
    "terminate": {"ground": "申请人依法终止", "evidence": "注销登记证明"},
    "assign": INSPECTORS,
    "inspect": look(met=False),
    "record_unreachable": {"tries": ["9月2日电话无人接听", "9月3日上门无人", "9月4日上门无人"]},
    "order_rectification": order(),
    "recheck": look(met=False),
    "find_false": {"reason": "承诺时即不具备条件"},
    "find_broken": {"reason": "逾期未整改"},
    "notify_revocation": NOTICE,
    "state_defence": {"text": "已安排检测，请求从宽"},
    "submit_review": {"defence_considered": "当事人放弃陈述申辩"},
    "pass_review": review(),
    "return_review": {"kind": "退回补充证据", "opinion": "补充检测材料"},
    "commitment_check.revoke": NOTICE,
    "spare": {"reason": "撤销可能损害公共利益"},
    "serve": RECEIPT,
    "record_try": TRY,
    "announce": ANNOUNCEMENT,
    "confirm_address": CONSENT,
    **{f"file_{name}": {"body": body, "number": "〔2026〕21号"} for name, body in BODIES.items()},
    **{f"end_{name}": {"number": "〔2026〕21号", "result": "维持原决定"} for name in BODIES},
    **{f"change_by_{name}": OVERTURNED for name in BODIES},
    "book_look": {
        "mode": "视频核查",
        "on": "2026-09-02",
        "time": "14:30",
        "contact": "李敏",
        "means": "视频会议 123 456",
    },
    "prove_conditions": {"statement": "清洗消毒间已经建成"},
    "request_closure": {"reason": "不再经营", "returned": True},
    "keep_open": {"reason": "继续经营"},
    "withdraw_by_authority": {
        "ground": "准予许可所依据的客观情况发生重大变化",
        "facts": "所在区域规划调整",
        "basis": "《中华人民共和国行政许可法》第八条第二款",
        "heard": "已听取意见，持证人同意",
        "compensation": "依法补偿装修损失",
    },
    "cancel": {
        "decision_number": "通卫公罚〔2026〕3号",
        "decided_on": "2026-08-28",
        "facts": "转让卫生许可证",
        "basis": "《公共场所卫生管理条例》第十四条",
    },
    "licence_renewal.refuse": {"facts": "检测不合格", "reasons": "不再符合许可条件"},
    "licence_change.refuse": {"facts": "材料不实", "reasons": "不符合变更条件"},
    "return_items": {"what": "制度未盖章"},
    "licence.deregister": {"ground": "有效期届满未延续", "reason": "有效期届满未申请延续"},
    "deregister_revoked": {"reason": "许可被撤销"},
    "one_matter.request_supplement": ASKED,
    "check_health": {},
    "pass_health": opinion(),
    "pass_eco": opinion(),
    "fail_health": opinion("不符合防护标准"),
    "fail_eco": opinion("不符合防护标准"),
    "pause_health": PAUSE,
    "pause_eco": PAUSE,
    "extend_health": {"reason": "需要补充检测"},
    "extend_eco": {"reason": "需要补充检测"},
    "extend_joint": {
        "approved_by": "区人民政府分管负责人",
        "approved_on": "2026-09-01",
        "reason": "需要跨部门会商",
    },
    "decide_health": PERMIT,
    "decide_eco": PERMIT,
    "refuse_health": NOT_PERMITTED,
    "refuse_eco": NOT_PERMITTED,
    "ask_to_hold": {"until": "2026-10-20", "reason": "整改后一并领取"},
    "deliver_part": {"recipient": "陈志远"},
    "drop_health": {"reason": "暂不开展诊疗"},
    "drop_eco": {"reason": "设备由他人持证"},
    "pass_verification": {"result": "校验合格", "next_due": "2028-03-31"},
    "report": {"year": 2026, "summary": "运行正常"},
    "diagnosis_licence.deregister": ENDED,
    "safety_licence.deregister": ENDED,
}
OFFICERS = "inspector1+inspector2"

_TO_RECHECK = (
    ("assign", "supervisor"),
    ("inspect", OFFICERS),
    ("order_rectification", "inspector1"),
    ("recheck", OFFICERS),
)
# By a promise that was broken: one that was false would bar the firm from applying again.
_TO_REVIEW = (
    *_TO_RECHECK,
    ("find_broken", OFFICERS),
    ("notify_revocation", "inspector1"),
    ("waive_defence", "applicant"),
    ("submit_review", "inspector1"),
)
_TO_REVOCATION = (*_TO_REVIEW, ("pass_review", "legal"), ("revoke", "approver"))
_CONTESTED = (
    *_TO_REVOCATION,
    ("serve", "inspector1"),
    ("file_reconsideration", "legal"),
    ("file_litigation", "legal"),
)
_TO_ANNOUNCEMENT = (
    *_TO_REVOCATION,
    ("record_try", "inspector1"),
    ("try_by_post", "inspector1"),
    ("announce", "inspector1"),
)

# From the check that a grant opens to each of its states.
_CHECK: Mapping[str, tuple[tuple[str, str], ...]] = {
    "task_created": (),
    "assigned": _TO_RECHECK[:1],
    "unreachable": (("assign", "supervisor"), ("record_unreachable", OFFICERS)),
    "inspected": _TO_RECHECK[:2],
    "rectification_ordered": _TO_RECHECK[:3],
    "rechecked": _TO_RECHECK,
    "broken": (*_TO_RECHECK, ("find_broken", OFFICERS)),
    "false_commitment": (*_TO_RECHECK[:2], ("find_false", OFFICERS)),
    "revocation_notified": _TO_REVIEW[:-2],
    "legal_review": _TO_REVIEW,
    "review_returned": (*_TO_REVIEW, ("return_review", "legal")),
    "revoked": _TO_REVOCATION,
    "revocation_announced": _TO_ANNOUNCEMENT,
    "revocation_served": (*_TO_REVOCATION, ("serve", "inspector1")),
    "deregistered": (*_TO_REVOCATION, ("serve", "inspector1"), ("deregister", "approver")),
    "under_reconsideration": _CONTESTED,
    "reconsidered": (*_CONTESTED, ("end_reconsideration", "legal"), ("end_litigation", "legal")),
    "reconsideration_changed": (
        *_CONTESTED,
        ("change_by_reconsideration", "legal"),
        ("change_by_litigation", "legal"),
    ),
    "kept": (("assign", "supervisor"), ("inspect", OFFICERS), ("find_kept", "inspector1")),
    "closed": (
        ("assign", "supervisor"),
        ("inspect", OFFICERS),
        ("find_kept", "inspector1"),
        ("close", "supervisor"),
    ),
}
# Where else such a case stands: both remedies are overlays, side by side.
_ALSO_IN = {
    "not_reconsidered": "revoked",
    "not_litigated": "revoked",
    "under_litigation": "under_reconsideration",
    "litigated": "reconsidered",
    "litigation_changed": "reconsideration_changed",
}
_LOOK_THAT_FINDS_ALL_KEPT = ("kept", "closed")

# From an application with its materials to each of its states.
_APPLICATION: Mapping[str, tuple[tuple[str, str], ...]] = {
    "received": (("submit", "applicant"),),
    "awaiting_supplement": (("submit", "applicant"), ("request_supplement", "window")),
    "supplemented": (
        ("submit", "applicant"),
        ("request_supplement", "window"),
        ("supply", "applicant"),
    ),
    "accepted": (("submit", "applicant"), ("accept", "window")),
    "informed": (("submit", "applicant"), ("accept", "window"), ("inform", "window")),
    "committed": (
        ("submit", "applicant"),
        ("accept", "window"),
        ("inform", "window"),
        ("study", "applicant"),
        ("commit", "applicant"),
    ),
    "ordinary_review": (
        ("submit", "applicant"),
        ("accept", "window"),
        ("inform", "window"),
        ("decline", "applicant"),
    ),
    "paused_technical": (
        ("submit", "applicant"),
        ("accept", "window"),
        ("inform", "window"),
        ("decline", "applicant"),
        ("pause", "reviewer"),
    ),
    "not_accepted": (("submit", "applicant"), ("not_accept", "window")),
    "refused": (("submit", "applicant"), ("accept", "window"), ("refuse", "approver")),
    "withdrawn": (("submit", "applicant"), ("withdraw", "applicant")),
    "terminated": (("submit", "applicant"), ("terminate", "window")),
}


APPLIED = tuple(_APPLICATION)
CHECKED = tuple(_CHECK)


def usual(process: str, step: str) -> Any:
    """A valid input for a step."""
    return _INPUTS.get(f"{process}.{step}", _INPUTS.get(step, {}))


def address(n: int) -> str:
    """An address that no other case of the town has."""
    return f"南通市崇川区人民中路{1000 + n}号"


def apply_to(town: Town, state: str, where: str) -> str:
    """An application at that address, taken to a state before its grant; gives its number."""
    number = town.apply(address=where)
    if state == "draft":
        return number
    town.attach(number)
    follow(town, number, *_APPLICATION[state])
    return number


def turned_to_filing(town: Town, where: str) -> str:
    """An application for a place that only needs a filing, turned into one; its number."""
    number = town.apply(place_kind="bookshop", address=where)
    follow(town, number, ("submit", "applicant"), ("turn_to_filing", "window"))
    return number


def check_to(town: Town, number: str, state: str) -> str:
    """The check of a granted application, taken to a state; gives its number."""
    check = town.relative(number, "check").number
    found = look(met=state in _LOOK_THAT_FINDS_ALL_KEPT)
    follow(town, check, *_CHECK[state], inspect=found)
    return check


def follow(town: Town, number: str, *steps: tuple[str, str], **inputs: Any) -> None:
    """Take steps in order, each with its usual input unless `inputs` says otherwise."""
    process = town.case(number).process
    for step, by in steps:
        if step == "supply":
            town.attach(number, "staff_list" if process == "one_matter" else "plans")
        elif step == "hand_in":
            town.attach(number)
        elif step == "try_by_post":  # a second way that fails, as an announcement wants
            town.take(number, "record_try", by, {**TRY, "way": "邮寄送达"})
            continue
        town.take(number, step, by, inputs.get(step, usual(process, step)))


def renewal_of(town: Town, number: str, **changes: Any) -> str:
    """An application to renew the licence that an application led to, in draft; its number."""
    return town.file(
        "licence_renewal", {**_about(town, number), "conditions_kept": True, **changes}
    )


def change_of(town: Town, number: str, **changes: Any) -> str:
    """An application for another copy of that licence, in draft, or for what `changes` say."""
    asked = {"kind": "遗失、毁损补发", "reason": "不慎遗失"}
    by = changes.pop("by", "applicant")
    return town.file("licence_change", {**_about(town, number), **asked, **changes}, by=by)


def filing(town: Town, where: str) -> str:
    """The filing (备案) of a bookshop, in draft; its number."""
    return town.file("place_filing", application(place_kind="bookshop", address=where))


def deferred(town: Town, where: str) -> str:
    """An application granted without the management rules, promised for later; its number."""
    number = town.apply(address=where)
    town.attach(number, "application_form", "identity", "plans", "test_report")
    accepted = {**ACCEPTED, "deferred": ["management_rules"]}
    follow(town, number, *_APPLICATION["committed"], ("grant", "window"), accept=accepted)
    return number


def promised_for_later(town: Town, where: str) -> str:
    """An application granted on conditions that are still to be met; its number."""
    number = apply_to(town, "informed", where)
    later = promise(ready_by="2026-12-01")
    follow(
        town, number, ("study", "applicant"), ("commit", "applicant"), ("grant", "window"),
        commit=later,
    )  # fmt: skip
    return number


def _about(town: Town, number: str) -> dict[str, Any]:
    said = town.licence_of(number)
    return {"licence": said["number"], "contact_name": "李敏", "contact_phone": "13800000001"}


_RECEIVED = (("submit", "applicant"),)
_SUPPLEMENT = (*_RECEIVED, ("request_supplement", "window"))
_RENEWAL: Mapping[str, tuple[tuple[str, str], ...]] = {
    "draft": (),
    "received": _RECEIVED,
    "awaiting_supplement": _SUPPLEMENT,
    "supplemented": (*_SUPPLEMENT, ("supply", "applicant")),
    "accepted": (*_RECEIVED, ("accept", "window")),
    "granted": (*_RECEIVED, ("accept", "window"), ("grant", "window")),
    "delivered": (*_RECEIVED, ("accept", "window"), ("grant", "window"), ("deliver", "window")),
    "refused": (*_RECEIVED, ("accept", "window"), ("refuse", "approver")),
    "not_accepted": (*_RECEIVED, ("not_accept", "window")),
    "withdrawn": (*_RECEIVED, ("withdraw", "applicant")),
    "terminated": (*_RECEIVED, ("terminate", "window")),
}
_CHANGE = {**_RENEWAL, "granted": (*_RECEIVED, ("accept", "window"), ("reissue", "window"))}
_CHANGE["delivered"] = (*_CHANGE["granted"], ("deliver", "window"))
_DECIDED = ("accepted", "granted", "delivered", "refused")
_FILING: Mapping[str, tuple[tuple[str, str], ...]] = {
    **{state: steps for state, steps in _RENEWAL.items() if state not in _DECIDED},
    "filed": (*_RECEIVED, ("record", "window")),
}
_DEFERRAL: Mapping[str, tuple[tuple[str, str], ...]] = {
    "awaiting_materials": (),
    "handed_in": (("hand_in", "applicant"),),
    "completed": (("hand_in", "applicant"), ("confirm", "window")),
}
_LICENCE: Mapping[str, tuple[tuple[str, str], ...]] = {
    "valid": (),
    "closure_requested": (("request_closure", "applicant"),),
    "withdrawn_by_authority": (("withdraw_by_authority", "approver"),),
    "cancelled": (("cancel", "approver"),),
}


_JOINT_SUBMITTED = (("submit", "applicant"),)
_JOINT_CHECKED = (*_JOINT_SUBMITTED, ("check_health", "reviewer"), ("check_eco", "eco"))
_JOINT_ASKED = (*_JOINT_CHECKED, ("request_supplement", "window"))
_JOINT_ACCEPTED = (*_JOINT_CHECKED, ("accept", "window"))
_DISPATCHED = (*_JOINT_ACCEPTED, ("dispatch", "window"))
_BOTH_PASSED = (*_DISPATCHED, ("pass_health", "reviewer"), ("pass_eco", "eco"))
_ONE_FAILED = (*_DISPATCHED, ("pass_health", "reviewer"), ("fail_eco", "eco"))
_BOTH_GRANTED = (*_BOTH_PASSED, ("decide_health", "approver"), ("decide_eco", "eco_approver"))
_MADE = (*_BOTH_GRANTED, ("make_certificates", "window"))
_PART_MADE = (
    *_ONE_FAILED,
    ("decide_health", "approver"),
    ("refuse_eco", "eco_approver"),
    ("make_certificates", "window"),
)
# From a joint application with its materials to each state of the case and of its tracks.
JOINT: Mapping[str, tuple[tuple[str, str], ...]] = {
    "draft": (),
    "submitted": _JOINT_SUBMITTED,
    "health_checking": _JOINT_SUBMITTED,
    "eco_checking": _JOINT_SUBMITTED,
    "health_checked": _JOINT_CHECKED[:2],
    "eco_checked": (*_JOINT_SUBMITTED, ("check_eco", "eco")),
    "precheck": _JOINT_CHECKED,
    "awaiting_merged_supplement": _JOINT_ASKED,
    "supplemented": (*_JOINT_ASKED, ("supply", "applicant")),
    "accepted": _JOINT_ACCEPTED,
    "dispatched": _DISPATCHED,
    "health_reviewing": _DISPATCHED,
    "eco_reviewing": _DISPATCHED,
    "health_paused": (*_DISPATCHED, ("pause_health", "reviewer")),
    "eco_paused": (*_DISPATCHED, ("pause_eco", "eco")),
    "health_passed": (*_DISPATCHED, ("pass_health", "reviewer")),
    "eco_passed": (*_DISPATCHED, ("pass_eco", "eco")),
    "health_failed": (*_DISPATCHED, ("fail_health", "reviewer")),
    "eco_failed": (*_DISPATCHED, ("fail_eco", "eco")),
    "both_passed": _BOTH_PASSED,
    "health_undecided": _BOTH_PASSED,
    "eco_undecided": _BOTH_PASSED,
    "health_granted": (*_BOTH_PASSED, ("decide_health", "approver")),
    "eco_granted": (*_BOTH_PASSED, ("decide_eco", "eco_approver")),
    "health_refused": (*_BOTH_PASSED, ("refuse_health", "approver")),
    "eco_refused": (*_BOTH_PASSED, ("refuse_eco", "eco_approver")),
    "not_all_passed": _ONE_FAILED,
    "decided": _BOTH_GRANTED,
    "certs_ready": _MADE,
    "held_on_request": (*_PART_MADE, ("ask_to_hold", "applicant")),
    "delivered_together": (*_MADE, ("deliver", "window")),
    "partial_refusal": (*_PART_MADE, ("deliver_part", "window")),
    "refused": (*_ONE_FAILED, ("refuse_health", "approver"), ("refuse_eco", "eco_approver")),
    "converted_single": (*_JOINT_ACCEPTED, ("drop_eco", "applicant")),
    "not_accepted": (*_JOINT_SUBMITTED, ("not_accept", "window")),
    "withdrawn": (*_DISPATCHED, ("withdraw", "applicant")),
    "terminated": (*_JOINT_ACCEPTED, ("terminate", "window")),
}
JOINT_DELIVERED = JOINT["delivered_together"]


def _single(item: str, reviewer: str, approver: str, desk: str) -> Mapping[str, Any]:
    passed = ((f"pass_{item}", reviewer),)
    granted = (*passed, (f"decide_{item}", approver))
    return {
        "reviewing": (),
        "paused_technical": ((f"pause_{item}", reviewer),),
        "passed": passed,
        "failed": ((f"fail_{item}", reviewer),),
        "granted": granted,
        "delivered": (*granted, ("deliver", desk)),
        "refused": ((f"fail_{item}", reviewer), (f"refuse_{item}", approver)),
        "withdrawn": (("withdraw", "applicant"),),
    }


_SINGLES = {
    "single_health": ("drop_eco", _single("health", "reviewer", "approver", "window")),
    "single_eco": ("drop_health", _single("eco", "eco", "eco_approver", "eco")),
}


def joint_to(town: Town, state: str, where: str, **changes: Any) -> str:
    """A joint application at that address, taken to a state; gives its number."""
    number = town.file("one_matter", joint_application(address=where, **changes))
    follow(town, number, *JOINT[state])
    return number


def single_to(town: Town, process: str, state: str, where: str) -> str:
    """What goes on alone of a joint application, taken to a state; gives its number."""
    drop, ways = _SINGLES[process]
    number = joint_to(town, "dispatched", where)
    follow(town, number, (drop, "applicant"))
    single = town.relative(number, process).number
    follow(town, single, *ways[state])
    return single


def joint_everywhere(town: Town, places: Iterator[int]) -> Numbers:
    """A case in every state of the joint matter and of what comes of it, as of `START`."""
    at: Numbers = {}

    def licence(of: str, relation: str) -> str:
        return town.relative(of, relation).number

    for state, year, month in (("expired", 2021, 8), ("report_overdue", 2025, 12)):
        town.time.instant = datetime(year, month, 10, 9, 0, tzinfo=ZONE)
        old = joint_to(town, "delivered_together", address(next(places)))
        at["safety_licence", state] = licence(old, "safety_licence")
    town.time.instant = START
    for state in ("expired", "report_overdue"):
        town.office.catch_up(town.case(at["safety_licence", state]).id)
    for state in JOINT:
        at["one_matter", state] = joint_to(town, state, address(next(places)))
    for process, (_, ways) in _SINGLES.items():
        for state in ways:
            at[process, state] = single_to(town, process, state, address(next(places)))
    unverified = joint_to(town, "delivered_together", address(next(places)), verify_by="2026-08-31")
    at["diagnosis_licence", "unverified"] = licence(unverified, "diagnosis_licence")
    town.office.catch_up(town.case(at["diagnosis_licence", "unverified"]).id)
    valid, ended = (joint_to(town, "delivered_together", address(next(places))) for _ in range(2))
    for process, approver in (
        ("diagnosis_licence", "approver"),
        ("safety_licence", "eco_approver"),
    ):
        at[process, "valid"] = licence(valid, process)
        at[process, "deregistered"] = licence(ended, process)
        follow(town, at[process, "deregistered"], ("deregister", approver))
    return at


def everywhere(town: Town) -> Numbers:
    """A case in every state of every process, side by side: its number by process and state.

    The licences that are to be renewed were granted four years before. States of tracks are there
    too, each by a case that stands in it.
    """
    places = iter(range(300))
    at = joint_everywhere(town, places)

    def old(year: int, month: int, day: int) -> str:
        town.time.instant = datetime(year, month, day, 9, 0, tzinfo=ZONE)
        return town.granted(address=address(next(places)))

    for state, on in (("expired", (2022, 8, 1)), ("expiring", (2022, 9, 20))):
        at["licence", state] = town.relative(old(*on), "licence").number
    # Undecided when the old term ended, in time and late by a rule that lets late ones in.
    deemed = old(2022, 6, 10)
    late = [deferred(town, address(next(places))) for _ in range(2)]
    town.time.instant = datetime(2026, 4, 20, 9, 0, tzinfo=ZONE)
    town.office.catch_up(town.relative(deemed, "licence").id)
    at["licence_renewal", "deemed"] = renewal_of(town, deemed)
    follow(town, at["licence_renewal", "deemed"], *_RECEIVED)
    at["licence", "deemed_renewed"] = town.relative(deemed, "licence").number
    to_renew = {state: old(2022, 10, 20) for state in _RENEWAL}
    town.time.instant = START
    for state in ("expired", "expiring", "deemed_renewed"):
        town.office.catch_up(town.case(at["licence", state]).id)
    for state, granted in zip(("lapsed", "referred"), late, strict=True):
        at["deferral", state] = town.relative(granted, "deferral").number
        town.office.catch_up(town.case(at["deferral", state]).id)
    follow(town, at["deferral", "referred"], ("refer", "window"))
    for state, granted in to_renew.items():
        town.office.catch_up(town.relative(granted, "licence").id)
        at["licence_renewal", state] = renewal_of(town, granted)
        follow(town, at["licence_renewal", state], *_RENEWAL[state])
    at["licence", "renewal_pending"] = town.relative(to_renew["received"], "licence").number

    # Every promise is signed before the first check finds one false: that bars the next.
    granted_for = {state: town.granted(address=address(next(places))) for state in _CHECK}
    to_change = {state: town.granted(address=address(next(places))) for state in _CHANGE}
    to_end = {state: town.granted(address=address(next(places))) for state in _LICENCE}
    for state in ("draft", *_APPLICATION):
        at["instant_licence", state] = apply_to(town, state, address(next(places)))
    for state, steps in _FILING.items():
        at["place_filing", state] = filing(town, address(next(places)))
        follow(town, at["place_filing", state], *steps)
    for state, steps in _DEFERRAL.items():
        granted = deferred(town, address(next(places)))
        at["deferral", state] = town.relative(granted, "deferral").number
        follow(town, at["deferral", state], *steps)
    granted = promised_for_later(town, address(next(places)))
    at["licence", "not_ready"] = town.relative(granted, "licence").number
    at["instant_licence", "filing_route"] = turned_to_filing(town, address(next(places)))
    for state, granted in to_change.items():
        at["licence_change", state] = change_of(town, granted)
        follow(town, at["licence_change", state], *_CHANGE[state])
    at["licence", "amended"] = town.relative(to_change["granted"], "licence").number
    for state, granted in granted_for.items():
        at["commitment_check", state] = check_to(town, granted, state)
    for state, stands_in in _ALSO_IN.items():
        at["commitment_check", state] = at["commitment_check", stands_in]
    at["instant_licence", "granted"] = granted_for["task_created"]
    at["instant_licence", "delivered"] = granted_for["closed"]
    follow(town, granted_for["closed"], ("deliver", "window"))
    for state, of in (("revoked", "revoked"), ("deregistered", "deregistered")):
        at["licence", state] = town.relative(granted_for[of], "licence").number
    for state, granted in to_end.items():
        check_to(town, granted, "closed")
        at["licence", state] = town.relative(granted, "licence").number
        follow(town, at["licence", state], *_LICENCE[state])
    return at
