"""One walk of the adversary: a few acts in a town, lawful and unlawful ones in turn.

What stands in the logs afterwards is judged by the principles alone.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from casework.audit.case_book import books
from casework.audit.principles import Breach, CaseFile, breaches
from casework.audit.proof import verify_case
from casework.common.problems import GuardRefused, Problem
from casework.common.timekeeping import ZONE
from casework.kernel import late_entries
from casework.models import Case
from casework.parts.evidence import entering
from casework.parts.evidence.register import on_file
from casework.parts.same_act.distinguishing import distinguish
from state_machines.language.vocabulary import Process
from tests.adversary.attempts import Attempt, drawn_step, hand_in, lawful
from tests.adversary.moves import MOVES
from tests.support import exemptions, penalties
from tests.support.journeys import Numbers
from tests.support.signed import material_for
from tests.support.town import START, Town

# So many acts are tried; a walk of fewer accepted steps than `LEAST` says nothing.
_TRIES = 14
LEAST = 3
_ADVERSE = 0.4
_SLIPS = ("signed_receipt", "return_slip", "party_statement", "address_confirmation")


@dataclass
class Tally:
    """How often a move was tried, how often it passed its first guards, how often it was accepted,
    and by what it was refused."""

    tried: int = 0
    passed: int = 0
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)


@dataclass
class Walked:
    """What came of a walk: the steps that were accepted, as a story, and what the file breaks."""

    seed: int
    steps: int
    story: list[str]
    breaches: list[Breach]
    faults: list[str]

    @property
    def counts(self) -> bool:
        """Whether it got far enough to say something."""
        return self.steps >= LEAST

    def __str__(self) -> str:
        told = "\n  ".join(self.story)
        found = "\n  ".join(map(str, (*self.breaches, *self.faults)))
        return f"种子 {self.seed}：\n  {told}\n违反：\n  {found}"


class Walker:
    """Walks through a town with cases in every state, one seed after the other."""

    def __init__(self, town: Town, numbers: Numbers, take_back: Callable[[], None]) -> None:
        self.town, self._take_back = town, take_back
        self.tallies: dict[str, Tally] = {}
        self._beginnings = _beginnings(town, numbers)
        self._heads = self._read_heads()
        self._chance = Random(0)
        self._cast: list[str] = []
        self._story: list[str] = []
        self._steps = 0

    def walk(self, seed: int) -> Walked:
        """One walk; whatever was done is taken back afterwards."""
        self._chance = Random(seed)
        self._story, self._steps = [], 0
        self.town.time.instant = START
        number = self._chance.choice(self._beginnings)
        self._cast = [number]
        try:
            if self._chance.random() < 0.2:
                self._open_lead(number)
            for _ in range(_TRIES):
                self._act()
            broken, faults = self._judge()
        finally:
            self._take_back()
        return Walked(seed, self._steps, self._story, broken, faults)

    # -- acts --------------------------------------------------------------------------------------

    def _act(self) -> None:
        chance = self._chance
        if chance.random() < 0.2:
            self._let_time_pass()
        number = self._cast[-1] if chance.random() < 0.75 else chance.choice(self._cast)
        case = self.town.case(number)
        process = self._process(case)
        if chance.random() < 0.08:
            self._beside(case, process)
            return
        step = drawn_step(chance, process, case)
        if step is None:
            if case.ended_at is not None and len(self._cast) == 1:
                self._open_lead(number)
            return
        attempt = lawful(self.town, chance, process, case, step)
        move = ""
        if chance.random() < _ADVERSE:
            attempt.given = copy.deepcopy(attempt.given)
            # Most fit some steps only.
            drawn = chance.sample(list(MOVES.values()), len(MOVES))
            move = next((one.name for one in drawn if one.change(self.town, chance, attempt)), "")
        if (
            step.name in ("hold_hearing", "abandon_hearing", "adjourn_hearing")
            and chance.random() < 0.8
        ):
            self._go_to_hearing(case)
        done = self._count(move, lambda: self._take(attempt))
        if done:
            self._steps += 1
            self._tell(
                move,
                attempt.by + (f"+{attempt.second}" if attempt.second else ""),
                case,
                attempt.step,
                attempt.on,
            )
            self._meet(case)
        elif not move:
            self._let_time_pass()

    def _take(self, attempt: Attempt) -> None:
        self._prepare(attempt)
        for again in (True, False):
            version = self.town.case(attempt.case.number).version
            try:
                self.town.office.advance(
                    attempt.case.number,
                    attempt.step,
                    attempt.given,
                    self.town.people[attempt.by],
                    version=version,
                    effective_at=attempt.on,
                )
                break
            except GuardRefused as refused:
                codes = [one["code"] for one in refused.extra["reasons"]]
                item = material_for(attempt.step, codes)
                if "no_return_slip" in codes:
                    item = "return_slip"
                if not (again and item and attempt.papers):
                    raise
                hand_in(self.town, attempt, item)
        if attempt.second:
            self.town.office.sign(
                attempt.case.number, attempt.step, self.town.people[attempt.second], version=version
            )

    def _prepare(self, attempt: Attempt) -> None:
        """Materials that lawful steps want."""
        wanted = {"supply": "plans", "submit_rectification": "rectification_report"}
        if attempt.step == "supply" and attempt.case.process == "one_matter":
            wanted = {"supply": "staff_list"}
        if attempt.step in wanted:
            self.town.attach(attempt.case.number, wanted[attempt.step], by=attempt.by)
        elif attempt.step == "hand_in":
            self.town.attach(attempt.case.number, by=attempt.by)
        elif attempt.step == "end_execution" and attempt.papers:
            penalties.prove_end(self.town, attempt.case.number)

    def _beside(self, case: Case, process: Process) -> None:
        """What is done beside the steps of a case."""
        chance, town = self._chance, self.town
        deeds: dict[str, Callable[[], Any]] = {
            "撤回证据": lambda: self._withdraw_evidence(case),
            "补登证据": lambda: penalties.prove_end(town, case.number),
            "说明是另一行为": lambda: distinguish(
                town.office,
                town.people["handler1"],
                case.number,
                {
                    "case": chance.choice(self._cast),
                    "differs_in": ["时间"],
                    "statement": "不是同一个违法行为",
                },
            ),
            "准予补录": lambda: late_entries.permit(
                town.office,
                town.people[chance.choice(("supervisor", "allround"))],
                case.number,
                chance.choice([one.name for one in process.every_step]),
                town.time.now().date() - timedelta(days=chance.randint(1, 20)),
                "现场没有网络",
            ),
            "同一行为另案": lambda: self._open_lead(case.number),
        }
        name = chance.choice(sorted(deeds))
        if self._count(name, deeds[name]):
            self._tell(name, "", case, "", None)

    def _withdraw_evidence(self, case: Case) -> None:
        with self.town.session() as session:
            items = [one for one in on_file(session, case) if one.case_id == case.id]
        for item in items:
            entering.withdraw(
                self.town.office,
                self.town.people["handler1"],
                case.number,
                item.n,
                {"replaces": item.version, "reason": "不再使用"},
            )

    def _open_lead(self, number: str) -> None:
        """Another case against the party of a case, mostly for what that one is about; or of long
        ago."""
        chance, town = self._chance, self.town
        case = town.case(number)
        process = chance.choice(("penalty", "penalty", "simple_penalty", "first_offence_exemption"))
        same = case.data.get("application", {})
        lead = exemptions.lead() if process == "first_offence_exemption" else penalties.lead()
        today = town.time.now().date().isoformat()
        data = {**lead, **penalties.another_act(town), "filed_on": today}
        move = ""
        if chance.random() < 0.6 and "act_on" in same:
            data |= {
                name: same[name]
                for name in ("found_on", "act_on", "address", "violation")
                if name in same
            }
            move = "同一行为另案"
        if process != "penalty":
            data.pop("filed_on")
        on: date | None = None
        if chance.random() < 0.3:
            on = town.time.now().date() - timedelta(days=chance.choice((1, 2, 5, 20)))
            move = "立案日期提前"

        def opened() -> None:
            made = town.office.open_case(
                process, data, town.people["handler1"], party=exemptions.FIRM, effective_at=on
            )
            self._cast.append(made.number)

        if self._count(move, opened):
            self._steps += 1
            self._tell(move, "handler1", town.case(self._cast[-1]), "立案", on)

    def _let_time_pass(self) -> None:
        days = self._chance.choice((0, 1, 1, 3, 6, 8, 11, 16, 40))
        self.town.time.pass_(days=days, hours=self._chance.choice((0, 0, 3)))
        self._story.append(f"过 {days} 日")
        for number in self._cast:
            self.town.office.catch_up(self.town.case(number).id)

    def _go_to_hearing(self, case: Case) -> None:
        names = [n for n in ("schedule_hearing", "adjourn_hearing") if n in case.data]
        if names:
            on = date.fromisoformat(case.data[names[-1]]["on"])
            wanted = datetime(on.year, on.month, on.day, 9, tzinfo=ZONE)
            self.town.time.instant = max(self.town.time.instant, wanted)

    def _meet(self, case: Case) -> None:
        """Cases that came of it join the cast."""
        with self.town.session() as session:
            found = session.scalars(
                select(Case.number).where(Case.origin_id == case.id).order_by(Case.id)
            ).all()
        for number in found:
            if number not in self._cast:
                self._cast.insert(0, number)

    def _count(self, move: str, deed: Callable[[], Any]) -> bool:
        """Try it, and enter in the tally of its move what came of it."""
        tally = self.tallies.setdefault(move or "（依法办理）", Tally())
        tally.tried += 1
        try:
            with self.town.session():  # both signatures, or none
                deed()
        except Problem as problem:
            codes = [one["code"] for one in problem.extra.get("reasons", ())] or [problem.type]
            own = MOVES[move].guards if move in MOVES else frozenset()
            tally.refused.update(codes)
            tally.passed += not own.intersection(codes)
            return False
        tally.passed += 1
        tally.accepted += 1
        return True

    # -- judging -----------------------------------------------------------------------------------

    def _judge(self) -> tuple[list[Breach], list[str]]:
        """Every case whose log has grown, by its file alone."""
        moved = [key for key, seq in self._read_heads().items() if self._heads.get(key) != seq]
        found: list[Breach] = []
        faults: list[str] = []
        if not moved:
            return found, faults
        office = self.town.office
        with self.town.session() as session:
            rules = office.rules.current(session)
            for book in books(session, moved).values():
                process = office.versions.by_digest(session, book.case.version_digest)
                found += breaches(CaseFile(book, process, session, rules))
                faults += map(str, verify_case(session, book.case, office.versions))
        return found, faults

    def _read_heads(self) -> dict[int, int]:
        with self.town.session() as session:
            return dict(session.execute(select(Case.id, Case.head_seq)).tuples().all())

    def _process(self, case: Case) -> Process:
        with self.town.session() as session:
            return self.town.office.versions.by_digest(session, case.version_digest)

    def _tell(self, move: str, by: str, case: Case, step: str, on: date | None) -> None:
        told = f"{case.process} {case.number} {step} {by}"
        if on:
            told += f" 日期 {on}"
        self._story.append(told + (f" 【{move}】" if move else ""))


def _beginnings(town: Town, numbers: Numbers) -> list[str]:
    """Cases to begin with: those that are not over, penalties and checks more often."""
    found: list[str] = []
    for (process, _), number in sorted(numbers.items()):
        case = town.case(number)
        if case.ended_at is not None and process not in ("penalty", "simple_penalty"):
            continue
        weight = {"penalty": 4, "simple_penalty": 2, "commitment_check": 3, "instant_licence": 2}
        found += [number] * weight.get(process, 1)
    return found
