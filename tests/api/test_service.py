"""Serving a decision over HTTP alone: proof handed in, refused, recorded, and read again."""

from __future__ import annotations

import pytest

from tests.support.fine import PAPERS, decided, publish_fine, receipt, tried
from tests.support.front import Front
from tests.support.journeys import usual
from tests.support.serving import ANNOUNCEMENT
from tests.support.signed import SMALL_PDF
from tests.support.town import START, Town

BY = "inspector1"


@pytest.fixture(scope="module")
def front(module_town: Town) -> Front:
    publish_fine(module_town)
    return Front(module_town)


@pytest.fixture
def fine(front: Front) -> str:
    """A fine decided on 2026-09-01; its number."""
    front.town.time.instant = START
    return decided(front.town)


def _hand_in(front: Front, who: str, number: str, material: str) -> int:
    files = {"file": (f"{material}.pdf", SMALL_PDF, "application/pdf")}
    answer = front.ask(
        who, "POST", f"/cases/{number}/attachments", data={"material": material}, files=files
    )
    return answer.status_code


def test_proof_is_handed_in_by_officers_and_then_it_is_served(front: Front, fine: str) -> None:
    posted = receipt("2026-09-01", "邮寄送达", documents=[PAPERS[0]])
    refused = front.step(BY, fine, "record_receipt", posted)
    assert refused.status_code == 409
    assert refused.json()["reasons"][0]["code"] == "no_return_slip"
    assert "第九十一条" in refused.json()["reasons"][0]["law"]
    assert _hand_in(front, "applicant", fine, "return_slip") == 422
    assert _hand_in(front, BY, fine, "return_slip") in (200, 201)
    assert front.step(BY, fine, "record_receipt", posted).json()["state"] == "decided"
    assert front.step(BY, fine, "serve", receipt("2026-09-01")).json()["state"] == "served"
    for who in (BY, "applicant"):
        [told] = front.get(who, f"/cases/{fine}").json()["service"]
        assert told["served_on"] == "2026-09-01"
        assert [(one["way"], len(one["documents"])) for one in told["receipts"]] == [
            ("邮寄送达", 1),
            ("直接送达", 2),
        ]
    papers = [one["key"] for one in front.get(BY, f"/cases/{fine}").json()["documents"]]
    assert papers.count("service_receipt") == 2


def test_refusals_name_article_and_never_break(front: Front, fine: str) -> None:
    for step, given, code in (
        ("serve", receipt("2026-09-01", "电子送达"), "no_consent"),
        ("serve", receipt("2026-09-01", "留置送达", witness=""), "no_witness"),
        ("announce", ANNOUNCEMENT, "ways_not_tried"),
    ):
        answer = front.step(BY, fine, step, given)
        assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (409, code)
        assert answer.json()["reasons"][0]["law"]
    for junk in (
        {},
        {"on": "yesterday"},
        {**receipt("2026-09-01"), "on": 5},
        {**receipt("2026-09-01"), "documents": "all"},
        receipt("2031-09-01"),
    ):
        assert front.step(BY, fine, "serve", junk).status_code == 422
    assert front.step("applicant", fine, "serve", receipt("2026-09-01")).status_code == 403


def test_an_announcement_and_a_remedy_are_shown(front: Front, fine: str) -> None:
    for way in ("直接送达", "邮寄送达"):
        assert front.step(BY, fine, "record_try", tried("2026-09-01", way)).status_code == 200
    assert front.step(BY, fine, "announce", ANNOUNCEMENT).json()["state"] == "announced"
    filed = {"body": "崇川区人民法院", "number": "〔2026〕行初9号", "on": "2026-09-01"}
    assert front.step("legal", fine, "file_litigation", filed).json()["state"] == "announced"
    told = front.get("applicant", f"/cases/{fine}").json()
    assert {one["name"]: one["state_label"] for one in told["tracks"]} == {
        "reconsideration": "未申请复议",
        "litigation": "诉讼中",
    }
    [service] = told["service"]
    assert (service["announced_on"], len(service["tries"])) == ("2026-09-01", 2)
    for step in ("record_judgment", "appeal", "change_by_litigation"):
        taken = front.step("legal", fine, step, usual("", step))
        assert taken.status_code == 200, taken.text
    marked = front.get(BY, f"/cases/{fine}").json()["documents"]
    assert [one["key"] for one in marked if one["marks"]] == [PAPERS[0]]
