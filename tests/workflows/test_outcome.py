"""What a run shows in Prefect: a state that says whether something failed, and what was done."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from casework.common.demo_time import DemoTime
from casework.common.sweep_report import SweepReport
from casework.deadlines.duty_book import DIGEST, DUE_CLOCKS, DUTIES
from casework.duties.one_by_one import EVERYTHING
from casework.duties.roster import House, do
from casework.kernel.office import Office
from casework.models import Setting
from casework.operations.channels import Inbox
from tests.support.town import Town
from workflows import flows
from workflows.flows import PARTLY_FAILED, carry_out, outcome, tables

_CASE = "CC-GC-2026-000001"


def test_a_run_in_which_something_failed_is_not_green() -> None:
    done = SweepReport(done=[_CASE])
    state = outcome([("崇川", done), ("通州", SweepReport(failed=[f"{_CASE}：没有模板"]))])
    assert (state.is_failed(), state.name) == (True, PARTLY_FAILED)
    assert state.message == "完成 1 项，失败 1 项"


def test_a_run_that_found_nothing_or_left_it_to_another_is() -> None:
    state = outcome([("崇川", SweepReport()), ("通州", None), ("海门", None)])
    assert state.is_completed()
    assert state.message == "完成 0 项；通州、海门已暂停，或者正由另一次运行办理"


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


@dataclass
class _Installation:
    """What a flow finds in its environment."""

    house: House
    public_url: str = "https://x"

    def office(self) -> Office:
        return self.house.office

    @property
    def folder(self) -> Path:
        return self.house.folder


class _Plainly:
    """The task, without Prefect."""

    def with_options(self, **_options: str) -> Callable[[Callable[[], SweepReport]], SweepReport]:
        return lambda work: work()


def test_each_duty_of_days_that_are_lived_through_leaves_an_artifact_of_its_own(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In which authorities and days stand under their names."""
    office, kept = town.office, dict[str, str]()
    with closing(DemoTime(town.database, town.time)) as time:
        office.time = time
        house = House(office, tmp_path, lambda _office: Inbox())
        with town.session() as session:
            session.add(Setting(key="mode", value="demo"))
        do(house, DUE_CLOCKS, EVERYTHING)
        time.advance(2)
        monkeypatch.setattr(flows, "from_environment", lambda: _Installation(house))
        monkeypatch.setattr(flows, "house_of", lambda *_given: house)
        monkeypatch.setattr(flows, "_for_authority", _Plainly())
        monkeypatch.setattr(
            flows, "create_markdown_artifact", lambda key, markdown: kept.update({key: markdown})
        )
        assert carry_out(DIGEST, EVERYTHING).is_completed()
    assert set(kept) >= {duty.name for duty in DUTIES.values() if duty.daily}
    lines = kept["digest"].splitlines()
    titles = [line.split("：")[0].strip("# ") for line in lines if line.startswith("#")]
    days, authorities = ["补办 2026-09-01", "补办 2026-09-02"], ["崇川区卫健委", "通州区卫健委"]
    assert titles == ["每日工作摘要", *days, *authorities, "崇川生态环境局"]
