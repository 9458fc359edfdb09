"""What the house does by itself for each authority: what is told, to whom, and what rests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, text

from casework.audit.root_file import read_kept
from casework.common.database import engine_for
from casework.common.demo_time import DemoTime
from casework.common.problems import Misconfigured, NotFound
from casework.common.sweep_report import SweepReport
from casework.common.timekeeping import ZONE, legal_date
from casework.deadlines import duty_book
from casework.deadlines.duty_book import (
    DAILY_PROOF,
    DIGEST,
    DUE_CLOCKS,
    DUTIES,
    EXCHANGE,
    HOUSE,
    IMPORTS,
    LIVING_THROUGH,
    NOTICES,
    PUBLICATION,
    RATINGS,
    REMINDERS,
    on_duty,
)
from casework.duties import roster
from casework.duties.daily_proof import prove_day, standing_still
from casework.duties.days import live_through, passed_over
from casework.duties.digest import send_digests
from casework.duties.handing_over import deliver_notices
from casework.duties.housekeeping import keep_house
from casework.duties.one_by_one import EVERYTHING, Scope
from casework.duties.publication import chase_publications
from casework.duties.roster import House, do, house_of
from casework.kernel.office import Office
from casework.models import (
    Authority,
    ChosenFile,
    DailyRoot,
    DutyRun,
    KeptForm,
    LoginSession,
    Message,
    Notice,
    Post,
    Publication,
    Setting,
    SweepFailure,
)
from casework.notifying.states import State
from casework.operations.channels import Inbox
from tests.support.penalties import DECIDED, go, open_lead
from tests.support.people import appoint
from tests.support.publishing import (
    CREDIT_CHINA,
    ENTERPRISES,
    SITE,
    put_down,
    put_down_first,
)
from tests.support.town import StoppedTime, Town
from workflows.on_demand import keep_asking, pressing

OURS, OTHERS = "320613", "320602"


@pytest.fixture
def house(town: Town, tmp_path: Path) -> House:
    """The town's house, whose notices all reach the inbox."""
    return House(town.office, tmp_path, lambda _office: Inbox())


def codes(town: Town) -> tuple[str, ...]:
    with town.session() as session:
        return duty_book.extent(session, DUE_CLOCKS)


def told(town: Town, kind: str) -> list[Notice]:
    with town.session() as session:
        return list(session.scalars(select(Notice).where(Notice.kind == kind).order_by(Notice.id)))


def submitted(town: Town) -> str:
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    return number


def authority_of(town: Town, number: str) -> str:
    return number.split("-", 1)[0]


# -- each authority apart --------------------------------------------------------------------------


def test_one_authority_that_fails_holds_up_no_other(
    town: Town, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = codes(town)

    def work(_house: House, scope: Scope) -> SweepReport:
        if scope.authority == first:
            raise ConnectionError("its gateway is gone")
        return SweepReport(done=[scope.authority])

    monkeypatch.setattr(roster, "WORK", {**roster.WORK, DUE_CLOCKS: work})
    reports = do(house, DUE_CLOCKS, EVERYTHING)
    assert [reports[code].done for code in others if reports[code]] == [[code] for code in others]
    failed = reports[first]
    assert failed is not None
    assert failed.failed == ["ConnectionError：its gateway is gone"]
    with town.session() as session:
        assert duty_book.state_of(town.office, session, DUE_CLOCKS, others).overdue is False
        state = duty_book.state_of(town.office, session, DUE_CLOCKS, [first])
    assert state.overdue
    assert "its gateway is gone" in state.alarm


def test_one_authority_rests_and_the_others_go_on(town: Town, house: House) -> None:
    number = submitted(town)
    town.time.pass_(days=30)
    code = authority_of(town, number)
    with town.session() as session:
        person = town.people["supervisor"].person_id
        duty_book.pause(town.office, session, DUE_CLOCKS, code, person, "核对放假安排")
    reports = do(house, DUE_CLOCKS, EVERYTHING)
    assert reports[code] is None
    assert all(report is not None for other, report in reports.items() if other != code)
    assert town.case(number).state == "received"
    assert pressing(town.office) == (NOTICES,)  # what rests is asked for by nobody
    with town.session() as session:
        state = duty_book.state_of(town.office, session, DUE_CLOCKS)
        assert (state.paused, state.overdue) == ((code,), False)
        duty_book.resume(town.office, session, DUE_CLOCKS, code)
    assert DUE_CLOCKS in pressing(town.office)
    done = do(house, DUE_CLOCKS, Scope(authority=code))
    assert list(done) == [code]
    assert town.case(number).state == "accepted"


def test_a_scope_is_kept_to(town: Town, house: House) -> None:
    number = submitted(town)
    town.time.pass_(days=30)
    code = authority_of(town, number)
    other = next(one for one in codes(town) if one != code)
    for scope in (Scope(authority=other), Scope(process="penalty")):
        do(house, DUE_CLOCKS, scope)
        assert town.case(number).state == "received"
    do(house, DUE_CLOCKS, Scope(code, town.case(number).process))
    assert town.case(number).state == "accepted"


def test_nobody_is_done_for_whom_there_is_not(house: House) -> None:
    for scope, said in (
        (Scope(authority="XX"), "“XX”的机关"),
        (Scope(process="xx"), "没有程序“xx”"),
    ):
        with pytest.raises(NotFound, match=said):
            do(house, DUE_CLOCKS, scope)


def test_a_dry_run_says_what_it_would_do_and_does_nothing(town: Town, house: House) -> None:
    number = submitted(town)
    town.granted(address="青年中路3号")
    town.time.pass_(days=30)

    def everything() -> Any:
        tables = "notice", "case_log", "case_clock", "credit_rating", "daily_root", "duty_run"
        with town.session() as session:
            return {
                one: session.scalar(text(f"SELECT count(*) FROM {one}"))  # noqa: S608
                for one in tables
            }

    before = everything()
    reports = {duty: do(house, duty, Scope(dry_run=True)) for duty in DUTIES.values()}
    assert everything() == before
    code = authority_of(town, number)
    due = reports[DUE_CLOCKS][code]
    assert due is not None
    assert any(number in line for line in due.done)
    failed = [
        line for found in reports.values() for one in found.values() if one for line in one.failed
    ]
    assert [line.endswith("条通知超过一天没有送出") for line in failed] == [True]


# -- what each does --------------------------------------------------------------------------------


def test_each_desk_is_told_each_morning_what_waits_for_it(town: Town) -> None:
    submitted(town)
    lines = send_digests(town.office).done
    assert any("窗口" in line and "共1件" in line for line in lines)
    town.time.pass_(hours=2)
    assert send_digests(town.office).done == []  # once a day
    found = {(one.authority_id, one.to_role): one for one in told(town, "digest")}
    clerk = next(one for (_, role), one in found.items() if role == "window_clerk")
    assert clerk.subject.startswith("2026年9月1日")
    assert "七日内到期1件" in clerk.body
    town.time.pass_(days=20)
    send_digests(town.office)
    assert any("逾期1件" in one.body for one in told(town, "digest"))
    # The supervisor is told also that nothing waits.
    supervisors = [one for one in told(town, "digest") if one.to_role == "supervisor"]
    assert len(supervisors) >= 2


def test_whoever_publishes_is_told_each_morning_what_the_ledger_wants(town: Town) -> None:
    town.granted()
    appoint(town, "credit", "publicity_officer")
    with town.session() as session:
        [due] = session.scalars(select(Publication.due_on)).all()
        post = session.scalars(select(Post).where(Post.role == "publicity_officer")).one()
        elsewhere = session.scalars(select(Authority.id).where(Authority.code == "TZ")).one()
        known = {"person_id": post.person_id, "valid_from": post.valid_from}
        session.add(Post(authority_id=elsewhere, role=post.role, **known))

    def next_morning() -> list[str]:
        town.time.pass_(days=1)
        send_digests(town.office)
        letters = [one for one in told(town, "digest") if one.to_role == "publicity_officer"]
        return [one.body for one in letters]

    town.time.go_to(due)
    [body] = next_morning()  # of one authority: the other has nothing to publish
    assert "共1件：逾期1件" in body
    assert "公示台账" in body
    # What was done is wanted no more; nor is, of a fine, what its party does not have yet.
    put_down_first(town)
    penalty = open_lead(town)
    go(town, penalty, *DECIDED)
    assert next_morning() == [body]
    go(town, penalty, ("serve", "handler1"))
    assert len(next_morning()) == 2


def test_what_is_to_be_published_is_chased_before_and_after_its_day(town: Town) -> None:
    town.granted()
    with town.session() as session:
        due = session.scalar(select(func.min(Publication.due_on)))
    assert due is not None

    def chased(day: date) -> list[str]:
        town.time.go_to(day)
        chase_publications(town.office)
        assert chase_publications(town.office) == SweepReport()
        return [str(one.to_role) for one in told(town, "reminder") if "公示" in one.subject]

    assert chased(due - timedelta(days=3)) == []
    assert chased(due - timedelta(days=2)) == ["publicity_officer"]
    assert chased(due) == ["publicity_officer"]
    assert chased(due + timedelta(days=1)) == ["publicity_officer"] * 2
    assert chased(due + timedelta(days=3)) == ["publicity_officer"] * 2 + ["supervisor"]


def test_who_is_to_publish_is_told_which_channels_are_missing(town: Town) -> None:
    town.granted()
    appoint(town, "credit", "publicity_officer")
    with town.session() as session:
        entry, due = session.execute(select(Publication.id, Publication.due_on)).one()
    put_down(town, entry, channel=CREDIT_CHINA)
    town.time.go_to(due)
    chase_publications(town.office)
    [one] = [one for one in told(town, "reminder") if "公示" in one.subject]
    assert f"尚缺渠道：{SITE}、{ENTERPRISES}。" in one.body
    # A case may ask for several entries of one register: the step tells them apart.
    assert "行政许可（准予许可）" in one.subject
    for channel in (SITE, ENTERPRISES):
        put_down(town, entry, channel=channel)
    town.time.pass_(days=9)
    assert chase_publications(town.office) == SweepReport()


def test_what_is_long_past_is_not_said_to_be_about_to(town: Town) -> None:
    town.granted()
    town.time.pass_(days=90)
    chase_publications(town.office)
    found = [one for one in told(town, "reminder") if "公示" in one.subject]
    assert [one.to_role for one in found] == ["publicity_officer", "supervisor"]
    assert not any("将到期" in one.subject for one in found)


def test_what_was_published_is_not_chased(town: Town) -> None:
    town.granted()
    with town.session() as session:
        session.execute(text("UPDATE publication SET published_on = due_on"))
    town.time.pass_(days=90)
    assert chase_publications(town.office) == SweepReport()


def test_what_nobody_needs_is_deleted_and_nothing_else(town: Town) -> None:
    now, person = town.time.now(), town.people["window"]
    ago = now - timedelta(days=2)
    number = town.apply()
    case = town.case(number).id
    with town.session() as session:
        for name, until in (("old", ago), ("ended", now - timedelta(hours=2)), ("live", now)):
            account = {"account_id": person.account_id, "created_at": ago}
            session.add(LoginSession(token_hash=name, expires_at=until, **account))
            form = {"person_id": person.person_id, "page": "/", "fields": {}, "files": []}
            session.add(KeptForm(handle_hash=name, created_at=ago, expires_at=until, **form))
            file = {"case_id": case, "person_id": person.person_id, "material": "", "size": 4}
            file |= {"filename": name, "digest": name, "content": b"%PDF"}
            session.add(ChosenFile(chosen_at=ago, expires_at=until, **file))
    assert keep_house(town.office, Scope(dry_run=True)).done == [
        "已结束的登录 1 项",
        "未提交的表单 2 项",
        "未提交的文件 2 项",
    ]
    keep_house(town.office)
    with town.session() as session:
        assert set(session.scalars(select(LoginSession.token_hash))) >= {"ended", "live"}
        assert session.scalars(select(KeptForm.handle_hash)).all() == ["live"]
        assert session.scalars(select(ChosenFile.filename)).all() == ["live"]
    assert keep_house(town.office) == SweepReport()


def test_the_proof_of_the_day_fails_for_what_does_not_hold(town: Town, tmp_path: Path) -> None:
    number = town.granted()
    report = prove_day(town.office, tmp_path)
    assert report.failed == []
    assert len(report.done) == 1
    with engine_for(town.url, role=None).begin() as owner:
        owner.execute(
            text("UPDATE case_file SET state = 'refused' WHERE number = :number"),
            {"number": number},
        )
    failed = prove_day(town.office, tmp_path, Scope(dry_run=True)).failed
    assert any(number in line for line in failed)


def test_what_would_never_move_again_is_named(town: Town, tmp_path: Path) -> None:
    number = submitted(town)
    town.time.pass_(days=2)
    with engine_for(town.url, role=None).begin() as owner:
        owner.execute(text("UPDATE case_file SET awaiting = '{}'"))
        owner.execute(text("UPDATE case_clock SET status = 'cancelled'"))
    failed = prove_day(town.office, tmp_path).failed
    assert any(f"{number} 没有人要办，也没有期限在走" in line for line in failed)
    assert any("条通知超过一天没有送出" in line for line in failed)


@pytest.mark.parametrize(("minutes", "named"), [(4, False), (-1, True), (None, True)])
def test_an_old_message_that_somebody_has_in_hand_does_not_lie_about(
    town: Town, minutes: int | None, named: bool
) -> None:
    """A run that was killed over it held it for minutes, in which a demo was turned by days."""
    submitted(town)
    deliver_notices(town.office, Inbox())
    now = town.office.machine.now()
    with town.session() as session:
        notice_id = session.scalar(select(func.min(Notice.id)))
        message = Message(notice_id=notice_id, medium="sms", address="13800000001", key="m-1")
        message.subject = message.text = "到期提醒"
        message.urgent, message.state = False, State.WAITING.value
        message.created_at = message.next_try_at = town.time.now() - timedelta(days=2)
        message.leased_until = None if minutes is None else now + timedelta(minutes=minutes)
        session.add(message)
    with town.session() as session:
        found = standing_still(session, town.office)
    assert found == (["有 1 条消息超过一天没有发出"] if named else [])


# -- a turned calendar -----------------------------------------------------------------------------


@pytest.fixture
def opened(town: Town, tmp_path: Path) -> Iterator[tuple[DemoTime, House]]:
    """A demo that has done nothing yet, and its calendar, to be turned."""
    with town.session() as session:
        session.add(Setting(key="mode", value="demo"))
    with closing(DemoTime(town.database, town.time)) as time:
        office = Office(town.database, time, public_url="")
        office.machine = StoppedTime()
        yield time, House(office, tmp_path, lambda _office: Inbox())


@pytest.fixture
def turned(opened: tuple[DemoTime, House]) -> tuple[DemoTime, House]:
    """A demo that has done what is due, and its calendar, to be turned."""
    time, house = opened
    do(house, DUE_CLOCKS, EVERYTHING)
    return time, house


def test_days_that_were_turned_over_before_anything_was_done_are_lived_through(
    town: Town, opened: tuple[DemoTime, House]
) -> None:
    """As when somebody turns the calendar while the city is laid out."""
    time, house = opened
    assert passed_over(house.office) == ()
    time.advance(3)
    assert len(passed_over(house.office)) == 3
    live_through(house, DAILY_PROOF)
    assert passed_over(house.office) == ()
    with town.session() as session:
        days = session.scalars(select(DailyRoot.day).order_by(DailyRoot.id)).all()
    assert days == [date(2026, 9, 1) + timedelta(days=n) for n in range(3)]


def test_a_demo_lives_through_each_day_that_its_calendar_was_turned_over(
    town: Town, turned: tuple[DemoTime, House], tmp_path: Path
) -> None:
    number = submitted(town)
    time, house = turned
    office = house.office
    assert passed_over(office) == ()
    time.advance(30)
    assert len(passed_over(office)) == 30
    live_through(house, DAILY_PROOF)
    assert passed_over(office) == ()
    with town.session() as session:
        days = session.scalars(select(DailyRoot.day).order_by(DailyRoot.id)).all()
        assert days == [date(2026, 9, 1) + timedelta(days=n) for n in range(30)]
        assert _told_of(town, number) == days
        reminded = session.scalars(
            select(Notice.created_at).where(Notice.kind == "reminder", Notice.to_role == "reviewer")
        ).all()
        done_to = session.scalars(
            select(DutyRun.done_to).where(DutyRun.duty.in_([DIGEST.name, PUBLICATION.name]))
        ).all()
    # The decision's limit began, was reminded of and ended within these days.
    assert len(reminded) == 1
    assert all(isinstance(one, datetime) and legal_date(one) == days[-1] for one in done_to)
    assert [root.day for root in read_kept(tmp_path).roots] == days


def test_a_day_that_was_lived_through_is_over_also_where_something_failed(
    town: Town, turned: tuple[DemoTime, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else one case that fails would keep every duty of every authority from the present."""
    time, house = turned
    time.advance(3)
    assert pressing(house.office) == (DAILY_PROOF,)

    def work(_house: House, scope: Scope) -> SweepReport:
        return SweepReport(failed=[f"{scope.authority}：没有模板"])

    monkeypatch.setattr(roster, "WORK", {**roster.WORK, DUE_CLOCKS: work})
    assert len(passed_over(house.office)) == 3
    lived = live_through(house, DAILY_PROOF) or {}
    failed = [line for report in lived[DUE_CLOCKS].values() if report for line in report.failed]
    assert len(failed) == 4 * len(codes(town))  # three evenings, and the present
    assert "补办 2026-09-01" in lived[DUE_CLOCKS]
    assert passed_over(house.office) == ()


def test_whoever_comes_while_days_are_lived_through_waits_for_the_present(
    turned: tuple[DemoTime, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or it would leave what the present day brings to nobody: its duty is done once a day."""
    time, house = turned
    time.advance(2)
    monkeypatch.setattr(duty_book, "_PATIENCE", "50ms")
    other, lived = Event(), []
    late = Thread(target=lambda: (lived.append(live_through(house, DIGEST)), other.set()))
    with on_duty(house.office, LIVING_THROUGH):  # another run is at it
        late.start()
        assert not other.wait(0.3)
    late.join(60)
    assert other.is_set()
    assert any(report.done for report in lived[0][DIGEST].values())
    assert passed_over(house.office) == ()
    assert live_through(house, DIGEST) == {}  # nothing is left


def test_whoever_has_minutes_only_leaves_the_days_and_the_present_to_a_daily_run(
    town: Town, turned: tuple[DemoTime, House]
) -> None:
    """Thirty days take longer than it may, and it would end as a failure."""
    number = submitted(town)
    time, house = turned
    time.advance(10)
    assert pressing(house.office) == (DAILY_PROOF,)
    with on_duty(house.office, LIVING_THROUGH):
        assert pressing(house.office) == ()  # somebody is at them
    assert live_through(house, DUE_CLOCKS) is None
    assert len(passed_over(house.office)) == 10
    lived = live_through(house, DIGEST)
    assert lived is not None
    often = [DUE_CLOCKS, REMINDERS, EXCHANGE, NOTICES, IMPORTS]
    assert [duty for duty, days in lived.items() if "当日" in days] == often
    assert town.case(number).state == "accepted"
    with town.session() as session:
        behind = select(DutyRun.duty).where(DutyRun.done_to < house.office.time.now())
        assert not {duty.name for duty in often} & set(session.scalars(behind))
    assert live_through(house, DUE_CLOCKS) == {}  # nothing is left


def test_a_run_that_was_broken_off_is_asked_for(town: Town, tmp_path: Path) -> None:
    """By whatever killed it, Prefect's server included: nothing of Prefect's need tell of it."""
    house = House(town.office, tmp_path, lambda _office: Inbox())
    town.office.machine = machine = StoppedTime()
    do(house, DIGEST, EVERYTHING)
    do(house, NOTICES, EVERYTHING)
    assert pressing(town.office) == ()
    with town.session() as session:
        for code in ("CC", "GONE"):
            run = session.get(DutyRun, (DIGEST.name, code)) or DutyRun(
                duty=DIGEST.name, authority=code
            )
            run.begun_at, run.ended_at = machine.now(), None
            session.add(run)
    assert pressing(town.office) == ()  # it may be taken up at once
    machine.pass_(minutes=2)
    assert pressing(town.office) == (DIGEST,)
    with on_duty(town.office, LIVING_THROUGH):
        assert pressing(town.office) == ()
    with town.session() as session:
        session.get_one(DutyRun, (DIGEST.name, "CC")).paused_at = machine.now()
    assert pressing(town.office) == ()
    with town.session() as session:
        session.get_one(DutyRun, (DIGEST.name, "CC")).paused_at = None
    with on_duty(town.office, DIGEST, "CC"):
        machine.pass_(minutes=2)
        assert pressing(town.office) == ()  # somebody is at it
    assert pressing(town.office) == ()


def _told_of(town: Town, number: str) -> list[date]:
    """The days of which the supervisor of a case was sent a digest."""
    with town.session() as session:
        written = session.scalars(
            select(Notice.created_at).where(
                Notice.to_role == "supervisor",
                Notice.key.contains(f"digest/{authority_of(town, number)}/"),
            )
        ).all()
    return sorted(map(legal_date, written))


def _sealed(town: Town) -> list[date]:
    with town.session() as session:
        return list(session.scalars(select(DailyRoot.day).order_by(DailyRoot.id)))


def test_a_calendar_that_is_turned_while_days_are_lived_through_loses_none(
    town: Town, turned: tuple[DemoTime, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = submitted(town)
    time, house = turned
    time.advance(2)
    turns = iter((3, 4))
    digest = roster.WORK[DIGEST]

    def turn_and_digest(house: House, scope: Scope) -> SweepReport:
        if scope.authority == authority_of(town, number) and (days := next(turns, None)):
            time.advance(days)
        return digest(house, scope)

    monkeypatch.setattr(roster, "WORK", {**roster.WORK, DIGEST: turn_and_digest})
    live_through(house, DAILY_PROOF)
    days = [date(2026, 9, 1) + timedelta(days=n) for n in range(9)]
    assert _sealed(town) == _told_of(town, number) == days
    assert passed_over(house.office) == ()


def test_a_day_that_was_broken_off_is_lived_through_again(
    town: Town, turned: tuple[DemoTime, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its clocks had been let fire, and its digest and its root would never have come."""
    number = submitted(town)
    time, house = turned
    do(house, DAILY_PROOF, EVERYTHING)
    time.advance(3)

    def killed(_house: House, _scope: Scope) -> SweepReport:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(roster, "WORK", {**roster.WORK, DIGEST: killed})
        with pytest.raises(SystemExit):
            live_through(house, DAILY_PROOF)
    live_through(house, DAILY_PROOF)
    days = [date(2026, 9, 1) + timedelta(days=n) for n in range(3)]
    assert _told_of(town, number) == days
    assert sorted(set(_sealed(town))) == days


def test_what_fails_on_a_day_that_does_not_come_again_is_tried_once_more(
    town: Town, turned: tuple[DemoTime, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = submitted(town)
    time, house = turned
    time.advance(1)
    cut, digest = iter([OSError("连接中断")]), roster.WORK[DIGEST]

    def once_cut(house: House, scope: Scope) -> SweepReport:
        if error := next(cut, None):
            raise error
        return digest(house, scope)

    monkeypatch.setattr(roster, "WORK", {**roster.WORK, DIGEST: once_cut})
    lived = live_through(house, DAILY_PROOF) or {}
    assert [report.failed for report in lived[DIGEST].values() if report] == [[]]
    assert _told_of(town, number) == [date(2026, 9, 1)]


def test_a_case_that_fails_on_such_a_day_is_told_of(
    town: Town, turned: tuple[DemoTime, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands aside, so a second try would find nothing to fail."""
    case_id = town.case(submitted(town)).id
    time, house = turned
    time.advance(30)
    sound = Office.catch_up

    def broken(office: Office, of_case: int, **options: Any) -> bool:
        if of_case == case_id:
            raise Misconfigured("没有模板")
        return sound(office, of_case, **options)

    monkeypatch.setattr(Office, "catch_up", broken)
    lived = live_through(house, DAILY_PROOF) or {}
    assert any("没有模板" in line for one in lived[DUE_CLOCKS].values() for line in one.failed)


def test_messages_of_such_days_bear_their_days_and_go_out_by_day(
    town: Town, turned: tuple[DemoTime, House], tmp_path: Path
) -> None:
    submitted(town)
    time, house = turned
    time.advance(5)
    live_through(house_of(house.office, tmp_path), DAILY_PROOF)
    with town.session() as session:
        days = session.execute(
            select(Notice.created_at, Message.created_at, Message.sent_at)
            .join(Notice, Notice.id == Message.notice_id)
            .where(Notice.kind == "digest")
        ).all()
    assert len({legal_date(written) for written, *_ in days}) == 5
    assert all(legal_date(written) == legal_date(lined_up) for written, lined_up, *_ in days)
    # None in the quiet hours: at noon of the next day, and those of the last evening now.
    hours = {sent.astimezone(ZONE).hour for *_, sent in days}
    assert hours == {12, house.office.time.now().astimezone(ZONE).hour}


def test_who_rests_rests_on_the_days_that_are_lived_through_too(
    town: Town, turned: tuple[DemoTime, House]
) -> None:
    number = submitted(town)
    time, house = turned
    house.office.machine = machine = StoppedTime()
    code = authority_of(town, number)
    with town.session() as session:
        person = town.people["supervisor"].person_id
        for duty in (DUE_CLOCKS, DIGEST):
            duty_book.pause(house.office, session, duty, code, person, "核对放假安排")
    time.advance(30)
    live_through(house, DAILY_PROOF)
    machine.pass_(minutes=1)
    assert town.case(number).state == "received"
    assert passed_over(house.office) == ()
    with town.session() as session:
        keys = session.scalars(select(Notice.key).where(Notice.kind == "digest")).all()
        duty_book.resume(house.office, session, DUE_CLOCKS, code)
    assert keys
    assert not [key for key in keys if key.startswith(f"digest/{code}/")]
    # What has rested is done now, and not on the days of its rest.
    assert passed_over(house.office) == ()
    do(house, DUE_CLOCKS, EVERYTHING)
    assert town.case(number).state == "accepted"


def test_days_are_lived_through_though_the_clocks_rest_everywhere(
    town: Town, turned: tuple[DemoTime, House]
) -> None:
    """Roots and digests of those days would never come."""
    time, house = turned
    do(house, DAILY_PROOF, EVERYTHING)
    with town.session() as session:
        for code in codes(town):
            person = town.people["supervisor"].person_id
            duty_book.pause(house.office, session, DUE_CLOCKS, code, person, "核对放假安排")
    time.advance(3)
    live_through(house, DAILY_PROOF)
    assert passed_over(house.office) == ()
    with town.session() as session:
        days = session.scalars(select(DailyRoot.day).order_by(DailyRoot.id)).all()
    assert days[-3:] == [date(2026, 9, 1) + timedelta(days=n) for n in range(3)]


def test_in_earnest_no_day_is_lived_through_afterwards(town: Town, house: House) -> None:
    with town.session() as session:
        session.add(Setting(key="mode", value="production"))
    do(house, DUE_CLOCKS, EVERYTHING)
    town.time.pass_(days=30)
    assert passed_over(town.office) == ()


# -- asking for what cannot wait -------------------------------------------------------------------


def test_what_cannot_wait_is_asked_for_and_nothing_else(town: Town, house: House) -> None:
    assert pressing(town.office) == ()
    submitted(town)
    assert pressing(town.office) == (NOTICES,)
    do(house, NOTICES, EVERYTHING)
    assert pressing(town.office) == ()
    town.time.pass_(days=30)
    assert pressing(town.office) == (DUE_CLOCKS,)
    do(house, DUE_CLOCKS, EVERYTHING)
    do(house, NOTICES, EVERYTHING)
    assert pressing(town.office) == ()


def test_what_stands_aside_is_not_asked_for(town: Town, house: House) -> None:
    number = submitted(town)
    do(house, NOTICES, EVERYTHING)
    town.time.pass_(days=30)
    now = town.time.now()
    with town.session() as session:
        session.add(
            SweepFailure(
                case_id=town.case(number).id,
                sweep=DUE_CLOCKS.name,
                error="没有模板",
                attempts=1,
                failed_at=now,
                next_try_at=now + timedelta(minutes=1),
            )
        )
    assert pressing(town.office) == ()
    town.time.pass_(minutes=1)
    assert pressing(town.office) == (DUE_CLOCKS,)


def test_asking_goes_on_though_a_deployment_is_gone(town: Town, house: House) -> None:
    submitted(town)
    town.time.pass_(days=30)
    asked: list[str] = []
    rounds = iter((False, False, True))

    class Twice(Event):
        def wait(self, timeout: float | None = None) -> bool:
            return next(rounds)

    def ask(deployment: str, key: str) -> None:
        asked.append(f"{deployment} {key}")
        raise httpx.HTTPStatusError(
            "404", request=httpx.Request("POST", "http://x"), response=httpx.Response(404)
        )

    ids = {DUE_CLOCKS.name: "d1", NOTICES.name: "d2"}
    seconds = iter((0.0, 0.0, 31.0, 31.0))
    keep_asking(town.office, ids, ask, Twice(), clock=lambda: next(seconds))
    assert asked == [
        "d1 pressing/due-clocks/0",
        "d2 pressing/notices/0",
        "d1 pressing/due-clocks/1",
        "d2 pressing/notices/1",
    ]


def test_the_whole_house_is_one_scope(town: Town, house: House) -> None:
    assert list(do(house, RATINGS, EVERYTHING)) == [HOUSE]
    assert list(do(house, NOTICES, EVERYTHING)) == [HOUSE, *codes(town)]
    assert list(do(house, REMINDERS, Scope(authority=codes(town)[0]))) == [codes(town)[0]]
