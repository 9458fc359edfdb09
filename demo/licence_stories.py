"""What becomes of licences (许可证的故事): renewals, changes, filings, deferred papers, and ends.

Where a case comes to depends on the steps taken of it alone, so those are data, by state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from casework.common.timekeeping import legal_date
from demo.place import Place
from demo.prior_notices import Steps, heard
from demo.promise_stories import ACCEPTED, Story, answers, closed, informed, promise, received
from state_machines.licensing.licence.forms import DecisionSource

_ASKED = {"items": [{"material": "application_form", "what": "申请表缺少单位公章，请重新提交"}]}
_ASKED_OF_FILING = {
    "items": [{"material": "filing_form", "what": "备案表缺少单位公章，请重新提交"}]
}
_REFUSED = {"facts": "现有布局与申请材料不符", "reasons": "不再符合许可条件"}
_SUBMITTED: Steps = (("submit", "applicant", {}),)
_SUPPLEMENT: Steps = (*_SUBMITTED, ("request_supplement", "window", _ASKED))
_PAPERS_FOR = {"hand_in": "management_rules"}
_ENDED: Mapping[str, Steps] = {
    "draft": (),
    "received": _SUBMITTED,
    "awaiting_supplement": _SUPPLEMENT,
    "supplemented": (*_SUPPLEMENT, ("supply", "applicant", {})),
    "not_accepted": (
        *_SUBMITTED,
        (
            "not_accept",
            "window",
            {
                "ground": "依法不属于本行政机关职权范围",
                "explanation": "场所实际位于相邻的区，应当向该区提出申请",
                "competent_body": "南通市通州区卫生健康委员会",
            },
        ),
    ),
    "withdrawn": (*_SUBMITTED, ("withdraw", "applicant", {"reason": "暂不办理"})),
    "terminated": (
        *_SUBMITTED,
        ("terminate", "window", {"ground": "申请人依法终止", "evidence": "注销登记通知书"}),
    ),
}
_ACCEPTED: Steps = (*_SUBMITTED, ("accept", "window", {}))
# What goes on from a licence is promised as the licence was.
_RENEWED: Steps = (
    *_ACCEPTED,
    ("inform", "window", {}),
    ("study", "applicant", answers),
    ("commit", "applicant", promise),
    ("grant", "window", {}),
)


def _tested(place: Place) -> dict[str, Any]:
    """What waits for a test that takes until after the story."""
    until = (place.end + timedelta(days=12)).date()
    return {
        "kind": "检验检测",
        "days": 30,
        "reason": "集中空调通风系统须送检",
        "expected_until": until.isoformat(),
    }


_PAUSED: Steps = (*_ACCEPTED, ("pause", "reviewer", _tested))
_REISSUED: Steps = (*_ACCEPTED, ("reissue", "window", {}))
_RENEWAL: Mapping[str, Steps] = {
    **_ENDED,
    "accepted": _ACCEPTED,
    "paused_technical": _PAUSED,
    "granted": _RENEWED,
    "delivered": (*_RENEWED, ("deliver", "window", {})),
    "refused": (*_ACCEPTED, ("refuse", "approver", _REFUSED)),
    "deemed": _SUBMITTED,
}
_CHANGE: Mapping[str, Steps] = {
    **_ENDED,
    "accepted": _ACCEPTED,
    "paused_technical": _PAUSED,
    "granted": _REISSUED,
    "delivered": (*_REISSUED, ("deliver", "window", {})),
    "refused": (*_ACCEPTED, ("refuse", "approver", _REFUSED)),
}
_FILING_ASKED: Steps = (*_SUBMITTED, ("request_supplement", "window", _ASKED_OF_FILING))
_FILING: Mapping[str, Steps] = {
    **_ENDED,
    "awaiting_supplement": _FILING_ASKED,
    "supplemented": (*_FILING_ASKED, ("supply", "applicant", {})),
    "filed": (*_SUBMITTED, ("record", "window", {})),
}
_DEFERRAL: Mapping[str, Steps] = {
    "awaiting_materials": (),
    "handed_in": (("hand_in", "applicant", {}),),
    "completed": (("hand_in", "applicant", {}), ("confirm", "window", {})),
    "lapsed": (),
    "referred": (("refer", "window", {}),),
}
_REBUILT = {
    "facts": "所在街区整体改造，场所已经腾退",
    "basis": "《中华人民共和国行政许可法》第八条第二款、"
    "《南通市崇川区老旧街区整体改造实施方案》第三条",
}


_LENT = {
    "facts": "经核查，持证人将卫生许可证转让给他人，用于另一处场所的经营",
    "basis": "《公共场所卫生管理条例实施细则》第三十五条第二款",
}
_LENT_AND_ENDED: Steps = (
    *heard({**_LENT, "proposed": "注销卫生许可", "reasons": "转让有效卫生许可证"}),
    (
        "decide_ending",
        "approver",
        {**_LENT, "ground": "涂改、转让、倒卖有效卫生许可证", "considered": "持证人放弃陈述申辩"},
    ),
)
_END: Mapping[str, Steps] = {
    "closure_requested": (
        ("request_closure", "applicant", {"reason": "租约到期，不再经营", "returned": True}),
    ),
    "withdrawn_by_authority": (
        *heard(
            {
                **_REBUILT,
                "proposed": "撤回卫生许可，依照街区改造补偿方案给予补偿",
                "reasons": "为了公共利益的需要",
            }
        ),
        (
            "withdraw_by_authority",
            "approver",
            {
                "ground": "准予许可所依据的客观情况发生重大变化",
                **_REBUILT,
                "heard": "已听取持证人意见，持证人没有异议",
                "compensation": "依照街区改造补偿方案给予补偿",
            },
        ),
    ),
    "ending_decided": _LENT_AND_ENDED,
    "ending_served": (*_LENT_AND_ENDED, ("serve_ending", "reviewer", Place.receipt)),
}


def _renewal(steps: Steps) -> Callable[[Place], Story]:
    def story(place: Place) -> Story:
        yield from closed(place)
        yield place.valid_until() - timedelta(days=50)
        place.apply_for("licence_renewal", {"conditions_kept": True})
        yield from _taken(place, "licence_renewal", steps)

    return story


def _change(steps: Steps) -> Callable[[Place], Story]:
    def story(place: Place) -> Story:
        yield from closed(place)
        yield place.end - timedelta(days=8)
        place.apply_for("licence_change", {"kind": "遗失、毁损补发", "reason": "正本受潮毁损"})
        yield from _taken(place, "licence_change", steps)

    return story


def _filing(steps: Steps) -> Callable[[Place], Story]:
    def story(place: Place) -> Story:
        place.open("place_filing")
        place.hand_in()
        yield from _taken(place, "", steps)

    return story


def _deferral(steps: Steps) -> Callable[[Place], Story]:
    def story(place: Place) -> Story:
        place.open()
        place.hand_in_without("management_rules")
        place.take("submit", "applicant")
        yield 1
        place.take("accept", "window", {**ACCEPTED, "deferred": ["management_rules"]})
        place.take("inform", "window")
        yield from _promised_and_granted(place)
        if steps and steps[0][0] == "refer":
            yield 25
        yield from _taken(place, "deferral", steps)

    return story


def _end(steps: Steps) -> Callable[[Place], Story]:
    def story(place: Place) -> Story:
        yield from closed(place)
        yield from _taken(place, "licence", steps)

    return story


def cancelled(place: Place) -> Story:
    """The city's commission decided that the licence is cancelled (吊销)."""
    yield from closed(place)
    yield from _taken(place, "licence", (("cancel", "approver", _decided_elsewhere(place, 8)),))


def suspended(place: Place) -> Story:
    """The city's commission suspended the licence for ninety days (暂扣), which are not over."""
    yield from closed(place)
    yield place.end - timedelta(days=14)
    decided, days = _decided_elsewhere(place, 9), 90
    until = date.fromisoformat(decided["served_on"]) + timedelta(days=days)
    given = {**decided, "days": days, "until": until.isoformat()}
    yield from _taken(place, "licence", (("suspend", "approver", given),))


def _decided_elsewhere(place: Place, n: int) -> dict[str, Any]:
    """A penalty of another authority, decided and served in the last week."""
    today = legal_date(place.office.time.now())
    decided = today - timedelta(days=7)
    return {
        "source": DecisionSource.OTHER.value,
        "decision_number": f"通市卫公罚〔{decided.year}〕{n}号",
        "decided_on": decided.isoformat(),
        "facts": "转让卫生许可证",
        "basis": "《公共场所卫生管理条例》第十四条",
        "issuer": "南通市卫生健康委员会",
        "served_on": (today - timedelta(days=5)).isoformat(),
        "verified": "市卫生健康委员会移送的决定书、送达回证原件，经核对无误",
    }


def not_ready(place: Place) -> Story:
    """Granted on conditions that are to be met by a date; until then it may not open."""
    yield from informed(place)
    ready_by = (place.end + timedelta(days=60)).date()
    yield from _promised_and_granted(place, ready_by=ready_by.isoformat())


def filing_route(place: Place) -> Story:
    """A bookshop asked for a licence; it only needs a filing."""
    yield from received(place)
    yield 1
    place.take("turn_to_filing", "window")


def walk_in(place: Place) -> Story:
    """The whole of it in an hour at the window, by the clerk for whoever came."""
    place.at_counter = True
    yield from informed(place)
    yield from _promised_and_granted(place)
    place.take("deliver", "window")


def _promised_and_granted(place: Place, **changes: Any) -> Story:
    yield timedelta(minutes=15)
    place.take("study", "applicant", answers(place))
    place.take("commit", "applicant", {**promise(place), **changes})
    if place.at_counter:
        place.hand_in("signed_promise")
    yield timedelta(minutes=10)
    place.take("grant", "window")


def _taken(place: Place, relation: str, steps: Steps) -> Story:
    """Steps of a related case, the next one each on the next working day."""
    asked = ""
    for step, by, filled in steps:
        yield 1
        given = filled(place) if callable(filled) else filled
        if papers := _PAPERS_FOR.get(step) or (step == "supply" and asked):
            place.hand_in(papers, of=relation)
        asked = given["items"][0]["material"] if step == "request_supplement" else asked
        place.relative(relation, step, by, given)


STORIES: Mapping[str, Callable[[Place], Story]] = {
    **{f"renewal_{state}": _renewal(steps) for state, steps in _RENEWAL.items()},
    **{f"change_{state}": _change(steps) for state, steps in _CHANGE.items()},
    **{f"filing_{state}": _filing(steps) for state, steps in _FILING.items()},
    **{f"deferral_{state}": _deferral(steps) for state, steps in _DEFERRAL.items()},
    **{f"licence_{state}": _end(steps) for state, steps in _END.items()},
    "licence_cancelled": cancelled,
    "licence_not_ready": not_ready,
    "licence_suspended": suspended,
    "filing_route": filing_route,
    "walk_in": walk_in,
}
