"""The notice before a decision (事先告知): given, served, answered, reviewed, by the file."""

from __future__ import annotations

from casework.acts.act import Act
from casework.acts.deliveries import counted_from
from casework.common.timekeeping import end_of
from casework.kernel.facts import FactTable
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
    GIVE_PRIOR_NOTICE,
    PriorNotice,
    Telling,
)
from state_machines.parts.prior_notice.part import telling_of
from state_machines.parts.remedies.forms import BRING_BACK

PERIOD = "prior_notice.defence"
_BEHIND = (HOLD_HEARING, ABANDON_HEARING, WITHDRAW_HEARING)


def told_by(act: Act) -> Telling:
    """The notice that the act belongs to, or rests on."""
    return telling_of(act.process, act.step.name, act.before)


def _time(act: Act) -> PriorTime:
    """Where the party's time stands upon the latest notice; what was told before a decision that
    was quashed carries no other."""
    telling = told_by(act)
    paper = RecordService(of=telling.of, documents=(telling.paper,), kind="receipt", completes=True)
    given = act.latest((telling.give, BRING_BACK)) == telling.give
    served = counted_from(act.session, act.case, paper, *telling.served) if given else None
    until = None
    if served is not None:
        limit, _ = act.rules.limit(PERIOD, served, act.region)
        until = count(limit, served, (), act.rules.calendar).due
    return PriorTime(
        given=given,
        served=served is not None,
        until=until,
        over=until is not None and act.context.now >= end_of(until),
        waived=act.latest((telling.waive, telling.give)) == telling.waive,
        law=act.step.law,
    )


def _content(act: Act) -> PriorContent:
    told, said = act.before.at(told_by(act).give), act.filled(PriorNotice)
    bound = (
        ("事实", said.facts, told.facts if told else ""),
        ("依据", said.basis, told.basis if told else ""),
    )
    differing = tuple(label for label, now, was in bound if now.strip() != was.strip())
    return PriorContent(differing, act.step.law)


def _review(act: Act) -> PriorReview:
    """Whether a review must have passed, and did so since the notice and all that was said; it is
    not asked for where the authority's lawyers do not work here."""
    telling = told_by(act)
    if telling.review is None or all(
        step.name != telling.review for step in act.process.every_step
    ):
        return PriorReview(due=False, passed=False)
    due = act.rules.value("prior_notice.legal_review", act.day, act.region)
    latest = act.latest((telling.review, telling.give, telling.answer, *_BEHIND))
    return PriorReview(bool(due), latest == telling.review)


def _hearing(act: Act) -> PriorHearing:
    asked = act.latest((REQUEST_HEARING, *_BEHIND, GIVE_PRIOR_NOTICE)) == REQUEST_HEARING
    return PriorHearing(asked)


FACTS: FactTable = {
    PriorContent: _content,
    PriorHearing: _hearing,
    PriorReview: _review,
    PriorTime: _time,
}
