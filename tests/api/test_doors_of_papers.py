"""Doors that stood open where nobody's word should do: what another body decided, a licence that
another authority took, an agent's power.

Each is entered by its paper, in cases of older versions too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework.acts.actors import Actor
from casework.models import Account, Mandate
from tests.support.desk import Desk
from tests.support.exemptions import FIRM
from tests.support.front import reasons_of, refused
from tests.support.journeys import usual
from tests.support.licence_penalties import CANCELLING
from tests.support.penalties import (
    INPUTS,
    NOTIFIED,
    OVERTURNED,
    PUNISHED,
    SERVED,
    VARIED,
    WARNING,
    fine,
    inputs_of,
)
from tests.support.people import newcomer
from tests.support.redactions import confirm, named, propose, seen
from tests.support.signed import SMALL_PDF, pdf

PUNISHED_AND_PAID = (
    *PUNISHED,
    ("report_penalty", "handler1"),
    ("record_payment", "handler1"),
    ("close", "handler1"),
    ("archive", "handler1"),
)
# What a remedy "decided" that nobody asked for: a million, and the licence.
OPPOSED = {
    **VARIED,
    "measures": [WARNING, fine("1000000.00"), CANCELLING],
    "heavier_because": "第三人提出相反请求（利害关系人同为原告且诉讼请求相反）",
}


def _empty(desk: Desk, number: str, step: str, by: str, given: Mapping[str, Any]) -> Any:
    """The step by somebody who has no paper in hand."""
    desk.front.log_in_again()
    return desk.front.step(by, number, step, dict(given), empty=True)


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize("process", ["penalty", "simple_penalty"])
def test_no_remedy_is_entered_on_a_word_alone(desk: Desk, process: str, former: bool) -> None:
    number = desk.open(process, former=former)
    state = desk.go(number, *(SERVED if process == "penalty" else PUNISHED))
    filed = inputs_of(desk.town, number, "file_reconsideration", {})
    for step in ("file_reconsideration", "file_litigation"):
        asked = inputs_of(desk.town, number, step, {})
        assert reasons_of(_empty(desk, number, step, "handler1", asked)) == ["no_remedy_paper"]
    # One paper proves one entry: that it was asked for says nothing of how it ended.
    assert desk.front.upload("handler1", number, "remedy_paper", "申请书.pdf").status_code == 201
    assert _empty(desk, number, "file_reconsideration", "handler1", filed).status_code == 200
    for step, given in (
        ("vary_by_reconsideration", OPPOSED),
        ("change_by_reconsideration", OVERTURNED),
        ("end_reconsideration", INPUTS["end_reconsideration"]),
    ):
        if process == "penalty" and step == "vary_by_reconsideration":
            given = {**given, "publicity": "serious"}
        assert reasons_of(_empty(desk, number, step, "handler1", given)) == ["no_remedy_paper"]
    case = desk.front.get("handler1", f"/cases/{number}").json()
    assert (case["state"], case["debt"]["left"]) == (state, case["debt"]["fine"])
    desk.go(number, ("end_reconsideration", "legal"))


def test_papers_that_come_together_prove_an_entry_each(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *SERVED)
    desk.front.log_in_again()
    for said in ("受理通知书", "复议决定书"):
        kept = desk.front.upload("handler1", number, "remedy_paper", data=pdf(said))
        assert kept.status_code == 201, kept.text
    filed = inputs_of(desk.town, number, "file_reconsideration", {})
    assert _empty(desk, number, "file_reconsideration", "handler1", filed).status_code == 200
    ended = inputs_of(desk.town, number, "end_reconsideration", {})
    assert _empty(desk, number, "end_reconsideration", "legal", ended).status_code == 200
    sued = inputs_of(desk.town, number, "file_litigation", {})
    assert reasons_of(_empty(desk, number, "file_litigation", "legal", sued)) == ["no_remedy_paper"]


def test_the_time_to_sue_is_not_cut_by_a_remedy_that_there_was_not(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *SERVED, ("file_litigation", "legal"))
    judged = inputs_of(desk.town, number, "record_judgment", {})
    assert reasons_of(_empty(desk, number, "record_judgment", "handler1", judged)) == [
        "no_remedy_paper"
    ]


def test_a_paper_of_a_remedy_comes_in_after_the_case_has_ended(desk: Desk) -> None:
    number = desk.open()
    desk.go(number, *SERVED, ("record_payment", "handler1"))
    order = desk.town.relative(number, "correction").number
    desk.go(order, ("recheck", "handler1+handler2"))
    assert desk.go(number, ("close", "handler1"), ("archive", "handler1")) == "archived"
    assert desk.front.upload("handler1", number, "signed_receipt").status_code == 422
    page = desk.front.client.get(f"/cases/{number}", headers=desk.front.identity("handler1"))
    assert page.status_code == 200
    assert desk.front.upload("applicant", number, "remedy_paper").status_code in (404, 422)
    assert desk.front.upload("legal", number, "remedy_paper").status_code == 201
    filed = inputs_of(desk.town, number, "file_reconsideration", {})
    assert _empty(desk, number, "file_reconsideration", "legal", filed).status_code == 200


def test_a_revocation_is_not_lifted_by_the_officer_who_checked(desk: Desk) -> None:
    application = desk.town.granted()
    check = desk.town.revoked(application).number
    filed = {"body": "南通市崇川区人民政府", "number": "〔2026〕崇行复9号"}
    answer = _empty(desk, check, "file_reconsideration", "inspector1", filed)
    assert reasons_of(answer) == ["no_remedy_paper"]
    assert desk.town.relative(application, "licence").state == "revoked"


def test_no_licence_is_taken_or_given_back_on_a_word(desk: Desk) -> None:
    """吊销、暂扣 by "another authority", of which nothing is on file but what the head typed."""
    licence = desk.town.relative(desk.town.granted(), "licence").number
    day = desk.town.time.now().date()
    taken = usual("licence", "cancel")
    until = (day + timedelta(days=3650)).isoformat()
    served = {"served_on": day.isoformat(), "decided_on": day.isoformat()}
    for_long = {**taken, **served, "days": 3650, "until": until}
    for step, given in (("cancel", taken), ("suspend", for_long)):
        assert reasons_of(_empty(desk, licence, step, "approver", given)) == ["no_penalty_paper"]
    assert desk.front.upload("approver", licence, "penalty_paper").status_code == 201
    assert _empty(desk, licence, "cancel", "approver", taken).json()["state"] == "cancelled"
    back = usual("licence", "give_back")
    assert reasons_of(_empty(desk, licence, "give_back", "approver", back)) == ["no_penalty_paper"]
    paper = pdf("撤销决定")
    assert desk.front.upload("approver", licence, "penalty_paper", data=paper).status_code == 201
    assert _empty(desk, licence, "give_back", "approver", back).json()["state"] == "valid"


def test_an_agent_gives_nothing_up_without_a_power_on_file(desk: Desk) -> None:
    """A clerk registers somebody as agent, and that one waives online what the firm has."""
    number = desk.open()
    desk.go(number, *NOTIFIED)
    day = desk.town.time.now().date()
    agent = {
        "name": "周小琴",
        "id_kind": "id",
        "id_code": "11010519491231002X",
        "capacity": "agent",
        "scope": ["file"],
        "valid_from": day.isoformat(),
        "valid_to": (day + timedelta(days=30)).isoformat(),
    }
    mandate = desk.front.post("window", f"/parties/{FIRM}/mandates", agent).json()["id"]
    newcomer(desk.town, "agent")
    with desk.town.session() as session:
        account = session.get_one(Account, desk.town.people["agent"].account_id)
        account.person_id = session.get_one(Mandate, mandate).person_id
        desk.town.people["agent"] = Actor(account.id, account.person_id, "周小琴")
    for step in ("waive_defence", "waive_hearing"):
        assert reasons_of(_empty(desk, number, step, "agent", {})) == ["power_not_on_file"]
    files = {"file": ("授权委托书.pdf", SMALL_PDF)}
    kept = desk.front.ask("window", "POST", f"/mandates/{mandate}/papers", files=files)
    assert kept.status_code == 201, kept.text
    assert _empty(desk, number, "waive_defence", "agent", {}).status_code == 200


def test_a_clerk_ends_nobodys_office(desk: Desk) -> None:
    """A firm whose only representative a clerk strikes out can no more defend itself."""
    number = desk.open()
    desk.go(number, *NOTIFIED)
    with desk.town.session() as session:
        person = desk.town.people["applicant"].person_id
        rows = select(Mandate.id).where(Mandate.person_id == person)
        mandate = session.scalars(rows).one()
    answer = desk.front.post("window", f"/mandates/{mandate}/end", {"reason": "不再代表"})
    problem = refused(answer, 422, "bad-input")
    assert "法定代表人" in problem["detail"]
    assert desk.take(number, "state_defence", "applicant", {"text": "已改正"}).status_code == 200


def test_no_firm_is_renamed_on_a_clerks_word(desk: Desk) -> None:
    """A clerk types another name, head and telephone, and letters and codes go there."""
    path = f"/parties/{FIRM}/corrections"
    entry = {
        "name": "南通别家宾馆有限公司",
        "representative": "顾明远",
        "address": "南通市崇川区工农路9号",
        "phone": "13800000009",
        "reason": "变更登记",
        "effective_on": desk.town.time.now().date().isoformat(),
    }
    of_another = desk.front.proof("91110000802100433B")
    for paper in (None, of_another, 10**9):
        answer = desk.front.post("window", path, {**entry, "paper": paper})
        problem = refused(answer, 422, "bad-input")
        assert (problem["errors"][0]["field"], bool(problem["law"])) == ("paper", True)
    assert desk.front.get("window", f"/parties/{FIRM}").json()["name"] == "南通滨江宾馆有限公司"
    refused(
        desk.front.ask(
            "reviewer",
            "POST",
            f"/parties/{FIRM}/papers",
            data={"kind": "licence"},
            files={"file": ("营业执照.pdf", SMALL_PDF)},
        ),
        403,
        "not-allowed",
    )
    paper = desk.front.proof(FIRM, text="变更后的营业执照")
    answer = desk.front.post("window", path, {**entry, "paper": paper})
    assert answer.status_code == 201, answer.text
    [told] = desk.front.get("window", path).json()
    assert told["proof"] == [paper, "营业执照（登记证书）", "营业执照.pdf"]
    scan = f"/parties/{FIRM}/papers/{paper}"
    assert "变更后的营业执照".encode() in desk.front.get("window", scan).content
    for who in ("reviewer", "applicant"):
        refused(desk.front.get(who, scan), 403, "not-allowed")
    refused(
        desk.front.get("window", f"/parties/91110000802100433B/papers/{paper}"), 404, "not-found"
    )
    # One scan proves one change.
    again = {
        **entry,
        "phone": "13800000008",
        "paper": desk.front.proof(FIRM, text="变更后的营业执照"),
    }
    problem = refused(desk.front.post("window", path, again), 422, "bad-input")
    assert problem["errors"][0]["field"] == "paper"


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({"name": "南通别家宾馆有限公司"}, ("statement", "identity", "appointment")),
        ({"representative": "顾明远"}, ("statement", "identity")),
        ({"dissolved_on": "2026-09-01"}, ("statement", "licence")),
        ({"name": "南通别家宾馆有限公司", "phone": "13800000009"}, ("statement",)),
    ],
)
def test_a_scrap_of_any_kind_changes_no_entry(
    desk: Desk, changes: dict[str, str], kinds: tuple[str, ...]
) -> None:
    """What is registered is proved by the register's own papers."""
    path = f"/parties/{FIRM}/corrections"
    before = desk.front.get("window", f"/parties/{FIRM}").json()
    entry = {
        **{field: before[field] for field in ("name", "representative", "address", "phone")},
        "reason": "变更登记",
        "effective_on": desk.town.time.now().date().isoformat(),
        **changes,
    }
    for kind in kinds:
        paper = desk.front.proof(FIRM, kind=kind)
        problem = refused(
            desk.front.post("window", path, {**entry, "paper": paper}), 422, "bad-input"
        )
        assert (problem["errors"][0]["field"], bool(problem["law"])) == ("paper", True)
    proved = {**entry, "paper": desk.front.proof(FIRM, kind="notice")}
    assert desk.front.post("window", path, proved).status_code == 201
    # A telephone is the party's own to tell.
    told = {**entry, "phone": "13800000007", "paper": desk.front.proof(FIRM, kind="statement")}
    assert desk.front.post("window", path, told).status_code == 201


def test_nobody_is_made_head_of_a_firm_on_a_clerks_word(desk: Desk) -> None:
    """Whoever bears the name of the head, by an identity paper that a clerk typed in."""
    path = f"/parties/{FIRM}/mandates"
    head = {
        "name": "陈志远",
        "id_kind": "passport",
        "id_code": "E12345678",
        "capacity": "representative",
        "valid_from": desk.town.time.now().date().isoformat(),
    }
    asked = desk.front.proof(FIRM, kind="statement")
    for paper in (None, desk.front.proof("91110000802100433B"), asked):
        answer = desk.front.post("window", path, {**head, "paper": paper})
        assert refused(answer, 422, "bad-input")["errors"][0]["field"] == "paper"
    paper = desk.front.proof(FIRM)
    made = desk.front.post("window", path, {**head, "paper": paper})
    assert made.status_code == 201, made.text
    [told] = [
        one for one in desk.front.get("window", path).json() if one["id"] == made.json()["id"]
    ]
    assert told["proof"][0] == paper
    other = {**head, "id_code": "E87654321", "paper": paper}
    problem = refused(desk.front.post("window", path, other), 422, "bad-input")
    assert problem["errors"][0]["field"] == "paper"


def test_no_court_is_kept_from_what_a_case_rests_on(desk: Desk) -> None:
    """行诉法34、59: what the party contests is kept whole until that is over, for whoever asks."""
    number = desk.open("simple_penalty")
    desk.go(number, *PUNISHED_AND_PAID)
    front = desk.front
    kept = [one["id"] for one in seen(front, number)["found"] if one["kept_because"]]
    answer = propose(front, number, kept, basis="judgment")
    assert answer.status_code == 204, answer.text
    desk.go(number, ("file_litigation", "legal"))
    assert "行政诉讼" in seen(front, number)["against"]
    refused(confirm(front, number), 409, "second-signature")
    phone = named(front, number, "联系电话")
    for chosen, basis in ((kept, "judgment"), (phone, "request")):
        answer = propose(front, number, chosen, basis=basis)
        assert reasons_of(answer) == ["redaction_contested"]
        assert "第五十九条" in answer.json()["law"]
    desk.go(number, ("end_litigation", "legal"))
    assert not seen(front, number)["against"]
    assert propose(front, number, kept, basis="judgment").status_code == 204
