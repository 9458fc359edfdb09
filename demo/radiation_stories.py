"""Clinics and their X-ray machines (放射“一件事”的故事): joint applications in every state.

Where a case comes to depends on the steps taken of it alone, so those are data, by state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from casework.common.timekeeping import legal_date
from demo.place import Place
from demo.prior_notices import Steps, heard
from demo.promise_stories import Story

_REASON = {"reason": "设备改为租用，暂不需要该项许可"}
_OPINION = {"findings": "材料齐全，场所防护检测合格", "conclusion": "符合法定条件、标准"}
_AGAINST = {"findings": "机房防护检测结果超过标准限值", "conclusion": "不符合放射防护标准"}
_PERMITS = {
    "health": {"scope": "X射线影像诊断"},
    "eco": {"scope": "使用Ⅲ类射线装置（1台）"},
}
_REFUSED = {
    "ground": "不符合法定条件、标准",
    "facts": "机房防护检测结果超过标准限值",
    "reasons": "不符合放射防护标准",
}
_ASKED = {"items": [{"material": "staff_list", "what": "请补充个人剂量监测报告"}]}

# A department that is silent for a day has accepted its part; the promise is five days in all.
_AT_ONCE = ("check_health", "check_eco", "dispatch", "pass_health", "decide_eco", "refuse_health")
_SUBMITTED: Steps = (("submit", "applicant", {}),)
_LOOKED_AT: Steps = (
    *_SUBMITTED,
    ("check_health", "reviewer", _ASKED),
    ("check_eco", "eco", {}),
)
_WHOLE: Steps = (
    *_SUBMITTED,
    ("check_health", "reviewer", {}),
    ("check_eco", "eco", {}),
    ("accept", "window", {}),
)
_ASKED_FOR: Steps = (*_LOOKED_AT, ("request_supplement", "window", _ASKED))
_DISPATCHED: Steps = (*_WHOLE, ("dispatch", "window", {}))
_BOTH: Steps = (
    *_DISPATCHED,
    ("pass_eco", "eco", _OPINION),
    ("pass_health", "reviewer", _OPINION),
)
_ONE: Steps = (
    *_DISPATCHED,
    ("fail_eco", "eco", _AGAINST),
    ("pass_health", "reviewer", _OPINION),
)
_DECIDED: Steps = (
    *_BOTH,
    ("decide_health", "approver", _PERMITS["health"]),
    ("decide_eco", "eco_approver", _PERMITS["eco"]),
)
_MADE: Steps = (*_DECIDED, ("make_certificates", "window", {}))
_PART: Steps = (
    *_ONE,
    ("refuse_eco", "eco_approver", _REFUSED),
    ("decide_health", "approver", _PERMITS["health"]),
    ("make_certificates", "window", {}),
    ("serve_refuse_eco", "window", Place.receipt),
)
_DELIVERED: Steps = (*_MADE, ("deliver", "window", {}))
_JOINT: Mapping[str, Steps] = {
    "draft": (),
    "submitted": _SUBMITTED,
    "precheck": _LOOKED_AT,
    "awaiting_merged_supplement": _ASKED_FOR,
    "supplemented": (*_ASKED_FOR, ("supply", "applicant", {})),
    "accepted": _WHOLE,
    "dispatched": (
        *_DISPATCHED,
        ("pass_health", "reviewer", _OPINION),
    ),
    "both_passed": _BOTH,
    "not_all_passed": _ONE,
    "decided": _DECIDED,
    "certs_ready": _MADE,
    "delivered_together": _DELIVERED,
    "partial_refusal": (*_PART, ("deliver_part", "window", {})),
    "refused": (
        *_DISPATCHED,
        ("fail_eco", "eco", _AGAINST),
        ("fail_health", "reviewer", _AGAINST),
        ("refuse_eco", "eco_approver", _REFUSED),
        ("refuse_health", "approver", _REFUSED),
        ("serve_refuse_eco", "window", Place.receipt),
        ("serve_refuse_health", "window", Place.receipt),
    ),
    "not_accepted": (
        *_SUBMITTED,
        (
            "not_accept",
            "window",
            {
                "ground": "依法不属于本行政机关职权范围",
                "explanation": "门诊部位于通州区",
                "competent_body": "南通市通州区卫生健康委员会",
            },
        ),
    ),
    "withdrawn": (*_WHOLE, ("withdraw", "applicant", {"reason": "设备采购推迟"})),
    "terminated": (
        *_WHOLE,
        ("terminate", "window", {"ground": "申请人依法终止", "evidence": "注销登记通知书"}),
    ),
}
_UNFIT = {
    "facts": "校验时发现机房防护门联锁失效，责令改进，期满仍未改进",
    "basis": "《放射诊疗管理规定》第十八条",
}
_UNFIT_AND_ENDED: Steps = (
    *heard({**_UNFIT, "proposed": "注销放射诊疗许可证", "reasons": "校验不符合条件且逾期不改进"}),
    (
        "decide_ending",
        "approver",
        {
            **_UNFIT,
            "ground": "校验、变更不符合条件且逾期不改进",
            "considered": "被许可人放弃陈述申辩",
        },
    ),
)
_TAKEN = {
    "facts": "经查，许可证件已被上级机关依法吊销，吊销决定已经生效",
    "basis": "《中华人民共和国行政许可法》第七十条第四项",
}
_TAKEN_AND_ENDED: Steps = (
    *heard(
        {**_TAKEN, "proposed": "注销辐射安全许可证", "reasons": "许可证件已依法吊销"},
        "eco+eco2",
        reviewed=False,
    ),
    (
        "decide_ending",
        "eco_approver",
        {
            **_TAKEN,
            "ground": "许可依法被撤销、撤回，或者许可证件依法被吊销",
            "considered": "被许可人放弃陈述申辩",
        },
    ),
)
_ASKED_TO_END = ("request_closure", "applicant", {"reason": "诊室停用", "returned": True})
_DEREGISTERED = {"ground": "被许可人申请注销", "reason": "诊室停用，设备已经移交"}


def _single(item: str, reviewer: str, approver: str, desk: str) -> Mapping[str, Steps]:
    """The item that goes on alone, by the state it comes to."""
    passed: Steps = ((f"pass_{item}", reviewer, _OPINION),)
    granted: Steps = (*passed, (f"decide_{item}", approver, _PERMITS[item]))
    return {
        "reviewing": (),
        "passed": passed,
        "failed": ((f"fail_{item}", reviewer, _AGAINST),),
        "granted": granted,
        "delivered": (*granted, ("deliver", desk, {})),
        "refused": (
            (f"fail_{item}", reviewer, _AGAINST),
            (f"refuse_{item}", approver, _REFUSED),
        ),
        "withdrawn": (("withdraw", "applicant", {"reason": "改到其他机构开展"}),),
    }


def _joint(steps: Steps) -> Callable[[Place], Story]:
    def story(place: Place) -> Story:
        place.open_joint()
        place.hand_in()
        yield from _taken(place, "", steps)

    return story


def held_on_request(place: Place) -> Story:
    """One item was refused; the clinic asks to fetch both certificates together later."""
    yield from _joint(_PART)(place)
    until = legal_date(place.office.time.now()) + timedelta(days=60)
    wish = {"until": until.isoformat(), "reason": "整改后重新申请另一项，届时一并领取"}
    place.take("ask_to_hold", "applicant", wish)


def _alone(item: str, drops: str, steps: Steps) -> Callable[[Place], Story]:
    def story(place: Place) -> Story:
        yield from _joint(_DISPATCHED)(place)
        yield 1
        place.take(f"drop_{drops}", "applicant", _REASON)
        yield from _taken(place, f"single_{item}", steps)

    return story


def _paused(item: str, drops: str, reviewer: str) -> Callable[[Place], Story]:
    def story(place: Place) -> Story:
        yield from _alone(item, drops, ())(place)
        yield 1
        until = legal_date(place.office.time.now()) + timedelta(days=20)
        review = {
            "kind": "检验检测",
            "days": 20,
            "expected_until": until.isoformat(),
            "reason": "机房防护性能需要重新检测",
        }
        place.relative(f"single_{item}", f"pause_{item}", reviewer, review)

    return story


def _licensed(relation: str, steps: Steps, verify_in: int = 300) -> Callable[[Place], Story]:
    def story(place: Place) -> Story:
        place.open_joint(verify_in=verify_in)
        place.hand_in()
        yield from _taken(place, "", _DELIVERED)
        yield from _taken(place, relation, steps)

    return story


def _reported(place: Place) -> Story:
    """Every January the clinic reports on the year before."""
    yield from _licensed("safety_licence", ())(place)
    today = legal_date(place.office.time.now())
    for year in range(today.year + 1, legal_date(place.end).year + 1):
        yield place.end.replace(year=year, month=1, day=15)
        said = {"year": year - 1, "summary": "设备运行正常，未发生辐射事故"}
        place.relative("safety_licence", "report", "applicant", said)


def _taken(place: Place, relation: str, steps: Steps) -> Story:
    """Steps of a case, the next one each on the next working day or, of some, within the hour."""
    for step, by, given in steps:
        yield timedelta(minutes=40) if step in _AT_ONCE else 1
        if step == "supply":
            place.hand_in("staff_list")
        place.relative(relation, step, by, given(place) if callable(given) else given)


_SINGLES = {
    "health": ("eco", _single("health", "reviewer", "approver", "window")),
    "eco": ("health", _single("eco", "eco", "eco_approver", "eco")),
}
_REVIEWERS = {"health": "reviewer", "eco": "eco"}
STORIES: Mapping[str, Callable[[Place], Story]] = {
    **{f"joint_{state}": _joint(steps) for state, steps in _JOINT.items()},
    "joint_held_on_request": held_on_request,
    **{
        f"single_{item}_{state}": _alone(item, drops, steps)
        for item, (drops, ways) in _SINGLES.items()
        for state, steps in ways.items()
    },
    **{
        f"single_{item}_paused_technical": _paused(item, drops, _REVIEWERS[item])
        for item, (drops, _) in _SINGLES.items()
    },
    "diagnosis_unverified": _licensed("diagnosis_licence", (), verify_in=40),
    "diagnosis_deregistered": _licensed(
        "diagnosis_licence", (_ASKED_TO_END, ("deregister", "approver", _DEREGISTERED))
    ),
    "diagnosis_ending_decided": _licensed("diagnosis_licence", _UNFIT_AND_ENDED),
    "diagnosis_ending_served": _licensed(
        "diagnosis_licence", (*_UNFIT_AND_ENDED, ("serve_ending", "reviewer", Place.receipt))
    ),
    "safety_reported": _reported,
    "safety_report_overdue": _licensed("safety_licence", ()),
    "safety_deregistered": _licensed(
        "safety_licence", (_ASKED_TO_END, ("deregister", "eco_approver", _DEREGISTERED))
    ),
    "safety_expired": _licensed("safety_licence", ()),
    "safety_ending_decided": _licensed("safety_licence", _TAKEN_AND_ENDED),
    "safety_ending_served": _licensed(
        "safety_licence", (*_TAKEN_AND_ENDED, ("serve_ending", "eco", Place.receipt))
    ),
}
