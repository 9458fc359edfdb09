"""Two doors to one town, the office itself and HTTP: a test goes through both in the same words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

import httpx
import pytest

from casework.audit.court_file import court_file
from casework.common.problems import Problem
from casework.parts.evidence import entering as evidence
from tests.support.front import Front
from tests.support.records import heads
from tests.support.signed import pdf
from tests.support.town import Town

File = tuple[str, bytes]


class TurnedAway(Exception):
    """What a door answers instead of doing it: the codes of its reasons, or the kind of problem."""

    def __init__(self, kind: str, reasons: list[Mapping[str, str]], law: str) -> None:
        super().__init__(kind, [one["code"] for one in reasons])
        self.codes = [one["code"] for one in reasons] or [kind]
        self.law = law


class Door(Protocol):
    """A way into the town; whoever acts is named by account, two officers joined by `+`."""

    town: Town

    def take(self, number: str, step: str, by: str, given: Any = None) -> None:
        """Take a step. Raises TurnedAway."""

    def attach(self, number: str, material: str, by: str) -> None:
        """Hand in a file for an item of the materials."""

    def add_evidence(self, number: str, by: str, item: Mapping[str, Any], file: File) -> None:
        """Enter an item in the evidence register. Raises TurnedAway."""

    def replace_evidence(self, number: str, by: str, n: int, said: Any, file: File) -> None:
        """Enter a later version of it. Raises TurnedAway."""

    def court_file(self, number: str, by: str) -> bytes:
        """The file of the case. Raises TurnedAway."""

    def wait_until(self, day: date, hour: int = 9) -> None:
        """Let time go on."""


class OfOffice:
    """The office's own door, by which flows and imports come too."""

    def __init__(self, town: Town) -> None:
        self.town = town

    def take(self, number: str, step: str, by: str, given: Any = None) -> None:
        self._let(lambda: self.town.take(number, step, by, given))

    def attach(self, number: str, material: str, by: str) -> None:
        self.town.attach(number, material, by=by)

    def add_evidence(self, number: str, by: str, item: Mapping[str, Any], file: File) -> None:
        who = self.town.people[by]
        self._let(lambda: evidence.add(self.town.office, who, number, dict(item), file))

    def replace_evidence(self, number: str, by: str, n: int, said: Any, file: File) -> None:
        who = self.town.people[by]
        self._let(lambda: evidence.replace(self.town.office, who, number, n, said, file))

    def court_file(self, number: str, by: str) -> bytes:
        with self.town.session() as session:
            who = self.town.people[by]
            made = self._let(lambda: court_file(self.town.office, session, who, number))
            content: bytes = made.content
            return content

    def wait_until(self, day: date, hour: int = 9) -> None:
        self.town.time.go_to(day, hour)

    def _let(self, deed: Any) -> Any:
        try:
            return deed()
        except Problem as problem:
            reasons = problem.extra.get("reasons", [])
            raise TurnedAway(problem.type, reasons, problem.law) from problem


class OfWeb:
    """The front door, over HTTP alone."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self._front = Front(town)

    def take(self, number: str, step: str, by: str, given: Any = None) -> None:
        first, _, second = by.partition("+")
        self._heard(self._front.step(first, number, step, given), 202 if second else 200)
        if second:
            self._heard(self._front.sign(second, number, step), 200)

    def attach(self, number: str, material: str, by: str) -> None:
        data = pdf(f"{material} {self.town.time.now().isoformat()}")
        self._heard(self._front.upload(by, number, material, data=data), 201)

    def add_evidence(self, number: str, by: str, item: Mapping[str, Any], file: File) -> None:
        self._send(number, by, "evidence", item, file)

    def replace_evidence(self, number: str, by: str, n: int, said: Any, file: File) -> None:
        self._send(number, by, f"evidence/{n}/versions", said, file)

    def court_file(self, number: str, by: str) -> bytes:
        return self._heard(self._front.get(by, f"/cases/{number}/file"), 200).content

    def wait_until(self, day: date, hour: int = 9) -> None:
        self.town.time.go_to(day, hour)
        self._front.log_in_again()

    def _send(self, number: str, by: str, what: str, said: Any, file: File) -> None:
        data, files = {"item": json.dumps(said)}, {"file": file}
        self._heard(
            self._front.ask(by, "POST", f"/cases/{number}/{what}", data=data, files=files), 201
        )

    def _heard(self, answer: httpx.Response, status: int) -> httpx.Response:
        if answer.status_code == status or answer.json().get("awaits_arrival"):
            return answer
        assert 400 <= answer.status_code < 500, answer.text
        said = answer.json()
        raise TurnedAway(said["type"], said.get("reasons", []), said.get("law", ""))


DOORS: Mapping[str, type[OfOffice | OfWeb]] = {"office": OfOffice, "web": OfWeb}


def turned_away(
    door: Door, code: str, deed: Any, *, law: str = "", also: tuple[str, ...] = ()
) -> None:
    """See that a door refuses a deed by that code, and for what else is `also` the matter, names
    the article and leaves no trace."""
    before = heads(door.town)
    with pytest.raises(TurnedAway) as refusal:
        deed()
    assert refusal.value.codes == [code, *also]
    assert law in refusal.value.law
    assert heads(door.town) == before
