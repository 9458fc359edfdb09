"""Food factories that file a standard of their own (企业标准备案的故事), each at another stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from demo.place import Place
from demo.promise_stories import Story

# Steps, each with how many working days go by before it, who takes it, and what is filled in.
_Given = Mapping[str, Any] | Callable[[Place], Mapping[str, Any]]
_Steps = tuple[tuple[int, str, str, _Given], ...]

_COMMENT = "建议在标签上同时标明氨基酸态氮的实测范围"
_CHANGE = "补充微生物限量指标"
_RECEIVED: _Steps = ((0, "submit", "applicant", {}),)
_ASKED = {"items": [{"material": "standard_text", "what": "请补交加盖公章的标准文本"}]}
_AWAITING: _Steps = (*_RECEIVED, (1, "request_supplement", "window", _ASKED))
_NOTICED: _Steps = (*_RECEIVED, (1, "open_notice", "window", {}))
_COMMENTED: _Steps = (*_NOTICED, (4, "comment", "", {"text": _COMMENT, "name": "食客老王"}))
_ANSWER = {"comment": _COMMENT, "answer": "予以采纳，已在标签要求中补充，不影响标准文本"}
_ANSWERED: _Steps = (*_COMMENTED, (2, "answer_comments", "applicant", {"answers": [_ANSWER]}))
_FILED: _Steps = (*_ANSWERED, (16, "record", "window", {"note": "意见已经答复"}))
_REVISION = {
    "title": "低盐调味酱",
    "number": "Q/NTJH0001S-2027",
    "changes": "按照新修订的国家标准收紧防腐剂限量",
}
_REVISING: _Steps = (*_FILED, (10, "revise", "applicant", _REVISION))
_REVISION_NOTICED: _Steps = (*_REVISING, (2, "open_notice", "window", {}))
_ELSEWHERE = {"ground": "依法不需要取得行政许可", "explanation": "该产品属于食用农产品"}
_DISSOLVED = {"ground": "申请人依法终止", "evidence": "市场监督管理部门的注销登记证明"}
_FORGED = {
    "facts": "经向检测机构核实，备案所附的检验报告系伪造",
    "basis": "《中华人民共和国行政许可法》第六十九条第二款（参照）",
}
_TOLD: _Steps = (
    (
        5,
        "give_prior_notice",
        "reviewer+inspector1",
        {
            **_FORGED,
            "proposed": "撤销食品安全企业标准备案",
            "reasons": "以伪造的检验报告取得备案",
        },
    ),
    (1, "serve_prior_notice", "reviewer", Place.receipt),
    (1, "waive_prior_notice", "applicant", {}),
    (1, "review_prior_notice", "legal", Place.passed_review),
)
_ANNULLED = {**_FORGED, "material": "检验报告", "considered": "当事人书面放弃陈述申辩"}
_DECIDED: _Steps = (*_FILED, *_TOLD, (2, "annul_filing", "approver", _ANNULLED))
_WAYS: Mapping[str, _Steps] = {
    "draft": (),
    "received": _RECEIVED,
    "awaiting_supplement": _AWAITING,
    "supplemented": (*_AWAITING, (3, "supply", "applicant", {})),
    "noticed": _COMMENTED,
    "changed": (*_COMMENTED, (3, "change_text", "applicant", {"reason": _CHANGE})),
    "filed": _FILED,
    "revising": _REVISING,
    "revision_noticed": _REVISION_NOTICED,
    "cancelled": (*_FILED, (5, "cancel", "applicant", {"reason": "产品停产"})),
    "annulment_decided": _DECIDED,
    "annulled": (*_DECIDED, (2, "serve_annulment", "reviewer", Place.receipt)),
    # Nobody revised it in all these years.
    "lapsed": _FILED,
    "not_accepted": (*_RECEIVED, (1, "not_accept", "window", _ELSEWHERE)),
    "withdrawn": (*_NOTICED, (5, "withdraw", "applicant", {"reason": "标准需要修改后再备案"})),
    "terminated": (*_NOTICED, (7, "terminate", "window", _DISSOLVED)),
}
# What the firm uploads before it takes a step.
_PAPERS: Mapping[str, tuple[str, ...]] = {
    "supply": ("standard_text",),
    "change_text": ("standard_text", "public_text"),
    "revise": ("standard_text", "public_text"),
}


def _open(place: Place) -> None:
    """The factory fills in its form, online."""
    about, firm = place.about, place.firm
    data = {
        "title": about["standard"],
        "number": "Q/NTJH0001S-2026",
        "products": about["standard"],
        "stricter_than": "食品安全国家标准",
        "compared_with": "该类食品的食品安全国家标准",
        "stricter": [{"item": "菌落总数", "required": "≤10000 CFU/g", "own": "≤5000 CFU/g"}],
        "place_name": about["name"],
        "region": about["region"],
        "address": about["address"],
        "contact_name": firm.representative,
        "contact_phone": firm.phone,
    }
    place.number = place.begin("food_standard", data)


def _way(steps: _Steps) -> Callable[[Place], Story]:
    def story(place: Place) -> Story:
        _open(place)
        if steps:
            place.hand_in()
        for days, step, by, filled in steps:
            if days:
                yield days
            given = filled(place) if callable(filled) else filled
            if step in _PAPERS:
                place.hand_in(*_PAPERS[step])
            if by:
                place.take(step, by, given)
            else:
                place.office.advance_for_public(place.number, step, dict(given))

    return story


STORIES: Mapping[str, Callable[[Place], Story]] = {
    f"standard_{state}": _way(steps) for state, steps in _WAYS.items()
}
