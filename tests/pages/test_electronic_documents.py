"""Reading a document as it is printed, saving it as a sealed PDF, and having that verified."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from casework.documents.electronic.sealed import UNSEALED
from casework.models import Document
from tests.pages.conftest import Desks
from tests.pages.test_accessibility import NARROW, WIDE, _faults
from tests.support.sealing import give_seals
from tests.support.town import Town

pytestmark = pytest.mark.browser


def _certificate(town: Town, number: str) -> str:
    """The address of a case's certificate."""
    with town.session() as session:
        found = session.scalar(
            select(Document.id).where(
                Document.case_id == town.case(number).id, Document.key == "certificate"
            )
        )
    return f"/cases/{number}/documents/{found}"


def _sound(page: Page) -> None:
    """Nothing for axe to find, and nothing wider than the screen, wide or narrow."""
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        assert _faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_an_applicant_reads_saves_and_anybody_verifies(
    desks: Desks, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_seals(town, tmp_path, monkeypatch)
    number = town.granted()
    page = desks.desk("applicant")
    page.goto(_certificate(town, number))
    picture = page.get_by_role("img", name="第 1 页版面")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("it => it.naturalWidth") > 900
    expect(page.locator(".letter")).to_contain_text("发证机关")
    expect(page.locator("main")).not_to_contain_text(UNSEALED)
    _sound(page)
    with page.expect_download() as coming:
        page.get_by_role("link", name="下载 PDF").click()
    saved = Path(coming.value.path()).read_bytes()

    public = desks.visitor()
    public.goto(f"/verify/{town.relative(number, 'licence').tracking_code}")
    for content, said in (
        (saved, "✓ 与签发时一致"),
        (saved.replace(b"0 obj", b"0 obj ", 1), "✗ 已被改动"),
        (b"%PDF-1.7\n%%EOF", "✗ 不是本机关签发"),
    ):
        file = {"name": "证照.pdf", "mimeType": "application/pdf", "buffer": content}
        public.get_by_label("核验加盖电子印章的 PDF 文书").set_input_files(file)
        public.get_by_role("button", name="核验", exact=True).click()
        expect(public.get_by_role("status")).to_contain_text(said)
        expect(public.locator("main")).not_to_contain_text("濠河")
        _sound(public)
    file = {"name": "x.pdf", "mimeType": "application/pdf", "buffer": b"MZ"}
    public.get_by_label("核验加盖电子印章的 PDF 文书").set_input_files(file)
    public.get_by_role("button", name="核验", exact=True).click()
    expect(public.get_by_role("alert")).to_contain_text("这不是 PDF 文件")
    _sound(public)


def test_what_bears_no_seal_yet_or_cannot_be_set_is_said(desks: Desks, town: Town) -> None:
    page = desks.desk("applicant")
    page.goto(_certificate(town, town.granted()))
    expect(page.get_by_role("note")).to_contain_text(UNSEALED)
    _sound(page)
    page.goto(_certificate(town, town.granted(address="人民路2号", place_name="𠮷祥旅馆")))
    expect(page.get_by_role("note")).to_contain_text("字库中没有“𠮷”字")
    expect(page.get_by_role("img")).to_have_count(0)
    expect(page.get_by_role("link", name="下载 Word 文书")).to_be_visible()
    expect(page.locator(".letter")).to_contain_text("𠮷祥旅馆")
    _sound(page)
