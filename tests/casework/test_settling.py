"""Settling in: a file of authorities and people, put into an empty database and kept up to date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Update, func, select, text, update

from casework.acts.actors import Actor, involvement_of
from casework.audit.admin_proof import faults_of_administration
from casework.common.database import Database, engine_for
from casework.common.problems import BadInput, LoginRefused, NotFound
from casework.kernel.office import Office
from casework.models import (
    Account,
    AdminEntry,
    Authority,
    Case,
    Delegation,
    LoginSession,
    Mandate,
    Party,
    Person,
    Post,
)
from casework.operations.migration import migrate
from casework.people.accounts import log_in, renew_password
from casework.people.administration.delegations import awaiting_head, confirm
from casework.people.offices import Offices, read_offices
from casework.people.settling import Settled, settle
from rulebook.tree import ROOT
from state_machines.language.vocabulary import Role
from tests.support.signed import SMALL_PDF
from tests.support.town import START, StoppedTime, Town, application, fresh_copy
from tests.test_command_line import nuoxin

pytestmark = pytest.mark.slow

EXAMPLE = ROOT / "docs" / "offices.example.toml"
TODAY = START.date()
AUTHORITY = {
    "code": "CC",
    "name": "崇川区卫健委",
    "short": "崇川卫健",
    "region": "320613",
    "matters": ["public_place_hygiene"],
    "address": "某路1号",
    "phone": "0513-80000000",
    "reconsideration_body": "崇川区政府",
    "reconsideration_online": "https://fy.example.invalid",
    "court": "崇川区法院",
}
CERTIFIED = {"certificate": "苏卫执1", "certificate_expires": date(2029, 12, 31)}


@pytest.fixture(scope="module")
def unsettled(server: str) -> str:
    """The name of a migrated database with nobody in it."""
    owner = engine_for(server, role=None)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text('CREATE DATABASE "unsettled"'))
    owner.dispose()
    migrate(server.replace("/postgres?", "/unsettled?"), START)
    return "unsettled"


@pytest.fixture
def url(server: str, unsettled: str) -> Iterator[str]:
    with fresh_copy(server, unsettled, "settling") as made:
        yield made


@pytest.fixture
def empty(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


def offices(*posts: dict[str, Any], person: dict[str, Any] | None = None, **more: Any) -> Offices:
    who = {"account": "li.wenjing", "name": "李文静", "posts": posts, **(person or {})}
    return Offices.model_validate({"authority": [AUTHORITY], "person": [who], **more})


DELEGATION = {
    "authority": "CC",
    "account": "li.wenjing",
    "by": "zhang.jm",
    "number": "崇卫授〔2026〕1号",
    "signed_on": TODAY,
    "from": TODAY,
    "to": date(2026, 12, 31),
    "scope": ["instant_licence.grant"],
}


def post(role: str = "window_clerk", first: date = date(2026, 1, 1), **more: Any) -> dict[str, Any]:
    return {"authority": "CC", "role": role, "from": first, **more}


def put(database: Database, what: Offices) -> Settled:
    with database.session() as session:
        return settle(session, what, TODAY)


def contents(database: Database) -> list[Any]:
    with database.session() as session:
        return [
            {column.key: getattr(row, column.key) for column in kind.__table__.c}
            for kind in (Authority, Person, Account, Post, Party, Mandate)
            for row in session.scalars(select(kind).order_by(kind.id))
        ]


@pytest.mark.parametrize(
    "change",
    [
        update(Authority).values(address="别处"),
        update(Person).values(name="别人"),
        update(Account).values(active=False),
    ],
    ids=lambda change: change.table.name,
)
def test_who_is_who_is_told_once_and_whoever_changes_it_otherwise_is_found(
    empty: Database, change: Update
) -> None:
    put(empty, offices(post()))
    put(empty, offices(post()))
    with empty.session() as session:
        told = session.scalars(select(AdminEntry.said)).all()
        assert [[row["table"] for row in said["rows"]] for said in told] == [
            ["post"],
            ["authority", "account", "person"],
        ]
        assert faults_of_administration(session) == []
        session.execute(change)
        [fault] = faults_of_administration(session)
        assert "与管理记录最后的记载不一致" in fault.text
        session.rollback()
    put(empty, offices(post(), person={"active": False}))
    with empty.session() as session:
        assert faults_of_administration(session) == []


def test_a_file_does_not_bring_back_a_mandate_that_was_ended(empty: Database) -> None:
    party = {
        "code_kind": "uscc",
        "code": "91440300708461136T",
        "name": "南通滨江宾馆有限公司",
        "representative": "李文静",
        "address": "人民中路88号",
        "phone": "13800000001",
    }
    mandate = {"party": party["code"], "capacity": "representative", "from": TODAY}
    told = offices(person={"mandates": [mandate]}, party=[party])
    put(empty, told)
    put(empty, told)
    with empty.session() as session:
        ended = {"valid_to": TODAY, "ended_because": "法定代表人（负责人）变更"}
        session.execute(update(Mandate).values(**ended))
    with pytest.raises(BadInput, match="由窗口登记或者终止"):
        put(empty, told)


def test_migrating_tells_who_has_a_window_and_no_delegation(empty: Database, url: str) -> None:
    window = {"account": "li.wenjing", "name": "李文静", "posts": [post()]}
    leader = {"account": "zhang.jm", "name": "张建明", "posts": [post("approver")]}
    people = {"authority": [AUTHORITY], "person": [window, leader]}
    put(empty, Offices.model_validate(people))
    [line] = migrate(url, START)
    assert line.startswith("崇川卫健没有经授权人确认的首席代表授权，窗口不能作出许可决定")
    put(empty, Offices.model_validate({**people, "delegation": [DELEGATION]}))
    # One that its head did not confirm delegates nothing (许可法24).
    assert migrate(url, START) == (line,)
    with empty.session() as session:
        account = session.scalars(select(Account).where(Account.username == "zhang.jm")).one()
        head = Actor(account.id, account.person_id, "张建明")
        [waits] = awaiting_head(session, head)
        confirm(session, head, waits.id, START, "授权书.pdf", SMALL_PDF)
    assert migrate(url, START) == ()
    with empty.session() as session:
        assert faults_of_administration(session) == []
        kinds = [entry.said["kind"] for entry in session.scalars(select(AdminEntry))]
        assert kinds == [*["settled"] * 4, "delegation_confirmed"]
    for wrong in (
        {"account": "nobody"},
        {"by": "nobody"},
        {"authority": "XX"},
        {"scope": ["penalty.decide"]},
        {"scope": ["licence_change.grant"]},  # of the same paper
        {"to": date(2027, 1, 1)},
        {"from": date(2026, 10, 1)},
    ):
        with pytest.raises(BadInput, match="授权“崇卫授"):
            put(empty, Offices.model_validate({"delegation": [{**DELEGATION, **wrong}]}))
    typed = {"account": " Li.Wenjing", "by": "ZHANG.JM", "to": date(2026, 11, 30)}
    for _ in range(2):
        put(empty, Offices.model_validate({"delegation": [{**DELEGATION, **typed}]}))
    with empty.session() as session:
        assert session.scalars(select(Delegation.valid_to)).all() == [date(2026, 11, 30)]
    for name, value in (("by", "li.wenjing"), ("scope", []), ("signed_on", date(2026, 9, 2))):
        with pytest.raises(ValidationError):
            Offices.model_validate({"delegation": [{**DELEGATION, name: value}]})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"by": "li.wenjing2"}, "在签署日期 2026-09-01 不是本机关的负责人"),
        ({"by": "own.account"}, "不能授权给本人"),
        ({"signed_on": date(2025, 12, 31)}, "在签署日期 2025-12-31 不是本机关的负责人"),
        ({"account": "zhang.jm2"}, "在起始日期 2026-09-01 不是本机关的窗口人员"),
        ({"to": date(2027, 12, 31), "from": date(2027, 7, 1)}, "在起始日期 2027-07-01 不是"),
        ({"account": "gone"}, "账号“gone”已停用"),
        ({"account": "by.himself"}, "账号“by.himself”是有人自行注册的"),
    ],
)
def test_a_delegation_of_the_file_is_what_the_page_would_take(
    empty: Database, changes: dict[str, Any], said: str
) -> None:
    window, leader = post(to=date(2027, 6, 30)), post("approver")
    put(
        empty,
        Offices.model_validate(
            {
                "authority": [AUTHORITY],
                "person": [
                    {"account": "li.wenjing", "name": "李文静", "posts": [window]},
                    {"account": "zhang.jm", "name": "张建明", "posts": [leader]},
                    {"account": "li.wenjing2", "name": "李文静", "posts": [window]},
                    {"account": "zhang.jm2", "name": "张建明", "posts": [leader]},
                    {"account": "gone", "name": "离职者", "posts": [window], "active": False},
                ],
            }
        ),
    )
    with empty.session() as session:
        person = Person(name="自行注册者")
        session.add(person)
        session.flush()
        clerk = session.scalars(select(Account).where(Account.username == "li.wenjing")).one()
        for username, of, since in (
            ("by.himself", person.id, START),
            ("own.account", clerk.person_id, None),
        ):
            session.add(
                Account(person_id=of, username=username, password_hash="-", registered_at=since)
            )
    with pytest.raises(BadInput, match=f"授权“崇卫授.*{said}"):
        put(empty, Offices.model_validate({"delegation": [{**DELEGATION, **changes}]}))
    put(empty, Offices.model_validate({"delegation": [DELEGATION]}))


def test_the_example_makes_an_office_that_can_open_a_case(empty: Database) -> None:
    settled = put(empty, read_offices(EXAMPLE))
    accounts = {account.username: account for account in settled.new_accounts}
    assert set(accounts) == {
        "window.a", "inspector.a", "inspector.b", "approver.a", "legal.a", "supervisor.a",
        "admin.a", "firm.a", "agent.a",
    }  # fmt: skip
    firm = accounts["firm.a"]
    office = Office(empty, StoppedTime(), public_url="http://127.0.0.1:8000")
    actor = Actor(firm.id, firm.person_id, "代表甲")
    number = office.open_case("instant_licence", application(), actor).number
    assert number.startswith("CC-")
    with empty.session() as session:
        case = session.scalars(select(Case)).one()
        inspector = involvement_of(session, accounts["inspector.b"].person_id, "执法乙", case)
    assert inspector.on([date(2026, 12, 31)]).roles == {Role.INSPECTOR, Role.REVIEWER}
    assert inspector.on([date(2027, 1, 1)]).roles == {Role.INSPECTOR}
    assert inspector.certificate_on(TODAY) == "苏卫执00000002"


def test_settling_again_changes_nothing_and_makes_nothing_twice(empty: Database) -> None:
    put(empty, read_offices(EXAMPLE))
    before = contents(empty)
    assert put(empty, read_offices(EXAMPLE)) == Settled((), ())
    assert contents(empty) == before


def test_what_changed_in_the_file_changes_in_the_database(empty: Database) -> None:
    put(empty, offices(post()))
    moved = {**AUTHORITY, "address": "某路9号"}
    ended = post(to=date(2026, 8, 31))
    later = post(first=date(2027, 1, 1), certificate="苏1", certificate_expires=date(2030, 1, 1))
    put(
        empty,
        offices(
            ended,
            later,
            person={"name": "李静", "former_name": "李文静", "active": False},
            authority=[moved],
        ),
    )
    with empty.session() as session:
        assert session.scalars(select(Authority.address)).all() == ["某路9号"]
        assert session.scalars(select(Person.name)).all() == ["李静"]
        assert session.scalars(select(Account.active)).all() == [False]
        held = session.execute(
            select(Post.valid_from, Post.valid_to, Post.certificate_number).order_by(Post.id)
        ).all()
    assert [tuple(row) for row in held] == [
        (date(2026, 1, 1), date(2026, 8, 31), None),
        (date(2027, 1, 1), None, "苏1"),
    ]


def test_a_post_that_left_the_file_stays_and_is_told(empty: Database) -> None:
    put(empty, offices(post(), post("admin"), post("reviewer", to=date(2026, 5, 1))))
    assert put(empty, offices(post())).unlisted == (
        "崇川卫健 李文静 系统管理员（自 2026-01-01 起）",
    )
    with empty.session() as session:
        assert session.scalar(select(func.count()).select_from(Post)) == 3


def test_a_registered_party_stays_as_the_window_registered_it(town: Town) -> None:
    party = {
        "code_kind": "uscc",
        "code": "91440300708461136t",  # as typed in lower case
        "name": "别的名称",
        "representative": "别人",
        "address": "别处",
        "phone": "13800000009",
    }
    mandate = {"party": "91440300708461136T", "capacity": "representative", "from": TODAY}
    with town.session() as session:
        settle(
            session,
            Offices.model_validate(
                {
                    "party": [party],
                    "person": [{"account": "new.firm", "name": "新人", "mandates": [mandate]}],
                }
            ),
            TODAY,
        )
    with town.session() as session:
        row = session.scalars(select(Party).where(Party.code == "91440300708461136T")).one()
        assert row.name == "南通滨江宾馆有限公司"
        bound = session.scalars(
            select(Mandate)
            .join(Person, Mandate.person_id == Person.id)
            .where(Person.name == "新人")
        ).one()
    assert (bound.party_id, bound.valid_from) == (row.id, TODAY)


REFUSED = {
    "不能转给": offices(post(), person={"name": "王五"}),
    "任职重叠": offices(post(first=date(2025, 1, 1)), post()),
    "自 2025-01-01 起": offices(post(first=date(2025, 1, 1), to=date(2026, 1, 1)), post()),
    "没有机关“ZZ”": offices(post(authority="ZZ")),
    "没有行政区划": offices(authority=[{**AUTHORITY, "region": "990000"}]),
    "public_place_hygiene": offices(authority=[{**AUTHORITY, "matters": ["no_such"]}]),
    "只能有一个": offices(authority=[AUTHORITY, {**AUTHORITY, "code": "DD"}]),
    "1949年至2036年": offices(post(first=date(26, 1, 1))),
    "certificate_expires：年份": offices(
        post(**{**CERTIFIED, "certificate_expires": date(2126, 12, 31)})
    ),
    "to：年份": offices(post(to=date(9999, 12, 31))),
    "没有当事人": offices(
        person={
            "mandates": [
                {"party": "91440300708461136T", "capacity": "representative", "from": TODAY}
            ]
        }
    ),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_what_does_not_fit_is_refused_whole(empty: Database, wrong: str) -> None:
    put(empty, offices(post()))
    before = contents(empty)
    with pytest.raises(BadInput, match=wrong):
        put(empty, REFUSED[wrong])
    assert contents(empty) == before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('posts = [{ authority = "CC", role = "timer", from = 2026-01-01 }]', "没有职责“timer”"),
        ('posts = [{ authority = "CC", role = "applicant", from = 2026-01-01 }]', "window_clerk"),
        ('posts = [{ authority = "CC", role = "inspector", from = 2026-01-01 }]', "第四十二条"),
        (
            'posts = [{ authority = "CC", role = "admin", from = 2026-01-01, certificate = "1" }]',
            "一并填写",
        ),
        (
            'posts = [{ authority = "CC", role = "admin", from = 2026-01-02, to = 2026-01-01 }]',
            "posts 第 1 项：截止日期 to 早于起始日期 from",
        ),
        ('posts = [{ authority = "CC", role = "admin" }]', "posts 第 1 项 from：缺少该项"),
        ('colour = "red"', "colour：没有这一项"),
        ("active = 3", "active：应为 true 或者 false"),
        ('mandates = [{ party = "1", capacity = "agent", from = 2026-01-01 }]', "scope"),
        ("posts = 3", "posts：应为清单"),
        ('former_name = "\\u0000"', "former_name：格式不符"),
    ],
)
def test_a_wrong_entry_is_told_with_its_place(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "offices.toml"
    file.write_text(
        f'[[person]]\naccount = "ok"\nname = "甲"\n[[person]]\naccount = "li"\nname = "乙"\n{line}',
        encoding="utf-8",
    )
    with pytest.raises(BadInput) as refused:
        read_offices(file)
    assert said in refused.value.detail
    assert "person 第 2 项（li）" in refused.value.detail
    assert "第 1 项（ok）" not in refused.value.detail


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"= 3", "不是正确的 TOML"),
        (b"\xff", "UTF-8"),
        (b"person = [1]", "person 第 1 项：应为一组填写项"),
        (b"[[person]]\naccount='aa'\nname='b'\n" * 2, "账号 account 重复：aa"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "offices.toml"
    file.write_bytes(content)
    with pytest.raises(BadInput, match=said):
        read_offices(file)


def test_a_code_with_a_wrong_check_digit_needs_a_reason() -> None:
    party = {
        "code_kind": "uscc",
        "code": "91440300708461136X",
        "name": "某公司",
        "representative": "某人",
        "address": "某处",
        "phone": "13800000009",
    }
    with pytest.raises(ValueError, match="校验码不符"):
        offices(party=[party])
    assert offices(party=[{**party, "code_override_reason": "证照如此"}]).party


def test_a_new_password_works_and_ends_what_the_old_one_opened(empty: Database) -> None:
    put(empty, offices(post()))
    with empty.session() as session:
        with pytest.raises(LoginRefused):
            log_in(session, "li.wenjing", "-", START)
        first = renew_password(session, "li.wenjing")
        log_in(session, "li.wenjing", first, START)
    with empty.session() as session:
        second = renew_password(session, "li.wenjing")
        live = select(func.count()).where(LoginSession.expires_at > START)
        assert session.scalar(live) == 0
        with pytest.raises(LoginRefused):
            log_in(session, "li.wenjing", first, START)
        log_in(session, "li.wenjing", second, START)
        kept = session.scalars(select(Account.password_hash)).one()
        assert second not in kept
        with pytest.raises(NotFound, match="nobody"):
            renew_password(session, "nobody")


def test_the_commands_print_passwords_once(url: str, empty: Database, tmp_path: Path) -> None:
    first = nuoxin("settle", EXAMPLE, url=url, data=tmp_path)
    assert first.returncode == 0, first.stderr
    told = dict(line.split() for line in first.stdout.splitlines() if line.startswith("  "))
    assert len(told) == 9
    with empty.session() as session:
        log_in(session, "window.a", told["window.a"], START)
    again = nuoxin("settle", EXAMPLE, url=url, data=tmp_path)
    assert again.stdout == "1 个机关、9 个账号已与文件一致\n"
    renewed = nuoxin("password", "window.a", url=url, data=tmp_path)
    with empty.session() as session:
        log_in(session, "window.a", renewed.stdout.strip().rsplit("：", 1)[1], START)
    missing = nuoxin("settle", tmp_path / "none.toml", url=url, data=tmp_path)
    assert (missing.returncode, "读不到文件" in missing.stderr) == (2, True)
    assert nuoxin("password", "nobody", url=url, data=tmp_path).returncode == 2


def test_an_owner_and_a_web_role_without_any_other_right_are_enough(
    server: str, tmp_path: Path
) -> None:
    owner = engine_for(server, role=None)
    roles = ("office_owner", "office_web")
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(
            text(
                "DO $$ BEGIN CREATE ROLE nuoxin_app NOLOGIN;"
                " EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            )
        )
        connection.execute(text("CREATE ROLE office_owner LOGIN"))
        connection.execute(text("CREATE ROLE office_web LOGIN IN ROLE nuoxin_app"))
        connection.execute(text("CREATE DATABASE office OWNER office_owner"))
    as_owner, as_web = (
        server.replace("//postgres:@/postgres?", f"//{role}@/office?") for role in roles
    )
    try:
        refused = nuoxin("migrate", url=as_web, data=tmp_path)
        assert refused.returncode == 2
        assert "权限不足" in refused.stderr
        assert nuoxin("migrate", url=as_owner, data=tmp_path).returncode == 0
        assert nuoxin("settle", EXAMPLE, url=as_web, data=tmp_path).returncode == 0
        assert nuoxin("verify", url=as_web, data=tmp_path).returncode == 0
    finally:
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("DROP DATABASE office WITH (FORCE)"))
            connection.execute(text("DROP ROLE office_owner"))
            connection.execute(text("DROP ROLE office_web"))
        owner.dispose()


def test_what_the_file_says_of_a_registered_party_is_not_dropped_in_silence(town: Town) -> None:
    said = {
        "code_kind": "uscc",
        "code": "９１４４０３００７０８４６１１３６ｔ",
        "name": "南通滨江宾馆有限公司\u200b",
        "representative": "别人",
        "address": "南通市崇川区人民中路88号",
        "phone": "+86 138 0000 0009",
    }
    with town.session() as session:
        settled = settle(session, Offices.model_validate({"party": [said]}), TODAY)
    assert settled.unused == (
        "南通滨江宾馆有限公司（91440300708461136T）：法定代表人（负责人）、电话",
    )
