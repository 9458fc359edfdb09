"""Ways (办理路径) through a process, walked over HTTP.

A way is written as what it goes through: a state, the step taken in it, the next state, and so on.
Steps of the law itself are waited for; a licence's steps that another case causes are taken there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from state_machines.language.vocabulary import Process, Role
from tests.support.front import Front
from tests.support.journeys import change_of, renewal_of, usual
from tests.support.penalties import hearing_on
from tests.support.signed import pdf
from tests.support.town import MATERIALS, look, workday_from

_EVERYDAY = 2
# Who takes a step, where it is not the party; a second officer signs what is joined by `+`.
_WINDOW = (
    "accept turn_to_filing not_accept request_supplement inform grant reissue terminate deliver"
)
_APPROVER = (
    "turn_to_ordinary extend_decision refuse withdraw_by_authority decide_ending cancel deregister "
    "revoke reinstate bring_back decide_recusal"
)
# Of a notice that reaches nobody in two ways, and is announced.
ANNOUNCING = ("record_try", "record_try", "announce", "end_announcement")
_BY: Mapping[str, str] = {
    **dict.fromkeys(_WINDOW.split(), "window"),
    **dict.fromkeys(_APPROVER.split(), "approver"),
    **dict.fromkeys(
        (
            "book_look",
            "confirm_ready",
            "pause",
            "resume",
            "register_interested",
            "tell_applicant",
            "call_hearing",
        ),
        "reviewer",
    ),
    "check_site": "reviewer+inspector1",
    **dict.fromkeys(
        ("inspect", "recheck", "find_broken", "notify_revocation"),
        "inspector1+inspector2",
    ),
    **dict.fromkeys(
        ("order_rectification", "serve_order", "submit_review", "serve"),
        "inspector1",
    ),
    **dict.fromkeys(
        ("give_prior_notice", "serve_prior_notice", "schedule_hearing", "serve_hearing"), "reviewer"
    ),
    "serve_withdrawal": "reviewer",
    **{
        f"{step}_{of}": "reviewer"
        for step in ANNOUNCING
        for of in ("prior", "hearing", "withdrawal", "ending")
    },
    "serve_ending": "reviewer",
    **dict.fromkeys(("adjourn_hearing", "hold_hearing", "abandon_hearing"), "chair"),
    "review_prior_notice": "legal",
    "assign": "supervisor",
    **dict.fromkeys(("pass_review", "file_reconsideration", "change_by_reconsideration"), "legal"),
}
# A hearing is on the day on which it is called, or is put off to the next.
_AT_HEARING = ("adjourn_hearing", "hold_hearing", "abandon_hearing")
_DATED = {"schedule_hearing": 0, "adjourn_hearing": 1}
# The clock whose end is the law's own step.
_WAITED_FOR = {
    "deem_accepted": "acceptance",
    "close_unanswered": "supplement",
    "begin_expiring": "expiring",
    "deem_renewed": "renewal_decision",
    "expire": "validity",
}
_REVOKED = (
    "assign", "inspect", "order_rectification", "serve_order", "recheck", "find_broken",
    "notify_revocation", "waive_defence", "waive_hearing", "submit_review", "pass_review", "revoke",
)  # fmt: skip


def announced(of: str) -> str:
    """The steps by which a notice is announced; a month goes by before the last of them."""
    return " ".join(f"{step}_{of}" for step in ANNOUNCING)


def another_way(step: str, given: Any, log: Sequence[tuple[str, str, str]]) -> Any:
    """What a step is given; the second way in which a notice failed to arrive is another one."""
    if step.startswith("record_try") and any(name == step for _, name, _ in log):
        return {**given, "way": "邮寄送达"}
    return given


def staying(state: str, steps: str) -> str:
    """A way through steps that leave a case in a state where it is; without the state itself at its
    beginning and its end with it."""
    return " ".join(f"{step} {state}" for step in steps.split())


# What tells how a case came to stand where a way begins, and all that is done on it.
Beginning = tuple[Any, ...]
Route = tuple[str, ...]


@dataclass(frozen=True)
class Way:
    """A named way: what it goes through, the documents the case has in the end, and dates.

    `dates` are last days of the clocks that run in the end, by name; `inputs` are given to steps
    instead of the usual ones, `data` changes the application, and `waits` are days that go by
    before a step.
    """

    path: str
    documents: str = ""
    dates: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    waits: Mapping[str, int] = field(default_factory=dict)

    @property
    def states(self) -> list[str]:
        """The states in order."""
        return self.path.split()[::2]

    @property
    def taken(self) -> list[tuple[str, str, str]]:
        """Each step with the state it leaves and the one it leads to."""
        states = self.states
        return list(zip(states, self.path.split()[1::2], states[1:], strict=False))

    def route(self, *beginnings: Beginning) -> Route:
        """What is done, from the beginnings on: the same for ways that are the same so far."""
        steps = [
            (source, step, target, self.inputs.get(step), self.waits.get(step))
            for source, step, target in self.taken
        ]
        said = (*beginnings, *steps)
        return tuple(json.dumps(one, ensure_ascii=False, sort_keys=True) for one in said)


def each(ways: Mapping[str, Way], begins: Callable[[Way], Beginning]) -> list[Any]:
    """The names of all ways, those side by side that go together for long; two of them are walked
    every day, the others in the long run."""
    daily = list(ways)[:_EVERYDAY]
    return [
        name if name in daily else pytest.param(name, marks=pytest.mark.slow)
        for name in sorted(ways, key=lambda name: ways[name].route(begins(ways[name])))
    ]


def exits(process: Process) -> set[tuple[str, str, str]]:
    """Every step of a process itself, with a state it leaves and the one it leads to; but for what
    leads nowhere (test_publications): a decision that ended its case is served, a term runs out."""
    ends = {state.name for state in process.states if state.end}
    return {
        (source, step.name, target)
        for step in process.steps
        for source, target in step.moves.items()
        if source != target
        or not (step.by == (Role.TIMER,) or (source in ends and step.name.endswith("_decision")))
    }


class Walker:
    """Somebody who takes one case of `front` along a way, and reads it as `reader`; `granted` is
    the application that a licence came from."""

    def __init__(
        self, front: Front, number: str, granted: str = "", *, reader: str = "applicant"
    ) -> None:
        self.front, self.number, self.granted = front, number, granted
        self.reader = reader
        self.beside: dict[str, str] = {}

    @property
    def memory(self) -> Mapping[str, Any]:
        """What it remembers of the case."""
        return {name: value for name, value in vars(self).items() if name != "front"}

    @memory.setter
    def memory(self, remembered: Mapping[str, Any]) -> None:
        vars(self).update(remembered)

    def walk(self, way: Way) -> None:
        """Take every step, and see after each that the case is where the way says."""
        assert self.case()["state"] == way.states[0]
        for source, step, target in way.taken:
            self.take(source, step, target, way)

    def take(self, source: str, step: str, target: str, way: Way) -> None:
        """Take one step of a way, and see that the case is where it leads."""
        if days := way.waits.get(step):
            self._turn_to(self.front.town.time.instant.date() + timedelta(days=days))
        if step not in _BY_ITSELF:
            self._step(step, way.inputs.get(step))
        ways = zip(way.taken, way.taken[1:], strict=False)
        then = [after for taken, after in ways if taken == (source, step, target)]
        at_once = [to for _, name, to in then if name in _BY_ITSELF]
        assert self.state() == (at_once[0] if at_once else target), f"{source} {step}"

    def case(self) -> Any:
        """The case as its reader sees it."""
        answer = self.front.get(self.reader, f"/cases/{self.number}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def state(self) -> str:
        """Where the case stands."""
        stands: str = self.case()["state"]
        return stands

    def log(self) -> list[tuple[str, str, str]]:
        """The steps that the log says were taken, as in `Way.taken`."""
        lines = self.front.get(self.reader, f"/cases/{self.number}/log").json()
        return [
            (line["source"], line["name"], line["target"])
            for line in lines
            if line["kind"] == "step"
        ]

    def hand_in(self, number: str, *materials: str) -> None:
        """Upload a file of its own for each material."""
        for material in materials:
            data = pdf(f"{material} {self.front.town.case(number).version}")
            answer = self.front.upload("applicant", number, material, data=data)
            assert answer.status_code == 201, answer.text

    def _step(self, step: str, given: Any) -> None:
        if step in _WAITED_FOR:
            self.await_end(_WAITED_FOR[step])
        elif step in _ASIDE:
            _ASIDE[step](self)
        else:
            if step == "submit":
                self.hand_in(self.number, *MATERIALS["instant_licence"])
            if step == "supply":
                self.hand_in(self.number, "plans")
            self._take(self.number, step, given)

    def _take(self, number: str, step: str, given: Any = None) -> None:
        """Take a step by whoever takes it, at the case's authority or for the party."""
        town = self.front.town
        first, _, second = _BY.get(step, "applicant").partition("+")
        case = town.case(number)
        if step == "grant" and case.state == "ordinary_review":
            first = "approver"
        given = given if given is not None else usual(case.process, step)
        given = another_way(step, given, self.log() if number == self.number else ())
        if step == "give_prior_notice" and case.process == "licence":
            second = "inspector1"
        if step in _AT_HEARING and (on := hearing_on(town, number)) > town.time.now().date():
            self._turn_to(on)
        if step in _DATED:  # its holder did without its days before it
            on = workday_from(town.time.instant.date() + timedelta(days=_DATED[step]))
            given = {**given, "on": on.isoformat()}
        answer = self.front.step(first, number, step, given)
        assert answer.status_code == (202 if second else 200), f"{step}: {answer.text}"
        if second:
            signed = self.front.sign(second, number, step)
            assert signed.status_code == 200, signed.text

    def await_end(self, clock: str) -> None:
        """Until the last day of a clock is over; on that day nothing has happened yet."""
        [running] = [c for c in self.case()["clocks"] if c["name"] == clock and c["live"]]
        last, before = date.fromisoformat(running["due_on"]), self.case()["state"]
        self._turn_to(last)
        assert self.case()["state"] == before
        self._turn_to(last + timedelta(days=1))

    def _turn_to(self, day: date) -> None:
        town = self.front.town
        town.time.go_to(max(day, town.time.instant.date()), hour=23)
        town.office.catch_up(town.case(self.number).id)
        self.front.log_in_again()

    def _take_beside(self, name: str, *steps: str, **inputs: Any) -> None:
        for step in steps:
            self._take(self.beside[name], step, inputs.get(step))

    def _begin_renewal(self) -> None:
        self.beside["renewal"] = renewal_of(self.front.town, self.granted)
        self._take_beside("renewal", "submit")

    def _amend(self) -> None:
        self.beside["change"] = change_of(self.front.town, self.granted)
        self._take_beside("change", "submit", "accept", "reissue")

    def _revoke(self) -> None:
        self.beside["check"] = self.front.town.relative(self.granted, "check").number
        self._take_beside("check", *_REVOKED, inspect=look(met=False), recheck=look(met=False))


# What follows the step before it at once.
_BY_ITSELF = {"await_conditions"}
_ASIDE: Mapping[str, Callable[[Walker], None]] = {
    "begin_renewal": Walker._begin_renewal,
    "end_renewal": lambda walker: walker._take_beside("renewal", "withdraw"),
    "renew": lambda walker: walker._take_beside(
        "renewal", "accept", "inform", "study", "commit", "grant"
    ),
    "confirm_renewal": lambda walker: walker._take_beside("renewal", "deliver"),
    "amend": Walker._amend,
    "hand_over": lambda walker: walker._take_beside("change", "deliver"),
    "revoke": Walker._revoke,
    "deregister_revoked": lambda walker: walker._take_beside("check", "serve", "deregister"),
    "reinstate": lambda walker: walker._take_beside(
        "check", "serve", "file_reconsideration", "change_by_reconsideration"
    ),
}
