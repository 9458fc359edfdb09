"""A file is opened when it comes: one that nobody can open is no material, and one that every
reader opens is one, whatever stands before or behind it."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document as Word

from casework.common.paging import pages_of
from casework.common.problems import BadInput
from casework.documents import openable
from casework.documents.attachments import TYPES, checked
from tests.support.signed import SMALL_PDF, jpeg, png

HALF, LOCKED = "文件不完整", "打开密码"
_ID = "fce2fe96b7e142b4a0576f61e2e9c441"
# What real writers (qpdf; the samples of pypdf) put into a file that may not be changed (without a
# password to open it) and into one that asks for it: revision, length, owner, user.
_ENCRYPTED = [
    (2, 40, "2055c756c72e1ad702608e8196acad447ad32d17cff583235f6dd15fed7dab67",
     "67375c1122c5bf2db95cbadb7e22e3dd4293c963bf040b4afcad385d58921ea9", True),
    (2, 40, "6e49439a53d94cc0dcc7261742621c471290a24e838d3ba4d07db663d1383944",
     "e21c7cebd495fb4dd4ce8783acac78f935176450f27f239c71de0787229cf98c", False),
    (3, 128, "36451bd39d753b7c1d10922c28e6665aa4f3353fb0348b536893e3b1db5c579b",
     "3aa7292767d13ba34c0d53d3118a163c0122456a91bae5134273a6db134c87c4", True),
    (3, 128, "3a59a4c4747915b0dc733cb81e3c81530679739dac36732902d1c913ed95ff72",
     "ec6652447aa5176e384415220b40a70d0122456a91bae5134273a6db134c87c4", False),
    (4, 128, "73958efc4074fc8790cc3cb0afb30a1a4c573d7d83a44ca103f3605b59aea888",
     "b0677760c617d94c05609908b0d12ba60122456a91bae5134273a6db134c87c4", True),
    (4, 128, "3a59a4c4747915b0dc733cb81e3c81530679739dac36732902d1c913ed95ff72",
     "ec6652447aa5176e384415220b40a70d0122456a91bae5134273a6db134c87c4", False),
    (5, 256, "00", "fa27a9be84b5e10707ae639198b4e53f9fe68bbab4608e1bd5ecf3a42f489ecc"
     "aafc0832ff9e7dca161898614ed4f0af", True),
    (5, 256, "00", "7fb29457a8dc5331e0e7815caf0b7882380325086948eba63021ec0ddb2788b5"
     "cf0837f8701af8f0e933624198055a06", False),
    (6, 256, "00", "f01c780f34a7cc4b792ee877788164fdd71891b401e1c03151b1a1a80de0dfba"
     "fb5027d05adf1ce01a1c5a5d42db52ea", True),
    (6, 256, "00", "ae700c793d687882958ce411fed797a6364e182dc4cb8c3819d347b9d577c352"
     "6d9fd5c2b9fe54cfed6539accc53ac28", False),
]  # fmt: skip


def _literal(hexadecimal: str) -> bytes:
    """As writers put it down, with what is not printed as it is."""
    plain = bytes.fromhex(hexadecimal)
    for one in (b"\\", b"(", b")"):
        plain = plain.replace(one, b"\\" + one)
    return b"(" + plain.replace(b"\r", b"\\r") + b")"


def _encrypted(revision: int, length: int, owner: str, user: str, *, literal: bool) -> bytes:
    said = [_literal(one) if literal else f"<{one}>".encode() for one in (owner, user)]
    words = b"9 0 obj<</Filter/Standard/R %d/Length %d/P -4/O%s/U%s>>endobj\ntrailer" % (
        revision, length, *said,
    )  # fmt: skip
    ours = b"trailer<</Encrypt 9 0 R/ID[<%s><00>]" % _ID.encode()
    return SMALL_PDF.replace(b"trailer", words).replace(b"trailer<<", ours)


def word(parts: dict[str, bytes] | None = None) -> bytes:
    file = io.BytesIO()
    if parts is None:
        Word().save(file)
        return file.getvalue()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": b"<Types/>", **parts}.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize("literal", [True, False])
@pytest.mark.parametrize(("revision", "length", "owner", "user", "opens"), _ENCRYPTED)
def test_only_a_password_that_is_asked_for_keeps_a_file_closed(
    revision: int, length: int, owner: str, user: str, opens: bool, literal: bool
) -> None:
    data = _encrypted(revision, length, owner, user, literal=literal)
    if opens:
        assert checked("报告.pdf", data)[1] == "application/pdf"
    else:
        with pytest.raises(BadInput, match=LOCKED):
            checked("报告.pdf", data)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("九字节.pdf", b"%PDF-1.4\n", HALF),
        ("空壳.pdf", b"%PDF-1.4\n%%EOF\n", HALF),
        ("没有页.pdf", b"%PDF-1.4\ntrailer<<>>\nstartxref\n9\n%%EOF\n", HALF),
        ("一半.pdf", SMALL_PDF[: len(SMALL_PDF) // 2], HALF),
        # One that is laid out for the web has an end at its beginning.
        ("一半.pdf", SMALL_PDF.replace(b"startxref\n9", b"startxref\n0"), HALF),
        ("一半.png", png()[:-12], HALF),
        ("空图.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 32, HALF),
        ("坏图.png", png().replace(b"IDAT", b"IDAS"), HALF),
        ("坏图.png", png("a").replace(b"said\0a", b"said\0b"), HALF),
        ("一半.jpg", jpeg()[:-2], HALF),
        ("空图.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 32, HALF),
        ("没有正文.docx", word({"word/styles.xml": b"<a/>"}), "没有正文"),
        ("坏的.docx", word({"word/document.xml": b"<a><b></a>"}), HALF),
        ("炸弹.docx", word({"word/document.xml": b"<a>" + b" " * (5 << 26) + b"</a>"}), "过大"),
        ("一半.docx", word()[:-200], HALF),
    ],
)
def test_what_nobody_can_open_is_refused(name: str, data: bytes, why: str) -> None:
    suffix = name[name.rindex(".") :]
    assert why in openable.unopened(suffix, data)
    with pytest.raises(BadInput) as bad:
        checked(name, data)
    assert bad.value.extra["errors"][0]["field"] == "file"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("平面图.pdf", b"\r\n" + SMALL_PDF),
        ("平面图.pdf", b"\xef\xbb\xbf" + SMALL_PDF + b"\r\n\0\0"),
        ("修订.pdf", SMALL_PDF + b"3 0 obj<<>>endobj\nstartxref\n9\n%%EOF\n"),
        ("照片.jpg", jpeg() + b"\0" * 100),
        ("图.png", png("说明") + b"\n"),
        ("制度.docx", word()),
    ],
)
def test_what_readers_open_is_taken(name: str, data: bytes) -> None:
    suffix = name[name.rindex(".") :]
    assert checked(name, data)[1] == TYPES[suffix]


@pytest.mark.parametrize("head", [png(), jpeg(), word(), b"MZ" + b"\0" * 60])
def test_no_other_kind_is_a_pdf_by_what_it_has_inside(head: bytes) -> None:
    with pytest.raises(BadInput, match="扩展名不符"):
        checked("单据.pdf", head[:60] + SMALL_PDF)


@pytest.mark.parametrize(
    "again",
    [
        b"/Encrypt<<",
        b"1 0 obj",
        b"/ID[(",
        b"/Encrypt 1 0 R",
        b"startxref  ",
        b"/Type ",
        b"<<",
        b"(",
    ],
)
def test_who_made_it_to_be_read_for_ever_is_not(again: bytes) -> None:
    """Nothing is measured: read from each place to the end, it would take hours."""
    head = b"%PDF-1.4 /Type/Page startxref 9 %%EOF /Encrypt 1 0 R 1 0 obj/O(a)/U(b)/R 3/P 3 endobj "
    openable.unopened(".pdf", head + again * (8_000_000 // len(again)))


def test_a_word_file_that_is_none_of_our_letters_has_no_pages_that_can_be_told() -> None:
    long = word(
        {"word/document.xml": b"<a>" + b"<b/>" * (1 << 24) + b"</a>", "word/styles.xml": b"<a/>"}
    )
    bare = word({"word/document.xml": b"<a><b/></a>", "word/styles.xml": b"<a/>"})
    for data in (long, bare):
        assert pages_of(TYPES[".docx"], data) is None
