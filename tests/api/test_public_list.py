"""What anybody reads of decisions: what was shown on the authority's site, and nobody's secrets."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from casework.models import Party, Publication, PublicationLine
from casework.publicity import public_list as listed
from tests.support.front import Front, refused
from tests.support.journeys import REPAIR, check_to, follow, training_to
from tests.support.penalties import go, penalty_to
from tests.support.people import appoint
from tests.support.publishing import CREDIT_CHINA, put_down
from tests.support.town import Town

FIRM = "91440300708461136T"


@pytest.fixture
def front(town: Town) -> Front:
    appoint(town, "credit", "publicity_officer")
    return Front(town)


def shown(front: Front, **query: Any) -> list[dict[str, Any]]:
    answer = front.get(None, "/publications/public", **query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


def show(town: Town, register: str) -> None:
    """Put down that all of a register was shown on the authority's own site."""
    with town.session() as session:
        there = select(PublicationLine.publication_id)
        wanted = select(Publication.id).where(
            Publication.register == register, Publication.id.not_in(there)
        )
        entries = list(session.scalars(wanted))
    put_down(town, *entries)


def test_what_was_shown_is_read_by_anybody(front: Front, town: Town) -> None:
    licence = town.licence_of(town.granted())
    assert shown(front) == []  # not before it was shown on the authority's own site
    show(town, "licences")
    [entry] = shown(front, register="licences", q="滨江宾馆")
    assert entry == {
        "register": "licences",
        "party": "南通滨江宾馆有限公司",
        "code": FIRM,
        "title": "准予行政许可决定书",
        "number": "崇川卫公准〔2026〕1号",
        "decided_on": "2026-09-01",
        "authority": "南通市崇川区卫生健康委员会",
        "says": "宾馆，南通滨江宾馆，南通市崇川区人民中路88号",
        "basis": "",
        "valid_until": licence["valid_until"],
    }
    assert shown(front, q=FIRM.lower()) == [entry]
    assert shown(front, q="南通没有的公司") == shown(front, register="penalties") == []


def test_a_decision_that_fell_is_read_no_longer(front: Front, town: Town) -> None:
    number = penalty_to(town, "decided")
    go(town, number, ("serve", "handler1"))
    show(town, "penalties")
    [entry] = shown(front)
    assert entry["says"].endswith("警告；罚款人民币1000.00元（大写：壹仟元整）")
    go(town, number, ("file_reconsideration", "legal"), ("change_by_reconsideration", "legal"))
    assert shown(front) == []

    show(town, "penalties")  # that it was taken down: no entry of it says anything to the public
    assert shown(front) == []


def test_what_was_shown_on_other_sites_alone_is_not_read_here(front: Front, town: Town) -> None:
    town.granted()
    with town.session() as session:
        entries = list(session.scalars(select(Publication.id)))
    put_down(town, *entries, channel=CREDIT_CHINA)
    assert shown(front) == []


def test_page_after_page_tells_each_decision_once_the_newest_first(
    front: Front, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for house in range(3):
        town.granted(address=f"发证路{house}号")
    show(town, "licences")
    whole = shown(front)
    assert [one["number"][-2:] for one in whole] == ["3号", "2号", "1号"]
    monkeypatch.setattr(listed, "PAGE", 2)
    first = front.get(None, "/publications/public").json()
    rest = front.get(None, "/publications/public", cursor=first["cursor"]).json()
    assert (first["entries"], rest["entries"]) == (whole[:2], whole[2:])
    assert rest["cursor"] is None


def test_what_was_varied_is_read_as_it_now_stands(front: Front, town: Town) -> None:
    number = penalty_to(town, "decided")
    go(town, number, ("serve", "handler1"))
    show(town, "penalties")
    [before] = shown(front)
    go(town, number, ("file_reconsideration", "legal"), ("vary_by_reconsideration", "legal"))
    assert shown(front) == []
    show(town, "penalties")
    [entry] = shown(front)
    assert entry["says"].endswith("警告；罚款人民币400.00元（大写：肆佰元整）")
    same = ("title", "number", "decided_on", "basis", "party")
    assert {name: entry[name] for name in same} == {name: before[name] for name in same}


def test_what_was_repaired_is_read_no_longer(front: Front, town: Town) -> None:
    check = check_to(town, town.granted(), "revocation_served")
    show(town, "licences")
    titles = ["撤销行政许可决定书", "准予行政许可决定书"]
    assert [entry["title"] for entry in shown(front)] == titles
    repair = town.relative(check, "repair").number
    town.time.pass_(days=100)
    town.office.catch_up(town.case(repair).id)
    training_to(town, "certified")
    follow(town, repair, *REPAIR["approved"])
    assert [entry["title"] for entry in shown(front)] == titles[1:]


def test_a_person_is_masked_and_found_by_no_name(front: Front, town: Town) -> None:
    town.granted()
    show(town, "licences")
    with town.session() as session:
        party = session.scalars(select(Party).where(Party.code == FIRM)).one()
        party.code_kind, party.code, party.name = "id", "11010519491231002X", "陆小安"
    [entry] = shown(front)
    assert (entry["party"], entry["code"]) == ("陆**", "")
    assert shown(front, q="陆小安") == shown(front, q="11010519491231002X") == []


def test_an_unknown_register_is_said(front: Front) -> None:
    refused(front.get(None, "/publications/public", register="x"), 422, "bad-input")
