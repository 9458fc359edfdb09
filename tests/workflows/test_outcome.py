"""What a run shows in Prefect: a state that says whether something failed, and what was done."""

from __future__ import annotations

from casework.common.sweep_report import SweepReport
from workflows.flows import PARTLY_FAILED, outcome, tables

_CASE = "CC-GC-2026-000001"


def test_a_run_in_which_something_failed_is_not_green() -> None:
    done = SweepReport(done=[_CASE])
    state = outcome([done, SweepReport(failed=[f"{_CASE}：没有模板"])])
    assert (state.is_failed(), state.name) == (True, PARTLY_FAILED)
    assert state.message == "完成 1 项，失败 1 项"


def test_a_run_that_found_nothing_or_left_it_to_another_is() -> None:
    state = outcome([SweepReport(), None])
    assert state.is_completed()
    assert state.message == "完成 0 项；1 处已暂停或者正由另一次运行办理"


def test_a_table_links_each_case_failures_first() -> None:
    report = SweepReport(done=[f"检查{_CASE}下达"], failed=["a|b\nc"], notes=["核验 1 个案件"])
    table, rest = tables({"崇川": report, "通州": SweepReport(), "海门": None}, "https://x")
    assert rest == "## 海门：已暂停，或者正由另一次运行办理"
    assert table.splitlines() == [
        "## 崇川：完成 1 项，失败 1 项",
        "",
        "| 结果 | 事项 |",
        "|-|-|",
        "| 失败 | a／b c |",
        f"| 完成 | 检查[{_CASE}](https://x/cases/{_CASE})下达 |",
        "| 注意 | 核验 1 个案件 |",
    ]
