"""A penalty from its notice to its decision over HTTP: refused with reasons, and bound."""

from __future__ import annotations

import pytest

from tests.support.front import Front, refused
from tests.support.small_penalty import ABOUT, proposal, published, reconsidered
from tests.support.town import review

MINUTE = {
    "room": "会议室",
    "presiding": "甲head1",
    "recorder": "乙",
    "report": "案情",
    "conclusion": "同意",
}


@pytest.fixture
def penal(front: Front) -> Front:
    """The front, in whose town the small penalty is in force."""
    published(front.town)
    return front


@pytest.mark.slow
def test_a_decision_on_another_sum_is_refused_and_the_right_one_taken(penal: Front) -> None:
    town = penal.town
    number = town.office.open_case("small_penalty", ABOUT, town.people["applicant"]).number
    town.take(number, "investigate", "inspector1+inspector2", proposal())
    way = [
        ("notify", "inspector1", proposal()),
        ("waive_defence", "applicant", None),
        ("waive_hearing", "applicant", None),
        ("reconsider", "inspector1", reconsidered()),
        ("submit_review", "inspector1", {"defence_considered": "放弃"}),
        ("pass_review", "legal", review()),
        *(
            ("vote", who, {"choice": "同意", "opinion": "同意"})
            for who in ("head1", "head2", "head3")
        ),
        ("conclude_panel", "approver", MINUTE),
    ]
    for step, who, given in way:
        answer = penal.step(who, number, step, given)
        assert answer.status_code == 200, answer.text

    problem = refused(
        penal.step("approver", number, "decide", proposal("59000.00")), 409, "guard-refused"
    )
    assert [reason["code"] for reason in problem["reasons"]] == ["review_differs"]
    assert "第五十八条" in problem["law"]
    for step, who in (
        ("reconsider", "inspector1"),
        ("pass_review", "legal"),
        ("forgo_panel", "approver"),
    ):
        assert penal.step(who, number, step, review()).status_code in (409, 422)

    answer = penal.step("approver", number, "decide", proposal("60000"))
    assert answer.json()["state"] == "decided", answer.text
    log = penal.get("legal", f"/cases/{number}/log").json()
    caused = [text for line in log for text in line["caused"]]
    assert any(text.startswith("固定法制审核的内容（校验值 ") for text in caused)
    assert "已与集体讨论的内容核对" in caused
    mine = penal.get("applicant", f"/cases/{number}/log").json()
    assert not any("校验值" in text for line in mine for text in line["caused"])
