"""How often one address may try what can be guessed (passwords, codes, certificates), or send what
anybody may."""

from __future__ import annotations

import re
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.web.errors import problem_response
from casework.common.problems import TooMany

_TEXT = "操作过于频繁，请一分钟后再试"


@dataclass(frozen=True)
class _Guessable:
    name: str
    method: str
    path: re.Pattern[str]
    limit: RateLimitItem


_GUESSABLE = (
    _Guessable("log-in", "POST", re.compile(r"/api/v1/session|/login"), parse("20/minute")),
    _Guessable("register", "POST", re.compile(r"/api/v1/accounts|/register"), parse("10/minute")),
    _Guessable(
        "password", "POST", re.compile(r"/api/v1/me/password|/account/password"), parse("10/minute")
    ),
    _Guessable(
        "code",
        "POST",
        re.compile(r"/api/v1/me/(binding-code|firms(/confirmation)?)|/account/code|/firms(/code)?"),
        parse("20/minute"),
    ),
    # What anybody may send without an account is no code, but nobody needs to send it more often.
    _Guessable(
        "comment",
        "POST",
        re.compile(r"/api/v1/consultations/[^/]+/comments|/consultations/[^/]+"),
        parse("10/minute"),
    ),
    _Guessable("track", "GET", re.compile(r"(/api/v1)?/track(/.*)?"), parse("30/minute")),
    _Guessable("verify", "GET", re.compile(r"(/api/v1)?/verify/.*"), parse("60/minute")),
)


class Tries:
    """How often each address has tried, counted in this process's memory."""

    def __init__(self) -> None:
        self._storage = MemoryStorage()
        self._limiter = MovingWindowRateLimiter(self._storage)

    def allow(self, scope: Scope) -> bool:
        """Count this request; False if it is one too many."""
        address = str((scope.get("client") or ("?",))[0])
        return all(
            self._limiter.hit(guessable.limit, guessable.name, address)
            for guessable in _GUESSABLE
            if scope["method"] == guessable.method and guessable.path.fullmatch(scope["path"])
        )

    def reset(self) -> None:
        """Forget all tries."""
        self._storage.reset()


class TryLimit:
    """Answers one try too many itself: the API with a problem, the pages with a plain text."""

    def __init__(self, app: ASGIApp, tries: Tries) -> None:
        self.app = app
        self.tries = tries

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self.tries.allow(scope):
            await _refusal(scope["path"])(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _refusal(path: str) -> Response:
    if path.startswith("/api/"):
        return problem_response(TooMany(_TEXT))
    return PlainTextResponse(_TEXT, 429, {"Retry-After": "60"})
