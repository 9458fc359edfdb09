"""One act underway: what the facts, effects and documents of a step look at."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from casework.acts.arrival import Arrival
from casework.acts.backfilling import Backfilled
from casework.acts.clock_repository import ClockRepository
from casework.acts.clocks import Run
from casework.acts.dossier import Dossier, dossier_of
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs
from casework.models import Authority, Case, Delegation, Document, Mandate, Party, Place
from casework.models.base import Base
from casework.rules.rule_cache import Rules
from casework.rules.versions import VersionCache
from rulebook.models import DocumentKind
from state_machines.language.step_names import F
from state_machines.language.vocabulary import Process, Role, Step


@dataclass(frozen=True)
class Context:
    """The context of all acts of one transaction. `now` is the entry time of them all.

    A `draft` transaction is rolled back: its documents bear no number. What is entered afterwards
    is entered under a `backfill`, with all that it causes. An electronic delivery is recorded by
    the `arrival` that its gateway reported.
    """

    session: Session
    rules: Rules
    versions: VersionCache
    public_url: str
    now: datetime
    draft: bool = False
    arrival: Arrival | None = None
    backfill: Backfilled | None = None


@dataclass(frozen=True)
class Officer:
    """A person who takes the step, as named in log and documents."""

    person_id: int
    name: str
    certificate: str


# Ways in which an act reaches the case (办理渠道).
ONLINE, COUNTER, BY_ITSELF = "网上", "窗口", "系统"


@dataclass(frozen=True)
class Execution:
    """Who takes a step (`officers`, in which `role`), through which channel, on whose behalf.

    At the counter a clerk takes the steps of a party whose representative or agent is present:
    the officer is the clerk, the mandate is of whoever is present. What the window decides in the
    place of the head it decides under a `delegation`.
    """

    role: Role
    channel: str
    officers: tuple[Officer, ...] = ()
    account_id: int | None = None
    mandate: Mandate | None = None
    delegation: Delegation | None = None


def by_itself(role: Role) -> Execution:
    """The execution by the engine: a clock, a related case or a join."""
    return Execution(role, BY_ITSELF)


@dataclass
class Act:
    """A step on its way through one transaction.

    `at` is the legal instant. `caused`, `opened` and `issued` collect what the step did, and
    `rows` what of it is written together with its log row;
    `clock` names the clock that took it by law, and `by_law` says that it came of such a step;
    `deciding` is false while it is only looked at;
    `issuing` is the document being made.
    """

    context: Context
    case: Case
    process: Process
    step: Step
    input: dict[str, Any]
    at: datetime
    execution: Execution
    book: ClockRepository
    source: str = ""
    target: str = ""
    clock: str | None = None
    by_law: bool = False
    deciding: bool = True
    caused: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    opened: dict[str, Case] = field(default_factory=dict)
    issued: list[Document] = field(default_factory=list)
    rows: list[Base] = field(default_factory=list)
    issuing: DocumentKind | None = None

    @property
    def session(self) -> Session:
        """The transaction's session."""
        return self.context.session

    @property
    def dossier(self) -> Dossier:
        """What the database holds of the case, this act not included."""
        return dossier_of(self.session, self.case)

    @property
    def rules(self) -> Rules:
        """The rules in force."""
        return self.context.rules

    @property
    def runs(self) -> list[Run]:
        """The runs of the case's clocks as they now are."""
        return list(self.book.runs)

    @cached_property
    def data(self) -> dict[str, Any]:
        """The latest input of each step, in the order in which they were last taken."""
        data = {name: given for name, given in self.case.data.items() if name != self.step.name}
        return {**data, self.step.name: self.input}

    @cached_property
    def inputs(self) -> Inputs:
        """The same as the forms of these steps, each read once."""
        return Inputs(self.data)

    def filled(self, form: type[F]) -> F:
        """What was filled in at this very step, as that form; whoever asks about steps of several
        forms asks for what they have in common."""
        return self.inputs.of(form, self.input)

    @property
    def before(self) -> Inputs:
        """What had been filled in before this step was taken."""
        return Inputs(self.case.data)

    @property
    def day(self) -> date:
        """The legal date."""
        return legal_date(self.at)

    @cached_property
    def authority(self) -> Authority:
        """The authority that owns the case, or in whose name the act is (`in_name_of`)."""
        return self.session.get_one(Authority, self.case.authority_id)

    @cached_property
    def party(self) -> Party:
        """The party of the case."""
        return self.session.get_one(Party, self.case.party_id)

    @cached_property
    def place(self) -> Place | None:
        """The premises the case is about, if it is about any."""
        return self.session.get(Place, self.case.place_id) if self.case.place_id else None

    @property
    def matter(self) -> str | None:
        """What the act is about: the matter of its track, or of its process."""
        track = self.process.track_of(self.step.name)
        return (track.matter if track else "") or self.process.matter

    @property
    def region(self) -> str:
        """The region whose rules apply."""
        return self.authority.region

    @cached_property
    def dates(self) -> dict[str, date]:
        """The legal date of the latest of each step, this one included."""
        taken = {
            header["name"]: legal_date(datetime.fromisoformat(header["effective_at"]))
            for header in self.dossier.headers
            if header["kind"] in ("open", "step")
        }
        return {**taken, self.step.name: self.day}

    def latest(self, steps: Iterable[str]) -> str | None:
        """Which of these steps was taken last, before this one."""
        wanted = set(steps)
        return next((name for name in reversed(self.case.data) if name in wanted), None)

    def in_name_of(self, authority_id: int) -> Act:
        """The same act as a guest authority answers for it: its letterhead, rules and numbers."""
        if authority_id == self.authority.id:
            return self
        twin = copy(self)
        twin.authority = self.session.get_one(Authority, authority_id)
        return twin

    def related(self, relation: str) -> Case | None:
        """The case of the same family under that relation, the newest if there are several."""
        if relation in self.opened:
            return self.opened[relation]
        known = [relative.id for relative in self.dossier.family if relative.relation == relation]
        return self.session.get(Case, max(known)) if known else None

    def note(self, what: str, entry: dict[str, Any]) -> None:
        """Remember something the step caused, for its log row."""
        self.caused.setdefault(what, []).append(entry)


def act_beside(
    context: Context,
    case: Case,
    process: Process,
    entry: Step,
    execution: Execution,
    given: dict[str, Any] | None = None,
) -> Act:
    """An act beside the steps of a case, as of now: the case stays where it is."""
    at, book = max(context.now, case.effective_at), ClockRepository(context.session, case)
    return Act(
        context, case, process, entry, given or {}, at, execution, book, case.state, case.state
    )
