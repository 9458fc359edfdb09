"""Effects on publicity (公示): an entry is queued to be published, or withdrawn."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from casework.acts.act import Act
from casework.common.timekeeping import legal_date
from casework.kernel.carrying_out import Carrier
from casework.kernel.sources import given, last_day, value
from casework.models import Case, Publication
from casework.publicity.publications import needs_service, shown_from, taken_down
from rulebook.models import Limit
from state_machines.enforcement.penalty.forms import DECIDE, Decision
from state_machines.enforcement.simple_penalty.forms import PUNISH
from state_machines.language.vocabulary import Effect, Publish, RecordService, TakeDown, Withdraw


def _withdraw(act: Act, effect: Withdraw) -> None:
    _queue(act, effect, str(given(act, effect.reasons)))


def _take_down(act: Act, effect: TakeDown) -> None:
    """Have taken down what is shown of the other case, once for each register, and not once more
    what another repair or the longest term had taken down."""
    number = value(act, effect.of)
    shown = (
        select(Publication.register)
        .join(Case, Case.id == Publication.case_id)
        .where(
            Case.number == number,
            Publication.register.in_(effect.registers),
            Publication.withdrawn_because.is_(None),
            ~taken_down(),
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
    act.session.add(
        Publication(
            case_id=act.case.id,
            log_seq=act.case.head_seq + 1,
            register=effect.register,
            due_on=due,
            withdrawn_because=reasons,
        )
    )
    said = {"register": effect.register, "due": due.isoformat()}
    act.note("publications", {**said, "reasons": reasons} if reasons else said)


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
    RecordService: _serve,
}
