"""Files of others that are served: Bootstrap's of the official 5.3.8 distribution, and
htmx 2.0.10 as the wheel of django-htmx 1.29.0 carries it, byte for byte."""

from __future__ import annotations

from hashlib import sha256

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

HASHES = (
    (
        "bootstrap/css/bootstrap.min.css",
        "d85327d99c7a3ee1f9b5d0500d1370acea3ad2db39c163c2f51f232baedbdede",
    ),
    (
        "bootstrap/js/bootstrap.bundle.min.js",
        "e4fd49181388c48ec5040bd3fe66f57c29c8e67fcd8502b3354b96ec7ab47cc7",
    ),
    (
        "htmx/htmx-2.min.js",
        "71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de",
    ),
)


@pytest.mark.parametrize(("path", "digest"), HASHES)
def test_file_is_the_one_we_know(door: FastAPI, path: str, digest: str) -> None:
    served = TestClient(door).get(f"/{path}")
    assert served.status_code == 200
    assert sha256(served.content).hexdigest() == digest
