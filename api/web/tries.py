"""How often one address may try what can be guessed (passwords, codes, certificates), or send what
anybody may."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.web.errors import problem_response
from casework.common.problems import NotFound, Problem, TooMany

_TEXT = "操作过于频繁，请一分钟后再试"
# No address of ours has such a character (a code that was copied with a tabulator is one). To the
# routes a line break at its end is none, and what they take must be what is counted.
_CONTROL = re.compile("[\x00-\x08\n-\x1f\x7f-\x9f]")
_WINDOW = 60  # seconds for which a try counts
_NO_ADDRESS = "没有这个地址：地址中有控制字符（如换行），请核对后重新输入"


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
    _Guessable("present", "POST", re.compile(r"(/api/v1)?/verify"), parse("20/minute")),
    _Guessable("track", "GET", re.compile(r"(/api/v1)?/track(/.*)?"), parse("30/minute")),
    _Guessable("verify", "GET", re.compile(r"(/api/v1)?/verify/.*"), parse("60/minute")),
    _Guessable("place", "GET", re.compile(r"(/api/v1)?/places/.*"), parse("60/minute")),
)


class Tries:
    """How often each address has tried, counted in this process's memory."""

    def __init__(self) -> None:
        self._storage = MemoryStorage()
        self._limiter = MovingWindowRateLimiter(self._storage)
        self._latest = 0.0

    def allow(self, scope: Scope) -> bool:
        """Count this request; False if it is one too many."""
        # The tries bear the machine's time: those of a clock that was set back since would keep
        # everybody out until it is there again.
        now = time.time()
        if now < self._latest - _WINDOW:
            self.reset()
        self._latest = now
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
    """Answers one try too many, and addresses that are none, itself: the API with a problem, the
    pages with a plain text."""

    def __init__(self, app: ASGIApp, tries: Tries) -> None:
        self.app = app
        self.tries = tries

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif _CONTROL.search(scope["path"]):
            await _refusal(scope["path"], NotFound(_NO_ADDRESS))(scope, receive, send)
        elif not self.tries.allow(scope):
            await _refusal(scope["path"], TooMany(_TEXT))(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _refusal(path: str, problem: Problem) -> Response:
    told = problem_response(problem)
    if path.startswith("/api/"):
        return told
    headers = {"Retry-After": told.headers["Retry-After"]} if "Retry-After" in told.headers else {}
    return PlainTextResponse(problem.detail, problem.status, headers)
