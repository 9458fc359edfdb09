"""Sweeps: what falls due happens once, whoever sweeps, and one failure never blocks the rest."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from casework.audit.root_file import read_kept
from casework.audit.roots import verify_roots
from casework.common.database import engine_for
from casework.common.problems import Misconfigured
from casework.common.sweep_report import SweepReport
from casework.common.timekeeping import legal_date
from casework.duties.daily_proof import seal_day
from casework.duties.due_clocks import fire_due_clocks
from casework.duties.handing_over import deliver_notices
from casework.duties.reminders import send_reminders
from casework.kernel.office import Office
from casework.models import Case, CaseClock, DailyRoot, LogRow, Notice, SweepFailure
from casework.operations.channels import Inbox
from casework.rules.versions import publish
from state_machines.language.vocabulary import Escalate, Fire, Refusal, Role, guard
from state_machines.licensing.licence.process import LICENCE
from tests.support.town import Town

pytestmark = pytest.mark.slow


def breaches(town: Town, number: str) -> list[LogRow]:
    case = town.case(number)
    with town.session() as session:
        rows = session.scalars(select(LogRow).where(LogRow.case_id == case.id).order_by(LogRow.seq))
        return [row for row in rows if row.header["kind"] == "expiry"]


def notices(town: Town, kind: str) -> list[Notice]:
    with town.session() as session:
        return list(session.scalars(select(Notice).where(Notice.kind == kind).order_by(Notice.id)))


def failures(town: Town) -> list[SweepFailure]:
    with town.session() as session:
        return list(session.scalars(select(SweepFailure)))


def at_once(work: Callable[[], SweepReport], workers: int = 2) -> list[SweepReport]:
    """Let several workers start the same sweep at the same moment."""
    start = Barrier(workers)

    def one(_: int) -> SweepReport:
        start.wait()
        return work()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, range(workers)))


def received(town: Town, n: int, street: str = "人民中路") -> list[str]:
    """Applications that wait for the window, each for a place of its own."""
    numbers = []
    for i in range(n):
        number = town.apply(address=f"南通市崇川区{street}{i + 1}号")
        town.attach(number)
        town.take(number, "submit", "applicant")
        numbers.append(number)
    return numbers


def numbers_in(report: SweepReport) -> list[str]:
    """The cases in which something fell due."""
    return [line.split()[0] for line in report.done]


def test_a_silent_window_has_accepted_after_five_working_days(town: Town) -> None:
    [number] = received(town, 1)
    town.time.go_to(date(2026, 9, 8), 18)
    assert fire_due_clocks(town.office).done == []
    town.time.go_to(date(2026, 9, 9), 1)
    assert fire_due_clocks(town.office).done == [f"{number} 2026-09-08届满"]
    assert town.case(number).state == "accepted"
    assert fire_due_clocks(town.office).done == []


def test_an_unchecked_promise_is_chased_once(town: Town) -> None:
    check = town.relative(town.granted(), "check")
    town.time.pass_(days=90)
    fire_due_clocks(town.office)
    fire_due_clocks(town.office)
    [breach] = breaches(town, check.number)
    assert breach.header["clock"] == "check"
    assert [n.to_role for n in notices(town, "breach") if n.case_id == check.id] == ["supervisor"]


def test_two_sweepers_do_each_case_once(town: Town) -> None:
    numbers = received(town, 8)
    town.time.pass_(days=30)
    reports = at_once(lambda: fire_due_clocks(town.office))
    assert not any(report.failed for report in reports)
    assert set(numbers) == {number for report in reports for number in numbers_in(report)}
    with town.session() as session:
        taken = session.execute(
            select(LogRow.header["case"].as_string(), func.count())
            .where(LogRow.header["name"].as_string() == "deem_accepted")
            .group_by(text("1"))
        ).all()
    assert sorted(taken) == sorted((number, 1) for number in numbers)


def test_a_case_that_another_worker_holds_is_passed_over(town: Town) -> None:
    held, free = received(town, 2)
    town.time.pass_(days=30)
    with town.session() as session:
        session.scalars(select(Case).where(Case.number == held).with_for_update()).one()
        report = fire_due_clocks(town.office)
    assert (numbers_in(report), report.skipped, report.failed) == ([free], 1, [])


def _break(monkeypatch: pytest.MonkeyPatch, town: Town, bad: str) -> Callable[..., bool]:
    """Let one case fail whenever it is brought up to date; gives what did that before."""
    sound = Office.catch_up

    def broken(office: Office, case_id: int, **options: Any) -> bool:
        if case_id == town.case(bad).id:
            raise Misconfigured("没有模板")
        return sound(office, case_id, **options)

    monkeypatch.setattr(Office, "catch_up", broken)
    return sound


def test_a_failing_case_stands_aside_and_is_tried_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = received(town, 2)
    town.time.pass_(days=30)
    sound = _break(monkeypatch, town, bad)
    report = fire_due_clocks(town.office, limit=1)
    assert report.failed == [f"{bad}：没有模板"]
    # It stands aside: with room for one case only, the other one has its turn.
    assert numbers_in(fire_due_clocks(town.office, limit=1)) == [good]

    waits = []
    for _ in range(14):
        [failure] = failures(town)
        waits.append(failure.next_try_at - failure.failed_at)
        town.time.instant = failure.next_try_at - timedelta(seconds=1)
        assert fire_due_clocks(town.office) == SweepReport()
        town.time.instant = failure.next_try_at
        assert fire_due_clocks(town.office).failed
    assert waits[:4] == [timedelta(minutes=n) for n in (1, 2, 4, 8)]
    assert max(waits) == timedelta(days=1)
    assert failures(town)[0].error == "没有模板"

    monkeypatch.setattr(Office, "catch_up", sound)
    town.time.pass_(days=1)
    assert numbers_in(fire_due_clocks(town.office)) == [bad]
    assert failures(town) == []
    assert town.case(bad).state == "accepted"


def test_what_comes_after_a_failing_case_is_done_in_the_same_run(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, *good = received(town, 4)
    town.time.pass_(days=30)
    _break(monkeypatch, town, bad)
    report = fire_due_clocks(town.office)
    assert report.failed == [f"{bad}：没有模板"]
    assert sorted(numbers_in(report)) == sorted(good)


def test_what_a_failing_case_did_is_rolled_back(town: Town) -> None:
    """The acceptance notice cannot be made: the step it belongs to did not happen."""
    [number] = received(town, 1)
    before = town.case(number)
    town.time.pass_(days=30)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("casework.documents.effects.issue", _raise)
        report = fire_due_clocks(town.office)
    assert len(report.failed) == 1
    after = town.case(number)
    assert (after.state, after.version, after.head_hash) == (
        before.state,
        before.version,
        before.head_hash,
    )


def _raise(*_: Any) -> None:
    raise RuntimeError("printer on fire")


# -- reminders -------------------------------------------------------------------------------------


def test_the_window_is_reminded_three_days_before(town: Town) -> None:
    [number] = received(town, 1)  # 1 September, due on the 8th
    town.time.go_to(date(2026, 9, 4))
    assert send_reminders(town.office).done == []
    town.time.go_to(date(2026, 9, 5))
    assert len(send_reminders(town.office).done) == 1
    town.time.go_to(date(2026, 9, 7))
    assert send_reminders(town.office).done == []
    [notice] = notices(town, "reminder")
    assert notice.key == f"reminder/{town.case(number).id}/acceptance/1/2026-09-08/3/window_clerk"
    assert "2026年9月8日届满" in notice.body
    assert "请在届满前办理“受理”" in notice.body
    assert "还有3日" in notice.body
    assert (notice.to_role, notice.to_party_id) == ("window_clerk", None)


def test_a_clock_bears_which_reminders_went_out_and_a_lost_mark_heals(town: Town) -> None:
    received(town, 1)
    town.time.go_to(date(2026, 9, 5))
    assert len(send_reminders(town.office).done) == 1
    marks = select(CaseClock.reminded).where(CaseClock.name == "acceptance")
    with town.session() as session:
        assert session.scalars(marks).one() == ["2026-09-08/3/window_clerk"]
        session.execute(update(CaseClock).values(reminded=[]))
    # The notice itself is unique, so none goes out again, and then nothing is looked at any more.
    healed, after = send_reminders(town.office), send_reminders(town.office)
    assert (healed.done, healed.skipped) == ([], 1)
    assert (after.done, after.skipped) == ([], 0)
    assert len(notices(town, "reminder")) == 1


def test_a_reminder_may_still_go_out_on_the_due_day_and_not_after(town: Town) -> None:
    received(town, 1)
    town.time.go_to(date(2026, 9, 8))
    [line] = send_reminders(town.office).done
    assert "前3日" in line
    assert "就在今天" in notices(town, "reminder")[0].body

    received(town, 1, street="青年中路")  # due on the 15th
    town.time.go_to(date(2026, 9, 16))
    assert send_reminders(town.office).done == []


def licence_reminders(town: Town) -> list[str]:
    return [n.key.split("/")[5] for n in notices(town, "reminder") if "/validity/" in n.key]


def test_a_licence_is_reminded_of_at_each_of_its_days(town: Town) -> None:
    licence = town.relative(town.granted(), "licence")
    until = date.fromisoformat(licence.data["application"]["valid_until"])
    for days in (91, 90, 89, 60, 45, 31, 30, 0):
        town.time.go_to(until - timedelta(days=days))
        fire_due_clocks(town.office)
        send_reminders(town.office)
        send_reminders(town.office)
    assert licence_reminders(town) == ["90", "60", "45", "31", "30", "0"]
    [first, *_] = [n for n in notices(town, "reminder") if "/validity/" in n.key]
    assert first.to_party_id == licence.party_id
    assert "《行政许可法》第五十条" in first.body


def test_a_turned_calendar_sends_only_the_latest_reminder(town: Town) -> None:
    licence = town.relative(town.granted(), "licence")
    until = date.fromisoformat(licence.data["application"]["valid_until"])
    town.time.go_to(until - timedelta(days=100))
    fire_due_clocks(town.office)
    send_reminders(town.office)
    assert licence_reminders(town) == []
    town.time.go_to(until - timedelta(days=50))
    fire_due_clocks(town.office)
    [line] = [one for one in send_reminders(town.office).done if "有效期" in one]
    assert "前60日，告当事人（前90日的提醒已过期，不再补发）" in line
    town.time.go_to(until - timedelta(days=40))
    [line] = send_reminders(town.office).done
    assert line.endswith("前45日，告当事人")
    assert licence_reminders(town) == ["60", "45"]


def test_a_clock_due_earlier_is_caught_up_before_reminding(town: Town) -> None:
    """Otherwise a licence would be reminded of that by now is in another state."""
    licence = town.relative(town.granted(), "licence")
    until = date.fromisoformat(licence.data["application"]["valid_until"])
    town.time.go_to(until - timedelta(days=80))
    assert not [line for line in send_reminders(town.office).done if "有效期" in line]
    fire_due_clocks(town.office)
    assert town.relative(licence.number, "licence").state == "expiring"
    assert [line for line in send_reminders(town.office).done if "有效期" in line]


def test_a_stopped_clock_is_not_reminded_of_and_a_moved_due_date_anew(town: Town) -> None:
    [number] = received(town, 1)
    town.time.go_to(date(2026, 9, 5))
    send_reminders(town.office)
    case = town.case(number)
    with town.session() as session:
        run = session.scalars(select(CaseClock).where(CaseClock.case_id == case.id)).one()
        run.status = "stopped"
        run.due_on = date(2026, 9, 10)
    town.time.go_to(date(2026, 9, 7))
    assert send_reminders(town.office).done == []
    with town.session() as session:
        session.scalars(
            select(CaseClock).where(CaseClock.case_id == case.id)
        ).one().status = "running"
    assert len(send_reminders(town.office).done) == 1


def test_two_reminding_workers_send_each_reminder_once(town: Town) -> None:
    received(town, 8)
    town.time.go_to(date(2026, 9, 7))
    reports = at_once(lambda: send_reminders(town.office))
    assert sum(len(report.done) for report in reports) == 8
    assert not any(report.failed for report in reports)
    assert len(notices(town, "reminder")) == 8


# -- notices ---------------------------------------------------------------------------------------


class Ledger:
    """A channel that keeps what it was given."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def deliver(self, session: Session, notice: Notice) -> None:
        self.keys.append(notice.key)


class Deaf:
    """A channel that hears nothing."""

    def deliver(self, session: Session, notice: Notice) -> None:
        raise OSError("线路不通")


def test_notices_are_handed_over_once(town: Town) -> None:
    received(town, 4)
    ledger = Ledger()
    reports = at_once(lambda: deliver_notices(town.office, ledger))
    keys = [notice.key for notice in notices(town, "step")]
    assert sorted(ledger.keys) == sorted(keys)
    assert sum(len(report.done) for report in reports) == len(keys) == 8
    assert deliver_notices(town.office, ledger) == SweepReport()


def test_a_notice_that_cannot_go_out_says_why_and_is_tried_again(town: Town) -> None:
    received(town, 1)
    assert len(deliver_notices(town.office, Deaf()).failed) == 2
    assert deliver_notices(town.office, Deaf()) == SweepReport()
    [notice, _] = notices(town, "step")
    assert (notice.attempts, notice.last_error) == (1, "OSError：线路不通")
    assert notice.next_try_at == town.time.now() + timedelta(minutes=1)
    town.time.pass_(minutes=1)
    lines = deliver_notices(town.office, Inbox()).done
    assert sorted(line.rpartition("（")[2] for line in lines) == ["告当事人）", "告窗口人员）"]
    [notice, _] = notices(town, "step")
    assert (notice.attempts, notice.last_error) == (2, None)
    assert notice.delivered_at == town.time.now()


# -- the daily root --------------------------------------------------------------------------------


def test_a_day_is_sealed_once_and_the_copy_proves_it(town: Town, tmp_path: Path) -> None:
    received(town, 2)
    assert len(seal_day(town.office, tmp_path).done) == 1
    assert seal_day(town.office, tmp_path).done == []
    town.time.pass_(days=1)
    seal_day(town.office, tmp_path)
    # A day later nothing came, but each day has its root.
    kept = read_kept(tmp_path)
    assert [root.day for root in kept.roots] == [date(2026, 9, 1), date(2026, 9, 2)]
    with town.session() as session:
        assert verify_roots(session, kept) == ([], [])
        rows = session.scalars(select(DailyRoot).order_by(DailyRoot.day)).all()
        assert [row.cases for row in rows] == [2, 2]


def test_the_root_changes_with_any_case(town: Town, tmp_path: Path) -> None:
    [number] = received(town, 1)
    [before] = seal_day(town.office, tmp_path).done
    town.take(number, "accept", "window")
    town.time.pass_(days=1)
    [after] = seal_day(town.office, tmp_path).done
    assert before.split()[1] != after.split()[1]


# -- an expiry that a guard refuses ----------------------------------------------------------------


@guard()
def never_by_itself() -> Refusal | None:
    """Refuses always."""
    return Refusal("never", "须由人办理", "测试")


def test_an_expiry_that_a_guard_refuses_is_told_and_not_tried_for_ever(town: Town) -> None:
    steps = tuple(
        replace(step, guards=(never_by_itself,)) if step.name == "begin_expiring" else step
        for step in LICENCE.steps
    )
    clocks = tuple(
        replace(
            clock, on_expiry=Fire("begin_expiring", otherwise=Escalate(Role.SUPERVISOR, "promise"))
        )
        if clock.name == "expiring"
        else clock
        for clock in LICENCE.clocks
    )
    strict = replace(LICENCE, steps=steps, clocks=clocks, effective_from=date(2026, 8, 1))
    owner = engine_for(town.url, role=None)  # who alone may publish
    with Session(owner) as session, session.begin():
        publish(session, {"licence": strict}, town.time.now())
    owner.dispose()
    licence = town.relative(town.granted(), "licence")
    town.time.go_to(legal_date(licence.next_due))
    report = fire_due_clocks(town.office)
    assert licence.number in numbers_in(report)
    assert town.case(licence.number).state == "valid"
    [breach] = breaches(town, licence.number)
    assert breach.payload["refused"] == "须由人办理"
    assert failures(town) == []
    assert [n.to_role for n in notices(town, "breach") if n.case_id == licence.id] == ["supervisor"]
    assert fire_due_clocks(town.office).done == []


def test_a_report_says_what_was_done_and_what_failed() -> None:
    report = SweepReport(done=["甲"], skipped=2, failed=["乙：坏了"])
    assert str(report) == "完成 1 项，他处正在办理 2 项，失败 1 项\n甲\n失败：乙：坏了"
