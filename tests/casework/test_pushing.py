"""Decisions leave for other systems: by real far ends that are down, break off, refuse and lie.
Nothing is lost, nothing is there twice, and the ledger says what the receipt says."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import paramiko  # type: ignore[import-untyped]
import pytest
from sqlalchemy import select, text

from casework.common.database import engine_for
from casework.models import Notice, Party, Push
from casework.publicity import recording
from demo.platform.platform_books import Books
from demo.platform.platform_server import PlatformServer, serving
from tests.support.far_ends import certificate
from tests.support.penalties import go
from tests.support.people import appoint
from tests.support.publishing import CREDIT_CHINA, put_down
from tests.support.pushing import TOKEN, Exchange, folder_of, lies_there, served_penalty
from tests.support.sftp_server import SftpEnd, sftp_server
from tests.support.statements import statements
from tests.support.town import Town

QUASHED = (("file_reconsideration", "legal"), ("change_by_reconsideration", "legal"))
FIRST = "崇川卫公罚〔2026〕1号"


@pytest.fixture
def links(town: Town) -> Exchange:
    appoint(town, "credit", "publicity_officer")
    return Exchange(town)


@pytest.fixture
def platform(town: Town) -> Iterator[PlatformServer]:
    with serving(PlatformServer(Books(now=town.time.now))) as served:
        yield served


@pytest.fixture
def sftp(tmp_path: Path) -> Iterator[SftpEnd]:
    with sftp_server(tmp_path) as end:
        yield end


def test_what_is_taken_is_there_once_and_ticks_the_ledger(
    links: Exchange, platform: PlatformServer
) -> None:
    town = links.town
    links.http("credit_china", platform)
    number = served_penalty(town)
    assert links.run().failed == []
    assert lies_there(platform.books) == [(FIRST, "有效")]
    [line] = links.lines()
    [push] = links.pushes()
    assert (line.channel, line.person_id, line.receipt) == (CREDIT_CHINA, None, push.receipt)
    assert (line.done_on, push.number) == (town.time.now().date(), "HZ000001")
    log = town.office.database
    with log.session() as session:
        told = session.execute(
            text("SELECT payload #> '{caused,published,0}' FROM case_log"
                 " WHERE header ->> 'kind' = 'published'")
        ).scalar_one()  # fmt: skip
    assert (told["number"], told["taken_at"]) == ("HZ000001", push.taken_at.isoformat())
    assert links.proved(number) == []
    # Round after round nothing more is said, and nothing is said twice.
    for _ in range(3):
        links.run(hours=2)
    assert platform.books.applied == [push.key]
    assert len(links.lines()) == 1


@pytest.mark.parametrize("turn", ["down", "cut", "lost", "later", "garbled"])
def test_whatever_goes_wrong_once_nothing_is_lost_or_doubled(
    links: Exchange, platform: PlatformServer, turn: str
) -> None:
    links.http("credit_china", platform)
    platform.turns = [turn]
    served_penalty(links.town)
    links.run()
    assert links.states() == ["sent"]
    assert links.lines() == []
    links.run(minutes=5)
    assert links.states() == ["taken"]
    assert len(platform.books.applied) == 1
    assert len(links.lines()) == 1
    # Where it had been taken already, its receipt was found and it was not sent again.
    posted = [line for line in platform.asked if line.startswith("POST")]
    assert len(posted) == (2 if turn in ("down", "cut") else 1)


def test_a_week_away_loses_nothing_and_every_pause_is_longer(
    links: Exchange, platform: PlatformServer
) -> None:
    links.http("credit_china", platform)
    platform.turns = ["down"] * 500
    numbers = [served_penalty(links.town)]
    links.run()
    for turn in range(7 * 6):
        links.run(hours=4)
        if turn == 8:
            numbers.append(served_penalty(links.town))
    tried = len([line for line in platform.asked if line.startswith("POST")])
    assert 8 <= tried <= 17
    [batch] = links.batches()
    assert batch.error == "平台答复 503"
    platform.turns = []
    for _ in range(3):
        links.run(days=1)
    assert links.states() == ["taken", "taken"]
    assert len(platform.books.applied) == 2
    assert {line.channel for line in links.lines()} == {CREDIT_CHINA}
    assert [links.proved(number) for number in numbers] == [[], []]


def test_half_of_a_batch_is_refused_with_the_reason_of_each(
    links: Exchange, platform: PlatformServer
) -> None:
    links.http("credit_china", platform)
    served_penalty(links.town)
    served_penalty(links.town)
    platform.books.judged = lambda row: "名称与登记不一致" if row["CF_WSH"] != FIRST else ""
    links.run()
    taken, refused = links.pushes()
    assert (taken.state, taken.reason) == ("taken", None)
    assert (refused.state, refused.reason) == ("refused", "名称与登记不一致")
    with links.town.session() as session:
        told = select(Notice.subject).where(Notice.to_role == "publicity_officer")
        assert session.scalars(told).all() == ["信用中国（省平台）退回1条公示信息"]
    assert len(links.lines()) == 1
    links.run(days=1)
    assert len(platform.books.results) == 2  # a refusal is the officer's, and not tried again


def test_what_was_quashed_is_void_there_and_what_never_left_never_does(
    links: Exchange, platform: PlatformServer
) -> None:
    town = links.town
    links.http("credit_china", platform)
    number = served_penalty(town)
    links.run()
    _quash(town, number)
    links.run(hours=1)
    assert lies_there(platform.books) == [(FIRST, "无效")]
    assert [push.operation for push in links.pushes()] == ["new", "void"]
    assert links.proved(number) == []
    # Another is quashed while the platform is away: it must never be shown.
    platform.turns = ["down"]
    other = served_penalty(town)
    links.run(hours=1)
    _quash(town, other)
    links.run(hours=1)
    links.run(hours=1)
    assert links.states() == ["taken", "taken", "superseded", "taken"]
    assert [state for _, state in lies_there(platform.books)] == ["无效", "无效"]
    assert len(platform.books.applied) == 3


def _quash(town: Town, number: str) -> None:
    go(town, number, *QUASHED)


def test_what_changes_in_the_file_is_told_as_a_change(
    links: Exchange, platform: PlatformServer
) -> None:
    links.http("credit_china", platform)
    served_penalty(links.town)
    links.run()
    with links.town.session() as session:
        party = session.scalars(select(Party).where(Party.code == "91440300708461136T")).one()
        session.execute(
            text("INSERT INTO party_change (party_id, changes, reason, effective_on, recorded_by,"
                 " recorded_at) VALUES (:party, '{}', '变更', '2026-09-01', :by, :at)"),
            {"party": party.id, "by": links.town.people["window"].person_id,
             "at": links.town.time.now()},
        )  # fmt: skip
        party.representative = "陈志强"
    links.run(hours=1)
    links.run(hours=1)
    assert [push.operation for push in links.pushes()] == ["new", "change"]
    [row] = platform.books.records.values()
    assert row["CF_FRDB"] == "陈志强"
    assert len(links.lines()) == 1


def test_a_correction_of_slips_is_told_as_a_change_of_the_same_decision(
    links: Exchange, platform: PlatformServer
) -> None:
    town = links.town
    links.http("credit_china", platform)
    number = served_penalty(town)
    links.run()
    town.time.pass_(days=3)
    go(town, number, ("correct", "handler1"))
    links.run()
    assert [push.operation for push in links.pushes()] == ["new", "change"]
    [row] = platform.books.records.values()
    assert (row["CF_WSH"], row["CF_JDRQ"]) == (FIRST, "2026-09-01")
    assert row["BZ"] == "2026-09-04补正"
    assert len(links.lines()) == 1
    assert links.proved(number) == []


def test_a_platform_that_takes_one_at_a_time_gets_one_after_the_other(
    links: Exchange, platform: PlatformServer
) -> None:
    links.http("health_supervision", platform)
    for _ in range(3):
        served_penalty(links.town)
    platform.turns = ["", "lost"]
    links.run()
    assert links.states() == ["taken", "sent", "waiting"]
    links.run(minutes=5)
    assert links.states() == ["taken"] * 3
    assert len([line for line in platform.asked if line.startswith("POST")]) == 3
    assert [batch.size for batch in links.batches()] == [1, 1, 1]


def test_what_the_officer_put_down_meanwhile_stays_as_it_is(
    links: Exchange, platform: PlatformServer
) -> None:
    town = links.town
    links.http("credit_china", platform)
    platform.turns = ["later"]
    number = served_penalty(town)
    links.run()
    [push] = links.pushes()
    put_down(town, push.publication_id, channel=CREDIT_CHINA)
    assert links.run(hours=1).failed == []
    [line] = links.lines()
    assert line.person_id == town.people["credit"].person_id
    assert links.proved(number) == []


def test_files_over_sftp_arrive_whole_or_not_at_all(
    links: Exchange, sftp: SftpEnd, town: Town
) -> None:
    books = Books(now=town.time.now)
    links.sftp("city_credit", sftp)
    sftp.turns = ["cut", "lost"]
    served_penalty(town)
    town.granted()
    assert "SFTP" in links.run().failed[0]
    assert [file.suffix for file in (sftp.root / "in").iterdir()] == [".part"]
    links.run(minutes=2)  # whole, but the answer is lost
    books.sweep(sftp.root)
    links.run(minutes=10)
    books.sweep(sftp.root)
    links.run(hours=2)
    links.run(hours=2)
    books.sweep(sftp.root)
    assert set(links.states()) == {"taken"}
    assert sorted(state for _, state in lies_there(books)) == ["有效", "有效"]
    assert len(books.applied) == 2
    assert links.lines() == []  # the city's platform is no channel of the ledger
    links.run(hours=2)
    assert links.compared() == []


def test_a_server_with_another_key_is_told_nothing(links: Exchange, sftp: SftpEnd) -> None:
    links.sftp("city_credit", sftp)
    served_penalty(links.town)
    sftp.key = paramiko.ECDSAKey.generate(bits=256)
    [failed] = links.run().failed
    assert "主机密钥与登记的不一致" in failed
    sftp.key = paramiko.RSAKey.generate(2048)
    assert "主机密钥与登记的不一致" in links.run(hours=1).failed[0]
    links.connect("city_credit", sftp.address, secret=sftp.password, host_key="")
    assert "没有登记 SFTP 服务器的主机密钥" in links.run(hours=2).failed[0]
    assert sftp.entered == 0
    assert list((sftp.root / "in").iterdir()) == []
    links.sftp("city_credit", sftp)
    links.run(days=1)
    assert len(list((sftp.root / "in").iterdir())) == 1


def test_a_folder_takes_workbooks_and_their_receipts_come_back(
    links: Exchange, tmp_path: Path
) -> None:
    town, books = links.town, Books(now=links.town.time.now)
    folder = folder_of(tmp_path / "share")
    links.connect("enterprise_system", str(folder))
    number = town.granted()
    links.run()
    books.sweep(folder)
    receipt = next((folder / "receipts").iterdir())
    whole = receipt.read_bytes()
    receipt.write_bytes(whole[:-1])  # whoever writes it is not done yet
    assert "没有写完" in links.run(minutes=1).failed[0]
    receipt.write_bytes(whole)
    assert links.run(minutes=1).failed == []
    [row] = books.records.values()
    assert row["XK_XDR_SHXYM"] == "91440300708461136T"
    assert [line.channel for line in links.lines()] == ["国家企业信用信息公示系统"]
    assert links.proved(number) == []
    with town.session() as session:
        scan = recording.receipt(
            town.office, session, town.people["credit"], links.lines()[0].receipt or ""
        )
    assert scan.content == whole


def test_tls_is_verified_and_no_secret_is_told(
    links: Exchange, town: Town, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    trust = certificate(tmp_path)
    with serving(PlatformServer(Books(now=town.time.now), TOKEN), trust=trust) as platform:
        address = platform.url.replace("http:", "https:")
        links.connect("credit_china", address, secret=TOKEN)
        served_penalty(town)
        report = links.run()
        assert report.failed == ["信用中国（省平台）：平台没有答复：ConnectError"]
        assert platform.asked == []
        links.connect("credit_china", address, ca=str(trust[0]), secret="wrong")
        assert "401" in links.run(hours=1).failed[0]
        links.connect("credit_china", address, ca=str(trust[0]), secret=TOKEN)
        assert links.run(hours=1).failed == []
    assert links.states() == ["taken"]
    for wrong in ("http://credit.example.cn", f"https://a:{TOKEN}@credit.example.cn", "ftp://a/b"):
        links.connect("credit_china", wrong)
        [failed] = links.run(hours=1).failed
        assert TOKEN not in failed
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(report)


def test_a_comparison_tells_what_differs(links: Exchange, platform: PlatformServer) -> None:
    town, books = links.town, platform.books
    links.http("credit_china", platform)
    numbers = [served_penalty(town) for _ in range(4)]
    links.run()
    links.run(minutes=31)
    assert links.compared() == []
    rows = list(books.records.items())
    decided = [row["CF_WSH"] for _, row in rows]
    del books.records[rows[0][0]]
    rows[1][1]["CF_NR"] = "罚款两万元"
    books.records["elsewhere"] = {**rows[1][1], "CF_WSH": "崇川卫公罚〔2025〕99号"}
    books.records["again"] = dict(rows[2][1])
    _quash(town, numbers[3])
    links.run(days=1)
    books.records[rows[3][0]]["SJZT"] = "有效"  # shown again by hand
    served_penalty(town)
    platform.turns = ["down"]
    links.run(days=7)
    links.run(days=1)
    assert links.compared() == [
        ("missing", decided[0]),
        ("different", decided[1]),
        ("still_shown", decided[3]),
        ("only_there", "崇川卫公罚〔2025〕99号"),
        ("doubled", decided[2]),
    ]


def test_two_thousand_entries_leave_by_a_bounded_number_of_statements(
    links: Exchange, tmp_path: Path
) -> None:
    town, books = links.town, Books(now=links.town.time.now)
    folder = folder_of(tmp_path / "share")
    links.connect("city_credit", str(folder))
    number = town.granted()
    few = _sent(links)
    books.sweep(folder)
    few_back = _sent(links)
    links.run(hours=2)  # and compared, which goes by pages
    with town.session() as session:
        for statement in _COPIES:
            session.execute(text(statement), {"number": number, "count": 2000})
    owner = engine_for(town.url, role=None)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))  # as a database does by itself
    owner.dispose()
    many = _sent(links)
    books.sweep(folder)
    many_back = _sent(links)
    with town.session() as session:
        states = session.scalars(select(Push.state)).all()
    assert (len(states), set(states)) == (2001, {"taken"})
    assert len(books.applied) == 2001
    assert (many, many_back) == (few, few_back)


# So many more grants, each a case of its own with its entry and its letters.
_COPIES = (
    "CREATE TEMP TABLE copied AS SELECT c.id AS old, n, 1000000 + n AS id FROM case_file c,"
    " generate_series(1, :count) n WHERE c.number = :number",
    "INSERT INTO case_file SELECT (jsonb_populate_record(c, jsonb_build_object('id', k.id,"
    " 'number', c.number || '-' || k.n, 'family_id', NULL, 'tracking_code', 'c' || k.n))).*"
    " FROM case_file c JOIN copied k ON k.old = c.id",
    "INSERT INTO case_log SELECT (jsonb_populate_record(l, jsonb_build_object('id',"
    " 1000000 + k.n * 1000 + l.seq, 'case_id', k.id))).*"
    " FROM case_log l JOIN copied k ON k.old = l.case_id",
    "INSERT INTO document OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(d,"
    " jsonb_build_object('id', 1000000 + k.n * 1000 + d.id, 'case_id', k.id))).*"
    " FROM document d JOIN copied k ON k.old = d.case_id",
    "INSERT INTO publication (case_id, log_seq, register, due_on)"
    " SELECT k.id, p.log_seq, p.register, p.due_on FROM publication p"
    " JOIN copied k ON k.old = p.case_id",
)


def _sent(links: Exchange) -> int:
    with statements(links.town) as sent:
        report = links.run(minutes=1)
    assert report.failed == []
    return len(sent)
