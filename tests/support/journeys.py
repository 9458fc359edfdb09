"""Ways to every state: what each step is given, and a town with a case standing in each state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from casework.timekeeping import ZONE
from tests.support.town import INSPECTORS, NOTICE, START, Town, look, order, promise, review

Numbers = dict[tuple[str, str], str]

# A valid input for each step that has a form; under `process.step` where forms differ.
_INPUTS: Mapping[str, Any] = {
    "not_accept": {"ground": "依法不属于本行政机关职权范围", "explanation": "场所位于其他区"},
    "request_supplement": {"items": [{"material": "plans", "what": "请补充平面图"}]},
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
    "licence.deregister": {"reason": "有效期届满未延续"},
    "deregister_revoked": {"reason": "许可被撤销"},
}
OFFICERS = "inspector1+inspector2"

_TO_REVIEW = (
    ("assign", "supervisor"),
    ("inspect", OFFICERS),
    ("find_false", OFFICERS),
    ("notify_revocation", "inspector1"),
    ("waive_defence", "applicant"),
    ("submit_review", "inspector1"),
)
_TO_REVOCATION = (*_TO_REVIEW, ("pass_review", "legal"), ("revoke", "approver"))
_TO_RECHECK = (
    ("assign", "supervisor"),
    ("inspect", OFFICERS),
    ("order_rectification", "inspector1"),
    ("recheck", OFFICERS),
)

# From the check that a grant opens to each of its states.
_CHECK: Mapping[str, tuple[tuple[str, str], ...]] = {
    "task_created": (),
    "assigned": _TO_REVIEW[:1],
    "unreachable": (("assign", "supervisor"), ("record_unreachable", OFFICERS)),
    "inspected": _TO_REVIEW[:2],
    "rectification_ordered": _TO_RECHECK[:3],
    "rechecked": _TO_RECHECK,
    "broken": (*_TO_RECHECK, ("find_broken", OFFICERS)),
    "false_commitment": _TO_REVIEW[:3],
    "revocation_notified": _TO_REVIEW[:4],
    "legal_review": _TO_REVIEW,
    "revoked": _TO_REVOCATION,
    "deregistered": (*_TO_REVOCATION, ("deregister", "approver")),
    "kept": (("assign", "supervisor"), ("inspect", OFFICERS), ("find_kept", "inspector1")),
    "closed": (
        ("assign", "supervisor"),
        ("inspect", OFFICERS),
        ("find_kept", "inspector1"),
        ("close", "supervisor"),
    ),
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
            town.attach(number, "plans")
        town.take(number, step, by, inputs.get(step, usual(process, step)))


def everywhere(town: Town) -> Numbers:
    """A case in every state of every process, side by side: its number by process and state.

    The licences that are expiring and expired were granted four years before.
    """
    at: Numbers = {}
    places = iter(range(100))
    for state, day in (("expired", (2022, 8, 1)), ("expiring", (2022, 9, 20))):
        town.time.instant = datetime(*day, 9, 0, tzinfo=ZONE)
        old = town.granted(address=address(next(places)))
        at["licence", state] = town.relative(old, "licence").number
    town.time.instant = START
    for state in ("expired", "expiring"):
        town.office.catch_up(town.case(at["licence", state]).id)

    # Every promise is signed before the first check finds one false: that bars the next.
    granted = {state: town.granted(address=address(next(places))) for state in _CHECK}
    for state in ("draft", *_APPLICATION):
        at["instant_licence", state] = apply_to(town, state, address(next(places)))
    for state, number in granted.items():
        at["commitment_check", state] = check_to(town, number, state)
    at["instant_licence", "granted"] = granted["task_created"]
    at["instant_licence", "delivered"] = granted["closed"]
    follow(town, granted["closed"], ("deliver", "window"))
    for state, of in (
        ("valid", "task_created"),
        ("revoked", "revoked"),
        ("deregistered", "deregistered"),
    ):
        at["licence", state] = town.relative(granted[of], "licence").number
    return at
