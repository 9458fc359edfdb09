"""The front door over a town: requests by account name, over HTTP alone."""

from __future__ import annotations

from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

import httpx
from fastapi import FastAPI

from api import create_app
from api.web.prefect_client import Prefect
from casework.kernel.office import Office
from casework.models import Account
from casework.people import accounts
from casework.people.accounts import hash_password
from tests.support.client import Client
from tests.support.signed import SMALL_PDF, kept_by, material_for, scan
from tests.support.town import Town

PASSWORD = "demo"
_HASH = hash_password(PASSWORD)
V1 = "/api/v1"


_doors: WeakKeyDictionary[Office, FastAPI] = WeakKeyDictionary()


def door_of(office: Office) -> FastAPI:
    """The web application over an office, through which nobody has gone yet.

    To make one costs more than most requests do, so an office keeps its own.
    """
    if office not in _doors:
        _doors[office] = create_app(office, demo=False, prefect_url=None)
    door = _doors[office]
    door.state.tries.reset()
    door.state.prefect = Prefect(None)
    return door


class Front:
    """The web application over a town's office, asked by account name or, with None, by anybody."""

    def __init__(self, town: Town, *, demo: bool = False) -> None:
        self.town = town
        made = create_app(town.office, demo=True, prefect_url=None) if demo else None
        self.app = made or door_of(town.office)
        self.client = Client(self.app)
        self._tokens: dict[str, str] = {}

    def ask(self, who: str | None, method: str, path: str, **request: Any) -> httpx.Response:
        """One request under `/api/v1`."""
        headers = {**request.pop("headers", {}), **self.identity(who)}
        return self.client.request(method, V1 + path, headers=headers, **request)

    def get(self, who: str | None, path: str, **query: Any) -> httpx.Response:
        """Read something."""
        return self.ask(who, "GET", path, params=query)

    def post(
        self, who: str | None, path: str, body: Any = None, *, key: str | None = None
    ) -> httpx.Response:
        """Do something, once per `key` if there is one."""
        headers = {"Idempotency-Key": key} if key else {}
        return self.ask(who, "POST", path, json=body if body is not None else {}, headers=headers)

    def step(
        self, who: str | None, number: str, step: str, _input: Any = None, **more: Any
    ) -> httpx.Response:
        """Take a step at the case's present version, or the `version` given. A signed paper that
        is wanted is handed in first, unless the hand is `empty`."""
        key, empty = more.pop("key", None), more.pop("empty", False)
        body = {"version": self.town.case(number).version, "input": _input or {}, **more}
        answer = self.post(who, f"/cases/{number}/steps/{step}", body, key=key)
        if empty or answer.status_code != 409:
            return answer
        item = material_for(step, (one["code"] for one in answer.json().get("reasons", [])))
        if not item:
            return answer
        paper = scan(self.town.case(number), self.town.time.now(), str(who))
        kept = self.upload(kept_by(item, str(who)), number, item, f"{item}.pdf", paper)
        assert kept.status_code == 201, kept.text
        if "version" not in more:  # what fell due meanwhile has happened with the upload
            body["version"] = self.town.case(number).version
        return self.post(who, f"/cases/{number}/steps/{step}", body, key=key)

    def sign(self, who: str | None, number: str, step: str, **more: Any) -> httpx.Response:
        """Confirm as the second officer."""
        body = {"version": self.town.case(number).version, **more}
        return self.post(who, f"/cases/{number}/steps/{step}/signatures", body)

    def upload(
        self,
        who: str | None,
        number: str,
        material: str = "plans",
        name: str = "平面图.pdf",
        data: bytes = SMALL_PDF,
    ) -> httpx.Response:
        """Hand in a file."""
        return self.ask(
            who,
            "POST",
            f"/cases/{number}/attachments",
            data={"material": material},
            files={"file": (name, data)},
        )

    def proof(self, code: str, by: str = "window", text: str = "", kind: str = "licence") -> int:
        """A scan of a party's business licence of today; the same `text` is the same scan."""
        data = SMALL_PDF + f"\n% {text or uuid4()}".encode()
        answer = self.ask(
            by,
            "POST",
            f"/parties/{code}/papers",
            data={"kind": kind},
            files={"file": ("营业执照.pdf", data)},
        )
        assert answer.status_code == 201, answer.text
        number: int = answer.json()["id"]
        return number

    def correct(self, code: str, entry: dict[str, Any], by: str = "window") -> httpx.Response:
        """Correct a party's entry by a scan of its licence, or of the notice that it has ended."""
        proof = self.proof(code, kind="notice" if entry.get("dissolved_on") else "licence")
        return self.post(by, f"/parties/{code}/corrections", {**entry, "paper": proof})

    def log_in_again(self) -> None:
        """Forget every log-in, as after days in which nobody came."""
        self._tokens.clear()

    def set_passwords(self) -> None:
        """Let everybody log in with the demo's password."""
        with self.town.session() as session:
            for account in session.query(Account):
                account.password_hash = _HASH

    def identity(self, who: str | None) -> dict[str, str]:
        """The header that says who asks."""
        if who is None:
            return {}
        if who not in self._tokens:
            with self.town.session() as session:
                self._tokens[who], _ = accounts.open_session(
                    session, self.town.people[who].account_id, self.town.time.now()
                )
        return {"Authorization": f"Bearer {self._tokens[who]}"}


def refused(answer: httpx.Response, status: int, kind: str) -> Any:
    """The problem of an answer that must be one; gives its body."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == kind, problem
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    return problem


def reasons_of(answer: httpx.Response) -> list[str]:
    """The codes of the reasons for which a step was refused, each by its article."""
    problem = refused(answer, 409, "guard-refused")
    assert all(one["law"] for one in problem["reasons"])
    return [one["code"] for one in problem["reasons"]]
