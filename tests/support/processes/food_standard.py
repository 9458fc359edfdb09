"""The filing of an enterprise's food standard (企业标准备案), taken to each of its states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from casework.common.timekeeping import ZONE
from tests.support.history import remembered
from tests.support.journeys import FORGED, address, follow, place_for, told_before
from tests.support.town import START, Town

APPLICATION: Mapping[str, Any] = {
    "title": "低糖酱油",
    "number": "Q/NTBJ0001S-2026",
    "products": "酿造酱油",
    "stricter_than": "食品安全国家标准",
    "compared_with": "GB 2717-2018《食品安全国家标准 酱油》",
    "stricter": [{"item": "菌落总数", "required": "≤50000 CFU/mL", "own": "≤10000 CFU/mL"}],
    "place_name": "南通滨江酱园厂",
    "region": "320613",
    "address": "南通市崇川区人民中路88号",
    "contact_name": "李敏",
    "contact_phone": "13800000001",
}
COMMENT = "总酸的限量没有写明检验方法"
INPUTS: Mapping[str, Any] = {
    "application": {**APPLICATION, "premises_kind": "食品生产企业"},
    "open_notice": {},
    "comment": {"text": COMMENT, "name": "王芳"},
    "answer_comments": {"answers": [{"comment": COMMENT, "answer": "予以采纳，写明检验方法"}]},
    "change_text": {"reason": "写明检验方法"},
    "record": {"note": "公示期内没有收到意见"},
    "revise": {"title": "低糖酱油", "number": "Q/NTBJ0001S-2027", "changes": "收紧菌落总数"},
    "return_revision": {"reason": "公开文本缺少第3页"},
    "give_up_revision": {"reason": "修订内容需要再论证"},
    "cancel": {"reason": "产品停产"},
    "give_prior_notice": {
        **FORGED,
        "proposed": "撤销食品安全企业标准备案",
        "reasons": "备案所附的检验报告系伪造",
    },
    "annul_filing": {**FORGED, "material": "检验报告", "considered": "当事人放弃陈述申辩"},
    "strike_off": {"evidence": "登记通知书（2026年8月20日注销）"},
}
ONWARD: Mapping[str, tuple[str, str]] = {
    "draft": ("submit", "applicant"),
    "received": ("open_notice", "window"),
    "awaiting_supplement": ("supply", "applicant"),
    "supplemented": ("open_notice", "window"),
    "noticed": ("withdraw", "applicant"),
    "filed": ("cancel", "applicant"),
    "revising": ("open_notice", "window"),
    "revision_noticed": ("cancel", "applicant"),
    "annulment_decided": ("serve_annulment", "reviewer"),
}
# From then the notice of twenty working days has run on the day of the town.
BEFORE = datetime(2026, 7, 31, 9, 0, tzinfo=ZONE)
YEARS_AGO = datetime(2023, 7, 3, 9, 0, tzinfo=ZONE)

_RECEIVED = (("submit", "applicant"),)
_SUPPLEMENT = (*_RECEIVED, ("request_supplement", "window"))
_NOTICED = (*_RECEIVED, ("open_notice", "window"))
_FILED = ("record", "window")
_REVISING = (_FILED, ("revise", "applicant"))
_ANNULLED = (_FILED, *told_before("reviewer"), ("annul_filing", "approver"))
# How a filing comes to each state: before its notice has run, and after.
_WAYS: Mapping[str, tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]] = {
    "draft": ((), ()),
    "received": (_RECEIVED, ()),
    "awaiting_supplement": (_SUPPLEMENT, ()),
    "supplemented": ((*_SUPPLEMENT, ("supply", "applicant")), ()),
    "noticed": (_NOTICED, ()),
    "filed": (_NOTICED, (_FILED,)),
    "revising": (_NOTICED, _REVISING),
    "revision_noticed": (_NOTICED, (*_REVISING, ("open_notice", "window"))),
    "cancelled": (_NOTICED, (_FILED, ("cancel", "applicant"))),
    "annulment_decided": (_NOTICED, _ANNULLED),
    "annulled": (_NOTICED, (*_ANNULLED, ("serve_annulment", "reviewer"))),
    "not_accepted": ((*_RECEIVED, ("not_accept", "window")), ()),
    "withdrawn": ((*_RECEIVED, ("withdraw", "applicant")), ()),
    "terminated": ((*_RECEIVED, ("terminate", "window")), ()),
}


@remembered
def standard(town: Town, where: str) -> str:
    """The filing of a standard for a factory at that address, in draft; its number."""
    return town.file("food_standard", {**APPLICATION, "address": where})


def go_on(town: Town, number: str, *steps: tuple[str, str]) -> None:
    """Take steps, with a changed text handed in before those that want one."""
    for step in steps:
        if step[0] in ("revise", "change_text"):
            town.time.pass_(minutes=5)  # another file than the one before
            town.attach(number, "standard_text", "public_text")
        follow(town, number, step)


def everywhere(town: Town, places: Iterator[int]) -> Mapping[str, str]:
    """A filing in every state, each of a factory of its own: its number by state."""
    at = {}
    for state, (before, after) in _WAYS.items():
        town.time.instant = BEFORE if after else START
        at[state] = standard(town, place_for(state, next(places)))
        follow(town, at[state], *before)
        town.time.instant = START
        go_on(town, at[state], *after)
        town.time.instant = START
    town.time.instant = YEARS_AGO
    at["lapsed"] = standard(town, address(next(places)))
    follow(town, at["lapsed"], *_NOTICED)
    town.time.pass_(days=35)
    follow(town, at["lapsed"], _FILED)
    town.time.instant = START
    town.office.catch_up(town.case(at["lapsed"]).id)
    return at


def rest(town: Town, at: Mapping[str, str]) -> None:
    """Comments and their answers, a changed text, and the ways back and out."""
    follow(town, at["draft"], ("discard", "applicant"))
    town.office.advance_for_public(at["noticed"], "comment", INPUTS["comment"])
    go_on(town, at["noticed"], ("answer_comments", "applicant"), ("change_text", "applicant"))
    follow(town, at["revising"], ("return_revision", "window"))
    follow(town, at["revision_noticed"], ("give_up_revision", "applicant"))
    heard = (("give_prior_notice", "reviewer"), ("serve_prior_notice", "reviewer"))
    follow(town, at["filed"], *heard, ("answer_prior_notice", "applicant"))
    follow(town, at["filed"], ("strike_off", "window"))
    told = ("give_prior_notice", "record_try_prior", "try_by_post_prior", "announce_prior")
    follow(town, at["revising"], *((step, "reviewer") for step in told))
    told = ("record_try_annulment", "try_by_post_annulment", "announce_annulment")
    follow(town, at["annulment_decided"], *((step, "reviewer") for step in told))
    follow(town, at["annulled"], ("bring_back", "approver"))
