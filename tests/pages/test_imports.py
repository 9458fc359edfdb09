"""Importing outside data in a browser, without scripts: upload, look at what came of it, import."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from casework.common.tables.spreadsheet import workbook
from casework.duties.import_runs import run_imports
from tests.api.test_imports import FIRM, PENALTY, row
from tests.pages.conftest import Desks
from tests.pages.test_accessibility import NARROW, WIDE, _faults

pytestmark = pytest.mark.browser


def _is_sound(page: Page) -> None:
    """Nothing that axe objects to, and nothing beyond the edge, at both widths."""
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert _faults(page) == []


def test_a_table_is_tried_corrected_and_imported(desks: Desks, tmp_path: Path) -> None:
    office = desks.town.office
    page = desks.desk("credit", java_script_enabled=False)
    watcher = desks.desk("credit")
    page.get_by_role("link", name="外部数据").click()
    expect(page.get_by_role("status")).to_have_text("还没有导入过外部数据。")
    wrong = tmp_path / "处罚.xlsx"
    wrong.write_bytes(workbook("处罚", ("甲", "乙"), ()))
    page.get_by_label("外部处罚").check()
    page.locator("#file").set_input_files(wrong)
    page.get_by_label("数据来源").fill("市信用平台")
    page.get_by_role("button", name="上传，试运行").click()
    expect(page.get_by_role("alert")).to_contain_text("没有找到列名")
    expect(page.get_by_label("外部处罚")).to_be_checked()
    expect(page.get_by_label("数据来源")).to_have_value("市信用平台")

    bad = row(统一社会信用代码="9.1440300708461E+17", 行政处罚决定书文号="通市监罚〔2026〕9号")
    wrong.write_bytes(workbook("处罚", PENALTY, (row(), bad)))
    page.locator("#file").set_input_files(wrong)
    page.get_by_role("button", name="上传，试运行").click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("等待办理")
    watcher.goto(page.url)
    _is_sound(watcher)
    run_imports(office)
    # It asks again by itself.
    expect(page.get_by_role("heading", level=2).first).to_have_text("已完成")
    first = page.get_by_role("row").nth(1)
    expect(first).to_contain_text("被电子表格存成了数值，只保留了前15位")
    watcher.goto(page.url)
    _is_sound(watcher)
    with page.expect_download() as returned:
        page.get_by_role("link", name="下载 xlsx").click()
    assert returned.value.suggested_filename.startswith("不能导入的行-外部处罚")

    page.get_by_role("button", name="正式导入：新增 1 条").click()
    run_imports(office)
    expect(page.get_by_role("heading", level=2).first).to_have_text("已完成")
    page.goto(f"/credit?code={FIRM}")
    outside = page.get_by_role("region", name="外部数据")
    expect(outside).to_contain_text("南通市公共信用信息平台")
    expect(outside).to_contain_text("通市监罚〔2026〕12号")
    expect(page.get_by_role("region", name="信用记录")).not_to_contain_text("通市监罚")
    for path in (f"/credit?code={FIRM}", "/exchange/imports"):
        watcher.goto(path)
        _is_sound(watcher)
