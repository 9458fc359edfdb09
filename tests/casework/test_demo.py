"""The demo city: a believable past in every state, laid out once, and a calendar to turn."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import filetype
import pytest
from psycopg.errors import DeadlockDetected
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from casework.acts.actors import Actor
from casework.audit.draws_proof import faults_of_draws
from casework.audit.proof import verify_database
from casework.common.codes import doubts_about
from casework.common.database import Database, engine_for
from casework.common.demo_progress import progress
from casework.common.demo_time import FARTHEST, DemoTime
from casework.common.problems import BadDate
from casework.common.timekeeping import ZONE, legal_date
from casework.duties.daily_proof import standing_still
from casework.enforcement.exemption.ledger import ledger
from casework.grading.draws import holding as draws
from casework.grading.place_grading.graded import grades_of
from casework.kernel.office import Office
from casework.models import Account, Case, Document, LogRow, Notice, Person, Setting
from casework.operations.installation import CannotStart, Installation, mode_of, settle_mode, unread
from casework.operations.migration import migrate
from casework.people.accounts import log_in
from casework.rules.counting import WorkCalendar
from casework.rules.versions import VersionCache
from demo import seeding, telling
from demo.citizens import made_up_code, read_city
from demo.paper import pdf
from nuoxin import main
from rulebook.tree import ROOT
from state_machines.processes import PROCESSES
from tests.casework.test_contents import CONTENTS
from tests.support.contents import left_empty
from tests.support.town import StoppedTime, Town

# Laying the whole city out takes most of half a minute.
pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 22, 9, 8, tzinfo=ZONE)  # a Sunday: applicants are at it, the window is not
ACCOUNTS = {
    "applicant", "applicant2", "window", "reviewer", "eco", "eco_approver", "approver",
    "inspector1", "inspector2", "handler1", "handler2", "legal", "legal2", "credit", "supervisor",
    "admin", "window_b", "panel1", "panel2", "panel3",
}  # fmt: skip


# Who has something to do as soon as the web is said to be ready.
FIRST_AT_WORK = {
    "applicant", "window_clerk", "reviewer", "inspector", "case_handler", "legal_reviewer",
    "hearing_chair", "approver", "credit_officer", "supervisor", "eco_reviewer",
}  # fmt: skip


@pytest.fixture(scope="module")
def city(server: str) -> Iterator[Database]:
    owner = engine_for(server, role=None)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text('CREATE DATABASE "city"'))
    owner.dispose()
    url = server.replace("/postgres?", "/city?")
    migrate(url, NOW)
    assert seeding.settle_in(url, NOW)
    seeding.tell(url, public_url="http://127.0.0.1:8000", at_once=True)
    database = Database(url)
    with database.session() as session:
        assert progress(session) is not None
        awaited = session.scalars(select(Case.awaiting)).all()
    assert {role for roles in awaited for role in roles} >= FIRST_AT_WORK
    seeding.tell(url, public_url="http://127.0.0.1:8000")
    with database.session() as session:
        assert progress(session) is None
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
# An authority seldom undoes its own decision.
_UNTOLD_STATES = ("decision_undone", "undoing_announced", "undoing_served")


def test_every_state_of_every_process_is_there(city: Database) -> None:
    with city.session() as session:
        rows = session.execute(select(Case.process, Case.state).distinct())
        seen = {(row.process, row.state) for row in rows}
    wanted = {
        (key, state.name)
        for key in PROCESSES
        if key not in _TOLD_IN_PART
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
    assert set(running) == set(PROCESSES)
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
        # What is seized at once is seized when it is found (强制法19).
        of_others = Case.process != "evidence_custody"
        headers = session.scalars(select(LogRow.header).join(Case).where(of_others)).all()
    acts = [
        datetime.fromisoformat(header["recorded_at"]).astimezone(ZONE)
        for header in headers
        # A decision is shown on the day of its service, whichever that is.
        if header["channel"] == "窗口" and header["kind"] != "published"
        if header["name"] != "request_custody"
    ]
    assert len(acts) > 150
    for at in acts:
        assert calendar.day(at.date()).working, at
        assert 9 <= at.hour < 18


def test_the_whole_of_it_can_be_proved(city: Database) -> None:
    with city.session() as session:
        report = verify_database(session, VersionCache())
    assert report.cases > 100
    assert report.faults == ()
    assert [str(one) for one in report.breaches] == []


def test_nothing_in_it_waits_for_nobody_without_saying_why(city: Database) -> None:
    office = Office(city, StoppedTime(NOW), public_url="")
    with city.session() as session:
        assert [one for one in standing_still(session, office) if "没有人要办" in one] == []


def test_a_barred_firm_stands_where_it_would_promise(city: Database) -> None:
    office = Office(city, StoppedTime(NOW), public_url="")
    with city.session() as session:
        cases = session.scalars(select(Case).where(Case.state == "informed")).all()
        [case] = [c for c in cases if c.data["application"]["place_name"] == "悦来旅店"]
        actor = actor_called(session, "firm07")
        verdicts = {v.step.name: v for v in office.verdicts(session, case, actor)}
    assert "promise_barred" in {reason.code for reason in verdicts["commit"].reasons}
    assert verdicts["decline"].allowed


def test_the_accounts_log_in(city: Database) -> None:
    with city.session() as session:
        names = set(session.scalars(select(Account.username)))
        assert names >= ACCOUNTS
        token, _ = log_in(session, "window", "demo", NOW)
        assert token


def test_places_are_graded_by_points_and_vetoes(city: Database) -> None:
    office = Office(city, StoppedTime(NOW), public_url="")
    with city.session() as session:
        licences = session.scalars(select(Case).where(Case.process == "licence")).all()
        grades = grades_of(session, office.rules.current(session), licences).values()
    assert {one.place_name: (one.grade, len(one.vetoes)) for one in grades} == {
        "长亭酒店青年店": ("A", 0),
        "长亭酒店跃龙店": ("B", 0),
        "长亭客栈寺街店": ("", 1),
    }


def test_a_place_and_two_of_three_officers_were_drawn(city: Database) -> None:
    office = Office(city, StoppedTime(NOW), public_url="")
    with city.session() as session:
        [one] = draws.draws(office, session, actor_called(session, "supervisor"))
        assert faults_of_draws(session) == []
    assert one.same_again
    assert one.sent
    assert one.case
    assert len(one.objects) > 30
    assert len(one.officers) == 3
    assert len(one.drawn) == 2


def test_the_ledger_is_of_as_many_as_a_district_reported(city: Database) -> None:
    office = Office(city, StoppedTime(NOW), public_url="")
    with city.session() as session:
        total = ledger(office, session, actor_called(session, "supervisor")).total
    assert (total.cases, total.firms) == (111, 73)


def actor_called(session: Session, username: str) -> Actor:
    account, name = session.execute(
        select(Account, Person.name)
        .join(Person, Person.id == Account.person_id)
        .where(Account.username == username)
    ).one()
    return Actor(account.id, account.person_id, name)


def test_it_is_laid_out_once(city: Database) -> None:
    with city.session() as session:
        before = session.scalar(select(func.count()).select_from(Case))
    assert not seeding.settle_in(url_of(city), NOW)
    seeding.tell(url_of(city), public_url="")
    with city.session() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == before
        assert mode_of(session) == "demo"


def test_every_story_is_told() -> None:
    city = read_city()
    told = {place["story"] for firm in city.firms for place in firm.places}
    assert set(seeding.place_stories()) == told


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


@pytest.fixture
def peopled(empty: str) -> Iterator[Database]:
    """The people of the city, and no story yet."""
    assert seeding.settle_in(empty, NOW)
    database = Database(empty)
    yield database
    database.close()


def opened_at(database: Database) -> list[tuple[str, int | None]]:
    """Each case as its process and its party, so that one told twice is seen."""
    with database.session() as session:
        rows = session.execute(select(Case.process, Case.party_id).order_by(Case.id))
        return sorted((row.process, row.party_id) for row in rows)


def test_what_broke_off_in_a_story_is_gone_and_the_rest_goes_on(peopled: Database) -> None:
    url, seen = url_of(peopled), list[tuple[int, int]]()

    def wanted() -> bool:
        """Until the third story is well under way; others see what has been told whole."""
        with peopled.session() as session:
            told = progress(session)
            assert told is not None
            cases = session.scalar(select(func.count()).select_from(Case))
            seen.append((told.told, cases or 0))
        return [told for told, _ in seen].count(2) < 4

    seeding.tell(url, public_url="", at_once=True, wanted=wanted)
    with peopled.session() as session:
        told = list(session.get_one(Setting, "demo_city").value["told"])
    assert len(told) == 2
    # While one story is told, nobody sees any of it.
    assert len(set(seen)) == 3
    assert seen[0] == (0, 0)
    before = opened_at(peopled)
    assert before

    seeding.tell(url, public_url="", at_once=True)
    after = opened_at(peopled)
    with peopled.session() as session:
        names = session.get_one(Setting, "demo_city").value["told"]
        assert verify_database(session, VersionCache()).faults == ()
    first = [tale.name for tale in seeding.tales(read_city()) if tale.at_once]
    assert names == first
    assert names[: len(told)] == told
    assert [case for case in before if after.count(case) < before.count(case)] == []

    seeding.tell(url, public_url="", at_once=True)
    assert opened_at(peopled) == after


def test_a_story_that_met_a_deadlock_is_told_anew_and_once(
    peopled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, met = telling.Teller.tell, list[str]()

    def tell(self: telling.Teller, tale: telling.Tale, *given: Any) -> None:
        whole(self, tale, *given)
        if not met:
            met.append(tale.name)
            raise OperationalError("", None, DeadlockDetected())

    monkeypatch.setattr(telling.Teller, "tell", tell)
    one = seeding.tales(read_city())[0]
    monkeypatch.setattr(seeding, "tales", lambda _: [one])
    seeding.tell(url_of(peopled), public_url="")
    assert met == [one.name]
    with peopled.session() as session:
        assert session.get_one(Setting, "demo_city").value["told"] == [one.name]
        process = session.scalars(select(Case.process).where(Case.relation == "")).all()
    assert process == ["instant_licence"]


def test_a_story_that_cannot_be_told_leaves_nothing(
    peopled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = seeding.tales(read_city())[0]

    def broken(office: Any, people: Any, end: Any) -> Any:
        yield from one.told(office, people, end)
        raise BadDate("the end of it is wrong")

    tale = telling.Tale(one.name, one.days_ago, broken)
    monkeypatch.setattr(seeding, "tales", lambda _: [tale])
    with pytest.raises(BadDate):
        seeding.tell(url_of(peopled), public_url="")
    assert opened_at(peopled) == []


def test_a_city_of_an_earlier_release_is_a_clear_refusal(empty: str) -> None:
    database = Database(empty)
    with database.session() as session:
        session.add(Setting(key="demo_city", value="complete"))
    database.close()
    with pytest.raises(CannotStart, match="较早的版本"):
        seeding.settle_in(empty, NOW)


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


def test_no_letter_of_the_city_leaves_a_compulsory_content_empty(city: Database) -> None:
    seen: set[str] = set()
    empty: set[tuple[str, str]] = set()
    with city.session() as session:
        for key, context in session.execute(select(Document.key, Document.context)):
            if key in CONTENTS:
                seen.add(key)
                empty |= {(key, line) for line in left_empty(CONTENTS[key], context)}

    assert empty == set()
    assert len(seen) >= 30


def test_what_is_set_and_read_no_longer_is_named_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert unread({"NUOXIN_DATABASE_URL": "x"}) == ()
    monkeypatch.setenv("NUOXIN_MAIL", "/var/mail/out")
    monkeypatch.setenv("NUOXIN_DATA", str(tmp_path))
    monkeypatch.delenv("NUOXIN_DATABASE_URL", raising=False)
    assert main(["flows"]) == 2
    assert capsys.readouterr().err.count("NUOXIN_MAIL") == 1
