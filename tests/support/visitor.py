"""A browser of the simplest kind over the pages, for tests that need no Chromium."""

from __future__ import annotations

import re
from functools import cache

from fastapi import FastAPI
from httpx import Response
from sqlalchemy import update

from casework.models import Account
from casework.people import accounts
from tests.support.client import Client
from tests.support.front import door_of
from tests.support.town import Town

PASSWORD = "demo"


@cache
def _hashed() -> str:
    return accounts.hash_password(PASSWORD)


def open_door(town: Town) -> FastAPI:
    """The application over a town; gives every account the demo's password."""
    with town.session() as session:
        session.execute(update(Account).values(password_hash=_hashed()))
    return door_of(town.office)


class Visitor(Client):
    """A browser of the simplest kind: it sends forms with the secret that their page carries."""

    def __init__(self, door: FastAPI) -> None:
        super().__init__(door, follow_redirects=False)

    def secret(self, path: str) -> str:
        found = re.search(r'name="_secret" value="(\w+)"', self.get(path).text)
        assert found is not None, f"no form on {path}"
        return found[1]

    def enter(self, username: str, **more: str) -> Response:
        given = {"username": username, "password": PASSWORD, "_secret": self.secret("/login")}
        return self.post("/login", data={**given, **more})

    def submit(self, path: str, page: str, **given: str) -> Response:
        return self.post(path, data={**given, "_secret": self.secret(page)})
