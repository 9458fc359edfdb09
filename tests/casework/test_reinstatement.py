"""A revocation that 复议 or a court has quashed: the licence is given back, and the file tells."""

from __future__ import annotations

from casework.credit import file_of
from casework.problems import GuardRefused
from casework.proof import verify_database
from tests.support.journeys import check_to, follow
from tests.support.refusals import refused
from tests.support.town import Town


def test_what_was_quashed_is_given_back(town: Town) -> None:
    granted = town.granted()
    check = check_to(town, granted, "reconsideration_changed")
    licence = town.relative(granted, "licence")
    assert licence.state == "revoked"
    refused(
        town,
        GuardRefused,
        lambda: town.take(check, "deregister", "approver"),
        code="decision_overturned",
        law="《行政复议法》",
    )
    follow(town, check, ("reinstate", "approver"))
    assert town.case(check).state == "closed"
    assert town.case(licence.number).state == "valid"
    with town.session() as session:
        case = town.case(check)
        rules = town.office.rules.current(session)
        on = town.time.now().date()
        items = {one.event.kind: one for one in file_of(session, rules, case.party_id, on)}
        assert items["licence_revoked"].lifted
        assert not items["promise_broken"].lifted  # what was found stands; the revocation does not
        assert not verify_database(session, town.office.versions).faults


def test_a_revocation_that_stands_is_not_taken_back_so(town: Town) -> None:
    check = check_to(town, town.granted(), "reconsidered")
    refused(
        town,
        GuardRefused,
        lambda: town.take(check, "reinstate", "approver"),
        code="decision_not_overturned",
    )
