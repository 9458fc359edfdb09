"""The demo city: a believable past in every state, laid out once, and a calendar to turn."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from io import BytesIO

import filetype
import pytest
from sqlalchemy import func, select, text

from casework.accounts import log_in
from casework.actors import Actor
from casework.codes import doubts_about
from casework.counting import WorkCalendar
from casework.database import Database, engine_for
from casework.demo import seeding
from casework.demo.credit import CREDIT_STORIES
from casework.demo.custody import CUSTODY_STORIES
from casework.demo.licences import LICENCE_STORIES
from casework.demo.paper import pdf
from casework.demo.penalties import PENALTY_STORIES
from casework.demo.people import made_up_code, read_city
from casework.demo.radiation import RADIATION_STORIES
from casework.demo.stories import STORIES
from casework.demo.talks import TALK_STORIES
from casework.demo_time import FARTHEST, DemoTime
from casework.installation import CannotStart, Installation, mode_of, settle_mode
from casework.migration import ROOT, migrate
from casework.models import Account, Case, LogRow, Notice, Person, Setting
from casework.office import Office
from casework.problems import BadDate
from casework.proof import verify_database
from casework.timekeeping import ZONE, legal_date
from casework.versions import VersionShelf
from state_machines.processes import PROCESSES
from tests.support.town import StoppedTime, Town

# Laying the whole city out takes most of half a minute.
pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 22, 9, 8, tzinfo=ZONE)  # a Sunday: applicants are at it, the window is not
ACCOUNTS = {
    "applicant", "applicant2", "window", "reviewer", "eco", "eco_approver", "approver",
    "inspector1", "inspector2", "handler1", "handler2", "legal", "legal2", "credit", "supervisor",
    "admin", "window_b", "panel1", "panel2", "panel3",
}  # fmt: skip


@pytest.fixture(scope="module")
def city(server: str) -> Iterator[Database]:
    owner = engine_for(server, role=None)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text('CREATE DATABASE "city"'))
    owner.dispose()
    url = server.replace("/postgres?", "/city?")
    migrate(url, NOW)
    assert seeding.seed(url, NOW, public_url="http://127.0.0.1:8000")
    database = Database(url)
    with database.session() as session:
        assert seeding.is_under_way(session)
    seeding.seed_ledger(url, NOW, public_url="http://127.0.0.1:8000")
    with database.session() as session:
        assert not seeding.is_under_way(session)
    yield database
    database.close()


def url_of(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")


# A penalty has sixty states: of those, the city has one for each desk that acts in it.
_TOLD_IN_PART: Mapping[str, Collection[str]] = {
    "penalty": (
        "investigating", "notified", "hearing_scheduled", "legal_review", "panel_discussion",
        "decided", "served", "not_punished", "paid", "archived", "overdue", "urged", "instalment",
    ),
    "simple_penalty": ("punished",),
}  # fmt: skip
# What only a window or an inspector begins, and nothing that happened in the city led to.
_UNTOLD = ("place_grading", "code_change")
# An authority seldom undoes its own decision.
_UNTOLD_STATES = ("decision_undone", "undoing_announced", "undoing_served")


def test_every_state_of_every_process_is_there(city: Database) -> None:
    with city.session() as session:
        rows = session.execute(select(Case.process, Case.state).distinct())
        seen = {(row.process, row.state) for row in rows}
    wanted = {
        (key, state.name)
        for key in PROCESSES
        if key not in {*_TOLD_IN_PART, *_UNTOLD}
        for state in PROCESSES[key].states
        if state.name not in _UNTOLD_STATES
    }
    assert wanted - seen == set()
    for process, states in _TOLD_IN_PART.items():
        assert {(process, state) for state in states} <= seen


def test_some_are_overdue_and_some_run(city: Database) -> None:
    today = legal_date(NOW)
    with city.session() as session:
        overdue = session.scalars(select(Case.process).where(Case.due_on < today)).all()
        running = session.scalars(select(Case.process).where(Case.due_on >= today)).all()
        breaches = session.scalar(select(func.count()).where(Notice.kind == "breach"))
    assert {"instant_licence", "commitment_check"} <= set(overdue)
    assert set(running) == set(PROCESSES) - set(_UNTOLD)
    assert breaches


def test_nothing_is_left_over_and_nothing_lies_ahead(city: Database) -> None:
    with city.session() as session:
        assert session.scalar(select(func.count()).where(Case.next_due <= NOW)) == 0
        assert session.scalar(select(func.count()).where(Notice.delivered_at.is_(None))) == 0
        headers = session.scalars(select(LogRow.header)).all()
    instants = [datetime.fromisoformat(header["recorded_at"]) for header in headers]
    assert max(instants) <= NOW
    assert min(instants).astimezone(ZONE).date() >= date(2021, 7, 1)
    for header in headers:
        assert header["effective_at"] <= header["recorded_at"]


def test_officers_act_in_office_hours(city: Database) -> None:
    with city.session() as session:
        office = Office(city, StoppedTime(NOW), public_url="")
        calendar: WorkCalendar = office.rules.current(session).calendar
        headers = session.scalars(select(LogRow.header)).all()
    acts = [
        datetime.fromisoformat(header["recorded_at"]).astimezone(ZONE)
        for header in headers
        if header["channel"] == "窗口"
    ]
    assert len(acts) > 150
    for at in acts:
        assert calendar.day(at.date()).working, at
        assert 9 <= at.hour < 18


def test_the_whole_of_it_can_be_proved(city: Database) -> None:
    with city.session() as session:
        report = verify_database(session, VersionShelf())
    assert report.cases > 100
    assert report.faults == ()


def test_a_barred_firm_stands_where_it_would_promise(city: Database) -> None:
    office = Office(city, StoppedTime(NOW), public_url="")
    with city.session() as session:
        account, name = session.execute(
            select(Account, Person.name)
            .join(Person, Person.id == Account.person_id)
            .where(Account.username == "firm07")
        ).one()
        cases = session.scalars(select(Case).where(Case.state == "informed")).all()
        [case] = [c for c in cases if c.data["application"]["place_name"] == "悦来旅店"]
        actor = Actor(account.id, account.person_id, name)
        verdicts = {v.step.name: v for v in office.verdicts(session, case, actor)}
    assert "promise_barred" in {reason.code for reason in verdicts["commit"].reasons}
    assert verdicts["decline"].allowed


def test_the_accounts_log_in(city: Database) -> None:
    with city.session() as session:
        names = set(session.scalars(select(Account.username)))
        assert names >= ACCOUNTS
        token, _ = log_in(session, "window", "demo", NOW)
        assert token


def test_it_is_laid_out_once(city: Database) -> None:
    with city.session() as session:
        before = session.scalar(select(func.count()).select_from(Case))
    assert not seeding.seed(url_of(city), NOW, public_url="")
    with city.session() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == before
        assert mode_of(session) == "demo"


def test_every_story_is_told() -> None:
    city = read_city()
    told = {place["story"] for firm in city.firms for place in firm.places}
    theirs = (
        STORIES,
        LICENCE_STORIES,
        RADIATION_STORIES,
        CUSTODY_STORIES,
        CREDIT_STORIES,
        TALK_STORIES,
        PENALTY_STORIES,
    )
    assert {name for stories in theirs for name in stories} == told


def test_codes_are_right_and_apart() -> None:
    codes = [firm.code for firm in read_city().firms]
    assert len(set(codes)) == len(codes) >= 40
    assert all(not doubts_about("uscc", code) for code in codes)
    assert made_up_code("320613", 1) == made_up_code("320613", 1)


def test_a_made_up_paper_is_a_pdf() -> None:
    made = pdf(["卫生检测报告", "南通滨江宾馆有限公司"])
    assert filetype.guess_mime(made) == "application/pdf"
    start = int(made.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert made[start : start + 4] == b"xref"
    assert BytesIO(made).read(5) == b"%PDF-"


# -- a seeding that broke off ----------------------------------------------------------------------


def test_a_seeding_that_broke_off_is_noticed_cleared_and_done_again(
    empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_out(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(seeding, "_Walk", run_out)
    with pytest.raises(KeyboardInterrupt):
        seeding.seed(empty, NOW, public_url="")
    assert seeding.is_half_done(empty)
    seeding.clear(empty)
    migrate(empty, NOW)
    assert not seeding.is_half_done(empty)
    database = Database(empty)
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 0
    database.close()


def test_only_a_half_seeded_demo_is_ever_cleared(town: Town) -> None:
    with pytest.raises(ValueError, match="half-seeded"):
        seeding.clear(town.url)
    assert town.apply()


@pytest.fixture
def empty(server: str) -> Iterator[str]:
    """A migrated database without people."""
    owner = engine_for(server, role=None)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text('CREATE DATABASE "empty"'))
        url = server.replace("/postgres?", "/empty?")
        migrate(url, NOW)
        yield url
        connection.execute(text('DROP DATABASE "empty" WITH (FORCE)'))
    owner.dispose()


# -- demo or production ----------------------------------------------------------------------------


def test_a_database_in_use_never_becomes_a_demo(town: Town) -> None:
    with pytest.raises(CannotStart, match="已有账号"), town.session() as session:
        settle_mode(session, demo=True)
    with town.session() as session:
        settle_mode(session, demo=False)
    with pytest.raises(CannotStart, match="正式环境"), town.session() as session:
        settle_mode(session, demo=True)


def test_a_demo_never_becomes_production(empty: str) -> None:
    database = Database(empty)
    with database.session() as session:
        settle_mode(session, demo=True)
    with pytest.raises(CannotStart, match="演示数据库"), database.session() as session:
        settle_mode(session, demo=False)
    database.close()


def test_production_does_not_start_with_a_demo_calendar(empty: str) -> None:
    database = Database(empty)
    with database.session() as session:
        settle_mode(session, demo=False)
        session.add(Setting(key="demo_clock", value={"seconds": 1}))
    with pytest.raises(CannotStart, match="演示日历"), database.session() as session:
        settle_mode(session, demo=False)
    database.close()


def test_a_database_that_is_not_there_is_a_clear_refusal(server: str) -> None:
    missing = server.replace("/postgres?", "/nowhere?")
    with pytest.raises(CannotStart, match="连接不上数据库"):
        Installation(missing, ROOT, "").office()


def test_a_database_without_tables_says_migrate(town: Town) -> None:
    owner = engine_for(town.url, role=None)
    with owner.begin() as connection:
        connection.execute(text("DROP TABLE setting"))
    owner.dispose()
    with pytest.raises(CannotStart, match="migrate"):
        Installation(town.url, ROOT, "").office()


# -- the calendar ----------------------------------------------------------------------------------


def test_the_calendar_turns_forward_for_everybody(town: Town) -> None:
    machine = StoppedTime(NOW)
    mine, theirs = DemoTime(town.database, machine), DemoTime(town.database, machine)
    assert mine.now() == NOW
    assert mine.advance(90) == NOW + timedelta(days=90)
    assert theirs.now() == NOW + timedelta(days=90)
    later = NOW + timedelta(days=100)
    assert theirs.turn_to(later) == mine.now() == later
    machine.pass_(hours=1)
    assert mine.now() == later + timedelta(hours=1)
    mine.close()
    theirs.close()


def test_the_calendar_never_turns_back_or_too_far(town: Town) -> None:
    machine = StoppedTime(NOW)
    time = DemoTime(town.database, machine)
    time.advance(10)
    for wrong in (NOW, NOW + FARTHEST + timedelta(seconds=1), datetime(2027, 1, 1)):  # noqa: DTZ001
        with pytest.raises(BadDate):
            time.turn_to(wrong)
    for days in (0, -3, 10**12):
        with pytest.raises(BadDate):
            time.advance(days)
    assert time.now() == NOW + timedelta(days=10)
    machine.instant -= timedelta(hours=2)  # the machine's clock was put right
    assert time.now() == NOW + timedelta(days=10)
    time.close()
