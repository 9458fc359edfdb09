"""Decisions leave for other systems, over HTTP from end to end; and who sees and sends what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from casework.deadlines.duty_book import EXCHANGE
from casework.duties.one_by_one import Scope
from casework.duties.roster import do, house_of
from casework.models import Push
from demo.platform.platform_books import Books
from demo.platform.platform_server import PlatformServer, serving
from tests.support.desk import Desk
from tests.support.front import Front, refused
from tests.support.penalties import DECIDED
from tests.support.people import appoint
from tests.support.publishing import CREDIT_CHINA
from tests.support.pushing import TOKEN, Exchange, served_penalty
from tests.support.statements import statements
from tests.support.town import Town
from tests.support.visitor import Visitor, open_door

pytestmark = pytest.mark.slow
OUTBOX = "/exchange/outbox"
NAME = "NUOXIN_EXCHANGE_CC_CREDIT_CHINA"


@pytest.fixture
def platform(town: Town) -> Iterator[PlatformServer]:
    appoint(town, "credit", "publicity_officer")
    with serving(PlatformServer(Books(now=town.time.now), TOKEN)) as served:
        yield served


def run_duty(town: Town, folder: Path, **later: float) -> list[str]:
    """Let a while pass, and do the duty as its flow does; gives what failed."""
    town.time.pass_(**later)
    reports = do(house_of(town.office, folder), EXCHANGE, Scope())
    return [line for report in reports.values() if report for line in report.failed]


def sight(platform: PlatformServer) -> str:
    """What anybody sees on the platform's page."""
    return httpx.get(platform.url).text


def test_from_a_penalty_s_decision_to_the_platform_s_page_and_off_it_again(
    desk: Desk, platform: PlatformServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    town, front = desk.town, desk.front
    monkeypatch.setenv(f"{NAME}_TO", platform.url)
    monkeypatch.setenv(f"{NAME}_SECRET", TOKEN)
    number = desk.open()
    desk.go(number, *DECIDED)
    assert run_duty(town, tmp_path) == []
    assert "罚款" not in sight(platform)  # nobody is shown what its party has not got
    desk.go(number, ("serve", "handler1"))
    assert run_duty(town, tmp_path, hours=1) == []
    page = sight(platform)
    assert "崇川卫公罚〔2026〕1号" in page
    assert "罚款人民币1000.00元" in page
    [push] = front.get("credit", OUTBOX, state="taken").json()["pushes"]
    assert (push["case"], push["operation"], push["number"]) == (number, "新增", "HZ000001")
    [entry] = [
        one
        for one in front.get("credit", "/publications").json()["entries"]
        if one["case"] == number
    ]
    line = next(one for one in entry["channels"] if one["channel"] == CREDIT_CHINA)
    assert (line["state"], line["by"]) == ("done", "平台回执")
    receipt = front.get("credit", f"/publications/receipts/{line['receipt']}")
    assert "HZ000001" in receipt.text
    told = front.get("approver", f"/cases/{number}/log").json()[-1]
    assert told["caused"] == [f"2026-09-01公示（{CREDIT_CHINA}）"]

    desk.go(number, ("file_reconsideration", "legal"), ("change_by_reconsideration", "legal"))
    assert run_duty(town, tmp_path, hours=1) == []
    assert "崇川卫公罚" not in sight(platform)
    [push] = front.get("credit", OUTBOX, platform="credit_china").json()["pushes"][:1]
    assert (push["operation"], push["state"]) == ("撤销", "taken")
    # The comparison has found nothing, since both say the same.
    town.time.pass_(days=8)
    front.log_in_again()
    run_duty(town, tmp_path)
    [told] = [
        one
        for one in front.get("supervisor", OUTBOX).json()["platforms"]
        if one["key"] == "credit_china"
    ]
    assert told["connected"]
    assert told["counts"]["taken"] == 2
    assert told["reconciliation"]["found"] == 0


def refused_push(town: Town, platform: PlatformServer) -> tuple[Exchange, int]:
    """A penalty that the platform refuses, since its term is missing."""
    platform.books.required = {"CF_YXQ"}
    links = Exchange(town)
    links.http("credit_china", platform)
    served_penalty(town)
    links.run()
    [push] = links.pushes()
    assert push.state == "refused"
    return links, push.id


def test_what_was_refused_is_put_right_and_sent_again(
    front: Front, town: Town, platform: PlatformServer
) -> None:
    links, push = refused_push(town, platform)
    told = front.get("credit", f"{OUTBOX}/{push}").json()
    assert told["reason"] == "缺少必填字段：CF_YXQ"
    receipt = f"/publications/receipts/{told['receipt']}"
    assert "缺少必填字段" in front.get("credit", receipt).text
    refused(front.get("supervisor_b", receipt), 404, "not-found")
    again = f"{OUTBOX}/{push}/again"
    for who in ("window", "handler1", "applicant"):
        refused(front.get(who, OUTBOX), 403, "not-allowed")
        refused(front.get(who, f"{OUTBOX}/{push}"), 403, "not-allowed")
        refused(front.post(who, again), 403, "not-allowed")
        refused(front.post(who, f"{OUTBOX}/retry"), 403, "not-allowed")
    refused(front.get(None, OUTBOX), 401, "not-logged-in")
    refused(front.post("supervisor", again), 403, "not-allowed")
    refused(front.get("supervisor_b", f"{OUTBOX}/{push}"), 404, "not-found")
    assert front.get("supervisor_b", OUTBOX).json()["pushes"] == []
    for query in ({"state": "gone"}, {"platform": "nowhere"}):
        refused(front.get("credit", OUTBOX, **query), 422, "bad-input")
    # What the decision says is the decision's.
    for fields in ({"CF_NR": "警告"}, {"XK_XKLB": "普通"}, {"CF_YXQ": "x" * 201}):
        problem = refused(front.post("credit", again, {"fields": fields}), 422, "bad-input")
        assert problem["errors"][0]["field"] in fields
    assert front.post("credit", again, {"fields": {"CF_YXQ": "三年"}}).status_code == 204
    refused(front.post("credit", again), 422, "bad-input")  # it waits already
    log = front.get("admin", "/administration/log").json()
    assert (log[0]["kind"], "CF_YXQ=三年" in log[0]["ground"]) == ("pushed_again", True)
    links.run(hours=1)
    [row] = platform.books.records.values()
    assert row["CF_YXQ"] == "三年"
    assert links.states() == ["taken"]
    assert len(links.lines()) == 1


def test_the_officer_need_not_wait_for_the_next_try(
    front: Front, town: Town, platform: PlatformServer
) -> None:
    links = Exchange(town)
    links.http("credit_china", platform)
    platform.turns = ["down"] * 6
    served_penalty(town)
    links.run()
    for _ in range(5):
        links.run(hours=1)
    stuck = front.get("credit", OUTBOX).json()["platforms"][1]
    assert (stuck["error"], stuck["attempts"]) == ("平台答复 503", 6)
    links.run(minutes=1)
    [waits] = front.get("credit", OUTBOX, state="waiting").json()["pushes"]
    assert (waits["state"], waits["put_at"]) == ("waiting", None)
    assert stuck["counts"]["waiting"] == 1
    assert front.post("credit", f"{OUTBOX}/retry").json() == {"count": 1}
    links.run(minutes=1)
    assert links.states() == ["taken"]


def test_the_pages_do_the_same(town: Town, platform: PlatformServer) -> None:
    links, push = refused_push(town, platform)
    officer = Visitor(open_door(town))
    officer.enter("credit")
    assert "缺少必填字段：CF_YXQ" in officer.get("/exchange/outbox").text
    assert officer.get("/exchange/outbox?state=gone").status_code == 422
    path = f"/exchange/outbox/{push}"
    wrong = officer.submit(path, path, **{"f-CF_NR": "警告"})
    assert wrong.status_code == 422
    assert "以决定书为准" in wrong.text
    answer = officer.submit(path, path, **{"f-CF_YXQ": "三年"})
    assert answer.headers["location"] == "/exchange/outbox?said=pushed_again"
    assert links.states() == ["waiting"]
    assert officer.post(path).status_code == 403  # without the secret of our page
    retried = officer.submit("/exchange/outbox/retry", "/exchange/outbox/" + str(push))
    assert retried.status_code == 303
    clerk = Visitor(officer.app)  # type: ignore[arg-type]
    clerk.enter("window")
    for place in ("/exchange/outbox", path):
        assert clerk.get(place).status_code == 403


def test_many_pushes_cost_the_page_no_more_statements(
    front: Front, town: Town, platform: PlatformServer
) -> None:
    links, _ = refused_push(town, platform)

    def sent() -> int:
        front.get("credit", OUTBOX)
        with statements(town) as found:
            assert front.get("credit", OUTBOX).status_code == 200
        return len(found)

    few = sent()
    with town.session() as session:
        [one] = links.pushes()
        known: dict[str, Any] = {
            column.name: getattr(one, column.name)
            for column in Push.__table__.c
            if column.name != "id"
        }
        for n in range(150):
            session.add(Push(**{**known, "key": f"CC-credit_china-{one.publication_id}-{n + 2}"}))
    first = front.get("credit", OUTBOX).json()
    assert len(first["pushes"]) == 100
    rest = front.get("credit", OUTBOX, cursor=first["cursor"]).json()
    assert (len(rest["pushes"]), rest["cursor"]) == (51, None)
    assert sent() == few
    assert few <= 20
