"""A stored version needs a rule that this release has no more: it is named, and stops no other."""

from __future__ import annotations

import json
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from api.html.site import SESSION_COOKIE
from casework.audit.proof import verify_database
from casework.common.database import engine_for
from casework.common.problems import RuleMissing
from casework.common.timekeeping import legal_date
from casework.duties.due_clocks import fire_due_clocks
from casework.duties.reminders import send_reminders
from casework.models import LogRow, ProcessVersion
from casework.operations.migration import migrate
from casework.rules import versions
from casework.rules.versions import VersionCache, lacking_rules, publish
from nuoxin import main
from state_machines.language.canonical import RULE_MISSING, digest, to_json
from state_machines.language.vocabulary import GUARDS, Refusal, guard
from state_machines.processes import PROCESSES
from tests.support.front import Front, refused
from tests.support.journeys import address, apply_to
from tests.support.town import ACCEPTED, Town

GONE = "gone_some_day@1"


@pytest.fixture
def lacking(front: Front) -> tuple[Front, dict[str, str]]:
    """Two applications and a licence, of which one application and the licence run under versions
    that need a guard which is then taken out of the release."""

    @guard()
    def gone_some_day() -> Refusal | None:
        """Refuses nothing."""
        return None

    versions._read.cache_clear()
    town = front.town
    numbers = {"other": apply_to(town, "received", address(1))}
    changed = {
        key: replace(
            PROCESSES[key],
            steps=tuple(
                replace(step, guards=(*step.guards, gone_some_day))
                if step.name in ("accept", "begin_expiring")
                else step
                for step in PROCESSES[key].steps
            ),
        )
        for key in ("instant_licence", "licence")
    }
    town.time.pass_(minutes=1)
    owner = engine_for(town.url, role=None)
    with Session(owner) as session, session.begin():
        publish(session, changed, town.time.now())
    owner.dispose()
    numbers["licence"] = town.relative(town.granted(address=address(2)), "licence").number
    numbers["stuck"] = apply_to(town, "received", address(3))
    del GUARDS[GONE]
    town.office.versions = VersionCache()
    # A declaration is parsed once in a process: as after a restart.
    versions._read.cache_clear()
    return front, numbers


def page(front: Front, who: str, path: str) -> httpx.Response:
    token = front.identity(who)["Authorization"].removeprefix("Bearer ")
    return front.client.get(path, headers={"Cookie": f"{SESSION_COOKIE}={token}"})


def test_the_step_is_refused_and_all_else_goes_on(
    lacking: tuple[Front, dict[str, str]],
) -> None:
    front, numbers = lacking
    stuck = numbers["stuck"]
    told = refused(front.step("window", stuck, "accept", ACCEPTED), 409, "rule-missing")
    assert GONE in told["detail"]
    assert stuck in told["detail"]
    steps = {one["name"]: one for one in front.get("window", f"/cases/{stuck}/steps").json()}
    assert not steps["accept"]["allowed"]
    assert [reason["code"] for reason in steps["accept"]["reasons"]] == [RULE_MISSING]
    # Another step of the same case, and the same step of another one.
    assert front.step("applicant", stuck, "withdraw", {"reason": "不再经营"}).status_code == 200
    assert front.step("window", numbers["other"], "accept", ACCEPTED).status_code == 200


@pytest.mark.slow
def test_pages_show_it_and_say_what_is_missing(lacking: tuple[Front, dict[str, str]]) -> None:
    front, numbers = lacking
    for who, path, status in (
        ("window", "/", 200),
        ("supervisor", "/", 200),
        ("window", "/cases", 200),
        ("window", "/cases?queue=mine_to_do", 200),
        ("applicant", "/", 200),
        ("window", "/cases/{stuck}", 200),
        ("applicant", "/cases/{stuck}", 200),
        ("window", "/cases/{licence}", 200),
        ("window", "/cases/{stuck}/steps/accept", 409),
        ("window", "/cases/{stuck}/diagram.svg", 200),
        ("window", "/cases/{other}", 200),
    ):
        answer = page(front, who, path.format(**numbers))
        assert answer.status_code == status, (who, path, answer.text[:2000])
        named = ("stuck}" in path and ".svg" not in path) or "licence" in path
        # The party is told that something waits, and not by which rule of ours.
        said = "有的步骤暂时不能办理" if who == "applicant" else GONE
        assert (said in answer.text) == named, (who, path)
        assert GONE not in answer.text or who != "applicant", path
    listed = front.get("window", "/cases").json()["cases"]
    assert numbers["stuck"] in {line["number"] for line in listed}


def test_a_clock_waits_for_the_rule_instead_of_being_told_that_it_refused(
    lacking: tuple[Front, dict[str, str]],
) -> None:
    front, numbers = lacking
    town, licence = front.town, numbers["licence"]
    town.time.go_to(legal_date(town.case(licence).next_due))
    due = town.case(licence).next_due
    report = fire_due_clocks(town.office)
    assert [line for line in report.failed if licence in line and GONE in line]
    assert licence not in report.done
    assert (town.case(licence).state, town.case(licence).next_due) == ("valid", due)
    assert not send_reminders(town.office).failed


@pytest.mark.slow
def test_the_proof_names_it_and_proves_the_case_all_the_same(
    lacking: tuple[Front, dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    front, numbers = lacking
    town = front.town
    with town.session() as session:
        report = verify_database(session, VersionCache())
    assert report.faults == ()
    assert {(one.process, one.rules, one.open_cases) for one in report.lacking} == {
        ("instant_licence", (GONE,), 2),
        ("licence", (GONE,), 1),
    }
    monkeypatch.setenv("NUOXIN_DATABASE_URL", town.url)
    assert main(["verify"]) == 1
    said = capsys.readouterr()
    assert GONE in said.err
    assert "1 个未办结的案件" in said.err
    town.take(numbers["stuck"], "withdraw", "applicant", {"reason": "不再经营"})
    owner = engine_for(town.url, role=None)
    with owner.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.execute(
            update(LogRow)
            .where(LogRow.case_id == town.case(numbers["stuck"]).id, LogRow.seq == 2)
            .values(payload={})
        )
    owner.dispose()
    with town.session() as session:
        [fault] = verify_database(session, VersionCache()).faults
    assert fault.case == numbers["stuck"]


@pytest.mark.slow
def test_migrate_refuses_while_open_cases_need_what_is_gone(
    lacking: tuple[Front, dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing is changed, and once the cases have ended it only warns."""
    front, _ = lacking
    town, told = front.town, []
    owner = engine_for(town.url, role=None)
    with owner.begin() as connection:
        connection.exec_driver_sql("DELETE FROM edition WHERE kind = 'limit'")
    with pytest.raises(RuleMissing, match="3 个未办结的案件"):
        migrate(town.url, town.time.now(), told.append)
    assert len(told) == 2
    assert all(GONE in line and "未办结" in line for line in told)
    limits = "SELECT count(*) FROM edition WHERE kind = 'limit'"
    with owner.begin() as connection:
        assert connection.exec_driver_sql(limits).scalar() == 0
    monkeypatch.setenv("NUOXIN_DATABASE_URL", town.url)
    assert main(["migrate"]) == 2
    assert "没有更新数据库" in capsys.readouterr().err
    with owner.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("UPDATE case_file SET ended_at = now()")
    migrate(town.url, town.time.now(), told.append)
    assert len(told) == 4
    with owner.begin() as connection:
        assert connection.exec_driver_sql(limits).scalar() > 0
    owner.dispose()


def test_an_effect_that_is_gone_refuses_its_step(town: Town) -> None:
    number = apply_to(town, "received", address(1))
    written = to_json(PROCESSES["instant_licence"])
    text = json.dumps(written).replace('"notify@1"', '"notify@0"')
    owner = engine_for(town.url, role=None)
    with owner.begin() as connection:
        connection.execute(
            update(ProcessVersion)
            .where(ProcessVersion.digest == digest(PROCESSES["instant_licence"]))
            .values(declaration=json.loads(text))
        )
    owner.dispose()
    front = Front(town)
    town.office.versions = VersionCache()
    refused(front.step("window", number, "accept", ACCEPTED), 409, "rule-missing")
    with town.session() as session:
        [told] = lacking_rules(session)
    assert told.rules == ("notify@0",)


@pytest.mark.parametrize("declaration", ["[]", "null", '"x"', '{"key": 1}'])
def test_a_version_that_cannot_be_read_is_said_to_be_damaged(town: Town, declaration: str) -> None:
    number = apply_to(town, "received", address(1))
    owner = engine_for(town.url, role=None)
    with owner.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE process_version SET declaration = '{declaration}'"  # noqa: S608
            " WHERE process = 'instant_licence'"
        )
    owner.dispose()
    front = Front(town)
    town.office.versions = VersionCache()
    told = refused(front.get("window", f"/cases/{number}"), 409, "misconfigured")
    assert "损坏" in told["detail"]
    with town.session() as session:
        faults = verify_database(session, VersionCache()).faults
    assert {fault.case.partition(" ")[0] for fault in faults} == {number, "程序版本"}
