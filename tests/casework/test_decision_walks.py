"""In no random walk is anything decided but what was told, reviewed and discussed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from casework.audit.proof import verify_database
from casework.common.problems import Problem
from casework.models import Case, LogRow
from casework.rules.versions import VersionCache
from tests.support.serving import RECEIPT
from tests.support.small_penalty import ABOUT, SMALL_PENALTY, proposal, published, reconsidered
from tests.support.town import START, Town, hearing, hearing_record, review, workday_from

pytestmark = pytest.mark.slow

_BY = {
    "applicant": ("applicant",),
    "inspector": ("inspector1",),
    "legal_reviewer": ("legal",),
    "hearing_chair": ("chair",),
    "panel_member": ("head1", "head2", "head3"),
    "approver": ("approver",),
}
_FINES = ("3000.00", "3000", "50000.00", "60000.00")
_FACTS = (proposal()["facts"], "另查明从业人员无健康合格证明")
_MINUTE = {
    "room": "会议室",
    "presiding": "甲head1",
    "recorder": "乙",
    "report": "案情",
    "conclusion": "同意",
}
_CASES, _ACTS = 5, 80
# Nobody is let off here, and everybody is found.
_ASIDE = ("spare", "record_try", "try_by_", "announce", "end_announcement")


def _given(step: str, chance: random.Random) -> dict[str, Any]:
    """An input for a step; what it proposes is drawn anew each time."""
    facts = chance.choices(_FACTS, (9, 1))[0]
    fine = chance.choices(_FINES, (5, 2, 1, 5))[0]
    grounds = chance.choices(([], ["涉及重大公共利益"]), (3, 1))[0]
    if step in ("investigate", "notify", "decide"):
        return proposal(fine, facts=facts)
    if step == "reconsider":
        return reconsidered(fine, facts=facts, review_grounds=grounds)
    fixed: Mapping[str, dict[str, Any]] = {
        "state_defence": {"text": "请求从轻"},
        "request_hearing": {"reasons": "有异议"},
        "serve_hearing": RECEIPT,
        "ask_earlier_hearing": {"reason": "停业损失大，请求提前举行"},
        "hold_hearing": hearing_record(),
        "abandon_hearing": {"circumstances": "未到场"},
        "submit_review": {"defence_considered": "不予采纳"},
        "pass_review": review(),
        "return_review": {"kind": "建议修正", "opinion": "核对金额"},
        "pass_early_review": review(),
        "return_early_review": {"kind": "建议修正", "opinion": "核对金额"},
        "vote": {"choice": chance.choice(("同意", "同意", "不同意")), "opinion": "已阅"},
        "conclude_panel": _MINUTE,
        "reject_in_panel": _MINUTE,
        "spare": {"reason": "轻微"},
    }
    return fixed.get(step, {})


def _walk(town: Town, number: str, chance: random.Random) -> None:
    for _ in range(_ACTS):
        case = town.case(number)
        open_steps = (s for s in SMALL_PENALTY.steps if case.state in s.moves)
        steps = [s for s in open_steps if not s.name.startswith(_ASIDE)]
        if case.ended_at or not steps:
            return
        step = chance.choices(steps, [1 if s.name == "notify" else 3 for s in steps])[0]
        by = chance.choice(_BY[step.by[0].value])
        given = _given(step.name, chance)
        if step.name == "schedule_hearing":
            given = hearing(f"{workday_from(town.time.instant.date().replace(day=28))}")
        try:
            town.take(number, step.name, f"{by}+inspector2" if step.two_officers else by, given)
        except Problem:
            town.time.pass_(days=chance.choice((0, 0, 0, 1, 8)))


def _content(said: Mapping[str, Any], *parts: str) -> list[Any]:
    """Facts and the like as they are, sums as numbers."""
    fines = [(m["kind"], Decimal(m["amount"])) for m in said["measures"]]
    return [*(said[part] for part in parts), fines]


def _judge(log: list[LogRow]) -> set[str]:
    """Follow the rows by hand; gives what the decision rested on."""
    told: Mapping[str, Any] | None = None
    draft: Mapping[str, Any] | None = None
    passed: Mapping[str, Any] | str | None = None
    minuted: Mapping[str, Any] | str | None = None
    for row in log:
        name, said = row.header["name"], row.payload.get("input", {})
        if name == "notify":
            told, passed = said, None
        elif name == "reconsider":
            draft, passed, minuted = said, None, None
        elif name in ("submit_review", "return_review"):
            passed = None
        elif name in ("pass_review", "keep_review"):
            passed = draft
        elif name == "forgo_review":
            assert draft is not None
            assert not draft["review_grounds"]
            assert Decimal(draft["measures"][0]["amount"]) < 50000
            passed = "none needed"
        elif name == "conclude_panel":
            minuted = draft
        elif name == "forgo_panel":
            minuted = "none needed"
        elif name == "decide":
            assert told is not None
            assert _content(told, "facts", "basis")[:2] == _content(said, "facts", "basis")[:2]
            assert _content(said)[-1][0][1] <= _content(told)[-1][0][1]
            rested = set()
            for what, approved in (("review", passed), ("panel", minuted)):
                assert approved is not None, f"decided without {what}"
                if approved != "none needed":
                    parts = ("facts", "basis", "reasons")
                    assert _content(approved, *parts) == _content(said, *parts)
                    rested.add(what)
            return rested | {"decided"}
    return set()


@pytest.mark.parametrize("seed", range(2))
def test_what_is_decided_is_what_was_approved(town: Town, seed: int) -> None:
    published(town)
    chance = random.Random(seed)
    rested: set[str] = set()
    for _ in range(_CASES):
        town.time.instant = START
        number = town.office.open_case("small_penalty", ABOUT, town.people["applicant"]).number
        _walk(town, number, chance)
        with town.session() as session:
            rows = session.scalars(
                select(LogRow)
                .join(Case, Case.id == LogRow.case_id)
                .where(Case.number == number)
                .order_by(LogRow.seq)
            ).all()
            rested |= _judge(list(rows))
    with town.session() as session:
        assert verify_database(session, VersionCache()).faults == ()
    assert {"decided", "review"} <= rested  # else the walks would say nothing
