"""Statement, defence and hearing (陈述申辩、听证), counted from the latest notice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.actors import done_before
from casework.acts.clocks import Run, set_due
from casework.acts.deliveries import counts_from, entry_of, papers_in, waiting
from casework.acts.party_kinds import who
from casework.common.problems import Misconfigured
from casework.common.timekeeping import start_of
from casework.kernel.facts import FactTable
from casework.models import Account, Person, Post
from casework.rules.counting import count_back
from casework.rules.versions import as_released
from state_machines.language.step_names import StepName
from state_machines.language.vocabulary import Binding, RecordService, Role
from state_machines.parts.approvals.forms import Proposal
from state_machines.parts.approvals.measures import CONFISCATIONS, FINES, total, unvalued_goods
from state_machines.parts.evidence.part import ENTRIES
from state_machines.parts.hearing.facts import (
    Heard,
    HearingDay,
    HearingOpened,
    HearingRequestTime,
    HearingRight,
    MinuteSigned,
    NamedChair,
    Openness,
    Presiding,
)
from state_machines.parts.hearing.forms import (
    ABANDON_HEARING,
    ADJOURN_HEARING,
    ASK_EARLIER_HEARING,
    HOLD_HEARING,
    REQUEST_HEARING,
    SCHEDULE_HEARING,
    STATE_DEFENCE,
    WAIVE_DEFENCE,
    WAIVE_HEARING,
    WITHDRAW_HEARING,
    Adjournment,
    HearingAppointment,
    HearingRecord,
    Signing,
)
from state_machines.parts.interested_party.forms import TELL_INTERESTED
from state_machines.parts.prior_notice.forms import GIVE_PRIOR_NOTICE

_BEHIND = (HOLD_HEARING, ABANDON_HEARING, WITHDRAW_HEARING)
HEARING_DAYS: tuple[StepName[HearingAppointment | Adjournment], ...] = (
    SCHEDULE_HEARING,
    ADJOURN_HEARING,
)


def notice_of(act: Act) -> Binding:
    """The binding of the notice that the rights hang on. Raises Misconfigured if there is none."""
    for bind in act.process.binds:
        if bind.name == "notice":
            return bind
    # A notice that stays in the state of the case, and binds by its guards.
    if any(step.name == GIVE_PRIOR_NOTICE for step in act.process.every_step):
        told = ("facts", "basis", "reasons")
        return Binding("notice", "事先告知", (GIVE_PRIOR_NOTICE,), (GIVE_PRIOR_NOTICE,), told, ())
    raise Misconfigured(f"{act.process.label}没有声明事先告知")


def _is_penalty(act: Act) -> bool:
    """Whether what is proposed are penalties, and not something about a licence."""
    return "measures" in notice_of(act).parts


def hearing_right(act: Act) -> HearingRight:
    """What decides whether the party may ask for a hearing, by the latest notice."""
    notice = notice_of(act)
    if not _is_penalty(act):
        # Before a grant that touches others it is the statute's; before a revocation a rule's.
        by_rule = TELL_INTERESTED in notice.by or act.rules.value(
            "hearing.before_revocation", act.day, act.region
        )
        law = "《行政许可法》第四十六条、第四十七条"
        return HearingRight((), "0.00", "1.00", "0.00", "1.00", bool(by_rule), law)
    sums = act.rules.value("hearing.sums", act.day, act.region)
    kind = who(act.rules, act.party, act.day, act.region)
    measures = (
        proposal.measures if (proposal := act.inputs.told(Proposal, act.latest(notice.by))) else []
    )
    confiscated = total(measures, CONFISCATIONS)
    if unvalued_goods(measures):
        # What nobody has valued is not small: so in notices of earlier releases.
        confiscated = max(confiscated, Decimal(sums[f"{kind}_confiscation"]))
    return HearingRight(
        tuple(measure.kind for measure in measures),
        f"{total(measures, FINES):.2f}",
        sums[f"{kind}_fine"],
        f"{confiscated:.2f}",
        sums[f"{kind}_confiscation"],
        by_rule=False,
        law="《行政处罚法》第六十三条",
    )


def _run(act: Act, name: str) -> Run | None:
    """The latest run of a clock, also when the case has left the states in which it runs."""
    return next((run for run in reversed(act.runs) if run.name == name), None)


def _is_over(act: Act, run: Run | None) -> bool:
    return run is not None and run.fires_at is not None and act.at >= run.fires_at


def _heard(act: Act) -> Heard:
    notice = notice_of(act)
    # A new notice begins everything anew: `data` is in order of time.
    defence = act.latest((STATE_DEFENCE, WAIVE_DEFENCE, *notice.by))
    hearing = act.latest((*_BEHIND, WAIVE_HEARING, REQUEST_HEARING, *notice.by))
    time, asking = _run(act, "defence"), _run(act, "hearing_request")
    return Heard(
        stated=defence == STATE_DEFENCE or hearing == HOLD_HEARING,
        waived=defence == WAIVE_DEFENCE,
        until=time.due_on if time else None,
        over=_is_over(act, time),
        hearing_done=hearing in _BEHIND,
        hearing_waived=hearing == WAIVE_HEARING,
        hearing_until=asking.due_on if asking else None,
        hearing_over=_is_over(act, asking),
        law=act.process.step(notice.by[0]).law,
    )


def notice_service(act: Act) -> RecordService | None:
    """How a notice is served that is given and served in one state, as this release has it."""
    process, _ = as_released(act.process, act.step)
    for step in process.steps:
        for effect in step.effects:
            if isinstance(effect, RecordService) and effect.of == "notice":
                loops = all(source == to for source, to in step.moves.items())
                if loops and effect.kind == "receipt":
                    return effect
    return None


def notice_waits(act: Act) -> bool:
    """Whether the latest notice has still to be served, where no other state waits for that."""
    effect = notice_service(act)
    if effect is None:
        return False
    papers = papers_in(act.session, act.case, effect)
    return bool(waiting(papers, entry_of(act.case.data, effect.of)["receipts"]))


def _asked_by(act: Act, run: Run) -> date | None:
    """The last day on which to ask for a hearing: its time counts from the service of the notice,
    and has not begun before that."""
    if notice_service(act) is None or run.due_on is None:
        return run.due_on
    if notice_waits(act):
        return max(run.due_on, act.day)
    served = counts_from(entry_of(act.case.data, "notice"))
    clock = replace(act.process.clock(run.name), anchor=None)
    began = replace(run, started_at=start_of(served))
    moved = set_due(began, clock, act.rules, act.region, act.data, may_wait=True)
    return max(run.due_on, moved.due_on or run.due_on)


def _request_time(act: Act) -> HearingRequestTime:
    run = _run(act, "hearing_request")
    said = act.latest((WAIVE_HEARING, *notice_of(act).by))
    until = _asked_by(act, run) if run else None
    return HearingRequestTime(act.day, until, said == WAIVE_HEARING)


def tell_of_hearing_by(act: Act, on: date) -> date:
    """The last day on which to tell the party of a hearing on that day."""
    about = "penalty" if _is_penalty(act) else "licensing"
    limit, _ = act.rules.limit(f"{about}.hearing_notice", act.day, act.region)
    return count_back(limit, on, act.rules.calendar).due or act.day


def asked_earlier(act: Act) -> bool:
    """Whether the party, since it asked for the hearing, did without its days before it."""
    asked = act.latest((ASK_EARLIER_HEARING, REQUEST_HEARING, *notice_of(act).by))
    return asked == ASK_EARLIER_HEARING


def hearing_day(act: Act) -> date | None:
    """The day that the notice named, or to which the hearing was put off on record since."""
    named = act.before.last(HEARING_DAYS)
    return named.on if named else None


def _hearing_day(act: Act) -> HearingDay:
    on = act.filled(HearingAppointment).on or act.day
    tell_by = on if asked_earlier(act) else tell_of_hearing_by(act, on)
    return HearingDay(on, act.day, tell_by, act.step.law)


def _openness(act: Act) -> Openness:
    hearing_appointment = act.filled(HearingAppointment)
    return Openness(hearing_appointment.open, hearing_appointment.closed_because.strip())


def _named_chair(act: Act) -> NamedChair:
    hearing_appointment = act.filled(HearingAppointment)
    username, on = hearing_appointment.chair, hearing_appointment.on or act.day
    chair = act.session.execute(
        select(Person.id, Person.name)
        .join(Account, Account.person_id == Person.id)
        .where(Account.username == username)
    ).first()
    law = act.step.law
    if chair is None:
        return NamedChair(username, False, (), law)
    appointed = act.session.scalar(
        select(Post.id)
        .where(
            Post.person_id == chair.id,
            Post.authority_id == act.case.authority_id,
            Post.role == Role.HEARING_CHAIR.value,
            Post.valid_from <= act.day,
            Post.valid_to.is_(None) | (Post.valid_to >= on),
        )
        .limit(1)
    )
    held = act.process.step(HOLD_HEARING)
    did = done_before(act.session, act.case, held, chair.id)
    return NamedChair(chair.name, appointed is not None, tuple(labels_of(act, did)), law)


def labels_of(act: Act, steps: Iterable[str]) -> list[str]:
    """What the steps are called; those of relatives by their own process."""
    labels = []
    for name in steps:
        key, _, inner = name.rpartition(".")
        process = act.process
        if key:
            process, _ = act.context.versions.in_force(act.session, key, act.day)
        labels.append((ENTRIES.get(inner) or process.step(inner)).label)
    return labels


def _presiding(act: Act) -> Presiding:
    hearing_appointment = act.inputs.at(SCHEDULE_HEARING)
    named = hearing_appointment.chair if hearing_appointment else ""
    person = act.session.scalar(select(Account.person_id).where(Account.username == named))
    return Presiding(tuple(o.name for o in act.execution.officers if o.person_id != person))


def _opened(act: Act) -> HearingOpened:
    """The day for which the hearing was called, and that of the act."""
    return HearingOpened(hearing_day(act) or act.day, act.day)


def _signed(act: Act) -> MinuteSigned:
    hearing_record = act.filled(HearingRecord)
    return MinuteSigned(
        hearing_record.signing == Signing.REFUSED, bool(hearing_record.refusal.strip())
    )


FACTS: FactTable = {
    Heard: _heard,
    HearingDay: _hearing_day,
    HearingOpened: _opened,
    HearingRequestTime: _request_time,
    HearingRight: hearing_right,
    MinuteSigned: _signed,
    NamedChair: _named_chair,
    Openness: _openness,
    Presiding: _presiding,
}
