"""What every answer and every request is held to: security headers, and the size of a body and how
long it may take to come."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from casework.common import committed
from casework.documents.attachments import LARGEST

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self';"
        " form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# For files that others handed in: whatever is inside, it does nothing here.
FILE_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}
LARGEST_BODY = LARGEST + 64 * 1024  # the largest file, and the rest of its form
LARGEST_PILE = 3 * LARGEST + 64 * 1024  # what is handed in at once
_PILES = re.compile(
    r"/cases/[^/]+/(attachments|files)|/apply/[^/]+(/draft)?|/counter/sitting(/[^/]+)*"
    r"|(/api/v1)?/exchange/imports"
)
# A body is waited for so many seconds, and longer while it comes at so many bytes in each.
BODY_SECONDS, BODY_RATE = 30.0, 8 * 1024


class SecurityHeaders:
    """Adds the headers that an answer does not bring itself; the API's are never cached."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with if scope["type"] == "http" else send)


class Committed:
    """Watches whether anything of a request was kept, for whoever has to say so when it fails."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        committed.watch()
        await self.app(scope, receive, send)


class BodyLimit:
    """Stops reading a body that is too large, or comes too slowly to be waited for; whoever reads
    it answers with 413 or 408."""

    def __init__(
        self, app: ASGIApp, *, seconds: float = BODY_SECONDS, rate: float = BODY_RATE
    ) -> None:
        self.app = app
        self._seconds, self._rate = seconds, rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        largest = LARGEST_PILE if _PILES.fullmatch(scope["path"]) else LARGEST_BODY
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        too_large = not announced.isdigit() or int(announced) > largest
        began = asyncio.get_running_loop().time()
        read, comes = 0, True

        async def receive_less() -> Message:
            nonlocal read, comes
            if too_large:
                raise HTTPException(413)
            if not comes:  # what is waited for now is that the visitor leaves
                return await receive()
            try:
                async with asyncio.timeout_at(began + self._seconds + read / self._rate):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, headers={"Connection": "close"}) from None
            read += len(message.get("body", b""))
            comes = message.get("more_body", False)
            if read > largest:
                raise HTTPException(413)
            return message

        await self.app(scope, receive_less, send)
