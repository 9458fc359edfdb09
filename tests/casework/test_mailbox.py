"""Electronic delivery into a real mailbox (电子送达): whole, once, and dated by its arrival."""

from __future__ import annotations

import mailbox
from datetime import datetime
from pathlib import Path

import pytest

from casework.acts.mailbox import MailFolder, NotSent, Parcel
from casework.common.timekeeping import ZONE

AT = datetime(2026, 9, 1, 9, 30, tzinfo=ZONE)
PARCEL = Parcel(
    "CC-CF-2026-000001-12",
    "service@hotel.example",
    "崇川区卫生健康委员会送达：行政处罚决定书",
    (("行政处罚决定书.docx", b"PK\x03\x04"),),
    AT,
)


def test_a_parcel_arrives_once_with_its_papers(tmp_path: Path) -> None:
    folder = MailFolder(tmp_path / "mail")
    first, again = folder.deliver(PARCEL), folder.deliver(PARCEL)
    assert first == again
    assert first.at == AT
    [message] = mailbox.Maildir(tmp_path / "mail").values()
    assert message["To"] == "service@hotel.example"
    papers = [part for part in message.walk() if part.get_filename()]
    assert [part.get_payload(decode=True) for part in papers] == [b"PK\x03\x04"]


def test_a_folder_that_cannot_be_written_is_no_delivery(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("no folder", encoding="utf-8")
    with pytest.raises(NotSent):
        MailFolder(tmp_path / "mail").deliver(PARCEL)


def test_an_address_with_a_second_line_is_no_address(tmp_path: Path) -> None:
    spoilt = Parcel("K", "a@b.example\nBcc: x@y.example", "送达", (), AT)
    with pytest.raises(NotSent):
        MailFolder(tmp_path / "mail").deliver(spoilt)
