"""A body that does not come: whoever sends it is answered, and holds nothing for ever."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
import uvicorn

from api.web.security import BODY_RATE, BODY_SECONDS, LARGEST_PILE, BodyLimit
from tests.support.front import V1, Front
from tests.support.records import heads
from tests.support.town import Town

_HANGS = 60.0  # a test that fails, and no measure of anything


@contextmanager
def served(door: Any) -> Iterator[tuple[str, int]]:
    """The application behind a real socket."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(door, log_level="error", lifespan="off"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield listening.getsockname()
        server.should_exit = True
        thread.join()


def heard(connection: socket.socket) -> str:
    """All that comes until the other side ends the connection."""
    found = b""
    while part := connection.recv(65536):
        found += part
    return found.decode()


@pytest.mark.parametrize("announced", ["Content-Length: 100000", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize(
    ("path", "kind", "told"),
    [
        (f"{V1}/cases", "application/json", "没有办理任何事项"),
        ("/login", "application/x-www-form-urlencoded", "没有保存"),
        ("/login", "multipart/form-data; boundary=x", "没有保存"),
    ],
)
def test_who_sends_half_a_body_is_answered_and_let_go(
    front: Front, town: Town, path: str, kind: str, told: str, announced: str
) -> None:
    half = b"5\r\n--x\r\n\r\n" if "chunked" in announced else b"--x\r\n"
    token = front.identity("applicant")["Authorization"]
    before = heads(town)
    with (
        served(BodyLimit(front.app, seconds=0.05)) as address,
        socket.create_connection(address, timeout=_HANGS) as slow,
    ):
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n"
        slow.sendall(f"{head}Content-Type: {kind}\r\n{announced}\r\n\r\n".encode() + half)
        said = heard(slow)
    assert " 408 " in said.splitlines()[0], said
    assert told in said
    assert heads(town) == before


def test_what_is_waited_for_grows_with_what_came(front: Front) -> None:
    body = json.dumps({"username": "window", "password": "x" * 300}).encode()
    with (
        served(BodyLimit(front.app, seconds=0.0, rate=0.01)) as address,
        socket.create_connection(address, timeout=_HANGS) as slow,
    ):
        head = f"POST {V1}/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        # The first part is there when it is asked for; it buys the time for the rest.
        slow.sendall(head.encode() + body[:-1])
        Event().wait(0.2)  # else the rest is there before anybody waits for it
        slow.sendall(body[-1:])
        assert " 401 " in heard(slow).splitlines()[0]


def test_the_largest_pile_has_its_time_at_an_ordinary_desk() -> None:
    # 30 MB over a line of 1 Mbit/s
    assert LARGEST_PILE / (128 * 1024) < BODY_SECONDS + LARGEST_PILE / BODY_RATE
