"""A party whose code changed: its file, records, rating and bars follow it, by either code."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from casework import reading
from casework.acts.successions import current_of, line_of
from casework.audit.proof import verify_database
from casework.common.problems import BadInput, GuardRefused, NotAllowed, NotFound
from casework.common.timekeeping import legal_date
from casework.credit.ratings import remembered_parties
from casework.duties.rating_again import rate_everybody
from casework.models import (
    CreditEvent,
    CreditRating,
    Notice,
    Party,
    PartySuccession,
)
from casework.parts.credit_file import file_of
from casework.reading import CreditView
from casework.rules.versions import VersionCache
from tests.support.exemptions import CORRECTED, FIRST, open_lead
from tests.support.journeys import (
    CODE_CHANGE,
    address,
    code_change_to,
    exemption_to,
    follow,
)
from tests.support.people import appoint, empower, newcomer
from tests.support.town import (
    APPLICANT,
    CODES,
    Town,
    answers,
    application,
    promise,
)

pytestmark = pytest.mark.slow

NEW, NEWER, STRANGE = CODES[:3]


def file_by(town: Town, who: str, code: str) -> CreditView:
    with town.session() as session:
        return reading.credit_of(town.office, session, town.people[who], code)


def taken(town: Town, number: str, step: str, by: str, given: Any = None) -> set[str]:
    """The codes of what a guard has against a step."""
    with pytest.raises(GuardRefused) as caught:
        town.take(number, step, by, given)
    assert all(reason["text"] for reason in caught.value.extra["reasons"])
    return {reason["code"] for reason in caught.value.extra["reasons"]}


def id_of(town: Town, code: str) -> int:
    with town.session() as session:
        return session.scalars(select(Party.id).where(Party.code == code)).one()


def promising(town: Town, by: str, code: str, where: str) -> str:
    """An application by promise of the firm of a code, up to the signature; its number."""
    data = application(address=where)
    number = town.office.open_case("instant_licence", data, town.people[by], party=code).number
    town.attach(number, by=by)
    follow(town, number, ("submit", by), ("accept", "window"), ("inform", "window"))
    town.take(number, "study", by, answers())
    return number


def test_everything_follows_the_party_and_nothing_is_deleted(town: Town) -> None:
    # Under the old code: a broken promise, its repair, and a small offence let off.
    today, town.time.instant = town.time.instant, town.time.instant - timedelta(days=61)
    check = town.breached(town.granted()).number
    town.time.instant = today
    exemption_to(town, "closed", violation="GC012")
    before = file_by(town, "credit", APPLICANT)
    assert before.rating.grade == "C"
    with town.session() as session:
        rows = session.scalar(select(func.count()).select_from(CreditEvent))

    # The firm is registered anew under another code, and starts without any past.
    town.one_subject(APPLICANT, town.register(NEW))
    empower(town, newcomer(town, "boss"), NEW)
    fresh = file_by(town, "credit", NEW)
    assert (fresh.events, fresh.may_promise, fresh.rating.score) == ((), True, 80)
    lead = open_lead(town, party=NEW, violation="GC012")
    follow(town, lead, *CORRECTED)
    waiting = promising(town, "boss", NEW, address(1))
    with pytest.raises(NotFound):
        town.take(check, "state_defence", "boss", {"text": "不是我单位"})

    number = code_change_to(town, "confirmed", APPLICANT, NEW)
    day = legal_date(town.time.now())
    by_new, by_old = file_by(town, "credit", NEW), file_by(town, "credit", APPLICANT)
    assert by_new == by_old
    assert by_new.party.code == NEW
    assert [one.code for one in by_new.former] == [APPLICANT]
    assert [one.id for one in by_new.events] == [one.id for one in before.events]
    assert (by_new.rating.grade, by_new.rating.score) == ("C", before.rating.score)
    assert not by_new.may_promise
    assert file_by(town, "boss", APPLICANT) == file_by(town, "boss", NEW)

    # The promise route is barred, and the same small offence is not the first any more.
    assert "promise_barred" in taken(town, waiting, "commit", "boss", promise("新boss"))
    assert "not_first" in taken(town, lead, "check_first", "handler1", FIRST)
    # Who acts for the new code answers for the cases of the old one.
    with town.session() as session:
        seen = reading.case_view(town.office, session, town.people["boss"], check)
        assert seen.party.code == APPLICANT

    # The rating goes on under the new code only, and the night finds nothing to add.
    with town.session() as session:
        assert remembered_parties(session, day) == [id_of(town, NEW)]
        last = session.scalars(select(CreditRating).order_by(CreditRating.id.desc())).first()
        assert last is not None
        assert (last.party_id, last.grade) == (id_of(town, NEW), "C")
        # As of the day before, they were two.
        rules = town.office.rules.current(session)
        assert file_of(session, rules, id_of(town, NEW), day - timedelta(days=1)) == ()
        assert set(session.scalars(line_of(id_of(town, NEW), day - timedelta(days=1)))) == {
            id_of(town, NEW)
        }
        # Nothing was moved or deleted, and it is proved.
        assert session.scalar(select(func.count()).select_from(CreditEvent)) == rows
        assert {one.party_id for one in session.scalars(select(CreditEvent))} == {
            id_of(town, APPLICANT)
        }
        told = session.scalars(select(Notice).where(Notice.key.startswith("succession/"))).all()
        assert [one.to_party_id for one in told] == [id_of(town, APPLICANT)] * 2
        assert verify_database(session, VersionCache()).faults == ()
    assert rate_everybody(town.office).done == []
    assert town.case(number).data["application"]["old_code"] == APPLICANT


def test_a_code_is_continued_once_and_each_wrong_claim_is_told(town: Town) -> None:
    for code in (NEW, NEWER, STRANGE):
        town.register(code)
    rival = town.claim(APPLICANT, NEWER)
    town.agree(rival)
    town.take(rival, "submit_claim", "window")
    code_change_to(town, "confirmed", APPLICANT, NEW)
    # One that was under way meanwhile, and one that comes later.
    assert taken(town, rival, "confirm_succession", "reviewer", {"opinion": "同一主体"}) == {
        "old_code_continued"
    }
    for old, new, said in (
        (APPLICANT, STRANGE, f"已经登记由“{NEW}”延续"),
        (APPLICANT.lower(), NEW, f"已经登记由“{NEW}”延续"),
        (NEW, NEW, "没有变更"),
        ("91320602MA1W01780L", NEW, "没有需要延续的记录"),
        (NEW, APPLICANT, "不能相互延续"),
    ):
        with pytest.raises(BadInput) as caught:
            town.claim(old, new)
        assert said in caught.value.detail
        assert caught.value.extra["errors"][0]["field"] == "old_code"
        assert caught.value.law == "《市场主体登记管理条例》第二十四条"
    said = town.case(rival).data["application"]
    with pytest.raises(NotAllowed):
        town.office.open_case("code_change", said, town.people["reviewer"], party=NEWER)
    # And on it goes: the newer code continues the new one, and with it the old.
    code_change_to(town, "confirmed", NEW, NEWER)
    with town.session() as session:
        today = legal_date(town.time.now())
        assert set(session.scalars(line_of(id_of(town, APPLICANT), today))) == {
            id_of(town, code) for code in (APPLICANT, NEW, NEWER)
        }
        assert current_of(session, id_of(town, APPLICANT), today) == id_of(town, NEWER)
    assert [one.code for one in file_by(town, "credit", APPLICANT).former] == [APPLICANT, NEW]


def test_it_takes_proof_and_two_officers(town: Town) -> None:
    town.one_subject(APPLICANT, town.register(NEW))
    data = {
        "old_code": APPLICANT,
        "ground": "登记机关换发统一社会信用代码",
        "changed_on": "2026-08-03",
        "paper": "登记通知书",
    }
    clerk = town.people["window"]
    number = town.office.open_case("code_change", data, clerk, party=NEW).number
    assert taken(town, number, "submit_claim", "window") == {"change_unproved"}
    town.attach(number, "change_proof", by="window")
    town.take(number, "submit_claim", "window")
    appoint(town, "window", "reviewer")
    opinion = {"opinion": "同一主体"}
    assert taken(town, number, "confirm_succession", "window", opinion) == {"separation_of_duties"}
    town.take(number, "refuse_succession", "reviewer", opinion)
    with town.session() as session:
        assert session.scalar(select(func.count()).select_from(PartySuccession)) == 0
    ahead = town.claim(APPLICANT, NEW, changed_on="2026-12-01")
    assert taken(town, ahead, "submit_claim", "window") == {"change_ahead"}
    # Whoever acts for either of the two has no hand in it.
    empower(town, "reviewer", APPLICANT, "agent", ["receive"])
    number = code_change_to(town, "filed", APPLICANT, NEW)
    assert taken(town, number, "confirm_succession", "reviewer", opinion) == {"own_case"}


def test_a_succession_that_the_log_does_not_tell_is_found_out(town: Town) -> None:
    town.register(NEW)
    code_change_to(town, "confirmed", APPLICANT, NEW)
    with town.session() as session:
        other = town.claim(NEW, town.register(NEWER))
        session.add(
            PartySuccession(
                old_party_id=id_of(town, NEW),
                new_party_id=id_of(town, NEWER),
                case_id=town.case(other).id,
                log_seq=1,
                since=legal_date(town.time.now()),
            )
        )
        session.flush()
        found = [fault.text for fault in verify_database(session, VersionCache()).faults]
        assert found == ["主体延续登记与日志记载不一致"]
        session.rollback()


def test_every_way_is_reached(town: Town) -> None:
    town.register(NEW)
    for state in CODE_CHANGE:
        assert town.case(code_change_to(town, state, APPLICANT, NEW)).state == state
