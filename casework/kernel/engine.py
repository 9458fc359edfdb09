"""Taking a step: guards, machine, clocks, effects, log, in the transaction it is given.

Who may take it, and whether the case is locked and up to date, was settled before: by `Office` for
people and the cases their step touches, by `falling_due` for clocks.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm.attributes import flag_modified

from casework.acts import clocks, legal_dates, participants, proposals
from casework.acts.act import ONLINE, Act, Context, Execution, by_itself
from casework.acts.clock_repository import ClockRepository
from casework.acts.dossier import forget, joined
from casework.acts.journal import COUNTED, FIRST, Entry, appended, canonical, sm3
from casework.common.database import hold
from casework.common.inputs import judged
from casework.common.problems import BadDate, GuardRefused, Problem, RuleMissing, StepNotOfState
from casework.common.rows_together import as_known, write_rows
from casework.common.timekeeping import legal_date
from casework.kernel import doors, facts
from casework.kernel.carrying_out import amend, carry_out
from casework.kernel.filing import Filing
from casework.kernel.leads import party_of_code
from casework.kernel.met_in_time import undo_expiries
from casework.kernel.sources import value
from casework.models import Case
from casework.rules.counting import CalendarUnknown
from state_machines.door.gates import guards_of
from state_machines.language.builder import fire
from state_machines.language.canonical import RULE_MISSING
from state_machines.language.vocabulary import (
    MoveIfItWaits,
    MoveRelated,
    OpenCase,
    OpenCaseOf,
    Proceed,
    Process,
    Refusal,
    Role,
    Step,
)

_NEXT_KEY = select(func.nextval(func.pg_get_serial_sequence("case_file", "id")))
# Whose a case is, as its first log row tells it: nothing may change it later.
BELONGS_TO = ("authority_id", "party_id", "place_id", "family_id", "relation")
_OPENING = Step("application", "立案", {}, ())


def execute(act: Act) -> None:
    """Take a step. Raises GuardRefused, or what an effect or a document raises; the transaction is
    then to be rolled back."""
    case, process, step = act.case, act.process, act.step
    guards = guards_of(process, step)
    known = facts.collect_facts(act, guards)
    verdicts = {guard.key: guard.judge(known) for guard in guards}
    refused = [refusal for refusal in verdicts.values() if refusal is not None]
    if refused := refused or _days_against(act):
        raise _against(case, refused)
    track = process.track_of(step.name)
    act.source = case.tracks[track.name] if track else case.state
    act.target = fire(process, step, act.source, verdicts)
    proposals.hold_fast(act)
    tracks, before = dict(case.tracks), _places(case)
    if track:
        case.tracks = {**tracks, track.name: act.target}
    else:
        case.state = act.target
        case.tracks = clocks.tracks_after(process, case.state, tracks)
    amended = amend(act)
    case.data = dict(act.data)
    # The order of the steps is part of it, and two orders of the same entries are equal.
    flag_modified(case, "data")
    case.version += 1
    case.effective_at = max(case.effective_at, act.at)
    if not process.state(case.state).end:  # or no more, if what it ended with was quashed
        case.ended_at = None
    elif case.ended_at is None:
        case.ended_at = act.at
    runs = act.runs
    _move_clocks(act, before, amended)
    undo_expiries(act, runs)
    _open_tracks(act, tracks)
    carry_out(act)
    write(act, "step", {"input": act.input, "facts": facts.as_json(known)})
    _proceed(act)
    branches = {name: at for name, at in case.tracks.items() if not process.track(name).overlay}
    if track and not track.overlay and all(process.state(at).end for at in branches.values()):
        _join(act)


def refusals(act: Act, *, with_input: bool = True) -> list[Refusal]:
    """What its guards, or else its day or the party's time, have against the act, without taking
    it."""
    guards = guards_of(act.process, act.step)
    known = facts.collect_facts(act, guards)
    refused = [
        refusal
        for guard in guards
        if (with_input or not guard.needs_input) and (refusal := guard.judge(known)) is not None
    ]
    return refused or _days_against(act)


def _days_against(act: Act) -> list[Refusal]:
    """What stands against the day that the act bears, and which time of the party comes first."""
    return [*legal_dates.refusals(act), *doors.refusals(act)]


def create_case(
    context: Context,
    process: Process,
    digest: str,
    filing: Filing,
    data: dict[str, Any],
    at: datetime,
    execution: Execution,
    origin: Act | None = None,
    relation: str = "",
    state: str = "",
) -> Case:
    """Bring a case to life: its row, its first log row, the clocks of its first state.

    It begins in `state`, or else in the initial one of its process.
    """
    first = state or process.initial
    # The number carries the row's own key, so it needs no counter and no lock.
    key = context.session.scalar(_NEXT_KEY)
    case = Case(
        id=key,
        number=f"{filing.authority_code}-{process.code}-{legal_date(at).year}-{key:06d}",
        tracking_code=secrets.token_urlsafe(12),
        process=process.key,
        version_digest=digest,
        state=first,
        tracks=clocks.tracks_after(process, first, {}),
        version=0,
        data={},
        authority_id=filing.authority_id,
        party_id=filing.party_id,
        place_id=filing.place_id,
        family_id=filing.family_id,
        relation=relation,
        opened_at=at,
        effective_at=at,
        private=False,
        awaiting=[],
        head_seq=0,
        head_hash=FIRST,
        origin_id=origin.case.id if origin else None,
        origin_seq=origin.case.head_seq + 1 if origin else None,
        ended_at=None,
    )
    book = ClockRepository(context.session, case)
    by_law = origin is not None and origin.by_law
    act = Act(
        context, case, process, _OPENING, data, at, execution, book, target=first, by_law=by_law
    )
    case.data = act.data
    _move_clocks(act, frozenset(), set())
    _open_tracks(act, {})
    belongs = {name: getattr(case, name) for name in BELONGS_TO}
    # Whoever reads the log is not to follow the case by its code.
    belongs["tracking"] = sm3(case.tracking_code)
    act.rows.append(case)
    write(act, "open", {"input": data, "belongs_to": belongs})
    as_known(context.session, case)
    hold(context.session, case)
    joined(context.session, case)
    return case


def write(act: Act, kind: str, payload: dict[str, Any]) -> None:
    """Append to the log what the act did, and put down where the case now stands."""
    act.rows += act.book.changed()
    private = act.process.state(act.case.state).private
    act.case.private = private and act.execution.channel == ONLINE
    act.case.awaiting = sorted(
        {
            role.value
            for step in steps_of_state(act.process, act.case)
            if step.awaited_in(_place_of(act.process, act.case, step) or "")
            for role in roles_now(act.process, act.case, step)
            if not role.automatic
        }
    )
    tell(act, kind, payload)


def tell(
    act: Act, kind: str, payload: dict[str, Any], also: Mapping[str, Any] | None = None
) -> None:
    """Append to the log what the act did, without moving the case, and write down all that it
    caused. `also` is for the header."""
    track = act.process.track_of(act.step.name) if kind in COUNTED else None
    row = appended(
        act.case,
        Entry(
            kind=kind,
            name=act.step.name,
            source=act.source,
            target=act.target,
            effective_at=act.at,
            recorded_at=act.context.now,
            role=act.execution.role.value,
            officers=tuple(officer.person_id for officer in act.execution.officers),
            account=act.execution.account_id,
            channel=act.execution.channel,
            on_behalf=act.case.party_id if act.execution.mandate else None,
            mandate=act.execution.mandate.id if act.execution.mandate else None,
            track=track.name if track else None,
            clock=act.clock,
            backfill=act.context.backfill.id if act.context.backfill else None,
            also=also or {},
            payload={
                **payload,
                **_delegated(act),
                **({"backfill": act.context.backfill.as_told()} if act.context.backfill else {}),
                "caused": act.caused,
                "clocks": [_said(run) for run in act.runs],
                "awaiting": act.case.awaiting,
            },
        ),
    )
    new = act.case in act.rows
    write_rows(act.session, [*act.rows, row], changed=None if new else act.case)
    act.rows.clear()
    forget(act.session, act.case)


def _delegated(act: Act) -> dict[str, Any]:
    """The written delegation under which the act is taken, as its log row tells it."""
    delegation = act.execution.delegation
    if delegation is None:
        return {}
    named = ("id", "number", "person_id", "granted_by")
    days = ("signed_on", "valid_from", "valid_to")
    said = {name: getattr(delegation, name) for name in named}
    return {"delegation": said | {name: getattr(delegation, name).isoformat() for name in days}}


def steps_of_state(process: Process, case: Case) -> list[Step]:
    """The steps that somebody, or a join, may take in the case's present state and tracks."""
    return [
        step
        for step in process.every_step
        if _place_of(process, case, step) in step.moves
        and not set(step.by) <= {Role.TIMER, Role.RELATED}
    ]


def step_in_state(process: Process, case: Case, name: str) -> Step:
    """The step of that name. Raises StepNotOfState if the present state does not know it."""
    try:
        step = process.step(name)
    except KeyError:
        raise StepNotOfState(f"{process.label}没有步骤“{name}”") from None
    at = _place_of(process, case, step)
    if at not in step.moves:
        label = process.state(at or case.state).label
        raise StepNotOfState(f"当前状态为“{label}”，不能办理“{step.label}”", law=step.law)
    return step


def is_of_state(process: Process, case: Case, name: str) -> bool:
    """Whether the present state knows the step of that name."""
    step = process.step(name)
    return _place_of(process, case, step) in step.moves


def roles_now(process: Process, case: Case, step: Step) -> tuple[Role, ...]:
    """Who may take the step in the case's present state."""
    return step.roles_in(_place_of(process, case, step) or "")


def _place_of(process: Process, case: Case, step: Step) -> str | None:
    """The state from which the step is taken: of its track, None while that is closed; else of the
    case."""
    track = process.track_of(step.name)
    return case.tracks.get(track.name) if track else case.state


def _open_tracks(act: Act, before: Mapping[str, str]) -> None:
    opened = [act.process.track(name) for name in act.case.tracks if name not in before]
    if opened:
        participants.invite(act.session, act.rules, act.case, opened, act.day)


def _places(case: Case) -> frozenset[str]:
    """The states in which the case and its open tracks are."""
    return frozenset((case.state, *case.tracks.values()))


def _move_clocks(act: Act, before: frozenset[str], amended: set[str]) -> None:
    passed = clocks.Transition(
        act.step.name,
        before,
        _places(act.case),
        act.at,
        ended=act.case.ended_at is not None,
        clock=act.clock,
        entered=act.context.now if act.context.backfill else None,
    )
    runs, stale = clocks.pass_on(act.process, act.runs, passed)
    stale |= {
        clock.name for clock in act.process.every_clock if amended & {clock.name, clock.anchor}
    }
    # A step that is taken anew moves what is anchored to it.
    own = f"{act.step.name}."
    stale |= {
        clock.name for clock in act.process.every_clock if (clock.anchor or "").startswith(own)
    }
    try:
        act.book.runs = [
            clocks.set_due(
                run,
                act.process.clock(run.name),
                act.rules,
                act.region,
                act.data,
                # What the law does on its day does not wait for a calendar; a person can be told.
                may_wait=act.by_law,
            )
            if run.name in stale and run.live
            else run
            for run in runs
        ]
    except CalendarUnknown as unknown:
        raise BadDate(str(unknown)) from unknown


def _join(act: Act) -> None:
    """The last track has ended: take the first join step that its guards allow. Raises GuardRefused
    with what stands against each."""
    reasons: list[Refusal] = []
    for step in steps_of_state(act.process, act.case):
        if Role.JOIN in step.by:
            joined = Act(
                act.context,
                act.case,
                act.process,
                step,
                {},
                act.at,
                by_itself(Role.JOIN),
                act.book,
                by_law=act.by_law,
            )
            if not (against := refusals(joined)):
                execute(joined)
                return
            reasons += against
    missing = Refusal("no_join", "并联环节均已完成，但没有可以汇合的步骤")
    raise _against(act.case, reasons or [missing])


def _against(case: Case, refused: Sequence[Refusal]) -> Problem:
    """What the guards have against a step. If one of them is missing nobody has judged, so a clock
    must not go on as if the law had refused its step."""
    if missing := [refusal.text for refusal in refused if refusal.code == RULE_MISSING]:
        return RuleMissing(f"{case.number}：{'；'.join(missing)}")
    return GuardRefused(refused)


def open_related(act: Act, effect: OpenCase, data: dict[str, Any]) -> None:
    """Open the related case that an effect names, its form filled in with `data`. Raises BadInput
    if that is not what the form asks for."""
    process, digest = act.context.versions.in_force(act.session, effect.process, act.day)
    code = value(act, effect.party) if isinstance(effect, OpenCaseOf) else ""
    filing = Filing(
        authority_id=act.authority.id,
        authority_code=act.authority.code,
        party_id=party_of_code(act.session, code).id if code else act.case.party_id,
        place_id=act.case.place_id,
        family_id=act.case.family_id or act.case.id,
        mandate=None,
    )
    filled = judged(process.form, data, what=process.label)
    execution = by_itself(Role.RELATED)
    opened = create_case(
        act.context,
        process,
        digest,
        filing,
        filled,
        act.at,
        execution,
        act,
        effect.relation,
        effect.state,
    )
    act.opened[effect.relation] = opened
    act.note("opened", {"relation": effect.relation, "case": opened.number})


def move_related(act: Act, effect: MoveRelated, data: dict[str, Any]) -> None:
    """Take the step of a related case that an effect names. Raises GuardRefused if there is no such
    case or its guards refuse, BadDate if something later was done there."""
    case = act.related(effect.relation)
    if case is None:
        raise GuardRefused([Refusal("no_related_case", f"没有可以办理“{effect.step}”的关联案件")])
    process = act.context.versions.by_digest(act.session, case.version_digest)
    if isinstance(effect, MoveIfItWaits) and not is_of_state(process, case, effect.step):
        return
    # What follows by itself from a judgment is not held up by what the other case did since.
    last = legal_date(case.effective_at)
    if act.day < last and act.execution.role is not Role.RELATED:
        raise BadDate(f"办理日期不能早于关联案件 {case.number} 已办理事项的日期 {last:%Y-%m-%d}")
    move(act, case, effect.step, data)
    act.note("moved", {"relation": effect.relation, "case": case.number, "step": effect.step})


def move(act: Act, case: Case, name: str, data: dict[str, Any]) -> None:
    """Take a step of another case, which is locked, in the transaction of an act.

    What happened to that case since the legal date of the act is not undone: the step comes after.
    """
    process = act.context.versions.by_digest(act.session, case.version_digest)
    step = step_in_state(process, case, name)
    filled = judged(step.form, data, what=f"“{step.label}”")
    execution = replace(by_itself(Role.RELATED), officers=act.execution.officers)
    book = ClockRepository(act.session, case)
    # On one day the order is that in which it was entered, whatever the clocks said.
    at = max(act.at, case.effective_at)
    execute(Act(act.context, case, process, step, filled, at, execution, book, by_law=act.by_law))


def _proceed(act: Act) -> None:
    """Take the step that follows by itself, if one does."""
    following = [e.steps for e in act.step.effects if isinstance(e, Proceed)]
    if following:
        act.session.flush()  # what the step wrote is a fact for what follows
    for step in map(act.process.step, chain.from_iterable(following)):
        if _place_of(act.process, act.case, step) not in step.moves:
            continue
        execution = replace(by_itself(Role.RELATED), officers=act.execution.officers)
        next_ = Act(
            act.context,
            act.case,
            act.process,
            step,
            {},
            act.at,
            execution,
            act.book,
            by_law=act.by_law,
        )
        if not refusals(next_):
            execute(next_)
            return


def _said(run: clocks.Run) -> dict[str, Any]:
    """A run as its log row tells it."""
    return {
        "name": run.name,
        "run": run.number,
        "status": run.status,
        "started_at": run.started_at.isoformat(),
        "due": run.due_on.isoformat() if run.due_on else None,
        "fires_at": run.fires_at.isoformat() if run.fires_at else None,
        "edition": run.edition,
        "extended": run.extended,
        "derivation": sm3(canonical(run.derivation)),
    }
