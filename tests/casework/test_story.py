"""The whole story through the one door: from application to revocation."""

from __future__ import annotations

import pytest

from casework.common.timekeeping import legal_date
from tests.support.serving import RECEIPT
from tests.support.town import Town


@pytest.mark.slow
def test_a_promise_is_granted_checked_and_revoked(town: Town) -> None:
    number = town.granted()
    town.take(number, "deliver", "window", {"recipient": "陈志远"})
    assert town.case(number).state == "delivered"
    check = town.revoked(number)
    assert check.state == "revoked"
    assert town.relative(number, "licence").state == "revoked"
    town.take(check.number, "serve", "inspector1", RECEIPT)
    town.take(check.number, "deregister", "approver")
    assert town.relative(number, "licence").state == "deregistered"


def test_a_check_remembers_the_day_of_the_promise_not_of_the_grant(town: Town) -> None:
    number = town.committed()
    promised = legal_date(town.time.now())
    town.time.pass_(days=3)
    town.take(number, "grant", "window")
    said = town.relative(number, "check").data["application"]["promised_on"]
    assert said == promised.isoformat()
