"""Files handed in: what is taken, from whom, until when."""

from __future__ import annotations

import io

import pytest
from docx import Document as Word
from sqlalchemy import func, select

from casework.common.problems import BadInput, NotFound, TooLarge
from casework.documents import attachments
from casework.models import Attachment
from tests.support.signed import SMALL_PDF, jpeg, png
from tests.support.town import Town

PDF, PNG = SMALL_PDF, png()


def _word() -> bytes:
    file = io.BytesIO()
    Word().save(file)
    return file.getvalue()


def _store(
    town: Town,
    number: str,
    *,
    by: str = "applicant",
    material: str = "plans",
    name: str = "平面图.pdf",
    data: bytes = PDF,
) -> int:
    return attachments.store(town.office, town.people[by], number, material, name, data)


def _count(town: Town) -> int:
    with town.session() as session:
        return session.scalar(select(func.count()).select_from(Attachment)) or 0


def test_of_a_pile_what_is_right_is_kept_and_the_rest_is_named(town: Town) -> None:
    number = town.apply()
    pile = [
        ("plans", "平面图.pdf", PDF),
        ("test_report", "报告.pdf", PNG),
        ("no_such_item", "其他.pdf", PDF),
        ("plans", "平面图（二）.png", PNG),
    ]
    wrong = attachments.store_pile(town.office, town.people["applicant"], number, pile)
    assert set(wrong) == {"test_report", "no_such_item"}
    assert "内容与扩展名不符" in wrong["test_report"].detail
    with town.session() as session:
        rows = session.scalars(select(Attachment).order_by(Attachment.id)).all()
    assert [row.filename for row in rows] == ["平面图.pdf", "平面图（二）.png"]
    assert rows[0].log_seq + 1 == rows[1].log_seq
    with pytest.raises(NotFound):
        attachments.store_pile(town.office, town.people["applicant2"], number, pile)
    assert _count(town) == 2


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("平面图.pdf", PDF, "application/pdf"),
        ("照片.JPG", jpeg(), "image/jpeg"),
        ("照片.jpeg", jpeg(), "image/jpeg"),
        ("图.png", PNG, "image/png"),
        ("制度.docx", _word(), attachments.TYPES[".docx"]),
    ],
)
def test_a_file_of_each_kind_is_kept_as_it_is(
    town: Town, name: str, data: bytes, media_type: str
) -> None:
    kept = _store(town, town.apply(), name=name, data=data)
    with town.session() as session:
        row = session.get_one(Attachment, kept)
        assert (row.filename, row.media_type, row.size) == (name, media_type, len(data))
        assert row.content == data
        assert row.person_id == town.people["applicant"].person_id


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("病毒.exe", b"MZ" + b"\0" * 64),
        ("发票.pdf", b"MZ" + b"\0" * 64),  # lies about its type
        ("发票.pdf", PNG),
        ("图.png", PDF),
        ("制度.docx", b"PK\x03\x04" + b"\0" * 64),  # a zip, but no Word file
        ("网页.pdf", b"<html><script>alert(1)</script>"),
        ("无扩展名", PDF),
        ("双.pdf.html", PDF),
        ("空.pdf", b""),
        ("", PDF),
        ("...", PDF),
        (".pdf", PDF),
    ],
)
def test_what_is_not_what_it_says_is_refused(town: Town, name: str, data: bytes) -> None:
    number = town.apply()
    with pytest.raises(BadInput) as bad:
        _store(town, number, name=name, data=data)
    assert bad.value.extra["errors"][0]["field"] == "file"
    assert _count(town) == 0


def test_a_file_may_be_as_large_as_said_and_not_a_byte_larger(town: Town) -> None:
    number = town.apply()
    full = PDF.ljust(attachments.LARGEST, b"\n")
    _store(town, number, data=full)
    with pytest.raises(TooLarge, match="10 MB"):
        _store(town, number, data=full + b"\n")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/平面图.pdf", "平面图.pdf"),
        ("C:\\Users\\王\\平面图.pdf", "平面图.pdf"),
        ("a\r\nSet-Cookie: x\0.pdf", "a Set-Cookie_ x.pdf"),
        ("<b>𠮷&.pdf", "_b_𠮷&.pdf"),
        ("  平面\t图 .pdf", "平面 图.pdf"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
        ("\u202efdp.平面图.pdf", "fdp.平面图.pdf"),
    ],
)
def test_a_file_name_is_made_safe(given: str, kept: str) -> None:
    assert attachments.clean_name(given) == kept


def test_the_same_file_for_the_same_item_is_kept_once(town: Town) -> None:
    number = town.apply()
    first = _store(town, number)
    assert _store(town, number, name="又一次.pdf") == first
    assert _store(town, number, material="identity") != first
    assert _store(town, number, data=PDF + b"\n") != first
    assert _store(town, town.apply(address="崇川区濠北路2号")) != first


def test_only_an_item_of_the_list_is_taken(town: Town) -> None:
    number = town.apply()
    with pytest.raises(BadInput, match="不在材料清单中"):
        _store(town, number, material="love_letter")


def test_party_and_own_staff_hand_in_and_nobody_else(town: Town) -> None:
    number = town.apply()
    with pytest.raises(NotFound):  # a draft is still the party's own
        _store(town, number, by="window")
    town.take(number, "submit", "applicant")
    _store(town, number, by="window")
    for stranger in ("applicant2", "window_b"):
        with pytest.raises(NotFound):
            _store(town, number, by=stranger)
    assert _count(town) == 1


def test_nothing_is_taken_once_the_case_has_ended(town: Town) -> None:
    number = town.apply()
    town.take(number, "submit", "applicant")
    town.take(number, "withdraw", "applicant", {"reason": "不办了"})
    with pytest.raises(BadInput, match="已办结"):
        _store(town, number)
