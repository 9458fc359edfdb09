"""The notice before a decision (事先告知): given, served, answered, reviewed, by the file."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.deliveries import entry_of, papers_in, waiting
from casework.common.timekeeping import end_of, legal_date
from casework.kernel.facts import FactTable
from casework.models import LogRow
from casework.rules.counting import count
from state_machines.language.vocabulary import RecordService
from state_machines.parts.hearing.forms import (
    ABANDON_HEARING,
    HOLD_HEARING,
    REQUEST_HEARING,
    WITHDRAW_HEARING,
)
from state_machines.parts.prior_notice.facts import (
    PriorContent,
    PriorHearing,
    PriorReview,
    PriorTime,
)
from state_machines.parts.prior_notice.forms import (
    ANSWER_PRIOR_NOTICE,
    GIVE_PRIOR_NOTICE,
    REVIEW_PRIOR_NOTICE,
    SERVE_PRIOR_NOTICE,
    WAIVE_PRIOR_NOTICE,
    PriorNotice,
)

PERIOD = "prior_notice.defence"
_PAPER = RecordService(of="prior", documents=("prior_notice",), kind="receipt", completes=True)
_BEHIND = (HOLD_HEARING, ABANDON_HEARING, WITHDRAW_HEARING)


def _served_on(act: Act) -> date | None:
    """The day from which the party's time counts: of the service or of its entry, if later. None
    while the latest notice has no receipt."""
    told = entry_of(act.case.data, _PAPER.of)
    papers = papers_in(act.session, act.case, _PAPER)
    if not papers or waiting(papers, told["receipts"]):
        return None
    entered = act.session.scalars(
        select(LogRow.header["recorded_at"].as_string())
        .where(
            LogRow.case_id == act.case.id,
            LogRow.header["name"].as_string() == SERVE_PRIOR_NOTICE,
        )
        .order_by(LogRow.seq.desc())
        .limit(1)
    ).first()
    served = date.fromisoformat(told["served_on"])
    return max(served, legal_date(datetime.fromisoformat(entered))) if entered else served


def _time(act: Act) -> PriorTime:
    """Where the party's time stands upon the latest notice."""
    given = GIVE_PRIOR_NOTICE in act.before
    served = _served_on(act) if given else None
    until = None
    if served is not None:
        limit, _ = act.rules.limit(PERIOD, served, act.region)
        until = count(limit, served, (), act.rules.calendar).due
    return PriorTime(
        given=given,
        served=served is not None,
        until=until,
        over=until is not None and act.ground.now >= end_of(until),
        waived=act.latest((WAIVE_PRIOR_NOTICE, GIVE_PRIOR_NOTICE)) == WAIVE_PRIOR_NOTICE,
        law=act.step.law,
    )


def _content(act: Act) -> PriorContent:
    told, said = act.before.at(GIVE_PRIOR_NOTICE), act.filled(PriorNotice)
    bound = (
        ("事实", said.facts, told.facts if told else ""),
        ("依据", said.basis, told.basis if told else ""),
    )
    differing = tuple(label for label, now, was in bound if now.strip() != was.strip())
    return PriorContent(differing, act.step.law)


def _review(act: Act) -> PriorReview:
    """Whether a review must have passed, and did so since the notice and all that was said."""
    due = act.rules.value("prior_notice.legal_review", act.day, act.region)
    latest = act.latest((REVIEW_PRIOR_NOTICE, GIVE_PRIOR_NOTICE, ANSWER_PRIOR_NOTICE, *_BEHIND))
    return PriorReview(bool(due), latest == REVIEW_PRIOR_NOTICE)


def _hearing(act: Act) -> PriorHearing:
    asked = act.latest((REQUEST_HEARING, *_BEHIND, GIVE_PRIOR_NOTICE)) == REQUEST_HEARING
    return PriorHearing(asked)


FACTS: FactTable = {
    PriorContent: _content,
    PriorHearing: _hearing,
    PriorReview: _review,
    PriorTime: _time,
}
