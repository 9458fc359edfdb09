"""A superuser's forgeries: whoever can write any row of any table is found out by the roots that
left the database, or by the rows themselves.

Each is done to a copy of one town, with triggers and foreign keys off, after a day was sealed; then
`nuoxin verify` is run with the file that was kept outside. Those of `tests/support/forgeries.py`
agree with themselves, so that without that file nothing is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Json

from casework.acts.actors import Actor
from casework.acts.journal import FIRST, canonical, payload_digest, row_hash
from casework.acts.redactions import MARK
from casework.common.database import Database
from casework.duties.daily_proof import seal_day
from casework.duties.rating_again import rate_everybody
from casework.grading.draws import holding as draws
from casework.kernel.office import Office
from casework.models import EditionRow
from casework.redaction import reading, redacting
from nuoxin import main
from rulebook.models import Edition
from state_machines.language.canonical import without_labels
from tests.support import forgeries
from tests.support.administering import administer
from tests.support.arriving import arrive, open_mail
from tests.support.fine import receipt
from tests.support.forging import forging
from tests.support.lived import correct_entry, enter_catalogue, tell_offices
from tests.support.penalties import spot_to
from tests.support.people import appoint
from tests.support.publishing import put_down_first
from tests.support.redactions import REQUEST
from tests.support.serving import CONSENT
from tests.support.town import ACCEPTED, SETTLED, StoppedTime, Town, answers, fresh_copy

pytestmark = pytest.mark.slow

Forgery = Callable[[psycopg.Connection[Any]], None]


_SEALED = "sealed"  # the database that forgers get copies of
_serial = count(1)


@pytest.fixture(scope="module")
def sealed(
    server: str, settled: dict[str, Actor], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A town with a revocation, a rating that fell, personal data taken away and rules of its own,
    sealed on two days; and the roots that left it."""
    folder, time = tmp_path_factory.mktemp("outside"), StoppedTime()
    with fresh_copy(server, SETTLED, _SEALED) as url:
        with closing(Database(url)) as database:
            office = Office(database, time, public_url="http://127.0.0.1:8000")
            _live(Town(url, database, time, office, dict(settled)), folder)
        yield folder


def _live(town: Town, folder: Path) -> None:
    open_mail(town)
    tell_offices(town)
    spot_to(town, "paid")
    number = town.granted()
    draws.draw(town.office, town.people["supervisor"])
    correct_entry(town)
    town.take(number, "deliver", "window", {"recipient": "陈志远"})
    check = town.revoked(number)
    town.take(check.number, "confirm_address", "applicant", CONSENT)
    today = town.time.now().date().isoformat()
    town.take(check.number, "serve", "inspector1", receipt(today, "电子送达"))
    arrive(town)
    administer(town)
    appoint(town, "credit", "publicity_officer")
    put_down_first(town)
    _load_own_rule(town)
    enter_catalogue(town)
    _take_phone_away(town, number)  # the last row of its case, as the forgeries take it to be
    rate_everybody(town.office)
    seal_day(town.office, folder)
    town.time.pass_(days=1)
    studied = town.apply(address="南通市崇川区濠南路2号")
    town.attach(studied)
    town.take(studied, "submit", "applicant")
    town.take(studied, "accept", "window", ACCEPTED)
    town.take(studied, "inform", "window")
    town.take(studied, "study", "applicant", answers())
    town.attach(town.apply(address="南通市崇川区濠南路1号"), "identity")
    rate_everybody(town.office)
    seal_day(town.office, folder)


def _take_phone_away(town: Town, number: str) -> None:
    with town.session() as session:
        view = reading.redaction_view(town.office, session, town.people["supervisor"], number)
    redacting.propose(
        town.office, town.people["supervisor"], number, basis="request", document="删除申请书",
        reason="核对了身份证件", ids=[one.id for one in view.found if one.label == "联系电话"],
        filename="删除申请书.pdf", content=REQUEST,
    )  # fmt: skip
    with town.session() as session:
        view = reading.redaction_view(town.office, session, town.people["approver"], number)
    assert view.waiting is not None
    redacting.confirm(town.office, town.people["approver"], number, view.waiting.id)


def _load_own_rule(town: Town) -> None:
    """An entry of the catalogue that this authority loaded itself: no release ships it."""
    with town.session() as session:
        rules = town.office.rules.current(session)
        key = rules.known("violation", town.time.now().date(), "320613")[0]
        rule, _ = rules.violation(key, town.time.now().date(), "320613")
    own = rule.model_copy(update={"label": "（本地）" + rule.label})
    edition = Edition.of("violation", own, "320613", town.time.now().date(), None, "本机关")
    with town.session() as session:
        session.add(
            EditionRow(
                kind=edition.kind, key=edition.key, scope=edition.scope,
                valid_from=edition.valid_from, valid_to=None, content=edition.content, blob=None,
                law=edition.law, mark=edition.mark, source=edition.source, digest=edition.digest,
                loaded_at=town.time.now(),
            )
        )  # fmt: skip


@pytest.fixture
def copy(sealed: Path, server: str) -> Iterator[str]:
    """A copy of that town's database, to be forged."""
    with fresh_copy(server, _SEALED, f"forged_{next(_serial)}") as url:
        yield url


def forge(url: str, forgery: Forgery) -> None:
    with closing(psycopg.connect(url, row_factory=dict_row)) as connection:
        connection.execute("SET session_replication_role = replica")
        forgery(connection)
        connection.commit()


def verified(url: str, file: Path | None, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("NUOXIN_DATABASE_URL", url)
    return main(["verify", *([str(file)] if file else [])])


def _redact(connection: psycopg.Connection[Any]) -> None:
    connection.execute("""UPDATE case_log SET payload = '{"redacted": true}' WHERE seq = 3""")


def _remove_case(connection: psycopg.Connection[Any]) -> None:
    """The newest case with all its rows in every table."""
    case = connection.execute(
        "SELECT id FROM case_file WHERE process = 'instant_licence' ORDER BY id DESC LIMIT 1"
    ).fetchone()["id"]
    tables = connection.execute(
        "SELECT table_name AS name FROM information_schema.columns"
        " WHERE column_name = 'case_id' AND table_schema = 'public'"
    ).fetchall()
    for table in tables:
        connection.execute(
            sql.SQL("DELETE FROM {} WHERE case_id = %s").format(sql.Identifier(table["name"])),
            [case],
        )
    connection.execute("DELETE FROM case_file WHERE id = %s", [case])


def _rewrite_chain(connection: psycopg.Connection[Any]) -> None:
    """The reason for a revocation is another one, and all hashes and the head say so too."""
    case = connection.execute(
        "SELECT id, data FROM case_file WHERE process = 'commitment_check'"
    ).fetchone()
    rows = connection.execute(
        "SELECT * FROM case_log WHERE case_id = %s ORDER BY seq", [case["id"]]
    ).fetchall()
    previous = FIRST
    for row in rows:
        header, payload = row["header"], row["payload"]
        if header["name"] == "find_broken":
            payload["input"]["reason"] = "另一个理由"
        digest = payload_digest(row["salt"], payload)
        found = row_hash(header, digest, previous)
        connection.execute(
            "UPDATE case_log SET payload = %s, payload_digest = %s, previous = %s, hash = %s"
            " WHERE id = %s",
            [Json(payload, dumps=canonical), digest, previous, found, row["id"]],
        )
        previous = found
    data = {**case["data"], "find_broken": {**case["data"]["find_broken"], "reason": "另一个理由"}}
    connection.execute(
        "UPDATE case_file SET head_hash = %s, data = %s WHERE id = %s",
        [previous, Json(data), case["id"]],
    )


def _raise_rating(connection: psycopg.Connection[Any]) -> None:
    last = connection.execute("SELECT * FROM credit_rating ORDER BY id DESC LIMIT 1").fetchone()
    assert last["grade"] > "A"
    connection.execute("UPDATE credit_rating SET grade = 'A' WHERE id = %s", [last["id"]])


def _forget_ratings(connection: psycopg.Connection[Any]) -> None:
    connection.execute("DELETE FROM credit_rating")


_A_LIMIT = "SELECT * FROM edition WHERE kind = 'limit' ORDER BY id LIMIT 1"


def _change_edition(connection: psycopg.Connection[Any]) -> None:
    row = connection.execute(_A_LIMIT).fetchone()
    content = {**row["content"], "n": row["content"]["n"] + 30}
    connection.execute("UPDATE edition SET content = %s WHERE id = %s", [Json(content), row["id"]])


def _change_edition_and_hash(connection: psycopg.Connection[Any], query: str = _A_LIMIT) -> None:
    row = connection.execute(query).fetchone()
    label = {"label": row["content"]["label"] + "（改）"}
    edition = Edition(
        row["kind"], row["key"], row["scope"], row["valid_from"], row["valid_to"],
        {**row["content"], **label}, row["law"], row["mark"], row["source"],
    )  # fmt: skip
    connection.execute(
        "UPDATE edition SET content = %s, digest = %s WHERE id = %s",
        [Json(edition.content), edition.digest, row["id"]],
    )


def _change_own_edition_and_hash(connection: psycopg.Connection[Any]) -> None:
    _change_edition_and_hash(connection, "SELECT * FROM edition WHERE source = '本机关'")


def _change_template(connection: psycopg.Connection[Any]) -> None:
    connection.execute(
        "UPDATE edition SET blob = blob || '\\x00' WHERE id ="
        " (SELECT min(id) FROM edition WHERE kind = 'template')"
    )


def _change_version(connection: psycopg.Connection[Any]) -> None:
    row = connection.execute(
        "SELECT * FROM process_version WHERE process = 'licence_renewal'"
    ).fetchone()
    declaration = row["declaration"]
    declaration["steps"][0]["guards"] = []
    declaration["steps"][0]["law"] = "改"
    step = next(one for one in declaration["steps"] if one["guards"])
    step["guards"] = step["guards"][1:]
    connection.execute(
        "UPDATE process_version SET declaration = %s WHERE digest = %s",
        [Json(declaration), row["digest"]],
    )


def _change_version_and_hash(connection: psycopg.Connection[Any]) -> None:
    """Of a version that no case runs under yet."""
    from hashlib import sha256

    _change_version(connection)
    row = connection.execute(
        "SELECT * FROM process_version WHERE process = 'licence_renewal'"
    ).fetchone()
    found = sha256(canonical(without_labels(row["declaration"])).encode()).hexdigest()
    connection.execute(
        "UPDATE process_version SET digest = %s WHERE digest = %s", [found, row["digest"]]
    )


def _rewrite_chain_and_table(connection: psycopg.Connection[Any]) -> None:
    """The roots that the database keeps itself are taken away besides."""
    _rewrite_chain(connection)
    connection.execute("DELETE FROM daily_root")


def _change_document(connection: psycopg.Connection[Any]) -> None:
    """Other bytes, and the digest of these bytes."""
    connection.execute(
        "UPDATE document SET content = content || '\\x00',"
        " digest = encode(sha256(content || '\\x00'), 'hex')"
        " WHERE id = (SELECT max(id) FROM document)"
    )


def _take_back_draw(connection: psycopg.Connection[Any]) -> None:
    connection.execute("DELETE FROM draw WHERE id = (SELECT max(id) FROM draw)")


def _give_a_number_again(connection: psycopg.Connection[Any]) -> None:
    connection.execute("UPDATE number_counter SET last = last - 1 WHERE series = 'certificate'")


def _move_clock(connection: psycopg.Connection[Any]) -> None:
    done = connection.execute(
        "UPDATE case_clock SET due_on = due_on + 30, fires_at = fires_at + interval '30 days'"
        " WHERE name = 'check'"
    )
    assert done.rowcount > 0


def _hide_change(connection: psycopg.Connection[Any]) -> None:
    connection.execute("DELETE FROM party_change")


def _give_to_another(connection: psycopg.Connection[Any]) -> None:
    """A record that another party shall have, told by its row so."""
    connection.execute("UPDATE credit_event SET party_id = (SELECT max(id) FROM party)")


_REDACTION = "SELECT * FROM case_log WHERE header ->> 'kind' = 'redacted'"


def _redacted_row(connection: psycopg.Connection[Any]) -> Any:
    """The row of the log that lost something."""
    act = connection.execute(_REDACTION).fetchone()
    return connection.execute(
        "SELECT * FROM case_log WHERE case_id = %s AND seq = %s",
        [act["case_id"], act["header"]["redacts"][0]["seq"]],
    ).fetchone()


def _write_payload(connection: psycopg.Connection[Any], row: Any, payload: Any) -> None:
    connection.execute(
        "UPDATE case_log SET payload = %s WHERE id = %s",
        [Json(payload, dumps=canonical), row["id"]],
    )


def _put_back(connection: psycopg.Connection[Any]) -> None:
    """A telephone stands again where one was taken away, another one."""
    row = _redacted_row(connection)
    row["payload"]["input"]["contact_phone"] = "13911111111"
    _write_payload(connection, row, row["payload"])


def _take_more(connection: psycopg.Connection[Any]) -> None:
    """Under cover of a redaction something goes that it does not name."""
    row = _redacted_row(connection)
    row["payload"]["input"]["representative"] = MARK
    _write_payload(connection, row, row["payload"])


def _hide_redaction(connection: psycopg.Connection[Any]) -> None:
    """The row that tells of it is taken off the end of its chain."""
    act = connection.execute(_REDACTION).fetchone()
    connection.execute("DELETE FROM case_log WHERE id = %s", [act["id"]])
    connection.execute(
        "UPDATE case_file SET head_seq = %s, head_hash = %s WHERE id = %s",
        [act["seq"] - 1, act["previous"], act["case_id"]],
    )


def _rewrite_redaction(connection: psycopg.Connection[Any], act: Any) -> None:
    """Whatever was done to the row, its hashes and the head of its case say so too."""
    digest = payload_digest(act["salt"], act["payload"])
    found = row_hash(act["header"], digest, act["previous"])
    connection.execute(
        "UPDATE case_log SET header = %s, payload = %s, payload_digest = %s, hash = %s"
        " WHERE id = %s",
        [
            Json(act["header"], dumps=canonical), Json(act["payload"], dumps=canonical), digest,
            found, act["id"],
        ],
    )  # fmt: skip
    connection.execute("UPDATE case_file SET head_hash = %s WHERE id = %s", [found, act["case_id"]])


def _redact_alone(connection: psycopg.Connection[Any]) -> None:
    act = connection.execute(_REDACTION).fetchone()
    act["header"]["officers"] = [act["header"]["officers"][0]] * 2
    _rewrite_redaction(connection, act)


def _redact_without_post(connection: psycopg.Connection[Any]) -> None:
    act = connection.execute(_REDACTION).fetchone()
    clerk = connection.execute(
        "SELECT person_id FROM post WHERE role = 'window_clerk' ORDER BY id LIMIT 1"
    ).fetchone()
    act["header"]["officers"][1] = clerk["person_id"]
    _rewrite_redaction(connection, act)


def _redact_without_paper(connection: psycopg.Connection[Any]) -> None:
    act = connection.execute(_REDACTION).fetchone()
    act["payload"]["sha256"] = "0" * 64
    _rewrite_redaction(connection, act)


def _another_redaction(connection: psycopg.Connection[Any], **said: Any) -> None:
    """A second redaction like the first, of the same case, of what is `said`."""
    act = connection.execute(_REDACTION).fetchone()
    head = connection.execute(
        "SELECT head_seq, head_hash FROM case_file WHERE id = %s", [act["case_id"]]
    ).fetchone()
    seq = head["head_seq"] + 1
    header = {**act["header"], "seq": seq, "redacts": [{**act["header"]["redacts"][0], **said}]}
    digest = payload_digest(act["salt"], act["payload"])
    found = row_hash(header, digest, head["head_hash"])
    connection.execute(
        "INSERT INTO case_log"
        " (case_id, seq, header, payload, salt, payload_digest, previous, hash)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            act["case_id"], seq, Json(header, dumps=canonical),
            Json(act["payload"], dumps=canonical), act["salt"], digest, head["head_hash"], found,
        ],
    )  # fmt: skip
    connection.execute(
        "UPDATE case_file SET head_seq = %s, head_hash = %s WHERE id = %s",
        [seq, found, act["case_id"]],
    )


def _redact_nothing(connection: psycopg.Connection[Any]) -> None:
    """It says that a name is gone, which stands there."""
    row = _redacted_row(connection)
    now = payload_digest(row["salt"], row["payload"])
    _another_redaction(
        connection, places=[["input", "contact_name"]], was=now, left=now, what=["联系人"]
    )


def _redact_what_was_not_there(connection: psycopg.Connection[Any]) -> None:
    """A row is exchanged, and a redaction says that it was so before."""
    row = _redacted_row(connection)
    row["payload"]["input"]["representative"] = MARK
    now = payload_digest(row["salt"], row["payload"])
    _write_payload(connection, row, row["payload"])
    _another_redaction(connection, places=[["input", "representative"]], was="0" * 64, left=now)


def _redact_what_the_case_did(connection: psycopg.Connection[Any]) -> None:
    """Of a row what it caused is taken away, such as the document that it issued."""
    row = _redacted_row(connection)
    row["payload"]["awaiting"] = MARK
    was = connection.execute(_REDACTION).fetchone()["header"]["redacts"][0]["left"]
    now = payload_digest(row["salt"], row["payload"])
    _write_payload(connection, row, row["payload"])
    _another_redaction(connection, places=[["awaiting"]], was=was, left=now)


def _redact_the_redaction(connection: psycopg.Connection[Any]) -> None:
    """Why something was taken away is taken away itself."""
    act = connection.execute(_REDACTION).fetchone()
    payload = {**act["payload"], "reason": MARK}
    _another_redaction(
        connection, seq=act["seq"], places=[["reason"]], was=act["payload_digest"],
        left=payload_digest(act["salt"], payload),
    )  # fmt: skip
    _write_payload(connection, act, payload)


FORGERIES: Mapping[str, tuple[Forgery, str]] = {
    "a payload is redacted": (_redact, "日志内容被改动"),
    "what was redacted stands there again": (_put_back, "日志内容被改动"),
    "more is gone than a redaction says": (_take_more, "日志内容被改动"),
    "a redaction is hidden": (_hide_redaction, "日志内容被改动"),
    "a redaction is of one person": (_redact_alone, "没有由两人提出和确认"),
    "a redaction is of somebody without a post": (_redact_without_post, "没有相应的岗位"),
    "a redaction rests on no paper": (_redact_without_paper, "没有依据的文书"),
    "a redaction took nothing away": (_redact_nothing, "没有删除"),
    "a redaction covers an exchange": (_redact_what_was_not_there, "与删除以前的内容不一致"),
    "a redaction takes what the case did": (_redact_what_the_case_did, "不是填写的内容"),
    "a redaction is redacted": (_redact_the_redaction, "不是可以删除的记载"),
    "a case is removed whole": (_remove_case, "案件"),
    "a chain is rewritten to its head": (_rewrite_chain, "案件"),
    "a chain is rewritten and the database's roots are gone": (_rewrite_chain_and_table, "案件"),
    "a document is exchanged with its digest": (_change_document, "与日志记载不一致"),
    "the last draw is taken back": (_take_back_draw, "抽取记录"),
    "a number will be given again": (_give_a_number_again, "文号"),
    "a limit is moved": (_move_clock, "届满日期与日志记载不一致"),
    "a change of a party is hidden": (_hide_change, "当事人变更登记"),
    "a record is given to another party": (_give_to_another, "信用记录与日志记载不一致"),
    "a rating is raised": (_raise_rating, "信用等级"),
    "ratings are forgotten": (_forget_ratings, "信用等级"),
    "a rule is changed": (_change_edition, "规则"),
    "a shipped rule is changed with its hash": (_change_edition_and_hash, "规则"),
    "a rule of the authority is changed with its hash": (_change_own_edition_and_hash, "规则"),
    "a template is changed": (_change_template, "模板"),
    "a version loses a guard": (_change_version, "程序版本"),
    "a version loses a guard and gets its hash": (_change_version_and_hash, "程序版本"),
}


@pytest.mark.parametrize(("forgery", "told"), FORGERIES.values(), ids=FORGERIES.keys())
def test_it_is_found_when(
    forgery: Forgery,
    told: str,
    copy: str,
    sealed: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    forge(copy, forgery)
    assert verified(copy, sealed, monkeypatch) == 1
    said = capsys.readouterr()
    assert "全部相符" not in said.out
    assert told in said.err


def test_nothing_is_found_of_who_only_computes_it_again(
    copy: str, sealed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with forging(copy):
        pass
    assert verified(copy, sealed, monkeypatch) == 0
    assert "全部相符" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("forgery", "told"), forgeries.FORGERIES.values(), ids=forgeries.FORGERIES.keys()
)
def test_though_all_agrees_the_roots_outside_tell_when(
    forgery: forgeries.Forgery,
    told: str,
    copy: str,
    sealed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NUOXIN_DATA", str(tmp_path))
    with forging(copy) as session:
        forgery(session)
    assert verified(copy, None, monkeypatch) == 0, capsys.readouterr().err
    assert verified(copy, sealed, monkeypatch) == 1
    assert f"{told}与存证时不一致" in capsys.readouterr().err
