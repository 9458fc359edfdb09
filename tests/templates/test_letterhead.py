"""The tool that drafts a new template."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import docx

from casework.rules.rendering import compile_template, printed_text

ROOT = Path(__file__).parents[2]
OUTLINE = """\
!! {{ authority.name }}
^^ {{ document.number }}
# 样本决定书
> {{ party.name }}：
## 一、事实
... decide.facts
|~ 40 60 56
|! 序号 | 内容 | 日期
| {%tr for item in decide.items %} | < | <
| {{ loop.index }} | {{ item.what }} | {{ item.on|date_cn }}
| {%tr endfor %} | < | <
<<! {{ authority.name }}
<< {{ act.date|date_cn }}
"""


def draft(target: Path, outline: str = OUTLINE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "tools" / "letterhead.py"), str(target)],
        input=outline,
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8"},
        check=False,
    )


def test_a_draft_can_be_rendered_at_once(tmp_path: Path) -> None:
    target = tmp_path / "sample.docx"

    assert draft(target).returncode == 0

    document = compile_template(target.read_bytes(), "样本").render(
        {
            "authority": {"name": "卫健委"},
            "document": {"number": "通卫公〔2026〕1号"},
            "party": {"name": "甲"},
            "decide": {"facts": "一\n二", "items": [{"what": "内容甲", "on": "2026-01-05"}]},
            "act": {"date": "2026-01-06"},
        }
    )
    lines = [line for line in printed_text(document).splitlines() if line.strip("— 1")]
    assert lines == [
        "卫健委", "通卫公〔2026〕1号", "样本决定书", "甲：", "一、事实", "一。", "二。",
        "序号", "内容", "日期", "内容甲", "2026年1月5日", "卫健委", "2026年1月6日",
    ]  # fmt: skip
    styles = [p.style.name for p in docx.Document(str(target)).paragraphs if p.style]
    assert styles[:4] == ["发文机关标志", "发文字号", "公文标题", "主送对象"]


def test_it_never_overwrites(tmp_path: Path) -> None:
    target = tmp_path / "sample.docx"
    target.write_bytes("改过".encode())

    refused = draft(target)

    assert refused.returncode == 1
    assert "已经存在" in refused.stderr
    assert target.read_bytes() == "改过".encode()


def test_a_row_with_too_few_cells_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "sample.docx"

    refused = draft(target, "|~ 40 60\n| 甲\n")

    assert refused.returncode == 1
    assert "表格应有 2 列" in refused.stderr
    assert not target.exists()
