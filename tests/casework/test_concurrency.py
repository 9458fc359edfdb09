"""Two at once: whoever comes second learns of the first, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from casework.audit.proof import verify_database
from casework.common.problems import (
    BadInput,
    GuardRefused,
    Problem,
    SecondSignatureProblem,
    StaleVersion,
)
from casework.kernel.office import Outcome
from casework.models import (
    Case,
    CreditEvent,
    Document,
    LogRow,
    Notice,
    PendingSignature,
    Person,
    Publication,
)
from casework.people import mandates
from casework.rules.premises import premises_at
from casework.rules.versions import VersionCache
from tests.support.journeys import address, usual
from tests.support.penalties import DECIDED, go, open_lead
from tests.support.people import appoint
from tests.support.publishing import CREDIT_CHINA, ENTERPRISES, SITE, put_down
from tests.support.records import contents, number_gaps
from tests.support.town import INSPECTORS, NOTICE, Town, application, look, review

pytestmark = pytest.mark.slow

ROUNDS = 4
# Whether anybody waits for what another transaction has taken for itself.
_WAITS = text("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """What each deed gives or raises, all of them started together."""
    start = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return deed()
        except Problem as problem:
            return problem

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def advance(town: Town, number: str, step: str, by: str, **options: Any) -> Callable[[], Outcome]:
    """A step at the version that the case has now."""
    case = town.case(number)
    given = usual(case.process, step)
    actor = town.people[by]
    return lambda: town.office.advance(number, step, given, actor, version=case.version, **options)


def one_won(found: list[Any], problem: type[Problem]) -> None:
    """Exactly one deed succeeded, and every other one was told why not."""
    won = [one for one in found if isinstance(one, Outcome)]
    assert len(won) == 1, found
    assert all(isinstance(one, problem) for one in found if one not in won), found


def proven(town: Town) -> None:
    """The log holds and no number is missing."""
    assert number_gaps(town) == []
    with town.session() as session:
        assert verify_database(session, VersionCache()).faults == ()


def rows(town: Town, what: type[Any], **where: Any) -> int:
    """How many rows there are."""
    with town.session() as session:
        return session.scalar(select(func.count()).select_from(what).filter_by(**where)) or 0


def test_two_clerks_grant_at_once(town: Town) -> None:
    for n in range(ROUNDS):
        number = town.committed(address=address(n))
        found = at_once(*(advance(town, number, "grant", by) for by in ("window", "approver")))
        one_won(found, StaleVersion)
        assert rows(town, Case, relation="licence") == n + 1
        assert rows(town, Document, key="certificate") == n + 1
    proven(town)


def test_a_grant_and_a_withdrawal_at_once(town: Town) -> None:
    for n in range(ROUNDS):
        number = town.committed(address=address(n))
        before = rows(town, Case, relation="licence")
        found = at_once(
            advance(town, number, "grant", "window"), advance(town, number, "withdraw", "applicant")
        )
        one_won(found, StaleVersion)
        granted = town.case(number).state == "granted"
        assert rows(town, Case, relation="licence") == before + granted
    proven(town)


def test_one_request_sent_five_times_at_once_is_done_once(town: Town) -> None:
    number = town.committed()
    deed = advance(town, number, "grant", "window", key="double-click")
    found = at_once(*[deed] * 5)
    assert len(set(found)) == 1
    assert isinstance(found[0], Outcome)
    assert rows(town, Case, relation="licence") == 1
    before = contents(town)
    assert deed() == found[0]
    assert contents(town) == before
    proven(town)


def test_one_opening_sent_five_times_at_once_opens_one_case(town: Town) -> None:
    data, actor = application(), town.people["applicant"]
    found = at_once(
        *[lambda: town.office.open_case("instant_licence", data, actor, key="open")] * 5
    )
    assert len(set(found)) == 1
    assert rows(town, Case) == 1


def test_two_applications_for_one_place_at_once(town: Town) -> None:
    for n in range(ROUNDS):
        numbers = [town.apply(address=address(n)) for _ in range(2)]
        found = at_once(*[advance(town, one, "submit", "applicant") for one in numbers])
        one_won(found, GuardRefused)
        lost = next(one for one in found if isinstance(one, GuardRefused))
        assert lost.extra["reasons"][0]["code"] == "place_applied"
        assert "第二十二条" in lost.law
        assert sorted(town.case(number).state for number in numbers) == ["draft", "received"]
    proven(town)


def test_many_sweepers_let_each_clock_fall_due_once(town: Town) -> None:
    numbers = []
    for n in range(ROUNDS):
        number = town.apply(address=address(n))
        town.take(number, "submit", "applicant")
        numbers.append(number)
    town.time.pass_(days=60)
    ids = [town.case(number).id for number in numbers]

    def sweep() -> None:
        for case_id in ids:
            town.office.catch_up(case_id, skip_locked=True)

    at_once(*[sweep] * 4)
    sweep()
    for number in numbers:
        with town.session() as session:
            case_id = town.case(number).id
            log = session.scalars(select(LogRow).where(LogRow.case_id == case_id)).all()
        told = [(row.header["kind"], row.header["name"]) for row in log]
        assert told.count(("step", "deem_accepted")) == 1
        assert told.count(("expiry", "decision")) == 1
        assert rows(town, Notice, case_id=case_id, kind="breach") == 1
    proven(town)


def test_a_sweeper_and_a_clerk_at_once(town: Town) -> None:
    """Whoever is first, the law accepted before the clerk informs."""
    for n in range(ROUNDS):
        number = town.apply(address=address(n))
        town.attach(number)
        town.take(number, "submit", "applicant")
        town.time.pass_(days=20)
        case = town.case(number)
        at_once(
            lambda case=case: town.office.catch_up(case.id),
            advance(town, number, "accept", "window"),
        )
        with town.session() as session:
            log = session.scalars(select(LogRow).where(LogRow.case_id == case.id)).all()
        assert [row.header["name"] for row in log].count("deem_accepted") == 1
        assert town.case(number).state == "accepted"
    proven(town)


def test_two_first_signatures_at_once_leave_one_to_confirm(town: Town) -> None:
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    found = at_once(*(advance(town, check, "inspect", by) for by in ("inspector1", "inspector2")))
    one_won(found, SecondSignatureProblem)
    assert rows(town, PendingSignature) == 1


def test_two_second_signatures_at_once_take_the_step_once(town: Town) -> None:
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    town.take(check, "inspect", "inspector1", look(met=True))
    version = town.case(check).version
    second = town.people["inspector2"]
    found = at_once(*[lambda: town.office.sign(check, "inspect", second, version=version)] * 3)
    one_won(found, SecondSignatureProblem)
    assert rows(town, Document, key="check_record") == 1
    proven(town)


@pytest.mark.parametrize("same_party", [True, False])
def test_two_revocations_at_once_do_not_wait_for_each_other_for_ever(
    town: Town, same_party: bool
) -> None:
    """Both move a licence, write into credit records and take numbers of one series."""
    checks = []
    applicants = ("applicant", "applicant" if same_party else "applicant2")
    granted = [town.granted(address=address(n), by=by) for n, by in enumerate(applicants)]
    for number, by in zip(granted, applicants, strict=True):
        check = town.relative(number, "check").number
        town.take(check, "assign", "supervisor", INSPECTORS)
        town.take(check, "inspect", "inspector1+inspector2", look(met=False))
        town.take(check, "find_false", "inspector1+inspector2", {"reason": "不具备条件"})
        town.take(check, "notify_revocation", "inspector1+inspector2", NOTICE)
        town.take(check, "waive_defence", by)
        town.take(check, "waive_hearing", by)
        town.take(check, "submit_review", "inspector1", {"defence_considered": "已放弃"})
        town.take(check, "pass_review", "legal", review())
        checks.append(check)
    found = at_once(*(advance(town, check, "revoke", "approver") for check in checks))
    assert all(isinstance(one, Outcome) for one in found), found
    assert rows(town, CreditEvent, kind="licence_revoked") == 2
    proven(town)


def test_one_act_is_fined_once_by_two_who_decide_at_once(town: Town) -> None:
    """Two cases of one party, both told and agreed to: whoever comes second learns of the first."""
    for n in range(ROUNDS):
        day = (town.time.now().date() - timedelta(days=n)).isoformat()
        act = {"found_on": day, "act_on": day, "address": address(n)}
        pending = [open_lead(town, **act) for _ in range(2)]
        for number in pending:
            go(town, number, *DECIDED[:-1])
        found = at_once(*(advance(town, number, "decide", "approver") for number in pending))
        one_won(found, GuardRefused)
        assert rows(town, Document, key="penalty_decision") == n + 1
    proven(town)


def test_two_clerks_register_the_same_newcomer_at_once(town: Town) -> None:
    said: dict[str, Any] = {
        "name": "吴桂英", "id_kind": "id", "id_code": "11010519491231002X", "capacity": "agent",
        "scope": ["file"], "valid_from": date(2026, 1, 5), "valid_to": date(2026, 12, 31),
    }  # fmt: skip

    def register() -> Any:
        with town.session() as session:
            return mandates.register(
                town.office, session, town.people["window"], "91440300708461136T", **said
            )

    for _ in range(3):
        found = at_once(*[register] * 4)
        assert {one.name for one in found} == {"吴桂英"}
    with town.session() as session:
        assert session.scalar(select(func.count()).where(Person.id_code == said["id_code"])) == 1


def test_an_entry_of_the_ledger_is_put_down_once(town: Town) -> None:
    for who in ("credit", "window"):
        appoint(town, who, "publicity_officer")
    for n in range(ROUNDS):
        town.granted(address=address(n))
        with town.session() as session:
            entry = session.scalars(
                select(Publication.id).where(Publication.published_on.is_(None))
            ).one()

        def put(who: str, channel: str, entry: int = entry) -> Callable[[], None]:
            return lambda: put_down(town, entry, channel=channel, who=who)

        found = at_once(put("credit", SITE), put("window", SITE))
        assert sorted(type(one) for one in found if one is not None) == [BadInput]
        assert len(found) == 2
        # Each of the last two channels finds the other, so that the entry is done.
        assert at_once(put("credit", CREDIT_CHINA), put("window", ENTERPRISES)) == [None, None]
    proven(town)


def test_of_two_who_name_new_premises_at_once_the_second_sees_the_first(town: Town) -> None:
    """Also where they write the address in two ways: one licence per premises (细则22)."""

    def name(session: Session, said: str) -> int | None:
        return premises_at(session, town.office.rules.current(session), "320613", said)

    def second() -> int | None:
        with town.session() as session:
            return name(session, "江苏省南通市崇川区新桥路八号")

    with ThreadPoolExecutor(1) as pool:
        with town.session() as session:
            first = name(session, "南通市崇川区新桥路8号")
            other = pool.submit(second)
            while not (other.done() or session.scalar(_WAITS)):
                Event().wait(0.02)
        assert other.result() == first
