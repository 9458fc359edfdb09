"""How many statements a page sends: what it shows is read together, however long the file and
however many the cases."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from casework.documents import attachments
from casework.duties.import_runs import run_imports
from casework.exchange.importing.handing_in import enter
from casework.models import Document
from tests.api.test_enforcement_pages import page
from tests.api.test_imports import row, written
from tests.support.front import Front
from tests.support.penalties import go, open_lead, penalty_to
from tests.support.people import appoint
from tests.support.signed import pdf
from tests.support.statements import statements
from tests.support.town import Town

pytestmark = pytest.mark.slow

# Who opens which page, and how many statements it sends at most.
_PAGES = {
    ("window", "/"): 13,
    ("legal", "/"): 13,
    ("applicant", "/"): 19,  # with its licences and messages, which were pages of their own
    ("supervisor", "/"): 13,
    ("window", "/cases"): 14,
    ("supervisor", "/overview"): 16,
    ("supervisor", "/draws"): 18,
    ("supervisor", "/duties"): 13,
    ("applicant", "/apply/instant_licence"): 9,
    ("applicant", "/notices"): 6,
    ("applicant", "/licences"): 12,
    ("applicant", "/credit"): 22,
    ("window", "/cases/{granted}"): 44,
    ("applicant", "/cases/{granted}"): 40,
    ("applicant", "/cases/{granted}/documents/{certificate}"): 33,
    ("window", "/cases/{granted}/done/{last}"): 50,
    ("applicant", "/cases/{waiting}/done/{submitted}"): 40,
    ("window", "/cases/{granted}?as_of=2026-09-01"): 38,
    ("applicant", "/cases/{granted}?as_of=2026-09-01"): 34,
    ("window", "/cases/{granted}/decisions/{last}"): 48,
    ("applicant", "/cases/{granted}/decisions/{last}"): 43,
    ("window", "/cases/{granted}/steps/deliver"): 39,
    ("window", "/cases/{waiting}/steps/accept"): 41,  # whose registered name the place bears
    ("window", "/cases/{waiting}/steps/accept/preview"): 70,  # with the step, taken and rolled back
    ("window", "/counter/sitting?q=91440300708461136T"): 16,
    ("window", "/counter/sitting/{granted}"): 44,
    ("handler1", "/cases/{penalty}"): 53,
    ("handler1", "/cases/{penalty}/steps/investigate"): 48,
    ("legal", "/cases/{reviewed}/review"): 58,
    ("handler1", "/leads/new"): 10,
    ("handler1", "/violations"): 5,
    ("admin", "/administration"): 16,
    ("credit", "/exchange/imports"): 7,
    ("credit", "/exchange/imports/{imported}"): 9,
    ("window", "/credit?code=91440300708461136T"): 22,
}
_LISTS = (("window", "/"), ("applicant", "/"), ("window", "/cases"), ("supervisor", "/overview"))


def _sent(front: Front, who: str, path: str) -> int:
    page(front, who, path)  # logged in, and what is read once a program is read
    with statements(front.town) as sent:
        assert page(front, who, path).status_code == 200, path
    return len(sent)


def _waiting(town: Town, house: int) -> str:
    number = town.apply(address=f"候办路{house}号")
    town.attach(number)
    town.take(number, "submit", "applicant")
    return number


def _imported(town: Town, rows: int) -> int:
    """The number of an import of so many penalties of others of one firm."""
    data = written(row(行政处罚决定书文号=f"通市监罚〔2026〕{n}号") for n in range(rows))
    credit = town.people["credit"]
    number = enter(town.office, credit, "penalties", "处罚.csv", data, dry=False)
    run_imports(town.office)
    return number


def test_no_page_sends_more_than_it_did(town: Town) -> None:
    front = Front(town)
    penalty = open_lead(town)
    go(town, penalty, ("file", "handler1"), ("approve_filing", "approver"))
    cases = {
        "waiting": _waiting(town, 1),
        "granted": town.granted(address="发证路1号"),
        "penalty": penalty,
        "reviewed": penalty_to(town, "legal_review"),
    }
    with town.session() as session:
        of_case = select(Document.id).where(
            Document.case_id == town.case(cases["granted"]).id, Document.key == "certificate"
        )
        cases["certificate"] = str(session.scalar(of_case))
    cases["imported"] = str(_imported(town, 300))
    last = {"last": town.case(cases["granted"]).head_seq}
    last["submitted"] = town.case(cases["waiting"]).head_seq
    cases |= {name: str(seq) for name, seq in last.items()}
    found = {(who, path): _sent(front, who, path.format(**cases)) for who, path in _PAGES}
    more = {key: (n, _PAGES[key]) for key, n in found.items() if n > _PAGES[key]}
    assert more == {}, found


def test_many_cases_cost_a_list_no_more_sent(town: Town) -> None:
    front = Front(town)
    for house in range(3):
        _waiting(town, house)
    few = {key: _sent(front, *key) for key in _LISTS}
    for house in range(3, 15):
        _waiting(town, house)
    assert {key: _sent(front, *key) for key in _LISTS} == few


def test_a_long_history_costs_a_page_no_more_sent(town: Town) -> None:
    front = Front(town)
    number = _waiting(town, 1)
    before = {who: _sent(front, who, f"/cases/{number}") for who in ("window", "applicant")}
    for n in range(20):
        name = f"第{n}张.pdf"
        attachments.store(town.office, town.people["applicant"], number, "plans", name, pdf(name))
    after = {who: _sent(front, who, f"/cases/{number}") for who in before}
    assert after == before


def test_many_decisions_cost_the_ledger_no_more_statements(town: Town) -> None:
    front = Front(town)
    appoint(town, "credit", "publicity_officer")
    penalty_to(town, "decided")
    few = _sent(front, "credit", "/publications")
    for _ in range(2):
        penalty_to(town, "decided")
    assert _sent(front, "credit", "/publications") == few
