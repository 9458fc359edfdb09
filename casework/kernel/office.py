"""The one door (一步一事务): every step of every case, whoever asks, goes through `Office`.

It locks the case and its relatives, refuses strangers and a stale version, lets what fell due
happen first, checks state, post, input, and what keeps this officer out, and then takes the step
(`engine`): all of it in one transaction, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, aliased

from casework.acts import backfilling, electronic, legal_dates
from casework.acts.act import COUNTER, ONLINE, Act, Context, Execution, Officer
from casework.acts.actors import (
    Actor,
    Involvement,
    conflict_of_interest,
    in_force,
    involvement_of,
    mandate_present,
    may_file,
    own_interest,
    recused,
    recused_among,
    representing_among,
    separation,
    sides_with,
)
from casework.acts.arrival import Arrival
from casework.acts.backfilling import OnPaper
from casework.acts.clock_repository import ClockRepository
from casework.acts.deliveries import entry_of, papers_in, waiting
from casework.acts.dossier import dossier_of, forget_all
from casework.acts.foresight import Foreseen, foreseen
from casework.acts.journal import COUNTED
from casework.acts.legal_dates import act_instant, entry_time, legal_instant
from casework.acts.successions import successors
from casework.common.database import Database, is_held
from casework.common.inputs import judged, tidied, typed
from casework.common.problems import (
    BadDate,
    BadInput,
    CaseBusy,
    GuardRefused,
    NotAllowed,
    NotFound,
    SecondSignatureProblem,
    StaleVersion,
)
from casework.common.timekeeping import SystemTime, Timekeeper, legal_date
from casework.kernel import engine
from casework.kernel.doors import families_moved
from casework.kernel.falling_due import fire_due_timers
from casework.kernel.filing import Presence, file_application, with_subject
from casework.kernel.idempotency import Outcome, once
from casework.kernel.leads import open_by_officer
from casework.kernel.savepoints import savepoint
from casework.kernel.turning_back import turn_back
from casework.models import (
    Authority,
    Backfill,
    Case,
    ElectronicService,
    LogRow,
    PendingSignature,
    Person,
    Post,
)
from casework.rules.counting import CalendarUnknown
from casework.rules.rule_cache import RuleCache
from casework.rules.versions import VersionCache, as_released
from state_machines.door import acts
from state_machines.language.vocabulary import (
    LegalDay,
    Process,
    RecordService,
    Refusal,
    Role,
    Step,
)

__all__ = ["Office", "Outcome", "Verdict"]

_Result = TypeVar("_Result")
_CERTIFICATE_LAW = "《行政处罚法》第四十二条"
_LONGEST_REASON = 400
# One window of the authority takes in and serves; that it decides is the authority's to delegate.
_DELEGATION_LAW = "《行政许可法》第二十六条第一款、第三十七条"
_RECUSAL_LAW = "《行政处罚法》第四十三条"


# Statements that every step sends, put together once.
_ITSELF = aliased(Case)
_FAMILY = (
    select(func.coalesce(_ITSELF.family_id, _ITSELF.id))
    .where(_ITSELF.number == bindparam("number"))
    .scalar_subquery()
)
_LOCK_ELDEST = select(Case.id).where(Case.id == _FAMILY).with_for_update(of=Case, skip_locked=True)
_OF_FAMILY = (Case.id == _FAMILY) | (Case.family_id == _FAMILY)


def _locking(which: ColumnElement[bool]) -> Select[tuple[Case]]:
    return (
        select(Case)
        .where(which)
        .order_by(Case.id)
        .with_for_update(of=Case)
        .execution_options(populate_existing=True)
    )


_LOCK_FAMILY = _locking(_OF_FAMILY)


@dataclass(frozen=True)
class Opening:
    """What somebody says who opens a case, as `Office.open_case` takes it."""

    process: str
    data: Any
    party: str | None
    mandate: int | None
    effective_at: date | datetime | None


@dataclass(frozen=True)
class Verdict:
    """Whether a step may be taken now by this person, and if not, every reason.

    `roles` are those that may take it in the present state;
    `awaits_signature`: a first officer has signed, and the second one's confirmation is awaited;
    `at_counter`: this person, a clerk, may take it for the party if somebody of it is present.
    """

    step: Step
    roles: tuple[Role, ...]
    reasons: tuple[Refusal, ...]
    awaits_signature: bool
    at_counter: bool

    @property
    def allowed(self) -> bool:
        """Whether nothing stands against it, as far as can be said without its input."""
        return not self.reasons


class Office:
    """The back office over one database. `time` is injected; QR codes carry `public_url`.

    `machine` is the clock by which programs are watched; only a demo's `time` differs from it.
    """

    def __init__(
        self,
        database: Database,
        time: Timekeeper,
        *,
        public_url: str,
        machine: Timekeeper | None = None,
    ) -> None:
        self.database = database
        self.time = time
        self.machine = machine or SystemTime()
        self.public_url = public_url.rstrip("/")
        self.rules = RuleCache()
        self.versions = VersionCache()

    def open_case(
        self,
        process: str,
        data: Any,
        actor: Actor,
        *,
        party: str | None = None,
        mandate: int | None = None,
        effective_at: date | datetime | None = None,
        backfill: OnPaper | None = None,
        key: str | None = None,
    ) -> Outcome:
        """Open a case for the party the actor acts for (`party`: its code, if there are several).

        At the counter a clerk opens it for the party under whose `mandate` somebody is present.
        What officers open is against the `party`, and may bear an earlier date. An old case on
        paper, opened under its `backfill`, waits until a second person confirms that.

        Raises a Problem: BadInput, NotAllowed, Misconfigured, BadDate.
        """
        opening = Opening(process, data, party, mandate, effective_at)

        def work(session: Session) -> Outcome:
            context = self.context(session)
            if backfill is not None:
                return self._leave_opening(context, opening, actor, backfill)
            return _outcome(self._begin(context, opening, actor))

        request = {
            "open": process,
            "data": data,
            "party": party,
            "mandate": mandate,
            "at": str(effective_at),
            **({"backfill": asdict(backfill)} if backfill else {}),
        }
        return self._once(actor, key, request, work)

    def open_confirmed(self, session: Session, row: Backfill, second: Actor) -> Case:
        """Open the old case whose opening waits under a `Backfill`, as the second person confirms.

        Raises SecondSignatureProblem if nothing waits or the same person entered it, and as
        `open_case` does.
        """
        said = row.opening
        if not said:
            raise SecondSignatureProblem("没有等待复核的立案，请刷新后查看")
        if said["person_id"] == second.person_id:
            raise _by_another()
        context = self.context(session)
        row = backfilling.open_backfill(session, row.id, row.authority_id, context.now)
        name = session.get_one(Person, said["person_id"]).name
        first = Actor(said["account_id"], said["person_id"], name)
        under = backfilling.of_opening(row, said["numbers"], first.person_id, second.person_id)
        given = {**said["opening"]}
        at = given.pop("effective_at")
        opening = Opening(**given, effective_at=_as_given(at))
        case = self._begin(replace(context, backfill=under), opening, first)
        row.case_id, row.opening = case.id, None
        return case

    def _leave_opening(
        self, context: Context, opening: Opening, actor: Actor, said: OnPaper
    ) -> Outcome:
        """Let the opening of an old case wait for a second person, once it was tried."""
        session = context.session
        owner = session.scalar(select(Backfill.authority_id).where(Backfill.id == said.id))
        held = session.scalars(
            select(Post.authority_id).where(
                Post.person_id == actor.person_id, in_force(legal_date(context.now), Post)
            )
        ).all()
        mine = owner if owner is not None and owner in held else 0
        row = backfilling.open_backfill(session, said.id, mine, context.now)
        if row.kind != backfilling.PAPER or row.case_id or row.opening:
            text = "立案只能用于还没有对应案件的旧案补录，每项补录一件"
            raise backfilling.refused("backfill_another_case", text)
        under = backfilling.of_opening(row, said.numbers, actor.person_id)
        with savepoint(session, keep=False):
            case = self._begin(replace(context, draft=True, backfill=under), opening, actor)
            if case.authority_id != row.authority_id:
                raise NotFound(f"本机关没有第{row.id}号专项补录")
        at = opening.effective_at
        row.opening = {
            "person_id": actor.person_id,
            "account_id": actor.account_id,
            "numbers": dict(said.numbers),
            "opening": {**asdict(opening), "effective_at": at.isoformat() if at else None},
        }
        return Outcome("", "", 0, "", awaits_signature=True)

    def _begin(self, context: Context, opening: Opening, actor: Actor) -> Case:
        """Open a case for the actor."""
        session, mandate = context.session, opening.mandate
        at = legal_instant(opening.effective_at, context.now, None)
        day, today = legal_date(at), legal_date(context.now)
        declared, digest = self.versions.in_force(session, opening.process, day)
        tidy = tidied(declared.form, opening.data, what="申请表")
        whole = with_subject(session, declared, tidy)
        filled = judged(declared.form, whole, what="申请表", today=today)
        if Role.APPLICANT in declared.opened_by:
            if context.backfill:
                raise BadInput(
                    "当事人的申请由窗口按其实际日期录入，再以该案的编号开立旧案补录，不在补录中立案"
                )
            presence = Presence(opening.party, mandate)
            filing = file_application(
                session, context.rules, declared, filled, actor, presence, day
            )
            if at != context.now and mandate is None:
                raise _only_now()
            execution = Execution(
                Role.APPLICANT,
                COUNTER if mandate else ONLINE,
                (Officer(actor.person_id, actor.name, ""),),
                actor.account_id,
                filing.mandate,
            )
        else:
            filing, execution = open_by_officer(
                session, context.rules, declared, filled, actor, opening.party, day, today
            )
            region = session.get_one(Authority, filing.authority_id).region
            late = (
                context.backfill.outside(day)
                if context.backfill
                else legal_dates.opening_refusals(context.rules, at, context.now, region)
            )
            if late:
                raise GuardRefused(late)
        relation = declared.key if declared.about else ""
        return engine.create_case(
            context, declared, digest, filing, filled, at, execution, relation=relation
        )

    def advance(
        self,
        number: str,
        step: str,
        input: Any,
        actor: Actor,
        *,
        version: int,
        mandate: int | None = None,
        effective_at: date | datetime | None = None,
        backfill: OnPaper | None = None,
        key: str | None = None,
    ) -> Outcome:
        """Take a step of a case at `version`; `effective_at` is its legal date, by default now.

        At the counter a clerk takes the party's steps under the `mandate` of whoever is present.
        With a step that wants two officers, and with any that is entered afterwards under a
        `backfill` (专项补录), the act stays pending until `sign`; an electronic delivery (电子送达)
        until `serve_arrived`.
        Raises a Problem that says what is wrong; then nothing has changed.
        """

        def work(session: Session) -> Outcome:
            context = self.context(session)
            act = self._prepared(
                context, number, step, input, actor, version, effective_at, mandate, backfill
            )
            if act.step.two_officers or backfill:
                if against := engine.refusals(act):
                    raise GuardRefused(against)
                if not act.step.two_officers:
                    self._try(act)
                self._leave_for_second(act, actor, backfill)
                return _outcome(act.case, awaits_signature=True)
            if electronic.awaits_arrival(act):
                if against := engine.refusals(act):
                    raise GuardRefused(against)
                self._try(act)
                electronic.leave(act)
                return _outcome(act.case, awaits_arrival=True)
            engine.execute(act)
            return _outcome(act.case)

        request = {
            "case": number,
            "step": step,
            "input": input,
            "version": version,
            "mandate": mandate,
            "at": str(effective_at),
            **({"backfill": asdict(backfill)} if backfill else {}),
        }
        return self._once(actor, key, request, work)

    def foresee(
        self,
        number: str,
        step: str,
        input: Any,
        actor: Actor,
        *,
        version: int,
        mandate: int | None = None,
        effective_at: date | datetime | None = None,
        backfill: OnPaper | None = None,
    ) -> Foreseen:
        """What taking the step would bring about: documents as drafts (文书草稿) without numbers,
        and limits with their last days.

        The step is taken and rolled back, so what is foreseen is what will be. Raises as `advance`
        does.
        """
        return self._rehearsed(
            actor,
            lambda context: self._prepared(
                context, number, step, input, actor, version, effective_at, mandate, backfill
            ),
        )

    def foresee_signature(self, number: str, step: str, actor: Actor, *, version: int) -> Foreseen:
        """What the second officer's signature would bring about. Raises as `sign` does."""
        return self._rehearsed(
            actor, lambda context: self._countersigned(context, number, step, actor, version)[0]
        )

    def advance_for_public(self, number: str, step: str, input: Any) -> None:
        """Take a step that anybody may take, without an account (公众), as of now.

        Raises NotFound if the case does not wait for the public, BadInput, GuardRefused.
        """

        def work(session: Session) -> None:
            context = self.context(session)
            # Asked before the case is locked: nobody learns of a case that is not public.
            case = session.scalar(select(Case).where(Case.number == number))
            if case is None or not self._open_to_public(session, case, step):
                raise _no_case(number)
            case, cases, process = self._locked(context, number, step)
            context = _in_order(context, cases)
            fire_due_timers(context, cases, context.now)
            if not self._open_to_public(session, case, step):
                raise _no_case(number)
            declared = engine.step_in_state(process, case, step)
            today = legal_date(context.now)
            filled = judged(declared.form, input, what=f"“{declared.label}”", today=today)
            execution = Execution(Role.PUBLIC, ONLINE)
            book = ClockRepository(session, case)
            engine.execute(
                Act(context, case, process, declared, filled, context.now, execution, book)
            )

        self.database.in_transaction(work)

    def _open_to_public(self, session: Session, case: Case, name: str) -> bool:
        """Whether anybody may take that step where the case stands."""
        process = self.versions.by_digest(session, case.version_digest)
        return any(
            step.name == name and Role.PUBLIC in engine.roles_now(process, case, step)
            for step in engine.steps_of_state(process, case)
        )

    def sign(
        self, number: str, step: str, actor: Actor, *, version: int, key: str | None = None
    ) -> Outcome:
        """Confirm, as the second officer, what the first one entered at the same version."""

        def work(session: Session) -> Outcome:
            act, pending = self._countersigned(self.context(session), number, step, actor, version)
            session.delete(pending)
            engine.execute(act)
            return _outcome(act.case)

        return self._once(actor, key, {"sign": number, "step": step, "version": version}, work)

    def serve_arrived(self, delivery: int, arrival: Arrival) -> bool:
        """Record an electronic delivery that has arrived, as the act of whoever asked for it and
        as of its arrival; gives whether it was still to be recorded. Raises as `advance` does."""

        def work(session: Session) -> bool:
            context = replace(self.context(session), arrival=arrival)
            row = session.get_one(ElectronicService, delivery)
            number = session.get_one(Case, row.case_id).number
            case, cases, process = self._locked(context, number, row.step)
            session.refresh(row)
            if electronic.State(row.state) not in electronic.OPEN:
                return False
            context = _in_order(context, cases)
            # What came in between may have its day later than the arrival: then it follows them.
            at = min(max(arrival.at, case.effective_at), context.now)
            fire_due_timers(context, cases, at)
            keys = electronic.to_record(session, process, case, row, arrival.at)
            if not keys:
                row.state, row.ended_at = electronic.State.OVERTAKEN.value, context.now
                row.outcome = electronic.SERVED_OTHERWISE
                return False
            declared = _recording(session, process, case, row)
            name = session.get_one(Person, row.person_id).name
            officers = (Officer(row.person_id, name, row.certificate),)
            execution = Execution(Role(row.role), COUNTER, officers, row.account_id)
            filled = {
                **row.input,
                "documents": keys,
                "place": row.address,
                "on": legal_date(min(arrival.at, context.now)).isoformat(),
            }
            at = max(at, case.effective_at)
            book = ClockRepository(session, case)
            engine.execute(Act(context, case, process, declared, filled, at, execution, book))
            row.state, row.ended_at = electronic.State.SERVED.value, context.now
            return True

        return self.database.in_transaction(work)

    def return_signature(
        self,
        number: str,
        step: str,
        reason: str,
        actor: Actor,
        *,
        version: int,
        key: str | None = None,
    ) -> Outcome:
        """Take back or send back (退回重填) what a first officer entered, so that it can be entered
        anew. The entry and the reason stay in the log (处罚法47).

        The case gets a new version: nobody confirms an entry that he has not seen.
        Raises SecondSignatureProblem if nothing waits at that version, NotAllowed for whoever
        may not take the step, BadInput without a reason.
        """

        def work(session: Session) -> Outcome:
            context = self.context(session)
            case, cases, process = self._locked(context, number)
            involvement = self._involvement(context, case, actor)
            context = _in_order(context, cases)
            at = context.now
            _by_now(context, case, cases)
            pending = _pending(session, case).get(step)
            if pending is None or version != case.version:
                raise _nothing_to_confirm()
            if actor.person_id in recused(session, case) and actor.person_id != pending.person_id:
                raise NotAllowed(f"{actor.name}已被决定回避，不能再办理本案", law=_RECUSAL_LAW)
            why = typed("reason", "退回原因", reason, most=_LONGEST_REASON)
            declared = engine.step_in_state(process, case, step)
            roles = engine.roles_now(process, case, declared)
            if pending.backfill and _supervises(involvement, at):
                officer = Officer(actor.person_id, actor.name, "")
                execution = Execution(Role.SUPERVISOR, COUNTER, (officer,), actor.account_id)
            else:
                execution = self._execution(
                    context, process, roles, declared, at, involvement, actor
                )
            track = process.track_of(step)
            place = case.tracks[track.name] if track else case.state
            book = ClockRepository(session, case)
            act = Act(context, case, process, declared, {}, at, execution, book, place, place)
            said = {"reason": why, "input": pending.input, "signed_by": pending.person_id}
            session.delete(pending)
            case.version += 1
            engine.write(act, "returned", said)
            return _outcome(case)

        request = {"return": number, "step": step, "reason": reason, "version": version}
        return self._once(actor, key, request, work)

    def enter(
        self,
        number: str,
        entry: Step,
        input: Any,
        actor: Actor,
        work: Callable[[Act], None],
        *,
        beside: Mapping[str, Any],
        key: str | None = None,
    ) -> Outcome:
        """Enter something into the file of a case beside its steps (入卷), as `entry` declares it.

        `work` keeps it and tells the log; `beside` is what comes with the input, such as a file.
        The case stays where it is but gets a new version: nobody decides or signs on a file that
        he has not seen. Raises as `advance` does, and BadInput once the case has ended.
        """

        def do(session: Session) -> Outcome:
            context, case, process = self.brought_up(session, number, actor)
            if not process.keeps_evidence:
                raise BadInput(f"{process.label}案件不设证据登记")
            involvement = self._involvement(context, case, actor)
            if case.ended_at is not None:
                raise BadInput("案件已办结，案卷不能再变动")
            at = context.now
            execution = self._execution(context, process, entry.by, entry, at, involvement, actor)
            today = legal_date(at)
            filled = judged(entry.form, input, what=f"“{entry.label}”", today=today) | dict(beside)
            book = ClockRepository(session, case)
            act = Act(
                context, case, process, entry, filled, at, execution, book, case.state, case.state
            )
            if against := [*self._against(act, involvement), *engine.refusals(act)]:
                raise GuardRefused(against)
            case.version += 1
            work(act)
            return _outcome(case)

        request = {"enter": number, "entry": entry.name, "input": input, "beside": dict(beside)}
        return self._once(actor, key, request, do)

    def brought_up(
        self, session: Session, number: str, actor: Actor
    ) -> tuple[Context, Case, Process]:
        """The case, locked with its relatives, once all that fell due by now has happened.

        Raises NotFound if it is none of the actor's business.
        """
        context = self.context(session)
        case, cases, process = self._locked(context, number)
        self._involvement(context, case, actor)
        context = _in_order(context, cases)
        _by_now(context, case, cases)
        return context, case, process

    def catch_up(self, case_id: int, *, skip_locked: bool = False) -> bool:
        """Let everything that fell due by now happen to one case.

        Gives False if there is no such case, if the papers of an old one are still being entered,
        or with `skip_locked` if somebody else holds it or one of its relatives.
        """

        def work(session: Session) -> bool:
            number = session.scalar(select(Case.number).where(Case.id == case_id))
            if number is None:
                return False
            # The eldest relative is locked first by everybody, so holding it is holding them all.
            if skip_locked and not session.scalar(_LOCK_ELDEST, {"number": number}):
                return False
            context = self.context(session)
            case, cases, _ = self._locked(context, number)
            return _by_now(context, case, cases)

        return self.database.in_transaction(work)

    def verdicts(self, session: Session, case: Case, actor: Actor) -> list[Verdict]:
        """Every step of the present state, with the reasons that stand against taking it now."""
        context = self.context(session)
        process = self.versions.by_digest(session, case.version_digest)
        involvement = involvement_of(session, actor.person_id, actor.name, case)
        pending = _pending(session, case)
        at = max(context.now, case.effective_at)
        book = ClockRepository(session, case)
        clerk = Role.WINDOW_CLERK in involvement.on((legal_date(at),)).roles
        found = []
        for step in engine.steps_of_state(process, case):
            first = pending.get(step.name)
            roles = engine.roles_now(process, case, step)
            counter = Role.APPLICANT in roles and clerk and not case.private
            try:
                if counter:
                    officer = Officer(actor.person_id, actor.name, "")
                    execution = Execution(Role.APPLICANT, COUNTER, (officer,), actor.account_id)
                else:
                    execution = self._execution(
                        context, process, roles, step, at, involvement, actor
                    )
            except NotAllowed as refused:
                reasons = [Refusal("not_your_role", refused.detail)]
                if first and first.backfill and _supervises(involvement, at):
                    reasons = self._against_second(session, case, involvement, at)
            else:
                act = Act(context, case, process, step, {}, at, execution, book, deciding=False)
                reasons = self._against(act, involvement)
                if first and first.person_id == actor.person_id:
                    reasons.append(Refusal("own_signature", "您已签名，等待另一名执法人员确认"))
                reasons += engine.refusals(act, with_input=False)
            found.append(Verdict(step, roles, tuple(reasons), first is not None, counter))
        return found

    def context(self, session: Session) -> Context:
        """What acts in this session stand on: the rules in force and the entry time."""
        rules = self.rules.current(session)
        now = self.time.now()
        return Context(session, rules, self.versions, self.public_url, now)

    def _once(
        self, actor: Actor, key: str | None, request: Any, work: Callable[[Session], Outcome]
    ) -> Outcome:
        return self._in_transaction(
            lambda session: once(session, actor.account_id, key, request, self.time.now(), work),
            actor,
        )

    def _in_transaction(self, work: Callable[[Session], _Result], actor: Actor) -> _Result:
        """As `Database.in_transaction`. Raises BadDate for a day that no calendar covers yet, and
        CaseBusy to those only who may know that there is such a case."""
        try:
            return self.database.in_transaction(work)
        except CaseBusy as busy:
            with self.database.session() as session:
                context = self.context(session)
                case = session.scalar(select(Case).where(Case.number == busy.number))
                if case is None:
                    raise _no_case(busy.number) from busy
                self._involvement(context, case, actor)
            raise
        except CalendarUnknown as unknown:
            raise BadDate(str(unknown)) from unknown

    def _locked(
        self, context: Context, number: str, step: str = ""
    ) -> tuple[Case, Sequence[Case], Process]:
        """The case and all its relatives, locked in order of id: a step may move them, and what it
        judges or prints of them must be as up to date as the case itself. With them those of other
        families that taking this step may move."""
        lock = _LOCK_FAMILY
        if tied := families_moved(context.session, number, step):
            others = Case.id.in_(tied) | Case.family_id.in_(tied)
            lock = _locking(_OF_FAMILY | others)
        try:
            cases = context.session.scalars(lock, {"number": number}).all()
        except DBAPIError as error:
            if is_held(error):
                raise CaseBusy(number) from error
            raise
        forget_all(context.session)  # what was read before is not what the lock found
        case = next((case for case in cases if case.number == number), None)
        if case is None:
            raise _no_case(number)
        return case, cases, self.versions.by_digest(context.session, case.version_digest)

    def _prepared(
        self,
        context: Context,
        number: str,
        step: str,
        input: Any,
        actor: Actor,
        version: int,
        effective_at: date | datetime | None,
        mandate: int | None,
        backfill: OnPaper | None,
    ) -> Act:
        """The act, with all that stands between a person and the guards settled."""
        case, cases, process = self._locked(context, number, step)
        involvement = self._involvement(context, case, actor)
        context = _in_order(context, cases)
        _refuse_stale(context.session, case, process, step, version)
        # The form may tell on which day it was, so it comes into one form before that is read.
        form = next((one.form for one in process.every_step if one.name == step), None)
        input = tidied(form, input, what=f"“{step}”")
        if backfill and mandate is not None:
            raise BadInput("当事人的事项以其实际办理的日期录入，不需要专项补录")
        entered = None
        if backfill:
            entered = backfilling.under(
                context.session, case, backfill, context.now, entered_by=actor.person_id
            )
        if mandate is not None and effective_at is not None:
            # What the party did in time undoes what its limit's end did.
            in_time = legal_instant(effective_at, context.now, None)
            turn_back(context, case, process, step, in_time)
        given = (effective_at, context.now, case, process, step, input)
        at = act_instant(*given, for_party=mandate is not None, backfilled=entered is not None)
        fire_due_timers(context, cases, at)
        declared = engine.step_in_state(process, case, step)
        at = act_instant(*given, for_party=mandate is not None, backfilled=entered is not None)
        roles = engine.roles_now(process, case, declared)
        if mandate is None:
            execution = self._execution(context, process, roles, declared, at, involvement, actor)
        else:
            execution = _at_counter(context, case, declared, roles, at, involvement, actor, mandate)
        if execution.channel == ONLINE and (at != context.now or entered):
            raise _only_now()
        context = replace(context, backfill=entered)
        today = legal_date(context.now)
        filled = judged(declared.form, input, what=f"“{declared.label}”", today=today)
        book = ClockRepository(context.session, case)
        act = Act(context, case, process, declared, filled, at, execution, book)
        if against := self._against(act, involvement):
            raise GuardRefused(against)
        return act

    def _countersigned(
        self, context: Context, number: str, step: str, actor: Actor, version: int
    ) -> tuple[Act, PendingSignature]:
        """The act that a first officer left, as the act of both, and what it was left in."""
        session = context.session
        case, cases, process = self._locked(context, number, step)
        second = self._involvement(context, case, actor)
        context = _in_order(context, cases)
        pending = _pending(session, case).get(step)
        if pending is None or version != case.version:
            raise _nothing_to_confirm()
        declared = engine.step_in_state(process, case, step)
        if pending.person_id == actor.person_id:
            raise (
                _by_another()
                if not declared.two_officers
                else SecondSignatureProblem(
                    "须由另一名执法人员确认，同一人不能以任何账号作第二签名", law=_CERTIFICATE_LAW
                )
            )
        at = pending.effective_at
        entered = None
        if pending.backfill:
            entered = backfilling.under(
                session,
                case,
                OnPaper(**pending.backfill),
                context.now,
                entered_by=pending.person_id,
                confirmed_by=actor.person_id,
            )
        elif acts.legal_day(as_released(process, declared)[1]) is LegalDay.ENTRY:
            at = legal_instant(None, context.now, case)
        fire_due_timers(context, cases, at)
        if version != case.version:  # what fell due between the two signatures
            raise _nothing_to_confirm()
        name = session.get_one(Person, pending.person_id).name
        first = involvement_of(session, pending.person_id, name, case)
        roles = engine.roles_now(process, case, declared)
        if entered:
            context = replace(context, backfill=entered)
        book = ClockRepository(session, case)
        if not declared.two_officers:
            # It is the act of one; another person confirms that it is what the paper says.
            self._judge_second(context, process, case, declared, second, actor)
            by = Actor(pending.account_id, pending.person_id, name)
            execution = self._execution(context, process, roles, declared, at, first, by)
            act = Act(context, case, process, declared, pending.input, at, execution, book)
            if against := self._against(act, first):
                raise GuardRefused(against)
            return act, pending
        hands = [
            self._execution(context, process, roles, declared, at, involvement, actor)
            for involvement in (first, second)
        ]
        both = replace(hands[0], officers=hands[0].officers + hands[1].officers)
        act = Act(context, case, process, declared, pending.input, at, both, book)
        if against := [*self._against(act, first), *self._against(act, second)]:
            raise GuardRefused(list(dict.fromkeys(against)))
        return act, pending

    def _judge_second(
        self,
        context: Context,
        process: Process,
        case: Case,
        step: Step,
        second: Involvement,
        actor: Actor,
    ) -> None:
        """Raise NotAllowed or GuardRefused unless somebody may confirm what another one enters
        afterwards: who may take the step today as well, or a supervisor of the authority."""
        if not _supervises(second, context.now):
            roles = engine.roles_now(process, case, step)
            self._execution(context, process, roles, step, context.now, second, actor)
        if against := self._against_second(context.session, case, second, context.now):
            raise GuardRefused(against)

    def _against_second(
        self, session: Session, case: Case, second: Involvement, now: datetime
    ) -> list[Refusal]:
        """What stands against this person confirming: a side in the case."""
        against = []
        if second.represents_on(legal_date(now)):
            own = conflict_of_interest(second.name)
            against.append(Refusal("own_case", own.detail, own.law))
        elif sides_with(session, case, second.person_id, [legal_date(now)]):
            against.append(own_interest(second.name))
        if second.person_id in recused(session, case):
            text = f"{second.name}已被决定回避，不能再办理本案"
            against.append(Refusal("recused", text, _RECUSAL_LAW))
        return against

    def _try(self, act: Act) -> None:
        """Take an act and take it back: whoever enters it learns at once what its letters lack,
        not only who confirms it."""
        with savepoint(act.session, keep=False):
            context = replace(act.context, draft=True)
            book = ClockRepository(act.session, act.case)
            engine.execute(
                Act(
                    context, act.case, act.process, act.step, act.input, act.at, act.execution, book
                )
            )

    def _rehearsed(self, actor: Actor, prepare: Callable[[Context], Act]) -> Foreseen:
        """What an act brings about that is taken and rolled back."""

        def work(session: Session) -> Foreseen:
            act = prepare(replace(self.context(session), draft=True))
            before, since = act.runs, act.case.head_seq
            engine.execute(act)
            found = foreseen(act, before, since)
            session.expunge_all()
            session.rollback()
            return found

        return self._in_transaction(work, actor)

    def _involvement(self, context: Context, case: Case, actor: Actor) -> Involvement:
        """What the actor is to the case today; whoever is nothing to it does not learn of it."""
        involvement = involvement_of(context.session, actor.person_id, actor.name, case)
        state = self.versions.by_digest(context.session, case.version_digest).state(case.state)
        if not involvement.takes_part_on(
            legal_date(context.now), private=case.private, confidential=state.confidential
        ):
            raise _no_case(case.number)
        return involvement

    def _execution(
        self,
        context: Context,
        process: Process,
        roles: tuple[Role, ...],
        step: Step,
        at: datetime,
        involvement: Involvement,
        actor: Actor,
    ) -> Execution:
        """In which role, channel and mandate a person takes a step that is for `roles`. Raises
        NotAllowed if it is for others, now or on its legal date."""
        days = (legal_date(at), legal_date(context.now))
        track = process.track_of(step.name)
        capacity = involvement.on(days, track.name if track else None)
        role = next((role for role in roles if role in capacity.roles), None)
        if role is None:
            takers = "、".join(role.label for role in roles)
            raise NotAllowed(f"“{step.label}”由{takers}办理")
        certificate = involvement.certificate_on(legal_date(at)) or ""
        delegation = None
        if acts.needs_delegation(as_released(process, step)[1], role):
            region = context.session.get_one(Authority, involvement.owner_id).region
            ends = context.rules.value("licensing.delegation_ends_with_head", days[0], region)
            delegation = involvement.delegation_on(
                days, process.key, step.name, ends_with_head=bool(ends)
            )
        return Execution(
            role,
            ONLINE if role is Role.APPLICANT else COUNTER,
            (Officer(involvement.person_id, involvement.name, certificate),),
            actor.account_id,
            capacity.mandate if role is Role.APPLICANT else None,
            delegation,
        )

    def _against(self, act: Act, involvement: Involvement) -> list[Refusal]:
        """What stands against this person taking the step: a side in the case, no certificate,
        other duties."""
        against = []
        days = (act.day, legal_date(act.context.now))
        if act.execution.channel != ONLINE and any(map(involvement.represents_on, days)):
            own = conflict_of_interest(involvement.name)
            against.append(Refusal("own_case", own.detail, own.law))
        elif act.execution.channel != ONLINE and sides_with(
            act.session, act.case, involvement.person_id, days
        ):
            against.append(own_interest(involvement.name))
        _, released = as_released(act.process, act.step)
        if acts.needs_certificate(released, act.execution.role, act.input):
            # On the day of the act: whoever was there enters it, also once it has expired. A
            # signature of two is an act of its own day besides.
            asked = days if act.step.two_officers else (act.day,)
            bare = next((day for day in asked if involvement.certificate_on(day) is None), None)
            if bare:
                text = f"{involvement.name}在 {bare:%Y-%m-%d} 没有有效的执法证件"
                against.append(Refusal("certificate_invalid", text, _CERTIFICATE_LAW))
        if acts.needs_delegation(released, act.execution.role) and act.execution.delegation is None:
            text = (
                f"{involvement.name}没有在 {act.day} 有效、范围包括“{act.process.label}—"
                f"{act.step.label}”的书面授权，窗口不能作出决定：请转机关负责人决定，"
                "或者由系统管理员登记授权文书后办理"
            )
            against.append(Refusal("not_delegated", text, _DELEGATION_LAW))
        if act.execution.role is not Role.APPLICANT and involvement.person_id in recused(
            act.session, act.case
        ):
            text = f"{involvement.name}已被决定回避，不能再办理本案"
            against.append(Refusal("recused", text, _RECUSAL_LAW))
        if named := recused_among(act.session, act.case, _named_in(act.input)):
            text = f"{'、'.join(named)}已被决定回避，不能再承办、主持本案，请另行指定"
            against.append(Refusal("recused", text, _RECUSAL_LAW))
        if named := representing_among(act.session, act.case, _named_in(act.input), days):
            own = conflict_of_interest("、".join(named))
            against.append(Refusal("own_case", f"{own.detail}，请另行指定", own.law))
        if apart := separation(act.session, act.case, act.step, involvement.person_id):
            against.append(apart)
        return against

    def _leave_for_second(self, act: Act, actor: Actor, backfill: OnPaper | None = None) -> None:
        statement = insert(PendingSignature).values(
            case_id=act.case.id,
            case_version=act.case.version,
            step=act.step.name,
            input=act.input,
            effective_at=act.at,
            person_id=actor.person_id,
            account_id=actor.account_id,
            signed_at=act.context.now,
            backfill=asdict(backfill) if backfill else None,
        )
        written = act.session.scalar(
            statement.on_conflict_do_nothing().returning(PendingSignature.id)
        )
        if written is None:
            raise SecondSignatureProblem(
                "已有一份等待第二人确认的记录，请确认该记录；内容有误的，先退回重填"
            )


def _recording(session: Session, process: Process, case: Case, row: ElectronicService) -> Step:
    """The step of the case's present state that records a delivery: that which was asked for, or
    its sister if meanwhile something else is left to be served, or nothing more.

    Raises StepNotOfState if the case waits for no delivery of it.
    """
    asked = engine.step_in_state(process, case, row.step)
    for step in engine.steps_of_state(process, case):
        for effect in step.effects:
            if not isinstance(effect, RecordService) or effect.of != row.of:
                continue
            receipts = [*entry_of(case.data, effect.of)["receipts"], {"documents": row.papers}]
            left = waiting(papers_in(session, case, effect), receipts)
            if effect.kind == "receipt" and effect.completes is not bool(left):
                return step
    return asked


def _pending(session: Session, case: Case) -> dict[str, PendingSignature]:
    """What first officers have signed at the case's present version, by its step."""
    signatures = dossier_of(session, case).signatures
    return {
        signature.step: signature
        for signature in signatures
        if signature.case_version == case.version
    }


def _by_now(context: Context, case: Case, cases: Sequence[Case]) -> bool:
    """Let everything that fell due by now happen, unless the papers of an old case are still being
    entered: what they tell of came first. Gives whether it did."""
    due = any(one.next_due and one.next_due <= context.now for one in cases)
    if due and backfilling.papers_to_come(context.session, case, legal_date(context.now)):
        return False
    fire_due_timers(context, cases, context.now)
    return True


def _supervises(involvement: Involvement, now: datetime) -> bool:
    """Whether somebody supervises the authority of the case today."""
    return Role.SUPERVISOR in involvement.on((legal_date(now),)).roles


def _by_another() -> SecondSignatureProblem:
    return SecondSignatureProblem(
        "专项补录须由另一人对照纸质文书复核，同一人不能以任何账号复核自己的录入",
        law=backfilling.LAW,
    )


def _as_given(said: str | None) -> date | datetime | None:
    """A legal date as it was given, from how it was kept."""
    if said is None:
        return None
    return date.fromisoformat(said) if len(said) == 10 else datetime.fromisoformat(said)


def _in_order(context: Context, cases: Sequence[Case]) -> Context:
    """The same for an act that comes after all that was done on these cases. Raises ClockBehind."""
    return replace(context, now=entry_time(context.now, cases))


def _at_counter(
    context: Context,
    case: Case,
    step: Step,
    roles: tuple[Role, ...],
    at: datetime,
    clerk: Involvement,
    actor: Actor,
    mandate_id: int,
) -> Execution:
    """The execution by a clerk who takes a party's step for whoever is present under the mandate.

    Raises NotAllowed if the step is not the party's, the actor no clerk of the authority, or the
    mandate not one of this party that covers the act.
    """
    days = (legal_date(at), legal_date(context.now))
    if Role.APPLICANT not in roles:
        raise NotAllowed(f"“{step.label}”不是当事人的事项，不能代当事人办理")
    if Role.WINDOW_CLERK not in clerk.on(days).roles:
        raise NotAllowed("只有本机关的窗口人员可以代到场的当事人办理")
    mandate = mandate_present(context.session, mandate_id, days)
    if (
        mandate.party_id
        not in context.session.scalars(successors(case.party_id, legal_date(context.now))).all()
    ):
        raise NotAllowed("到场人员没有受本案当事人委托", law="《民法典》第一百六十五条")
    if not may_file(mandate):
        raise NotAllowed(
            f"授权委托书没有载明可以代为办理“{step.label}”", law="《民法典》第一百六十五条"
        )
    officer = Officer(clerk.person_id, clerk.name, "")
    return Execution(Role.APPLICANT, COUNTER, (officer,), actor.account_id, mandate)


def _named_in(given: Mapping[str, Any]) -> Iterator[str]:
    """The accounts of those whom a form makes handlers, or the chair of a hearing."""
    yield from given.get("handlers", ())
    yield from given.get("inspectors", ())
    yield from given.get("collectors", ())
    if chair := given.get("chair"):
        yield chair


def _outcome(
    case: Case, *, awaits_signature: bool = False, awaits_arrival: bool = False
) -> Outcome:
    return Outcome(
        case.number,
        case.state,
        case.version,
        case.tracking_code,
        awaits_signature,
        awaits_arrival,
    )


def _refuse_stale(session: Session, case: Case, process: Process, step: str, version: int) -> None:
    """Raise StaleVersion if something has happened since `version` that the step depends on.

    Tracks run side by side: what happened in the other ones only is no reason to start over.
    """
    if version == case.version:
        return
    track = process.track_of(step)
    if track and version < case.version:
        headers = session.scalars(
            select(LogRow.header).where(LogRow.case_id == case.id).order_by(LogRow.seq.desc())
        )
        steps = [header for header in headers if header["kind"] in COUNTED]
        since = {header["track"] for header in steps[: case.version - version]}
        if None not in since and track.name not in since:
            return
    raise StaleVersion(
        f"案件已由他人办理至第 {case.version} 步，请刷新后重试", current=case.version
    )


def _nothing_to_confirm() -> SecondSignatureProblem:
    return SecondSignatureProblem("没有等待确认的签名：案件可能已有新的办理情况，请刷新后查看")


def _no_case(number: str) -> NotFound:
    return NotFound(f"没有编号为“{number}”的案件")


def _only_now() -> BadDate:
    return BadDate("网上办理以系统收到的时间为准，不能填写其他日期")
