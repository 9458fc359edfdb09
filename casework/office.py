"""The one door (一步一事务): every step of every case, whoever asks, goes through `Office`.

A step locks its case and the relatives it touches, lets what fell due happen first, checks version,
role, separation of duties, input and guards, fires the machine, moves the clocks, carries out the
effects, appends to the log, and commits: all of it or nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework import clocks, facts
from casework.act import Act, Officer
from casework.actors import Actor, Capacity, capacity, separation
from casework.database import Database
from casework.effects import carry_out
from casework.filing import Filing, file_application
from casework.inputs import judged
from casework.journal import FIRST, Entry, append, canonical
from casework.models import Case, CaseClock, IdempotentReply, PendingSignature
from casework.notices import put
from casework.problems import (
    BadDate,
    GuardRefused,
    KeyReused,
    NotAllowed,
    NotFound,
    SecondSignatureProblem,
    StaleVersion,
    StepNotOfState,
)
from casework.rules import Rules, RuleShelf
from casework.timekeeping import Timekeeper, legal_date, start_of
from casework.versions import VersionShelf
from state_machines.builder import fire
from state_machines.vocabulary import (
    Clock,
    Escalate,
    Fire,
    MoveRelated,
    OpenCase,
    Process,
    Refusal,
    Role,
    Step,
)

_OPENING = Step("application", "立案", {}, ())


@dataclass(frozen=True)
class Outcome:
    """Where a case stands after an act. `awaits_signature`: the second officer must confirm."""

    number: str
    state: str
    version: int
    tracking_code: str
    awaits_signature: bool = False


@dataclass(frozen=True)
class Verdict:
    """Whether a step may be taken now by this person, and if not, every reason."""

    step: Step
    reasons: tuple[Refusal, ...]
    awaits_signature: bool

    @property
    def allowed(self) -> bool:
        """Whether nothing stands against it, as far as can be said without its input."""
        return not self.reasons


class Office:
    """The back office over one database. `time` is injected; `public_url` is printed in QR codes."""

    def __init__(self, database: Database, time: Timekeeper, *, public_url: str) -> None:
        self.database = database
        self.time = time
        self.public_url = public_url.rstrip("/")
        self.rules = RuleShelf()
        self.versions = VersionShelf()

    # -- what may be asked of it -------------------------------------------------------------

    def open_case(
        self,
        process: str,
        data: Any,
        actor: Actor,
        *,
        party: str | None = None,
        effective_at: date | datetime | None = None,
        key: str | None = None,
    ) -> Outcome:
        """Open a case for the party the actor acts for (`party`: its code, if there are several).

        Raises a Problem: BadInput, NotAllowed, Misconfigured, BadDate.
        """

        def work(session: Session) -> Outcome:
            now = self.time.now()
            rules = self.rules.current(session)
            at = _legal_instant(effective_at, now, earliest=None)
            declared, digest = self.versions.in_force(session, process, legal_date(at))
            filled = judged(declared.form, data, what="申请表")
            filing = file_application(
                session, rules, declared, filled, actor, party, legal_date(at)
            )
            case = self._new_case(declared, digest, filing, at)
            session.add(case)
            session.flush()
            self._begin(session, rules, case, declared, filled, at, now, actor, filing)
            return _outcome(case)

        request = {"open": process, "data": data, "party": party, "at": str(effective_at)}
        return self._once(actor, key, request, work)

    def advance(
        self,
        number: str,
        step: str,
        input: Any,
        actor: Actor,
        *,
        version: int,
        effective_at: date | datetime | None = None,
        key: str | None = None,
    ) -> Outcome:
        """Take one step of a case at `version`, with `effective_at` as its legal date (default now).

        With a step that wants two officers, the act stays pending until `sign`.
        Raises a Problem that says what is wrong; then nothing has changed.
        """

        def work(session: Session) -> Outcome:
            case, process = self._locked(session, number, step)
            return self._advance(session, case, process, step, input, actor, version, effective_at)

        request = {
            "case": number, "step": step, "input": input, "version": version,
            "at": str(effective_at),
        }  # fmt: skip
        return self._once(actor, key, request, work)

    def sign(
        self, number: str, step: str, actor: Actor, *, version: int, key: str | None = None
    ) -> Outcome:
        """Confirm, as the second officer, what the first one entered at the same version."""

        def work(session: Session) -> Outcome:
            case, process = self._locked(session, number, step)
            return self._sign(session, case, process, step, actor, version)

        return self._once(actor, key, {"sign": number, "step": step, "version": version}, work)

    def catch_up(self, case_id: int, *, skip_locked: bool = False) -> bool:
        """Let everything that fell due by now happen to one case. False if another holds it."""

        def work(session: Session) -> bool:
            number = session.scalar(select(Case.number).where(Case.id == case_id))
            if number is None:
                return False
            if skip_locked:
                free = session.scalar(
                    select(Case.id).where(Case.id == case_id).with_for_update(skip_locked=True)
                )
                if free is None:
                    return False
            case, process = self._locked(session, number, None)
            self._let_fall_due(session, case, process, self.time.now())
            return True

        return self.database.in_transaction(work)

    def verdicts(self, session: Session, case: Case, actor: Actor) -> list[Verdict]:
        """Every step of the present state, with the reasons that stand against taking it now."""
        now = self.time.now()
        rules = self.rules.current(session)
        process = self.versions.by_digest(session, case.version_digest)
        held = capacity(session, actor.person_id, actor.name, case, [legal_date(now)])
        runs = _runs(session, case)
        pending = {
            row.step: row
            for row in session.scalars(
                select(PendingSignature).where(
                    PendingSignature.case_id == case.id,
                    PendingSignature.case_version == case.version,
                )
            )
        }
        found = []
        for step in _steps_of_state(process, case):
            act = self._act(
                session,
                rules,
                case,
                process,
                step,
                {},
                max(now, case.effective_at),
                now,
                held,
                runs,
            )
            reasons = [] if act else [_not_for(step)]
            if act:
                reasons += _cannot_sign(held, step, act.day)
                apart = separation(session, case, step, actor.person_id)
                reasons += [apart] if apart else []
                first = pending.get(step.name)
                if first is not None and first.person_id == actor.person_id:
                    reasons.append(Refusal("own_signature", "您已签名，等待另一名执法人员确认"))
                known = facts.gather(act, step)
                reasons += [
                    refusal
                    for guard in step.guards
                    if not guard.needs_input and (refusal := guard.judge(known)) is not None
                ]
            found.append(Verdict(step, tuple(reasons), step.name in pending))
        return found

    # -- one step ------------------------------------------------------------------------------

    def _advance(
        self,
        session: Session,
        case: Case,
        process: Process,
        name: str,
        given: Any,
        actor: Actor,
        version: int,
        effective_at: date | datetime | None,
    ) -> Outcome:
        now = self.time.now()
        held = self._held(session, case, actor, [legal_date(now)])
        if version != case.version:
            raise StaleVersion(
                f"案件已由他人办理至第 {case.version} 步，请刷新后重试", version=case.version
            )
        at = _legal_instant(effective_at, now, earliest=case)
        if (
            effective_at is not None
            and held.mandate
            and not held.posts
            and legal_date(at) != legal_date(now)
        ):
            raise BadDate("网上办理以系统收到的时间为准，不能填写其他日期")
        self._let_fall_due(session, case, process, at)
        step = _step_in_state(process, case, name)
        at = _legal_instant(effective_at, now, earliest=case)
        rules = self.rules.current(session)
        held = self._held(
            session, case, actor, [at.astimezone().date(), legal_date(now), legal_date(at)]
        )
        filled = judged(step.form, given, what=f"“{step.label}”")
        act = self._act(
            session, rules, case, process, step, filled, at, now, held, _runs(session, case)
        )
        if act is None:
            raise NotAllowed(_not_for(step).text)
        act.account_id = actor.account_id
        self._judge_person(session, case, step, held, act)
        if step.two_officers:
            self._refuse_if_guarded(act, step)
            self._leave_for_second(session, case, step, filled, at, now, actor)
            return _outcome(case, awaits_signature=True)
        self._take(act)
        return _outcome(case)

    def _sign(
        self, session: Session, case: Case, process: Process, name: str, actor: Actor, version: int
    ) -> Outcome:
        now = self.time.now()
        self._held(session, case, actor, [legal_date(now)])
        pending = session.scalar(
            select(PendingSignature).where(
                PendingSignature.case_id == case.id,
                PendingSignature.case_version == case.version,
                PendingSignature.step == name,
            )
        )
        if pending is None or version != case.version:
            raise SecondSignatureProblem(
                "没有等待确认的签名：案件可能已有新的办理情况，请刷新后查看"
            )
        if pending.person_id == actor.person_id:
            raise SecondSignatureProblem(
                "须由另一名执法人员确认，同一人不能以任何账号作第二签名",
                law="《行政处罚法》第四十二条",
            )
        at = pending.effective_at
        self._let_fall_due(session, case, process, at)
        step = _step_in_state(process, case, name)
        rules = self.rules.current(session)
        days = [legal_date(at), legal_date(now)]
        second = self._held(session, case, actor, days)
        first = capacity(session, pending.person_id, _person_name(session, pending), case, days)
        act = self._act(
            session, rules, case, process, step, pending.input, at, now, first, _runs(session, case)
        )
        if act is None or second.role_for(step) is None:
            raise NotAllowed(_not_for(step).text)
        self._judge_person(session, case, step, first, act)
        self._judge_person(session, case, step, second, act)
        act.account_id = actor.account_id
        act.officers = (_officer(first, act.day), _officer(second, act.day))
        session.delete(pending)
        self._take(act)
        return _outcome(case)

    def _take(self, act: Act) -> None:
        """Ask the guards, fire, move the clocks, carry out the effects, write the log row."""
        case, step = act.case, act.step
        known = facts.gather(act, step)
        verdicts = {guard.key: guard.judge(known) for guard in step.guards}
        refused = [refusal for refusal in verdicts.values() if refusal is not None]
        if refused:
            raise GuardRefused(refused)
        track = act.process.track_of(step.name)
        act.source = case.tracks[track.name] if track else case.state
        act.target = fire(act.process, step, act.source, verdicts)
        before = case.effective_at
        if track:
            case.tracks = {**case.tracks, track.name: act.target}
        else:
            case.state = act.target
        case.data = act.data
        case.version += 1
        case.effective_at = max(before, act.at)
        act.runs = self._moved(act, track.clocks if track else act.process.clocks)
        if not track:
            self._open_tracks(act)
        if act.process.state(case.state).end:
            case.ended_at = act.at
            act.runs = clocks.end_all(act.runs, act.at)
        carry_out(act, self._open_related, self._move_related)
        self._log(act, "step", {"input": act.input, "facts": facts.as_json(known)})
        _store_runs(act)
        _set_outlook(act)
        act.session.flush()
        if track and all(
            act.process.state(case.tracks[t.name]).end
            for t in act.process.tracks
            if t.name in case.tracks
        ):
            self._join(act)

    def _open_tracks(self, act: Act) -> None:
        """Entering a state opens its tracks, each with its own clocks; leaving it ends them."""
        case = act.case
        entered = {t.name: t.initial for t in act.process.tracks if t.opens_in == case.state}
        if entered and not case.tracks:
            case.tracks = entered
            for track in act.process.tracks:
                if track.name in entered:
                    passed = clocks.Transition(act.step.name, "", track.initial, act.at)
                    act.runs = self._after(act, track.clocks, passed)
        elif case.tracks and not entered:
            mine = {c.name for t in act.process.tracks for c in t.clocks}
            act.runs = [
                run if run.name not in mine else clocks.end_all([run], act.at)[0]
                for run in act.runs
            ]
            case.tracks = {}

    def _join(self, act: Act) -> None:
        """The last track has ended: take the first join step that its guards allow."""
        refusals: list[Refusal] = []
        for step in _steps_of_state(act.process, act.case):
            if Role.JOIN not in step.by:
                continue
            joined = self._automatic(act, act.case, act.process, step, {}, Role.JOIN, act.at)
            try:
                self._refuse_if_guarded(joined, step)
            except GuardRefused as refused:
                refusals += refused.extra["reasons"] and [
                    Refusal(**reason) for reason in refused.extra["reasons"]
                ]
                continue
            self._take(joined)
            return
        raise GuardRefused(
            refusals or [Refusal("no_join", "并联环节均已完成，但没有可以汇合的步骤")]
        )

    def _moved(self, act: Act, moved: tuple[Clock, ...]) -> list[clocks.Run]:
        return self._after(
            act, moved, clocks.Transition(act.step.name, act.source, act.target, act.at)
        )

    def _after(
        self, act: Act, moved: tuple[Clock, ...], passed: clocks.Transition
    ) -> list[clocks.Run]:
        runs, stale = clocks.move(moved, act.runs, passed)
        return [
            clocks.set_due(run, act.process.clock(run.name), act.rules, act.region, act.data)[0]
            if run.name in stale and run.live
            else run
            for run in runs
        ]

    def _log(self, act: Act, kind: str, payload: dict[str, Any]) -> None:
        append(
            act.session,
            act.case,
            Entry(
                kind=kind,
                name=act.step.name,
                source=act.source,
                target=act.target,
                effective_at=act.at,
                recorded_at=act.now,
                role=act.role.value,
                officers=tuple(officer.person_id for officer in act.officers),
                account=act.account_id,
                channel=act.channel,
                on_behalf=act.case.party_id if act.mandate else None,
                mandate=act.mandate.id if act.mandate else None,
                track=_track_name(act),
                payload={**payload, "caused": act.caused, "clocks": [_said(r) for r in act.runs]},
            ),
        )

    # -- clocks that fell due --------------------------------------------------------------------

    def _let_fall_due(
        self, session: Session, case: Case, process: Process, until: datetime
    ) -> None:
        """Fire, in order of due instant, every clock that fell due by `until`."""
        if case.next_due is None or case.next_due > until:
            return
        rules = self.rules.current(session)
        while True:
            runs = _runs(session, case)
            due = [
                (run.fires_at, [c.name for c in _all_clocks(process)].index(run.name), run)
                for run in runs
                if run.status == clocks.RUNNING and run.fires_at and run.fires_at <= until
            ]
            if not due:
                return
            _, _, run = min(due, key=lambda item: item[:2])
            self._fall_due(session, rules, case, process, runs, run)

    def _fall_due(
        self,
        session: Session,
        rules: Rules,
        case: Case,
        process: Process,
        runs: list[clocks.Run],
        run: clocks.Run,
    ) -> None:
        assert run.fires_at is not None
        clock = process.clock(run.name)
        told: Escalate | None
        refusal = ""
        if isinstance(clock.on_expiry, Fire):
            step = process.step(clock.on_expiry.step)
            at = run.started_at if clock.on_expiry.dated_back else run.fires_at
            act = self._bare_act(session, rules, case, process, step, {}, Role.TIMER, at, runs)
            act.runs = clocks.expire(runs, run)
            try:
                with session.begin_nested():
                    self._take(act)
            except GuardRefused as refused:
                session.refresh(case)
                told, refusal = clock.on_expiry.otherwise, refused.detail
            else:
                case.effective_at = max(case.effective_at, run.fires_at)
                session.flush()
                return
        else:
            told = clock.on_expiry
        step = Step(clock.name, clock.label, {}, (Role.TIMER,), law=clock.law)
        act = self._bare_act(
            session, rules, case, process, step, {}, Role.TIMER, run.fires_at, runs
        )
        act.source = act.target = case.state
        act.runs = clocks.expire(runs, run)
        breach = told.breach if told else "none"
        payload = {
            "clock": clock.name,
            "due": run.due_on.isoformat() if run.due_on else None,
            "breach": breach,
            "refused": refusal,
        }
        self._log(act, "breach", payload)
        if told:
            self._tell_of_breach(act, clock, run, told, refusal)
        _store_runs(act)
        _set_outlook(act)
        session.flush()

    def _tell_of_breach(
        self, act: Act, clock: Clock, run: clocks.Run, told: Escalate, refusal: str
    ) -> None:
        kind = "法定期限" if told.breach == "statute" else "承诺（内部）期限"
        law = f"（{clock.law}）" if clock.law and told.breach == "statute" else ""
        due = f"{run.due_on:%Y-%m-%d}" if run.due_on else ""
        put(
            act.session,
            act.case,
            key=f"breach/{act.case.id}/{run.name}/{run.number}",
            kind="breach",
            to=told.to.value,
            subject=f"超期：{act.case.number} {clock.label}",
            body=f"{act.process.label}（{act.case.number}）的{kind}“{clock.label}”已于{due}届满{law}，"
            f"当前状态：{act.process.state(act.case.state).label}。{refusal}",
            now=act.now,
        )

    # -- related cases -----------------------------------------------------------------------------

    def _open_related(self, act: Act, effect: OpenCase, data: dict[str, Any]) -> None:
        process, digest = self.versions.in_force(act.session, effect.process, act.day)
        filled = judged(process.form, data, what=process.label)
        filing = Filing(
            authority_id=act.case.authority_id,
            region=act.region,
            authority_code=act.authority.code,
            party_id=act.case.party_id,
            place_id=act.case.place_id,
            mandate=None,
            role=Role.RELATED,
        )
        case = self._new_case(process, digest, filing, act.at)
        case.family_id = act.case.family_id or act.case.id
        case.origin_id, case.origin_seq = act.case.id, act.case.head_seq + 1
        case.relation = effect.relation
        act.session.add(case)
        act.session.flush()
        self._begin(act.session, act.rules, case, process, filled, act.at, act.now, None, filing)
        act.opened[effect.relation] = case
        act.note("opened", {"relation": effect.relation, "case": case.number})

    def _move_related(self, act: Act, effect: MoveRelated, data: dict[str, Any]) -> None:
        case = act.related(effect.relation)
        if case is None:
            raise GuardRefused(
                [Refusal("no_related_case", f"没有可以办理“{effect.step}”的关联案件")]
            )
        process = self.versions.by_digest(act.session, case.version_digest)
        self._let_fall_due(act.session, case, process, act.at)
        step = _step_in_state(process, case, effect.step)
        filled = judged(step.form, data, what=f"“{step.label}”")
        moved = self._automatic(act, case, process, step, filled, Role.RELATED, act.at)
        moved.officers = act.officers
        self._take(moved)
        act.note("moved", {"relation": effect.relation, "case": case.number, "step": step.name})

    # -- cases come to life --------------------------------------------------------------------------

    def _new_case(self, process: Process, digest: str, filing: Filing, at: datetime) -> Case:
        return Case(
            # The number carries the row's own key, so it needs no counter and no lock.
            number=f"{filing.authority_code}-{process.code}-{secrets.token_hex(8)}",
            tracking_code=secrets.token_urlsafe(12),
            process=process.key,
            version_digest=digest,
            state=process.initial,
            tracks={},
            version=0,
            data={},
            authority_id=filing.authority_id,
            party_id=filing.party_id,
            place_id=filing.place_id,
            relation="",
            opened_at=at,
            effective_at=at,
            awaiting=[],
            head_seq=0,
            head_hash=FIRST,
        )

    def _begin(
        self,
        session: Session,
        rules: Rules,
        case: Case,
        process: Process,
        data: dict[str, Any],
        at: datetime,
        now: datetime,
        actor: Actor | None,
        filing: Filing,
    ) -> None:
        """The first log row and the clocks of the initial state."""
        case.number = f"{filing.authority_code}-{process.code}-{legal_date(at).year}-{case.id:06d}"
        act = self._bare_act(
            session, rules, case, process, _OPENING, data, filing.role, at, [], now=now
        )
        act.mandate = filing.mandate
        if actor:
            act.account_id = actor.account_id
            act.officers = (Officer(actor.person_id, actor.name, ""),)
            act.channel = "网上" if filing.mandate else "窗口"
        act.target = process.initial
        case.data = act.data
        act.runs = self._moved(act, process.clocks)
        self._open_tracks(act)
        self._log(act, "open", {"input": data})
        _store_runs(act)
        _set_outlook(act)
        session.flush()

    # -- helpers ---------------------------------------------------------------------------------------

    def _once(
        self, actor: Actor, key: str | None, request: Any, work: Callable[[Session], Outcome]
    ) -> Outcome:
        """Do the work once per idempotency key of an account; the same key gives the same reply."""
        if key is None:
            return self.database.in_transaction(work)
        digest = sha256(canonical(request).encode()).hexdigest()

        def guarded(session: Session) -> Outcome:
            mine = {"account_id": actor.account_id, "key": key}
            fresh = session.scalar(
                insert(IdempotentReply)
                .values(**mine, request_digest=digest, created_at=self.time.now())
                .on_conflict_do_nothing()
                .returning(IdempotentReply.key)
            )
            row = session.get_one(IdempotentReply, (actor.account_id, key))
            if not fresh:
                if row.request_digest != digest:
                    raise KeyReused("同一请求标识（Idempotency-Key）不能用于不同的内容")
                return Outcome(**row.reply)
            outcome = work(session)
            row.reply = asdict(outcome)
            return outcome

        return self.database.in_transaction(guarded)

    def _locked(self, session: Session, number: str, step: str | None) -> tuple[Case, Process]:
        """The case, locked together with the relatives that the step, or a clock, may move."""
        found = session.execute(
            select(Case.id, Case.family_id, Case.version_digest).where(Case.number == number)
        ).one_or_none()
        if found is None:
            raise NotFound(f"没有编号为“{number}”的案件")
        process = self.versions.by_digest(session, found.version_digest)
        wanted = Case.id == found.id
        relations = _relations_touched(process, step)
        if relations:
            family = found.family_id or found.id
            wanted = wanted | ((Case.family_id == family) & Case.relation.in_(relations))
        cases = session.scalars(
            select(Case)
            .where(wanted)
            .order_by(Case.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        return next(case for case in cases if case.id == found.id), process

    def _held(self, session: Session, case: Case, actor: Actor, days: list[date]) -> Capacity:
        held = capacity(session, actor.person_id, actor.name, case, days)
        if not held.posts and not held.mandate:
            raise NotFound(f"没有编号为“{case.number}”的案件")
        return held

    def _act(
        self,
        session: Session,
        rules: Rules,
        case: Case,
        process: Process,
        step: Step,
        given: dict[str, Any],
        at: datetime,
        now: datetime,
        held: Capacity,
        runs: list[clocks.Run],
    ) -> Act | None:
        """The act of a person, or None if the step is not for this person."""
        role = held.role_for(step)
        if role is None:
            return None
        act = self._bare_act(session, rules, case, process, step, given, role, at, runs, now=now)
        act.officers = (_officer(held, act.day),)
        if role is Role.APPLICANT:
            act.mandate, act.channel = held.mandate, "网上"
        else:
            act.channel = "窗口"
        return act

    def _bare_act(
        self,
        session: Session,
        rules: Rules,
        case: Case,
        process: Process,
        step: Step,
        given: dict[str, Any],
        role: Role,
        at: datetime,
        runs: list[clocks.Run],
        *,
        now: datetime | None = None,
    ) -> Act:
        return Act(
            session=session,
            rules=rules,
            versions=self.versions,
            public_url=self.public_url,
            case=case,
            process=process,
            step=step,
            input=given,
            at=at,
            now=now or self.time.now(),
            role=role,
            officers=(),
            account_id=None,
            mandate=None,
            channel="系统",
            runs=runs,
        )

    def _automatic(
        self,
        act: Act,
        case: Case,
        process: Process,
        step: Step,
        given: dict[str, Any],
        role: Role,
        at: datetime,
    ) -> Act:
        """An act that follows from another one, in the same transaction."""
        return self._bare_act(
            act.session, act.rules, case, process, step, given, role, at,
            _runs(act.session, case), now=act.now,
        )  # fmt: skip

    def _judge_person(
        self, session: Session, case: Case, step: Step, held: Capacity, act: Act
    ) -> None:
        reasons = _cannot_sign(held, step, act.day)
        apart = separation(session, case, step, held.person_id)
        reasons += [apart] if apart else []
        if reasons:
            raise GuardRefused(reasons)

    def _refuse_if_guarded(self, act: Act, step: Step) -> None:
        known = facts.gather(act, step)
        refused = [r for guard in step.guards if (r := guard.judge(known)) is not None]
        if refused:
            raise GuardRefused(refused)

    def _leave_for_second(
        self,
        session: Session,
        case: Case,
        step: Step,
        filled: dict[str, Any],
        at: datetime,
        now: datetime,
        actor: Actor,
    ) -> None:
        statement = insert(PendingSignature).values(
            case_id=case.id,
            case_version=case.version,
            step=step.name,
            input=filled,
            effective_at=at,
            person_id=actor.person_id,
            account_id=actor.account_id,
            signed_at=now,
        )
        written = session.scalar(statement.on_conflict_do_nothing().returning(PendingSignature.id))
        if written is None:
            raise SecondSignatureProblem("已有一份等待第二人确认的记录：请确认该记录，不要重复填写")


def _outcome(case: Case, *, awaits_signature: bool = False) -> Outcome:
    return Outcome(case.number, case.state, case.version, case.tracking_code, awaits_signature)


def _legal_instant(
    given: date | datetime | None, now: datetime, *, earliest: Case | None
) -> datetime:
    """The legal instant of an act. A bare date keeps the order of acts within that day."""
    if given is None:
        at = now
    elif isinstance(given, datetime):
        if given.tzinfo is None:
            raise BadDate("办理时间须带时区，例如 2026-01-05T09:30:00+08:00")
        at = given
    elif given == legal_date(now):
        at = now
    else:
        at = start_of(given)
        if earliest and legal_date(earliest.effective_at) == given:
            at = max(at, earliest.effective_at)
    if at > now:
        raise BadDate("办理日期不能晚于今天")
    if earliest is not None:
        if at < earliest.opened_at:
            raise BadDate(f"办理日期不能早于立案日期 {legal_date(earliest.opened_at):%Y-%m-%d}")
        if at < earliest.effective_at:
            raise BadDate(
                f"办理日期不能早于本案已办理事项的日期 {legal_date(earliest.effective_at):%Y-%m-%d}"
            )
    return at


def _steps_of_state(process: Process, case: Case) -> list[Step]:
    here = {case.state, *case.tracks.values()}
    steps = (*process.steps, *(s for track in process.tracks for s in track.steps))
    return [
        step
        for step in steps
        if here & set(step.moves) and not (set(step.by) <= {Role.TIMER, Role.RELATED})
    ]


def _step_in_state(process: Process, case: Case, name: str) -> Step:
    try:
        step = process.step(name)
    except KeyError:
        raise StepNotOfState(f"{process.label}没有步骤“{name}”") from None
    track = process.track_of(name)
    at = case.tracks.get(track.name) if track else case.state
    if at not in step.moves:
        state = process.state(at or case.state).label
        raise StepNotOfState(f"当前状态为“{state}”，不能办理“{step.label}”")
    return step


def _relations_touched(process: Process, step: str | None) -> set[str]:
    """Relations of cases moved by the step, by any clock's step, or by a join."""
    every = (*process.steps, *(s for track in process.tracks for s in track.steps))
    return {
        relation
        for one in every
        if one.name == step or any(role.automatic for role in one.by)
        for relation in one.touches
    }


def _not_for(step: Step) -> Refusal:
    roles = "、".join(role.label for role in step.by)
    return Refusal("not_your_role", f"“{step.label}”由{roles}办理")


def _cannot_sign(held: Capacity, step: Step, day: date) -> list[Refusal]:
    if step.two_officers and held.certificate_on(day) is None:
        return [
            Refusal(
                "certificate_invalid",
                f"{held.name}在 {day:%Y-%m-%d} 没有有效的执法证件",
                "《行政处罚法》第四十二条",
            )
        ]
    return []


def _officer(held: Capacity, day: date) -> Officer:
    return Officer(held.person_id, held.name, held.certificate_on(day) or "")


def _person_name(session: Session, pending: PendingSignature) -> str:
    from casework.actors import name_of

    return name_of(session, pending.person_id)


def _all_clocks(process: Process) -> tuple[Clock, ...]:
    return (*process.clocks, *(c for track in process.tracks for c in track.clocks))


def _track_name(act: Act) -> str | None:
    track = act.process.track_of(act.step.name)
    return track.name if track else None


def _runs(session: Session, case: Case) -> list[clocks.Run]:
    rows = session.scalars(
        select(CaseClock).where(CaseClock.case_id == case.id).order_by(CaseClock.id)
    )
    return [
        clocks.Run(
            name=row.name,
            number=row.run,
            status=row.status,
            started_at=row.started_at,
            stops=tuple(
                clocks.Stopped(
                    s["kind"],
                    s["label"],
                    date.fromisoformat(s["first"]),
                    date.fromisoformat(s["last"]) if s["last"] else None,
                )
                for s in row.stops
            ),
            extended=row.extended,
            edition=row.edition,
            due_on=row.due_on,
            fires_at=row.fires_at,
            ended_at=row.ended_at,
            derivation=row.derivation,
        )
        for row in rows
    ]


def _store_runs(act: Act) -> None:
    """Write the runs that changed; a run is known by clock and number."""
    rows = {
        (row.name, row.run): row
        for row in act.session.scalars(select(CaseClock).where(CaseClock.case_id == act.case.id))
    }
    for run in act.runs:
        values = {
            "status": run.status,
            "started_at": run.started_at,
            "stops": [
                {
                    "kind": s.kind,
                    "label": s.label,
                    "first": s.first.isoformat(),
                    "last": s.last.isoformat() if s.last else None,
                }
                for s in run.stops
            ],
            "extended": run.extended,
            "edition": run.edition,
            "due_on": run.due_on,
            "fires_at": run.fires_at,
            "ended_at": run.ended_at,
            "derivation": run.derivation,
        }
        row = rows.get((run.name, run.number))
        if row is None:
            act.session.add(CaseClock(case_id=act.case.id, name=run.name, run=run.number, **values))
        else:
            for name, value in values.items():
                if getattr(row, name) != value:
                    setattr(row, name, value)


def _set_outlook(act: Act) -> None:
    """What the case waits for, and when something falls due next."""
    case = act.case
    live = [run for run in act.runs if run.live]
    case.due_on = min((run.due_on for run in live if run.due_on), default=None)
    case.next_due = min(
        (run.fires_at for run in live if run.status == clocks.RUNNING and run.fires_at),
        default=None,
    )
    waiting = {
        role.value
        for step in _steps_of_state(act.process, case)
        if not step.optional
        for role in step.by
        if not role.automatic
    }
    case.awaiting = sorted(waiting)


def _said(run: clocks.Run) -> dict[str, Any]:
    """A run as its log row tells it."""
    return {
        "name": run.name,
        "run": run.number,
        "status": run.status,
        "started_at": run.started_at.isoformat(),
        "due": run.due_on.isoformat() if run.due_on else None,
        "edition": run.edition,
        "extended": run.extended,
    }
