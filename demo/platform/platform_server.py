"""The platform over HTTP (演示平台): batches are posted to it, and its page shows what it has.

By its `turns` it treats one batch after the other: `down` answers 503 and takes nothing, `cut`
breaks off before it takes anything, `lost` takes it and breaks off the answer, `later` takes it and
gives the receipt afterwards, `garbled` gives half of the receipt. Once they are used up it takes
everything at once.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote

from demo.platform.platform_books import Books, shown_rows

_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>演示平台</title>
<h1>演示平台：正在公示</h1><p>共 {count} 条。仅供演示，不是真实的平台。</p>
<table border="1">
<thead><tr><th>文书号</th><th>行政相对人</th><th>内容</th><th>机关</th></tr></thead>
<tbody>{rows}</tbody></table></html>"""


@dataclass
class PlatformServer:
    """A platform that is served: who may enter by which `token`, and what was asked of it."""

    books: Books = field(default_factory=Books)
    token: str = ""
    turns: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(
    platform: PlatformServer, port: int = 0, trust: tuple[Path, Path] | None = None
) -> Iterator[PlatformServer]:
    """Serve a platform on a port of this machine, with a certificate and its key over TLS."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(platform))
    server.daemon_threads = True
    if trust:
        ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ours.load_cert_chain(*trust)
        server.socket = ours.wrap_socket(server.socket, server_side=True)
    platform.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def page_of(books: Books) -> str:
    """The page that shows what a platform has."""
    shown = [
        (
            row.get("XK_WSH") or row.get("CF_WSH", ""),
            row.get("XK_XDR_MC") or row.get("CF_XDR_MC", ""),
            row.get("XK_NR") or row.get("CF_NR", ""),
            row.get("XK_XKJG") or row.get("CF_CFJG", ""),
        )
        for row in shown_rows(books)
    ]
    cells = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in shown)
    rows = "".join(f"<tr>{row}</tr>" for row in cells)
    return _PAGE.format(count=len(shown), rows=rows)


def _handler(platform: PlatformServer) -> type[BaseHTTPRequestHandler]:
    class Asked(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(self.path).strip("/")
            if path == "":
                self._answer(200, page_of(platform.books).encode(), "text/html; charset=utf-8")
                return
            platform.asked.append(f"GET {path}")
            folder, _, name = path.partition("/")
            stem, _, form = name.rpartition(".")
            if not self._may_enter():
                self._answer(401, b"")
            elif folder == "receipts" and name in platform.books.receipts:
                self._answer(200, platform.books.receipts[name])
            elif folder == "records" and stem in ("licences", "penalties"):
                self._answer(200, platform.books.listed(stem, form))
            else:
                self._answer(404, b"")

        def do_POST(self) -> None:
            name = unquote(self.path).rpartition("/")[2]
            platform.asked.append(f"POST {name}")
            turn = platform.turns.pop(0) if platform.turns else ""
            data = self.rfile.read(int(self.headers["Content-Length"]))
            if not self._may_enter():
                self._answer(401, b"")
            elif turn == "down":
                self._answer(503, b"")
            elif turn == "cut":
                self._break_off()
            else:
                self._take(name, data, turn)

        def _take(self, name: str, data: bytes, turn: str) -> None:
            receipt = platform.books.take(name, data)
            if turn == "lost":
                self._break_off()
            elif turn == "later":
                self._answer(202, b"")
            else:
                half = receipt[: len(receipt) // 2]
                self._answer(200, half if turn == "garbled" else receipt)

        def _may_enter(self) -> bool:
            said = self.headers.get("Authorization", "")
            return not platform.token or said == f"Bearer {platform.token}"

        def _break_off(self) -> None:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

        def _answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Asked
