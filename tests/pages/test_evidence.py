"""An inspector's evidence in a browser: entered, replaced, and taken away as a court file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from casework.audit.court_file_proof import verify_file
from tests.pages.conftest import Desks
from tests.support.journeys import OFFICERS, address, check_to, follow
from tests.support.signed import png

pytestmark = pytest.mark.browser

_PNG = png()


def test_an_inspector_enters_evidence_and_takes_the_file_away(desks: Desks, tmp_path: Path) -> None:
    town = desks.town
    number = check_to(town, town.granted(address=address(1)), "inspected")
    follow(town, number, ("record_scene", OFFICERS))
    page = desks.desk("inspector1")
    page.goto(f"/cases/{number}")
    page.get_by_role("link", name="证据登记").click()
    expect(page.locator("main")).to_contain_text("现场检查音像记录")
    page.get_by_role("link", name="登记证据", exact=True).click()
    page.get_by_label("证据种类").select_option("视听资料")
    page.get_by_label("证据名称").fill("洗消间现场照片")
    page.get_by_label("来源").select_option("执法人员收集、调取")
    page.get_by_role("checkbox", name="甲inspector1").check()
    page.get_by_label("收集（接收）地点").fill("洗消间")
    page.get_by_label("拟证明的事实").fill("洗消间没有消毒设施")
    page.set_input_files("#file", {"name": "现场照片.png", "mimeType": "image/png", "buffer": _PNG})
    page.get_by_role("button", name="登记证据").last.click()
    # One officer alone collects nothing; the page says which article, and keeps what was typed.
    expect(page.get_by_role("alert")).to_contain_text("不得少于两人")
    page.get_by_role("checkbox", name="甲inspector2").check()
    page.set_input_files("#file", {"name": "现场照片.png", "mimeType": "image/png", "buffer": _PNG})
    _picture(page, "entry")
    page.get_by_role("button", name="登记证据").last.click()
    expect(page.get_by_role("status")).to_contain_text("证据登记已更新")
    page.get_by_role("link", name="更换 3 号证据").click()
    page.get_by_label("更换的原因").fill("提取原始文件")
    for name in ("甲inspector1", "甲inspector2"):
        page.get_by_role("checkbox", name=name).check()
    page.set_input_files(
        "#file", {"name": "原图.png", "mimeType": "image/png", "buffer": _PNG + b"0"}
    )
    page.get_by_role("button", name="更换证据").last.click()
    expect(page.locator("#item-3")).to_contain_text("第 2 版")
    expect(page.locator("#item-3")).to_contain_text("原有版本（1）")
    _picture(page, "register")
    page.goto(f"/cases/{number}")
    _picture(page, "case")
    with page.expect_download() as download:
        page.get_by_role("link", name="导出案卷").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    assert saved.name == f"案卷-{number}.zip"
    assert verify_file(saved.read_bytes()).faults == ()
    assert desks.complaints == []


def _picture(page: object, name: str) -> None:
    folder = os.environ.get("NUOXIN_PICTURES")
    if folder:
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})  # type: ignore[attr-defined]
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)  # type: ignore[attr-defined]
        page.set_viewport_size({"width": 1280, "height": 900})  # type: ignore[attr-defined]
