"""Calls of a running house, made up from its own description and from what it answers.

Runs under `.venv-prove`, which holds schemathesis and nothing of the house; `proofs/described.py`
starts it. What schemathesis is told, and no more, stands here: who calls, how often, by which
checks, and what is counted.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from itertools import count
from typing import Any

import requests
import schemathesis
from schemathesis.engine import events, from_schema

# An applicant, a clerk, whoever handles an offence, a head; the administrator, who may put the
# others out of their posts, comes last.
IDENTITIES = ("applicant", "window", "handler1", "approver", "admin")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
# Ten years on nothing is as it was, so the calendar is turned when all else is done.
TURNING, TURNS = "turn_clock", 10
_LOG_IN = "POST /api/v1/session"
_CALLS_AN_ADDRESS = 40  # then the next: tries are counted by address


class Calls:
    """What is called, and what came of it."""

    def __init__(self, house: str, seed: int) -> None:
        self._house, self._seed = house, seed
        self._who, self._token, self._left, self._made = "", "", 0, 0
        described = _read(house, seed).get_all_operations()
        self.operations = sorted(found.ok().label for found in described)
        self.answers: Counter[tuple[str, str, int]] = Counter()  # who, operation, status
        self.links: Counter[str] = Counter()
        self.faults: dict[str, str] = {}

    def make(self, who: str, number: int, *, turning: bool) -> None:
        """So many calls of somebody, to turn the calendar or of all the rest."""
        self._who, self._left = who, number
        self._log_in()
        for seed in count(self._seed * 10_000 + IDENTITIES.index(who) * 1_000):
            if self._left < 1:
                print(f"{who}: {number} calls, {len(self.faults)} faults so far", flush=True)
                return
            schema = _read(self._house, seed, linked=not turning)
            which = schema.include if turning else schema.exclude
            self._stream = from_schema(which(operation_id=TURNING)).execute()
            for event in self._stream:
                self._see(event)

    def prepare(self, case: Any) -> None:
        """Before a call: who makes it, and from where, as a proxy would say."""
        address = self._made // _CALLS_AN_ADDRESS
        case.headers["Authorization"] = f"Bearer {self._token}"
        case.headers["X-Forwarded-For"] = f"10.0.{address // 250}.{address % 250 + 1}"

    def count(self, what: str, status: int) -> None:
        """After a call."""
        self.answers[self._who, what, status] += 1
        self._made += 1
        self._left -= 1
        if self._left < 1:
            self._stream.stop()
        elif status == 401 and what != _LOG_IN:  # it has logged out, or its time is over
            self._log_in()

    def _log_in(self) -> None:
        answer = requests.post(
            f"{self._house}/api/v1/session",
            json={"username": self._who, "password": "demo"},
            headers={"X-Forwarded-For": f"10.1.{self._made // 250}.{self._made % 250 + 1}"},
            timeout=60,
        )
        answer.raise_for_status()
        self._token = answer.json()["token"]

    def _see(self, event: Any) -> None:
        if isinstance(event, events.NonFatalError):  # nobody answered, or nothing can be made up
            self.faults.setdefault(f"{event.label}: {event.value!r}", "")
        if isinstance(event, events.FatalError):
            raise event.exception
        if not isinstance(event, events.ScenarioFinished):
            return
        for case in event.recorder.cases.values():
            link = case.transition
            if link is not None and case.is_transition_applied:
                self.links[link.id] += 1
        for checks in event.recorder.checks.values():
            for check in checks:
                if (found := check.failure_info) is not None:
                    failure = found.failure
                    self.faults.setdefault(
                        f"{failure.operation}: {failure.title}",
                        f"{self._who}: {found.code_sample}\n{failure.message}",
                    )


def _read(house: str, seed: int, *, linked: bool = True) -> Any:
    """The description of the house, and how calls are made up from it."""
    rest = {"enabled": False}
    config = schemathesis.Config.from_dict(
        {
            "seed": seed,
            "continue-on-failure": True,
            "request-timeout": 60,
            "checks": {**rest, **{check: {"enabled": True} for check in CHECKS}},
            "generation": {
                "database": "none",
                "no-shrink": True,
                "with-security-parameters": False,
            },
            "phases": {
                "examples": rest,
                "coverage": rest,
                "fuzzing": {"generation": {"max-examples": 3}},
                "stateful": {
                    "enabled": linked,
                    "generation": {"max-examples": 100},
                    "inference": {"algorithms": []},  # the links that are described, no others
                },
            },
        }
    )
    return schemathesis.openapi.from_url(f"{house}/api/v1/openapi.json", config=config)


def main() -> int:
    """Make the calls, and print the tables; the status is 1 if anything was not as described."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("house", help="its address")
    parser.add_argument("calls", type=int)
    parser.add_argument("seed", type=int)
    given = parser.parse_args()
    calls = Calls(given.house, given.seed)

    def before_call(context: Any, case: Any, kwargs: Any) -> None:
        calls.prepare(case)

    def after_call(context: Any, case: Any, response: Any) -> None:
        calls.count(case.operation.label, response.status_code)

    schemathesis.hook(before_call)
    schemathesis.hook(after_call)
    share = given.calls // len(IDENTITIES)
    for turning, number in ((False, share - TURNS), (True, TURNS)):
        for who in IDENTITIES:
            calls.make(who, number, turning=turning)
    _print(calls)
    return 1 if calls.faults else 0


def _print(calls: Calls) -> None:
    by_status: dict[str, Counter[int]] = defaultdict(Counter)
    by_operation: dict[str, Counter[int]] = defaultdict(Counter)
    for (who, what, status), number in calls.answers.items():
        by_status[who][status] += number
        by_operation[what][status] += number
    statuses = sorted({status for _, _, status in calls.answers})
    print("| identity | calls |", " | ".join(map(str, statuses)), "|")
    for who in IDENTITIES:
        told = (str(by_status[who][status]) for status in statuses)
        print(f"| {who} | {by_status[who].total()} |", " | ".join(told), "|")
    for what in calls.operations:
        told = (f"{status} {number}" for status, number in sorted(by_operation[what].items()))
        print(f"{by_operation[what].total():6} {what}: {', '.join(told)}")
    done = {what for what, told in by_operation.items() if told and min(told) < 300}
    print(f"{len(done)} of {len(calls.operations)} operations were done for somebody")
    print(f"{len(calls.links)} links were followed, {calls.links.total()} times")
    for fault, example in calls.faults.items():
        print(f"FAULT: {fault}\n{example}")


if __name__ == "__main__":
    sys.exit(main())
