"""The words in which a procedure is declared (程序的词汇).

A process file composes these values top to bottom; nothing here knows a database, a clock or HTTP.
Chinese labels are for people and never part of a version's hash (see `canonical`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Literal, get_type_hints

from pydantic import BaseModel

JsonObject = Mapping[str, Any]
# A field that came later: at its default a version's JSON leaves it out, so that no hash moves.
LATER: Mapping[str, bool] = {"later": True}
Breach = Literal["statute", "promise", "none"]


class Role(StrEnum):
    """Who may take a step (职责). `timer`, `related` and `join` are never held by a person;
    `public` is whoever comes, without an account."""

    APPLICANT = "applicant"
    WINDOW_CLERK = "window_clerk"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    INSPECTOR = "inspector"
    CASE_HANDLER = "case_handler"
    LEGAL_REVIEWER = "legal_reviewer"
    HEARING_CHAIR = "hearing_chair"
    PANEL_MEMBER = "panel_member"
    ECO_REVIEWER = "eco_reviewer"
    ECO_APPROVER = "eco_approver"
    CREDIT_OFFICER = "credit_officer"
    PUBLICITY_OFFICER = "publicity_officer"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    TIMER = "timer"
    RELATED = "related"
    JOIN = "join"
    PUBLIC = "public"

    @property
    def label(self) -> str:
        """The Chinese name shown on pages and in documents."""
        return _ROLE_LABELS[self]

    @property
    def automatic(self) -> bool:
        """Whether nobody holds it towards a case: the engine itself acts (a clock, a related case's
        step, the end of tracks), or anybody at all."""
        return self in (Role.TIMER, Role.RELATED, Role.JOIN, Role.PUBLIC)


_ROLE_LABELS: Mapping[Role, str] = {
    Role.APPLICANT: "申请人",
    Role.WINDOW_CLERK: "窗口人员",
    Role.REVIEWER: "审查员",
    Role.APPROVER: "机关负责人",
    Role.INSPECTOR: "执法人员",
    Role.CASE_HANDLER: "承办人",
    Role.LEGAL_REVIEWER: "法制审核员",
    Role.HEARING_CHAIR: "听证主持人",
    Role.PANEL_MEMBER: "集体讨论成员",
    Role.ECO_REVIEWER: "生态环境审查员",
    Role.ECO_APPROVER: "生态环境机关负责人",
    Role.CREDIT_OFFICER: "信用管理员",
    Role.PUBLICITY_OFFICER: "公示管理员",
    Role.SUPERVISOR: "督办人员",
    Role.ADMIN: "系统管理员",
    Role.TIMER: "时限",
    Role.RELATED: "关联案件",
    Role.JOIN: "并联汇合",
    Role.PUBLIC: "公众",
}


@dataclass(frozen=True)
class State:
    """A state (状态). `unattended` says why a state that waits needs no actor or no clock.

    In a `private` state the case is its party's own paper: to officers it is not there yet. In a
    `confidential` one it is the authority's alone: its party does not learn of it. While it stands
    in one that is `veiled_as` another, its party and the public read that other one; this binds
    cases of every version.
    """

    name: str
    label: str
    end: bool = False
    private: bool = False
    unattended: str = ""
    confidential: bool = field(default=False, metadata=LATER)
    veiled_as: str = field(default="", metadata=LATER)


@dataclass(frozen=True)
class Refusal:
    """Why a guard refuses: stable code, reason in Chinese, article of law."""

    code: str
    text: str
    law: str = ""


@dataclass(frozen=True)
class Guard:
    """A pure rule over typed facts, known by `name@revision`.

    The code of a published revision never changes; a new rule is a new revision.
    `needs_input` marks a rule that can only be judged with the step's input at hand.
    """

    name: str
    revision: int
    rule: Callable[..., Refusal | None] = field(compare=False)
    facts: tuple[type, ...] = field(compare=False)
    needs_input: bool = field(default=False, compare=False)

    @property
    def key(self) -> str:
        """`name@revision`, as it stands in a version's canonical form."""
        return f"{self.name}@{self.revision}"

    def judge(self, known: Mapping[type, Any]) -> Refusal | None:
        """Apply the rule to the facts it names. Raises KeyError if one was not gathered."""
        return self.rule(*(known[kind] for kind in self.facts))


GUARDS: dict[str, Guard] = {}


def guard(
    revision: int = 1, *, needs_input: bool = False
) -> Callable[[Callable[..., Refusal | None]], Guard]:
    """Publish a function as a guard; the types of its parameters are the facts it reads. Raises
    ValueError if there is one of that name and revision."""

    def publish(rule: Callable[..., Refusal | None]) -> Guard:
        hints = get_type_hints(rule)
        hints.pop("return", None)
        made = Guard(rule.__name__, revision, rule, tuple(hints.values()), needs_input)
        if made.key in GUARDS:
            raise ValueError(f"guard {made.key} is declared twice")
        GUARDS[made.key] = made
        return made

    return publish


def applies(when: str, data: Mapping[str, Any]) -> bool:
    """Whether a condition on what the steps were given holds: `step.field` that it was filled in,
    `step.field=value` that it says that value or has it among what it says; with `!`, that not."""
    where, _, wanted = when.removeprefix("!").partition("=")
    step, _, name = where.partition(".")
    said = data.get(step, {}).get(name)
    met = wanted in (said if isinstance(said, list) else [said]) if wanted else bool(said)
    return bool(met) != when.startswith("!")


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a step causes, named here and carried out by the back office under `name@revision`.

    With `leaving` only when the step leaves that state (no promise, no check of it); with `when`
    only if that condition holds (`applies`).
    """

    leaving: str = ""
    when: str = ""

    @classmethod
    def key(cls) -> str:
        """`name@revision`, as it stands in a version's canonical form."""
        raise NotImplementedError


def _no_data() -> dict[str, str]:
    return {}


@dataclass(frozen=True)
class Issue(Effect):
    """Issue a document (出具文书) by its key in the rulebook."""

    document: str

    @classmethod
    def key(cls) -> str:
        return "issue@1"


@dataclass(frozen=True)
class OpenCase(Effect):
    """Open a related case (开立关联案件), once per parent and relation.

    `data` maps a field of the new case's form to where it comes from:
    `step.field` of this case, `@date` (legal date of this step), `@date:STEP` (of an earlier one),
    `@after:step.field` (the day after that date), `@term:KEY` (the last day of the rulebook limit
    KEY counted from this step's date, with `@term:KEY:step.field` from the day after that one),
    `=text` (that very text),
    `@no_earlier:KEY:step.field` (the same, or that date where it is later),
    `@next:MM-DD` (the next such day of a year, with `@next:MM-DD:step.field` after that date),
    `@since:CLOCK` (the day from which that clock runs), `@extended:CLOCK` (whether it was
    extended), `@case` (the number of this case),
    `@number:KEY` (the next number of document KEY) or `relation.field` of a case opened before it.
    It begins in `state`, or else in its process's initial one.
    """

    process: str
    relation: str
    data: Mapping[str, str] = field(default_factory=_no_data)
    state: str = ""

    @classmethod
    def key(cls) -> str:
        return "open_case@1"


@dataclass(frozen=True)
class OpenCaseOf(OpenCase):
    """Open a related case of another party than this one's: of whose code stands in `party`
    (`step.field`)."""

    party: str = ""

    @classmethod
    def key(cls) -> str:
        return "open_case_of@1"


@dataclass(frozen=True)
class MoveRelated(Effect):
    """Take a step of a related case (推动关联案件); its guards are asked as for any other.

    `data` fills that step's form, as in `OpenCase`.
    """

    relation: str
    step: str
    data: Mapping[str, str] = field(default_factory=_no_data)

    @classmethod
    def key(cls) -> str:
        return "move_related@1"


@dataclass(frozen=True)
class MoveIfItWaits(MoveRelated):
    """The same, of a case that may have come to its own end meanwhile: where it no longer stands
    in a state of that step, it is left as it is."""

    @classmethod
    def key(cls) -> str:
        return "move_if_it_waits@1"


@dataclass(frozen=True)
class Amend(Effect):
    """Change what the case's own application says (变更登记事项): `data` as in `OpenCase`.

    What it said before stays in the log. A clock anchored to a changed field is counted anew.
    """

    data: Mapping[str, str]

    @classmethod
    def key(cls) -> str:
        return "amend@1"


@dataclass(frozen=True)
class RecordCredit(Effect):
    """Write an event into the party's credit record (信用记录). `bars_promise` closes the promise
    route until the event is repaired."""

    kind: str
    label: str
    bars_promise: bool = False

    @classmethod
    def key(cls) -> str:
        return "record_credit@1"


@dataclass(frozen=True)
class RepairCredit(Effect):
    """Mark the bad records that a repair case (信用修复) is about as repaired; with `undone`, as in
    effect again. `source` (`step.field`) is where the number of the case they come from stands."""

    source: str = "application.source"
    undone: bool = False

    @classmethod
    def key(cls) -> str:
        return "repair_credit@1"


@dataclass(frozen=True)
class CorrectCredit(Effect):
    """Correct (更正) the item of the file whose number stands in `event` (`step.field`), or the
    items of these `kinds` that came of this very case."""

    event: str = "application.event"
    kinds: tuple[str, ...] = ()

    @classmethod
    def key(cls) -> str:
        return "correct_credit@1"


@dataclass(frozen=True, kw_only=True)
class ReclassCredit(Effect):
    """Put the items of these `kinds` that came of this very case into another class (改列类别):
    each is corrected, and written anew under `kind` as of its own day."""

    kinds: tuple[str, ...]
    kind: str
    label: str
    bars_promise: bool = False

    @classmethod
    def key(cls) -> str:
        return "reclass_credit@1"


@dataclass(frozen=True)
class ContinueParty(Effect):
    """Put down that the case's party continues the one whose code stands in `old` (`step.field`):
    the same subject under another code (主体代码变更). The old party is told as well."""

    old: str

    @classmethod
    def key(cls) -> str:
        return "continue_party@1"


@dataclass(frozen=True)
class TellFormer(Effect):
    """Tell the party whose code stands in `old` (`step.field`) that another claims to continue it,
    before anybody confirms that."""

    old: str

    @classmethod
    def key(cls) -> str:
        return "tell_former@1"


@dataclass(frozen=True)
class Notify(Effect):
    """Tell somebody (通知) through the outbox: `party`, or a role of the owning authority."""

    to: str

    @classmethod
    def key(cls) -> str:
        return "notify@1"


@dataclass(frozen=True)
class Publish(Effect):
    """Queue an entry for publication (公示), due within the rulebook limit `limit`."""

    register: str
    limit: str

    @classmethod
    def key(cls) -> str:
        return "publish@1"


@dataclass(frozen=True)
class Recuse(Effect):
    """Keep an officer out of this case and of those that come from it (回避): `officer` is where
    the account stands (`step.field`)."""

    officer: str

    @classmethod
    def key(cls) -> str:
        return "recuse@1"


@dataclass(frozen=True, kw_only=True)
class RecordService(Effect):
    """Keep what became of serving documents (送达), as the step's input tells it.

    `of` names what is served (`decision`, `notice`), or where several steps make the same document
    the one that made it; `documents` are the keys of those that must all reach the party. `kind` is
    a `receipt`, a failed `try`, an `announcement`, or `deemed`: its period has run out. A step that
    `completes` the service is taken only with the last receipt. Where it serves `corrected`
    versions, these count instead of what they correct.
    Clocks may be anchored to `service.OF.served_on`, the day of the last receipt that was needed,
    and to `service.OF.announced_on`.
    """

    of: str
    documents: tuple[str, ...]
    kind: Literal["receipt", "try", "announcement", "deemed"]
    completes: bool = False
    corrected: bool = False

    @classmethod
    def key(cls) -> str:
        return "record_service@1"


@dataclass(frozen=True)
class ScheduleInstalment(Effect):
    """Keep the day of the next instalment (分期) that is still owed after the step; a clock may be
    anchored to `instalments.next.due_on`."""

    @classmethod
    def key(cls) -> str:
        return "schedule_instalment@1"


@dataclass(frozen=True)
class KeepEvidence(Effect):
    """Keep what the step made in the evidence register (登记为证据): the `document` that it issues,
    or what the field `described` (`step.field`) tells of, such as a recording kept elsewhere."""

    kind: str
    title: str
    document: str = ""
    described: str = ""

    @classmethod
    def key(cls) -> str:
        return "keep_evidence@1"


@dataclass(frozen=True, kw_only=True)
class Withdraw(Effect):
    """Queue the withdrawal (撤回公示) of what was published in `register`, due within the rulebook
    limit `limit`; the `reasons` (`step.field`) are made public with it."""

    register: str
    limit: str
    reasons: str

    @classmethod
    def key(cls) -> str:
        return "withdraw@1"


@dataclass(frozen=True, kw_only=True)
class TakeDown(Effect):
    """Queue the end of what is shown (终止公示) in these `registers` of another case, whose number
    stands in `of` (`step.field`), due within the rulebook limit `limit`; `because` says why."""

    of: str
    registers: tuple[str, ...]
    limit: str
    because: str

    @classmethod
    def key(cls) -> str:
        return "take_down@1"


@dataclass(frozen=True, kw_only=True)
class Mark(Effect):
    """Mark the latest issue of these documents (标注): they stay as they are, and what became of
    them is shown beside."""

    documents: tuple[str, ...]
    label: str

    @classmethod
    def key(cls) -> str:
        return "mark@1"


@dataclass(frozen=True, kw_only=True)
class Correct(Effect):
    """Issue the corrected version (补正) of the one of these documents that the step's form names,
    under the same number; the former one is marked and kept."""

    documents: tuple[str, ...]

    @classmethod
    def key(cls) -> str:
        return "correct@1"


@dataclass(frozen=True, kw_only=True)
class BringInLine(Effect):
    """Bring in line with what now stands of the case's decision all that came of it (一并落空).

    Where the decision came to nothing, the items of these `kinds` that came of this very case are
    corrected; where a court gave it back its force, they are in effect again. Those of the `delays`
    are corrected also if nothing was paid late after all. `takes` (`process.step`) are the steps
    that other cases take: a licence is given back, or suspended for what is left of its time. A
    repair of a record that fell ends, whether they name it or not. Whoever is owed a refund, and
    whoever decided on the strength of the decision, is told.
    """

    kinds: tuple[str, ...] = ()
    delays: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()

    @classmethod
    def key(cls) -> str:
        return "bring_in_line@1"


@dataclass(frozen=True)
class Proceed(Effect):
    """Take, right after the step and by itself, the first of these `steps` of the case that its
    state knows and whose guards allow it (顺次办理); none is fine."""

    steps: tuple[str, ...]

    @classmethod
    def key(cls) -> str:
        return "proceed@1"


EFFECTS: Mapping[str, type[Effect]] = {
    kind.key(): kind
    for kind in (
        Amend,
        BringInLine,
        ContinueParty,
        Correct,
        CorrectCredit,
        Issue,
        KeepEvidence,
        Mark,
        MoveRelated,
        MoveIfItWaits,
        Notify,
        OpenCase,
        OpenCaseOf,
        Proceed,
        Publish,
        ReclassCredit,
        RecordCredit,
        RecordService,
        Recuse,
        RepairCredit,
        ScheduleInstalment,
        TellFormer,
        Withdraw,
        TakeDown,
    )
}


@cache
def schema(model: type[BaseModel]) -> JsonObject:
    """The JSON Schema of an input form, as it travels with the version of a process."""
    return model.model_json_schema()


class LegalDay(StrEnum):
    """Whose day a step bears as its legal date (办理日期).

    `entry`: the authority decides, tells or orders, on the day on which that is entered. `away`:
    officers act away from the desk, on a day and hour of their own. `others`: somebody else acted.
    `law`: the law acts by itself, at its due instant.
    """

    ENTRY = "entry"
    AWAY = "away"
    OTHERS = "others"
    LAW = "law"


@dataclass(frozen=True)
class Step:
    """A step (步骤): from and to, who, with which form, under which rules, causing what.

    `moves` maps each state it may be taken in to the state it leads to; `only` narrows, for some of
    these states, who of `by` may take it there.
    `two_officers`: the act stays pending until a second certified officer confirms it.
    `apart_from`: steps (`step`, or `process.step` of a related case) whose actors, by person,
    may not take this one. `optional`: a right somebody has, not what the case waits for;
    `optional_in`: so in these states only.
    `final`: pages ask for confirmation since it cannot be undone. So they do before a step that
    `asks`, which like a label is no part of the version, and before what `irrevocable` derives.
    `dated_by`: the field of its form that holds its legal date (a day of service), unless another
    one is given; where acts of a later date are already known, the order of entry is kept.
    `in_every_version`: cases of older versions are held to it as this release declares it
    (`transition`); what such a case moved by before is then kept in `formerly`: nothing, where its
    version had no such step.

    What follows binds cases of every version as the present release has it, so it is no part of a
    version's hash (`acts` says what holds where nothing is said). `legal_day`: whose day it bears;
    `entered_within`: the key of the limit by which an act away from the desk is entered, if another
    than usual. `certified`: when officers of enforcement take it, it is an act of enforcement, and
    not desk work that anybody may do. `waits_for`: the party's clocks that must have run before.
    `internal`: neither the step nor what it issues is shown to the party.
    """

    name: str
    label: str
    moves: Mapping[str, str]
    by: tuple[Role, ...]
    only: Mapping[str, tuple[Role, ...]] = field(default_factory=dict)
    form: JsonObject | None = None
    guards: tuple[Guard, ...] = ()
    effects: tuple[Effect, ...] = ()
    law: str = ""
    two_officers: bool = False
    apart_from: tuple[str, ...] = ()
    optional: bool = False
    optional_in: tuple[str, ...] = field(default=(), metadata={"later": True})
    final: bool = False
    dated_by: str = field(default="", metadata=LATER)
    in_every_version: bool = field(default=False, metadata=LATER)
    formerly: Mapping[str, str] | None = field(default=None, metadata=LATER)
    asks: bool = field(default=False, metadata=LATER)
    legal_day: LegalDay | None = field(default=None, metadata=LATER)
    entered_within: str = field(default="", metadata=LATER)
    certified: bool = field(default=True, metadata=LATER)
    waits_for: tuple[str, ...] = field(default=(), metadata=LATER)
    internal: bool = field(default=False, metadata=LATER)

    def awaited_in(self, state: str) -> bool:
        """Whether a case in that state waits for it."""
        return not self.optional and state in self.moves and state not in self.optional_in

    def roles_in(self, state: str) -> tuple[Role, ...]:
        """Who may take it in that state."""
        return self.only.get(state, self.by)

    @property
    def touches(self) -> frozenset[str]:
        """Relations of the cases that this step moves, and so must be locked with its own."""
        return frozenset(e.relation for e in self.effects if isinstance(e, MoveRelated))


def during(*states: str, to: str | None = None) -> dict[str, str]:
    """Moves out of several states: to one state, or each staying where it is."""
    return {state: to or state for state in states}


@dataclass(frozen=True)
class Stop:
    """A typed stop of a clock (中止): days in these states are not counted.

    Stops that name the same `alone` belong together: they stop the clock only while all of them are
    open, unless that rulebook key says that each does alone.

    Where the party was told the end of one (`end_told`) and a clock ends it, that day is the last
    that is not counted. This binds cases of every version.
    """

    kind: str
    label: str
    states: tuple[str, ...]
    alone: str = field(default="", metadata=LATER)
    end_told: bool = field(default=False, metadata=LATER)


@dataclass(frozen=True)
class Extension:
    """A clock may be extended (延长) once, by taking `step`, by the rulebook limit `limit`.

    `before` names a field of the opening form which says that this was done already, in the case
    that this one goes on from.
    """

    step: str
    limit: str
    before: str = field(default="", metadata=LATER)


@dataclass(frozen=True)
class Escalate:
    """Expiry tells `to`, and those `besides`, and is written down.

    `breach` says what it is: of a `statute`, of a `promise` or inner limit of the authority, or
    `none`: a party's time has run out, and it is the authority's turn.
    """

    to: Role
    breach: Breach = "statute"
    besides: tuple[Role, ...] = field(default=(), metadata=LATER)

    @property
    def told(self) -> tuple[Role, ...]:
        """Everybody who is told."""
        return (self.to, *self.besides)


@dataclass(frozen=True)
class Fire:
    """Expiry takes a step by law. `dated_back`: with the clock's first day as legal date.

    `otherwise` says what happens if a guard refuses the step.
    """

    step: str
    dated_back: bool = False
    otherwise: Escalate | None = None


@dataclass(frozen=True)
class Remind:
    """Remind `to` (`party` or a role) before the due date; `offsets` is a rulebook key (days)."""

    to: str
    offsets: str = "reminder.due"


@dataclass(frozen=True)
class Clock:
    """A time limit (时限).

    It starts with the legal date of the step that enters `runs_in` from outside, rests in the
    states of its `stops`, and ends when the case leaves both. A clock of the case itself may name
    states of its tracks too: it runs while the case is in one of them all. With `anchor`
    (`step.field`, a date) it counts from that date instead; `count_back` counts backwards from it.
    An anchor in `service` (`service.OF.served_on`, `announced_on`) or in `instalments`
    (`instalments.next.due_on`) may come later: until then it has no last day.
    Without a `limit` it is due on the anchor itself; a day of payment moves from a day of rest to a
    working day. `binds` says whose limit it is: a date told to a party is never made worse for it
    when the calendar changes.

    A `limit` may hold a field of choices in braces (`repair.minimum.{application.category}`); with
    `as_of_anchor` it is the edition in force on the anchor's day that counts, whenever it started.
    `instead`, a condition (as an effect's `when`) and a limit, is counted by that one if it holds.
    One that goes on `after_end` does so as long as its track does; every other ends with the case.

    `says` tells the party in words what its last `{day}` means to it (最迟 {day} 缴清罚没款);
    like a label it is no part of the version. Every clock that `concerns_party` has one.

    `in_every_version`: what it does on expiry holds for cases of older versions as this release
    declares it (`transition`); what such a version had it do is then kept in `formerly`.
    """

    name: str
    label: str
    runs_in: tuple[str, ...]
    on_expiry: Escalate | Fire
    limit: str | None = None
    law: str = ""
    stops: tuple[Stop, ...] = ()
    extension: Extension | None = None
    anchor: str | None = None
    count_back: bool = False
    binds: Literal["authority", "party"] = "authority"
    remind: tuple[Remind, ...] = ()
    as_of_anchor: bool = field(default=False, metadata=LATER)
    instead: tuple[str, ...] = field(default=(), metadata=LATER)
    after_end: bool = field(default=False, metadata=LATER)
    says: str = field(default="", metadata=LATER)
    in_every_version: bool = field(default=False, metadata=LATER)
    formerly: Escalate | Fire | None = field(default=None, metadata=LATER)

    @property
    def concerns_party(self) -> bool:
        """Whether its last day is one that the party must know: its own limit, or one that it is
        reminded of."""
        return self.binds == "party" or any(remind.to == "party" for remind in self.remind)


@dataclass(frozen=True)
class Track:
    """A parallel branch (并联分支), open while the case is in `opens_in`: a small flat machine.

    Its steps and clocks are its own. If another authority than the case's own is competent for its
    `matter` there, that one takes part in the case: in this track, and in nothing else of it.
    When the last track has ended, the first `join` step of the case whose guards allow it is taken
    in the same transaction. An `overlay` is waited for by nobody: it lies over the states it opens
    in, ends of the case among them, and never ends itself.
    """

    name: str
    label: str
    opens_in: tuple[str, ...]
    initial: str
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    clocks: tuple[Clock, ...] = ()
    matter: str = ""
    overlay: bool = field(default=False, metadata=LATER)


@dataclass(frozen=True)
class Binding:
    """An approval that binds what was approved (约束): a notice, a review's pass, a panel's minute.

    Whichever of `by` is taken fixes a digest of `parts` as the latest of `drafts` has them; a later
    draft, or a step of `lapses`, ends it. The steps `bound` may only be taken while it stands, and
    with the same parts, of which those named `milder` may be lighter. A step that carries one of
    the guards `unless` (by name) says that the case needs no such approval.
    """

    name: str
    label: str
    by: tuple[str, ...]
    drafts: tuple[str, ...]
    parts: tuple[str, ...]
    bound: tuple[str, ...]
    law: str = ""
    milder: tuple[str, ...] = ()
    lapses: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def dispensed_by(self, step: Step) -> bool:
        """Whether taking that step says that the case needs no such approval."""
        return any(guard.name in self.unless for guard in step.guards)


@dataclass(frozen=True, eq=False)
class Process:
    """A procedure (程序) as the law gives it, from `effective_from` on.

    `form` is what opens a case; its input is kept under the name `application`.
    `code` stands in case numbers. `matter` is what an authority is competent for, `materials` the
    list of what is to be handed in. An application `about` an existing case, by its relation,
    names it in a field of that name and belongs to its family, under its own process's key.
    `binds` are the approvals that bind its decisions.
    One that `keeps_evidence` has an evidence register beside its steps.
    """

    key: str
    code: str
    label: str
    effective_from: date
    law: str
    initial: str
    opened_by: tuple[Role, ...]
    form: JsonObject
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    clocks: tuple[Clock, ...] = ()
    tracks: tuple[Track, ...] = ()
    matter: str | None = None
    materials: str | None = None
    about: str = ""
    binds: tuple[Binding, ...] = field(default=(), metadata=LATER)
    keeps_evidence: bool = field(default=False, metadata=LATER)

    def state(self, name: str) -> State:
        """The state of that name, of the case or of a track. Raises KeyError."""
        return self._states[name]

    def step(self, name: str) -> Step:
        """The step of that name, of the case or of a track. Raises KeyError."""
        return self._steps[name]

    def clock(self, name: str) -> Clock:
        """The clock of that name, of the case or of a track. Raises KeyError."""
        return self._clocks[name]

    def track(self, name: str) -> Track:
        """The track of that name. Raises KeyError."""
        return self._tracks[name]

    def track_of(self, step: str) -> Track | None:
        """The track that a step belongs to, or None for a step of the case itself."""
        return self._track_of_step.get(step)

    @property
    def every_step(self) -> tuple[Step, ...]:
        """The steps of the case and of its tracks."""
        return tuple(self._steps.values())

    @property
    def every_clock(self) -> tuple[Clock, ...]:
        """The clocks of the case and of its tracks."""
        return tuple(self._clocks.values())

    def __post_init__(self) -> None:
        # Look-up tables beside the frozen fields: a step reads them many times.
        tracks = self.tracks
        put = object.__setattr__
        put(self, "_states", {s.name: s for s in (*self.states, *_of_tracks(tracks, "states"))})
        put(self, "_steps", {s.name: s for s in (*self.steps, *_of_tracks(tracks, "steps"))})
        put(self, "_clocks", {c.name: c for c in (*self.clocks, *_of_tracks(tracks, "clocks"))})
        put(self, "_tracks", {t.name: t for t in tracks})
        put(self, "_track_of_step", {s.name: t for t in tracks for s in t.steps})

    _states: Mapping[str, State] = field(init=False, repr=False, compare=False)
    _steps: Mapping[str, Step] = field(init=False, repr=False, compare=False)
    _clocks: Mapping[str, Clock] = field(init=False, repr=False, compare=False)
    _tracks: Mapping[str, Track] = field(init=False, repr=False, compare=False)
    _track_of_step: Mapping[str, Track] = field(init=False, repr=False, compare=False)


def _of_tracks(tracks: tuple[Track, ...], what: str) -> list[Any]:
    """What all of the tracks have of it, one after the other."""
    return [item for track in tracks for item in getattr(track, what)]
