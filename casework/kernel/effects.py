"""Carrying out what a step declares: one carrier per kind of effect.

Order of locks: related cases and the party's standing first, numbers and rendering last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from casework.acts import deliveries as service
from casework.acts.act import Act
from casework.acts.notices import put
from casework.acts.numbers import next_number
from casework.acts.participants import authority_for, authority_in
from casework.common.problems import Misconfigured
from casework.common.timekeeping import legal_date
from casework.credit import ratings
from casework.documents.issuing import issue
from casework.documents.marks import mark
from casework.enforcement import consequences
from casework.enforcement.fines import debt as fines
from casework.models import Account, Document, Publication, Recusal
from casework.parties.code_change import succession as code_changes
from casework.parts import credit_file as credit
from casework.parts.corrections.corrected import reissue
from casework.parts.evidence.register import keep
from casework.rules.counting import CalendarUnknown, count
from rulebook.models import Limit
from state_machines.language.vocabulary import (
    Amend,
    BringInLine,
    ContinueParty,
    Correct,
    CorrectCredit,
    Effect,
    Issue,
    KeepEvidence,
    Mark,
    MoveRelated,
    Notify,
    OpenCase,
    Proceed,
    Publish,
    ReclassCredit,
    RecordCredit,
    RecordService,
    Recuse,
    RepairCredit,
    ScheduleInstalment,
    Withdraw,
    applies,
)

Opener = Callable[[Act, OpenCase, dict[str, Any]], None]
Mover = Callable[[Act, MoveRelated, dict[str, Any]], None]

_ORDER = (
    MoveRelated,
    RecordCredit,
    RepairCredit,
    CorrectCredit,
    # What stands again is put into its class after that.
    BringInLine,
    ReclassCredit,
    ContinueParty,
    Recuse,
    Withdraw,
    Publish,
    OpenCase,
    Correct,
    Issue,
    KeepEvidence,
    Notify,
)


# What changes the case's own data comes before its clocks and documents look at it.
_BEFOREHAND = (Amend, RecordService, Mark, ScheduleInstalment)
# What comes after the log row of the step is the engine's.
_AFTERWARDS = (Proceed,)


def amend(act: Act) -> set[str]:
    """Change what the case's data says: its application, the register of what was served, and which
    instalment comes next.

    Gives the anchors (`application.FIELD`, `service.OF.served_on`, `instalments.next.due_on`) that
    moved with it.
    """
    changed: dict[str, Any] = {}
    for effect in act.step.effects:
        if isinstance(effect, Amend) and _applies(act, effect):
            changed |= _filled(act, effect.data)
    if changed:
        act.data["application"] = {**act.data["application"], **changed}
        act.note("amended", changed)
    for effect in act.step.effects:
        if isinstance(effect, Mark) and _applies(act, effect):
            mark(act, effect.documents, effect.label)
        elif isinstance(effect, Correct):
            mark(act, (act.input["document"],), "已补正，以同号补正文书为准")
        elif isinstance(effect, BringInLine):
            consequences.pressing_is_over(act, effect)
    moved = {f"application.{name}" for name in changed} | service.record(act)
    if any(isinstance(effect, ScheduleInstalment) for effect in act.step.effects):
        moved.add(fines.schedule(act))
    return moved


def carry_out(
    act: Act, open_related: Opener, move_related: Mover, move: consequences.Mover
) -> list[Document]:
    """Carry out what is left to do of the step's effects; gives the documents issued."""
    documents = []
    elsewhere = (*_BEFOREHAND, *_AFTERWARDS)
    wanted = [e for e in act.step.effects if not isinstance(e, elsewhere) and _applies(act, e)]
    for effect in sorted(wanted, key=lambda effect: _ORDER.index(type(effect))):
        if isinstance(effect, OpenCase):
            owner = _owner(act, effect)
            open_related(owner, effect, _filled(owner, effect.data))
        elif isinstance(effect, MoveRelated):
            move_related(act, effect, _filled(act, effect.data))
        elif isinstance(effect, BringInLine):
            if consequences.bring_in_line(act, effect, move):
                _rate_again(act)
        elif isinstance(effect, Correct):
            documents.append(reissue(act))
        elif isinstance(effect, Issue):
            documents.append(issue(_issuer(act, effect), effect.document))
        elif isinstance(effect, KeepEvidence):
            keep(act, effect, documents)
        else:
            _CARRIERS[type(effect)](act, effect)
    return documents


def _owner(act: Act, effect: OpenCase) -> Act:
    """The act in the name of whoever answers for the matter of the case that is opened."""
    process, _ = act.ground.versions.in_force(act.session, effect.process, act.day)
    return act.in_name_of(authority_for(act.session, act.case, act.process, process.matter or ""))


def _issuer(act: Act, effect: Issue) -> Act:
    """The act in the name of whoever issues the document: by its track, or by its matter."""
    track = act.process.track_of(act.step.name)
    if track:
        return act.in_name_of(authority_in(act.session, act.case, track.name))
    matter = act.rules.document(effect.document, act.day, act.region).matter
    return act.in_name_of(authority_for(act.session, act.case, act.process, matter))


def _applies(act: Act, effect: Effect) -> bool:
    if effect.leaving and effect.leaving != act.source:
        return False
    return not effect.when or applies(effect.when, act.data)


def _record_credit(act: Act, effect: RecordCredit) -> None:
    credit.record(act, effect)
    _rate_again(act)


def _repair_credit(act: Act, effect: RepairCredit) -> None:
    credit.repair(act, _value(act, effect.source), undone=effect.undone)
    _rate_again(act)


def _correct_credit(act: Act, effect: CorrectCredit) -> None:
    if effect.kinds:
        credit.correct_own(act, effect.kinds)
    else:
        credit.correct(act, _value(act, effect.event))
    _rate_again(act)


def _reclass_credit(act: Act, effect: ReclassCredit) -> None:
    credit.reclass(act, effect)
    _rate_again(act)


def _rate_again(act: Act) -> None:
    party, now = act.case.party_id, act.ground.now
    if ratings.reckon(act.session, act.rules, party, act.day, now):
        ratings.tell(act.session, act.rules, party, now)


def _continue_party(act: Act, effect: ContinueParty) -> None:
    code_changes.carry_on(act, str(_given(act, effect.old)))
    _rate_again(act)


def _withdraw(act: Act, effect: Withdraw) -> None:
    _queue(act, effect, str(_given(act, effect.reasons)))


def _publish(act: Act, effect: Publish) -> None:
    _queue(act, effect, None)


def _queue(act: Act, effect: Publish | Withdraw, reasons: str | None) -> None:
    limit, _ = act.rules.limit(effect.limit, act.day, act.region)
    due = _last_day(limit, act.day, act)
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


def _notify(act: Act, effect: Notify) -> None:
    titles = "、".join(item["title"] for item in act.caused.get("documents", []))
    state = act.process.state(act.target).label
    body = f"{act.process.label}（{act.case.number}）已办理“{act.step.label}”，当前状态：{state}。"
    if titles:
        body += f"已出具：{titles}。"
    put(
        act.session,
        act.case,
        act.process,
        key=f"step/{act.case.id}/{act.case.head_seq + 1}/{effect.to}",
        kind="step",
        to=effect.to,
        subject=f"{act.step.label}：{act.case.number}",
        body=body,
        now=act.ground.now,
    )


def _recuse(act: Act, effect: Recuse) -> None:
    username = _given(act, effect.officer)
    person = act.session.scalars(
        select(Account.person_id).where(Account.username == username)
    ).one()
    act.session.add(Recusal(case_id=act.case.id, log_seq=act.case.head_seq + 1, person_id=person))
    act.note("recused", {"person": person})


_CARRIERS: Mapping[type[Effect], Callable[[Act, Any], None]] = {
    RecordCredit: _record_credit,
    RepairCredit: _repair_credit,
    CorrectCredit: _correct_credit,
    ReclassCredit: _reclass_credit,
    ContinueParty: _continue_party,
    Publish: _publish,
    Recuse: _recuse,
    Withdraw: _withdraw,
    Notify: _notify,
}


def _last_day(limit: Limit, first: date, act: Act) -> date:
    try:
        due = count(limit, first, (), act.rules.calendar).due
    except CalendarUnknown:
        if not act.by_law:
            raise
        # What the law does on its day waits for no calendar, and no working day comes before this.
        unit = "cd" if limit.unit == "wd" else limit.unit
        every_day = limit.model_copy(update={"unit": unit, "roll": False})
        due = count(every_day, first, (), act.rules.calendar).due
    if due is None:
        raise ValueError(f"{limit.key}: without an open stop there is always a due date")
    return due


def _filled(act: Act, sources: Mapping[str, str]) -> dict[str, Any]:
    return {field: _value(act, source) for field, source in sources.items()}


def _value(act: Act, source: str) -> Any:
    if source.startswith("="):
        return source[1:]
    if source == "@date":
        return act.day.isoformat()
    if source.startswith("@date:"):
        return act.dates[source.removeprefix("@date:")].isoformat()
    if source == "@case":
        return act.case.number
    if source.startswith("@since:"):
        name = source.removeprefix("@since:")
        return legal_date([r.started_at for r in act.runs if r.name == name][-1]).isoformat()
    if source.startswith("@extended:"):
        name = source.removeprefix("@extended:")
        return [r.extended for r in act.runs if r.name == name][-1]
    if source.startswith("@next:"):
        return _next(act, *source.split(":")[1:]).isoformat()
    if source.startswith("@after:"):
        return _day_after(act, source.removeprefix("@after:")).isoformat()
    if source.startswith("@term:"):
        key, _, since = source.removeprefix("@term:").partition(":")
        limit, _ = act.rules.limit(key, act.day, act.region)
        return _last_day(limit, _day_after(act, since) if since else act.day, act).isoformat()
    if source.startswith("@number:"):
        key = source.removeprefix("@number:")
        return next_number(act, act.rules.document(key, act.day, act.region))
    return _given(act, source)


def _next(act: Act, month_day: str, since: str = "") -> date:
    """The next such day of a year after the step's date, or after a given one."""
    start = date.fromisoformat(_given(act, since)) if since else act.day
    found = date.fromisoformat(f"{start.year}-{month_day}")
    return found if found > start else date.fromisoformat(f"{start.year + 1}-{month_day}")


def _day_after(act: Act, source: str) -> date:
    return date.fromisoformat(_given(act, source)) + timedelta(days=1)


def _given(act: Act, source: str) -> Any:
    root, field = source.split(".")
    related = act.opened.get(root)
    said = related.data["application"] if related else act.data.get(root, {})
    if field not in said:
        raise Misconfigured(f"“{act.step.label}”需要的 {source} 没有填写")
    return said[field]
