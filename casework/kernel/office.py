"""The one door (一步一事务): every step of every case, whoever asks, goes through `Office`.

It locks the case and its relatives, refuses strangers and a stale version, lets what fell due
happen first, checks state, post, input, and what keeps this officer out, and then takes the step
(`engine`): all of it in one transaction, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts import backfilling, electronic, legal_dates
from casework.acts.act import COUNTER, ONLINE, Act, Context, Execution, Officer, act_beside
from casework.acts.actors import (
    Actor,
    involvement_of,
    recused,
)
from casework.acts.arrival import Arrival
from casework.acts.backfilling import OnPaper
from casework.acts.clock_repository import ClockRepository
from casework.acts.deliveries import entry_of, papers_in, waiting
from casework.acts.foresight import Foreseen, foreseen
from casework.acts.journal import COUNTED, OPENED
from casework.acts.legal_dates import act_instant, entry_time, legal_instant
from casework.common.database import Database
from casework.common.inputs import judged, tidied, typed
from casework.common.problems import (
    BadDate,
    BadInput,
    CaseBusy,
    GuardRefused,
    NotAllowed,
    StaleVersion,
    no_such_case,
)
from casework.common.timekeeping import SystemTime, Timekeeper, legal_date
from casework.kernel import engine
from casework.kernel.falling_due import fire_due_timers
from casework.kernel.idempotency import Outcome, once
from casework.kernel.locking import LOCK_ELDEST, locked
from casework.kernel.opening import Opening, begin, leave_opening
from casework.kernel.savepoints import savepoint
from casework.kernel.signatures import (
    countersigned,
    leave_for_second,
    nothing_to_confirm,
    signatures_of,
)
from casework.kernel.turning_back import turn_back
from casework.kernel.who_acts import (
    RECUSAL_LAW,
    against_confirming,
    against_taking,
    execution_at_counter,
    execution_of,
    involvement_in,
    supervises,
)
from casework.models import (
    Case,
    ElectronicService,
    LogRow,
    PendingSignature,
    Person,
)
from casework.rules.counting import CalendarUnknown
from casework.rules.rule_cache import RuleCache
from casework.rules.versions import VersionCache
from state_machines.language.vocabulary import (
    Process,
    RecordService,
    Refusal,
    Role,
    Step,
)

__all__ = ["Office", "Outcome", "Verdict"]

_Result = TypeVar("_Result")
_LONGEST_REASON = 400


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
                leave_opening(context, opening, actor, backfill)
                return Outcome("", "", 0, "", awaits_signature=True)
            return replace(_outcome(begin(context, opening, actor)), seq=OPENED)

        request = {
            "open": process,
            "data": data,
            "party": party,
            "mandate": mandate,
            "at": str(effective_at),
            **({"backfill": asdict(backfill)} if backfill else {}),
        }
        return self._once(actor, key, request, work)

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
                leave_for_second(act, actor, backfill)
                return _outcome(act.case, awaits_signature=True)
            if electronic.awaits_arrival(act):
                if against := engine.refusals(act):
                    raise GuardRefused(against)
                self._try(act)
                electronic.leave(act)
                return _outcome(act.case, awaits_arrival=True)
            return _executed(act)

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
                raise no_such_case(number)
            case, cases, process = locked(context, number, step)
            context = _in_order(context, cases)
            fire_due_timers(context, cases, context.now)
            if not self._open_to_public(session, case, step):
                raise no_such_case(number)
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
            return _executed(act)

        return self._once(actor, key, {"sign": number, "step": step, "version": version}, work)

    def serve_arrived(self, delivery: int, arrival: Arrival) -> bool:
        """Record an electronic delivery that has arrived, as the act of whoever asked for it and
        as of its arrival; gives whether it was still to be recorded. Raises as `advance` does."""

        def work(session: Session) -> bool:
            context = replace(self.context(session), arrival=arrival)
            row = session.get_one(ElectronicService, delivery)
            number = session.get_one(Case, row.case_id).number
            case, cases, process = locked(context, number, row.step)
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
            case, cases, process = locked(context, number)
            involvement = involvement_in(context, case, actor)
            context = _in_order(context, cases)
            at = context.now
            _by_now(context, case, cases)
            pending = signatures_of(session, case).get(step)
            if pending is None or version != case.version:
                raise nothing_to_confirm()
            if actor.person_id in recused(session, case) and actor.person_id != pending.person_id:
                raise NotAllowed(f"{actor.name}已被决定回避，不能再办理本案", law=RECUSAL_LAW)
            why = typed("reason", "退回原因", reason, most=_LONGEST_REASON)
            declared = engine.step_in_state(process, case, step)
            roles = engine.roles_now(process, case, declared)
            if pending.backfill and supervises(involvement, at):
                officer = Officer(actor.person_id, actor.name, "")
                execution = Execution(Role.SUPERVISOR, COUNTER, (officer,), actor.account_id)
            else:
                execution = execution_of(context, process, roles, declared, at, involvement, actor)
            track = process.track_of(step)
            place = case.tracks[track.name] if track else case.state
            book = ClockRepository(session, case)
            act = Act(context, case, process, declared, {}, at, execution, book, place, place)
            said = {"reason": why, "input": pending.input, "signed_by": pending.person_id}
            session.delete(pending)
            case.version += 1
            engine.write(act, "returned", said)
            return replace(_outcome(case), seq=case.head_seq)

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
            involvement = involvement_in(context, case, actor)
            if case.ended_at is not None:
                raise BadInput("案件已办结，案卷不能再变动")
            at = context.now
            execution = execution_of(context, process, entry.by, entry, at, involvement, actor)
            today = legal_date(at)
            filled = judged(entry.form, input, what=f"“{entry.label}”", today=today) | dict(beside)
            act = act_beside(context, case, process, entry, execution, filled)
            if against := [*against_taking(act, involvement), *engine.refusals(act)]:
                raise GuardRefused(against)
            case.version += 1
            work(act)
            return _outcome(case)

        request = {"enter": number, "entry": entry.name, "input": input, "beside": dict(beside)}
        return self._once(actor, key, request, do)

    def brought_up(
        self, session: Session, number: str, actor: Actor | None
    ) -> tuple[Context, Case, Process]:
        """The case, locked with its relatives, once all that fell due by now has happened; for
        nobody but the house itself without an actor.

        Raises NotFound if it is none of the actor's business.
        """
        context = self.context(session)
        case, cases, process = locked(context, number)
        if actor is not None:
            involvement_in(context, case, actor)
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
            if skip_locked and not session.scalar(LOCK_ELDEST, {"number": number}):
                return False
            context = self.context(session)
            case, cases, _ = locked(context, number)
            return _by_now(context, case, cases)

        return self.database.in_transaction(work)

    def verdicts(self, session: Session, case: Case, actor: Actor) -> list[Verdict]:
        """Every step of the present state, with the reasons that stand against taking it now."""
        context = self.context(session)
        process = self.versions.by_digest(session, case.version_digest)
        involvement = involvement_of(session, actor.person_id, actor.name, case)
        pending = signatures_of(session, case)
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
                    execution = execution_of(context, process, roles, step, at, involvement, actor)
            except NotAllowed as refused:
                reasons = [Refusal("not_your_role", refused.detail)]
                if first and first.backfill and supervises(involvement, at):
                    reasons = against_confirming(session, case, involvement, at)
            else:
                act = Act(context, case, process, step, {}, at, execution, book, deciding=False)
                reasons = against_taking(act, involvement)
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
                    raise no_such_case(busy.number) from busy
                involvement_in(context, case, actor)
            raise
        except CalendarUnknown as unknown:
            raise BadDate(str(unknown)) from unknown

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
        """The act, with all that stands between a person and the guards settled. Raises as
        `advance` does."""
        case, cases, process = locked(context, number, step)
        involvement = involvement_in(context, case, actor)
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
            execution = execution_of(context, process, roles, declared, at, involvement, actor)
        else:
            execution = execution_at_counter(
                context, case, declared, roles, at, involvement, actor, mandate
            )
        if execution.channel == ONLINE and (at != context.now or entered):
            raise legal_dates.only_now()
        context = replace(context, backfill=entered)
        today = legal_date(context.now)
        filled = judged(declared.form, input, what=f"“{declared.label}”", today=today)
        book = ClockRepository(context.session, case)
        act = Act(context, case, process, declared, filled, at, execution, book)
        if against := against_taking(act, involvement):
            raise GuardRefused(against)
        return act

    def _countersigned(
        self, context: Context, number: str, step: str, actor: Actor, version: int
    ) -> tuple[Act, PendingSignature]:
        """The act that waits for the actor's signature, and what it was left in."""
        case, cases, process = locked(context, number, step)
        second = involvement_in(context, case, actor)
        context = _in_order(context, cases)
        return countersigned(context, process, case, cases, step, actor, second, version)

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


def _by_now(context: Context, case: Case, cases: Sequence[Case]) -> bool:
    """Let everything that fell due by now happen, unless the papers of an old case are still being
    entered: what they tell of came first. Gives whether it did."""
    due = any(one.next_due and one.next_due <= context.now for one in cases)
    if due and backfilling.papers_to_come(context.session, case, legal_date(context.now)):
        return False
    fire_due_timers(context, cases, context.now)
    return True


def _in_order(context: Context, cases: Sequence[Case]) -> Context:
    """The same for an act that comes after all that was done on these cases. Raises ClockBehind."""
    return replace(context, now=entry_time(context.now, cases))


def _executed(act: Act) -> Outcome:
    """Take the step; its row comes before those of what follows by itself."""
    seq = act.case.head_seq + 1
    engine.execute(act)
    return replace(_outcome(act.case), seq=seq)


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
