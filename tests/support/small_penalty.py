"""A small penalty (小处罚), composed of the parts that lead to a decision: kept for tests only."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session

from casework.common.database import engine_for
from casework.rules.versions import publish
from state_machines.language.fields import Form, Reasoned, ShortText
from state_machines.language.vocabulary import (
    Clock,
    Escalate,
    LegalDay,
    Notify,
    Process,
    Role,
    State,
    Step,
    during,
    schema,
)
from state_machines.parts.approvals import guards as approvals
from state_machines.parts.approvals.forms import Proposal
from state_machines.parts.evidence import guards as evidence
from state_machines.parts.hearing import part as heard
from state_machines.parts.legal_review import part as legal_review
from state_machines.parts.legal_review.forms import ReviewRequest
from state_machines.parts.panel import part as panel
from tests.support.town import Town

_OFFICERS = (Role.INSPECTOR,)
_APPROVER = (Role.APPROVER,)
_HANDLED = ("investigate", "notify", "reconsider", "submit_review", "submit_early_review")
_REVIEWED = ("pass_review", "return_review", "pass_early_review", "return_early_review")
_CHAIRED = ("hold_hearing", "abandon_hearing")
_TOLD = ("notified", "statement_heard")
_HEARD = (*_TOLD, *heard.HEARING_BEHIND)
_PARTS = ("facts", "basis", "reasons", "measures")
_TOLD_PARTS = ("facts", "basis", "measures")
_LAW = "《行政处罚法》第五十八条"


class Suspicion(Form):
    """What the case is about."""

    place_name: ShortText = Field(title="单位（场所）名称")
    place_kind: ShortText = Field(title="经营项目")
    region: ShortText = Field(title="所在区")
    address: ShortText = Field(title="地址")
    what: ShortText = Field(title="涉嫌违法行为")


SMALL_PENALTY = Process(
    key="small_penalty",
    code="XF",
    label="小处罚",
    effective_from=date(2021, 7, 15),
    law="《行政处罚法》",
    initial="investigated",
    opened_by=(Role.APPLICANT,),
    form=schema(Suspicion),
    states=(
        State("investigated", "调查终结"),
        State("opinion", "合议"),
        State("early_review", "告知前法制审核"),
        State("notified", "已告知"),
        State("statement_heard", "已陈述申辩"),
        *heard.HEARING_STATES,
        State("reconsidered", "复核"),
        State("legal_review", "法制审核"),
        State("review_returned", "审核退回"),
        panel.PANEL_STATE,
        State("decision_pending", "待作出决定"),
        State("decided", "处罚决定", end=True),
        State("not_punished", "不予处罚", end=True),
    ),
    steps=(
        Step(
            "investigate",
            "提出处罚建议",
            during("investigated", "opinion", to="opinion"),
            _OFFICERS,
            form=schema(Proposal),
            two_officers=True,
            legal_day=LegalDay.AWAY,
        ),
        *legal_review.reviewing_early(
            "opinion", by=_OFFICERS, tell=Role.INSPECTOR, handled=("investigate",)
        ),
        Step(
            "notify",
            "行政处罚事先告知",
            during(
                "opinion",
                "statement_heard",
                *heard.HEARING_BEHIND,
                "reconsidered",
                "review_returned",
                "decision_pending",
                to="notified",
            ),
            _OFFICERS,
            form=schema(Proposal),
            effects=(Notify("party"),),
            law="《行政处罚法》第四十四条、第四十五条、第六十二条",
        ),
        *heard.defending(
            *_TOLD,
            waiver_in=("notified",),
            to="statement_heard",
            tell=Role.INSPECTOR,
            law="《行政处罚法》第四十五条",
        ),
        *heard.hearing(
            *_TOLD,
            by=_OFFICERS,
            handled=(*_HANDLED, *_REVIEWED),
            law="《行政处罚法》第六十三条、第六十四条",
        ),
        heard.reconsidering(
            *_HEARD, "reconsidered", "review_returned", to="reconsidered", by=_OFFICERS
        ),
        legal_review.submitting(
            "reconsidered", by=_OFFICERS, law=_LAW, form=schema(ReviewRequest)
        ),
        legal_review.forgoing("reconsidered", to="panel_discussion", by=_OFFICERS),
        legal_review.keeping_early("reconsidered", to="panel_discussion", by=_OFFICERS),
        *legal_review.reviewing(
            passed="panel_discussion",
            returned="review_returned",
            tell=Role.INSPECTOR,
            after=Role.PANEL_MEMBER,
            handled=(*_HANDLED, *_CHAIRED),
            law=_LAW,
        ),
        *panel.discussing(
            agreed="decision_pending",
            rejected="reconsidered",
            minuted_by=_APPROVER,
            tell=Role.INSPECTOR,
            handled=(*_HANDLED, *_REVIEWED),
        ),
        Step(
            "decide",
            "作出处罚决定",
            {"decision_pending": "decided"},
            _APPROVER,
            form=schema(Proposal),
            guards=(
                approvals.approvals_are_there,
                approvals.approvals_are_kept,
                evidence.evidence_is_as_reviewed,
            ),
            effects=(Notify("party"),),
            law="《行政处罚法》第五十七条",
            apart_from=(*_HANDLED, "pass_review"),
            final=True,
        ),
        Step(
            "spare",
            "不予处罚",
            during("reconsidered", "decision_pending", to="not_punished"),
            _APPROVER,
            form=schema(Reasoned),
            optional=True,
            final=True,
        ),
    ),
    clocks=(
        Clock(
            "decision",
            "处罚决定期限",
            (
                "investigated", "opinion", "early_review", "notified", "statement_heard",
                *(state.name for state in heard.HEARING_STATES), "reconsidered", "legal_review",
                "review_returned", "panel_discussion", "decision_pending",
            ),
            Escalate(Role.SUPERVISOR),
            "penalty.decision",
        ),
        *heard.heard_clocks(
            "notified",
            defence="penalty.defence",
            request="penalty.hearing_request",
            hold="penalty.hearing_hold",
            to=(Role.INSPECTOR,),
            law="《行政处罚法》第六十四条",
        ),
        legal_review.review_clock("penalty.legal_review", "legal_review", "early_review"),
        panel.panel_clock("penalty.panel"),
    ),
    matter="public_place_hygiene",
    keeps_evidence=True,
    binds=(
        heard.notice_binds(
            "notify",
            _TOLD_PARTS,
            "reconsider",
            "decide",
            milder=("measures",),
            law="《行政处罚法》第四十四条、第四十五条",
        ),
        legal_review.early_review_binds("investigate", _PARTS),
        legal_review.review_binds(
            ("reconsider",),
            _PARTS,
            "decide",
            law=_LAW,
            by=("pass_review", "keep_review"),
            lapses=("notify",),
            unless=("review_is_not_compulsory",),
        ),
        panel.panel_binds(("reconsider",), _PARTS, "decide"),
    ),
)  # fmt: skip


def proposal(fine: str = "60000.00", **changes: Any) -> dict[str, Any]:
    """What is proposed: a fine, by default one large enough for a hearing."""
    return {
        "facts": "2026年8月20日检查发现游泳池水质连续三次不合格，有检测报告为证",
        "basis": "《公共场所卫生管理条例实施细则》第三十六条",
        "reasons": "属于从重情节",
        "measures": [{"kind": "罚款", "amount": fine, "days": 0, "detail": ""}],
        **changes,
    }


def reconsidered(fine: str = "60000.00", **changes: Any) -> dict[str, Any]:
    """The same after the party was heard."""
    return {**proposal(fine), "defence_considered": "不予采纳", **changes}


ABOUT = {
    "place_name": "滨江泳馆",
    "place_kind": "swimming_pool",
    "region": "320613",
    "address": "南通市崇川区濠南路1号",
    "what": "水质不合格",
}


def published(town: Town) -> None:
    """Put the process in force in a town."""
    owner = engine_for(town.url, role=None)
    with Session(owner) as session:
        publish(session, {SMALL_PENALTY.key: SMALL_PENALTY}, town.time.now())
        session.commit()
    owner.dispose()
