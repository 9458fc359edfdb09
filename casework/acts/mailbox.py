"""Electronic delivery (电子送达): the system that sends documents, and the record of arrival.

The authority's programs send, never a person; the day of delivery is the one on which the message
entered the system of the address that the party agreed to (民诉法90).
"""

from __future__ import annotations

import mailbox as boxes
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Protocol

# The address of the sender where none is named: nobody reads what is sent there.
NO_REPLY = "nuoxin@localhost"
_WORD = "application", "vnd.openxmlformats-officedocument.wordprocessingml.document"


class NotSent(Exception):
    """The message did not come into the party's system; the text says why."""


@dataclass(frozen=True)
class Parcel:
    """What is sent, and by which authority: `key` tells a repetition from a new one; `papers` are
    file names and bytes."""

    key: str
    sender: str
    to: str
    subject: str
    papers: tuple[tuple[str, bytes], ...]
    at: datetime


@dataclass(frozen=True)
class Arrival:
    """The record that it entered the party's system: which system, its receipt, and when."""

    system: str
    receipt: str
    at: datetime

    def to_json(self) -> dict[str, Any]:
        """As the log tells it."""
        return {"system": self.system, "receipt": self.receipt, "at": self.at.isoformat()}


class Mailbox(Protocol):
    """A system by which documents are sent."""

    def deliver(self, parcel: Parcel) -> Arrival:
        """Send it, once per key, and give the record of its arrival. Raises NotSent."""


class MailFolder:
    """A folder in the Maildir format (RFC 5322 messages), out of which a mail server delivers."""

    system = "本机关电子送达信箱"

    def __init__(self, folder: Path, address: str = NO_REPLY) -> None:
        self._folder, self._address = folder, address

    def deliver(self, parcel: Parcel) -> Arrival:
        """Put the message down whole. Raises NotSent if it cannot be written, or is to go where no
        mail comes to, such as a telephone."""
        if "@" not in parcel.to:
            raise NotSent("送达地址不是电子邮箱")
        try:
            message = _message(parcel, self._address)
            box = boxes.Maildir(self._folder, create=True)
            known = {str(one["Message-ID"]): key for key, one in box.items()}
            receipt = known.get(str(message["Message-ID"])) or box.add(message)
        except (OSError, ValueError) as error:
            raise NotSent(str(error)) from error
        return Arrival(self.system, receipt, parcel.at)


def _message(parcel: Parcel, address: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(parcel.sender, addr_spec=address)
    message["To"] = parcel.to
    message["Subject"] = parcel.subject
    message["Date"] = format_datetime(parcel.at)
    message["Message-ID"] = f"<{parcel.key}@nuoxin>"
    message.set_content(f"{parcel.subject}\n")
    maintype, subtype = _WORD
    for name, content in parcel.papers:
        message.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    return message
