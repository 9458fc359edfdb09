"""Credit over HTTP: the report, many repairs at once, the question bank, objections, 信用中国."""

from __future__ import annotations

from io import BytesIO

import pytest
from docx import Document as Word

from casework.credit.repair.batch import TOGETHER
from casework.duties.due_clocks import fire_due_clocks
from casework.duties.rating_again import rate_everybody
from state_machines.credit.repair.process import CREDIT_REPAIR
from tests.support.front import Front, refused
from tests.support.journeys import NATIONAL, REPAIR, address, check_to, follow, usual

pytestmark = pytest.mark.slow

CODE = "91440300708461136T"


@pytest.fixture(scope="module")
def repairs(module_front: Front) -> list[str]:
    """Repairs of one firm that may be applied for; nobody has learnt anything."""
    town = module_front.town
    granted = [town.granted(address=address(n)) for n in range(3)]
    checks = [check_to(town, number, "revocation_served") for number in granted]
    town.time.pass_(days=100)
    fire_due_clocks(town.office)
    return [town.relative(check, "repair").number for check in checks]


def test_the_report_tells_the_rating_and_every_item(
    module_front: Front, repairs: list[str]
) -> None:
    answer = module_front.get("applicant", f"/parties/{CODE}/credit/report")
    assert answer.status_code == 200
    word = Word(BytesIO(answer.content))
    text = "".join(node.text or "" for node in word.element.body.iter() if node.tag.endswith("}t"))
    # 80 less 30 for promises broken and 20 for revocations, each at its most
    assert "-30" in text
    assert "严重失信" in text
    assert text.count("违反承诺被撤销许可") >= 3
    refused(module_front.get("applicant2", f"/parties/{CODE}/credit/report"), 404, "not-found")


def test_the_national_channel_asks_for_no_training(module_front: Front, repairs: list[str]) -> None:
    front, town = module_front, module_front.town
    given = usual("", "file_nationally")
    assert front.step("applicant", repairs[0], "file_nationally", given).status_code == 200
    told = refused(
        front.step("applicant", repairs[0], "file_nationally", given), 409, "guard-refused"
    )
    assert told["reasons"][0]["code"] == "filed_nationally"
    number = town.newest("national_repair")
    clocks = front.get("applicant", f"/cases/{number}").json()["clocks"]
    assert [clock["name"] for clock in clocks] == ["acceptance"]
    follow(town, number, *NATIONAL["ended"])
    assert town.case(number).state == "ended"
    # One repair of it, whichever way (国办发〔2025〕22号); two other records are left.
    assert front.get("applicant", f"/parties/{CODE}/credit").json()["may_promise"] is False


def test_an_objection_corrects_the_item_it_is_about(
    module_front: Front, repairs: list[str]
) -> None:
    front, town = module_front, module_front.town
    file = front.get("applicant", f"/parties/{CODE}/credit").json()
    wrong = next(one for one in file["events"] if one["kind"] == "inspected")
    number = town.object(kind="inspected")
    assert front.step("applicant", number, "file_objection").status_code == 200
    answer = front.step("credit", number, "uphold", usual("", "uphold"))
    assert answer.status_code == 200, answer.text
    file = front.get("applicant", f"/parties/{CODE}/credit").json()
    objected = town.case(number).data["application"]["event"]
    ended = {one["id"]: one["ended"] for one in file["events"]}
    assert ended[objected] == "异议成立，已更正"
    assert ended[wrong["id"]] == ""
    again = town.object(kind="inspected")
    told = refused(front.step("applicant", again, "file_objection"), 409, "guard-refused")
    assert told["reasons"][0]["code"] == "item_ended"
    body = {**town.case(again).data["application"], "event": 999_999}
    opened = front.post("applicant", "/cases", {"process": "credit_objection", "data": body})
    told = refused(
        front.step("applicant", opened.json()["number"], "file_objection"), 409, "guard-refused"
    )
    assert told["reasons"][0]["code"] == "no_such_item"


def test_many_at_once_each_in_its_own_right(module_front: Front, repairs: list[str]) -> None:
    front, town = module_front, module_front.town
    town.certified()
    for repair in repairs[1:]:
        follow(town, repair, *REPAIR["verified"])
    body = {"step": "recommend", "cases": [*repairs, "X"], "data": {"opinion": "建议准予"}}
    done = front.post("credit", "/credit/repairs", body, key="once").json()
    assert [bool(one["state"]) for one in done] == [False, True, True, False]
    assert "当前状态" in done[0]["reason"]
    assert front.post("credit", "/credit/repairs", body, key="once").json() == done
    desk = front.get("approver", "/credit/repairs").json()
    assert [one["number"] for one in desk["waiting"]] == repairs[1:]
    assert {one["state"]: one["count"] for one in desk["progress"]}["verified"] == 2
    single = front.post("credit", "/credit/repairs", {"step": "refuse", "cases": repairs})
    told = [CREDIT_REPAIR.step(name).label for name in TOGETHER]
    assert f"只有{'、'.join(told)}可以" in refused(single, 422, "bad-input")["detail"]
    # In the order of the procedure, on every start of the server.
    assert told == [step.label for step in CREDIT_REPAIR.steps if step.name in TOGETHER]
    by_firm = front.post("applicant", "/credit/repairs", {**body, "step": "close"}).json()
    assert not any(one["state"] for one in by_firm)


def test_the_night_rates_again_what_time_alone_has_ended(
    module_front: Front, repairs: list[str]
) -> None:
    town = module_front.town
    assert rate_everybody(town.office).done == []
    town.time.pass_(days=366)
    report = rate_everybody(town.office)
    assert len(report.done) == 1
    assert "南通滨江宾馆有限公司" in report.done[0]
    assert rate_everybody(town.office).done == []


def test_a_wrong_table_of_questions_is_refused_with_its_rows(module_front: Front) -> None:
    module_front.log_in_again()
    table = {"file": ("题库.csv", "题目\n".encode())}
    answer = module_front.ask("credit", "POST", "/credit/questions", files=table)
    told = refused(answer, 422, "bad-input")
    assert "缺少列：选项A" in told["detail"]
    answer = module_front.ask("window", "POST", "/credit/questions", files=table)
    refused(answer, 403, "not-allowed")
