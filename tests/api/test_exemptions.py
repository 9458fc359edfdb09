"""The first small offence over HTTP: every state and exit by a named scenario, and its ledger."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from state_machines.processes import PROCESSES
from tests.support.exemptions import FIRM, FIRST, INPUTS, PROPOSAL, WAYS, lead
from tests.support.front import Front, refused
from tests.support.penalties import PROVED_BY, register

OTHER = "91110000802100433B"
FILED = (("file", "handler1"), ("approve_filing", "approver"), ("investigate", "handler1+handler2"))
PROPOSED = (("propose_exemption", "handler1"), ("exempt", "approver"))
AFTER = WAYS["closed"][-4:]


def opened(front: Front, *, by: str = "inspector1", party: str = FIRM, **changes: Any) -> str:
    body = {"process": "first_offence_exemption", "party": party, "data": lead(**changes)}
    answer = front.post(by, "/cases", body)
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["number"]
    return number


def walked(front: Front, number: str, *steps: tuple[str, str], **inputs: Any) -> list[str]:
    """Take steps over HTTP; gives the states the case came to."""
    seen = []
    for step, by in steps:
        first, _, second = by.partition("+")
        given = inputs.get(step, INPUTS[step])
        register(front.town, number, *PROVED_BY.get(step, ()))
        answer = front.step(first, number, step, given)
        assert answer.status_code == (202 if second else 200), (step, answer.text)
        if second:
            assert answer.json()["awaits_signature"]
            answer = front.sign(second, number, step)
            assert answer.status_code == 200, (step, answer.text)
        seen.append(answer.json()["state"])
    return seen


@pytest.mark.slow
def test_every_state_and_exit_by_name(front: Front) -> None:
    """Each scenario is a case of the handlers' week; together they come through every state."""
    seen = {"lead"}

    # Slight, harmless, put right within the time that was ordered: must not be punished.
    minor = opened(front)
    refused(front.upload("applicant", minor, "correction_evidence"), 404, "not-found")
    front.upload("handler1", minor, "scene_evidence")
    front.upload("handler1", minor, "correction_evidence")
    refused(front.get("applicant", f"/cases/{minor}"), 404, "not-found")
    seen |= {*walked(front, minor, *WAYS["exemption_review"], ("return_proposal", "approver"))}
    assert front.get("applicant", f"/cases/{minor}").status_code == 200
    front.upload("handler1", minor, "correction_evidence")
    steps = (("check_minor", "handler1"), *PROPOSED, *AFTER)
    seen |= {*walked(front, minor, *steps)}
    papers = [one["key"] for one in front.get("handler1", f"/cases/{minor}").json()["documents"]]
    assert papers == [
        "case_filing", "scene_record", "correction_notice", "recheck_record", "no_penalty_decision",
        "education_record", "compliance_pledge", "service_receipt",
    ]  # fmt: skip

    # A first offence, put right on the spot: may be let off, and is.
    first = opened(front, violation="GC003")
    front.upload("inspector1", first, "correction_evidence")
    given = {**PROPOSAL, "violation": "GC003", "stage": "at_once", "would_be_fine": "600"}
    both = "inspector1+inspector2"
    steps = (("record_scene", both), ("correct_on_the_spot", both), ("check_first", "handler1"))
    seen |= {*walked(front, first, *steps, *PROPOSED, propose_exemption=given)}

    # The same firm again, within two years: no first offence any more.
    again = opened(front, violation="GC003")
    front.upload("inspector1", again, "correction_evidence")
    walked(front, again, *steps[:2])
    problem = refused(front.step("handler1", again, "check_first", FIRST), 409, "guard-refused")
    assert [reason["code"] for reason in problem["reasons"]] == ["not_first"]
    seen |= {*walked(front, again, ("convert", "handler1"))}

    # Deceived by its supplier: no fault, proved by the firm.
    blameless = opened(front, party=OTHER, violation="GC009")
    seen |= {*walked(front, blameless, *FILED)}
    front.upload("applicant2", blameless, "no_fault_proof")
    given = {**PROPOSAL, "violation": "GC009"}
    excused = (("record_scene", "handler1+handler2"), ("check_no_fault", "handler1"), *PROPOSED)
    walked(front, blameless, *excused, propose_exemption=given)

    # Not corrected, not unlawful, dissolved, refused by the head.
    for state in ("converted", "not_filed", "terminated"):
        seen |= {*walked(front, opened(front), *WAYS[state])}
    hopeless = opened(front)
    front.upload("handler1", hopeless, "correction_evidence")
    seen |= {*walked(front, hopeless, *WAYS["exemption_review"], ("convert", "approver"))}

    assert seen == {state.name for state in PROCESSES["first_offence_exemption"].states}
    _judge_the_ledger(front)


def _judge_the_ledger(front: Front) -> None:
    """Three exemptions of two firms: 1,000 and 600 and 1,000 yuan."""
    refused(front.get(None, "/exemptions"), 401, "not-logged-in")
    for who in ("applicant", "window", "inspector1", "window_b"):
        refused(front.get(who, "/exemptions"), 403, "not-allowed")
    found = front.get("credit", "/exemptions").json()
    assert found["total"] == {"cases": 3, "firms": 2, "sum": "2600.00"}
    assert found["by_door"] == {
        "轻微不罚": {"cases": 1, "firms": 1, "sum": "1000.00"},
        "首违不罚": {"cases": 1, "firms": 1, "sum": "600.00"},
        "无主观过错": {"cases": 1, "firms": 1, "sum": "1000.00"},
    }
    for query, cases in (
        ({"door": "first"}, 1),
        ({"field": "公共场所"}, 3),
        ({"field": "放射"}, 0),
        ({"since": "2026-09-01", "until": "2026-09-01"}, 3),
        ({"since": "2026-09-02"}, 0),
    ):
        assert front.get("legal", "/exemptions", **query).json()["total"]["cases"] == cases
    for wrong in ({"door": "all"}, {"since": "2026-09-02", "until": "2026-09-01"}, {"since": "x"}):
        refused(front.get("legal", "/exemptions", **wrong), 422, "bad-input")
    text = front.get("supervisor", "/exemptions.csv").text.removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[9] for row in rows[1:]] == ["1000.00", "600.00", "1000.00", "2600.00"]
    assert rows[-1][:3] == ["合计", "3件", "2家"]
    numbers = sorted(row[1] for row in rows[1:-1])
    assert numbers == [f"崇川卫公不罚〔2026〕{n}号" for n in (1, 2, 3)]


@pytest.mark.slow
def test_an_officer_registers_whoever_is_not_known_yet(front: Front) -> None:
    new = {
        "code": "91350100M000100Y43",
        "name": "=南通万寿茶馆",
        "representative": "陆安",
        "address": "南通市崇川区和平桥1号",
        "phone": "0513-81234567",
    }
    body = {"process": "first_offence_exemption", "party": new["code"], "data": lead()}
    refused(front.post("handler1", "/cases", body), 422, "bad-input")
    assert front.post("handler1", "/parties", new).status_code == 201
    number = opened(front, by="handler1", party=new["code"])
    front.upload("handler1", number, "correction_evidence")
    walked(front, number, *WAYS["exempted"])
    # No spreadsheet takes a name for a formula.
    assert "'=南通万寿茶馆" in front.get("credit", "/exemptions.csv").text
