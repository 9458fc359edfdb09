"""Electronic delivery into a real mailbox (电子送达): whole, once, and dated by its arrival."""

from __future__ import annotations

import mailbox
from dataclasses import replace
from datetime import datetime
from email.header import decode_header, make_header
from email.utils import getaddresses
from pathlib import Path

import pytest

from casework.acts.mailbox import MailFolder, NotSent, Parcel
from casework.common.timekeeping import ZONE
from casework.operations.installation import CannotStart, from_environment

AT = datetime(2026, 9, 1, 9, 30, tzinfo=ZONE)
PARCEL = Parcel(
    "CC-CF-2026-000001-12",
    "崇川区卫生健康委员会",
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
    [sender] = getaddresses([str(make_header(decode_header(message["From"])))])
    assert sender == ("崇川区卫生健康委员会", "nuoxin@localhost")
    papers = [part for part in message.walk() if part.get_filename()]
    assert [part.get_payload(decode=True) for part in papers] == [b"PK\x03\x04"]


def test_a_folder_that_cannot_be_written_is_no_delivery(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("no folder", encoding="utf-8")
    with pytest.raises(NotSent):
        MailFolder(tmp_path / "mail").deliver(PARCEL)


def test_an_address_with_a_second_line_is_no_address(tmp_path: Path) -> None:
    spoilt = replace(PARCEL, to="a@b.example\nBcc: x@y.example")
    with pytest.raises(NotSent):
        MailFolder(tmp_path / "mail").deliver(spoilt)


def test_nothing_arrives_at_a_telephone(tmp_path: Path) -> None:
    with pytest.raises(NotSent, match="不是电子邮箱"):
        MailFolder(tmp_path / "mail").deliver(replace(PARCEL, to="13800000001"))
    assert not (tmp_path / "mail").exists()


def test_it_comes_from_the_address_that_the_installation_names(tmp_path: Path) -> None:
    given = {"NUOXIN_DATABASE_URL": "postgresql://x", "NUOXIN_MAIL": str(tmp_path / "mail")}
    installation = from_environment({**given, "NUOXIN_MAIL_FROM": "wjw@city.example"})
    assert installation.mail is not None
    MailFolder(installation.mail, installation.mail_from).deliver(PARCEL)
    [message] = mailbox.Maildir(installation.mail).values()
    assert "<wjw@city.example>" in message["From"]
    with pytest.raises(CannotStart, match="NUOXIN_MAIL_FROM"):
        from_environment({**given, "NUOXIN_MAIL_FROM": "wjw"})
