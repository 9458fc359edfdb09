"""Handing one message to an outlet (网关): mail by SMTP, short messages and programs over HTTP,
group chats by `apprise`.

Mail goes by the standard library and not by `apprise`, which answers yes or no: whether a refusal
is for good stands in the server's reply, and a repetition bears the same Message-ID. A gateway over
HTTP is given the key of the message as its `Idempotency-Key`, so that it sends once whatever it was
asked. `docs/delivery.md` says what it must answer.
"""

from __future__ import annotations

import json
import os
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as AS_SMTP
from time import monotonic
from typing import Any, Protocol

import apprise
import httpx

from casework.notifying.local_targets import is_closed
from casework.notifying.outlets import PLAIN, TLS
from casework.notifying.states import Medium, NoAnswer, OutletDown, Refused, Trouble

_SECONDS = 20.0
_WORD = "application", "vnd.openxmlformats-officedocument.wordprocessingml.document"
_LONGEST_ANSWER = 64 * 1024
_AGAIN = frozenset({408, 409, 423, 425, 429})
_LOCKED_OUT = frozenset({401, 403, 404, 405, 407})


@dataclass(frozen=True)
class Way:
    """An outlet as it is used: where it leads, and what it is entered with."""

    outlet_id: int
    medium: Medium
    address: str
    security: str
    sender: str
    sender_name: str
    username: str
    secret_name: str
    report_to: str


@dataclass(frozen=True)
class Letter:
    """One message as it is handed over: `key` tells a repetition from a new one; `papers` are the
    documents that it serves, by their file names."""

    key: str
    to: str
    subject: str
    text: str
    papers: tuple[tuple[str, bytes], ...] = ()


class Gateways(Protocol):
    """Whoever hands messages over."""

    def hand_over(self, way: Way, letter: Letter) -> str | None:
        """Hand one over; gives the gateway's receipt, if it has one. Raises Refused, Trouble."""


class RealGateways:
    """The outlets themselves. Secrets are read from the environment when they are needed."""

    def __init__(
        self,
        environment: Mapping[str, str] = os.environ,
        *,
        trust: ssl.SSLContext | None = None,
        seconds: float = _SECONDS,
    ) -> None:
        self._environment, self._trust, self._seconds = environment, trust, seconds

    def hand_over(self, way: Way, letter: Letter) -> str | None:
        """Hand one over, by what kind the outlet is."""
        secret = self._secret(way.secret_name)
        if way.medium is Medium.MAIL:
            return self._mail(way, letter, secret)
        if way.medium is Medium.CHAT:
            self._chat(letter, secret)
            return None
        return self._http(way, letter, secret)

    def _secret(self, name: str) -> str:
        """What the environment holds under that name; empty without a name. Raises OutletDown."""
        if not name:
            return ""
        secret = self._environment.get(name, "")
        if not secret:
            raise OutletDown(f"服务器上没有设置环境变量 {name}")
        return secret

    def _mail(self, way: Way, letter: Letter, secret: str) -> str:
        """Send a mail; gives its id. Raises Refused, OutletDown, Trouble, NoAnswer."""
        message = _mail_of(way, letter)
        host, _, port = way.address.rpartition(":")
        _judge_target(host, int(port))
        trust = self._trust or ssl.create_default_context()
        try:
            server = self._connected(host.strip("[]"), int(port), way.security, trust)
            try:
                if way.username:
                    server.login(way.username, secret)
                server.send_message(message, from_addr=way.sender, to_addrs=[letter.to])
                with suppress(smtplib.SMTPException, OSError):  # it has been taken all the same
                    server.quit()
            finally:
                server.close()
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise _refusal(code, said) from None
        except smtplib.SMTPDataError as error:
            raise _refusal(error.smtp_code, error.smtp_error) from None
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused) as error:
            raise OutletDown(f"邮件服务器不让登录或者发件：{error.smtp_code}") from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise NoAnswer(f"邮件服务器：{type(error).__name__}") from None
        return str(message["Message-ID"])

    def _connected(
        self, host: str, port: int, security: str, trust: ssl.SSLContext
    ) -> smtplib.SMTP:
        if security == TLS:
            return smtplib.SMTP_SSL(host, port, timeout=self._seconds, context=trust)
        server = smtplib.SMTP(host, port, timeout=self._seconds)
        if security != PLAIN:
            try:
                server.starttls(context=trust)
            except BaseException:
                server.close()
                raise
        return server

    def _chat(self, letter: Letter, secret: str) -> None:
        """Send a message to a group. Raises OutletDown, Trouble."""
        group = apprise.Apprise()
        if not group.add(secret):
            raise OutletDown("环境变量中的群消息地址不能识别")
        if not group.notify(title=letter.subject, body=letter.text):
            raise Trouble("群消息没有发出")

    def _http(self, way: Way, letter: Letter, secret: str) -> str | None:
        headers = {"Idempotency-Key": letter.key}
        if secret:
            headers["Authorization"] = f"Bearer {secret}"
        body: dict[str, Any] = {
            "key": letter.key,
            "to": letter.to,
            "subject": letter.subject,
            "text": letter.text,
            "report_to": way.report_to,
        }
        if letter.papers:
            body["papers"] = [
                {"name": name, "content": b64encode(content).decode()}
                for name, content in letter.papers
            ]
        url = httpx.URL(way.address)
        _judge_target(url.host, url.port or (443 if url.scheme == "https" else 80))
        try:
            with (
                httpx.Client(timeout=self._seconds, trust_env=False) as client,
                client.stream("POST", way.address, json=body, headers=headers) as answer,
            ):
                said = _read(answer, monotonic() + 2 * self._seconds)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoAnswer(f"网关没有答复：{type(error).__name__}") from None
        return _receipt(answer.status_code, said)


def _judge_target(host: str, port: int) -> None:
    # Where a name leads may have changed since the outlet was opened.
    if is_closed(host, port):
        raise OutletDown("渠道指向本机，信息部门没有列为可用")


def _mail_of(way: Way, letter: Letter) -> EmailMessage:
    """The letter as a mail. Raises Refused if it cannot be written as one."""
    message = EmailMessage(policy=AS_SMTP)
    try:
        message["From"] = Address(way.sender_name, addr_spec=way.sender)
        message["To"] = letter.to
        message["Subject"] = letter.subject
    except ValueError as error:
        raise Refused(f"不能写成邮件：{error}") from None
    message["Message-ID"] = f"<{letter.key}@nuoxin>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{letter.text}\n")
    maintype, subtype = _WORD
    for name, content in letter.papers:
        message.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    return message


def _refusal(code: int, said: Any) -> Exception:
    """What is raised for a mail server's answer: Refused if it is for good, else Trouble."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    told = f"邮件服务器答复 {code} {text[:200]}"
    return Refused(told) if 500 <= code < 600 else Trouble(told)


def _read(answer: httpx.Response, until: float) -> bytes:
    """The body of an answer. Raises OutletDown if it is too long, in bytes or in time."""
    found = b""
    for part in answer.iter_bytes():
        found += part
        if len(found) > _LONGEST_ANSWER or monotonic() > until:
            raise OutletDown("网关的答复过长")
    return found


def _receipt(status: int, said: bytes) -> str | None:
    """What a gateway's answer means: its receipt. Raises Refused, Trouble."""
    if status in _LOCKED_OUT or 300 <= status < 400:
        raise OutletDown(f"网关答复 {status}，请核对地址和密钥")
    if status in _AGAIN:
        raise Trouble(f"网关答复 {status}")
    if status >= 500:
        raise OutletDown(f"网关答复 {status}")
    if 400 <= status < 500:
        raise Refused(f"网关答复 {status}，不接受这条消息")
    try:
        told = json.loads(said)
        if not (isinstance(told, dict) and isinstance(told.get("accepted"), bool)):
            raise ValueError
    except ValueError:
        # Taken or not: nobody knows. It is asked again under the same key.
        raise Trouble(f"网关答复 {status}，内容不完整") from None
    if not told["accepted"]:
        raise Refused(f"网关不接受这条消息：{str(told.get('reason', ''))[:200]}")
    receipt = told.get("id")
    return str(receipt)[:200] if receipt else None
