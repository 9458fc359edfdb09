"""Far ends of delivery: a mail server and a gateway, started by the test, that behave as told."""

from __future__ import annotations

import json
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.1"


@dataclass
class FarEnd:
    """What a far end was sent, in order. `answers` says how it treats one after the other; once
    they are used up it takes everything. `held` waits for `go` before it answers."""

    port: int = 0
    answers: list[Any] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    reached: Event = field(default_factory=Event)
    go: Event = field(default_factory=Event)

    def next(self) -> Any:
        """How the next one is treated."""
        return self.answers.pop(0) if self.answers else None


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), False)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert, secret


@contextmanager
def mail_server(folder: Path) -> Iterator[tuple[FarEnd, ssl.SSLContext]]:
    """A mail server that speaks TLS from the first byte, and what its clients have to trust.

    It treats a mail by its answer: None takes it; a number is its reply to the recipient; `cut`
    takes it and hangs up before it says so; `hang up` hangs up at once; `hold` takes it and waits
    for `go` before it says so.
    """
    end = FarEnd()
    cert, key = certificate(folder)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(cert, key)

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            answer = end.next()
            if answer == "hang up":
                return
            self._say("220 ready")
            while line := self.rfile.readline():
                verb = line.decode().strip().split(" ")[0].upper()
                if verb == "EHLO":
                    self._say("250-here\r\n250 AUTH PLAIN")
                elif verb == "AUTH":
                    end.asked.append({"auth": line.decode().strip()})
                    self._say("235 welcome")
                elif verb == "RCPT" and isinstance(answer, int):
                    self._say(f"{answer} no such mailbox")
                elif verb == "DATA":
                    self._say("354 go on")
                    end.mails.append(self._body())
                    if answer == "cut":
                        return
                    if answer == "hold":
                        end.go.wait(30)
                    self._say("250 taken")
                elif verb == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 ok")

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

        def _body(self) -> EmailMessage:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line[1:] if line.startswith(b"..") else line)
            return message_from_bytes(b"".join(lines), policy=default)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def get_request(self) -> Any:
            connection, address = super().get_request()
            return ours.wrap_socket(connection, server_side=True), address

        def handle_error(self, *_: Any) -> None:
            """A client that hangs up is no fault of ours."""

    trust = ssl.create_default_context(cafile=str(cert))
    with Server((HOST, 0), Session) as server, _serving(server):
        end.port = server.server_address[1]
        yield end, trust


@contextmanager
def gateway() -> Iterator[FarEnd]:
    """A gateway over HTTP that sends once for each key.

    It treats a message by its answer: None takes it; a number is its status, with nothing done;
    `half` takes it and breaks off its answer; `lie` says that it is taken, and forgets it; a dict
    is what it says; `hold` waits for `go` before it takes it.
    """
    end = FarEnd()

    class Asked(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = end.next()
            if answer == "hold":
                end.reached.set()
                end.go.wait(30)
            if isinstance(answer, int):
                self._answer(answer, b"no")
                return
            if isinstance(answer, dict):
                self._answer(200, json.dumps(answer).encode())
                return
            key = self.headers["Idempotency-Key"]
            if answer != "lie" and key not in end.known:
                end.known[key] = f"r{len(end.known) + 1}"
                end.asked.append(said)
                end.headers.append(dict(self.headers))
            told = json.dumps({"accepted": True, "id": end.known.get(key, "none")}).encode()
            self._answer(200, told[: len(told) // 2] if answer == "half" else told)

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer((HOST, 0), Asked) as server, _serving(server):
        end.port = server.server_address[1]
        yield end


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
