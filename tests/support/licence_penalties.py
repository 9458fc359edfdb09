"""Penalties that move a licence (暂扣、吊销), and what its own steps are given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from casework.models import Document
from tests.support import penalties
from tests.support.history import remembered
from tests.support.penalties import (
    NOTIFIED,
    WARNING,
    Way,
    basis_of,
    decision,
    reconsidered,
    sentence,
)
from tests.support.town import Town

CANCELLING = {"kind": "吊销许可证件", "amount": "", "days": 0, "detail": ""}
SUSPENDING = {"kind": "暂扣许可证件", "amount": "", "days": 30, "detail": ""}
BACK = {"decision": "行政复议决定书〔2026〕崇行复21号", "reason": "处罚决定已被撤销"}
_CLASS = {"吊销许可证件": "serious", "暂扣许可证件": "general"}
_VOTES = tuple(("vote", head) for head in ("head1", "head2", "head3"))
# By the party's waiver of the hearing that it is told of.
DECIDED: Way = (
    *NOTIFIED,
    ("waive_defence", "applicant"),
    ("waive_hearing", "applicant"),
    ("reconsider", "handler1"),
    ("submit_review", "handler1"),
    ("pass_review", "legal"),
    *_VOTES,
    ("conclude_panel", "approver"),
    ("decide", "approver"),
)
SERVED: Way = (*DECIDED, ("serve", "handler1"))
QUASHED: Way = (("file_reconsideration", "legal"), ("change_by_reconsideration", "legal"))


def inputs(measure: Mapping[str, Any]) -> dict[str, Any]:
    """What the steps of a penalty are given that ends in a warning and that measure."""
    said = {"violation": "GC003", "basis": basis_of("GC003")}
    measures = (WARNING, dict(measure))
    return {
        "propose": {**penalties.INPUTS["propose"], **sentence(*measures), **said},
        "notify": {**sentence(*measures), **said},
        "reconsider": {**reconsidered(*measures), **said},
        "decide": {**decision(*measures), **said, "publicity": _CLASS[measure["kind"]]},
    }


@remembered
def penalised(town: Town, measure: Mapping[str, Any], way: Way = SERVED, **changes: Any) -> str:
    """A penalty with that measure for what was found today; its number."""
    number = penalties.open_lead(town, **{"violation": "GC003", **changes})
    penalties.go(town, number, *way, **inputs(measure))
    return number


def decision_number(town: Town, penalty: str) -> str:
    """The number of a penalty's decision."""
    with town.session() as session:
        return session.scalars(
            select(Document.number).where(
                Document.case_id == town.case(penalty).id, Document.key == "penalty_decision"
            )
        ).one()


def taking(town: Town, penalty: str, **changes: Any) -> dict[str, Any]:
    """What `cancel` is given to take a licence by that penalty, decided today."""
    return {
        "decision_number": decision_number(town, penalty),
        "decided_on": town.time.now().date().isoformat(),
        "facts": "未按照规定对公共场所进行卫生检测",
        "basis": "《公共场所卫生管理条例》第十四条",
        **changes,
    }


def suspending(town: Town, penalty: str, days: int = 30, **changes: Any) -> dict[str, Any]:
    """What `suspend` is given, for a decision that was served today."""
    until: date = town.time.now().date() + timedelta(days=days)
    return {**taking(town, penalty), "days": days, "until": until.isoformat(), **changes}
