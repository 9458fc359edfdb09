"""The page after an act: what was done, from its row of the log, for those who may know it."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from casework.models import LogRow, Mandate
from tests.support.town import ACCEPTED, INSPECTORS, Town, application, look
from tests.support.visitor import Visitor, open_door

_BOTH = ("window", "applicant")


@pytest.fixture
def door(town: Town) -> FastAPI:
    """The pages over a fresh town."""
    return open_door(town)


def _desk(door: FastAPI, who: str) -> Visitor:
    visitor = Visitor(door)
    visitor.enter(who)
    return visitor


def _received(town: Town, address: str = "人民路1号") -> str:
    number = town.apply(address=address)
    town.attach(number)
    town.take(number, "submit", "applicant")
    return number


def _send(town: Town, desk: Visitor, number: str, step: str, **given: str) -> str:
    """Take a step by its form; gives where that leads."""
    page = f"/cases/{number}/steps/{step}"
    version = str(town.case(number).version)
    answer = desk.submit(page, page, _version=version, _key=f"{number}{step}", **given)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def _main(text: str) -> str:
    """What a page says, without its frame and marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text.split("<main")[1]))


def test_an_act_is_told_from_its_row_with_what_comes_next(town: Town, door: FastAPI) -> None:
    number, other = _received(town), _received(town, "人民路2号")
    window = _desk(door, "window")
    row = town.case(number).head_seq + 1
    done = _send(town, window, number, "accept", **ACCEPTED)
    assert done == f"/cases/{number}/done/{row}"
    page = window.get(done)
    said = _main(page.text)
    assert "“受理”已办理" in said
    assert number in said
    assert re.search(rf'href="/cases/{number}/documents/\d+\.pdf" aria-label="下载打印', page.text)
    assert re.search(rf'href="/cases/{number}/documents/\d+\.docx"', page.text)
    assert "受理通知书" in said
    # The limit that the step begins, and not the one that it ends.
    assert re.search(r"许可决定期限，开始计算，最迟 2026-\d\d-\d\d", said), said
    assert said.count("开始计算") == 1
    assert f'href="/cases/{other}" accesskey="j"' in page.text
    assert "告知许可条件和责任" in said  # hers to do next
    # It is told for as long as the log is; what comes afterwards is no part of it.
    town.take(number, "inform", "window")
    again = _main(window.get(done).text)
    assert "“受理”已办理" in again
    assert "此后本案又办理了其他事项" in again
    assert re.findall("最迟 [0-9-]+", again) == re.findall("最迟 [0-9-]+", said)


def test_the_party_reads_of_its_own_acts_and_nothing_of_the_office(
    town: Town, door: FastAPI
) -> None:
    number = town.apply()
    town.attach(number)
    applicant, stranger = _desk(door, "applicant"), _desk(door, "applicant2")
    done = _send(town, applicant, number, "submit")
    said = _main(applicant.get(done).text)
    assert "“提交申请”已办理" in said
    assert town.case(number).tracking_code in said
    assert "等待： 窗口人员" in said
    assert "受理期限，开始计算，最迟 2026-09-08" in said
    assert "办下一件" not in said
    assert stranger.get(done).status_code == 404
    row = town.case(number).head_seq + 1
    town.take(number, "accept", "window", ACCEPTED)
    assert _desk(door, "window").get(f"/cases/{number}/done/{row}").status_code == 200
    assert _desk(door, "window_b").get(f"/cases/{number}/done/{row}").status_code == 404
    for seq in (row, row + 1, 10**15):
        assert applicant.get(f"/cases/{number}/done/{seq}").status_code == 404
    # What is no act of a person has no such page: a file that was handed in.
    assert _desk(door, "window").get(f"/cases/{number}/done/2").status_code == 404


def test_a_limit_that_the_office_has_set_itself_is_told_to_staff_only(
    town: Town, door: FastAPI
) -> None:
    number = town.committed()
    with town.session() as session:
        name = LogRow.header["name"].as_string()
        row = session.scalars(select(LogRow.seq).where(name == "commit")).one()
    said = {who: _main(_desk(door, who).get(f"/cases/{number}/done/{row}").text) for who in _BOTH}
    assert "即时办结承诺，开始计算" in said["window"]
    assert "“签署承诺书”已办理" in said["applicant"]
    assert "即时办结承诺" not in said["applicant"]


def test_what_two_have_signed_and_what_was_sent_back_is_told_alike(
    town: Town, door: FastAPI
) -> None:
    check = town.relative(town.granted(), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    page = f"/cases/{check}/steps/inspect"
    second = _desk(door, "inspector2")

    def answered(path: str, **given: str) -> str:
        version = str(town.case(check).version)
        answer = second.submit(path, page, _version=version, _key=path + version, **given)
        assert answer.status_code == 303, answer.text
        return _main(second.get(answer.headers["location"]).text)

    town.take(check, "inspect", "inspector1", look(met=False))
    returned = answered(f"{page}/signature/return", reason="第0项没有写清楚")
    assert "“退回重填：核查承诺履行情况”已办理" in returned
    assert "第0项没有写清楚" in returned
    town.take(check, "inspect", "inspector1", look(met=False))
    signed = answered(f"{page}/signature")
    assert "“核查承诺履行情况”已办理" in signed
    assert "责令改正" in signed


def test_a_clerk_who_serves_a_walk_in_goes_on_and_reads_above_the_form_what_was_done(
    town: Town, door: FastAPI
) -> None:
    window = _desk(door, "window")
    with town.session() as session:
        of = Mandate.person_id == town.people["applicant"].person_id
        mandate = session.scalars(select(Mandate.id).where(of)).first()
    opened = town.office.open_case(
        "instant_licence", application(), town.people["window"], mandate=mandate
    )
    number = opened.number
    town.attach(number, by="window")
    town.take(number, "submit", "window", mandate=mandate)
    row = town.case(number).head_seq + 1
    on = _send(town, window, number, "accept", **ACCEPTED)
    assert on == f"/cases/{number}/steps/inform?done={row}"
    said = _main(window.get(on).text)
    assert "“受理”已办理。" in said
    assert "受理通知书" in said
    assert window.get(f"/cases/{number}/steps/inform?done={10**15}").status_code == 200
