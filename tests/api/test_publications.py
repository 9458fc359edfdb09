"""The ledger of publication (双公示台账), over HTTP and on its page."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from api.html.site import SESSION_COOKIE
from casework.acts.act import COUNTER, Execution, Officer, act_beside
from casework.audit.proof import verify_case
from casework.common.database import engine_for
from casework.common.timekeeping import ZONE
from casework.duties.publication import chase_publications
from casework.kernel import engine
from casework.models import (
    CaseClock,
    CreditEvent,
    CreditMark,
    Party,
    ProcessVersion,
    Publication,
    PublicationLine,
    PublicationReceipt,
)
from casework.publicity.publications import repaired_and_shown
from casework.rules.versions import VersionCache
from rulebook.shipped import shipped_editions
from state_machines.credit.national_repair.process import NATIONAL_REPAIR
from state_machines.credit.repair.process import CREDIT_REPAIR
from state_machines.language.vocabulary import Publish, Role, Step, TakeDown, Withdraw
from state_machines.processes import PROCESSES
from tests.support.arriving import open_mail, report, send_out
from tests.support.fine import receipt
from tests.support.former import under_former_versions
from tests.support.front import Front, refused
from tests.support.journeys import (
    FORGERY_TOLD,
    NATIONAL,
    REPAIR,
    address,
    apply_to,
    check_to,
    follow,
    national_to,
    promised_for_later,
    single_to,
    told_before,
    training_to,
    usual,
)
from tests.support.penalties import go, penalty_to
from tests.support.people import appoint
from tests.support.publishing import (
    CHANNELS,
    CREDIT_CHINA,
    ENTERPRISES,
    SITE,
    kept,
    put,
    scan_of,
)
from tests.support.rules import set_key, set_limit
from tests.support.serving import CONSENT, RECEIPT
from tests.support.town import Town

FALSE = {
    "ground": "隐瞒有关情况或者提供虚假材料",
    "facts": FORGERY_TOLD["facts"],
    "reasons": FORGERY_TOLD["reasons"],
}
FIRM = "91440300708461136T"


@pytest.fixture
def front(front: Front) -> Front:
    """The front door; `credit` is the publicity officer as well."""
    appoint(front.town, "credit", "publicity_officer")
    return front


def entries(front: Front, who: str = "credit", **query: Any) -> list[dict[str, Any]]:
    answer = front.get(who, "/publications", **query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


def proved(front: Front, number: str) -> list[str]:
    with front.town.session() as session:
        faults = verify_case(session, front.town.case(number), VersionCache())
        return [fault.text for fault in faults]


@pytest.mark.parametrize("counts_from", ["decision", "service"])
def test_a_late_report_of_an_arrival_makes_nobody_late(front: Front, counts_from: str) -> None:
    town = front.town
    with town.session() as session:
        set_key(session, "publicity.counts_from", value=counts_from)
    open_mail(town)
    number = penalty_to(town, "decided")
    agreed = {**CONSENT, "signed_on": town.time.now().date().isoformat()}
    town.take(number, "confirm_address", "applicant", agreed)
    today = town.time.now().date().isoformat()
    assert town.take(number, "serve", "handler1", receipt(today, "电子送达")).awaits_arrival
    [letter] = send_out(town)
    arrived = town.time.now()
    town.time.go_to(date(2026, 10, 20))
    report(town, letter, at=arrived)
    front.log_in_again()
    [one] = [entry for entry in entries(front) if entry["case"] == number]
    assert (one["due_on"], one["late"]) == ("2026-10-20", False)
    assert proved(front, number) == []


@pytest.mark.slow
def test_what_was_granted_is_published_and_put_down(front: Front) -> None:
    town = front.town
    assert entries(front) == []
    number = town.granted()
    [one] = entries(front)
    # Tuesday 1 September and seven working days.
    assert (one["case"], one["register"]) == (number, "行政许可")
    assert (one["since"], one["due_on"], one["late"]) == ("2026-09-01", "2026-09-10", False)
    assert (one["party"], one["done_on"]) == ("南通滨江宾馆有限公司", None)
    assert entries(front, month="2026-08") == []
    assert len(entries(front, month="2026-09")) == 1

    # Nobody else's business, nothing before it came about, nothing to come, nowhere else.
    refused(front.get(None, "/publications"), 401, "not-logged-in")
    for who in ("window", "applicant", "approver", "handler1"):
        refused(front.get(who, "/publications"), 403, "not-allowed")
        refused(put(front, one["id"], who=who), 403, "not-allowed")
    refused(put(front, one["id"], who="supervisor"), 403, "not-allowed")
    body = {"entries": [one["id"]], "channel": SITE, "on": "2026-09-01", "receipt": "-"}
    refused(front.post("supervisor", "/publications", body), 403, "not-allowed")
    assert entries(front, "supervisor_b") == []
    refused(put(front, 999_999), 404, "not-found")
    for wrong, field in (
        ({"on": "2026-08-31"}, "on"),
        ({"on": "2026-09-02"}, "on"),
        ({"channel": "朋友圈"}, "channel"),
        ({"receipt": ""}, "receipt"),
        ({"receipt": "0" * 64}, "receipt"),
    ):
        problem = refused(put(front, one["id"], **wrong), 422, "bad-input")
        assert problem["errors"][0]["field"] == field
    refused(put(front), 422, "bad-input")
    for month in ("九月", "9999-12", "2026-13"):
        refused(front.get("credit", "/publications", month=month), 422, "bad-input")
    assert [row["done_on"] for row in entries(front)] == [None]

    before = town.case(number)
    town.time.go_to(date(2026, 9, 10))
    front.log_in_again()
    for channel in (SITE, CREDIT_CHINA):
        assert put(front, one["id"], channel=channel, on="2026-09-07").status_code == 200
    town.time.go_to(date(2026, 9, 11))
    front.log_in_again()
    # Two of three are not enough.
    [waits] = entries(front)
    assert (waits["late"], waits["done_on"]) == (True, None)
    assert [line["state"] for line in waits["channels"]] == ["done", "done", "overdue"]
    assert front.get("supervisor", "/overview").json()["unpublished"] == 1
    assert put(front, one["id"], channel=ENTERPRISES, on="2026-09-10").status_code == 200
    assert entries(front) == []
    assert front.get("supervisor", "/overview").json()["unpublished"] == 0
    [done] = entries(front, "supervisor", month="2026-09")
    assert (done["done_on"], done["late"]) == ("2026-09-10", False)  # the last of its channels
    lines = [(line["channel"], line["done_on"], line["state"]) for line in done["channels"]]
    assert lines == [
        (SITE, "2026-09-07", "done"),
        (CREDIT_CHINA, "2026-09-07", "done"),
        (ENTERPRISES, "2026-09-10", "done"),
    ]
    last = done["channels"][-1]
    assert (last["due_on"], last["by"]) == ("2026-09-10", town.people["credit"].name)
    assert last["entered_at"].startswith("2026-09-11")
    # Whoever reads the ledger sees the scan, and nobody else.
    path = f"/publications/receipts/{last['receipt']}"
    assert front.get("supervisor", path).content == scan_of(town, ENTERPRISES)
    refused(front.get("window", path), 403, "not-allowed")
    refused(front.get("supervisor_b", path), 404, "not-found")
    assert "不能重复登记" in refused(put(front, one["id"]), 422, "bad-input")["detail"]

    # The case stands where it stood, and its log tells of it.
    after = town.case(number)
    assert (after.state, after.version) == (before.state, before.version)
    line = front.get("approver", f"/cases/{number}/log").json()[-1]
    assert (line["kind"], line["label"]) == ("published", "登记公示")
    assert line["caused"] == ["2026-09-10公示（国家企业信用信息公示系统）"]
    assert proved(front, number) == []
    table = front.get("credit", "/publications.csv", month="2026-09").text
    rows = list(csv.reader(io.StringIO(table.removeprefix("\ufeff"))))
    assert rows[1][0] == number
    assert rows[1][7] == "2026-09-10"
    assert rows[1][8].split("、") == [f"{channel} {day}" for channel, day, _ in lines]
    assert rows[1][9:] == ["", "", ""]


def test_what_the_log_does_not_tell_of_is_found_out(front: Front) -> None:
    number = front.town.granted()
    [one] = entries(front)
    assert put(front, one["id"]).status_code == 200
    done, line = update(Publication), update(PublicationLine)
    for change, fault in (
        (done.values(published_on=date(2026, 9, 1)), "公示完成登记与日志记载不一致"),
        (line.values(done_on=date(2026, 8, 1)), "公示渠道登记与日志记载不一致"),
        (line.values(channel=CREDIT_CHINA), "公示渠道登记与日志记载不一致"),
        (line.values(receipt=None), "公示渠道登记与日志记载不一致"),
        (delete(PublicationLine), "公示渠道登记与日志记载不一致"),
    ):
        owner = engine_for(front.town.url, role=None)
        with owner.connect() as connection, Session(connection) as session:
            session.execute(change)
            faults = verify_case(session, front.town.case(number), VersionCache())
            assert {one.text for one in faults} == {fault}
            session.rollback()
        owner.dispose()


def _open_in(front: Front, channel: str) -> list[int]:
    return [one["id"] for one in entries(front, channel=channel)]


def test_a_day_is_relied_on_only_if_it_is_put_down_soon(front: Front) -> None:
    """And only with the receipt of that very channel, which was there that day at the latest."""
    town = front.town
    numbers = [town.granted(address=address(n)) for n in range(2)]
    first, second = (one["id"] for one in entries(front))
    early = kept(front, "credit", SITE).json()["receipt"]
    town.time.go_to(date(2026, 9, 7))
    front.log_in_again()
    # Three working days after Tuesday 1 September are over on Friday.
    [one] = put(front, first, on="2026-09-01").json()
    [line] = [line for line in one["channels"] if line["done_on"]]
    assert line["done_on"] == "2026-09-07"
    [one] = put(front, first, channel=CREDIT_CHINA, on="2026-09-02").json()
    assert one["channels"][1]["done_on"] == "2026-09-02"
    # A scan of last week proves nothing of today, nor that of one channel anything of another.
    said = {"on": "2026-09-07", "receipt": early}
    assert "不能证明此后的公示" in refused(put(front, second, **said), 422, "bad-input")["detail"]
    said = {"on": "2026-09-07", "receipt": line["receipt"], "channel": ENTERPRISES}
    assert f"是“{SITE}”的" in refused(put(front, second, **said), 422, "bad-input")["detail"]
    # One that is put down for the last channel as of long ago is late, whatever day is typed.
    town.time.go_to(date(2026, 9, 14))
    front.log_in_again()
    assert put(front, first, channel=ENTERPRISES, on="2026-09-01").status_code == 200
    [done] = [one for one in entries(front, month="2026-09") if one["id"] == first]
    assert (done["done_on"], done["late"]) == ("2026-09-14", True)
    assert [line["state"] for line in done["channels"]] == ["done", "done", "done_late"]
    assert [proved(front, number) for number in numbers] == [[], []]


@pytest.mark.parametrize(
    ("kind", "code"), [("id", "320613198001010011"), ("uscc", "12320613466000000X")]
)
def test_a_channel_of_enterprises_does_not_wait_for_others(
    front: Front, kind: str, code: str
) -> None:
    """A natural person is in no register of enterprises, nor is a public institution."""
    town = front.town
    number = town.granted()
    [one] = entries(front)
    with engine_for(town.url, role=None).begin() as owner:
        owner.execute(update(Party).where(Party.code == FIRM).values(code_kind=kind, code=code))
    assert entries(front, channel=ENTERPRISES) == []
    assert [line["channel"] for line in entries(front)[0]["channels"]] == [SITE, CREDIT_CHINA]
    problem = refused(put(front, one["id"], channel=ENTERPRISES), 422, "bad-input")
    assert f"{number}的当事人不在“{ENTERPRISES}”公示" in problem["detail"]
    for channel in (SITE, CREDIT_CHINA):
        assert put(front, one["id"], channel=channel).status_code == 200
    assert entries(front) == []
    [done] = entries(front, month="2026-09")
    assert (done["done_on"], done["late"]) == ("2026-09-01", False)


def test_what_was_put_down_before_channels_had_lines_counts_as_it_was(front: Front) -> None:
    town = front.town
    number = town.granted()
    [one] = entries(front)
    with town.session() as session:
        context, case, process = town.office.brought_up(session, number, town.people["credit"])
        row = session.get_one(Publication, one["id"])
        by = town.people["credit"]
        officer = Officer(by.person_id, by.name, "")
        execution = Execution(Role.PUBLICITY_OFFICER, COUNTER, (officer,), by.account_id)
        act = act_beside(context, case, process, Step("publish", "登记公示", {}, ()), execution)
        row.published_on = date(2026, 9, 1)
        line = {"case_id": case.id, "publication_id": row.id, "done_on": row.published_on}
        who = {"person_id": by.person_id, "entered_at": context.now, "log_seq": case.head_seq + 1}
        session.add(PublicationLine(channel=SITE, receipt=None, **line, **who))
        said = {"row": row.log_seq, "register": row.register, "withdrawn": False}
        act.note("published", {**said, "on": "2026-09-01", "channels": [SITE]})
        engine.tell(act, "published", {})
        session.commit()
    assert proved(front, number) == []
    assert entries(front) == []
    [done] = entries(front, month="2026-09")
    assert [(line["channel"], line["state"]) for line in done["channels"]] == [(SITE, "done")]
    assert front.get("approver", f"/cases/{number}/log").json()[-1]["caused"] == [
        f"2026-09-01公示（{SITE}）"
    ]
    for channel in (SITE, CREDIT_CHINA):
        problem = refused(put(front, one["id"], channel=channel), 422, "bad-input")
        assert "不能重复登记" in problem["detail"]
    with engine_for(town.url, role=None).begin() as owner:
        owner.execute(update(PublicationLine).values(channel=CREDIT_CHINA))
    assert proved(front, number) == ["公示渠道登记与日志记载不一致"]


def _page(front: Front, who: str, files: Any = None, **posted: Any) -> httpx.Response:
    token = front.identity(who)["Authorization"].removeprefix("Bearer ")
    cookie = {"Cookie": f"{SESSION_COOKIE}={token}"}
    shown = front.client.get("/publications", headers=cookie)
    if not posted:
        return shown
    [secret] = set(re.findall(r'name="_secret" value="(\w+)"', shown.text))
    return front.client.post(
        "/publications",
        data={"_secret": secret, **posted},
        files=files,
        headers=cookie,
        follow_redirects=False,
    )


def test_every_register_has_its_name() -> None:
    registers = {
        effect.register
        for process in PROCESSES.values()
        for step in process.every_step
        for effect in step.effects
        if isinstance(effect, Publish | Withdraw)
    }
    shipped = {one.key for one in shipped_editions() if one.kind == "register"}
    assert registers == shipped


@pytest.mark.slow
def test_many_are_put_down_together_or_none(front: Front) -> None:
    town = front.town
    assert "没有等待公示的事项" in _page(front, "credit").text
    numbers = [town.granted(address=address(n)) for n in range(3)]
    ids = [one["id"] for one in entries(front)]
    assert len(ids) == 3
    shown = _page(front, "credit").text
    assert all(number in shown for number in numbers)
    assert _page(front, "window").status_code == 403

    said = {"on": "2026-09-01", "channel": SITE, "_confirmed": "1"}
    assert "请勾选" in _page(front, "credit", **said).text
    strange = _page(front, "credit", entry=["9" * 30], **said)
    assert (strange.status_code, "请勾选" in strange.text) == (422, True)
    every = [str(one) for one in ids]
    assert "请选择一个渠道" in _page(front, "credit", entry=every, on="2026-09-01").text
    bare = _page(front, "credit", entry=every, **said)
    assert (bare.status_code, "回执或者截图" in bare.text) == (422, True)
    said["receipt"] = kept(front, "credit", SITE).json()["receipt"]
    assert put(front, ids[1]).status_code == 200
    # One of them is done there already: nothing is put down for the others either.
    answer = _page(front, "credit", entry=every, **said)
    assert answer.status_code == 422
    assert f"{numbers[1]}的该事项在“{SITE}”已于" in answer.text
    assert [len(_open_in(front, channel)) for channel in CHANNELS] == [2, 3, 3]
    left = [str(ids[0]), str(ids[2])]
    assert "请填写日期" in _page(front, "credit", entry=left, **{**said, "on": ""}).text
    assert "已登记" in _page(front, "credit", entry=left, **said).text
    assert _open_in(front, SITE) == []
    # The other channels by one scan each, which the question already has kept.
    for channel in CHANNELS[1:]:
        told = {"on": "2026-09-01", "channel": channel, "entry": every}
        file = (f"{channel}.pdf", scan_of(town, channel))
        asked = _page(front, "credit", files={"file": file}, **told).text
        assert f"{channel}.pdf" in asked
        [scan] = set(re.findall(r'name="receipt" value="(\w+)"', asked))
        assert "尚缺" in asked
        assert len(_open_in(front, channel)) == 3
        assert "已登记" in _page(front, "credit", receipt=scan, _confirmed="1", **told).text
    assert entries(front) == []
    with town.session() as session:
        assert session.query(PublicationReceipt).count() == 3

    # What ended meanwhile is put down all the same.
    check = check_to(town, numbers[0], "closed")
    assert town.case(check).ended_at is not None
    [last] = entries(front)
    assert (last["case"], last["register"]) == (check, "行政检查结果")
    assert put(front, last["id"], on=last["since"]).status_code == 200
    assert proved(front, check) == []


def test_a_penalty_is_shown_only_once_its_party_was_served(front: Front) -> None:
    town = front.town
    number = penalty_to(town, "decided")
    [one] = [entry for entry in entries(front) if entry["case"] == number]
    problem = refused(put(front, one["id"]), 422, "bad-input")
    assert "尚未送达" in problem["detail"]
    assert problem["law"]
    town.time.pass_(days=1)
    go(town, number, ("serve", "handler1"))
    front.log_in_again()
    # Nor as of the day before.
    assert "送达以前" in refused(put(front, one["id"]), 422, "bad-input")["detail"]
    assert put(front, one["id"], on="2026-09-02").status_code == 200
    assert proved(front, number) == []


_WITHDRAWN = (
    ("give_prior_notice", "reviewer"),
    ("serve_prior_notice", "reviewer"),
    ("answer_prior_notice", "applicant"),
    ("waive_prior_notice", "applicant"),
    ("review_prior_notice", "legal"),
    ("withdraw_by_authority", "approver"),
)


def test_a_withdrawal_that_is_not_served_opens_no_place(front: Front) -> None:
    town = front.town
    number = town.relative(promised_for_later(town, address(7)), "licence").number
    follow(town, number, *_WITHDRAWN)
    code = town.case(number).tracking_code

    def shown() -> tuple[str, bool]:
        said = front.get(None, f"/verify/{code}").json()
        return said["state_label"], said["stands"]

    assert shown() == ("领证未达条件", False)
    # One that was made before anybody could enter how it was served has been served somehow.
    later = town.time.now() + timedelta(days=1)
    owner = engine_for(town.url, role=None)
    with owner.begin() as connection:
        known = update(ProcessVersion).where(ProcessVersion.process == "licence")
        connection.execute(known.values(published_at=later))
    owner.dispose()
    assert shown() == ("已撤回", False)


def test_a_withdrawal_is_shown_only_once_its_holder_was_served(front: Front) -> None:
    town = front.town
    number = town.relative(town.granted(), "licence").number
    follow(town, number, *_WITHDRAWN)
    [one] = [entry for entry in entries(front) if entry["case"] == number]
    assert one["service"] == "尚未送达，送达后公示"
    problem = refused(put(front, one["id"]), 422, "bad-input")
    assert "尚未送达" in problem["detail"]
    assert "《行政许可法》" in problem["law"]
    code = town.case(number).tracking_code
    # Nor does whoever scans the certificate learn of it.
    assert front.get(None, f"/verify/{code}").json()["state_label"] == "有效"
    now = town.time.instant
    town.time.pass_(days=5 * 366)
    assert front.get(None, f"/verify/{code}").json()["state_label"] == "过期"
    town.time.instant = now
    town.time.pass_(days=1)
    follow(town, number, ("serve_withdrawal", "reviewer"))
    front.log_in_again()
    assert front.get(None, f"/verify/{code}").json()["state_label"] == "已撤回"
    assert "送达以前" in refused(put(front, one["id"]), 422, "bad-input")["detail"]
    assert put(front, one["id"], on="2026-09-02").status_code == 200
    assert proved(front, number) == []


@pytest.mark.parametrize("process", ["instant_licence", "single_health"])
def test_a_refusal_is_shown_only_once_its_applicant_was_served(front: Front, process: str) -> None:
    """The case has ended all the same; and what is said to be forged bars nobody before."""
    town, forged = front.town, process == "instant_licence"
    if forged:
        number = apply_to(town, "committed", address(7))
        follow(town, number, *told_before("reviewer"))
        front.upload("reviewer", number, "refusal_finding", "核实记录.pdf")
        follow(town, number, ("refuse", "approver"), refuse=FALSE)
    else:
        number = single_to(town, process, "refused", address(7))
    assert town.case(number).ended_at is not None
    [one] = [entry for entry in entries(front) if entry["case"] == number]
    assert one["service"] == "尚未送达，送达后公示"
    assert "尚未送达" in refused(put(front, one["id"]), 422, "bad-input")["detail"]
    town.time.pass_(days=1)
    front.log_in_again()
    assert _asks(front, address(8)).status_code == 200
    answer = front.step("window", number, "serve_decision", usual("", "serve_decision"))
    assert answer.status_code == 200, answer.text
    assert put(front, one["id"], on="2026-09-02").status_code == 200
    assert proved(front, number) == []
    assert _asks(front, address(9)).status_code == (409 if forged else 200)


# What of a repair's former version took nothing down.
_SHOWN_STILL = {
    one.key: replace(
        one,
        steps=tuple(
            replace(
                step,
                effects=tuple(said for said in step.effects if not isinstance(said, TakeDown)),
                in_every_version=False,
            )
            for step in one.steps
        ),
    )
    for one in (CREDIT_REPAIR, NATIONAL_REPAIR)
}


@pytest.mark.parametrize("how", ["repaired", "nationally", "long ago"])
def test_what_was_repaired_or_shown_long_enough_is_taken_down(front: Front, how: str) -> None:
    """Once, in repairs of former versions too; and what was not published yet is not any more."""
    town = front.town
    if how == "long ago":
        town.time.instant = datetime(2022, 10, 20, 9, 0, tzinfo=ZONE)
    with under_former_versions(town, _SHOWN_STILL):
        check = check_to(town, town.granted(), "revocation_served")
        repair = case = town.relative(check, "repair").number
        front.log_in_again()
        [shown] = [one["id"] for one in _of_licences(front) if one["case"] == check]
        town.time.pass_(days=4 * 366 if how == "long ago" else 100)
        town.office.catch_up(town.case(repair).id)
        if how == "nationally":
            case = national_to(town, repair, "sent")
    front.log_in_again()
    if how == "repaired":
        training_to(town, "certified")
        follow(town, repair, *REPAIR["approved"])
    elif how == "nationally":
        assert front.get("applicant", f"/parties/{FIRM}/credit").json()["may_promise"] is False
        follow(town, case, *NATIONAL["ended"][-1:])
        assert front.get("applicant", f"/parties/{FIRM}/credit").json()["may_promise"] is True
        training_to(town, "certified")
        follow(town, repair, *REPAIR["approved"])
    because = "最长公示期届满" if how == "long ago" else "已准予信用修复"
    there = [one for one in _of_licences(front) if one["case"] in (check, repair, case)]
    assert [(one["case"], one["withdrawn_because"]) for one in there] == [
        (case, f"{because}（{check}）")
    ]
    today = town.time.now().date().isoformat()
    assert "撤下" in refused(put(front, shown, on=today), 422, "bad-input")["detail"]
    assert proved(front, case) == []


@pytest.mark.parametrize("found", ["closed", "synced"])
def test_what_a_false_repair_took_down_is_shown_again(front: Front, found: str) -> None:
    """Until the longest term of the record is over, which nothing lengthens."""
    town, check, repair = _repaired(front, found)
    front.log_in_again()
    [down] = [one for one in _of_licences(front) if one["case"] == repair]
    follow(town, repair, *told_before("credit"), ("find_false_material", "approver"))
    assert [one["case"] for one in _of_licences(front) if one["shows"]] == []  # not served yet
    town.time.pass_(days=1)
    follow(town, repair, ("serve_decision", "credit"))
    front.log_in_again()
    today = town.time.now().date()
    [again] = [one for one in _of_licences(front) if one["case"] == repair]
    assert (again["shows"], again["withdrawn_because"]) == (check, "")
    assert (again["since"], again["late"]) == (today.isoformat(), False)
    # What was not taken down yet is not any more; what waits for the end of the term is not yet.
    said = {"on": today.isoformat()}
    assert "不再撤下" in refused(put(front, down["id"], **said), 422, "bad-input")["detail"]
    with town.session() as session:
        rows = session.scalars(select(Publication).where(Publication.not_before.is_not(None)))
        [end] = rows.all()
        clock = select(CaseClock.due_on).where(CaseClock.name == "publicity")
        until = session.scalar(clock.where(CaseClock.case_id == town.case(repair).id))
    assert until is not None
    assert end.not_before == end.due_on == until + timedelta(days=1)
    assert "最长公示期" in refused(put(front, end.id, **said), 422, "bad-input")["detail"]
    for channel in CHANNELS:
        assert put(front, again["id"], channel=channel, **said).status_code == 200
    assert [one for one in _of_licences(front) if one["case"] == repair] == []
    assert proved(front, repair) == []
    # On the day after its end it is to be taken down, by that day.
    town.time.go_to(end.due_on)
    front.log_in_again()
    [last] = [one for one in _of_licences(front) if one["case"] == repair]
    assert last["withdrawn_because"] == f"最长公示期届满（{check}）"
    assert put(front, last["id"], on=end.due_on.isoformat()).status_code == 200
    assert proved(front, repair) == []


def test_nothing_is_shown_again_once_its_longest_term_is_over(front: Front) -> None:
    town, _, repair = _repaired(front, "closed")
    town.time.pass_(days=366)
    follow(town, repair, *told_before("credit"), ("find_false_material", "approver"))
    follow(town, repair, ("serve_decision", "credit"))
    front.log_in_again()
    assert [
        one for one in _of_licences(front) if one["shows"] or "届满" in one["withdrawn_because"]
    ] == []
    assert proved(front, repair) == []


def test_a_decision_that_fell_is_not_shown_again(front: Front) -> None:
    town, check, repair = _repaired(front, "closed")
    undoing = (("propose_undoing", "inspector1"), ("review_undoing", "legal"))
    follow(town, check, *undoing, ("undo_decision", "approver"))
    follow(town, repair, *told_before("credit"), ("find_false_material", "approver"))
    follow(town, repair, ("serve_decision", "credit"))
    front.log_in_again()
    assert [one for one in _of_licences(front) if one["shows"]] == []
    assert proved(front, repair) == []


def test_what_is_shown_again_is_taken_down_by_the_next_repair(front: Front) -> None:
    """Where its term is counted anew, it is as long as the record of the false material."""
    town, check, repair = _repaired(front, "closed")
    with town.session() as session:
        set_key(session, "publicity.again_term", value="anew")
    follow(town, repair, *told_before("credit"), ("find_false_material", "approver"))
    follow(town, repair, ("serve_decision", "credit"))
    front.log_in_again()
    [again] = [one for one in _of_licences(front) if one["shows"]]
    with town.session() as session:
        waits = select(Publication.id).where(Publication.not_before.is_not(None))
        assert session.scalars(waits).all() == []
    town.time.pass_(days=380)
    last = town.newest("credit_repair")
    town.office.catch_up(town.case(last).id)
    front.log_in_again()
    assert [one for one in _of_licences(front) if one["shows"]] == []
    [down] = [one for one in _of_licences(front) if one["case"] == last]
    assert down["withdrawn_because"] == f"最长公示期届满（{check}）"
    said = {"on": town.time.now().date().isoformat()}
    assert "应当撤下" in refused(put(front, again["id"], **said), 422, "bad-input")["detail"]
    assert [proved(front, number) for number in (repair, last)] == [[], []]


def _repaired(front: Front, state: str) -> tuple[Town, str, str]:
    """A check whose record was repaired, that repair, and the town."""
    town = front.town
    with town.session() as session:
        for of in ("promise", "false_material"):
            set_limit(session, f"repair.publicity.{of}", n=1)  # no calendar goes far enough
    check = check_to(town, town.granted(), "revocation_served")
    repair = town.relative(check, "repair").number
    town.time.pass_(days=100)
    town.office.catch_up(town.case(repair).id)
    training_to(town, "certified")
    follow(town, repair, *REPAIR[state])
    return town, check, repair


def test_a_repair_that_was_granted_before_takes_down_when_it_is_carried_out(front: Front) -> None:
    """Its grant of an older release could not."""
    town = front.town
    check = check_to(town, town.granted(), "revocation_served")
    repair = town.relative(check, "repair").number
    town.time.pass_(days=100)
    town.office.catch_up(town.case(repair).id)
    training_to(town, "certified")
    follow(town, repair, *REPAIR["removed"])
    queued = delete(Publication).where(Publication.withdrawn_because.is_not(None))
    with engine_for(town.url, role=None).begin() as owner:
        owner.execute(queued)
    follow(town, repair, *REPAIR["synced"][len(REPAIR["removed"]) :])
    front.log_in_again()
    there = [one for one in _of_licences(front) if one["case"] in (check, repair)]
    assert [(one["case"], one["withdrawn_because"]) for one in there] == [
        (repair, f"信用已经修复（{check}）")
    ]


def test_what_was_repaired_and_never_taken_down_is_told_at_the_upgrade(front: Front) -> None:
    number = penalty_to(front.town, "paid")
    with front.town.session() as session:
        assert repaired_and_shown(session, front.town.time.now().date()) == ()
        case = front.town.case(number)
        event = session.scalars(select(CreditEvent).where(CreditEvent.case_id == case.id)).first()
        assert event is not None
        done = {"case_id": case.id, "log_seq": event.log_seq, "marked_on": event.occurred_on}
        session.add(CreditMark(event_id=event.id, kind="repaired", **done))
        session.flush()
        [line] = repaired_and_shown(session, front.town.time.now().date())
    assert line.startswith(number)


def _of_licences(front: Front) -> list[dict[str, Any]]:
    return [one for one in entries(front) if one["register"] == "行政许可"]


def _asks(front: Front, where: str) -> httpx.Response:
    """The answer to whoever submits an application for a place."""
    number = front.town.apply(address=where)
    front.town.attach(number)
    return front.step("applicant", number, "submit")


@pytest.mark.parametrize(
    ("counts_from", "due"), [("decision", "2026-09-16"), ("service", "2026-09-24")]
)
def test_nobody_is_late_for_what_may_not_be_shown(front: Front, counts_from: str, due: str) -> None:
    """A decision that is served when the seven working days since it was made are long over."""
    town = front.town
    with town.session() as session:
        set_key(session, "publicity.counts_from", value=counts_from)
    number = penalty_to(town, "decided")

    def entry() -> dict[str, Any]:
        [one] = [entry for entry in entries(front) if entry["case"] == number]
        return one

    first = entry()
    assert first["service"] == "尚未送达，送达后公示"
    town.time.go_to(date.fromisoformat(first["due_on"]) + timedelta(days=4))
    # That the party has the guide to repair is no service of the decision.
    go(
        town,
        number,
        ("record_receipt", "handler1"),
        record_receipt={**RECEIPT, "documents": ["repair_guide"]},
    )
    front.log_in_again()
    assert (entry()["late"], entry()["due_on"]) == (False, first["due_on"])
    assert front.get("credit", "/publications").json()["late"] == 0
    assert front.get("supervisor", "/overview").json()["unpublished"] == 0
    told = [line for line in chase_publications(town.office).done if number in line]
    assert told == []
    town.time.go_to(date(2026, 9, 16))
    go(town, number, ("serve", "handler1"))
    front.log_in_again()
    assert (entry()["service"], entry()["due_on"]) == ("2026年9月16日送达", due)
    assert proved(front, number) == []
    town.time.go_to(date.fromisoformat(due) + timedelta(days=1))
    front.log_in_again()
    assert entry()["late"]
    assert front.get("supervisor", "/overview").json()["unpublished"] == 1
    assert [line for line in chase_publications(town.office).done if number in line]
