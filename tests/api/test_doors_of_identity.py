"""Doors that stood open by which somebody became another: under another code, by another telephone
number, by the name of a head whom no register knows."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from casework.common.database import engine_for
from casework.models import Mandate, Notice, Party
from casework.operations.migration import migrate
from casework.parties.code_change import succession
from casework.rules.counting import CalendarUnknown
from tests.support.desk import Desk
from tests.support.exemptions import FIRM
from tests.support.front import Front, reasons_of, refused
from tests.support.journeys import address, apply_to, usual
from tests.support.penalties import NOTIFIED, OPINION
from tests.support.people import empower, newcomer
from tests.support.processes.interested_party import INTERESTED, NEIGHBOUR
from tests.support.serving import RECEIPT
from tests.support.signed import SMALL_PDF, pdf
from tests.support.town import CODES, Town, joint_application, look

NEW = CODES[0]
NAME, HEAD = "南通滨江宾馆有限公司", "陈志远"
SAME = {"opinion": "两个代码属于同一主体"}
ENTRY = {
    "name": NAME,
    "representative": HEAD,
    "address": "南通市崇川区人民中路88号",
    "phone": "13800000001",
    "dissolved_on": None,
    "reason": "当事人申请",
    "effective_on": "2026-09-01",
}


def _told(town: Town, begin: str) -> list[Notice]:
    with town.session() as session:
        of_these = select(Notice).where(Notice.key.startswith(begin)).order_by(Notice.id)
        found = session.scalars(of_these).all()
        session.expunge_all()
        return list(found)


def _claim(front: Front, new: str) -> Any:
    data = {
        "old_code": FIRM,
        "ground": "登记机关换发统一社会信用代码",
        "changed_on": "2026-08-03",
        "paper": "登记通知书",
    }
    return front.post("window", "/cases", {"process": "code_change", "data": data, "party": new})


def test_no_firm_goes_on_as_another(desk: Desk) -> None:
    """Two hands and any scan make a living firm out of its competitor."""
    front, rival = desk.front, desk.town.register(NEW)
    number = _claim(front, rival).json()["number"]
    front.upload("window", number, "change_proof")
    answer = front.step("window", number, "submit_claim")
    assert reasons_of(answer) == ["old_code_other_subject"]
    assert "先凭登记机关的文件更正" in answer.json()["reasons"][0]["text"]
    # What changed of its name and head too is registered first, by the register's own paper.
    same = {**ENTRY, "address": "南通市崇川区工农路9号", "phone": "13800000002"}
    assert front.correct(rival, same).status_code == 201
    assert front.step("window", number, "submit_claim").status_code == 200


def test_a_living_firm_is_heard_before_another_goes_on_in_its_name(desk: Desk) -> None:
    town, front = desk.town, desk.front
    new = town.register(NEW, NAME)
    number = town.claim(FIRM, new)
    assert front.step("window", number, "submit_claim").status_code == 200
    [told] = _told(town, "succession/claimed/")
    with town.session() as session:
        assert session.get_one(Party, told.to_party_id).code == FIRM
    assert "2026年9月4日前" in told.body
    answer = front.step("reviewer", number, "confirm_succession", SAME)
    assert reasons_of(answer) == ["old_party_not_heard"]
    # A scan in the clerk's hand is not the firm's own word.
    assert front.upload("window", number, "former_consent").status_code == 201
    answer = front.step("reviewer", number, "confirm_succession", SAME)
    assert reasons_of(answer) == ["old_party_not_heard"]
    town.time.pass_(days=4)
    front.log_in_again()
    assert front.step("reviewer", number, "confirm_succession", SAME).status_code == 200


def test_a_claim_that_waits_since_an_older_release_is_told_of_at_the_upgrade(desk: Desk) -> None:
    """民法典57: its time to object runs from then on, and the claim need not be begun anew."""
    town, front = desk.town, desk.front
    number = town.claim(FIRM, town.register(NEW, NAME))
    assert front.step("window", number, "submit_claim").status_code == 200
    [told] = _told(town, "succession/claimed/")
    owner = engine_for(town.url, role=None)
    with owner.begin() as connection:
        connection.execute(delete(Notice).where(Notice.key == told.key))
    owner.dispose()
    answer = front.step("reviewer", number, "confirm_succession", SAME)
    assert "还没有告知变更前代码的主体" in answer.json()["reasons"][0]["text"]
    for _ in range(2):
        migrate(town.url, town.time.now())
    [again] = _told(town, "succession/claimed/")
    assert (again.to_party_id, again.body) == (told.to_party_id, told.body)
    answer = front.step("reviewer", number, "confirm_succession", SAME)
    assert "2026-09-04前提出异议" in answer.json()["reasons"][0]["text"]
    town.time.pass_(days=4)
    front.log_in_again()
    assert front.step("reviewer", number, "confirm_succession", SAME).status_code == 200


def test_a_claim_whose_last_day_no_calendar_knows_is_named_at_the_upgrade(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upgrade goes on, and what is left is for people to see."""
    town, front = desk.town, desk.front
    number = town.claim(FIRM, town.register(NEW, NAME))
    assert front.step("window", number, "submit_claim").status_code == 200
    owner = engine_for(town.url, role=None)
    with owner.begin() as connection:
        connection.execute(delete(Notice).where(Notice.key.startswith("succession/claimed/")))
    owner.dispose()

    def unknown(*_: object) -> None:
        raise CalendarUnknown("2027年的放假安排尚未公布")

    monkeypatch.setattr(succession, "count", unknown)
    [line] = [one for one in migrate(town.url, town.time.now()) if number in one]
    assert "2027年的放假安排尚未公布" in line
    assert _told(town, "succession/claimed/") == []


def test_its_own_head_need_not_wait(desk: Desk) -> None:
    town, front = desk.town, desk.front
    number = town.claim(FIRM, town.register(NEW, NAME))
    town.agree(number)
    assert front.step("window", number, "submit_claim").status_code == 200
    assert front.step("reviewer", number, "confirm_succession", SAME).status_code == 200


def test_a_number_that_a_clerk_put_there_speaks_for_nobody_yet(desk: Desk) -> None:
    """A clerk registers a telephone of a crony, who then acts for the firm by its code."""
    town, front = desk.town, desk.front
    newcomer(town, "crony")
    assert front.correct(FIRM, {**ENTRY, "phone": "13900000009"}).status_code == 201
    by_portal, by_number = _told(town, "party/")
    assert by_number.to_phone == "13800000001"
    assert "联系电话已由窗口变更" in by_number.body
    assert by_portal.to_party_id is not None
    assert [one["subject"] for one in front.get("applicant", "/notices").json()] == ["登记信息变更"]
    asked = {"party": FIRM, "scope": ["file", "promise"]}
    problem = refused(front.post("crony", "/me/firms", asked), 422, "bad-input")
    assert "2026年9月1日登记，满7日后" in problem["detail"]
    assert "到窗口办理" in problem["detail"]
    town.time.pass_(days=8)
    front.log_in_again()
    assert front.post("crony", "/me/firms", asked).status_code == 202


@pytest.mark.parametrize("has", ["nobody", "its head", "a case"])
def test_a_first_number_takes_nobodys_place(desk: Desk, has: str) -> None:
    """A firm that came without a number is reached by the one that a clerk registers, unless
    somebody speaks for it, or it is known here, and has not been heard."""
    town, front = desk.town, desk.front
    newcomer(town, "clerk_of_firm")
    with town.session() as session:
        session.execute(update(Party).where(Party.code == FIRM).values(phone=""))
        if has != "its head":
            session.execute(update(Mandate).values(valid_to=date(2026, 8, 31)))
    if has == "a case":
        desk.open()
    assert front.correct(FIRM, {**ENTRY, "phone": "13900000009"}).status_code == 201
    asked = {"party": FIRM, "scope": ["file"]}
    answer = front.post("clerk_of_firm", "/me/firms", asked)
    if has == "nobody":
        assert answer.status_code == 202
    else:
        assert "满7日后" in refused(answer, 422, "bad-input")["detail"]


def test_whom_a_code_confirmed_gives_nothing_up(desk: Desk) -> None:
    town, front = desk.town, desk.front
    number = desk.open()
    desk.go(number, *NOTIFIED)
    newcomer(town, "agent")
    front.log_in_again()
    asked = {"party": FIRM, "scope": ["file", "promise"]}
    assert front.post("agent", "/me/firms", asked).status_code == 202
    code = re.search(r"验证码(\d{6})", _told(town, "code/")[-1].body)
    assert code is not None
    made = front.post("agent", "/me/firms/confirmation", {"code": code[1]})
    assert made.status_code == 201, made.text
    for step in ("waive_defence", "waive_hearing"):
        answer = front.step("agent", number, step, {}, empty=True)
        assert reasons_of(answer) == ["power_not_on_file"]
    files = {"file": ("授权委托书.pdf", SMALL_PDF)}
    kept = front.ask("window", "POST", f"/mandates/{made.json()['id']}/papers", files=files)
    assert kept.status_code == 201, kept.text
    assert front.step("agent", number, "waive_defence", {}, empty=True).status_code == 200


def test_a_licence_names_the_head_whom_the_register_knows(front: Front, town: Town) -> None:
    """Any name at all stands on the certificate as that of the responsible person."""
    stranger = town.apply(representative="张三")
    town.attach(stranger)
    answer = front.step("applicant", stranger, "submit")
    assert reasons_of(answer) == ["head_is_not_registered"]
    assert answer.json()["reasons"][0]["law"].startswith("《行政许可法》第九条")
    # Whoever has succeeded meanwhile stops nothing that came in under the head before.
    number = town.apply()
    town.attach(number)
    assert front.step("applicant", number, "submit").status_code == 200
    assert front.correct(FIRM, {**ENTRY, "representative": "顾明远"}).status_code == 201
    assert (
        front.step("window", number, "accept", usual("instant_licence", "accept")).status_code
        == 200
    )


def test_what_was_let_in_before_is_granted_under_its_head(front: Front, town: Town) -> None:
    """Nobody can change an accepted application any more, so it is not turned away for its head."""
    number = town.committed()
    with town.session() as session:
        firm = session.scalars(select(Party).where(Party.code == FIRM)).one()
        firm.representative = "顾明远"  # as the register knew it all along
    assert front.step("approver", number, "grant").status_code == 200


def test_nor_is_a_joint_licence_in_the_name_of_a_stranger(front: Front, town: Town) -> None:
    data = joint_application(representative="张三")
    number = town.file("one_matter", data)
    assert reasons_of(front.step("applicant", number, "submit")) == ["head_is_not_registered"]


# --- One paper, one matter; who is a side 一证一案、回避 ---


def test_a_receipt_proves_nothing_in_another_matter(desk: Desk) -> None:
    numbers = [desk.open(), desk.open()]
    for number in numbers:
        desk.go(number, *OPINION, ("notify", "handler1"))
    one = pdf("一份送达回证")
    for number in numbers:
        kept = desk.front.upload("handler1", number, "signed_receipt", "回证.pdf", one)
        assert kept.status_code == 201, kept.text
    first, second = (
        desk.front.step("handler1", number, "serve_notice", RECEIPT, empty=True)
        for number in numbers
    )
    assert first.status_code == 200, first.text
    assert reasons_of(second) == ["no_signed_receipt"]
    assert "其他案件" in second.json()["reasons"][0]["text"]


def test_whoever_acts_for_the_neighbour_has_no_hand_in_it(front: Front, town: Town) -> None:
    number = apply_to(town, "ordinary_review", address(1))
    heard = front.step("reviewer", number, "register_interested", dict(INTERESTED))
    assert heard.status_code == 200, heard.text
    empower(town, "inspector1", NEIGHBOUR, "agent", ["receive"])
    assert front.step("reviewer", number, "check_site", look(met=True)).status_code == 202
    answer = front.sign("inspector1", number, "check_site")
    assert reasons_of(answer) == ["own_case"]
    assert "利害关系人" in answer.json()["reasons"][0]["text"]
    assert front.sign("inspector2", number, "check_site").status_code == 200


def test_nobody_undoes_a_signed_promise_with_one_hand(front: Front, town: Town) -> None:
    """A clerk who lets a neighbour appear takes the grant of the hour away."""
    number = apply_to(town, "committed", address(1))
    front.upload("window", number, "interest_proof", "异议.pdf")
    answer = front.step("window", number, "register_interested", dict(INTERESTED), empty=True)
    assert reasons_of(answer) == ["interest_by_two_hands"]
    assert town.case(number).state == "committed"
    answer = front.step("reviewer", number, "register_interested", dict(INTERESTED), empty=True)
    assert answer.status_code == 200, answer.text
