"""One walk of the adversary: a few acts in a town, lawful and unlawful ones in turn.

What stands in the logs afterwards is judged by the principles alone.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from casework.audit.case_book import books
from casework.audit.case_file import CaseFile
from casework.audit.principles import Breach, breaches
from casework.audit.proof import verify_case
from casework.common.problems import GuardRefused, Problem
from casework.common.timekeeping import ZONE
from casework.kernel import late_entries
from casework.models import Case, CaseClock, Evidence
from casework.parts.evidence import entering
from casework.parts.evidence.register import on_file
from casework.parts.same_act.distinguishing import distinguish
from state_machines.door.gates import guards_of
from state_machines.language.vocabulary import Process, Step
from state_machines.parts.same_act.guards import act_is_fined_once, one_fine_is_in_force
from tests.adversary.attempts import (
    BEFORE,
    PENAL,
    Attempt,
    decides,
    drawn_step,
    hand_in,
    lawful,
    sentences,
    steps_of,
)
from tests.adversary.moves import BESIDE, MOVES, drawn_moves
from tests.support import exemptions, penalties
from tests.support.journeys import Numbers, supplement_of
from tests.support.penalties import hearing_on
from tests.support.signed import material_for, png
from tests.support.town import START, Town

# So many acts are tried; a walk of fewer accepted steps than `LEAST` says nothing.
_TRIES = 14
LEAST = 3
_ADVERSE = 0.4
# Before what ends in something adverse, more often than not.
_ADVERSE_BEFORE = 0.55
_ADVERSE_SENTENCE = 0.75
# How often a walk begins where measures are proposed or decided next, where something else that is
# adverse comes next, and anywhere.
_BEGINS = (0.45, 0.25, 0.3)
_SAME_ACT = "同一行为再办"
_LENIENT = ("first_offence_exemption",)
_RECUSAL = {"ground": "与案件有直接利害关系", "facts": "其配偶持有当事人的股份"}


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


@dataclass(frozen=True)
class Bias:
    """What a search is bent to: the cases that it begins with, by process and state, the moves
    that it tries, and the steps that it tries them at; empty for all."""

    begins: Collection[tuple[str, str]] = ()
    moves: Collection[str] = ()
    steps: Collection[str] = ()


_NO_BIAS = Bias()


class Walker:
    """Walks through a town with cases in every state, one seed after the other."""

    def __init__(self, town: Town, numbers: Numbers, take_back: Callable[[], None]) -> None:
        self.town, self._take_back = town, take_back
        self.tallies: dict[str, Tally] = {}
        self._numbers = numbers
        self._beginnings = _beginnings(town, numbers, self._process)
        self._heads = self._read_heads()
        self._chance = Random(0)
        self._bias = _NO_BIAS
        self._cast: list[str] = []
        self._again: set[str] = set()
        self._story: list[str] = []
        self._steps = 0

    def walk(self, seed: int, bias: Bias = _NO_BIAS) -> Walked:
        """One walk; whatever was done is taken back afterwards."""
        self._chance, self._bias = Random(seed), bias
        self._story, self._steps = [], 0
        self.town.time.instant = START
        [among] = self._chance.choices(self._beginnings, _BEGINS)
        number = self._chance.choice([self._numbers[at] for at in bias.begins] or among)
        self._cast, self._again = [number], set()
        try:
            if not bias.begins and self._chance.random() < 0.2:
                self._open_lead(number)
            if self._chance.random() < 0.25:
                self._recuse(number)
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
        if not self._bias.moves and chance.random() < 0.08:
            self._beside(case, process)
            return
        step = drawn_step(chance, process, case)
        if step is None:
            if case.ended_at is not None and len(self._cast) == 1:
                self._open_lead(number)
            return
        attempt = lawful(self.town, chance, process, case, step)
        move = _SAME_ACT if number in self._again and _is_for_one_act(process, step) else ""
        wanted = not self._bias.steps or step.name in self._bias.steps
        if wanted and chance.random() < _adverse(step):
            attempt.given = copy.deepcopy(attempt.given)
            # Most fit some steps only.
            drawn = drawn_moves(chance, self._bias.moves)
            move = next((one.name for one in drawn if one.change(self.town, chance, attempt)), move)
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
        prepared = self._prepare(attempt)
        version = attempt.case.version
        for again in (True, False):
            if prepared or not again:
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

    def _prepare(self, attempt: Attempt) -> bool:
        """Hand in what lawful steps want; gives whether there was anything."""
        supplied = supplement_of(attempt.case.process)
        wanted = {"supply": supplied, "submit_rectification": "rectification_report"}
        titles: tuple[str, ...] = ()
        if attempt.step in wanted:
            self.town.attach(attempt.case.number, wanted[attempt.step], by=attempt.by)
        elif attempt.step == "hand_in":
            self.town.attach(attempt.case.number, by=attempt.by)
        elif attempt.papers and attempt.case.process in PENAL:
            titles = penalties.PROVED_BY.get(attempt.step, ())
            penalties.register(self.town, attempt.case.number, *titles)
        return attempt.step in (*wanted, "hand_in") or bool(titles)

    def _beside(self, case: Case, process: Process) -> None:
        """What is done beside the steps of a case."""
        chance, town = self._chance, self.town
        deeds: dict[str, Callable[[], Any]] = {
            "撤回证据": lambda: self._withdraw_evidence(case),
            "补登往日证据": lambda: self._register_late(case),
            "说明是另一行为": lambda: distinguish(
                town.office,
                town.people["handler1"],
                case.number,
                {
                    "case": chance.choice(self._cast),
                    "differs_in": ["时间"],
                    "statement": "两个违法行为发生在不同的时间，不是同一个行为",
                },
            ),
            "准予补录": lambda: late_entries.permit(
                town.office,
                town.people[chance.choice(("supervisor", "allround"))],
                case.number,
                chance.choice(sorted(late_entries.late_steps(process)) or ["file"]),
                town.time.now().date() - timedelta(days=chance.randint(1, 20)),
                "现场没有网络",
            ),
        }
        if chance.random() < 0.2:
            self._open_lead(case.number)
            return
        if not process.keeps_evidence or not self._on_file(case):
            del deeds["撤回证据"]
        name = chance.choice(sorted(deeds))
        if self._count(name, deeds[name]):
            self._tell(name, "", case, "", None)

    def _recuse(self, number: str) -> None:
        """Somebody who handles the case is asked to stand aside, and does; who may not."""
        case = self.town.case(number)
        process = self._process(case)
        if "decide_recusal" not in [step.name for step in steps_of(process, case)]:
            return
        officer = "handler2" if process.key in PENAL else "inspector2"
        for by, step, said in (
            (officer, "ask_recusal", {"officer": f"甲{officer}", **_RECUSAL}),
            (
                "approver",
                "decide_recusal",
                {"officer": officer, "recused": True, "reasons": "属实"},
            ),
        ):
            attempt = Attempt(self.town.case(number), process, step, by, "", said)
            if not self._count("", lambda attempt=attempt: self._take(attempt)):  # type: ignore[misc]
                return
            self._tell("", by, case, step, None)

    def _register_late(self, case: Case) -> None:
        """Something that was collected long ago, as if there had been no time to enter it."""
        on = self.town.time.now().date() - timedelta(days=self._chance.choice((1, 3, 6, 12, 40)))
        item = {
            "kind": "书证",
            "title": f"往日收集的材料{on:%m%d}",
            "origin": "执法人员收集、调取",
            "collectors": ["handler1", "handler2"],
            "collected_on": on.isoformat(),
            "place": "当事人经营场所",
            "proves": "毛巾未按规定清洗消毒",
            "storage": "本案卷",
        }
        file = ("材料.png", png(f"{case.number}{on}"))
        entering.add(self.town.office, self.town.people["handler1"], case.number, item, file)

    def _on_file(self, case: Case) -> list[Evidence]:
        with self.town.session() as session:
            return [one for one in on_file(session, case) if one.case_id == case.id]

    def _withdraw_evidence(self, case: Case) -> None:
        for item in self._on_file(case):
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
        process = chance.choice(("penalty", "simple_penalty", "simple_penalty", *_LENIENT))
        same = case.data.get("application", {})
        lead = exemptions.lead() if process == "first_offence_exemption" else penalties.lead()
        today = town.time.now().date().isoformat()
        data = {**lead, **penalties.another_act(town), "filed_on": today}
        move, again = "", False
        if chance.random() < 0.6 and "act_on" in same:
            data |= {
                name: same[name]
                for name in ("found_on", "act_on", "address", "violation")
                if name in same
            }
            again = True
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
            if again:
                self._again.add(made.number)

        if self._count(move, opened):
            self._steps += 1
            self._tell(move, "handler1", town.case(self._cast[-1]), "立案", on)

    def _let_time_pass(self) -> None:
        days = self._chance.choice((0, 1, 1, 3, 6, 8, 11, 16, 40))
        self.town.time.pass_(days=days, hours=self._chance.choice((0, 0, 3)))
        self._story.append(f"过 {days} 日")
        for key in self._due():
            self.town.office.catch_up(key)

    def _due(self) -> Sequence[int]:
        """The cases of the cast in which something falls due."""
        due = select(Case.id).where(
            Case.number.in_(self._cast),
            select(CaseClock.id)
            .where(
                CaseClock.case_id == Case.id,
                CaseClock.status == "running",
                CaseClock.fires_at <= self.town.time.now(),
            )
            .exists(),
        )
        with self.town.session() as session:
            return session.scalars(due.order_by(Case.id)).all()

    def _go_to_hearing(self, case: Case) -> None:
        if "schedule_hearing" in case.data:
            on = hearing_on(self.town, case.number)
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
            own = MOVES[move].guards if move in MOVES else BESIDE.get(move, frozenset())
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


def _is_for_one_act(process: Process, step: Step) -> bool:
    """Whether the step tells, decides or presses what may be had for one act once only."""
    asked = guards_of(process, step)
    return act_is_fined_once in asked or one_fine_is_in_force in asked


def _adverse(step: Step) -> float:
    if sentences(step):
        return _ADVERSE_SENTENCE
    return _ADVERSE_BEFORE if step.name in BEFORE else _ADVERSE


def _beginnings(
    town: Town, numbers: Numbers, process_of: Callable[[Case], Process]
) -> tuple[list[str], list[str], list[str]]:
    """Cases to begin with, of those that are not over (or are penalties): where measures are said
    next (and most often decided), where something else adverse may come next, and all; penalties
    and checks more often."""
    found: tuple[list[str], list[str], list[str]] = ([], [], [])
    for (process, _), number in sorted(numbers.items()):
        case = town.case(number)
        if case.ended_at is not None and process not in ("penalty", "simple_penalty"):
            continue
        next_ones = steps_of(process_of(case), case)
        at = 0 if any(map(sentences, next_ones)) else 1
        if at == 0 or any(step.name in BEFORE for step in next_ones):
            found[at].extend([number] * (10 if any(map(decides, next_ones)) else 1))
        weight = {"penalty": 3, "simple_penalty": 2, "commitment_check": 3}.get(process, 1)
        found[2].extend([number] * weight)
    return found
