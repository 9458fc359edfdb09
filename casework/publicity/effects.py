"""Effects on publicity (公示): an entry is queued to be published, or withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from casework.acts.act import Act
from casework.common.timekeeping import legal_date
from casework.kernel.carrying_out import Carrier
from casework.kernel.sources import given, last_day, value
from casework.models import Case, Publication
from casework.publicity.publications import (
    as_queued,
    needs_service,
    shown_again,
    shown_from,
    taken_down,
)
from rulebook.models import Limit
from state_machines.enforcement.penalty.forms import DECIDE, Decision
from state_machines.enforcement.simple_penalty.forms import PUNISH
from state_machines.language.vocabulary import (
    Effect,
    Publish,
    RecordService,
    RepairCredit,
    TakeDown,
    Withdraw,
)

_LONGEST = "publicity"  # the clock of a repair that ends the longest term


def _withdraw(act: Act, effect: Withdraw) -> None:
    _queue(act, effect, str(given(act, effect.reasons)))


def _take_down(act: Act, effect: TakeDown) -> None:
    """Have taken down what is shown of the other case, once for each register, and not once more
    what another repair or the longest term had taken down."""
    number = value(act, effect.of)
    of = select(Case.id).where(Case.number == number).scalar_subquery()
    shown = (
        select(Publication.register)
        .join(Case, Case.id == Publication.case_id)
        .where(
            or_(Publication.case_id == of, Publication.shows == number),
            Publication.register.in_(effect.registers),
            Publication.withdrawn_because.is_(None),
            ~taken_down(act.day),
        )
    )
    for register in sorted(set(act.session.scalars(shown))):
        entry = Withdraw(register=register, limit=effect.limit, reasons="")
        _queue(act, entry, f"{effect.because}（{number}）")


def _publish(act: Act, effect: Publish) -> None:
    _queue(act, effect, None)


def _is_kept_back(act: Act) -> bool:
    """Whether the decision says that it is not shown to the public (不予公示)."""
    said = (act.inputs.told(Decision, step) for step in (act.step.name, DECIDE, PUNISH))
    return any(decision is not None and not decision.shown for decision in said)


def _queue(act: Act, effect: Publish | Withdraw, reasons: str | None) -> None:
    if _is_kept_back(act):  # what is decided is what is queued
        return
    limit, _ = act.rules.limit(effect.limit, act.day, act.region)
    due = last_day(limit, act.day, act)
    row = Publication(
        case_id=act.case.id,
        log_seq=act.case.head_seq + 1,
        register=effect.register,
        due_on=due,
        withdrawn_because=reasons,
    )
    act.session.add(row)
    act.note("publications", as_queued(row))


def _serve(act: Act, effect: RecordService) -> None:
    """Date the entries anew whose decision was served: they count from that day, or are shown on it
    at the earliest, as `publicity.counts_from` has it."""
    rows = (
        select(Publication)
        .join(Case, Case.id == Publication.case_id)
        .where(Case.id == act.case.id, Publication.published_on.is_(None), needs_service())
    )
    for row in act.session.scalars(rows.order_by(Publication.id)).all():
        served = shown_from(act.session, row)
        if served is None:
            continue
        due = max(row.due_on, served)
        limit = _limit_of(act, row)
        if limit and act.rules.value("publicity.counts_from", act.day, act.region) == "service":
            due = last_day(limit, served, act)
        if act.context.arrival:  # nobody could publish it before the arrival was reported
            due = max(due, legal_date(act.context.now))
        if due != row.due_on:
            row.due_on = due
            said = {"row": row.log_seq, "register": row.register, "due": due.isoformat()}
            act.note("publications_due", said)


def _publish_again(act: Act, effect: RepairCredit) -> None:
    """Have shown again what this repair took down, once it is undone (令36): by
    `publicity.again_term` until the longest term of the record is over, which nothing lengthens, or
    as long as the record of the false material."""
    if not effect.undone:
        return
    number = str(value(act, effect.source))
    until = next((run.due_on for run in reversed(act.runs) if run.name == _LONGEST), None)
    goes_on = act.rules.value("publicity.again_term", act.day, act.region) == "on"
    if until is not None and goes_on and until < act.day:
        return
    days = {header["seq"]: header["effective_at"] for header in act.dossier.headers}
    rows = act.session.scalars(
        select(Publication)
        .where(
            Publication.case_id == act.case.id,
            Publication.withdrawn_because.is_not(None),
            ~shown_again(),
        )
        .order_by(Publication.id)
    ).all()
    # What was taken down since the longest term was over is not shown again.
    taken = [
        row
        for row in rows
        if until is None or legal_date(datetime.fromisoformat(days[row.log_seq])) <= until
    ]
    hidden = _hidden(act, number)
    limit, _ = act.rules.limit("publicity.double", act.day, act.region)
    due = last_day(limit, act.day, act)
    if act.context.arrival:  # nobody could publish it before the arrival was reported
        due = max(due, legal_date(act.context.now))
    for register in sorted({row.register for row in taken} & hidden):
        _add(act, register, due, shows=number)
        if until is not None and goes_on:
            after = until + timedelta(days=1)
            because = f"最长公示期届满（{number}）"
            _add(act, register, after, withdrawn_because=because, not_before=after)


def _hidden(act: Act, number: str) -> set[str]:
    """The registers in which what a case last had shown was taken down since; a decision that fell,
    or was varied, is not shown again as it was (处罚法48)."""
    rows = act.session.execute(
        select(Publication.register, taken_down(act.day))
        .join(Case, Case.id == Publication.case_id)
        .where(Case.number == number)
        .order_by(Publication.id)
    )
    return {register for register, down in dict(rows.tuples().all()).items() if down}


def _add(act: Act, register: str, due: date, **more: Any) -> None:
    row = Publication(
        case_id=act.case.id, log_seq=act.case.head_seq + 1, register=register, due_on=due, **more
    )
    act.session.add(row)
    act.session.flush([row])  # what is to be taken down comes after what is shown
    act.note("publications", as_queued(row))


def _limit_of(act: Act, row: Publication) -> Limit | None:
    """The limit under which the step of its row of the log queued an entry; None where the version
    of the case does not say."""
    name = next(
        (header["name"] for header in act.dossier.headers if header["seq"] == row.log_seq), None
    )
    keys = (
        effect.limit
        for step in act.process.every_step
        if step.name == name
        for effect in step.effects
        if isinstance(effect, Publish) and effect.register == row.register
    )
    key = next(keys, None)
    return act.rules.limit(key, act.day, act.region)[0] if key else None


CARRIERS: Mapping[type[Effect], Carrier] = {
    Publish: _publish,
    Withdraw: _withdraw,
    TakeDown: _take_down,
    RepairCredit: _publish_again,
    RecordService: _serve,
}
